"""What would make a part lighter that is already as light as its checks allow.

Each way changes one thing only: the material, the load, the safety factor, or one size. How far it must change is found
by sizing the part again, by bisection; the words of each way are such as a person would say, and are taken in as said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backend.design.sizing import governing
from backend.errors import BrickError, DesignError
from backend.schema import Intent, Quantity, Scheme

if TYPE_CHECKING:
    from backend.design.family import Family

# What such parts are usually made of, and strong for its weight: where "lighter" is looked for.
_LIGHT_MATERIALS = ("aluminium 7075-T6", "titanium 6Al-4V", "aluminium 6061-T6", "steel S235", "aluminium 2024-T3")
_LEAST_SHARE = 0.5  # of what is said now: what must give more than half is no help
_HALVINGS = 7  # of the range that is left: within half a percent of what is said
_SIZES = 3  # ways by a size that are told, those that change least first
_GIVEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([^\d\s].*)?")

Way = dict[str, Any]


def refused(
    family: Family, brief: str, answers: Mapping[str, str], now: Scheme, percent: float, limit_g: float
) -> DesignError:
    """The error that says what stands in the way of a mass, and which single change would reach it.

    ``details["ways"]``: [{``say``: the words, ``mass_g``, ``now``: what it is at present}], materials first.
    """
    from backend.materials import get_material

    mass_g = now.mass_g.value if now.mass_g else 0.0
    material = get_material(now.material).name
    tightest = governing(now.checks)
    binds = ""
    if (
        tightest is not None
        and tightest.value is not None
        and tightest.limit is not None
        and tightest.sense is not None
    ):
        unit = f" {tightest.unit}" if tightest.unit not in ("", "1") else ""
        binds = (
            f" Tightest is {tightest.title}: {tightest.value:.3g}{unit} where {tightest.sense.value} "
            f"{tightest.limit:.3g}{unit} is needed; sizes come in steps, and the next smaller one does not hold."
        )
    ways = [*_materials(family, brief, answers, limit_g), *_changes(family, brief, answers, limit_g)]
    offers = "; ".join(
        f"{number}. {way['say']!r} (now {way['now']}): {way['mass_g']:.0f} g" for number, way in enumerate(ways, 1)
    )
    return DesignError(
        f"{percent:g} % lighter is {limit_g:.0f} g, and the least that holds every check is {mass_g:.0f} g "
        f"in {material}.{binds}",
        next_action=f"One change alone that reaches it: {offers}. Say the words of one."
        if ways
        else "No usual material reaches it, nor half the load, nor one size halved. Ask for less, or change several.",
        ways=ways,
        binds=tightest.model_dump(mode="json") if tightest else None,
        materials=[{"material": way["say"], "mass_g": way["mass_g"]} for way in ways if way["what"] == "material"],
    )


def accepted(message: str, ways: list[Way]) -> str | None:
    """The words of the way that a short answer takes: "yes" the first, a number its own; None for anything else."""
    word = message.strip().strip(".!").lower()
    if word in ("yes", "y", "ok", "okay", "do it", "do that", "yes please", "go ahead", "please do"):
        return str(ways[0]["say"])
    number = re.fullmatch(r"(?:option |number |the )?(\d)(?:st|nd|rd|th)?(?: one)?", word)
    ordinals = {
        "the first": 1,
        "the first one": 1,
        "the second": 2,
        "the second one": 2,
        "the third": 3,
        "the last": -1,
    }
    place = int(number[1]) if number else ordinals.get(word, 0)
    if place == -1:
        place = len(ways)
    return str(ways[place - 1]["say"]) if 1 <= place <= len(ways) else None


def _mass(family: Family, brief: str, answers: Mapping[str, str]) -> float | None:
    from backend.agents.corrections import mass_of

    return mass_of(brief, answers, family)


def _materials(family: Family, brief: str, answers: Mapping[str, str], limit_g: float) -> list[Way]:
    """Usual materials in which the part stays within the limit, the lightest first."""
    from backend.agents.conversational_agent import understand
    from backend.materials import get_material

    present = understand(brief, dict(answers)).material
    now = get_material(present).name if present else ""
    found: list[Way] = []
    for name in _LIGHT_MATERIALS:
        material = get_material(name)
        mass = _mass(family, brief, {**answers, "material": material.name})
        if mass is not None and mass <= limit_g and _is_understood(family, brief, answers, material.name, limit_g):
            found.append({"what": "material", "say": material.name, "now": now, "mass_g": mass})
    return sorted(found, key=lambda way: float(way["mass_g"]))[:3]


def _changes(family: Family, brief: str, answers: Mapping[str, str], limit_g: float) -> list[Way]:
    """Ways by the load, the safety factor, and the sizes that must change least."""
    from backend.agents.conversational_agent import understand

    intent = understand(brief, dict(answers))
    found = [_reduced(family, brief, answers, limit_g, *knob) for knob in _knobs(family, intent)]
    ways: list[Way] = [way for way in found if way is not None]
    sizes = [way for way in ways if way["what"] not in ("load", "safety_factor")]
    least = sorted(sizes, key=lambda way: -float(way["share"]))[:_SIZES]
    return [way for way in ways if way in least or way not in sizes]


def _knobs(family: Family, intent: Intent) -> list[tuple[str, str, Quantity | None, float]]:
    """What could give: the answer's id, the words before its value, its present value, and its least share."""
    load = intent.loads[0].magnitude if len(intent.loads) == 1 else None
    factor = intent.safety_factor
    knobs: list[tuple[str, str, Quantity | None, float]] = [
        ("load", "load", load, _LEAST_SHARE),
        ("safety_factor", "safety factor", factor, max(_LEAST_SHARE, 1.0 / factor.value) if factor else 1.0),
    ]
    for name, spec in family.spec.parameters.items():
        if spec.dimension == "length" and name in intent.parameters and spec.form == "any":
            cue = next((cue for cue in spec.cues if "<" not in cue and ">" not in cue), name.replace("_", " "))
            knobs.append((name, cue, intent.parameters[name], _LEAST_SHARE))
    return knobs


