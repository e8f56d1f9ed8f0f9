"""Linear statics of a compiled B-rep: ``solve(study) -> result``, plain JSON data in and out.

study: ``brep`` path; ``material`` {name, youngs_modulus_mpa, poisson_ratio, density_kg_m3, yield_mpa}; ``gravity``
[x, y, z] m/s^2 or null; ``supports`` and ``loads`` as in :class:`.study.Support` and :class:`.study.Load`; ``regions``
{name: [face]}; ``probes`` {name: [x, y, z]} mm; ``exclude`` {near_supports_mm, near_singular_mm}; ``levels`` 3;
``error_target_rel`` (up to :data:`EXTRA_LEVELS` more levels while the stress's error is larger and budgets last);
``decide_at_mpa`` (a stress to be held against: twice that error will do once it is decided); ``order`` 2;
``budget_s`` (CPU seconds per thread); ``max_dofs``; ``mesh_size_mm`` of the first mesh; ``thermal`` {reference_c,
and uniform_c, linear {at_origin_c, per_mm [x, y, z], radial_per_mm from the z axis} or conditions as in
:mod:`.thermal`}; ``solids`` [index] or null; ``contact`` "bonded" or null; ``fields_path`` and ``volume_path`` of npz
files to write: fields of the boundary, and of every tetrahedron (:mod:`.fields`).

result: per-level history (``cpu_all_s``: CPU time of a level and those before, refinement included, without the first
mesh), the assessed von Mises stress and displacement with error estimates, region maxima, singularities, reaction and
energy balance, mass, and the path of the fields. What can't be analysed raises a
:class:`~backend.physics.errors.PhysicsError` that says what to do.

Meshes: the first is coarse (two walls), each next one is refined where the estimated error is, and where the stress is
high outside the excluded zones.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import kept
from backend.physics.fem.material import mass_of
from backend.physics.fem.memory import dofs_that_fit, peak_mb
from backend.physics.fem.mesh import Part
from backend.physics.fem.study import Study, read_study
from backend.physics.fem.threads import parallel

if TYPE_CHECKING:
    from backend.physics.fem.assess import Estimate

FloatArray = npt.NDArray[np.float64]

EXTRA_LEVELS = 2  # beyond the study's own, where its error target asks for them
_LEVEL_GROWTH = 2.0
_COST_EXPONENT = 1.4  # sparse Cholesky in three dimensions, measured 36k to 300k unknowns
_MIN_GROWTH = 1.3
# One mark on a coarse mesh may carry so many neighbours along that it multiplies the mesh by 2.6.
_MOST_GROWTH = 4.0
_OPEN_REL = 1e-4  # of the energy balance: told where rounding opens it further


@dataclass
class Level:
    """What one mesh gave. Stress samples are at ``points`` (n, 3)."""

    mesh: Any
    solution: Any
    stress: Any
    surface: Any
    zones: Any
    points: FloatArray
    von_mises: FloatArray
    surface_von_mises: FloatArray
    surface_displacement: FloatArray
    excluded: npt.NDArray[np.bool_]
    raw_max: float
    assessed: float
    assessed_at: FloatArray
    displacement: float
    displacement_at: FloatArray
    near_lines: list[float]
    near_lines_at: list[FloatArray]
    regions: dict[str, dict[str, Any]]
    probes: dict[str, dict[str, Any]]
    local_error_rel: float = 0.0
    row: dict[str, Any] = field(default_factory=dict)

    def by_line(self) -> dict[tuple[int, int], float]:
        """The maximum near each singular line, MPa, by the line's faces."""
        return {line.faces: value for line, value in zip(self.zones.lines, self.near_lines, strict=True)}


def warm() -> None:
    """Imports the solver and meshes a cube, so that the first study doesn't pay for it."""
    import ngsolve
    import scipy.spatial  # noqa: F401
    from netgen.occ import Box, OCCGeometry, Pnt

    with ngsolve.TaskManager():
        mesh = ngsolve.Mesh(OCCGeometry(Box(Pnt(0, 0, 0), Pnt(1, 1, 1))).GenerateMesh(maxh=1.0))
        space = ngsolve.VectorH1(mesh, order=2)
        ngsolve.GridFunction(space).Set((ngsolve.x, ngsolve.y, ngsolve.z))


