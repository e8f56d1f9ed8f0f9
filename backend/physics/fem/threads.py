"""How many threads the solver gets, and when.

NGSolve's threads wait by spinning. A second one therefore costs more than it gives where there is little to do (small
systems), where the work has one thread anyway (meshing), and on a machine that is already busy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

THREADS = 2
# Unknowns below which one thread is as soon done, and at half the CPU time.
SMALL_DOFS = 20_000

_running: Any = None


def allowed() -> int:
    """Threads that a solver may have at most: BRICK_FEM_THREADS, else two."""
    given = os.environ.get("BRICK_FEM_THREADS", "")
    return int(given) if given.isdecimal() and int(given) > 0 else THREADS


@contextmanager
def parallel(dofs: int | None = None) -> Iterator[int]:
    """NGSolve's task manager for a system of so many unknowns (None: not known); yields its number of threads.

    Inside another one, that one stays.
    """
    global _running
    import ngsolve

    if _running is not None:
        yield _running.threads
        return
    small = dofs is not None and dofs < SMALL_DOFS
    count = 1 if small or _busy() else allowed()
    ngsolve.ngsglobals.msg_level = 0
    _running = _Manager(count)
    try:
        yield count
    finally:
        _running.stop()
        _running = None


@contextmanager
def alone() -> Iterator[None]:
    """Lets the other threads rest while work is done that has only one, inside :func:`parallel` or not."""
    if _running is None:
        yield
        return
    _running.stop()
    try:
        yield
    finally:
        _running.start()


class _Manager:
    """NGSolve's task manager, which can be stopped and started again."""

    def __init__(self, threads: int) -> None:
        import ngsolve

        self.threads = threads
        ngsolve.SetNumThreads(threads)
        self.start()

    def start(self) -> None:
        import ngsolve

        self._inner = ngsolve.TaskManager()
        self._inner.__enter__()

    def stop(self) -> None:
        self._inner.__exit__(None, None, None)


def _busy() -> bool:
    """Whether others use this machine: over the last minute, or at this moment (which the mean is slow to tell)."""
    cores = os.cpu_count() or 1
    if os.getloadavg()[0] >= 0.75 * cores:
        return True
    try:
        runnable = int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].split("/")[0])
    except (OSError, ValueError, IndexError):
        return False
    return runnable - 1 > cores - 2  # this process is one of them
