"""Triangles of an exact shape, with the face that each triangle lies on. Needs OCP."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from OCP.BRep import BRep_Tool
from OCP.BRepLib import BRepLib_ToolTriangulatedShape
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.BRepTools import BRepTools
from OCP.IMeshTools import IMeshTools_Parameters
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopLoc import TopLoc_Location

from backend.engine.cache import values
from backend.engine.clock import kernel_work
from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import Mesh, snapped, triangle_normals, vertex_normals
from backend.engine.measure import (
    bodies_of,
    bounding_box,
    face_numbers,
    faces_of,
    is_mesh_face,
    measure_body,
    surface_kind,
)

DEFLECTION_REL = 5e-4  # chord error as a part of the shape's diagonal
ANGLE_DEG = 7.5  # 48 chords to a circle: 0.3 % of its area
MIN_DEFLECTION_MM = 1e-4
VOLUME_ERROR_REL = 4e-3
_ROUNDS = 3
_ENOUGH_TRIANGLES = 60_000


def deflection_mm(shape: Any, relative: float = DEFLECTION_REL) -> float:
    """Chord error in mm for a shape: ``relative`` times the diagonal of its bounding box."""
    box = bounding_box(shape)
    if box is None:
        return MIN_DEFLECTION_MM
    return max(relative * math.dist(box["min"], box["max"]), MIN_DEFLECTION_MM)


def tessellate(
    shape: Any,
    *,
    linear_mm: float | None = None,
    angle_deg: float = ANGLE_DEG,
    names: Sequence[str] = (),
    colors: Sequence[tuple[float, float, float, float] | None] = (),
) -> list[Mesh]:
    """One :class:`Mesh` for each body (solid, free shell, free face) in file order.

    ``linear_mm`` is the largest distance between a triangle and the surface, ``angle_deg`` the largest turn from one
    chord to the next. Without ``linear_mm`` it starts at 5e-4 of the diagonal of the whole shape, and both are made
    finer, up to three times, until the solids' enclosed volume is within 0.4 % of the exact one.
    ``face_index`` counts faces over the whole shape as :func:`backend.engine.measure.faces_of` does. Triangles of
    neighbouring faces meet in the same points of their common edge, so the welded mesh of a valid solid is closed.

    An earlier triangulation of the shape is discarded, so that the result depends on nothing but the arguments.

    Raises EngineError (``tessellation_failed``) when a face gets no triangles.
    """
    elementary = all(surface_kind(face) not in ("bspline", "other") for face in faces_of(shape))
    if linear_mm is not None:
        return _meshes(shape, linear_mm, angle_deg, elementary, names, colors)
    solids = [body for body in bodies_of(shape) if body.ShapeType() == TopAbs_ShapeEnum.TopAbs_SOLID]
    exact = sum(measure_body(solid)["volume_mm3"] for solid in solids) if solids else 0.0
    linear = deflection_mm(shape)
    meshes: list[Mesh] = []
    for _ in range(_ROUNDS):
        meshes = _meshes(shape, linear, angle_deg, elementary, names, colors)
        enclosed = sum(mesh.volume_mm3() for mesh in meshes[: len(solids)])
        triangles = sum(len(mesh.triangles) for mesh in meshes)
        if exact <= 0.0 or abs(enclosed / exact - 1.0) <= VOLUME_ERROR_REL or triangles > _ENOUGH_TRIANGLES:
            break
        # thin for its length: the chord error that suits the whole is coarse for it
        linear, angle_deg = linear / 4.0, angle_deg * 0.6
    return meshes


@kernel_work
def _triangulate(shape: Any, linear_mm: float, angle_deg: float, elementary: bool) -> None:
    BRepTools.Clean_s(shape, False)
    parameters = IMeshTools_Parameters()
    parameters.Deflection = linear_mm
    # OCCT holds the turn of an edge at a chord's end against Angle, which is half of the turn from chord to chord
    parameters.Angle = math.radians(2.0 * angle_deg)
    if elementary:
        # on free-form faces this bound multiplies triangles (and seconds) tenfold without need
        parameters.AngleInterior = math.radians(angle_deg)
    parameters.InParallel = False
    BRepMesh_IncrementalMesh(shape, parameters)


class _NoTriangles(Exception):
    """A face (by its place in its body) that got none."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def _meshes(
    shape: Any,
    linear_mm: float,
    angle_deg: float,
    elementary: bool,
    names: Sequence[str],
    colors: Sequence[tuple[float, float, float, float] | None],
) -> list[Mesh]:
    meshes = []
    numbers = face_numbers(shape)
    for position, body in enumerate(bodies_of(shape)):
        indices = np.array([numbers.FindIndex(face) - 1 for face in faces_of(body)], dtype=np.int32)
        try:
            found = _body_triangles(body, linear_mm, angle_deg, elementary)
        except _NoTriangles as missing:
            raise EngineError(
                f"Face {indices[missing.place]} (body {position}) could not be triangulated: it is degenerate or its "
                "boundary is not closed. Look at the operation that made it: usually a fillet or a boolean near "
                "tangency.",
                code="tessellation_failed",
            ) from None
        mesh = Mesh(
            vertices=found["vertices"],
            normals=found["normals"],
            triangles=found["triangles"],
            face_index=indices[found["places"]],
            name=names[position] if position < len(names) else "",
            color=colors[position] if position < len(colors) else None,
        )
        meshes.append(snapped(mesh))
    return meshes


