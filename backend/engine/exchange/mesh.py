"""A triangle mesh as plain arrays: what every mesh format and the renderer speak."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Mesh:
    """Triangles of one body, mm.

    ``vertices`` (n, 3) float64; ``normals`` (n, 3) float64 unit, outward; ``triangles`` (m, 3) int32, counter-clockwise
    seen from outside; ``face_index`` (m,) int32: the B-rep face of each triangle, counted in file order over the whole
    shape. Vertices are not shared between faces, so that normals break at edges; :meth:`welded` shares them.
    """

    vertices: Floats
    normals: Floats
    triangles: Ints
    face_index: Ints
    name: str = ""
    color: tuple[float, float, float, float] | None = None

    def welded(self) -> tuple[Floats, Ints]:
        """Vertices and triangles with coincident vertices made one; see :func:`weld`."""
        return weld(self.vertices, self.triangles)

    def volume_mm3(self) -> float:
        """Enclosed volume by the divergence theorem, sum of a.(b x c)/6 over the triangles; positive when the
        triangles face outwards."""
        return signed_volume(self.vertices, self.triangles)


def snapped(mesh: Mesh) -> Mesh:
    """The mesh with coincident vertices moved to exactly the same place, and triangles that collapse dropped.

    Vertices stay apart between faces; but any reader that merges equal coordinates, in whatever precision, gets a
    closed surface.
    """
    label = coincident(mesh.vertices)
    keep = _distinct(label[mesh.triangles])
    return replace(
        mesh, vertices=mesh.vertices[label], triangles=mesh.triangles[keep], face_index=mesh.face_index[keep]
    )


def triangle_normals(vertices: Any, triangles: Any) -> Floats:
    """Unit normals (m, 3) by the right-hand rule; zero for a triangle without area."""
    points = np.asarray(vertices, dtype=np.float64)
    corners = points[np.asarray(triangles)]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: Floats = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    return unit


def vertex_normals(vertices: Any, triangles: Any) -> Floats:
    """Unit normals (n, 3): the mean of the adjacent triangles' normals weighted by area."""
    points = np.asarray(vertices, dtype=np.float64)
    index = np.asarray(triangles)
    corners = points[index]
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(points)
    for corner in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(index[:, corner], weights=weighted[:, axis], minlength=len(points))
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: Floats = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    return unit


def coincident(vertices: Any, tolerance_mm: float | None = None) -> NDArray[np.int64]:
    """For each vertex (n,) the smallest index of the vertices that lie at the same place.

    ``tolerance_mm`` defaults to 1e-6 of the mesh's diagonal. Points are gathered on two grids of that size, shifted by
    half a cell, so that a pair which a line of one grid divides is caught by the other.
    """
    points = np.asarray(vertices, dtype=np.float64)
    label = np.arange(len(points), dtype=np.int64)
    if len(points) == 0:
        return label
    low = points.min(axis=0)
    if tolerance_mm is None:
        tolerance_mm = max(float(np.linalg.norm(points.max(axis=0) - low)) * 1e-6, 1e-12)
    for shift in (0.0, 0.5):
        cells = np.floor((points - low) / tolerance_mm + shift).astype(np.int64)
        # one number a cell, so that sorting is over integers (up to 2^21 cells along each axis fit exactly)
        span = cells.max(axis=0) + 1
        if float(span[0]) * float(span[1]) * float(span[2]) < 2.0**62:
            key = (cells[:, 0] * span[1] + cells[:, 1]) * span[2] + cells[:, 2]
            _, inverse = np.unique(key, return_inverse=True)
        else:
            _, inverse = np.unique(cells, axis=0, return_inverse=True)
        inverse = inverse.ravel()
        smallest = np.full(int(inverse.max()) + 1, len(points), dtype=np.int64)
        np.minimum.at(smallest, inverse, label)
        label = smallest[inverse]
    return label[label]


def _distinct(triangles: NDArray[np.int64]) -> NDArray[np.bool_]:
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    return np.asarray((a != b) & (b != c) & (c != a), dtype=np.bool_)


def weld(vertices: Any, triangles: Any, tolerance_mm: float | None = None) -> tuple[Floats, Ints]:
    """Vertices and triangles with coincident vertices made one (:func:`coincident`) and collapsed triangles dropped."""
    points = np.asarray(vertices, dtype=np.float64).reshape(-1, 3)
    index = np.asarray(triangles, dtype=np.int64).reshape(-1, 3)
    label = coincident(points, tolerance_mm)
    used, compact = np.unique(label, return_inverse=True)
    new_index = compact.ravel()[index]
    return points[used], new_index[_distinct(new_index)].astype(np.int32)


def signed_volume(vertices: Any, triangles: Any) -> float:
    """Volume by the divergence theorem, in the vertices' unit cubed. Referred to the centre of the box for accuracy."""
    points = np.asarray(vertices, dtype=np.float64)
    if len(points) == 0:
        return 0.0
    points = points - 0.5 * (points.min(axis=0) + points.max(axis=0))
    a, b, c = (points[np.asarray(triangles)[:, corner]] for corner in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def surface_area(vertices: Any, triangles: Any) -> float:
    """Sum of the triangles' areas, in the vertices' unit squared."""
    corners = np.asarray(vertices, dtype=np.float64)[np.asarray(triangles)]
    doubled = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(doubled, axis=1).sum() / 2.0)


def concatenate(meshes: list[Mesh]) -> Mesh:
    """All bodies as one mesh, in order; indices shifted, face indices kept."""
    if not meshes:
        empty = np.zeros((0, 3))
        return Mesh(empty, empty, np.zeros((0, 3), np.int32), np.zeros(0, np.int32))
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.normals for mesh in meshes]),
        np.concatenate([mesh.triangles + offset for mesh, offset in zip(meshes, offsets, strict=True)]).astype(
            np.int32
        ),
        np.concatenate([mesh.face_index for mesh in meshes]),
    )
