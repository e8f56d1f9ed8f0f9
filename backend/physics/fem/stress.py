"""Stress recovery: a continuous stress field, its von Mises value, and the error per element.

The six components of the discontinuous finite-element stress are projected (L2) onto continuous elements of the same
order as the displacement, and only then is von Mises formed: averaging von Mises itself would smear its peaks. Between
two materials stress jumps, so the projection is continuous in each material and not across. The
difference between the recovered and the raw stress estimates the error (Zienkiewicz and Zhu 1987, Int. J. Numer. Meth.
Eng. 24, 337), in the energy norm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.material import element_materials, energy_density, solid_of
from backend.physics.fem.study import Study

FloatArray = npt.NDArray[np.float64]

# Order of the six components: xx, xy, xz, yy, yz, zz.
COMPONENTS = ("xx", "xy", "xz", "yy", "yz", "zz")
_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


def von_mises(s: FloatArray) -> FloatArray:
    """Von Mises stress of components (..., 6) in the order xx, xy, xz, yy, yz, zz; same unit."""
    xx, xy, xz, yy, yz, zz = (s[..., i] for i in range(6))
    deviatoric = 0.5 * ((xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2)
    return np.asarray(np.sqrt(deviatoric + 3 * (xy**2 + xz**2 + yz**2)))


def principal(s: FloatArray) -> FloatArray:
    """Principal stresses (..., 3), ascending, of components (..., 6)."""
    xx, xy, xz, yy, yz, zz = (s[..., i] for i in range(6))
    tensor = np.stack([np.stack([xx, xy, xz], -1), np.stack([xy, yy, yz], -1), np.stack([xz, yz, zz], -1)], -2)
    return np.asarray(np.linalg.eigvalsh(tensor))


@dataclass(frozen=True)
class StressField:
    """Recovered stress. field: six components as a function; raw: the finite-element stress likewise.

    ``parts``: the grid function of each material, with the (vertices,) mask of the vertices that it has.
    """

    field: Any
    raw: Any
    parts: tuple[tuple[Any, npt.NDArray[np.bool_]], ...]

    def at_vertices(self, count: int) -> FloatArray:
        """Components at the mesh vertices, (count, 6); where materials meet, those of the larger von Mises stress."""
        out = np.zeros((count, 6))
        highest = np.full(count, -1.0)
        for field, mask in self.parts:
            # The basis is hierarchical: its first unknowns are nodal.
            values = np.array(field.vec.FV().NumPy().reshape(-1, 6)[:count])
            size = np.where(mask[:count], von_mises(values), -1.0)
            higher = size > highest
            out[higher], highest[higher] = values[higher], size[higher]
        return out


class Recovery:
    """The L2 projection of stress tensors onto continuous elements of one mesh, factored once.

    ``study``: its materials tell where stress may jump; without it the whole mesh is one material.
    """

    def __init__(self, mesh: Any, order: int, study: Study | None = None) -> None:
        self._mesh, self._groups = mesh, _by_material(mesh, study)
        self._pieces = [_Piece(mesh, order, solids) for solids in self._groups]

    def of_displacement(self, displacement: Any, stiffness_mpa: FloatArray, raw: Any) -> StressField:
        """The recovered stress of a displacement in one material of stiffness (6, 6); ``raw`` is its stress tensor.

        As :meth:`of`, from the moments of the displacement's gradient, of which those of the stress are a constant
        combination.
        """
        (piece,) = self._pieces
        field = piece.of_displacement(displacement, stiffness_mpa)
        return StressField(field, _components(raw), ((field, piece.vertices),))

    def of(self, stress: Any) -> StressField:
        """The recovered field of a stress tensor in MPa."""
        raw = _components(stress)
        parts = tuple((piece.of(raw), piece.vertices) for piece in self._pieces)
        if len(parts) == 1:
            return StressField(parts[0][0], raw, parts)
        return StressField(_Jumping(self._mesh, self._groups, [field for field, _ in parts]), raw, parts)


def _by_material(mesh: Any, study: Study | None) -> list[tuple[str, ...]]:
    """The names of the mesh's solids, those of one material together."""
    names = list(dict.fromkeys(mesh.GetMaterials()))
    if study is None or not study.materials:
        return [tuple(names)]
    groups: dict[Any, list[str]] = {}
    for name in names:
        groups.setdefault(study.material_of(solid_of(name)), []).append(name)
    return [tuple(group) for group in groups.values()]


