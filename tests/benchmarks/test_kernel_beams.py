"""Beam formulas against a general beam solved numerically by Hermite elements, and Timoshenko's limit cases."""

from __future__ import annotations

import numpy as np
import pytest

from backend.physics.kernel import get_physics_kernel

kernel = get_physics_kernel()
E, INERTIA, L = 70000.0, 4.0e4, 800.0
N = 64


def solve(
    supports: dict[str, tuple[int, ...]], *, point: tuple[float, float] | None = None, load: float = 0.0
) -> dict[str, np.ndarray]:
    """Euler-Bernoulli beam with N cubic elements: deflection w, slope, and end reactions.

    ``supports``: "left"/"right" -> fixed local freedoms (0 deflection, 1 slope). ``point``: (force, position at a
    node).
    """
    h = L / N
    stiffness = np.zeros((2 * N + 2, 2 * N + 2))
    force = np.zeros(2 * N + 2)
    element = (
        E
        * INERTIA
        / h**3
        * np.array(
            [
                [12, 6 * h, -12, 6 * h],
                [6 * h, 4 * h * h, -6 * h, 2 * h * h],
                [-12, -6 * h, 12, -6 * h],
                [6 * h, 2 * h * h, -6 * h, 4 * h * h],
            ]
        )
    )
    for e in range(N):
        s = slice(2 * e, 2 * e + 4)
        stiffness[s, s] += element
        force[s] += load * h / 2 * np.array([1, h / 6, 1, -h / 6])
    if point:
        force[2 * round(point[1] / h)] += point[0]
    fixed = [*supports.get("left", ()), *(2 * N + i for i in supports.get("right", ()))]
    free = [i for i in range(2 * N + 2) if i not in fixed]
    u = np.zeros(2 * N + 2)
    u[free] = np.linalg.solve(stiffness[np.ix_(free, free)], force[free])
    return {"w": u[0::2], "slope": u[1::2], "reaction": stiffness @ u - force}


ENDS = {
    "simply_supported": {"left": (0,), "right": (0,)},
    "fixed_fixed": {"left": (0, 1), "right": (0, 1)},
    "cantilever": {"left": (0, 1)},
    "propped": {"left": (0, 1), "right": (0,)},
}
GIVEN = {"length_mm": L, "youngs_modulus_mpa": E, "second_moment_mm4": INERTIA}


@pytest.mark.parametrize("kind", ["simply_supported", "fixed_fixed"])
def test_center_load(kind: str) -> None:
    truth = solve(ENDS[kind], point=(500.0, L / 2))
    r = kernel.calculate("structures", f"beam_{kind}_center_load", force_n=500, **GIVEN)
    assert r["deflection_mm"] == pytest.approx(truth["w"].max(), rel=1e-6)
    root = abs(truth["reaction"][1])
    expected = root if kind == "fixed_fixed" else abs(truth["reaction"][0]) * L / 2
    assert r["moment_n_mm"] == pytest.approx(expected, rel=1e-6)
    if "slope_rad" in r:
        assert r["slope_rad"] == pytest.approx(truth["slope"].max(), rel=1e-6)


@pytest.mark.parametrize("kind", ["simply_supported", "fixed_fixed", "cantilever", "propped"])
def test_uniform_load(kind: str) -> None:
    truth = solve(ENDS[kind], load=2.0)
    r = kernel.calculate("structures", f"beam_{kind}_uniform_load", load_n_per_mm=2, **GIVEN)
    assert r["deflection_mm"] == pytest.approx(truth["w"].max(), rel=2e-4)
    root = abs(truth["reaction"][1])
    assert r["moment_n_mm"] == pytest.approx(root if kind != "simply_supported" else 2 * L**2 / 8, rel=1e-6)
    if kind == "propped":
        assert r["reaction_prop_n"] == pytest.approx(abs(truth["reaction"][2 * N]), rel=1e-6)
        x = np.linspace(0, L, 20001)
        moments = -root + abs(truth["reaction"][0]) * x - x**2
        assert r["moment_span_n_mm"] == pytest.approx(moments.max(), rel=1e-6)


def test_cantilever_end_load() -> None:
    truth = solve(ENDS["cantilever"], point=(500.0, L))
    r = kernel.calculate("structures", "beam_cantilever_end_load", force_n=500, **GIVEN)
    assert r["deflection_mm"] == pytest.approx(truth["w"][-1], rel=1e-6)
    assert r["slope_rad"] == pytest.approx(truth["slope"][-1], rel=1e-6)
    assert r["moment_n_mm"] == pytest.approx(abs(truth["reaction"][1]), rel=1e-6)


@pytest.mark.parametrize("share", [0.125, 0.25, 0.625])
def test_offset_load(share: float) -> None:
    truth = solve(ENDS["simply_supported"], point=(500.0, share * L))
    r = kernel.calculate("structures", "beam_simply_supported_offset_load", force_n=500, position_mm=share * L, **GIVEN)
    assert r["deflection_load_mm"] == pytest.approx(truth["w"][round(share * N)], rel=1e-6)
    assert r["deflection_mm"] == pytest.approx(truth["w"].max(), rel=1e-3)
    assert r["reaction_left_n"] == pytest.approx(abs(truth["reaction"][0]), rel=1e-6)
    assert r["moment_n_mm"] == pytest.approx(abs(truth["reaction"][0]) * share * L, rel=1e-6)


def test_short_beam_adds_shear_and_a_long_one_does_not() -> None:
    args = {"force_n": 100, "width_mm": 10, "thickness_mm": 10, "youngs_modulus_mpa": E}
    slender = kernel.calculate(
        "structures", "timoshenko_cantilever_deflection", length_mm=1000, poisson_ratio=0.3, **args
    )
    plain = kernel.calculate("structures", "cantilever_deflection", length_mm=1000, **args)
    assert slender["deflection_mm"] == pytest.approx(plain["deflection_mm"], rel=1e-4)
    stub = kernel.calculate("structures", "timoshenko_cantilever_deflection", length_mm=20, poisson_ratio=0.0, **args)
    # nu = 0: kappa = 10/12 and G = E/2, so the shear part is 6/5 F L/(G A), as from the parabolic shear stress.
    bending, shear = 4 * 100 * 20**3 / (E * 10**4), 1.2 * 100 * 20 / (E / 2 * 100)
    assert stub["deflection_mm"] == pytest.approx(bending + shear, rel=1e-9)
