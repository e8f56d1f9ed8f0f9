"""Binary STL: triangles only, in mm by custom (the format carries no unit)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from backend.engine.exchange.mesh import triangle_normals, weld

_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def stl_bytes(vertices: Any, triangles: Any, *, title: str = "", scale: float = 1.0) -> bytes:
    """A binary STL file of vertices (n, 3) in mm and triangles (m, 3); coordinates are multiplied by ``scale``.

    Coincident vertices are made one first, so that neighbouring triangles share their corners to the last bit. The
    header must not start with the word "solid", by which readers recognise the text form.
    """
    points, index = weld(vertices, triangles)
    points = points * scale
    records = np.zeros(len(index), dtype=_RECORD)
    records["normal"] = triangle_normals(points, index)
    records["corners"] = points[index]
    header = f"BRICK OS, binary STL, {'mm' if scale == 1.0 else 'scaled'}. {title}".encode("ascii", "replace")[:80]
    return header.ljust(80, b" ") + np.uint32(len(index)).tobytes() + records.tobytes()


def write_stl(path: str | Path, vertices: Any, triangles: Any, *, title: str = "", scale: float = 1.0) -> Path:
    """Write :func:`stl_bytes` and return the path."""
    target = Path(path)
    target.write_bytes(stl_bytes(vertices, triangles, title=title, scale=scale))
    return target
