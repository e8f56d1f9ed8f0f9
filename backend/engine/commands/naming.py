"""Naming what a sweep made: a body with walls, caps and edges under stable ids, from the builder's history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeVertex
from OCP.BRepExtrema import BRepExtrema_DistShapeShape
from OCP.ShapeFix import ShapeFix_Shape

from backend.engine.cache import values
from backend.engine.clock import kernel_work
from backend.engine.commands.profiles import Profile
from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.kernel import shapes
from backend.engine.kernel.frames import Frame
from backend.engine.kernel.history import carry
from backend.engine.kernel.shapes import ShapeMap
from backend.engine.scene import Body, Segment, Sweep, Wall

_NO_AREA_MM2 = 1e-9
_NO_VOLUME_MM3 = 1e-9  # a thousandth of a millimetre, cubed
_MOST_SEARCHES = 400
Generated = Callable[[Any], Iterable[Any]]


def swept_body(
    body_id: str,
    cmd_id: str,
    kind: str,
    shape: Any,
    profile: Profile,
    generated: Generated,
    *,
    first: Callable[[Any], Any] | None = None,
    last: Callable[[Any], Any] | None = None,
    start_faces: Iterable[Any] = (),
    end_faces: Iterable[Any] = (),
    start_frame: Frame | None = None,
    end_frame: Frame | None = None,
    direction: Any | None = None,
) -> Body:
    """The body of a sweep.

    ``generated(edge or vertex)`` gives what the sweep made of a profile edge (walls) or vertex (edges along the sweep);
    ``first``/``last`` the images of a profile edge at the start and the end.
    """
    body = Body(body_id, shape, kind, origin=profile.frame)
    generated, first, last = _safe(generated), _safe_one(first), _safe_one(last)
    present = shapes.part_set(shape, shapes.FACE)
    present_edges = shapes.part_set(shape, shapes.EDGE)

    def kept(items: Iterable[Any], among: Any) -> list[Any]:
        return [shapes.cast(key) for item in items if (key := among.key(item)) is not None]

    sweep = Sweep(cmd_id, [], direction=direction)
    for role, found, frame in (("start", start_faces, start_frame), ("end", end_faces, end_frame)):
        cap = kept(found, present)
        if cap:
            cap_id = derive(cmd_id, role, body_id)
            body.faces[cap_id] = cap
            if frame is not None:
                body.frames[cap_id] = frame
            if role == "start":
                sweep.start_cap = cap_id
            else:
                sweep.end_cap = cap_id
    names: ShapeMap[str] = ShapeMap()
    for segment in profile.segments:
        sweep.walls.append(_wall(body, cmd_id, segment, generated, first, last, present, present_edges, kept, names))
    _find_missing_walls(body, cmd_id, profile.segments, sweep)
    body.sweeps.append(sweep)
    return body


def _safe(images: Generated) -> Generated:
    """OCCT raises on shapes that took no part in the operation: they have no image."""

    def read(shape: Any) -> list[Any]:
        try:
            return shapes.listed(images(shape))
        except Exception:
            return []

    return read


def _safe_one(image: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    if image is None:
        return None

    def read(shape: Any) -> Any:
        try:
            found = image(shape)
        except Exception:
            return shape
        return shape if found is None or found.IsNull() else found

    return read


def _wall(
    body: Body,
    cmd_id: str,
    segment: Segment,
    generated: Generated,
    first: Callable[[Any], Any] | None,
    last: Callable[[Any], Any] | None,
    present: Any,
    present_edges: Any,
    kept: Callable[[Iterable[Any], Any], list[Any]],
    names: ShapeMap[str],
) -> Wall:
    """Names the face that a profile edge made and the edges around it; ``names`` are the edges named so far."""
    walls = kept(generated(segment.edge), present)
    wall = Wall(segment.id, derive(cmd_id, "wall", segment.id) if walls else None)
    if wall.face_id is not None:
        body.faces.setdefault(wall.face_id, []).extend(walls)
    base = kept([first(segment.edge)] if first else [segment.edge], present_edges)
    if base:
        body.edges.setdefault(segment.id, []).extend(base)
        names.setdefault(base[0], segment.id)
    if last is not None:
        top = kept([last(segment.edge)], present_edges)
        if top and not (base and top[0].IsSame(base[0])):
            wall.opposite_id = derive(cmd_id, "opposite", segment.id)
            body.edges[wall.opposite_id] = top
            names.setdefault(top[0], wall.opposite_id)
    start, end = shapes.edge_vertices(segment.edge)
    for vertex, role in ((end, "next"), (start, "previous")):
        along = kept(generated(vertex), present_edges)
        if not along:
            continue
        edge_id = names.get(along[0])
        if edge_id is None:
            edge_id = derive(cmd_id, role, segment.id)
            body.edges[edge_id] = along
            names.setdefault(along[0], edge_id)
        if role == "next":
            wall.next_id = edge_id
        else:
            wall.previous_id = edge_id
    return wall


def _find_missing_walls(body: Body, cmd_id: str, segments: list[Segment], sweep: Sweep) -> None:
    """Walls that the builder's history doesn't report (flat rings of a full turn): faces that hold the edge."""
    missing = [(segment, wall) for segment, wall in zip(segments, sweep.walls, strict=True) if wall.face_id is None]
    if not missing:
        return
    claimed = shapes.shape_set(face for found in body.faces.values() for face in found)
    free = [face for face in shapes.faces(body.shape) if face not in claimed]
    if len(missing) * len(free) > _MOST_SEARCHES:  # history failed altogether; a search would take too long
        return
    for segment, wall in missing:
        for face in free:
            if all(_touches(face, point) for point in _samples(segment.edge)):
                wall.face_id = derive(cmd_id, "wall", segment.id)
                body.faces.setdefault(wall.face_id, []).append(face)
                break


def _samples(edge: Any) -> list[Any]:
    curve = BRepAdaptor_Curve(edge)
    low, high = curve.FirstParameter(), curve.LastParameter()
    return [curve.Value(low + share * (high - low)) for share in (0.25, 0.5, 0.75)]


@kernel_work
def _touches(face: Any, point: Any) -> bool:
    gap = BRepExtrema_DistShapeShape(BRepBuilderAPI_MakeVertex(point).Vertex(), face)
    return bool(gap.IsDone() and gap.Value() < 1e-6)


@kernel_work
def _heal(body: Body) -> bool:
    """Lets OCCT repair the body's shape; whether that gave a sound solid of the same volume."""
    fixer = ShapeFix_Shape(body.shape)
    fixer.Perform()
    found = shapes.solids(fixer.Shape())
    if len(found) != 1 or not shapes.is_valid(found[0]):
        return False
    before, after = shapes.volume(body.shape), shapes.volume(found[0])
    if abs(before - after) > 1e-6 * abs(before):
        return False
    context = fixer.Context()
    faces, edges = carry([body], lambda item: [context.Apply(item)], found[0])
    body.set_shape(found[0], faces, edges)
    return True


def check(body: Body, what: str) -> Body:
    """The body, if its shape is sound; raises otherwise. A solid turned inside out is turned back."""
    if body.kind == "solid":
        if not shapes.solids(body.shape):
            raise EngineError(f"{what}: the result is not a solid")
        volume, sound = values.volume_and_soundness(body.shape)
        if abs(volume) < _NO_VOLUME_MM3:
            raise EngineError(
                f"{what}: the result encloses no volume (its profile has no area, it doesn't "
                "move, or it is too small for the kernel: check the units)"
            )
        if volume < 0:
            body.shape = body.shape.Reversed()
            body.set_shape(body.shape, body.faces, body.edges)
            sound = values.is_sound(body.shape)
        if not sound and not _heal(body):
            raise EngineError(f"{what}: the result is not a valid shape (the profile or the sweep crosses itself)")
    elif shapes.area(body.shape) < _NO_AREA_MM2:
        raise EngineError(f"{what}: the surface has no area")
    return body
