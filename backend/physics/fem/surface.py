"""The boundary of the FE mesh as arrays: points, normals, faces, sharp edges.

Every curved boundary triangle is sampled at its corners and edge middles (six points), which is where stresses are
read, zones are measured and fields are exported. Values come from the elements themselves, never from a point search.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Reference coordinates of NGSolve's triangle: corners 0, 1, 2, then the middles of edges 01, 12, 20.
_CORNERS = ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0))
_MIDDLES = ((0.5, 0.5), (0.0, 0.5), (0.5, 0.0))
_SPLIT = np.array([[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]])


@dataclass(frozen=True)
class Surface:
    """Sampled boundary of a mesh.

    points: (elements, 6, 3) mm; normals: (elements, 6, 3), outward; face: (elements,) BREP face index, -1 between
    bonded solids; corners: (elements, 3) mesh vertex numbers; node: (elements, 6) numbers of the merged nodes;
    triangles: (4*elements, 3) into nodes, outward; mapped: the points as NGSolve wants them for evaluating; solid:
    (elements,) index of the solid behind (of a face between two, one of them).
    """

    points: FloatArray
    normals: FloatArray
    face: IntArray
    corners: IntArray
    node: IntArray
    triangles: IntArray
    mapped: Any
    solid: IntArray

    @property
    def node_count(self) -> int:
        """Number of distinct nodes."""
        return int(self.node.max()) + 1

    def nodal(self, values: FloatArray) -> FloatArray:
        """Values (elements, 6[, c]) as nodal values (nodes[, c]); continuous fields, so the last one written stays."""
        flat = values.reshape((-1, *values.shape[2:]))
        out = np.zeros((self.node_count, *values.shape[2:]), dtype=values.dtype)
        out[self.node.reshape(-1)] = flat
        return out

    def evaluate(self, function: Any) -> FloatArray:
        """A coefficient function at all points: (elements, 6) or (elements, 6, c)."""
        values = np.asarray(function(self.mapped), dtype=float)
        count = len(self.face)
        return values.reshape(count, 6) if values.shape[-1] == 1 else values.reshape(count, 6, values.shape[-1])

    def on(self, faces: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        """(elements,) mask of the triangles on these BREP faces."""
        return np.isin(self.face, np.array(faces))


def sample(mesh: Any) -> Surface:
    """Samples the outer boundary of an NGSolve mesh of tetrahedra."""
    import ngsolve

    reference = [*_CORNERS, *_MIDDLES]
    rule = ngsolve.IntegrationRule(reference, [0.0] * 6)
    mapped = mesh.MapToAllElements({ngsolve.TRIG: rule}, ngsolve.BND)
    coordinates = ngsolve.CF((ngsolve.x, ngsolve.y, ngsolve.z))
    points = np.asarray(coordinates(mapped), dtype=float).reshape(-1, 6, 3)
    normals = np.asarray(ngsolve.specialcf.normal(3)(mapped), dtype=float).reshape(-1, 6, 3)
    elements = mesh.ngmesh.Elements2D().NumPy()
    corners = np.asarray(elements["nodes"][:, :3], dtype=np.int64) - 1
    names = list(mesh.GetBoundaries())
    face_of_region = np.array([int(n[4:]) if n.startswith("face") and n[4:].isdigit() else -1 for n in names])
    face = face_of_region[np.asarray(elements["index"], dtype=np.int64) - 1]
    region = np.asarray(elements["index"], dtype=np.int64) - 1
    sides = [(d.domin, d.domout) for d in mesh.ngmesh.FaceDescriptors()]
    inner = [i for i, (one, two) in enumerate(sides) if one and two]
    if inner:
        face = np.where(np.isin(region, inner), -1, face)
    solids = [int(n[5:]) if n.startswith("solid") and n[5:].isdigit() else 0 for n in mesh.GetMaterials()]
    solid = np.array([solids[(one or two) - 1] for one, two in sides])[region]
    return _build(points, normals, face, corners, mapped, mesh.nv, solid)


def _build(
    points: FloatArray, normals: FloatArray, face: IntArray, corners: IntArray, mapped: Any, vertices: int,
    solid: IntArray,
) -> Surface:  # fmt: skip
    pairs = np.stack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]], axis=1)
    key = np.sort(pairs, axis=2)
    edge_key = key[..., 0] * vertices + key[..., 1]
    _, edge = np.unique(edge_key, return_inverse=True)
    _, corner = np.unique(corners, return_inverse=True)
    corner = corner.reshape(corners.shape)
    node = np.concatenate([corner, edge.reshape(corners.shape) + corner.max() + 1], axis=1)
    triangles = node[:, _SPLIT]
    flat = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    backwards = np.einsum("ij,ij->i", flat, normals.mean(axis=1)) < 0
    triangles[backwards] = triangles[backwards][:, :, ::-1]
    return Surface(points, normals, face, corners, node, triangles.reshape(-1, 3), mapped, solid)


@dataclass(frozen=True)
class SharpEdges:
    """Mesh edges between two triangles of different faces.

    middle: (edges, 3) points; ends: (edges, 2, 3); faces: (edges, 2) BREP faces, lower first; interior_deg: (edges,)
    angle through the material: 90 at a box's edge, 180 where faces meet smoothly, 270 at a sharp inside corner.
    solids: (edges, 2) behind the faces, in their order; parts_deg: (edges, 2) the angle of each solid where two of them
    are bonded up to the edge, else not a number.
    """

    middle: FloatArray
    ends: FloatArray
    faces: IntArray
    interior_deg: FloatArray
    solids: IntArray
    parts_deg: FloatArray


def edges_between_faces(surface: Surface) -> SharpEdges:
    """Where faces meet, and at what angle (from the curved elements' normals at the edge middles)."""
    middle_node = surface.node[:, 3:].reshape(-1)
    # Triangles between bonded solids are no outside: they'd come as a third one at the seam.
    outside = np.flatnonzero(np.repeat(surface.face >= 0, 3))
    order = outside[np.argsort(middle_node[outside], kind="stable")]
    ordered = middle_node[order]
    first = np.flatnonzero(ordered[:-1] == ordered[1:])
    one, two = order[first], order[first + 1]
    element_one, element_two = one // 3, two // 3
    differ = surface.face[element_one] != surface.face[element_two]
    one, two, element_one, element_two = one[differ], two[differ], element_one[differ], element_two[differ]
    side_one, side_two = one % 3, two % 3
    middle = surface.points[element_one, 3 + side_one]
    normal_one = surface.normals[element_one, 3 + side_one]
    normal_two = surface.normals[element_two, 3 + side_two]
    # The corner opposite to side 01 is 2, to 12 is 0, to 20 is 1; it tells on which side the other face lies.
    opposite = surface.points[element_two, np.array([2, 0, 1])[side_two]]
    away = np.einsum("ij,ij->i", opposite - middle, normal_one)
    angle = np.degrees(np.arccos(np.clip(np.einsum("ij,ij->i", normal_one, normal_two), -1.0, 1.0)))
    # Re-entrant where the other face rises above this one's tangent plane.
    interior = np.where(away > 0, 180.0 + angle, 180.0 - angle)
    start = surface.points[element_one, side_one]
    end = surface.points[element_one, (side_one + 1) % 3]
    faces = np.stack([surface.face[element_one], surface.face[element_two]], axis=1)
    swapped = np.argsort(faces, axis=1, kind="stable")
    solids = np.stack([surface.solid[element_one], surface.solid[element_two]], axis=1)
    parts = _parts_deg(surface, (one, two), middle_node)
    faces, solids, parts = (np.take_along_axis(rows, swapped, axis=1) for rows in (faces, solids, parts))
    return SharpEdges(middle, np.stack([start, end], axis=1), faces, interior, solids, parts)


def _parts_deg(surface: Surface, sides: tuple[IntArray, IntArray], middle_node: IntArray) -> FloatArray:
    """Angles from the outer triangle's side (two of an edge) through the solid to the bond that ends there, degrees."""
    found = np.full((len(sides[0]), 2), np.nan)
    bond = np.flatnonzero(np.repeat(surface.face < 0, 3))
    if not len(bond) or not len(found):
        return found
    bond = bond[np.argsort(middle_node[bond], kind="stable")]
    place = np.minimum(np.searchsorted(middle_node[bond], middle_node[sides[0]]), len(bond) - 1)
    ends = middle_node[bond[place]] == middle_node[sides[0]]
    inward = _away(surface, bond[place])
    for column, side in enumerate(sides):
        normal = surface.normals[side // 3, 3 + side % 3]
        down, along = -np.einsum("ij,ij->i", inward, normal), np.einsum("ij,ij->i", inward, _away(surface, side))
        found[:, column] = np.where(ends, np.degrees(np.arctan2(down, along)) % 360.0, np.nan)
    return found


def _away(surface: Surface, side: IntArray) -> FloatArray:
    """Unit vectors (n, 3) in triangles, square to a side of each (3 * triangle + side) and away from it."""
    element, edge = side // 3, side % 3
    tangent = surface.points[element, (edge + 1) % 3] - surface.points[element, edge]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    to = surface.points[element, np.array([2, 0, 1])[edge]] - surface.points[element, 3 + edge]
    to = to - np.einsum("ij,ij->i", to, tangent)[:, None] * tangent
    return np.asarray(to / np.linalg.norm(to, axis=1, keepdims=True))


def spread(points: FloatArray, triangles: FloatArray, spacing: float) -> FloatArray:
    """Points on triangles so that none of the triangles' area is further than about ``spacing`` from one.

    points: (n, 3) that are kept; triangles: (m, 3, 3) corner coordinates.
    """
    out = [points]
    if len(triangles):
        size = np.linalg.norm(triangles - np.roll(triangles, 1, axis=1), axis=2).max(axis=1)
        steps = np.minimum(np.ceil(size / spacing), 40).astype(int)
        for count in np.unique(steps):
            part = triangles[steps == count]
            grid = [(i / count, j / count) for i in range(count + 1) for j in range(count + 1 - i)]
            for a, b in grid:
                out.append(part[:, 0] * a + part[:, 1] * b + part[:, 2] * (1 - a - b))
    return np.concatenate(out) if out else np.zeros((0, 3))


def spread_edges(ends: FloatArray, spacing: float) -> FloatArray:
    """Points along edges (edges, 2, 3), at most ``spacing`` apart."""
    if not len(ends):
        return np.zeros((0, 3))
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    steps = np.minimum(np.maximum(np.ceil(length / spacing), 1), 60).astype(int)
    out = []
    for count in np.unique(steps):
        part = ends[steps == count]
        for t in np.linspace(0.0, 1.0, count + 1):
            out.append(part[:, 0] * (1 - t) + part[:, 1] * t)
    return np.concatenate(out)


def rim_angle_limit(kind: str) -> float:
    """Interior angle in degrees above which the rim of a support is a stress singularity.

    Clamped next to free: singular above about 63 degrees at nu = 0.3 (Williams 1952, J. Appl. Mech. 19, 526); taken as
    60 to be on the safe side. Frictionless next to free is the half of a symmetric corner: singular above 90 degrees.
    """
    return 60.0 if kind in ("fixed", "displacement") else 95.0


def normal_at_nodes(
    surface: Surface, mask: npt.NDArray[np.bool_], smooth_deg: float = 20.0
) -> tuple[FloatArray, FloatArray]:
    """Corner points (n, 3) of masked triangles and their normals (n, 3), averaged over smoothly meeting triangles.

    Averaging cancels the first error of the curved elements' normals, so that a cylinder's normals meet its axis.
    """
    corner = surface.corners[mask].reshape(-1)
    points = surface.points[mask][:, :3].reshape(-1, 3)
    normals = surface.normals[mask][:, :3].reshape(-1, 3)
    if not len(corner):
        return points, normals
    _, inverse = np.unique(corner, return_inverse=True)
    total = np.zeros((inverse.max() + 1, 3))
    np.add.at(total, inverse, normals)
    mean = total[inverse]
    mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-30)
    smooth = np.einsum("ij,ij->i", mean, normals) > math.cos(math.radians(smooth_deg))
    return points, np.where(smooth[:, None], mean, normals)
