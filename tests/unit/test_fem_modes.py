"""The eigenvalue iteration and the matrices behind it, against dense linear algebra."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh

from backend.physics.fem import threads
from backend.physics.fem.material import PAIRS, Material, Orthotropic, tensor_matrix
from backend.physics.fem.modal import _block_lanczos


def problem(eigenvalues: np.ndarray, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """K and M of a made-up body with these eigenvalues."""
    rng = np.random.default_rng(seed)
    count = len(eigenvalues)
    mix = rng.normal(size=(count, count))
    mass = mix @ mix.T + count * np.eye(count)
    root = np.linalg.cholesky(mass)
    turn, _ = np.linalg.qr(rng.normal(size=(count, count)))
    shape = root @ turn
    return shape @ np.diag(eigenvalues) @ shape.T, mass


@pytest.mark.parametrize("block", [3, 4, 6])
def test_the_lowest_modes_are_found_with_those_that_share_a_frequency(block: int) -> None:
    values = np.concatenate([[1.0, 2.0, 2.0, 2.0, 3.5, 3.5], np.linspace(5.0, 4e6, 194) ** 1.1])
    stiffness, mass = problem(values)
    inverse = np.linalg.inv(stiffness)
    found, vectors = _block_lanczos(
        lambda rows: rows @ inverse, lambda rows: rows @ mass, np.ones(200, dtype=bool), 6, block
    )
    assert found == pytest.approx(np.sort(values)[:6], rel=1e-8)
    assert vectors @ mass @ vectors.T == pytest.approx(np.eye(6), abs=1e-9)
    again = found[:, None] * (vectors @ mass @ inverse)
    assert np.abs(again - vectors).max() < 1e-3 * np.abs(vectors).max()


def test_held_unknowns_stay_at_rest_and_a_small_system_gives_all_its_modes() -> None:
    stiffness, mass = problem(np.linspace(1.0, 9.0, 9))
    free = np.ones(9, dtype=bool)
    free[[2, 5]] = False
    small, light = stiffness[np.ix_(free, free)], mass[np.ix_(free, free)]
    inverse = np.zeros((9, 9))
    inverse[np.ix_(free, free)] = np.linalg.inv(small)
    found, vectors = _block_lanczos(lambda rows: rows @ inverse, lambda rows: rows @ mass, free, 20, 4)
    assert found == pytest.approx(eigh(small, light, eigvals_only=True), rel=1e-9)
    assert vectors[:, ~free] == pytest.approx(0.0)


def test_the_matrix_on_nine_components_is_the_stiffness_on_six() -> None:
    ply = Orthotropic(
        (140e3, 10e3, 8e3), (5e3, 4e3, 3.5e3), (0.3, 0.28, 0.4), ((0.8, 0.0, 0.6), (0.0, 1.0, 0.0), (-0.6, 0.0, 0.8))
    )
    stiffness = Material("ply", 140e3, 0.3, orthotropic=ply).stiffness()
    strain = np.array([[1.0, 0.2, -0.4], [0.2, -0.7, 0.1], [-0.4, 0.1, 0.3]]) * 1e-3
    engineering = np.array([strain[i, j] * (1 if i == j else 2) for i, j in PAIRS])
    expected = stiffness @ engineering
    stress = (tensor_matrix(stiffness) @ strain.reshape(-1)).reshape(3, 3)
    assert [stress[i, j] for i, j in PAIRS] == pytest.approx(expected, rel=1e-12)
    assert stress == pytest.approx(stress.T, rel=1e-12)


@pytest.mark.parametrize(("given", "expected"), [("", 2), ("1", 1), ("4", 4), ("none", 2), ("0", 2)])
def test_the_environment_bounds_the_threads(given: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRICK_FEM_THREADS", given)
    assert threads.allowed() == expected
