"""Hovering rotors: blade elements with momentum theory (BEMT), and with a prescribed vortex wake.

BEMT takes the disc for infinitely many blades and the wake for a cylinder. With two blades the tip vortex of the blade
before passes close below, well inboard of the tip. At a given pitch BEMT then over-predicts the thrust of Caradonna
and Tung's rotor by 27 to 40 % (38 to 51 % without tip loss); Mach and the section's slope account for 4 and 6 points.
Thrust at a pitch is a difference of two like numbers, pitch and inflow angle: 15 % in the inflow is 20 to 30 % in
thrust. At a given thrust, power differs by 3 % between the models. The wake model has the vortex where experiments
found it. Both share blades, sections and results.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.physics.domains.aerodynamics.section import Section
from backend.physics.errors import BadQuantity, OutOfValidity


@dataclass(frozen=True)
class Rotor:
    """A rotor of equal blades. Lengths in m, angles in degrees; ``chord_m`` and ``twist_deg`` are (r/R, value) points.

    ``twist_deg`` counts from the collective pitch (0 at every station for an untwisted blade).
    """

    blades: int
    radius_m: float
    chord_m: tuple[tuple[float, float], ...]
    section: Section
    twist_deg: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 0.0))
    root_cutout: float = 0.15

    def __post_init__(self) -> None:
        """Raises BadQuantity for a rotor that can't be."""
        if self.blades < 1 or self.radius_m <= 0 or not 0 <= self.root_cutout < 0.9:
            raise BadQuantity(
                f"{self.blades} blades of {self.radius_m:g} m from {self.root_cutout:g} R.",
                "Give at least one blade, a radius above 0, and a root cutout under 0.9.",
            )
        if any(c <= 0 for _, c in self.chord_m):
            raise BadQuantity("A chord is 0 or less.", "Give chords above 0.")

    @property
    def area_m2(self) -> float:
        """Disc area."""
        return math.pi * self.radius_m**2

    @property
    def solidity(self) -> float:
        """Thrust-weighted solidity: the integral of 3 sigma(r) r^2 over the blade (J. G. Leishman, section 3.4)."""
        import numpy as np

        x = np.linspace(self.root_cutout, 1.0, 2001)
        chord = np.interp(x, *_table(self.chord_m))
        return float(np.trapezoid(3 * self.blades * chord / (math.pi * self.radius_m) * x**2, x))


