"""What the interpreter remarked on a program, brought together for a reader: a note that comes often comes once."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DEPRECATED = re.compile(r"`(?P<name>[^`]+)` is deprecated as of KCL (?P<version>[\d.]+\d)")
_PLACE = re.compile(r"\[(\d+):\d+\]")


def noted(diagnostics: Sequence[str]) -> list[str]:
    """The diagnostics in their order; deprecated calls as one line a version, each call with the lines where it stands.

    They mean the same for every call: the old form runs, and the solid is the one that was written.
    """
    out: list[str] = []
    calls: dict[str, dict[str, list[int]]] = {}
    for text in diagnostics:
        found = _DEPRECATED.search(text)
        if found is None or text.lstrip().startswith("×"):
            out.append(text)
            continue
        lines = calls.setdefault(found["version"], {}).setdefault(found["name"], [])
        place = _PLACE.search(text)
        if place and int(place[1]) not in lines:
            lines.append(int(place[1]))
    for version, names in calls.items():
        rows = [f"{name} ({_where(sorted(lines))})" if lines else name for name, lines in names.items()]
        out.append(f"Deprecated as of KCL {version}, still carried out as written: {', '.join(rows)}.")
    return out


def _where(lines: Sequence[int]) -> str:
    return f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}"
