"""Move, turn and scale bodies and sketches in place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from OCP.gp import gp_Ax1, gp_Dir, gp_Pnt, gp_Trsf, gp_Vec

from backend.engine.cache import values
from backend.engine.commands.copies import compose, image_of, moved_shape, scaling
from backend.engine.commands.placing import moved_placement, transformed_frame
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import coordinates, entity, items, mapping, number
from backend.engine.scene import Body, Path, Region, Scene, Segment


def _property(step: dict[str, Any], name: str, reader: Callable[[Any], Any]) -> tuple[Any, str, Any] | None:
    """(value, kind of origin, origin) of one component; None where it isn't given."""
    given = step.get(name)
    if given is None:
        return None
    given = mapping(given)
    unknown = set(given) - {"property", "set", "origin"}
    if unknown:
        raise EngineError(f"{name}: the field {sorted(unknown)[0]!r} is not supported", code="unsupported")
    if given.get("set"):
        raise EngineError(f"{name}: set = true (an absolute transform) is not supported", code="unsupported")
    origin = mapping(given.get("origin") or {"type": "local"})
    kind = str(origin.get("type"))
    if kind not in ("local", "global", "custom"):
        raise EngineError(f"{name}: the origin {kind!r} is not supported", code="unsupported")
    point = coordinates(origin["origin"]) if kind == "custom" else (0.0, 0.0, 0.0)
    return reader(given.get("property")), kind, point


def _four(value: Any) -> tuple[float, float, float, float]:
    given = mapping(value)
    return number(given.get("x")), number(given.get("y")), number(given.get("z")), number(given.get("w"))


def _about(kind: str, point: tuple[float, float, float], placement: Any) -> Any:
    """The frame that a component acts in: the object's own, or the scene's axes at the origin or a given point."""
    if kind == "local":
        return placement
    frame = gp_Trsf()
    frame.SetTranslation(gp_Vec(*point))
    return frame


def _within(frame: Any, trsf: Any) -> Any:
    """A transform told in a frame's coordinates, as one of the scene."""
    return compose(compose(frame.Inverted(), trsf), frame)


def step_transform(step: dict[str, Any], placement: Any) -> Any:
    """One component transform in the scene: scale, rotate, translate, in this order.

    Local components act in the object's own frame (``placement``), which its earlier transforms carried along: its
    origin keeps its place in local turns and scales, and local moves go along its axes.
    """
    unknown = set(step) - {"translate", "rotate_rpy", "rotate_angle_axis", "scale"}
    if unknown:
        raise EngineError(f"set_object_transform: {sorted(unknown)[0]!r} is not supported", code="unsupported")
    total: Any = gp_Trsf()
    scale = _property(step, "scale", coordinates)
    if scale is not None:
        total = compose(total, _within(_about(scale[1], scale[2], placement), scaling(gp_Pnt(0, 0, 0), *scale[0])))
    turn = _property(step, "rotate_angle_axis", _four)
    if turn is not None:
        (x, y, z, degrees), kind, point = turn
        if math.hypot(x, y, z) < 1e-12:
            raise EngineError("set_object_transform: the axis of rotation has no direction")
        total = compose(total, _within(_about(kind, point, placement), _rotation(gp_Dir(x, y, z), degrees)))
    angles = _property(step, "rotate_rpy", coordinates)
    if angles is not None:
        for axis, degrees in zip((gp_Dir(1, 0, 0), gp_Dir(0, 1, 0), gp_Dir(0, 0, 1)), angles[0], strict=True):
            if degrees:
                frame = _about(angles[1], angles[2], placement)
                total = compose(total, _within(frame, _rotation(axis, degrees)))
    shift = _property(step, "translate", coordinates)
    if shift is not None:
        move = gp_Trsf()
        move.SetTranslation(gp_Vec(*shift[0]))
        total = compose(total, _within(_about(shift[1], shift[2], placement), move))
    return total


def _rotation(axis: Any, degrees: float) -> Any:
    trsf = gp_Trsf()
    trsf.SetRotation(gp_Ax1(gp_Pnt(0, 0, 0), axis), math.radians(degrees))
    return trsf


def move_body(scene: Scene, body: Body, trsf: Any) -> None:
    shape, images = moved_shape(body.shape, trsf)
    if body.kind == "solid" and values.is_inside_out(shape):
        shape = shape.Reversed()
    faces, edges = (
        {key: [shapes.cast(image) for item in found for image in images(item)] for key, found in named.items()}
        for named in (body.faces, body.edges)
    )
    body.set_shape(shape, faces, edges)
    body.frames = {key: transformed_frame(frame, trsf) for key, frame in body.frames.items()}
    body.origin = transformed_frame(body.origin, trsf) if body.origin is not None else None
    body.placement = moved_placement(body.placement, trsf)
    for sweep in body.sweeps:
        if sweep.direction is not None and isinstance(trsf, gp_Trsf):
            sweep.direction = sweep.direction.Transformed(trsf)


def move_sketch(profile: Path | Region, trsf: Any) -> None:
    if isinstance(profile, Region):
        shape, images = moved_shape(profile.shape, trsf)
        profile.shape = shapes.cast(shape)
        profile.edges = [Segment(item.id, image_of(images, item.edge)) for item in profile.edges]
    else:
        _, images = moved_shape(shapes.compound(item.edge for item in profile.segments), trsf)
        profile.contours = [
            [Segment(item.id, image_of(images, item.edge)) for item in contour] for contour in profile.contours
        ]
        profile.vertices = []
    profile.frame = transformed_frame(profile.frame, trsf)
    profile.placement = moved_placement(profile.placement, trsf)
    profile.face = None
    # a hole is a path of its own: as in the official engine it moves along, but isn't scaled with its outline
    if isinstance(trsf, gp_Trsf) and abs(trsf.ScaleFactor() - 1) < 1e-12:
        for hole in profile.holes:
            move_sketch(hole, trsf)


@command("set_object_transform", {"object_id": entity, "transforms": items})
def set_object_transform(scene: Scene, cmd_id: str, object_id: str, transforms: list[Any]) -> None:
    """Applies transforms one after the other."""
    body = scene.aliases.get(object_id)
    for step in transforms:
        if body is not None:
            move_body(scene, body, step_transform(mapping(step), body.placement))
        else:
            profile = scene.profile(object_id)
            move_sketch(profile, step_transform(mapping(step), profile.placement))
