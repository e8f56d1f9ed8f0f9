"""Small tools on OCCT shapes: exploring, maps by identity, lists, checks."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

from OCP.Bnd import Bnd_Box
from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepCheck import BRepCheck_Analyzer
from OCP.BRepGProp import BRepGProp
from OCP.BRepTools import BRepTools_WireExplorer
from OCP.collections import (
    IndexedDataMap_TopoDS_Shape_List_TopoDS_Shape_TopTools_ShapeMapHasher,
    IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher,
    List_TopoDS_Shape,
)
from OCP.gp import gp_Pnt, gp_Vec
from OCP.GProp import GProp_GProps
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS, TopoDS_Compound, TopoDS_Iterator

from backend.engine.clock import kernel_work

SOLID = TopAbs_ShapeEnum.TopAbs_SOLID
SHELL = TopAbs_ShapeEnum.TopAbs_SHELL
FACE = TopAbs_ShapeEnum.TopAbs_FACE
WIRE = TopAbs_ShapeEnum.TopAbs_WIRE
EDGE = TopAbs_ShapeEnum.TopAbs_EDGE
VERTEX = TopAbs_ShapeEnum.TopAbs_VERTEX

_CASTS = {
    SOLID: TopoDS.Solid,
    SHELL: TopoDS.Shell,
    FACE: TopoDS.Face,
    WIRE: TopoDS.Wire,
    EDGE: TopoDS.Edge,
    VERTEX: TopoDS.Vertex,
}

T = TypeVar("T")


class ShapeMap(Generic[T]):
    """A dictionary keyed by shape identity (same TShape and location; orientation doesn't count), in order of entry."""

    def __init__(self) -> None:
        self._places = IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher()
        self._entries: list[tuple[Any, T]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, shape: Any) -> bool:
        return bool(self._places.Contains(shape))

    def get(self, shape: Any, default: T | None = None) -> T | None:
        place: int = self._places.FindIndex(shape)
        return self._entries[place - 1][1] if place else default

    def key(self, shape: Any) -> Any | None:
        """The stored shape that is the same as this one (its orientation is the stored one)."""
        place: int = self._places.FindIndex(shape)
        return self._entries[place - 1][0] if place else None

    def key_at(self, place: int) -> Any:
        """The shape that entered at a place, from 1."""
        return self._entries[place - 1][0]

    def setdefault(self, shape: Any, value: T) -> T:
        place: int = self._places.Add(shape)
        if place > len(self._entries):
            self._entries.append((shape, value))
        return self._entries[place - 1][1]

    def __setitem__(self, shape: Any, value: T) -> None:
        place: int = self._places.Add(shape)
        if place > len(self._entries):
            self._entries.append((shape, value))
        else:
            self._entries[place - 1] = (self._entries[place - 1][0], value)

    def items(self) -> Iterator[tuple[Any, T]]:
        yield from self._entries


def cast(shape: Any) -> Any:
    """The shape as its own class (``TopoDS_Face`` ...); compounds stay what they are."""
    caster = _CASTS.get(shape.ShapeType())
    return caster(shape) if caster else shape


def indexed(shape: Any, kind: Any) -> Any:
    """OCCT's indexed map of the distinct sub-shapes of a kind; ``FindIndex`` and ``FindKey`` count from 1."""
    found = IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher()
    TopExp.MapShapes_s(shape, kind, found)
    return found


def explore(shape: Any, kind: Any) -> list[Any]:
    """Distinct sub-shapes of a kind, in the order of the shape, cast to their class."""
    caster = _CASTS[kind]
    found = indexed(shape, kind)
    return [caster(found.FindKey(place)) for place in range(1, found.Extent() + 1)]


class PartSet:
    """The distinct sub-shapes of a kind of a shape as a set; one is cast to its class when it is asked for."""

    def __init__(self, shape: Any, kind: Any) -> None:
        self._places = indexed(shape, kind)
        self._cast = _CASTS[kind]

    def __len__(self) -> int:
        return int(self._places.Extent())

    def __contains__(self, shape: Any) -> bool:
        return bool(self._places.Contains(shape))

    def key(self, shape: Any) -> Any | None:
        """The sub-shape that is the same as this one, with the orientation that it has in the set."""
        place: int = self._places.FindIndex(shape)
        return self.key_at(place) if place else None

    def key_at(self, place: int) -> Any:
        """The sub-shape at a place, from 1, in the order of the shape."""
        return self._cast(self._places.FindKey(place))


def part_set(shape: Any, kind: Any) -> PartSet:
    """The distinct sub-shapes of a kind as a set."""
    return PartSet(shape, kind)


def faces(shape: Any) -> list[Any]:
    return explore(shape, FACE)


def edges(shape: Any) -> list[Any]:
    return explore(shape, EDGE)


def solids(shape: Any) -> list[Any]:
    return explore(shape, SOLID)


def shape_set(shapes: Iterable[Any]) -> ShapeMap[bool]:
    result: ShapeMap[bool] = ShapeMap()
    for shape in shapes:
        result[shape] = True
    return result


def shape_list(shapes: Iterable[Any]) -> Any:
    """An OCCT list of shapes."""
    result = List_TopoDS_Shape()
    for shape in shapes:
        result.Append(shape)
    return result


def listed(found: Any) -> list[Any]:
    """An OCCT list of shapes as a Python list (one that is a Python list already stays it).

    Never asks beyond the end: the binding's StopIteration is a C++ exception and costs 0.25 ms, a thousand times the
    item, which made reading an operation's history slower than the operation.
    """
    if isinstance(found, list):
        return found
    size = found.Size()
    return [found.First()] if size == 1 else list(itertools.islice(found, size)) if size else []


def compound(shapes: Iterable[Any]) -> Any:
    builder = BRep_Builder()
    result = TopoDS_Compound()
    builder.MakeCompound(result)
    for shape in shapes:
        builder.Add(result, shape)
    return result


def children(shape: Any) -> list[Any]:
    iterator = TopoDS_Iterator(shape)
    result = []
    while iterator.More():
        result.append(cast(iterator.Value()))
        iterator.Next()
    return result


class EdgeFaces:
    """For every edge of a face the faces that use it (a seam edge names its face once), as OCCT's own map."""

    def __init__(self, shape: Any) -> None:
        self._found = IndexedDataMap_TopoDS_Shape_List_TopoDS_Shape_TopTools_ShapeMapHasher()
        TopExp.MapShapesAndUniqueAncestors_s(shape, EDGE, FACE, self._found, False)

    def place(self, edge: Any) -> int:
        """The edge's place, from 1, in the order of the shape; 0 where it is no edge of it."""
        return int(self._found.FindIndex(edge))

    def at(self, place: int) -> tuple[Any, list[Any]]:
        """The edge at a place and its faces."""
        around = [TopoDS.Face(face) for face in listed(self._found.FindFromIndex(place))]
        return TopoDS.Edge(self._found.FindKey(place)), around

    def get(self, edge: Any) -> list[Any] | None:
        """The faces that use an edge; None where none does."""
        place = self.place(edge)
        return self.at(place)[1] or None if place else None

    def items(self) -> Iterator[tuple[Any, list[Any]]]:
        for place in range(1, self._found.Extent() + 1):
            edge, around = self.at(place)
            if around:
                yield edge, around


def edge_faces(shape: Any) -> EdgeFaces:
    """For every edge of a face the faces that use it."""
    return EdgeFaces(shape)


def is_degenerate(edge: Any) -> bool:
    return bool(BRep_Tool.Degenerated_s(edge))


def ordered_edges(wire: Any, face: Any | None = None) -> list[Any]:
    """The wire's edges in walking order, each once (seams appear as often as they are walked)."""
    explorer = BRepTools_WireExplorer(wire, face) if face is not None else BRepTools_WireExplorer(wire)
    result = []
    while explorer.More():
        result.append(TopoDS.Edge(explorer.Current()))
        explorer.Next()
    return result


def edge_ends(edge: Any) -> tuple[Any, Any]:
    """First and last point of the edge's walk, its orientation respected."""
    first, last = TopExp.FirstVertex_s(edge, True), TopExp.LastVertex_s(edge, True)
    return BRep_Tool.Pnt_s(first), BRep_Tool.Pnt_s(last)


def edge_vertices(edge: Any) -> tuple[Any, Any]:
    return TopExp.FirstVertex_s(edge, True), TopExp.LastVertex_s(edge, True)


def edge_midpoint(edge: Any) -> Any:
    curve = BRepAdaptor_Curve(edge)
    return curve.Value((curve.FirstParameter() + curve.LastParameter()) / 2)


def edge_tangent(edge: Any, at_end: bool = False) -> Any:
    """Unit tangent at the start (or end) of the edge's walk."""
    curve = BRepAdaptor_Curve(edge)
    reverse = edge.Orientation().name.endswith("REVERSED")
    parameter = curve.LastParameter() if at_end != reverse else curve.FirstParameter()
    point, tangent = gp_Pnt(), gp_Vec()
    curve.D1(parameter, point, tangent)
    if reverse:
        tangent.Reverse()
    tangent.Normalize()
    return tangent


class Noted:
    """Shapes that passed a test a moment ago, wherever they have been moved since: rigid motion changes no answer.

    BRepCheck costs as much as the boolean before it; every operation checks its result, and so do those who place it.
    Nothing changes a shape between: operations get copies (see ``cache.replay``), and triangles are not checked.
    """

    def __init__(self, most: int) -> None:
        self._order: deque[tuple[int, Any]] = deque()
        self._known: dict[int, list[Any]] = {}
        self._most = most

    def add(self, shape: Any) -> None:
        base = shape.Located(TopLoc_Location())
        self._known.setdefault(hash(base), []).append(base)
        self._order.append((hash(base), base))
        if len(self._order) > self._most:
            code, oldest = self._order.popleft()
            kept = [item for item in self._known[code] if item is not oldest]
            if kept:
                self._known[code] = kept
            else:
                del self._known[code]

    def __contains__(self, shape: Any) -> bool:
        base = shape.Located(TopLoc_Location())
        return any(item.IsEqual(base) for item in self._known.get(hash(base), ()))


_sound = Noted(128)


def note_sound(shape: Any) -> None:
    """Remembers that a shape is sound: it was checked before it went to the cache, or before it was moved."""
    _sound.add(shape)


def is_noted(shape: Any) -> bool:
    """Whether a shape was found sound a moment ago."""
    return shape in _sound


@kernel_work
def is_valid(shape: Any) -> bool:
    """Whether a shape passes BRepCheck."""
    if shape in _sound:
        return True
    valid = bool(BRepCheck_Analyzer(shape).IsValid())
    if valid:
        _sound.add(shape)
    return valid


def largest_tolerance(shape: Any) -> float:
    """The largest tolerance of the shape's edges, mm."""
    return max((BRep_Tool.Tolerance_s(edge) for edge in edges(shape)), default=0.0)


def box(shape: Any) -> Any:
    """A box (``Bnd_Box``) that holds the shape, a little wide."""
    found = Bnd_Box()
    BRepBndLib.Add_s(shape, found, False)
    return found


@kernel_work
def volume(shape: Any) -> float:
    properties = GProp_GProps()
    BRepGProp.VolumeProperties_s(shape, properties)
    return float(properties.Mass())


@kernel_work
def area(shape: Any) -> float:
    properties = GProp_GProps()
    BRepGProp.SurfaceProperties_s(shape, properties)
    return float(properties.Mass())


@kernel_work
def length(shape: Any) -> float:
    properties = GProp_GProps()
    BRepGProp.LinearProperties_s(shape, properties)
    return float(properties.Mass())


@kernel_work
def center_of_area(shape: Any) -> Any:
    properties = GProp_GProps()
    BRepGProp.SurfaceProperties_s(shape, properties)
    return properties.CentreOfMass()


@kernel_work
def center_of_length(shape: Any) -> Any:
    properties = GProp_GProps()
    BRepGProp.LinearProperties_s(shape, properties)
    return properties.CentreOfMass()
