"""Expressions of the data files: parsed once, checked against a small grammar, compiled to a plain Python function.

The grammar is what Python and sympy share: numbers, names, ``+ - * / **``, comparisons, ``a if c else b``, ``and or
not``, and calls of the functions below. Nothing else passes (no attributes, subscripts, imports), so a data file
can't run code. Numbers go through the compiled function (about a microsecond); sympy is loaded only when LaTeX is
asked for.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from backend.physics.errors import BadData

FUNCTIONS: dict[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "atan2": math.atan2,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "abs": abs,
    "min": min,
    "max": max,
    "cbrt": math.cbrt,
    "erf": math.erf,
    "erfc": math.erfc,
}
CONSTANTS = {"pi": math.pi}

_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Call, ast.Name, ast.Constant,
    ast.Load,
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.Mod, ast.USub, ast.UAdd, ast.Not, ast.And, ast.Or,
    ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq,
)  # fmt: skip


@lru_cache(maxsize=4096)
def parse(text: str, extra_functions: frozenset[str] = frozenset()) -> ast.Expression:
    """Parse and check one expression. Raises BadData naming what isn't allowed."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise BadData(
            f"Expression {text!r} is not readable: {error.msg}.", "Mend the expression in its data file."
        ) from error
    for node in ast.walk(tree):
        if not isinstance(node, _NODES):
            raise BadData(
                f"Expression {text!r} uses {type(node).__name__}, which the grammar doesn't allow.",
                "Use + - * / **, calls and conditions.",
            )
        if isinstance(node, ast.Constant) and not isinstance(node.value, (int, float)):
            raise BadData(f"Expression {text!r} has {node.value!r}, which is not a number.", "Use numbers only.")
        if isinstance(node, ast.Call):
            if not isinstance(node.func, ast.Name) or node.keywords:
                raise BadData(
                    f"Expression {text!r} calls something that is not a named function.", "Call functions by name."
                )
            if node.func.id not in FUNCTIONS and node.func.id not in extra_functions:
                raise BadData(
                    f"Expression {text!r} calls the unknown function {node.func.id!r}.",
                    f"Known: {', '.join(sorted(FUNCTIONS))}.",
                )
    return tree


def names(text: str, extra_functions: frozenset[str] = frozenset()) -> set[str]:
    """The free names of an expression: no functions, no ``pi``."""
    tree = parse(text, extra_functions)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}
    return found - set(CONSTANTS)


def compile_block(
    arguments: list[str],
    definitions: Mapping[str, str],
    outputs: list[str],
    functions: Mapping[str, Callable[..., Any]],
) -> Callable[..., tuple[float, ...]]:
    """Compile ordered definitions into one function of ``arguments`` that returns the named outputs.

    The function is built from a syntax tree whose expressions all passed :func:`parse`.
    """
    extra = frozenset(functions)
    body: list[ast.stmt] = []
    for name, text in definitions.items():
        body.append(ast.Assign(targets=[ast.Name(name, ast.Store())], value=parse(text, extra).body))
    body.append(ast.Return(ast.Tuple([ast.Name(name, ast.Load()) for name in outputs], ast.Load())))
    signature = ast.arguments(
        posonlyargs=[], args=[ast.arg(name) for name in arguments], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    function = ast.FunctionDef(name="equation", args=signature, body=body, decorator_list=[])
    if hasattr(function, "type_params"):
        function.type_params = []
    module = ast.fix_missing_locations(ast.Module([function], []))
    namespace: dict[str, Any] = {"__builtins__": {}, **FUNCTIONS, **CONSTANTS, **functions}
    exec(compile(module, "<equation>", "exec"), namespace)  # noqa: S102  only whitelisted nodes reach this
    return namespace["equation"]  # type: ignore[no-any-return]


def to_sympy(text: str, extra_functions: frozenset[str] = frozenset(), symbols: Mapping[str, str] | None = None) -> Any:
    """The expression as a sympy object, unevaluated as far as sympy allows. Loads sympy (about half a second)."""
    import sympy

    table = {
        "abs": sympy.Abs,
        "min": sympy.Min,
        "max": sympy.Max,
        "cbrt": sympy.cbrt,
        "log10": lambda x: sympy.log(x, 10),
    }
    known = {name: table.get(name, getattr(sympy, name, None)) for name in FUNCTIONS}

    def build(node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            value = node.value
            return sympy.Integer(value) if isinstance(value, int) else sympy.Float(repr(value))
        if isinstance(node, ast.Name):
            return sympy.pi if node.id == "pi" else sympy.Symbol((symbols or {}).get(node.id, node.id))
        if isinstance(node, ast.UnaryOp):
            value = build(node.operand)
            return (
                sympy.Not(value) if isinstance(node.op, ast.Not) else -value if isinstance(node.op, ast.USub) else value
            )
        if isinstance(node, ast.BinOp):
            left, right = build(node.left), build(node.right)
            match node.op:
                case ast.Add():
                    return left + right
                case ast.Sub():
                    return left - right
                case ast.Mult():
                    return left * right
                case ast.Div():
                    return left / right
                case ast.Pow():
                    return left**right
                case _:
                    return sympy.Mod(left, right)
        if isinstance(node, ast.IfExp):
            return sympy.Piecewise((build(node.body), build(node.test)), (build(node.orelse), True))
        if isinstance(node, ast.BoolOp):
            parts = [build(value) for value in node.values]
            return sympy.And(*parts) if isinstance(node.op, ast.And) else sympy.Or(*parts)
        if isinstance(node, ast.Compare):
            relations, left = [], build(node.left)
            for operator, comparator in zip(node.ops, node.comparators, strict=True):
                right = build(comparator)
                relations.append(_RELATIONS[type(operator)](sympy)(left, right))
                left = right
            return sympy.And(*relations) if len(relations) > 1 else relations[0]
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        function = known.get(node.func.id) or sympy.Function(node.func.id)
        return function(*[build(argument) for argument in node.args])

    return build(parse(text, extra_functions).body)


_RELATIONS: dict[type, Callable[[Any], Any]] = {
    ast.Lt: lambda s: s.Lt,
    ast.LtE: lambda s: s.Le,
    ast.Gt: lambda s: s.Gt,
    ast.GtE: lambda s: s.Ge,
    ast.Eq: lambda s: s.Eq,
    ast.NotEq: lambda s: s.Ne,
}
