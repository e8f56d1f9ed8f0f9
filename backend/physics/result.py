"""What a calculation hands back: the outputs as a dict, and everything an engineer would ask next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backend.physics.equation import Equation, Source
from backend.physics.errors import BadQuantity
from backend.physics.units import NO_UNIT, parse_suffix, split_key


@dataclass(frozen=True, slots=True)
class ValidityNote:
    """One validity predicate and whether it held."""

    text: str
    message: str
    holds: bool


def number(value: float) -> str:
    """Five significant digits, plain where that stays short."""
    if value == 0:
        return "0"
    text = f"{value:.5g}"
    if "e" in text:
        mantissa, _, exponent = text.partition("e")
        return f"{mantissa}e{int(exponent)}"
    return text


class CalculationResult(dict[str, float]):
    """Outputs by unit-suffixed key (``result["stress_mpa"]``) with their provenance.

    Attributes: ``equation``, ``source``, ``inputs`` (as used, in the declared units), ``assumed`` (defaults that were
    taken, with the reason), ``validity`` (every predicate and whether it held), ``warnings``; and, computed when
    asked: ``worked`` (one line with the numbers put in), ``latex``, ``sensitivities`` and ``uncertainty``.
    """

    def __init__(
        self,
        equation: Equation,
        si_inputs: tuple[float, ...],
        si_outputs: tuple[float, ...],
        assumed: tuple[str, ...],
        truths: tuple[bool, ...],
        input_uncertainty_rel: Mapping[str, float],
    ) -> None:
        super().__init__((q.key, q.from_si(value)) for q, value in zip(equation.outputs, si_outputs, strict=True))
        self.equation = equation
        self.si_inputs = si_inputs
        self.si_outputs = si_outputs
        self._assumed = assumed
        self._truths = truths
        self.input_uncertainty_rel = dict(input_uncertainty_rel)

    @property
    def source(self) -> Source:
        """Author, title, edition and place of the equation."""
        return self.equation.source

    @cached_property
    def inputs(self) -> dict[str, float]:
        """The inputs as used, by declared key and in the declared unit."""
        return {q.key: q.from_si(value) for q, value in zip(self.equation.inputs, self.si_inputs, strict=True)}

    @cached_property
    def assumed(self) -> dict[str, str]:
        """Defaults that were taken: key -> reason."""
        return {q.key: q.default_reason for q in self.equation.inputs if q.key in self._assumed}

    @cached_property
    def validity(self) -> tuple[ValidityNote, ...]:
        """Every validity predicate of the equation and whether it held."""
        return tuple(
            ValidityNote(v.text, v.message, held) for v, held in zip(self.equation.validity, self._truths, strict=True)
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """Messages of the predicates that didn't hold."""
        return tuple(note.message for note in self.validity if not note.holds)

    @cached_property
    def sensitivities(self) -> dict[str, dict[str, float]]:
        """Output key -> input key -> d ln(output) / d ln(input), by central differences in SI."""
        from backend.physics.uncertainty import sensitivities

        return sensitivities(self.equation, self.si_inputs, self.si_outputs)

    @cached_property
    def uncertainty(self) -> dict[str, float | None]:
        """Relative standard uncertainty of each output: the model's own and that of the given inputs, in quadrature.

        None where the equation's model uncertainty isn't known and no input uncertainty was given.
        """
        from backend.physics.uncertainty import combined

        return combined(self)

    @cached_property
    def worked(self) -> str:
        """One line with the numbers put in: ``stress = force/area with force = 100 N, area = 100 mm² → 1 MPa``."""
        spec = self.equation
        given = ", ".join(f"{q.name} = {number(self.inputs[q.key])} {q.unit.label}".strip() for q in spec.inputs)
        answers = [f"{number(self[q.key])} {q.unit.label}".strip() for q in spec.outputs]
        if spec.solver:
            found = ", ".join(f"{q.name} = {answer}" for q, answer in zip(spec.outputs, answers, strict=True))
            return f"{spec.formula or spec.title} with {given} → {found}"
        steps = [f"{name} = {text}" for name, text in spec.lets.items()]
        steps += [f"{q.name} = {q.expr}" for q in spec.outputs]
        found = (
            ", ".join(answers)
            if len(answers) == 1
            else ", ".join(f"{q.name} = {answer}" for q, answer in zip(spec.outputs, answers, strict=True))
        )
        return f"{'; '.join(steps)} with {given} → {found}"

    @cached_property
    def latex(self) -> str:
        """The equation in LaTeX. Loads sympy unless the data file gives the formula itself."""
        from backend.physics.latex import equation_latex

        return equation_latex(self.equation)

    def to(self, key: str) -> float:
        """An output in another unit: ``result.to("stress_ksi")``. Raises BadQuantity."""
        if key in self:
            return self[key]
        name, unit = split_key(key)
        for quantity, value in zip(self.equation.outputs, self.si_outputs, strict=True):
            suffix = key[len(quantity.name) + 1 :]
            target = (
                parse_suffix(suffix)
                if key.startswith(quantity.name + "_")
                else (NO_UNIT if name == quantity.name else None)
            )
            if target is not None and target.dimension == quantity.unit.dimension:
                return target.from_si(value, difference=quantity.difference)
        raise BadQuantity(
            f"{self.equation.name} has no output {key!r}{f' (unit {unit.label})' if unit.label else ''}.",
            f"Its outputs are {', '.join(self)}; another unit of the same dimension may replace the suffix.",
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data for reports (no LaTeX: that loads sympy)."""
        return {
            "equation": self.equation.name,
            "title": self.equation.title,
            "inputs": self.inputs,
            "outputs": dict(self),
            "worked": self.worked,
            "source": str(self.source),
            "assumed": self.assumed,
            "warnings": list(self.warnings),
            "uncertainty_rel": self.uncertainty,
        }
