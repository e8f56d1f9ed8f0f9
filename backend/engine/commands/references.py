"""Edges by id or by the faces that meet in them, as axes, directions and things to extrude."""

from __future__ import annotations

from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.GeomAbs import GeomAbs_CurveType
from OCP.gp import gp_Ax1, gp_Dir, gp_Vec

from backend.engine.commands.topology import as_drawn, common_edges
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.scene import Body, Scene


def is_edge(scene: Scene, entity_id: str) -> bool:
    owner = scene.owners.get(entity_id)
    return (
        owner is not None
        and entity_id in owner.edges
        and entity_id not in scene.paths
        and entity_id not in scene.regions
    )


def find_edges(scene: Scene, specifier: dict[str, Any]) -> tuple[Body, list[Any]]:
    """The edges that lie on all ``side_faces``, between the ``end_faces``; ``index`` picks one of several."""
    sides, ends, index = specifier["side_faces"], specifier["end_faces"], specifier["index"]
    if not sides:
        raise EngineError("an edge reference needs at least one side face")
    body, _ = scene.face(sides[0])
    found = common_edges(body, sides) or common_edges(body, as_drawn(scene, body, sides))
    if len(sides) == 1:
        found = [edge for edge in found if len(body.edge_faces().get(edge) or []) == 1] or found
    if ends:
        sets = [shapes.shape_set(body.faces.get(end, [])) for end in ends]
        found = [edge for edge in found if _ends_on(body, edge, sets)]
    if not found:
        raise EngineError("the faces of the edge reference share no edge (with these end faces)")
    if index is not None:
        if index >= len(found):
            raise EngineError(f"the edge reference fits {len(found)} edges, there is no index {index}")
        return body, [found[index]]
    return body, found


def _ends_on(body: Body, edge: Any, ends: list[Any]) -> bool:
    """Whether each end face touches one of the edge's vertices."""
    vertices = shapes.shape_set(shapes.edge_vertices(edge))
    touching = shapes.shape_set(
        face
        for other, faces in body.edge_faces().items()
        for vertex in shapes.explore(other, shapes.VERTEX)
        if vertex in vertices
        for face in faces
    )
    return all(any(face in touching for face, _ in end.items()) for end in ends)


def find_edge(scene: Scene, specifier: dict[str, Any]) -> Any:
    """One edge of a specifier; refuses one that fits several."""
    _, found = find_edges(scene, specifier)
    if len(found) > 1:
        raise EngineError(f"the edge reference fits {len(found)} edges: give 'index' or end faces")
    return found[0]


def any_edge(scene: Scene, edge_id: str) -> Any:
    """An edge of a body, or a segment of a path or region, by its id."""
    owner = scene.owners.get(edge_id)
    if owner is not None and owner.edges.get(edge_id):
        return owner.edges[edge_id][0]
    drawn = [path.segments for path in scene.paths.values()] + [region.edges for region in scene.regions.values()]
    for segments in drawn:
        for segment in segments:
            if segment.id == edge_id:
                return segment.edge
    raise EngineError(f"there is no edge or segment with id {edge_id}; an earlier operation may have removed it")


def edge_direction(scene: Scene, edge: Any) -> Any:
    """Direction of a straight edge's walk."""
    if BRepAdaptor_Curve(edge).GetType() != GeomAbs_CurveType.GeomAbs_Line:
        raise EngineError("the edge that gives a direction must be straight")
    start, end = shapes.edge_ends(edge)
    return gp_Dir(gp_Vec(start, end))


def edge_direction_of_id(scene: Scene, edge_id: str) -> Any:
    return edge_direction(scene, any_edge(scene, edge_id))


def axis_of(scene: Scene, edge_id: str | None, reference: dict[str, Any] | None) -> Any:
    """The line (gp_Ax1) through a straight edge, given by id or by reference (which takes precedence)."""
    if reference is not None:
        edge = find_edge(scene, reference)
    elif edge_id is not None:
        edge = any_edge(scene, edge_id)
    else:
        raise EngineError("an edge is needed as axis: give edge_id or edge_reference")
    start, _ = shapes.edge_ends(edge)
    return gp_Ax1(start, edge_direction(scene, edge))


def extrude_edge(
    scene: Scene,
    cmd_id: str,
    target: str | None,
    reference: dict[str, Any] | None,
    distance: float,
    direction: tuple[str, Any] | None,
    direction_reference: dict[str, Any] | None,
    opposite: Any,
) -> None:
    """Extrudes an edge of a body into a surface body; by default half way between the faces at the edge."""
    from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism

    from backend.engine.kernel.frames import world

    if reference is not None:
        body, found = find_edges(scene, reference)
        edge = found[0]
    else:
        body, found = scene.edge(str(target))
        edge = found[0]
    if direction_reference is not None:
        axis = gp_Vec(edge_direction(scene, find_edge(scene, direction_reference)))
    elif direction is not None:
        axis = gp_Vec(direction[1] if direction[0] == "axis" else edge_direction_of_id(scene, direction[1]))
    else:
        axis = _between_faces(body, edge)
    back = distance if opposite == "symmetric" else (opposite or 0.0)
    from OCP.gp import gp_Trsf
    from OCP.TopLoc import TopLoc_Location

    trsf = gp_Trsf()
    trsf.SetTranslation(axis.Multiplied(-back))
    base = shapes.cast(edge.Moved(TopLoc_Location(trsf)))
    maker = BRepPrimAPI_MakePrism(base, axis.Multiplied(distance + back), False, True)
    surface = Body(cmd_id, maker.Shape(), "surface", origin=world())
    surface.name_all()
    scene.add_body(surface)


def _between_faces(body: Body, edge: Any) -> Any:
    from OCP.BRep import BRep_Tool
    from OCP.BRepGProp import BRepGProp_Face
    from OCP.BRepTools import BRepTools  # noqa: F401
    from OCP.gp import gp_Pnt
    from OCP.ShapeAnalysis import ShapeAnalysis_Surface

    middle = shapes.edge_midpoint(edge)
    total = gp_Vec(0, 0, 0)
    for face in body.edge_faces().get(edge) or []:
        place = ShapeAnalysis_Surface(BRep_Tool.Surface_s(face)).ValueOfUV(middle, 1e-6)
        normal, spot = gp_Vec(), gp_Pnt()
        BRepGProp_Face(face).Normal(place.X(), place.Y(), spot, normal)
        if normal.Magnitude() > 0:
            total = total + normal.Normalized()
    if total.Magnitude() < 1e-9:
        raise EngineError("the edge has no direction between its faces: give 'direction'")
    return total.Normalized()
