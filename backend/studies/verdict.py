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
    return [*checks, *_trust(study, result), *_temperature_in_service(study, result, materials)]


def _one(number: int, item: s.Result, study: s.StudyFile, result: Result, materials: Materials) -> list[Check]:
    id_ = result_id(number, item)
    kind = study.analysis.type
    wants = {
        s.SafetyFactor: ("static",),
        s.VonMises: ("static",),
        s.Displacement: ("static",),
        s.FrequencyResult: ("modal",),
        s.BucklingFactor: ("buckling",),
        s.TemperatureResult: ("thermal", "thermal_transient"),
        s.FatigueLife: ("fatigue",),
        s.FatigueSafety: ("fatigue",),
        s.Response: ("harmonic",),
        s.PressureDrop: ("flow",),
    }.get(type(item), (kind,))
    if kind not in wants:
        reason = f"a {kind} study gives no {item.type}; it comes from {' or '.join(wants)}"
        return [not_verified(id_, item.title or item.type, reason, requirement_id=id_)]
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
        return [_probe(id_, item, result, kind)]
    if isinstance(item, s.FrequencyResult):
        return _frequency(id_, item, result)
    if isinstance(item, s.BucklingFactor):
        found = result["load_factors"]
        title = item.title or "Factor on the loads at which it buckles"
        if not found:
            reason = "these loads stiffen the part: they don't buckle it"
            return [not_verified(id_, title, reason, requirement_id=id_ if item.at_least else None)]
        reason = "linear theory of a perfect shape; codes divide it by two and more"
        return [held(id_, title, found[0]["value"], "1", found[0]["error"], at_least=item.at_least, reason=reason)]
    if isinstance(item, s.Response):
        return _response(id_, item, result)
    if isinstance(item, s.FatigueLife | s.FatigueSafety):
        return [_fatigue(id_, item, result)]
    if isinstance(item, s.TemperatureResult):
        whole = result["temperature_c"]
        value = whole["max"] if item.faces is None else _region_peak(result["regions"][id_])
        return [held(id_, item.title or "Highest temperature", value, "degC", whole["error"], at_most=item.at_most)]
    if isinstance(item, s.PressureDrop):
        return [_pressure_drop(id_, item, result)]
    return [not_verified(id_, item.title or item.type, "this study doesn't give it", requirement_id=id_)]


def _pressure_drop(id_: str, item: s.PressureDrop, result: Result) -> Check:
    title = item.title or "Pressure drop from inlets to outlets"
    found = result["pressure_drop_pa"]
    if result["status"] != "verified":
        return not_verified(id_, title, "; ".join(result["reasons"]), requirement_id=id_)
    words = f"Reynolds number {result['reynolds']:.4g}"
    return held(id_, title, found["value"], "Pa", found["error"], at_most=item.at_most, reason=words)


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
    if result["status"] != "verified" or found is None or (not life and found["value"] is None):
        reason = "; ".join(result["reasons"]) or "there is no S-N data for it"
        return not_verified(id_, title, reason, requirement_id=id_)
    basis = f"S-N data: {result['sn']['source']}" if result.get("sn") else ""
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
        return not_verified(id_, title, "the part carries no stress", requirement_id=id_)
    factor = lowest / value
    return held(id_, title, factor, "1", factor * error / value, at_least=item.at_least, reason=reason)


def _probe(id_: str, item: s.Probe, result: Result, kind: str) -> Check:
    found = result.get("probes", {}).get(id_)
    title = item.title or f"{item.quantity} at ({', '.join(f'{c:g}' for c in item.at)}) mm"
    if found is None:
        return not_verified(id_, title, f"a {kind} study reads no probes")
    if item.quantity == "temperature":
        if "temperature_c" not in found:
            return not_verified(id_, title, "this study has no temperature field")
        values = found["temperature_c"]
        return information(id_, title, values[-1] if isinstance(values, list) else values, "degC")
    if item.quantity in ("pressure", "velocity"):
        key, unit = ("pressure_pa", "Pa") if item.quantity == "pressure" else ("velocity_m_s", "m/s")
        if key not in found:
            return not_verified(id_, title, f"a {kind} study gives no {item.quantity}")
        value = found[key]
        return information(id_, title, math.hypot(*value) if isinstance(value, list) else value, unit)
    if item.quantity == "von_mises" and "von_mises_mpa" in found:
        history = found.get("von_mises_levels_mpa") or []
        error = abs(history[-1] - history[-2]) if len(history) > 1 else None
        return information(id_, title, found["von_mises_mpa"], "MPa", error)
    if item.quantity == "displacement" and "displacement_mm" in found:
        return information(id_, title, math.dist(found["displacement_mm"], (0, 0, 0)), "mm")
    if "stress_mpa" in found and item.quantity in found["stress_mpa"]:
        return information(id_, title, found["stress_mpa"][item.quantity], "MPa")
    return not_verified(id_, title, f"a {kind} study gives no {item.quantity}")


