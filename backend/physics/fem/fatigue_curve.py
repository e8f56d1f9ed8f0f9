"""Stress-life fatigue: S-N curves, mean-stress criteria and what they make of an amplitude and a mean. Plain arrays.

Stresses in MPa, lives in cycles; an amplitude that never breaks the part has the life inf. Criteria (Shigley,
Mechanical Engineering Design, 9th ed., section 6-12; Smith, Watson and Topper 1970, J. Materials 5, 767), with the
amplitude s_a, the mean s_m > 0, the fully reversed strength S and the amplitude s_ar of equal life at zero mean:

=========  ==========================================  =================================================
goodman    s_ar = s_a/(1 - s_m/S_ut)                   1/n = s_a/S + s_m/S_ut
soderberg  s_ar = s_a/(1 - s_m/S_y)                    1/n = s_a/S + s_m/S_y
gerber     s_ar = s_a/(1 - (s_m/S_ut)^2)               n s_a/S + (n s_m/S_ut)^2 = 1
swt        s_ar = sqrt((s_a + s_m) s_a)                n = S/s_ar
=========  ==========================================  =================================================

A compressive mean is given no credit (s_ar = s_a), but for swt, where a cycle wholly in compression does no damage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

CRITERIA = ("goodman", "soderberg", "gerber", "swt")


@dataclass(frozen=True)
class Curve:
    """Fully reversed amplitude over life, straight in log-log between points, ascending in cycles.

    ``endurance_mpa``: no damage at or below; None carries the last slope on (Miner elementary). ``source``: citation.
    """

    cycles: tuple[float, ...]
    amplitude_mpa: tuple[float, ...]
    endurance_mpa: float | None
    source: str

    @property
    def has_slope(self) -> bool:
        """Whether lives can be read: one point gives a strength, not a slope."""
        return len(self.cycles) > 1

    def life(self, amplitude_mpa: FloatArray) -> FloatArray:
        """Cycles to failure; slopes are carried on beyond both ends."""
        x, y = np.log(self.amplitude_mpa[::-1]), np.log(self.cycles[::-1])
        amplitude = np.maximum(np.asarray(amplitude_mpa, dtype=float), 1e-30)
        wanted = np.log(amplitude)
        # A curve's flat piece (a limit given as a point) has no slope to read: amplitudes there keep the longer life.
        found = np.interp(wanted, x, y)
        slope_high, slope_low = (y[-1] - y[-2]) / (x[-1] - x[-2]), (y[1] - y[0]) / (x[1] - x[0])
        found = np.where(wanted > x[-1], y[-1] + slope_high * (wanted - x[-1]), found)
        found = np.where(wanted < x[0], y[0] + slope_low * (wanted - x[0]), found)
        life = np.exp(np.minimum(found, 690.0))
        return np.where(amplitude <= (self.endurance_mpa or 0.0), np.inf, life)

    def strength(self, cycles: float) -> float:
        """Amplitude that breaks the part after ``cycles``; inf asks for the endurance limit. NaN where unknown."""
        if math.isinf(cycles):
            return self.endurance_mpa if self.endurance_mpa is not None else math.nan
        if not self.has_slope:
            return self.amplitude_mpa[0] if cycles <= self.cycles[0] else math.nan
        low, high = math.log(1e-6 * self.amplitude_mpa[-1]), math.log(1e3 * self.amplitude_mpa[0])
        for _ in range(80):
            middle = (low + high) / 2
            longer = float(self.life(np.array([math.exp(middle)]))[0]) > cycles
            low, high = (middle, high) if longer else (low, middle)
        return math.exp((low + high) / 2)


def reversed_amplitude(
    criterion: str, amplitude: FloatArray, mean: FloatArray, ultimate_mpa: float | None, yield_mpa: float | None
) -> FloatArray:
    """Fully reversed amplitude of equal life; inf where the mean alone reaches the strength."""
    if criterion == "swt":
        peak = amplitude + mean
        return np.asarray(np.sqrt(np.maximum(peak, 0.0) * amplitude))
    limit = (yield_mpa if criterion == "soderberg" else ultimate_mpa) or math.nan
    share = np.maximum(mean, 0.0) / limit
    room = 1 - (share**2 if criterion == "gerber" else share)
    with np.errstate(divide="ignore"):
        out = np.where(room > 0, amplitude / np.where(room > 0, room, 1.0), np.inf)
    return np.asarray(out)


def safety_factor(
    criterion: str, amplitude: FloatArray, mean: FloatArray, strength_mpa: float, ultimate_mpa: float | None,
    yield_mpa: float | None,
) -> FloatArray:  # fmt: skip
    """What amplitude and mean can both be multiplied by until the part breaks at the life of ``strength_mpa``."""
    a = np.maximum(amplitude, 1e-30) / strength_mpa
    if criterion == "swt":
        reached = reversed_amplitude("swt", amplitude, mean, None, None)
        return np.asarray(strength_mpa / np.maximum(reached, 1e-30))
    limit = (yield_mpa if criterion == "soderberg" else ultimate_mpa) or math.nan
    m = np.maximum(mean, 0.0) / limit
    if criterion == "gerber":
        # n a + (n m)^2 = 1, the positive root written so that m -> 0 keeps its digits.
        return np.asarray(2 / (a + np.sqrt(a * a + 4 * m * m)))
    return np.asarray(1 / (a + m))


def finite_life_factor(
    curve: Curve, criterion: str, amplitudes: FloatArray, means: FloatArray, counts: FloatArray, passes: float,
    ultimate_mpa: float | None, yield_mpa: float | None,
) -> FloatArray:  # fmt: skip
    """Factor on all stresses at which the damage of ``passes`` reaches one (Miner). amplitudes, means: (blocks, n)."""
    low, high = np.full(amplitudes.shape[1], 1e-3), np.full(amplitudes.shape[1], 1e3)
    for _ in range(50):
        middle = np.sqrt(low * high)
        damage = np.zeros(amplitudes.shape[1])
        for amplitude, mean, count in zip(amplitudes, means, counts, strict=True):
            reached = reversed_amplitude(criterion, middle * amplitude, middle * mean, ultimate_mpa, yield_mpa)
            damage += passes * count / np.maximum(curve.life(reached), 1e-30)
        good = damage < 1
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return np.asarray(np.sqrt(low * high))
