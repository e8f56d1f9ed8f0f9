"""Transient heat conduction in a compiled B-rep. ``solve(study) -> result``.

study: as in :mod:`.thermal` (``brep``, ``temperatures``, ``convection``, ``radiation``, ``heat``, ``flux``,
``source_w``, ``regions``, ``probes``, ``levels`` (2), ``order``, ``max_dofs``, ``solids``, ``contact``,
``mesh_size_mm``, ``fields_path``), with ``material`` {thermal_conductivity_w_m_k, density_kg_m3,
specific_heat_j_kg_k} (conductivity and specific heat each a number, or rows [degC, number]) or ``materials`` by solid,
and

- ``duration_s``; ``initial_c``: a temperature, or the conditions of a steady study whose solution is the start;
  ``initial_solids_c`` {solid: degC}: solids that start at another (a node of several takes the mean of the heat around
  it, so that no heat is made or lost and nothing is hotter than the hottest body);
- ``steps``: equal time steps; null chooses them, each with a local error below ``time_tolerance_c`` (null: 1e-4 of the
  span of the temperatures given);
- ``output_times_s``: times that are met exactly and listed for probes;
- on any boundary, in place of its constant value (temperature_c, ambient_c, power_w, flux_w_m2): ``history``
  [[time_s, value], …], linear between and constant beyond, or ``sine`` {amplitude, period_s, mean (0), phase_deg (0)};
  for the volume ``source_history`` and ``source_sine``.

result: ``temperature_c`` {max, min, time_max_s, location_mm, error, mesh_error, time_error} over all times, ``final_c``
{max, min}, ``regions`` {name: {mean_c, min_c, max_c} at the end, peak_c, peak_time_s}, ``probes`` {name:
{temperature_c at the end, peak_c, peak_time_s, at [[time_s, c]], levels_c, error_c}}, ``history`` {time_s, max_c,
min_c, probes, regions}, ``balance`` {stored_j, flows_j, imbalance_rel}, ``time`` {steps, refused, shortest_s,
longest_s, error_c}, per-level history.

Steps: TR-BDF2 (:mod:`.timestep`); they are chosen on the first mesh and kept on the finer ones. The error of the time
steps is measured: on the first mesh the march is repeated with every step cut in two, and twice the largest change of
all times is taken: what is left at first order, one and a half times what is left at the method's own second order. The
error of the mesh at a probe is the largest that the meshes tell over the last quarter of the time, since courses on two
meshes cross. The band is the sum of both.
"""

from __future__ import annotations

import bisect
import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import reading, thermal
from backend.physics.fem.errors import StudyError, UnknownSolidError
from backend.physics.fem.heat_system import HeatSystem, Timed
from backend.physics.fem.timestep import Grid, Step, march_adaptive, march_on

FloatArray = npt.NDArray[np.float64]

_VALUES = {
    "temperatures": "temperature_c", "convection": "ambient_c", "radiation": "ambient_c", "heat": "power_w",
    "flux": "flux_w_m2",
}  # fmt: skip
_SPAN_SHARE = 1e-4
_SNAPSHOTS = 6  # times at which the mesh's error is looked at


@dataclass(frozen=True)
class Course:
    """A value in time: a table, linear between its points, or a sine."""

    table: tuple[tuple[float, float], ...] = ()
    mean: float = 0.0
    amplitude: float = 0.0
    period_s: float = 1.0
    phase_deg: float = 0.0

    def __call__(self, time_s: float) -> float:
        if not self.table:
            turn = 2 * math.pi * time_s / self.period_s + math.radians(self.phase_deg)
            return self.mean + self.amplitude * math.sin(turn)
        index = bisect.bisect_right([t for t, _ in self.table], time_s)
        if index == 0 or index == len(self.table):
            return self.table[min(index, len(self.table) - 1)][1]
        (t0, v0), (t1, v1) = self.table[index - 1], self.table[index]
        return v0 + (v1 - v0) * (time_s - t0) / (t1 - t0)

    @property
    def range(self) -> tuple[float, float]:
        """Least and largest value."""
        if self.table:
            return min(v for _, v in self.table), max(v for _, v in self.table)
        return self.mean - abs(self.amplitude), self.mean + abs(self.amplitude)


