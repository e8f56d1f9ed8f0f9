"""Copies: patterns, clones and mirror images of bodies and sketches."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_Copy,
    BRepBuilderAPI_GTransform,
    BRepBuilderAPI_NurbsConvert,
    BRepBuilderAPI_Transform,
)
from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_GTrsf, gp_Mat, gp_Pnt, gp_Trsf, gp_Vec, gp_XYZ
from OCP.TopLoc import TopLoc_Location

from backend.engine.cache import values
from backend.engine.clock import kernel_work
from backend.engine.commands import references
from backend.engine.commands.placing import center_of, moved_placement, sketch_center, transformed_frame
from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.kernel import affine, curves, shapes
from backend.engine.kernel.history import Images
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import (
    angle,
    boolean,
    coordinates,
    count,
    distance,
    edge_specifier,
    entities,
    entity,
    items,
    mapping,
    number,
    optional,
)
from backend.engine.scene import Body, Path, Region, Scene, Segment, Sweep, Wall

MAX_COPIES = 20_000
_MOST_OFF = 1e-3


@kernel_work
def moved_shape(shape: Any, trsf: Any) -> tuple[Any, Images]:
    """The shape carried by a transform. Rigid ones share geometry; scales and mirrors rebuild it."""
    if isinstance(trsf, gp_GTrsf):
        return _stretched(shape, trsf)
    rigid = abs(trsf.ScaleFactor() - 1) < 1e-12 and not trsf.IsNegative()
    if rigid:
        location = TopLoc_Location(trsf)
        return shape.Moved(location), lambda item: [item.Moved(location)]
    builder = BRepBuilderAPI_Transform(shape, trsf, True)
    return builder.Shape(), lambda item: [builder.ModifiedShape(item)]


def _stretched(shape: Any, trsf: Any) -> tuple[Any, Images]:
    """An affine image: the geometry becomes splines, which an affine map carries exactly.

    OCCT's rational splines of trimmed tori can be unsound: the parts are then rebuilt one by one on polynomial
    splines, and the body is refused where its volume shows that this failed too.
    """
    converted = BRepBuilderAPI_NurbsConvert(shape, True)
    general = BRepBuilderAPI_GTransform(converted.Shape(), trsf, True)

    def carried(item: Any) -> list[Any]:
        return [general.ModifiedShape(converted.ModifiedShape(item))]

    wanted = shapes.volume(shape) * abs(trsf.VectorialPart().Determinant())

    def sound(result: Any) -> bool:
        return shapes.is_valid(result) and abs(abs(shapes.volume(result)) - abs(wanted)) <= _MOST_OFF * abs(wanted)

    result = general.Shape()
    if sound(result):
        return result, carried
    result, images = affine.stretched(shape, trsf)
    if not sound(result):
        raise EngineError("the body can't be scaled by different factors: its curved faces don't allow it")
    return result, images


def image_of(images: Images, edge: Any) -> Any:
    """The image of an edge that is walked the same way: builders give it as it is stored, not as it was given."""
    return shapes.cast(images(edge)[0].Oriented(edge.Orientation()))


@kernel_work
def copied_shape(shape: Any) -> tuple[Any, Images]:
    builder = BRepBuilderAPI_Copy(shape)
    return builder.Shape(), lambda item: [builder.ModifiedShape(item)]


def copy_body(body: Body, new_id: str, shape: Any, images: Images, carry_frame: Callable[[Any], Any]) -> Body:
    """A body of its own from a copied shape; each part's id is derived from the original's."""

    def renamed(old: str | None) -> str | None:
        return None if old is None else derive(new_id, old)

    copy = Body(new_id, shape, body.kind, hidden=False, name=body.name, color=body.color)
    copy.material = dict(body.material)
    copy.placement = body.placement
    for named, target in ((body.faces, copy.faces), (body.edges, copy.edges)):
        for old, found in named.items():
            new = derive(new_id, old)
            target[new] = [shapes.cast(image) for item in found for image in images(item)]
            copy.copies[old] = new
    for older, old in body.copies.items():
        copy.copies[older] = derive(new_id, old)
    copy.frames = {derive(new_id, old): carry_frame(frame) for old, frame in body.frames.items()}
    copy.origin = carry_frame(body.origin) if body.origin is not None else None
    for sweep in body.sweeps:
        walls = [
            Wall(
                derive(new_id, wall.segment_id),
                renamed(wall.face_id),
                renamed(wall.opposite_id),
                renamed(wall.next_id),
                renamed(wall.previous_id),
            )
            for wall in sweep.walls
        ]
        for wall in sweep.walls:
            copy.copies.setdefault(wall.segment_id, derive(new_id, wall.segment_id))
        copy.sweeps.append(
            Sweep(renamed(sweep.id) or new_id, walls, renamed(sweep.start_cap), renamed(sweep.end_cap), sweep.direction)
        )
    return copy


def copy_path(path: Path, new_id: str, trsf: Any) -> Path:
    """A path of its own, carried by a transform (gp_Trsf)."""
    location_images = _edge_mover(trsf)
    copy = Path(new_id, transformed_frame(path.frame, trsf), None, closed=path.closed, plane_id=path.plane_id)
    copy.face = path.face
    copy.placement = moved_placement(path.placement, trsf)
    copy.pen, copy.start, copy.heading = path.pen, path.start, path.heading
    whole = shapes.compound(segment.edge for segment in path.segments)
    _, images = location_images(whole)
    copy.contours = [
        [Segment(derive(new_id, segment.id), image_of(images, segment.edge)) for segment in contour]
        for contour in path.contours
    ]
    copy.holes = [
        copy_path(hole, derive(new_id, hole.id), trsf)
        if isinstance(hole, Path)
        else copy_region(hole, derive(new_id, hole.id), trsf)
        for hole in path.holes
    ]
    return copy


def copy_region(region: Region, new_id: str, trsf: Any) -> Region:
    shape, images = _edge_mover(trsf)(region.shape)
    edges = [Segment(derive(new_id, item.id), image_of(images, item.edge)) for item in region.edges]
    copy = Region(new_id, transformed_frame(region.frame, trsf), region.face, shapes.cast(shape), edges)
    copy.holes = [copy_path(hole, derive(new_id, hole.id), trsf) for hole in region.holes]
    copy.placement = moved_placement(region.placement, trsf)
    return copy


def _edge_mover(trsf: Any) -> Callable[[Any], tuple[Any, Images]]:
    return lambda shape: moved_shape(shape, trsf)


def identity() -> Any:
    return gp_Trsf()


def _info(object_id: str, faces: list[str], edges: list[str]) -> dict[str, Any]:
    return {"object_id": object_id, "faces": faces, "edges": edges}


def add_copy(scene: Scene, entity_id: str, new_id: str, trsf: Any) -> dict[str, Any]:
    """Copies a body, path or region under a new id; returns its ids for the reply."""
    body = scene.aliases.get(entity_id)
    if body is not None:
        shape, images = moved_shape(body.shape, trsf) if not _is_identity(trsf) else copied_shape(body.shape)
        copy = copy_body(body, new_id, shape, images, lambda frame: transformed_frame(frame, trsf))
        copy.placement = moved_placement(body.placement, trsf)
        if copy.kind == "solid" and values.is_inside_out(shape):
            copy.shape = shape.Reversed()
        scene.add_body(copy)
        return _info(new_id, [k for k, v in copy.faces.items() if v], [k for k, v in copy.edges.items() if v])
    region = scene.regions.get(entity_id)
    if region is not None:
        scene.regions[new_id] = copy_region(region, new_id, trsf)
        return _info(new_id, [], [segment.id for segment in scene.regions[new_id].edges])
    path = scene.paths.get(entity_id)
    if path is not None:
        scene.paths[new_id] = copy_path(path, new_id, trsf)
        return _info(new_id, [], [segment.id for segment in scene.paths[new_id].segments])
    raise EngineError(f"there is nothing with id {entity_id} to copy")


def _is_identity(trsf: Any) -> bool:
    return isinstance(trsf, gp_Trsf) and trsf.Form().name == "gp_Identity"


@command("entity_clone", {"entity_id": entity})
def entity_clone(scene: Scene, cmd_id: str, entity_id: str) -> dict[str, Any]:
    body = scene.aliases.get(entity_id)
    if body is not None:
        body.name_all()
        scene.claim(body)
    return {"face_edge_ids": [add_copy(scene, entity_id, cmd_id, identity())]}


def _frame_or_none(scene: Scene, entity_id: str) -> Any | None:
    if entity_id in scene.aliases:
        return None
    holder = scene.regions.get(entity_id) or scene.paths.get(entity_id)
    return holder.frame if holder is not None else None


@command(
    "entity_circular_pattern",
    {
        "entity_id": entity,
        "axis": coordinates,
        "center": coordinates,
        "num_repetitions": count,
        "arc_degrees": number,
        "rotate_duplicates": boolean,
    },
)
def circular_pattern(
    scene: Scene,
    cmd_id: str,
    entity_id: str,
    axis: tuple[float, float, float],
    center: tuple[float, float, float],
    num_repetitions: int,
    arc_degrees: float,
    rotate_duplicates: bool,
) -> dict[str, Any]:
    """Copies about an axis: a full turn is divided by the number of instances, an arc reaches its end."""
    _check_count(num_repetitions)
    frame = _frame_or_none(scene, entity_id)
    if frame is not None:
        line = gp_Ax1(frame.point(*center), frame.z)
    else:
        if math.hypot(*axis) < 1e-12:
            raise EngineError("entity_circular_pattern: the axis has no direction")
        line = gp_Ax1(gp_Pnt(*center), gp_Dir(*axis))
    full = abs(abs(arc_degrees) - 360) < 1e-9
    step = arc_degrees / (num_repetitions + 1 if full else max(1, num_repetitions))
    middle = _middle(scene, entity_id)
    if (
        frame is not None
        and rotate_duplicates
        and _chain_of_turns(scene, cmd_id, entity_id, line, step, num_repetitions)
    ):
        return {"entity_face_edge_ids": []}
    found = []
    for turn in range(1, num_repetitions + 1):
        trsf = gp_Trsf()
        trsf.SetRotation(line, math.radians(step * turn))
        if not rotate_duplicates:
            shift = gp_Trsf()
            shift.SetTranslation(gp_Vec(middle, middle.Transformed(trsf)))
            trsf = shift
        found.append(add_copy(scene, entity_id, derive(cmd_id, "copy", turn), trsf))
    return {"entity_face_edge_ids": found}


def _chain_of_turns(scene: Scene, cmd_id: str, entity_id: str, line: Any, step: float, repetitions: int) -> bool:
    """Continues an open path by its own turned copies where each starts at the end of the one before (a gear)."""
    path = scene.paths.get(entity_id)
    if path is None or path.closed or len([contour for contour in path.contours if contour]) != 1:
        return False
    contour = next(contour for contour in path.contours if contour)
    trsf = gp_Trsf()
    trsf.SetRotation(line, math.radians(step))
    start, _ = shapes.edge_ends(contour[0].edge)
    _, end = shapes.edge_ends(contour[-1].edge)
    if not _is_open(contour) or start.Transformed(trsf).Distance(end) > curves.JOIN_MM:
        return False
    whole = list(contour)
    for turn in range(1, repetitions + 1):
        trsf = gp_Trsf()
        trsf.SetRotation(line, math.radians(step * turn))
        copy = copy_path(path, derive(cmd_id, "copy", turn), trsf)
        whole.extend(segment for part in copy.contours for segment in part)
    _continue(path, whole)
    return True


def _check_count(copies: int) -> None:
    if copies > MAX_COPIES:
        raise EngineError(f"a pattern of {copies} copies is more than the {MAX_COPIES} that the engine makes")


def _middle(scene: Scene, entity_id: str) -> Any:
    body = scene.aliases.get(entity_id)
    if body is not None:
        return center_of(body.shape)
    return sketch_center(scene.profile(entity_id))


@command(
    "entity_linear_pattern",
    {"entity_id": entity, "axis": coordinates, "num_repetitions": count, "spacing": distance},
)
def linear_pattern(
    scene: Scene, cmd_id: str, entity_id: str, axis: tuple[float, float, float], num_repetitions: int, spacing: float
) -> dict[str, Any]:
    _check_count(num_repetitions)
    frame = _frame_or_none(scene, entity_id)
    vector = frame.vector(axis[0], axis[1]) if frame is not None else gp_Vec(*axis)
    if vector.Magnitude() < 1e-12:
        raise EngineError("entity_linear_pattern: the axis has no direction")
    vector.Normalize()
    found = []
    for turn in range(1, num_repetitions + 1):
        trsf = gp_Trsf()
        trsf.SetTranslation(vector.Multiplied(spacing * turn))
        found.append(add_copy(scene, entity_id, derive(cmd_id, "copy", turn), trsf))
    return {"entity_face_edge_ids": found}


def _transforms(value: Any) -> list[list[dict[str, Any]]]:
    return [[_transform(step) for step in items(steps)] for steps in items(value)]


def _single_transforms(value: Any) -> list[list[dict[str, Any]]]:
    return [[_transform(step)] for step in items(value)]


def _transform(value: Any) -> dict[str, Any]:
    given = mapping(value)
    unknown = set(given) - {"translate", "scale", "rotation", "replicate"}
    if unknown:
        raise EngineError(f"the transform field {sorted(unknown)[0]!r} is not supported", code="unsupported")
    rotation = mapping(given.get("rotation") or {})
    origin = mapping(rotation.get("origin") or {"type": "local"})
    return {
        "translate": coordinates(given.get("translate") or {"x": 0, "y": 0, "z": 0}),
        "scale": coordinates(given.get("scale") or {"x": 1, "y": 1, "z": 1}),
        "axis": coordinates(rotation.get("axis") or {"x": 0, "y": 0, "z": 1}),
        "angle": angle(rotation["angle"]) if rotation.get("angle") is not None else 0.0,
        "origin": (origin.get("type"), coordinates(origin["origin"]) if "origin" in origin else (0.0, 0.0, 0.0)),
        "replicate": given.get("replicate", True) is not False,
    }


def compose(first: Any, then: Any) -> Any:
    """``then`` after ``first``; general where one of them is."""
    if isinstance(first, gp_Trsf) and isinstance(then, gp_Trsf):
        return then.Multiplied(first)
    general = gp_GTrsf(then) if isinstance(then, gp_Trsf) else then
    return general.Multiplied(gp_GTrsf(first) if isinstance(first, gp_Trsf) else first)


def scaling(center: Any, sx: float, sy: float, sz: float) -> Any:
    """A scale about a point: a similarity where uniform, else general."""
    if abs(sx - sy) < 1e-12 and abs(sy - sz) < 1e-12:
        trsf = gp_Trsf()
        trsf.SetScale(center, sx)
        return trsf
    move = gp_XYZ(center.X() * (1 - sx), center.Y() * (1 - sy), center.Z() * (1 - sz))
    return gp_GTrsf(gp_Mat(sx, 0, 0, 0, sy, 0, 0, 0, sz), move)


def _step(step: dict[str, Any], middle: Any, frame: Any | None) -> Any:
    """One transform: scale, then rotate, then translate."""
    kind, given = step["origin"]
    if kind == "local":
        pivot = middle
    elif kind == "global":
        pivot = gp_Pnt(0, 0, 0)
    elif kind == "custom":
        pivot = frame.point(*given) if frame is not None else gp_Pnt(*given)
    else:
        raise EngineError(f"the rotation origin {kind!r} is not supported", code="unsupported")
    sx, sy, sz = step["scale"]
    result = scaling(middle, sx, sy, sz) if (sx, sy, sz) != (1.0, 1.0, 1.0) else gp_Trsf()
    if step["angle"]:
        axis = frame.vector(*step["axis"]) if frame is not None else gp_Vec(*step["axis"])
        turn = gp_Trsf()
        turn.SetRotation(gp_Ax1(pivot, gp_Dir(axis)), math.radians(step["angle"]))
        result = compose(result, turn)
    shift = gp_Trsf()
    shift.SetTranslation(frame.vector(*step["translate"]) if frame is not None else gp_Vec(*step["translate"]))
    return compose(result, shift)


@command(
    "entity_linear_pattern_transform",
    {"entity_id": entity},
    transform=(_single_transforms, []),
    transforms=(_transforms, []),
)
def pattern_transform(scene: Scene, cmd_id: str, entity_id: str, transform: Any, transforms: Any) -> dict[str, Any]:
    """A copy for each list of transforms; those that say ``replicate = false`` leave none."""
    steps = transforms or transform
    _check_count(len(steps))
    frame = _frame_or_none(scene, entity_id)
    middle = _middle(scene, entity_id)
    found = []
    for turn, sequence in enumerate(steps, 1):
        if not all(step["replicate"] for step in sequence):
            continue
        total: Any = gp_Trsf()
        for step in sequence:
            here = middle.Transformed(total) if isinstance(total, gp_Trsf) else middle
            total = compose(total, _step(step, here, frame))
        found.append(add_copy(scene, entity_id, derive(cmd_id, "copy", turn), total))
    return {"entity_face_edge_ids": found}


# --- mirrors ----------------------------------------------------------------------------------------------------


def _mirror_path(scene: Scene, path: Path, new_id: str, trsf: Any) -> dict[str, Any]:
    """An open path is continued by its mirror image where the two meet; any other image is a path of its own."""
    image = copy_path(path, new_id, trsf)
    image.frame = path.frame
    named = [segment.id for segment in image.segments]
    contours = [contour for contour in path.contours if contour]
    mirrored = [contour for contour in image.contours if contour]
    if not path.closed and len(contours) == 1 and _is_open(contours[0]):
        tail = [Segment(item.id, shapes.cast(item.edge.Reversed())) for item in reversed(mirrored[0])]
        joined = _joined(contours[0], tail)
        if joined is not None:
            _continue(path, joined)
            return _info(path.id, [], named)
    scene.paths[new_id] = image
    return _info(new_id, [], named)


def _continue(path: Path, contour: list[Segment]) -> None:
    """The path with a longer contour; its pen goes to the new end."""
    path.contours = [contour]
    start, _ = shapes.edge_ends(contour[0].edge)
    _, end = shapes.edge_ends(contour[-1].edge)
    path.start, path.pen = path.frame.local(start), path.frame.local(end)
    path.vertices = [shapes.edge_vertices(contour[0].edge)[0], shapes.edge_vertices(contour[-1].edge)[1]]
    heading = shapes.edge_tangent(contour[-1].edge, at_end=True)
    path.heading = heading.Dot(gp_Vec(path.frame.x)), heading.Dot(gp_Vec(path.frame.y))


def _is_open(contour: list[Segment]) -> bool:
    if not contour:
        return True
    start, _ = shapes.edge_ends(contour[0].edge)
    _, end = shapes.edge_ends(contour[-1].edge)
    return bool(start.Distance(end) > curves.JOIN_MM)


def _joined(original: list[Segment], tail: list[Segment]) -> list[Segment] | None:
    """The original followed by its image, or the image first where it meets the original's start."""
    _, end = shapes.edge_ends(original[-1].edge)
    start, _ = shapes.edge_ends(original[0].edge)
    tail_start, _ = shapes.edge_ends(tail[0].edge)
    _, tail_end = shapes.edge_ends(tail[-1].edge)
    if end.Distance(tail_start) <= curves.JOIN_MM:
        return [*original, *tail]
    if tail_end.Distance(start) <= curves.JOIN_MM:
        return [*tail, *original]
    return None


