"""What moves past the part: wind, water currents and other streams that the brief names."""

from __future__ import annotations

import re
from typing import Any

from backend.agents.base import BaseAgent, required
from backend.agents.physics_members import not_applicable, outcome, requirement_about
from backend.schema import Check, CompiledModel, Intent, Status

_SPEEDS = {
    "m/s": 1.0, "km/h": 1 / 3.6, "kph": 1 / 3.6, "mph": 0.44704, "kn": 0.514444, "knots": 0.514444, "knot": 0.514444,
    "ft/s": 0.3048,
}  # fmt: skip
_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(m/s|km/h|kph|mph|knots?|kn|ft/s)\b", re.IGNORECASE)
_STREAM = re.compile(r"\b(wind|gust|breeze|air\s?flow|air\s?stream|current|stream|flow)s?\b", re.IGNORECASE)
FORCE_COEFFICIENT = 2.0  # a bluff box: 1.05 (cube) to 2.1 (long square bar), F. M. White, table 7.2 and 7.3
SMALL = 0.05  # a drag below this share of the designed load needs no load case of its own


class FluidsAgent(BaseAgent):
    """Drag of the stream that the brief names, in the fluid of the place, against the loads of the design."""

    stage = "physics"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``intent``, ``compiled`` (its bounding box) and ``surroundings`` (the EnvironmentAgent's).

        Returns ``drag_n`` on the largest face of the bounding box, ``reynolds`` and a check of its share of the load.
        """
        from backend.physics.kernel import get_physics_kernel

        intent = Intent.model_validate(required(params, "intent", self.name))
        speed = _speed(intent.brief)
        if speed is None:
            return not_applicable("the brief names no wind, current or flow with a speed")
        words, given, velocity = speed
        surroundings = dict(params.get("surroundings") or {})
        density = surroundings.get("density_kg_m3")
        viscosity = surroundings.get("viscosity_pa_s")
        medium = str(surroundings.get("medium") or "air")
        if density is None:
            density, viscosity, medium = 1.225, 1.789e-5, "air"
        if not density:
            return not_applicable(f"there is no fluid in {medium}")
        if not params.get("compiled"):
            open_ = Check(
                id="stream_drag", title=f"Drag in a {words}", status=Status.NOT_VERIFIED, reason="there is no solid yet"
            )
            return outcome("the stream's drag needs a solid", [open_])
        box = CompiledModel.model_validate(params["compiled"]).bounding_box_mm
        sides = sorted(high - low for low, high in zip(box.min, box.max, strict=True))
        area_m2 = sides[1] * sides[2] * 1e-6
        found = get_physics_kernel().calculate(
            domain="fluids", equation="drag_force", density_kg_m3=density, velocity_m_s=velocity, area_m2=area_m2,
            drag_coefficient=FORCE_COEFFICIENT,
        )  # fmt: skip
        drag = float(found.to("force_n"))
        reynolds = density * velocity * sides[1] * 1e-3 / viscosity if viscosity else None
        load = sum(x.magnitude.value for x in intent.loads if x.kind == "force")
        load += sum(x.magnitude.value * 1e6 * area_m2 for x in intent.loads if x.kind == "pressure")
        share = drag / load if load else None
        small = share is not None and share <= SMALL
        told = (
            f"{drag:.3g} N is {100 * share:.2g} % of the load" if share is not None else f"{drag:.3g} N, no load given"
        )
        check = Check(
            id="stream_drag", title=f"Drag of the {words} on the largest side, {velocity:.3g} m/s", value=drag,
            unit="N", status=Status.PASS if small else Status.NOT_VERIFIED, evidence=("fluids.drag_force",),
            requirement_id=requirement_about(params["intent"], given),
            reason=told if small else f"{told}: give it as a load of its own",
            method=f"bluff box, coefficient {FORCE_COEFFICIENT:g}, {medium} of {density:.4g} kg/m³",
        )  # fmt: skip
        summary = f"{words} of {velocity:.3g} m/s in {medium}: drag {drag:.3g} N on {area_m2 * 1e4:.0f} cm²"
        self.think(summary, drag_n=drag)
        return outcome(summary, [check], drag_n=drag, reynolds=reynolds)


def _speed(brief: str) -> tuple[str, str, float] | None:
    """The stream's word, its speed as it was written, and in m/s: a speed with such a word within 40 characters."""
    for match in _SPEED.finditer(brief):
        around = brief[max(0, match.start() - 40) : match.end() + 40]
        word = _STREAM.search(around)
        if word:
            return word.group(1).lower(), match.group(), float(match.group(1)) * _SPEEDS[match.group(2).lower()]
    return None
