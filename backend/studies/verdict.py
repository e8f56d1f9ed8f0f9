"""The solver's result held against what the study asks: one check a result, and the checks that any result needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from backend.design.checking import compare, not_verified
from backend.schema import Check, Sense, Status, VerificationReport
from backend.studies import schema as s
from backend.studies.materials import StudyMaterial
from backend.studies.requests import result_id

BALANCE_LIMIT = 1e-3  # of the load: reactions, energy and heat must close to this
SMALL_DISPLACEMENT = 0.1  # of the part's diagonal
WIDEST_BAND = 0.15  # of a value: the widest band of a settled sequence that may still clear a limit
FE = "finite elements"

Result = Mapping[str, Any]
Materials = Mapping[int, StudyMaterial]


def information(id_: str, title: str, value: float, unit: str, error: float | None = None, reason: str = "") -> Check:
    """A figure that the study sets no limit to."""
    words = reason or "the study sets no limit"
    return Check(
        id=id_, title=title, status=Status.NOT_VERIFIED, value=value, unit=unit, uncertainty=error, method=FE,
        reason=words,
    )  # fmt: skip


def held(
    id_: str,
    title: str,
    value: float,
    unit: str,
    error: float | None,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    reason: str = "",
) -> Check:
    """A figure against its limit, or for information."""
    if at_most is None and at_least is None:
        return information(id_, title, value, unit, error, reason)
    sense = Sense.AT_MOST if at_most is not None else Sense.AT_LEAST
    limit = at_most if at_most is not None else at_least
    assert limit is not None
    return compare(
        id_, title, value, unit, limit, sense, method=FE, evidence=("result.json",), requirement_id=id_,
        uncertainty=error, reason=reason,
    )  # fmt: skip


def checks_of(study: s.StudyFile, result: Result, materials: Materials) -> list[Check]:
    """All checks of a solved study."""
    checks = [
        check for number, item in enumerate(study.results) for check in _one(number, item, study, result, materials)
    ]
    return [*checks, *_trust(study, result, checks), *_temperature_in_service(study, result, materials)]


def _one(number: int, item: s.Result, study: s.StudyFile, result: Result, materials: Materials) -> list[Check]:
    id_ = result_id(number, item)
    kind = study.analysis.type
    if isinstance(item, s.SafetyFactor):
        return [_safety(id_, item, result, materials)]
    if isinstance(item, s.VonMises):
        value, error, reason = _stress(id_, item, result)
        title = item.title or ("Von Mises stress" + (" on the faces named" if item.faces else ""))
        return [held(id_, title, value, "MPa", error, at_most=item.at_most, reason=reason)]
    if isinstance(item, s.Displacement):
        whole = result["displacement_mm"]
        value = whole["value"] if item.faces is None else result["regions"][id_]["displacement_mm"]
        error = whole["error"] * (value / whole["value"] if whole["value"] else 1.0)
        return [held(id_, item.title or "Largest displacement", value, "mm", error, at_most=item.at_most)]
    if isinstance(item, s.Probe):
        return _probe(id_, item, result, kind)
    if isinstance(item, s.FrequencyResult):
        return _frequency(id_, item, result)
    if isinstance(item, s.BucklingFactor):
        return [_buckling(id_, item, result, materials)]
    if isinstance(item, s.Response):
        return _response(id_, item, result)
    if isinstance(item, s.FatigueLife | s.FatigueSafety):
        return [_fatigue(id_, item, result)]
    if isinstance(item, s.TemperatureResult):
        whole = result["temperature_c"]
        value, error = whole["max"], whole["error"]
        if item.faces is not None:
            value, error = _region_peak(result["regions"][id_]), result["regions"][id_]["error_c"]
        return [held(id_, item.title or "Highest temperature", value, "degC", error, at_most=item.at_most)]
    if isinstance(item, s.PressureDrop):
        return [_pressure_drop(id_, item, result)]
    if isinstance(item, s.WallForce | s.WallTorque):
        return _on_walls(id_, item, result)
    return [not_verified(id_, item.title or item.type, "this study doesn't give it", requirement_id=id_)]


def _buckling(id_: str, item: s.BucklingFactor, result: Result, materials: Materials) -> Check:
    """The load factor, and whether the part still is elastic at the load that it is asked to bear."""
    found = result["load_factors"]
    title = item.title or "Factor on the loads at which it buckles"
    if not found:
        reason = "these loads stiffen the part: they don't buckle it"
        return not_verified(id_, title, reason, requirement_id=id_ if item.at_least else None)
    value, error = float(found[0]["value"]), float(found[0]["error"])
    reason = "linear theory of a perfect shape; codes divide it by two and more"
    stress = result.get("von_mises_mpa")
    strengths = [float(v) for m in materials.values() if (v := m.values.get("yield_mpa"))]
    yields = ""
    if stress and strengths and not any(m.values.get("orthotropic") for m in materials.values()):
        lowest, required = min(strengths), max(item.at_least or 1.0, 1.0)
        applied, spread = float(stress["value"]), float(stress["error"])
        if required * (applied + spread) > lowest:
            at = f"{required:g} times the loads" if required > 1 else "the loads given"
            yields = (
                f"the part yields first, so that elastic buckling doesn't hold ({required * applied:.4g} ± "
                f"{required * spread:.2g} MPa at {at}, yield at {lowest:.4g} MPa): use a column curve that knows "
                "yield (Johnson, Eurocode 3), lower the loads, or take a stouter section"
            )
        elif value * applied > lowest:
            reason += (
                f"; at this factor the stress is {value * applied:.4g} MPa, past yield at {lowest:.4g} MPa: "
                "the part bears less"
            )
    check = held(id_, title, value, "1", error, at_least=item.at_least, reason=reason)
    if not yields:
        return check
    status = Status.FAIL if check.status is Status.FAIL else Status.NOT_VERIFIED
    return check.model_copy(update={"status": status, "reason": yields})


def _pressure_drop(id_: str, item: s.PressureDrop, result: Result) -> Check:
    title = item.title or "Pressure drop from inlets to outlets"
    found = result["pressure_drop_pa"]
    if result["status"] != "verified":
        return not_verified(id_, title, "; ".join(result["reasons"]), requirement_id=id_)
    words = f"Reynolds number {result['reynolds']:.4g}"
    return held(id_, title, found["value"], "Pa", found["error"], at_most=item.at_most, reason=words)


def _on_walls(id_: str, item: s.WallForce | s.WallTorque, result: Result) -> list[Check]:
    """Force of the fluid on faces, N, or its moment about an axis, N mm."""
    asked = None if item.at_least is None and item.at_most is None else id_
    title = item.title or _wall_title(item)
    if result["status"] != "verified":
        return [not_verified(id_, title, "; ".join(result["reasons"]), requirement_id=asked)]
    found = result["forces"][id_]
    value, error, unit = _pull_of(item, found)
    return _between(id_, title, value, unit, error, at_least=item.at_least, at_most=item.at_most)


def _wall_title(item: s.WallForce | s.WallTorque) -> str:
    if isinstance(item, s.WallTorque):
        return "Torque of the fluid on the faces named"
    return "Force of the fluid on the faces named" + (", along the direction" if item.direction else "")


def _pull_of(item: s.WallForce | s.WallTorque, found: Mapping[str, Any]) -> tuple[float, float, str]:
    """Value, its error and unit. A torque with a limit counts by its size."""
    if isinstance(item, s.WallTorque):
        value = float(found["torque_n_mm"])
        limited = item.at_least is not None or item.at_most is not None
        return abs(value) if limited else value, float(found["torque_error_n_mm"]), "N*mm"
    force, errors = found["force_n"], found["error_n"]
    if item.direction is None:
        return math.hypot(*force), math.hypot(*errors), "N"
    way = item.direction
    value = sum(f * d for f, d in zip(force, way, strict=False))
    return value, math.hypot(*(e * d for e, d in zip(errors, way, strict=False))), "N"


def _region_peak(region: Mapping[str, Any]) -> float:
    """Highest temperature of a region; over all time where the study runs in time."""
    return float(region.get("peak_c", region["max_c"]))


def _response(id_: str, item: s.Response, result: Result) -> list[Check]:
    """Largest displacement and stress over the frequencies, each with the frequency at which it comes."""
    rows = []
    for key, title, unit, limit in (
        ("displacement_mm", "Largest amplitude", "mm", item.displacement_at_most),
        ("von_mises_mpa", "Largest von Mises stress of the cycle", "MPa", item.von_mises_at_most),
    ):
        peak = result["peak"][key]
        words = f"at {peak['frequency_hz']:.4g} Hz"
        name = f"{item.title}: {title.lower()}" if item.title else title
        rows.append(held(f"{id_}_{key}", name, peak["value"], unit, peak["error"], at_most=limit, reason=words))
    return rows


def _fatigue(id_: str, item: s.FatigueLife | s.FatigueSafety, result: Result) -> Check:
    life = isinstance(item, s.FatigueLife)
    title = item.title or ("Passes through the load blocks" if life else "Safety factor against fatigue")
    found = result["life_passes" if life else "safety_factor"]
    verified = result["life_verified"] if life else result["status"] == "verified"
    if not verified or found is None or (not life and found["value"] is None):
        reason = "; ".join(result["reasons"]) or "there is no S-N data for it"
        return not_verified(id_, title, reason, requirement_id=id_)
    basis = f"S-N data: {result['sn']['source']}" if result.get("sn") else ""
    if "median life" in basis:
        title += " (median: 50 % survive)"
    if not life:
        return held(id_, title, found["value"], "1", found["error"], at_least=item.at_least, reason=basis)
    if found["value"] is None:
        status = Status.PASS if item.at_least is not None else Status.NOT_VERIFIED
        reason = f"every stress lies below the endurance limit: endless; {basis}"
        return Check(id=id_, title=title, status=status, method=FE, requirement_id=id_, reason=reason)
    error = found["value"] - (found["low"] if found["low"] is not None else 0.0)
    return held(id_, title, found["value"], "1", error, at_least=item.at_least, reason=basis)


def _stress(id_: str, item: s.VonMises | s.SafetyFactor, result: Result) -> tuple[float, float, str]:
    """Stress, its error (MPa) and a remark."""
    if item.faces is None:
        found = result["von_mises_mpa"]
        left_out = "" if found["excluded"] == "nothing" else f"not assessed: {found['excluded']}"
        return float(found["value"]), float(found["error"]), left_out
    region = result["regions"][id_]
    share = region["excluded_share"]
    remark = f"{100 * share:.0f} % of these faces lie in zones that aren't assessed" if share > 0.005 else ""
    return float(region["von_mises_mpa"]), float(region["von_mises_error_mpa"]), remark


def _safety(id_: str, item: s.SafetyFactor, result: Result, materials: Materials) -> Check:
    title = item.title or ("Safety factor against yield" + (" on the faces named" if item.faces else ""))
    strengths = {m.name: m.values.get("yield_mpa") for m in materials.values()}
    missing = [name for name, value in strengths.items() if not value]
    if missing:
        reason = f"no yield strength is known for {', '.join(missing)}"
        return not_verified(id_, title, reason, requirement_id=id_)
    value, error, remark = _stress(id_, item, result)
    lowest = min(float(v) for v in strengths.values() if v)
    reason = remark
    if len(strengths) > 1:
        reason = f"{remark}; held against the weakest of {len(strengths)} materials".removeprefix("; ")
    if any(m.values.get("orthotropic") for m in materials.values()):
        reason = "von Mises is no strength criterion of an orthotropic material"
        return not_verified(id_, title, reason, requirement_id=id_)
    if value <= 0:
        reason = "the part carries no stress: its loads act on faces that are held"
        return not_verified(id_, title, reason, requirement_id=id_)
    factor = lowest / value
    return held(id_, title, factor, "1", factor * error / value, at_least=item.at_least, reason=reason)


def _probe(id_: str, item: s.Probe, result: Result, kind: str) -> list[Check]:
    found = result.get("probes", {}).get(id_)
    title = item.title or f"{item.quantity} at ({', '.join(f'{c:g}' for c in item.at)}) mm"
    asked = None if item.at_least is None and item.at_most is None else id_
    if found is None:
        return [not_verified(id_, title, f"a {kind} study reads no probes", requirement_id=asked)]
    read = _probed(item.quantity, found)
    if read is None:
        return [not_verified(id_, title, f"a {kind} study gives no {item.quantity}", requirement_id=asked)]
    return _between(id_, title, *read, at_least=item.at_least, at_most=item.at_most)


def _probed(quantity: str, found: Mapping[str, Any]) -> tuple[float, str, float | None] | None:
    """Value, unit and error of a probe's quantity; None where the solver gives none."""
    name, _, index = quantity.rpartition("_")
    if quantity == "temperature" and "temperature_c" in found:
        values = found["temperature_c"]
        return (values[-1] if isinstance(values, list) else values), "degC", found.get("error_c")
    if quantity == "pressure" and "pressure_pa" in found:
        return found["pressure_pa"], "Pa", found.get("pressure_error_pa")
    if quantity == "velocity" and "velocity_m_s" in found:
        value = found["velocity_m_s"]
        return (math.hypot(*value) if isinstance(value, list) else value), "m/s", found.get("speed_error_m_s")
    if quantity == "von_mises" and "von_mises_mpa" in found:
        return found["von_mises_mpa"], "MPa", found.get("von_mises_error_mpa")
    if quantity == "displacement" and "displacement_mm" in found:
        moved = found["displacement_mm"]
        value = math.hypot(*moved) if isinstance(moved, list) else moved  # over a range of frequencies: its largest
        return value, "mm", found.get("displacement_error_mm")
    if name == "displacement" and isinstance(found.get("displacement_mm"), list):
        axis = "xyz".index(index)
        errors = found.get("displacement_errors_mm")
        return found["displacement_mm"][axis], "mm", errors[axis] if errors else None
    if name == "principal" and "principal_mpa" in found:
        place = 3 - int(index)  # the solver gives them ascending
        errors = found.get("principal_error_mpa")
        return found["principal_mpa"][place], "MPa", errors[place] if errors else None
    if quantity in found.get("stress_mpa", {}):
        return found["stress_mpa"][quantity], "MPa", found.get("stress_error_mpa", {}).get(quantity)
    return None


