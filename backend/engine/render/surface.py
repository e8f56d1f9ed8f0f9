"""A mesh made ready for a picture: every triangle knows its face, every corner its smooth normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.exchange.mesh import coincident, triangle_normals

CREASE_DEG = 30.0
PLANE_DEG = 0.1
PLANE_RATIO = 4.0


@dataclass(frozen=True)
class Surface:
    """Triangles for the renderer: ``vertices`` (n, 3), ``triangles`` (m, 3), ``face_index`` (m,), ``body_index`` (m,),
    ``flat_normals`` (m, 3) and ``corner_normals`` (3m, 3), the smooth normal at each triangle's corner."""

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int64]
    face_index: NDArray[np.int64]
    body_index: NDArray[np.int64]
    flat_normals: NDArray[np.float64]
    corner_normals: NDArray[np.float64]


def prepare(
    vertices: Any,
    triangles: Any,
    *,
    face_index: Any | None = None,
    normals: Any | None = None,
    body_index: Any | None = None,
) -> Surface:
    """Fill in what is missing: faces by walking over edges flatter than 30 deg, with large planes as faces of their
    own; normals by averaging within a face.

    ``normals`` are per vertex (n, 3) and taken as they are. Raises ValueError where array shapes don't fit.
    """
    points = np.asarray(vertices, dtype=np.float64)
    index = np.asarray(triangles, dtype=np.int64)
    if points.ndim != 2 or points.shape[1] != 3 or index.ndim != 2 or index.shape[1] != 3:
        raise ValueError(f"expected vertices (n, 3) and triangles (m, 3), got {points.shape} and {index.shape}")
    if len(index) == 0:
        raise ValueError("there are no triangles to draw")
    if index.min() < 0 or index.max() >= len(points):
        raise ValueError(f"a triangle names vertex {int(index.max())} of {len(points)}")
    if not np.isfinite(points).all():
        raise ValueError("a vertex is not finite")
    flat = triangle_normals(points, index)
    label = coincident(points)
    if face_index is None:
        corners = points[index]
        area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        faces = _smooth_patches(label[index], flat, area)
    else:
        faces = np.asarray(face_index, dtype=np.int64)
    if faces.shape != (len(index),):
        raise ValueError(f"expected one face index a triangle ({len(index)},), got {faces.shape}")
    bodies = np.zeros(len(index), dtype=np.int64) if body_index is None else np.asarray(body_index, dtype=np.int64)
    if normals is None:
        corner_normals = _face_normals(points, index, label, faces)
    else:
        corner_normals = np.asarray(normals, dtype=np.float64)[index].reshape(-1, 3)
    return Surface(points, index, faces, bodies, flat, corner_normals)


def _smooth_patches(welded: NDArray[np.int64], flat: NDArray[np.float64], area: NDArray[np.float64]) -> Any:
    """Number the faces (m,) of a mesh that doesn't say them.

    Triangles joined over edges that turn less than the crease angle form a patch; a plane in it that is large beside
    the strips of the curve it runs into is a face of its own, as it was in the CAD model.
    """
    first, second, cosine = _neighbours(welded, flat)
    count = len(welded)
    patch = _joined(count, first, second, cosine > np.cos(np.radians(CREASE_DEG)))
    flat_part = _joined(count, first, second, cosine > np.cos(np.radians(PLANE_DEG)))
    part_area = np.bincount(flat_part, weights=area).astype(np.float64)
    patch_of_part = np.zeros(len(part_area), dtype=np.int64)
    patch_of_part[flat_part] = patch
    large = part_area > PLANE_RATIO * _medians(part_area, patch_of_part)[patch_of_part]
    return np.where(large[flat_part], patch.max() + 1 + flat_part, patch)


def _neighbours(
    welded: NDArray[np.int64], flat: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of triangles that share an edge, and the cosine of the angle between their normals."""
    edges = np.sort(np.concatenate([welded[:, [0, 1]], welded[:, [1, 2]], welded[:, [2, 0]]]), axis=1)
    owner = np.tile(np.arange(len(welded)), 3)
    key = edges[:, 0] * (int(welded.max()) + 1) + edges[:, 1]
    order = np.argsort(key, kind="stable")
    key, owner = key[order], owner[order]
    pair = key[:-1] == key[1:]
    first, second = owner[:-1][pair], owner[1:][pair]
    return first, second, np.einsum("ij,ij->i", flat[first], flat[second])


def _joined(
    count: int, first: NDArray[np.int64], second: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> NDArray[np.int64]:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    pairs = (first[chosen], second[chosen])
    graph = coo_matrix((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _medians(values: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Median (lower one of an even number) of the values in each group."""
    order = np.lexsort((values, group))
    counts = np.bincount(group)
    start = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.asarray(values[order][start + np.maximum(counts - 1, 0) // 2])


def _face_normals(
    points: NDArray[np.float64], index: NDArray[np.int64], label: NDArray[np.int64], faces: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Normals at the corners (3m, 3), averaged over the triangles of the same face that meet there, by area.

    By area, so that where a plane runs smoothly into a finely divided fillet the normal is the plane's.
    """
    corners = points[index]
    weighted = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    key = label[index] + (faces[:, None] - faces.min()) * (int(label.max()) + 1)
    _, group = np.unique(key.reshape(-1), return_inverse=True)
    group = group.ravel()
    spread = np.repeat(weighted, 3, axis=0)
    total = np.stack([np.bincount(group, weights=spread[:, axis]) for axis in range(3)], axis=1)
    lengths = np.linalg.norm(total, axis=1, keepdims=True)
    unit = np.divide(total, lengths, out=np.tile([0.0, 0.0, 1.0], (len(total), 1)), where=lengths > 0)
    return np.asarray(unit[group])
