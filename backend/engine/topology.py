"""Faces and edges of an exact shape for a viewer, and distances and angles between them. Needs OCP in the process.

The functions are entry points for the worker pool: plain data in, plain data out. Lengths are mm, areas mm2, angles
degrees. Everything measured is of the exact geometry; triangles and points of edges only serve for drawing and picking.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Surface
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeVertex
from OCP.BRepExtrema import BRepExtrema_DistShapeShape
from OCP.GCPnts import GCPnts_TangentialDeflection
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType
from OCP.gp import gp_Pnt

from backend.engine.errors import EngineError
from backend.engine.exchange.brep import read_brep
from backend.engine.exchange.export import export_shape
from backend.engine.exchange.importing import read_model
from backend.engine.exchange.tessellate import deflection_mm, tessellate
from backend.engine.kernel import shapes
from backend.engine.measure import bodies_of, face_numbers, faces_of, measure_face, measure_shape

_CURVES = {
    GeomAbs_CurveType.GeomAbs_Line: "line",
    GeomAbs_CurveType.GeomAbs_Circle: "circle",
    GeomAbs_CurveType.GeomAbs_Ellipse: "ellipse",
    GeomAbs_CurveType.GeomAbs_Hyperbola: "hyperbola",
    GeomAbs_CurveType.GeomAbs_Parabola: "parabola",
    GeomAbs_CurveType.GeomAbs_BezierCurve: "bspline",
    GeomAbs_CurveType.GeomAbs_BSplineCurve: "bspline",
}
_DRAWN_REL, _DRAWN_DEG = 1e-3, 10.0  # triangles are for picking and for marking a face: coarser than the model's
_TURN = math.radians(7.5)
_DECIMALS = 5
_PARALLEL_DEG = 1e-4

Vector = tuple[float, float, float]


def take_in(request: dict[str, Any]) -> dict[str, Any]:
    """A part from a foreign file: ``path``, ``format`` (step, stl, obj, ply, glb), ``out_dir``, ``exports``.

    Returns what :func:`backend.engine.run.run_project` does, without named faces. Raises EngineError.
    """
    shape = read_model(Path(str(request["path"])).read_bytes(), str(request["format"]))
    started = time.perf_counter()
    result = measure_shape(shape)
    measured = time.perf_counter()
    files, _ = export_shape(shape, str(request["out_dir"]), "model", list(request["exports"]))
    timings = {"measure": measured - started, "export": time.perf_counter() - measured}
    return {**result, "named_faces": [], "files": files, "timings_s": timings, "diagnostics": []}


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """Every face and edge of the shape in a BREP file (``path``).

    ``faces``: index (as in the file), body, surface, area_mm2, centroid_mm, normal, radius_mm, axis ({point_mm,
    direction} of a cylinder or cone), triangles (nine numbers each: three corners in mm). ``edges``: index, kind, faces
    (the indices it bounds), length_mm, radius_mm, center_mm (of circles), closed, points_mm (a polyline for drawing).
    ``bodies`` as in :func:`backend.engine.measure.measure_shape`.
    """
    shape = read_brep(str(request["path"]))
    fine = max(deflection_mm(shape, _DRAWN_REL), 1e-3)
    meshes = tessellate(shape, linear_mm=fine, angle_deg=_DRAWN_DEG)
    numbers = face_numbers(shape)
    corners: dict[int, list[float]] = {}
    body_of: dict[int, int] = {}
    for position, mesh in enumerate(meshes):
        for triangle, face in zip(mesh.triangles.tolist(), mesh.face_index.tolist(), strict=True):
            body_of[face] = position
            drawn = corners.setdefault(face, [])
            for vertex in triangle:
                drawn.extend(round(float(value), _DECIMALS) for value in mesh.vertices[vertex])
    faces = []
    for index, face in enumerate(faces_of(shape)):
        faces.append(
            {
                "index": index,
                "body": body_of.get(index, 0),
                **measure_face(face),
                "axis": _axis(face),
                "triangles": corners.get(index, []),
            }
        )
    neighbours = shapes.edge_faces(shape)
    edges: list[dict[str, Any]] = []
    for edge in shapes.edges(shape):
        if shapes.is_degenerate(edge):
            continue
        beside = sorted({numbers.FindIndex(face) - 1 for face in neighbours.get(edge) or []})
        edges.append({"index": len(edges), "faces": beside, **_edge(edge, fine)})
    measured = measure_shape(shape)
    return {"faces": faces, "edges": edges, "bodies": measured["bodies"], "volume_mm3": measured["volume_mm3"]}


def _edge(edge: Any, fine_mm: float) -> dict[str, Any]:
    curve = BRepAdaptor_Curve(edge)
    kind = _CURVES.get(curve.GetType(), "other")
    circle = curve.Circle() if kind == "circle" else None
    points = GCPnts_TangentialDeflection(curve, _TURN, fine_mm)
    first, last = shapes.edge_ends(edge)
    return {
        "kind": kind,
        "length_mm": shapes.length(edge),
        "radius_mm": circle.Radius() if circle else None,
        "center_mm": list(circle.Location().Coord()) if circle else None,
        "closed": bool(first.Distance(last) < 1e-7),
        "points_mm": [
            [round(value, _DECIMALS) for value in points.Value(i + 1).Coord()] for i in range(points.NbPoints())
        ],
    }


def _axis(face: Any) -> dict[str, list[float]] | None:
    surface = BRepAdaptor_Surface(face, False)
    kind = surface.GetType()
    if kind == GeomAbs_SurfaceType.GeomAbs_Cylinder:
        axis = surface.Cylinder().Axis()
    elif kind == GeomAbs_SurfaceType.GeomAbs_Cone:
        axis = surface.Cone().Axis()
    else:
        return None
    return {"point_mm": list(axis.Location().Coord()), "direction": list(axis.Direction().Coord())}


def measure_between(request: dict[str, Any]) -> dict[str, Any]:
    """The distance between two things of the shape in a BREP file (``path``), and the angle between their directions.

    ``a`` and ``b`` are each {"face": index}, {"edge": index} (as :func:`describe` counts), {"body": index} or
    {"point_mm": [x, y, z]}.

    Returns distance_mm (the least one), from_mm and to_mm (where it is), components_mm ([dx, dy, dz] of it), angle_deg
    (0..90, between plane normals, lines and axes; None where one has no direction), parallel, and
    axis_distance_mm (between two parallel axes or centres, else None). Raises EngineError for what isn't there.
    """
    shape = read_brep(str(request["path"]))
    first, second = (_pick(shape, request[key]) for key in ("a", "b"))
    extrema = BRepExtrema_DistShapeShape(first, second)
    if not extrema.IsDone() or extrema.NbSolution() < 1:
        raise EngineError("the distance between the two could not be found", code="measure_failed")
    start, end = extrema.PointOnShape1(1).Coord(), extrema.PointOnShape2(1).Coord()
    directions = [_direction(thing) for thing in (first, second)]
    angle = _angle(directions[0], directions[1])
    return {
        "distance_mm": extrema.Value(),
        "from_mm": list(start),
        "to_mm": list(end),
        "components_mm": [b - a for a, b in zip(start, end, strict=True)],
        "angle_deg": angle,
        "parallel": None if angle is None else angle < _PARALLEL_DEG,
        "axis_distance_mm": _axis_distance(first, second),
        "exact": True,
    }


def _pick(shape: Any, what: dict[str, Any]) -> Any:
    if "point_mm" in what:
        return BRepBuilderAPI_MakeVertex(gp_Pnt(*(float(value) for value in what["point_mm"]))).Vertex()
    kind = next((name for name in ("face", "edge", "body") if what.get(name) is not None), None)
    if kind is None:
        raise EngineError(f"{what!r} names no face, edge, body or point", code="bad_request")
    several = {
        "face": lambda: faces_of(shape),
        "edge": lambda: [edge for edge in shapes.edges(shape) if not shapes.is_degenerate(edge)],
        "body": lambda: bodies_of(shape),
    }[kind]()
    index = int(what[kind])
    if not 0 <= index < len(several):
        raise EngineError(f"there is no {kind} {index}: the part has {len(several)}", code="bad_request")
    return several[index]


def _line_of(thing: Any) -> tuple[Vector, Vector] | None:
    """Point and direction of what has an axis: a line, a circle, a cylinder or a cone."""
    name = thing.ShapeType().name
    if name == "TopAbs_EDGE":
        curve = BRepAdaptor_Curve(thing)
        kind = _CURVES.get(curve.GetType())
        if kind == "line":
            axis = curve.Line().Position()
        elif kind == "circle":
            axis = curve.Circle().Axis()
        else:
            return None
        return axis.Location().Coord(), axis.Direction().Coord()
    if name == "TopAbs_FACE":
        found = _axis(thing)
        if found:
            x, y = found["point_mm"], found["direction"]
            return (x[0], x[1], x[2]), (y[0], y[1], y[2])
    return None


def _direction(thing: Any) -> tuple[str, Vector] | None:
    """("normal" or "along", unit vector); None for what has no direction."""
    if thing.ShapeType().name == "TopAbs_FACE":
        normal = measure_face(thing)["normal"]
        if normal:
            return "normal", (normal[0], normal[1], normal[2])
    line = _line_of(thing)
    return ("along", line[1]) if line else None


def _angle(a: tuple[str, Vector] | None, b: tuple[str, Vector] | None) -> float | None:
    if a is None or b is None:
        return None
    dot = min(1.0, abs(sum(x * y for x, y in zip(a[1], b[1], strict=True))))
    between = math.degrees(math.acos(dot))
    return 90.0 - between if a[0] != b[0] else between


def _axis_distance(first: Any, second: Any) -> float | None:
    a, b = _line_of(first), _line_of(second)
    if a is None or b is None:
        return None
    angle = _angle(("along", a[1]), ("along", b[1]))
    if angle is None or angle > _PARALLEL_DEG * 1e2:
        return None
    gap = [q - p for p, q in zip(a[0], b[0], strict=True)]
    along = sum(x * y for x, y in zip(gap, a[1], strict=True))
    return math.sqrt(max(0.0, sum(x * x for x in gap) - along * along))
