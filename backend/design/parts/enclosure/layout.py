"""Where everything of an enclosure lies. Lengths in mm; the origin in the middle of its underside, z up."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

BOSS_GAP_MM = 0.5  # least gap of a boss to the walls: free-standing, so that it cools without a sink mark
PCB_GAP_MM = 0.5  # around the board
PCB_HOLE_INSET_MM = 3.5  # of the board's holes from its edges, as on many small boards
PCB_THICKNESS_MM = 1.6


@dataclass(frozen=True)
class Post:
    """A standoff or boss: outside diameter, hole, height above the floor."""

    outside: float
    hole: float
    height: float


@dataclass(frozen=True)
class Layout:
    """All dimensions of one enclosure, mm. ``boss`` carries the lid's screws, ``standoff`` the board (if any)."""

    length: float
    width: float
    height: float
    wall: float
    lid: float
    corner: float
    boss: Post
    lid_hole: float
    standoff: Post | None = None
    pcb: tuple[float, float] | None = None

    @property
    def body_height(self) -> float:
        """Height of the box without its lid."""
        return self.height - self.lid

    @property
    def inner(self) -> tuple[float, float, float]:
        """Length, width and height of the space inside."""
        return self.length - 2 * self.wall, self.width - 2 * self.wall, self.body_height - self.wall

    @property
    def inner_corner(self) -> float:
        """Radius of the upright corners inside; zero where the wall eats it."""
        return max(self.corner - self.wall, 0.0)

    @property
    def boss_gap(self) -> float:
        """From the bosses to the walls: enough to stay clear of a rounded corner, in quarters of a millimetre.

        A disc of radius R stays inside a corner of radius r > R where its centre keeps within r - R of the corner's
        centre; on the diagonal that is a gap of (r - R)(1 - 1/sqrt 2).
        """
        needed = (self.inner_corner - self.boss.outside / 2) * (1 - math.sqrt(0.5)) + 0.1
        return max(BOSS_GAP_MM, math.ceil(4 * needed) / 4)

    @property
    def boss_at(self) -> tuple[float, float]:
        """Centre of the boss in the quadrant +x, +y."""
        reach = self.wall + self.boss_gap + self.boss.outside / 2
        return self.length / 2 - reach, self.width / 2 - reach

    @property
    def standoff_at(self) -> tuple[float, float]:
        """Centre of the standoff in the quadrant +x, +y."""
        assert self.pcb is not None
        return self.pcb[0] / 2 - PCB_HOLE_INSET_MM, self.pcb[1] / 2 - PCB_HOLE_INSET_MM

    @property
    def lid_volume_mm3(self) -> float:
        """Exact volume of the lid."""
        area = _rounded(self.length, self.width, self.corner) - 4 * math.pi / 4 * self.lid_hole**2
        return area * self.lid

    @property
    def body_volume_mm3(self) -> float:
        """Exact volume of the box: the block less the space inside, and the posts on the floor."""
        a, b, h = self.inner
        box = _rounded(self.length, self.width, self.corner) * self.body_height - _rounded(a, b, self.inner_corner) * h
        posts = _tube(self.boss) + (_tube(self.standoff) if self.standoff else 0.0)
        return box + 4 * posts

    @property
    def volume_mm3(self) -> float:
        """Exact volume of both."""
        return self.lid_volume_mm3 + self.body_volume_mm3

    def faults(self) -> list[str]:
        """What doesn't fit, in words."""
        a, b, h = self.inner
        out = []
        if min(a, b, h) <= 0:
            return ["the walls and the lid leave no space inside"]
        if self.corner * 2 >= min(self.length, self.width):
            out.append("the corner radius is larger than half the box")
        x, y = self.boss_at
        if min(x, y) < self.boss.outside / 2 + 0.5:
            out.append("four screw bosses don't fit side by side: the box is too small for its lid screws")
        if self.standoff and self.pcb:
            out += self._board_faults(a, b, h)
        return out

    def _board_faults(self, a: float, b: float, h: float) -> list[str]:
        assert self.standoff is not None
        assert self.pcb is not None
        out = []
        half = (self.pcb[0] / 2 + PCB_GAP_MM, self.pcb[1] / 2 + PCB_GAP_MM)
        x, y = self.boss_at
        r = self.boss.outside / 2
        if half[0] > a / 2 or half[1] > b / 2:
            out.append(
                f"the board of {self.pcb[0]:g} x {self.pcb[1]:g} mm doesn't fit the inside of {a:.4g} x {b:.4g} mm"
            )
        elif half[0] > x - r and half[1] > y - r:
            dx, dy = max(x - half[0], 0.0), max(y - half[1], 0.0)
            if math.hypot(dx, dy) < r:
                out.append(
                    f"the board of {self.pcb[0]:g} x {self.pcb[1]:g} mm touches the screw bosses: inside, "
                    f"{2 * (x - r - PCB_GAP_MM):.4g} mm are free between them along the length and "
                    f"{2 * (y - r - PCB_GAP_MM):.4g} mm along the width"
                )
        if min(self.standoff_at) < self.standoff.outside / 2 + 0.5:
            out.append("the board is too small for four standoffs")
        if self.standoff.height + PCB_THICKNESS_MM > h:
            out.append(f"the standoffs and the board are higher than the inside of {h:.4g} mm")
        return out

    def with_(self, wall: float, lid: float) -> Layout:
        """The same enclosure with other thicknesses; the bosses reach the rim."""
        changed = replace(self, wall=wall, lid=lid)
        return replace(changed, boss=replace(self.boss, height=changed.inner[2]))


def _rounded(length: float, width: float, radius: float) -> float:
    return length * width - (4 - math.pi) * radius**2


def _tube(post: Post) -> float:
    return math.pi / 4 * (post.outside**2 - post.hole**2) * post.height
