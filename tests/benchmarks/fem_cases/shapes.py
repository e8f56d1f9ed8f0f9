"""Shapes whose stresses are known, drawn with the mesher's own OCCT. Runs in the worker process only."""

from __future__ import annotations

import math
from typing import Any


def box(lx: float, ly: float, lz: float) -> Any:
    """Box from the origin."""
    from netgen.occ import Box, Pnt

    return Box(Pnt(0, 0, 0), Pnt(lx, ly, lz))


def two_boxes(lx: float, ly: float, lz: float, gap: float) -> Any:
    """Two boxes along x, ``gap`` apart (0: they share a face)."""
    from netgen.occ import Box, Compound, Glue, Pnt

    parts = [Box(Pnt(0, 0, 0), Pnt(lx, ly, lz)), Box(Pnt(lx + gap, 0, 0), Pnt(2 * lx + gap, ly, lz))]
    return Glue(parts) if gap == 0 else Compound(parts)


def bracket(width: float, height: float, depth: float, wall: float, fillet: float, holes: bool = True) -> Any:
    """L-bracket: upright leg on the plane x = 0, shelf downwards at z = 0; inner fillet and four holes."""
    from netgen.occ import Cylinder, Face, Pnt, Segment, Wire, X, Y

    corners = [(0, 0), (depth, 0), (depth, wall), (wall, wall), (wall, height), (0, height)]
    points = [Pnt(x, 0, z) for x, z in corners]
    profile = Wire([Segment(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)])
    shape = Face(profile).Extrude(width * Y)
    if fillet:
        inner = [e for e in shape.edges if abs(e.center.x - wall) < 1e-6 and abs(e.center.z - wall) < 1e-6]
        shape = shape.MakeFillet(inner, fillet)
    if holes:
        for y in (0.2 * width, 0.8 * width):
            for z in (0.45 * height, 0.85 * height):
                shape = shape - Cylinder(Pnt(-1, y, z), X, 6.35, wall + 2)
    return shape


def quarter_plate_with_hole(width: float, length: float, thickness: float, diameter: float) -> Any:
    """Quarter of a plate (x along the length) with a central hole at the origin."""
    from netgen.occ import Box, Cylinder, Pnt, Z

    plate = Box(Pnt(0, 0, 0), Pnt(length / 2, width / 2, thickness))
    return plate - Cylinder(Pnt(0, 0, -1), Z, diameter / 2, thickness + 2)


def quarter_ring(inner: float, outer: float, length: float) -> Any:
    """Quarter of a thick cylinder about z."""
    from netgen.occ import Box, Cylinder, Pnt, Z

    ring = Cylinder(Pnt(0, 0, 0), Z, outer, length) - Cylinder(Pnt(0, 0, -1), Z, inner, length + 2)
    return ring * Box(Pnt(0, 0, -1), Pnt(2 * outer, 2 * outer, length + 1))


def disc(radius: float, thickness: float) -> Any:
    """Disc about z, its foot at z = 0."""
    from netgen.occ import Cylinder, Pnt, Z

    return Cylinder(Pnt(0, 0, 0), Z, radius, thickness)


def elliptic_plate(bottom: float, layers: list[float]) -> Any:
    """The plate of NAFEMS LE1 and LE10, in mm: a quarter between (x/2)^2 + y^2 = 1 and (x/3.25)^2 + (y/2.75)^2 = 1 (m).

    It starts at z = ``bottom`` and is stacked from layers that share faces, so that their seams are edges.
    """
    from netgen.occ import Axes, Box, Glue, Pnt, WorkPlane, X, Z

    parts = []
    low = bottom
    for thickness in layers:
        plane = Axes((0, 0, low), n=Z, h=X)
        outer = WorkPlane(plane).Ellipse(3250, 2750).Face().Extrude(thickness * Z)
        inner = WorkPlane(plane).Ellipse(2000, 1000).Face().Extrude(thickness * Z)
        quarter = Box(Pnt(0, 0, low), Pnt(4000, 4000, low + thickness))
        parts.append((outer - inner) * quarter)
        low += thickness
    return parts[0] if len(parts) == 1 else Glue(parts)


def tapered_plate(length: float, root: float, tip: float, thickness: float) -> Any:
    """Symmetric taper in the plane z = 0, its root on x = 0 (NAFEMS FV32)."""
    from netgen.occ import Face, Pnt, Segment, Wire, Z

    points = [Pnt(0, -root / 2, 0), Pnt(length, -tip / 2, 0), Pnt(length, tip / 2, 0), Pnt(0, root / 2, 0)]
    outline = Wire([Segment(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)])
    return Face(outline).Extrude(thickness * Z)


def rod(radius: float, length: float) -> Any:
    """Round bar along z from the origin."""
    return disc(radius, length)


def glued_boxes(lx: float, ly: float, lz: float) -> Any:
    """Two boxes that share a face, one behind the other along x."""
    from netgen.occ import Box, Glue, Pnt

    return Glue([Box(Pnt(0, 0, 0), Pnt(lx, ly, lz)), Box(Pnt(lx, 0, 0), Pnt(2 * lx, ly, lz))])


