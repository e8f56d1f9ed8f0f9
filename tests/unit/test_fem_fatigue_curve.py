"""S-N curves and mean-stress criteria against worked examples and against each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.physics.fem.fatigue_curve import Curve, finite_life_factor, reversed_amplitude, safety_factor

STEEL = Curve((1e3, 1e6), (450.0, 200.0), 200.0, "made up")


@pytest.mark.parametrize(("endurance", "ultimate", "amplitude"), [(21.5, 93.7, 20.47), (14.7, 120.0, 14.5)])
def test_gerber_meets_the_amplitudes_of_shigleys_solutions_at_load_ratio_one(
    endurance: float, ultimate: float, amplitude: float
) -> None:
    # Shigley, Mechanical Engineering Design, 8th ed., solutions of problem 8-33: Gerber with s_a = s_m.
    factor = safety_factor("gerber", np.array([10.0]), np.array([10.0]), endurance, ultimate, None)
    assert 10.0 * float(factor[0]) == pytest.approx(amplitude, rel=2e-3)


def test_goodman_and_soderberg_are_lines() -> None:
    a, m = np.array([50.0, 50.0]), np.array([100.0, -100.0])
    assert safety_factor("goodman", a, m, 200.0, 600.0, None) == pytest.approx([1 / (50 / 200 + 100 / 600), 4.0])
    assert safety_factor("soderberg", a, m, 200.0, None, 400.0) == pytest.approx([1 / (50 / 200 + 100 / 400), 4.0])


@pytest.mark.parametrize("criterion", ["goodman", "soderberg", "gerber", "swt"])
def test_the_factor_is_what_brings_the_reversed_amplitude_to_the_strength(criterion: str) -> None:
    a, m = np.array([60.0, 20.0, 90.0]), np.array([80.0, 200.0, 0.0])
    n = safety_factor(criterion, a, m, 200.0, 620.0, 420.0)
    assert reversed_amplitude(criterion, n * a, n * m, 620.0, 420.0) == pytest.approx([200.0] * 3)


def test_swt_of_a_pulsating_stress_and_of_pure_compression() -> None:
    found = reversed_amplitude("swt", np.array([50.0, 50.0]), np.array([50.0, -80.0]), None, None)
    assert found == pytest.approx([50 * math.sqrt(2), 0.0])


def test_a_mean_beyond_the_strength_breaks_at_once() -> None:
    assert np.isinf(reversed_amplitude("goodman", np.array([1.0]), np.array([700.0]), 600.0, None))[0]
    assert STEEL.life(np.array([np.inf]))[0] < 1e-6


def test_lives_follow_basquin_and_end_at_the_limit() -> None:
    slope = math.log10(450 / 200) / 3
    assert STEEL.life(np.array([300.0]))[0] == pytest.approx(1e3 * (450 / 300) ** (1 / slope))
    assert STEEL.strength(1e5) == pytest.approx(450 * 100**-slope)
    assert np.isinf(STEEL.life(np.array([200.0])))[0]
    assert STEEL.strength(math.inf) == 200.0
    endless = Curve((1e3, 1e6), (450.0, 200.0), None, "made up")
    assert endless.life(np.array([150.0]))[0] == pytest.approx(1e6 * (200 / 150) ** (1 / slope))
    assert math.isnan(endless.strength(math.inf))


def test_the_finite_life_factor_uses_up_the_damage() -> None:
    amplitudes, means = np.array([[120.0], [180.0]]), np.array([[40.0], [0.0]])
    counts = np.array([1e3, 10.0])
    n = finite_life_factor(STEEL, "goodman", amplitudes, means, counts, 50.0, 620.0, None)
    lives = [
        STEEL.life(reversed_amplitude("goodman", n * a, n * m, 620.0, None))
        for a, m in zip(amplitudes, means, strict=True)
    ]
    assert sum(50.0 * c / life[0] for c, life in zip(counts, lives, strict=True)) == pytest.approx(1.0, rel=1e-6)
