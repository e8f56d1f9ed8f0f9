"""Steady heat conduction in a compiled B-rep. ``solve(study) -> result``.

study: ``brep``; ``material`` {name, thermal_conductivity_w_m_k: a number, or rows [degC, number]} or ``materials``
{solid index: material} where bodies differ (a solid that ``materials`` doesn't name is of ``material``);
``temperatures`` [{faces, temperature_c}]; ``convection`` [{faces, coefficient_w_m2_k, ambient_c}]; ``radiation``
[{faces, emissivity, ambient_c}]; ``heat`` [{faces, power_w}] spread evenly; ``flux`` [{faces, flux_w_m2}], positive
into the body; ``source_w`` generated evenly in the volume, ``sources`` [{solids, power_w}] in some; ``regions``,
``probes``, ``levels`` (2), ``order`` (2), ``max_dofs`` (60 000), ``solids``, ``contact``, ``mesh_size_mm``,
``fields_path`` as in :mod:`.static`.

result: ``temperature_c`` {min, max, error, location_mm}, ``regions`` {name: {mean_c, min_c, max_c, error_c of the
highest}}, ``probes``, ``balance`` (heat that comes in, against heat that leaves), per-level history.

-div(k(T) grad T) = q with k dT/dn = flux + h (T_amb - T) + eps sigma (T_amb^4 - T^4); radiation (in kelvin) and a
conductivity that follows the temperature by Newton's method. Units inside: W, mm, K.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import reading
from backend.physics.fem.errors import ContradictionError, SolveError, StudyError, UnknownSolidError
from backend.physics.fem.study import read_brep_path, read_solids
from backend.physics.fem.thermal_material import ThermalMaterial, ThermalMaterials, read_thermal_materials

FloatArray = npt.NDArray[np.float64]

STEFAN_BOLTZMANN_W_MM2_K4 = 5.670374419e-14  # CODATA 2018, 5.670374419e-8 W/(m2 K4)
ZERO_C_K = 273.15
_NEWTON_STEPS = 30


@dataclass(frozen=True)
class Boundary:
    """What happens on faces. Fields that don't belong to the kind are zero."""

    kind: str  # temperature, convection, radiation, heat, flux
    faces: tuple[int, ...]
    temperature_c: float = 0.0
    coefficient_w_m2_k: float = 0.0
    emissivity: float = 0.0
    power_w: float = 0.0
    flux_w_m2: float = 0.0


@dataclass(frozen=True)
class ThermalStudy:
    """A validated study of steady conduction."""

    brep: str
    materials: ThermalMaterials
    boundaries: tuple[Boundary, ...]
    source_w: float
    regions: Mapping[str, tuple[int, ...]]
    probes_mm: Mapping[str, reading.Vector]
    levels: int
    order: int
    max_dofs: int
    solids: tuple[int, ...] | None
    contact: str | None
    mesh_size_mm: float | None
    fields_path: str | None
    sources_w: tuple[tuple[tuple[int, ...], float], ...] = ()  # solids, and what they generate together


_FIELDS: dict[str, dict[str, str]] = {
    "temperatures": {"kind": "temperature", "temperature_c": "temperature_c"},
    "convection": {"kind": "convection", "coefficient_w_m2_k": "coefficient_w_m2_k", "ambient_c": "temperature_c"},
    "radiation": {"kind": "radiation", "emissivity": "emissivity", "ambient_c": "temperature_c"},
    "heat": {"kind": "heat", "power_w": "power_w"},
    "flux": {"kind": "flux", "flux_w_m2": "flux_w_m2"},
}


def _sources(data: Any) -> Iterator[tuple[tuple[int, ...], float]]:
    """Solids and the power that they generate together, from [{solids, power_w}]."""
    for index, item in enumerate(reading.sequence(data, "sources")):
        where = f"sources[{index}]"
        item = reading.mapping(item, where)
        reading.known_fields(item, {"solids", "power_w"}, where)
        solids = read_solids(item.get("solids"))
        if not solids:
            raise StudyError(f"{where} names no solids.", "Give solids, or source_w for the whole part.")
        yield solids, reading.number(item.get("power_w"), f"{where}.power_w")


