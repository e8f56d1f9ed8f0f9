"""Extrude up to something: a point, an axis, a plane, a face, an edge, a body."""

from __future__ import annotations

from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BRepBndLib import BRepBndLib
from OCP.gp import gp_Dir, gp_Pnt, gp_Trsf, gp_Vec

from backend.engine.commands import merging, references
from backend.engine.commands.extrusions import prism
from backend.engine.commands.profiles import Profile, solid_profile, surface_profile
from backend.engine.commands.sketches import face_frame
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.kernel.frames import Frame
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import anything, coordinates, edge_specifier, entity, mapping, one_of
from backend.engine.scene import Scene


@command(
    "extrude_to_reference",
    {"target": entity, "reference": mapping},
    faces=(anything, None),
    extrude_method=(one_of("merge", "new"), "merge"),
    body_type=(one_of("solid", "surface"), "solid"),
)
def extrude_to_reference(
    scene: Scene,
    cmd_id: str,
    target: str,
    reference: dict[str, Any],
    faces: Any,
    extrude_method: str,
    body_type: str,
) -> None:
    """Extrudes along the profile's normal until the end lies as near to the reference as it can."""
    profile = solid_profile(scene, target) if body_type == "solid" else surface_profile(scene, target)
    span = _span(scene, profile, reference)
    if abs(span) < 1e-7:
        raise EngineError("extrude: the reference lies in the plane of the profile, there is nothing to extrude")
    body = prism(profile, profile.id, cmd_id, body_type, gp_Vec(profile.frame.z).Multiplied(span))
    merging.place(scene, cmd_id, body, profile, extrude_method, span < 0)


def _span(scene: Scene, profile: Profile, reference: dict[str, Any]) -> float:
    kind, given = next(iter(reference.items()))
    given = mapping(given)
    if kind == "point":
        return _along(profile.frame, gp_Pnt(*coordinates(given.get("point"))))
    if kind == "axis":
        origin = gp_Pnt(*coordinates(given.get("point") or {"x": 0, "y": 0, "z": 0}))
        return _to_line(profile, origin, gp_Dir(*coordinates(given.get("axis"))))
    if kind != "entity_reference":
        raise EngineError(f"extrude to {kind!r} is not supported", code="unsupported")
    entity_reference = given.get("entity_reference")
    if entity_reference is not None:
        return _to_entity_reference(scene, profile, mapping(entity_reference))
    return _to_entity(scene, profile, entity(given.get("entity_id")))


def _along(frame: Frame, point: Any) -> float:
    return frame.local(point)[2]


def _to_line(profile: Profile, origin: Any, axis: Any) -> float:
    """Where the normal through the profile's centre comes nearest to the line."""
    normal, line = gp_Vec(profile.frame.z), gp_Vec(axis)
    cross = normal.Crossed(line)
    if cross.Magnitude() < 1e-9:
        raise EngineError("extrude: the axis is parallel to the extrusion, which never gets nearer to it")
    offset = gp_Vec(_center(profile), origin)
    return float(offset.Crossed(line).Dot(cross) / cross.SquareMagnitude())


def _center(profile: Profile) -> Any:
    if shapes.explore(profile.shape, shapes.FACE):
        return shapes.center_of_area(profile.shape)
    return shapes.center_of_length(profile.shape)


def _to_plane(profile: Profile, frame: Frame) -> float:
    """Where the normal through the profile's centre meets the plane."""
    slope = profile.frame.z.Dot(frame.z)
    if abs(slope) < 1e-9:
        raise EngineError("extrude: the plane is parallel to the extrusion, which never meets it")
    return float(gp_Vec(_center(profile), frame.origin).Dot(gp_Vec(frame.z)) / slope)


def _to_shape(profile: Profile, shape: Any) -> float:
    """The near end of what the shape spans along the normal."""
    trsf = gp_Trsf()
    trsf.SetTransformation(profile.frame.ax3())
    from OCP.TopLoc import TopLoc_Location

    box = Bnd_Box()
    BRepBndLib.AddOptimal_s(shape.Moved(TopLoc_Location(trsf)), box, False, False)
    low, high = box.CornerMin().Z(), box.CornerMax().Z()
    if low <= 0 <= high:
        return float(high if abs(high) > abs(low) else low)
    return float(low if low > 0 else high)


def _to_entity_reference(scene: Scene, profile: Profile, reference: dict[str, Any]) -> float:
    kind = reference.get("type")
    if kind == "edge":
        return _to_shape(profile, references.find_edge(scene, edge_specifier(reference)))
    for field in ("plane_id", "face_id", "solid3d_id", "solid2d_id", "region_id", "edge_id", "segment_id"):
        if reference.get(field) is not None:
            return _to_entity(scene, profile, entity(reference[field]))
    raise EngineError(f"extrude to a {kind} reference is not supported", code="unsupported")


def _to_entity(scene: Scene, profile: Profile, entity_id: str) -> float:
    plane = scene.planes.get(entity_id)
    if plane is not None:
        return _to_plane(profile, plane.frame)
    owner = scene.owners.get(entity_id)
    if owner is not None and owner.faces.get(entity_id):
        try:
            return _to_plane(profile, face_frame(owner, entity_id))
        except EngineError:
            return _to_shape(profile, owner.faces[entity_id][0])
    if owner is not None and owner.edges.get(entity_id):
        return _to_shape(profile, owner.edges[entity_id][0])
    body = scene.aliases.get(entity_id)
    if body is not None:
        return _to_shape(profile, body.shape)
    if entity_id in scene.paths or entity_id in scene.regions:
        return _to_plane(profile, scene.profile(entity_id).frame)
    return _to_shape(profile, references.any_edge(scene, entity_id))
