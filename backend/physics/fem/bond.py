"""Where the bond of two materials ends at the surface: whether linear elasticity has a finite stress there.

Near such an edge the stress of the two wedges grows as r^(lambda - 1) towards the edge, r being the distance from it
(Bogy 1971, J. Appl. Mech. 38, 377, for any two angles): lambda is a root of an 8 x 8 determinant of Williams' functions
(1952), four in each wedge, for two free faces and a bond without slip, in plane strain.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from backend.physics.fem.material import Material

# Roots nearer to 1 are left alone: a stress that grows as r^-0.02 grows by a tenth while r shrinks a hundredfold.
_WEAKEST = 0.02
_LOW, _WIDE, _STEPS = 0.03, 2.0, 400


def diverges(one: Material, two: Material, one_deg: float, two_deg: float, *, heated: bool) -> bool:
    """Whether the stress where two materials end at the surface with these angles (degrees) has no limit.

    ``heated``: materials of like stiffness that expand differently have a stress that grows with the logarithm of the
    distance. False for orthotropic materials, for which the roots aren't known here.
    """
    if one.orthotropic is not None or two.orthotropic is not None:
        return False
    if singular_roots(one, two, one_deg, two_deg):
        return True
    apart = (one.thermal_expansion_1_k or 0.0) != (two.thermal_expansion_1_k or 0.0)
    # 1 itself is always a root (a rotation); a second one there brings the logarithm.
    return heated and apart and singular_roots(one, two, one_deg, two_deg, -_WEAKEST, 1 - _WEAKEST) > 1


def singular_roots(
    one: Material, two: Material, one_deg: float, two_deg: float, weakest: float = _WEAKEST, low: float = _LOW
) -> int:
    """How many roots lambda (complex ones too) have a real part between ``low`` and 1 - ``weakest``."""
    # The number of zeros within a rectangle is how often the determinant turns around 0 along its border.
    high, side = 1.0 - weakest, np.linspace(0.0, 1.0, _STEPS, endpoint=False)
    corners = [low - 1j * _WIDE, high - 1j * _WIDE, high + 1j * _WIDE, low + 1j * _WIDE]
    path = np.concatenate([a + (b - a) * side for a, b in zip(corners, corners[1:] + corners[:1], strict=True)])
    values = determinant(path, one, two, math.radians(one_deg), math.radians(two_deg))
    turned = np.angle(np.roll(values, -1) / values).sum() / (2 * math.pi)
    return round(float(turned))


def determinant(at: npt.NDArray[np.complex128], one: Material, two: Material, up: float, down: float) -> Any:
    """The determinant (n,) at lambdas (n,); ``up`` and ``down``: the angles of the wedges, radians."""
    rows = np.zeros((len(at), 8, 8), dtype=complex)
    scale = math.sqrt(one.shear_modulus_mpa * two.shear_modulus_mpa)
    for wedge, (material, end) in enumerate(((one, up), (two, -down))):
        columns = slice(4 * wedge, 4 * wedge + 4)
        hoop, shear, _, _ = _williams(at, end, material, scale)
        rows[:, 2 * wedge, columns], rows[:, 2 * wedge + 1, columns] = hoop, shear
        for row, value in enumerate(_williams(at, 0.0, material, scale)):
            rows[:, 4 + row, columns] = value if wedge == 0 else -value
    return np.linalg.det(rows)


def _williams(at: npt.NDArray[np.complex128], angle: float, material: Material, scale: float) -> tuple[Any, ...]:
    """Hoop and shear stress and the displacements along and across the radius of the four functions, (n, 4) each."""
    plus, minus = (at + 1) * angle, (at - 1) * angle
    value = np.stack([np.sin(plus), np.cos(plus), np.sin(minus), np.cos(minus)], axis=1)
    a, b = (at + 1)[:, None], (at - 1)[:, None]
    slope = np.stack([np.cos(plus), -np.sin(plus), np.cos(minus), -np.sin(minus)], axis=1)
    slope = slope * np.concatenate([a, a, b, b], axis=1)
    kappa = 4 - 4 * material.poisson_ratio  # 1 + (3 - 4 nu)
    zero = np.zeros_like(plus)
    along = np.stack([zero, zero, np.sin(minus), np.cos(minus)], axis=1)
    across = np.stack([zero, zero, np.cos(minus), -np.sin(minus)], axis=1)
    soft = scale / (2 * material.shear_modulus_mpa)
    return a * value, -slope, soft * (kappa * along - a * value), soft * (-kappa * across - slope)