def check_held_faces(held: Sequence[tuple[Sequence[int], Any]]) -> None:
    """Raises :class:`ContradictionError` where one face is held at two temperatures (values or histories)."""
    seen: dict[int, Any] = {}
    for faces, value in held:
        for face in faces:
            if seen.setdefault(face, value) != value:
                texts = [f"{v:g} °C" if isinstance(v, int | float) else "a history" for v in (seen[face], value)]
                raise ContradictionError(
                    f"Face {face} is held at {texts[0]} and at {texts[1]}.",
                    "Give each face one temperature; look which faces the selectors found.",
                )


def read_thermal_study(data: Mapping[str, Any], *, steady: bool = True) -> ThermalStudy:
    """A validated study; raises :class:`StudyError` naming the place. Only a steady state needs a way out for heat."""
    known = {
        "brep",
        "material",
        "source_w",
        "sources",
        "regions",
        "probes",
        "levels",
        "order",
        "max_dofs",
        "solids",
        "contact",
    }
    reading.known_fields(data, known | set(_FIELDS) | {"mesh_size_mm", "fields_path", "name", "materials"}, "study")
    materials = read_thermal_materials(data.get("material"), data.get("materials"), capacity=not steady)
    boundaries = []
    for group, names in _FIELDS.items():
        for index, item in enumerate(reading.sequence(data.get(group), group)):
            where = f"{group}[{index}]"
            item = reading.mapping(item, where)
            values = {}
            for given, ours in names.items():
                if given == "kind":
                    continue
                values[ours] = reading.number(item.get(given), f"{where}.{given}")
                if given.endswith("_c") and values[ours] < -ZERO_C_K:
                    raise StudyError(f"{where}.{given} is below absolute zero.", "Give degrees Celsius.")
                if given in ("coefficient_w_m2_k", "emissivity") and values[ours] <= 0:
                    raise StudyError(f"{where}.{given} is {values[ours]:g}; it must be above zero.", "Correct it.")
                if given == "emissivity" and values[ours] > 1:
                    raise StudyError(f"{where}.emissivity is {values[ours]:g}; it can't pass 1.", "Correct it.")
            boundaries.append(Boundary(names["kind"], reading.face_list(item.get("faces"), f"{where}.faces"), **values))
    check_held_faces([(b.faces, b.temperature_c) for b in boundaries if b.kind == "temperature"])
    if steady and not any(b.kind in ("temperature", "convection", "radiation") for b in boundaries):
        raise StudyError(
            "Nothing fixes the temperature: heat has nowhere to go.", "Give a temperature, a convection or a radiation."
        )
    size = data.get("mesh_size_mm")
    return ThermalStudy(
        brep=read_brep_path(data),
        materials=materials,
        boundaries=tuple(boundaries),
        source_w=reading.number(data.get("source_w", 0.0), "source_w"),
        sources_w=tuple(_sources(data.get("sources"))),
        regions={
            str(n): reading.face_list(f, f"regions.{n}")
            for n, f in reading.mapping(data.get("regions") or {}, "regions").items()
        },
        probes_mm={
            str(n): reading.vector(p, f"probes.{n}")
            for n, p in reading.mapping(data.get("probes") or {}, "probes").items()
        },
        levels=reading.integer(data.get("levels", 2), "levels", 1, 5),
        order=reading.integer(data.get("order", 2), "order", 1, 4),
        max_dofs=reading.integer(data.get("max_dofs", 60_000), "max_dofs", 500, 5_000_000),
        solids=read_solids(data.get("solids")),
        contact=data.get("contact"),
        mesh_size_mm=None if size is None else reading.positive(size, "mesh_size_mm", "mm"),
        fields_path=data.get("fields_path"),
    )


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    return solve_mesh(study)[0]


def solve_mesh(study: Mapping[str, Any]) -> tuple[dict[str, Any], ThermalStudy, Any]:
    """The result, the study as read, and the last mesh, for those who go on from there."""
    checked = read_thermal_study(study)
    from backend.physics.fem.threads import parallel

    with parallel():
        result, mesh = _solve(checked)
    return result, checked, mesh


