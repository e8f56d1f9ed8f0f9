"""Loads, limits and surroundings of a brief."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backend.errors import InputError
from backend.intent import units, vocabulary
from backend.intent.draft import DraftState, clean
from backend.intent.scanner import ScannedQuantity, scan
from backend.intent.several import Several
from backend.intent.surroundings import about
from backend.schema import LoadCase, Origin, Quantity, Question, Requirement, Sense, Span


class LoadReader(DraftState):
    """Reads what acts on the part, what it must not exceed, and where it is."""

    def read_loads(self, answers: Mapping[str, str]) -> None:
        """The loads of the brief; an answer to "load" takes the place of those of its kind."""
        if self.several is not None:
            self._place_together(self.several, answers)
        if "load" in answers:
            self._answer_load(answers["load"])
        answered, others = {load.kind for load in self.loads}, list[ScannedQuantity]()
        for bound in self.reading.loads:
            index = int(bound.target.split(":")[1])
            if self.spec.loads[index].kind in answered:
                others.append(bound.quantity)
                continue
            self._add_load(index, bound.quantity, Origin.BRIEF)
        self._left_beside(others)
        by_kind: dict[str, list[LoadCase]] = {}
        for load in self.loads:
            by_kind.setdefault(load.kind, []).append(load)
        for kind, several in by_kind.items():
            values = [load.magnitude.value for load in several]
            if len(several) > 1 and max(values) > 1.005 * min(values):
                options = tuple(str(load.magnitude.given) for load in several)
                self.questions.append(
                    Question(
                        id="load",
                        text=f"The brief gives several loads ({', '.join(options)}). Which one is the {kind} "
                        "to design for?",
                        reason="this family designs for one load of a kind",
                        options=options,
                        example=options[0],
                    )
                )
            elif len(several) > 1:
                self.loads = [load for load in self.loads if load.kind != kind or load is several[0]]

    def _left_beside(self, others: Sequence[ScannedQuantity]) -> None:
        """Of several loads in the brief an answer chooses one: of each other one it is said that nothing proves it."""
        forces = [_newtons(q) for q in others]
        if len(others) < 2 or not self.loads or self.loads[0].magnitude.value >= 0.995 * sum(forces):
            return
        for q, force in zip(others, forces, strict=True):
            if abs(force - self.loads[0].magnitude.value) > 0.005 * force:
                self.requirements.append(
                    Requirement(
                        id=f"load_beside_{q.start}",
                        kind="load_beside",
                        statement=f"load of {q.text}, beside the one that is designed for",
                        origin=Origin.BRIEF,
                        span=self.span_of(q),
                    )
                )

    def _place_together(self, several: Several, answers: Mapping[str, str]) -> None:
        """Several loads that were put together act at the place of the farthest; what was done is told."""
        self.used.append(several.span)
        name = next(load.position for load in self.spec.loads if load.position)
        leg = self.parameters.get(self.spec.loads[0].reach or "")
        if leg is not None and name not in answers and name not in self.parameters:
            at = several.position_mm(leg.value)
            given = f"{at / 25.4:.6g} in" if self.length_unit == "in" else f"{at:.6g} mm"
            span = self.span_of(several.together)
            self.parameters[name] = Quantity(value=at, unit="mm", origin=Origin.BRIEF, given=given, span=span)
        if "load" in answers:
            return
        place = self.parameters.get(name)
        where = f" at {place.given}" if place is not None and place.given else ""
        if len(several.said) == 1 and several.places[0].kind == "half":
            self.assume("load_place", f"the load acts half-way out on the leg{where}", f"“{several.said[0]}”")
            return
        self.assume(
            "loads_together",
            f"{several.together.text}{where}, in place of {' and '.join(dict.fromkeys(several.said))}",
            "one load is designed for; the sum at the place of the farthest loads every section at least as much",
        )

    def _answer_load(self, answer: str) -> None:
        for q in scan(answer):
            for index, spec in enumerate(self.spec.loads):
                if q.dimension in spec.dimensions and q.form in ("scalar", "range"):
                    self._add_load(index, q, Origin.ANSWER)
                    position = next((p for p in scan(answer) if p.dimension == "length"), None)
                    if spec.position and position is not None and spec.position not in self.parameters:
                        where = self.spec.parameters[spec.position]
                        self.parameters[spec.position] = self.quantity(position, where, Origin.ANSWER, in_brief=False)
                        self.loads[-1] = self.loads[-1].model_copy(update={"position": self.parameters[spec.position]})
                    return
        raise InputError(
            f"{answer!r} gives no load",
            next_action=f"Answer 'load' for example with {self.spec.load_example!r}.",
            code="answer_not_understood",
        )

    def _add_load(self, index: int, q: ScannedQuantity, origin: Origin) -> None:
        spec = self.spec.loads[index]
        in_brief = origin is Origin.BRIEF
        value = q.high if q.form == "range" and q.high is not None else clean(q)
        unit = q.unit
        if q.form == "range":
            self.assume("load_range", f"the upper end of {q.text} is taken as the load", "the safe side")
        if re.search(r"(?:psia|bara)$", q.text, re.IGNORECASE):
            said = f"{q.text} is taken as the difference between the two sides"
            self.assume("absolute_pressure", said, "the brief gives it as absolute, and not what is on the other side")
        if q.dimension == "mass" and spec.kind == "force":
            if q.user_unit == "ton":
                value = self._ton(q)
            value, unit = value / 1000 * units.STANDARD_GRAVITY_M_S2, "N"
        magnitude = Quantity(
            value=value, unit=unit, origin=origin, given=q.text, span=self.span_of(q) if in_brief else None
        )
        position = self.parameters.get(spec.position) if spec.position else None
        same = sum(1 for load in self.loads if load.kind == spec.kind)
        load_id = spec.kind if same == 0 else f"{spec.kind}_{same + 1}"
        self.loads.append(
            LoadCase(
                id=load_id,
                kind=spec.kind,
                magnitude=magnitude,
                direction=spec.direction,
                position=position,
                span=magnitude.span,
            )
        )
        where = f" at {position.given}" if position is not None else ""
        self.requirements.append(
            Requirement(
                id=f"load_{load_id}",
                kind="load",
                statement=f"{spec.meaning}: {q.text}{where}",
                origin=origin,
                span=magnitude.span,
                quantity=magnitude,
            )
        )

    def _ton(self, q: ScannedQuantity) -> float:
        """Mass in g of tons: the short ton in a brief in US units, the tonne elsewhere, and that is said."""
        us = self.length_unit == "in"
        grams = q.number * (2000 * units.POUND_G if us else 1e6)
        name = "short ton of 2000 lb" if us else "metric ton of 1000 kg"
        self.assume("ton", f"a ton is taken as the {name}", "the brief's other units are " + ("US" if us else "SI"))
        return grams

    def read_limits(self) -> None:
        """Limits on mass, deflection, temperature, stress and cost."""
        seen: set[str] = set()
        for bound in self.reading.limits:
            kind = bound.target.split(":")[1]
            q = bound.quantity
            if kind in seen:
                self.reading.unread.append(q)
                continue
            seen.add(kind)
            quantity = self.quantity(q, None)
            if q.form == "range" and q.high is not None:
                quantity = quantity.model_copy(update={"value": q.high})
            sense = self.comparator(q) or Sense.AT_MOST
            self.limits.append(
                Requirement(
                    id=f"limit_{kind}",
                    kind=kind,
                    statement=f"{kind} {sense.value} {quantity.given}",
                    origin=Origin.BRIEF,
                    span=quantity.span,
                    quantity=quantity,
                    sense=sense,
                )
            )

    def read_surroundings(self) -> None:
        """Words about the surroundings become requirements; no family verifies them yet, and each says so."""
        for q in [q for q in self.reading.unread if q.form == "ip_code"]:
            self.reading.unread.remove(q)
            self._surrounding(f"environment_{q.text.lower()}", f"protection {q.text}", self.span_of(q))
        for q in list(self.reading.unread):
            meaning, where = about(self.text, q)
            if meaning:
                self.reading.unread.remove(q)
                self._surrounding(f"environment_{meaning.split()[0]}", f"{meaning}: {q.text}", self.span_of(q))
                self.used.extend(where)
        self._tolerances()
        for pattern, words in vocabulary.ENVIRONMENT.items():
            found = list(re.finditer(rf"\b(?:{pattern})\b", self.text, re.IGNORECASE))
            self.used.extend(m.span() for m in found)
            there = [m for m in found if not vocabulary.ABSENT.search(self.text, max(0, m.start() - 60), m.start())]
            for m in there[:1]:
                span = Span(start=m.start(), end=m.end(), text=m.group())
                what = "how the load acts" if words in vocabulary.LOADING else "surroundings"
                self._surrounding(f"environment_{words.split()[0]}", f"{what}: {words}", span)

    def read_separators(self) -> None:
        """A point or a comma before three figures can mark decimals or thousands: what was taken is told or asked."""
        commas = any(re.search(r"\d,\d{1,2}(?!\d)|(?<!\d)0,\d", q.text) for q in self.quantities)
        points = any(re.search(r"\d\.(?:\d{1,2}|\d{4,})(?!\d)|(?<!\d)0\.\d", q.text) for q in self.quantities)
        for q in self.quantities:
            point = re.match(r"[1-9]\d{0,2}\.\d{3}(?![\d.])", q.text)
            comma = re.match(r"[1-9]\d{0,2},\d{3}(?![\d,.])", q.text)
            if (point and commas) or (comma and commas and not points):
                self.retracted.open.append(q.place)  # the brief has decimal commas elsewhere
            elif point and q.system != "us" and q.dimension in ("force", "mass", "pressure"):
                said = f"{q.text} is read as {q.number:g} {q.user_unit}".strip()
                self.assume(f"decimal_point_{q.start}", said, "the point is taken to mark decimals, not thousands")

    def _tolerances(self) -> None:
        """A tolerance of a size that was read is a requirement; no family verifies one, and it says so."""
        for q in [q for q in self.reading.unread if q.form == "tolerance"]:
            owners = [
                (name, bound)
                for name, bound in self.reading.parameters.items()
                if bound.quantity.place[1] <= q.start and not self.text[bound.quantity.place[1] : q.start].strip()
            ]
            if not owners:
                continue
            self.reading.unread.remove(q)
            self.used.append(q.place)
            name, bound = owners[0]
            self.requirements.append(
                Requirement(
                    id=f"tolerance_{name}",
                    kind="tolerance",
                    statement=f"tolerance of the {self.spec.parameters[name].meaning}: {bound.quantity.text} {q.text}",
                    origin=Origin.BRIEF,
                    span=self.span_of(q),
                )
            )

    def _surrounding(self, id_: str, statement: str, span: Span) -> None:
        self.requirements.append(
            Requirement(id=id_, kind="environment", statement=statement, origin=Origin.BRIEF, span=span)
        )


def _newtons(q: ScannedQuantity) -> float:
    """A force or a weight in N; of another dimension the value in its working unit."""
    return q.value / 1000 * units.STANDARD_GRAVITY_M_S2 if q.dimension == "mass" else q.value
