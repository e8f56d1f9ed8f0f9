"""Pictures for the dossier: the part from two sides, and the stress on the deformed part."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 900, 640
_STL_HEADER = 84  # bytes: 80 of text, 4 of count
_STL_RECORD = 50  # bytes a triangle: normal, three corners (12 floats of 4 bytes), 2 of attributes


def read_stl(path: Path) -> tuple[Any, Any]:
    """Vertices (n, 3) in mm and triangles (m, 3) of a binary STL; equal corners become one vertex."""
    import numpy as np

    raw = path.read_bytes()
    count = int.from_bytes(raw[80:84], "little")
    if len(raw) != _STL_HEADER + _STL_RECORD * count:
        raise ValueError(f"{path.name} is not a binary STL: {len(raw)} bytes for {count} triangles")
    records = np.frombuffer(raw, dtype=np.uint8, offset=_STL_HEADER).reshape(count, _STL_RECORD)
    corners = records[:, 12:48].copy().view("<f4").reshape(-1, 3)
    vertices, index = np.unique(corners, axis=0, return_inverse=True)
    return vertices.astype(np.float64), index.reshape(-1, 3)


def part_pictures(stl: Path) -> dict[str, bytes]:
    """The part seen from the front above, and from behind below."""
    from backend.engine.render import render_png

    vertices, triangles = read_stl(stl)
    views: dict[str, Any] = {"The part": "iso", "The part from behind and below": (135.0, -25.0)}
    return {
        title: render_png(vertices, triangles, view=view, width=WIDTH, height=HEIGHT) for title, view in views.items()
    }


def stress_picture(fields: Path, fem: Mapping[str, Any]) -> dict[str, bytes]:
    """The von Mises stress on the deformed part; the scale ends at the assessed maximum, not at a singular peak."""
    import numpy as np

    from backend.engine.render import render_png

    with np.load(fields) as data:
        stress = data["von_mises_mpa"]
        assessed = (fem.get("von_mises_mpa") or {}).get("value")
        top = float(assessed) if assessed else float(np.nanmax(stress))
        png = render_png(
            data["vertices_mm"],
            data["triangles"],
            face_index=data["face_index"],
            scalars=stress,
            scalar_range=(0.0, top or 1.0),
            legend={"title": "von Mises", "unit": "MPa"},
            displacement_mm=data["displacement_mm"],
            deform_scale="auto",
            width=WIDTH,
            height=HEIGHT,
        )
    return {"Von Mises stress, MPa; deformation exaggerated; the scale ends at the assessed maximum": png}