def _between(
    id_: str, title: str, value: float, unit: str, error: float | None, *, at_least: float | None, at_most: float | None
) -> list[Check]:
    """A figure against none, one or two limits."""
    if at_least is None or at_most is None:
        return [held(id_, title, value, unit, error, at_most=at_most, at_least=at_least)]
    return [
        held(id_ + "_low", title, value, unit, error, at_least=at_least),
        held(id_ + "_high", title, value, unit, error, at_most=at_most),
    ]


def _frequency(id_: str, item: s.FrequencyResult, result: Result) -> list[Check]:
    found = result["frequencies_hz"]
    title = item.title or f"Natural frequency {item.mode}"
    if item.mode > len(found):
        return [not_verified(id_, title, f"only {len(found)} modes were found", requirement_id=id_)]
    mode = found[item.mode - 1]
    limits: dict[str, Any] = {"at_least": item.at_least, "at_most": item.at_most}
    return _between(id_, title, mode["value"], "Hz", mode["error"], **limits)


# --- what any result needs to be believed -----------------------------------------------------------------------------


def _trust(study: s.StudyFile, result: Result, asked: Sequence[Check]) -> list[Check]:
    checks: list[Check] = []
    reactions = result.get("static", result).get("reactions") or {}
    if "imbalance_rel" in reactions:
        title = "Reactions balance the loads"
        checks.append(_closes("trust_reactions", title, reactions["imbalance_rel"], "sum of forces and moments"))
        title = "Loads as assembled are the loads as stated"
        checks.append(_closes("trust_loads", title, reactions["load_error_rel"], "resultant of the tractions"))
    energy = result.get("energy_check") or {}
    if "difference_rel" in energy and study.heat is None and not _eigenstrained(study):
        title = "Strain energy is the work of the loads"
        checks.append(_closes("trust_energy", title, energy["difference_rel"], "energy against work"))
    if "imbalance_rel" in (result.get("balance") or {}):
        title = "Heat that comes in goes out or is stored"
        if study.analysis.type == "flow":
            title = "Fluid that comes in goes out"
        checks.append(_closes("trust_balance", title, result["balance"]["imbalance_rel"], "balance over the boundary"))
    if study.analysis.type == "static" and result["displacement_mm"]["value"] > 0:
        checks.append(_small(result))
    checks += _settled(study, result, asked)
    return checks


