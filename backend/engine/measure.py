"""What a shape measures: volume, area, centre of mass, exact bounding box, validity, and the character of a face.

Everything is computed from the exact geometry, never from a triangulation. Lengths are mm, areas mm2, volumes mm3.
Volume, area and centre are surface integrals (Gauss quadrature over each face, OCCT ``BRepGProp``); faces that are
not elementary (plane, cylinder, cone, sphere, torus) are integrated twice, and adaptively where the two disagree.

This module needs OCP in the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Surface
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepGProp import BRepGProp
from OCP.collections import (
    IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher,
    Map_TopoDS_Shape_TopTools_ShapeMapHasher,
)
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.GProp import GProp_GProps
from OCP.ShapeUpgrade import ShapeUpgrade_ShapeDivideArea
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp, TopExp_Explorer
from OCP.TopoDS import TopoDS

from backend.engine.cache import values
from backend.engine.clock import kernel_work
from backend.engine.kernel import shapes

_ADAPTIVE_EPS = 1e-6
_KRONROD_EPS = 1e-5
_AGREEMENT = 1e-6
_DISAGREEMENT = 1e-5  # of two area quadratures, from which on a free-form face is cut (which is slow)
_PIECES = (4, 16)  # into how many a free-form face is cut to measure it
_CUT_LIMIT = 0.2  # a cut face that differs by more has lost a part
_BOX_DECIMALS = 6  # 1 nm: hides the 1e-7 mm safety gap that OCCT puts around curved faces, far below any tolerance

_SURFACES = {
    GeomAbs_SurfaceType.GeomAbs_Plane: "plane",
    GeomAbs_SurfaceType.GeomAbs_Cylinder: "cylinder",
    GeomAbs_SurfaceType.GeomAbs_Cone: "cone",
    GeomAbs_SurfaceType.GeomAbs_Sphere: "sphere",
    GeomAbs_SurfaceType.GeomAbs_Torus: "torus",
    GeomAbs_SurfaceType.GeomAbs_BezierSurface: "bspline",
    GeomAbs_SurfaceType.GeomAbs_BSplineSurface: "bspline",
}

Vector = tuple[float, float, float]


def explore(shape: Any, kind: Any, avoid: Any = None) -> Iterator[Any]:
    """Distinct sub-shapes of a kind (a ``TopAbs_ShapeEnum``) in the order of the file, cast to their class.

    ``avoid`` leaves out those inside a shape of that kind. A sub-shape that occurs twice comes once, as in
    ``TopExp::MapShapes``; its position is the index that ``face_index`` and netgen's face numbers (minus 1) mean.
    """
    cast = {
        TopAbs_ShapeEnum.TopAbs_SOLID: TopoDS.Solid,
        TopAbs_ShapeEnum.TopAbs_SHELL: TopoDS.Shell,
        TopAbs_ShapeEnum.TopAbs_FACE: TopoDS.Face,
        TopAbs_ShapeEnum.TopAbs_WIRE: TopoDS.Wire,
        TopAbs_ShapeEnum.TopAbs_EDGE: TopoDS.Edge,
        TopAbs_ShapeEnum.TopAbs_VERTEX: TopoDS.Vertex,
    }[kind]
    explorer = TopExp_Explorer(shape, kind) if avoid is None else TopExp_Explorer(shape, kind, avoid)
    seen = Map_TopoDS_Shape_TopTools_ShapeMapHasher()
    while explorer.More():
        current = explorer.Current()
        explorer.Next()
        if seen.Add(current):
            yield cast(current)


def faces_of(shape: Any) -> list[Any]:
    """Faces in file order; the position is the ``face_index`` of a named face."""
    return list(explore(shape, TopAbs_ShapeEnum.TopAbs_FACE))


def face_numbers(shape: Any) -> Any:
    """OCCT's indexed map of the faces: ``map.FindIndex(face) - 1`` is the face's index in :func:`faces_of`."""
    numbers = IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher()
    TopExp.MapShapes_s(shape, TopAbs_ShapeEnum.TopAbs_FACE, numbers)
    return numbers


def solids_of(shape: Any) -> list[Any]:
    """Solids in file order."""
    return list(explore(shape, TopAbs_ShapeEnum.TopAbs_SOLID))


def bodies_of(shape: Any) -> list[Any]:
    """Solids, then the shells and faces that belong to none (surface bodies), in file order."""
    return [
        *explore(shape, TopAbs_ShapeEnum.TopAbs_SOLID),
        *explore(shape, TopAbs_ShapeEnum.TopAbs_SHELL, TopAbs_ShapeEnum.TopAbs_SOLID),
        *explore(shape, TopAbs_ShapeEnum.TopAbs_FACE, TopAbs_ShapeEnum.TopAbs_SHELL),
    ]


def surface_kind(face: Any) -> str:
    """plane, cylinder, cone, sphere, torus, bspline, or other (extrusion, revolution, offset)."""
    return _SURFACES.get(BRepAdaptor_Surface(face, False).GetType(), "other")


def is_mesh_face(face: Any) -> bool:
    """Whether a face has no surface, only the triangles of an imported mesh."""
    return BRep_Tool.Surface_s(face) is None


def is_mesh_body(body: Any) -> bool:
    """Whether a body is an imported mesh: it can be placed, measured and exported, but not cut or rounded."""
    return any(is_mesh_face(face) for face in faces_of(body))


def _is_elementary(shape: Any) -> bool:
    return all(surface_kind(face) not in ("bspline", "other") for face in faces_of(shape))


@kernel_work
def bounding_box(shape: Any) -> dict[str, list[float]] | None:
    """Exact axis-aligned box ``{"min": [x, y, z], "max": [x, y, z]}`` in mm; None for an empty shape.

    The triangulation is not used and vertex tolerances are not added, so that a sphere of radius 10 spans 20.
    """
    box = Bnd_Box()
    BRepBndLib.AddOptimal_s(shape, box, False, False)
    for face in faces_of(shape):
        if is_mesh_face(face):  # nothing but its triangles says where it is
            BRepBndLib.AddOptimal_s(face, box, True, False)
    if box.IsVoid():
        return None
    box.SetGap(0.0)
    corners = box.CornerMin().Coord(), box.CornerMax().Coord()
    low, high = ([round(value, _BOX_DECIMALS) + 0.0 for value in corner] for corner in corners)
    return {"min": low, "max": high}


def _surface_integral(shape: Any, elementary: bool) -> tuple[float, Vector]:
    """Area and its centre. Free-form faces: where two quadratures of OCCT disagree, the face is cut into pieces.

    Neither is to be trusted alone: on the wall of an extruded ellipse the plain one is off by 1e-4 (one span for the
    whole turn), the "adaptive" one by 4e-2; on quarters of it the plain one is right to 1e-13.
    """
    plain = GProp_GProps()
    BRepGProp.SurfaceProperties_s(shape, plain, False, False)
    if elementary:
        return plain.Mass(), plain.CentreOfMass().Coord()
    other = GProp_GProps()
    BRepGProp.SurfaceProperties_s(shape, other, _ADAPTIVE_EPS, False)
    if abs(plain.Mass() - other.Mass()) <= _DISAGREEMENT * abs(plain.Mass()):
        return plain.Mass(), plain.CentreOfMass().Coord()
    area, moment = 0.0, [0.0, 0.0, 0.0]
    for face in faces_of(shape):
        props = _face_integral(face)
        area += props.Mass()
        moment = [a + props.Mass() * b for a, b in zip(moment, props.CentreOfMass().Coord(), strict=True)]
    if area == 0.0:
        return 0.0, (0.0, 0.0, 0.0)
    return area, (moment[0] / area, moment[1] / area, moment[2] / area)


def _face_integral(face: Any) -> Any:
    """Area properties of one face; a free-form one is cut finer until its area stands."""
    last = GProp_GProps()
    BRepGProp.SurfaceProperties_s(face, last, False, False)
    if surface_kind(face) not in ("bspline", "other"):
        return last
    other = GProp_GProps()
    BRepGProp.SurfaceProperties_s(face, other, _ADAPTIVE_EPS, False)
    if abs(last.Mass() - other.Mass()) <= _DISAGREEMENT * abs(last.Mass()):
        return last
    for pieces in _PIECES:
        divider = ShapeUpgrade_ShapeDivideArea(face)
        divider.SetSplittingByNumber(True)
        divider.NbParts = pieces
        divider.Perform()
        finer = GProp_GProps()
        BRepGProp.SurfaceProperties_s(divider.Result(), finer, False, False)
        apart = abs(finer.Mass() - last.Mass())
        if not apart <= _CUT_LIMIT * abs(last.Mass()):
            return last  # the cut lost or doubled a part of the face
        last = finer
        if apart <= _AGREEMENT * abs(finer.Mass()):
            break
    return last


def _volume_integral(solid: Any, elementary: bool) -> tuple[float, Vector]:
    """Volume and its centre. Free-form faces: two quadratures of OCCT must agree, else its Gauss-Kronrod decides.

    Each of the fast ones is wrong by up to 1e-2 on some boundaries (cusps, conics); where both agree both are right.
    """
    props = GProp_GProps()
    BRepGProp.VolumeProperties_s(solid, props, False, False, False)
    if not elementary:
        other = GProp_GProps()
        BRepGProp.VolumeProperties_s(solid, other, _ADAPTIVE_EPS, False, False)
        apart = props.CentreOfMass().Distance(other.CentreOfMass())
        size = abs(props.Mass()) ** (1 / 3)
        if abs(props.Mass() - other.Mass()) > _AGREEMENT * abs(props.Mass()) or apart > _AGREEMENT * size:
            props = GProp_GProps()
            BRepGProp.VolumePropertiesGK_s(solid, props, _KRONROD_EPS, False, True, True, False, False)
    return props.Mass(), props.CentreOfMass().Coord()


def measure_body(body: Any, index: int = 0, name: str = "") -> dict[str, Any]:
    """One solid, shell or face as plain data with the keys of ``bodies`` (see :func:`measure_shape`).

    A surface body has volume 0 and the centre of its area. A solid whose faces point inwards measures a negative
    volume in OCCT: it is given with the positive volume and ``valid`` False.
    """
    found = values.of_shape("measures", {}, body, lambda: _measures(body))
    return {"index": index, "name": name, **found}


@kernel_work
def _measures(body: Any) -> dict[str, Any]:
    mesh = is_mesh_body(body)
    elementary = mesh or _is_elementary(body)
    area, center = _surface_integral(body, elementary)
    # BRepCheck wants a surface; a mesh solid was found closed and outward when it was made (mesh_shape)
    valid = mesh or shapes.is_valid(body)
    volume = 0.0
    if body.ShapeType() == TopAbs_ShapeEnum.TopAbs_SOLID:
        volume, center = _volume_integral(body, elementary)
        if volume <= 0.0:
            valid, volume = False, abs(volume)
    return {
        "volume_mm3": volume,
        "area_mm2": area,
        "center_of_mass_mm": [value + 0.0 for value in center],
        "bounding_box_mm": bounding_box(body) or {"min": [0.0] * 3, "max": [0.0] * 3},
        "valid": valid,
    }


def _union(boxes: Sequence[dict[str, list[float]]]) -> dict[str, list[float]]:
    return {
        "min": [min(box["min"][axis] for box in boxes) for axis in range(3)],
        "max": [max(box["max"][axis] for box in boxes) for axis in range(3)],
    }


def measure_shape(shape: Any, names: Sequence[str] = ()) -> dict[str, Any]:
    """Properties of a shape (solid, compound, shell, face) as plain JSON data.

    Keys: ``volume_mm3``, ``area_mm2``, ``center_of_mass_mm`` [x, y, z], ``bounding_box_mm`` {min, max} (exact),
    ``solids`` (count), ``valid`` (every body passes ``BRepCheck`` and has a positive volume), and ``bodies``: the same
    for each solid and each surface body, with ``index`` and ``name`` (from ``names``, in the order of the file).

    The totals are sums over the bodies; where there is any solid the centre is that of the volume, else of the area.
    An empty shape measures zero and is not valid.
    """
    bodies = [
        measure_body(body, index, names[index] if index < len(names) else "")
        for index, body in enumerate(bodies_of(shape))
    ]
    if not bodies:
        zero = [0.0, 0.0, 0.0]
        return {
            "volume_mm3": 0.0,
            "area_mm2": 0.0,
            "center_of_mass_mm": zero,
            "bounding_box_mm": {"min": list(zero), "max": list(zero)},
            "solids": 0,
            "valid": False,
            "bodies": [],
        }
    volume = sum(body["volume_mm3"] for body in bodies)
    area = sum(body["area_mm2"] for body in bodies)
    weight_key, total = ("volume_mm3", volume) if volume > 0.0 else ("area_mm2", area)
    center = [
        sum(body[weight_key] * body["center_of_mass_mm"][axis] for body in bodies) / total if total else 0.0
        for axis in range(3)
    ]
    return {
        "volume_mm3": volume,
        "area_mm2": area,
        "center_of_mass_mm": center,
        "bounding_box_mm": _union([body["bounding_box_mm"] for body in bodies]),
        "solids": len(solids_of(shape)),
        "valid": all(body["valid"] for body in bodies),
        "bodies": bodies,
    }


@kernel_work
def measure_face(face: Any) -> dict[str, Any]:
    """Character of a face: ``surface``, ``area_mm2``, ``centroid_mm``, ``normal`` and ``radius_mm``.

    ``normal`` is the outward unit normal of a plane (None for any other surface); ``radius_mm`` that of a cylinder or
    sphere, or the minor radius of a torus (None otherwise). ``centroid_mm`` is the centre of the face's area.
    """
    adaptor = BRepAdaptor_Surface(face, False)
    kind = _SURFACES.get(adaptor.GetType(), "other")
    area, center = _surface_integral(face, kind not in ("bspline", "other"))
    normal: list[float] | None = None
    radius: float | None = None
    if kind == "plane":
        plane = adaptor.Plane()
        direction = plane.Axis().Direction()
        # a plane whose frame is left-handed has its parametric normal opposite to its axis
        flip = (face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED) == plane.Direct()
        sign = -1.0 if flip else 1.0
        normal = [sign * value + 0.0 for value in direction.Coord()]
    elif kind == "cylinder":
        radius = adaptor.Cylinder().Radius()
    elif kind == "sphere":
        radius = adaptor.Sphere().Radius()
    elif kind == "torus":
        radius = adaptor.Torus().MinorRadius()
    return {
        "surface": kind,
        "area_mm2": area,
        "centroid_mm": [value + 0.0 for value in center],
        "normal": normal,
        "radius_mm": radius,
    }