@dataclass(frozen=True)
class TransientStudy:
    """A validated study."""

    base: thermal.ThermalStudy
    timed: tuple[Timed, ...]
    courses: tuple[Course, ...]
    duration_s: float
    initial_c: float
    initial_solids_c: Mapping[int, float]
    initial_study: thermal.ThermalStudy | None
    steps: int | None
    tolerance_c: float
    output_times_s: tuple[float, ...]


def _course(item: Mapping[str, Any], key: str, where: str, duration_s: float) -> Course:
    prefix = "source_" if key == "source_w" else ""
    table, sine = item.get(f"{prefix}history"), item.get(f"{prefix}sine")
    given = [name for name, value in ((key, item.get(key)), ("history", table), ("sine", sine)) if value is not None]
    if len(given) > 1:
        raise StudyError(f"{where} gives {' and '.join(given)}.", "Give one of them.")
    if table is not None:
        rows = []
        for index, row in enumerate(reading.sequence(table, f"{where}.history")):
            if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 2:
                raise StudyError(f"{where}.history[{index}] is {row!r}; expected [time_s, value].", "Correct it.")
            rows.append(tuple(reading.number(v, f"{where}.history[{index}]") for v in row))
        if not rows or any(a[0] >= b[0] for a, b in itertools.pairwise(rows)):
            raise StudyError(f"{where}.history needs rows whose times ascend.", "Sort it and drop repeated times.")
        return Course(tuple((row[0], row[1]) for row in rows))
    if sine is not None:
        sine = reading.mapping(sine, f"{where}.sine")
        reading.known_fields(sine, {"mean", "amplitude", "period_s", "phase_deg"}, f"{where}.sine")
        values = {
            name: reading.number(sine.get(name, 0.0), f"{where}.sine.{name}")
            for name in ("mean", "amplitude", "phase_deg")
        }
        period = reading.positive(sine.get("period_s"), f"{where}.sine.period_s", "s")
        if duration_s > 1000 * period:
            raise StudyError(
                f"{where}.sine has {duration_s / period:.0f} periods within duration_s; at most 1000 are followed.",
                "Shorten duration_s, or give the mean value where the swing is fast.",
            )
        return Course((), values["mean"], values["amplitude"], period, values["phase_deg"])
    return Course(((0.0, reading.number(item.get(key), f"{where}.{key}")),))