@dataclass(frozen=True)
class HoverResult:
    """Thrust and power of a rotor in hover. Coefficients refer to the disc and the tip speed (US definition)."""

    thrust_n: float
    power_w: float
    thrust_coefficient: float
    power_coefficient: float
    figure_of_merit: float
    collective_deg: float
    tip_mach: float
    stations: tuple[float, ...]
    lift_coefficients: tuple[float, ...]
    model: str

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON data."""
        from dataclasses import asdict

        return asdict(self)


def _table(points: tuple[tuple[float, float], ...]) -> tuple[Any, Any]:
    """Stations and values of (r/R, value) points."""
    import numpy as np

    stations, values = np.asarray(points, dtype=float).T
    return stations, values


def _stations(rotor: Rotor, count: int) -> tuple[Any, Any]:
    """Edges and middles of elements, closer together at both ends."""
    import numpy as np

    edges = rotor.root_cutout + (1 - rotor.root_cutout) * (1 - np.cos(np.linspace(0, math.pi, count + 1))) / 2
    return edges, (edges[1:] + edges[:-1]) / 2


def _shape(rotor: Rotor, x: Any) -> tuple[Any, Any]:
    """Chord over radius and twist in rad at stations."""
    import numpy as np

    chord = np.interp(x, *_table(rotor.chord_m)) / rotor.radius_m
    return chord, np.radians(np.interp(x, *_table(rotor.twist_deg)))


def _result(
    rotor: Rotor, speed: float, density: float, sound: float, collective: float, x: Any, edges: Any, inflow: Any,
    model: str,
) -> HoverResult:  # fmt: skip
    """Integrates blade forces at a known inflow (induced velocity over tip speed)."""
    import numpy as np

    chord, twist = _shape(rotor, x)
    phi = np.arctan2(inflow, x)
    tip = speed * rotor.radius_m
    velocity = np.hypot(x, inflow)
    lift, drag = rotor.section.evaluate(collective + twist - phi, velocity * tip / sound)
    scale = rotor.blades * chord * velocity**2 / (2 * math.pi) * np.diff(edges)
    ct = float(np.sum(scale * (lift * np.cos(phi) - drag * np.sin(phi))))
    cp = float(np.sum(scale * (lift * np.sin(phi) + drag * np.cos(phi)) * x))
    force = density * rotor.area_m2 * tip**2
    merit = ct**1.5 / (math.sqrt(2) * cp) if ct > 0 and cp > 0 else 0.0
    return HoverResult(
        thrust_n=ct * force, power_w=cp * force * tip, thrust_coefficient=ct, power_coefficient=cp,
        figure_of_merit=merit, collective_deg=math.degrees(collective), tip_mach=tip / sound,
        stations=tuple(float(v) for v in x), lift_coefficients=tuple(float(v) for v in lift), model=model,
    )  # fmt: skip


def _check(speed_rad_s: float, density_kg_m3: float, sound_m_s: float) -> None:
    if not (speed_rad_s > 0 and density_kg_m3 > 0 and sound_m_s > 0):
        raise BadQuantity(
            f"Speed {speed_rad_s:g} rad/s, density {density_kg_m3:g} kg/m³, sound {sound_m_s:g} m/s.",
            "Give all above 0.",
        )


def hover_bemt(
    rotor: Rotor, *, collective_deg: float, speed_rad_s: float, density_kg_m3: float, sound_m_s: float = 340.3,
    tip_loss: bool = True, elements: int = 100,
) -> HoverResult:  # fmt: skip
    """Blade-element momentum theory with Prandtl's tip loss (J. G. Leishman, 2nd edition, sections 3.3 and 3.3.10).

    Each annulus is solved by bisection: the thrust of its blade elements against 4 F lambda^2 x of momentum. Raises
    BadQuantity for quantities that can't be.
    """
    import numpy as np

    _check(speed_rad_s, density_kg_m3, sound_m_s)
    edges, x = _stations(rotor, elements)
    chord, twist = _shape(rotor, x)
    collective = math.radians(collective_deg)
    tip = speed_rad_s * rotor.radius_m
    low, high = np.full_like(x, 1e-9), np.full_like(x, 1.0)
    for _ in range(60):
        middle = (low + high) / 2
        phi = np.arctan2(middle, x)
        velocity = np.hypot(x, middle)
        lift, drag = rotor.section.evaluate(collective + twist - phi, velocity * tip / sound_m_s)
        loss = _prandtl(rotor.blades, x, phi) if tip_loss else 1.0
        blade = rotor.blades * chord * velocity**2 / (2 * math.pi) * (lift * np.cos(phi) - drag * np.sin(phi))
        more = blade > 4 * loss * middle**2 * x
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return _result(
        rotor, speed_rad_s, density_kg_m3, sound_m_s, collective, x, edges, (low + high) / 2,
        "BEMT with Prandtl's tip loss" if tip_loss else "BEMT without tip loss",
    )  # fmt: skip


def _prandtl(blades: int, x: Any, phi: Any) -> Any:
    import numpy as np

    exponent = blades / 2 * (1 - x) / (x * np.maximum(np.sin(np.abs(phi)), 1e-9))
    return np.maximum(2 / math.pi * np.arccos(np.exp(-exponent)), 1e-6)


def hover_wake(
    rotor: Rotor, *, collective_deg: float, speed_rad_s: float, density_kg_m3: float, sound_m_s: float = 340.3,
    elements: int = 30,
) -> HoverResult:  # fmt: skip
    """Lifting-line blades with the tip vortex and the vortex sheet where experiments found them (prescribed wake).

    Geometry of the tip vortex: J. D. Kocurek, J. L. Tangler, A prescribed wake lifting surface hover performance
    analysis, J. American Helicopter Society 22 (1977): descent k1 to the next blade and k2 after it, contraction to
    0.78 R; inner sheet: A. J. Landgrebe 1972. The trailing vortices outboard of the greatest circulation roll up into
    the tip vortex within a sixth of a turn; after a full turn the wake sinks as its momentum demands. Wake and thrust
    are iterated; no coefficient is fitted, but that the far wake begins after one turn was chosen on Caradonna and
    Tung's rotor (1.5 turns move its thrust by about 5 %). Raises OutOfValidity where the thrust isn't positive or the
    iteration doesn't settle.
    """
    import numpy as np

    from backend.physics.domains.aerodynamics.hover_wake import influence

    _check(speed_rad_s, density_kg_m3, sound_m_s)
    edges, x = _stations(rotor, elements)
    chord, twist = _shape(rotor, x)
    collective = math.radians(collective_deg)
    tip = speed_rad_s * rotor.radius_m
    stations, pitch_deg = _table(rotor.twist_deg)
    linear_twist = float(np.interp(1.0, stations, pitch_deg) - np.interp(0.0, stations, pitch_deg))
    ct = (
        0.75
        * hover_bemt(
            rotor,
            collective_deg=collective_deg,
            speed_rad_s=speed_rad_s,
            density_kg_m3=density_kg_m3,
            sound_m_s=sound_m_s,
        ).thrust_coefficient
    )
    inflow = np.full_like(x, math.sqrt(max(ct, 1e-5) / 2))
    peak = 0.92
    spread = np.diff(np.vstack((np.zeros(elements), np.eye(elements), np.zeros(elements))), axis=0)

    def circulation(at: Any) -> Any:
        """Bound circulation over tip speed and radius at an inflow."""
        velocity = np.hypot(x, at)
        lift, _ = rotor.section.evaluate(collective + twist - np.arctan2(at, x), velocity * tip / sound_m_s)
        return chord * velocity * lift / 2

    for round_ in range(40):
        if ct <= 2e-4:
            raise OutOfValidity(
                "The rotor gives no thrust.", "Raise the collective pitch; the wake model needs thrust."
            )
        matrix = influence(rotor.blades, edges, x, ct, linear_twist, peak) @ spread
        for _ in range(30):  # Newton: the stations act on each other too strongly near the tip for plain iteration
            bound = circulation(inflow)
            slope = (circulation(inflow + 1e-6) - bound) / 1e-6
            residual = matrix @ bound - inflow
            step = np.linalg.solve(matrix * slope[None, :] - np.eye(elements), -residual)
            inflow = inflow + np.clip(step, -0.05, 0.05)
            if float(np.max(np.abs(step))) < 1e-10:
                break
        result = _result(rotor, speed_rad_s, density_kg_m3, sound_m_s, collective, x, edges, inflow, "prescribed wake")
        change = result.thrust_coefficient - ct
        if (
            round_ < 3
        ):  # where the trailers roll up is settled early: a jump by an element would keep the thrust jumping
            peak = float(x[int(np.argmax(np.where(x > 0.4, bound, -1.0)))])
        ct += 0.8 * change
        if abs(change) < 1e-3 * abs(ct):
            return result
    raise OutOfValidity("The wake doesn't settle.", "Use hover_bemt, or a thrust coefficient between 0.001 and 0.02.")


def trim(hover: Callable[..., HoverResult], rotor: Rotor, *, thrust_n: float, **conditions: float) -> HoverResult:
    """The hover at a thrust: collective pitch by bisection between -10 and 25 degrees, to 0.1 %.

    A cambered or twisted blade may lift at a pitch below 0. Raises OutOfValidity.
    """
    low, high = -10.0, 25.0
    for _ in range(40):
        middle = (low + high) / 2
        try:
            result = hover(rotor, collective_deg=middle, **conditions)
            less = result.thrust_n < thrust_n
        except OutOfValidity:
            less = True
            result = None
        if result is not None and abs(result.thrust_n / thrust_n - 1) < 1e-3:
            return result
        low, high = (middle, high) if less else (low, middle)
    raise OutOfValidity(f"The rotor doesn't reach {thrust_n:g} N.", "Turn it faster, or give it more blade.")
