"""Linkages by closing their vector loop."""

from __future__ import annotations

from math import acos, atan2, cos, hypot, pi, sin

from backend.physics.errors import OutOfValidity


def four_bar(
    ground: float, crank: float, coupler: float, rocker: float, crank_angle: float, crank_speed: float, crossed: float
) -> dict[str, float]:
    """Position by the triangle of coupler, rocker and the diagonal; speeds by the derivative of the loop.

    R. L. Norton, Design of Machinery, 5th edition, sections 4.5 and 6.7.
    """
    ax, ay = crank * cos(crank_angle), crank * sin(crank_angle)
    dx, dy = ground - ax, -ay
    diagonal = hypot(dx, dy)
    if not abs(coupler - rocker) <= diagonal <= coupler + rocker or diagonal == 0:
        raise OutOfValidity("The linkage can't be closed at this crank angle.", "Change the angle or the link lengths.")
    base = atan2(dy, dx)
    corner = acos((coupler**2 + diagonal**2 - rocker**2) / (2 * coupler * diagonal))
    theta3 = base + (-corner if crossed else corner)
    bx, by = ax + coupler * cos(theta3), ay + coupler * sin(theta3)
    theta4 = atan2(by, bx - ground)
    spread = sin(theta4 - theta3)
    if abs(spread) < 1e-12:
        raise OutOfValidity("The linkage stands in a dead position: speeds are not defined.", "Move the crank.")
    mu = abs((theta4 - theta3 + pi / 2) % pi - pi / 2)
    return {
        "coupler_angle": theta3,
        "rocker_angle": theta4,
        "coupler_speed": crank * crank_speed * sin(theta4 - crank_angle) / (coupler * sin(theta3 - theta4)),
        "rocker_speed": crank * crank_speed * sin(crank_angle - theta3) / (rocker * sin(theta4 - theta3)),
        "transmission_angle": mu,
    }