def read_transient_study(data: Any) -> TransientStudy:
    """A validated study; raises :class:`StudyError` naming the place."""
    plain = dict(reading.mapping(data, "study"))
    duration = reading.positive(plain.pop("duration_s", None), "duration_s", "s")
    own = {
        key: plain.pop(key, None)
        for key in (
            "initial_c", "initial_solids_c", "steps", "time_tolerance_c",
            "output_times_s", "source_history", "source_sine", "source_w",
        )
    }  # fmt: skip
    kinds = {"temperatures": "temperature"}
    timed: list[Timed] = []
    courses: list[Course] = []
    for group, key in _VALUES.items():
        steady_items = []
        for index, item in enumerate(reading.sequence(plain.get(group), group)):
            where = f"{group}[{index}]"
            item = reading.mapping(item, where)
            constants = {"convection": "coefficient_w_m2_k", "radiation": "emissivity"}
            known = {"faces", "history", "sine", "name", key, constants.get(group, key)}
            reading.known_fields(item, known, where)
            course = _course(item, key, where, duration)
            if key.endswith("_c") and course.range[0] < -thermal.ZERO_C_K:
                raise StudyError(f"{where} falls below absolute zero.", "Give degrees Celsius.")
            kind = kinds.get(group, group)
            faces = reading.face_list(item.get("faces"), f"{where}.faces")
            constant = 0.0
            if group in constants:
                constant = reading.positive(item.get(constants[group]), f"{where}.{constants[group]}", "its unit")
            timed.append(Timed(kind, faces, course, constant))
            courses.append(course)
            steady_items.append({k: v for k, v in item.items() if k not in ("history", "sine")} | {key: course(0.0)})
        plain[group] = steady_items
    base = thermal.read_thermal_study(plain, steady=False)
    if any(value is not None for value in (own["source_w"], own["source_history"], own["source_sine"])):
        course = _course({k: v for k, v in own.items() if v is not None}, "source_w", "study", duration)
        timed.append(Timed("source", (), course))
        courses.append(course)
    for solids, power in base.sources_w:
        courses.append(Course(((0.0, power),)))
        timed.append(Timed("source", (), courses[-1], 0.0, solids))
    initial, initial_study = own["initial_c"], None
    if isinstance(initial, Mapping):
        shared: dict[str, Any] = {
            key: plain[key] for key in ("brep", "material", "materials", "solids", "contact", "order") if key in plain
        }
        initial_study = thermal.read_thermal_study({**shared, **initial})
        start = float(np.mean([b.temperature_c for b in initial_study.boundaries]))
    else:
        start = reading.number(initial, "initial_c", "the temperature at the start in degC, or a steady study")
        if start < -thermal.ZERO_C_K:
            raise StudyError("initial_c is below absolute zero.", "Give degrees Celsius.")
    steps, tolerance = own["steps"], own["time_tolerance_c"]
    if steps is not None and tolerance is not None:
        raise StudyError("steps and time_tolerance_c are both given.", "Give the number of steps or the tolerance.")
    times = []
    for index, value in enumerate(reading.sequence(own["output_times_s"], "output_times_s")):
        moment = reading.positive(value, f"output_times_s[{index}]", "s")
        if moment > duration:
            raise StudyError(f"output_times_s[{index}] is after duration_s.", "Correct one of them.")
        times.append(moment)
    return TransientStudy(
        base=base,
        timed=tuple(timed),
        courses=tuple(courses),
        duration_s=duration,
        initial_c=start,
        initial_solids_c=_starts(own["initial_solids_c"], initial_study is None),
        initial_study=initial_study,
        steps=None if steps is None else reading.integer(steps, "steps", 1, 20_000),
        tolerance_c=0.0 if tolerance is None else reading.positive(tolerance, "time_tolerance_c", "K"),
        output_times_s=tuple(sorted(set(times))),
    )


def _starts(data: Any, even: bool) -> dict[int, float]:
    found: dict[int, float] = {}
    for key, value in reading.mapping(data or {}, "initial_solids_c").items():
        where = f"initial_solids_c.{key}"
        if not str(key).isdigit():
            raise StudyError(f"{where} is no solid's number.", "Number the solids from 0.")
        found[int(key)] = reading.number(value, where, "a temperature in degC")
        if found[int(key)] < -thermal.ZERO_C_K:
            raise StudyError(f"{where} is below absolute zero.", "Give degrees Celsius.")
    if found and not even:
        raise StudyError("initial_solids_c and a steady study as start are both given.", "Give one of them.")
    return found


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    checked = read_transient_study(study)
    from backend.physics.fem.threads import parallel

    with parallel():
        return _solve(checked)


@dataclass
class _Run:
    """What a march gave. Arrays are over time; snapshots are states."""

    times_s: list[float]
    high_c: list[float]
    low_c: list[float]
    probes: dict[str, list[float]]
    regions: dict[str, list[dict[str, float]]]
    snapshots: dict[float, FloatArray]
    hottest_mm: list[float]
    envelope: FloatArray
    last: FloatArray
    heat_j: dict[str, float]
    stored_j: float
    unexplained_j: float
    grid: Grid


