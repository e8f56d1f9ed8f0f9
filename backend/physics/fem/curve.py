"""A property of a material that is constant or follows the temperature: a table, linear between its rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.physics.fem.errors import StudyError
from backend.physics.fem.reading import number, positive

ABSOLUTE_ZERO_C = -273.15
MOST_ROWS = 60


@dataclass(frozen=True)
class Curve:
    """Rows (degC, value), ascending; one row is a constant. Beyond its ends a table keeps its end values.

    ``where`` names it in messages.
    """

    points: tuple[tuple[float, float], ...]
    where: str = ""

    @property
    def constant(self) -> bool:
        """Whether it has one value at all temperatures."""
        return all(value == self.points[0][1] for _, value in self.points)

    @property
    def mean(self) -> float:
        """The mean of the rows' values, a typical one."""
        return float(np.mean([value for _, value in self.points]))

    def at(self, temperature_c: float) -> float:
        """The value at a temperature in degC."""
        rows = np.array(self.points)
        return float(np.interp(temperature_c, rows[:, 0], rows[:, 1]))

    def times(self, factor: float) -> Curve:
        """The same course times a factor."""
        return Curve(tuple((t, value * factor) for t, value in self.points), self.where)

    def field(self, temperature: Any) -> Any:
        """The value as an expression of a temperature field or trial function in degC."""
        import ngsolve as ng

        total: Any = ng.CF(self.points[0][1])
        for at, turn in self._turns():
            total = total + turn * _ramp(temperature, at)
        return total

    def integral(self, temperature: Any) -> Any:
        """Its integral over the temperature, up to a constant, as an expression."""
        total: Any = self.points[0][1] * temperature
        for at, turn in self._turns():
            over = _ramp(temperature, at)
            total = total + 0.5 * turn * over * over
        return total

    def _turns(self) -> list[tuple[float, float]]:
        """Temperatures at which the slope changes, and by how much."""
        if self.constant:
            return []
        slopes = [0.0, *((v1 - v0) / (t1 - t0) for (t0, v0), (t1, v1) in itertools.pairwise(self.points)), 0.0]
        turns = (after - before for before, after in itertools.pairwise(slopes))
        return [(t, turn) for (t, _), turn in zip(self.points, turns, strict=True) if turn]


def _ramp(temperature: Any, start: float) -> Any:
    import ngsolve as ng

    return ng.IfPos(temperature - start, temperature - start, 0.0)


def read_curve(data: Any, where: str, unit: str) -> Curve:
    """A positive number, or rows [temperature in degC, positive number] with ascending temperatures."""
    if not isinstance(data, Sequence) or isinstance(data, str):
        return Curve(((20.0, positive(data, where, unit)),), where)
    rows: list[tuple[float, float]] = []
    for index, row in enumerate(data):
        place = f"{where}[{index}]"
        if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 2:
            raise StudyError(f"{place} is {row!r}; expected [temperature in degC, value in {unit}].", "Correct it.")
        at = number(row[0], f"{place}[0]", "a temperature in degC")
        if at < ABSOLUTE_ZERO_C:
            raise StudyError(f"{place} is at {at:g} degC, below absolute zero.", "Give degrees Celsius.")
        rows.append((at, positive(row[1], f"{place}[1]", unit)))
    if not 2 <= len(rows) <= MOST_ROWS or any(a[0] >= b[0] for a, b in itertools.pairwise(rows)):
        raise StudyError(
            f"{where} has {len(rows)} rows; expected 2 to {MOST_ROWS} with ascending temperatures.",
            "Sort the table and drop repeated temperatures, or give one value.",
        )
    return Curve(tuple(rows), where)
