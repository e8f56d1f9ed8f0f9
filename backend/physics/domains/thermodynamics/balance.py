"""Energy balances that need a root."""

from __future__ import annotations

from backend.physics.errors import BadQuantity

_SIGMA = 5.670374419184429e-8  # W/(m^2 K^4), exact from the SI constants


def equilibrium_temp(
    power: float, surface_area: float, ambient_temp: float, convection: float, emissivity: float
) -> dict[str, float]:
    """Newton's method on a monotone, convex balance, started above the root: it converges from there without fail."""
    if convection == 0 and emissivity == 0:
        raise BadQuantity(
            "Neither convection nor radiation removes heat.", "Give convection_w_m2_k or emissivity above 0."
        )
    flux = power / surface_area
    candidates = []
    if convection > 0:
        candidates.append(ambient_temp + flux / convection)
    if emissivity > 0:
        candidates.append((ambient_temp**4 + flux / (emissivity * _SIGMA)) ** 0.25)
    temperature = min(candidates)
    for _ in range(100):
        balance = (
            convection * (temperature - ambient_temp) + emissivity * _SIGMA * (temperature**4 - ambient_temp**4) - flux
        )
        step = balance / (convection + 4 * emissivity * _SIGMA * temperature**3)
        temperature -= step
        if abs(step) < 1e-11 * temperature:
            break
    return {"temp": temperature}
