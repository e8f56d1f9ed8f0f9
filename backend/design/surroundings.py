"""What the brief says of the surroundings and of how the load acts, in what the checks leave open."""

from __future__ import annotations

from backend.design import checking
from backend.schema import Assumption, Check, Intent

#: ids of the requirements about a load that no static check covers
LOADING = ("environment_dynamic", "environment_impact", "environment_cyclic", "environment_vibration")
UNNAMED = "the brief says nothing about the surroundings"
_CORRODING = ("outdoors", "salt", "corrosive", "water", "under", "moisture")


def said(intent: Intent, *names: str) -> str:
    """The brief's own words for those surroundings, in quotation marks; "" where it names none."""
    wanted = {name if name.startswith("environment_") else f"environment_{name}" for name in names}
    spans = [r.span for r in intent.requirements if r.id in wanted and r.span is not None]
    return " and ".join(f"'{span.text}'" for span in spans)


def static(intent: Intent, text: str) -> Assumption:
    """The assumption that the load is static, with the words of the brief that it goes against."""
    words = said(intent, *LOADING)
    if words:
        return Assumption(
            id="static", text=text, reason=f"the brief says {words}, and no check here covers that: it is not verified"
        )
    if any(item.id == "unread" for item in intent.assumptions):
        return Assumption(id="static", text=text, reason="what the brief says beside that was to be ignored")
    return Assumption(id="static", text=text, reason="the brief says nothing else")


def fatigue(intent: Intent) -> Check:
    """Fatigue is not checked."""
    words = said(intent, *LOADING)
    reason = "the load is taken as static; the brief gives no number of cycles"
    if words:
        reason = f"the brief says {words}, and the checks hold a static load: they say nothing of a life in cycles"
    return checking.not_verified("fatigue", "Fatigue", reason)


def corrosion(intent: Intent) -> Check:
    """Corrosion as a whole is not checked; the couple of metals and the fluids have checks of their own."""
    words = said(intent, *_CORRODING)
    reason = UNNAMED
    if words:
        reason = f"the brief says {words}: rates of attack, pitting and coatings are not worked out"
    return checking.not_verified("corrosion", "Corrosion", reason)
