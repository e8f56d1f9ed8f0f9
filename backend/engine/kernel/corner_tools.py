"""Edge cuts by a tool body, for straight edges where the kernel's own fillet fails.

Between two flat faces a fillet (or chamfer) takes away, or fills in, a prism whose section is bounded by the two faces
and the arc (or line) tangent to them. Where both ends of the edge lie in flat faces across it the prism is the exact
answer, however little of the faces beside it is left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Surface
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge, BRepBuilderAPI_MakeFace
from OCP.BRepClass import BRepClass_FaceClassifier
from OCP.BRepClass3d import BRepClass3d_SolidClassifier
from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism
from OCP.GC import GC_MakeArcOfCircle
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType
from OCP.gp import gp_Vec
from OCP.TopAbs import TopAbs_State
from OCP.TopoDS import TopoDS

from backend.engine.errors import EngineError
from backend.engine.kernel import bool_ops, profiles, shapes
from backend.engine.kernel.frames import outward_normal
from backend.engine.kernel.history import Images, chain

_ACROSS = 1e-6


def cut_straight_edges(
    shape: Any,
    edges: Sequence[Any],
    sizes: Callable[[float], tuple[float, float, bool]],
    square_ends: bool = True,
) -> tuple[Any, Images, Callable[[Any], list[Any]]] | None:
    """The shape with the edges cut one after the other by prisms; None where an edge is not of this kind.

    ``sizes(angle between the faces)`` gives how far the cut reaches on each face, and whether it is round. The faces
    at the ends must be flat and square to the edge, unless ``square_ends`` is False: the cut then ends there abruptly.
    """
    sides = shapes.edge_faces(shape)
    tools = []
    for edge in edges:
        tool = _tool(shape, edge, sides, sizes, square_ends)
        if tool is None:
            return None
        tools.append((edge, *tool))
    current = shape
    images: Images = lambda item: [item]  # noqa: E731
    walls: list[tuple[Any, Any, Images]] = []
    for edge, body, wall, convex in tools:
        result, step = bool_ops.boolean("cut" if convex else "fuse", [current], [body])
        if len(shapes.solids(result)) != len(shapes.solids(shape)):
            return None
        walls = [(known, face, chain(since, step)) for known, face, since in walls]
        walls.append((edge, wall, step))
        images, current = chain(images, step), result

    def generated(edge: Any) -> list[Any]:
        return [
            TopoDS.Face(image)
            for known, face, since in walls
            if known.IsSame(edge)
            for image in since(face)
            if image.ShapeType() == shapes.FACE
        ]

    return current, images, generated


def _tool(
    shape: Any, edge: Any, sides: Any, sizes: Callable[[float], tuple[float, float, bool]], square_ends: bool
) -> tuple[Any, Any, bool] | None:
    """The prism for an edge, its wall that becomes the cut's face, and whether the edge is convex."""
    around = sides.get(edge) or []
    if len(around) != 2 or BRepAdaptor_Curve(edge).GetType() != GeomAbs_CurveType.GeomAbs_Line:
        return None
    normals = [outward_normal(face) for face in around]
    if any(normal is None for normal in normals):
        return None
    start, end = shapes.edge_ends(edge)
    along = gp_Vec(start, end)
    if square_ends and not _ends_across(edge, along, around, sides):
        return None
    into = [_into_face(face, edge, along, normal) for face, normal in zip(around, normals, strict=True)]
    angle = into[0].Angle(into[1])
    if not 1e-3 < angle < math.pi - 1e-3:
        return None
    middle = shapes.edge_midpoint(edge)
    inside = middle.Translated((into[0] + into[1]).Multiplied(1e-4 * along.Magnitude()))
    state = BRepClass3d_SolidClassifier(shape, inside, 1e-9).State()
    convex = state == TopAbs_State.TopAbs_IN
    first, second, is_round = sizes(angle)
    for face, heading, span in zip(around, into, (first, second), strict=True):
        if not _holds(face, middle.Translated(heading.Multiplied(span))):
            return None
    one = start.Translated(into[0].Multiplied(first))
    two = start.Translated(into[1].Multiplied(second))
    if is_round:
        radius = first * math.tan(angle / 2)
        bisector = (into[0] + into[1]).Normalized()
        center = start.Translated(bisector.Multiplied(radius / math.sin(angle / 2)))
        peak = center.Translated(bisector.Multiplied(-radius))
        profile_edge = BRepBuilderAPI_MakeEdge(GC_MakeArcOfCircle(one, peak, two).Value()).Edge()
    else:
        profile_edge = BRepBuilderAPI_MakeEdge(one, two).Edge()
    outline, placed = profiles.wire(
        [
            BRepBuilderAPI_MakeEdge(start, one).Edge(),
            profile_edge,
            BRepBuilderAPI_MakeEdge(two, start).Edge(),
        ]
    )
    face = BRepBuilderAPI_MakeFace(outline, True)
    if not face.IsDone():
        return None
    prism = BRepPrimAPI_MakePrism(face.Face(), along, False, True)
    made = shapes.listed(prism.Generated(placed[1]))
    if not made:
        raise EngineError("the corner tool has no wall", code="internal_engine")
    return prism.Shape(), TopoDS.Face(made[0]), convex


def _holds(face: Any, point: Any) -> bool:
    state = BRepClass_FaceClassifier(face, point, 1e-6).State()
    return state in (TopAbs_State.TopAbs_IN, TopAbs_State.TopAbs_ON)


def _into_face(face: Any, edge: Any, along: Any, normal: Any) -> Any:
    """Unit direction from the edge into the face, across the edge."""
    across = gp_Vec(normal).Crossed(along).Normalized()
    # walking the edge as its face does, the face lies on the left of the outward normal
    for item in shapes.explore(face, shapes.EDGE):
        if item.IsSame(edge):
            first, last = shapes.edge_ends(item)
            heading = gp_Vec(first, last)
            return gp_Vec(normal).Crossed(heading).Normalized()
    return across


def _ends_across(edge: Any, along: Any, around: Sequence[Any], sides: Any) -> bool:
    """Whether every other face at the edge's ends is flat and square to the edge."""
    mine = shapes.shape_set(around)
    ends = shapes.shape_set(shapes.edge_vertices(edge))
    for other, faces in sides.items():
        if not any(vertex in ends for vertex in shapes.explore(other, shapes.VERTEX)):
            continue
        for face in faces:
            if face in mine:
                continue
            surface = BRepAdaptor_Surface(TopoDS.Face(face))
            if surface.GetType() != GeomAbs_SurfaceType.GeomAbs_Plane:
                return False
            if gp_Vec(surface.Plane().Axis().Direction()).Crossed(along.Normalized()).Magnitude() > _ACROSS:
                return False
    return True
