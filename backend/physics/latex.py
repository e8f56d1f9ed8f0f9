"""Equations in LaTeX, for the report. Loads sympy on first use."""

from __future__ import annotations

from backend.physics.equation import Equation
from backend.physics.expression import to_sympy


def equation_latex(equation: Equation) -> str:
    """All outputs, with the intermediate definitions in front, separated by ``,\\quad``.

    An equation that is solved by iteration has no expression; its ``formula`` text is set upright then.
    """
    if equation.solver:
        return rf"\text{{{equation.formula or equation.title}}}"
    import sympy

    symbols = {q.name: q.symbol for q in (*equation.inputs, *equation.outputs)}
    extra = frozenset(equation.functions)
    lines = []
    for name, text in [*equation.lets.items(), *((q.name, q.expr) for q in equation.outputs)]:
        left = sympy.latex(sympy.Symbol(symbols.get(name, name)))
        lines.append(f"{left} = {sympy.latex(to_sympy(text, extra, symbols))}")
    return r",\quad ".join(lines)
