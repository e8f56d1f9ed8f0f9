"""Helper modules of the domains: controllers, air, galvanic couples, steel at speed."""

from __future__ import annotations

import numpy as np
import pytest

from backend.physics.domains.chemistry.galvanic import fluid_compatibility, galvanic_couple, hazard
from backend.physics.domains.control.design import lqr, margins, step_response
from backend.physics.domains.heat_transfer.correlations import air_properties
from backend.physics.errors import OutOfValidity, UnknownEquation


def test_lqr_of_the_double_integrator() -> None:
    """Known answer: K = [1, sqrt(3)] for Q = I, R = 1."""
    found = lqr([[0, 1], [0, 0]], [[0], [1]], np.eye(2), [[1]])
    assert found["gain"] == pytest.approx(np.array([[1, np.sqrt(3)]]), rel=1e-9)
    assert found["poles"].real.max() < 0


def test_lqr_refuses_what_cannot_be_stabilised() -> None:
    with pytest.raises(OutOfValidity):
        lqr([[1, 0], [0, -1]], [[0], [1]], np.eye(2), [[1]])


def test_margins_of_a_third_order_loop() -> None:
    """L = 2/(s+1)^3: gain margin 8/2 = 4 at sqrt(3) rad/s; phase margin 180 - 3 atan(w), (1+w^2)^1.5 = 2."""
    found = margins([2.0], [1, 3, 3, 1])
    w = np.sqrt(2 ** (2 / 3) - 1)
    assert found["gain_margin"] == pytest.approx(4.0, rel=1e-4)
    assert found["w_gain"] == pytest.approx(np.sqrt(3), rel=1e-4)
    assert found["phase_margin"] == pytest.approx(np.pi - 3 * np.arctan(w), rel=1e-4)


def test_margins_with_dead_time() -> None:
    """L = exp(-s T)/s at crossover 1: phase margin pi/2 - T; phase crossover at pi/(2T), gain margin pi/(2T)."""
    found = margins([1.0], [1, 0], delay_s=0.5)
    assert found["phase_margin"] == pytest.approx(np.pi / 2 - 0.5, rel=1e-3)
    assert found["gain_margin"] == pytest.approx(np.pi, rel=1e-3)
    assert found["disk_margin"] is not None


def test_step_response_has_the_textbook_overshoot() -> None:
    found = step_response([1.0], [1, 1.0, 1], 20, 4001)  # zeta 0.5
    assert found["overshoot"] == pytest.approx(np.exp(-np.pi * 0.5 / np.sqrt(0.75)), rel=1e-4)
    assert found["settling_time_s"] == pytest.approx(8.08, abs=0.05)  # to 2 %, from the analytic response


@pytest.mark.parametrize(
    ("kelvin", "mu", "k", "cp"),
    [
        (250, 159.6e-7, 22.3e-3, 1006),
        (300, 184.6e-7, 26.3e-3, 1007),
        (400, 230.1e-7, 33.8e-3, 1014),
        (600, 305.8e-7, 46.9e-3, 1051),
    ],
)
def test_air_agrees_with_the_tables(kelvin: float, mu: float, k: float, cp: float) -> None:
    """Incropera 6th edition, table A.4."""
    air = air_properties(kelvin)
    assert air["viscosity"] == pytest.approx(mu, rel=0.02)
    assert air["conductivity"] == pytest.approx(k, rel=0.02)
    assert air["specific_heat"] == pytest.approx(cp, rel=0.005)
    assert air["prandtl"] == pytest.approx(mu * cp / k, rel=0.02)


def test_galvanic_couple_names_the_anode_and_judges_by_environment() -> None:
    found = galvanic_couple("stainless", "aluminium", "harsh")
    assert found["anode"] == "aluminium"
    assert found["verdict"] == "not acceptable"
    assert galvanic_couple("brass", "copper")["verdict"] == "acceptable"
    with pytest.raises(UnknownEquation, match="unobtainium"):
        galvanic_couple("unobtainium", "steel")


def test_unknown_is_never_safe() -> None:
    assert fluid_compatibility("aluminium", "plutonium_soup")["rating"] == "unknown"
    assert fluid_compatibility("aluminium", "sodium_hydroxide")["rating"] == "C"
    assert hazard("mystery_gas")["known"] is False
    assert hazard("hydrogen")["lower_limit"] == 0.04


def test_couples_span_the_ranges_of_the_series() -> None:
    """Flowing sea water against SCE, by LaQue: aluminium -1.00 to -0.76 V, passive stainless -0.10 to 0 V."""
    from backend.physics.domains.chemistry.galvanic import SEA_WATER_MV, SEA_WATER_RANGE_MV, potential_span

    assert set(SEA_WATER_MV) == set(SEA_WATER_RANGE_MV)
    for group, middle in SEA_WATER_MV.items():
        low, high = SEA_WATER_RANGE_MV[group]
        assert low - 25 <= middle <= high + 25, group
    assert potential_span("stainless", "aluminium") == (660.0, 1000.0, "aluminium")
    assert potential_span("aluminium", "zinc") == (0.0, 270.0, "zinc")  # the ranges overlap
    assert potential_span("steel", "steel") == (0.0, 0.0, "steel")
    with pytest.raises(UnknownEquation):
        potential_span("steel", "unobtainium")
