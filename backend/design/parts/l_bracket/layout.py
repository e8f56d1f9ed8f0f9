"""Where everything of an L-bracket lies. Lengths in mm.

Frame: x away from the wall, y along it (the bracket lies between -width and 0), z up. The wall is the plane x = 0, the
shelf rests on the plane z = 0.
The wall leg hangs below the shelf leg. The inner fillet is concentric with the outer one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

QUARTER = 1 - math.pi / 4  # what a fillet takes away, per radius squared


def _down(value: float, step: float) -> float:
    return math.floor(value / step + 1e-9) * step


@dataclass(frozen=True)
class Layout:
    """All dimensions of one bracket, mm."""

    width: float
    shelf_leg: float
    wall_leg: float
    thickness: float
    fillet: float
    hole: float
    shelf_holes: int
    wall_holes: int
    washer: float  # outside diameter of the washer or head that seats on a hole
    step: float = 0.5  # bolt rows lie on multiples of this

    @property
    def outer_radius(self) -> float:
        """Radius of the outer corner: concentric with the inner fillet."""
        return self.fillet + self.thickness

    @property
    def volume_mm3(self) -> float:
        """Exact volume: the L profile, the fillets' corrections, less the holes."""
        t = self.thickness
        profile = t * (self.shelf_leg + self.wall_leg - t) + QUARTER * (self.fillet**2 - self.outer_radius**2)
        holes = (self.shelf_holes + self.wall_holes) * math.pi / 4 * self.hole**2 * t
        return profile * self.width - holes

    @property
    def side_inset(self) -> float:
        """Distance of the outermost holes from the sides: a sixth of the width, two hole diameters at least."""
        return _down(max(self.width / 6, min(2 * self.hole, self.width / 4)), self.step)

    @property
    def shelf_row_x(self) -> float:
        """Distance of the shelf's bolt row from the wall: as near to the tip as two hole diameters allow."""
        return _down(self.shelf_leg - max(2 * self.hole, 0.2 * self.shelf_leg), self.step) if self.shelf_holes else 0.0

    @property
    def wall_row_depth(self) -> float:
        """Distance of the wall's bolt row below the top: as high as washer and fillet allow (the longest lever)."""
        return -_down(-(self.outer_radius + self.washer / 2), self.step) if self.wall_holes else 0.0

    @property
    def toe_lever(self) -> float:
        """From the wall's bolt row down to the toe."""
        return self.wall_leg - self.wall_row_depth

    @property
    def centroid_x(self) -> float:
        """Distance of the centre of mass from the wall, the fillets and holes left out (they move it by little)."""
        t = self.thickness
        shelf, wall = self.shelf_leg * t, (self.wall_leg - t) * t
        return (shelf * self.shelf_leg / 2 + wall * t / 2) / (shelf + wall)

    def faults(self) -> list[str]:
        """What doesn't fit, in words; empty where everything does."""
        out = []
        if self.outer_radius > min(self.shelf_leg, self.wall_leg) - 1e-9:
            out.append("the corner is larger than a leg")
        if self.wall_holes and self.toe_lever < 1.5 * self.hole - 1e-9:
            out.append("the wall leg is too short for a bolt below the fillet and 1.5 hole diameters to the toe")
        if self.shelf_holes and self.shelf_row_x - self.outer_radius < self.washer / 2:
            out.append("the shelf leg is too short for a bolt beyond the fillet")
        for count, leg in ((self.wall_holes, "wall"), (self.shelf_holes, "shelf")):
            if count > 1 and 2 * (self.width / 2 - self.side_inset) / (count - 1) < 2 * self.hole - 1e-9:
                out.append(f"{count} holes of {self.hole:g} mm don't fit side by side in the {leg} leg")
            if count == 1 and self.width < 3 * self.hole:
                out.append(f"a hole of {self.hole:g} mm leaves too little of the {leg} leg's width")
        return out

    def with_(self, thickness: float, fillet: float) -> Layout:
        """The same bracket with another thickness and fillet."""
        return replace(self, thickness=thickness, fillet=fillet)
