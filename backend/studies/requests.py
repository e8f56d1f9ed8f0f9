"""From a study with its faces found to the plain data that :mod:`backend.physics.fem` solves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backend.errors import InputError
from backend.studies import schema as s
from backend.studies.materials import StudyMaterial
from backend.studies.model import Model
from backend.studies.selectors import Faces

TARGETS = {
    "static": "backend.physics.fem.static:solve",
    "modal": "backend.physics.fem.modal:solve",
    "buckling": "backend.physics.fem.buckling:solve",
    "thermal": "backend.physics.fem.thermal:solve",
    "thermal_transient": "backend.physics.fem.transient:solve",
    "harmonic": "backend.physics.fem.harmonic:solve",
    "fatigue": "backend.physics.fem.fatigue:solve",
    "flow": "backend.physics.fem.flow:solve",
}


def build_request(
    study: s.StudyFile, model: Model, faces: Faces, materials: Mapping[int, StudyMaterial]
) -> dict[str, Any]:
    """The solver's request. Raises FaceSelectionError, InputError."""
    kind = study.analysis.type
    request: dict[str, Any] = {
        "brep": model.brep,
        "solids": _bodies(study, model),
        "contact": study.contact,
        "order": study.mesh.order,
        "max_dofs": study.mesh.max_dofs,
        "mesh_size_mm": study.mesh.size,
        "regions": _regions(study, faces),
        **_materials(materials, model),
    }
    if study.mesh.levels is not None:
        request["levels"] = study.mesh.levels
    probes = {_result_id(number, r): list(r.at) for number, r in enumerate(study.results) if isinstance(r, s.Probe)}
    if isinstance(study.analysis, s.Flow):
        for key in ("contact", "material", "materials"):
            request.pop(key, None)
        axes = {
            _result_id(number, r): {"axis": list(r.axis), "point_mm": list(r.through)}
            for number, r in enumerate(study.results)
            if isinstance(r, s.WallTorque)
        }
        settled = _until_settled(study, 0.02)
        return {**settled, **request, "probes": probes, "axes": axes, **_flow(study.analysis, faces)}
    if kind.startswith("thermal"):
        assert study.heat is not None
        request |= {"probes": probes, **heat_conditions(study.heat, faces, "heat.conditions")}
        if isinstance(study.analysis, s.ThermalTransient):
            request |= {"initial_c": study.analysis.start, "duration_s": study.analysis.duration}
            request["steps"] = study.analysis.steps
            request["initial_solids_c"] = _starts(study.analysis, model)
        return request
    request |= {
        "supports": [_support(item, faces, f"supports[{i}]") for i, item in enumerate(study.supports)],
        "exclude": {
            "near_supports_mm": study.ignore_near_supports,
            "near_singular_mm": study.ignore_near_sharp_edges,
        },
    }
    if isinstance(study.analysis, s.Modal):
        request.pop("exclude")
        request.pop("regions")
        return {**_until_settled(study), **request, "modes": study.analysis.modes}
    request |= _loads(study, faces)
    if study.heat is not None:
        conditions = heat_conditions(study.heat, faces, "heat.conditions")
        request["thermal"] = {"reference_c": study.heat.stress_free_at, **conditions}
    if isinstance(study.analysis, s.Buckling):
        request.pop("regions")
        return {**_until_settled(study), **request, "modes": study.analysis.modes}
    request["probes"] = probes
    if isinstance(study.analysis, s.Harmonic):
        return {**request, **_swing(study.analysis)}
    if isinstance(study.analysis, s.Fatigue):
        request["fatigue"] = _fatigue(study.analysis, materials)
    return {
        **request,
        "budget_s": study.mesh.budget,
        "error_target_rel": study.mesh.error,
        **_decide_at(study, materials),
    }


def _starts(analysis: s.ThermalTransient, model: Model) -> dict[str, float]:
    found: dict[str, float] = {}
    for number, item in enumerate(analysis.starts):
        for body in item.bodies:
            if not 0 <= body < model.solids or str(body) in found:
                fault = "twice" if str(body) in found else f"but the model has {model.solids} body(ies), from 0"
                raise InputError(
                    f"analysis.starts[{number}] names body {body}, {fault}.",
                    next_action="Name each body of the model once at most.",
                )
            found[str(body)] = item.temperature
    return found


def _until_settled(study: s.StudyFile, target_rel: float = 0.01) -> dict[str, Any]:
    """Refinement until modes, load factors (to a per cent) or a pressure drop are known, in four meshes at most."""
    return {"levels": 4, "error_target_rel": min(study.mesh.error, target_rel)}


