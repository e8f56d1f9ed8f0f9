"""Pressure in the sea."""

from __future__ import annotations

from math import sin


def depth_of_pressure(decibar: float, latitude: float) -> float:
    """Depth in metres at a gauge pressure in decibar: Fofonoff and Millard, UNESCO 44 (1983), section 4."""
    s = sin(latitude) ** 2
    gravity = 9.780318 * (1 + (5.2788e-3 + 2.36e-5 * s) * s) + 1.092e-6 * decibar
    return (((-1.82e-15 * decibar + 2.279e-10) * decibar - 2.2512e-5) * decibar + 9.72659) * decibar / gravity


def sea_pressure(depth: float, latitude: float) -> dict[str, float]:
    """Gauge pressure (Pa) at a depth by inverting :func:`depth_of_pressure`, and the mean density of the column."""
    low, high = 0.0, 13000.0
    for _ in range(80):
        middle = (low + high) / 2
        if depth_of_pressure(middle, latitude) < depth:
            low = middle
        else:
            high = middle
    pressure = (low + high) / 2 * 1e4
    s = sin(latitude) ** 2
    gravity = 9.780318 * (1 + (5.2788e-3 + 2.36e-5 * s) * s) + 1.092e-6 * low / 2
    return {"pressure": pressure, "density": pressure / (gravity * depth) if depth > 1e-3 else 1028.1}
