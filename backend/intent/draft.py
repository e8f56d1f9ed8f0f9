"""What an intent is made of while it is being read: the shared state of the readers of parameters, loads and limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from backend.intent import vocabulary
from backend.intent.bolts import BoltGrade
from backend.intent.grammar import Reading
from backend.intent.negated import Negation
from backend.intent.retracted import Retracted
from backend.intent.scanner import ScannedQuantity
from backend.intent.several import Several
from backend.intent.substance import Substance
from backend.schema import Assumption, LoadCase, Origin, Quantity, Question, Requirement, Sense, Span

if TYPE_CHECKING:
    from backend.design.family import Family
    from backend.design.spec import ParameterSpec


@dataclass
class RuledOut:
    """What the brief rules out: its places, the quantities in them, and the text without them.

    ``options``: choice -> options that it must not be.
    """

    negations: list[Negation]
    quantities: list[ScannedQuantity]
    text: str
    options: dict[str, set[str]] = field(default_factory=dict)


class DraftState:
    """The text, what the scanner and the grammar found in it, and the intent's pieces so far."""

    def __init__(
        self,
        text: str,
        family: Family,
        quantities: Sequence[ScannedQuantity],
        reading: Reading,
        substance: Substance,
        length_unit: str,
        family_spans: Sequence[tuple[int, int]],
        retracted: Retracted,
        grades: Sequence[BoltGrade] = (),
    ) -> None:
        self.text = text
        self.family = family
        self.spec = family.spec
        self.quantities = quantities
        self.reading = reading
        self.substance = substance
        self.length_unit: Literal["mm", "in"] = "in" if length_unit == "in" else "mm"
        self.family_spans = family_spans
        self.parameters: dict[str, Quantity] = {}
        self.choices: dict[str, str] = {}
        self.loads: list[LoadCase] = []
        self.limits: list[Requirement] = []
        self.requirements: list[Requirement] = []
        self.assumptions: list[Assumption] = []
        self.questions: list[Question] = []
        self.material: str | None = None
        self.material_span: Span | None = None
        self.retracted = retracted
        self.grades = grades
        self.ruled_out = RuledOut([], [], text)
        self.several: Several | None = None
        self.left: list[tuple[int, int]] = []  # places that stay unread as a whole
        self.used: list[tuple[int, int]] = [*reading.used, *family_spans, *substance.spans, *retracted.used]

    def quantity(
        self, q: ScannedQuantity, spec: ParameterSpec | None, origin: Origin = Origin.BRIEF, *, in_brief: bool = True
    ) -> Quantity:
        given = q.text if not q.inherited or not q.user_unit else f"{q.text} {q.user_unit}"
        value = clean(q)
        return Quantity(
            value=value, unit=q.unit, origin=origin, given=given, span=self.span_of(q) if in_brief else None
        )

    def span_of(self, q: ScannedQuantity) -> Span:
        start, end = q.place
        return Span(start=start, end=end, text=self.text[start:end])

    def comparator(self, q: ScannedQuantity) -> Sense | None:
        """How the words beside a quantity limit it; None where they don't."""
        return sense_of(self.text, q)

    def assume(self, id_: str, text: str, reason: str, quantity: Quantity | None = None) -> None:
        self.assumptions.append(Assumption(id=id_, text=text, reason=reason, quantity=quantity))


def clean(q: ScannedQuantity) -> float:
    """The value without the last digit's noise of the unit's factor: 5 in is 127 mm, not 126.99999999999999."""
    return float(f"{q.value:.12g}")


def sense_of(text: str, q: ScannedQuantity) -> Sense | None:
    """How the words beside a quantity limit it: "at most", "not less than", "5 mm max"; None where they don't."""
    before = text[max(0, q.start - 28) : q.start]
    for sense, words, other in (
        (Sense.AT_MOST, vocabulary.AT_MOST, Sense.AT_LEAST),
        (Sense.AT_LEAST, vocabulary.AT_LEAST, Sense.AT_MOST),
    ):
        found = words.search(before)
        if found:
            at = q.start - len(before) + found.start()
            return other if vocabulary.TURNED.search(text, max(0, at - 60), at) else sense
    if vocabulary.AFTER_AT_MOST.match(text, q.end):
        return Sense.AT_MOST
    return Sense.AT_LEAST if vocabulary.AFTER_AT_LEAST.match(text, q.end) else None
