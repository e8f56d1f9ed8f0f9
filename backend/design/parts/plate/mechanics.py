"""Closed forms for a plate under pressure, its own weight, and a load at its middle. N, mm, MPa."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backend.design.equations import calculate
from backend.design.parts.plate.layout import Layout

#: a square plate on its four corners: edge moment 0.1527 q a^2 against the strip's 0.125 q a^2
#: (Timoshenko & Woinowsky-Krieger, 2nd ed., section 47)
CORNER_SUPPORT = 1.22


@dataclass(frozen=True)
class Loads:
    """What acts: pressure (own weight included) in MPa, a force in N on a circle of ``patch_radius_mm``."""

    pressure_mpa: float
    force_n: float
    patch_radius_mm: float


@dataclass(frozen=True)
class Response:
    """Largest nominal stress, stress with the holes' net section, deflection, and where each comes from."""

    stress_mpa: float
    net_stress_mpa: float
    deflection_mm: float
    equation: str
    bolt_tension_n: float


def respond(layout: Layout, edges: str, loads: Loads, youngs_mpa: float, poisson: float) -> Response:
    """The plate's response. Raises the kernel's OutOfValidity where it is no thin plate any more."""
    bolted = edges == "bolted"
    a, b = (layout.span_x, layout.span_y) if bolted and layout.rows > 1 else (layout.length, layout.width)
    kind = "clamped" if edges == "clamped" else "simply_supported"
    common = {
        "length_mm": a,
        "width_mm": b,
        "thickness_mm": layout.thickness,
        "youngs_modulus_mpa": youngs_mpa,
        "poisson_ratio": poisson,
    }
    stress = deflection = 0.0
    used = []
    if loads.pressure_mpa > 0:
        found = calculate(f"plate_{kind}_pressure", {"pressure_mpa": loads.pressure_mpa, **common})
        stress, deflection = stress + found["stress_mpa"], deflection + found["deflection_mm"]
        used.append(f"structures.plate_{kind}_pressure")
    if loads.force_n > 0:
        found = calculate(
            f"plate_{kind}_center_load",
            {"force_n": loads.force_n, "patch_radius_mm": loads.patch_radius_mm, **common},
        )
        stress, deflection = stress + found["stress_mpa"], deflection + found["deflection_mm"]
        used.append(f"structures.plate_{kind}_center_load")
    if bolted:
        between, sag = _between_bolts(layout, loads, youngs_mpa)
        if between > 0:
            # under pressure the strip between two bolts and the middle of the plate peak in different places; a
            # force at the middle stresses both in the same place
            stress = max(stress, between) if loads.force_n == 0 else stress + between
            deflection += sag
            used.append("structures.section_bending_stress")
    total = loads.pressure_mpa * layout.length * layout.width + loads.force_n
    count = len(layout.holes)
    return Response(
        stress_mpa=stress,
        net_stress_mpa=stress * net_factor(layout, edges),
        deflection_mm=deflection,
        equation=", ".join(dict.fromkeys(used)),
        bolt_tension_n=total / count if bolted and count else 0.0,
    )


def _between_bolts(layout: Layout, loads: Loads, youngs_mpa: float) -> tuple[float, float]:
    """The plate as a wide beam between neighbouring bolts: stress and deflection. Zero where the pitch is short."""
    stress = sag = 0.0
    for span, across, pitch in (
        (layout.span_x, layout.width, layout.pitch_x),
        (layout.span_y, layout.length, layout.pitch_y),
    ):
        if pitch <= 0 or pitch < 0.75 * min(layout.span_x, layout.span_y or layout.span_x):
            continue
        uniform = loads.pressure_mpa * across
        moment = CORNER_SUPPORT * uniform * pitch**2 / 8 + loads.force_n * pitch / 4 * (pitch / span)
        inertia = across * layout.thickness**3 / 12
        section = {"moment_n_mm": moment, "width_mm": across, "thickness_mm": layout.thickness}
        stress = max(stress, calculate("section_bending_stress", section)["stress_mpa"])
        sag += 5 * uniform * pitch**4 / (384 * youngs_mpa * inertia) + loads.force_n * pitch**3 / (
            48 * youngs_mpa * inertia
        )
    return stress, sag


def net_factor(layout: Layout, edges: str) -> float:
    """What the holes take from the section that carries the largest moment: pitch/(pitch - hole) of the densest row.

    Nominal, without a notch factor: ductile materials under static loads (Shigley, 10th ed., section 3-13). The finite
    elements see the notch.
    """
    if not layout.holes or (layout.pattern == "edge" and edges == "bolted"):
        return 1.0
    if layout.pattern == "circle":
        pitch = math.pi * layout.bolt_circle / max(layout.columns, 1)
    else:
        pitch = min(
            (p for p, n in ((layout.pitch_x, layout.columns), (layout.pitch_y, layout.rows)) if n > 1),
            default=min(layout.length, layout.width),
        )
    return pitch / max(pitch - layout.hole, 0.05 * pitch)
