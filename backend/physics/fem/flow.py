"""Steady laminar incompressible flow through or around a compiled body: ``solve(study) -> result``.

The body is the fluid, not the wall. study: ``brep``; ``fluid`` {density_kg_m3, dynamic_viscosity_pa_s}; ``inlets`` and
``outlets`` [{faces, one of velocity_m_s (mean) | flow_m3_s | mass_flow_kg_s | pressure_pa; profile developed|uniform}],
an outlet without any has pressure 0; ``velocities`` [{faces, velocity_m_s [x, y, z] or rotation {speed_rad_s, axis,
point_mm}, wall (false)}]: a far field, or a wall that slides along itself or turns about its axis;
``symmetry`` [face]; every other face is a wall at rest. ``regions`` {name: [face]}: forces are given on them, and their
moment about ``axes`` {name: {axis, point_mm}};
``reference`` {velocity_m_s, area_mm2, length_mm} adds their coefficients; ``probes`` {name: [x, y, z]} mm; ``levels``
(2), ``error_target_rel`` (of the pressure drop; it ends refinement before the last level), ``order`` of the velocity
(2), ``max_dofs`` (30 000 unknowns of velocity), ``mesh_size_mm``, ``solids``, ``fields_path``. ``plane_face``: the flow
is plane, in this flat face normal to z, whose edges are named by the faces that meet there; flows and forces are then
per mm of depth.

result: ``status`` verified | not_verified with ``reasons``; ``pressure_drop_pa`` {value, error, converged, scale_pa}
from inlets to outlets (area means, of static pressure; ``scale_pa``: shear of moving walls, 0 without),
``total_pressure_drop_pa``; ``openings`` {name: {flow_m3_s outward, mass_flow_kg_s, pressure_pa, reynolds,
hydraulic_diameter_mm}}; ``reynolds`` (the largest) and ``laminar_limit``;
``balance``; ``forces`` {region: {force_n, error_n, coefficient, torque_n_mm, torque_error_n_mm}}; ``max_velocity_m_s``;
probes; levels; walls; fields (pressure_pa, velocity_m_s, wall_shear_pa).

Beyond a Reynolds number of 2300 (hydraulic diameter 4A/P of the wetted perimeter), where pipe flow stops being laminar,
a flow that is asked for is refused (:class:`~backend.physics.fem.errors.NotLaminarError`) and one that comes out of
pressures is not verified. That a steady flow was found doesn't prove that it is stable: wakes shed vortices much
earlier (a cylinder at 47).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import NotLaminarError, StudyError
from backend.physics.fem.flow_study import FlowStudy, Opening, read_flow_study
from backend.physics.fem.flow_system import Borders, FlowSystem

FloatArray = npt.NDArray[np.float64]

LAMINAR_LIMIT = 2300.0
_BACKFLOW = 0.01
_GROWTH = 2.5
_ACROSS_OPENING = 8


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    checked = read_flow_study(study)
    from backend.physics.fem.threads import parallel

    with parallel():
        return _solve(checked)


def _solve(study: FlowStudy) -> dict[str, Any]:
    import ngsolve as ng

    from backend.physics.fem.mesh import check_faces, dofs_of, load_part, refine

    started, cpu = time.perf_counter(), time.process_time()
    part = load_part(study.brep, solids=study.solids)
    plane = {} if study.plane_face is None else {"plane_face": (study.plane_face,)}
    check_faces(part, study.faces_used() | plane | {f"regions.{n}": f for n, f in study.regions.items()})
    named = {face for faces in study.faces_used().values() for face in faces}
    sides = set(part.face_ids) if study.plane_face is None else _neighbours(part, study.plane_face)
    stray = sorted(named - sides)
    if stray:
        raise StudyError(
            f"Face(s) {stray} don't meet the plane face {study.plane_face}.", "Name the faces along its edges."
        )
    walls = tuple(sorted(sides - named))
    borders = Borders(study.plane_face)
    wetted = _hydraulic_diameters(study, part, walls)
    mesh, warnings = _first_mesh(study, part, wetted)
    speed = _speed_mm_s(study, wetted, mesh, borders)
    _refuse_turbulent(study, wetted)
    rows: list[dict[str, Any]] = []
    history: list[dict[str, Any]] = []
    before: Any = None
    for level in range(study.levels):
        begun = time.process_time()
        system = FlowSystem(study, mesh, borders, walls, speed)
        if before is not None:
            system.velocity.Set(before.velocity)
            system.pressure.Set(before.pressure)
        if before is None:
            system.check_sliding()
        system.prescribe()
        steps, _ = system.solve(before is not None)
        history.append(_read(study, system))
        rows.append(
            {
                "dofs": int(system.space.ndof), "elements": int(mesh.ne), "newton_steps": steps,
                "pressure_drop_pa": history[-1]["drop"], "forces_n": history[-1]["forces"],
                "cpu_s": round(time.process_time() - begun, 3),
            }
        )  # fmt: skip
        if level + 1 == study.levels or _settled(history, study.error_target_rel):
            break
        target = min(_GROWTH * dofs_of(mesh, study.order), float(study.max_dofs))
        finer = refine(mesh, system.error_by_element(), target, study.order)
        if finer is None:
            warnings.append(f"Stopped after {level + 1} of {study.levels} meshes: no finer one fits max_dofs.")
            break
        before, mesh = system, finer
    result = _result(study, system, history, rows, wetted, walls, warnings)
    result["version"] = ng.__version__
    if study.fields_path:
        result["fields"] = _export(study.fields_path, system)
    result["timings_s"] = {"total": round(time.perf_counter() - started, 4), "cpu": round(time.process_time() - cpu, 4)}
    return result


# --- geometry ---------------------------------------------------------------------------------------------------------


def _meeting(name: str | None) -> set[int]:
    """Faces that meet at an edge, from its name."""
    return {int(i) for i in name[4:].split("_")} if name and name.startswith("edge") else set()


def _neighbours(part: Any, face: int) -> set[int]:
    found: set[int] = set()
    for shape in part.geometry.shape.faces:
        if shape.name == f"face{face}":
            for edge in shape.edges:
                found |= _meeting(edge.name)
    return found - {face}


def _hydraulic_diameters(study: FlowStudy, part: Any, walls: tuple[int, ...]) -> dict[int, tuple[float, float]]:
    """Area (mm2) and hydraulic diameter 4A/P (mm) of each opening; P counts the edges at walls.

    In a plane flow the area is the length of the opening's edges times 1 mm, and P 1 mm for each end at a wall.
    """
    found = {}
    for index, opening in enumerate(study.openings):
        area, wet = 0.0, 0.0
        if study.plane_face is None:
            for face in part.geometry.shape.faces:
                if face.name and face.name.startswith("face") and int(face.name[4:]) in opening.faces:
                    area += float(face.mass)
                    wet += sum(float(e.mass) for e in face.edges if _meeting(e.name) & set(walls))
        else:
            edges = [e for e in part.geometry.shape.edges if study.plane_face in _meeting(e.name)]
            mine = [e for e in edges if _meeting(e.name) & set(opening.faces)]
            ends = [e for e in edges if _meeting(e.name) & set(walls)]
            area = sum(float(e.mass) for e in mine)
            corners = {tuple(round(c, 6) for c in v.p) for e in ends for v in e.vertices}
            wet = float(sum(tuple(round(c, 6) for c in v.p) in corners for e in mine for v in e.vertices))
        found[index] = (area, 4 * area / wet if wet > 0 else math.sqrt(area))
    return found


def _settled(history: list[dict[str, Any]], target_rel: float | None) -> bool:
    """Whether two meshes or more know the pressure drop, where there is one, forces and torques to the target."""
    from backend.physics.fem.assess import estimate

    if target_rel is None or len(history) < 2:
        return False

    def known(values: list[float]) -> bool:
        return estimate(values).error <= target_rel * abs(values[-1])

    last = history[-1]
    asked = [[row["torques"][name] for row in history] for name in last["torques"]]
    asked += [
        [math.hypot(*row["forces"][name]) for row in history] for name in last["forces"] if name not in last["torques"]
    ]
    asked += [[row["drop"] for row in history]] if last["drop"] is not None else []
    return all(known(values) for values in asked)


def _first_mesh(study: FlowStudy, part: Any, wetted: Mapping[int, tuple[float, float]]) -> tuple[Any, list[str]]:
    """The first mesh. Openings get :data:`_ACROSS_OPENING` elements across: what a coarse profile carries in too much
    of momentum comes back as pressure, on every mesh until the opening is refined.
    """
    from netgen.occ import OCCGeometry

    from backend.physics.fem.mesh import Focus, make_mesh, start_size_mm

    if study.plane_face is None:
        shape = part.geometry.shape
        for face in shape.faces:
            for index, opening in enumerate(study.openings):
                if face.name and face.name.startswith("face") and int(face.name[4:]) in opening.faces:
                    face.maxh = wetted[index][1] / _ACROSS_OPENING
        part = replace(part, geometry=OCCGeometry(shape))
        planned = study.levels if study.error_target_rel is None else min(study.levels, 2)
        size = study.mesh_size_mm or start_size_mm(part, study.order, study.max_dofs, planned)
        spots = [Focus(point, 0.0, 0.7 * size) for point in study.probes_mm.values()]
        mesh, info = make_mesh(part, size, study.order, study.max_dofs, spots)
        return mesh, [*part.warnings, *info.warnings]
    import ngsolve as ng

    face = next(f for f in part.geometry.shape.faces if f.name == f"face{study.plane_face}")
    low, high = (np.array(tuple(p)) for p in face.bounding_box)
    if high[2] - low[2] > 1e-6 * float(np.linalg.norm(high - low)):
        raise StudyError(f"The plane face {study.plane_face} isn't normal to z.", "Turn the model, or choose a face.")
    # A plane mesh is searched for points at z = 0.
    face = face.Move((0, 0, -float(low[2])))
    # Some six elements across the narrowest way on the first mesh.
    size = study.mesh_size_mm or math.sqrt(float(face.mass) / 150)
    mesh = ng.Mesh(OCCGeometry(face, dim=2).GenerateMesh(maxh=size, curvaturesafety=4.0, grading=0.2))
    mesh.Curve(study.order + 1)
    return mesh, list(part.warnings)


# --- numbers of the flow ----------------------------------------------------------------------------------------------


def _given_mean_m_s(study: FlowStudy, opening: Opening, area_mm2: float) -> float | None:
    if opening.drive == "velocity_m_s":
        return opening.value
    if opening.drive == "pressure_pa":
        return None
    volume = opening.value if opening.drive == "flow_m3_s" else opening.value / study.density_kg_m3
    return volume / (area_mm2 * 1e-6)


def _speed_mm_s(study: FlowStudy, wetted: Mapping[int, tuple[float, float]], mesh: Any, borders: Borders) -> float:
    """The unit of velocity: the fastest that is given, or what the pressure difference makes of a laminar pipe."""
    known = [float(motion.speeds_m_s(borders.points(mesh, faces)).max()) for faces, motion in study.velocities]
    for index, opening in enumerate(study.openings):
        mean = _given_mean_m_s(study, opening, wetted[index][0])
        known += [mean] if mean is not None else []
    fastest = max(known, default=0.0)
    if fastest > 0:
        return 1e3 * fastest
    pressures = [o.value for o in study.openings]
    width = min(d for _, d in wetted.values()) * 1e-3
    drop = max(pressures) - min(pressures)
    slow = drop * width / (32 * study.viscosity_pa_s)
    return 1e3 * min(slow, math.sqrt(2 * drop / study.density_kg_m3))


def _refuse_turbulent(study: FlowStudy, wetted: Mapping[int, tuple[float, float]]) -> None:
    for index, opening in enumerate(study.openings):
        mean = _given_mean_m_s(study, opening, wetted[index][0])
        if mean is None:
            continue
        reynolds = study.density_kg_m3 * mean * wetted[index][1] * 1e-3 / study.viscosity_pa_s
        if reynolds > LAMINAR_LIMIT:
            raise NotLaminarError(
                f"The {opening.kind} has a Reynolds number of {reynolds:.4g} (hydraulic diameter "
                f"{wetted[index][1]:.4g} mm); flow in pipes is laminar up to {LAMINAR_LIMIT:.0f}.",
                "Lower the flow, or use correlations of turbulent flow (fluids domain of the kernel).",
                reynolds=reynolds,
            )


def _shear_pa(study: FlowStudy, system: FlowSystem, wetted: Mapping[int, tuple[float, float]]) -> float:
    """Shear stress, Pa, that moving walls give the fluid: viscosity times their speed over the narrowest opening's
    hydraulic diameter; zero where no wall moves.
    """
    if not any(motion.moves for _, motion in study.velocities):
        return 0.0
    return study.viscosity_pa_s * float(system.speed) / min(d for _, d in wetted.values())


def _read(study: FlowStudy, system: FlowSystem) -> dict[str, Any]:
    openings = [system.through(opening.faces) for opening in study.openings]

    def mean(kind: str, key: str) -> float | None:
        mine = [v for o, v in zip(study.openings, openings, strict=True) if o.kind == kind]
        area = sum(v["area_mm2"] for v in mine)
        return sum(v[key] * v["area_mm2"] for v in mine) / area if area else None

    drops = {}
    for key in ("pressure_pa", "total_pressure_pa"):
        high, low = mean("inlet", key), mean("outlet", key)
        drops[key] = None if high is None or low is None else high - low
    return {
        "openings": openings, "drop": drops["pressure_pa"], "total_drop": drops["total_pressure_pa"],
        "forces": system.forces(study.regions),
        "torques": system.torques({name: (study.regions[name], *axis) for name, axis in study.axes.items()}),
        "fastest": system.fastest_m_s(),
        "probes": {name: system.at(name, point) for name, point in study.probes_mm.items()},
    }  # fmt: skip


def _result(
    study: FlowStudy, system: FlowSystem, history: list[dict[str, Any]], rows: list[dict[str, Any]],
    wetted: Mapping[int, tuple[float, float]], walls: tuple[int, ...], warnings: list[str],
) -> dict[str, Any]:  # fmt: skip
    from backend.physics.fem.assess import estimate

    last = history[-1]
    reasons: list[str] = []
    openings: dict[str, dict[str, Any]] = {}
    counts: dict[str, int] = {}
    highest = 0.0
    for index, (opening, values) in enumerate(zip(study.openings, last["openings"], strict=True)):
        number = counts.get(opening.kind, 0)
        counts[opening.kind] = number + 1
        flow, diameter = values["flow_mm3_s"], wetted[index][1]
        mean = abs(flow) / values["area_mm2"] * 1e-3
        reynolds = study.density_kg_m3 * mean * diameter * 1e-3 / study.viscosity_pa_s
        highest = max(highest, reynolds)
        openings[f"{opening.kind}s[{number}]"] = {
            "flow_m3_s": flow * 1e-9, "mass_flow_kg_s": flow * 1e-9 * study.density_kg_m3, "mean_velocity_m_s": mean,
            "pressure_pa": values["pressure_pa"], "total_pressure_pa": values["total_pressure_pa"],
            "reynolds": reynolds, "hydraulic_diameter_mm": diameter, "area_mm2": values["area_mm2"],
        }  # fmt: skip
        if not opening.prescribed and values["against_share"] > _BACKFLOW:
            warnings.append(
                f"{100 * values['against_share']:.0f} % of the flow at the {opening.kind} on faces "
                f"{list(opening.faces)} runs against the rest: move it further from bends and steps."
            )
    if not study.openings:
        # Nothing flows through: the speed that is given, over the edge of a cube (square) as large as the fluid.
        size = float(system.size_mm3) ** (1 / system.dim)
        highest = study.density_kg_m3 * system.speed * size * 1e-6 / study.viscosity_pa_s
    if highest > LAMINAR_LIMIT:
        reasons.append(f"the Reynolds number {highest:.4g} is beyond the laminar range ({LAMINAR_LIMIT:.0f})")
    drop = None
    if last["drop"] is not None:
        found = estimate([h["drop"] for h in history])
        scale = _shear_pa(study, system, wetted)
        # Where walls move and the openings' pressures are equal the drop is zero: its error is held against that scale.
        settled = found.converged or (len(history) > 1 and abs(found.value) + found.error <= 0.05 * scale)
        drop = {"value": found.value, "error": found.error, "converged": settled, "scale_pa": scale}
        if not settled:
            reasons.append("the pressure drop hasn't settled over the meshes: allow more levels or unknowns")
    flows = [values["flow_mm3_s"] for values in last["openings"]]
    through = sum(abs(f) for f in flows) / 2
    forces = {name: _force(study, [h["forces"][name] for h in history]) for name in study.regions}
    for name in study.axes:
        turned = estimate([h["torques"][name] for h in history])
        forces[name] |= {"torque_n_mm": turned.value, "torque_error_n_mm": turned.error}
    return {
        "solver": "ngsolve",
        "status": "not_verified" if reasons else "verified",
        "reasons": reasons,
        "plane": study.plane_face is not None,
        "pressure_drop_pa": drop,
        "total_pressure_drop_pa": last["total_drop"],
        "openings": openings,
        "reynolds": highest or None,
        "laminar_limit": LAMINAR_LIMIT,
        "balance": {"flow_m3_s": through * 1e-9, "imbalance_rel": abs(sum(flows)) / max(through, 1e-300)},
        "forces": forces,
        "max_velocity_m_s": last["fastest"],
        "probes": {name: _probe([h["probes"][name] for h in history]) for name in study.probes_mm},
        "walls": list(walls),
        "levels": rows,
        "warnings": warnings,
        "fields": None,
    }


def _probe(values: list[dict[str, Any]]) -> dict[str, Any]:
    """Pressure and velocity at a point with the errors of pressure and speed."""
    from backend.physics.fem.assess import estimate

    speeds = [float(np.linalg.norm(v["velocity_m_s"])) for v in values]
    return {
        **values[-1],
        "pressure_error_pa": estimate([v["pressure_pa"] for v in values]).error,
        "speed_error_m_s": estimate(speeds).error,
    }


def _force(study: FlowStudy, values: list[list[float]]) -> dict[str, Any]:
    from backend.physics.fem.assess import estimate

    largest = max(abs(v) for v in values[-1])
    errors = [
        estimate([v[i] for v in values]).error if abs(values[-1][i]) > 1e-6 * largest else 1e-6 * largest
        for i in range(len(values[-1]))
    ]
    found: dict[str, Any] = {"force_n": values[-1], "error_n": errors}
    if study.reference is not None:
        pressure = 0.5 * study.density_kg_m3 * study.reference["velocity_m_s"] ** 2
        area = study.reference["area_mm2"] * 1e-6
        found["coefficient"] = [v / (pressure * area) for v in values[-1]]
        found["reynolds"] = (
            study.density_kg_m3
            * study.reference["velocity_m_s"]
            * study.reference["length_mm"]
            * 1e-3
            / study.viscosity_pa_s
        )
    return found


def _export(path: str, system: FlowSystem) -> str:
    import ngsolve as ng

    from backend.physics.fem.fields import export
    from backend.physics.fem.surface import sample

    surface = sample(system.mesh)
    unit = system.study.density_kg_m3 * (system.speed * 1e-3) ** 2
    # Gradients live in the elements: a smoothed one can be read on the surface.
    smooth = ng.GridFunction(ng.H1(system.mesh, order=system.study.order - 1, dim=9))
    smooth.Set(ng.Grad(system.velocity).Reshape((9,)))
    slope = surface.evaluate(smooth).reshape(len(surface.face), 6, 3, 3)
    pull = np.einsum("epij,epj->epi", slope, surface.normals)
    along = pull - (pull * surface.normals).sum(axis=2, keepdims=True) * surface.normals
    shear = system.study.viscosity_pa_s * system.speed * np.linalg.norm(along, axis=2)
    return export(
        path, surface, pressure_pa=surface.evaluate(system.pressure) * unit,
        velocity_m_s=surface.evaluate(system.velocity) * system.speed * 1e-3, wall_shear_pa=shear,
    )  # fmt: skip
