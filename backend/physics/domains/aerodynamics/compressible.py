"""Compressible flow that needs a root: nozzles, oblique shocks, expansions, pitot tubes.

Ames Research Staff, NACA Report 1135 (1953); equation numbers are those of the report.
"""

from __future__ import annotations

from math import asin, atan, degrees, inf, pi, sin, sqrt, tan

from backend.physics.errors import OutOfValidity


def _area(mach: float, ratio: float) -> float:
    return float(
        ((1 + (ratio - 1) / 2 * mach**2) / ((ratio + 1) / 2)) ** ((ratio + 1) / (2 * (ratio - 1))) / mach
    )  # fmt: skip


def _temperature(mach: float, ratio: float) -> float:
    return 1 / (1 + (ratio - 1) / 2 * mach**2)


def mach_of_area(area_ratio: float, supersonic: float, heat_ratio: float) -> dict[str, float]:
    """The Mach number where a nozzle is ``area_ratio`` times as wide as its throat (equation 80)."""
    from scipy.optimize import brentq

    mach = 1.0
    if area_ratio > 1 + 1e-12:
        if supersonic:
            high = 2.0
            while _area(high, heat_ratio) < area_ratio:
                high *= 2
            bracket = (1.0, high)
        else:
            low = 0.5
            while _area(low, heat_ratio) < area_ratio:
                low /= 2
            bracket = (low, 1.0)
        mach = float(brentq(lambda m: _area(m, heat_ratio) - area_ratio, *bracket, xtol=1e-14))
    temperature = _temperature(mach, heat_ratio)
    pressure = temperature ** (heat_ratio / (heat_ratio - 1))
    return {"mach": mach, "pressure_ratio": pressure, "temperature_ratio": temperature}


def _deflection(angle: float, mach: float, ratio: float) -> float:
    """Deflection behind a shock at ``angle`` (equation 138)."""
    normal = (mach * sin(angle)) ** 2 - 1
    return atan(normal / (tan(angle) * ((ratio + 1) / 2 * mach**2 - normal)))


def oblique_shock(mach: float, deflection: float, heat_ratio: float) -> dict[str, float]:
    """The weak shock that turns the flow by ``deflection`` (rad). Raises OutOfValidity where it detaches."""
    from scipy.optimize import brentq, minimize_scalar

    wave = asin(1 / mach)
    found = minimize_scalar(
        lambda angle: -_deflection(angle, mach, heat_ratio), bounds=(wave, pi / 2), method="bounded",
        options={"xatol": 1e-12},
    )  # fmt: skip
    largest, limit = -float(found.fun), float(found.x)
    if deflection > largest:
        raise OutOfValidity(
            f"At Mach {mach:g} a shock turns the flow by {degrees(largest):.2f}° at most; {degrees(deflection):g}° was "
            "asked for: the shock stands off the body.",
            "Give a smaller deflection or a higher Mach number.",
        )
    angle = float(brentq(lambda a: _deflection(a, mach, heat_ratio) - deflection, wave, limit, xtol=1e-14))
    g, n = heat_ratio, (mach * sin(angle)) ** 2
    pressure = (2 * g * n - (g - 1)) / (g + 1)
    density = (g + 1) * n / ((g - 1) * n + 2)
    after = sqrt(((g - 1) * n + 2) / (2 * g * n - (g - 1))) / sin(angle - deflection)
    return {
        "shock_angle": angle, "mach_after": after, "pressure_ratio": pressure, "density_ratio": density,
        "temperature_ratio": pressure / density,
        "total_pressure_ratio": density ** (g / (g - 1)) * (1 / pressure) ** (1 / (g - 1)),
    }  # fmt: skip


def _turn(mach: float, ratio: float) -> float:
    """Prandtl-Meyer angle, rad (equation 171c)."""
    k, b = sqrt((ratio + 1) / (ratio - 1)), sqrt(max(mach**2 - 1, 0.0))
    return k * atan(b / k) - atan(b)


def prandtl_meyer(mach: float, deflection: float, heat_ratio: float) -> dict[str, float]:
    """The flow behind an expansion by ``deflection`` (rad). Raises OutOfValidity beyond the vacuum."""
    from scipy.optimize import brentq

    before = _turn(mach, heat_ratio)
    limit = pi / 2 * (sqrt((heat_ratio + 1) / (heat_ratio - 1)) - 1)
    if before + deflection >= limit:
        raise OutOfValidity(
            f"From Mach {mach:g} the flow turns by {degrees(limit - before):.2f}° at most, into a vacuum.",
            "Give a smaller deflection.",
        )
    high = max(2.0, 2 * mach)
    while _turn(high, heat_ratio) < before + deflection:
        high = high * 2 if high < 1e12 else inf
    after = float(brentq(lambda m: _turn(m, heat_ratio) - before - deflection, mach, high, xtol=1e-13))
    temperature = _temperature(after, heat_ratio) / _temperature(mach, heat_ratio)
    return {
        "mach_after": after, "angle_before": before, "temperature_ratio": temperature,
        "pressure_ratio": temperature ** (heat_ratio / (heat_ratio - 1)),
    }  # fmt: skip


def pitot_mach(total_pressure: float, static_pressure: float, heat_ratio: float) -> dict[str, float]:
    """Mach number of a pitot probe's reading: equation 44 below Mach 1, Rayleigh's (equation 100) beyond."""
    from scipy.optimize import brentq

    g, ratio = heat_ratio, total_pressure / static_pressure
    if ratio <= ((g + 1) / 2) ** (g / (g - 1)):
        return {"mach": sqrt(2 / (g - 1) * (ratio ** ((g - 1) / g) - 1))}

    def reading(mach: float) -> float:
        return float(
            ((g + 1) / 2 * mach**2) ** (g / (g - 1)) * ((g + 1) / (2 * g * mach**2 - (g - 1))) ** (1 / (g - 1))
        )

    high = 2.0
    while reading(high) < ratio:
        high *= 2
    return {"mach": float(brentq(lambda m: reading(m) - ratio, 1.0, high, xtol=1e-13))}
