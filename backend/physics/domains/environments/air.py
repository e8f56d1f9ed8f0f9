"""Atmospheres of the Earth and Mars."""

from __future__ import annotations

from math import exp, sqrt

# U.S. Standard Atmosphere 1976, table 4: base geopotential height (m) and lapse rate (K/m).
_LAYERS = (
    (0.0, -0.0065),
    (11000.0, 0.0),
    (20000.0, 0.001),
    (32000.0, 0.0028),
    (47000.0, 0.0),
    (51000.0, -0.0028),
    (71000.0, -0.002),
)
_RADIUS, _G0, _R = 6356766.0, 9.80665, 8314.32 / 28.9644
_TOP = 84852.0


def atmosphere(altitude: float, temperature_offset: float = 0.0) -> dict[str, float]:
    """U.S. Standard Atmosphere 1976 to 86 km geometric: SI, temperature in K.

    The offset shifts the temperature at the pressure of the standard day, as pressure altitude is used in aviation.
    """
    height = _RADIUS * altitude / (_RADIUS + altitude)
    base, temperature, pressure = _LAYERS[0][0], 288.15, 101325.0
    for index, (start, lapse) in enumerate(_LAYERS):
        end = _LAYERS[index + 1][0] if index + 1 < len(_LAYERS) else _TOP
        top = min(height, end) if index or height >= 0 else height
        step = top - start
        if lapse:
            warmer = temperature + lapse * step
            pressure *= (temperature / warmer) ** (_G0 / (_R * lapse))
            temperature = warmer
        else:
            pressure *= exp(-_G0 * step / (_R * temperature))
        base = end
        if height <= base:
            break
    actual = temperature + temperature_offset
    return {
        "temperature": actual,
        "pressure": pressure,
        "density": pressure / (_R * actual),
        "speed_of_sound": sqrt(1.4 * _R * actual),
        "viscosity": 1.458e-6 * actual**1.5 / (actual + 110.4),
        "gravity": _G0 * (_RADIUS / (_RADIUS + altitude)) ** 2,
    }


def mars_atmosphere(altitude: float, temperature: float) -> dict[str, float]:
    """CO2 .9535, N2 .0268, Ar .0197 by mole as an ideal gas; 636 Pa at the datum and a scale height of 11.1 km at
    210 K.

    Viscosity: Sutherland's law of CO2 (F. M. White, Viscous Fluid Flow, 2nd edition, table 1-2) with 2 % added for
    nitrogen and argon. Heat ratio of CO2 at 210 K: 1.36 falling to 1.29 at 300 K.
    """
    molar = 0.9535 * 44.0095e-3 + 0.0268 * 28.0134e-3 + 0.0197 * 39.948e-3
    gas = 8.31446261815324 / molar
    pressure = 636.0 * exp(-altitude / 11100.0)
    ratio = 1.36 - (temperature - 210.0) * (0.07 / 90.0)
    viscosity = 1.02 * 1.370e-5 * (temperature / 273.0) ** 1.5 * (273.0 + 222.0) / (temperature + 222.0)
    return {
        "pressure": pressure,
        "density": pressure / (gas * temperature),
        "speed_of_sound": sqrt(ratio * gas * temperature),
        "viscosity": viscosity,
    }