def _solve(study: TransientStudy) -> dict[str, Any]:
    import ngsolve as ng

    from backend.physics.fem.mesh import Focus, check_faces, load_part, make_mesh, refine, start_size_mm

    started, cpu = time.perf_counter(), time.process_time()
    base = study.base
    part = load_part(base.brep, solids=base.solids, contact=base.contact)
    used = {f"{item.kind}[{i}].faces": item.faces for i, item in enumerate(study.timed) if item.faces}
    if study.initial_study:
        used |= {f"initial_c.{b.kind}[{i}].faces": b.faces for i, b in enumerate(study.initial_study.boundaries)}
    check_faces(part, used | {f"regions.{name}": faces for name, faces in base.regions.items()})
    dofs_as_vector = 3 * base.max_dofs
    size = base.mesh_size_mm or start_size_mm(part, base.order, dofs_as_vector, base.levels)
    spots = [Focus(point, 0.0, 0.7 * size) for point in base.probes_mm.values()]
    mesh, info = make_mesh(part, size, base.order, dofs_as_vector, spots)
    warnings = [*part.warnings, *info.warnings]
    tolerance = study.tolerance_c or _SPAN_SHARE * _span(study, part.solid_volumes_mm3)
    rows: list[dict[str, Any]] = []
    runs: list[_Run] = []
    time_error = {"max": 0.0}
    for level in range(base.levels):
        begun = time.process_time()
        system = HeatSystem(mesh, base.order, base.materials, study.timed)
        march = _Recorder(study, mesh, system)
        run = march.run(runs[0].grid if runs else None, tolerance)
        if not runs:
            finer_run = _Recorder(study, mesh, system).run(run.grid.halved(), tolerance)
            time_error = _time_errors(run, finer_run)
        runs.append(run)
        rows.append(
            {
                "dofs": int(system.space.ndof), "elements": int(mesh.ne), "max_c": max(run.high_c),
                "min_c": min(run.low_c), "probes_c": {name: values[-1] for name, values in run.probes.items()},
                "cpu_s": round(time.process_time() - begun, 3),
            }
        )  # fmt: skip
        if level + 1 == base.levels:
            break
        target = min(2.5 * 3 * system.space.ndof, float(dofs_as_vector))
        indicator = np.zeros(mesh.ne)
        for state in [*run.snapshots.values(), run.last]:
            indicator += thermal.flux_error(mesh, system_field(system, state), base)
        finer = refine(mesh, indicator, target, base.order)
        if finer is None:
            warnings.append(f"Stopped after {level + 1} of {base.levels} meshes: no finer one fits max_dofs.")
            break
        mesh = finer
    base.materials.check_range(mesh, *march.range_c)
    result = _result(study, runs, rows, time_error, warnings)
    result["version"] = ng.__version__
    if base.fields_path:
        result["fields"] = march.export(base.fields_path, runs[-1])
    result["timings_s"] = {"total": round(time.perf_counter() - started, 4), "cpu": round(time.process_time() - cpu, 4)}
    return result


def system_field(system: HeatSystem, state: FloatArray) -> Any:
    """The state as a grid function."""
    import ngsolve as ng

    field = ng.GridFunction(system.space)
    field.vec.FV().NumPy()[:] = state
    return field


def _span(study: TransientStudy, volumes_mm3: Mapping[int, float]) -> float:
    """Spread of the temperatures given, or what the heat could warm the body by, K."""
    known, warming_j = [study.initial_c, *study.initial_solids_c.values()], 0.0
    if study.initial_study:
        known += [b.temperature_c for b in study.initial_study.boundaries if b.kind not in ("heat", "flux")]
    for item, course in zip(study.timed, study.courses, strict=True):
        if item.kind in ("temperature", "convection", "radiation"):
            known += course.range
        elif item.kind in ("heat", "source"):
            warming_j += max(abs(v) for v in course.range) * study.duration_s
    warming_k = min(warming_j / study.base.materials.capacity_j_k(volumes_mm3), 100.0)
    return max(max(known) - min(known), warming_k, 1.0)


