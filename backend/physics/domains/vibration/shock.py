"""Shock spectrum of a half-sine pulse."""

from __future__ import annotations

from math import cos, pi, sin


def half_sine_factor(periods: float) -> float:
    """Largest response of an undamped oscillator to a half-sine base pulse, over the pulse's peak.

    ``periods`` = natural frequency x duration. During the pulse (r = 1/(2 periods)):
    a/a0 = (sin(pi x) - r sin(2 pi periods x))/(1 - r^2), x = t/t_p; after it the residual 2 r |cos(pi periods)|/|1
    - r^2| (S. S. Rao, Mechanical Vibrations, 5th edition, section 4.6).
    """
    if abs(periods - 0.5) < 1e-7:
        periods = 0.5 + 1e-7
    r = 1 / (2 * periods)
    residual = abs(2 * r * cos(pi * periods) / (1 - r * r))
    # Extrema within the pulse: pi cos(pi x) = pi cos(2 pi n x), so x = 2 j/(2 n +- 1).
    candidates = [2 * j / (2 * periods + s) for s in (1, -1) for j in range(1, int(periods) + 3) if 2 * periods + s > 0]
    inside = [x for x in candidates if 0 < x <= 1] + [1.0]
    during = max(abs((sin(pi * x) - r * sin(2 * pi * periods * x)) / (1 - r * r)) for x in inside)
    return max(residual, during)