def _reduced(
    family: Family,
    brief: str,
    answers: Mapping[str, str],
    limit_g: float,
    name: str,
    words: str,
    quantity: Quantity | None,
    least: float,
) -> Way | None:
    """The largest value of one thing, below what it is, at which the part is light enough; None where there is none."""
    if quantity is None or least >= 1.0:
        return None
    value, unit = _as_given(quantity)

    def light(share: float) -> tuple[str, float] | None:
        said = f"{_floor(share * value):g} {unit}".strip()
        mass = _mass(family, brief, {**answers, name: said})
        return (said, mass) if mass is not None and mass <= limit_g else None

    best, low, high = light(least), least, 1.0
    if best is None:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        trial = light(middle)
        if trial is None:
            high = middle
        else:
            best, low = trial, middle
    say = f"{words} {best[0]}"
    if not _is_understood(family, brief, answers, say, limit_g):
        return None
    now = f"{value:g} {unit}".strip()
    return {"what": name, "say": say, "now": now, "mass_g": best[1], "share": low}


def _is_understood(family: Family, brief: str, answers: Mapping[str, str], say: str, limit_g: float) -> bool:
    """Whether these words, said as a correction, give a part that is light enough."""
    from backend.agents.corrections import correct

    try:
        found = correct(brief, answers, say)
    except BrickError:
        return False
    if found is None or found.question is not None:
        return False
    mass = _mass(family, found.brief, found.answers)
    return mass is not None and mass <= limit_g


def _as_given(quantity: Quantity) -> tuple[float, str]:
    """A quantity in the unit that the person wrote it in, else in the working unit."""
    written = _GIVEN.fullmatch(quantity.given or "")
    if written is not None:
        return float(written[1]), (written[2] or "").strip()
    unit = {"1": "", "degC": "°C"}.get(quantity.unit, quantity.unit)
    return quantity.value, unit


def _floor(value: float) -> float:
    """Three significant digits, never more than the value."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return math.floor(value / step + 1e-9) * step
