"""Pipes, twists and lofts on OCCT, each with what it made of every profile edge."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_CompCurve, BRepAdaptor_Curve
from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_MakeEdge,
    BRepBuilderAPI_MakeWire,
    BRepBuilderAPI_TransitionMode,
)
from OCP.BRepLib import BRepLib
from OCP.BRepOffsetAPI import BRepOffsetAPI_MakePipe, BRepOffsetAPI_MakePipeShell, BRepOffsetAPI_ThruSections
from OCP.Geom import Geom_CylindricalSurface
from OCP.Geom2d import Geom2d_Line
from OCP.GeomAbs import GeomAbs_CurveType
from OCP.gp import gp_Ax1, gp_Ax3, gp_Dir, gp_Dir2d, gp_Pnt, gp_Pnt2d, gp_Trsf, gp_Vec

from backend.engine.errors import EngineError
from backend.engine.kernel import bool_ops, profiles, shapes
from backend.engine.kernel.frames import Frame

_SMOOTH = math.cos(math.radians(0.5))


@dataclass
class Swept:
    """A swept shape: ``generated(edge or vertex)`` gives what it made of it; ``start`` and ``end`` are its caps."""

    shape: Any
    generated: Callable[[Any], Iterable[Any]]
    start: list[Any] = field(default_factory=list)
    end: list[Any] = field(default_factory=list)


def start_of(spine: Any) -> tuple[Any, Any]:
    """Start point and heading of a wire."""
    curve = BRepAdaptor_CompCurve(spine)
    point, tangent = gp_Pnt(), gp_Vec()
    curve.D1(curve.FirstParameter(), point, tangent)
    return point, gp_Dir(tangent)


def straight_vector(spine: Any) -> Any | None:
    """Start to end of a spine that is one straight line; None for any other."""
    edges = shapes.edges(spine)
    if len(edges) == 1 and BRepAdaptor_Curve(edges[0]).GetType() == GeomAbs_CurveType.GeomAbs_Line:
        curve = BRepAdaptor_CompCurve(spine)
        return gp_Vec(curve.Value(curve.FirstParameter()), curve.Value(curve.LastParameter()))
    return None


def turn_across(frame: Frame, pivot: Any | None, heading: Any) -> Any:
    """The rotation that brings a frame's normal to a heading by the shortest way, y staying as upright as it can."""
    trsf = gp_Trsf()
    normal = frame.z
    center = pivot if pivot is not None else frame.origin
    turn = normal.Angle(heading)
    if turn < 1e-9:
        return trsf
    axis = normal.Crossed(heading) if turn < math.pi - 1e-9 else frame.y
    trsf.SetRotation(gp_Ax1(center, axis), turn)
    return trsf


def _is_smooth(spine: Any) -> bool:
    edges = shapes.ordered_edges(spine)
    pairs = list(zip(edges, edges[1:], strict=False))
    if spine.Closed() and len(edges) > 1:
        pairs.append((edges[-1], edges[0]))
    return all(
        shapes.edge_tangent(one, at_end=True).Dot(shapes.edge_tangent(two)) > _SMOOTH for one, two in pairs
    )


def pipe(profile: Any, spine: Any, solid: bool) -> Swept:
    """A profile (face for a solid, else wire) carried along a spine, mitred at its corners."""
    if _is_smooth(spine) and not _is_helical(spine):
        try:
            return _smooth_pipe(profile, spine)
        except EngineError:
            pass
    if not solid:
        parts = [_shell(wire, spine, solid=False) for wire in shapes.explore(profile, shapes.WIRE)]
        return parts[0] if len(parts) == 1 else _together(parts)
    return _with_holes(profile, lambda wire: _shell(wire, spine, solid=True))


def _with_holes(face: Any, build: Callable[[Any], Swept]) -> Swept:
    """The outer wire's solid less those of the holes."""
    outer = profiles.outer_wire(face)
    body = build(outer)
    holes = [build(wire) for wire in shapes.explore(face, shapes.WIRE) if not wire.IsSame(outer)]
    if not holes:
        return body
    result, images = bool_ops.boolean("cut", [body.shape], [hole.shape for hole in holes])

    def generated(item: Any) -> list[Any]:
        found = []
        for part in (body, *holes):
            try:
                made = list(part.generated(item))
            except Exception:
                made = []
            found.extend(image for shape in made for image in images(shape))
        return found

    return Swept(
        result,
        generated,
        [image for item in body.start for image in images(item)],
        [image for item in body.end for image in images(item)],
    )


def _together(parts: list[Swept]) -> Swept:
    def generated(item: Any) -> list[Any]:
        for part in parts:
            try:
                made = list(part.generated(item))
            except Exception:
                made = []
            if made:
                return made
        return []

    return Swept(shapes.compound(part.shape for part in parts), generated)


