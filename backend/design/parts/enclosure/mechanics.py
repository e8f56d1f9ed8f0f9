"""Closed forms for an enclosure: the lid as a plate on the rim, and the heat that must leave the box. N, mm, MPa, W."""

from __future__ import annotations

from dataclasses import dataclass

from backend.design.equations import calculate
from backend.design.parts.enclosure.layout import Layout

#: from the air inside to the wall, natural convection and radiation together, W/(m2 K): 5 + 5, as outside
INNER_FILM_W_M2_K = 10.0


@dataclass(frozen=True)
class Lid:
    """Response of the lid: stress in MPa, deflection in mm."""

    stress_mpa: float
    deflection_mm: float


def lid_response(
    layout: Layout, force_n: float, patch_radius_mm: float, weight_mpa: float, youngs_mpa: float, poisson: float
) -> Lid:
    """The lid simply supported along the rim, a force on a disc at its middle and its own weight as pressure.

    Raises the kernel's OutOfValidity where the lid is no thin plate.
    """
    common = {
        "length_mm": layout.length,
        "width_mm": layout.width,
        "thickness_mm": layout.lid,
        "youngs_modulus_mpa": youngs_mpa,
        "poisson_ratio": poisson,
    }
    radius = min(patch_radius_mm, min(layout.length, layout.width) / 4.01)
    point = calculate("plate_simply_supported_center_load", {"force_n": force_n, "patch_radius_mm": radius, **common})
    own = calculate("plate_simply_supported_pressure", {"pressure_mpa": weight_mpa, **common})
    return Lid(point["stress_mpa"] + own["stress_mpa"], point["deflection_mm"] + own["deflection_mm"])


@dataclass(frozen=True)
class Heat:
    """Temperatures in degC, the area that gives off heat in m2."""

    wall_c: float
    inside_c: float
    area_m2: float


def temperatures(
    layout: Layout, power_w: float, ambient_c: float, conductivity_w_m_k: float, emissivity: float
) -> Heat:
    """Mean wall and inside air temperature of the closed box in still air.

    The four sides and the lid give off heat, the underside stands on something and doesn't. Outside: natural convection
    and radiation at that total emissivity (the kernel's equilibrium temperature). Then the wall's conduction and the
    film inside, in series (Incropera, 6th ed., section 3.1).
    """
    area_mm2 = layout.length * layout.width + 2 * (layout.length + layout.width) * layout.height
    area = area_mm2 * 1e-6
    wall = calculate(
        "equilibrium_temp",
        {"power_w": power_w, "surface_area_m2": area, "ambient_temp_c": ambient_c, "emissivity": emissivity},
        domain="thermodynamics",
    )["temp_c"]
    inside = wall + power_w / area * (layout.wall * 1e-3 / conductivity_w_m_k + 1 / INNER_FILM_W_M2_K)
    return Heat(wall, inside, area)
