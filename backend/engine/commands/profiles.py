"""Reading a profile (path, region or planar face) as what a sweep needs: its face, wires and named edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.engine.commands.sketches import face_frame
from backend.engine.errors import EngineError
from backend.engine.kernel import profiles, shapes
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


def _contour_wires(path: Path) -> list[Any]:
    return [profiles.wire([segment.edge for segment in contour]) for contour in path.contours if contour]


def _hole_wires(holes: list[Path]) -> list[Any]:
    wires = []
    for hole in holes:
        if isinstance(hole, Region):
            wires.append(shapes.explore(hole.shape, shapes.WIRE)[0])
        else:
            wires.extend(_contour_wires(hole))
    return wires


def _hole_segments(holes: list[Path]) -> list[Segment]:
    return [segment for hole in holes for segment in (hole.edges if isinstance(hole, Region) else hole.segments)]


def solid_profile(scene: Scene, entity_id: str) -> Profile:
    """The closed area of a path, region or planar face."""
    if entity_id in scene.owners and entity_id not in scene.paths and entity_id not in scene.regions:
        return _face_profile(scene, entity_id)
    found = scene.profile(entity_id)
    if isinstance(found, Region):
        face = found.shape
        if found.holes:
            outer = shapes.explore(face, shapes.WIRE)
            face = profiles.planar_face(found.frame, outer[0], [*outer[1:], *_hole_wires(found.holes)])
        return Profile(found.id, found.frame, face, [*found.edges, *_hole_segments(found.holes)], found.face, found)
    wires = _contour_wires(found)
    if not wires:
        raise EngineError("the profile has no segments")
    if not all(wire.Closed() for wire in wires):
        raise EngineError("the profile is open: a solid needs a closed one (or make a surface body)")
    outer, *inner = sorted(wires, key=_extent, reverse=True) if len(wires) > 1 else wires
    face = profiles.planar_face(found.frame, outer, [*inner, *_hole_wires(found.holes)])
    return Profile(
        found.id, found.frame, face, [*found.segments, *_hole_segments(found.holes)], found.face, found
    )


def _extent(wire: Any) -> float:
    return shapes.length(wire)


def _face_profile(scene: Scene, face_id: str) -> Profile:
    body, faces = scene.face(face_id)
    face = faces[0]
    segments = [Segment(body.edge_id(edge), edge) for edge in shapes.edges(face)]
    return Profile(face_id, face_frame(body, face_id), face, segments, (body, face_id))


def surface_profile(scene: Scene, entity_id: str) -> Profile:
    """The wire (or wires) of a path or region, closed or open; or one edge of a body."""
    if entity_id in scene.regions:
        region = scene.regions[entity_id]
        wires = shapes.explore(region.shape, shapes.WIRE)
        shape = wires[0] if len(wires) == 1 else shapes.compound(wires)
        return Profile(region.id, region.frame, shape, region.edges, region.face, region)
    if entity_id in scene.paths:
        path = scene.paths[entity_id]
        wires = _contour_wires(path)
        if not wires:
            raise EngineError("the profile has no segments")
        wires.extend(_hole_wires(path.holes))
        shape = wires[0] if len(wires) == 1 else shapes.compound(wires)
        return Profile(path.id, path.frame, shape, [*path.segments, *_hole_segments(path.holes)], path.face, path)
    if entity_id in scene.owners:
        body = scene.owners[entity_id]
        if entity_id in body.faces:
            return _face_profile(scene, entity_id)
    raise EngineError(f"there is no sketch, profile or region with id {entity_id}")
