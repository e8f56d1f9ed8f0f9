"""DXF (release 12, text) of flat outlines: lines, arcs, circles and polylines, as laser cutters and CAM read them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from backend.engine.errors import EngineError

Point = tuple[float, float]

_INSUNITS = {"mm": 4, "cm": 5, "m": 6, "in": 1, "ft": 2}


@dataclass(frozen=True)
class Line:
    """A straight line, mm."""

    start: Point
    end: Point


@dataclass(frozen=True)
class Arc:
    """An arc, mm; counter-clockwise from ``start_deg`` to ``end_deg``; a full circle where they are 360 apart."""

    center: Point
    radius: float
    start_deg: float
    end_deg: float

    @property
    def is_circle(self) -> bool:
        """Whether the arc closes on itself."""
        return abs(self.end_deg - self.start_deg) >= 360.0 - 1e-9


@dataclass(frozen=True)
class Polyline:
    """A chain of points, mm, that stands for a curve that is neither line nor circle."""

    points: tuple[Point, ...]
    closed: bool = False


Entity = Line | Arc | Polyline


def dxf_bytes(layers: Mapping[str, Sequence[Entity]], *, unit: str = "mm", scale: float = 1.0) -> bytes:
    """A DXF file with the entities of each layer; coordinates are mm times ``scale``, declared in ``unit``.

    Raises EngineError (``export_failed``) where there is nothing to draw or for another unit than mm, cm, m, in, ft.
    """
    if not any(layers.values()):
        raise EngineError("There is nothing to draw: the outline has no edges.", code="export_failed")
    if unit not in _INSUNITS:
        raise EngineError(f"DXF has no unit {unit!r}: use one of {', '.join(_INSUNITS)}.", code="export_failed")
    out: list[str] = []

    def put(*pairs: tuple[int, object]) -> None:
        for code, value in pairs:
            out.append(str(code))
            out.append(f"{value:.9g}" if isinstance(value, float) else str(value))

    put((999, "BRICK OS"), (0, "SECTION"), (2, "HEADER"))
    put((9, "$ACADVER"), (1, "AC1009"), (9, "$INSUNITS"), (70, _INSUNITS[unit]))
    put((0, "ENDSEC"), (0, "SECTION"), (2, "TABLES"), (0, "TABLE"), (2, "LAYER"), (70, len(layers)))
    for number, name in enumerate(layers):
        put((0, "LAYER"), (2, name), (70, 0), (62, number + 1), (6, "CONTINUOUS"))
    put((0, "ENDTAB"), (0, "ENDSEC"), (0, "SECTION"), (2, "ENTITIES"))
    for name, entities in layers.items():
        for entity in entities:
            put(*_pairs(entity, name, scale))
    put((0, "ENDSEC"), (0, "EOF"))
    return ("\n".join(out) + "\n").encode("ascii", "replace")


def _pairs(entity: Entity, layer: str, scale: float) -> list[tuple[int, object]]:
    if isinstance(entity, Line):
        (x1, y1), (x2, y2) = entity.start, entity.end
        return [
            (0, "LINE"),
            (8, layer),
            *((code, value * scale) for code, value in ((10, x1), (20, y1), (30, 0.0), (11, x2), (21, y2), (31, 0.0))),
        ]
    if isinstance(entity, Arc):
        x, y = entity.center
        place = [(10, x * scale), (20, y * scale), (30, 0.0), (40, entity.radius * scale)]
        if entity.is_circle:
            return [(0, "CIRCLE"), (8, layer), *place]
        return [(0, "ARC"), (8, layer), *place, (50, entity.start_deg % 360.0), (51, entity.end_deg % 360.0)]
    pairs: list[tuple[int, object]] = [(0, "POLYLINE"), (8, layer), (66, 1), (70, int(entity.closed))]
    for x, y in entity.points:
        pairs += [(0, "VERTEX"), (8, layer), (10, x * scale), (20, y * scale), (30, 0.0)]
    return [*pairs, (0, "SEQEND")]


def enclosed_area(entities: Sequence[Entity]) -> float:
    """Area in mm2 inside the loop that the entities form in some order, by Green's theorem; 0 for open chains.

    The entities are chained by their ends (to 1e-6 mm), since a DXF file keeps no direction.
    """
    rest = list(entities)
    total = 0.0
    while rest:
        first = rest.pop(0)
        area, end, begin = _moment(first, True), _ends(first)[1], _ends(first)[0]
        while math.dist(end, begin) > 1e-6:
            for number, candidate in enumerate(rest):
                start, stop = _ends(candidate)
                if math.dist(start, end) <= 1e-6:
                    area, end = area + _moment(candidate, True), stop
                elif math.dist(stop, end) <= 1e-6:
                    area, end = area + _moment(candidate, False), start
                else:
                    continue
                rest.pop(number)
                break
            else:
                return 0.0
        total += abs(area)
    return total


def _ends(entity: Entity) -> tuple[Point, Point]:
    if isinstance(entity, Line):
        return entity.start, entity.end
    if isinstance(entity, Polyline):
        return entity.points[0], entity.points[0] if entity.closed else entity.points[-1]
    (x, y), radius = entity.center, entity.radius
    start, end = math.radians(entity.start_deg), math.radians(entity.end_deg)
    first = (x + radius * math.cos(start), y + radius * math.sin(start))
    return first, first if entity.is_circle else (x + radius * math.cos(end), y + radius * math.sin(end))


def _moment(entity: Entity, forward: bool) -> float:
    """Half the integral of x dy - y dx along the entity."""
    sign = 1.0 if forward else -1.0
    if isinstance(entity, Arc):
        start, end = math.radians(entity.start_deg), math.radians(entity.end_deg)
        (x, y), radius = entity.center, entity.radius
        turn = x * (math.sin(end) - math.sin(start)) - y * (math.cos(end) - math.cos(start))
        return sign * 0.5 * (radius * turn + radius * radius * (end - start))
    points = (entity.start, entity.end) if isinstance(entity, Line) else entity.points
    chain = [*points, points[0]] if isinstance(entity, Polyline) and entity.closed else list(points)
    return sign * 0.5 * sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(chain))
