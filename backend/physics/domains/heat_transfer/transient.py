"""Transient conduction in finite bodies by series, and fins that need Bessel functions."""

from __future__ import annotations

import math
from collections.abc import Callable


def cylinder_surface_step(
    radius: float, length: float, radial_position: float, axial_position: float, conductivity: float, density: float,
    specific_heat: float, initial_temp: float, surface_temp: float, time: float,
) -> dict[str, float]:  # fmt: skip
    """A solid cylinder whose whole surface jumps to a temperature: H. S. Carslaw, J. C. Jaeger, Conduction of Heat in
    Solids, 2nd edition, sections 3.3 and 7.6.

    SI. Raises ValueError for a point outside the body.
    """
    from scipy.special import j0, j1, jn_zeros

    if radial_position > radius * (1 + 1e-9) or axial_position > length / 2 * (1 + 1e-9):
        raise ValueError("the point lies outside the cylinder")
    diffusivity = conductivity / (density * specific_heat)
    fourier = diffusivity * time / radius**2
    roots = jn_zeros(0, 80)
    radial = float(sum(2 * j0(b * radial_position / radius) / (b * j1(b)) * math.exp(-b * b * fourier) for b in roots))
    half = length / 2
    axial = 0.0
    for n in range(200):
        b = (2 * n + 1) * math.pi / 2
        axial += (
            2 * (-1) ** n / b * math.exp(-b * b * diffusivity * time / half**2) * math.cos(b * axial_position / half)
        )
    return {"temp": surface_temp + (initial_temp - surface_temp) * radial * axial, "fourier": fourier}


_TERMS = 120


def _roots(function: Callable[[float], float], brackets: list[tuple[float, float]]) -> list[float]:
    from scipy.optimize import brentq

    return [float(brentq(function, low, high, xtol=1e-13)) for low, high in brackets]


def _scaled(
    position: float, size: float, conductivity: float, density: float, specific_heat: float, convection: float,
    time: float,
) -> tuple[float, float, float]:  # fmt: skip
    """Place over size, Biot and Fourier number; raises ValueError outside the body."""
    if position > size * (1 + 1e-9):
        raise ValueError("the point lies outside the body")
    fourier = conductivity * time / (density * specific_heat * size**2)
    return min(position / size, 1.0), convection * size / conductivity, fourier


def _assembled(
    initial: float, fluid: float, biot: float, fourier: float, terms: list[tuple[float, float, float, float]]
) -> dict[str, float]:
    """Sum the terms (decay, value there, value at the surface, heat) of a series in theta."""
    here = surface = left = 0.0
    for root, there, edge, heat in terms:
        decay = math.exp(-root * root * fourier)
        here, surface, left = here + there * decay, surface + edge * decay, left + heat * decay
    step = initial - fluid
    return {
        "temp": fluid + step * here, "surface_temp": fluid + step * surface, "heat_fraction": 1 - left,
        "biot": biot, "fourier": fourier,
    }  # fmt: skip


def wall_convective(
    half_thickness: float, position: float, conductivity: float, density: float, specific_heat: float,
    convection: float, initial_temp: float, fluid_temp: float, time: float,
) -> dict[str, float]:  # fmt: skip
    """A plane wall in a fluid: Carslaw and Jaeger, section 3.11. SI. Raises ValueError for a point outside."""
    x, biot, fourier = _scaled(position, half_thickness, conductivity, density, specific_heat, convection, time)
    brackets = [(n * math.pi + 1e-12, n * math.pi + math.pi / 2) for n in range(_TERMS)]
    terms = []
    for z in _roots(lambda z: z * math.sin(z) - biot * math.cos(z), brackets):
        c = 4 * math.sin(z) / (2 * z + math.sin(2 * z))
        terms.append((z, c * math.cos(z * x), c * math.cos(z), c * math.sin(z) / z))
    return _assembled(initial_temp, fluid_temp, biot, fourier, terms)


def cylinder_convective(
    radius: float, position: float, conductivity: float, density: float, specific_heat: float, convection: float,
    initial_temp: float, fluid_temp: float, time: float,
) -> dict[str, float]:  # fmt: skip
    """A long cylinder in a fluid: Carslaw and Jaeger, section 7.7. SI. Raises ValueError for a point outside."""
    from scipy.special import j0, j1, jn_zeros

    r, biot, fourier = _scaled(position, radius, conductivity, density, specific_heat, convection, time)
    lows = [1e-12, *jn_zeros(1, _TERMS - 1)]
    brackets = list(zip(lows, jn_zeros(0, _TERMS), strict=True))
    terms = []
    for z in _roots(lambda z: z * float(j1(z)) - biot * float(j0(z)), brackets):
        c = 2 * j1(z) / (z * (j0(z) ** 2 + j1(z) ** 2))
        terms.append((z, float(c * j0(z * r)), float(c * j0(z)), float(2 * c * j1(z) / z)))
    return _assembled(initial_temp, fluid_temp, biot, fourier, terms)


def sphere_convective(
    radius: float, position: float, conductivity: float, density: float, specific_heat: float, convection: float,
    initial_temp: float, fluid_temp: float, time: float,
) -> dict[str, float]:  # fmt: skip
    """A sphere in a fluid: Carslaw and Jaeger, section 9.4. SI. Raises ValueError for a point outside."""
    r, biot, fourier = _scaled(position, radius, conductivity, density, specific_heat, convection, time)
    brackets = [(n * math.pi + 1e-9, (n + 1) * math.pi - 1e-12) for n in range(_TERMS)]
    terms = []
    for z in _roots(lambda z: z * math.cos(z) + (biot - 1) * math.sin(z), brackets):
        c = 4 * (math.sin(z) - z * math.cos(z)) / (2 * z - math.sin(2 * z))
        there = math.sin(z * r) / (z * r) if z * r > 1e-9 else 1.0
        heat = 3 * c * (math.sin(z) - z * math.cos(z)) / z**3
        terms.append((z, c * there, c * math.sin(z) / z, heat))
    return _assembled(initial_temp, fluid_temp, biot, fourier, terms)


def scaled_erfc(x: float) -> float:
    """exp(x^2) erfc(x), which stays finite where its factors don't."""
    from scipy.special import erfcx

    return float(erfcx(x))


def fin_annular(
    inner_radius: float, outer_radius: float, thickness: float, conductivity: float, convection: float,
    base_excess: float,
) -> dict[str, float]:  # fmt: skip
    """An annular fin of even thickness with an insulated tip at the corrected radius: Incropera, table 3.5. SI."""
    from scipy.special import i0e, i1e, k0e, k1e

    m = math.sqrt(2 * convection / (conductivity * thickness))
    corrected = outer_radius + thickness / 2
    a, b = m * inner_radius, m * corrected
    # Scaled Bessel functions; what is left of the scales is exp(-2 (b - a)).
    fade = math.exp(-2 * (b - a))
    top = k1e(a) * i1e(b) - i1e(a) * k1e(b) * fade
    bottom = i0e(a) * k1e(b) * fade + k0e(a) * i1e(b)
    efficiency = float(2 * inner_radius / (m * (corrected**2 - inner_radius**2)) * top / bottom)
    area = 2 * math.pi * (corrected**2 - inner_radius**2)
    return {"efficiency": efficiency, "power": efficiency * convection * area * base_excess}
