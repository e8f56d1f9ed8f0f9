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
_ALONE = re.compile(rf"\W*(?:(?:hex\s+)?{_BOLT}\s+)?(?:(?:of|class|SAE)\s+)*{_GRADE.pattern}\W*(?:{_BOLT})?\W*", re.I)
_BEFORE = re.compile(rf"{_BOLT}[\s,(:-]*(?:(?:of|in|are|is|to|from|SAE)\s+)?$", re.IGNORECASE)
_OR = re.compile(r"\s*(?:,|/|or|and|to|but|instead\s+of|rather\s+than|not)+\s*", re.IGNORECASE)
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
    matches = [m for m in _GRADE.finditer(text) if not any(a < m.end() and m.start() < b for a, b in taken)]
    sure = [
        bool(
            m["stainless"]
            or m["named"]
            or _BEFORE.search(text, max(0, m.start() - 24), m.start())
            or _AFTER.match(text, m.end())
        )
        for m in matches
    ]
    for i in (*range(1, len(matches)), *range(len(matches) - 1, 0, -1)):  # "8.8 or 10.9 bolts": both are grades
        if _OR.fullmatch(text, matches[i - 1].end(), matches[i].start()):
            sure[i - 1] = sure[i] = sure[i - 1] or sure[i]
    return [BoltGrade(m.start(), m.end(), _name(m)) for m, is_one in zip(matches, sure, strict=True) if is_one]


_NAMED = re.compile(r"(?:(?:hex|steel|stainless|zinc|plated|socket|head|cap)[\s-]+)*$", re.IGNORECASE)


def bolts_around(text: str, grade: BoltGrade) -> tuple[int, int]:
    """The place of a grade with the bolts that it belongs to: "stainless A2-70 hex bolts"."""
    before, after = _NAMED.search(text, 0, grade.start), _AFTER.match(text, grade.end)
    return (before.start() if before else grade.start), (after.end() if after else grade.end)


def grade_of_answer(words: str) -> str | None:
    """The grade that an answer names, which speaks of nothing else: "10.9", "grade 8", "A4-80 bolts"; None for none."""
    found = _ALONE.fullmatch(words)
    return _name(found) if found else None


def _name(m: re.Match[str]) -> str:
    name = m["metric"] or (m["stainless"] or "").upper() or f"Grade {m['sae']}"
    return re.sub(r"(A\d)(\d)", r"\1-\2", name)
