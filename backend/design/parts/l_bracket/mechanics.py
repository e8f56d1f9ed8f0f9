"""Closed forms for an L-bracket that carries a load out from the wall. N, mm, MPa.

The load F acts at the distance a from the wall, downwards; the shelf carries it to the bracket as a force and a moment.
The wall leg hangs below: its toe presses on the wall, its bolts pull.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from backend.design.fasteners import Bolt, Grade
from backend.design.parts.l_bracket.layout import Layout

#: the toe's contact pressure is taken as a triangle over the lower half of the lever: its resultant lies a third of
#: that half above the toe, so that the bolts' lever is 5/6 of the distance from the bolt row to the toe
LEVER_SHARE = 5 / 6


def curved_beam_factor(inner_radius_mm: float, thickness_mm: float) -> float:
    """Winkler-Bach: stress at the inner surface of a curved rectangular bar over that of a straight one.

    Source: Timoshenko, Strength of Materials II, 3rd ed., article 16; Shigley 10th ed., section 3-18:
    sigma_i = M c_i/(A e r_i), r_n = t/ln(r_o/r_i), e = r_c - r_n, over 6M/(w t^2). Needs r_i > 0.
    """
    r_i, t = inner_radius_mm, thickness_mm
    if r_i <= 0:
        raise ValueError("a curved beam needs an inner radius above zero")
    neutral = t / math.log((r_i + t) / r_i)
    eccentricity = r_i + t / 2 - neutral
    return (neutral - r_i) / (t * eccentricity * r_i) / (6 / t**2)


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
    factor = curved_beam_factor(r, t) if r > 0 else 3.0
    corner = factor * 6 * corner_moment / (w * t**2) + total / (w * t)
    root = 6 * moment(t + r) / (w * t**2)
    net_shelf = w - layout.shelf_holes * layout.hole
    shelf_row = 6 * moment(layout.shelf_row_x) / (net_shelf * t**2) if layout.shelf_holes else 0.0
    net_wall = w - layout.wall_holes * layout.hole
    wall_row = 6 * corner_moment / (net_wall * t**2) + total / (net_wall * t) if layout.wall_holes else 0.0
    tension = shear = bearing = 0.0
    if layout.wall_holes:
        wall_moment = load.force_n * load.position_mm + load.weight_n * layout.centroid_x
        tension = wall_moment / (LEVER_SHARE * layout.toe_lever) / layout.wall_holes
        shear = total / layout.wall_holes
        bearing = shear / (layout.hole * t)
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
        curved_factor=factor,
    )


def _tip_deflection(layout: Layout, load: Loading, modulus: float, corner_moment: float) -> float:
    """Vertical movement of the shelf leg's tip, mm.

    Cantilever from the middle of the wall leg with an end load and end moment (Roark 8th ed., table 8.1 cases 1a and
    3a), turned by the bending of the wall leg between the corner and its bolts, and from the bolts to the toe.
    """
    t = layout.thickness
    inertia = layout.width * t**3 / 12
    span = layout.shelf_leg - t / 2
    inside = min(load.position_mm, layout.shelf_leg) - t / 2
    end_moment = load.force_n * max(load.position_mm - layout.shelf_leg, 0.0)
    bend = load.force_n * inside**2 * (3 * span - inside) / (6 * modulus * inertia)
    bend += end_moment * span**2 / (2 * modulus * inertia)
    depth = (layout.wall_row_depth if layout.wall_holes else layout.wall_leg) - t / 2
    lever = LEVER_SHARE * layout.toe_lever if layout.wall_holes else 0.0
    turn = corner_moment * (depth + lever / 3) / (modulus * inertia)
    return bend + turn * span


def bolt_safety(bolt: Bolt, grade: Grade, tension_n: float, shear_n: float) -> float:
    """Safety factor of a bolt in tension and shear together: elliptic interaction on the proof load.

    Shear strength 0.577 of proof (von Mises), both on the tensile stress area (threads in the shear plane).
    Source: Shigley 10th ed., section 8-12; interaction as in AISC 360-16, J3.7 (squared form).
    """
    tension = tension_n / (grade.proof_mpa * bolt.area)
    shear = shear_n / (0.577 * grade.proof_mpa * bolt.area)
    use = math.hypot(tension, shear)
    return math.inf if use == 0 else 1 / use
