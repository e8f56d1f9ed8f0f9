"""Affine images of a body with curved faces, part by part.

OCCT's own conversion to splines gives rational surfaces whose parameters are not those of the original: the curves on
the faces are projected anew, and fail on trimmed tori. Here every surface and curve is replaced by a polynomial spline
of the same parameters (within 1e-7 mm), so that the curves on the faces stay what they are and only poles are mapped.
"""

from __future__ import annotations

from typing import Any

from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Surface
from OCP.BRepLib import BRepLib
from OCP.BRepTools import BRepTools
from OCP.Geom import Geom_RectangularTrimmedSurface, Geom_TrimmedCurve
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_Shape, GeomAbs_SurfaceType
from OCP.GeomConvert import GeomConvert, GeomConvert_ApproxCurve, GeomConvert_ApproxSurface
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import (
    TopoDS,
    TopoDS_Compound,
    TopoDS_Edge,
    TopoDS_Face,
    TopoDS_Shell,
    TopoDS_Solid,
    TopoDS_Vertex,
    TopoDS_Wire,
)

from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.kernel.history import Images
from backend.engine.kernel.shapes import ShapeMap

_NEAR_MM = 1e-7
_TOLERANCE_MM = 1e-6
_FORWARD, _REVERSED = TopAbs_Orientation.TopAbs_FORWARD, TopAbs_Orientation.TopAbs_REVERSED
_NAMES = {shapes.SHELL: "Shell", shapes.SOLID: "Solid", TopAbs_ShapeEnum.TopAbs_COMPOUND: "Compound"}
_EMPTY = {shapes.SHELL: TopoDS_Shell, shapes.SOLID: TopoDS_Solid, TopAbs_ShapeEnum.TopAbs_COMPOUND: TopoDS_Compound}
_MOST_DEGREE, _MOST_SEGMENTS = 12, 64
# surfaces whose spline from GeomConvert has the same parameters, exactly
_SAME_PARAMETERS = (
    GeomAbs_SurfaceType.GeomAbs_Plane,
    GeomAbs_SurfaceType.GeomAbs_BezierSurface,
    GeomAbs_SurfaceType.GeomAbs_BSplineSurface,
)


