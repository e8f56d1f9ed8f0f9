"""Helices: curves to sweep along, about an axis, an edge or a cylinder."""

from __future__ import annotations

import math
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Ax2, gp_Ax3, gp_Dir, gp_Pnt, gp_Vec

from backend.engine.commands import references
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes, sweeping
from backend.engine.kernel.frames import Frame
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import (
    angle,
    boolean,
    direction,
    distance,
    edge_specifier,
    entity,
    number,
    optional,
    point,
    positive,
)
from backend.engine.scene import Path, Scene, Segment

_MAX_TURNS = 10_000


def _axes(origin: Any, axis: Any) -> Any:
    """Axis with the direction of angle zero: world X where the axis allows it, else the next of Y and Z."""
    for candidate in (gp_Dir(1, 0, 0), gp_Dir(0, 1, 0), gp_Dir(0, 0, 1)):
        if abs(candidate.Dot(axis)) < 0.9:
            return gp_Ax3(origin, axis, candidate)
    return gp_Ax3(gp_Ax2(origin, axis))


def _add(
    scene: Scene, cmd_id: str, axes: Any, radius: float, length: float, turns: float, start_deg: float, clockwise: bool
) -> None:
    if turns <= 0 or turns > _MAX_TURNS:
        raise EngineError(f"a helix needs between 0 and {_MAX_TURNS} revolutions, got {turns:g}")
    if length == 0:
        raise EngineError("a helix needs a length that is not zero")
    if length < 0:
        axes = gp_Ax3(axes.Location(), axes.Direction().Reversed(), axes.XDirection())
        length, clockwise = -length, not clockwise
    edge = sweeping.helix_edge(axes, radius, length, turns, math.radians(start_deg), clockwise)
    frame = Frame(axes.Location(), axes.XDirection(), axes.YDirection())
    scene.paths[cmd_id] = Path(cmd_id, frame, contours=[[Segment(cmd_id, edge)]])


@command(
    "entity_make_helix_from_params",
    {
        "radius": positive,
        "length": distance,
        "revolutions": number,
        "is_clockwise": boolean,
        "center": point,
        "axis": direction,
    },
    start_angle=(angle, 0.0),
)
def helix_from_params(
    scene: Scene,
    cmd_id: str,
    radius: float,
    length: float,
    revolutions: float,
    is_clockwise: bool,
    center: Any,
    axis: Any,
    start_angle: float,
) -> None:
    _add(scene, cmd_id, _axes(center, axis), radius, length, revolutions, start_angle, is_clockwise)


@command(
    "entity_make_helix_from_edge",
    {"radius": positive, "revolutions": number, "is_clockwise": boolean},
    length=(optional(distance), None),
    start_angle=(angle, 0.0),
    edge_id=(optional(entity), None),
    edge_reference=(optional(edge_specifier), None),
)
def helix_from_edge(
    scene: Scene,
    cmd_id: str,
    radius: float,
    revolutions: float,
    is_clockwise: bool,
    length: float | None,
    start_angle: float,
    edge_id: str | None,
    edge_reference: dict[str, Any] | None,
) -> None:
    line = references.axis_of(scene, edge_id, edge_reference)
    if length is None:
        edge = (
            references.find_edge(scene, edge_reference)
            if edge_reference is not None
            else references.any_edge(scene, str(edge_id))
        )
        length = shapes.length(edge)
    axes = _axes(line.Location(), line.Direction())
    _add(scene, cmd_id, axes, radius, length, revolutions, start_angle, is_clockwise)


@command(
    "entity_make_helix",
    {"cylinder_id": entity, "revolutions": number, "is_clockwise": boolean},
    length=(optional(distance), None),
    start_angle=(angle, 0.0),
)
def helix_on_cylinder(
    scene: Scene,
    cmd_id: str,
    cylinder_id: str,
    revolutions: float,
    is_clockwise: bool,
    length: float | None,
    start_angle: float,
) -> None:
    """A helix on the cylindrical face of a body, from the start of its sweep."""
    body = scene.body(cylinder_id)
    for face in shapes.faces(body.shape):
        surface = BRepAdaptor_Surface(face)
        if surface.GetType() != GeomAbs_SurfaceType.GeomAbs_Cylinder:
            continue
        cylinder = surface.Cylinder()
        axis = cylinder.Axis().Direction()
        heading = body.sweeps[0].direction if body.sweeps else None
        if heading is not None and heading.Dot(axis) < 0:
            axis = axis.Reversed()
        low, high = _extent(face, cylinder.Location(), axis)
        base = cylinder.Location().Translated(gp_Vec(axis).Multiplied(low))
        start_x = body.origin.x if body.origin is not None and abs(body.origin.x.Dot(axis)) < 0.9 else None
        axes = gp_Ax3(base, axis, start_x) if start_x is not None else _axes(base, axis)
        span = high - low if length is None else length
        _add(scene, cmd_id, axes, cylinder.Radius(), span, revolutions, start_angle, is_clockwise)
        return
    raise EngineError("entity_make_helix: the body has no cylindrical face")


def _extent(face: Any, origin: Any, axis: Any) -> tuple[float, float]:
    heights = [gp_Vec(origin, _point(vertex)).Dot(gp_Vec(axis)) for vertex in shapes.explore(face, shapes.VERTEX)]
    return min(heights), max(heights)


def _point(vertex: Any) -> Any:
    from OCP.BRep import BRep_Tool

    found: gp_Pnt = BRep_Tool.Pnt_s(vertex)
    return found
