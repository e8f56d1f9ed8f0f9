"""Friction and terminal velocity, which need an iteration."""

from __future__ import annotations

from math import log10, sqrt

from backend.physics.errors import OutOfValidity


def darcy_friction(reynolds: float, relative_roughness: float) -> float:
    """Darcy friction factor: 64/Re below 2300, else Colebrook by Newton's method from Haaland's estimate."""
    if reynolds < 2300:
        return 64 / reynolds
    a, b = relative_roughness / 3.7, 2.51 / reynolds
    x: float = -1.8 * log10(6.9 / reynolds + a**1.11)  # x = 1/sqrt(f), Haaland 1983
    for _ in range(50):
        inner = a + b * x
        step = (x + 2 * log10(inner)) / (1 + 2 * b / (inner * 2.302585092994046))
        x -= step
        if abs(step) < 1e-13 * x:
            break
    return 1.0 / (x * x)


def terminal_velocity(
    diameter: float, density: float, fluid_density: float, viscosity: float, gravity: float
) -> dict[str, float]:
    """Bisection on the Reynolds number: drag grows with it, so the root is the only one."""
    buoyant = 4 / 3 * diameter**3 * fluid_density * abs(density - fluid_density) * gravity / viscosity**2  # Cd Re^2

    def drag(re: float) -> float:
        return float(24 / re * (1 + 0.15 * re**0.681) + 0.407 / (1 + 8710 / re))

    if buoyant == 0:
        raise OutOfValidity("The sphere has the fluid's density: it doesn't settle.", "Check the densities.")
    low, high = 1e-12, 1e9
    for _ in range(200):
        middle = sqrt(low * high)
        if drag(middle) * middle**2 < buoyant:
            low = middle
        else:
            high = middle
    re = sqrt(low * high)
    speed = re * viscosity / (fluid_density * diameter)
    return {"velocity": speed if density > fluid_density else -speed, "reynolds": re, "drag_coefficient": drag(re)}
