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
    # Extrema within the pulse lie where cos(pi x) = cos(2 pi n x), x = 2 j/(2 n +- 1); there the response is
    # sin(pi x)/(1 -+ r), so of each family only those next to the middle of the pulse can be largest.
    during = 0.0
    for sign in (1, -1):
        width = 2 * periods + sign
        for j in (int(width / 4), int(width / 4) + 1):
            if j >= 1 and 0 < 2 * j / width <= 1:
                during = max(during, abs(sin(pi * 2 * j / width) / (1 - sign * r)))
    return max(residual, during)
