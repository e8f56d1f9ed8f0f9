"""Planes, sketch mode and paths: what a sketch is drawn with."""

from __future__ import annotations

import itertools
import math
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.kernel import curves
from backend.engine.kernel.frames import Frame, side_frame
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import (
    anything,
    boolean,
    coordinates,
    direction,
    distance,
    entity,
    mapping,
    optional,
    point,
)
from backend.engine.scene import Body, Path, Plane, Scene, Segment

_SAME_POINT_MM = 1e-6
_JOIN_MM = curves.JOIN_MM
_CELL_MM = 1e-3  # well over the distance at which ends are one


@command(
    "make_plane",
    {"origin": point, "x_axis": direction, "y_axis": direction},
    size=(distance, 0.0),
    clobber=(boolean, False),
    hide=(optional(boolean), None),
)
def make_plane(
    scene: Scene, cmd_id: str, origin: Any, x_axis: Any, y_axis: Any, size: float, clobber: bool, hide: bool | None
) -> None:
    """A plane to sketch on; y is taken perpendicular to x."""
    if abs(x_axis.Dot(y_axis)) > 1 - 1e-9:
        raise EngineError("the axes of a plane must not be parallel")
    y = x_axis.Crossed(y_axis).Crossed(x_axis)
    scene.planes[cmd_id] = Plane(cmd_id, Frame(origin, x_axis, y), bool(hide))


def face_frame(body: Body, face_id: str) -> Frame:
    """The frame of a planar face: its own where it has one, else by the rules of :func:`side_frame`."""
    known = body.frames.get(face_id)
    if known is not None:
        return known
    sweep = next(
        (item for item in body.sweeps if any(wall.face_id == face_id for wall in item.walls)),
        body.sweeps[0] if body.sweeps else None,
    )
    found = body.faces.get(face_id) or []
    frame = None
    for face in found:
        frame = side_frame(face, sweep.direction if sweep else None)
        if frame is not None:
            break
    if frame is None:
        raise EngineError(f"the face {face_id} is not planar: a sketch needs a planar face")
    body.frames[face_id] = frame
    return frame


@command(
    "enable_sketch_mode",
    {"entity_id": entity},
    ortho=(anything, None),
    animated=(anything, None),
    adjust_camera=(anything, None),
    planar_normal=(anything, None),
)
def enable_sketch_mode(scene: Scene, cmd_id: str, entity_id: str, **_: Any) -> None:
    """Sets the frame that the next path is drawn in: that of a plane, or of a planar face of a body."""
    plane = scene.planes.get(entity_id)
    if plane is not None:
        scene.sketch_on = (plane.frame, None, entity_id)
        return
    body = scene.owners.get(entity_id)
    if body is None or entity_id not in body.frames:  # a face covered by a later sweep keeps its frame
        body, _faces = scene.face(entity_id)
    scene.sketch_on = (face_frame(body, entity_id), (body, entity_id), entity_id)


@command("sketch_mode_disable")
def sketch_mode_disable(scene: Scene, cmd_id: str) -> None:
    scene.sketch_on = None


@command("start_path")
def start_path(scene: Scene, cmd_id: str) -> None:
    if scene.sketch_on is None:
        raise EngineError("start_path needs sketch mode: enable it on a plane or a face first")
    frame, face, plane_id = scene.sketch_on
    scene.paths[cmd_id] = Path(cmd_id, frame, face, plane_id=plane_id)


def _path(scene: Scene, path_id: str) -> Path:
    path = scene.paths.get(path_id)
    if path is None:
        raise EngineError(f"there is no path with id {path_id}")
    return path


@command("move_path_pen", {"path": entity, "to": coordinates})
def move_path_pen(scene: Scene, cmd_id: str, path: str, to: tuple[float, float, float]) -> None:
    drawn = _path(scene, path)
    drawn.pen = drawn.start = to
    drawn.vertices = []
    drawn.heading = None
    if not drawn.contours or drawn.contours[-1]:
        drawn.contours.append([])


