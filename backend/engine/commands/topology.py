"""Questions about the topology of bodies: what a sweep made, which edges and faces touch, what an id is."""

from __future__ import annotations

from typing import Any

from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeVertex
from OCP.BRepExtrema import BRepExtrema_DistShapeShape

from backend.engine.commands.sketches import face_frame
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import coordinates, count, entities, entity, items, optional, point
from backend.engine.scene import Body, Scene, Sweep, Wall

_CAPS = {(True, True): "both", (True, False): "bottom", (False, True): "top"}


def _sweep_of(body: Body, edge_id: str | None) -> Sweep | None:
    """The sweep that an edge id belongs to; the first one where no edge is given."""
    if edge_id is not None:
        for sweep in reversed(body.sweeps):
            if any(wall.segment_id == edge_id for wall in sweep.walls):
                return sweep
    return body.sweeps[0] if body.sweeps else None


@command("solid3d_get_extrusion_face_info", {"object_id": entity}, edge_id=(optional(entity), None))
def extrusion_face_info(scene: Scene, cmd_id: str, object_id: str, edge_id: str | None) -> dict[str, Any]:
    """The faces of a sweep: a wall for each profile edge, and the caps."""
    body = scene.body(object_id)
    sweep = _sweep_of(body, edge_id)
    found: list[dict[str, Any]] = []
    if sweep is not None:
        for wall in sweep.walls:
            if wall.face_id is not None:
                found.append({"curve_id": wall.segment_id, "face_id": wall.face_id, "cap": "none"})
        whole = body.sweeps[0]
        for cap_id, parents, cap in (
            (sweep.start_cap, whole.start_cap, "bottom"),
            (sweep.end_cap, whole.end_cap, "top"),
        ):
            if not body.faces.get(cap_id or "") and body.faces.get(parents or ""):
                cap_id = parents  # the cap vanished where the sweep was merged: the body's own cap stands for it
            if cap_id is not None:
                found.append({"curve_id": None, "face_id": cap_id, "cap": cap})
    return {"faces": found}


def _edge_info(body: Body, edge_id: str | None) -> dict[str, Any] | None:
    found = body.edges.get(edge_id or "")
    if not found:
        return None
    around = body.edge_faces().get(found[0]) or []
    return {"edge_id": edge_id, "faces": [body.face_id(face) for face in around]}


@command("solid3d_get_adjacency_info", {"object_id": entity}, edge_id=(optional(entity), None))
def adjacency_info(scene: Scene, cmd_id: str, object_id: str, edge_id: str | None) -> dict[str, Any]:
    """For each profile edge of a sweep: itself, its opposite and its neighbours, each with its faces."""
    body = scene.body(object_id)
    sweep = _sweep_of(body, edge_id)
    found = []
    for wall in sweep.walls if sweep is not None else []:
        info = {
            "original_info": _edge_info(body, wall.segment_id),
            "opposite_info": _edge_info(body, wall.opposite_id),
            "adjacent_info": _edge_info(body, wall.next_id),
            "previous_adjacent_info": _edge_info(body, wall.previous_id),
        }
        if any(info.values()):
            found.append({key: value for key, value in info.items() if value is not None})
    return {"edges": found}


def _wall(body: Body, edge_id: str, face_id: str) -> Wall | None:
    for sweep in reversed(body.sweeps):
        for wall in sweep.walls:
            if wall.segment_id == edge_id and (wall.face_id == face_id or face_id in (sweep.start_cap, sweep.end_cap)):
                return wall
    return None


def _around(scene: Scene, object_id: str, edge_id: str, face_id: str) -> tuple[Body, list[Any], int]:
    """The body, the edges of the face's wire in walking order, and the place of the edge among them."""
    body = scene.body(object_id)
    owner, found = scene.edge(edge_id, body)
    _face_owner, faces = scene.face(face_id)
    for face in faces:
        for wire in shapes.explore(face, shapes.WIRE):
            walk = [edge for edge in shapes.ordered_edges(wire, face) if not shapes.is_degenerate(edge)]
            for place, edge in enumerate(walk):
                if any(edge.IsSame(item) for item in found):
                    return owner, walk, place
    raise EngineError(f"the edge {edge_id} is not an edge of the face {face_id}")


def _living(body: Body, edge_id: str | None) -> bool:
    return edge_id is not None and bool(body.edges.get(edge_id))


_EDGE_OF_FACE = {"object_id": entity, "edge_id": entity, "face_id": entity}


