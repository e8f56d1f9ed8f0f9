"""The suffix grammar against exact definitions and pint."""

from __future__ import annotations

import pint
import pytest

from backend.physics.units import UNITS, convert, parse_suffix, split_key

# suffix -> how pint writes the unit; the suffix table is checked against pint's own definitions.
PINT = {
    "n": "N", "kn": "kN", "lbf": "lbf", "kip": "kip", "mpa": "MPa", "psi": "psi", "ksi": "ksi", "bar": "bar",
    "atm": "atm",
    "in": "inch", "mil": "thou", "ft": "foot", "mm2": "mm**2", "in2": "inch**2", "l": "liter", "gal": "gallon",
    "lb": "pound",
    "oz": "ounce", "slug": "slug", "min": "minute", "h": "hour", "rpm": "rpm", "deg": "degree", "lbf_ft": "lbf*ft",
    "lbf_in": "lbf*inch", "kwh": "kWh", "btu": "Btu", "cal": "cal", "hp": "hp", "w_m_k": "W/m/K", "j_kg_k": "J/kg/K",
    "btu_h_ft_f": "Btu/hour/ft/delta_degF", "kg_m3": "kg/m**3", "g_cm3": "g/cm**3", "lb_in3": "lb/inch**3",
    "km_h": "km/hour",
    "mph": "mph", "kt": "knot", "gpm": "gallon/minute", "cfm": "ft**3/minute", "cp": "centipoise",
    "cst": "centistokes",
    "gee": "standard_gravity", "torr": "torr", "lbf_per_in": "lbf/inch", "mah": "mA*h", "ohm_m": "ohm*m",
    "ppm_k": "ppm/K",
    "rpm_v": "rpm/V", "n_mm_rad": "N*mm/rad", "w_cm2": "W/cm**2", "a_mm2": "A/mm**2", "psf": "lbf/ft**2",
    "g_mm2": "g*mm**2",
}  # fmt: skip


@pytest.mark.parametrize("suffix", PINT)
def test_factor_agrees_with_pint(suffix: str) -> None:
    registry = _registry()
    expected = registry.Quantity(1.0, PINT[suffix]).to_base_units().magnitude
    assert UNITS[suffix].factor == pytest.approx(expected, rel=2e-5 if suffix in {"btu", "btu_h_ft_f"} else 1e-9)


# Labels that pint reads as something else, or not at all; PINT above has those that it knows by another name.
NOT_PINTS = {
    "mil", "rev", "rev_s", "msi", "psf", "ksf", "torr", "sfm", "gee", "g2", "gpm", "cfm", "usd", "usd_kg", "mpa_sqrt_m",
    "ksi_sqrt_in",
}  # fmt: skip
_SPELLING = str.maketrans({"²": "**2", "³": "**3", "⁴": "**4", "⁶": "**6", "·": "*", "µ": "u", "Ω": "ohm", "°": "deg"})
_BASES = ("[length]", "[mass]", "[time]", "[current]", "[temperature]", "[substance]", "[luminosity]")


@pytest.mark.parametrize("suffix", [suffix for suffix in UNITS if suffix not in NOT_PINTS])
def test_a_unit_has_the_dimension_that_its_label_says(suffix: str) -> None:
    """A stiffness of a bed (N/mm3) once passed for a pressure."""
    label = UNITS[suffix].label.translate(_SPELLING)
    theirs = {base: int(power) for base, power in _registry().Quantity(1.0, label).dimensionality.items()}
    assert {base: power for base, power in zip(_BASES, UNITS[suffix].dimension, strict=False) if power} == theirs


_CACHE: list[pint.UnitRegistry] = []


def _registry() -> pint.UnitRegistry:
    if not _CACHE:
        _CACHE.append(pint.UnitRegistry())
    return _CACHE[0]


def test_temperatures_have_offsets_and_differences_have_none() -> None:
    assert convert(100, "c", "f") == pytest.approx(212)
    assert convert(-40, "f", "c") == pytest.approx(-40)
    assert convert(0, "k", "c") == pytest.approx(-273.15)
    assert convert(9, "f", "k", difference=True) == pytest.approx(5)


@pytest.mark.parametrize(
    ("key", "name", "label"),
    [
        ("area_mm2", "area", "mm²"),
        ("moment_n_mm", "moment", "N·mm"),
        ("load_n_per_mm", "load", "N/mm"),
        ("thermal_conductivity_w_m_k", "thermal_conductivity", "W/(m·K)"),
        ("thermal_expansion_1_k", "thermal_expansion", "1/K"),
        ("youngs_modulus_mpa", "youngs_modulus", "MPa"),
        ("poisson_ratio", "poisson_ratio", ""),
        ("count", "count", ""),
        ("gravity_m_s2", "gravity", "m/s²"),
    ],
)
def test_longest_suffix_is_the_unit(key: str, name: str, label: str) -> None:
    found, unit = split_key(key)
    assert (found, unit.label) == (name, label)


def test_a_moment_is_no_line_load() -> None:
    moment, line = parse_suffix("n_mm"), parse_suffix("n_per_mm")
    assert moment is not None
    assert line is not None
    assert moment.dimension != line.dimension


def test_rpm_is_no_frequency() -> None:
    assert UNITS["rpm"].dimension != UNITS["hz"].dimension
    with pytest.raises(ValueError, match="can't convert"):
        convert(60, "rpm", "hz")


def test_unknown_suffix_is_none() -> None:
    assert parse_suffix("furlong") is None
    assert parse_suffix("n_per_mm_per_s") is None


@pytest.mark.parametrize("suffix", sorted(UNITS))
def test_every_unit_survives_a_round_trip(suffix: str) -> None:
    unit = UNITS[suffix]
    assert unit.from_si(unit.to_si(12.5)) == pytest.approx(12.5, rel=1e-9)