def _bodies(study: s.StudyFile, model: Model) -> list[int] | None:
    if study.bodies is not None:
        wrong = [body for body in study.bodies if not 0 <= body < model.solids]
        if wrong:
            raise InputError(
                f"bodies names {wrong}, but the model has {model.solids} body(ies), numbered from 0.",
                next_action="Correct bodies.",
            )
        return list(study.bodies)
    if model.solids > 1 and study.contact is None:
        rows = "; ".join(
            f"{body['index']}: {body['name'] or 'unnamed'}, {body['volume_mm3']:.6g} mm³"
            for body in model.measures["bodies"]
        )
        raise InputError(
            f"The model has {model.solids} bodies and the study doesn't say which is analysed ({rows}).",
            next_action="Give bodies: [0], or contact: bonded to join those that share faces.",
        )
    return None


def _materials(materials: Mapping[int, StudyMaterial], model: Model) -> dict[str, Any]:
    out: dict[str, Any] = {}
    wrong = [body for body in materials if body >= model.solids]
    if wrong:
        raise InputError(
            f"materials names body {wrong[0]}, but the model has {model.solids} body(ies), numbered from 0.",
            next_action="Correct the body numbers.",
        )
    several = {str(body): item.values for body, item in materials.items() if body >= 0}
    if several:
        out["materials"] = several
    if -1 in materials:
        out["material"] = materials[-1].values
    return {key: _without_extras(value) for key, value in out.items()}


def _without_extras(value: Any) -> Any:
    """The solver's material without what only the verdict reads."""
    if isinstance(value, dict):
        return {key: _without_extras(item) for key, item in value.items() if key != "ultimate_mpa"}
    return value


def _result_id(number: int, result: s.Result) -> str:
    return f"result_{number}_{result.type}"


result_id = _result_id


def _regions(study: s.StudyFile, faces: Faces) -> dict[str, list[int]]:
    regions = {}
    for number, result in enumerate(study.results):
        selector = getattr(result, "faces", None)
        if selector is not None:
            regions[_result_id(number, result)] = faces.select(selector, f"results[{number}].faces")
    return regions


def _support(item: s.Support, faces: Faces, where: str) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": item.type, "faces": faces.select(item.faces, f"{where}.faces")}
    if item.type == "displacement":
        out["displacement_mm"] = [item.x, item.y, item.z]
    if item.stiffness is not None:
        out["stiffness_n_mm3"] = item.stiffness
    if item.normal_only:
        out["normal_only"] = True
    return out


def _loads(study: s.StudyFile, faces: Faces) -> dict[str, Any]:
    """loads, gravity, spin, preloads and an even temperature of the request."""
    loads: list[dict[str, Any]] = []
    preloads: list[dict[str, Any]] = []
    body = np.zeros(3)
    out: dict[str, Any] = {}
    for number, load in enumerate(study.loads):
        where = f"loads[{number}]"
        if isinstance(load, s.Gravity):
            body += load.acceleration * np.array(load.direction)
        elif isinstance(load, s.AccelerationLoad):
            body -= load.acceleration * np.array(load.direction)
        elif isinstance(load, s.Centrifugal):
            if "spin" in out:
                raise InputError(f"{where} is a second centrifugal load.", next_action="Give one speed and axis.")
            out["spin"] = {"speed_rad_s": load.speed, "axis": list(load.axis), "point_mm": list(load.through)}
        elif isinstance(load, s.BoltPreload):
            preloads.append({"solid": load.body, "force_n": load.force, "axis": list(load.axis)})
        elif isinstance(load, s.Heated):
            out["thermal"] = {"reference_c": load.stress_free_at, "uniform_c": load.temperature}
        else:
            loads.append(_face_load(load, faces, where))
    out["loads"] = loads
    if preloads:
        out["preloads"] = preloads
    if body.any():
        out["gravity"] = body.tolist()
    return out


def _face_load(load: Any, faces: Faces, where: str) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": load.type, "faces": faces.select(load.faces, f"{where}.faces")}
    if isinstance(load, s.PressureLoad):
        out["pressure_mpa"] = load.pressure
    elif isinstance(load, s.MomentLoad):
        out["moment_n_mm"] = load.vector_n_mm
    else:
        out["vector_n"] = load.vector_n
    if isinstance(load, s.RemoteForce):
        out["point_mm"] = list(load.at)
    elif isinstance(load, s.PatchForce):
        out |= {"center_mm": list(load.at), "radius_mm": load.radius}
    return out


def _swing(analysis: s.Harmonic) -> dict[str, Any]:
    out: dict[str, Any] = {
        "frequencies_hz": {"start": analysis.low, "stop": analysis.high, "count": analysis.count},
        "damping_ratio": analysis.damping,
        "modes": analysis.modes,
    }
    if analysis.shake is not None:
        way = np.array(analysis.shake.direction) * analysis.shake.acceleration
        out["base"] = {"acceleration_m_s2": way.tolist()}
    return out


