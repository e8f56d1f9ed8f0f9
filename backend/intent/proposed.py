"""From what a language model read in a brief to an intent: every claim held against the words and against our scanner.

A model proposes; here it is decided what of that stands. A quote that the brief doesn't hold is no evidence. A value is
what our scanner reads in the text that was given for it, and must stand in the quoted words, else it is listed as the
model's assumption. A number of the brief that no requirement quotes is told as unread.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.intent.scanner import ScannedQuantity, scan
from backend.schema import Assumption, Intent, Origin, Quantity, Question, Requirement, Sense, Span

MEASURES = {
    "size_x": "mm",
    "size_y": "mm",
    "size_z": "mm",
    "volume": "mm3",
    "area": "mm2",
    "mass": "g",
    "solids": "1",
    "diameter": "mm",
    "count": "1",
    "gap": "mm",
}
_MEASURE = re.compile(r"(size_[xyz]|volume|area|mass|solids|(?:diameter|count):\w{1,40}|gap:\w{1,40},\w{1,40})?")
Short = Annotated[str, Field(max_length=400)]


class Form(BaseModel):
    """Base of what a model fills in; fields that were not asked for are refused."""

    model_config = ConfigDict(extra="forbid")


class ReadRequirement(Form):
    """One thing that the brief asks of the part."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    statement: Short
    quote: Short = ""
    value: Annotated[str, Field(max_length=60)] = ""
    measure: Annotated[str, Field(pattern=f"^{_MEASURE.pattern}$")] = ""
    sense: Literal["==", "<=", ">="] = "=="
    reason: Short = ""


class PartReading(Form):
    """What a brief asks for."""

    title: Annotated[str, Field(min_length=1, max_length=80)]
    material: Annotated[str, Field(max_length=80)]
    material_quote: Short = ""
    material_reason: Short = ""
    requirements: Annotated[list[ReadRequirement], Field(max_length=40)]
    length_unit: Literal["mm", "in"] = "mm"


class PartProgram(Form):
    """A KCL program for the part."""

    kcl: Annotated[str, Field(min_length=1, max_length=60_000)]
    explanation: Annotated[str, Field(max_length=2000)] = ""


def intent_of(brief: str, reading: PartReading, answers: dict[str, str], source: str) -> Intent:
    """The intent that stands after a reading was held against the brief. ``source`` names who proposed it."""
    assumptions: list[Assumption] = []
    requirements: list[Requirement] = []
    spans: list[tuple[int, int]] = []
    seen: set[str] = set()
    for item in reading.requirements:
        if item.id in seen:
            continue
        seen.add(item.id)
        requirement, assumption = _requirement(brief, item, source)
        requirements.append(requirement)
        if requirement.span is not None:
            spans.append((requirement.span.start, requirement.span.end))
        if assumption is not None:
            assumptions.append(assumption)
    material, span, question = _material(brief, reading, answers, source, assumptions)
    if span is not None:
        spans.append((span.start, span.end))
        requirements.append(
            Requirement(
                id="material",
                kind="material",
                statement=f"made of {span.text}",
                origin=Origin.BRIEF,
                span=span,
            )
        )
    unread = [
        Span(start=q.start, end=q.end, text=brief[q.start : q.end])
        for q in scan(brief)
        if not any(start <= q.start and q.end <= end for start, end in spans)
    ]
    return Intent(
        brief=brief,
        family="open_part",
        material=material,
        material_span=span,
        requirements=tuple(requirements),
        assumptions=tuple(assumptions),
        questions=(question,) if question else (),
        unread=tuple(unread),
        length_unit=reading.length_unit,
    )


