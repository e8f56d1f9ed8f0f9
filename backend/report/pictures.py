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
        pictures["The part from behind and below"] = part_picture(mesh, view=(135.0, -25.0), width=WIDTH, height=HEIGHT)
    return pictures


def stress_picture(fields: Path, fem: Mapping[str, Any]) -> dict[str, bytes]:
    """The von Mises stress on the deformed part; mark and scale are of the assessed maximum, not of a singular peak."""
    from backend.geometry import pictures

    found = fem.get("von_mises_mpa") or {}
    assessed, place = found.get("value"), found.get("location_mm")
    limits = (0.0, float(assessed)) if assessed else None
    title = "Von Mises stress, MPa; deformation exaggerated"
    if limits:
        title += "; the scale ends at the assessed maximum"
        if float(fem.get("raw_max_von_mises_mpa") or 0.0) > 1.02 * limits[1]:
            title += ", brighter spots at rigid holds are no result of linear elasticity"
    png = pictures.stress_picture(
        fields,
        scalar_range_mpa=limits,
        assessed_at_mm=tuple(place) if limits and place else None,
        width=WIDTH,
        height=HEIGHT,
    )
    return {title: png}
