"""Pipes, twists and lofts on OCCT, each with what it made of every profile edge."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_CompCurve, BRepAdaptor_Curve, BRepAdaptor_Surface
from OCP.BRepBuilderAPI import (
    BRepBuilderAPI_MakeEdge,
    BRepBuilderAPI_MakeFace,
    BRepBuilderAPI_MakeSolid,
    BRepBuilderAPI_MakeWire,
    BRepBuilderAPI_Sewing,
    BRepBuilderAPI_TransitionMode,
)
from OCP.BRepLib import BRepLib
from OCP.BRepOffsetAPI import BRepOffsetAPI_MakePipe, BRepOffsetAPI_MakePipeShell, BRepOffsetAPI_ThruSections
from OCP.Geom import Geom_CylindricalSurface
from OCP.Geom2d import Geom2d_Line
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType
from OCP.gp import gp_Ax1, gp_Dir, gp_Dir2d, gp_Pnt, gp_Pnt2d, gp_Trsf, gp_Vec
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS

from backend.engine.cache import replay
from backend.engine.errors import EngineError
from backend.engine.kernel import bool_ops, profiles, shapes, spines
from backend.engine.kernel.frames import Frame

_FLAT = math.sin(math.radians(0.5))
_SMOOTH = math.cos(math.radians(0.5))


@dataclass
class Swept:
    """A swept shape: ``generated(edge or vertex)`` gives what it made of it; ``start`` and ``end`` are its caps."""

    shape: Any
    generated: Callable[[Any], Iterable[Any]]
    start: list[Any] = field(default_factory=list)
    end: list[Any] = field(default_factory=list)
    ends: list[Any] = field(default_factory=list)  # wires at the start and the end of an open skin
    first: Callable[[Any], Any] | None = None  # what stands for a profile edge in the shape, where not the edge itself


def _recalled(
    name: str, arguments: dict[str, Any], inputs: Sequence[Any], sweep: Callable[[list[Any]], Swept]
) -> Swept:
    """The sweep through the cache: ``sweep(inputs)`` is the function that does it. The first input is the profile."""
    traced = [*shapes.edges(inputs[0]), *shapes.explore(inputs[0], shapes.VERTEX)]

    def compute(copies: list[Any], _: list[Any]) -> replay.Made:
        swept = sweep(copies)
        return replay.Made(swept.shape, lambda item: [item], swept.generated, {"start": swept.start, "end": swept.end})

    made = replay.operation(name, arguments, inputs, compute, picks=traced)

    def first(item: Any) -> Any:
        found = made.images(item)
        return found[0] if found else item

    return Swept(made.shape, made.generated, made.parts.get("start", []), made.parts.get("end", []), first=first)


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
    pairs = list(itertools.pairwise(edges))
    if spine.Closed() and len(edges) > 1:
        pairs.append((edges[-1], edges[0]))
    return all(shapes.edge_tangent(one, at_end=True).Dot(shapes.edge_tangent(two)) > _SMOOTH for one, two in pairs)


def pipe(profile: Any, spine: Any, solid: bool) -> Swept:
    """A profile (face for a solid, else wire) carried along a spine, mitred at its corners."""
    return _recalled("pipe", {"solid": solid}, [profile, spine], lambda inputs: _pipe(inputs[0], inputs[1], solid))


def _pipe(profile: Any, spine: Any, solid: bool) -> Swept:
    _leaves_its_plane(profile, spine)
    if _is_smooth(spine) and not _is_helical(spine):
        for path in (spine, spines.tangent(spine)):
            try:
                if path is not None:
                    return _smooth_pipe(profile, path)
            except EngineError:
                pass
    if not solid:
        parts = [part for wire in shapes.explore(profile, shapes.WIRE) for part in _skins(wire, spine)]
        return parts[0] if len(parts) == 1 else _together(parts)
    return _with_holes(profile, lambda wire, closed: _shell(wire, spine, closed))


def _leaves_its_plane(profile: Any, spine: Any) -> None:
    """Refuses a path that starts within the profile's plane: OCCT doesn't come to an end there."""
    faces = shapes.faces(profile)
    surface = BRepAdaptor_Surface(faces[0]) if faces else None
    if surface is None or surface.GetType() != GeomAbs_SurfaceType.GeomAbs_Plane:
        return
    heading = shapes.edge_tangent(shapes.ordered_edges(spine)[0])
    if abs(gp_Vec(surface.Plane().Axis().Direction()).Dot(heading)) < _FLAT:
        raise EngineError("the path starts within the plane of the profile: it must lead out of it")


def _skins(wire: Any, spine: Any) -> list[Swept]:
    """The skin of a wire; where that is unsound (an edge runs along the path) those of its edges that span an area."""
    whole = _shell(wire, spine, solid=False)
    if shapes.is_valid(whole.shape):
        return [whole]
    parts = []
    for edge in shapes.edges(wire):
        try:
            part = _shell(BRepBuilderAPI_MakeWire(edge).Wire(), spine, solid=False)
        except EngineError:
            continue
        if shapes.is_valid(part.shape) and shapes.area(part.shape) > 1e-6 * shapes.length(edge) * shapes.length(spine):
            parts.append(part)
    return parts or [whole]


def _with_holes(face: Any, build: Callable[[Any, bool], Swept]) -> Swept:
    """The solid between the skins of the outer wire and of the holes. ``build(wire, solid)`` makes one skin."""
    outer = profiles.outer_wire(face)
    holes = [wire for wire in shapes.explore(face, shapes.WIRE) if not wire.IsSame(outer)]
    if not holes:
        return build(outer, True)
    skins = [build(wire, False) for wire in (outer, *holes)]
    joined = _capped(face, skins)
    if joined is not None and shapes.is_valid(joined.shape):
        return joined
    skins = [build(wire, True) for wire in (outer, *holes)]
    result, images = bool_ops.boolean("cut", [skins[0].shape], [skin.shape for skin in skins[1:]])
    return Swept(
        result,
        _of_all(skins, images),
        [image for item in skins[0].start for image in images(item)],
        [image for item in skins[0].end for image in images(item)],
    )


def _of_all(skins: Sequence[Swept], images: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    def generated(item: Any) -> list[Any]:
        found: list[Any] = []
        for skin in skins:
            try:
                made = list(skin.generated(item))
            except Exception:
                made = []
            found.extend(image for shape in made for image in images(shape))
        return found

    return generated


def holed_loft(first: Any, last: Any, stacks: Sequence[Sequence[Any]], ruled: bool) -> Swept:
    """A loft between faces with holes: the skins of the outlines and the holes, closed by the end faces."""
    count = len(stacks[0])

    def sweep(inputs: list[Any]) -> Swept:
        wires = inputs[1:]
        return _holed_loft(inputs[0], [wires[at : at + count] for at in range(0, len(wires), count)], ruled)

    inputs = [first, *(wire for stack in stacks for wire in stack)]
    return _recalled("holed loft", {"ruled": ruled, "sections": count}, inputs, sweep)


def _holed_loft(first: Any, stacks: Sequence[Sequence[Any]], ruled: bool) -> Swept:
    skins = [_loft(stack, False, ruled) for stack in stacks]
    joined = _capped(first, skins)
    if joined is None:
        raise EngineError("the loft of sections with holes doesn't close into a solid")
    return joined


def _capped(face: Any, skins: Sequence[Swept]) -> Swept | None:
    """The skins closed by flat caps and stitched into a solid; None where that doesn't close."""
    if any(not skin.ends for skin in skins):
        return None
    lids = []
    for side in (0, 1):
        wires = [skin.ends[side] for skin in skins]
        maker = BRepBuilderAPI_MakeFace(wires[0], True)
        if not maker.IsDone():
            return None
        plane = BRepAdaptor_Surface(maker.Face()).Plane()
        frame = Frame(plane.Location(), plane.XAxis().Direction(), plane.YAxis().Direction())
        lids.append(profiles.planar_face(frame, wires[0], wires[1:]))
    sewing = BRepBuilderAPI_Sewing(1e-6)
    for part in (*(skin.shape for skin in skins), *lids):
        sewing.Add(part)
    sewing.Perform()
    shells = shapes.explore(sewing.SewedShape(), shapes.SHELL)
    if len(shells) != 1 or not BRep_Tool.IsClosed_s(shells[0]):
        return None
    solid = BRepBuilderAPI_MakeSolid(shells[0]).Solid()
    BRepLib.OrientClosedSolid_s(solid)

    def images(item: Any) -> list[Any]:
        if sewing.IsModified(item):
            return [sewing.Modified(item)]
        return [sewing.ModifiedSubShape(item) if sewing.IsModifiedSubShape(item) else item]

    return Swept(solid, _of_all(skins, images), images(lids[0]), images(lids[1]))


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
    try:
        maker = BRepOffsetAPI_MakePipe(spine, profile)
    except Exception as error:  # the kernel's own kinds
        raise EngineError(f"the profile can't be swept along this path ({type(error).__name__})") from None
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
    try:
        maker.Add(wire, False, False)
        if not maker.IsReady():
            raise EngineError("the profile can't be swept along this path")
        maker.Build()
    except EngineError:
        raise
    except Exception as error:  # the kernel's own kinds
        raise EngineError(f"the profile can't be swept along this path ({type(error).__name__})") from None
    if not maker.IsDone():
        raise EngineError("the sweep fails: the profile may be too large for the path's bends")
    if solid and not maker.MakeSolid():
        raise EngineError("the sweep doesn't close into a solid")
    first, last = maker.FirstShape(), maker.LastShape()
    same = first is None or first.IsNull() or first.IsSame(last)
    return Swept(
        maker.Shape(),
        lambda item: shapes.listed(maker.Generated(item)),
        [] if same or not solid else shapes.faces(first),
        [] if same or not solid else shapes.faces(last),
        [] if same or solid else [*shapes.explore(first, shapes.WIRE)[:1], *shapes.explore(last, shapes.WIRE)[:1]],
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
    """A profile extruded along the frame's z while it turns about the frame's origin by ``angle_rad``.

    The skin interpolates sections at most 5 degrees apart: the helicoids are met to about 1e-6 of their size.
    """
    arguments = {"frame": frame.numbers(), "distance_mm": distance, "angle_rad": angle_rad, "solid": solid}
    return _recalled("twist", arguments, [profile], lambda inputs: _twist(inputs[0], frame, distance, angle_rad, solid))


def _twist(profile: Any, frame: Frame, distance: float, angle_rad: float, solid: bool) -> Swept:
    steps = max(4, math.ceil(abs(angle_rad) / math.radians(5)))
    axis = gp_Ax1(frame.origin, frame.z)

    def build(wire: Any, closed: bool) -> Swept:
        sections = []
        for step in range(steps + 1):
            share = step / steps
            turn, lift = gp_Trsf(), gp_Trsf()
            turn.SetRotation(axis, angle_rad * share)
            lift.SetTranslation(gp_Vec(frame.z).Multiplied(distance * share))
            sections.append(TopoDS.Wire(wire.Moved(TopLoc_Location(lift.Multiplied(turn)))) if step else wire)
        return _loft(sections, closed, ruled=False, aligned=True)

    if solid:
        return _with_holes(profile, build)
    parts = [build(wire, False) for wire in shapes.explore(profile, shapes.WIRE)]
    return parts[0] if len(parts) == 1 else _together(parts)


def loft(wires: Sequence[Any], solid: bool, ruled: bool) -> Swept:
    """A skin through wires in order.

    Sections with as many edges each correspond edge by edge from their starts, as they were drawn; others (or such as
    give no sound skin that way) are divided and turned by OCCT until they match.
    """
    return _recalled("loft", {"solid": solid, "ruled": ruled}, wires, lambda inputs: _loft(inputs, solid, ruled))


def _loft(wires: Sequence[Any], solid: bool, ruled: bool, aligned: bool = False) -> Swept:
    counts = {len(shapes.edges(wire)) for wire in wires}
    if aligned or (len(counts) == 1 and counts != {1}):
        try:
            skin = _thru_sections(wires, solid, ruled, compatible=False)
            if aligned or shapes.is_valid(skin.shape):
                return skin
        except EngineError:
            if aligned:
                raise
    return _thru_sections(wires, solid, ruled, compatible=True)


def _thru_sections(wires: Sequence[Any], solid: bool, ruled: bool, compatible: bool) -> Swept:
    maker = BRepOffsetAPI_ThruSections(solid, ruled, 1e-6)
    for wire in wires:
        maker.AddWire(wire)
    maker.CheckCompatibility(compatible)
    maker.Build()
    if not maker.IsDone():
        raise EngineError("the loft fails: the sections can't be joined")
    first, last = maker.FirstShape(), maker.LastShape()

    def generated(item: Any) -> list[Any]:
        if item.ShapeType() == shapes.EDGE:
            face = maker.GeneratedFace(item)
            return [] if face is None or face.IsNull() else [face]
        return shapes.listed(maker.Generated(item))

    return Swept(
        maker.Shape(),
        generated,
        shapes.faces(first) if solid and first is not None and not first.IsNull() else [],
        shapes.faces(last) if solid and last is not None and not last.IsNull() else [],
        [] if solid else [wires[0], *_last_wire(maker, wires[-1])],
    )


def _last_wire(maker: Any, given: Any) -> list[Any]:
    last = maker.LastShape()
    if last is not None and not last.IsNull():
        found = shapes.explore(last, shapes.WIRE)
        if found:
            return found[:1]
    return [given]
