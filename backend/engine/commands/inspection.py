"""What a client asks of single entities: points and normals of faces, ends and kinds of curves, lengths, distances."""

from __future__ import annotations

from typing import Any

from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepExtrema import BRepExtrema_DistShapeShape
from OCP.BRepGProp import BRepGProp
from OCP.BRepTools import BRepTools
from OCP.GeomAbs import GeomAbs_CurveType
from OCP.GeomLProp import GeomLProp_SLProps
from OCP.gp import gp_Pnt, gp_Vec
from OCP.GProp import GProp_GProps
from OCP.TopAbs import TopAbs_Orientation

from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import entity, mapping, number
from backend.engine.scene import Path, Scene

_AXES = {"x": 0, "y": 1, "z": 2}


def _point(value: Any) -> dict[str, float]:
    return {"x": value.X(), "y": value.Y(), "z": value.Z()}


def _face(scene: Scene, face_id: str) -> Any:
    _, faces = scene.face(face_id)
    return faces[0]


def _edge(scene: Scene, edge_id: str) -> Any:
    """An edge of a body, or a segment of a sketch."""
    for path in scene.paths.values():
        for segment in path.segments:
            if segment.id == edge_id:
                return segment.edge
    _, edges = scene.edge(edge_id)
    return edges[0]


def _at(face: Any, uv: dict[str, Any]) -> tuple[GeomLProp_SLProps, bool]:
    """The surface at shares (0 to 1) of the face's parameters, and whether the face is turned against its surface."""
    u, v = number(uv.get("x")), number(uv.get("y"))
    if not (0 <= u <= 1 and 0 <= v <= 1):
        raise EngineError(f"uv = ({u:g}, {v:g}): parameters of a face run from 0 to 1")
    low_u, high_u, low_v, high_v = BRepTools.UVBounds_s(face)
    surface = BRep_Tool.Surface_s(face)
    found = GeomLProp_SLProps(surface, low_u + u * (high_u - low_u), low_v + v * (high_v - low_v), 1, 1e-9)
    return found, face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED


@command("face_get_position", {"object_id": entity, "uv": mapping})
def face_get_position(scene: Scene, cmd_id: str, object_id: str, uv: dict[str, Any]) -> dict[str, Any]:
    found, _ = _at(_face(scene, object_id), uv)
    return {"pos": _point(found.Value())}


@command("face_get_gradient", {"object_id": entity, "uv": mapping})
def face_get_gradient(scene: Scene, cmd_id: str, object_id: str, uv: dict[str, Any]) -> dict[str, Any]:
    """Tangents and the outward normal."""
    found, turned = _at(_face(scene, object_id), uv)
    if not found.IsNormalDefined():
        raise EngineError("the face has no normal there (a pole or an apex)")
    normal = gp_Vec(found.Normal())
    if turned:
        normal.Reverse()
    return {"df_du": _point(found.D1U()), "df_dv": _point(found.D1V()), "normal": _point(normal)}


@command("face_get_center", {"object_id": entity})
def face_get_center(scene: Scene, cmd_id: str, object_id: str) -> dict[str, Any]:
    """The centroid of the face's area."""
    return {"pos": _point(shapes.center_of_area(_face(scene, object_id)))}


@command("curve_get_type", {"curve_id": entity})
def curve_get_type(scene: Scene, cmd_id: str, curve_id: str) -> dict[str, Any]:
    kind = BRepAdaptor_Curve(_edge(scene, curve_id)).GetType()
    if kind == GeomAbs_CurveType.GeomAbs_Line:
        return {"curve_type": "line"}
    if kind == GeomAbs_CurveType.GeomAbs_Circle:
        return {"curve_type": "arc"}
    return {"curve_type": "nurbs"}


@command("curve_get_end_points", {"curve_id": entity})
def curve_get_end_points(scene: Scene, cmd_id: str, curve_id: str) -> dict[str, Any]:
    curve = BRepAdaptor_Curve(_edge(scene, curve_id))
    start, end = curve.Value(curve.FirstParameter()), curve.Value(curve.LastParameter())
    return {"start": _point(start), "end": _point(end)}


@command("edge_get_length", {"edge_id": entity})
def edge_get_length(scene: Scene, cmd_id: str, edge_id: str) -> dict[str, Any]:
    """Length in mm."""
    found = GProp_GProps()
    BRepGProp.LinearProperties_s(_edge(scene, edge_id), found)
    return {"length": found.Mass()}


def shape_of(scene: Scene, entity_id: str) -> Any:
    """The shape of a body, face, edge or segment. Raises EngineError."""
    if entity_id in scene.aliases:
        return scene.aliases[entity_id].shape
    if entity_id in scene.owners:
        owner = scene.owners[entity_id]
        if entity_id in owner.faces:
            return _face(scene, entity_id)
    return _edge(scene, entity_id)


@command("entity_get_distance", {"entity_id1": entity, "entity_id2": entity, "distance_type": mapping})
def entity_get_distance(
    scene: Scene, cmd_id: str, entity_id1: str, entity_id2: str, distance_type: dict[str, Any]
) -> dict[str, Any]:
    """The least distance, straight or along an axis (mm), and the greatest one between corners of the two."""
    first, second = shape_of(scene, entity_id1), shape_of(scene, entity_id2)
    gap = BRepExtrema_DistShapeShape(first, second)
    if not gap.IsDone():
        raise EngineError("the distance between the two could not be found", code="internal_engine")
    axis = _AXES.get(str(distance_type.get("axis"))) if distance_type.get("type") == "on_axis" else None

    def measured(one: gp_Pnt, other: gp_Pnt) -> float:
        if axis is None:
            return float(one.Distance(other))
        return abs(float(one.Coord(axis + 1)) - float(other.Coord(axis + 1)))

    corners = [
        [BRep_Tool.Pnt_s(vertex) for vertex in shapes.explore(shape, shapes.VERTEX)] for shape in (first, second)
    ]
    nearest = min(measured(gap.PointOnShape1(n), gap.PointOnShape2(n)) for n in range(1, gap.NbSolution() + 1))
    farthest = max((measured(one, other) for one in corners[0] for other in corners[1]), default=nearest)
    return {"min_distance": nearest, "max_distance": max(nearest, farthest)}


@command("entity_get_index", {"entity_id": entity})
def entity_get_index(scene: Scene, cmd_id: str, entity_id: str) -> dict[str, Any]:
    """The place of an entity among its like: of a face or edge within its body, of a body within the scene."""
    owner = scene.owners.get(entity_id)
    if owner is not None and entity_id in owner.faces:
        return {"entity_index": list(owner.faces).index(entity_id)}
    if owner is not None and entity_id in owner.edges:
        return {"entity_index": list(owner.edges).index(entity_id)}
    body = scene.body(entity_id)
    return {"entity_index": next(number for number, item in enumerate(scene.bodies) if item is body)}


@command("entity_get_sketch_paths", {"entity_id": entity})
def entity_get_sketch_paths(scene: Scene, cmd_id: str, entity_id: str) -> dict[str, Any]:
    """The paths drawn on a plane or a face."""

    def belongs(path: Path) -> bool:
        return path.plane_id == entity_id or (path.face is not None and path.face[1] == entity_id)

    return {"entity_ids": [path.id for path in scene.paths.values() if belongs(path)]}


@command("get_num_objects")
def get_num_objects(scene: Scene, cmd_id: str) -> dict[str, Any]:
    return {"num_objects": len(scene.bodies)}
