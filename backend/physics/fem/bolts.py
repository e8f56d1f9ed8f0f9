"""Preloaded bolts: bodies of the model that are shortened by an even strain until their shanks carry a force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.material import hooke, strain
from backend.physics.fem.mesh import solid_name
from backend.physics.fem.study import Study

FloatArray = npt.NDArray[np.float64]

_MOST_PASSES = 12
_CLOSE_ENOUGH = 1e-6  # of each preload


def bolt_force(study: Study, mesh: Any, solid: int, axis: FloatArray, stress: Any) -> float:
    """Axial force of a bolt, N: the axial stress integrated over the middle third of its length, divided by it."""
    import ngsolve as ng

    inside, region, length = _middle_third(mesh, solid, axis)
    normal = ng.CF(tuple(float(a) for a in axis))
    pull = ng.InnerProduct(stress * normal, normal)
    return float(ng.Integrate(inside * pull * ng.dx(definedon=region, bonus_intorder=4), mesh)) / length


def _shank_area(mesh: Any, solid: int, axis: FloatArray) -> float:
    import ngsolve as ng

    inside, region, length = _middle_third(mesh, solid, axis)
    return float(ng.Integrate(inside * ng.dx(definedon=region, bonus_intorder=4), mesh)) / length


def _middle_third(mesh: Any, solid: int, axis: FloatArray) -> tuple[Any, Any, float]:
    """One in the middle third of a solid's length along an axis, else zero; the solid; that third's length, mm."""
    import ngsolve as ng

    along = ng.x * float(axis[0]) + ng.y * float(axis[1]) + ng.z * float(axis[2])
    region = mesh.Materials(solid_name(solid))
    vertices = np.asarray(mesh.ngmesh.Coordinates(), dtype=float)
    elements = mesh.ngmesh.Elements3D().NumPy()
    number = list(mesh.GetMaterials()).index(solid_name(solid)) + 1
    height = vertices[np.unique(elements["nodes"][elements["index"] == number][:, :4]) - 1] @ axis
    low, high = float(height.min()), float(height.max())
    start, end = low + (high - low) / 3, high - (high - low) / 3
    inside = ng.IfPos((along - start) * (end - along), 1.0, 0.0)
    return inside, region, end - start


def preload_strain(study: Study, mesh: Any, space: Any, factor: Any, rhs: Any) -> tuple[Any, dict[int, float]]:
    """The initial strain that gives each bolt its preload, added to ``rhs``, and by how much each bolt is shortened.

    Each bolt is shortened by a uniform strain along its axis. The forces that unit strains cause in all bolts, with no
    other load, make a small linear system whose solution are the strains: bolts that relieve each other still reach
    their forces, as after tightening in turn until all are right.
    """
    import ngsolve as ng

    shapes, vectors = _unit_strains(study, mesh, space)
    moved = ng.GridFunction(space)
    forces = np.zeros((len(shapes), len(shapes)))
    for column, (shape, vector) in enumerate(zip(shapes, vectors, strict=True)):
        moved.vec.data = factor * vector
        stress = hooke(study, strain(moved) - shape, mesh)
        for row, bolt in enumerate(study.preloads):
            forces[row, column] = bolt_force(study, mesh, bolt.solid, np.array(bolt.axis), stress)
    wanted = np.array([bolt.force_n for bolt in study.preloads])
    try:
        strains = np.linalg.solve(forces, wanted)
    except np.linalg.LinAlgError as error:
        raise SolveError(
            "The bolts can't be preloaded: stretching them gives no force.", "Check body and axis."
        ) from error
    return _stretched(strains, shapes, vectors, rhs), _by_solid(study, strains)


def preload_strain_in_contact(
    study: Study, mesh: Any, space: Any, settle: Callable[[Any, Any], None], rhs: Any
) -> tuple[Any, dict[int, float]]:
    """As :func:`preload_strain` where the part may lift off compression-only supports.

    ``settle(displacement, load)`` solves the contact for a load. Without other loads twice the strains give twice the
    forces, so that one bolt is right after one solution; several are found by Broyden's method. Raises
    :class:`SolveError` where they don't reach their forces.
    """
    import ngsolve as ng

    shapes, vectors = _unit_strains(study, mesh, space)
    wanted = np.array([bolt.force_n for bolt in study.preloads])
    load, moved = ng.LinearForm(space), ng.GridFunction(space)
    load += ng.InnerProduct(ng.CF((0, 0, 0)), space.TestFunction()) * ng.dx
    load.Assemble()

    def forces(strains: FloatArray) -> FloatArray:
        load.vec[:] = 0.0
        moved.vec[:] = 0.0
        stretch = _stretched(strains, shapes, vectors, load)
        settle(moved, load)
        stress = hooke(study, strain(moved) - stretch, mesh)
        return np.array([bolt_force(study, mesh, b.solid, np.array(b.axis), stress) for b in study.preloads])

    # Modulus times strain times area is the force of a bolt that nothing yields to: a start of the right size.
    areas = [_shank_area(mesh, bolt.solid, np.array(bolt.axis)) for bolt in study.preloads]
    moduli = [study.material_of(bolt.solid).youngs_modulus_mpa for bolt in study.preloads]
    strains = wanted / (np.array(areas) * np.array(moduli))
    found = forces(strains)
    slope = np.diag(found / strains)
    for _ in range(_MOST_PASSES):
        if not np.isfinite(found).all() or np.linalg.cond(slope) > 1e12:
            break
        step = np.linalg.solve(slope, wanted - found)
        strains = strains + step
        before, found = found, forces(strains) if len(strains) > 1 else wanted  # one is exact: force follows strain
        if np.abs(found - wanted).max() <= _CLOSE_ENOUGH * wanted.min():
            return _stretched(strains, shapes, vectors, rhs), _by_solid(study, strains)
        slope = slope + np.outer(found - before - slope @ step, step) / float(step @ step)
    raise SolveError(
        "The bolts don't reach their preloads where the part may lift off its compression-only supports.",
        "Check bodies and axes of the bolts: each must press the part against the supports.",
    )


def _by_solid(study: Study, strains: FloatArray) -> dict[int, float]:
    return {bolt.solid: float(value) for bolt, value in zip(study.preloads, strains, strict=True)}


def _unit_strains(study: Study, mesh: Any, space: Any) -> tuple[list[Any], list[Any]]:
    """Of each bolt the strain that shortens it by one along its axis, and its load vector."""
    import ngsolve as ng

    names = set(mesh.GetMaterials())
    for bolt in study.preloads:
        if solid_name(bolt.solid) not in names:
            raise StudyError(f"preloads names solid {bolt.solid}, which isn't analysed.", "Number the solids from 0.")
    v = space.TestFunction()
    shapes, vectors = [], []
    for bolt in study.preloads:
        a = bolt.axis
        outer = ng.CF(tuple(-a[i] * a[j] for i in range(3) for j in range(3)), dims=(3, 3))
        only = mesh.MaterialCF({solid_name(bolt.solid): 1.0}, default=0.0)
        shape = only * outer
        unit = ng.LinearForm(space)
        unit += ng.InnerProduct(hooke(study, shape, mesh), strain(v)) * ng.dx
        unit.Assemble()
        shapes.append(shape)
        vectors.append(unit.vec)
    return shapes, vectors


def _stretched(strains: FloatArray, shapes: list[Any], vectors: list[Any], rhs: Any) -> Any:
    """The initial strain of all bolts, whose load is added to ``rhs``."""
    total = None
    for value, shape, vector in zip(strains, shapes, vectors, strict=True):
        rhs.vec.data += float(value) * vector
        total = float(value) * shape if total is None else total + float(value) * shape
    return total
