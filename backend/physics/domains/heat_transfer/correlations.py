"""Convection that needs air properties or a root."""

from __future__ import annotations

from math import sqrt, tanh

from backend.physics.domains.thermodynamics.balance import equilibrium_temp
from backend.physics.errors import BadQuantity

_SIGMA = 5.670374419184429e-8
_R_AIR = 287.05287


def air_properties(temperature: float, pressure: float = 101325.0) -> dict[str, float]:
    """Dry air at 150 to 1000 K: density, viscosity (Pa s), conductivity, kinematic viscosity, Prandtl number, cp.

    Viscosity and conductivity by Sutherland's law with the constants of F. M. White, Viscous Fluid Flow, 2nd edition,
    tables 1-2 and 1-3 (2 % from 170 to 1900 K and 160 to 2000 K); cp by a cubic through tabled values of dry air
    within 0.5 %.
    """
    if not 150 <= temperature <= 1000:
        raise BadQuantity(
            f"Air properties are known from 150 to 1000 K; {temperature:g} K was asked for.", "Give properties."
        )
    viscosity = 1.716e-5 * (temperature / 273.0) ** 1.5 * (273.0 + 111.0) / (temperature + 111.0)
    conductivity = 0.0241 * (temperature / 273.0) ** 1.5 * (273.0 + 194.0) / (temperature + 194.0)
    t = temperature / 1000
    heat = 1047.63657 - 372.589265 * t + 945.304214 * t**2 - 602.409443 * t**3 + 128.5896 * t**4
    density = pressure / (_R_AIR * temperature)
    return {
        "density": density,
        "viscosity": viscosity,
        "conductivity": conductivity,
        "kinematic_viscosity": viscosity / density,
        "specific_heat": heat,
        "prandtl": viscosity * heat / conductivity,
    }


def plate_in_sun(
    irradiance: float, absorptivity: float, emissivity: float, convection: float, ambient_temp: float, sides: float
) -> dict[str, float]:
    """The balance of ``thermodynamics.equilibrium_temp`` with the absorbed sun as its source."""
    return equilibrium_temp(absorptivity * irradiance, sides, ambient_temp, convection, emissivity)


def heat_sink_natural(
    width: float,
    height: float,
    fin_height: float,
    fin_thickness: float,
    fins: float,
    base_excess: float,
    ambient_temp: float,
    conductivity: float,
    emissivity: float,
) -> dict[str, float]:
    """Isothermal vertical channels:

    Nu_s = (576/El^2 + 2.873/sqrt(El))^-1/2, El = Ra_s s/L, s_opt = 2.714 (L s^3/Ra_s)^1/4.
    """
    spacing = (width - fins * fin_thickness) / (fins - 1)
    if spacing <= 0:
        raise BadQuantity("The fins don't fit on the base.", "Fewer or thinner fins, or a wider base.")
    air = air_properties(ambient_temp + base_excess / 2)
    film = ambient_temp + base_excess / 2
    per_cube = 9.80665 / film * base_excess * air["prandtl"] / air["kinematic_viscosity"] ** 2  # Ra_s / s^3
    elenbaas = per_cube * spacing**4 / height
    nusselt = (576 / elenbaas**2 + 2.873 / sqrt(elenbaas)) ** -0.5
    h = nusselt * air["conductivity"] / spacing
    corrected = fin_height + fin_thickness / 2
    m = sqrt(2 * h / (conductivity * fin_thickness))
    efficiency = tanh(m * corrected) / (m * corrected)
    area = fins * 2 * corrected * height * efficiency + (fins - 1) * spacing * height
    # Fins see mostly each other: what radiates is the envelope, front and four sides.
    envelope = width * height + 2 * fin_height * (width + height)
    hot = ambient_temp + base_excess
    power = h * area * base_excess + emissivity * _SIGMA * envelope * (hot**4 - ambient_temp**4)
    return {
        "power": power,
        "resistance": base_excess / power,
        "coefficient": h,
        "optimum_spacing": 2.714 * (height / per_cube) ** 0.25,
    }
