"""Stepped tables of electronics standards."""

from __future__ import annotations

# Peak voltage (V) up to which a spacing (m) holds: IPC-2221A table 6-1, column B2, external conductors, uncoated, to
# 3050 m.
_CLEARANCE = (
    (15, 0.1e-3),
    (30, 0.1e-3),
    (50, 0.6e-3),
    (100, 0.6e-3),
    (150, 0.6e-3),
    (170, 1.25e-3),
    (250, 1.25e-3),
    (300, 1.25e-3),
    (500, 2.5e-3),
)


def clearance(voltage: float) -> float:
    """Least spacing in metres for a peak voltage. Raises ValueError above 500 V."""
    for limit, spacing in _CLEARANCE:
        if voltage <= limit:
            return spacing
    raise ValueError("the table ends at 500 V")