def _solve(study: ThermalStudy) -> tuple[dict[str, Any], Any]:
    import ngsolve as ng

    from backend.physics.fem.assess import estimate
    from backend.physics.fem.mesh import Focus, check_faces, load_part, make_mesh, refine, start_size_mm
    from backend.physics.fem.surface import sample

    started, cpu = time.perf_counter(), time.process_time()
    part = load_part(study.brep, solids=study.solids, contact=study.contact)
    used = {f"{b.kind}[{i}].faces": b.faces for i, b in enumerate(study.boundaries)}
    check_faces(part, used | {f"regions.{name}": faces for name, faces in study.regions.items()})
    # A temperature has one unknown a node, a displacement three.
    dofs_as_vector = 3 * study.max_dofs
    size = study.mesh_size_mm or start_size_mm(part, study.order, dofs_as_vector, study.levels)
    spots = [Focus(point, 0.0, 0.7 * size) for point in study.probes_mm.values()]
    mesh, info = make_mesh(part, size, study.order, dofs_as_vector, spots)
    rows: list[dict[str, Any]] = []
    for level in range(study.levels):
        begun = time.process_time()
        field, flows = temperature(study, mesh, part.volume_mm3)
        surface = sample(mesh)
        on_surface = surface.evaluate(ng.CF(field))
        inside = field.vec.FV().NumPy()[: mesh.nv]
        low, high = min(on_surface.min(), inside.min()), max(on_surface.max(), inside.max())
        probes = {name: value_at(mesh, surface, field, on_surface, point) for name, point in study.probes_mm.items()}
        rows.append(
            {"dofs": int(field.space.ndof), "elements": int(mesh.ne), "min_c": float(low), "max_c": float(high)}
        )
        faces_read = {name: region_values(surface, on_surface, faces) for name, faces in study.regions.items()}
        rows[-1] |= {"probes_c": probes, "regions_c": {name: values["max_c"] for name, values in faces_read.items()}}
        rows[-1] |= {"cpu_s": round(time.process_time() - begun, 3)}
        if level + 1 == study.levels:
            break
        target = min(2.5 * 3 * field.space.ndof, float(dofs_as_vector))
        finer = refine(mesh, flux_error(mesh, field, study), target, study.order)
        if finer is None:
            break
        mesh = finer
    study.materials.check_range(mesh, inside, inside)
    hottest = np.unravel_index(int(on_surface.argmax()), on_surface.shape)
    span = max(rows[-1]["max_c"] - rows[-1]["min_c"], 1e-12)
    peak = estimate([row["max_c"] - rows[-1]["min_c"] for row in rows], floor_rel=1e-5)
    heat_in = sum(w for w in flows.values() if w > 0)
    heat_out = -sum(w for w in flows.values() if w < 0)
    result: dict[str, Any] = {
        "solver": "ngsolve",
        "version": ng.__version__,
        "temperature_c": {
            "min": rows[-1]["min_c"],
            "max": rows[-1]["max_c"],
            "error": peak.error,
            "location_mm": surface.points[hottest].tolist(),
            "converged": peak.error < 0.02 * span,
        },
        "regions": {
            name: {
                **values,
                "error_c": estimate([row["regions_c"][name] - rows[-1]["min_c"] for row in rows], floor_rel=1e-5).error,
            }
            for name, values in faces_read.items()
        },
        "probes": {
            name: {
                "temperature_c": value,
                "error_c": estimate([row["probes_c"][name] - rows[-1]["min_c"] for row in rows], floor_rel=1e-5).error,
                "levels_c": [row["probes_c"][name] for row in rows],
            }
            for name, value in rows[-1]["probes_c"].items()
        },
        "balance": {
            "flows_w": flows,
            "in_w": heat_in,
            "out_w": heat_out,
            "imbalance_rel": abs(heat_in - heat_out) / max(heat_in, heat_out, 1e-300),
        },
        "levels": rows,
        "warnings": [*part.warnings, *info.warnings],
        "fields": None,
    }
    if study.fields_path:
        from backend.physics.fem.fields import export

        result["fields"] = export(study.fields_path, surface, temperature_c=on_surface)
    result["timings_s"] = {"total": round(time.perf_counter() - started, 4), "cpu": round(time.process_time() - cpu, 4)}
    return result, mesh


