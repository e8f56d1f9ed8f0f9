"""Sources of equations that say whether they were read, and numbers that stand in descriptions."""

from __future__ import annotations

import re

import pytest
from scipy.optimize import brentq
from scipy.special import iv, jv

from backend.physics.equation import read_equation
from backend.physics.errors import BadData, OutOfValidity
from backend.physics.kernel import get_physics_kernel

kernel = get_physics_kernel()


def _document(source: object) -> dict[str, object]:
    return {
        "domain": "fluids",
        "sources": {"white": {"author": "F. M. White", "title": "Fluid Mechanics", "where": "somewhere"}},
        "equations": {
            "e": {"title": "t", "inputs": {"a_m": {"is": "a"}}, "outputs": {"b_m": {"is": "b", "expr": "a"}},
                  "source": source}
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("white, section 3", "F. M. White, Fluid Mechanics, section 3"),
        ("white", "F. M. White, Fluid Mechanics, somewhere"),
        ({"of": "white", "where": "p. 3", "note": "read in X"}, "F. M. White, Fluid Mechanics, p. 3 (read in X)"),
        ({"author": "A", "title": "B", "note": "read in X"}, "A, B (read in X)"),
    ],
)  # fmt: skip
def test_a_source_may_add_a_note_to_one_of_the_files_sources(source: object, text: str) -> None:
    assert str(read_equation(_document(source), "e", "f.yaml", lambda _: 0.0).source) == text


def test_a_source_of_an_unknown_key_is_refused() -> None:
    with pytest.raises(BadData, match="'black' is not among"):
        read_equation(_document({"of": "black"}), "e", "f.yaml", lambda _: 0.0)


def test_fitted_constants_say_whether_they_were_read() -> None:
    read = (("heat_transfer", "enclosure_vertical"), ("fluids", "packed_bed"), ("structures", "ec3_fillet_weld"))
    for domain, name in read:
        assert "read in" in kernel.describe(domain, name).source.note
    for domain, name in (("heat_transfer", "boiling_nucleate"), ("structures", "sphere_external_buckling")):
        assert "constants from memory, not read" in kernel.describe(domain, name).source.note


def _roots(function: object, low: float, high: float) -> list[float]:
    grid = [low + (high - low) * n / 2000 for n in range(2001)]
    values = [function(x) for x in grid]  # type: ignore[operator]
    return [
        brentq(function, a, b) ** 2
        for a, b, u, v in zip(grid, grid[1:], values, values[1:], strict=False)
        if u * v < 0
    ]  # fmt: skip


def test_the_plates_eigenvalues_are_roots_of_their_equations() -> None:
    eigenvalue = kernel.describe("vibration", "circular_plate_frequency").input_by_name["eigenvalue"].meaning
    held, simple = (
        [float(x) for x in re.findall(r"\d+\.\d+", part)]
        for part in re.fullmatch(r".*clamped ([^;]*); simply supported \(nu 0\.3\) ([^;]*);.*", eigenvalue).groups()  # type: ignore[union-attr]
    )

    def clamped(n: int):  # type: ignore[no-untyped-def]
        return lambda x: jv(n, x) * iv(n + 1, x) + iv(n, x) * jv(n + 1, x)

    def supported(n: int):  # type: ignore[no-untyped-def]
        return lambda x: jv(n + 1, x) * iv(n, x) + iv(n + 1, x) * jv(n, x) - 2 * x / 0.7 * jv(n, x) * iv(n, x)

    exact = sorted(root for n in range(3) for root in _roots(clamped(n), 0.5, 6.4))
    assert held == pytest.approx(exact[:4], rel=5e-5)
    exact = sorted(root for n in range(3) for root in _roots(supported(n), 0.5, 5.2))
    assert simple == pytest.approx(exact[:3], rel=1e-4)


def test_a_tall_cavity_is_refused_beyond_its_correlation() -> None:
    given = {
        "height_m": 12.0, "gap_mm": 1000.0, "temperature_difference_k": 30.0, "expansion_1_k": 0.0033,
        "kinematic_viscosity_m2_s": 1.6e-5, "conductivity_w_m_k": 0.0263, "prandtl": 0.7,
    }  # fmt: skip
    with pytest.raises(OutOfValidity, match="up to 1e9"):
        kernel.calculate("heat_transfer", "enclosure_vertical", **given)
    assert kernel.calculate("heat_transfer", "enclosure_vertical", **{**given, "height_m": 9.0}).to("rayleigh") > 1e9


def test_a_tube_of_eight_walls_is_refused_for_thin_tube_buckling() -> None:
    given = {"youngs_modulus_gpa": 200.0, "poisson_ratio": 0.3, "radius_mm": 80.0, "wall_mm": 10.0}
    with pytest.raises(OutOfValidity, match="over ten walls"):
        kernel.calculate("structures", "tube_external_buckling", **given)


def test_an_overexpanded_nozzle_is_warned_of_separation() -> None:
    given = {
        "chamber_pressure_bar": 70.0, "chamber_temperature_k": 3500.0, "molar_mass_g_mol": 22.0, "heat_ratio": 1.2,
        "throat_area_m2": 0.01, "exit_pressure_bar": 0.38, "ambient_pressure_bar": 1.0,
    }  # fmt: skip
    assert any("Summerfield" in w for w in kernel.calculate("aerodynamics", "rocket_nozzle", **given).warnings)
    near = kernel.calculate("aerodynamics", "rocket_nozzle", **{**given, "exit_pressure_bar": 0.45})
    assert not near.warnings