def solve(study: dict[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    return solve_levels(read_study(study))[0]


def solve_levels(study: Study) -> tuple[dict[str, Any], list[Level], Part]:
    """The result, the levels with their meshes and fields, and the part, for those who go on from there."""
    import ngsolve

    from backend.physics.fem.loads import focus_of, nominal_resultant
    from backend.physics.fem.mesh import (
        FLATTEST,
        ROD_DOFS,
        Focus,
        check_faces,
        check_thickness,
        dofs_of,
        flatness,
        is_rod,
        load_part,
        make_mesh,
        refine,
        start_size_mm,
    )
    from backend.physics.fem.stress import element_error
    from backend.physics.fem.supports import check_rigid_body

    clock, cpu = time.perf_counter(), time.process_time()
    key = kept.key_of(study)
    known = kept.find(key)
    part = load_part(study.brep, solids=study.solids, contact=study.contact) if known is None else known.part
    flat = flatness(part, study.order, study.max_dofs)
    rod = is_rod(part) and study.mesh_size_mm is None and study.max_dofs >= ROD_DOFS
    raised = study.order == 2 and (rod or flat > FLATTEST)
    if raised:  # the part alone decides, so what is kept of it has that order too
        study = replace(study, order=3)
    if known is None:
        check_thickness(part)
        check_faces(part, study.faces_used())
        walls = 1.0 if rod else 2.0
        size = study.mesh_size_mm or start_size_mm(part, study.order, study.max_dofs, study.levels, walls)
        spots = [*focus_of(study.loads), *(Focus(point, 0.0, 0.7 * size) for point in study.probes_mm.values())]
        kept.make_room(study.max_dofs)
        mesh, info = make_mesh(part, size, study.order, study.max_dofs, spots)
    else:
        info = known.info
        check_faces(part, study.faces_used())
        mesh = known.systems[0].mesh
    ready = [] if known is None else list(known.systems)
    systems: list[kept.System] = []
    # Meshes that are ready count as the study's last ones: what may follow are extra levels.
    first = max(0, study.levels - len(ready)) if ready else 0
    warnings = [*part.warnings, *info.warnings]
    if raised and flat <= FLATTEST:
        warnings.append(
            f"The part is a rod ({part.wall_mm:.3g} mm of {part.diagonal_mm:.4g} mm): elements across it twist too "
            "stiffly at order 2, so it is solved at order 3."
        )
    elif raised:
        warnings.append(
            f"The part is thin ({part.wall_mm:.3g} mm of {part.diagonal_mm:.4g} mm): elements {flat:.0f} times longer "
            "than the wall is thick are too stiff at order 2, so it is solved at order 3."
        )
    timings = {"mesh": time.perf_counter() - clock}
    center = (part.low_mm + part.high_mm) / 2
    levels: list[Level] = []
    relative_errors: list[float] = []
    meshed = time.process_time()
    elapsed = meshed - cpu  # CPU seconds per thread
    for number in range(first, study.levels + EXTRA_LEVELS):
        started, started_cpu = time.perf_counter(), time.process_time()
        dofs = dofs_of(mesh, study.order)
        check = None if levels else check_rigid_body
        before = levels[-1].solution.press if levels else None
        system = ready.pop(0) if ready else None
        with parallel(dofs) as threads:
            level, system = _level(study, mesh, part, center, check, before, system)
            error, energies = element_error(mesh, level.stress, study)
        levels.append(level)
        if system is not None:
            systems.append(system)
        _local_errors(error, energies, level)
        energy = max(level.solution.strain_energy_n_mm, 1e-300)
        relative_errors.append(float(np.sqrt(error.sum() / (energy + error.sum()))))
        spent = time.process_time() - started_cpu
        elapsed += spent / threads
        level.row = _row(level, spent, relative_errors[-1], part.volume_mm3)
        level.row |= {"cpu_all_s": round(time.process_time() - meshed, 3), "peak_mb": peak_mb()}
        timings[f"level_{number + 1}"] = time.perf_counter() - started
        if ready:
            mesh = ready[0].mesh
            continue
        extra = number + 1 >= study.levels
        if extra and (number + 1 == study.levels + EXTRA_LEVELS or _on_target(study, levels)):
            break
        target = _next_dofs(study, dofs, elapsed, spent / threads, max(1, study.levels - number - 1))
        if target < _MIN_GROWTH * dofs:
            if extra:
                break
            warnings.append(
                f"Stopped after {number + 1} of {study.levels} levels: the next would exceed "
                f"{study.max_dofs} unknowns or {study.budget_s:g} s."
            )
            break
        priority = _priority(error, level)
        finer = refine(mesh, priority, target, study.order)
        largest = _next_dofs(study, dofs, elapsed, spent / threads, 1, _MOST_GROWTH)
        while finer is None and target < largest:  # the least step is larger than this level's share
            target = min(1.4 * target, largest)
            finer = refine(mesh, priority, target, study.order)
        if finer is None:
            if extra:
                break
            warnings.append(
                f"Stopped after {number + 1} of {study.levels} levels: no finer mesh fits {target:.0f} unknowns."
            )
            break
        mesh = finer
    kept.keep(key, part, info, systems)
    last = levels[-1]
    force, moment = nominal_resultant(study, last.mesh, part, center)
    result = _result(study, levels, warnings, np.concatenate([force, moment]), part)
    result["version"] = ngsolve.__version__
    result["kept_factor"] = known is not None
    result["energy_check"]["estimated_error_rel"] = relative_errors[-1]
    if last.excluded.all():
        result["warnings"].append("The excluded zones cover every sample; the raw maximum is given instead.")
    if study.fields_path:
        from backend.physics.fem.fields import export

        result["fields"] = export(
            study.fields_path,
            last.surface,
            von_mises_mpa=last.surface_von_mises,
            displacement_mm=last.surface_displacement,
        )
    if study.volume_path:
        from backend.physics.fem.fields import export_volume

        moved, stress = last.solution.displacement, last.stress.field
        result["volume"] = export_volume(study.volume_path, last.mesh, last.surface, moved, stress)
    timings["total"] = time.perf_counter() - clock
    timings["cpu"] = time.process_time() - cpu
    result["timings_s"] = {name: round(value, 4) for name, value in timings.items()}
    return result, levels, part


def _level(
    study: Study,
    mesh: Any,
    part: Part,
    center: FloatArray,
    check: Any,
    before: Any = None,
    system: kept.System | None = None,
) -> tuple[Level, kept.System | None]:
    """What a mesh gives, and its equations for the next load (None where they can't be kept)."""
    import ngsolve as ng

    from backend.physics.fem.assess import zones_of
    from backend.physics.fem.elasticity import solve_level
    from backend.physics.fem.probes import probe
    from backend.physics.fem.stress import Recovery, von_mises
    from backend.physics.fem.supports import check_outside
    from backend.physics.fem.surface import sample

    surface = sample(mesh) if system is None else system.surface
    if check is not None:
        check_outside(surface, study.faces_used())
        check(surface, study.supports, mesh)
    solution = solve_level(study, mesh, part.diagonal_mm, center, before, system)
    if system is None:
        vertices = np.asarray(mesh.ngmesh.Coordinates(), dtype=float)
        zones = zones_of(surface, study, part.wall_mm)
        points = np.concatenate([surface.points.reshape(-1, 3), vertices])
        stiffness, factor = solution.equations or (None, None)
        system = kept.System(
            mesh, solution.displacement.space, stiffness, factor, solution.modes,
            Recovery(mesh, study.order, study), surface, zones, points,
            zones.excluded(points), [zones.near_line(i, points) for i in range(len(zones.lines))],
        )  # fmt: skip
    zones, points, excluded = system.zones, system.points, system.excluded
    if solution.strained or study.materials:
        stress = system.recovery.of(solution.stress)
    else:
        stiffness_mpa = study.material.stiffness()
        stress = system.recovery.of_displacement(solution.displacement, stiffness_mpa, solution.stress)
    on_surface = von_mises(surface.evaluate(stress.field))
    inside = von_mises(stress.at_vertices(mesh.nv))
    moved = surface.evaluate(ng.CF(solution.displacement))
    values = np.concatenate([on_surface.reshape(-1), inside])
    open_values = np.where(excluded, -1.0, values) if not excluded.all() else values
    peak = int(open_values.argmax())
    travel = np.linalg.norm(moved, axis=2)
    far = np.unravel_index(int(travel.argmax()), travel.shape)
    near_values, near_places = [], []
    for index in range(len(zones.lines)):
        mask = system.near[index]
        best = int(np.where(mask, values, -1.0).argmax())
        near_values.append(float(values[best]) if mask.any() else 0.0)
        near_places.append(points[best])
    outside = ~excluded[: on_surface.size].reshape(on_surface.shape)
    regions = {
        name: _region(surface.on(faces), outside, on_surface, travel, surface.points)
        for name, faces in study.regions.items()
    }
    level = Level(
        mesh=mesh, solution=solution, stress=stress, surface=surface, zones=zones, points=points, von_mises=values,
        surface_von_mises=on_surface, surface_displacement=moved, excluded=excluded, raw_max=float(values.max()),
        assessed=float(open_values[peak]), assessed_at=points[peak], displacement=float(travel[far]),
        displacement_at=surface.points[far], near_lines=near_values, near_lines_at=near_places, regions=regions,
        probes=probe(study.probes_mm, mesh, surface, stress, solution.displacement),
    )  # fmt: skip
    return level, system if system.factor is not None else None


def _region(
    mask: npt.NDArray[np.bool_],
    outside: npt.NDArray[np.bool_],
    von_mises: FloatArray,
    travel: FloatArray,
    points: FloatArray,
) -> dict[str, Any]:
    inside = von_mises[mask]
    open_mask = outside[mask]
    assessed = np.where(open_mask, inside, -1.0) if open_mask.any() else inside
    peak = np.unravel_index(int(assessed.argmax()), assessed.shape)
    return {
        "von_mises_mpa": float(assessed[peak]),
        "raw_von_mises_mpa": float(inside.max()),
        "displacement_mm": float(travel[mask].max()),
        "location_mm": points[mask][peak].tolist(),
        "excluded_share": float(1 - open_mask.mean()),
    }


def _row(level: Level, spent_s: float, error_rel: float, volume: float) -> dict[str, Any]:
    return {
        "dofs": int(level.solution.dofs),
        "elements": int(level.mesh.ne),
        "h_mm": float((volume / level.mesh.ne * 6 * np.sqrt(2)) ** (1 / 3)),
        "max_von_mises_mpa": level.raw_max,
        "assessed_von_mises_mpa": level.assessed,
        "max_displacement_mm": level.displacement,
        "strain_energy_n_mm": level.solution.strain_energy_n_mm,
        "energy_error_rel": error_rel,
        "cpu_s": round(spent_s, 3),
    }


def _next_dofs(
    study: Study, dofs: int, elapsed_s: float, level_s: float, remaining: int, growth: float = _LEVEL_GROWTH
) -> float:
    """Unknowns of the next level: what the budgets allow, spread over the levels that remain; ``growth`` at most."""
    left = study.budget_s - elapsed_s
    if left <= 0:
        return 0.0
    by_time = dofs * (left / max(level_s, 1e-3)) ** (1 / _COST_EXPONENT)
    most = min(study.max_dofs, by_time, dofs_that_fit())
    return float(min(growth * dofs, dofs * (most / dofs) ** (1 / remaining) if most > dofs else most))


def _local_errors(error: FloatArray, energy: FloatArray, level: Level) -> None:
    """Notes the relative error of the stress, the recovered field against the raw one in the energy norm: where it is
    highest (over the elements that reach nine tenths of the assessed stress), at the peak of regions, and at probes.
    """
    vertices = np.asarray(level.mesh.ngmesh.Coordinates(), dtype=float)
    elements = level.mesh.ngmesh.Elements3D().NumPy()["nodes"][:, :4].astype(np.int64) - 1
    corners = vertices[elements]
    size = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)

    def relative(mask: npt.NDArray[np.bool_]) -> float:
        return float(np.sqrt(error[mask].sum() / max(energy[mask].sum(), 1e-300)))

    def near(point: FloatArray) -> npt.NDArray[np.bool_]:
        distance = np.linalg.norm(corners - point, axis=2).min(axis=1)
        mask = distance < size
        return np.asarray(mask if mask.any() else distance <= np.sort(distance)[min(7, len(distance) - 1)])

    inside = np.where(level.excluded[-len(vertices) :], 0.0, level.von_mises[-len(vertices) :])
    hot = inside[elements].max(axis=1) > 0.9 * level.assessed
    # A peak that one poor element makes is among few that come near it: those around it are looked at by themselves.
    level.local_error_rel = max(relative(near(level.assessed_at)), relative(hot) if hot.any() else 0.0)
    for found, place in ((level.regions, "location_mm"), (level.probes, "at_mm")):
        for values in found.values():
            values["local_error_rel"] = relative(near(np.array(values[place])))


def _priority(error: FloatArray, level: Level) -> FloatArray:
    """Rank of the elements for refinement, (elements,): high is first.

    By estimated error, raised where the assessed stress is high. Elements at singular lines, whose error never ends,
    get one place in four; elements at the assessed peak and at probes come before all. Elements at an edge that is held
    by itself come last: a line holds a solid the less the finer the mesh (its displacement has no limit), and spots of
    it that are refined give way, which moves the load to the others and changes stresses far away.
    """
    vertices = np.asarray(level.mesh.ngmesh.Coordinates(), dtype=float)
    elements = level.mesh.ngmesh.Elements3D().NumPy()["nodes"][:, :4].astype(np.int64) - 1
    inside = level.von_mises[-len(vertices) :]
    hot = inside[elements].max(axis=1) / max(level.assessed, 1e-300)
    singular = level.zones.singular(vertices)[elements].any(axis=1)
    wanted = error * (1.0 + 20.0 * np.minimum(hot, 1.0) ** 6)
    place = np.empty(len(error))
    held = level.zones.singular(vertices, "support along")[elements].any(axis=1)
    for group, stride in ((~singular, 1.0), (singular & ~held, 3.0), (held, 1e6)):
        count = int(group.sum())
        order = np.empty(count)
        order[np.argsort(-wanted[group])] = np.arange(count)
        place[group] = stride * (order + 0.5)
    corners = vertices[elements]
    size = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    # What is read must be resolved: the elements at the assessed peak and at the probes come before all.
    for point in (level.assessed_at, *(np.array(values["at_mm"]) for values in level.probes.values())):
        place[np.linalg.norm(corners - point, axis=2).min(axis=1) < size] = -1.0
    return -place


def _assessed(levels: list[Level]) -> Estimate:
    """The assessed stress with its error, from what the levels gave."""
    from backend.physics.fem.assess import estimate, with_local_error

    return with_local_error(estimate([level.assessed for level in levels]), levels[-1].local_error_rel)


def _on_target(study: Study, levels: list[Level]) -> bool:
    """Whether the error of the assessed stress meets the study's target; True where it sets none.

    With ``decide_at_mpa`` (the stress that the answer is held against) twice the target will do, once the whole band
    lies on one side of it: what it is for is decided then.
    """
    if study.error_target_rel is None:
        return True
    found = _assessed(levels)
    decided = study.decide_at_mpa is not None and abs(found.value - study.decide_at_mpa) > found.error
    return found.error <= study.error_target_rel * abs(found.value) * (2 if decided else 1)


def _result(study: Study, levels: list[Level], warnings: list[str], nominal: FloatArray, part: Part) -> dict[str, Any]:
    from backend.physics.fem.assess import balance, estimate, growth_in_zones, with_local_error, with_rounding
    from backend.physics.fem.probes import with_errors

    last = levels[-1]
    solution = last.solution
    work = solution.external_work_n_mm + solution.support_work_n_mm
    energy = solution.strain_energy_n_mm
    open_rel = abs(energy - work) / max(abs(energy), abs(work), 1e-300)
    rounding = 0.0 if solution.strained else open_rel  # heat and preload do work that isn't in the balance
    stress = with_rounding(_assessed(levels), rounding)
    # No displacement is claimed to better than half a per cent either (`./brick bench bands`).
    travel = with_rounding(estimate([level.displacement for level in levels], 0.005), rounding)
    singularities = growth_in_zones(
        last.zones, [level.by_line() for level in levels], last.near_lines_at, last.assessed
    )
    regions: dict[str, dict[str, Any]] = {}
    for name, values in last.regions.items():
        history = estimate([level.regions[name]["von_mises_mpa"] for level in levels])
        settled = with_rounding(with_local_error(history, values["local_error_rel"]), rounding)
        regions[name] = {**values, "von_mises_error_mpa": settled.error, "converged": settled.converged}
    reactions = balance(solution.applied, solution.reaction, nominal, part.diagonal_mm, solution.wrench_scale)
    if rounding > _OPEN_REL:
        warnings.append(
            f"Strain energy and work differ by {100 * rounding:.2g} %: the part is so thin ({part.wall_mm:.3g} mm of "
            f"{part.diagonal_mm:.4g} mm) that rounding shows, and the errors are widened by it. Analyse a smaller "
            "piece, or use plate and membrane formulas (structures domain of the kernel)."
        )
    # The sequence over meshes alone: it may have settled while the local error still makes the band wide.
    sequence = estimate([level.assessed for level in levels])
    if not stress.converged:
        what = "has a wide band" if sequence.converged else "hasn't settled"
        warnings.append(
            f"The assessed stress {stress.value:.4g} MPa {what} (estimated error {stress.error:.3g} MPa): "
            "allow more levels or unknowns."
        )
    for item in singularities:
        warnings.append(
            f"The stress at the {item['reason']} has no finite value in linear elasticity "
            f"({item['values_mpa'][-1]:.4g} MPa{_grown(item)}); "
            f"it isn't assessed. {_what_to_do(item['reason'])}"
        )
    for face, share in solution.touching.items():
        if share == 0:
            warnings.append(f"The compression-only face {face} doesn't touch at all.")
    return {
        "solver": "ngsolve",
        "levels": [level.row for level in levels],
        "von_mises_mpa": {
            "value": stress.value,
            "error": stress.error,
            "location_mm": last.assessed_at.tolist(),
            "converged": stress.converged,
            "settled": sequence.converged and not last.excluded.all(),
            "excluded": last.zones.words(),
        },
        "displacement_mm": {
            "value": travel.value,
            "error": travel.error,
            "location_mm": last.displacement_at.tolist(),
            "converged": travel.converged,
        },
        "regions": regions,
        "probes": with_errors([level.probes for level in levels]),
        "raw_max_von_mises_mpa": last.raw_max,
        "singular": bool(singularities),
        "singularities": singularities,
        "reactions": reactions,
        "energy_check": {
            "strain_energy_n_mm": energy,
            "external_work_n_mm": work,
            "difference_rel": open_rel,
        },
        "contact": {
            "steps": solution.contact_steps,
            "touching_share": {str(face): share for face, share in solution.touching.items()},
        },
        "mass_g": mass_of(study, part.solid_volumes_mm3) * 1e3,
        "bolts_n": {str(solid): force for solid, force in solution.bolts_n.items()},
        "volume_mm3": part.volume_mm3,
        "diagonal_mm": part.diagonal_mm,
        "fields": None,
        "volume": None,
        "warnings": warnings,
    }


def _grown(item: dict[str, Any]) -> str:
    """What refinement did to a singular stress; nothing of a first mesh."""
    return f" and {100 * item['growth']:+.0f} % on the last refinement" if len(item["values_mpa"]) > 1 else ""


def _what_to_do(reason: str) -> str:
    from backend.physics.fem.assess import BOND

    if not reason.startswith(BOND):
        return "Round the edge, or model how it is really held."
    return (
        "Compare designs by the stress at one distance from the edge, or judge the bond by tests of such joints; taper "
        "the stiffer body towards the edge, or leave a fillet of the softer."
    )


def main(arguments: list[str] | None = None) -> int:
    """``python -m backend.physics.fem.static STUDY.json RESULT.json``; status 2 where refused."""
    from backend.physics.errors import PhysicsError

    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 2:
        sys.stderr.write("usage: python -m backend.physics.fem.static STUDY.json RESULT.json\n")
        return 2
    try:
        result = solve(json.loads(Path(given[0]).read_text(encoding="utf-8")))
    except PhysicsError as error:
        sys.stderr.write(f"{error.message} {error.next_action}\n")
        Path(given[1]).write_text(json.dumps({"error": error.as_dict()}), encoding="utf-8")
        return 2
    Path(given[1]).write_text(json.dumps(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
