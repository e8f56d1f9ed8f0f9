"""Reads a brief: family, material, quantities, loads and limits, each with its span; what is missing is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from backend.errors import InputError
from backend.intent import doubts, retrieval
from backend.intent.assemble import Draft
from backend.intent.bolts import find_bolt_grades
from backend.intent.draft import RuledOut
from backend.intent.grammar import Grammar
from backend.intent.negated import blanked, find_negations, within
from backend.intent.retracted import retract
from backend.intent.scanner import ScannedQuantity, scan
from backend.intent.several import put_together
from backend.intent.substance import Substance, find_substance
from backend.intent.surroundings import about
from backend.intent.units import stated_unit
from backend.schema import Intent, Question

if TYPE_CHECKING:
    from backend.design.family import Family

MAX_BRIEF_CHARS = 20_000


def read_brief(text: str, answers: Mapping[str, str] | None = None, families: Sequence[Family] | None = None) -> Intent:
    """The intent of a brief. ``answers`` maps ids of questions (or of parameters) to a person's words.

    Nothing is invented: what the brief doesn't say is a listed assumption or a question. Raises InputError where the
    text is empty, far too long, or speaks of no part at all, and where an answer can't be read or answers nothing.
    """
    if families is None:
        from backend.design import families as all_families

        families = all_families()
    answers = {key: value.strip() for key, value in (answers or {}).items() if value and value.strip()}
    _refuse_empty(text, families)
    negations = find_negations(text)
    substance = find_substance(text, [n.place for n in negations])
    grades = find_bolt_grades(text, substance.spans)
    quantities = scan(text, (*substance.spans, *((g.start, g.end) for g in grades)))
    scores = retrieval.rank(blanked(text, (n.place for n in negations)), families)
    if not scores or scores[0].score < retrieval.ENOUGH:
        scores = retrieval.rank(text, families)
    family, question = _choose_family(text, quantities, substance, scores, answers, families)
    if family is None:
        assert question is not None
        return Intent(brief=text, questions=(question,), length_unit=_length_unit(text, quantities))
    retracted = retract(text, quantities, negations)
    negations = [n for n in negations if not any(a < n.end and n.start < b for a, b in retracted.used)]
    refused = [q for q in retracted.quantities if within(*q.place, negations)]
    quantities = [q for q in retracted.quantities if q not in refused]
    plain = blanked(retracted.text, (n.place for n in negations))
    spelt = doubts.spelt(plain, family.spec.parameters.get("safety_factor"))
    # An altitude or a depth of water is no size of the part: it is kept from what binds sizes.
    placed = [q for q in quantities if about(text, q)[0]]
    several = None
    if any(load.position for load in family.spec.loads):
        spelt, quantities, several = put_together(spelt, quantities)
    tolerances = [q for q in quantities if q.form == "tolerance"]
    plain_text = blanked(spelt, (q.place for q in tolerances))
    reading = Grammar(plain_text, [q for q in quantities if q not in (*placed, *tolerances)], family.spec).read()
    reading.unread.extend(tolerances)
    reading.unread.extend(placed)
    spans = next((s.spans for s in scores if s.family is family), ())
    draft = Draft(
        text, family, quantities, reading, substance, _length_unit(text, quantities), spans, retracted, grades
    )
    draft.several = several
    draft.ruled_out = RuledOut(negations, refused, plain)
    return draft.finish(answers)


def _refuse_empty(text: str, families: Sequence[Family]) -> None:
    if not text or not text.strip():
        raise InputError(
            "the brief is empty: it should say what the part is, its sizes, its material and its load",
            next_action=_try_this(families),
            code="empty_brief",
        )
    if len(text) > MAX_BRIEF_CHARS:
        raise InputError(
            f"the brief has {len(text)} characters; {MAX_BRIEF_CHARS} are the most that is read",
            next_action="Shorten it to the part, its sizes, its material and its load.",
            code="brief_too_long",
        )


def _choose_family(
    text: str,
    quantities: Sequence[ScannedQuantity],
    substance: Substance,
    scores: Sequence[retrieval.Score],
    answers: Mapping[str, str],
    families: Sequence[Family],
) -> tuple[Family | None, Question | None]:
    if "family" in answers:
        return _family_of_answer(answers["family"], families), None
    best = scores[0] if scores else None
    second = scores[1].score if len(scores) > 1 else 0.0
    if best is not None and best.score >= retrieval.ENOUGH and best.score - second >= retrieval.LEAD:
        return best.family, None
    if (best is None or best.score < 1.0) and not quantities and substance.match is None:
        shown = text.strip() if len(text.strip()) <= 60 else text.strip()[:57] + "…"
        raise InputError(
            f"nothing in {shown!r} names a part that the rules here can design, a size, a material or a load",
            next_action=f"They design {_listed(families)}, from a brief in English. {_try_this(families)}",
            code="not_understood",
        )
    likely = [s.family for s in scores if best is not None and best.score - s.score < retrieval.LEAD and s.score >= 1.0]
    if len(likely) > 1:
        return None, Question(
            id="family",
            text="What kind of part is it?",
            reason="the brief could mean more than one kind",
            options=tuple(f.title for f in likely),
            example=likely[0].title,
        )
    return None, Question(
        id="family",
        text=f"Is it {_listed(families)}?",
        reason="the brief, read in English, names none of the parts that the rules here can size and prove; "
        "another part needs a language model, which proposes it (docs/llm.md)",
        options=tuple(f.title for f in families),
    )


def _family_of_answer(answer: str, families: Sequence[Family]) -> Family:
    wanted = re.sub(r"[\s_-]+", " ", answer.strip().lower())
    for family in families:
        names = {family.id, family.title, *family.spec.keywords}
        if wanted in {re.sub(r"[\s_-]+", " ", n.lower()) for n in names}:
            return family
    ranked = retrieval.rank(answer, families)
    if ranked and ranked[0].score >= 2.0:
        return ranked[0].family
    raise InputError(
        f"{answer!r} is no part that can be designed here",
        next_action=f"Answer 'family' with one of: {', '.join(f.title for f in families)}.",
        code="unknown_family",
    )


def _length_unit(text: str, quantities: Sequence[ScannedQuantity]) -> str:
    """The unit that the person thinks in: as said, by the lengths, then by any other unit; mm where nothing tells."""
    said = stated_unit(text)
    if said:
        return said
    lengths = [q for q in quantities if q.dimension == "length" and not q.inherited]
    us, si = (sum(1 for q in lengths if q.system == s) for s in ("us", "si"))
    if us == si:
        us, si = (sum(1 for q in quantities if q.system == s) for s in ("us", "si"))
    return "in" if us > si else "mm"


def _listed(families: Sequence[Family]) -> str:
    """ "an enclosure, an L-bracket or a plate"."""
    titles = [family.title if family.title[1:2] == "-" else family.title.lower() for family in families]
    named = [f"{'an' if title[:1].lower() in 'aeiou' or title.startswith('L-') else 'a'} {title}" for title in titles]
    return " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _try_this(families: Sequence[Family]) -> str:
    shown = sorted((family for family in families if family.spec.examples), key=lambda family: family.id != "l_bracket")
    return f"Try for example: “{shown[0].spec.examples[0]}”." if shown else "Say what the part is."