def temperature_field(study: Any, mesh: Any) -> Any:
    """Temperature (degC) on a given mesh for a static study with conducted heat (``study.thermal.conditions``)."""
    import ngsolve as ng

    given = {"thermal_conductivity_w_m_k": 1.0}  # stands in until the bodies' own are put below
    checked = read_thermal_study({"brep": study.brep, "material": given, **study.thermal.conditions})
    each = {solid: ThermalMaterial(m.thermal_conductivity) for solid, m in study.materials.items()}
    one = study.material.thermal_conductivity
    materials = ThermalMaterials(None if one is None else ThermalMaterial(one), each)
    volume = float(ng.Integrate(ng.CF(1.0), mesh))
    field = temperature(replace(checked, order=study.order, materials=materials), mesh, volume)[0]
    nodes = field.vec.FV().NumPy()[: mesh.nv]
    materials.check_range(mesh, nodes, nodes)
    return field


def temperature(study: ThermalStudy, mesh: Any, volume_mm3: float) -> tuple[Any, dict[str, float]]:
    """Temperature (degC) as a grid function, and heat by boundary in W, positive into the body."""
    import ngsolve as ng

    from backend.physics.fem.mesh import region_pattern, solid_name

    held = {face: b.temperature_c for b in study.boundaries if b.kind == "temperature" for face in b.faces}
    flags = {"dirichlet": region_pattern(held)} if held else {}
    space = ng.H1(mesh, order=study.order, **flags)
    u, v = space.TnT()
    form = ng.BilinearForm(space)
    for where, material in study.materials.regions(mesh):
        form += 1e-3 * material.conductivity.field(u) * ng.InnerProduct(ng.Grad(u), ng.Grad(v)) * where
    if study.source_w:
        form += -ng.CF(study.source_w / volume_mm3) * v * ng.dx
    for index, (solids, power) in enumerate(study.sources_w):
        missing = [solid for solid in solids if solid_name(solid) not in mesh.GetMaterials()]
        if missing:
            raise UnknownSolidError(f"sources[{index}].solids names {missing}, which aren't analysed.", "Correct it.")
        where = mesh.Materials("|".join(solid_name(solid) for solid in solids))
        size = float(ng.Integrate(ng.CF(1.0), mesh, definedon=where))
        form += -ng.CF(power / size) * v * ng.dx(definedon=where)
    by_temperature = study.materials.nonlinear
    nonlinear = by_temperature
    names: list[tuple[str, Boundary]] = []
    for index, item in enumerate(b for b in study.boundaries if b.kind != "temperature"):
        names.append((f"{item.kind}[{index}]", item))
        measure = ng.ds(region_pattern(item.faces), bonus_intorder=2)
        form += -inflow(item, u, mesh) * v * measure
        nonlinear = nonlinear or item.kind == "radiation"
    field = ng.GridFunction(space)
    ambient = [b.temperature_c for b in study.boundaries if b.kind in ("temperature", "convection", "radiation")]
    field.Set(ng.CF(float(np.mean(ambient))))
    if held:
        values = {f"face{face}": value for face, value in held.items()}
        field.Set(mesh.BoundaryCF(values, default=0.0), definedon=mesh.Boundaries(region_pattern(held)))
    residual, step = field.vec.CreateVector(), field.vec.CreateVector()
    free = np.array(list(space.FreeDofs()), dtype=bool)
    for _ in range(_NEWTON_STEPS):
        form.Apply(field.vec, residual)
        form.AssembleLinearization(field.vec)
        # A conductivity that follows the temperature makes the tangent unsymmetric.
        kind = "umfpack" if by_temperature else "sparsecholesky"
        step.data = form.mat.Inverse(space.FreeDofs(), inverse=kind) * residual
        field.vec.data -= step
        change = float(np.abs(step.FV().NumPy()[free]).max(initial=0.0))
        if not np.isfinite(float(ng.Norm(field.vec))):
            raise SolveError("The temperature has no finite solution.", "Check heat and cooling: is there a way out?")
        if not nonlinear or change < 1e-9 * (ZERO_C_K + float(np.abs(field.vec.FV().NumPy()).max())):
            break
    else:
        raise SolveError(
            f"The temperature didn't settle in {_NEWTON_STEPS} steps.",
            "Check power, emissivity and area, and that a table of conductivity has no jumps.",
        )
    form.Apply(field.vec, residual)
    flows = {}
    for name, item in names:
        measure = ng.ds(region_pattern(item.faces), bonus_intorder=2)
        flows[name] = float(ng.Integrate(inflow(item, field, mesh) * measure, mesh))
    if study.source_w or study.sources_w:
        flows["source"] = study.source_w + sum(power for _, power in study.sources_w)
    # The residual at held nodes is the heat that the held faces supply, exactly conserved. The vertices' functions add
    # up to one, so theirs is all of it; vertices that two conditions share count with the later one, which holds them.
    supplied = residual.FV().NumPy()[: space.mesh.nv].copy()
    held_items = [b for b in study.boundaries if b.kind == "temperature"]
    for index, item in reversed(list(enumerate(held_items))):
        on_faces = np.array(list(space.GetDofs(mesh.Boundaries(region_pattern(item.faces)))), dtype=bool)
        mine = on_faces[: space.mesh.nv]
        flows[f"temperature[{index}]"] = float(supplied[mine].sum())
        supplied[mine] = 0.0
    return field, flows


