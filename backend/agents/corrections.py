"""What a person says about a design that is there: "no, steel", "20 % lighter", "thicken here", "width 8 in".

A correction becomes an answer (question id -> words), which takes the place of what the brief says. Words that change
nothing here are refused with what can be said; nothing is taken for understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.design.sizing import INCREMENT_MM
from backend.errors import DesignError, InputError
from backend.intent.cues import find_cues
from backend.intent.grammar import Grammar, accepts
from backend.intent.scanner import ScannedQuantity, scan
from backend.schema import Intent, Question, Scheme

if TYPE_CHECKING:
    from backend.design.family import Family

UNDO = re.compile(
    r"\s*(?:no,?\s+)?(?:please\s+)?(?:undo(?:\s+(?:that|it|this|the last one))?|take (?:that|it) back|"
    r"go back|revert(?:\s+that)?|as it was(?:\s+before)?)\W*",
    re.IGNORECASE,
)
_LIGHTER = re.compile(
    r"(?P<amount>\d+(?:[.,]\d+)?)\s*(?:%|percent|per cent)\s+(?:lighter|less\s+(?:mass|weight|heavy))|"
    r"(?:lighter|less\s+(?:mass|weight))\s+by\s+(?P<by>\d+(?:[.,]\d+)?)\s*(?:%|percent|per cent)",
    re.IGNORECASE,
)
_MORE = {"thick": "thick", "wide": "wide", "long": "long", "tall": "tall", "high": "high", "deep": "deep"}
_LESS = {"thin": "thick", "narrow": "wide", "short": "long", "low": "high", "shallow": "deep"}
_GROW = re.compile(r"\b(thicken|widen|lengthen|deepen|enlarge|bigger|larger|more|increase|raise|grow)\b", re.IGNORECASE)
_SHRINK = re.compile(r"\b(thin out|thinner|narrower|shorten|smaller|less|reduce|lower|shrink)\b", re.IGNORECASE)
_COMPARED = re.compile(
    r"\b(thick|thin|wid|narrow|long|short|tall|high|low|deep|shallow)(?:n?er|ken|en)\b", re.IGNORECASE
)
_STEMS = {"wid": "wide"}
_REFUSED = re.compile(r"\b(?:instead of|rather than|not)\s+[\w-]+(?:\s+[\w-]+)?", re.IGNORECASE)
_RATIO = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:%|percent|per cent)", re.IGNORECASE)
_HERE = re.compile(r"\b(here|this|there)\b", re.IGNORECASE)
# What such parts are usually made of, and strong for its weight: where "lighter" is looked for.
_LIGHT_MATERIALS = ("aluminium 7075-T6", "titanium 6Al-4V", "aluminium 6061-T6", "steel S235", "aluminium 2024-T3")
DEFAULT_STEP = 0.10  # of the size: what "thicker" means where no amount is said; listed as said so


@dataclass
class Correction:
    """A brief and its answers after a correction, a sentence for each change, and a question where one is left."""

    brief: str
    answers: dict[str, str]
    told: list[str] = field(default_factory=list)
    question: Question | None = None


def correct(
    brief: str,
    answers: Mapping[str, str],
    said: str,
    *,
    scheme: Mapping[str, Any] | None = None,
    face: str | None = None,
) -> Correction | None:
    """The brief and answers with ``said`` taken in; None where the words change nothing that is known here.

    ``scheme`` is the sized design that is spoken of (it is sized anew where it is not given), ``face`` the name of the
    face that was picked. Raises InputError for a change that can't be read, DesignError where no design is that light.
    """
    from backend.agents.conversational_agent import understand
    from backend.design import get_family

    intent = understand(brief, dict(answers))
    if intent.family is None:
        return None
    family = get_family(intent.family)
    out = Correction(brief, dict(answers))
    lighter = _LIGHTER.search(said)
    if lighter:
        _lighten(out, intent, family, float((lighter["amount"] or lighter["by"]).replace(",", ".")), scheme)
        return out
    if not _relative(out, intent, family, said, scheme, face):
        _absolute(out, family, said)
    _material(out, said)
    return out if out.told or out.question else None


def _sized(intent: Intent, family: Family, scheme: Mapping[str, Any] | None) -> Scheme:
    if scheme and scheme.get("parameters") and scheme.get("mass_g"):
        return Scheme.model_validate(scheme)
    if intent.questions:
        raise InputError(
            "the design is not sized yet, so nothing can be said relative to it",
            next_action=f"Answer first: {intent.questions[0].text}",
            code="question_open",
        )
    return family.size(intent)


def _lighten(out: Correction, intent: Intent, family: Family, percent: float, scheme: Mapping[str, Any] | None) -> None:
    """Limit the mass below what it is, where some design holds that; else say how light it gets, and in what."""
    now = _sized(intent, family, scheme)
    if now.mass_g is None or not 0 < percent < 100:
        raise InputError(f"{percent:g} % lighter is no mass that can be made", next_action="Say a share below 100 %.")
    limit = now.mass_g.value * (1 - percent / 100)
    from backend.agents.conversational_agent import understand

    out.brief = f"{out.brief.rstrip(' .;')}. Mass at most {limit:.1f} g"
    # Sizes that were fixed earlier may stand in the way; those that the brief gives stay.
    try:
        family.size(understand(out.brief, out.answers))
    except DesignError as problem:
        others = _lighter_materials(out, family, limit)
        fixed = [name for name in out.answers if _is_free(family, name)]
        loose = {key: words for key, words in out.answers.items() if key not in fixed}
        freed = _mass_of(out.brief, loose, family) if fixed else None
        if freed is not None:
            sizes = " and ".join(name.replace("_", " ") for name in fixed)
            raise DesignError(
                f"{percent:g} % lighter is {limit:.0f} g, and with the {sizes} that you fixed it is "
                f"{now.mass_g.value:.0f} g",
                next_action=f"Leave the {sizes} to the sizing: then it is {freed:.0f} g.",
                fixed=fixed,
            ) from problem
        advice = (
            "Lighter in another material: " + "; ".join(f"{name} {mass:.0f} g" for name, mass in others) + "."
            if others
            else "No material that is usual for such parts makes it that light with these sizes and loads."
        )
        raise DesignError(
            f"{percent:g} % lighter is {limit:.0f} g, and these sizes and loads need {now.mass_g.value:.0f} g in "
            f"{now.material}: it is the least that holds every check",
            next_action=f"{advice} Or allow other sizes, less load, or a lower safety factor.",
            materials=[{"material": name, "mass_g": mass} for name, mass in others],
        ) from problem
    out.told.append(f"mass at most {limit:.0f} g ({percent:g} % below {now.mass_g.value:.0f} g)")


def _is_free(family: Family, name: str) -> bool:
    """Whether a size is one that the sizing would choose if nobody said it."""
    spec = family.spec.parameters.get(name)
    return spec is not None and not spec.required and spec.default is None and spec.dimension == "length"


def _mass_of(brief: str, answers: dict[str, str], family: Family) -> float | None:
    """The mass of the part with these words, g; None where no design holds."""
    from backend.agents.conversational_agent import understand
    from backend.errors import BrickError

    try:
        mass = family.size(understand(brief, answers)).mass_g
    except BrickError:
        return None
    return mass.value if mass else None


def _lighter_materials(out: Correction, family: Family, limit_g: float) -> list[tuple[str, float]]:
    """Usual materials in which the part stays within the limit, the lightest first."""
    from backend.materials import get_material

    found = []
    for name in _LIGHT_MATERIALS:
        material = get_material(name)
        mass = _mass_of(out.brief, {**out.answers, "material": material.name}, family)
        if mass is not None and mass <= limit_g:
            found.append((material.name, mass))
    return sorted(found, key=lambda item: item[1])[:3]


def _relative(
    out: Correction, intent: Intent, family: Family, said: str, scheme: Mapping[str, Any] | None, face: str | None
) -> bool:
    """Sizes that are said relative to what they are: "thicken here", "10 mm wider", "make the shelf leg longer"."""
    compared = _COMPARED.search(said)
    grows = bool(_GROW.search(said))
    shrinks = bool(_SHRINK.search(said))
    if not (compared or grows or shrinks) or re.search(r"\bto\s+\d", said):
        return False
    stem = _STEMS.get(compared[1].lower(), compared[1].lower()) if compared else ""
    down = stem in _LESS or (shrinks and not compared)
    adjective = _LESS.get(stem) or _MORE.get(stem, "")
    name = _target(family, said, adjective, face)
    if name is None:
        if face is not None and _HERE.search(said):
            raise InputError(
                f"no size of the {family.title} is known to change the face {face!r}",
                next_action=f"Name the size: {', '.join(_names(family))}.",
            )
        return False
    current = _sized(intent, family, scheme).parameters.get(name)
    if current is None:
        return False
    amounts = [q for q in scan(said) if q.dimension == family.spec.parameters[name].dimension]
    share = _RATIO.search(said)
    step = amounts[0].value if amounts else current.value * (
        float(share[1].replace(",", ".")) / 100 if share else DEFAULT_STEP
    )  # fmt: skip
    value = current.value - step if down else current.value + step
    if not amounts and not share and current.unit == "mm":
        increment = INCREMENT_MM[intent.length_unit]
        value = round(value / increment) * increment
    if value <= 0:
        raise InputError(f"{name.replace('_', ' ')} can't be reduced by that much", next_action="Say a smaller amount.")
    words = f"{value:.9g} {current.unit}"
    how = "" if amounts or share else f" (by {DEFAULT_STEP:.0%}, since no amount was said)"
    where = f", at the face {face!r}" if face and _HERE.search(said) else ""
    out.answers[name] = words
    out.told.append(f"{name.replace('_', ' ')} {current.value:.6g} {current.unit} → {words}{where}{how}")
    return True


def _names(family: Family) -> list[str]:
    return [name for name, spec in family.spec.parameters.items() if spec.dimension == "length"]


def _target(family: Family, said: str, adjective: str, face: str | None) -> str | None:
    """The size that is meant: by its own words, by the face that was picked, or by the adjective."""
    named = []
    for name, spec in family.spec.parameters.items():
        nouns = [cue for cue in spec.cues if not cue.endswith(">") and not cue.startswith("<")]
        hits = find_cues(said, name, [*nouns, name.replace("_", " ")], ())
        named += [(hit.end - hit.start, name) for hit in hits]
    if named:
        return max(named)[1]
    if face is not None and face in family.spec.faces:
        return family.spec.faces[face]
    wanted = {f"{adjective}>", f"{adjective}ness"} if adjective else set()
    return next((name for name, spec in family.spec.parameters.items() if wanted & set(spec.cues)), None)


def _absolute(out: Correction, family: Family, said: str) -> None:
    """Values that are said outright: "change the width to 8 in", "M8 bolts", "it must carry 400 lb"."""
    reading = Grammar(said, scan(said), family.spec).read()
    for name, bound in reading.parameters.items():
        if bound.bare or not accepts(family.spec.parameters[name], bound.quantity):
            continue
        _set(out, name, _words(bound.quantity))
    for bound in reading.loads:
        _set(out, "load", _words(bound.quantity))
    wanted = _REFUSED.sub("", said)
    for name, choice in family.spec.choices.items():
        found = [option for option, words in choice.options.items() if find_cues(wanted, name, words, ())]
        if len(found) == 1:
            _set(out, name, found[0])


def _words(q: ScannedQuantity) -> str:
    return q.text if not q.inherited or not q.user_unit else f"{q.text} {q.user_unit}"


def _set(out: Correction, name: str, words: str) -> None:
    if out.answers.get(name) != words:
        out.answers[name] = words
        out.told.append(f"{name.replace('_', ' ')} is {words}")


def _material(out: Correction, said: str) -> None:
    """A material that the words name: taken where it is one of the library's, asked where it could be several."""
    from backend.materials import find_materials, get_material

    found = list(find_materials(said))
    plain = [match for match in found if not match.ambiguous]
    if len(plain) == 1:
        _set(out, "material", get_material(plain[0].id).name)
    elif found:
        options = tuple(dict.fromkeys(
            get_material(candidate).name
            for match in (plain or found)
            for candidate in ((match.id,) if not match.ambiguous else match.candidates)
        ))[:8]  # fmt: skip
        out.question = Question(
            id="material",
            text=f"Which {said[found[0].start : found[0].end]} is meant?",
            reason="strength, stiffness, density and price differ between them",
            options=options,
            default=options[0] if options else None,
        )
