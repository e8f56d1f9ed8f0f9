"""Screw threads: coarse pitches and stress areas.

Pitches: ISO 261:1998 (coarse series) and ASME B1.1-2003 (UNC), diameters in metres as everything inside the kernel.
Stress area: ISO 898-1:2013, 9.1.6.1, A_s = pi/4 ((d2 + d3)/2)^2 = pi/4 (d - 0.9382 P)^2; for unified threads
ASME B1.1-2003, appendix B, A_s = pi/4 (d - 0.9743 P)^2.
"""

from __future__ import annotations

from math import pi

from backend.physics.errors import BadQuantity

# nominal diameter mm -> coarse pitch mm
ISO_COARSE = {
    1.0: 0.25, 1.2: 0.25, 1.4: 0.3, 1.6: 0.35, 2.0: 0.4, 2.5: 0.45, 3.0: 0.5, 3.5: 0.6, 4.0: 0.7, 5.0: 0.8, 6.0: 1.0,
    7.0: 1.0, 8.0: 1.25,
    10.0: 1.5, 12.0: 1.75, 14.0: 2.0, 16.0: 2.0, 18.0: 2.5, 20.0: 2.5, 22.0: 2.5, 24.0: 3.0, 27.0: 3.0, 30.0: 3.5,
    33.0: 3.5, 36.0: 4.0,
    39.0: 4.0, 42.0: 4.5, 45.0: 4.5, 48.0: 5.0, 52.0: 5.0, 56.0: 5.5, 60.0: 5.5, 64.0: 6.0,
}  # fmt: skip
# nominal diameter in -> threads per inch
UNC = {
    0.073: 64, 0.086: 56, 0.099: 48, 0.112: 40, 0.125: 40, 0.138: 32, 0.164: 32, 0.19: 24, 0.216: 24, 0.25: 20,
    0.3125: 18, 0.375: 16,
    0.4375: 14, 0.5: 13, 0.5625: 12, 0.625: 11, 0.75: 10, 0.875: 9, 1.0: 8, 1.125: 7, 1.25: 7, 1.375: 6, 1.5: 6,
    1.75: 5, 2.0: 4.5,
}  # fmt: skip


_ISO_DEPTH, _UN_DEPTH = 0.9382, 0.9743


def coarse_thread(diameter: float) -> tuple[float, float]:
    """(pitch in metres, depth constant of the stress area) of the ISO or UNC thread of this diameter (m).

    Raises BadQuantity when neither series has the diameter.
    """
    mm = diameter * 1e3
    for nominal, pitch in ISO_COARSE.items():
        if abs(mm - nominal) < 0.02:
            return pitch * 1e-3, _ISO_DEPTH
    for inches, per_inch in UNC.items():
        if abs(mm - inches * 25.4) < 0.02:
            return 0.0254 / per_inch, _UN_DEPTH
    near = sorted([*ISO_COARSE, *(inches * 25.4 for inches in UNC)], key=lambda size: abs(size - mm))[:3]
    raise BadQuantity(
        f"{mm:g} mm is no nominal diameter of the ISO coarse or the UNC series.",
        f"Give pitch_mm, or a series diameter near it: {', '.join(f'{size:g}' for size in near)} mm.",
    )


def stress_area(diameter: float, pitch: float, depth: float = _ISO_DEPTH) -> float:
    """Tensile stress area in m^2; ``depth`` is the constant of the thread standard."""
    return pi / 4 * (diameter - depth * pitch) ** 2


def bolt_tensile_capacity(diameter: float, proof_strength: float, pitch: float) -> dict[str, float]:
    """SI inputs of ``structures.bolt_tensile_capacity`` -> its outputs."""
    step, depth = (pitch, _ISO_DEPTH) if pitch else coarse_thread(diameter)
    if step >= diameter / 2:
        raise BadQuantity(
            f"A pitch of {step * 1e3:g} mm doesn't fit a thread of {diameter * 1e3:g} mm.", "Check pitch_mm."
        )
    area = stress_area(diameter, step, depth)
    return {"stress_area": area, "force": area * proof_strength}
