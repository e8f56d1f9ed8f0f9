"""Makes the intent from what the grammar read: answers, defaults, loads, limits, questions, and what stayed unread."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from backend.errors import InputError
from backend.intent import units, vocabulary
from backend.intent.cues import find_cues
from backend.intent.grammar import Bound, Reading, accepts
from backend.intent.scanner import ScannedQuantity, scan
from backend.intent.substance import Substance, find_substance
from backend.schema import Assumption, Intent, LoadCase, Origin, Quantity, Question, Requirement, Sense, Span

if TYPE_CHECKING:
    from backend.design.family import Family
    from backend.design.spec import ChoiceSpec, ParameterSpec


class Draft:
    """One brief on its way to an intent. :meth:`finish` does everything; it is called once."""

    def __init__(
        self,
        text: str,
        family: Family,
        quantities: Sequence[ScannedQuantity],
        reading: Reading,
        substance: Substance,
        length_unit: str,
        family_spans: Sequence[tuple[int, int]],
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
        self.used: list[tuple[int, int]] = [*reading.used, *family_spans, *substance.spans]

    def finish(self, answers: Mapping[str, str]) -> Intent:
        """The intent. Raises InputError for an answer that can't be understood or answers nothing."""
        self._refuse_unknown_answers(answers)
        for i, note in enumerate(dict.fromkeys(self.reading.notes)):
            self._assume(f"reading_{i + 1}", note, "the usual way to write it; the brief doesn't say otherwise")
        self._read_parameters(answers)
        self._read_choices(answers)
        self._read_material(answers)
        self._read_loads(answers)
        self._read_limits()
        self._surroundings()
        self._defaults()
        self._contradictions(answers)
        self._missing()
        safety = self.parameters.pop("safety_factor", None)
        return Intent(
            brief=self.text,
            family=self.family.id,
            parameters=self.parameters,
            choices=self.choices,
            material=self.material,
            material_span=self.material_span,
            loads=tuple(self.loads),
            safety_factor=safety,
            limits=tuple(self.limits),
            requirements=tuple(self.requirements),
            assumptions=tuple(self.assumptions),
            questions=tuple(self.questions),
            unread=tuple(self._unread()),
            length_unit=self.length_unit,
        )

    # --- answers ----------------------------------------------------------------------------------------------

    def _refuse_unknown_answers(self, answers: Mapping[str, str]) -> None:
        known = {"family", "material", "load", *self.spec.parameters, *self.spec.choices}
        for key in answers:
            if key not in known:
                raise InputError(
                    f"there is no question or parameter {key!r} for {self.spec.title}",
                    next_action=f"Answer one of: {', '.join(sorted(known))}.",
                    code="unknown_answer",
                )

    def _answer_quantity(self, name: str, spec: ParameterSpec, answer: str) -> Quantity:
        for q in scan(answer):
            if accepts(spec, q):
                return self._quantity(q, spec, Origin.ANSWER, in_brief=False)
            if q.dimension == "number" and spec.dimension not in ("count", "number"):
                return self._with_own_unit(q, spec, Origin.ANSWER)
            if spec.form == "thread" and q.dimension == "length":
                return self._quantity(q, spec, Origin.ANSWER, in_brief=False)
        raise InputError(
            f"{answer!r} gives no value for {spec.meaning}",
            next_action=f"Answer {name!r} for example with {spec.example or spec.default or '10 mm'!r}.",
            code="answer_not_understood",
        )

    def _with_own_unit(self, q: ScannedQuantity, spec: ParameterSpec, origin: Origin) -> Quantity:
        name = self.length_unit if spec.dimension == "length" else _first_unit(spec.dimension)
        value = units.to_working(q.value, name)
        return Quantity(value=value, unit=units.WORKING_UNIT[spec.dimension], origin=origin, given=f"{q.text} {name}")

    # --- parameters -------------------------------------------------------------------------------------------

    def _quantity(
        self, q: ScannedQuantity, spec: ParameterSpec | None, origin: Origin = Origin.BRIEF, *, in_brief: bool = True
    ) -> Quantity:
        given = q.text if not q.inherited or not q.user_unit else f"{q.text} {q.user_unit}"
        value = _clean(q)
        return Quantity(value=value, unit=q.unit, origin=origin, given=given, span=self._span(q) if in_brief else None)

    def _span(self, q: ScannedQuantity) -> Span:
        return Span(start=q.start, end=q.end, text=self.text[q.start : q.end])

    def _read_parameters(self, answers: Mapping[str, str]) -> None:
        for name, spec in self.spec.parameters.items():
            if name in answers:
                self.parameters[name] = self._answer_quantity(name, spec, answers[name])
                self._require(name, spec, self.parameters[name])
                continue
            bound = self.reading.parameters.get(name)
            if bound is not None:
                self._read_bound(name, spec, bound)
        for name, first, second in self.reading.conflicts:
            if name not in answers:
                spec = self.spec.parameters[name]
                self.questions.append(
                    Question(
                        id=name,
                        text=f"The brief gives two values for {spec.meaning}: {first.quantity.text} and "
                        f"{second.quantity.text}. Which is right?",
                        reason="both can't be true of one part",
                        options=(_shown(first.quantity), _shown(second.quantity)),
                        example=_shown(first.quantity),
                    )
                )

    def _read_bound(self, name: str, spec: ParameterSpec, bound: Bound) -> None:
        q = bound.quantity
        if bound.bare:
            if not any(other.dimension == "length" and not other.inherited for other in self.quantities):
                self.questions.append(
                    Question(
                        id=name,
                        text=f"In which unit is {q.text} ({spec.meaning})?",
                        reason="the brief gives the number without a unit",
                        options=(f"{q.text} mm", f"{q.text} in"),
                        example=f"{q.text} mm",
                        default=f"{q.text} mm",
                    )
                )
                return
            quantity = self._with_own_unit(q, spec, Origin.BRIEF).model_copy(update={"span": self._span(q)})
            self._assume(
                f"unit_{name}",
                f"{q.text} is read as {q.text} {self.length_unit} ({spec.meaning})",
                "it has no unit; the brief's other lengths have this one",
                quantity,
            )
        else:
            quantity = self._quantity(q, spec)
        sense = self._comparator(q)
        free = not spec.required and spec.default is None and spec.dimension == "length"
        if q.form == "range" and q.high is not None:
            if free:
                self._bound(name, spec, quantity, Sense.AT_LEAST)
                self._bound(name, spec, quantity.model_copy(update={"value": q.high}), Sense.AT_MOST)
                return
            low, high = _endpoints(q)
            self.questions.append(
                Question(
                    id=name,
                    text=f"{spec.meaning[0].upper()}{spec.meaning[1:]}: {q.text} is a range. Which value?",
                    reason="this size is needed as one number",
                    options=(low, high),
                    example=low,
                    default=low,
                )
            )
            return
        if free and sense is not None:
            self._bound(name, spec, quantity, sense)
            return
        self.parameters[name] = quantity
        self._require(name, spec, quantity)

    def _bound(self, name: str, spec: ParameterSpec, quantity: Quantity, sense: Sense) -> None:
        self.limits.append(
            Requirement(
                id=f"bound_{name}_{'min' if sense is Sense.AT_LEAST else 'max'}",
                kind=f"bound:{name}",
                statement=f"{spec.meaning} {sense.value} {quantity.given}",
                origin=Origin.BRIEF,
                span=quantity.span,
                quantity=quantity,
                sense=sense,
            )
        )

    def _require(self, name: str, spec: ParameterSpec, quantity: Quantity) -> None:
        kind = (
            "safety_factor" if name == "safety_factor" else "dimension" if spec.dimension == "length" else "parameter"
        )
        self.requirements.append(
            Requirement(
                id=name,
                kind=kind,
                statement=f"{spec.meaning}: {quantity.given}",
                origin=quantity.origin,
                span=quantity.span,
                quantity=quantity,
                sense=Sense.AT_LEAST if kind == "safety_factor" else Sense.EQUAL,
            )
        )

    def _comparator(self, q: ScannedQuantity) -> Sense | None:
        before = self.text[max(0, q.start - 28) : q.start]
        if vocabulary.AT_MOST.search(before) or vocabulary.AFTER_AT_MOST.match(self.text, q.end):
            return Sense.AT_MOST
        if vocabulary.AT_LEAST.search(before) or vocabulary.AFTER_AT_LEAST.match(self.text, q.end):
            return Sense.AT_LEAST
        return None

    # --- choices and material ---------------------------------------------------------------------------------

    def _read_choices(self, answers: Mapping[str, str]) -> None:
        for name, spec in self.spec.choices.items():
            if name in answers:
                self.choices[name] = _option(name, spec, answers[name])
                continue
            found: dict[str, tuple[int, int]] = {}
            for option, words in spec.options.items():
                hits = [(c.start, c.end) for c in find_cues(self.text, name, words, ())]
                if hits:
                    found[option] = max(hits, key=lambda h: h[1] - h[0])
            # a word inside a longer one of another option doesn't count: "sheet" within "sheet metal"
            for option, (a, b) in list(found.items()):
                if any(o != option and c <= a and b <= d and (d - c) > (b - a) for o, (c, d) in found.items()):
                    del found[option]
            if len(found) > 1:
                self.questions.append(
                    Question(
                        id=name,
                        text=f"{spec.meaning[0].upper()}{spec.meaning[1:]}: the brief names "
                        f"{' and '.join(sorted(found))}. Which one?",
                        reason="one part is made one way",
                        options=tuple(sorted(found)),
                        example=sorted(found)[0],
                    )
                )
            elif found:
                option, (start, end) = next(iter(found.items()))
                self.choices[name] = option
                span = Span(start=start, end=end, text=self.text[start:end])
                self.used.append((start, end))
                self.requirements.append(
                    Requirement(
                        id=name, kind=name, statement=f"{spec.meaning}: {option}", origin=Origin.BRIEF, span=span
                    )
                )

    def _read_material(self, answers: Mapping[str, str]) -> None:
        substance, in_brief = self.substance, True
        if "material" in answers:
            substance, in_brief = find_substance(answers["material"]), False
            if substance.match is None:
                raise InputError(
                    f"the library has no material {answers['material']!r}",
                    next_action=f"Answer 'material' with one of: {_some_materials()}.",
                    code="unknown_material",
                )
        match = substance.match
        if match is None:
            return
        if substance.others and in_brief:
            names = (match.text, *(m.text for m in substance.others))
            self.questions.append(
                Question(
                    id="material",
                    text=f"The brief names {' and '.join(names)}. Which one is the part made of?",
                    reason="a part has one material",
                    options=names,
                    example=names[0],
                )
            )
            return
        self.material = match.id
        if in_brief:
            self.material_span = Span(start=match.start, end=match.end, text=self.text[match.start : match.end])
        if match.ambiguous or match.note:
            others = ", ".join(m for m in match.candidates if m != match.id)
            self._assume(
                "material",
                f"{match.text} is taken as {match.id}",
                (match.note or "the commonest grade") + (f"; others: {others}" if others else ""),
            )
        self.requirements.append(
            Requirement(
                id="material",
                kind="material",
                statement=f"material: {match.text}",
                origin=Origin.BRIEF if in_brief else Origin.ANSWER,
                span=self.material_span,
            )
        )

    # --- loads and limits -------------------------------------------------------------------------------------

    def _read_loads(self, answers: Mapping[str, str]) -> None:
        if "load" in answers:
            self._answer_load(answers["load"])
            return
        for bound in self.reading.loads:
            index = int(bound.target.split(":")[1])
            self._add_load(index, bound.quantity, Origin.BRIEF)
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

    def _answer_load(self, answer: str) -> None:
        for q in scan(answer):
            for index, spec in enumerate(self.spec.loads):
                if q.dimension in spec.dimensions and q.form in ("scalar", "range"):
                    self._add_load(index, q, Origin.ANSWER)
                    position = next((p for p in scan(answer) if p.dimension == "length"), None)
                    if spec.position and position is not None and spec.position not in self.parameters:
                        where = self.spec.parameters[spec.position]
                        self.parameters[spec.position] = self._quantity(position, where, Origin.ANSWER, in_brief=False)
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
        value = q.high if q.form == "range" and q.high is not None else _clean(q)
        unit = q.unit
        if q.form == "range":
            self._assume("load_range", f"the upper end of {q.text} is taken as the load", "the safe side")
        if q.dimension == "mass" and spec.kind == "force":
            if q.user_unit == "ton":
                value = self._ton(q)
            value, unit = value / 1000 * units.STANDARD_GRAVITY_M_S2, "N"
        magnitude = Quantity(
            value=value, unit=unit, origin=origin, given=q.text, span=self._span(q) if in_brief else None
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
        self._assume("ton", f"a ton is taken as the {name}", "the brief's other units are " + ("US" if us else "SI"))
        return grams

    def _read_limits(self) -> None:
        seen: set[str] = set()
        for bound in self.reading.limits:
            kind = bound.target.split(":")[1]
            q = bound.quantity
            if kind in seen:
                self.reading.unread.append(q)
                continue
            seen.add(kind)
            quantity = self._quantity(q, None)
            if q.form == "range" and q.high is not None:
                quantity = quantity.model_copy(update={"value": q.high})
            sense = self._comparator(q) or Sense.AT_MOST
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

    def _surroundings(self) -> None:
        for pattern, words in vocabulary.ENVIRONMENT.items():
            m = re.search(rf"\b(?:{pattern})\b", self.text, re.IGNORECASE)
            if m:
                self.used.append(m.span())
                self.requirements.append(
                    Requirement(
                        id=f"environment_{words.split()[0]}",
                        kind="environment",
                        statement=f"surroundings: {words}",
                        origin=Origin.BRIEF,
                        span=Span(start=m.start(), end=m.end(), text=m.group()),
                    )
                )

    # --- what is assumed, contradictory, missing --------------------------------------------------------------

    def _defaults(self) -> None:
        asked = {q.id for q in self.questions}
        for name, spec in self.spec.parameters.items():
            if name in self.parameters or spec.default is None or spec.required or name in asked:
                continue
            found = next((q for q in scan(spec.default) if accepts(spec, q)), None)
            if found is None:
                raise InputError(f"the default {spec.default!r} of {name!r} is no value", code="bad_family")
            quantity = self._quantity(found, spec, Origin.ASSUMPTION, in_brief=False)
            quantity = quantity.model_copy(update={"given": spec.default})
            self.parameters[name] = quantity
            self._assume(name, f"{spec.meaning}: {spec.default}", spec.reason, quantity)
        for name, option, reason in self.family.infer(self.parameters, self.choices):
            if name not in self.choices and name not in asked:
                self.choices[name] = option
                self._assume(name, f"{self.spec.choices[name].meaning}: {option}", reason)
        for name, choice in self.spec.choices.items():
            if name not in self.choices and choice.default is not None and name not in asked:
                self.choices[name] = choice.default
                self._assume(name, f"{choice.meaning}: {choice.default}", choice.reason)

    def _contradictions(self, answers: Mapping[str, str]) -> None:
        asked = {q.id for q in self.questions}
        for name, quantity in self.parameters.items():
            spec = self.spec.parameters[name]
            if spec.bounds is None or name in asked:
                continue
            low, high = spec.bounds
            if not low <= quantity.value <= high:
                unit = "" if quantity.unit == "1" else f" {quantity.unit}"
                self.questions.append(
                    Question(
                        id=name,
                        text=f"{spec.meaning[0].upper()}{spec.meaning[1:]} of {quantity.given} is outside "
                        f"{low:g} to {high:g}{unit}: what should it be?",
                        reason="no such part can be designed here",
                        example=spec.example,
                    )
                )
                asked.add(name)
        for load in self.loads:
            if load.magnitude.value <= 0:
                self.questions.append(
                    Question(
                        id="load",
                        text=f"A load of {load.magnitude.given} loads nothing: how large is it?",
                        reason="the load must be above zero",
                        example=self.spec.load_example,
                    )
                )
        for question in self.family.contradictions(self.parameters, self.choices):
            if question.id not in asked:
                self.questions.append(question)
                asked.add(question.id)

    def _missing(self) -> None:
        asked = {q.id for q in self.questions}
        for name, spec in self.spec.parameters.items():
            if spec.unless is not None and spec.unless in self.parameters:
                continue
            if spec.required and name not in self.parameters and name not in asked:
                self.questions.append(
                    Question(
                        id=name,
                        text=spec.question or f"What is the {spec.meaning}?",
                        reason="the design can't go on without it",
                        example=spec.example,
                        default=spec.default,
                    )
                )
        for name, choice in self.spec.choices.items():
            if choice.default is None and name not in self.choices and name not in asked:
                self.questions.append(
                    Question(
                        id=name,
                        text=choice.question or f"Which {choice.meaning}?",
                        options=tuple(choice.options),
                        reason="the design can't go on without it",
                        example=next(iter(choice.options)),
                    )
                )
        if self.material is None and "material" not in asked:
            unknown = self.substance.unknown
            if unknown is not None:
                text, reason = (
                    f"The library has no material {unknown[0]!r}. Which one is meant?",
                    "strength, stiffness and density come from the material",
                )
                self.used.append((unknown[1], unknown[2]))
            else:
                text, reason = "What is it made of?", "strength, stiffness and density come from the material"
            self.questions.append(
                Question(
                    id="material",
                    text=text,
                    reason=reason,
                    options=tuple(_some_materials().split(", ")),
                    example="aluminium 6061-T6",
                    default=None if unknown else self.spec.default_material,
                )
            )
        if self.spec.load_required and not self.loads and "load" not in asked:
            self.questions.append(
                Question(
                    id="load",
                    text=self.spec.load_question or "What load does it carry?",
                    reason="without a load there is nothing to size the part for",
                    example=self.spec.load_example,
                )
            )

    def _assume(self, id_: str, text: str, reason: str, quantity: Quantity | None = None) -> None:
        self.assumptions.append(Assumption(id=id_, text=text, reason=reason, quantity=quantity))

    # --- what stayed unread -----------------------------------------------------------------------------------

    def _unread(self) -> list[Span]:
        """Numbers that were bound to nothing, and words that neither the grammar nor the family knows."""
        out = [(q.start, q.end) for q in self.reading.unread]
        taken = [*self.used, *((q.start, q.end) for q in self.quantities)]
        for m in re.finditer(r"[A-Za-z][\w'’-]*", self.text):
            word = m.group().lower().rstrip("'’s") or m.group().lower()
            if any(a < m.end() and m.start() < b for a, b in taken):
                continue
            if (
                m.group().lower() in vocabulary.SILENT
                or word in vocabulary.SILENT
                or self._known_word(m.group().lower())
            ):
                continue
            if out and out[-1][0] < m.start() and re.fullmatch(r"[\s-]+", self.text[out[-1][1] : m.start()]):
                out[-1] = (out[-1][0], m.end())
            else:
                out.append(m.span())
        return [Span(start=a, end=b, text=self.text[a:b]) for a, b in sorted(out)]

    def _known_word(self, word: str) -> bool:
        """Whether the word is part of any cue or keyword of the family: it was understood, if not needed."""
        vocabulary_ = getattr(self, "_words", None)
        if vocabulary_ is None:
            phrases = [*self.spec.keywords]
            for parameter in self.spec.parameters.values():
                phrases += parameter.cues
            for load in self.spec.loads:
                phrases += load.cues
            for rule in self.spec.lists:
                phrases += rule.cues
            for product in self.spec.products:
                phrases += product.cues
            for _, cues in vocabulary.LIMITS.values():
                phrases += cues
            vocabulary_ = {w.lower() for phrase in phrases for w in re.findall(r"[A-Za-z][\w'-]*", phrase)}
            self._words = vocabulary_
        return word in vocabulary_ or word.rstrip("s") in vocabulary_


def _clean(q: ScannedQuantity) -> float:
    """The value without the last digit's noise of the unit's factor: 5 in is 127 mm, not 126.99999999999999."""
    return float(f"{q.value:.12g}")


def _shown(q: ScannedQuantity) -> str:
    return q.text if not q.inherited or not q.user_unit else f"{q.text} {q.user_unit}"


def _endpoints(q: ScannedQuantity) -> tuple[str, str]:
    high = q.high if q.high is not None else q.value
    if q.user_unit in units.UNITS:
        return f"{q.number:g} {q.user_unit}", f"{units.from_working(high, q.user_unit):g} {q.user_unit}"
    return f"{q.value:g}", f"{high:g}"


def _first_unit(dimension: str) -> str:
    return next(name for name, unit in units.UNITS.items() if unit.dimension == dimension and unit.factor == 1.0)


def _option(name: str, spec: ChoiceSpec, answer: str) -> str:
    wanted = answer.strip().lower()
    for option, words in spec.options.items():
        if wanted == option.lower() or wanted in (w.lower().strip("<> ") for w in words):
            return option
    for option, words in spec.options.items():
        if find_cues(answer, name, words, ()):
            return option
    raise InputError(
        f"{answer!r} is no choice for {spec.meaning}",
        next_action=f"Answer {name!r} with one of: {', '.join(spec.options)}.",
        code="answer_not_understood",
    )


def _some_materials() -> str:
    from backend.materials import list_materials

    return ", ".join(getattr(m, "name", str(m)) for m in list_materials()[:24])
