"""Failure criteria against the off-axis lamina and against what each says in one direction."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.physics.fem.composite import CRITERIA, in_material_axes, reserve_factors

# Strengths of the order of a carbon/epoxy lamina.
CARBON = {
    "xt_mpa": 1500.0, "xc_mpa": 1250.0, "yt_mpa": 50.0, "yc_mpa": 200.0, "zt_mpa": 50.0, "zc_mpa": 200.0,
    "s12_mpa": 100.0, "s13_mpa": 100.0, "s23_mpa": 75.0,
}  # fmt: skip


@pytest.mark.parametrize("criterion", CRITERIA)
def test_one_stress_alone_fails_at_its_strength(criterion: str) -> None:
    stresses = np.zeros((9, 6))
    for row, (column, value) in enumerate(
        [(0, 1500.0), (0, -1250.0), (3, 50.0), (3, -200.0), (5, 50.0), (5, -200.0), (1, 100.0), (2, -100.0), (4, 75.0)]
    ):
        stresses[row, column] = value
    np.testing.assert_allclose(reserve_factors(criterion, stresses / 2, CARBON), 2.0, rtol=1e-9)


@pytest.mark.parametrize("angle", [0, 10, 30, 60, 90])
def test_tsai_hill_of_off_axis_tension(angle: float) -> None:
    # Jones, equation 2.124: 1/s^2 = c^4/X^2 + (1/S^2 - 1/X^2) c^2 s^2 + s^4/Y^2.
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    axes = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    local = in_material_axes(np.array([[1.0, 0, 0, 0, 0, 0]]), axes)
    strength = (c**4 / 1500**2 + (1 / 100**2 - 1 / 1500**2) * c * c * s * s + s**4 / 50**2) ** -0.5
    assert reserve_factors("tsai_hill", local, CARBON)[0] == pytest.approx(strength)


def test_tsai_wu_and_hill_see_the_interaction_that_max_stress_misses() -> None:
    both = np.array([[0.0, 80.0, 0, 40.0, 0, 0]])
    assert reserve_factors("max_stress", both, CARBON)[0] == pytest.approx(1.25)
    assert reserve_factors("tsai_hill", both, CARBON)[0] < 1
    assert reserve_factors("tsai_wu", both, CARBON)[0] < 1
