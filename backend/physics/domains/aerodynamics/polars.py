"""The sections and rotors of this domain as the kernel calls them: SI in, SI out."""

from __future__ import annotations

import math
from typing import Any

from backend.physics.domains.aerodynamics.rotor import HoverResult, Rotor, hover_bemt, hover_wake
from backend.physics.domains.aerodynamics.section import Section, flat_plate, thin_airfoil


def naca4(camber: float, camber_position: float, angle_of_attack: float) -> dict[str, float]:
    """Thin-airfoil answers with the angle in rad."""
    found = thin_airfoil(camber, camber_position)
    zero = math.radians(found["zero_lift_deg"])
    return {
        "zero_lift": zero, "lift_coefficient": 2 * math.pi * (angle_of_attack - zero),
        "moment_quarter_chord": found["moment_quarter_chord"], "ideal_lift": found["ideal_lift"],
    }  # fmt: skip


def polar(
    angle_of_attack: float, mach: float, lift_slope: float, zero_lift: float, max_lift: float, min_drag: float,
    drag_rise: float,
) -> dict[str, float]:  # fmt: skip
    """A :class:`Section` at one angle."""
    section = Section(lift_slope, math.degrees(zero_lift), max_lift, min_drag, drag_rise)
    lift, drag = (float(v) for v in section.evaluate(angle_of_attack, mach))
    return {"lift_coefficient": lift, "drag_coefficient": drag, "lift_to_drag": lift / drag}


def plate(angle_of_attack: float, reynolds: float) -> dict[str, float]:
    """The flat plate at one angle."""
    lift, drag = (float(v) for v in flat_plate(reynolds).evaluate(angle_of_attack))
    return {"lift_coefficient": lift, "drag_coefficient": drag}


def _rotor(values: dict[str, float]) -> tuple[Rotor, dict[str, Any]]:
    section = Section(
        values["lift_slope"], math.degrees(values["zero_lift"]), values["max_lift"], values["min_drag"],
        values["drag_rise"],
    )  # fmt: skip
    twist = math.degrees(values["twist"])
    rotor = Rotor(
        int(values["blades"]), values["radius"], ((0.0, values["chord"]), (1.0, values["chord"])), section,
        ((0.0, 0.0), (1.0, twist)), values["root_cutout"],
    )  # fmt: skip
    return rotor, {
        "collective_deg": math.degrees(values["collective"]), "speed_rad_s": values["speed"],
        "density_kg_m3": values["density"], "sound_m_s": values["sound"],
    }  # fmt: skip


def _answer(found: HoverResult) -> dict[str, float]:
    return {
        "thrust": found.thrust_n, "power": found.power_w, "thrust_coefficient": found.thrust_coefficient,
        "power_coefficient": found.power_coefficient, "figure_of_merit": found.figure_of_merit,
        "tip_mach": found.tip_mach,
    }  # fmt: skip


def hover_bemt_equation(**values: float) -> dict[str, float]:
    """Blade elements with momentum theory."""
    rotor, conditions = _rotor(values)
    return _answer(hover_bemt(rotor, **conditions))


def hover_wake_equation(**values: float) -> dict[str, float]:
    """Lifting line with the prescribed wake; about half a second."""
    rotor, conditions = _rotor(values)
    return _answer(hover_wake(rotor, **conditions))