def _mirror_sketches(scene: Scene, cmd_id: str, ids: list[str], trsf_of: Callable[[Any], Any]) -> dict[str, Any]:
    found = []
    for place, entity_id in enumerate(ids):
        new_id = derive(cmd_id, "mirror", place)
        path = scene.paths.get(entity_id)
        if path is None:
            region = scene.regions.get(entity_id)
            if region is None:
                raise EngineError(f"there is no sketch with id {entity_id} to mirror")
            scene.regions[new_id] = copy_region(region, new_id, trsf_of(region.frame))
            scene.regions[new_id].frame = region.frame
            found.append(_info(new_id, [], [item.id for item in scene.regions[new_id].edges]))
            continue
        found.append(_mirror_path(scene, path, new_id, trsf_of(path.frame)))
    return {"entity_face_edge_ids": found}


@command("entity_mirror", {"ids": entities, "axis": coordinates, "point": coordinates})
def entity_mirror(
    scene: Scene, cmd_id: str, ids: list[str], axis: tuple[float, float, float], point: tuple[float, float, float]
) -> dict[str, Any]:
    """Mirrors sketches about an axis in the coordinates of their plane."""

    def mirror(frame: Any) -> Any:
        trsf = gp_Trsf()
        along = frame.vector(*axis)
        # the mirror plane holds the axis and the sketch's normal, so that the sketch stays in its plane
        across = gp_Vec(frame.z).Crossed(along)
        trsf.SetMirror(gp_Ax2(frame.point(*point), gp_Dir(across)))
        return trsf

    return _mirror_sketches(scene, cmd_id, ids, mirror)


