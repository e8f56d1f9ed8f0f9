"""Metals in contact, fluids at the part, and what burns or poisons: from tables, where unknown is never safe."""

from __future__ import annotations

import re
from typing import Any

from backend.agents.base import BaseAgent, required
from backend.agents.physics_members import FLUID_WORDS, HARSHNESS, not_applicable, outcome, requirement_about, words_in
from backend.schema import Check, Intent, Sense, Status

_FASTENER = r"(?:bolt|screw|fastener|rivet|nut|washer|stud|hardware)s?"
_FASTENER_METALS = (
    (r"stainless(?:\s+steel)?|a2(?:-\d+)?|a4(?:-\d+)?|18-8|316|304", "stainless"),
    (r"zinc[\s-]plated|galvani[sz]ed|zinc", "zinc"),
    (r"cadmium[\s-]plated|cadmium", "cadmium"),
    (r"titanium", "titanium"),
    (r"brass", "brass"),
    (r"bronze", "bronze"),
    (r"alumini?um", "aluminium"),
    (r"plain\s+steel|black\s+steel|carbon\s+steel|uncoated", "steel"),
)
# What a steel fastener of a strength grade may wear: bare or zinc. The brief that doesn't say leaves both open.
_GRADES = re.compile(r"\bgrade\s*[258]\b|\bclass\s*\d+\.\d+|\b(?:4\.6|5\.8|8\.8|10\.9|12\.9)\b|SAE", re.IGNORECASE)