def _frequency(id_: str, item: s.FrequencyResult, result: Result) -> list[Check]:
    found = result["frequencies_hz"]
    title = item.title or f"Natural frequency {item.mode}"
    if item.mode > len(found):
        return [not_verified(id_, title, f"only {len(found)} modes were asked for", requirement_id=id_)]
    mode = found[item.mode - 1]
    both = [("_low", None, item.at_least), ("_high", item.at_most, None)]
    asked = [(suffix, most, least) for suffix, most, least in both if most is not None or least is not None]
    if len(asked) < 2:
        return [held(id_, title, mode["value"], "Hz", mode["error"], at_most=item.at_most, at_least=item.at_least)]
    return [
        held(id_ + suffix, title, mode["value"], "Hz", mode["error"], at_most=most, at_least=least)
        for suffix, most, least in asked
    ]


# --- what any result needs to be believed -----------------------------------------------------------------------------


def _trust(study: s.StudyFile, result: Result) -> list[Check]:
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
    checks += _settled(study, result)
    return checks


def _eigenstrained(study: s.StudyFile) -> bool:
    return any(isinstance(load, s.Heated | s.BoltPreload) for load in study.loads)


def _closes(id_: str, title: str, value: float, method: str) -> Check:
    return compare(id_, title, float(value), "", BALANCE_LIMIT, Sense.AT_MOST, method=method, evidence=("result.json",))


def _settled(study: s.StudyFile, result: Result) -> list[Check]:
    """Whether the numbers have settled over the meshes: what hasn't is not verified, whatever its value."""
    rows: list[tuple[str, str, float]] = []
    if study.analysis.type in ("static", "fatigue"):
        found = result.get("static", result)["von_mises_mpa"]
        if found["value"]:
            rows.append(("stress", "Error of the assessed stress", found["error"] / abs(found["value"])))
    names = {"modal": ("frequencies_hz", "the first frequency"), "buckling": ("load_factors", "the load factor")}
    for key, what in [names[study.analysis.type]] if study.analysis.type in names else []:
        values = result.get(key) or []
        if values and values[0]["value"]:
            rows.append((key, f"Error of {what}", values[0]["error"] / abs(values[0]["value"])))
    if "pressure_drop_pa" in result and result["pressure_drop_pa"]["value"]:
        found = result["pressure_drop_pa"]
        rows.append(("pressure", "Error of the pressure drop", found["error"] / abs(found["value"])))
    if "peak" in result and result["peak"]["displacement_mm"]["value"]:
        found = result["peak"]["displacement_mm"]
        rows.append(("response", "Error of the largest amplitude", found["error"] / found["value"]))
    if "temperature_c" in result:
        found = result["temperature_c"]
        span = max(abs(found["max"] - found["min"]), 1e-9)
        rows.append(("temperature", "Error of the temperature, of its span", found["error"] / span))
    checks = []
    for id_, title, value in rows:
        # Twice the target still tells where every limit lies outside the band, which the limits' own checks decide.
        limit = 2 * study.mesh.error
        good = value <= limit
        checks.append(
            Check(
                id=f"trust_{id_}", title=title, status=Status.PASS if good else Status.NOT_VERIFIED, value=value,
                limit=limit, sense=Sense.AT_MOST, margin=(limit - value) / limit, method="difference over meshes",
                evidence=("result.json",), requirement_id=None if good else f"trust_{id_}",
                reason="" if good else "refine: raise mesh.levels, max_dofs or budget, or round sharp corners",
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
    asked = [check for check in checks if check.requirement_id and not check.id.startswith("trust_")]
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
