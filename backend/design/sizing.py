"""What the sizing of every family shares: buyable increments, and a clear word when nothing fits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from backend.errors import DesignError
from backend.schema import Check, Status

#: sizes go up in these steps, by the unit that the user thinks in
INCREMENT_MM = {"mm": 0.5, "in": 25.4 / 32}


def steps(low_mm: float, high_mm: float, step_mm: float) -> list[float]:
    """The multiples of a step from ``low_mm`` to ``high_mm``, both within a millionth of a step."""
    first, last = math.ceil(low_mm / step_mm - 1e-6), math.floor(high_mm / step_mm + 1e-6)
    return [k * step_mm for k in range(first, last + 1)]


def failures(checks: Sequence[Check]) -> list[Check]:
    """The checks that failed."""
    return [check for check in checks if check.status is Status.FAIL]


def shortfall(checks: Sequence[Check]) -> float:
    """How far the worst failed check is from its limit, relative."""
    return max((-(check.margin or 0.0) for check in failures(checks)), default=0.0)


def nearness(checks: Sequence[Check]) -> tuple[bool, float]:
    """For finding the nearest design that failed: those only too heavy come first, then the least shortfall."""
    return any(check.id != "mass" for check in failures(checks)), shortfall(checks)


def infeasible(
    what: str, nearest: str, checks: Sequence[Check], advice: Mapping[str, str], otherwise: str
) -> DesignError:
    """The error for a design that no free parameter can mend: what the nearest one lacks, and what would help."""
    failed = failures(checks)
    words = "; ".join(
        f"{check.title} is {_shown(check.value, check.unit)}, {check.sense} {_shown(check.limit, check.unit)} is needed"
        for check in failed
        if check.value is not None and check.sense is not None and check.limit is not None
    )
    return DesignError(
        f"no {what} within these sizes meets the requirements; the nearest is {nearest}: {words}",
        next_action=next((advice[c.id] for c in failed if c.id in advice), otherwise),
        failed=[check.model_dump(mode="json") for check in failed],
    )


def _shown(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".strip()


def governing(checks: Sequence[Check]) -> Check | None:
    """The check with the smallest margin, the mass left aside (it doesn't size anything)."""
    bounded = [c for c in checks if c.margin is not None and c.id != "mass" and c.status is not Status.NOT_VERIFIED]
    return min(bounded, key=lambda c: c.margin or 0.0, default=None)
