"""Small charts drawn as SVG text: no script, no font of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 460, 220
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 14, 44


def _ticks(low: float, high: float, count: int = 4) -> list[float]:
    return [low + (high - low) * i / count for i in range(count + 1)]


def convergence_svg(levels: Sequence[Mapping[str, Any]]) -> str:
    """Assessed and raw maximum von Mises stress (MPa) over the number of unknowns, one point a mesh.

    Returns an ``<svg>`` element, or an empty string for fewer than two levels.
    """
    points = [
        (float(level["dofs"]), float(level["assessed_von_mises_mpa"]), float(level["max_von_mises_mpa"]))
        for level in levels
        if level.get("assessed_von_mises_mpa") is not None and level.get("max_von_mises_mpa") is not None
    ]
    if len(points) < 2:
        return ""
    dofs = [point[0] for point in points]
    top = max(max(point[1], point[2]) for point in points) * 1.1 or 1.0
    left, right = min(dofs), max(dofs)
    span = (right - left) or 1.0

    def x(value: float) -> float:
        return LEFT + 14 + (value - left) / span * (WIDTH - LEFT - RIGHT - 28)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" '
        'aria-label="Maximum von Mises stress over mesh size">'
    ]
    for tick in _ticks(0.0, top):
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" class="grid"/>'
            f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.0f}</text>'
        )
    for value in dofs:
        parts.append(
            f'<text x="{x(value):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value / 1000:.0f}k</text>'
        )
    for index, name in ((2, "raw"), (1, "assessed")):
        line = " ".join(f"{x(point[0]):.1f},{y(point[index]):.1f}" for point in points)
        parts.append(f'<polyline points="{line}" class="{name}"/>')
        parts.extend(
            f'<circle cx="{x(point[0]):.1f}" cy="{y(point[index]):.1f}" r="3.5" class="{name}"/>' for point in points
        )
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">unknowns (DOF)</text>'
        f'<text transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" text-anchor="middle">'
        "von Mises, MPa</text></svg>"
    )
    return "".join(parts)
