"""The kinds of worker process: what each warms up, and what it must never import."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A group of like worker processes.

    ``warm`` names the function ("module:function") that a fresh worker calls before its first task; ``refuses`` are the
    top-level packages whose import is an error in such a worker (OpenCASCADE and NGSolve each carry their own copy of
    the same C++ symbols; one process that holds both corrupts memory). ``workers`` is the number of processes.
    ``environment``: variables of a worker where the parent doesn't set them.
    """

    name: str
    warm: str | None = None
    refuses: tuple[str, ...] = ()
    workers: int = 1
    environment: tuple[tuple[str, str], ...] = ()


def _workers(name: str, default: int) -> int:
    """Number of workers of a kind: BRICK_<KIND>_WORKERS, else the default."""
    given = os.environ.get(f"BRICK_{name.upper()}_WORKERS", "")
    return max(1, int(given)) if given.isdigit() else default


_HALF = max(1, (os.cpu_count() or 2) // 2)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("geometry", "backend.engine.run:warm", ("ngsolve", "netgen"), _workers("geometry", _HALF)),
        Kind("modeling", "backend.engine.protocol.remote:warm", ("ngsolve", "netgen")),
        # The solver has threads of its own; those of BLAS beside them wait by spinning and double its CPU time.
        Kind(
            "fem", "backend.physics.fem.static:warm", ("OCP",), _workers("fem", _HALF), (("OPENBLAS_NUM_THREADS", "1"),)
        ),
        Kind("general", None, ("OCP", "ngsolve", "netgen"), _workers("general", _HALF)),
    )
}
