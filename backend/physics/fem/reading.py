"""Readers of plain study data: each returns a typed value or says which place is wrong, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from backend.physics.fem.errors import StudyError

Vector = tuple[float, float, float]


def number(value: Any, where: str, expected: str = "a finite number") -> float:
    """A finite number; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise StudyError(f"{where} is {value!r}; expected {expected}.", f"Give {where} as {expected}.")
    return float(value)


def positive(value: Any, where: str, unit: str) -> float:
    """A number above zero."""
    given = number(value, where, f"a positive number in {unit}")
    if given <= 0:
        raise StudyError(f"{where} is {given:g} {unit}; it must be above zero.", f"Give {where} above zero.")
    return given


def vector(value: Any, where: str) -> Vector:
    """Three numbers."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 3:
        raise StudyError(f"{where} is {value!r}; expected three numbers [x, y, z].", f"Give {where} as [x, y, z].")
    return (number(value[0], f"{where}[0]"), number(value[1], f"{where}[1]"), number(value[2], f"{where}[2]"))


def face_list(value: Any, where: str) -> tuple[int, ...]:
    """Face indices from 0, at least one, without repeats."""
    good = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
    if not good or any(isinstance(i, bool) or not isinstance(i, int) or i < 0 for i in value):
        raise StudyError(
            f"{where} is {value!r}; expected a non-empty list of face indices (0-based, in BREP order).",
            f"Name at least one face in {where}.",
        )
    return tuple(dict.fromkeys(value))


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """An object with named fields."""
    if not isinstance(value, Mapping):
        raise StudyError(f"{where} is {value!r}; expected an object with named fields.", f"Give {where} as an object.")
    return value


def sequence(value: Any, where: str) -> Sequence[Any]:
    """A list; null is an empty one."""
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise StudyError(f"{where} is {value!r}; expected a list.", f"Give {where} as a list.")
    return value


def known_fields(data: Mapping[str, Any], allowed: set[str], where: str) -> None:
    """Refuses fields that nobody reads: most are misspelt."""
    unknown = sorted(set(data) - allowed)
    if unknown:
        raise StudyError(
            f"{where} has unknown field(s) {', '.join(unknown)}; known are {', '.join(sorted(allowed))}.",
            "Check the spelling of the field names.",
        )


def integer(value: Any, where: str, low: int, high: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise StudyError(f"{where} is {value!r}; expected a whole number from {low} to {high}.", f"Change {where}.")
    return value
