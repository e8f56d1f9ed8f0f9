"""Path segments: from the protocol's description to an edge in space.

Everything is computed in the sketch's plane (mm) and then placed in its frame. Sources: circle tangent to a given
direction through a point (plane geometry); circle involute x = r(cos t + t sin t), y = r(sin t - t cos t); conic as a
rational quadratic Bezier through its end tangents' crossing and a point (Piegl & Tiller, The NURBS Book, ch. 7).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge, BRepBuilderAPI_MakeVertex
from OCP.collections import Array1_double, Array1_gp_Pnt, Array1_int, HArray1_gp_Pnt
from OCP.Geom import Geom_BezierCurve, Geom_BSplineCurve, Geom_Circle, Geom_Ellipse, Geom_Line
from OCP.GeomAPI import GeomAPI_Interpolate
from OCP.gp import gp_Ax2, gp_Dir, gp_Vec

from backend.engine.clock import kernel_work
from backend.engine.errors import EngineError
from backend.engine.kernel.frames import Frame
from backend.engine.protocol.fields import angle, boolean, coordinates, distance, flat_point, optional

JOIN_MM = 1e-4
Point = tuple[float, float, float]


@dataclass
class Piece:
    """A segment in its frame: where it starts and ends, its heading at the end, and the curve that makes its edge.

    ``curve`` builds the OCCT curve and its parameter range in the given frame. ``remark`` says what of the request
    could not be met by any curve. ``refit`` makes the same kind of curve between ends that are a hair elsewhere.
    """

    start: Point
    end: Point
    end_heading: tuple[float, float]
    curve: Callable[[Frame], tuple[Any, float, float]]
    is_closed: bool = False
    remark: str | None = None
    refit: Callable[[Point, Point], Piece] | None = None

    @kernel_work
    def edge(self, frame: Frame, first: Any, last: Any) -> Any:
        """The edge from vertex ``first`` to vertex ``last``."""
        curve, low, high = self.curve(frame)
        for end, parameter in ((first, low), (last, high)):
            gap = BRep_Tool.Pnt_s(end).Distance(curve.Value(parameter))
            if BRep_Tool.Tolerance_s(end) < gap <= JOIN_MM:
                BRep_Builder().UpdateVertex(end, gap * 1.01)
        maker = BRepBuilderAPI_MakeEdge(curve, first, last, low, high)
        if not maker.IsDone():
            maker = BRepBuilderAPI_MakeEdge(curve, low, high)
        if not maker.IsDone():
            raise EngineError(f"the segment from {_show(self.start)} to {_show(self.end)} makes no edge")
        return maker.Edge()


def _show(point: Point) -> str:
    return f"({point[0]:g}, {point[1]:g}) mm"


@kernel_work
def vertex(frame: Frame, point: Point) -> Any:
    return BRepBuilderAPI_MakeVertex(frame.point(*point)).Vertex()


def _unit(x: float, y: float) -> tuple[float, float]:
    size = math.hypot(x, y)
    return (x / size, y / size) if size else (1.0, 0.0)


def line(start: Point, end: Point) -> Piece:
    span = math.dist(start, end)
    if span < 1e-9:
        raise EngineError(f"a line of no length at {_show(start)}")

    def curve(frame: Frame) -> tuple[Any, float, float]:
        origin = frame.point(*start)
        return Geom_Line(origin, gp_Dir(gp_Vec(origin, frame.point(*end)))), 0.0, span

    return Piece(start, end, _unit(end[0] - start[0], end[1] - start[1]), curve, refit=line)


def arc(center: tuple[float, float], radius: float, start_deg: float, end_deg: float, height: float = 0.0) -> Piece:
    """A circular arc; counter-clockwise where end > start, else clockwise; 360 degrees make a full circle."""
    if radius <= 0:
        raise EngineError(f"an arc needs a positive radius, got {radius:g} mm")
    sweep = end_deg - start_deg
    if abs(sweep) < 1e-9:
        raise EngineError("an arc needs different start and end angles")
    full = abs(sweep) >= 360 - 1e-9
    sweep = math.copysign(min(abs(sweep), 360.0), sweep)
    ccw = sweep > 0

    def at(degrees: float) -> Point:
        radians = math.radians(degrees)
        return center[0] + radius * math.cos(radians), center[1] + radius * math.sin(radians), height

    def curve(frame: Frame) -> tuple[Any, float, float]:
        radians = math.radians(start_deg)
        x_dir = gp_Dir(frame.vector(math.cos(radians), math.sin(radians)))
        normal = frame.z if ccw else frame.z.Reversed()
        circle = Geom_Circle(gp_Ax2(frame.point(*center, height), normal, x_dir), radius)
        return circle, 0.0, 2 * math.pi if full else math.radians(abs(sweep))

    start, end = at(start_deg), at(start_deg if full else end_deg)
    radians = math.radians(start_deg + sweep)
    sign = 1.0 if ccw else -1.0
    middle = at(start_deg + sweep / 2)
    return Piece(
        start,
        end,
        (-sign * math.sin(radians), sign * math.cos(radians)),
        curve,
        full,
        refit=None if full else lambda one, two: arc_through(one, middle, two),
    )


def tangent_arc(pen: Point, heading: tuple[float, float], radius: float, offset_deg: float) -> Piece:
    """An arc that leaves the pen along ``heading`` and turns by ``offset_deg`` (positive: to the left)."""
    if abs(offset_deg) < 1e-9 or radius == 0:
        raise EngineError("a tangential arc needs a radius and an angle that are not zero")
    sign = math.copysign(1.0, offset_deg)
    radius = abs(radius)
    center = pen[0] - sign * heading[1] * radius, pen[1] + sign * heading[0] * radius
    start = math.degrees(math.atan2(pen[1] - center[1], pen[0] - center[0]))
    piece = arc(center, radius, start, start + offset_deg, pen[2])
    piece.start = pen
    return piece


def tangent_arc_to(pen: Point, heading: tuple[float, float], end: Point) -> Piece:
    """The arc that leaves the pen along ``heading`` and ends at ``end``."""
    dx, dy = end[0] - pen[0], end[1] - pen[1]
    chord = math.hypot(dx, dy)
    cross = heading[0] * dy - heading[1] * dx
    if chord < 1e-9:
        raise EngineError("a tangential arc needs an end that is not its start")
    if abs(cross) < 1e-9 * chord:
        if heading[0] * dx + heading[1] * dy > 0:
            return line(pen, end)
        raise EngineError("a tangential arc can't end straight behind its start")
    radius = chord * chord / (2 * cross)
    turn = 2 * math.degrees(math.atan2(cross, heading[0] * dx + heading[1] * dy))
    piece = tangent_arc(pen, heading, abs(radius), turn)
    piece.end = end
    return piece


def arc_through(start: Point, interior: Point, end: Point) -> Piece:
    """The arc from start to end through an interior point; where start = end, the circle with that diameter."""
    (ax, ay, az), (bx, by, _), (cx, cy, _) = start, interior, end
    if math.dist(start, end) < 1e-9:
        center = (ax + bx) / 2, (ay + by) / 2
        begin = math.degrees(math.atan2(ay - center[1], ax - center[0]))
        return arc(center, math.hypot(ax - bx, ay - by) / 2, begin, begin + 360, az)
    twice = 2 * ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
    if abs(twice) < 1e-12 * max(1.0, math.dist(start, end) ** 2):
        raise EngineError("the three points of an arc lie on one line")
    b2, c2 = (bx - ax) ** 2 + (by - ay) ** 2, (cx - ax) ** 2 + (cy - ay) ** 2
    ux, uy = ((cy - ay) * b2 - (by - ay) * c2) / twice, ((bx - ax) * c2 - (cx - ax) * b2) / twice
    center, radius = (ax + ux, ay + uy), math.hypot(ux, uy)
    begin = math.degrees(math.atan2(ay - center[1], ax - center[0]))
    finish = math.degrees(math.atan2(cy - center[1], cx - center[0]))
    if twice > 0:  # the three points turn to the left
        while finish <= begin:
            finish += 360
    else:
        while finish >= begin:
            finish -= 360
    piece = arc(center, radius, begin, finish, az)
    piece.start, piece.end = start, end
    return piece


def bezier(points: list[Point]) -> Piece:
    """A Bezier curve by its control points."""

    def curve(frame: Frame) -> tuple[Any, float, float]:
        poles = Array1_gp_Pnt(1, len(points))
        for index, point in enumerate(points, 1):
            poles.SetValue(index, frame.point(*point))
        return Geom_BezierCurve(poles), 0.0, 1.0

    last = next((p for p in reversed(points[:-1]) if math.dist(p, points[-1]) > 1e-9), points[0])
    return Piece(points[0], points[-1], _unit(points[-1][0] - last[0], points[-1][1] - last[1]), curve)


def involute(pen: Point, start_radius: float, end_radius: float, angle_deg: float, reverse: bool) -> Piece:
    """A circle involute between two radii, turned by an angle and moved so that it starts at the pen.

    ``reverse``: the involute's mirror image in the x axis, drawn from its outer end inwards (the other flank of a
    tooth).
    """
    if start_radius <= 0 or end_radius <= start_radius:
        raise EngineError(f"an involute needs 0 < start radius < end radius, got {start_radius:g}, {end_radius:g} mm")
    limit = math.sqrt((end_radius / start_radius) ** 2 - 1)
    turn = math.radians(angle_deg)
    count = 33

    def raw(t: float) -> tuple[float, float]:
        x = start_radius * (math.cos(t) + t * math.sin(t))
        y = start_radius * (math.sin(t) - t * math.cos(t))
        u, v = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        return (u, -v) if reverse else (u, v)

    # equal steps of t^2 are equal steps of arc length: the curve is r t^2 / 2 long
    ts = [limit * math.sqrt(i / (count - 1)) for i in range(count)]
    order = list(reversed(ts)) if reverse else ts
    ox, oy = raw(order[0])
    points = [(pen[0] + x - ox, pen[1] + y - oy, pen[2]) for x, y in map(raw, order)]

    def tangent(t: float) -> tuple[float, float]:
        along = t + turn  # the tangent of an involute points along its parameter's angle
        return (-math.cos(along), math.sin(along)) if reverse else (math.cos(along), math.sin(along))

    tangents = tangent(order[0]), tangent(order[-1])

    def curve(frame: Frame) -> tuple[Any, float, float]:
        array = HArray1_gp_Pnt(1, count)
        for index, point in enumerate(points, 1):
            array.SetValue(index, frame.point(*point))
        interpolation = GeomAPI_Interpolate(array, False, 1e-7)
        interpolation.Load(frame.vector(*tangents[0]), frame.vector(*tangents[1]), True)
        interpolation.Perform()
        result = interpolation.Curve()
        return result, result.FirstParameter(), result.LastParameter()

    return Piece(points[0], points[-1], tangents[1], curve)


def ellipse(
    center: tuple[float, float], major: tuple[float, float], minor_radius: float, start_deg: float, end_deg: float
) -> Piece:
    """An elliptical arc; angles are the ellipse's parameter, counted from the major axis."""
    major_radius = math.hypot(*major)
    if major_radius <= 0 or minor_radius <= 0:
        raise EngineError("an ellipse needs positive radii")
    sweep = end_deg - start_deg
    if abs(sweep) < 1e-9:
        raise EngineError("an elliptical arc needs different start and end angles")
    full = abs(sweep) >= 360 - 1e-9
    ccw = sweep > 0
    ux, uy = major[0] / major_radius, major[1] / major_radius

    def at(degrees: float) -> Point:
        c, s = major_radius * math.cos(math.radians(degrees)), minor_radius * math.sin(math.radians(degrees))
        return center[0] + c * ux - s * uy, center[1] + c * uy + s * ux, 0.0

    def curve(frame: Frame) -> tuple[Any, float, float]:
        # OCCT's major radius is the larger one: where "minor" is larger the axes change places
        swap = minor_radius > major_radius
        x_axis = (-uy, ux) if swap else (ux, uy)
        normal = frame.z if ccw else frame.z.Reversed()
        axes = gp_Ax2(frame.point(*center), normal, gp_Dir(frame.vector(*x_axis)))
        shape = Geom_Ellipse(axes, max(major_radius, minor_radius), min(major_radius, minor_radius))
        shift = -90.0 if swap else 0.0
        low = math.radians(start_deg + shift) if ccw else math.radians(-(start_deg + shift))
        return shape, low, low + (2 * math.pi if full else math.radians(abs(sweep)))

    last = math.radians(end_deg)
    dx, dy = -major_radius * math.sin(last), minor_radius * math.cos(last)
    sign = 1.0 if ccw else -1.0
    heading = _unit(sign * (dx * ux - dy * uy), sign * (dx * uy + dy * ux))
    return Piece(at(start_deg), at(start_deg if full else end_deg), heading, curve, full)