@command("solid3d_get_opposite_edge", _EDGE_OF_FACE)
def opposite_edge(scene: Scene, cmd_id: str, object_id: str, edge_id: str, face_id: str) -> dict[str, Any]:
    """The edge across the face: the swept image of a profile edge, else half way round the face's boundary."""
    return {"edge": _opposite(scene, object_id, edge_id, face_id)}


def _opposite(scene: Scene, object_id: str, edge_id: str, face_id: str) -> str:
    body = scene.body(object_id)
    wall = _wall(body, edge_id, face_id)
    if wall is not None and wall.face_id == face_id and wall.opposite_id and _living(body, wall.opposite_id):
        return wall.opposite_id
    owner, walk, place = _around(scene, object_id, edge_id, face_id)
    if len(walk) < 3:
        others = [edge for edge in walk if not edge.IsSame(walk[place])]
        if not others:
            raise EngineError(f"the face {face_id} has no edge opposite to {edge_id}")
        return owner.edge_id(others[0])
    return owner.edge_id(walk[(place + len(walk) // 2) % len(walk)])


def _neighbour(scene: Scene, object_id: str, edge_id: str, face_id: str, step: int) -> dict[str, Any]:
    body = scene.body(object_id)
    wall = _wall(body, edge_id, face_id)
    if wall is not None and wall.face_id == face_id:
        beside = wall.next_id if step > 0 else wall.previous_id
        if _living(body, beside):
            return {"edge": beside}
    owner, walk, place = _around(scene, object_id, edge_id, face_id)
    return {"edge": owner.edge_id(walk[(place + step) % len(walk)])}


@command("solid3d_get_next_adjacent_edge", _EDGE_OF_FACE)
def next_edge(scene: Scene, cmd_id: str, object_id: str, edge_id: str, face_id: str) -> dict[str, Any]:
    return _neighbour(scene, object_id, edge_id, face_id, 1)


@command("solid3d_get_prev_adjacent_edge", _EDGE_OF_FACE)
def previous_edge(scene: Scene, cmd_id: str, object_id: str, edge_id: str, face_id: str) -> dict[str, Any]:
    return _neighbour(scene, object_id, edge_id, face_id, -1)


def common_edges(body: Body, sides: list[str]) -> list[Any]:
    """Edges of the body that lie on faces of all the given ids, in the order of the shape."""
    sets = [shapes.shape_set(body.faces.get(side, [])) for side in sides]
    found = []
    for edge in shapes.edges(body.shape):
        if shapes.is_degenerate(edge):
            continue
        around = body.edge_faces().get(edge) or []
        if all(any(face in side for face in around) for side in sets):
            found.append(edge)
    return found


@command("solid3d_get_common_edge", {"object_id": entity, "face_ids": entities})
def common_edge(scene: Scene, cmd_id: str, object_id: str, face_ids: list[str]) -> dict[str, Any]:
    """The edge that two faces share; null where they share none."""
    body = scene.body(object_id)
    for face_id in face_ids:
        if not body.faces.get(face_id):
            owner, _ = scene.face(face_id)
            body = owner
    found = common_edges(body, face_ids) or common_edges(body, as_drawn(scene, body, face_ids))
    return {"edge": body.edge_id(found[0]) if found else None}


def as_drawn(scene: Scene, body: Body, face_ids: list[str]) -> list[str]:
    """The walls of the segments of these names, where a region named its sides as version V0 does."""
    walls = {wall.face_id: wall.segment_id for sweep in body.sweeps for wall in sweep.walls}
    faces = {wall.segment_id: wall.face_id for sweep in body.sweeps for wall in sweep.walls}
    drawn = (faces.get(scene.drawn.get(walls.get(face_id, ""), "")) for face_id in face_ids)
    return [other or face_id for face_id, other in zip(face_ids, drawn, strict=True)]


@command("solid3d_get_all_edge_faces", {"object_id": entity, "edge_id": entity})
def all_edge_faces(scene: Scene, cmd_id: str, object_id: str, edge_id: str) -> dict[str, Any]:
    body, found = scene.edge(edge_id, scene.aliases.get(object_id))
    around = body.edge_faces().get(found[0]) or []
    return {"faces": [body.face_id(face) for face in around]}


@command(
    "solid3d_get_all_opposite_edges",
    {"object_id": entity, "edge_id": entity},
    along_vector=(optional(coordinates), None),
)
def all_opposite_edges(scene: Scene, cmd_id: str, object_id: str, edge_id: str, along_vector: Any) -> dict[str, Any]:
    if along_vector is not None:
        raise EngineError("solid3d_get_all_opposite_edges: along_vector is not supported", code="unsupported")
    body, found = scene.edge(edge_id, scene.aliases.get(object_id))
    around = body.edge_faces().get(found[0]) or []
    return {"edges": [_opposite(scene, object_id, edge_id, body.face_id(face)) for face in around]}


@command("solid3d_get_edge_uuid", {"object_id": entity, "edge_index": count})
def edge_uuid(scene: Scene, cmd_id: str, object_id: str, edge_index: int) -> dict[str, Any]:
    """The id of the n-th edge, counted in the kernel's order."""
    body = scene.body(object_id)
    found = [edge for edge in shapes.edges(body.shape) if not shapes.is_degenerate(edge)]
    if edge_index >= len(found):
        raise EngineError(f"the body has {len(found)} edges, there is no edge {edge_index}")
    edge_id = body.edge_id(found[edge_index])
    scene.claim(body)
    return {"edge_id": edge_id}


@command("solid3d_get_face_uuid", {"object_id": entity, "face_index": count})
def face_uuid(scene: Scene, cmd_id: str, object_id: str, face_index: int) -> dict[str, Any]:
    """The id of the n-th face, counted in the kernel's order."""
    body = scene.body(object_id)
    found = shapes.faces(body.shape)
    if face_index >= len(found):
        raise EngineError(f"the body has {len(found)} faces, there is no face {face_index}")
    face_id = body.face_id(found[face_index])
    scene.claim(body)
    return {"face_id": face_id}


@command("closest_edge", {"closest_to": point}, object_id=(optional(entity), None))
def closest_edge(scene: Scene, cmd_id: str, closest_to: Any, object_id: str | None) -> dict[str, Any]:
    vertex = BRepBuilderAPI_MakeVertex(closest_to).Vertex()
    best: tuple[float, Body, Any] | None = None
    for body in [scene.body(object_id)] if object_id else scene.visible_bodies():
        for edge in shapes.edges(body.shape):
            if shapes.is_degenerate(edge):
                continue
            gap = BRepExtrema_DistShapeShape(vertex, edge).Value()
            if best is None or gap < best[0] - 1e-9:
                best = gap, body, edge
    if best is None:
        return {"edge_id": None}
    edge_id = best[1].edge_id(best[2])
    scene.claim(best[1])
    return {"edge_id": edge_id}


@command("solid3d_get_body_type", {"object_id": entity})
def body_type(scene: Scene, cmd_id: str, object_id: str) -> dict[str, Any]:
    return {"body_type": scene.body(object_id).kind}


@command("face_is_planar", {"object_id": entity})
def face_is_planar(scene: Scene, cmd_id: str, object_id: str) -> dict[str, Any]:
    """The frame of a planar face; nulls for a curved one."""
    plane = scene.planes.get(object_id)
    if plane is not None:
        frame = plane.frame
    else:
        body, _ = scene.face(object_id)
        try:
            frame = face_frame(body, object_id)
        except EngineError:
            return {"origin": None, "x_axis": None, "y_axis": None, "z_axis": None}

    def triple(item: Any) -> dict[str, float]:
        return {"x": item.X(), "y": item.Y(), "z": item.Z()}

    return {
        "origin": triple(frame.origin),
        "x_axis": triple(frame.x),
        "y_axis": triple(frame.y),
        "z_axis": triple(frame.z),
    }


def entity_type(scene: Scene, entity_id: str) -> str:
    """What an id is, in the protocol's words."""
    if entity_id in scene.aliases:
        return "solid3d"
    if entity_id in scene.regions:
        return "region"
    if entity_id in scene.planes:
        return "plane"
    owner = scene.owners.get(entity_id)
    if owner is not None:
        return "face" if entity_id in owner.faces else "edge"
    path = scene.paths.get(entity_id)
    if path is not None:
        return "solid2d" if path.closed else "path"
    if any(segment.id == entity_id for path in scene.paths.values() for segment in path.segments):
        return "curve"
    raise EngineError(f"there is no entity with id {entity_id}")


@command("get_entity_type", {"entity_id": entity})
def get_entity_type(scene: Scene, cmd_id: str, entity_id: str) -> dict[str, Any]:
    return {"entity_type": entity_type(scene, entity_id)}


@command("query_entity_type", {"entity_id": entity})
def query_entity_type(scene: Scene, cmd_id: str, entity_id: str) -> dict[str, Any]:
    """How to refer to an entity by faces."""
    kind = entity_type(scene, entity_id)
    if kind == "edge":
        body = scene.owners[entity_id]
        _, found = scene.edge(entity_id, body)
        sides = [body.face_id(face) for face in body.edge_faces().get(found[0]) or []]
        scene.claim(body)
        same = common_edges(body, sides)
        index = None
        if len(same) > 1:
            index = next(place for place, edge in enumerate(same) if edge.IsSame(found[0]))
        return {"reference": {"type": "edge", "side_faces": sides, "end_faces": [], "index": index}}
    if kind == "face":
        return {"reference": {"type": "face", "face_id": entity_id}}
    if kind == "plane":
        return {"reference": {"type": "plane", "plane_id": entity_id}}
    if kind == "region":
        return {"reference": {"type": "region", "region_id": entity_id}}
    if kind == "solid3d":
        return {"reference": {"type": "solid3d", "solid3d_id": entity_id}}
    if kind == "curve":
        path = next(p for p in scene.paths.values() if any(s.id == entity_id for s in p.segments))
        return {"reference": {"type": "segment", "path_id": path.id, "segment_id": entity_id}}
    return {"reference": {"type": "solid2d", "solid2d_id": entity_id}}


def child_ids(scene: Scene, entity_id: str) -> list[str]:
    """Faces and edges of a body, or segments of a path, in a fixed order."""
    body = scene.aliases.get(entity_id)
    if body is not None:
        body.name_all()
        scene.claim(body)
        return [*(k for k, v in body.faces.items() if v), *(k for k, v in body.edges.items() if v)]
    found = scene.regions.get(entity_id)
    if found is not None:
        return [segment.id for segment in found.edges]
    path = scene.paths.get(entity_id)
    if path is not None:
        return [segment.id for segment in path.segments]
    raise EngineError(f"there is no entity with id {entity_id}")


@command("entity_get_all_child_uuids", {"entity_id": entity})
def all_child_uuids(scene: Scene, cmd_id: str, entity_id: str) -> dict[str, Any]:
    return {"entity_ids": child_ids(scene, entity_id)}


@command("entity_get_num_children", {"entity_id": entity})
def number_of_children(scene: Scene, cmd_id: str, entity_id: str) -> dict[str, Any]:
    return {"num": len(child_ids(scene, entity_id))}


@command("entity_get_child_uuid", {"entity_id": entity, "child_index": count})
def child_uuid(scene: Scene, cmd_id: str, entity_id: str, child_index: int) -> dict[str, Any]:
    found = child_ids(scene, entity_id)
    if child_index >= len(found):
        raise EngineError(f"the entity has {len(found)} children, there is no child {child_index}")
    return {"entity_id": found[child_index]}


@command("entity_get_parent_id", {"entity_id": entity})
def parent_id(scene: Scene, cmd_id: str, entity_id: str) -> dict[str, Any]:
    owner = scene.owners.get(entity_id)
    if owner is not None:
        return {"entity_id": owner.id}
    for path in scene.paths.values():
        if any(segment.id == entity_id for segment in path.segments):
            return {"entity_id": path.id}
    raise EngineError(f"the entity {entity_id} has no parent")


@command("scene_get_entity_ids", {"filter": items, "skip": count, "take": count})
def entity_ids(scene: Scene, cmd_id: str, filter: list[Any], skip: int, take: int) -> dict[str, Any]:
    found = []
    for kind in filter:
        if kind in ("solid3d", "object"):
            ids = [body.id for body in scene.bodies]
        elif kind == "face":
            ids = [face_id for body in scene.bodies for face_id, faces in body.faces.items() if faces]
        elif kind == "edge":
            ids = [edge_id for body in scene.bodies for edge_id, edges in body.edges.items() if edges]
        elif kind == "plane":
            ids = list(scene.planes)
        elif kind in ("path", "solid2d"):
            ids = [path.id for path in scene.paths.values() if path.closed or kind == "path"]
        elif kind == "region":
            ids = list(scene.regions)
        else:
            raise EngineError(f"scene_get_entity_ids: the filter {kind!r} is not supported", code="unsupported")
        found.append(ids[skip : skip + take])
    return {"entity_ids": found}
