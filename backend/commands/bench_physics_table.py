"""The table of ``./brick bench physics``: what a check is, when it passes, and how it is counted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# How the reference came to be known. Nothing is called read that nobody of the project has read.
BASES = {
    "closed form": "an analytic result or limit, worked out in the case itself (for a formula of the kernel this "
    "proves its code and units; for finite elements, the solver)",
    "read": "a published value that the project has seen in a source, by its notes or as the case names it",
    "other program": "the result of another program, as the case names it",
    "memory": "a published value quoted from memory; nobody of the project has read it in its source",
}


@dataclass(frozen=True)
class Check:
    """One number against its reference. ``tolerance_rel`` and the error are relative to ``scale`` or the reference."""

    case: str
    title: str
    quantity: str
    source: str
    basis: str
    reference: float
    ours: float
    tolerance_rel: float
    cpu_s: float
    scale: float | None = None
    meshes: tuple[tuple[int, float], ...] = ()  # (unknowns, value) of each mesh
    method: str = "kernel"
    failure: str = ""  # why there is no number

    @property
    def error_rel(self) -> float:
        """Signed error; NaN where there is no number."""
        return self.error_of(self.ours)

    def error_of(self, value: float) -> float:
        """Signed error of another value against the same reference."""
        scale = self.scale if self.scale is not None else self.reference
        if scale == 0:
            return math.nan
        return (value - self.reference) / scale

    @property
    def within(self) -> bool:
        """True when there is a finite number within the tolerance."""
        return not self.failure and math.isfinite(self.error_rel) and abs(self.error_rel) <= self.tolerance_rel

    def as_dict(self) -> dict[str, Any]:
        """Plain data for ``--json``; what isn't a finite number is null."""
        return {
            "case": self.case,
            "title": self.title,
            "quantity": self.quantity,
            "method": self.method,
            "source": self.source,
            "basis": self.basis,
            "reference": self.reference,
            "ours": _finite(self.ours),
            "error_percent": _finite(100 * self.error_rel),
            "tolerance_percent": 100 * self.tolerance_rel,
            "within": self.within,
            "meshes": [
                {"dofs": dofs, "value": _finite(value), "error_percent": _finite(100 * self.error_of(value))}
                for dofs, value in self.meshes
            ],
            "cpu_s": round(self.cpu_s, 4),
            "failure": self.failure,
        }


@dataclass
class Totals:
    """Counts of a run. A case is within tolerance when all of its checks are."""

    cases: int = 0
    cases_within: int = 0
    checks: int = 0
    misses: list[Check] = field(default_factory=list)
    by_basis: dict[str, int] = field(default_factory=dict)
    by_method: dict[str, int] = field(default_factory=dict)
    cpu_s: float = 0.0

    @property
    def passed(self) -> bool:
        """True when there was something to check and nothing missed."""
        return self.checks > 0 and not self.misses

    def as_dict(self) -> dict[str, Any]:
        """Plain data for ``--json``."""
        return {
            "cases": self.cases,
            "cases_within": self.cases_within,
            "checks": self.checks,
            "misses": [f"{check.case}: {check.quantity}" for check in self.misses],
            "cases_by_basis": self.by_basis,
            "cases_by_method": self.by_method,
            "cpu_s": round(self.cpu_s, 2),
        }


def total(checks: Iterable[Check]) -> Totals:
    """Counts checks by case, basis and method."""
    found = Totals()
    groups: dict[str, list[Check]] = {}
    for check in checks:
        groups.setdefault(check.case, []).append(check)
        found.checks += 1
        found.cpu_s += check.cpu_s
        if not check.within:
            found.misses.append(check)
    for group in groups.values():
        found.cases += 1
        found.cases_within += all(check.within for check in group)
        # A case is only as well founded as its weakest reference.
        weakest = max((check.basis for check in group), key=list(BASES).index)
        found.by_basis[weakest] = found.by_basis.get(weakest, 0) + 1
        found.by_method[group[0].method] = found.by_method.get(group[0].method, 0) + 1
    return found


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def number(value: float) -> str:
    """Six significant digits."""
    return "none" if not math.isfinite(value) else f"{value:.6g}"


def percent(relative: float) -> str:
    """A signed percentage with two significant digits; what is below 0.0005 % is rounding."""
    if not math.isfinite(relative):
        return "none"
    value = 100 * relative
    if abs(value) < 5e-4:
        return "0.000"
    return f"{value:+.3f}" if abs(value) < 10 else f"{value:+.1f}"


def tolerance(relative: float) -> str:
    """A tolerance in percent without padding."""
    return f"{100 * relative:.3g}"


def convergence(check: Check) -> str:
    """The error on each mesh: unknowns and percent, coarse to fine; empty for a formula."""
    return ", ".join(f"{_thousands(dofs)}: {percent(check.error_of(value))}" for dofs, value in check.meshes)


def _thousands(dofs: int) -> str:
    return f"{dofs / 1000:.1f}k" if dofs < 10_000 else f"{dofs / 1000:.0f}k"
