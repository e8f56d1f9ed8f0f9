"""Wires and planar faces from the edges of a profile. The edges stay the same shapes, so that history finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_CompCurve
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakeWire
from OCP.BRepCheck import BRepCheck_Analyzer
from OCP.BRepTools import BRepTools
from OCP.ShapeFix import ShapeFix_Face
from OCP.TopoDS import TopoDS

from backend.engine.cache import values
from backend.engine.clock import kernel_work
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.kernel.frames import Frame

_JOIN_MM = 1e-4
_MANY_EDGES = 12  # with fewer, BRepCheck is done before the face is written for the key
_NO_AREA = 1e-11  # of the square of the outline's length: what rounding leaves of nothing


@kernel_work
def wire(edges: Sequence[Any]) -> tuple[Any, list[Any]]:
    """A wire of connected edges in the order given, and for each edge the edge that stands for it in the wire.

    Edges that meet without sharing a vertex are rebuilt on common vertices.
    """
    maker = BRepBuilderAPI_MakeWire()
    placed = []
    for edge in edges:
        maker.Add(edge)
        if not maker.IsDone():
            break
        placed.append(maker.Edge())
    if not maker.IsDone() or (not maker.Wire().Closed() and _ends_meet(maker.Wire())):
        maker = BRepBuilderAPI_MakeWire()
        maker.Add(shapes.shape_list(_on_common_vertices(edges)))
        if not maker.IsDone():
            raise EngineError("the segments of the profile don't join into one connected path")
        placed = [_stand_in(edge, shapes.edges(maker.Wire())) for edge in edges]
    return maker.Wire(), placed


def _ends_meet(built: Any) -> bool:
    """Whether a wire that isn't marked as closed ends where it starts."""
    curve = BRepAdaptor_CompCurve(built)
    gap = curve.Value(curve.FirstParameter()).Distance(curve.Value(curve.LastParameter()))
    return bool(gap <= _JOIN_MM)


def _on_common_vertices(edges: Sequence[Any]) -> list[Any]:
    """The edges with vertices near each other made large enough to be taken as one."""
    builder = BRep_Builder()
    vertices = [vertex for edge in edges for vertex in shapes.explore(edge, shapes.VERTEX)]
    points = [BRep_Tool.Pnt_s(vertex) for vertex in vertices]
    for index, (vertex, point) in enumerate(zip(vertices, points, strict=True)):
        for other in points[:index] + points[index + 1 :]:
            gap = point.Distance(other)
            if 1e-9 < gap <= _JOIN_MM and BRep_Tool.Tolerance_s(vertex) < gap:
                builder.UpdateVertex(vertex, gap * 1.01)
    return list(edges)


def _stand_in(edge: Any, candidates: Sequence[Any]) -> Any:
    """The candidate whose middle is nearest to the edge's."""
    middle = shapes.edge_midpoint(edge)
    return min(candidates, key=lambda item: shapes.edge_midpoint(item).Distance(middle))


def outer_wire(face: Any) -> Any:
    return BRepTools.OuterWire_s(face)


@kernel_work
def planar_face(frame: Frame, outer: Any, holes: Sequence[Any] = ()) -> Any:
    """The face that a closed wire bounds in the frame's plane, less the holes; its normal is the frame's z."""
    maker = BRepBuilderAPI_MakeFace(frame.plane(), outer, True)
    if not maker.IsDone():
        raise EngineError("the profile doesn't bound a planar area: it must be closed, flat and not cross itself")
    face = maker.Face()
    if holes:
        maker = BRepBuilderAPI_MakeFace(face)
        for hole in holes:
            inner = BRepBuilderAPI_MakeFace(frame.plane(), hole, True)
            if not inner.IsDone():
                raise EngineError("a hole of the profile doesn't bound a planar area")
            # a hole runs against the outer wire; the face made of it runs with it
            oriented = shapes.explore(inner.Face(), shapes.WIRE)[0]
            maker.Add(TopoDS.Wire(oriented.Reversed()))
        face = maker.Face()
    if shapes.indexed(face, shapes.EDGE).Extent() < _MANY_EDGES:
        told = _soundness(face, outer)
    else:
        told = values.of_shape("profile", {}, face, lambda: _soundness(face, outer))
    if not told["sound"]:
        fixer = ShapeFix_Face(face)
        fixer.FixOrientation()
        fixer.Perform()
        fixed = fixer.Face()
        if BRepCheck_Analyzer(fixed).IsValid():
            return fixed
        raise EngineError("the profile crosses itself, or its holes cross its outline or each other")
    if told["empty"]:
        raise EngineError("the profile encloses no area: its segments lie on each other")
    return face


def _soundness(face: Any, outer: Any) -> dict[str, bool]:
    """What has to be known of a profile's face; the outer wire is the face's own."""
    sound = bool(BRepCheck_Analyzer(face).IsValid())
    return {"sound": sound, "empty": sound and shapes.area(face) <= _NO_AREA * shapes.length(outer) ** 2}
