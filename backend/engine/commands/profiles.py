"""Reading a profile (path, region or planar face) as what a sweep needs: its face, wires and named edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from OCP.TopLoc import TopLoc_Location

from backend.engine.commands.sketches import face_frame
from backend.engine.errors import EngineError
from backend.engine.kernel import arrangements, profiles, shapes
from backend.engine.kernel.frames import Frame
from backend.engine.scene import Body, Path, Region, Scene, Segment


@dataclass
class Profile:
    """What is swept: ``shape`` is a face (solid) or a wire or compound of wires (surface body)."""

    id: str
    frame: Frame
    shape: Any
    segments: list[Segment]
    on_face: tuple[Body, str] | None
    hidden_with: Path | Region | None = None


def carried(profile: Profile, trsf: Any) -> Profile:
    """The profile under a rigid transform; its edges stay traceable by their segment ids."""
    location = TopLoc_Location(trsf)
    segments = [Segment(item.id, shapes.cast(item.edge.Moved(location))) for item in profile.segments]
    return Profile(
        profile.id,
        profile.frame.transformed(trsf),
        shapes.cast(profile.shape.Moved(location)),
        segments,
        profile.on_face,
        profile.hidden_with,
    )


def _wires(path: Path) -> tuple[list[Any], list[Segment]]:
    """A wire for each contour, and the segments with the edges that they are in the wires."""
    wires: list[Any] = []
    segments: list[Segment] = []
    for contour in path.contours:
        if contour:
            wire, placed = profiles.wire([segment.edge for segment in contour])
            wires.append(wire)
            segments.extend(Segment(item.id, edge) for item, edge in zip(contour, placed, strict=True))
    return wires, segments


def _hole_wires(holes: list[Path]) -> tuple[list[Any], list[Segment]]:
    wires: list[Any] = []
    segments: list[Segment] = []
    for hole in holes:
        if isinstance(hole, Region):
            wires.append(profiles.outer_wire(hole.shape))
            segments.extend(hole.edges)
        else:
            more, named = _wires(hole)
            wires.extend(more)
            segments.extend(named)
    return wires, segments


def solid_profile(scene: Scene, entity_id: str) -> Profile:
    """The closed area of a path, region or planar face."""
    if entity_id in scene.owners and entity_id not in scene.paths and entity_id not in scene.regions:
        return _face_profile(scene, entity_id)
    found = scene.profile(entity_id)
    cut, cut_segments = _hole_wires(found.holes)
    if isinstance(found, Region):
        face = found.shape
        if cut:
            outer = profiles.outer_wire(face)
            own = [wire for wire in shapes.explore(face, shapes.WIRE) if not wire.IsSame(outer)]
            face = profiles.planar_face(found.frame, outer, [*own, *cut])
        return Profile(found.id, found.frame, face, [*found.edges, *cut_segments], found.face, found)
    wires, segments = _wires(found)
    if not wires:
        raise EngineError("the profile has no segments")
    if not all(wire.Closed() for wire in wires):
        raise EngineError("the profile is open: a solid needs a closed one (or make a surface body)")
    outer, *inner = sorted(wires, key=shapes.length, reverse=True) if len(wires) > 1 else wires
    try:
        face = profiles.planar_face(found.frame, outer, [*inner, *cut])
    except EngineError:
        face, segments = _crossing_profile(found)
        if cut:
            raise
    return Profile(found.id, found.frame, face, [*segments, *cut_segments], found.face, found)


def _crossing_profile(path: Path) -> tuple[Any, list[Segment]]:
    """The areas that a path encloses which crosses itself, and the divided segments around them."""
    plan = arrangements.divide(path.frame, [segment.edge for segment in path.segments])
    if not plan.faces:
        raise EngineError("the profile encloses no area: its segments lie on each other or only cross")
    segments = [Segment(path.segments[number].id, edge) for face in plan.faces for edge, number in plan.sources(face)]
    return plan.faces[0] if len(plan.faces) == 1 else shapes.compound(plan.faces), segments


def _face_profile(scene: Scene, face_id: str) -> Profile:
    body, faces = scene.face(face_id)
    face = faces[0]
    segments = [Segment(body.edge_id(edge), edge) for edge in shapes.edges(face)]
    return Profile(face_id, face_frame(body, face_id), face, segments, (body, face_id))


def surface_profile(scene: Scene, entity_id: str) -> Profile:
    """The wire (or wires) of a path or region, closed or open; or a face of a body."""
    found: Path | Region
    if entity_id in scene.regions:
        found = scene.regions[entity_id]
        wires, segments = list(shapes.explore(found.shape, shapes.WIRE)), list(found.edges)
    elif entity_id in scene.paths:
        found = scene.paths[entity_id]
        wires, segments = _wires(found)
        if not wires:
            raise EngineError("the profile has no segments")
    elif entity_id in scene.owners and entity_id in scene.owners[entity_id].faces:
        return _face_profile(scene, entity_id)
    else:
        raise EngineError(f"there is no sketch, profile or region with id {entity_id}")
    more, cut_segments = _hole_wires(found.holes)
    wires.extend(more)
    shape = wires[0] if len(wires) == 1 else shapes.compound(wires)
    return Profile(found.id, found.frame, shape, [*segments, *cut_segments], found.face, found)
