"""Surface bodies: flip, delete faces, stitch together, blend between edges."""

from __future__ import annotations

from typing import Any

from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakeSolid, BRepBuilderAPI_Sewing
from OCP.BRepGProp import BRepGProp_Face
from OCP.collections import Array2_gp_Pnt
from OCP.GeomAPI import GeomAPI_PointsToBSplineSurface
from OCP.gp import gp_Pnt, gp_Vec
from OCP.ShapeAnalysis import ShapeAnalysis_Surface
from OCP.TopoDS import TopoDS

from backend.engine.commands import references
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.kernel.history import Images, carry
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import (
    edge_specifier,
    entities,
    entity,
    items,
    mapping,
    number,
    one_of,
    positive,
)
from backend.engine.scene import Body, Scene

_SEW_MM = 1e-4
_SAMPLES = 17


@command("solid3d_flip", {"object_id": entity})
def flip(scene: Scene, cmd_id: str, object_id: str) -> None:
    """Turns a surface body's sides round; a solid has its inside inside and stays as it is."""
    body = scene.body(object_id)
    if body.kind == "surface":
        body.set_shape(body.shape.Reversed(), body.faces, body.edges)


def _sewn(parts: list[Any], tolerance: float = _SEW_MM) -> tuple[Any, Images]:
    builder = BRepBuilderAPI_Sewing(max(tolerance, _SEW_MM))
    for part in parts:
        builder.Add(part)
    builder.Perform()
    result = builder.SewedShape()
    if result is None or result.IsNull():
        raise EngineError("the faces can't be stitched together")

    def images(item: Any) -> list[Any]:
        return [builder.Modified(item) if builder.IsModified(item) else builder.ModifiedSubShape(item)]

    return result, images


@command("entity_delete_children", {"entity_id": entity, "child_entity_ids": entities})
def delete_faces(scene: Scene, cmd_id: str, entity_id: str, child_entity_ids: list[str]) -> dict[str, Any]:
    """Takes faces off a body: what is left is a surface body."""
    body = scene.body(entity_id)
    gone = shapes.shape_set(face for face_id in child_entity_ids for face in scene.face(face_id, body)[1])
    left = [face for face in shapes.faces(body.shape) if face not in gone]
    if not left:
        raise EngineError("all faces of the body would be deleted; delete the body instead")
    result, images = _sewn(left)
    faces, edges = carry([body], lambda item: [] if item in gone else images(item), result)
    body.kind = "surface"
    body.set_shape(result, faces, edges)
    return {}


def _as_solid(shape: Any) -> Any | None:
    """The solid inside a closed shell; None where the shell is open."""
    found = shapes.explore(shape, shapes.SHELL)
    if len(found) != 1 or not BRep_Tool.IsClosed_s(found[0]):
        return None
    solid = BRepBuilderAPI_MakeSolid(TopoDS.Shell(found[0])).Solid()
    return solid.Reversed() if shapes.volume(solid) < 0 else solid


def _join(scene: Scene, bodies: list[Body], tolerance: float, new_id: str) -> Body:
    result, images = _sewn([face for body in bodies for face in shapes.faces(body.shape)], tolerance)
    solid = _as_solid(result)
    shape = result if solid is None else solid
    faces, edges = carry(bodies, images, shape)
    kind = "surface" if solid is None else "solid"
    joined = Body(new_id, shape, kind, faces, edges, origin=bodies[0].origin, color=bodies[0].color)
    for body in bodies:
        joined.frames.update(body.frames)
        joined.sweeps.extend(body.sweeps)
    for body in bodies:
        scene.remove_body(body, joined)
    return scene.add_body(joined)


@command("solid3d_join", {"object_id": entity})
def join(scene: Scene, cmd_id: str, object_id: str) -> None:
    """Closes a surface body whose faces already meet into a solid; refused where it has gaps."""
    body = scene.body(object_id)
    joined = _join(scene, [body], _SEW_MM, body.id)
    if joined.kind != "solid":
        raise EngineError("join: the surfaces leave gaps, they don't close into a solid")


@command("solid3d_multi_join", {"object_ids": entities, "tolerance": positive})
def multi_join(scene: Scene, cmd_id: str, object_ids: list[str], tolerance: float) -> None:
    """Stitches surface bodies into one; where they close, a solid."""
    bodies: list[Body] = []
    for object_id in object_ids:
        body = scene.body(object_id)
        if not any(body is item for item in bodies):
            bodies.append(body)
    _join(scene, bodies, tolerance, cmd_id)