def conic(
    start: Point,
    interior: tuple[float, float],
    end: tuple[float, float],
    start_tangent: tuple[float, float],
    end_tangent: tuple[float, float],
) -> Piece:
    """The conic through start, interior and end with the given end tangents: a rational quadratic Bezier.

    The middle control point is where the tangents cross; its weight follows from the interior point's barycentric
    coordinates (a, b, c) in the control triangle: w = b / (2 sqrt(a c)). Parallel tangents (half an ellipse) cross at
    infinity: the middle control point is a vector. Where no conic can have these tangents and points, the parabola
    through the three points is drawn, or the line where they lie on one, and the piece's remark says so.
    """
    cross = start_tangent[0] * end_tangent[1] - start_tangent[1] * end_tangent[0]
    size = math.hypot(*start_tangent) * math.hypot(*end_tangent)
    if size < 1e-24:
        return _without_tangents(start, interior, end)
    if abs(cross) < 1e-12 * size:
        return _half_turn_conic(start, interior, end, start_tangent)
    dx, dy = end[0] - start[0], end[1] - start[1]
    t = (dx * end_tangent[1] - dy * end_tangent[0]) / cross
    apex = start[0] + t * start_tangent[0], start[1] + t * start_tangent[1]
    det = (apex[1] - end[1]) * (start[0] - end[0]) + (end[0] - apex[0]) * (start[1] - end[1])
    if abs(det) < 1e-12 * max(1.0, dx * dx + dy * dy):
        return _without_tangents(start, interior, end)
    px, py = interior[0] - end[0], interior[1] - end[1]
    a = ((apex[1] - end[1]) * px + (end[0] - apex[0]) * py) / det
    b = ((end[1] - start[1]) * px + (start[0] - end[0]) * py) / det
    c = 1 - a - b
    if a <= 0 or c <= 0 or abs(b) < 1e-12:
        raise EngineError("the interior point of a conic must lie between its end points, off its chord")
    weight = b / (2 * math.sqrt(a * c))
    if weight <= -1:
        raise EngineError("the conic through these points runs to infinity between its ends")
    z = start[2]
    return _conic_of((*start[:2], 1.0), (weight * apex[0], weight * apex[1], weight), (*end, 1.0), z)


