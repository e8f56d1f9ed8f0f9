"""What a person says about a design that is there: "no, steel", "20 % lighter", "thicken here", "width 8 in".

A correction becomes an answer (question id -> words), which takes the place of what the brief says. Words that change
nothing here are refused with what can be said; nothing is taken for understood.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from backend.agents import relative
from backend.design.sizing import INCREMENT_MM
from backend.errors import DesignError, InputError
from backend.intent import doubts, lengthened
from backend.intent.bolts import bolts_around, find_bolt_grades
from backend.intent.cues import find_cues
from backend.intent.draft import sense_of
from backend.intent.grammar import Grammar, Reading, accepts
from backend.intent.negated import blanked, find_negations
from backend.intent.scanner import ScannedQuantity, scan
from backend.intent.several import Several, put_together
from backend.schema import Intent, Question, Scheme

if TYPE_CHECKING:
    from backend.design.family import Family

UNDO = re.compile(
    r"\s*(?:no,?\s+)?(?:please\s+)?(?:undo(?:\s+(?:that|it|this|the last one))?|take (?:that|it) back|"
    r"go back|revert(?:\s+that)?|as it was(?:\s+before)?)\W*",
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
_AS_FAR = re.compile(r"\bas\s+(thick|thin|wid|narrow|long|short|tall|high|low|deep|shallow)e?\b", re.IGNORECASE)
# the words say where a size ends, not by how much it changes
_ENDS = re.compile(r"\bto\s+\d|\b(?:no|not|at)\s+(?:more|less|most|least|larger|smaller)\b", re.IGNORECASE)
_HERE = re.compile(r"\b(here|this|there)\b", re.IGNORECASE)
# what stands in contrast to what is wanted, and needs no word of its own
_CONTRAST = re.compile(r"(?:instead\s+of|in\s+place\s+of|rather\s+than)\b|not\b[^,.;]*\bbut\b", re.IGNORECASE)
_PLACED = re.compile(r"\bat\s+(?:the\s+tip|the\s+(?:\w+\s+)?end|\d)|\bin\s+the\s+(?:middle|cent)", re.IGNORECASE)
DEFAULT_STEP = 0.10  # of the size: what "thicker" means where no amount is said; listed as said so


@dataclass
class Correction:
    """A brief and its answers after a correction, a sentence for each change, and a question where one is left.

    ``left`` are the parts of what was said that were not understood; each is told too.
    """

    brief: str
    answers: dict[str, str]
    told: list[str] = field(default_factory=list)
    question: Question | None = None
    left: list[str] = field(default_factory=list)


def correct(
    brief: str,
    answers: Mapping[str, str],
    said: str,
    *,
    scheme: Mapping[str, Any] | None = None,
    face: str | None = None,
) -> Correction | None:
    """The brief and answers with ``said`` taken in; None where the words change nothing that is known here.

    Words that say several things ("8 in wide, double the load and paint it red") are taken in one after the other; what
    of them isn't understood is told among the changes. ``scheme`` is the sized design that is spoken of (it is sized
    anew where it is not given), ``face`` the name of the face that was picked. Raises InputError for a change that
    can't be read, DesignError where no design is that light.
    """
    refused = find_negations(said)
    ruled_out = [said[n.start : n.end] for n in refused if not _CONTRAST.match(said[n.start :])]
    said = relative.without_refused(blanked(said, (n.place for n in refused)))
    whole, problem = None, None
    try:
        whole = _one(brief, answers, said, scheme, face)
    except InputError as refused:
        problem = refused
    parts = relative.clauses(said)
    found = _in_parts(brief, answers, parts, scheme, face, whole) if len(parts) > 1 else None
    if found is None and problem is not None:
        raise problem
    out = found or whole
    if out is None or out.question is not None:
        return out
    changed = {name for name, words in out.answers.items() if answers.get(name) != words}
    for words in ruled_out:
        out = _with_ruled_out(out, words, changed)
    return out


def _with_ruled_out(out: Correction, words: str, changed: Collection[str]) -> Correction:
    """The correction with what its words rule out besides ("8 in wide, no M6 bolts"), as a sentence of the brief.

    ``changed`` is what the other words changed: "6 holes, not 4" says nothing more of it.
    """
    from backend.agents.conversational_agent import understand

    added = _added(out, words)
    if added is not None:
        intent = understand(added.brief, added.answers)
        span = len(out.brief)
        about = {r.kind.split(":")[1] for r in intent.requirements if ":" in r.kind and r.span and r.span.start >= span}
        if (about or {"material"}) <= set(changed) and re.match(r"not\b", words, re.IGNORECASE):
            return out
        return replace(out, brief=added.brief, told=[*out.told, *added.told])
    if re.match(r"not\b", words, re.IGNORECASE):  # "8 holes, not 4"
        return out
    return replace(out, told=[*out.told, not_taken(words)], left=[*out.left, words])


def _in_parts(
    brief: str,
    answers: Mapping[str, str],
    parts: list[str],
    scheme: Mapping[str, Any] | None,
    face: str | None,
    whole: Correction | None,
) -> Correction | None:
    """The parts of what was said, taken in one after the other; None where that is no better than taken ``whole``."""
    out, left, changed = Correction(brief, dict(answers)), list[str](), set[str]()
    for part in parts:
        try:
            step = _one(out.brief, out.answers, part, scheme, face) or _added(out, part)
        except InputError:
            step = None
        if step is None:
            left.append(part)
        elif step.question is not None:
            return None
        else:
            now = {name for name, words in step.answers.items() if out.answers.get(name) != words}
            if now & changed and whole is not None and whole.question is None:
                return whole  # "1 kN at 50 mm and 200 N at the tip" is one thing
            changed |= now
            out = Correction(step.brief, step.answers, [*out.told, *step.told])
    if not out.told:
        return None
    if whole is not None and whole.question is None:
        taken = " ".join(words for name, words in whole.answers.items() if answers.get(name) != words)
        figures = [q.text for part in left for q in scan(part)]
        if figures and all(figure in taken for figure in figures):  # "legs 6 in and 3 in" is one thing
            out, left = whole, [part for part in left if not scan(part)]
    for part in left:
        if _says_something(out, part):
            out.left.append(part)
            out.told.append(not_taken(part))
    return out


def not_taken(part: str) -> str:
    """What is told of a part that was not understood."""
    return f"not understood, and so not taken in: {part!r}"


def _added(out: Correction, part: str) -> Correction | None:
    """A part that is understood as a further sentence of the brief: a limit, the surroundings."""
    from backend.agents.conversational_agent import meaning, understand

    longer = lengthened(out.brief, part)
    after = understand(longer, out.answers)
    if after.questions or meaning(after) == meaning(understand(out.brief, out.answers)):
        return None
    return Correction(longer, out.answers, [part])


def _says_something(out: Correction, part: str) -> bool:
    from backend.agents.conversational_agent import understand
    from backend.design import get_family
    from backend.intent.leftovers import unread

    family = understand(out.brief, out.answers).family
    return bool(scan(part)) or family is None or bool(unread(part, get_family(family).spec, (), ()))


def _one(
    brief: str, answers: Mapping[str, str], said: str, scheme: Mapping[str, Any] | None, face: str | None
) -> Correction | None:
    """One thing that is said, as :func:`correct`."""
    from backend.agents.conversational_agent import understand
    from backend.design import get_family

    intent = understand(brief, dict(answers))
    if intent.family is None:
        return None
    family = get_family(intent.family)
    out = Correction(brief, dict(answers))
    percent = relative.mass_share(said)
    if percent is not None:
        _lighten(out, intent, family, percent, scheme)
        return out
    told = _load_times(out, intent, said) or _more_or_fewer(out, intent, family, said, scheme)
    if not told and not _relative(out, intent, family, said, scheme, face):
        _absolute(out, family, said)
    grades = _grade(out, family, said)
    _material(out, blanked(said, grades))
    return out if out.told or out.question else None


def _load_times(out: Correction, intent: Intent, said: str) -> bool:
    """A load that is said relative to what it is: "double the load", "20 % less load"."""
    times, step = relative.load_factor(said), relative.load_step(said)
    if step is None and (times is None or any(q.dimension in ("force", "mass", "pressure") for q in scan(said))):
        return False
    if step is not None and _PLACED.search(said):
        raise InputError(
            f"{said!r} adds a load in a place of its own",
            next_action="Say all the loads, e.g. 'load 1 kN at 70 mm and 200 N at the tip'.",
        )
    if len(intent.loads) != 1:
        raise InputError(
            f"{said!r} speaks of the load, and there {'is none' if not intent.loads else 'are several'}",
            next_action="Say the load itself, e.g. 'load 400 lb'.",
        )
    now = intent.loads[0].magnitude
    given = now.given or f"{now.value:g} {now.unit}"
    if step is not None:
        if now.unit != "N" or now.value + step[0] <= 0:
            raise InputError(f"{step[1]} can't be put to {given}", next_action="Say the load as it should be.")
        times, why = 1 + step[0] / now.value, f" ({given} {'and' if step[0] > 0 else 'less'} {step[1]})"
    else:
        why = f" ({times:g} times {given})"
    written = next(iter(scan(given)), None)
    known = written is not None and written.user_unit
    value, unit = (written.number, written.user_unit) if written is not None and known else (now.value, now.unit)
    _set(out, "load", f"{value * float(times or 1):.6g} {unit}", why)
    return True


def _more_or_fewer(
    out: Correction, intent: Intent, family: Family, said: str, scheme: Mapping[str, Any] | None
) -> bool:
    """How many more or fewer there are to be of something: "two more holes", "remove two screws"."""
    step = relative.count_step(said)
    if step is None:
        return False
    noun, change = step
    counts = {name: spec for name, spec in family.spec.parameters.items() if spec.dimension == "count"}
    known = [name for name in counts if name in intent.parameters]
    told = [name for name in (known or counts) if any(noun in cue for cue in counts[name].cues)]
    if not told:
        return False
    name = told[0]
    now = intent.parameters.get(name) or _sized(intent, family, scheme).parameters.get(name)
    if now is None:
        return False
    if now.value + change < 1:
        raise InputError(
            f"there are {now.value:g} of them, so {-change} can't go", next_action="Say how many there should be."
        )
    _set(out, name, f"{now.value + change:g}", f", in place of {now.value:g}")
    return True


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
    from backend.agents import lighter
    from backend.agents.conversational_agent import understand

    brief = out.brief
    out.brief = lengthened(out.brief, f"Mass at most {limit:.1f} g")
    # Sizes that were fixed earlier may stand in the way; those that the brief gives stay.
    try:
        family.size(understand(out.brief, out.answers))
    except DesignError as problem:
        fixed = [name for name in out.answers if _is_free(family, name)]
        loose = {key: words for key, words in out.answers.items() if key not in fixed}
        freed = mass_of(out.brief, loose, family) if fixed else None
        if freed is not None:
            sizes = " and ".join(name.replace("_", " ") for name in fixed)
            raise DesignError(
                f"{percent:g} % lighter is {limit:.0f} g, and with the {sizes} that you fixed it is "
                f"{now.mass_g.value:.0f} g",
                next_action=f"Leave the {sizes} to the sizing: then it is {freed:.0f} g.",
                fixed=fixed,
            ) from problem
        raise lighter.refused(family, brief, out.answers, now, percent, limit) from problem
    out.told.append(f"mass at most {limit:.0f} g ({percent:g} % below {now.mass_g.value:.0f} g)")


def _is_free(family: Family, name: str) -> bool:
    """Whether a size is one that the sizing would choose if nobody said it."""
    spec = family.spec.parameters.get(name)
    return spec is not None and not spec.required and spec.default is None and spec.dimension == "length"


def mass_of(brief: str, answers: Mapping[str, str], family: Family) -> float | None:
    """The mass of the part with these words, g; None where no design holds."""
    from backend.agents.conversational_agent import understand
    from backend.errors import BrickError

    try:
        mass = family.size(understand(brief, dict(answers))).mass_g
    except BrickError:
        return None
    return mass.value if mass else None


def _relative(
    out: Correction, intent: Intent, family: Family, said: str, scheme: Mapping[str, Any] | None, face: str | None
) -> bool:
    """Sizes that are said relative to what they are: "thicken here", "10 mm wider", "make the shelf leg longer"."""
    times = relative.size_factor(said)
    compared = _COMPARED.search(said) or (_AS_FAR.search(said) if times is not None else None)
    grows = bool(_GROW.search(said))
    shrinks = bool(_SHRINK.search(said))
    if not (compared or grows or shrinks or times) or _ENDS.search(said):
        return False
    stem = _STEMS.get(compared[1].lower(), compared[1].lower()) if compared else ""
    down = stem in _LESS or (shrinks and not compared)
    if times is not None and times > 1 and stem in _LESS:
        times = 1 / times  # twice as thin
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
    share = relative.share(said)
    step = amounts[0].value if amounts else current.value * (DEFAULT_STEP if share is None else share)
    value = current.value - step if down else current.value + step
    if times is not None:
        value = current.value * times
    if times is None and not amounts and share is None and current.unit == "mm":
        increment = INCREMENT_MM[intent.length_unit]
        value = round(value / increment) * increment
    if value <= 0:
        raise InputError(f"{name.replace('_', ' ')} can't be reduced by that much", next_action="Say a smaller amount.")
    words = f"{value:.9g} {current.unit}"
    how = "" if amounts or share is not None or times else f" (by {DEFAULT_STEP:.0%}, since no amount was said)"
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
    """Values that are said outright: "change the width to 8 in", "M8 bolts", "it must carry 400 lb".

    A limit of a size that the sizing chooses ("at least 6 mm thick") is left for the brief. Raises InputError for words
    that change what a load or a hole is in a way that nothing here takes.
    """
    grades = [(g.start, g.end) for g in find_bolt_grades(said)]
    text, quantities, several = said, scan(said, grades), None
    if any(load.position for load in family.spec.loads):
        text, quantities, several = put_together(said, quantities)
    places = [q.place for q in quantities]
    odd = doubts.meaningful(said, quantities, places, said)
    if odd and any(q.dimension in ("force", "mass", "pressure") or q.form != "scalar" for q in quantities):
        raise InputError(
            f"{doubts.listed(odd)} can't be taken here",
            next_action="Say the whole load, straight down, and round holes to bolt through.",
        )
    exact = [q for q in quantities if q.form != "tolerance"]
    reading = Grammar(blanked(text, (q.place for q in quantities if q.form == "tolerance")), exact, family.spec).read()
    for name, bound in reading.parameters.items():
        if bound.bare or not accepts(family.spec.parameters[name], bound.quantity):
            continue
        limited = _is_free(family, name) and sense_of(said, bound.quantity) is not None
        if limited:
            continue
        if bound.quantity.form == "range":
            raise InputError(
                f"{bound.quantity.text!r} is a range of the {name.replace('_', ' ')}", next_action="Say one value."
            )
        _set(out, name, _words(bound.quantity))
    for name, choice in family.spec.choices.items():
        found = [option for option, words in choice.options.items() if find_cues(said, name, words, ())]
        if len(found) == 1:
            _set(out, name, found[0])
    _loads(out, family, reading, several)
    if out.told:
        out.told += [not_taken(q.text) for q in quantities if q.form == "tolerance"]


def _loads(out: Correction, family: Family, reading: Reading, several: Several | None) -> None:
    """The load that is said; several that pull down are put together as in a brief, others are refused."""
    kinds = [family.spec.loads[int(b.target.split(":")[1])].kind for b in reading.loads]
    if len(set(kinds)) < len(kinds):
        raise InputError(
            f"{' and '.join(b.quantity.text for b in reading.loads)} are several loads",
            next_action="One load is designed for: say which, or their sum.",
        )
    for bound in reading.loads:
        _set(out, "load", _words(bound.quantity))
    if several is None:
        return
    spec = next(load for load in family.spec.loads if load.position)
    from backend.agents.conversational_agent import understand

    leg = understand(out.brief, out.answers).parameters.get(spec.reach or "")
    if leg is not None and spec.position:
        at = f"{several.position_mm(leg.value):.6g} mm"
        _set(out, spec.position, at, f" (the farthest of {' and '.join(dict.fromkeys(several.said))})")


def _grade(out: Correction, family: Family, said: str) -> list[tuple[int, int]]:
    """The grade of bolts that the words name ("use 10.9 bolts instead"); returns the places of its words."""
    from backend.design.fasteners import known_grades

    grades = find_bolt_grades(said)
    if not grades:
        return []
    names = list(dict.fromkeys(g.name for g in grades))
    if "bolt_size" not in family.spec.parameters:
        raise InputError(
            f"the bolts of the {family.title} are checked by no grade, so {names[0]!r} changes nothing",
            next_action="Say a size, the load, the material or a limit.",
        )
    if len(names) > 1 or names[0] not in known_grades():
        what = f"no bolts of {names[0]!r} are known" if len(names) == 1 else f"{' and '.join(names)} can't both be"
        raise InputError(what, next_action=f"Name one grade of: {', '.join(sorted(known_grades()))}.")
    _set(out, "bolt_grade", names[0])
    return [bolts_around(said, g) for g in grades]


def _words(q: ScannedQuantity) -> str:
    return q.text if not q.inherited or not q.user_unit else f"{q.text} {q.user_unit}"


def _set(out: Correction, name: str, words: str, why: str = "") -> None:
    if out.answers.get(name) != words:
        out.answers[name] = words
        out.told.append(f"{name.replace('_', ' ')} is {words}{why}")


def _which_material(text: str, options: tuple[str, ...]) -> Question:
    return Question(
        id="material",
        text=text,
        reason="strength, stiffness, density and price differ between them",
        options=options,
        default=options[0],
    )


def _material(out: Correction, said: str) -> None:
    """A material that the words name, as a brief may name it: one of the library's, or a family of which the usual
    grade is taken and listed as an assumption. Where the words name several, it is asked which."""
    from backend.intent.substance import find_substance
    from backend.materials import get_material

    found = find_substance(said)
    filled = doubts.filled(said, (found.match.start, found.match.end) if found.match else None, said)
    if found.match is not None and filled:
        raise InputError(
            f"the library has no {found.match.text} with {doubts.listed(filled)}",
            next_action="Name another one; ./brick materials list shows all.",
            code="unknown_material",
        )
    if found.match is None:
        if found.unknown is not None and not out.told:
            raise InputError(
                f"the library has no material {found.unknown[0]!r}",
                next_action="Name another one; ./brick materials list shows all.",
                code="unknown_material",
            )
        return
    if found.others:
        options = tuple(dict.fromkeys(get_material(match.id).name for match in (found.match, *found.others)))[:8]
        words = " and ".join(said[match.start : match.end] for match in (found.match, *found.others))
        out.question = _which_material(f"Which is meant: {words}?", options)
        return
    if found.match.ask:
        options = tuple(get_material(name).name for name in found.match.candidates)
        note = f"{found.match.note[:1].upper()}{found.match.note[1:]}."
        out.question = _which_material(f"Which {found.match.text} is meant? {note}", options)
        return
    name = get_material(found.match.id).name
    if found.match.ambiguous:  # the words stay the answer, so that what is assumed of them is listed
        words = said[found.match.start : found.match.end]
        _set(out, "material", words, f", taken as {name}")
    else:
        _set(out, "material", name)
