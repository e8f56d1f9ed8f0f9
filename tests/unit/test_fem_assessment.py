"""Stress measures, error estimates and surface geometry: pure array work, held against hand calculation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.physics.fem.assess import (
    LOCAL_FACTOR,
    balance,
    end_effect,
    estimate,
    with_local_error,
    with_rounding,
)
from backend.physics.fem.material import Material, Orthotropic, energy_density
from backend.physics.fem.stress import principal, von_mises
from backend.physics.fem.study import Study, Support
from backend.physics.fem.supports import _directions
from backend.physics.fem.surface import spread, spread_edges


def test_von_mises_of_simple_states() -> None:
    states = np.array(
        [
            [100.0, 0, 0, 0, 0, 0],  # tension
            [0, 50.0, 0, 0, 0, 0],  # shear: sqrt(3) tau
            [-30.0, 0, 0, -30.0, 0, -30.0],  # hydrostatic: none
            [100.0, 0, 0, 100.0, 0, 0],  # equal biaxial: sigma
        ]
    )
    assert von_mises(states) == pytest.approx([100.0, math.sqrt(3) * 50, 0.0, 100.0])


def test_von_mises_follows_from_principal_stresses() -> None:
    rng = np.random.default_rng(3)
    states = rng.normal(size=(50, 6)) * 100
    p = principal(states)
    expected = np.sqrt(0.5 * ((p[:, 0] - p[:, 1]) ** 2 + (p[:, 1] - p[:, 2]) ** 2 + (p[:, 2] - p[:, 0]) ** 2))
    assert von_mises(states) == pytest.approx(expected)
    assert p.sum(axis=1) == pytest.approx(states[:, 0] + states[:, 3] + states[:, 5])


def test_energy_density_of_tension_and_shear() -> None:
    steel = Material("steel", 210e3, 0.3)
    states = np.array([[100.0, 0, 0, 0, 0, 0], [0, 50.0, 0, 0, 0, 0]])
    expected = [100.0**2 / (2 * 210e3), 50.0**2 / (2 * steel.shear_modulus_mpa)]
    assert energy_density(states, steel) == pytest.approx(expected)


def test_geometric_convergence_is_extrapolated() -> None:
    # 100 - 10 q^k with q = 1/2: what is left after the third value is its last step.
    settled = estimate([90.0, 95.0, 97.5])
    assert settled.value == 97.5
    assert 2.5 <= settled.error <= 1.25 * 2.5 + 1e-9
    assert settled.converged


def test_growth_without_end_isnt_converged() -> None:
    # A singular stress grows by the same factor on every mesh.
    grown = estimate([100.0, 125.0, 156.0])
    assert not grown.converged
    assert grown.error > 31


def test_a_wavering_field_widens_the_error() -> None:
    settled = estimate([180.3, 187.5, 187.8])
    assert settled.error < 1.0
    assert with_local_error(settled, 0.02).error == pytest.approx(LOCAL_FACTOR * 0.02 * 187.8)
    assert with_local_error(settled, 0.0).error == pytest.approx(0.005 * 187.8)
    assert not with_local_error(settled, 0.05).converged


def test_an_open_energy_balance_widens_the_error() -> None:
    # The strip of docs/check.md: balance open by a fifth, displacement 0.6 of the truth.
    settled = estimate([0.59, 0.598, 0.6])
    assert settled.converged
    assert settled.error < 0.01
    widened = with_rounding(settled, 0.2)
    assert widened.value == 0.6
    assert not widened.converged
    assert widened.error > 1 - 0.6
    assert with_rounding(settled, 1e-9) == settled


def test_ends_reach_further_along_stiff_fibres() -> None:
    still = Support("fixed", (0,))
    ply = Orthotropic((140e3, 10e3, 10e3), (5e3, 5e3, 3.5e3), (0.3, 0.3, 0.4), ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    steel = Material("steel", 210e3, 0.3)
    assert end_effect(Study("x", steel, (still,), ())) == 1
    assert end_effect(Study("x", Material("ply", 140e3, 0.3, orthotropic=ply), (still,), ())) == pytest.approx(
        3.92, rel=1e-2
    )


def test_one_mesh_is_never_converged() -> None:
    assert not estimate([100.0]).converged
    assert estimate([100.0]).error >= 20


def test_oscillation_takes_its_span_as_error() -> None:
    settled = estimate([100.0, 104.0, 102.5])
    assert settled.error == pytest.approx(4.0)
    assert settled.converged


def test_balance_sees_a_missing_force_and_a_missing_moment() -> None:
    load = np.array([0, 0, -100.0, 500.0, 0, 0])
    good = balance(load, -load, load, 200.0, 100.0)
    assert good["imbalance_rel"] == 0
    assert good["load_error_rel"] == 0
    force = balance(load, np.array([0, 0, 99.0, -500.0, 0, 0]), load, 200.0, 100.0)
    assert force["imbalance_rel"] == pytest.approx(1 / (100 + 500 / 200))
    moment = balance(load, np.array([0, 0, 100.0, -700.0, 0, 0]), load, 200.0, 100.0)
    assert moment["imbalance_rel"] == pytest.approx((200 / 200) / (100 + 700 / 200))


def test_spread_points_leave_no_gap() -> None:
    triangle = np.array([[[0.0, 0, 0], [10, 0, 0], [0, 8, 0]]])
    points = spread(np.zeros((0, 3)), triangle, 1.0)
    rng = np.random.default_rng(1)
    weights = rng.dirichlet([1, 1, 1], size=200)
    inside = weights @ triangle[0]
    gaps = np.linalg.norm(inside[:, None] - points[None], axis=2).min(axis=1)
    assert gaps.max() < 1.0


def test_spread_edges_keeps_its_spacing() -> None:
    ends = np.array([[[0.0, 0, 0], [10, 0, 0]], [[0, 0, 0], [0, 0, 0.4]]])
    points = spread_edges(ends, 0.5)
    first = np.sort(points[(points[:, 2] == 0)][:, 0])
    assert np.diff(first).max() <= 0.5 + 1e-12
    assert [0.0, 0.0, 0.4] in points.tolist()


def test_free_directions_are_named_by_axis_where_they_are_axes() -> None:
    tilt = math.radians(30)
    mixed = np.array([[0, math.cos(tilt), math.sin(tilt)], [0, -math.sin(tilt), math.cos(tilt)]])
    assert _directions(mixed) == ["Y", "Z"]
    assert _directions(np.array([[0.6, 0.8, 0.0]])) == ["(0.60, 0.80, 0.00)"]
