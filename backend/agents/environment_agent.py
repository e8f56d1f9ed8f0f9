"""Where the part is: gravity, atmosphere, pressure and temperatures of the place that the brief names."""

from __future__ import annotations

import re
from typing import Any

from backend.agents.base import BaseAgent, required
from backend.agents.physics_members import PLACE_WORDS, not_applicable, outcome, requirement_about, words_in
from backend.errors import BrickError
from backend.schema import Check, Intent, Origin, Status

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)\s*(km|m|ft|feet|metres|meters)\b"
_ALTITUDE = (
    rf"(?:altitude|elevation|height)\s+of\s+{_NUMBER}",
    rf"{_NUMBER}\s*(?:of\s+)?(?:altitude|elevation|above\s+sea\s+level|asl|high\s+mountain)",
)
_DEPTH = (
    rf"(?:depth|depths)\s+of\s+{_NUMBER}",
    rf"{_NUMBER}\s*(?:of\s+)?(?:deep|depth|down|under\s?water|below\s+(?:the\s+)?(?:surface|sea))",
)
_METRES = {"km": 1000.0, "m": 1.0, "metres": 1.0, "meters": 1.0, "ft": 0.3048, "feet": 0.3048}


class EnvironmentAgent(BaseAgent):
    """Reads the place from the brief, or takes the state's own; says what it does to loads and temperatures."""

    stage = "physics"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``intent``, and ``environment`` where the state names a ``place`` (with altitude_m, depth_m, site).

        Returns ``environment`` (gravity, pressure, density, temperatures; see environments.places) and checks of what
        the place does to the design. Raises InputError for a place or a number outside the models.
        """
        from backend.physics.domains.environments.places import MARS_SITES, place

        intent = Intent.model_validate(required(params, "intent", self.name))
        given = dict(params.get("environment") or {})
        words = words_in(intent.brief, PLACE_WORDS)
        altitude_m, depth_m = _metres(intent.brief, _ALTITUDE), _metres(intent.brief, _DEPTH)
        name = str(given.get("place") or next(iter(words), "") or ("deep_sea" if depth_m else "earth"))
        altitude = float(given.get("altitude_m", altitude_m or 0.0))
        depth = float(given.get("depth_m", depth_m or 0.0))
        site = given.get("site") or next((s for s in MARS_SITES if s in intent.brief.lower() and s != "datum"), None)
        service = intent.parameters.get("service_temperature")
        found = place(name, altitude_m=altitude, depth_m=depth, site=site if name == "mars" else None)
        if not words and not given.get("place") and altitude_m is None and depth_m is None:
            plain = not_applicable("the brief names no place; the Earth at sea level is taken")
            return {**plain, "environment": found}
        requirement = requirement_about(params["intent"], words.get(name, "")) if name in words else None
        checks = [c for c in (
            _thin_air(found, intent, altitude_m),
            self._weight(found, intent), self._pressure(found, intent, depth),
            self._temperature(found, service, requirement, params.get("material")),
        ) if c is not None]  # fmt: skip
        summary = _told(found, altitude, depth)
        self.think(summary, place=name)
        return outcome(summary, checks, environment=found)

    @staticmethod
    def _weight(found: dict[str, Any], intent: Intent) -> Check | None:
        """A load that was given as a mass was turned into a force with the Earth's gravity."""
        gravity = found["gravity_m_s2"]
        masses = [
            x for x in intent.loads if x.kind == "force" and re.search(r"(kg|lb|tonne|ton)s?\b", str(x.magnitude.given))
        ]
        if gravity is None or not masses or abs(gravity - 9.80665) < 0.05:
            return None
        here = masses[0].magnitude.value * gravity / 9.80665
        return Check(
            id="weight_at_place", title="Weight of the load at its place", status=Status.PASS, value=here, unit="N",
            method=f"gravity {gravity:g} m/s²; the part is designed for the Earth's {masses[0].magnitude.value:.4g} N",
            evidence=("environments.places",), reason="the design is on the safe side",
        )  # fmt: skip

    @staticmethod
    def _pressure(found: dict[str, Any], intent: Intent, depth_m: float) -> Check | None:
        gauge = found.get("gauge_pressure_pa")
        if not gauge:
            return None
        mpa = gauge / 1e6
        loads = [load.magnitude.value for load in intent.loads if load.kind == "pressure"]
        covered = bool(loads) and max(loads) >= mpa * 0.999
        return Check(
            id="water_pressure", title=f"Water pressure at {depth_m:g} m", unit="MPa", value=mpa,
            status=Status.PASS if covered else Status.NOT_VERIFIED,
            requirement_id=_named(intent, "environment_depth"), method="environments.sea_pressure (UNESCO 44)",
            evidence=("environments.sea_pressure",),
            reason="" if covered else f"{mpa:.3g} MPa isn't among the loads of the brief: say it as a pressure",
        )  # fmt: skip

    @staticmethod
    def _temperature(found: dict[str, Any], service: Any, requirement: str | None, material: Any) -> Check | None:
        """Whether the temperature that the part is designed for, and the material's data, span the place's range."""
        span = found.get("temperature_range_c")
        if span is None:
            return None
        title = f"Temperatures of the place, {span[0]:g} to {span[1]:g} °C"
        method = "range of the place against the temperature of the design and the data of the material"
        at = None if service is None else service.value
        assumed = service is None or service.origin is Origin.ASSUMPTION
        reasons = []
        if assumed:
            reasons.append(
                "the brief gives no service temperature"
                + ("" if at is None else f" and {at:g} °C was taken: say the coldest and the hottest")
            )
        elif at is not None and not span[0] <= at <= span[1]:
            reasons.append(f"the part is designed for {at:g} °C, outside the range of the place")
        reasons += _unknown_at(material, span)
        return Check(
            id="place_temperatures", title=title, method=method, evidence=("environments.places",),
            status=Status.NOT_VERIFIED if reasons else Status.PASS, requirement_id=requirement,
            reason="; ".join(reasons) or f"designed for {at:g} °C",
        )  # fmt: skip


