"""Centres and carried frames, shared by transforms and copies."""

from __future__ import annotations

from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BRepBndLib import BRepBndLib
from OCP.gp import gp_Dir, gp_Pnt, gp_Trsf, gp_Vec, gp_XYZ

from backend.engine.clock import kernel_work
from backend.engine.kernel import shapes
from backend.engine.kernel.frames import Frame
from backend.engine.scene import Path, Region


@kernel_work
def center_of(shape: Any) -> Any:
    """Centre of the exact bounding box (gp_Pnt)."""
    box = Bnd_Box()
    BRepBndLib.AddOptimal_s(shape, box, False, False)
    if box.IsVoid():
        return gp_Pnt(0, 0, 0)
    low, high = box.CornerMin(), box.CornerMax()
    return gp_Pnt((low.X() + high.X()) / 2, (low.Y() + high.Y()) / 2, (low.Z() + high.Z()) / 2)


def sketch_center(profile: Path | Region) -> Any:
    if isinstance(profile, Region):
        return center_of(profile.shape)
    return center_of(shapes.compound(segment.edge for segment in profile.segments))


def _moved_point(point: Any, trsf: Any) -> Any:
    if isinstance(trsf, gp_Trsf):
        return point.Transformed(trsf)
    coordinates = gp_XYZ(point.X(), point.Y(), point.Z())
    trsf.Transforms(coordinates)
    return gp_Pnt(coordinates)


def moved_placement(placement: Any, trsf: Any) -> Any:
    """An object's own frame after a transform of the scene: turns and moves; scales and mirrors leave its axes."""
    if not isinstance(trsf, gp_Trsf) or trsf.IsNegative():
        moved = placement.Multiplied(gp_Trsf())
        moved.SetTranslationPart(gp_Vec(_moved_point(gp_Pnt(placement.TranslationPart()), trsf).XYZ()))
        return moved
    result = trsf.Multiplied(placement)
    result.SetScaleFactor(1.0)
    return result


def transformed_frame(frame: Frame, trsf: Any) -> Frame:
    """The frame carried by a transform; a mirrored one keeps its x and y (its normal follows from them)."""
    if isinstance(trsf, gp_Trsf):
        return frame.transformed(trsf)
    origin = _moved_point(frame.origin, trsf)
    matrix = trsf.VectorialPart()

    def turned(direction: Any) -> Any:
        vector = gp_XYZ(direction.X(), direction.Y(), direction.Z())
        vector.Multiply(matrix)
        return gp_Dir(vector)

    x, y = turned(frame.x), turned(frame.y)
    return Frame(origin, x, gp_Dir(x.Crossed(y).Crossed(x).XYZ()))
