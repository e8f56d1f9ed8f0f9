"""What a mesh of a given number of unknowns costs in memory, and what there is.

Measured peaks of linear statics at order 2 and 3 (resident, factor and assembly together): 97k unknowns 1.2 GB, 167k
2.3 GB, 306k 5.0 GB. A line through them on logarithmic scales, dofs^1.25, is taken.
"""

from __future__ import annotations

import os
import resource

_REFERENCE_DOFS, _REFERENCE_GB, _EXPONENT = 306_000, 5.0, 1.25
_FLOOR_GB = 0.35  # the process with its libraries
_SHARE = 0.8  # of what is free


def needed_gb(dofs: float) -> float:
    """Peak memory of a solution with so many displacement unknowns, GB."""
    return float(_FLOOR_GB + _REFERENCE_GB * (dofs / _REFERENCE_DOFS) ** _EXPONENT)


def available_gb() -> float:
    """Memory that can be used without swapping, GB: BRICK_FEM_MEMORY_GB, else four fifths of what is free."""
    given = os.environ.get("BRICK_FEM_MEMORY_GB", "")
    try:
        return float(given)
    except ValueError:
        pass
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return _SHARE * int(line.split()[1]) / 1e6
    except (OSError, ValueError, IndexError):
        pass
    return 4.0  # not known on this system: what any machine has


def dofs_that_fit() -> float:
    """Largest number of unknowns whose solution fits the memory."""
    spare = max(available_gb() - _FLOOR_GB, 0.05)
    return float(_REFERENCE_DOFS * (spare / _REFERENCE_GB) ** (1 / _EXPONENT))


def peak_mb() -> float:
    """Largest resident memory of this process so far, MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
