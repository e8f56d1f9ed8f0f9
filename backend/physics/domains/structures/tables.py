"""Tables that an expression reads by linear interpolation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

# Lewis form factor Y for 20 degree full-depth teeth: Shigley's Mechanical Engineering Design, 9th edition, table
# 14-2.
_TEETH = (12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 26, 28, 30, 34, 38, 43, 50, 60, 75, 100, 150, 300, 400)
_LEWIS = (
    0.245, 0.261, 0.277, 0.290, 0.296, 0.303, 0.309, 0.314, 0.322, 0.328, 0.331, 0.337, 0.346, 0.353, 0.359, 0.371,
    0.384, 0.397,
    0.409, 0.422, 0.435, 0.447, 0.460, 0.472, 0.480,
)  # fmt: skip


def interpolate(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """Linear interpolation in a rising table. Raises ValueError outside it."""
    if not xs[0] <= x <= xs[-1]:
        raise ValueError(f"{x:g} lies outside the table ({xs[0]:g} to {xs[-1]:g})")
    i = max(bisect_left(xs, x), 1)
    return ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1])


def lewis_form_factor(teeth: float) -> float:
    """Lewis form factor of a spur gear; a rack has 0.485, which wheels of more than 400 teeth nearly reach."""
    return 0.48 if teeth > 400 else interpolate(teeth, _TEETH, _LEWIS)
