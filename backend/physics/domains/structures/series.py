"""Answers that are short series."""

from __future__ import annotations

from math import cosh, pi, tanh


def torsion_rectangle(
    torque: float, width: float, thickness: float, length: float, shear_modulus: float
) -> dict[str, float]:
    """Saint-Venant torsion of a rectangle: Timoshenko and Goodier, Theory of Elasticity, 3rd edition, section 109."""
    a, b = max(width, thickness), min(width, thickness)
    ratio = a / b
    k1 = (1 - 192 / pi**5 / ratio * sum(tanh(n * pi * ratio / 2) / n**5 for n in range(1, 60, 2))) / 3
    tail = sum(1 / (n**2 * cosh(min(n * pi * ratio / 2, 300))) for n in range(1, 60, 2))
    k = 1 - 8 / pi**2 * tail  # largest shear = k G theta b
    constant = k1 * a * b**3
    return {
        "shear_stress": k * b * torque / constant,
        "twist": torque * length / (shear_modulus * constant),
        "torsion_constant": constant,
    }
