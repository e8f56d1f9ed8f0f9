"""Stress recovery: a continuous stress field, its von Mises value, and the error per element.

The six components of the discontinuous finite-element stress are projected (L2) onto continuous elements of the same
order as the displacement, and only then is von Mises formed: averaging von Mises itself would smear its peaks. The
difference between the recovered and the raw stress estimates the error (Zienkiewicz and Zhu 1987, Int. J. Numer. Meth.
Eng. 24, 337), in the energy norm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.material import element_materials, energy_density
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
    """Recovered stress. field: continuous grid function of six components; raw: the finite-element stress likewise."""

    field: Any
    raw: Any

    def at_vertices(self, count: int) -> FloatArray:
        """Components at the mesh vertices, (count, 6): the basis is hierarchical, its first unknowns are nodal."""
        values = self.field.vec.FV().NumPy().reshape(-1, 6)
        return np.array(values[:count])


class Recovery:
    """The L2 projection of stress tensors onto continuous elements of one mesh, factored once."""

    def __init__(self, mesh: Any, order: int) -> None:
        import ngsolve as ng

        scalar = ng.H1(mesh, order=order)
        u, v = scalar.TnT()
        self._mass = ng.BilinearForm(scalar, symmetric=True)
        self._mass += u * v * ng.dx
        self._mass.Assemble()
        self._factor = self._mass.mat.Inverse(inverse="sparsecholesky")
        self._scalar, self._space = scalar, ng.H1(mesh, order=order, dim=6)
        self._slopes: list[Any] = []

    def of_displacement(self, displacement: Any, stiffness_mpa: FloatArray, raw: Any) -> StressField:
        """The recovered stress of a displacement in one material of stiffness (6, 6); ``raw`` is its stress tensor.

        As :meth:`of`, without integrating anew: the moments of each displacement gradient are a matrix of the mesh
        times the displacement, and the stress is a constant combination of the gradients.
        """
        import ngsolve as ng

        if not self._slopes:
            u, v = self._scalar.TnT()
            for axis in range(3):
                slope = ng.BilinearForm(self._scalar)
                slope += ng.Grad(u)[axis] * v * ng.dx(bonus_intorder=2)
                slope.Assemble()
                self._slopes.append(slope)
        one, product = self._mass.mat.CreateColVector(), self._mass.mat.CreateColVector()
        gradient = np.empty((3, 3, len(one)))
        for i, component in enumerate(displacement.components):
            one.FV().NumPy()[:] = component.vec.FV().NumPy()
            for j, slope in enumerate(self._slopes):
                product.data = slope.mat * one
                gradient[i, j] = product.FV().NumPy()
        strain = np.stack([gradient[i, i] if i == j else gradient[i, j] + gradient[j, i] for i, j in _PAIRS])
        return StressField(self._solved((stiffness_mpa @ strain).T), _components(raw))

    def of(self, stress: Any) -> StressField:
        """The recovered field of a stress tensor in MPa."""
        import ngsolve as ng

        raw = _components(stress)
        moments = ng.LinearForm(self._space)
        moments += ng.InnerProduct(raw, self._space.TestFunction()) * ng.dx
        moments.Assemble()
        return StressField(self._solved(moments.vec.FV().NumPy().reshape(-1, 6)), raw)

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


def _components(stress: Any) -> Any:
    import ngsolve as ng

    # Compiled, the tensor is evaluated once at a point, not once for each of its components.
    return ng.CF(tuple(stress[i, j] for i, j in _PAIRS)).Compile()


def recover(mesh: Any, stress: Any, order: int) -> StressField:
    """L2 projection of one stress tensor (MPa) onto continuous elements."""
    return Recovery(mesh, order).of(stress)


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
