"""Revolve a profile about an axis of its plane or an edge: full, partial, two-sided."""

from __future__ import annotations

import math
from typing import Any

from OCP.BRepPrimAPI import BRepPrimAPI_MakeRevol
from OCP.gp import gp_Ax1, gp_Dir, gp_Trsf

from backend.engine.clock import kernel_work
from backend.engine.commands.naming import check, swept_body
from backend.engine.commands.profiles import Profile, carried, solid_profile, surface_profile
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import (
    angle,
    boolean,
    coordinates,
    edge_specifier,
    entity,
    one_of,
    opposite,
    positive,
)
from backend.engine.scene import Scene


def _turned(profile: Profile, axis: Any, radians: float) -> Profile:
    trsf = gp_Trsf()
    trsf.SetRotation(axis, radians)
    return carried(profile, trsf)


def revolve_profile(
    scene: Scene, cmd_id: str, target: str, axis: Any, angle_deg: float, other: Any, body_type: str
) -> None:
    """Revolves the profile about a world axis (gp_Ax1) by an angle, from an angle back where two-sided."""
    profile = solid_profile(scene, target) if body_type == "solid" else surface_profile(scene, target)
    if other == "symmetric":  # the angle is the whole angle, half of it on each side
        angle_deg = back = angle_deg / 2
    else:
        back = other or 0.0
    total = angle_deg + back
    if abs(total) < 1e-9:
        raise EngineError("revolve: the angle is zero")
    if abs(angle_deg) > 360 + 1e-9 or abs(back) > 360 + 1e-9:
        raise EngineError(f"revolve: an angle of {total:g} degrees is more than a full turn")
    full = abs(total) >= 360 - 1e-9
    total = math.copysign(min(abs(total), 360.0), total)
    base = _turned(profile, axis, math.radians(-back)) if back and not full else profile
    if full:
        maker = kernel_work(BRepPrimAPI_MakeRevol)(base.shape, axis)
    else:
        maker = kernel_work(BRepPrimAPI_MakeRevol)(base.shape, axis, math.radians(total))
    if not maker.IsDone():
        raise EngineError("revolve: the profile can't be revolved about this axis; it must not cross it")
    solid = body_type == "solid" and not full
    trsf = gp_Trsf()
    trsf.SetRotation(axis, math.radians(total))
    center = shapes.center_of_area(base.shape) if body_type == "solid" else base.frame.origin
    radial = gp_Dir(1, 0, 0)
    velocity = _velocity(axis, center, total)
    forward = velocity is None or velocity.Dot(base.frame.z) >= 0
    end = base.frame.transformed(trsf)
    body = swept_body(
        profile.id,
        cmd_id,
        body_type,
        maker.Shape(),
        base,
        maker.Generated,
        first=None if full else maker.FirstShape,
        last=None if full else maker.LastShape,
        start_faces=shapes.faces(maker.FirstShape()) if solid else (),
        end_faces=shapes.faces(maker.LastShape()) if solid else (),
        start_frame=base.frame.flipped_x() if forward else base.frame,
        end_frame=end if forward else end.flipped_x(),
        direction=velocity or radial,
    )
    scene.add_body(check(body, "revolve"), cmd_id)


def _velocity(axis: Any, point: Any, sign: float) -> Any | None:
    from OCP.gp import gp_Vec

    moved = gp_Vec(axis.Direction()).Crossed(gp_Vec(axis.Location(), point))
    if moved.Magnitude() < 1e-9:
        return None
    return gp_Dir(moved if sign > 0 else moved.Reversed())


@command(
    "revolve",
    {
        "target": entity,
        "origin": coordinates,
        "axis": coordinates,
        "axis_is_2d": boolean,
        "angle": angle,
        "tolerance": positive,
    },
    opposite=(opposite(angle), None),
    body_type=(one_of("solid", "surface"), "solid"),
)
def revolve(
    scene: Scene,
    cmd_id: str,
    *,
    target: str,
    origin: tuple[float, float, float],
    axis: tuple[float, float, float],
    axis_is_2d: bool,
    angle: float,
    tolerance: float,
    opposite: Any,
    body_type: str,
) -> None:
    """Revolves about an axis given in the sketch's plane (``axis_is_2d``) or in space. The kernel is exact."""
    from OCP.gp import gp_Pnt, gp_Vec

    if math.hypot(*axis) < 1e-12:
        raise EngineError("revolve: the axis has no direction")
    if axis_is_2d:
        frame = scene.profile(target).frame if target not in scene.owners else None
        if target in scene.paths or target in scene.regions:
            frame = scene.profile(target).frame
        if frame is None:
            frame = solid_profile(scene, target).frame
        line = gp_Ax1(frame.point(*origin), gp_Dir(frame.vector(*axis)))
    else:
        line = gp_Ax1(gp_Pnt(*origin), gp_Dir(gp_Vec(*axis)))
    revolve_profile(scene, cmd_id, target, line, angle, opposite, body_type)


@command(
    "revolve_about_edge",
    {"target": entity, "angle": angle, "tolerance": positive},
    edge_id=(entity, None),
    edge_reference=(edge_specifier, None),
    opposite=(opposite(angle), None),
    body_type=(one_of("solid", "surface"), "solid"),
)
def revolve_about_edge(
    scene: Scene,
    cmd_id: str,
    *,
    target: str,
    angle: float,
    tolerance: float,
    edge_id: str | None,
    edge_reference: dict[str, Any] | None,
    opposite: Any,
    body_type: str,
) -> None:
    from backend.engine.commands import references

    line = references.axis_of(scene, edge_id, edge_reference)
    revolve_profile(scene, cmd_id, target, line, angle, opposite, body_type)
