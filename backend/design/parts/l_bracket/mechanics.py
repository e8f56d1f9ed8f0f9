"""Closed forms for an L-bracket that carries a load out from the wall. N, mm, MPa.

The load F acts at the distance a from the wall, downwards; the shelf carries it to the bracket as a force and a moment.
The wall leg hangs below: its toe presses on the wall, its bolts pull.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from backend.design.equations import calculate
from backend.design.fasteners import Bolt, Grade
from backend.design.parts.l_bracket.layout import Layout

#: the toe's contact pressure is taken as a triangle over the lower half of the lever: its resultant lies a third of
#: that half above the toe, so that the bolts' lever is 5/6 of the distance from the bolt row to the toe
LEVER_SHARE = 5 / 6


@dataclass(frozen=True)
class Loading:
    """F in N at ``position_mm`` from the wall; ``weight_n`` of the bracket itself acts at its centre of mass."""

    force_n: float
    position_mm: float
    weight_n: float = 0.0


@dataclass(frozen=True)
class Stresses:
    """Stresses in MPa, moments in N*mm, deflection in mm."""

    corner_moment: float
    corner: float  # at the inner fillet, curved beam
    root: float  # straight section just outside the fillet
    shelf_row: float  # net section at the shelf's bolt row
    wall_row: float  # net section at the wall's bolt row
    bearing: float
    bolt_tension_n: float
    bolt_shear_n: float
    tip_deflection: float
    curved_factor: float


def stresses(layout: Layout, load: Loading, youngs_modulus_mpa: float) -> Stresses:
    """Everything at one thickness. The moments include the bracket's own weight at its centre of mass."""
    w, t, r = layout.width, layout.thickness, layout.fillet
    total = load.force_n + load.weight_n

    def moment(x_mm: float) -> float:
        return load.force_n * max(load.position_mm - x_mm, 0.0) + load.weight_n * max(layout.centroid_x - x_mm, 0.0)

    # the wall leg below the corner: constant moment, and the load as compression
    corner_moment = load.force_n * max(load.position_mm - t / 2, 0.0) + load.weight_n * max(
        layout.centroid_x - t / 2, 0.0
    )
    curved = calculate(
        "curved_beam_rectangle",
        {"moment_n_mm": corner_moment, "inner_radius_mm": r, "thickness_mm": t, "width_mm": w},
    )
    corner = curved["inner_stress_mpa"] + total / (w * t)
    root = _bending(moment(t + r), w, t)
    net_shelf = w - layout.shelf_holes * layout.hole
    shelf_row = _bending(moment(layout.shelf_row_x), net_shelf, t) if layout.shelf_holes else 0.0
    net_wall = w - layout.wall_holes * layout.hole
    wall_row = _bending(corner_moment, net_wall, t) + total / (net_wall * t) if layout.wall_holes else 0.0
    tension = shear = bearing = 0.0
    if layout.wall_holes:
        wall_moment = load.force_n * load.position_mm + load.weight_n * layout.centroid_x
        arm = LEVER_SHARE * layout.toe_lever
        bolts = {"moment_n_mm": wall_moment, "arm_mm": arm, "count": layout.wall_holes}
        tension = calculate("bolt_tension", bolts)["tension_n"]
        shear = total / layout.wall_holes
        seat = {"force_n": shear, "diameter_mm": layout.hole, "thickness_mm": t}
        bearing = calculate("bearing_stress", seat)["stress_mpa"]
    return Stresses(
        corner_moment=corner_moment,
        corner=corner,
        root=root,
        shelf_row=shelf_row,
        wall_row=wall_row,
        bearing=bearing,
        bolt_tension_n=tension,
        bolt_shear_n=shear,
        tip_deflection=_tip_deflection(layout, load, youngs_modulus_mpa, corner_moment),
        curved_factor=curved["factor"],
    )


def _bending(moment_n_mm: float, width_mm: float, thickness_mm: float) -> float:
    section = {"moment_n_mm": moment_n_mm, "width_mm": width_mm, "thickness_mm": thickness_mm}
    return float(calculate("section_bending_stress", section)["stress_mpa"])


def _tip_deflection(layout: Layout, load: Loading, modulus: float, corner_moment: float) -> float:
    """Vertical movement of the shelf leg's tip, mm.

    Cantilever from the middle of the wall leg: the load at its place (straight beyond it) or, farther out than the leg,
    as an end load and an end moment; turned by the bending of the wall leg between the corner and its bolts, and from
    the bolts to the toe. The wall leg is taken as free to turn at its bolts: the safe side.
    """
    t = layout.thickness
    span = layout.shelf_leg - t / 2
    inside = min(load.position_mm, layout.shelf_leg) - t / 2
    beam = {"width_mm": layout.width, "thickness_mm": t, "youngs_modulus_mpa": modulus}
    bend = 0.0
    if inside > 0:
        held = calculate("cantilever_deflection", {"force_n": load.force_n, "length_mm": inside, **beam})
        inertia = layout.width * t**3 / 12
        slope = load.force_n * inside**2 / (2 * modulus * inertia)
        bend = held["deflection_mm"] + slope * (span - inside)
    end_moment = load.force_n * max(load.position_mm - layout.shelf_leg, 0.0)
    bend += calculate("cantilever_moment_deflection", {"moment_n_mm": end_moment, "length_mm": span, **beam})[
        "deflection_mm"
    ]
    depth = (layout.wall_row_depth if layout.wall_holes else layout.wall_leg) - t / 2
    lever = LEVER_SHARE * layout.toe_lever if layout.wall_holes else 0.0
    turned = {"moment_n_mm": corner_moment, "length_mm": depth + lever / 3, **beam}
    return float(bend + calculate("cantilever_moment_deflection", turned)["slope_rad"] * span)


def bolt_safety(bolt: Bolt, grade: Grade, tension_n: float, shear_n: float) -> float:
    """Safety factor of a bolt in tension and shear together: elliptic interaction on the proof load.

    Shear strength 0.577 of proof (von Mises), both on the tensile stress area (threads in the shear plane).
    Source: Shigley 10th ed., section 8-12; interaction as in AISC 360-16, J3.7 (squared form).
    """
    tension = tension_n / (grade.proof_mpa * bolt.area)
    shear = shear_n / (0.577 * grade.proof_mpa * bolt.area)
    use = math.hypot(tension, shear)
    return math.inf if use == 0 else 1 / use
