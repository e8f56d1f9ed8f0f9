"""The planar arrangement of a sketch's edges: the faces that they divide the plane into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from OCP.BOPAlgo import BOPAlgo_Builder, BOPAlgo_Tools
from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepClass import BRepClass_FaceClassifier
from OCP.gp import gp_Pnt, gp_Vec
from OCP.Precision import Precision
from OCP.ShapeFix import ShapeFix_ShapeTolerance
from OCP.TopAbs import TopAbs_ShapeEnum, TopAbs_State
from OCP.TopoDS import TopoDS_Compound

from backend.engine.clock import kernel_work
from backend.engine.errors import EngineError
from backend.engine.kernel import profiles, shapes
from backend.engine.kernel.frames import Frame

_INSIDE_MM = 1e-6


@dataclass
class Arrangement:
    """Faces of the plane, all with the frame's normal, and for each divided edge the number of its source."""

    frame: Frame
    faces: list[Any]
    origins: shapes.ShapeMap[int]
    edges: list[Any]

    def at(self, point: Any) -> Any | None:
        """The face that holds the point."""
        for face in self.faces:
            if BRepClass_FaceClassifier(face, point, _INSIDE_MM).State() in (
                TopAbs_State.TopAbs_IN,
                TopAbs_State.TopAbs_ON,
            ):
                return face
        return None

    def sources(self, face: Any) -> list[tuple[Any, int]]:
        """The face's edges, outer boundary first, each with the number of the edge that it is part of."""
        return [(edge, number) for edge in shapes.edges(face) if (number := self.origins.get(edge)) is not None]

    def walk(self, first: int, second: int, index: int, clockwise: bool) -> Any | None:
        """The face on the inner side of the turn from edge ``first`` into edge ``second``.

        The two are followed from the start of the first to their ``index``-th crossing (-1: the last). The turn is to
        the left, unless ``clockwise``. Where both are the same edge, the face on its left (right) side.
        """
        mine = [face for face in self.faces if self._uses(face, first)]
        both = [face for face in mine if self._uses(face, second)]
        if not both:
            return None
        if len(both) == 1:
            return both[0]
        pieces = [edge for edge, number in self.origins.items() if number == first]
        side = self._side(pieces, both, second if second != first else None, index, clockwise)
        return side if side is not None else both[0]

    def _uses(self, face: Any, source: int) -> bool:
        return any(number == source for _, number in self.sources(face))

    def _side(
        self, pieces: list[Any], candidates: list[Any], second: int | None, index: int, clockwise: bool
    ) -> Any | None:
        """The candidate on the left (right) of the piece of the first edge that leads to the crossing."""
        source = self.edges[self.origins.get(pieces[0]) or 0]

        def parameter(edge: Any) -> float:
            piece = BRepAdaptor_Curve(edge)
            return float((piece.FirstParameter() + piece.LastParameter()) / 2)

        pieces = sorted(pieces, key=parameter)
        if source.Orientation().name.endswith("REVERSED"):
            pieces.reverse()
        usable = []
        for piece in pieces:
            _, end = shapes.edge_vertices(piece)
            meets = second is None or any(
                number == second and any(end.IsSame(v) for v in shapes.explore(edge, shapes.VERTEX))
                for edge, number in self.origins.items()
            )
            if meets:
                usable.append(piece)
        if not usable:
            usable = pieces
        piece = usable[index] if -len(usable) <= index < len(usable) else usable[-1]
        local = BRepAdaptor_Curve(piece)
        middle, forward = gp_Pnt(), gp_Vec()
        local.D1((local.FirstParameter() + local.LastParameter()) / 2, middle, forward)
        if source.Orientation().name.endswith("REVERSED"):
            forward.Reverse()
        forward.Normalize()
        left = gp_Vec(self.frame.z).Crossed(forward)
        step = left.Multiplied((-1 if clockwise else 1) * max(1e-5, 1e-4 * shapes.length(piece)))
        probe = middle.Translated(step)
        for face in candidates:
            if BRepClass_FaceClassifier(face, probe, 1e-9).State() == TopAbs_State.TopAbs_IN:
                return face
        return None


@kernel_work
def divide(frame: Frame, edges: Sequence[Any]) -> Arrangement:
    """Cuts the edges at their crossings and finds the faces between them (islands are holes of what's around)."""
    if not edges:
        raise EngineError("the sketch has no segments")
    builder = BOPAlgo_Builder()
    for edge in edges:
        builder.AddArgument(edge)
    builder.SetRunParallel(False)
    if len(edges) > 1:
        builder.Perform()
        if builder.HasErrors():
            raise EngineError("the segments of the sketch can't be divided at their crossings", code="internal_engine")
    origins: shapes.ShapeMap[int] = shapes.ShapeMap()
    pieces = []
    for number, edge in enumerate(edges):
        images = shapes.listed(builder.Modified(edge)) if len(edges) > 1 else []
        for image in map(shapes.cast, images or [edge]):
            if image not in origins:
                pieces.append(image)
            origins.setdefault(image, number)
    wires = TopoDS_Compound()
    BOPAlgo_Tools.EdgesToWires_s(shapes.compound(pieces), wires, True)
    faces = TopoDS_Compound()
    if not BOPAlgo_Tools.WiresToFaces_s(wires, faces):
        raise EngineError("the segments of the sketch enclose no area")
    found = []
    for face in shapes.faces(faces):
        found.append(_facing(face, frame))
    return Arrangement(frame, found, origins, list(edges))


def _facing(face: Any, frame: Frame) -> Any:
    """The face rebuilt on the frame's plane: its normal is the frame's."""
    _tighten(face)
    outer = profiles.outer_wire(face)
    holes = [wire for wire in shapes.explore(face, shapes.WIRE) if not wire.IsSame(outer)]
    return profiles.planar_face(frame, outer, holes)


def _tighten(face: Any) -> None:
    """Takes back the tolerances that cutting gave: where tangent curves meet, their crossing is known to 1e-3 mm only.

    What the edges' ends need is kept. Loose tolerances make later booleans miss that bodies meet.
    """
    setter = ShapeFix_ShapeTolerance()
    needs: shapes.ShapeMap[float] = shapes.ShapeMap()
    for edge in shapes.edges(face):
        curve = BRepAdaptor_Curve(edge)
        setter.SetTolerance(edge, Precision.Confusion_s(), TopAbs_ShapeEnum.TopAbs_EDGE)
        ends = [curve.Value(curve.FirstParameter()), curve.Value(curve.LastParameter())]
        for vertex in shapes.explore(edge, shapes.VERTEX):
            gap = min(BRep_Tool.Pnt_s(vertex).Distance(end) for end in ends)
            needs[vertex] = max(needs.get(vertex) or 0.0, gap)
    for vertex, gap in needs.items():
        setter.SetTolerance(vertex, max(Precision.Confusion_s(), 1.01 * gap), TopAbs_ShapeEnum.TopAbs_VERTEX)