def _half_turn_conic(
    start: Point, interior: tuple[float, float], end: tuple[float, float], tangent: tuple[float, float]
) -> Piece:
    """The conic with parallel end tangents: interior = s start + (1 - s) end + h tangent, and h = 2 k sqrt(s (1 - s)).

    The rational Bezier's middle control point is the vector k tangent, of weight zero.
    """
    dx, dy = start[0] - end[0], start[1] - end[1]
    det = dx * tangent[1] - dy * tangent[0]
    if abs(det) < 1e-12 * math.hypot(dx, dy) * math.hypot(*tangent) or math.hypot(dx, dy) < 1e-9:
        return _without_tangents(start, interior, end)
    px, py = interior[0] - end[0], interior[1] - end[1]
    share = (px * tangent[1] - py * tangent[0]) / det
    height = (dx * py - dy * px) / det
    if not 1e-9 < share < 1 - 1e-9 or abs(height) * math.hypot(*tangent) < 1e-9:
        return _without_tangents(start, interior, end)
    reach = height / (2 * math.sqrt(share * (1 - share)))
    return _conic_of((*start[:2], 1.0), (reach * tangent[0], reach * tangent[1], 0.0), (*end, 1.0), start[2])


def _without_tangents(start: Point, interior: tuple[float, float], end: tuple[float, float]) -> Piece:
    """The parabola through three points whose tangents contradict them; the straight line where they are collinear."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    chord = math.hypot(dx, dy)
    if chord < 1e-9:
        raise EngineError("a conic needs an end that is not its start")
    px, py = interior[0] - start[0], interior[1] - start[1]
    share = (px * dx + py * dy) / chord**2
    height = abs(dx * py - dy * px) / chord
    if height < 1e-9 or not 1e-6 < share < 1 - 1e-6:
        piece = line(start, (end[0], end[1], start[2]))
        drawn = "the straight line from start to end was drawn"
    else:
        apex = [
            (q - (1 - share) ** 2 * p - share**2 * r) / (2 * share * (1 - share))
            for p, q, r in zip(start[:2], interior, end, strict=True)
        ]
        piece = _conic_of((*start[:2], 1.0), (apex[0], apex[1], 1.0), (*end, 1.0), start[2])
        drawn = "the parabola through start, interior and end was drawn"
    piece.remark = (
        f"conic: no conic from {_show(start)} through {_show((*interior, 0.0))} to {_show((*end, 0.0))} has the "
        f"tangents asked for; {drawn}"
    )
    return piece


Weighted = tuple[float, float, float]


def _conic_of(first: Weighted, middle: Weighted, last: Weighted, height: float) -> Piece:
    """The quadratic with control points (w x, w y, w) as two spans: halving it makes all weights positive."""

    def mix(one: Weighted, two: Weighted) -> Weighted:
        return (one[0] + two[0]) / 2, (one[1] + two[1]) / 2, (one[2] + two[2]) / 2

    left, right = mix(first, middle), mix(middle, last)
    poles = [((x / w, y / w, height), w) for x, y, w in (first, left, mix(left, right), right, last)]

    def curve(frame: Frame) -> tuple[Any, float, float]:
        array, weights = Array1_gp_Pnt(1, 5), Array1_double(1, 5)
        for index, (point, value) in enumerate(poles, 1):
            array.SetValue(index, frame.point(*point))
            weights.SetValue(index, value)
        knots, counts = Array1_double(1, 3), Array1_int(1, 3)
        for index, (knot, times) in enumerate(((0.0, 3), (0.5, 2), (1.0, 3)), 1):
            knots.SetValue(index, knot)
            counts.SetValue(index, times)
        return Geom_BSplineCurve(array, weights, knots, counts, 2), 0.0, 1.0

    before, end = poles[3][0], poles[4][0]
    return Piece(poles[0][0], end, _unit(end[0] - before[0], end[1] - before[1]), curve)


def read_segment(segment: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece | None:
    """A segment of ``extend_path``, None for a line of no length; refuses types and fields it doesn't know."""
    kind = segment.get("type")
    given = {key: value for key, value in segment.items() if key != "type"}
    reader = _SEGMENTS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise EngineError(f"extend_path: the segment type {kind!r} is not supported", code="unsupported")
    return reader(given, pen, heading)


