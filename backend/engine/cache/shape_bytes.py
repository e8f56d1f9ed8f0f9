"""Shapes as bytes and back, and sub-shapes by their place, which the way through bytes keeps. Needs OCP."""

from __future__ import annotations

import io
from typing import Any

from OCP.BinTools import BinTools, BinTools_FormatVersion
from OCP.BRep import BRep_Tool
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopoDS import TopoDS, TopoDS_Shape

from backend.engine.kernel import shapes

_VERSION = BinTools_FormatVersion.BinTools_FormatVersion_CURRENT
KINDS = (shapes.FACE, shapes.EDGE, shapes.VERTEX, shapes.WIRE)
_KIND_NUMBERS = {kind: number for number, kind in enumerate(KINDS)}
_ORIENTATIONS = (
    TopAbs_Orientation.TopAbs_FORWARD,
    TopAbs_Orientation.TopAbs_REVERSED,
    TopAbs_Orientation.TopAbs_INTERNAL,
    TopAbs_Orientation.TopAbs_EXTERNAL,
)
_ORIENTATION_NUMBERS = {orientation: number for number, orientation in enumerate(_ORIENTATIONS)}


_surfaced = shapes.Noted(256)  # shapes whose faces have a surface each


def note_surfaced(shape: Any) -> None:
    """Remembers that each face of a shape has a surface: an operation made it of shapes that have."""
    _surfaced.add(shape)


def to_bytes(shape: Any) -> bytes:
    """The shape's exact geometry and structure, without triangles. Equal shapes give equal bytes."""
    stream = io.BytesIO()
    BinTools.Write_s(shape, stream, False, False, _VERSION)
    return stream.getvalue()


def from_bytes(data: bytes) -> Any:
    """The shape in the bytes of :func:`to_bytes`; numbers may differ in their last bit (directions are made unit)."""
    shape = TopoDS_Shape()
    BinTools.Read_s(shape, io.BytesIO(data))
    return shapes.cast(shape)


def has_bare_triangles(shape: Any) -> bool:
    """Whether a face has triangles for its only geometry (an imported mesh): bytes without triangles would lose it."""
    if shape in _surfaced:
        return False
    if shape.ShapeType() == TopAbs_ShapeEnum.TopAbs_COMPOUND:
        return any(has_bare_triangles(part) for part in shapes.children(shape))
    faces = shapes.indexed(shape, shapes.FACE)
    for place in range(1, faces.Extent() + 1):
        if BRep_Tool.Surface_s(TopoDS.Face(faces.FindKey(place))) is None:
            return True
    _surfaced.add(shape)
    return False


class Places:
    """The sub-shapes of a shape as numbers, and back.

    A reference holds kind, place among the distinct sub-shapes of that kind, and orientation: it means the same
    sub-shape in every shape that came out of the same bytes.
    """

    def __init__(self, shape: Any) -> None:
        self.shape = shape
        self._maps: dict[int, Any] = {}

    def map(self, kind: int) -> Any:
        """The indexed map of the kind of that number."""
        found = self._maps.get(kind)
        if found is None:
            found = self._maps[kind] = shapes.indexed(self.shape, KINDS[kind])
        return found

    @staticmethod
    def kind(part: Any) -> int | None:
        """The number of the part's kind."""
        return _KIND_NUMBERS.get(part.ShapeType())

    def reference(self, part: Any) -> int | None:
        """The reference to a sub-shape; None where it is no face, edge, vertex or wire of the shape."""
        kind = _KIND_NUMBERS.get(part.ShapeType())
        if kind is None:
            return None
        place = self.map(kind).FindIndex(part)
        return (place << 4) | (_ORIENTATION_NUMBERS[part.Orientation()] << 2) | kind if place else None

    def part(self, reference: int) -> Any:
        """The sub-shape, cast to its class and with its orientation."""
        found = self.map(reference & 3).FindKey(reference >> 4)
        return shapes.cast(found.Oriented(_ORIENTATIONS[(reference >> 2) & 3]))

    def extents(self) -> tuple[int, ...]:
        """How many distinct sub-shapes of each kind there are."""
        return tuple(self.map(kind).Extent() for kind in range(len(KINDS)))
