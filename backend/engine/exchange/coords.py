"""Units and axes of foreign files. Ours: mm, right-handed, Z up, forward (towards the viewer of a front view) -Y."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.errors import EngineError

Floats = NDArray[np.float64]

# exact by definition (international yard and pound, 1959)
UNITS_MM: dict[str, float] = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4, "ft": 304.8, "yd": 914.4}

OURS = {"forward": {"axis": "y", "direction": "negative"}, "up": {"axis": "z", "direction": "positive"}}
SYSTEMS: dict[str, Mapping[str, Any]] = {
    "zoo": OURS,
    "opengl": {"forward": {"axis": "z", "direction": "positive"}, "up": {"axis": "y", "direction": "positive"}},
    "vulkan": {"forward": {"axis": "z", "direction": "positive"}, "up": {"axis": "y", "direction": "negative"}},
}


def unit_mm(unit: str) -> float:
    """Millimetres in one of mm, cm, m, in, ft, yd. Raises EngineError (``unsupported``) for another."""
    if unit not in UNITS_MM:
        raise EngineError(f"The length unit {unit!r} is not known: use one of {', '.join(UNITS_MM)}.", "unsupported")
    return UNITS_MM[unit]


def _axis(given: Any) -> Floats:
    try:
        place = "xyz".index(str(given["axis"]).lower())
        sign = {"positive": 1.0, "negative": -1.0}[str(given["direction"])]
    except (KeyError, TypeError, ValueError):
        raise EngineError(
            f"An axis is given as {{'axis': 'x' | 'y' | 'z', 'direction': 'positive' | 'negative'}}, not {given!r}.",
            code="bad_request",
        ) from None
    vector = np.zeros(3)
    vector[place] = sign
    return vector


def _frame(system: Mapping[str, Any]) -> Floats:
    if not isinstance(system, Mapping) or set(system) != {"forward", "up"}:
        raise EngineError(f"Coordinates are given as {{'forward': …, 'up': …}}, not {system!r}.", code="bad_request")
    forward, up = _axis(system["forward"]), _axis(system["up"])
    if abs(float(forward @ up)) > 0.5:
        raise EngineError("Coordinates are not a system: forward and up lie along the same axis.", code="bad_request")
    return np.stack([forward, up, np.cross(forward, up)], axis=1)


def to_ours(system: str | Mapping[str, Any] | None) -> Floats:
    """Rotation (3, 3) that takes coordinates of a file to ours: ``ours = rotation @ theirs``.

    ``system`` is a name ("zoo", "opengl", "vulkan"), the protocol's ``{"forward": {"axis", "direction"}, "up": …}``,
    or None for ours. All systems are right-handed. Raises EngineError for anything else.
    """
    if system is None:
        return np.eye(3)
    if isinstance(system, str):
        if system not in SYSTEMS:
            raise EngineError(
                f"The coordinate system {system!r} is not known: use {', '.join(SYSTEMS)}.", "unsupported"
            )
        system = SYSTEMS[system]
    rotation: Floats = _frame(OURS) @ _frame(system).T
    return rotation


def from_ours(system: str | Mapping[str, Any] | None) -> Floats:
    """Rotation (3, 3) from our coordinates to those of a file; the inverse of :func:`to_ours`."""
    return to_ours(system).T
