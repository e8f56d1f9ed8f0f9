"""Where everything of a plate lies. Lengths in mm; the origin in the middle of its underside, z up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Layout:
    """All dimensions of one plate, mm. ``pattern`` is none, edge, grid or circle."""

    length: float
    width: float
    thickness: float
    corner_radius: float
    hole: float
    pattern: str
    columns: int  # edge and grid: holes along the length, the corners included; circle: the number of holes
    rows: int  # edge and grid: holes along the width, the corners included
    inset: float
    bolt_circle: float

    @property
    def span_x(self) -> float:
        """Between the outermost holes, along the length."""
        return self.length - 2 * self.inset

    @property
    def span_y(self) -> float:
        """Between the outermost holes, along the width."""
        return self.width - 2 * self.inset

    @property
    def holes(self) -> list[tuple[float, float]]:
        """Centres of the holes."""
        if self.pattern == "circle":
            n = self.columns
            return [
                (
                    self.bolt_circle / 2 * math.cos(2 * math.pi * k / n),
                    self.bolt_circle / 2 * math.sin(2 * math.pi * k / n),
                )
                for k in range(n)
            ]
        if self.pattern not in ("edge", "grid"):
            return []
        xs, ys = _spread(self.span_x, self.columns), _spread(self.span_y, self.rows)
        grid = [(x, y) for y in ys for x in xs]
        if self.pattern == "grid":
            return grid
        last = (self.columns - 1, self.rows - 1)
        return [(x, y) for j, y in enumerate(ys) for i, x in enumerate(xs) if i in (0, last[0]) or j in (0, last[1])]

    @property
    def pitch_x(self) -> float:
        """Between neighbouring holes along the length; the whole span where there is one column."""
        return self.span_x / max(self.columns - 1, 1)

    @property
    def pitch_y(self) -> float:
        """Between neighbouring holes along the width."""
        return self.span_y / max(self.rows - 1, 1)

    @property
    def area_mm2(self) -> float:
        """Area seen from above, holes taken out."""
        corners = (4 - math.pi) * self.corner_radius**2
        return self.length * self.width - corners - len(self.holes) * math.pi / 4 * self.hole**2

    @property
    def volume_mm3(self) -> float:
        """Exact volume."""
        return self.area_mm2 * self.thickness

    def faults(self) -> list[str]:
        """What doesn't fit, in words."""
        out = []
        if self.corner_radius * 2 >= min(self.length, self.width):
            out.append("the corner radius is larger than half the plate")
        centres = self.holes
        if not centres:
            return out
        reach = max(
            max(abs(x) + self.hole / 2 - self.length / 2, abs(y) + self.hole / 2 - self.width / 2) for x, y in centres
        )
        if reach > -0.25 * self.hole:
            out.append(f"holes of {self.hole:g} mm come too near to the plate's edge (a quarter diameter must stay)")
        nearest = min((math.dist(a, b) for i, a in enumerate(centres) for b in centres[i + 1 :]), default=math.inf)
        if nearest < 1.5 * self.hole:
            out.append(f"{len(centres)} holes of {self.hole:g} mm come nearer to each other than 1.5 diameters")
        return out

    def with_(self, thickness: float) -> Layout:
        """The same plate with another thickness."""
        return replace(self, thickness=thickness)


def _spread(span: float, count: int) -> list[float]:
    return [0.0] if count == 1 else [-span / 2 + span * i / (count - 1) for i in range(count)]


def edge_counts(count: int, length: float, width: float) -> tuple[int, int] | None:
    """(columns, rows) that put ``count`` holes around the edge with the most even pitch; None where none does.

    One hole lies in the middle, two and three in a row along the length; from four on the corners are always taken,
    so that the number must be even.
    """
    if count in (1, 2, 3):
        return count, 1
    if count % 2 or count < 4:
        return None
    half = (count + 4) // 2
    options = [(c, half - c) for c in range(2, half - 1)]
    return min(options, key=lambda o: abs(length / (o[0] - 1) - width / (o[1] - 1)))
