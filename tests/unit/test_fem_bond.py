"""Where a bond of two materials ends at the surface: roots of the wedges against published and limiting cases."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.physics.fem.bond import determinant, diverges, singular_roots
from backend.physics.fem.material import Material, Orthotropic

STEEL = Material("steel", 210e3, 0.3, thermal_expansion_1_k=12e-6)
ALUMINIUM = Material("aluminium", 70e3, 0.33, thermal_expansion_1_k=23e-6)
RIGID = Material("rigid", 210e9, 0.3)
EPOXY = Material("epoxy", 3e3, 0.38)


def lowest(one: Material, two: Material, one_deg: float, two_deg: float) -> float:
    """The lowest real root between 0 and 1."""
    at = np.linspace(0.05, 0.995, 4000)
    values = determinant(at.astype(complex), one, two, math.radians(one_deg), math.radians(two_deg)).real
    return float(at[np.flatnonzero(values[:-1] * values[1:] < 0)[0]])


def test_one_material_is_williams_wedge() -> None:
    # A re-entrant corner of 270 degrees: 0.5445 and 0.9085 (Williams 1952); however the wedge is divided.
    assert lowest(STEEL, STEEL, 135, 135) == pytest.approx(0.5445, abs=1e-3)
    assert lowest(STEEL, STEEL, 90, 180) == pytest.approx(0.5445, abs=1e-3)
    assert singular_roots(STEEL, STEEL, 135, 135) == 2
    assert singular_roots(STEEL, STEEL, 90, 90) == 0


def test_a_rigid_neighbour_is_a_clamp() -> None:
    # Clamped next to free, sin^2(a l) = (4 (1 - nu)^2 - l^2 sin^2 a)/(3 - 4 nu) (Williams 1952), at a = 90 degrees
    root = lowest(STEEL, RIGID, 90, 90)
    assert math.sin(math.pi / 2 * root) ** 2 == pytest.approx((4 * 0.7**2 - root**2) / 1.8, abs=2e-3)
    assert singular_roots(STEEL, RIGID, 50, 90) == 0
    assert singular_roots(STEEL, RIGID, 70, 90) == 1


def test_an_interface_crack_oscillates() -> None:
    # Half, with an imaginary part ln((1 - beta)/(1 + beta))/(2 pi) (Williams 1959): two roots off the axis.
    assert singular_roots(STEEL, ALUMINIUM, 180, 180) >= 2
    one, two = STEEL.shear_modulus_mpa, ALUMINIUM.shear_modulus_mpa
    beta = (one * (1 - 2 * 0.33) - two * (1 - 2 * 0.3)) / (2 * (one * (1 - 0.33) + two * (1 - 0.3)))
    root = 0.5 + 1j * math.log((1 - beta) / (1 + beta)) / (2 * math.pi)
    at = np.array([root, 0.5 + 0j])
    values = np.abs(determinant(at, STEEL, ALUMINIUM, math.pi, math.pi))
    assert values[0] < 1e-9 * values[1]


def test_what_diverges() -> None:
    assert diverges(STEEL, ALUMINIUM, 90, 90, heated=False)
    assert diverges(STEEL, EPOXY, 90, 90, heated=False)
    # The softer body tapered at the edge carries no stress without limit.
    assert not diverges(STEEL, EPOXY, 90, 30, heated=False)
    assert not diverges(STEEL, STEEL, 90, 90, heated=True)
    # Of like stiffness: only where one would expand more than the other.
    other = Material("other", 210e3, 0.3, thermal_expansion_1_k=24e-6)
    assert diverges(STEEL, other, 90, 90, heated=True)
    assert not diverges(STEEL, other, 90, 90, heated=False)


def test_orthotropic_materials_are_left_alone() -> None:
    axes = ((1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0))
    ply = Orthotropic((140e3, 10e3, 10e3), (5e3, 5e3, 3.5e3), (0.3, 0.3, 0.4), axes)
    assert not diverges(STEEL, Material("ply", 140e3, 0.3, orthotropic=ply), 90, 90, heated=True)
