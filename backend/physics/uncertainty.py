"""Sensitivities by central differences and first-order propagation of relative standard uncertainty.

JCGM 100:2008 (GUM), equation 10: u_c^2 = sum (df/dx_i)^2 u_i^2, here in relative terms, inputs taken as uncorrelated;
the equation's own model uncertainty is one more term.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from backend.physics.equation import Equation

if TYPE_CHECKING:
    from backend.physics.result import CalculationResult

# The cube root of the machine epsilon balances truncation against rounding for a central difference.
_STEP = 6e-6


def sensitivities(
    equation: Equation, inputs: tuple[float, ...], outputs: tuple[float, ...]
) -> dict[str, dict[str, float]]:
    """Output key -> input key -> (x/y) dy/dx at the given SI point.

    NaN where the output is zero, or where the equation can't be evaluated on both sides (an integer input is left
    at 0).
    """
    table: dict[str, dict[str, float]] = {q.key: {} for q in equation.outputs}
    for index, quantity in enumerate(equation.inputs):
        slopes = [0.0] * len(outputs)
        if not quantity.integer and inputs[index] != 0:
            step = abs(inputs[index]) * _STEP
            try:
                above = equation.evaluate(*inputs[:index], inputs[index] + step, *inputs[index + 1 :])
                below = equation.evaluate(*inputs[:index], inputs[index] - step, *inputs[index + 1 :])
                slopes = [(a - b) / (2 * step) for a, b in zip(above, below, strict=True)]
            except (ValueError, ZeroDivisionError, OverflowError):
                slopes = [math.nan] * len(outputs)
        for output, slope, value in zip(equation.outputs, slopes, outputs, strict=True):
            table[output.key][quantity.key] = slope * inputs[index] / value if value else math.nan
    return table


def combined(result: CalculationResult) -> dict[str, float | None]:
    """Relative standard uncertainty of each output; None when nothing is known about it.

    An output that is exact by definition has no part of the model's.
    """
    given = result.input_uncertainty_rel
    model = {q.key: 0.0 if q.exact else result.equation.model_uncertainty_rel for q in result.equation.outputs}
    if not given:
        return {key: model[key] for key in result}
    table = result.sensitivities
    return {
        key: math.sqrt((model[key] or 0.0) ** 2 + sum((table[key][name] * u) ** 2 for name, u in given.items() if u))
        for key in result
    }
