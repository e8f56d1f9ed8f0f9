"""Maxima within a cycle, against the cycle itself."""

from __future__ import annotations

import numpy as np

from backend.physics.fem.cycle import largest_length, largest_von_mises
from backend.physics.fem.stress import von_mises


def test_maxima_over_the_cycle_are_those_of_a_fine_walk_through_it() -> None:
    rng = np.random.default_rng(3)
    stress = rng.normal(size=(40, 6)) + 1j * rng.normal(size=(40, 6))
    moved = rng.normal(size=(40, 3)) + 1j * rng.normal(size=(40, 3))
    turns = np.exp(1j * np.linspace(0, 2 * np.pi, 2001))
    walked = np.max([von_mises((stress * turn).real) for turn in turns], axis=0)
    lengths = np.max([np.linalg.norm((moved * turn).real, axis=1) for turn in turns], axis=0)
    np.testing.assert_allclose(largest_von_mises(stress), walked, rtol=1e-5)
    np.testing.assert_allclose(largest_length(moved), lengths, rtol=1e-5)
    assert largest_von_mises(np.zeros((1, 6), complex))[0] == 0