def _small(result: Result) -> Check:
    """Linear theory holds for displacements that are small beside the part."""
    found = result["displacement_mm"]["value"] / result["diagonal_mm"]
    good = found <= SMALL_DISPLACEMENT
    return Check(
        id="trust_small", title="Displacement, of the part's size", status=Status.PASS if good else Status.NOT_VERIFIED,
        value=found, limit=SMALL_DISPLACEMENT, sense=Sense.AT_MOST, margin=1 - found / SMALL_DISPLACEMENT,
        method="linear theory takes it for small", evidence=("result.json",),
        requirement_id=None if good else "trust_small",
        reason="" if good else "the part moves so far that linear theory doesn't hold: stiffen it, or check the load",
    )  # fmt: skip


def _eigenstrained(study: s.StudyFile) -> bool:
    return any(isinstance(load, s.Heated | s.BoltPreload) for load in study.loads)


def _closes(id_: str, title: str, value: float, method: str) -> Check:
    return compare(id_, title, float(value), "", BALANCE_LIMIT, Sense.AT_MOST, method=method, evidence=("result.json",))


def _settled(study: s.StudyFile, result: Result, asked: Sequence[Check]) -> list[Check]:
    """Whether the numbers have settled over the meshes: what hasn't is not verified, whatever its value.

    A band wider than the study aims at is enough where the sequence of meshes has settled and every limit asked for
    lies outside its value's band. With a single mesh nothing has settled.
    """
    rows: list[tuple[str, str, float, bool]] = []
    limits = [check for check in asked if check.limit is not None]
    meshes = result.get("levels") or result.get("static", {}).get("levels") or ()
    clear = bool(limits) and all(check.status is Status.PASS for check in asked if check.requirement_id)
    if study.analysis.type in ("static", "fatigue"):
        found = result.get("static", result)["von_mises_mpa"]
        if found["value"]:
            settled = bool(found.get("settled", False))
            rows.append(("stress", "Error of the assessed stress", found["error"] / abs(found["value"]), settled))
    names = {"modal": ("frequencies_hz", "the first frequency"), "buckling": ("load_factors", "the load factor")}
    for key, what in [names[study.analysis.type]] if study.analysis.type in names else []:
        values = result.get(key) or []
        if values and values[0]["value"]:
            settled = bool(values[0].get("converged", False))
            rows.append((key, f"Error of {what}", values[0]["error"] / abs(values[0]["value"]), settled))
    if result.get("pressure_drop_pa"):
        found = result["pressure_drop_pa"]
        # Walls that move shear the fluid by so much: a drop below that drives nothing, and is judged where asked for.
        scale = max(abs(found["value"]), found.get("scale_pa", 0.0))
        wanted = any(isinstance(item, s.PressureDrop) for item in study.results)
        if scale and (wanted or abs(found["value"]) > 0.05 * scale):
            rows.append(("pressure", "Error of the pressure drop", found["error"] / scale, found["converged"]))
    for number, item in enumerate(study.results):
        if isinstance(item, s.WallForce | s.WallTorque) and (item.at_least is not None or item.at_most is not None):
            value, error, _ = _pull_of(item, result["forces"][result_id(number, item)])
            scale = max(abs(value), abs(item.at_least or 0.0), abs(item.at_most or 0.0)) or 1.0
            title = item.title or _wall_title(item)
            rows.append((f"wall_{number}", f"Error of: {title}", error / scale, False))
    if "peak" in result and result["peak"]["displacement_mm"]["value"]:
        found = result["peak"]["displacement_mm"]
        settled = bool(found.get("converged", False))
        rows.append(("response", "Error of the largest amplitude", found["error"] / found["value"], settled))
    if "temperature_c" in result:
        found = result["temperature_c"]
        span = max(abs(found["max"] - found["min"]), 1e-9)
        rows.append(("temperature", "Error of the temperature, of its span", found["error"] / span, False))
    checks = []
    for id_, title, value, settled in rows:
        # Twice the target still tells where every limit lies outside the band, which the limits' own checks decide.
        limit = 2 * study.mesh.error
        wide = value > limit and settled and clear and value <= WIDEST_BAND
        limit = WIDEST_BAND if wide else limit
        good = value <= limit and len(meshes) != 1  # of one mesh the error is a guess
        reason = "refine: raise mesh.levels, max_dofs or budget, or round sharp corners"
        if wide:
            reason = "the band is wider than aimed at; the meshes have settled and every limit lies outside its band"
        checks.append(
            Check(
                id=f"trust_{id_}", title=title, status=Status.PASS if good else Status.NOT_VERIFIED, value=value,
                limit=limit, sense=Sense.AT_MOST, margin=(limit - value) / limit, method="difference over meshes",
                evidence=("result.json",), requirement_id=None if good else f"trust_{id_}",
                reason=reason if wide or not good else "",
            )
        )  # fmt: skip
    return checks