class _Rebuilt:
    """New vertices, edges and faces, each made once."""

    def __init__(self, trsf: Any) -> None:
        self.trsf = trsf
        self.builder = BRep_Builder()
        self.made: ShapeMap[Any] = ShapeMap()

    def point(self, spot: Any) -> Any:
        xyz = spot.XYZ()
        self.trsf.Transforms(xyz)
        spot.SetXYZ(xyz)
        return spot

    def vertex(self, old: Any) -> Any:
        made = self.made.get(old)
        if made is None:
            made = TopoDS_Vertex()
            spot = self.point(BRep_Tool.Pnt_s(old))
            self.builder.MakeVertex(made, spot, BRep_Tool.Tolerance_s(old) + _TOLERANCE_MM)
            self.made[old] = made
        return made

    def edge(self, old: Any) -> Any:
        made = self.made.get(old)
        if made is None:
            forward = TopoDS.Edge(old.Oriented(_FORWARD))
            made = TopoDS_Edge()
            if shapes.is_degenerate(forward):
                self.builder.MakeEdge(made)
                self.builder.Degenerated(made, True)
            else:
                self.builder.MakeEdge(made, self._curve(forward), _TOLERANCE_MM)
            for vertex in shapes.children(forward):
                self.builder.Add(made, self.vertex(vertex).Oriented(vertex.Orientation()))
            self.builder.Range(made, *BRep_Tool.Range_s(forward))
            self.made[old] = made
        return made

    def _curve(self, edge: Any) -> Any:
        adaptor = BRepAdaptor_Curve(edge)
        low, high = BRep_Tool.Range_s(edge)
        curve = BRep_Tool.Curve_s(edge, 0.0, 0.0)
        trimmed = Geom_TrimmedCurve(curve, low, high)
        if adaptor.GetType() in (GeomAbs_CurveType.GeomAbs_Line, GeomAbs_CurveType.GeomAbs_BSplineCurve):
            spline = GeomConvert.CurveToBSplineCurve_s(trimmed)
        else:
            near = GeomConvert_ApproxCurve(trimmed, _NEAR_MM, GeomAbs_Shape.GeomAbs_C2, _MOST_SEGMENTS, _MOST_DEGREE)
            if not near.HasResult():
                raise EngineError("a curved edge has no spline near it", code="internal_engine")
            spline = near.Curve()
        for index in range(1, spline.NbPoles() + 1):
            spline.SetPole(index, self.point(spline.Pole(index)))
        return spline

    def _surface(self, face: Any) -> Any:
        adaptor = BRepAdaptor_Surface(face, False)
        bounds = BRepTools.UVBounds_s(face)
        surface = BRep_Tool.Surface_s(face)
        trimmed = Geom_RectangularTrimmedSurface(surface, *bounds, True, True)
        if adaptor.GetType() in _SAME_PARAMETERS:
            spline = GeomConvert.SurfaceToBSplineSurface_s(trimmed)
        else:
            smooth = GeomAbs_Shape.GeomAbs_C2
            near = GeomConvert_ApproxSurface(
                trimmed, _NEAR_MM, smooth, smooth, _MOST_DEGREE, _MOST_DEGREE, _MOST_SEGMENTS, 0
            )
            if not near.HasResult():
                raise EngineError("a curved face has no spline near it", code="internal_engine")
            spline = near.Surface()
        for u in range(1, spline.NbUPoles() + 1):
            for v in range(1, spline.NbVPoles() + 1):
                spline.SetPole(u, v, self.point(spline.Pole(u, v)))
        return spline

    def face(self, old: Any) -> Any:
        made = self.made.get(old)
        if made is not None:
            return made
        forward = TopoDS.Face(old.Oriented(_FORWARD))
        surface = self._surface(forward)
        nowhere = TopLoc_Location()
        new = TopoDS_Face()
        self.builder.MakeFace(new, surface, nowhere, _TOLERANCE_MM)
        for wire in shapes.children(forward):
            copy = TopoDS_Wire()
            self.builder.MakeWire(copy)
            for edge in shapes.children(wire.Oriented(_FORWARD)):
                fresh = self.edge(edge)
                low, high = BRep_Tool.Range_s(TopoDS.Edge(edge))
                one = BRep_Tool.CurveOnSurface_s(TopoDS.Edge(edge.Oriented(_FORWARD)), forward, low, high)
                if BRep_Tool.IsClosed_s(TopoDS.Edge(edge), forward):
                    two = BRep_Tool.CurveOnSurface_s(TopoDS.Edge(edge.Oriented(_REVERSED)), forward, low, high)
                    self.builder.UpdateEdge(fresh, one, two, surface, nowhere, _TOLERANCE_MM)
                else:
                    self.builder.UpdateEdge(fresh, one, surface, nowhere, _TOLERANCE_MM)
                self.builder.Add(copy, fresh.Oriented(edge.Orientation()))
            self.builder.Add(new, copy.Oriented(wire.Orientation()))
        self.made[old] = new
        return new

    def whole(self, old: Any) -> Any:
        """Shells, solids and compounds over the new faces."""
        kind = old.ShapeType()
        if kind == shapes.FACE:
            return self.face(old).Oriented(old.Orientation())
        new = _EMPTY[kind]()
        getattr(self.builder, f"Make{_NAMES[kind]}")(new)
        for part in shapes.children(old.Oriented(_FORWARD)):
            self.builder.Add(new, self.whole(part))
        if kind == shapes.SHELL:
            new.Closed(old.Closed())
        return new.Oriented(old.Orientation())


def stretched(shape: Any, trsf: Any) -> tuple[Any, Images]:
    """The image of a shape under an affine map (``gp_GTrsf``), and the images of its faces, edges and vertices."""
    rebuilt = _Rebuilt(trsf)
    result = rebuilt.whole(shape)
    BRepLib.SameParameter_s(result, _TOLERANCE_MM, True)
    BRepLib.UpdateTolerances_s(result)
    if trsf.VectorialPart().Determinant() < 0:  # a mirror turns every face's normal inwards
        result = result.Reversed()
    return result, lambda item: [new.Oriented(item.Orientation())] if (new := rebuilt.made.get(item)) else []
