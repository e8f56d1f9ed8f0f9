"""Oracles: what a KCL program must make, written as formulas in a YAML file beside it, and how far a result is off.

An oracle is a mapping. Numbers may be written as expressions over ``pi`` and the usual functions, and over the names
that its ``where`` defines, so that a reader sees where a figure comes from::

    title: a tube
    where: {outer: 10, inner: 6, height: 25}
    volume_mm3: "pi*(outer**2 - inner**2)*height"
    area_mm2: "2*pi*(outer + inner)*height + 2*pi*(outer**2 - inner**2)"
    center_of_mass_mm: [0, 0, "height/2"]
    bounding_box_mm: {min: ["-outer", "-outer", 0], max: [outer, outer, height]}
    solids: 1

``tolerance`` is relative (1e-6 unless said otherwise), and ``tolerances`` holds that of single quantities; lengths
are compared relative to the size of the part. ``surfaces``, ``valid``, ``named_faces`` (by name: count, area_mm2,
centroid_mm, normal) and ``bodies`` (volumes, in any order) can be asserted too. A program that must be refused has
``fails`` instead: ``code``, ``line`` and ``message`` (a pattern) of the error, each optional.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.errors import InputError

DEFAULT_TOLERANCE = 1e-6
QUANTITIES = ("volume_mm3", "area_mm2", "center_of_mass_mm", "bounding_box_mm", "solids", "surfaces", "valid")
_KNOWN = {*QUANTITIES, "title", "where", "tolerance", "tolerances", "named_faces", "bodies", "fails", "covers", "note"}
_KNOWN |= {"remark"}
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sqrt", "hypot")},
    **{name: getattr(math, name) for name in ("radians", "degrees", "sinh", "cosh", "asinh", "log", "exp")},
    "min": min,
    "max": max,
    "abs": abs,
}
# Gauss-Legendre, 20 points: exact for polynomials to degree 39
_PANELS = 64


class OracleError(InputError):
    """An oracle file can't be read or says something that is not understood."""

    code = "bad_oracle"


@dataclass(frozen=True)
class Deviation:
    """One asserted quantity: what was expected, what came out, and how far off it is (relative to its scale)."""

    quantity: str
    expected: Any
    found: Any
    deviation: float
    tolerance: float

    @property
    def ok(self) -> bool:
        """Whether the deviation is within the tolerance (never so for NaN)."""
        return self.deviation <= self.tolerance


def evaluate(expression: Any, names: Mapping[str, float] | None = None) -> float:
    """Value of a number or of an arithmetic expression over ``names``, ``pi``, ``e`` and the functions of this module.

    ``integral(f, x, a, b)`` is the integral of the expression f over the name x from a to b by Gauss-Legendre
    quadrature on 64 panels of 20 points. Raises :class:`OracleError` for anything else than arithmetic.
    """
    if isinstance(expression, bool) or expression is None:
        raise OracleError(f"{expression!r} is not a number or an expression.")
    if isinstance(expression, int | float):
        return float(expression)
    try:
        tree = ast.parse(str(expression), mode="eval")
    except SyntaxError as error:
        raise OracleError(f"the expression {expression!r} does not parse: {error.msg}") from error
    scope = {"pi": math.pi, "e": math.e, **(names or {})}
    try:
        return float(_value(tree.body, scope))
    except (ArithmeticError, ValueError, TypeError) as error:
        raise OracleError(f"the expression {expression!r} has no value: {error}") from error