def _named(intent: Intent, requirement: str) -> str | None:
    return requirement if any(r.id == requirement for r in intent.requirements) else None


def _thin_air(found: dict[str, Any], intent: Intent, altitude_m: float | None) -> Check | None:
    """What thinner air does: it cools less, and nothing else of these parts depends on it."""
    if altitude_m is None or not found["pressure_pa"] or found["place"] not in ("earth", "mars"):
        return None
    hot = any(load.kind == "heat" for load in intent.loads) and found["place"] == "earth" and altitude_m > 300
    return Check(
        id="air_at_altitude", title=f"Air at {altitude_m:g} m", value=found["pressure_pa"], unit="Pa",
        status=Status.NOT_VERIFIED if hot else Status.PASS, evidence=("environments.atmosphere",),
        requirement_id=_named(intent, "environment_altitude"), method=found["sources"][0],
        reason="the cooling was computed for air at sea level" if hot else "no load of the design depends on it",
    )  # fmt: skip


def _unknown_at(material: Any, span: tuple[float, float]) -> list[str]:
    """Where the strength of the material isn't known at an end of the range."""
    from backend.materials import get_material

    if not material:
        return []
    try:
        known = get_material(str(material))
    except BrickError:
        return [f"the library has no material {material!r}"]
    missing = []
    for end in span:
        try:
            known.value("yield_strength_mpa", temperature_c=end)
        except BrickError:
            missing.append(f"{end:g} °C")
    return [f"the yield strength of {known.name} isn't known at {' and '.join(missing)}"] if missing else []


def _metres(text: str, patterns: tuple[str, ...]) -> float | None:
    for pattern in patterns:
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return float(match.group(1).replace(",", "")) * _METRES[match.group(2).lower()]
    return None


def _told(found: dict[str, Any], altitude_m: float, depth_m: float) -> str:
    where = {"earth": f"the Earth at {altitude_m:g} m", "mars": "Mars", "moon": "the Moon", "vacuum": "open space",
             "deep_sea": f"the sea at {depth_m:g} m"}[found["place"]]  # fmt: skip
    parts = [f"gravity {found['gravity_m_s2']:.3g} m/s²"]
    if found["pressure_pa"]:
        parts.append(f"pressure {found['pressure_pa']:.4g} Pa")
    if found["density_kg_m3"]:
        parts.append(f"{found['medium']} of {found['density_kg_m3']:.3g} kg/m³")
    return f"{where}: {', '.join(parts)}"
