"""Makes the intent from what the grammar read: answers, defaults, loads, limits, questions, and what stayed unread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from backend.errors import InputError
from backend.intent import doubts, units
from backend.intent.cues import find_cues
from backend.intent.grammar import Bound, accepts
from backend.intent.leftovers import unread
from backend.intent.ruledout import RuledOutReader
from backend.intent.scanner import ScannedQuantity, scan
from backend.intent.substance import find_substance
from backend.report.words import material_name
from backend.schema import Intent, Origin, Quantity, Question, Requirement, Sense, Span

if TYPE_CHECKING:
    from backend.design.spec import ChoiceSpec, ParameterSpec


class Draft(RuledOutReader):
    """One brief on its way to an intent. :meth:`finish` does everything; it is called once."""

    def finish(self, answers: Mapping[str, str]) -> Intent:
        """The intent. Raises InputError for an answer that can't be understood or answers nothing."""
        self._refuse_unknown_answers(answers)
        for i, note in enumerate(dict.fromkeys(self.reading.notes)):
            self.assume(f"reading_{i + 1}", note, "the usual way to write it; the brief doesn't say otherwise")
        self._tell_corrections()
        self.read_separators()
        self._read_parameters(answers)
        self._read_choices(answers)
        self.read_bolt_grade(answers)
        self._read_material(answers)
        self.read_ruled_out(answers)
        self.read_loads(answers)
        self.read_limits()
        self.read_surroundings()
        self._defaults()
        self.settle_ruled_out(answers)
        self._contradictions(answers)
        self._missing()
        left = self._unread(answers)
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
            unread=tuple(left),
            length_unit=self.length_unit,
        )

    def _tell_corrections(self) -> None:
        """What the brief takes back itself."""
        changes = list(self.retracted.changes)
        if self.substance.corrected is not None:
            changes.append(self.substance.corrected)
        for i, (old, new, words) in enumerate(changes):
            said = f"the brief corrects itself (“{words}”): the later value counts"
            self.assume(f"corrected_{i + 1}", f"{new} in place of {old}", said)

    def _unread(self, answers: Mapping[str, str]) -> list[Span]:
        """What nobody understood; what of it could be a requirement is asked, unless a person says to ignore it."""
        for span in doubts.misspelt_safety(self.text):
            if "safety_factor" in self.spec.parameters:
                self.used.append((span.start, span.end))
                self.assume("spelling", f"{span.text!r} is read as safety factor", "it looks like a slip of the pen")
        numbers = [q.place for q in self.reading.unread]
        taken = [*self.used, *(q.place for q in self.quantities)]
        figures = doubts.lone_figures(self.text, taken)
        numbers, taken = numbers + figures, taken + figures
        words = doubts.meaningful(self.text, self.quantities, taken, self.ruled_out.text)
        match = self.substance.match
        words += doubts.filled(self.text, (match.start, match.end) if match else None, self.ruled_out.text)
        left = doubts.with_words(unread(self.text, self.spec, [*numbers, *self.left], taken), words)
        pieces = doubts.doubtful(left, words, self.reading.unread)
        pieces = [p for p in pieces if not any(a < p.end and p.start < b for a, b in self.retracted.open)]
        pieces += [Span(start=a, end=b, text=self.text[a:b]) for a, b in self.retracted.open]
        left = sorted([*left, *(p for p in pieces if p not in left)], key=lambda s: s.start)
        answer = answers.get("unread")
        if pieces and doubts.ignores(answer):
            self.assume("unread", f"ignored: {doubts.listed(pieces)}", "not understood, and you said to ignore it")
        elif pieces:
            self.questions.insert(0, doubts.question(pieces, answer))
        return left

    # --- answers ----------------------------------------------------------------------------------------------

    def _refuse_unknown_answers(self, answers: Mapping[str, str]) -> None:
        known = {"family", "material", "load", "unread", *self.spec.parameters, *self.spec.choices}
        if "bolt_size" in self.spec.parameters:
            known.add("bolt_grade")
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
                return self.quantity(q, spec, Origin.ANSWER, in_brief=False)
            if q.dimension == "number" and spec.dimension not in ("count", "number"):
                if _UNKNOWN_UNIT.match(answer, q.end):
                    break
                return self._with_own_unit(q, spec, Origin.ANSWER)
            if spec.form == "thread" and q.dimension == "length":
                return self.quantity(q, spec, Origin.ANSWER, in_brief=False)
        raise InputError(
            f"{answer!r} gives no value for {spec.meaning}",
            next_action=f"Say for example “{spec.example or spec.default or '10 mm'}”.",
            code="answer_not_understood",
        )

    def _with_own_unit(self, q: ScannedQuantity, spec: ParameterSpec, origin: Origin) -> Quantity:
        name = self.length_unit if spec.dimension == "length" else _first_unit(spec.dimension)
        value = units.to_working(q.value, name)
        return Quantity(value=value, unit=units.WORKING_UNIT[spec.dimension], origin=origin, given=f"{q.text} {name}")

    # --- parameters -------------------------------------------------------------------------------------------

    def _read_parameters(self, answers: Mapping[str, str]) -> None:
        for name, spec in self.spec.parameters.items():
            bound = self.reading.parameters.get(name)
            answer = answers.get(name) or self._shared_answer(spec, bound, answers)
            if answer is not None:
                self.parameters[name] = self._answer_quantity(name, spec, answer)
                self._require(name, spec, self.parameters[name])
                continue
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

    def _shared_answer(self, spec: ParameterSpec, bound: Bound | None, answers: Mapping[str, str]) -> str | None:
        """The answer to what was asked of several sizes at once: "legs 0 in" is one value, and can't be either."""
        if bound is None or spec.bounds is None or spec.bounds[0] <= bound.quantity.value <= spec.bounds[1]:
            return None
        alike = (n for n, other in self.reading.parameters.items() if other.quantity is bound.quantity)
        return next((answers[name] for name in alike if name in answers), None)

    def _read_bound(self, name: str, spec: ParameterSpec, bound: Bound) -> None:
        q = bound.quantity
        if bound.bare:
            known = any(other.dimension == "length" and not other.inherited for other in self.quantities)
            if not known and not units.stated_unit(self.text):
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
            quantity = self._with_own_unit(q, spec, Origin.BRIEF).model_copy(update={"span": self.span_of(q)})
            self.assume(
                f"unit_{name}",
                f"{q.text} is read as {q.text} {self.length_unit} ({spec.meaning})",
                "it has no unit; the brief's other lengths have this one" if known else "the brief says so",
                quantity,
            )
        else:
            quantity = self.quantity(q, spec)
        sense = self.comparator(q)
        free = not spec.required and spec.default is None and spec.dimension == "length"
        if q.form == "range" and q.high is not None:
            if free:
                low, high = _endpoints(q)
                self._bound(name, spec, quantity.model_copy(update={"given": low}), Sense.AT_LEAST)
                self._bound(name, spec, quantity.model_copy(update={"value": q.high, "given": high}), Sense.AT_MOST)
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
        if sense is not None and spec.dimension in ("length", "count"):
            words = "at most" if sense is Sense.AT_MOST else "at least"
            self.assume(f"bound_{name}", f"{spec.meaning}: {quantity.given}", f"{words} that is asked, and it is taken")
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

    # --- choices and material ---------------------------------------------------------------------------------

    def _read_choices(self, answers: Mapping[str, str]) -> None:
        for name, spec in self.spec.choices.items():
            if name in answers:
                self.choices[name] = _option(name, spec, answers[name])
                continue
            found: dict[str, tuple[int, int]] = {}
            for option, words in spec.options.items():
                hits = [(c.start, c.end) for c in find_cues(self.ruled_out.text, name, words, ())]
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

    def _materials_left(self) -> tuple[str, ...]:
        refused = {material_name(m) for m in self.refused_materials()}
        return tuple(name for name in _some_materials() if name not in refused)

    def _read_material(self, answers: Mapping[str, str]) -> None:
        substance, in_brief = self.substance, True
        if "material" in answers:
            substance, in_brief = find_substance(answers["material"]), False
            if substance.match is None:
                raise InputError(
                    f"the library has no material {answers['material']!r}",
                    next_action=f"Answer 'material' with one of: {', '.join(_some_materials())}.",
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
        if match.ask:
            options = tuple(name for name, lacking in map(_lacks, match.candidates) if not lacking)
            self.questions.append(
                Question(
                    id="material",
                    text=f"{match.text[:1].upper()}{match.text[1:]}: {match.note}. Which one is meant?",
                    reason="strength, stiffness and density come from the grade; any that the library holds will do",
                    options=options,
                    example=options[0],
                )
            )
            return
        name, lacking = _lacks(match.id)
        if lacking:
            self.questions.append(
                Question(
                    id="material",
                    text=f"The library has no {' and no '.join(lacking)} for {name}: which other material is meant?",
                    reason="without it the strength can't be checked",
                    options=_some_materials(),
                    example="aluminium 6061-T6",
                )
            )
            return
        self.material = match.id
        if in_brief:
            self.material_span = Span(start=match.start, end=match.end, text=self.text[match.start : match.end])
        if match.ambiguous or match.note:
            others = ", ".join(material_name(m) for m in match.candidates if m != match.id)
            self.assume(
                "material",
                f"{match.text} is taken as {material_name(match.id)}",
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

    # --- what is assumed, contradictory, missing --------------------------------------------------------------

    def _defaults(self) -> None:
        asked = {q.id for q in self.questions}
        for name, spec in self.spec.parameters.items():
            if name in self.parameters or spec.default is None or spec.required or name in asked:
                continue
            if self._spoken_of(name, spec):
                self.questions.append(
                    Question(
                        id=name,
                        text=f"The brief speaks of the {spec.meaning}, but no value for it could be read. What is it?",
                        reason="a default in its place could contradict the brief",
                        example=spec.example,
                        default=spec.default,
                    )
                )
                asked.add(name)
                continue
            found = next((q for q in scan(spec.default) if accepts(spec, q)), None)
            if found is None:
                raise InputError(f"the default {spec.default!r} of {name!r} is no value", code="bad_family")
            quantity = self.quantity(found, spec, Origin.ASSUMPTION, in_brief=False)
            quantity = quantity.model_copy(update={"given": spec.default})
            self.parameters[name] = quantity
            self.assume(name, f"{spec.meaning}: {spec.default}", spec.reason, quantity)
        for name, option, reason in self.family.infer(self.parameters, self.choices, self.material):
            if name not in self.choices and name not in asked:
                self.choices[name] = option
                self.assume(name, f"{self.spec.choices[name].meaning}: {option}", reason)
        for name, choice in self.spec.choices.items():
            if name not in self.choices and choice.default is not None and name not in asked:
                self.choices[name] = choice.default
                self.assume(name, f"{choice.meaning}: {choice.default}", choice.reason)

    def _spoken_of(self, name: str, spec: ParameterSpec) -> bool:
        """Whether the brief names a plain number ("factor of safety") that was not read: no default may replace it."""
        return spec.dimension == "number" and bool(
            find_cues(doubts.spelt(self.ruled_out.text, spec if name == "safety_factor" else None), name, spec.cues, ())
        )

    def _contradictions(self, answers: Mapping[str, str]) -> None:
        asked = {q.id for q in self.questions}
        for name, quantity in self.parameters.items():
            spec = self.spec.parameters[name]
            if spec.bounds is None or name in asked:
                continue
            low, high = spec.bounds
            if not low <= quantity.value <= high:
                alike = [n for n, q in self.parameters.items() if q.span is not None and q.span == quantity.span]
                bound = self.reading.parameters.get(name)
                what = spec.meaning.partition(",")[0]
                if len(alike) > 1:  # one value for several: named as the brief does
                    cue = bound.cue if bound is not None else None
                    plain = " and ".join(n.replace("_", " ") for n in alike)
                    what = self.text[cue.start : cue.end] if cue is not None else plain
                unit = "" if quantity.unit == "1" else f" {quantity.unit}"
                self.questions.append(
                    Question(
                        id=name,
                        text=f"{what[0].upper()}{what[1:]}: {quantity.given} is outside {low:g} to {high:g}{unit}. "
                        "What is right?",
                        reason="no such part can be designed here",
                        example=spec.example,
                    )
                )
                asked.update(alike or [name])
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
            wanted = choice.default is None and not choice.optional
            if wanted and name not in self.choices and name not in asked:
                self.questions.append(
                    Question(
                        id=name,
                        text=choice.question or f"{choice.meaning[0].upper()}{choice.meaning[1:]}: which of these?",
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
                    options=self._materials_left(),
                    example="aluminium 6061-T6",
                    default=None if unknown or self.substance.ruled_out else self.spec.default_material,
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


#: what stands after a plain number and looks like a unit that isn't known: it must not be taken for another one
_UNKNOWN_UNIT = re.compile(r"\s?(?!(?:or|to|at|is|as|on|by|for|ok|yes|and|but|not|the|a)\b)[A-Za-zµμΩ°]{1,4}\b")


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
        next_action=f"Say one of: {', '.join(spec.options)}.",
        code="answer_not_understood",
    )


#: what people make these parts of; every one has what a strength check needs
_USUAL = ("aluminium_6061_t6", "aluminium_5052_h32", "steel_s235", "steel_a36", "stainless_304", "titanium_6al4v")
_USUAL_PLASTICS = ("abs", "pla", "petg")
_NEEDED = {
    "yield_strength_mpa": "yield strength",
    "youngs_modulus_mpa": "stiffness (Young's modulus)",
    "density_kg_m3": "density",
}


def _some_materials() -> tuple[str, ...]:
    from backend.materials import get_material

    return tuple(get_material(name).name for name in (*_USUAL, *_USUAL_PLASTICS))


def _lacks(material: str) -> tuple[str, list[str]]:
    """The material's name, and what of the properties that a strength check needs the library lacks."""
    from backend.materials import get_material

    found = get_material(material)
    return found.name, [words for name, words in _NEEDED.items() if not found.entries(name)]
