"""What a brief rules out becomes a requirement that the design is held against, a note or a question; never silence."""

from __future__ import annotations

from collections.abc import Mapping

from backend.errors import InputError
from backend.intent import doubts
from backend.intent.bolts import BoltGrade, grade_of_answer
from backend.intent.cues import find_cues
from backend.intent.grammar import Bound, Grammar
from backend.intent.leftovers import unread
from backend.intent.loading import LoadReader
from backend.intent.negated import Negation, only
from backend.schema import Origin, Quantity, Question, Requirement, Span

_NAMES_A_PART = 3.0  # weight of a keyword that names what every part of the family has: "lid"; "gusset" weighs less
SAME = 0.005  # share of a value within which two are the same


class RuledOutReader(LoadReader):
    """Reads what the part must not be, have or be made of."""

    def read_ruled_out(self, answers: Mapping[str, str]) -> None:
        """Options, sizes, materials and grades that are ruled out; what no family can leave out is asked."""
        for negation in self.ruled_out.negations:
            options, sizes = self._options_in(negation), self._sizes_in(negation)
            grades = [g for g in self.grades if negation.start <= g.start < negation.end]
            material = any(negation.start <= m.start < negation.end for m in self.substance.ruled_out)
            for name, option in options:
                self._refuse_option(name, option, negation)
            for bound in sizes:
                self._refuse_size(bound, negation)
            for grade in grades:
                self._refuse_grade(grade.name, negation)
            if options or sizes or grades or material:
                self.used.append(negation.place)
            else:
                self._told(negation)
            taken = {id(bound.quantity) for bound in sizes}
            left = [q for q in self.ruled_out.quantities if negation.start <= q.start < negation.end]
            if any(id(q) not in taken for q in left) and negation.place not in self.retracted.open:
                self.retracted.open.append(negation.place)
        self._materials(answers)

    def grades_meant(self) -> list[BoltGrade]:
        """The grades of bolts that the brief names and doesn't rule out."""
        return [g for g in self.grades if not any(n.start <= g.start < n.end for n in self.ruled_out.negations)]

    def read_bolt_grade(self, answers: Mapping[str, str]) -> None:
        """The grade of the bolts, by the answer or the brief; one that isn't known, or a second one, is asked."""
        from backend.design.fasteners import known_grades

        self.used += [(g.start, g.end) for g in self.grades]
        grades = self.grades_meant()
        names = {g.name for g in grades}
        if "bolt_grade" in answers:
            name, span = grade_of_answer(answers["bolt_grade"]), None
            if name not in known_grades():
                raise InputError(
                    f"{answers['bolt_grade']!r} is no grade of bolts that is known here",
                    next_action=f"Answer 'bolt_grade' with one of: {', '.join(sorted(known_grades()))}.",
                    code="answer_not_understood",
                )
        elif len(names) == 1 and names <= known_grades() and "bolt_size" in self.spec.parameters:
            name, first = grades[0].name, grades[0]
            span = Span(start=first.start, end=first.end, text=self.text[first.start : first.end])
        else:
            self.retracted.open += [(g.start, g.end) for g in grades]
            return
        self.choices["bolt_grade"] = str(name)
        self.requirements.append(
            Requirement(
                id="bolt_grade",
                kind="bolt_grade",
                statement=f"grade of the bolts: {name}",
                origin=Origin.BRIEF if span else Origin.ANSWER,
                span=span,
            )
        )

    def settle_ruled_out(self, answers: Mapping[str, str]) -> None:
        """Ask where what was read, or what would be assumed, is what the brief rules out; an answer takes that back."""
        asked = {q.id for q in self.questions}
        self.requirements = [r for r in self.requirements if not self._said_since(r, answers)]
        for r in self.requirements:
            name = r.kind.removeprefix("not:")
            value = self.parameters.get(name)
            if name == r.kind or r.quantity is None or value is None or name in asked:
                continue
            if value.origin is Origin.BRIEF and _same(value.value, r.quantity.value):
                self._ask_which(
                    name, self.spec.parameters[name].meaning, str(value.given), self.spec.parameters[name].example
                )
        for name, options in self.ruled_out.options.items():
            if name not in asked and name not in answers and self.choices.get(name) in options:
                choice = self.spec.choices[name]
                left = tuple(o for o in choice.options if o not in options)
                self._ask_which(name, choice.meaning, self.choices[name], left[0] if left else "", left)
        refused = [r.kind.removeprefix("not_grade:") for r in self.requirements if r.kind.startswith("not_grade:")]
        if refused and "bolt_grade" not in self.choices and "bolt_grade" not in asked:
            self._ask_grade(refused)

    def _said_since(self, r: Requirement, answers: Mapping[str, str]) -> bool:
        """Whether an answer asks for what the brief rules out."""
        kind, _, rest = r.kind.partition(":")
        name, _, option = rest.partition(":")
        value = self.parameters.get(name)
        if kind == "not" and name in answers and value is not None and r.quantity is not None:
            return _same(value.value, r.quantity.value)
        if kind == "not_choice":
            return name in answers and self.choices.get(name) == option
        return kind == "not_grade" and "bolt_grade" in answers and self.choices.get("bolt_grade") == rest

    # --- one thing ------------------------------------------------------------------------------------------------

    def _options_in(self, negation: Negation) -> list[tuple[str, str]]:
        text = only(self.text, negation.thing)
        found = []
        for name, spec in self.spec.choices.items():
            hits = {option: find_cues(text, name, words, ()) for option, words in spec.options.items()}
            longest = max((c.end - c.start for cues in hits.values() for c in cues), default=0)
            found += [(name, option) for option, cues in hits.items() if any(c.end - c.start == longest for c in cues)]
        return found

    def _sizes_in(self, negation: Negation) -> list[Bound]:
        quantities = [q for q in self.ruled_out.quantities if negation.start <= q.start < negation.end]
        if not quantities:
            return []
        reading = Grammar(only(self.text, negation.thing), quantities, self.spec).read()
        return list(reading.parameters.values())

    def _refuse_option(self, name: str, option: str, negation: Negation) -> None:
        self.ruled_out.options.setdefault(name, set()).add(option)
        meaning = self.spec.choices[name].meaning
        self._require_not(f"not_{name}_{option}", f"not_choice:{name}:{option}", f"{meaning}: not {option}", negation)

    def _refuse_size(self, bound: Bound, negation: Negation) -> None:
        spec = self.spec.parameters[bound.target]
        value = self.quantity(bound.quantity, spec)
        id_ = f"not_{bound.target}_{len(self.requirements)}"
        self._require_not(id_, f"not:{bound.target}", f"{spec.meaning}: not {value.given}", negation, value)

    def _refuse_grade(self, name: str, negation: Negation) -> None:
        if "bolt_size" in self.spec.parameters:
            self._require_not(f"not_grade_{name}", f"not_grade:{name}", f"grade of the bolts: not {name}", negation)
        else:
            self.retracted.open.append(negation.place)

    def _require_not(
        self, id_: str, kind: str, statement: str, negation: Negation, quantity: Quantity | None = None
    ) -> None:
        self.requirements.append(
            Requirement(
                id=id_,
                kind=kind,
                statement=statement,
                origin=Origin.BRIEF,
                span=Span(start=negation.start, end=negation.end, text=self.text[negation.start : negation.end]),
                quantity=quantity,
            )
        )

    def _told(self, negation: Negation) -> None:
        """Words that rule out what is neither a value nor an option: asked where the family has it in every part."""
        place = Span(start=negation.start, end=negation.end, text=self.text[negation.start : negation.end])
        text = only(self.text, negation.thing)
        bolted = self.choices.get("edges", "bolted") == "bolted"
        if doubts.none_of(place.text):
            if bolted:
                self.retracted.open.append(negation.place)
            self.used.append(negation.place)
            return
        names = {
            name
            for name, spec in self.spec.parameters.items()
            if spec.dimension not in ("number", "temperature") and find_cues(text, name, spec.cues, ())
        }
        part = any(
            find_cues(text, "part", (word,), ())
            for word, weight in self.spec.keywords.items()
            if weight >= _NAMES_A_PART
        )
        if names and all(self.spec.parameters[name].omitted for name in names):
            for name in sorted(names):
                meaning = self.spec.parameters[name].meaning
                self._require_not(f"none_{name}", f"none:{name}", f"{place.text} ({meaning})", negation)
        elif names or part:
            self.retracted.open.append(negation.place)
        elif doubts.shapes(place.text) or doubts.shapes(f"with {text.strip()}"):
            self.assume(
                f"ruled_out_{negation.start}",
                f"taken as said: {place.text}",
                "this family makes nothing of the kind anyway",
            )
        elif unread(text, self.spec, (), ()):
            self.left.append(negation.place)
        self.used.append(negation.place)

    # --- materials ------------------------------------------------------------------------------------------------

    def refused_materials(self) -> frozenset[str]:
        """Ids of materials that the brief rules out; a family's name rules out all of the family."""
        return frozenset(i for m in self.substance.ruled_out for i in (m.candidates if m.ambiguous else (m.id,)))

    def _materials(self, answers: Mapping[str, str]) -> None:
        words = tuple(dict.fromkeys(m.text for m in self.substance.ruled_out))
        if words:
            self.assume("material_ruled_out", f"not made of {' or '.join(words)}", "the brief rules it out")
        match = self.substance.match
        if match is not None and match.id in self.refused_materials() and "material" not in answers:
            self.questions.append(
                Question(
                    id="material",
                    text=f"The brief names {match.text} and rules out {' and '.join(words)}. What is it made of?",
                    reason="both can't be true of one part",
                    example="aluminium 6061-T6",
                )
            )

    # --- questions ------------------------------------------------------------------------------------------------

    def _ask_which(self, name: str, meaning: str, value: str, example: str, options: tuple[str, ...] = ()) -> None:
        self.questions.append(
            Question(
                id=name,
                text=f"{meaning[0].upper()}{meaning[1:]}: the brief rules out {value}. What is it to be?",
                reason="what is ruled out would be taken otherwise",
                options=options,
                example=example,
            )
        )

    def _ask_grade(self, refused: list[str]) -> None:
        from backend.design.fasteners import grades_of_system

        left = tuple(n for n in grades_of_system("inch" if self.length_unit == "in" else "metric") if n not in refused)
        usual = "Grade 5" if self.length_unit == "in" else "8.8"
        if usual in refused:
            self._ask_which("bolt_grade", "grade of the bolts", usual, left[-1], left)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(abs(one), abs(other))