def _sides(value: Any) -> list[dict[str, Any]]:
    found = []
    for side in items(value):
        given = mapping(side)
        edges = []
        for part in items(given.get("edges")):
            fields = mapping(part)
            edges.append(
                {
                    "edge_id": None if fields.get("edge_id") is None else entity(fields["edge_id"]),
                    "specifier": None
                    if fields.get("edge_specifier") is None
                    else edge_specifier(fields["edge_specifier"]),
                    "low": number(fields.get("lower_bound", 0.0)),
                    "high": number(fields.get("upper_bound", 1.0)),
                }
            )
        found.append({"object_id": entity(given.get("object_id")), "edges": edges})
    if len(found) != 2:
        raise EngineError(f"a blend spans two edges, got {len(found)}")
    return found


@command("surface_blend", {"surfaces": _sides}, blend_type=(one_of("tangent"), "tangent"))
def blend(scene: Scene, cmd_id: str, surfaces: list[dict[str, Any]], blend_type: str) -> None:
    """A surface from edge to edge that leaves both surfaces tangentially: cubic Hermite curves across the gap."""
    rails = []
    for side in surfaces:
        if len(side["edges"]) != 1:
            raise EngineError("a blend over several edges a side is not supported", code="unsupported")
        part = side["edges"][0]
        if part["edge_id"] is not None:
            body, found = scene.edge(part["edge_id"], scene.aliases.get(side["object_id"]))
        elif part["specifier"] is not None:
            body, found = references.find_edges(scene, part["specifier"])
        else:
            raise EngineError("a blend needs an edge on each side")
        if not 0 <= part["low"] < part["high"] <= 1:
            raise EngineError(f"the bounds {part['low']:g} to {part['high']:g} of a blend's edge are not within 0 to 1")
        rails.append(_rail(body, found[0], part["low"], part["high"]))
    first, second = rails
    straight = sum(a[0].Distance(b[0]) for a, b in zip(first, second, strict=True))
    crossed = sum(a[0].Distance(b[0]) for a, b in zip(first, reversed(second), strict=True))
    if crossed < straight:
        second = list(reversed(second))
    grid = Array2_gp_Pnt(1, _SAMPLES, 1, _SAMPLES)
    for row, ((start, leaving), (end, arriving)) in enumerate(zip(first, second, strict=True), 1):
        reach = start.Distance(end)
        for column in range(_SAMPLES):
            t = column / (_SAMPLES - 1)
            grid.SetValue(row, column + 1, _hermite(start, leaving, end, arriving, reach, t))
    surface = GeomAPI_PointsToBSplineSurface()
    surface.Interpolate(grid)
    face = BRepBuilderAPI_MakeFace(surface.Surface(), 1e-6).Face()
    result, _ = _sewn([face])
    body = Body(cmd_id, result, "surface", origin=None)
    body.name_all()
    scene.add_body(body)


def _hermite(start: Any, leaving: Any, end: Any, arriving: Any, reach: float, t: float) -> Any:
    a, b = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t
    c, d = -2 * t**3 + 3 * t**2, t**3 - t**2
    values = [
        a * p + b * reach * u + c * q - d * reach * v
        for p, u, q, v in zip(
            (start.X(), start.Y(), start.Z()),
            (leaving.X(), leaving.Y(), leaving.Z()),
            (end.X(), end.Y(), end.Z()),
            (arriving.X(), arriving.Y(), arriving.Z()),
            strict=True,
        )
    ]
    return gp_Pnt(*values)


def _rail(body: Body, edge: Any, low: float, high: float) -> list[tuple[Any, Any]]:
    """Points along the edge, each with the unit direction that leaves its surface there."""
    around = body.edge_faces().get(edge) or []
    if not around:
        raise EngineError("the edge of a blend belongs to no surface")
    face = around[0]
    curve = BRepAdaptor_Curve(edge)
    span = curve.LastParameter() - curve.FirstParameter()
    analysis = ShapeAnalysis_Surface(BRep_Tool.Surface_s(face))
    inside = shapes.center_of_area(face)
    rail = []
    for number_of in range(_SAMPLES):
        share = low + (high - low) * number_of / (_SAMPLES - 1)
        spot, along = gp_Pnt(), gp_Vec()
        curve.D1(curve.FirstParameter() + span * share, spot, along)
        place = analysis.ValueOfUV(spot, 1e-6)
        normal, _point = gp_Vec(), gp_Pnt()
        BRepGProp_Face(face).Normal(place.X(), place.Y(), _point, normal)
        across = along.Crossed(normal)
        if across.Magnitude() < 1e-12:
            raise EngineError("the surface of a blend's edge has no tangent plane there")
        across.Normalize()
        if across.Dot(gp_Vec(spot, inside)) > 0:
            across.Reverse()
        rail.append((spot, across))
    return rail