class _Recorder:
    """Marches one mesh through time and writes down what is asked for."""

    def __init__(self, study: TransientStudy, mesh: Any, system: HeatSystem) -> None:
        from backend.physics.fem.surface import sample

        self.study, self.mesh, self.system = study, mesh, system
        self.surface = sample(mesh)
        self.field = system_field(system, np.zeros(system.space.ndof))
        self.range_c = (np.full(system.nodes, np.inf), np.full(system.nodes, -np.inf))  # of each vertex over time

    def run(self, grid: Grid | None, tolerance: float) -> _Run:
        """The march over a given grid of steps, or over one that is chosen here."""
        study, system = self.study, self.system
        state = self._start()
        stored = float(system.mass(state)[: system.nodes].sum())
        run = _Run([], [], [], {n: [] for n in study.base.probes_mm}, {n: [] for n in study.base.regions}, {}, [],
                   np.zeros(0), state, {}, stored, 0.0, Grid())  # fmt: skip
        self._note(run, 0.0, state)
        flows = [system.inflow_w(state, 0.0)]
        outputs = set(study.output_times_s)
        marks = [study.duration_s * (i + 1) / _SNAPSHOTS for i in range(_SNAPSHOTS)]

        def visit(step: Step) -> None:
            inflow = system.inflow_w(step.state, step.end_s)
            for kind, watt in inflow.items():
                joule = step.length_s * (watt + flows[0].get(kind, 0.0)) / 2
                run.heat_j[kind] = run.heat_j.get(kind, 0.0) + joule
            flows[0] = inflow
            rows = system.mass(step.state) - system.mass(run.last) - step.length_s * step.mean_rate()
            held = rows[: system.nodes][~system.free[: system.nodes]].sum()
            if not system.free.all():
                run.heat_j["held temperatures"] = run.heat_j.get("held temperatures", 0.0) + float(held)
            run.unexplained_j += float(np.abs(rows[: system.nodes][system.free[: system.nodes]]).sum())
            run.last = step.state
            self._note(run, step.end_s, step.state)
            near = min(outputs, key=lambda t: abs(t - step.end_s), default=math.inf)
            exact = abs(near - step.end_s) <= 1e-9 * study.duration_s
            if exact or step.start_s < next((m for m in marks if m > step.start_s), math.inf) <= step.end_s:
                run.snapshots[near if exact else step.end_s] = step.state

        if grid is None and study.steps:
            grid = Grid(_uniform(study))
        if grid is None:
            run.grid = march_adaptive(system, state, _stops(study), tolerance, system.nodes, visit)
        else:
            run.grid = grid
            march_on(system, state, grid, system.nodes, visit)
        run.stored_j = float(system.mass(run.last)[: system.nodes].sum()) - stored
        return run

    def _start(self) -> FloatArray:
        study, system = self.study, self.system
        state = np.zeros(system.space.ndof)
        if study.initial_study:
            from dataclasses import replace

            import ngsolve as ng

            steady = replace(study.initial_study, order=study.base.order)
            volume = float(ng.Integrate(ng.CF(1.0), self.mesh))
            state[:] = thermal.temperature(steady, self.mesh, volume)[0].vec.FV().NumPy()
        else:
            state[: system.nodes] = _start_at_vertices(study, self.mesh)
        return system.hold(state, 0.0)

    def _note(self, run: _Run, time_s: float, state: FloatArray) -> None:
        base = self.study.base
        self.field.vec.FV().NumPy()[:] = state
        on_surface = self.surface.evaluate(self.field)
        inside = state[: self.system.nodes]
        self.range_c = (np.minimum(self.range_c[0], inside), np.maximum(self.range_c[1], inside))
        high = float(max(on_surface.max(), inside.max()))
        if not run.high_c or high > max(run.high_c):
            if on_surface.max() >= inside.max():
                spot = self.surface.points[np.unravel_index(int(on_surface.argmax()), on_surface.shape)]
            else:
                spot = np.asarray(self.mesh.ngmesh.Coordinates())[int(inside.argmax())]
            run.hottest_mm = [float(c) for c in spot]
        run.times_s.append(time_s)
        run.high_c.append(high)
        run.low_c.append(float(min(on_surface.min(), inside.min())))
        run.envelope = np.maximum(run.envelope, on_surface) if len(run.envelope) else on_surface
        for name, point in base.probes_mm.items():
            run.probes[name].append(thermal.value_at(self.mesh, self.surface, self.field, on_surface, point))
        for name, faces in base.regions.items():
            run.regions[name].append(thermal.region_values(self.surface, on_surface, faces))

    def export(self, path: str, run: _Run) -> str:
        """Fields at the end and at the output times, and the highest temperature of all times."""
        from backend.physics.fem.fields import export

        fields = {"temperature_max_c": run.envelope}
        for index, moment in enumerate(self.study.output_times_s):
            self.field.vec.FV().NumPy()[:] = run.snapshots[moment]
            fields[f"temperature_c_{index + 1}"] = self.surface.evaluate(self.field)
        self.field.vec.FV().NumPy()[:] = run.last
        return export(path, self.surface, temperature_c=self.surface.evaluate(self.field), **fields)


