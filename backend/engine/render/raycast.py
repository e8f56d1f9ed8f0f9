"""Rays against triangles (Embree): what each sample of the picture sees, and how open a point is to its surroundings.

Everything here is in view space: x right, y up, z towards the viewer, origin at the camera's target, mm. Small numbers
near the origin suit Embree's single precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.render.camera import Camera

F32 = NDArray[np.float32]


def to_view(camera: Camera, points: Any) -> NDArray[np.float64]:
    """Points (n, 3) from model to view space."""
    relative = np.asarray(points, dtype=np.float64) - camera.target
    return relative @ np.stack([camera.right, camera.up, -camera.forward], axis=1)


def turn_to_view(camera: Camera, vectors: Any) -> NDArray[np.float64]:
    """Directions (n, 3) from model to view space."""
    return np.asarray(vectors, dtype=np.float64) @ np.stack([camera.right, camera.up, -camera.forward], axis=1)


@dataclass
class Samples:
    """What rays (n,) hit. ``triangle`` is -1 where nothing; ``u``, ``v`` are barycentric (weights 1-u-v, u, v);
    ``point`` (n, 3) is in view space, the origin of the ray where nothing was hit."""

    triangle: NDArray[np.int32]
    u: F32
    v: F32
    point: F32


class RayScene:
    """Triangles in Embree, ready for rays."""

    def __init__(self, vertices_view: NDArray[np.float64], triangles: NDArray[np.int64]) -> None:
        from embreex import rtcore_scene
        from embreex.mesh_construction import TriangleMesh

        self._scene = rtcore_scene.EmbreeScene()
        TriangleMesh(self._scene, np.ascontiguousarray(vertices_view[triangles], dtype=np.float32))
        extent = vertices_view[np.unique(triangles)]
        self.size_mm = max(float(np.linalg.norm(np.ptp(extent, axis=0))), 1e-9)
        self.nearest_z = float(extent[:, 2].max())

    def look(self, camera: Camera, x: Any, y: Any, width: int, height: int) -> Samples:
        """One ray through each pair of pixel coordinates x, y (n,)."""
        pixel = np.float32(camera.height_mm / height)
        across = (np.asarray(x, np.float32) - np.float32(width / 2)) * pixel
        upward = (np.float32(height / 2) - np.asarray(y, np.float32)) * pixel
        origins = np.empty((len(across), 3), dtype=np.float32)
        directions = np.empty_like(origins)
        if camera.field_of_view_deg > 0.0:
            reference = np.float32(np.linalg.norm(camera.target - camera.eye))
            origins[:] = (0.0, 0.0, reference)
            directions[:, 0] = across
            directions[:, 1] = upward
            directions[:, 2] = -reference
            directions /= np.sqrt(np.einsum("ij,ij->i", directions, directions))[:, None]
        else:
            origins[:, 0] = across
            origins[:, 1] = upward
            origins[:, 2] = self.nearest_z + 0.05 * self.size_mm
            directions[:] = (0.0, 0.0, -1.0)
        found = self._scene.run(origins, directions, output=True)
        distance = np.where(found["primID"] >= 0, found["tfar"], np.float32(0.0))
        directions *= distance[:, None]
        directions += origins
        return Samples(found["primID"], found["u"], found["v"], directions)

    def openness(self, points: F32, normals: F32, tile: Any, radius_mm: float, count: int = 16) -> F32:
        """Share (n,) of the hemisphere over each point that is free within the radius, 1 = open.

        The hemisphere is sampled by cosine; points with different ``tile`` numbers (0..15) use turned patterns, so
        that a mean over 4 x 4 neighbours averages 16 times as many directions.
        """
        if len(points) == 0:
            return np.zeros(0, dtype=np.float32)
        normals = np.asarray(normals, dtype=np.float32)
        # an orthonormal frame without a branch: Duff et al., "Building an Orthonormal Basis, Revisited" (2017)
        sign = np.where(normals[:, 2] >= 0, np.float32(1.0), np.float32(-1.0))
        factor = -1.0 / (sign + normals[:, 2])
        cross = normals[:, 0] * normals[:, 1] * factor
        tangent = np.stack([1 + sign * normals[:, 0] ** 2 * factor, sign * cross, -sign * normals[:, 0]], axis=1)
        bitangent = np.stack([cross, sign + normals[:, 1] ** 2 * factor, -normals[:, 1]], axis=1)
        start = np.asarray(points + normals * np.float32(2e-4 * self.size_mm), dtype=np.float32)
        reach = np.full(len(points), radius_mm, dtype=np.float32)
        turns = (np.arange(16) * 7 % 16) / 16
        tile = np.asarray(tile)
        free = np.zeros(len(points), dtype=np.float32)
        for number in range(count):
            # golden-angle spiral on the disc, lifted to the hemisphere (Malley): density follows the cosine
            share = (number + turns) / count
            angle = 2.399963229728653 * number + 2.0 * np.pi * turns
            local = np.stack([np.sqrt(share) * np.cos(angle), np.sqrt(share) * np.sin(angle), np.sqrt(1.0 - share)])
            along, aside, outward = local.astype(np.float32)[:, tile, None]
            direction = tangent * along + bitangent * aside + normals * outward
            free += self._scene.run(start, direction, reach, query="OCCLUDED") < 0
        return free / np.float32(count)

    def is_visible(self, camera: Camera, point_view: NDArray[np.float64]) -> bool:
        """Whether nothing stands between a point (3,) and the camera."""
        if camera.field_of_view_deg > 0.0:
            toward = np.array([0.0, 0.0, float(np.linalg.norm(camera.target - camera.eye))]) - point_view
            distance = float(np.linalg.norm(toward))
            toward = toward / distance
        else:
            toward, distance = np.array([0.0, 0.0, 1.0]), 1e30
        start = point_view + toward * (2e-3 * self.size_mm)
        blocked = self._scene.run(
            np.asarray([start], np.float32),
            np.asarray([toward], np.float32),
            np.asarray([distance], np.float32),
            query="OCCLUDED",
        )
        return bool(blocked[0] < 0)
