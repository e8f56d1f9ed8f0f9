"""The part's material in a brief: found by the library, told apart from the material of bolts and walls."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.intent.retracted import MARK

_NOT_THE_PART = re.compile(
    r"[\s-]*(?:bolts?|screws?|nuts?|washers?|inserts?|fasteners?|anchors?|studs?|rivets?|walls?|shelf|shelves|pipes?|motors?|pumps?|"
    r"beams?|columns?|posts?|frame|table|desk|standoffs?|gaskets?|table\s?top)\b"
    r"(?!\s+(?:\w+\s+)?(?:brackets?|mounts?|supports?|plates?|box|boxes|enclosures?|angles?|cover|case|housing))",
    re.IGNORECASE,
)
_MADE_OF = re.compile(
    r"\b(?:made\s+(?:out\s+)?(?:of|from|in)|(?:machined|milled|printed|cut|cast|bent|folded)\s+(?:out\s+of|from|in)|material(?:\s+is|:)?)\s+"
    r"(?:a\s+|an\s+|some\s+|solid\s+)?(?P<name>[A-Za-z][\w-]*(?:\s+[A-Z]*\d{3,}[\w-]*)?)",
    re.IGNORECASE,
)
# the endings of names of metals, minerals and plastics; what they end is taken for a material when nothing else is
_LIKE_A_MATERIAL = re.compile(
    r"\b(?P<name>[A-Za-z]{3,}(?:[^aeiou\W]ium|[aeiou]nium|tainium|ranium|tanium|ylene|amide|imide|styrene|ketone|loy|onel|granite|bamboo)|"
    r"wood(?:en)?|plywood|concrete|glass|rubber|cardboard|leather|stone|diamond|gold|silver|lead|tin|copper|cork|"
    r"magnesium|zinc|tungsten|acrylic|plexiglas{1,2}|pmma|nylon|polyester|fib(?:er|re)glass|ceramics?|porcelain|ice|chocolate|adamantium|vibranium|mithril|kryptonite|graphene|kevlar|ceramic|carbon\s+fib(?:er|re))\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    rf"[\s-]*(?:[A-Za-z'-]+\s*){{0,3}}?[\s,.;:(–—-]*(?P<words>(?!no\s+\w)(?:{MARK.pattern})|no[\s,.]+wait[\s,.:;]*)(?:in\s+|of\s+|an?\s+)?",
    re.IGNORECASE,
)
_COMMON = frozenset(
    [
        "stadium",
        "medium",
        "premium",
        "aquarium",
        "auditorium",
        "gymnasium",
        "podium",
        "radium",
        "calcium",
        "sodium",
        "employ",
        "deploy",
        "alloy",
        "helium",
        "lithium",
        "potassium",
    ]
)


@dataclass(frozen=True)
class Substance:
    """What was found. ``unknown`` is a word that must be a material but is none that the library holds."""

    match: Any | None = None
    others: tuple[Any, ...] = ()
    unknown: tuple[str, int, int] | None = None
    spans: tuple[tuple[int, int], ...] = ()
    corrected: tuple[str, str, str] | None = None  # taken back, what counts, the words between
    ruled_out: tuple[Any, ...] = ()  # materials that the part must not be of


def _either(text: str, one: Any, other: Any) -> bool:
    """Whether the text leaves open which of two it is: "brass or steel"."""
    first, second = sorted((one, other), key=lambda m: int(m.start))
    return (
        re.fullmatch(r"\s*(?:,\s*)?(?:or(?:\s+an?)?|/)\s*", text[first.end : second.start], re.IGNORECASE) is not None
    )


def _taken_back(text: str, one: Any, other: Any) -> str:
    """The words by which a text takes back the one material for the other ("steel, no wait, aluminium"); "" if none."""
    found = _TAKEN_BACK.fullmatch(text[one.end : other.start])
    return found["words"].strip(" ,.:;!…–—-") if found else ""


def find_substance(text: str, refused: Sequence[tuple[int, int]] = ()) -> Substance:
    """The material of the part in a text; ``spans`` are all pieces that name any material (they hold no quantities).

    ``refused`` are places that rule out what they name ("not steel"): it is never the part's.
    """
    from backend.materials import find_materials

    found = list(find_materials(text))
    spans = tuple((m.start, m.end) for m in found)
    meant = [m for m in found if not _NOT_THE_PART.match(text, m.end)]
    parts = [m for m in meant if not _within(m.start, m.end, refused)]
    ruled_out = tuple(m for m in meant if m not in parts)
    corrected = None
    for one, other in itertools.pairwise(parts):
        words = _taken_back(text, one, other)
        if words:
            parts, corrected = [m for m in parts if m is not one], (one.text, other.text, words)
            spans += ((text.index(words, one.end), other.start),)
    if parts:
        best = max(parts, key=lambda m: (m.score, -m.start))
        # "steel S355", "aluminium, 7075-T6": a family word beside a grade of the same family is no second material
        others = [
            m
            for m in parts
            if m is not best and m.id != best.id and (_either(text, best, m) or (not m.ambiguous and m.score >= 0.8))
        ]
        return Substance(best, tuple(others), None, spans, corrected, ruled_out)
    for pattern in (_MADE_OF, _LIKE_A_MATERIAL):
        for m in pattern.finditer(text):
            name = m["name"]
            start, end = m.span("name")
            if name.lower() in _COMMON or _within(start, end, (*spans, *refused)) or _NOT_THE_PART.match(text, end):
                continue
            if pattern is _MADE_OF and name.lower() in (
                "one",
                "two",
                "a",
                "the",
                "plate",
                "sheet",
                "bar",
                "stock",
                "plastic",
                "metal",
            ):
                continue
            return Substance(None, (), (name, start, end), spans, None, ruled_out)
    return Substance(None, (), None, spans, None, ruled_out)


def _within(start: int, end: int, places: Sequence[tuple[int, int]]) -> bool:
    return any(a < end and start < b for a, b in places)
