"""Loads: tractions on faces and body forces, each with exactly the resultant that the study names.

Point forces have infinite stress in elasticity, so every force is a traction. The traction of a force is uniform; that
of a force acting elsewhere (remote) or of a moment is linear over the faces,

    t(r) = F/A + b x (r - c),   J b = M,   J = int (|r-c|^2 I - (r-c)(r-c)^T) dA,

which has resultant F and moment M about the centroid c exactly, by construction. Area and J are integrated with the
same rule as the load, so the discrete load has the resultant to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import StudyError
from backend.physics.fem.material import by_solid
from backend.physics.fem.mesh import Focus, Part, region_pattern
from backend.physics.fem.study import Load, Study

FloatArray = npt.NDArray[np.float64]

# The edge of a patch cuts through elements; a high rule keeps its area true.
_PATCH_BONUS = 6


def focus_of(loads: Sequence[Load]) -> list[Focus]:
    """Where the mesh must resolve a load: patches get about four elements across."""
    return [Focus(load.center_mm, load.radius_mm, 0.5 * load.radius_mm) for load in loads if load.kind == "patch_force"]


def traction(load: Load, mesh: Any) -> tuple[Any, Any]:
    """The load's traction in MPa as (coefficient function, boundary measure)."""
    import ngsolve as ng

    bonus = _PATCH_BONUS if load.kind == "patch_force" else 2
    measure = ng.ds(region_pattern(load.faces), bonus_intorder=bonus)
    if load.kind == "pressure":
        return -load.pressure_mpa * ng.specialcf.normal(3), measure
    weight = _patch(load) if load.kind == "patch_force" else ng.CF(1.0)
    area, center, inertia = _section(weight, mesh, measure)
    if area <= 0:
        place = f"radius {load.radius_mm:g} mm at {list(load.center_mm)}"
        raise StudyError(
            f"The patch of {place} doesn't touch the faces {list(load.faces)}.",
            "Put center_mm on the faces, or enlarge radius_mm.",
        )
    if load.kind == "force":
        return ng.CF(tuple(component / area for component in load.vector_n)), measure
    force = np.array(load.vector_n)
    if load.kind == "remote_force":
        moment = np.cross(np.array(load.point_mm) - center, force)
    elif load.kind == "moment":
        moment = np.array(load.moment_n_mm)
    else:
        moment = np.cross(np.array(load.center_mm) - center, force)
    spin = np.linalg.solve(inertia, moment)
    rx, ry, rz = ng.x - center[0], ng.y - center[1], ng.z - center[2]
    linear = (spin[1] * rz - spin[2] * ry, spin[2] * rx - spin[0] * rz, spin[0] * ry - spin[1] * rx)
    return weight * ng.CF(tuple(force[i] / area + linear[i] for i in range(3))), measure


def _patch(load: Load) -> Any:
    import ngsolve as ng

    cx, cy, cz = load.center_mm
    squared = (ng.x - cx) ** 2 + (ng.y - cy) ** 2 + (ng.z - cz) ** 2
    return ng.IfPos(load.radius_mm**2 - squared, 1.0, 0.0)


def _section(weight: Any, mesh: Any, measure: Any) -> tuple[float, FloatArray, FloatArray]:
    """Area, centroid and second-moment matrix J (about the centroid) of weighted faces."""
    import ngsolve as ng

    r = (ng.x, ng.y, ng.z)
    area = float(ng.Integrate(weight * measure, mesh))
    if area <= 0:
        return 0.0, np.zeros(3), np.eye(3)
    center = np.array([float(ng.Integrate(weight * c * measure, mesh)) for c in r]) / area
    local = [r[i] - float(center[i]) for i in range(3)]
    second = np.zeros((3, 3))
    for i in range(3):
        for j in range(i, 3):
            second[i, j] = second[j, i] = float(ng.Integrate(weight * local[i] * local[j] * measure, mesh))
    return area, center, np.trace(second) * np.eye(3) - second


def body_force(study: Study, mesh: Any) -> Any:
    """Weight and centrifugal force in N/mm3, None where there is neither."""
    import ngsolve as ng

    density = by_solid(study, mesh, lambda m: m.density_kg_mm3)
    total = None
    if study.gravity_m_s2 is not None:
        total = density * ng.CF(study.gravity_m_s2)
    if study.spin is not None:
        a, c = study.spin.axis, study.spin.point_mm
        arm = (ng.x - c[0], ng.y - c[1], ng.z - c[2])
        along = arm[0] * a[0] + arm[1] * a[1] + arm[2] * a[2]
        outward = ng.CF(tuple(arm[i] - along * a[i] for i in range(3)))
        fling = 1e-3 * study.spin.speed_rad_s**2 * density * outward  # mm to m
        total = fling if total is None else total + fling
    return total


def add_loads(form: Any, test: Any, mesh: Any, study: Study) -> None:
    """Adds the tractions, the weight and the centrifugal force to a linear form over a vector-valued space."""
    import ngsolve as ng

    for load in study.loads:
        value, measure = traction(load, mesh)
        form += ng.InnerProduct(value, test) * measure
    volume = body_force(study, mesh)
    if volume is not None:
        form += ng.InnerProduct(volume, test) * ng.dx


def nominal_resultant(study: Study, mesh: Any, part: Part, center: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Force (N) and moment about ``center`` (N*mm) as the study states them, not as the form was assembled.

    Forces act at their faces' centroid, remote forces at their point, patches at their centre, weight at the centre of
    mass of the B-rep (not of the mesh); pressure is integrated over the curved faces, centrifugal force over the mesh.
    """
    import ngsolve as ng

    force, moment = np.zeros(3), np.zeros(3)
    for load in study.loads:
        measure = ng.ds(region_pattern(load.faces), bonus_intorder=2)
        vector = np.array(load.vector_n)
        if load.kind == "pressure":
            normal = ng.specialcf.normal(3)
            arm = ng.CF((ng.x - center[0], ng.y - center[1], ng.z - center[2]))
            turn = ng.Cross(arm, normal)
            vector = -load.pressure_mpa * np.array([float(ng.Integrate(normal[i] * measure, mesh)) for i in range(3)])
            moment -= load.pressure_mpa * np.array([float(ng.Integrate(turn[i] * measure, mesh)) for i in range(3)])
        elif load.kind == "moment":
            moment += load.moment_n_mm
        else:
            at = {"remote_force": load.point_mm, "patch_force": load.center_mm}.get(load.kind)
            point = _section(ng.CF(1.0), mesh, measure)[1] if at is None else np.array(at)
            moment += np.cross(point - center, vector)
        force += vector
    if study.gravity_m_s2 is not None:
        for solid, volume in part.solid_volumes_mm3.items():
            weight = study.material_of(solid).density_kg_mm3 * volume * np.array(study.gravity_m_s2)
            force += weight
            moment += np.cross(part.solid_centroids_mm[solid] - center, weight)
    if study.spin is not None:
        fling = body_force(replace(study, gravity_m_s2=None), mesh)
        turn = ng.Cross(ng.CF((ng.x - center[0], ng.y - center[1], ng.z - center[2])), fling)
        force += np.array([float(ng.Integrate(fling[i], mesh)) for i in range(3)])
        moment += np.array([float(ng.Integrate(turn[i], mesh)) for i in range(3)])
    return force, moment
