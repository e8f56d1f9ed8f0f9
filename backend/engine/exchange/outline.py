"""The outline of a planar face as flat lines and arcs. Needs OCP."""

from __future__ import annotations

import math
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepTools import BRepTools
from OCP.GCPnts import GCPnts_QuasiUniformDeflection
from OCP.GeomAbs import GeomAbs_CurveType
from OCP.gp import gp_Ax3, gp_Dir, gp_Pnt, gp_Trsf
from OCP.TopAbs import TopAbs_ShapeEnum

from backend.engine.errors import EngineError
from backend.engine.exchange.dxf import Arc, Entity, Line, Polyline
from backend.engine.measure import explore, faces_of, measure_face

CHORD_MM = 0.005


def largest_plane(shape: Any) -> Any:
    """The planar face with the largest area. Raises EngineError (``export_failed``) where no face is planar."""
    planes = [(face, measured["area_mm2"]) for face in faces_of(shape) if (measured := measure_face(face))["normal"]]
    if not planes:
        raise EngineError(
            "The shape has no planar face whose outline could be drawn: export STEP instead.", code="export_failed"
        )
    return max(planes, key=lambda item: item[1])[0]


def outline_of(face: Any) -> dict[str, list[Entity]]:
    """Edges of a planar face as entities in its plane, seen from outside: {"OUTLINE": …, "HOLES": …}, mm.

    The plane's x axis is the model's X where the face allows (else Y), its origin below the model's origin. Lines and
    circles are exact; other curves become polylines within 0.005 mm.

    Raises EngineError (``export_failed``) for a face that isn't planar.
    """
    measured = measure_face(face)
    if measured["normal"] is None:
        raise EngineError(
            f"Only a planar face has a flat outline, this one is a {measured['surface']}.", "export_failed"
        )
    flat = _into_plane(measured["normal"], measured["centroid_mm"])
    outer = BRepTools.OuterWire_s(face)
    layers: dict[str, list[Entity]] = {"OUTLINE": [], "HOLES": []}
    for wire in explore(face, TopAbs_ShapeEnum.TopAbs_WIRE):
        layer = layers["OUTLINE" if wire.IsSame(outer) else "HOLES"]
        for edge in explore(wire, TopAbs_ShapeEnum.TopAbs_EDGE):
            entity = _entity(BRepAdaptor_Curve(edge), flat)
            if entity is not None:
                layer.append(entity)
    return {name: entities for name, entities in layers.items() if entities}


def _into_plane(normal: list[float], point: list[float]) -> Any:
    direction = gp_Dir(*normal)
    across = gp_Dir(1, 0, 0) if abs(normal[0]) < 0.9 else gp_Dir(0, 1, 0)
    height = sum(n * p for n, p in zip(normal, point, strict=True))
    origin = gp_Pnt(*(height * n for n in normal))
    transform = gp_Trsf()
    transform.SetTransformation(gp_Ax3(origin, direction, across))
    return transform


def _entity(curve: Any, flat: Any) -> Entity | None:
    first, last = curve.FirstParameter(), curve.LastParameter()
    if abs(last - first) < 1e-12:
        return None  # a degenerate edge is a point

    def place(point: Any) -> tuple[float, float]:
        moved = point.Transformed(flat)
        return (round(moved.X(), 9) + 0.0, round(moved.Y(), 9) + 0.0)

    kind = curve.GetType()
    if kind == GeomAbs_CurveType.GeomAbs_Line:
        return Line(place(curve.Value(first)), place(curve.Value(last)))
    if kind == GeomAbs_CurveType.GeomAbs_Circle:
        circle = curve.Circle()
        center = place(circle.Location())
        ends = [place(curve.Value(parameter)) for parameter in (first, last)]
        angles = [math.degrees(math.atan2(y - center[1], x - center[0])) for x, y in ends]
        # seen from the other side the circle runs clockwise: then its end is the arc's start
        if circle.Axis().Direction().Transformed(flat).Z() < 0:
            angles.reverse()
        sweep = math.degrees(last - first)
        return Arc(center, circle.Radius(), angles[0], angles[0] + min(sweep, 360.0))
    points = GCPnts_QuasiUniformDeflection(curve, CHORD_MM)
    if not points.IsDone() or points.NbPoints() < 2:
        raise EngineError("An edge of the outline could not be divided into points.", code="export_failed")
    chain = tuple(place(points.Value(number)) for number in range(1, points.NbPoints() + 1))
    closed = math.dist(chain[0], chain[-1]) < 1e-7
    return Polyline(chain[:-1] if closed else chain, closed)