def _temperature_in_service(study: s.StudyFile, result: Result, materials: Materials) -> list[Check]:
    """The hottest place against what each material stands, where the library knows it."""
    checks = []
    for item in {m.name: m for m in materials.values()}.values():
        hottest = item.temperature_c
        if "temperature_c" in result:
            hottest = float(result["temperature_c"]["max"])
        if item.max_service_c is None or hottest is None:
            continue
        checks.append(
            compare(
                "service_temperature", f"Service temperature of {item.name}", hottest, "degC", item.max_service_c,
                Sense.AT_MOST, method="material library", requirement_id="service_temperature",
            )
        )  # fmt: skip
    return checks


def verdict_of(checks: Sequence[Check]) -> VerificationReport:
    """Fail where a check failed; pass where every limit of the study holds; else not verified."""
    failed = [check for check in checks if check.status is Status.FAIL]
    asked = [check for check in checks if check.id.startswith("result_")]
    open_ = [check for check in checks if check.status is Status.NOT_VERIFIED and check.requirement_id]
    if failed:
        status, summary = (
            Status.FAIL,
            f"{failed[0].title} fails" + (f", and {len(failed) - 1} more" if failed[1:] else ""),
        )
    elif open_:
        status = Status.NOT_VERIFIED
        summary = f"{open_[0].title}: {open_[0].reason or 'not verified'}"
    elif not any(check.limit is not None for check in asked):
        status, summary = Status.NOT_VERIFIED, "The study sets no limit: its figures are for information"
    else:
        least = min((c for c in asked if c.margin is not None), key=lambda c: c.margin or 0.0, default=None)
        status = Status.PASS
        summary = f"All {len([c for c in checks if c.status is Status.PASS])} checks passed"
        if least is not None and least.margin is not None:
            summary += f"; the tightest is {least.title} with {100 * least.margin:.1f} % to spare"
    return VerificationReport(
        status=status,
        checks=tuple(checks),
        summary=summary + ".",
        failed=tuple(check.id for check in failed),
        not_verified=tuple(check.id for check in open_),
    )
