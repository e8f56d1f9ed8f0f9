"""Lift and drag of a blade section by a few numbers: slope, zero lift, stall, drag polar, corrected for Mach.

A section is data, not a simulation: its numbers come from a wind tunnel (cited where they are used). For a thin or
unknown airfoil there are the flat plate and thin-airfoil limits below; NeuralFoil is used where it is installed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from backend.physics.errors import BadQuantity, MissingTool

_MACH_LIMIT = 0.9


@dataclass(frozen=True)
class Section:
    """An airfoil near its design range.

    ``lift_slope`` per radian at low speed; ``zero_lift_deg``; ``max_lift`` bounds the lift (a plateau past stall);
    drag = ``min_drag`` + ``drag_rise`` (cl - ``drag_bucket``)^2, plus ``stall_drag`` times the square of the angle past
    stall.
    """

    lift_slope: float = 2 * math.pi
    zero_lift_deg: float = 0.0
    max_lift: float = 1.2
    min_drag: float = 0.01
    drag_rise: float = 0.01
    drag_bucket: float = 0.0
    stall_drag: float = 4.0
    source: str = ""

    def evaluate(self, alpha: Any, mach: Any = 0.0) -> tuple[Any, Any]:
        """Lift and drag coefficients at angles of attack (rad) and Mach numbers, arrays of one shape.

        The slope grows with Mach by Prandtl and Glauert (J. D. Anderson, Fundamentals of Aerodynamics, equation
        11.52). Raises BadQuantity at or above Mach 0.9, where that no longer holds.
        """
        import numpy as np

        alpha, mach = np.asarray(alpha, dtype=float), np.asarray(mach, dtype=float)
        if np.any(mach >= _MACH_LIMIT):
            raise BadQuantity(
                f"A section moves at Mach {float(np.max(mach)):.2f}.", f"The section model ends at Mach {_MACH_LIMIT}."
            )
        slope = self.lift_slope / np.sqrt(1 - mach**2)
        linear = slope * (alpha - math.radians(self.zero_lift_deg))
        lift = np.clip(linear, -self.max_lift, self.max_lift)
        past = np.maximum(np.abs(linear) - self.max_lift, 0.0) / slope
        drag = self.min_drag + self.drag_rise * (lift - self.drag_bucket) ** 2 + self.stall_drag * past**2
        return lift, drag


# Sections by name. The numbers are those of wind tunnels at the Reynolds number named; "from memory" where not read.
NACA_0012 = Section(
    lift_slope=5.73, max_lift=1.2, min_drag=0.0065, drag_rise=0.0085,
    source="NACA 0012 at Re 1 to 3 million: slope 0.10 per degree, Abbott and von Doenhoff (from memory)",
)  # fmt: skip


def flat_plate(reynolds: float) -> Section:
    """A thin plate at low Reynolds number: laminar friction on both sides (Blasius, 2 x 1.328/sqrt(Re)), slope 2 pi.

    Lift ends near 0.8 (separation from a sharp nose at 8 to 9 degrees) and drag then rises with the normal force: about
    right between Re 1e3 and 1e5. Raises BadQuantity outside.
    """
    if not 1e3 <= reynolds <= 2e5:
        raise BadQuantity(f"The Reynolds number is {reynolds:g}.", "The laminar flat plate holds from 1e3 to 2e5.")
    return Section(
        max_lift=0.8, min_drag=2 * 1.328 / math.sqrt(reynolds), drag_rise=0.03,
        source="flat plate with laminar friction (Blasius), thin-airfoil slope",
    )  # fmt: skip


def thin_airfoil(camber: float, camber_position: float) -> dict[str, float]:
    """Zero-lift angle (deg), moment about the quarter chord and ideal lift of a NACA four-digit camber line.

    ``camber`` and ``camber_position`` are fractions of the chord (NACA 2412: 0.02, 0.4). Glauert's integrals (J. D.
    Anderson, Fundamentals of Aerodynamics, section 4.8) by the midpoint rule on 4000 points, exact to 1e-6. Raises
    BadQuantity for a camber over 9.5 % or a position outside 0.05 to 0.95.
    """
    import numpy as np

    if not 0 <= camber <= 0.095 or not 0.05 <= camber_position <= 0.95:
        raise BadQuantity(
            f"Camber {camber:g} at {camber_position:g} of the chord.", "Give 0 to 0.095 and 0.05 to 0.95."
        )
    n = 4000
    theta = (np.arange(n) + 0.5) * math.pi / n
    x = (1 - np.cos(theta)) / 2
    slope = np.where(
        x < camber_position, 2 * camber / camber_position**2 * (camber_position - x),
        2 * camber / (1 - camber_position) ** 2 * (camber_position - x),
    )  # fmt: skip
    mean = np.mean(slope)
    first, second = 2 * np.mean(slope * np.cos(theta)), 2 * np.mean(slope * np.cos(2 * theta))
    return {
        "zero_lift_deg": math.degrees(mean - first / 2), "moment_quarter_chord": math.pi / 4 * (second - first),
        "ideal_angle_deg": math.degrees(mean), "ideal_lift": math.pi * first,
    }  # fmt: skip


def neural_polar(airfoil: str, angles_deg: list[float], reynolds: float) -> dict[str, list[float]]:
    """Lift, drag and moment by NeuralFoil (a fit to XFOIL). Raises MissingTool, with how to get it, where absent."""
    try:
        import neuralfoil
    except ImportError as error:
        raise MissingTool(
            "NeuralFoil isn't installed, so this polar is not verified by it.",
            "Install the packages aerosandbox and neuralfoil (about 400 MB), or give a section's measured numbers.",
        ) from error
    import numpy as np

    found = neuralfoil.get_aero_from_airfoil(airfoil=airfoil, alpha=np.asarray(angles_deg), Re=reynolds)
    return {
        name: [float(v) for v in np.atleast_1d(found[key])]
        for name, key in (("lift", "CL"), ("drag", "CD"), ("moment", "CM"), ("confidence", "analysis_confidence"))
    }