@command(
    "entity_mirror_across_edge",
    {"ids": entities},
    edge_id=(optional(entity), None),
    edge_reference=(optional(edge_specifier), None),
)
def entity_mirror_across_edge(
    scene: Scene, cmd_id: str, ids: list[str], edge_id: str | None, edge_reference: dict[str, Any] | None
) -> dict[str, Any]:
    line = references.axis_of(scene, edge_id, edge_reference)

    def mirror(frame: Any) -> Any:
        trsf = gp_Trsf()
        across = gp_Vec(frame.z).Crossed(gp_Vec(line.Direction()))
        trsf.SetMirror(gp_Ax2(line.Location(), gp_Dir(across)))
        return trsf

    return _mirror_sketches(scene, cmd_id, ids, mirror)


@command("entity_mirror_across", {"ids": entities, "across": mapping})
def entity_mirror_across(scene: Scene, cmd_id: str, ids: list[str], across: dict[str, Any]) -> dict[str, Any]:
    """Mirrors bodies across a plane, or turns them half way about an axis or edge."""
    kind, given = next(iter(across.items()))
    trsf = gp_Trsf()
    if kind == "plane":
        plane_id = entity(mapping(given).get("id"))
        frame = scene.frame_of(plane_id)
        if frame is None:
            from backend.engine.commands.sketches import face_frame

            body, _ = scene.face(plane_id)
            frame = face_frame(body, plane_id)
        trsf.SetMirror(gp_Ax2(frame.origin, frame.z))
    elif kind in ("axis", "edge", "edge_reference"):
        if kind == "axis":
            line = gp_Ax1(gp_Pnt(*coordinates(given["point"])), gp_Dir(*coordinates(given["axis"])))
        elif kind == "edge":
            line = references.axis_of(scene, entity(mapping(given).get("id")), None)
        else:
            line = references.axis_of(scene, None, edge_specifier(mapping(given).get("reference")))
        trsf.SetMirror(line)
    else:
        raise EngineError(f"entity_mirror_across: {kind!r} is not supported", code="unsupported")
    found = []
    for place, entity_id in enumerate(ids):
        owner = scene.aliases.get(entity_id)
        if owner is not None:
            owner.name_all()
            scene.claim(owner)
        found.append(add_copy(scene, entity_id, derive(cmd_id, "mirror", place), trsf))
    return {"entity_face_edge_ids": found}
