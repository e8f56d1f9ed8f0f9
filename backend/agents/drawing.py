"""Drawing in a worker process: one payload in, pictures out."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def part(payload: dict[str, Any]) -> dict[str, bytes]:
    """Pictures of the part in the file ``mesh`` (GLB or STL): title -> PNG."""
    from backend.report.pictures import part_pictures

    return part_pictures(Path(payload["mesh"]))


def stress(payload: dict[str, Any]) -> dict[str, bytes]:
    """Picture of the stress field in the npz file ``fields`` of the result ``fem``: title -> PNG."""
    from backend.report.pictures import stress_picture

    return stress_picture(Path(payload["fields"]), payload["fem"])


def views(payload: dict[str, Any]) -> dict[str, bytes]:
    """Front, right, top and isometric view of the part in the file ``mesh`` (GLB or STL) on one sheet: title -> PNG."""
    from backend.geometry.pictures import views_picture

    return {"Views": views_picture(Path(payload["mesh"]), width=800, height=600)}
