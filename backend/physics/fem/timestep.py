"""One step of TR-BDF2 and the choice of its length, for M dT/dt = F(T, t) with some unknowns prescribed.

Trapezoidal rule to t + gamma h, then BDF2 to t + h, with gamma = 2 - sqrt 2: both stages have the matrix M + d h K,
d = gamma/2, the method is of second order and L-stable, so that a sudden change at the start is damped and not carried
on as ringing. The embedded third-order formula estimates the error of a step (Hosea and Shampine 1996, Analysis and
implementation of TR-BDF2, Appl. Numer. Math. 20, 21). A step is the segment's length over a power of two, so that a
factored matrix serves many steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import SolveError

FloatArray = npt.NDArray[np.float64]

GAMMA = 2 - math.sqrt(2)
DIAGONAL = GAMMA / 2
_SIDE = math.sqrt(2) / 4
WEIGHTS = (_SIDE, _SIDE, DIAGONAL)
_THIRD_ORDER = ((1 - _SIDE) / 3, (3 * _SIDE + 1) / 3, DIAGONAL / 3)
_DIFFERENCE = tuple(a - b for a, b in zip(WEIGHTS, _THIRD_ORDER, strict=True))
_FINEST = 24  # halvings of a segment
MOST_STEPS = 20_000


class System(Protocol):
    """What is stepped in time."""

    def rate(self, state: FloatArray, time_s: float) -> FloatArray:
        """F(T, t), all rows."""

    def mass(self, state: FloatArray) -> FloatArray:
        """M T, all rows."""

    def implicit(self, goal: FloatArray, dh_s: float, guess: FloatArray, time_s: float) -> FloatArray:
        """T with prescribed values of ``time_s`` and M T - dh F(T, time_s) = goal in the free rows."""

    def smooth(self, rows: FloatArray, dh_s: float) -> FloatArray:
        """(M + dh K)^-1 rows, zero where the value is prescribed."""


@dataclass
class Step:
    """One accepted step: rates at its three stages, and the estimated local error (largest nodal value)."""

    start_s: float
    length_s: float
    state: FloatArray
    rates: tuple[FloatArray, FloatArray, FloatArray]
    error: float

    @property
    def end_s(self) -> float:
        """Time at its end."""
        return self.start_s + self.length_s

    def mean_rate(self) -> FloatArray:
        """F averaged over the step with the weights of the method, so that M dT = h mean F."""
        return np.asarray(sum(w * f for w, f in zip(WEIGHTS, self.rates, strict=True)))


def advance(system: System, state: FloatArray, start_s: float, length_s: float, nodes: int) -> Step:
    """One step from ``state``. ``nodes``: the leading unknowns are nodal values; the error is measured on these."""
    first = system.rate(state, start_s)
    stored = system.mass(state)
    dh = DIAGONAL * length_s
    middle_s, end_s = start_s + GAMMA * length_s, start_s + length_s
    middle = system.implicit(stored + dh * first, dh, state, middle_s)
    second = system.rate(middle, middle_s)
    guess = state + (middle - state) / GAMMA
    end = system.implicit(stored + length_s * _SIDE * (first + second), dh, guess, end_s)
    third = system.rate(end, end_s)
    difference = sum(w * f for w, f in zip(_DIFFERENCE, (first, second, third), strict=True))
    error = system.smooth(length_s * np.asarray(difference), dh)
    return Step(start_s, length_s, end, (first, second, third), float(np.abs(error[:nodes]).max(initial=0.0)))


@dataclass
class Grid:
    """Ends of the steps, s, ascending, and how many steps were refused."""

    ends_s: list[float] = field(default_factory=list)
    refused: int = 0

    def halved(self, start_s: float = 0.0) -> Grid:
        """The same grid with every step cut in two."""
        ends: list[float] = []
        before = start_s
        for end in self.ends_s:
            ends += [(before + end) / 2, end]
            before = end
        return Grid(ends)


def march_adaptive(
    system: System,
    state: FloatArray,
    stops_s: Iterable[float],
    tolerance: float,
    nodes: int,
    visit: Callable[[Step], None],
) -> Grid:
    """Marches from 0 through ``stops_s`` (ascending; each is met exactly), every step's error below ``tolerance``.

    ``visit`` sees each accepted step. Raises :class:`SolveError` where the steps become too small or too many.
    """
    grid = Grid()
    start, length = 0.0, 0.0
    for stop in stops_s:
        span = stop - start
        # The first step is short: what is sudden is at the start of a segment.
        level = 10 if not length else min(max(math.ceil(math.log2(span / length)), 0), 10)
        place, total = 0, 1 << _FINEST
        while place < total:
            size = total >> level
            step = advance(system, state, start + span * place / total, span * size / total, nodes)
            if step.error > tolerance and level < _FINEST - 2:
                grid.refused += 1
                level += 1 if step.error < 8 * tolerance else 2
                continue
            if len(grid.ends_s) >= MOST_STEPS or not np.isfinite(step.error):
                raise SolveError(
                    f"The temperature needs more than {MOST_STEPS} time steps (at {step.start_s:.4g} s).",
                    "Raise time_tolerance_c, shorten duration_s, or give steps.",
                )
            place += size
            step.length_s = start + span * place / total - step.start_s
            state = step.state
            grid.ends_s.append(start + span * place / total)
            visit(step)
            length = span * size / total
            # Error goes with the third power of the step; doubled only where the grid of twice the step begins.
            if step.error < tolerance / 12 and level > 0 and place % (2 * size) == 0:
                level -= 1
        start = stop
    return grid


def march_on(system: System, state: FloatArray, grid: Grid, nodes: int, visit: Callable[[Step], None]) -> FloatArray:
    """Marches from 0 over a given grid; returns the last state."""
    start = 0.0
    for end in grid.ends_s:
        step = advance(system, state, start, end - start, nodes)
        state, start = step.state, end
        visit(step)
    return state
