"""How long the kernel works: the seconds inside OCCT's own operations, apart from what this engine does around them."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class _Clock(threading.local):
    wall_s = 0.0  # wall time alone: reading a thread's CPU time can cost as much as the work that is timed
    depth = 0


_clock = _Clock()


def kernel_s() -> float:
    """Seconds that this thread has spent in functions marked as the kernel's work."""
    return _clock.wall_s


def kernel_work(function: Callable[P, R]) -> Callable[P, R]:
    """Counts a function's time as the kernel's: one that does little but call OCCT. Nested ones count once."""

    @functools.wraps(function)
    def timed(*args: P.args, **kwargs: P.kwargs) -> R:
        clock = _clock
        if clock.depth:
            return function(*args, **kwargs)
        clock.depth = 1
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            clock.depth = 0
            clock.wall_s += time.perf_counter() - started

    return timed
