"""What surrounds a part, by place: the Earth by altitude, Mars by site, the Moon, open space, the sea by depth.

A quantity that the place doesn't fix is None, never a default; ``sources`` says where each figure comes from. Lengths
in m, pressures in Pa, densities in kg/m3, temperatures in °C.
"""

from __future__ import annotations

from typing import Any

from backend.physics.domains.environments.air import atmosphere, mars_atmosphere
from backend.physics.domains.environments.sea import sea_pressure
from backend.physics.errors import BadQuantity, UnknownEquation

# Name -> altitude over the areoid in m: landing site descriptions of the missions, from memory, to about 100 m.
MARS_SITES: dict[str, float] = {
    "jezero": -2570.0, "gale": -4500.0, "elysium": -2613.0, "gusev": -1930.0, "meridiani": -1400.0,
    "chryse": -3627.0, "utopia": -4500.0, "hellas": -7150.0, "datum": 0.0,
}  # fmt: skip
_SPACE_C = [-157.0, 121.0]
PLACES = ("earth", "mars", "moon", "vacuum", "deep_sea")
_KELVIN = 273.15


def place(
    name: str,
    *,
    altitude_m: float = 0.0,
    depth_m: float = 0.0,
    temperature_c: float | None = None,
    site: str | None = None,
) -> dict[str, Any]:
    """Gravity, pressure, density, viscosity, temperature range, sunlight and medium of a place.

    ``name`` is one of :data:`PLACES`; ``altitude_m`` counts on the Earth and Mars, ``depth_m`` in the sea, ``site``
    (:data:`MARS_SITES`) on Mars. ``temperature_c`` replaces the place's own mean. Raises UnknownEquation for a place
    or a site that isn't known, BadQuantity outside the models' ranges.
    """
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    if key not in PLACES:
        raise UnknownEquation(f"There is no environment {name!r}.", f"Known: {', '.join(PLACES)}.")
    found: dict[str, Any] = {
        "place": key, "medium": None, "gravity_m_s2": None, "pressure_pa": None, "density_kg_m3": None,
        "viscosity_pa_s": None, "speed_of_sound_m_s": None, "temperature_c": temperature_c, "temperature_range_c": None,
        "solar_flux_w_m2": None, "convection": None, "sources": [],
    }  # fmt: skip
    return {**found, **_MAKERS[key](altitude_m, depth_m, temperature_c, site)}


def _within(value: float, low: float, high: float, what: str) -> None:
    if not low <= value <= high:
        raise BadQuantity(f"{what} is {value:g} m.", f"The model covers {low:g} to {high:g} m.")


def _earth(altitude_m: float, _depth: float, temperature_c: float | None, _site: str | None) -> dict[str, Any]:
    _within(altitude_m, -5000.0, 86000.0, "The altitude")
    standard = atmosphere(altitude_m)
    offset = 0.0 if temperature_c is None else temperature_c + _KELVIN - standard["temperature"]
    air = atmosphere(altitude_m, offset)
    return {
        "medium": "air", "gravity_m_s2": air["gravity"], "pressure_pa": air["pressure"],
        "density_kg_m3": air["density"], "viscosity_pa_s": air["viscosity"],
        "speed_of_sound_m_s": air["speed_of_sound"], "temperature_c": air["temperature"] - _KELVIN,
        "solar_flux_w_m2": [0.0, 1361.0], "convection": "air",
        "sources": ["U.S. Standard Atmosphere 1976"],
    }  # fmt: skip


def _mars(altitude_m: float, _depth: float, temperature_c: float | None, site: str | None) -> dict[str, Any]:
    if site is not None:
        key = site.strip().lower().removesuffix(" crater").removesuffix(" planitia")
        if key not in MARS_SITES:
            raise UnknownEquation(f"There is no site {site!r} on Mars.", f"Known: {', '.join(MARS_SITES)}.")
        altitude_m = MARS_SITES[key] + altitude_m
    _within(altitude_m, -8200.0, 20000.0, "The altitude over the datum of Mars")
    temperature = -63.0 if temperature_c is None else temperature_c
    if not -140.0 <= temperature <= 30.0:
        raise BadQuantity(f"The temperature is {temperature:g} °C.", "The surface air of Mars is -140 to 30 °C.")
    air = mars_atmosphere(altitude_m, temperature + _KELVIN)
    return {
        "medium": "carbon dioxide with nitrogen and argon", "gravity_m_s2": 3.71, "pressure_pa": air["pressure"],
        "density_kg_m3": air["density"], "viscosity_pa_s": air["viscosity"],
        "speed_of_sound_m_s": air["speed_of_sound"], "temperature_c": temperature,
        "temperature_range_c": [-130.0, 20.0], "solar_flux_w_m2": [0.0, 586.0], "convection": "weak",
        "altitude_m": altitude_m,
        "sources": ["NASA Mars Fact Sheet (NSSDCA); CO2 .9535, N2 .0268, Ar .0197 by mole as an ideal gas"],
    }  # fmt: skip