def _start_at_vertices(study: TransientStudy, mesh: Any) -> FloatArray:
    """Temperatures of the mesh's vertices at the start, degC."""
    from backend.physics.fem.material import solid_of

    names = [solid_of(name) for name in mesh.GetMaterials()]
    stray = sorted(set(study.initial_solids_c) - set(names))
    if stray:
        raise UnknownSolidError(f"initial_solids_c names {stray}, which aren't analysed.", "Correct it.")
    if not study.initial_solids_c:
        return np.full(mesh.nv, study.initial_c)
    import ngsolve as ng

    elements = mesh.ngmesh.Elements3D().NumPy()
    sizes = np.asarray(ng.Integrate(ng.CF(1.0), mesh, element_wise=True).NumPy())
    starts = np.array([study.initial_solids_c.get(solid, study.initial_c) for solid in names])
    capacities = [study.base.materials.of(solid).capacity for solid in names]
    each = np.array([c.at(t) for c, t in zip(capacities, starts, strict=True) if c is not None])
    kind = elements["index"].astype(np.int64) - 1
    corners = elements["nodes"][:, :4].astype(np.int64) - 1
    weight, total = np.zeros(mesh.nv), np.zeros(mesh.nv)
    np.add.at(weight, corners, (sizes * each[kind])[:, None])
    np.add.at(total, corners, (sizes * (each * starts)[kind])[:, None])
    return np.asarray(total / weight)


def _stops(study: TransientStudy) -> list[float]:
    """Times that a step must end at: outputs, corners of the tables, the end."""
    corners = {t for course in study.courses for t, _ in course.table if 0 < t < study.duration_s}
    return sorted({*study.output_times_s, *corners, study.duration_s})


def _uniform(study: TransientStudy) -> list[float]:
    """Equal steps, with the times that must be met put between."""
    count = study.steps or 1
    ends = [study.duration_s * (i + 1) / count for i in range(count)]
    ends += [t for t in _stops(study) if min(abs(t - e) for e in ends) > 1e-9 * study.duration_s]
    return sorted(ends)


def _time_errors(run: _Run, finer: _Run) -> dict[str, float]:
    """Errors of the marched values at the common times: twice what halving all steps changes (a first-order bound)."""

    def worst(ours: Sequence[float], theirs: Sequence[float]) -> float:
        return 2 * float(np.abs(np.array(ours) - np.array(theirs)[::2]).max())

    errors = {"max": worst(run.high_c, finer.high_c)}
    errors |= {f"probe {name}": worst(values, finer.probes[name]) for name, values in run.probes.items()}
    for name, values in run.regions.items():
        errors[f"region {name}"] = worst([v["max_c"] for v in values], [v["max_c"] for v in finer.regions[name]])
    return errors


