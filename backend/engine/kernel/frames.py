"""Right-handed frames: sketch planes, and the frames that planar faces carry.

A planar face that a sketch can lie on has a frame chosen by the engine. The rules for faces without a frame of their
own were read off official sample models: on a face that isn't horizontal y points up (world Z projected), on a
horizontal one y is the sweep direction; x = y x normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Ax2, gp_Ax3, gp_Dir, gp_Pln, gp_Pnt, gp_Vec
from OCP.TopAbs import TopAbs_Orientation

_HORIZONTAL = 1 - 1e-6


@dataclass(frozen=True)
class Frame:
    """Origin (gp_Pnt) and unit axes x, y (gp_Dir); z = x cross y."""

    origin: Any
    x: Any
    y: Any

    @property
    def z(self) -> Any:
        return self.x.Crossed(self.y)

    def point(self, u: float, v: float, w: float = 0.0) -> Any:
        """World point of local coordinates, mm."""
        vector = gp_Vec(self.x).Multiplied(u) + gp_Vec(self.y).Multiplied(v)
        if w:
            vector = vector + gp_Vec(self.z).Multiplied(w)
        return self.origin.Translated(vector)

    def vector(self, u: float, v: float, w: float = 0.0) -> Any:
        return gp_Vec(self.origin, self.point(u, v, w))

    def local(self, point: Any) -> tuple[float, float, float]:
        """Local coordinates of a world point."""
        delta = gp_Vec(self.origin, point)
        return delta.Dot(gp_Vec(self.x)), delta.Dot(gp_Vec(self.y)), delta.Dot(gp_Vec(self.z))

    def ax3(self) -> Any:
        return gp_Ax3(self.origin, self.z, self.x)

    def ax2(self, center: Any | None = None) -> Any:
        return gp_Ax2(center if center is not None else self.origin, self.z, self.x)

    def plane(self) -> Any:
        return gp_Pln(self.ax3())

    def numbers(self) -> list[float]:
        """Origin (mm) and axes as nine numbers."""
        return [value for item in (self.origin, self.x, self.y) for value in (item.X(), item.Y(), item.Z())]

    def moved(self, vector: Any) -> Frame:
        return Frame(self.origin.Translated(vector), self.x, self.y)

    def flipped_x(self) -> Frame:
        """The frame seen from behind: x and the normal turn round, y stays."""
        return Frame(self.origin, self.x.Reversed(), self.y)

    def transformed(self, trsf: Any) -> Frame:
        """The frame carried by a rigid transform (or a uniform scale: axes stay unit)."""
        return Frame(self.origin.Transformed(trsf), self.x.Transformed(trsf), self.y.Transformed(trsf))


def world() -> Frame:
    return Frame(gp_Pnt(0, 0, 0), gp_Dir(1, 0, 0), gp_Dir(0, 1, 0))


def outward_normal(face: Any) -> Any | None:
    """Unit normal out of the material of a planar face; None where the face is not planar."""
    surface = BRepAdaptor_Surface(face)
    if surface.GetType() != GeomAbs_SurfaceType.GeomAbs_Plane:
        return None
    plane = surface.Plane()
    normal = plane.Axis().Direction()
    if not plane.Position().Direct():
        normal = normal.Reversed()
    if face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED:
        normal = normal.Reversed()
    return normal


def side_frame(face: Any, sweep_direction: Any | None, origin: Any | None = None) -> Frame | None:
    """The frame of a planar face that has none of its own; None where the face is not planar.

    The origin is the given point (by default the world's origin) projected on the face's plane.
    """
    normal = outward_normal(face)
    if normal is None:
        return None
    if abs(normal.Z()) < _HORIZONTAL:
        up = gp_Vec(0, 0, 1)
    else:
        up = gp_Vec(sweep_direction) if sweep_direction is not None else gp_Vec(0, 1, 0)
    up = up - gp_Vec(normal).Multiplied(up.Dot(gp_Vec(normal)))
    if up.Magnitude() < 1e-6:
        up = gp_Vec(0, 1, 0)
    y = gp_Dir(up)
    start = origin if origin is not None else gp_Pnt(0, 0, 0)
    on_plane = BRepAdaptor_Surface(face).Plane().Location()
    offset = gp_Vec(start, on_plane).Dot(gp_Vec(normal))
    return Frame(start.Translated(gp_Vec(normal).Multiplied(offset)), y.Crossed(normal), y)