def annulus(inner: float, outer: float, thickness: float) -> Any:
    """A disc with a central hole, on z = 0."""
    from netgen.occ import Cylinder, Pnt, Z

    return Cylinder(Pnt(0, 0, 0), Z, outer, thickness) - Cylinder(Pnt(0, 0, 0), Z, inner, thickness)


def bolted_block(side: float, height: float, hole: float, shank: float, head: float, head_height: float) -> Any:
    """A block drilled through along z, and a bolt with a head at either end, glued to it."""
    from netgen.occ import Box, Cylinder, Glue, Pnt, Z

    half = side / 2
    block = Box(Pnt(-half, -half, 0), Pnt(half, half, height)) - Cylinder(Pnt(0, 0, -1), Z, hole, height + 2)
    bolt = Cylinder(Pnt(0, 0, 0), Z, shank, height)
    bolt += Cylinder(Pnt(0, 0, -head_height), Z, head, head_height)
    bolt += Cylinder(Pnt(0, 0, height), Z, head, head_height)
    return Glue([block, bolt])


def plate_on_bolts(side: float, height: float, count: int) -> Any:
    """A plate on the plane z = 0, ``count`` times ``side`` long along x, and bolts through it from z = -height up.

    Shanks of a quarter of the side, in holes a little wider; their heads on top are glued to the plate.
    """
    from netgen.occ import Box, Cylinder, Glue, Pnt, Z

    shank, head = side / 8, side / 4
    plate = Box(Pnt(0, 0, 0), Pnt(count * side, side, height))
    bolts = []
    for number in range(count):
        x, y = (number + 0.5) * side, side / 2
        plate = plate - Cylinder(Pnt(x, y, -1), Z, 1.2 * shank, height + 2)
        bolt = Cylinder(Pnt(x, y, -height), Z, shank, 2 * height)
        bolts.append(bolt + Cylinder(Pnt(x, y, height), Z, head, side / 8))
    return Glue([plate, *bolts])


def channel_with_cylinder(depth: float) -> Any:
    """The channel of the DFG benchmark 2D-1, a slab of 2200 mm x 410 mm with a hole of 100 mm at (200, 200)."""
    from netgen.occ import Box, Cylinder, Pnt, Z

    return Box(Pnt(0, 0, 0), Pnt(2200, 410, depth)) - Cylinder(Pnt(200, 200, -1), Z, 50, depth + 2)


def quarter_rod(radius: float, length: float) -> Any:
    """Quarter of a round bar along z, x and y >= 0."""
    from netgen.occ import Box, Cylinder, Pnt, Z

    bar = Cylinder(Pnt(0, 0, 0), Z, radius, length)
    return bar * Box(Pnt(0, 0, -1), Pnt(2 * radius, 2 * radius, length + 1))


def quarter_shell(inner: float, outer: float) -> Any:
    """Quarter of a thick spherical shell, y and z >= 0."""
    from netgen.occ import Box, Pnt, Sphere

    shell = Sphere(Pnt(0, 0, 0), outer) - Sphere(Pnt(0, 0, 0), inner)
    return shell * Box(Pnt(-2 * outer, 0, 0), Pnt(2 * outer, 2 * outer, 2 * outer))


def bend(radius: float, bend_radius: float, leg: float) -> Any:
    """A fluid body: a round pipe along z, a quarter bend, and a leg along x; ends at z = 0 and at the far x."""
    from netgen.occ import Axis, Cylinder, Pnt, X, Y, Z

    foot = Cylinder(Pnt(0, 0, 0), Z, radius, leg)
    disc = next(f for f in foot.faces if abs(f.center.z - leg) < 1e-6)
    turn = disc.Revolve(Axis(Pnt(bend_radius, 0, leg), Y), 90)
    out = Cylinder(Pnt(bend_radius, 0, leg + bend_radius), X, radius, leg)
    return foot + turn + out


def cylinder_taper_sphere() -> Any:
    """Quarter of the solid of revolution of NAFEMS LE11 about z, in mm: hollow sphere, taper and cylinder."""
    from netgen.occ import ArcOfCircle, Axis, Face, Pnt, Segment, Wire, Z

    def at(r: float, z: float) -> Any:
        return Pnt(r, 0, z)

    def on(radius: float, turn: float) -> Any:
        return at(radius * math.cos(math.radians(turn)), radius * math.sin(math.radians(turn)))

    a, e, b, d = on(1000, 0), on(1000, 45), on(1400, 0), on(1400, 30)
    h, i, g = at(1000 * math.sqrt(0.5), 1790), at(1000, 1790), at(1000, 1390)
    outline = [
        Segment(a, b), ArcOfCircle(b, on(1400, 15), d), Segment(d, g), Segment(g, i), Segment(i, h), Segment(h, e),
        ArcOfCircle(e, on(1000, 22.5), a),
    ]  # fmt: skip
    return Face(Wire(outline)).Revolve(Axis(Pnt(0, 0, 0), Z), 90)
