"""How figures are written for people, the same on the terminal and in the dossier."""

from __future__ import annotations

import math
from typing import Any


def number(value: Any, digits: int = 4) -> str:
    """A number to ``digits`` significant figures without a needless exponent; '–' where there is none."""
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if -4 <= size < 7:
        text = f"{value:.{max(0, digits - 1 - size)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.{digits - 1}e}"


def percent(value: float | None) -> str:
    """A ratio as a signed percentage: 0.123 -> '+12 %'."""
    if value is None or not math.isfinite(value):
        return "–"
    if value > 9.99:
        return "> 999 %"
    return f"{value * 100:+.0f} %" if abs(value) >= 0.095 else f"{round(value * 100, 1) + 0.0:+.1f} %"