@command("extend_path", {"path": entity, "segment": mapping}, label=(anything, None))
def extend_path(scene: Scene, cmd_id: str, path: str, segment: dict[str, Any], label: str | None) -> None:
    """Draws one segment from the pen; its id is that of the command."""
    drawn = _path(scene, path)
    piece = curves.read_segment(segment, drawn.pen, drawn.heading)
    if piece is None:  # a line of no length draws nothing
        return
    if piece.remark:
        scene.remarks.append(piece.remark)
    if not drawn.contours:
        drawn.contours.append([])
    jump = max(abs(a - b) for a, b in zip(piece.start, drawn.pen, strict=True))
    if jump > _SAME_POINT_MM * max(1.0, *(abs(value) for value in piece.start)):
        if drawn.contours[-1]:
            drawn.contours.append([])
        drawn.vertices = []
    if not drawn.vertices:
        drawn.start, vertex = _end_at(drawn, piece.start)
        drawn.vertices = [vertex, vertex]
        drawn.pen = drawn.start
    first, last = drawn.vertices
    closes = piece.is_closed or (
        bool(drawn.contours[-1]) and max(abs(a - b) for a, b in zip(piece.end, drawn.start, strict=True)) <= _JOIN_MM
    )
    if piece.is_closed:
        end, end_vertex = piece.end, last
    else:
        end, end_vertex = (drawn.start, first) if closes else _end_at(drawn, piece.end, last)
        if piece.refit is not None and (_apart(piece.start, drawn.pen) or _apart(piece.end, end)):
            piece = piece.refit(drawn.pen, end)
    edge = piece.edge(drawn.frame, last, end_vertex)
    drawn.contours[-1].append(Segment(cmd_id, edge))
    drawn.vertices = [first, end_vertex]
    drawn.pen = end
    drawn.heading = piece.end_heading


def _end_at(
    drawn: Path, place: tuple[float, float, float], other: Any = None
) -> tuple[tuple[float, float, float], Any]:
    """Place and vertex of a segment's end: those of an earlier segment that ends there within the solver's accuracy.

    Solved sketches draw each segment by itself, and their ends meet only to some 1e-5 mm. ``other`` is the vertex of
    the segment's own start, which a short segment's end must not fall on.
    """
    spans = [sorted({math.floor((value + step) / _CELL_MM) for step in (-_JOIN_MM, _JOIN_MM)}) for value in place]
    for cell in itertools.product(*spans):
        known, vertex = drawn.ends.get(cell, (None, None))
        near = known is not None and max(abs(a - b) for a, b in zip(known, place, strict=True)) <= _JOIN_MM
        if near and (other is None or not vertex.IsSame(other)):
            return known, vertex
    made = curves.vertex(drawn.frame, place)
    drawn.ends[tuple(math.floor(value / _CELL_MM) for value in place)] = (place, made)
    return place, made


def _apart(one: tuple[float, float, float], two: tuple[float, float, float]) -> bool:
    return 1e-12 < max(abs(a - b) for a, b in zip(one, two, strict=True)) <= _JOIN_MM


@command("close_path", {"path_id": entity})
def close_path(scene: Scene, cmd_id: str, path_id: str) -> dict[str, Any]:
    """Closes the path; where the pen isn't at the start a line with this command's id is added."""
    drawn = _path(scene, path_id)
    if not drawn.segments:
        raise EngineError("close_path: the path has no segments")
    gap = max(abs(a - b) for a, b in zip(drawn.pen, drawn.start, strict=True))
    if gap > _JOIN_MM:
        x, y, z = drawn.start
        line = {"type": "line", "end": {"x": x, "y": y, "z": z}, "relative": False}
        extend_path(scene, cmd_id, path_id, line, None)
    drawn.closed = True
    return {"face_id": derive(path_id, "solid2d")}


@command("solid2d_add_hole", {"object_id": entity, "hole_id": entity})
def solid2d_add_hole(scene: Scene, cmd_id: str, object_id: str, hole_id: str) -> None:
    outer = scene.profile(object_id)
    hole = scene.profile(hole_id)
    outer.holes.append(hole)  # type: ignore[arg-type]


@command("plane_set_color", {"plane_id": entity}, color=(anything, None))
def plane_set_color(scene: Scene, cmd_id: str, plane_id: str, color: Any) -> None:
    return None
