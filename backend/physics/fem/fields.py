"""Fields on the FE boundary mesh as one npz file, for pictures and for the GLB's vertex attributes.

The mesh itself is exported, curved triangles cut in four, so that every value is a value of the solution.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from backend.physics.fem.surface import Surface

FloatArray = npt.NDArray[np.float64]


def export(path: str, surface: Surface, **nodal: FloatArray) -> str:
    """Writes vertices_mm (n, 3), triangles (m, 3), face_index (m,) and nodal fields given as (elements, 6[, c]) arrays.

    Triangles between bonded solids are left out. Returns the path.
    """
    vertices = surface.nodal(surface.points)
    face = np.repeat(surface.face, 4)
    outside = face >= 0
    triangles = surface.triangles[outside]
    used, renumbered = np.unique(triangles, return_inverse=True)
    arrays = {name: surface.nodal(values)[used].astype(np.float32) for name, values in nodal.items()}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        vertices_mm=vertices[used],
        triangles=renumbered.reshape(-1, 3).astype(np.int32),
        face_index=face[outside].astype(np.int32),
        **arrays,  # type: ignore[arg-type]
    )
    return path if path.endswith(".npz") else path + ".npz"
