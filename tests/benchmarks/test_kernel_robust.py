"""Every equation under arbitrary input: a finite answer or a PhysicsError in words, never anything else."""

from __future__ import annotations

import math
import random

import pytest

from backend.physics.equation import Equation, Quantity
from backend.physics.errors import PhysicsError
from backend.physics.expression import to_sympy
from backend.physics.kernel import get_physics_kernel
from backend.physics.latex import equation_latex
from tests.benchmarks.test_kernel_cases import CASES

kernel = get_physics_kernel()
EQUATIONS = [pytest.param(e, id=e.name) for e in kernel.list()]


def _random(quantity: Quantity, dice: random.Random) -> float:
    """A value within the bounds, over many decades, ends and zero included."""
    low = -1e6 if quantity.lower is None else quantity.lower
    high = 1e6 if quantity.upper is None else quantity.upper
    kind = dice.random()
    if kind < 0.1 and not quantity.lower_open:
        value = low
    elif kind < 0.2 and not quantity.upper_open:
        value = high
    else:
        span = high - low
        value = low + min(span * 0.999, 10 ** dice.uniform(-6, 6)) if dice.random() < 0.7 else dice.uniform(low, high)
    if quantity.integer:
        value = float(min(max(round(value), math.ceil(low)), math.floor(high), 200))
    return value


@pytest.mark.parametrize("equation", EQUATIONS)
def test_random_input_gives_a_finite_answer_or_an_error_in_words(equation: Equation) -> None:
    dice = random.Random(equation.name)
    refusals: list[PhysicsError] = []
    for _ in range(60):
        given = {q.key: _random(q, dice) for q in equation.inputs}
        try:
            result = kernel.calculate(equation.domain, equation.id, **given)
        except PhysicsError as error:
            refusals.append(error)
            continue
        assert all(math.isfinite(value) for value in result.values())
        assert result.worked
    assert all(error.message and error.next_action for error in refusals)


@pytest.mark.parametrize("equation", EQUATIONS)
def test_latex_is_well_formed(equation: Equation) -> None:
    text = equation_latex(equation)
    assert text
    assert text.count("{") == text.count("}")


PURE = {
    c["name"]: c for c in CASES if not (e := kernel.describe(c["domain"], c["equation"])).solver and not e.functions
}


@pytest.mark.parametrize("case", PURE.values(), ids=PURE.keys())
def test_latex_says_the_formula_that_is_calculated(case: dict[str, object]) -> None:
    """The sympy expression behind the LaTeX has the value of the compiled function at the case's point."""
    spec = kernel.describe(str(case["domain"]), str(case["equation"]))
    result = kernel.calculate(str(case["domain"]), str(case["equation"]), **case["given"])  # type: ignore[arg-type]
    known: dict[str, float] = {q.name: v for q, v in zip(spec.inputs, result.si_inputs, strict=True)} | dict(
        spec.constant_values
    )
    for name, text in [*spec.lets.items(), *((q.name, q.expr) for q in spec.outputs)]:
        known[name] = float(to_sympy(text).subs(known))
    for quantity, value in zip(spec.outputs, result.si_outputs, strict=True):
        assert known[quantity.name] == pytest.approx(value, rel=1e-9, abs=1e-15)
