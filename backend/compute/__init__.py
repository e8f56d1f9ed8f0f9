"""Where heavy native work runs: supervised worker processes, one group a kind.

``geometry`` workers hold OpenCASCADE, ``fem`` workers hold NGSolve; the two never meet in one process. A worker that
hangs, eats memory or crashes is killed and replaced without harm to its neighbours or to this process.
"""

from backend.compute.kinds import KINDS, Kind
from backend.compute.pool import Lease, WorkPool, get_pool

__all__ = ["KINDS", "Kind", "Lease", "WorkPool", "get_pool"]
