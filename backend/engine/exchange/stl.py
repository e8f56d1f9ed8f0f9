"""STL: triangles only, in mm by custom (the format carries no unit). Written binary; read binary or text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import Floats, Ints, triangle_normals, weld

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


def stl_text(vertices: Any, triangles: Any, *, title: str = "model", scale: float = 1.0) -> bytes:
    """The text form of :func:`stl_bytes`: five times as large, readable, numbers to 9 digits."""
    points, index = weld(vertices, triangles)
    points = points * scale
    # some readers look for the word "endsolid" wherever it stands
    name = re.sub(r"(?i)solid", "body", re.sub(r"[^\x21-\x7e]+", "_", title)) or "model"
    lines = [f"solid {name}"]
    for normal, corners in zip(triangle_normals(points, index).tolist(), points[index].tolist(), strict=True):
        lines.append("facet normal {:.6g} {:.6g} {:.6g}".format(*normal))
        lines.append("outer loop")
        lines.extend("vertex {:.9g} {:.9g} {:.9g}".format(*corner) for corner in corners)
        lines.append("endloop\nendfacet")
    lines.append(f"endsolid {name}\n")
    return "\n".join(lines).encode("ascii")


def write_stl(path: str | Path, vertices: Any, triangles: Any, *, title: str = "", scale: float = 1.0) -> Path:
    """Write :func:`stl_bytes` and return the path."""
    target = Path(path)
    target.write_bytes(stl_bytes(vertices, triangles, title=title, scale=scale))
    return target


_VERTEX = re.compile(rb"vertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)


def read_stl(data: bytes) -> tuple[Floats, Ints]:
    """Vertices (n, 3), in the file's unit, and triangles (m, 3) with coincident vertices made one.

    Binary and text are told apart by the length of the file: a binary file that starts with "solid" exists too.
    Raises EngineError (``import_failed``) for a file that is neither, is cut short, or has a number that isn't finite.
    """
    count = int(np.frombuffer(data[80:84], "<u4")[0]) if len(data) >= 84 else -1
    if count >= 0 and len(data) == 84 + count * _RECORD.itemsize:
        corners = np.frombuffer(data, _RECORD, count, 84)["corners"].reshape(-1, 3).astype(np.float64)
    elif data.lstrip()[:5].lower() == b"solid":
        try:
            corners = np.array(_VERTEX.findall(data), dtype=np.float64).reshape(-1, 3)
        except ValueError as error:
            raise EngineError(
                f"The STL text has a vertex that is not a number: {error}.", code="import_failed"
            ) from None
        if len(corners) % 3:
            raise EngineError("The STL text ends in the middle of a triangle.", code="import_failed")
    elif count >= 0 and 84 + count * _RECORD.itemsize > len(data):
        raise EngineError(
            f"The STL file is cut short: its header promises {count} triangles, "
            f"but there is room for {max(len(data) - 84, 0) // _RECORD.itemsize}.",
            code="import_failed",
        )
    else:
        raise EngineError("This is not an STL file, neither binary nor text.", code="import_failed")
    if len(corners) == 0:
        raise EngineError("The STL file holds no triangles.", code="import_failed")
    if not np.isfinite(corners).all():
        raise EngineError("The STL file has a coordinate that is not finite.", code="import_failed")
    return weld(corners, np.arange(len(corners)).reshape(-1, 3))