def _smooth_pipe(profile: Any, spine: Any) -> Swept:
    maker = BRepOffsetAPI_MakePipe(spine, profile)
    maker.Build()
    if not maker.IsDone() or not shapes.is_valid(maker.Shape()):
        raise EngineError("the pipe is not valid")
    result = maker.Shape()
    if shapes.explore(profile, shapes.FACE):
        found = shapes.solids(result)
        if not found or abs(shapes.volume(result)) < 1e-12:
            raise EngineError("the pipe is not a solid")
    first, last = maker.FirstShape(), maker.LastShape()
    closed = first.IsSame(last)

    def generated(item: Any) -> list[Any]:
        return [
            made for edge in shapes.edges(spine) for made in [maker.Generated(edge, item)] if made and not made.IsNull()
        ]

    def flat(shapes_made: list[Any]) -> list[Any]:
        result_list = []
        for made in shapes_made:
            kind = made.ShapeType()
            if kind in (shapes.FACE, shapes.EDGE):
                result_list.append(made)
            else:
                result_list.extend(shapes.faces(made) or shapes.edges(made))
        return result_list

    return Swept(
        result,
        lambda item: flat(generated(item)),
        [] if closed else shapes.faces(first),
        [] if closed else shapes.faces(last),
    )


def _is_helical(spine: Any) -> bool:
    """A spine in space (not in one plane) needs a frame that turns with it."""
    from OCP.BRepLib import BRepLib_FindSurface

    return not BRepLib_FindSurface(spine, 1e-4, True).Found()


def _shell(wire: Any, spine: Any, solid: bool) -> Swept:
    maker = BRepOffsetAPI_MakePipeShell(spine)
    if _is_helical(spine):
        maker.SetMode(True)
    else:
        maker.SetTransitionMode(BRepBuilderAPI_TransitionMode.BRepBuilderAPI_RightCorner)
    return _built(maker, wire, solid)


def _built(maker: Any, wire: Any, solid: bool) -> Swept:
    maker.Add(wire, False, False)
    if not maker.IsReady():
        raise EngineError("the profile can't be swept along this path")
    maker.Build()
    if not maker.IsDone():
        raise EngineError("the sweep fails: the profile may be too large for the path's bends")
    if solid and not maker.MakeSolid():
        raise EngineError("the sweep doesn't close into a solid")
    first, last = maker.FirstShape(), maker.LastShape()
    same = first is None or first.IsNull() or first.IsSame(last)
    return Swept(
        maker.Shape(),
        maker.Generated,
        [] if same or not solid else shapes.faces(first),
        [] if same or not solid else shapes.faces(last),
    )


def helix_edge(axis: Any, radius: float, length: float, turns: float, start_rad: float, clockwise: bool) -> Any:
    """A helix on the cylinder about ``axis`` (gp_Ax3): from angle ``start_rad`` at its origin up its direction.

    In the cylinder's parameters (u, v) it is a straight line of slope length / (2 pi turns).
    """
    surface = Geom_CylindricalSurface(axis, radius)
    sweep = 2 * math.pi * turns * (-1 if clockwise else 1)
    span = math.hypot(sweep, length)
    line = Geom2d_Line(gp_Pnt2d(start_rad, 0.0), gp_Dir2d(sweep, length))
    edge = BRepBuilderAPI_MakeEdge(line, surface, 0.0, span).Edge()
    BRepLib.BuildCurves3d_s(edge)
    return edge


def twist(profile: Any, frame: Frame, distance: float, angle_rad: float, solid: bool) -> Swept:
    """A profile extruded along the frame's z while it turns about the frame's origin by ``angle_rad``."""
    end = frame.point(0, 0, distance)
    spine = BRepBuilderAPI_MakeWire(BRepBuilderAPI_MakeEdge(frame.origin, end).Edge()).Wire()
    up = frame.z if distance > 0 else frame.z.Reversed()
    # about the sweep's own direction the turn has the other sense where the sweep runs down
    turn = angle_rad if distance > 0 else -angle_rad
    radius = max(1.0, abs(distance) * 0.1)
    guide = helix_edge(
        gp_Ax3(frame.origin, up, frame.x), radius, abs(distance), abs(turn) / (2 * math.pi), 0.0, turn < 0
    )
    guide_wire = BRepBuilderAPI_MakeWire(guide).Wire()

    def build(wire: Any) -> Swept:
        maker = BRepOffsetAPI_MakePipeShell(spine)
        maker.SetMode(guide_wire, False)
        return _built(maker, wire, solid)

    if solid:
        return _with_holes(profile, build)
    parts = [build(wire) for wire in shapes.explore(profile, shapes.WIRE)]
    return parts[0] if len(parts) == 1 else _together(parts)


def loft(wires: Sequence[Any], solid: bool, ruled: bool) -> Swept:
    """A skin through wires in order."""
    maker = BRepOffsetAPI_ThruSections(solid, ruled, 1e-6)
    for wire in wires:
        maker.AddWire(wire)
    maker.CheckCompatibility(True)
    maker.Build()
    if not maker.IsDone():
        raise EngineError("the loft fails: the sections can't be joined")
    first, last = maker.FirstShape(), maker.LastShape()

    def generated(item: Any) -> list[Any]:
        if item.ShapeType() == shapes.EDGE:
            face = maker.GeneratedFace(item)
            return [] if face is None or face.IsNull() else [face]
        return list(maker.Generated(item))

    return Swept(
        maker.Shape(),
        generated,
        shapes.faces(first) if solid and first is not None and not first.IsNull() else [],
        shapes.faces(last) if solid and last is not None and not last.IsNull() else [],
    )