def _requirement(brief: str, item: ReadRequirement, source: str) -> tuple[Requirement, Assumption | None]:
    """The requirement as it stands, and the assumption that it is where the brief's words don't carry it."""
    span = _find(brief, item.quote)
    quantity, doubt = _value(item, span)
    if item.quote and span is None:
        doubt = "the brief doesn't hold the words that were quoted for it"
    backed = span is not None and not doubt
    kind = "open"
    if item.measure and quantity is not None:
        if MEASURES[item.measure.partition(":")[0]] == quantity.unit:
            kind = f"measured:{item.measure}"
        else:
            doubt = doubt or f"{item.measure} isn't measured in {quantity.unit}"
    origin = Origin.BRIEF if backed else Origin.ASSUMPTION
    if quantity is not None:
        quantity = quantity.model_copy(update={"origin": origin, "span": span if backed else None})
    requirement = Requirement(
        id=item.id,
        kind=kind,
        statement=item.statement,
        origin=origin,
        span=span if backed else None,
        quantity=quantity,
        sense=Sense(item.sense) if quantity is not None else None,
    )
    if backed:
        return requirement, None
    reason = doubt or item.reason or "the brief doesn't say it"
    return requirement, Assumption(
        id=item.id, text=f"{item.statement} (proposed by {source})", reason=reason, quantity=quantity
    )


def _value(item: ReadRequirement, span: Span | None) -> tuple[Quantity | None, str]:
    """The quantity that our scanner reads in the value, and why it is in doubt."""
    if not item.value.strip():
        return None, ""
    found = scan(item.value)
    if len(found) != 1 or found[0].form == "range":
        return None, f"{item.value!r} is not one quantity"
    (q,) = found
    value, unit = float(f"{q.value:.12g}"), q.unit
    quantity = Quantity(value=value, unit="1" if q.dimension in ("number", "count") else unit, origin=Origin.BRIEF,
                        given=item.value.strip())  # fmt: skip
    if span is not None and not any(_same(q, other) for other in scan(span.text)):
        return quantity, f"{item.value!r} doesn't stand in the words {span.text!r}"
    return quantity, ""


def quote_in(text: str, quote: str) -> bool:
    """Whether the text holds the quote, whatever the case and the spaces."""
    return _find(text, quote) is not None


def value_in(value: str, words: str) -> bool:
    """Whether the words hold what the value says: each of its quantities, or where it has none, the value itself."""
    wanted = scan(value)
    if not wanted:
        return quote_in(words, value)
    there = scan(words)
    return all(any(_same(q, other) for other in there) for q in wanted)


def _same(one: ScannedQuantity, other: ScannedQuantity) -> bool:
    plain = ("number", "count")
    alike = one.dimension == other.dimension or (one.dimension in plain and other.dimension in plain)
    return alike and abs(one.value - other.value) <= 1e-9 * max(abs(one.value), abs(other.value))


def _find(brief: str, quote: str) -> Span | None:
    """Where the brief holds the quote, whatever the case and the spaces."""
    words = quote.split()
    if not words:
        return None
    found = re.search(r"\s+".join(re.escape(word) for word in words), brief, re.IGNORECASE)
    return Span(start=found.start(), end=found.end(), text=found.group()) if found else None


def _material(
    brief: str, reading: PartReading, answers: dict[str, str], source: str, assumptions: list[Assumption]
) -> tuple[str | None, Span | None, Question | None]:
    """The library's material, the words that ask for it, and the question where there is none of that name."""
    from backend.materials import find_materials

    if answers.get("material"):
        named = [m for m in find_materials(answers["material"]) if not m.ambiguous]
        if named:
            return named[0].id, None, None
    said = [m for m in find_materials(brief) if not m.ambiguous]
    proposed = [m for m in find_materials(reading.material) if not m.ambiguous]
    for match in said:  # what the brief says goes before what a model says
        if not proposed or match.id == proposed[0].id or len(said) == 1:
            return match.id, Span(start=match.start, end=match.end, text=brief[match.start : match.end]), None
    if proposed:
        assumptions.append(
            Assumption(
                id="material",
                text=f"made of {reading.material} (proposed by {source})",
                reason=reading.material_reason or "the brief names none",
            )
        )
        return proposed[0].id, None, None
    return (
        None,
        None,
        Question(
            id="material",
            text=f"The library has no material {reading.material!r}. Which one is meant?"
            if reading.material
            else "What is it made of?",
            reason="mass and cost come from the material",
            example="aluminium 6061-T6",
            default="aluminium 6061-T6",
        ),
    )