def _moon(_altitude: float, _depth: float, _temperature: float | None, _site: str | None) -> dict[str, Any]:
    return {
        "medium": "vacuum", "gravity_m_s2": 1.62, "pressure_pa": 3e-10, "density_kg_m3": 0.0,
        "temperature_range_c": [-178.0, 117.0], "solar_flux_w_m2": [0.0, 1361.0], "convection": "none",
        "sources": ["NASA Moon Fact Sheet (NSSDCA): diurnal range at the equator 95 to 390 K, 3e-15 bar at night"],
    }  # fmt: skip


def _vacuum(_altitude: float, _depth: float, _temperature: float | None, _site: str | None) -> dict[str, Any]:
    return {
        "medium": "vacuum", "gravity_m_s2": 0.0, "pressure_pa": 0.0, "density_kg_m3": 0.0,
        "temperature_range_c": list(_SPACE_C), "solar_flux_w_m2": [0.0, 1361.0], "convection": "none",
        "sources": [
            "NASA's usual figure for a body outside a spacecraft near the Earth, -250 to 250 °F, from memory; the "
            "balance of a part: environments.space_equilibrium"
        ],
    }  # fmt: skip


def _deep_sea(_altitude: float, depth_m: float, temperature_c: float | None, _site: str | None) -> dict[str, Any]:
    _within(depth_m, 0.0, 11000.0, "The depth")
    water = sea_pressure(depth_m, 0.7853981633974483)
    return {
        "medium": "sea water", "gravity_m_s2": 9.80665, "pressure_pa": 101325.0 + water["pressure"],
        "density_kg_m3": water["density"], "gauge_pressure_pa": water["pressure"],
        "temperature_range_c": [-2.0, 4.0] if depth_m >= 1000 else [-2.0, 35.0],
        "temperature_c": temperature_c, "convection": "water", "depth_m": depth_m, "solar_flux_w_m2": [0.0, 0.0],
        "sources": [
            "UNESCO technical papers in marine science 44 (1983); water below 1 km is 0 to 4 °C, from memory",
        ],
    }  # fmt: skip


_MAKERS = {"earth": _earth, "mars": _mars, "moon": _moon, "vacuum": _vacuum, "deep_sea": _deep_sea}


def mars_gas(temperature_c: float, pressure_pa: float) -> dict[str, float]:
    """The gas of Mars by CoolProp's mixture model: density kg/m3, speed of sound m/s, heat ratio, cp J/(kg·K).

    Pure CO2 is refused by CoolProp below its triple point (216.59 K); the mixture is evaluated as a gas there, where
    it stays one at the pressures of Mars down to its frost point near 148 K. Raises BadQuantity below that or where
    CoolProp isn't installed (a MissingTool error says so).
    """
    from backend.physics.errors import MissingTool

    try:
        from CoolProp.CoolProp import PropsSI
    except ImportError as error:
        raise MissingTool("CoolProp isn't installed.", "Install the package coolprop.") from error
    kelvin = temperature_c + _KELVIN
    if not 148.0 <= kelvin <= 400.0:
        raise BadQuantity(f"The temperature is {temperature_c:g} °C.", "CO2 freezes below -125 °C; use -125 to 127.")
    mixture = "HEOS::CO2[0.9535]&Nitrogen[0.0268]&Argon[0.0197]"

    def read(what: str) -> float:
        return float(PropsSI(what, "T|gas", kelvin, "P", pressure_pa, mixture))

    cp = read("C")
    return {
        "density_kg_m3": read("D"), "speed_of_sound_m_s": read("A"), "heat_ratio": cp / read("O"), "cp_j_kg_k": cp,
    }  # fmt: skip


def mars_gas_equation(temperature: float, pressure: float) -> dict[str, float]:
    """:func:`mars_gas` as the kernel calls it: K and Pa in, SI out."""
    found = mars_gas(temperature - _KELVIN, pressure)
    return {
        "density": found["density_kg_m3"], "speed_of_sound": found["speed_of_sound_m_s"],
        "heat_ratio": found["heat_ratio"], "specific_heat": found["cp_j_kg_k"],
    }  # fmt: skip