class _Piece:
    """The projection in the solids of one material."""

    def __init__(self, mesh: Any, order: int, solids: tuple[str, ...]) -> None:
        import ngsolve as ng

        whole = set(solids) == set(mesh.GetMaterials())
        region = None if whole else mesh.Materials("|".join(solids))
        self._where = {} if region is None else {"definedon": region}
        scalar = ng.H1(mesh, order=order, **self._where)
        u, v = scalar.TnT()
        self._mass = ng.BilinearForm(scalar, symmetric=True, symmetric_storage=True)
        self._mass += u * v * ng.dx(bonus_intorder=2, **self._where)  # curved elements of order 3 need it
        self._mass.Assemble()
        self._free = None if whole else scalar.FreeDofs()
        self._factor = self._mass.mat.Inverse(self._free, inverse="sparsecholesky")
        self._scalar, self._vector = scalar, ng.VectorH1(mesh, order=order)
        self._space = ng.H1(mesh, order=order, dim=6, **self._where)
        self.vertices = np.ones(mesh.nv, dtype=bool)
        if not whole:
            self.vertices[:] = False
            elements = mesh.ngmesh.Elements3D().NumPy()
            names = np.array(mesh.GetMaterials())[np.asarray(elements["index"], dtype=np.int64) - 1]
            corners = np.asarray(elements["nodes"][:, :4], dtype=np.int64) - 1
            self.vertices[np.unique(corners[np.isin(names, solids)])] = True

    def of_displacement(self, displacement: Any, stiffness_mpa: FloatArray) -> Any:
        import ngsolve as ng

        # Three sums over the elements cost a third of a matrix that would give them as products.
        gradient = np.empty((3, 3, self._scalar.ndof))
        test = self._vector.TestFunction()
        for i, component in enumerate(displacement.components):
            moments = ng.LinearForm(self._vector)
            moments += ng.Grad(component) * test * ng.dx(bonus_intorder=2)
            moments.Assemble()
            gradient[i] = moments.vec.FV().NumPy().reshape(3, -1)
        strain = np.stack([gradient[i, i] if i == j else gradient[i, j] + gradient[j, i] for i, j in _PAIRS])
        return self._solved((stiffness_mpa @ strain).T)

    def of(self, raw: Any) -> Any:
        import ngsolve as ng

        moments = ng.LinearForm(self._space)
        moments += ng.InnerProduct(raw, self._space.TestFunction()) * ng.dx(**self._where)
        moments.Assemble()
        return self._solved(moments.vec.FV().NumPy().reshape(-1, 6))

    def _solved(self, source: FloatArray) -> Any:
        """The continuous field of moments (unknowns, 6)."""
        import ngsolve as ng

        field = ng.GridFunction(self._space)
        target = field.vec.FV().NumPy().reshape(-1, 6)
        one, solved = self._mass.mat.CreateColVector(), self._mass.mat.CreateColVector()
        for component in range(6):
            one.FV().NumPy()[:] = source[:, component]
            solved.data = self._factor * one
            target[:, component] = solved.FV().NumPy()
        return field


class _Jumping:
    """Fields of several materials as one function of mapped points: each element is read in its own material."""

    def __init__(self, mesh: Any, groups: Sequence[tuple[str, ...]], fields: Sequence[Any]) -> None:
        import ngsolve as ng

        names = list(mesh.GetMaterials())
        of_solid = np.array([next(g for g, solids in enumerate(groups) if name in solids) for name in names])
        # A face between two materials counts to its first solid.
        of_face = np.array([of_solid[(face.domin or face.domout) - 1] for face in mesh.ngmesh.FaceDescriptors()])
        inside, outside = mesh.ngmesh.Elements3D().NumPy()["index"], mesh.ngmesh.Elements2D().NumPy()["index"]
        self._groups = {
            int(ng.VOL): of_solid[np.asarray(inside, dtype=np.int64) - 1],
            int(ng.BND): of_face[np.asarray(outside, dtype=np.int64) - 1],
        }
        self._fields = fields

    def __call__(self, at: Any) -> Any:
        if not isinstance(at, np.ndarray):
            return self._fields[self._groups[int(at.vb)][at.nr]](at)
        groups = self._groups[int(at["VorB"][0])][at["nr"]]
        out = np.zeros((len(at), 6))
        for group in np.unique(groups):
            mask = groups == group
            out[mask] = np.asarray(self._fields[group](at[mask]))
        return out


def _components(stress: Any) -> Any:
    import ngsolve as ng

    # Compiled, the tensor is evaluated once at a point, not once for each of its components.
    return ng.CF(tuple(stress[i, j] for i, j in _PAIRS)).Compile()


def recover(mesh: Any, stress: Any, study: Study) -> StressField:
    """L2 projection of one stress tensor (MPa) onto elements that are continuous in each of the study's materials."""
    return Recovery(mesh, study.order, study).of(stress)


def element_error(mesh: Any, stress: StressField, study: Study) -> tuple[FloatArray, FloatArray]:
    """Squared error in the energy norm and energy of the recovered stress per element, N*mm, (elements,) each."""
    import ngsolve as ng

    rule = ng.IntegrationRule(ng.TET, 2)
    mapped = mesh.MapToAllElements(rule, ng.VOL)
    count = len(rule.weights)
    weight = np.tile(np.asarray(rule.weights), mesh.ne)
    size = np.abs(np.asarray(ng.Det(ng.specialcf.JacobianMatrix(3))(mapped)).reshape(-1))
    smooth = np.asarray(stress.field(mapped)).reshape(mesh.ne, count, 6)
    raw = np.asarray(stress.raw(mapped)).reshape(mesh.ne, count, 6)
    weights = (weight * size).reshape(mesh.ne, count)
    squared, energy = np.zeros(mesh.ne), np.zeros(mesh.ne)
    for material, mask in element_materials(study, mesh):
        squared[mask] = (energy_density(smooth[mask] - raw[mask], material) * weights[mask]).sum(axis=1)
        energy[mask] = (energy_density(smooth[mask], material) * weights[mask]).sum(axis=1)
    return squared, energy
