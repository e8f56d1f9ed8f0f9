"""Light: a studio fixed to the camera, as a table over the normal; soft shade from openness; a shadow on the floor."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.render.raycast import RayScene

F32 = NDArray[np.float32]

FLOOR_REACH = 0.36  # how far the part shades the floor, as a share of its size
_KEY = (np.array([-0.52, 0.62, 0.60]), 0.48)
_FILL = (np.array([0.80, 0.05, 0.60]), 0.14)
_RIM = (np.array([0.30, 0.55, -0.75]), 0.18)


@cache
def light_table(size: int = 256) -> tuple[F32, F32]:
    """Diffuse light and highlight, each (size, size), over the x and y of a unit normal that faces the viewer.

    Index = (component + 1) / 2 * (size - 1), first y then x. Diffuse is about 1 for the brightest direction.
    """
    axis = np.linspace(-1.0, 1.0, size)
    x, y = np.meshgrid(axis, axis)
    z = np.sqrt(np.maximum(1.0 - x * x - y * y, 0.0))
    normal = np.stack([x, y, z], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    # sky brighter than ground, and a lamp beside the camera: nothing that is looked at is dark
    diffuse = 0.39 + 0.05 * normal[..., 1] + 0.24 * normal[..., 2]
    for direction, strength in (_KEY, _FILL, _RIM):
        unit = direction / np.linalg.norm(direction)
        diffuse = diffuse + strength * np.maximum(normal @ unit, 0.0)
    half = _KEY[0] / np.linalg.norm(_KEY[0]) + np.array([0.0, 0.0, 1.0])
    half /= np.linalg.norm(half)
    highlight = np.maximum(normal @ half, 0.0) ** 36
    return diffuse.astype(np.float32), highlight.astype(np.float32)


def look_up_light(normal_x: F32, normal_y: F32) -> tuple[F32, F32]:
    """Diffuse and highlight for view-space normals (n,)."""
    diffuse, highlight = light_table()
    last = diffuse.shape[0] - 1
    column = np.clip((normal_x + 1.0) * (last / 2) + 0.5, 0, last).astype(np.int32)
    row = np.clip((normal_y + 1.0) * (last / 2) + 0.5, 0, last).astype(np.int32)
    return diffuse[row, column], highlight[row, column]


class AmbientShade:
    """How open the surroundings are of each place in the picture, on every second pixel and smoothed within a face.

    ``face`` (rows, columns), ``point`` and ``normal`` (rows, columns, 3; view space, facing the viewer) are what the
    pixels see.
    """

    STRIDE = 2

    def __init__(self, scene: RayScene, face: Any, point: F32, normal: F32) -> None:
        stride = self.STRIDE
        self._face = np.ascontiguousarray(face[::stride, ::stride])
        rows, columns = np.nonzero(self._face >= 0)
        tile = (rows % 4) * 4 + columns % 4
        values = np.ones(self._face.shape, dtype=np.float32)
        values[rows, columns] = scene.openness(
            point[rows * stride, columns * stride],
            normal[rows * stride, columns * stride],
            tile,
            radius_mm=0.22 * scene.size_mm,
            count=12,
        )
        self._values = _smooth_within(values, self._face)

    def at(self, x: Any, y: Any, face: Any) -> F32:
        """Openness (n,) at places of the grid of pixels (column x, row y, n) that show the given faces."""
        x, y = x / self.STRIDE, y / self.STRIDE
        left, top = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
        last_row, last_column = self._face.shape[0] - 1, self._face.shape[1] - 1
        total = np.zeros(len(x), dtype=np.float32)
        weights = np.zeros(len(x), dtype=np.float32)
        for down in (0, 1):
            for right in (0, 1):
                row, column = np.clip(top + down, 0, last_row), np.clip(left + right, 0, last_column)
                weight = np.abs(1 - right - (x - left)) * np.abs(1 - down - (y - top)) + np.float32(1e-3)
                weight = weight * (self._face[row, column] == face)
                total += weight * self._values[row, column]
                weights += weight
        # a sliver that no sampled pixel saw: half open is the middle of what it may be
        shade: F32 = np.where(weights > 0, total / np.maximum(weights, 1e-9), 0.7).astype(np.float32)
        return shade


def _smooth_within(values: F32, face: Any) -> F32:
    """Mean over 4 x 4 neighbours of the same face, twice, once to each side: 4 x 4 is the period of the pattern of
    directions, which this removes."""
    for low, high in ((-2, 2), (-1, 3)):
        total = np.zeros_like(values)
        weight = np.zeros_like(values)
        rows, columns = values.shape
        for down in range(low, high):
            for right in range(low, high):
                here = (slice(max(0, -down), rows - max(0, down)), slice(max(0, -right), columns - max(0, right)))
                there = (slice(max(0, down), rows + min(0, down)), slice(max(0, right), columns + min(0, right)))
                alike = face[here] == face[there]
                total[here] += alike * values[there]
                weight[here] += alike
        values = (total / np.maximum(weight, 1.0)).astype(np.float32)
    return values


def floor_shadow(scene: RayScene, ground_point: Any, ground_normal: Any, x_mm: F32, y_mm: F32, down: Any) -> F32:
    """Darkness (rows, columns) in 0..1 of a floor under the model, where the sight lines of an orthographic or
    perspective camera meet it.

    ``x_mm``, ``y_mm`` (rows, columns) are points of the picture plane, ``down`` (rows, columns, 3) the sight
    directions; ground point and normal in view space. The floor isn't drawn: only the shade it receives.
    """
    origin = np.stack([x_mm, y_mm, np.zeros_like(x_mm)], axis=-1).astype(np.float64)
    slope = down @ ground_normal
    distance = ((ground_point - origin) @ ground_normal) / np.where(np.abs(slope) > 1e-6, slope, -1e-6)
    point = origin + down * distance[..., None]
    shape = x_mm.shape
    number = np.arange(point[..., 0].size)
    tile = ((number // shape[1]) % 4) * 4 + (number % shape[1]) % 4
    normals = np.broadcast_to(ground_normal, (number.size, 3)).astype(np.float32)
    openness = scene.openness(
        point.reshape(-1, 3).astype(np.float32), normals, tile, radius_mm=FLOOR_REACH * scene.size_mm, count=16
    ).reshape(shape)
    return blur(1.0 - openness, 8)


def blur(values: F32, width: int) -> F32:
    """Two box means of an even width along each axis, shifted to opposite sides so that nothing moves."""
    result = values.astype(np.float32)
    half = width // 2
    for before in (half, half - 1):
        for axis in (0, 1):
            padding = [(0, 0), (0, 0)]
            padding[axis] = (before + 1, width - 1 - before)
            running = np.cumsum(np.pad(result, padding, mode="edge"), axis=axis, dtype=np.float64)
            size = running.shape[axis]
            ahead = np.take(running, range(width, size), axis=axis)
            behind = np.take(running, range(size - width), axis=axis)
            result = ((ahead - behind) / width).astype(np.float32)
    return result
