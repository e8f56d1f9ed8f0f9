"""The prescribed vortex wake of a hovering rotor: where its filaments are, and what they induce at the blade.

Everything is over the rotor's radius and tip speed. The blade looked at lies along +x, turns about +z and lifts
along +z; its wake trails behind (at azimuth -psi) and sinks.
"""

from __future__ import annotations

import math
from typing import Any

ROLL_UP = math.pi / 3  # wake age at which the outer trailers have become the tip vortex
CORE = 0.01  # core radius of an old filament over R
TURNS = 12
CONTRACTION = 0.78
DECAY = 4.0  # of the contraction with wake age, over sqrt(CT)
# Experiments give the wake's geometry for about a turn; carried on for ever it sinks faster than its own thrust can
# drive it. Beyond this age it sinks as momentum theory says: the fluid inside at w = sqrt(CT)/0.78, its edge at w/2.
FAR_AGE = 2 * math.pi


def tip_vortex(age: Any, blades: int, thrust_coefficient: float, twist_deg: float) -> tuple[Any, Any]:
    """Radius and height of the tip vortex at wake ages (rad): Kocurek and Tangler 1977.

    k1 = B + C (CT / blades^n)^m, k2 = -sqrt(CT - CT0), contraction 0.78 + 0.22 exp(-4 sqrt(CT) age), with B, C, m, n
    of the twist in degrees (tip minus centre).
    """
    import numpy as np

    b = -0.000729 * twist_deg
    c = -2.3 + 0.206 * twist_deg
    m = 1.0 - 0.25 * math.exp(0.040 * twist_deg)
    n = 0.5 - 0.0172 * twist_deg
    floor = blades**n * (-b / c) ** (1 / m) if twist_deg < 0 else 0.0
    first = b + c * (thrust_coefficient / blades**n) ** m
    later = -math.sqrt(max(thrust_coefficient - floor, 1e-9))
    spacing = 2 * math.pi / blades
    near = np.where(age <= spacing, first * age, first * spacing + later * (np.minimum(age, FAR_AGE) - spacing))
    height = near - far_speed(thrust_coefficient) / 2 * np.maximum(age - FAR_AGE, 0.0)
    radius = CONTRACTION + (1 - CONTRACTION) * np.exp(-DECAY * math.sqrt(thrust_coefficient) * age)
    return radius, height


def far_speed(thrust_coefficient: float) -> float:
    """Speed of the far wake over the tip speed that carries the thrust's momentum through the contracted tube."""
    return math.sqrt(thrust_coefficient) / CONTRACTION


def sheet(age: Any, blades: int, thrust_coefficient: float, twist_deg: float) -> tuple[Any, Any]:
    """Heights of the inner vortex sheet at its outer (r = 1) and inner (r = 0) ends: Landgrebe 1972.

    The outer end sinks at 2.2 and then 2.7 sqrt(CT/2) per radian; the inner end stays at first and then follows the
    twist (in degrees).
    """
    import numpy as np

    root, spacing = math.sqrt(thrust_coefficient / 2), 2 * math.pi / blades
    held = np.minimum(age, FAR_AGE)
    outer = np.where(age <= spacing, -2.2 * root * age, -2.2 * root * spacing - 2.7 * root * (held - spacing))
    outer = outer - far_speed(thrust_coefficient) * np.maximum(age - FAR_AGE, 0.0)
    inner = np.where(age <= math.pi / 2, 0.0, (twist_deg / 128 * (0.45 * twist_deg + 18)) * root * (age - math.pi / 2))
    return outer, inner


def _ages() -> Any:
    import numpy as np

    fine = np.radians(np.concatenate((np.arange(0, 30, 3.0), np.arange(30, 540, 10.0))))
    return np.concatenate((fine, np.radians(np.arange(540, 360 * TURNS + 1, 20.0))))


def influence(blades: int, edges: Any, stations: Any, thrust_coefficient: float, twist_deg: float, peak: float) -> Any:
    """Downward velocity at the stations for unit strength of each trailed vortex: (stations, edges).

    ``edges`` (n+1) are where vortices leave the blade, ``peak`` where its circulation is greatest: what leaves outboard
    of it becomes the tip vortex.
    """
    import numpy as np

    age = _ages()
    tip_r, tip_z = tip_vortex(age, blades, thrust_coefficient, twist_deg)
    outer_z, inner_z = sheet(age, blades, thrust_coefficient, twist_deg)
    points = np.stack((stations, np.zeros_like(stations), np.zeros_like(stations)), axis=1)
    share = np.clip(age / ROLL_UP, 0.0, 1.0)
    share = share * share * (3 - 2 * share)
    core = 0.1 * CORE + CORE * (1 - np.exp(-age / math.pi))
    matrix = np.zeros((len(stations), len(edges)))
    for index, r in enumerate(edges):
        if r >= peak:
            radius, height = r + (tip_r - r) * share, tip_z
        else:
            radius, height = r * (tip_r / tip_r[0]), r * outer_z + (1 - r) * inner_z
        for blade in range(blades):
            azimuth = 2 * math.pi * blade / blades - age
            line = np.stack((radius * np.cos(azimuth), radius * np.sin(azimuth), height), axis=1)
            matrix[:, index] += _biot_savart(points, line[:-1], line[1:], core[1:])
    return matrix


def _biot_savart(points: Any, start: Any, end: Any, core: Any) -> Any:
    """Upward velocity at points (n, 3) of straight unit vortices start -> end (m, 3), with cores (m,)."""
    import numpy as np

    a = points[:, None, :] - start[None]
    b = points[:, None, :] - end[None]
    cross_z = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    la, lb = np.linalg.norm(a, axis=2), np.linalg.norm(b, axis=2)
    dot = np.einsum("ijk,ijk->ij", a, b)
    length = np.linalg.norm(end - start, axis=1)
    # (la + lb)/(la lb (la lb + a.b)) a x b, with the core's square added to the distance's.
    square = np.maximum((la * lb) ** 2 - dot**2, 0.0) + (core * length)[None] ** 2
    factor = (la + lb) * (1 - dot / np.maximum(la * lb, 1e-12)) / np.maximum(square, 1e-15)
    return np.sum(cross_z * factor, axis=1) / (4 * math.pi)
