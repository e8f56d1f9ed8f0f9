"""How many threads the solver gets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

THREADS = 2


@contextmanager
def parallel() -> Iterator[int]:
    """NGSolve's task manager with one or two threads; yields their number.

    The threads wait by spinning: on a machine that is already busy, a second one costs more than it gives.
    """
    import ngsolve

    count = THREADS if os.getloadavg()[0] < 0.75 * (os.cpu_count() or 1) else 1
    ngsolve.ngsglobals.msg_level = 0
    ngsolve.SetNumThreads(count)
    with ngsolve.TaskManager():
        yield count
