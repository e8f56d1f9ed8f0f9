"""The pictures of the dossier, with their titles: the part, its views, what it encloses, and its stress."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 900, 640


def part_pictures(mesh: Path) -> dict[str, bytes]:
    """The part (STL or GLB) in a shaded view, taken apart where it has several bodies, else from behind below."""
    from backend.geometry.pictures import exploded_picture, part_picture

    pictures = {"The part": part_picture(mesh, width=WIDTH, height=HEIGHT)}
    apart = exploded_picture(mesh, width=WIDTH, height=HEIGHT)
    if apart is not None:
        pictures["Taken apart"] = apart
    else:
        pictures["The part from behind and below"] = part_picture(
            mesh, view=(135.0, -25.0), width=WIDTH, height=HEIGHT
        )
    return pictures


def stress_picture(fields: Path, fem: Mapping[str, Any]) -> dict[str, bytes]:
    """The von Mises stress on the deformed part; the scale ends at the assessed maximum, not at a singular peak."""
    from backend.geometry import pictures

    assessed = (fem.get("von_mises_mpa") or {}).get("value")
    limits = (0.0, float(assessed)) if assessed else None
    title = "Von Mises stress, MPa; deformation exaggerated"
    if limits:
        title += "; the scale ends at the assessed maximum"
    return {title: pictures.stress_picture(fields, scalar_range_mpa=limits, width=WIDTH, height=HEIGHT)}
