"""Transient conduction in finite bodies by products of series."""

from __future__ import annotations

import math


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
