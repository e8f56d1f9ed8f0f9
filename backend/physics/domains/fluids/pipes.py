"""Friction and terminal velocity, which need an iteration."""

from __future__ import annotations

from math import log10, pi, sqrt

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


def pipe_flow_rate(
    pressure_drop: float, diameter: float, length: float, roughness: float, density: float, viscosity: float,
    minor_losses: float,
) -> dict[str, float]:  # fmt: skip
    """The flow whose friction and fittings use up a pressure drop. SI."""
    from scipy.optimize import brentq

    def used(velocity: float) -> tuple[float, float, float]:
        reynolds = density * velocity * diameter / viscosity
        factor = darcy_friction(reynolds, roughness / diameter)
        return (factor * length / diameter + minor_losses) * density * velocity**2 / 2, reynolds, factor

    slow = 2299.0 * viscosity / (density * diameter)
    if used(slow)[0] >= pressure_drop:  # laminar: 32 mu L U/D^2 + K rho U^2/2
        a, b = minor_losses * density / 2, 32 * viscosity * length / diameter**2
        velocity = 2 * pressure_drop / (b + sqrt(b * b + 4 * a * pressure_drop))
    else:
        high = slow
        while used(high)[0] < pressure_drop:
            high *= 2
        velocity = float(brentq(lambda v: used(v)[0] - pressure_drop, slow, high, xtol=1e-14 * high, rtol=1e-12))
    _, reynolds, factor = used(velocity)
    return {
        "volume_flow": pi * diameter**2 / 4 * velocity, "velocity": velocity, "reynolds": reynolds,
        "friction_factor": factor,
    }  # fmt: skip
