"""The strength grade of bolts in a brief: "8.8", "A2-70", "SAE grade 5". Its figures count nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_THREAD = r"(?:M\d+(?:\.\d)?|\d+/\d+-\d+|#\d+-\d+)(?:\s*[x×]\s*\d+)?"
_BOLT = rf"(?:bolts?|screws?|fasteners?|studs?|{_THREAD})"
_GRADE = re.compile(
    r"(?<![\w.-])(?:(?P<named>(?:property\s+)?class\s+|grade\s+)?(?P<metric>(?:[34568]\.[68]|9\.8|10\.9|12\.9|14\.9))"
    r"(?![\w.]|\s*(?:(?:mm|cm|m|in|k?N|kg|lbs?)\b|%|\"))|(?P<stainless>A[1-5]-?(?:50|70|80|100))(?!\w)"
    r"|(?:SAE\s+)?(?:grade|gr\.?)\s*(?P<sae>[1-8])(?![\w.]))",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"{_BOLT}[\s,(:-]*(?:(?:of|in|are|is|SAE)\s+)?$", re.IGNORECASE)
_AFTER = re.compile(
    rf"[\s)-]*(?:(?:hex|steel|stainless|zinc|plated|socket|head|cap|{_THREAD})[\s-]+){{0,3}}{_BOLT}", re.I
)


@dataclass(frozen=True)
class BoltGrade:
    """A grade as it stands in the text. ``name``: as the table of grades would have it."""

    start: int
    end: int
    name: str


def find_bolt_grades(text: str, taken: Sequence[tuple[int, int]] = ()) -> list[BoltGrade]:
    """The grades of bolts, in order; none where ``taken`` says that another reading holds the words."""
    found = []
    for m in _GRADE.finditer(text):
        if any(a < m.end() and m.start() < b for a, b in taken):
            continue
        near = _BEFORE.search(text, max(0, m.start() - 24), m.start()) or _AFTER.match(text, m.end())
        if not (near or m["stainless"] or (m["named"] or "").lower().endswith("class ")):
            continue
        name = m["metric"] or (m["stainless"] or "").upper() or f"Grade {m['sae']}"
        found.append(BoltGrade(m.start(), m.end(), re.sub(r"(A\d)(\d)", r"\1-\2", name)))
    return found