def _value(node: ast.AST, scope: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.Name):
        if node.id not in scope:
            raise OracleError(f"the name {node.id!r} is not defined: write it under 'where'.")
        return scope[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return float(_OPERATORS[type(node.op)](_value(node.left, scope), _value(node.right, scope)))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return float(_OPERATORS[type(node.op)](_value(node.operand, scope)))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id == "integral" and len(node.args) == 4 and isinstance(node.args[1], ast.Name):
            return _integral(node, scope)
        if node.func.id in _FUNCTIONS:
            return _FUNCTIONS[node.func.id](*(_value(argument, scope) for argument in node.args))
    raise OracleError(f"{ast.unparse(node)!r} is not arithmetic that an oracle may use.")


def _integral(node: ast.Call, scope: Mapping[str, float]) -> float:
    from numpy.polynomial.legendre import leggauss

    body, variable = node.args[0], node.args[1]
    assert isinstance(variable, ast.Name)
    low, high = _value(node.args[2], scope), _value(node.args[3], scope)
    points, weights = leggauss(20)
    half = (high - low) / _PANELS / 2
    total = 0.0
    for panel in range(_PANELS):
        middle = low + (2 * panel + 1) * half
        for point, weight in zip(points, weights, strict=True):
            total += float(weight) * _value(body, {**scope, variable.id: middle + half * float(point)})
    return total * half


def load_oracle(path: Path) -> dict[str, Any]:
    """The oracle in a YAML (or JSON) file; raises :class:`OracleError` when it isn't one."""
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise OracleError(f"{path} can't be read: {error}") from error
    return checked(data, str(path))


def checked(data: Any, origin: str) -> dict[str, Any]:
    """The oracle itself where its keys are known and it asserts something; ``origin`` is named in the error."""
    if not isinstance(data, dict):
        raise OracleError(f"{origin} is not a mapping of quantities to values.")
    unknown = sorted(set(data) - _KNOWN)
    if unknown:
        raise OracleError(
            f"{origin} has an unknown key {unknown[0]!r}.", next_action=f"Use {', '.join(sorted(_KNOWN))}."
        )
    if not any(key in data for key in (*QUANTITIES, "fails", "bodies", "named_faces", "remark")):
        raise OracleError(f"{origin} asserts nothing.", next_action="Give at least one quantity, such as volume_mm3.")
    try:
        expected(data)
    except OracleError as error:
        raise OracleError(f"{origin}: {error.message}", next_action=error.next_action) from error
    return data


def names_of(oracle: Mapping[str, Any]) -> dict[str, float]:
    """The names under ``where``, each evaluated over those before it."""
    names: dict[str, float] = {}
    for name, expression in (oracle.get("where") or {}).items():
        names[str(name)] = evaluate(expression, names)
    return names


def expected(oracle: Mapping[str, Any]) -> dict[str, Any]:
    """The asserted quantities as numbers, in the shape of an engine's result."""
    names = names_of(oracle)

    def number(value: Any) -> float:
        return evaluate(value, names)

    figures: dict[str, Any] = {}
    for key in ("volume_mm3", "area_mm2"):
        if key in oracle:
            figures[key] = number(oracle[key])
    if "center_of_mass_mm" in oracle:
        figures["center_of_mass_mm"] = [number(value) for value in oracle["center_of_mass_mm"]]
    if "bounding_box_mm" in oracle:
        box = oracle["bounding_box_mm"]
        figures["bounding_box_mm"] = {side: [number(value) for value in box[side]] for side in ("min", "max")}
    for key in ("solids", "surfaces"):
        if key in oracle:
            figures[key] = round(number(oracle[key]))
    if "valid" in oracle:
        figures["valid"] = bool(oracle["valid"])
    if "bodies" in oracle:
        figures["bodies"] = sorted(number(value) for value in oracle["bodies"])
    return figures


def compare(oracle: Mapping[str, Any], result: Mapping[str, Any]) -> list[Deviation]:
    """Each asserted quantity of the oracle against the engine's result (fields of CompiledModel)."""
    figures = expected(oracle)
    general = float(oracle.get("tolerance", DEFAULT_TOLERANCE))
    special = oracle.get("tolerances") or {}
    scale = _size(figures.get("bounding_box_mm") or result.get("bounding_box_mm"))

    def tolerance(quantity: str) -> float:
        return float(special.get(quantity, general))

    found: list[Deviation] = []
    for key in ("volume_mm3", "area_mm2"):
        if key in figures:
            base = abs(figures[key]) or scale ** (3 if key == "volume_mm3" else 2)
            off = abs(float(result[key]) - figures[key]) / base
            found.append(Deviation(key, figures[key], result[key], off, tolerance(key)))
    if "center_of_mass_mm" in figures:
        key = "center_of_mass_mm"
        off = _distance(result[key], figures[key]) / scale
        found.append(Deviation(key, figures[key], result[key], off, tolerance(key)))
    if "bounding_box_mm" in figures:
        for side in ("min", "max"):
            ours, theirs = result["bounding_box_mm"][side], figures["bounding_box_mm"][side]
            off = _distance(ours, theirs) / scale
            found.append(Deviation(f"bounding_box_mm.{side}", theirs, ours, off, tolerance("bounding_box_mm")))
    for key in ("solids", "surfaces", "valid"):
        if key in figures:
            value = _surfaces(result) if key == "surfaces" else result[key]
            found.append(Deviation(key, figures[key], value, 0.0 if value == figures[key] else math.inf, 0.0))
    if "bodies" in figures:
        ours = sorted(float(body.get("volume_mm3") or 0.0) for body in result.get("bodies", []))
        found.append(_paired("bodies", figures["bodies"], ours, tolerance("bodies")))
    if "remark" in oracle:
        told = list(result.get("diagnostics", []))
        said = any(re.search(str(oracle["remark"]), line, re.IGNORECASE) for line in told)
        found.append(Deviation("remark", oracle["remark"], told, 0.0 if said else math.inf, 0.0))
    found.extend(_faces(oracle, result, names_of(oracle), scale, tolerance))
    return found


def _paired(quantity: str, theirs: Sequence[float], ours: Sequence[float], tolerance: float) -> Deviation:
    if len(theirs) != len(ours):
        return Deviation(quantity, list(theirs), list(ours), math.inf, tolerance)
    off = max((abs(a - b) / (abs(b) or 1.0) for a, b in zip(ours, theirs, strict=True)), default=0.0)
    return Deviation(quantity, list(theirs), list(ours), off, tolerance)


def _faces(
    oracle: Mapping[str, Any],
    result: Mapping[str, Any],
    names: Mapping[str, float],
    scale: float,
    tolerance: Callable[[str], float],
) -> list[Deviation]:
    found = []
    for name, asserted in (oracle.get("named_faces") or {}).items():
        ours = [face for face in result.get("named_faces", []) if face["name"] == name]
        count = round(evaluate(asserted.get("count", 1), names))
        off = 0.0 if len(ours) == count else math.inf
        found.append(Deviation(f"face {name}: count", count, len(ours), off, 0.0))
        if not ours:
            continue
        if "area_mm2" in asserted:
            area = evaluate(asserted["area_mm2"], names)
            total = sum(float(face["area_mm2"]) for face in ours)
            limit = tolerance("named_faces")
            found.append(Deviation(f"face {name}: area_mm2", area, total, abs(total - area) / abs(area), limit))
        for key, base in (("centroid_mm", scale), ("normal", 1.0)):
            if key in asserted:
                point = [evaluate(value, names) for value in asserted[key]]
                value = ours[0].get(key)
                off = _distance(value, point) / base if value is not None else math.inf
                found.append(Deviation(f"face {name}: {key}", point, value, off, tolerance("named_faces")))
    return found


def compare_failure(oracle: Mapping[str, Any], error: BaseException) -> list[Deviation]:
    """The asserted failure against the error that the engine raised (an EngineError, or anything with ``as_dict``)."""
    asserted = oracle["fails"] or {}
    told: dict[str, Any] = error.as_dict() if hasattr(error, "as_dict") else {"message": str(error), "code": ""}
    found = []
    if "code" in asserted:
        same = told.get("code") == asserted["code"]
        found.append(Deviation("error code", asserted["code"], told.get("code"), 0.0 if same else math.inf, 0.0))
    if "message" in asserted:
        same = re.search(str(asserted["message"]), str(told.get("message")), re.IGNORECASE) is not None
        found.append(Deviation("message", asserted["message"], told.get("message"), 0.0 if same else math.inf, 0.0))
    if "line" in asserted:
        line = (told.get("source") or {}).get("line")
        found.append(Deviation("line", asserted["line"], line, 0.0 if line == asserted["line"] else math.inf, 0.0))
    return found


def _surfaces(result: Mapping[str, Any]) -> int:
    """Bodies that are not solid."""
    return len(result.get("bodies", [])) - int(result["solids"])


def _size(box: Mapping[str, Sequence[float]] | None) -> float:
    """Diagonal of a bounding box, mm; 1 where there is none."""
    return (_distance(box["min"], box["max"]) if box else 0.0) or 1.0


def _distance(a: Sequence[float], b: Sequence[float]) -> float:
    return math.sqrt(sum((float(x) - float(y)) ** 2 for x, y in zip(a, b, strict=True)))
