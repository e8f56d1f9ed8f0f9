"""``--snapshot`` and ``--view``: which pictures of a part are drawn, and where they go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.commands.folders import result_folder
from backend.errors import InputError


def wanted_pictures(snapshot: Path | None, views: Sequence[str], size: str | None) -> list[dict[str, Any]]:
    """The pictures asked for, as the engine takes them; one file for one view, NAME-VIEW.png for several.

    Raises :class:`InputError` for a view or size that isn't known, another suffix than .png, or a folder that can't be
    written.
    """
    from backend.engine.render.camera import VIEWS

    if snapshot is None:
        if views or size:
            raise InputError("--view and --size are for pictures.", next_action="Add --snapshot FILE.png.")
        return []
    for view in views:
        if view not in VIEWS:
            raise InputError(f"the view {view!r} is not known.", next_action=f"Use one of {', '.join(VIEWS)}.")
    if snapshot.suffix.lower() != ".png":
        raise InputError(f"{snapshot} is no PNG file.", next_action="Give a name that ends in .png.")
    width, height = _pixels(size)
    result_folder(snapshot.parent)
    named = list(dict.fromkeys(views)) or ["iso"]
    paths = [snapshot] if len(named) == 1 else [snapshot.with_stem(f"{snapshot.stem}-{view}") for view in named]
    return [
        {"view": view, "path": str(path.resolve()), "width": width, "height": height}
        for view, path in zip(named, paths, strict=True)
    ]


def _pixels(size: str | None) -> tuple[int, int]:
    if size is None:
        return 1024, 768
    found = re.fullmatch(r"(\d{2,4})[x×](\d{2,4})", size)
    if found is None or not all(16 <= int(one) <= 8192 for one in found.groups()):
        raise InputError(f"{size!r} is no size of a picture.", next_action="Give WIDTHxHEIGHT in pixels, as 1024x768.")
    return int(found[1]), int(found[2])
