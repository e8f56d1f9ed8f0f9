"""Plain rows for a command line or an API: what equations there are, one in full, one calculated.

Each function returns JSON-able data; errors are those of the kernel.
"""

from __future__ import annotations

import re
from typing import Any

from backend.physics.equation import Quantity
from backend.physics.errors import BadQuantity
from backend.physics.kernel import get_physics_kernel


def list_equations(domain: str | None = None, search: str | None = None) -> list[dict[str, Any]]:
    """One row an equation: domain, equation, title, inputs, outputs, source. Optionally of one domain or by words."""
    kernel = get_physics_kernel()
    found = kernel.search(search) if search else kernel.list(domain)
    return [
        {
            "domain": e.domain,
            "equation": e.id,
            "title": e.title,
            "inputs": [q.key for q in e.inputs if q.default is None],
            "optional": [q.key for q in e.inputs if q.default is not None],
            "outputs": [q.key for q in e.outputs],
            "source": str(e.source),
        }
        for e in found
        if domain is None or e.domain == domain
    ]


def list_domains() -> list[dict[str, Any]]:
    """One row a domain: name, topics, number of equations."""
    kernel = get_physics_kernel()
    rows = []
    for name in kernel.domains():
        equations = kernel.list(name)
        topics = dict.fromkeys(e.topic for e in equations)
        rows.append({"domain": name, "topics": list(topics), "equations": len(equations)})
    return rows


def list_constants() -> list[dict[str, Any]]:
    """One row a constant and body: name, body, value, unit, relative uncertainty, meaning, source."""
    kernel = get_physics_kernel()
    rows = []
    for name, entry in kernel.constants().items():
        for body in [None, *entry.get("bodies", {})]:
            c = kernel.describe_constant(name, body=body)
            rows.append({"name": name, "body": body or ""} | {k: c[k] for k in ("value", "unit", "meaning", "source")})
    return rows


def describe(domain: str, equation: str) -> dict[str, Any]:
    """One equation in full: quantities with meaning and bounds, formulas, source, validity, uncertainty, LaTeX."""
    spec = get_physics_kernel().describe(domain, equation)
    from backend.physics.latex import equation_latex

    return {
        "domain": spec.domain,
        "equation": spec.id,
        "title": spec.title,
        "topic": spec.topic,
        "inputs": [_quantity(q) for q in spec.inputs],
        "outputs": [_quantity(q) for q in spec.outputs],
        "let": dict(spec.lets),
        "formula": spec.formula,
        "constants": {name: spec.constant_values[name] for name in spec.constants},
        "source": str(spec.source),
        "validity": [{"condition": v.text, "message": v.message, "refuses": v.hard} for v in spec.validity],
        "uncertainty_rel": spec.model_uncertainty_rel,
        "uncertainty_note": spec.uncertainty_note,
        "notes": spec.notes,
        "latex": equation_latex(spec),
        "file": spec.file,
    }


def _quantity(q: Quantity) -> dict[str, Any]:
    row: dict[str, Any] = {"key": q.key, "unit": q.unit.label, "meaning": q.meaning, "symbol": q.symbol}
    if q.default is not None:
        row |= {"default": q.default, "because": q.default_reason}
    row |= {"exact": True} if q.exact else {}
    row |= {"also": list(q.also)} if q.also else {}
    row |= {"words": dict(q.words)} if q.words else {}
    return row | {"bounds": q.bounds} | ({"expression": q.expr} if q.expr else {})


_ASSIGNMENT = re.compile(
    r"^\s*([a-z][a-z0-9_]*)\s*=\s*([-+0-9.eE]+|[A-Za-z]+)\s*(?:(?:\+-|\+/-|±)\s*([0-9.eE+-]+)\s*(%?))?\s*$"
)


def calc(domain: str, equation: str, assignments: list[str]) -> dict[str, Any]:
    """Calculate from words such as ``force_n=100`` or ``force_n=100 +- 5%`` (a standard uncertainty).

    Returns the result as plain data. Raises BadQuantity for a word that is no assignment.
    """
    quantities: dict[str, float | str] = {}
    uncertain: dict[str, float] = {}
    for word in assignments:
        match = _ASSIGNMENT.match(word)
        if not match:
            raise BadQuantity(f"{word!r} is not an assignment.", "Write name_unit=number, for example force_n=100.")
        key, text, spread, percent = match.groups()
        try:
            value = text if text.isalpha() and len(text) == 1 else float(text)
            width = float(spread) if spread else None
        except ValueError as error:
            raise BadQuantity(f"{word!r} has no readable number.", "Write name_unit=number.") from error
        if key in quantities:
            raise BadQuantity(f"{key} is given twice.", "Give each quantity once.")
        quantities[key] = value
        if width is not None:
            if isinstance(value, str):
                raise BadQuantity(f"{word!r}: a letter has no spread.", "Leave the spread out.")
            if not percent and value == 0:
                raise BadQuantity(f"{word!r}: the spread of a zero has no relative size.", "Leave the spread out.")
            uncertain[key] = width / 100 if percent else abs(width / value)
    result = get_physics_kernel().calculate(domain, equation, uncertainty_rel=uncertain or None, **quantities)
    return result.as_dict()
