"""Which lines to draw: outlines, sharp edges and tangent edges, found in what neighbouring samples of the picture see.

Hidden lines need no treatment of their own: a sample sees the nearest surface only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.render.raycast import Samples

SHARP_DEG = 12.0
TANGENT, SHARP, OUTLINE = 1, 2, 3

Bools = NDArray[np.bool_]
Index = NDArray[np.int32]


class SampleGrid:
    """Samples that fill some cells of a fine grid, and their neighbours: ``left``, ``right``, ``above``, ``below``
    give for each sample the number of the neighbour, or its own where the grid is not filled."""

    def __init__(self, rows: Any, columns: Any, shape: tuple[int, int]) -> None:
        count = len(rows)
        numbers = np.full((shape[0] + 2, shape[1] + 2), -1, dtype=np.int32)
        numbers[rows + 1, columns + 1] = np.arange(count, dtype=np.int32)
        own = np.arange(count, dtype=np.int32)

        def neighbour(down: int, right: int) -> Index:
            found = numbers[rows + 1 + down, columns + 1 + right]
            return np.where(found >= 0, found, own)

        self.left, self.right = neighbour(0, -1), neighbour(0, 1)
        self.above, self.below = neighbour(-1, 0), neighbour(1, 0)

    def grow(self, mask: Bools, times: int) -> Bools:
        """The mask with neighbours added, ``times`` over; every second time diagonal ones too, which keeps it round."""
        for number in range(times):
            wide = mask | mask[self.left] | mask[self.right]
            tall = wide if number % 2 == 1 else mask
            mask = wide | tall[self.above] | tall[self.below]
        return mask


def find_lines(grid: SampleGrid, samples: Samples, face: Any, body: Any, flat_view: Any, step_mm: float) -> Any:
    """Class of line at each sample (n,): 0, TANGENT, SHARP or OUTLINE (the strongest wins).

    ``face`` and ``body`` (n,) are what is seen (-1 for nothing); ``flat_view`` (m, 3) the triangles' normals in view
    space; ``step_mm`` the distance of neighbouring samples. Both samples of a differing pair are marked.
    """
    kinds = np.zeros(len(face), dtype=np.uint8)
    depth = samples.point[:, 2]
    for neighbour in (grid.right, grid.below):
        # a step in depth on one face is a candidate as well: a face can hide a part of itself
        steep = (np.abs(depth[neighbour] - depth) > 4.0 * step_mm) & (face >= 0)
        first = np.nonzero((face != face[neighbour]) | (body != body[neighbour]) | steep)[0]
        second = neighbour[first]
        kind = _classify(samples, face, body, flat_view, first, second, step_mm)
        # within one direction no sample occurs twice on the same side: plain assignment is safe
        kinds[first] = np.maximum(kinds[first], kind)
        kinds[second] = np.maximum(kinds[second], kind)
    return kinds


def _classify(
    samples: Samples, face: Any, body: Any, flat_view: Any, a: Any, b: Any, step_mm: float
) -> NDArray[np.uint8]:
    kind = np.full(len(a), OUTLINE, dtype=np.uint8)
    both = (face[a] >= 0) & (face[b] >= 0) & (body[a] == body[b])
    a, b = a[both], b[both]
    normal_a, normal_b = flat_view[samples.triangle[a]], flat_view[samples.triangle[b]]
    apart = samples.point[b] - samples.point[a]
    # distance of each point from the other's tangent plane: small across a real edge, large across a gap
    gap = np.minimum(np.abs(np.einsum("ij,ij->i", apart, normal_a)), np.abs(np.einsum("ij,ij->i", apart, normal_b)))
    sharp = np.einsum("ij,ij->i", normal_a, normal_b) < np.cos(np.radians(SHARP_DEG))
    inner = np.where(sharp, SHARP, TANGENT)
    inner = np.where(face[a] == face[b], 0, inner)  # facets of one curved face are no edge
    kind[both] = np.where(gap < 3.0 * step_mm, inner, OUTLINE)
    return kind


def busy_pixels(face: Any, body: Any, depth: Any, step_mm: float, spread: int) -> Bools:
    """Pixels (rows, columns) that a line may touch: they and their neighbours up to ``spread`` away see more than one
    thing, or a step in depth."""
    busy = np.zeros(face.shape, dtype=np.bool_)
    for axis in (0, 1):
        first = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        second = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        differs = (face[first] != face[second]) | (body[first] != body[second])
        differs |= (np.abs(depth[first] - depth[second]) > 4.0 * step_mm) & (face[first] >= 0)
        busy[first] |= differs
        busy[second] |= differs
    for _ in range(spread):
        wide = busy.copy()
        wide[1:] |= busy[:-1]
        wide[:-1] |= busy[1:]
        busy = wide.copy()
        busy[:, 1:] |= wide[:, :-1]
        busy[:, :-1] |= wide[:, 1:]
    return busy