def _body_triangles(body: Any, linear_mm: float, angle_deg: float, elementary: bool) -> dict[str, Any]:
    """Vertices, normals, triangles, and for each triangle the place of its face in the body.

    Made where the body was before it was moved: copies in a pattern have one triangulation, kept once.
    """
    base = body.Located(TopLoc_Location())
    arguments = {"linear_mm": linear_mm, "angle_deg": angle_deg, "elementary": elementary}

    def compute() -> dict[str, Any]:
        _triangulate(base, linear_mm, angle_deg, elementary)
        return _joined(base)

    found = values.arrays("triangles", arguments, base, compute)
    if body.Location().IsIdentity():
        return found
    transform = body.Location().Transformation()
    matrix = np.array([[transform.Value(row, column) for column in range(1, 5)] for row in range(1, 4)])
    return {
        **found,
        "vertices": found["vertices"] @ matrix[:, :3].T + matrix[:, 3],
        "normals": found["normals"] @ matrix[:, :3].T,  # a body is moved rigidly; what scales or mirrors rebuilds it
    }


def _face_triangles(face: Any, index: int) -> tuple[Any, Any, Any, Any] | None:
    location = TopLoc_Location()
    triangulation = BRep_Tool.Triangulation_s(face, location)
    if triangulation is None or triangulation.NbTriangles() == 0:
        return None
    surface = not is_mesh_face(face)
    if surface and not triangulation.HasNormals():
        BRepLib_ToolTriangulatedShape.ComputeNormals_s(face, triangulation)
    count = triangulation.NbNodes()
    nodes = np.array([point.Coord() for point in triangulation.MapNodeArray()], dtype=np.float64)
    triangles = np.array(
        [triangulation.Triangle(number).Get() for number in range(1, triangulation.NbTriangles() + 1)], dtype=np.int32
    )
    triangles -= 1
    if surface:
        normals = np.array([triangulation.Normal(number).Coord() for number in range(1, count + 1)], dtype=np.float64)
    else:
        normals = vertex_normals(nodes, triangles)
    reverse = face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED
    if not location.IsIdentity():
        transform = location.Transformation()
        matrix = np.array([[transform.Value(row, column) for column in range(1, 5)] for row in range(1, 4)])
        nodes = nodes @ matrix[:, :3].T + matrix[:, 3]
        scale = abs(np.linalg.det(matrix[:, :3])) ** (1.0 / 3.0)
        mirrored = np.linalg.det(matrix[:, :3]) < 0
        normals = normals @ (matrix[:, :3] / scale).T
        # a mirroring location turns the triangles over
        reverse_triangles = reverse != mirrored
    else:
        reverse_triangles = reverse
    if reverse_triangles:
        triangles = triangles[:, ::-1].copy()
    if reverse:
        normals = -normals
    _repair_normals(nodes, triangles, normals)
    return nodes, normals, triangles, np.full(len(triangles), index, dtype=np.int32)


def _repair_normals(nodes: Any, triangles: Any, normals: Any) -> None:
    """Replace normals that are undefined (cone apex, degenerate pole) or point inwards by those of the triangles."""
    flat = triangle_normals(nodes, triangles)
    lengths = np.linalg.norm(normals, axis=1)
    agreement = np.zeros(len(nodes))
    for corner in range(3):
        np.add.at(agreement, triangles[:, corner], np.einsum("ij,ij->i", normals[triangles[:, corner]], flat))
    bad = ~np.isfinite(lengths) | (lengths < 0.5) | (agreement < 0)
    if not bad.any():
        return
    summed = np.zeros_like(normals)
    for corner in range(3):
        np.add.at(summed, triangles[:, corner], flat)
    norm = np.linalg.norm(summed, axis=1, keepdims=True)
    replacement = np.divide(summed, norm, out=np.tile([0.0, 0.0, 1.0], (len(nodes), 1)), where=norm > 0)
    normals[bad] = replacement[bad]


def _joined(body: Any) -> dict[str, Any]:
    parts = []
    for place, face in enumerate(faces_of(body)):
        part = _face_triangles(face, place)
        if part is None:
            raise _NoTriangles(place)
        parts.append(part)
    offsets = np.cumsum([0] + [len(part[0]) for part in parts[:-1]])
    return {
        "vertices": np.concatenate([part[0] for part in parts]),
        "normals": np.concatenate([part[1] for part in parts]),
        "triangles": np.concatenate([part[2] + start for part, start in zip(parts, offsets, strict=True)]).astype(
            np.int32
        ),
        "places": np.concatenate([part[3] for part in parts]),
    }