def _take(given: dict[str, Any], **readers: Callable[[Any], Any]) -> list[Any]:
    unknown = [key for key, value in given.items() if key not in readers and value is not None]
    if unknown:
        raise EngineError(f"extend_path: the segment field {unknown[0]!r} is not supported", code="unsupported")
    values = []
    for key, reader in readers.items():
        try:
            values.append(reader(given.get(key)))
        except EngineError as error:
            raise EngineError(f"extend_path.segment.{key}: {error.message}") from None
    return values


def _shift(point: Point, pen: Point, relative: bool) -> Point:
    return (point[0] + pen[0], point[1] + pen[1], point[2] + pen[2]) if relative else point


def _line(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece | None:
    end, relative = _take(given, end=coordinates, relative=boolean)
    target = _shift(end, pen, relative)
    return line(pen, target) if math.dist(pen, target) > 1e-9 else None


def _arc(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece:
    center, radius, start, end, relative = _take(
        given, center=flat_point, radius=distance, start=angle, end=angle, relative=boolean
    )
    if relative:
        center = center[0] + pen[0], center[1] + pen[1]
    return arc(center, radius, start, end, pen[2])


def _bezier(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece:
    one, two, end, relative = _take(
        given, control1=coordinates, control2=coordinates, end=coordinates, relative=boolean
    )
    return bezier([pen, *(_shift(p, pen, relative) for p in (one, two, end))])


def _heading(heading: tuple[float, float] | None) -> tuple[float, float]:
    return heading if heading is not None else (1.0, 0.0)


def _tangential_arc(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece:
    radius, offset = _take(given, radius=distance, offset=angle)
    return tangent_arc(pen, _heading(heading), radius, offset)


def _tangential_arc_to(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece:
    to, snap = _take(given, to=coordinates, angle_snap_increment=optional(angle))
    if snap:
        raise EngineError("extend_path: angle_snap_increment is not supported", code="unsupported")
    return tangent_arc_to(pen, _heading(heading), _shift(to, pen, True))


def _arc_to(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece:
    interior, end, relative = _take(given, interior=coordinates, end=coordinates, relative=boolean)
    return arc_through(pen, _shift(interior, pen, relative), _shift(end, pen, relative))


def _involute(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece:
    start, end, turn, reverse = _take(given, start_radius=distance, end_radius=distance, angle=angle, reverse=boolean)
    return involute(pen, start, end, turn, reverse)


def _ellipse(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece:
    center, major, minor, start, end = _take(
        given, center=flat_point, major_axis=flat_point, minor_radius=distance, start_angle=angle, end_angle=angle
    )
    return ellipse(center, major, minor, start, end)


def _conic_to(given: dict[str, Any], pen: Point, heading: tuple[float, float] | None) -> Piece:
    interior, end, start_tangent, end_tangent, relative = _take(
        given,
        interior=flat_point,
        end=flat_point,
        start_tangent=flat_point,
        end_tangent=flat_point,
        relative=boolean,
    )
    if relative:
        interior = interior[0] + pen[0], interior[1] + pen[1]
        end = end[0] + pen[0], end[1] + pen[1]
    return conic(pen, interior, end, start_tangent, end_tangent)


_SEGMENTS: dict[str, Callable[[dict[str, Any], Point, tuple[float, float] | None], Piece | None]] = {
    "line": _line,
    "arc": _arc,
    "bezier": _bezier,
    "tangential_arc": _tangential_arc,
    "tangential_arc_to": _tangential_arc_to,
    "arc_to": _arc_to,
    "circular_involute": _involute,
    "ellipse": _ellipse,
    "conic_to": _conic_to,
}