def _result(
    study: TransientStudy, runs: list[_Run], rows: list[dict[str, Any]], time_error: dict[str, float],
    warnings: list[str],
) -> dict[str, Any]:  # fmt: skip
    from backend.physics.fem.assess import estimate

    last = runs[-1]
    times = last.times_s
    low = min(last.low_c)

    def mesh_error(pick: Callable[[_Run], float]) -> float:
        return estimate([pick(run) - low for run in runs], floor_rel=1e-5).error

    def peak(values: Sequence[float]) -> dict[str, float]:
        index = int(np.argmax(values))
        return {"peak_c": float(values[index]), "peak_time_s": times[index]}

    top = int(np.argmax(last.high_c))
    peak_error = mesh_error(lambda run: max(run.high_c))
    probes = {}
    for name, values in last.probes.items():
        late = [index for index, moment in enumerate(times) if moment >= 0.75 * times[-1]]
        error = max(mesh_error(lambda run, at=at, name=name: run.probes[name][at]) for at in late)  # type: ignore[misc]
        probes[name] = {
            "temperature_c": values[-1],
            **peak(values),
            "at": [[t, values[_index(times, t)]] for t in study.output_times_s],
            "levels_c": [run.probes[name][-1] for run in runs],
            "error_c": error + time_error[f"probe {name}"],
        }
    regions = {}
    for name, course in last.regions.items():
        highest = [v["max_c"] for v in course]
        error = mesh_error(lambda run, name=name: max(v["max_c"] for v in run.regions[name]))  # type: ignore[misc]
        regions[name] = {**course[-1], **peak(highest), "error_c": error + time_error[f"region {name}"]}
    lengths = np.diff(times)
    span = max(max(last.high_c) - low, 1e-12)
    warnings += _overshoot(study, last)
    error = peak_error + time_error["max"]
    turnover = sum(abs(v) for v in last.heat_j.values())
    return {
        "solver": "ngsolve",
        "temperature_c": {
            "max": last.high_c[top], "min": low, "time_max_s": times[top], "location_mm": last.hottest_mm,
            "error": error, "mesh_error": peak_error, "time_error": time_error["max"],
            "converged": error < 0.02 * span,
        },
        "final_c": {"max": last.high_c[-1], "min": last.low_c[-1]},
        "regions": regions,
        "probes": probes,
        "history": {
            "time_s": times, "max_c": last.high_c, "min_c": last.low_c, "probes": last.probes,
            "regions": {n: {k: [v[k] for v in c] for k in ("mean_c", "max_c")} for n, c in last.regions.items()},
        },
        "balance": {
            "stored_j": last.stored_j,
            "flows_j": last.heat_j,
            "imbalance_rel": abs(last.stored_j - sum(last.heat_j.values())) / max(turnover, abs(last.stored_j), 1e-300),
            "residual_j": last.unexplained_j,
        },
        "time": {
            "steps": len(last.grid.ends_s), "refused": last.grid.refused, "shortest_s": float(lengths.min()),
            "longest_s": float(lengths.max()), "error_c": max(time_error.values()),
        },
        "levels": rows,
        "warnings": warnings,
        "fields": None,
    }  # fmt: skip


def _index(times: Sequence[float], moment: float) -> int:
    return int(np.argmin(np.abs(np.array(times) - moment)))


def _overshoot(study: TransientStudy, run: _Run) -> list[str]:
    """A sudden change is sharper than the first mesh layer at first: values beyond what heat can do are said."""
    bounded = all(item.kind in ("temperature", "convection", "radiation") for item in study.timed)
    if not bounded or study.initial_study:
        return []
    limits = [study.initial_c, *study.initial_solids_c.values(), *(v for course in study.courses for v in course.range)]
    beyond = max(max(run.high_c) - max(limits), min(limits) - min(run.low_c))
    if beyond <= 0.02 * max(max(limits) - min(limits), 1e-12):
        return []
    return [
        f"Just after a sudden change the temperature passes the given ones by {beyond:.3g} K: the mesh is coarser than "
        "the heat's first reach. Give a smaller mesh: {size: …} if those moments matter."
    ]