class ChemistryAgent(BaseAgent):
    """Judges the couple of part and fasteners, the fluids that the brief names, and their hazards."""

    stage = "physics"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``intent``, ``material`` (id) and ``components`` (the bill of materials as far as it is known).

        Returns checks: the galvanic couple with the range of what is open, each fluid, each hazard.
        """
        from backend.materials import get_material

        intent = Intent.model_validate(required(params, "intent", self.name))
        name = params.get("material") or intent.material
        if not name:
            return not_applicable("no material is chosen")
        material = get_material(str(name))
        brief = intent.brief
        harsh = words_in(brief, HARSHNESS)
        checks = [
            *self._couple(material, brief, harsh, params),
            *self._fluids(material, brief, params["intent"]),
            *self._hazards(brief),
        ]
        if not checks:
            return not_applicable("no fasteners, fluids or substances are named")
        worst = next((c for s in (Status.FAIL, Status.NOT_VERIFIED) for c in checks if c.status is s), checks[0])
        summary = f"{worst.title}: {worst.reason}" if worst.reason else worst.title
        self.think(summary)
        return outcome(summary, checks)

    @staticmethod
    def _couple(material: Any, brief: str, harsh: dict[str, str], params: dict[str, Any]) -> list[Check]:
        """The part against its fasteners in the surroundings that the brief names."""
        from backend.physics.domains.chemistry.galvanic import LIMITS_MV, group_of, potential_span

        fasteners = _fasteners(brief, params.get("components") or {})
        if not fasteners:
            return []
        title = f"Galvanic couple of {material.name} with fasteners of {' or '.join(fasteners)}"
        method = "potentials in sea water (ASTM G82) against the limit of the surroundings (use of MIL-STD-889)"
        part = group_of(material.family, material.id)
        check = Check(
            id="galvanic_couple", title=title, method=method, evidence=("chemistry.galvanic",),
            status=Status.NOT_VERIFIED, reason=f"the potential of {material.name} isn't known",
        )  # fmt: skip
        if part is None:
            if material.category == "metal" or material.family == "composite":
                return [check]
            alone = f"{material.name} is no conductor: there is no couple"
            return [check.model_copy(update={"status": Status.PASS, "reason": alone})]
        where = next(iter(harsh), None)
        limit = float(LIMITS_MV[where or "normal"])
        asked = requirement_about(params["intent"], harsh.get(where or "", "")) if where else None
        spans = [potential_span(part, other) for other in fasteners]
        low, high = min(s[0] for s in spans), max(s[1] for s in spans)
        anode = " or ".join(dict.fromkeys(span[2] for span in spans if span[1] > 0)) or part
        told = f"{low:.0f} to {high:.0f} mV, {anode} corrodes" if high > low else f"{low:.0f} mV, {anode} corrodes"
        surroundings = f"{where} surroundings" if where else "surroundings that the brief doesn't name (indoors taken)"
        if high <= limit:
            status, reason = Status.PASS, f"{told} at most; {limit:.0f} mV is accepted in {surroundings}"
        elif low > limit:
            status = Status.FAIL if where else Status.NOT_VERIFIED
            reason = f"{told}; {limit:.0f} mV is accepted in {surroundings}: insulate the fasteners, coat the part "
            reason += "or name fasteners of another metal"
        else:
            status = Status.NOT_VERIFIED
            reason = f"{told}; {limit:.0f} mV is accepted in {surroundings}: say the coating of the fasteners"
        settled = {
            "value": high if status is Status.PASS else low, "unit": "mV", "limit": limit, "sense": Sense.AT_MOST,
        }  # fmt: skip
        found = {"status": status, "reason": reason, "requirement_id": asked}
        return [check.model_copy(update=found if status is Status.NOT_VERIFIED else {**found, **settled})]

    @staticmethod
    def _fluids(material: Any, brief: str, intent: dict[str, Any]) -> list[Check]:
        from backend.physics.domains.chemistry.galvanic import fluid_compatibility, group_of

        found = []
        for fluid, words in words_in(brief, FLUID_WORDS).items():
            key = group_of(material.family, material.id) or material.id.split("_")[0]
            answer = fluid_compatibility(key, fluid)
            status = {"A": Status.PASS, "C": Status.FAIL}.get(answer["rating"], Status.NOT_VERIFIED)
            reason = answer["meaning"]
            if material.category == "polymer" and re.search("door|weather", words, re.IGNORECASE):
                status, reason = Status.NOT_VERIFIED, f"water: {reason}; what sunlight does to it isn't known"
            found.append(
                Check(
                    id=f"fluid_{fluid}", title=f"{material.name} in {fluid.replace('_', ' ')}", status=status,
                    method="resistance table at 20 °C", evidence=("chemistry.galvanic",),
                    requirement_id=requirement_about(intent, words), reason=reason,
                )
            )  # fmt: skip
        return found

    @staticmethod
    def _hazards(brief: str) -> list[Check]:
        from backend.physics.domains.chemistry.galvanic import HAZARDS, hazard

        found = []
        for key in HAZARDS:
            substance = key.replace("_", " ")
            # "hydrogen" alone isn't the one of hydrogen sulfide.
            if not re.search(rf"\b{substance}\b(?!\s+(?:sulfide|peroxide|chloride|bond))", brief, re.IGNORECASE):
                continue
            data = hazard(key)
            words = []
            if data.get("lower_limit") is not None:
                words.append(f"burns in air from {100 * data['lower_limit']:g} to {100 * data['upper_limit']:g} %")
            if data.get("exposure_ppm") is not None:
                words.append(f"exposure limit {data['exposure_ppm']:g} ppm over a shift")
            found.append(
                Check(
                    id=f"hazard_{substance.replace(' ', '_')}", title=f"Hazard of {substance}",
                    status=Status.NOT_VERIFIED, method="Zabetakis 1965; NIOSH Pocket Guide",
                    evidence=("chemistry.galvanic",),
                    reason=f"{'; '.join(words) or 'limits unknown'}: leaks and ignition aren't analysed",
                )
            )  # fmt: skip
        return found


def _fasteners(brief: str, components: dict[str, Any]) -> list[str]:
    """Metal groups that the fasteners may have: what the brief says, else what the bill's standards leave open."""
    for pattern, group in _FASTENER_METALS:
        before = rf"\b(?:{pattern})\b[\w\s-]{{0,12}}\b{_FASTENER}\b"
        after = rf"\b{_FASTENER}\b[\w\s-]{{0,12}}\bof\s+(?:{pattern})\b"
        if re.search(f"{before}|{after}", brief, re.IGNORECASE):
            return [group]
    from backend.manufacturing.bom import component_fields

    parts = [component_fields(part) for part in components.get("parts", ())]  # as a family says them, or as the bill
    bought = [str(part.get("standard") or "") for part in parts if part.get("kind") == "bought"]
    text = " ".join(bought)
    for pattern, group in _FASTENER_METALS[:2]:
        if re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
            return [group]
    return ["steel", "zinc"] if bought and (_GRADES.search(text) or re.search("bolt|screw|ISO", text, re.I)) else []