def inflow(item: Boundary, temperature: Any, mesh: Any) -> Any:
    """Heat into the body through a face, W/mm2."""
    import ngsolve as ng

    from backend.physics.fem.mesh import region_pattern

    if item.kind == "convection":
        return item.coefficient_w_m2_k * 1e-6 * (item.temperature_c - temperature)
    if item.kind == "radiation":
        kelvin = temperature + ZERO_C_K
        ambient = (item.temperature_c + ZERO_C_K) ** 4
        return item.emissivity * STEFAN_BOLTZMANN_W_MM2_K4 * (ambient - kelvin * kelvin * kelvin * kelvin)
    if item.kind == "heat":
        area = float(ng.Integrate(ng.CF(1.0) * ng.ds(region_pattern(item.faces), bonus_intorder=2), mesh))
        return ng.CF(item.power_w / area)
    return ng.CF(item.flux_w_m2 * 1e-6)


def flux_error(mesh: Any, field: Any, study: ThermalStudy) -> FloatArray:
    """Squared error of the heat flux per element: recovered against raw (Zienkiewicz and Zhu).

    Where bodies conduct unlike the gradient jumps between them, so it is recovered within each body alone.
    """
    import ngsolve as ng

    raw = ng.Grad(field)
    smooth: Any = None
    for name in sorted(set(mesh.GetMaterials())):
        body = mesh.Materials(name)
        part = ng.GridFunction(ng.VectorH1(mesh, order=study.order, definedon=body))
        part.Set(raw, definedon=body)
        smooth = ng.CF(part) if smooth is None else smooth + ng.CF(part)
    conductivity = study.materials.conductivity_w_mm_k(mesh, field)
    rule = ng.IntegrationRule(ng.TET, 2)
    mapped = mesh.MapToAllElements(rule, ng.VOL)
    count = len(rule.weights)
    size = np.abs(np.asarray(ng.Det(ng.specialcf.JacobianMatrix(3))(mapped)).reshape(-1))
    difference = np.asarray((conductivity * (smooth - raw))(mapped))
    squared = (difference**2).sum(axis=1) * size * np.tile(np.asarray(rule.weights), mesh.ne)
    return np.asarray(squared.reshape(mesh.ne, count).sum(axis=1))


def value_at(mesh: Any, surface: Any, field: Any, on_surface: FloatArray, point: Sequence[float]) -> float:
    """The field at a point on or in the part; raises :class:`StudyError` for one outside."""
    nodes = surface.points.reshape(-1, 3)
    distance = np.linalg.norm(nodes - np.array(point), axis=1)
    nearest = int(distance.argmin())
    if distance[nearest] < 1e-6 * float(np.ptp(nodes, axis=0).max()):
        return float(on_surface.reshape(-1)[nearest])
    try:
        return float(field(mesh(*point)))
    except Exception:
        raise StudyError(
            f"A probe at {list(point)} is outside the part, {distance[nearest]:.3g} mm from its surface.",
            "Move the probe onto or into the part.",
        ) from None


def region_values(surface: Any, values: FloatArray, faces: tuple[int, ...]) -> dict[str, float]:
    """Mean, least and largest of values (elements, 6) over faces."""
    mask = surface.on(faces)
    corners = surface.points[mask][:, :3]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    # The middles' mean integrates a quadratic over a triangle exactly.
    mean = float((values[mask][:, 3:].mean(axis=1) * area).sum() / area.sum())
    if not math.isfinite(mean):
        raise SolveError("A region has no area.", "Check the region's faces.")
    return {"mean_c": mean, "min_c": float(values[mask].min()), "max_c": float(values[mask].max())}