def _flow(analysis: s.Flow, faces: Faces) -> dict[str, Any]:
    out: dict[str, Any] = {
        "fluid": {"density_kg_m3": analysis.density, "dynamic_viscosity_pa_s": analysis.viscosity},
    }
    for name, openings in (("inlets", analysis.inlets), ("outlets", analysis.outlets)):
        out[name] = []
        for number, item in enumerate(openings):
            row: dict[str, Any] = {"faces": faces.select(item.faces, f"analysis.{name}[{number}].faces"), **item.drive}
            if item.profile is not None:
                row["profile"] = item.profile
            out[name].append(row)
    out["velocities"] = [
        {
            "faces": faces.select(wall.faces, f"analysis.moving_walls[{number}].faces"),
            "wall": True,
            **_wall_motion(wall),
        }
        for number, wall in enumerate(analysis.moving_walls)
    ]
    if analysis.symmetry is not None:
        out["symmetry"] = faces.select(analysis.symmetry, "analysis.symmetry")
    return out


def _wall_motion(wall: s.MovingWall) -> dict[str, Any]:
    if wall.rotation is None:
        return {"velocity_m_s": list(wall.velocity or ())}
    turn = wall.rotation
    return {"rotation": {"speed_rad_s": turn.speed, "axis": list(turn.axis), "point_mm": list(turn.through)}}


def _fatigue(analysis: s.Fatigue, materials: Mapping[int, StudyMaterial]) -> dict[str, Any]:
    """The fatigue part of the request; without S-N data the solver says that nothing is verified."""
    if len({m.name for m in materials.values()}) > 1:
        raise InputError("A fatigue study takes one material.", next_action="Give material, and bodies: [...].")
    material = next(iter(materials.values()))
    out: dict[str, Any] = {
        "blocks": [
            {"cycles": b.cycles, "min": b.from_factor, "max": b.to_factor, **({"name": b.name} if b.name else {})}
            for b in analysis.blocks
        ],
        "criterion": analysis.criterion,
        "stress": analysis.stress,
        "required_passes": analysis.passes,
        "marin": {name: {"value": m.value, "source": m.source} for name, m in analysis.marin.items()},
    }
    for key in ("ultimate_mpa", "yield_mpa"):
        if material.values.get(key):
            out[key] = material.values[key]
    curve = material.sn_curve
    if curve is not None:
        points = [list(point) for point in curve.points]
        out["sn"] = {"points": points, "endurance_limit_mpa": curve.limit, "source": curve.source}
    elif material.fatigue_point is not None:
        out["sn"] = material.fatigue_point
    return out


def heat_conditions(heat: s.HeatField, faces: Faces, where: str) -> dict[str, Any]:
    """Boundary conditions and source of a thermal request."""
    out: dict[str, Any] = {}
    for number, item in enumerate(heat.conditions):
        place = f"{where}[{number}].faces"
        if isinstance(item, s.HeatSource) and item.bodies is not None:
            out.setdefault("sources", []).append({"solids": item.bodies, "power_w": item.power})
        elif isinstance(item, s.HeatSource):
            out["source_w"] = out.get("source_w", 0.0) + item.power
        elif isinstance(item, s.HeldTemperature):
            _add(out, "temperatures", item, faces.select(item.faces, place), "temperature_c", item.temperature)
        elif isinstance(item, s.Convection):
            found = faces.select(item.faces, place)
            _add(out, "convection", item, found, "ambient_c", item.ambient, coefficient_w_m2_k=item.coefficient)
        elif isinstance(item, s.Radiation):
            found = faces.select(item.faces, place)
            _add(out, "radiation", item, found, "ambient_c", item.ambient, emissivity=item.emissivity)
        elif isinstance(item, s.HeatOnFaces):
            _add(out, "heat", item, faces.select(item.faces, place), "power_w", item.power)
        else:
            _add(out, "flux", item, faces.select(item.faces, place), "flux_w_m2", item.flux)
    return out


def _add(
    out: dict[str, Any], group: str, item: Any, faces: list[int], key: str, value: float | None, **more: float
) -> None:
    timed = {key: value} if item.history is None else {"history": [list(row) for row in item.history]}
    out.setdefault(group, []).append({"faces": faces, **timed, **more})


def _decide_at(study: s.StudyFile, materials: Mapping[int, StudyMaterial]) -> dict[str, Any]:
    """The stress that the verdict hangs on, so that refinement stops once it is decided."""
    limits = [r.at_most for r in study.results if isinstance(r, s.VonMises) and r.at_most and r.faces is None]
    strengths = [m.values["yield_mpa"] for m in materials.values() if m.values.get("yield_mpa")]
    for result in study.results:
        if isinstance(result, s.SafetyFactor) and result.at_least and result.faces is None and len(strengths) == 1:
            limits.append(strengths[0] / result.at_least)
    return {"decide_at_mpa": min(limits)} if limits else {}
