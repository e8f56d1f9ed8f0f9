"""Several loads in one brief ("400 N at 50 mm and 100 N at the tip"), for a family that takes one load at one place.

Loads that pull the same way are put together: their sum, at the place of the farthest. Each section between the wall
and that place is then bent and sheared at least as much, so the result is on the safe side; it is told. Loads that
differ in direction, or whose places aren't clear, are left as they stand, to be asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from backend.intent import numbers, units, vocabulary
from backend.intent.negated import blanked
from backend.intent.scanner import ScannedQuantity

_HOW = re.compile(
    r"(?:\s*,?\s*\b(?:down(?:wards?)?|vertical(?:ly)?|each|load|weight|force|acting|applied|placed|hung)\b)*", re.I
)
_AT = re.compile(r"\s*,?\s*(?:(?:at|located\s+at|in)\s+(?:a\s+distance\s+of\s+)?|@\s*)", re.IGNORECASE)
_FROM = re.compile(
    r"\s*(?:(?:away\s+|out\s+)?(?:from|off)\s+(?:the\s+)?wall(?:['’]s\s+face)?|out\b|away\b)", re.IGNORECASE
)
_NOT_FROM_WALL = re.compile(r"\s*(?:in\s+)?(?:from|off|short\s+of)\b(?!\s+(?:the\s+)?wall)", re.IGNORECASE)
_NAMED = re.compile(
    r"\s*,?\s*(?:at|on|in|near)?\s*(?:the|its)?\s*\b(?:(?P<half>mid-?\s?span|half-?\s?way(?:\s+(?:out|along))?"
    r"|(?:middle|cent(?:er|re))\s+of\s+(?:the|its)\s+(?:shelf\s+|upper\s+|horizontal\s+|loaded\s+)?leg)"
    r"|(?P<middle>middle|cent(?:er|re))|(?P<tip>tip|(?:free|outer|far)\s+end|end))\b"
    r"(?:\s+of\s+(?:it|(?:the|its)\s+(?:\w+\s+)?(?:leg|bracket|arm)))?",
    re.IGNORECASE,
)
_JOIN = re.compile(
    r"\s*(?:(?P<strong>\+|&|\band\b|\bplus\b|\bas\s+well\s+as\b|[,;]\s*(?:and|plus)\b)|[,;])"
    r"(?:\s*\b(?:and|plus|another|an?|also|further|second|additional|extra|point|loads?|weights?|forces?|of|one|then|carries|holds)\b)*\s*",
    re.IGNORECASE,
)
_NOT_DOWN = re.compile(
    r"[^.;,]{0,30}?\b(?:up(?:wards?)?|sideways|sidewards?|lateral(?:ly)?|horizontal(?:ly)?|axial(?:ly)?|diagonal(?:ly)?|inwards?|"
    r"outwards?|from\s+below|from\s+the\s+side|to\s+the\s+side|along\s+the\s+wall|or|torque|per)\b",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?<![\w.])(?P<count>\d{1,2}|two|three|four|five|six|eight|ten)\s*(?:equal\s+|point\s+|single\s+|separate\s+)*"
    r"(?:(?:loads|weights|forces)\s+of\s+|[x×*]\s*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Place:
    """Where a load acts: at a distance from the wall, at the tip, or half-way out; ``words`` is how it was said."""

    kind: Literal["length", "tip", "half", "open"]
    words: str
    quantity: ScannedQuantity | None = None


@dataclass(frozen=True)
class Several:
    """Loads put together. ``said`` are the words of each; ``together`` is the sum, standing where they stood."""

    together: ScannedQuantity
    said: tuple[str, ...]
    places: tuple[Place, ...]
    span: tuple[int, int]  # of all their words

    def position_mm(self, leg_mm: float) -> float:
        """The farthest place, mm from the wall; ``leg_mm`` is the length of the leg that carries the loads."""
        by_kind = {"tip": leg_mm, "open": leg_mm, "half": leg_mm / 2}
        return max(p.quantity.value if p.quantity is not None else by_kind[p.kind] for p in self.places)


def put_together(text: str, quantities: Sequence[ScannedQuantity]) -> tuple[str, list[ScannedQuantity], Several | None]:
    """The text and its quantities with loads put together where there are several that pull down, and what was done."""
    loads = [q for q in quantities if _is_load(text, q)]
    for first in loads:
        chain = _chain(text, first, loads, quantities)
        if chain is None:
            continue
        members, places, end = chain
        counts = [_count(text, q) for q in members]
        if len(members) == 1 and counts == [1] and (not places or places[0].kind != "half"):
            continue
        together = _sum(text, members, counts, end)
        inside = {id(q) for q in quantities if first.start <= q.start < end}
        before = _TIMES.search(text, 0, first.start)
        if before and counts[0] > 1:
            inside |= {id(q) for q in quantities if before.start() <= q.start < before.end()}
        kept = [together if q is first else q for q in quantities if q is first or id(q) not in inside]
        said = tuple(_words(n, q, p) for n, q, p in zip(counts, members, places, strict=True))
        span = (before.start() if before and counts[0] > 1 else first.start, end)
        return blanked(text, [(first.end, end)]), kept, Several(together, said, places, span)
    return text, list(quantities), None


def _is_load(text: str, q: ScannedQuantity) -> bool:
    if q.dimension not in ("force", "mass") or q.form != "scalar" or q.count or q.group is not None:
        return False
    limited = vocabulary.AT_MOST.search(text, max(0, q.start - 28), q.start) or vocabulary.AFTER_AT_MOST.match(
        text, q.end
    )
    return not limited and q.user_unit != "ton" and q.value > 0


def _chain(
    text: str, first: ScannedQuantity, loads: Sequence[ScannedQuantity], quantities: Sequence[ScannedQuantity]
) -> tuple[list[ScannedQuantity], tuple[Place, ...], int] | None:
    """The loads that are joined to the first, their places, and where their words end; None where that isn't clear."""
    members, places = [first], list[Place | None]()
    strong = True
    place, end = _place(text, first.end, quantities)
    places.append(place)
    while join := _JOIN.match(text, end):
        nxt = next((q for q in loads if q.start == join.end()), None)
        if nxt is None:
            break
        strong = strong and join["strong"] is not None
        members.append(nxt)
        place, end = _place(text, nxt.end, quantities)
        places.append(place)
    if _NOT_DOWN.match(text, end) or any(_NOT_DOWN.match(text[q.end : q.end + 14]) for q in members):
        return None
    if all(p is None for p in places[:-1]) and strong:
        one = places[-1] or Place("open", "")
        return members, (one,) * len(members), end
    if any(p is None for p in places):
        return None
    return members, tuple(p for p in places if p is not None), end


def _place(text: str, at: int, quantities: Sequence[ScannedQuantity]) -> tuple[Place | None, int]:
    """The place that is named from there on, and where its words end; None where none is."""
    how = _HOW.match(text, at)
    start = how.end() if how else at
    if (m := _AT.match(text, start)) and (q := next((q for q in quantities if q.start == m.end()), None)):
        if q.dimension != "length" or q.form != "scalar" or _NOT_FROM_WALL.match(text, q.end):
            return None, start
        tail = _FROM.match(text, q.end)
        return Place("length", f"at {q.text}", q), tail.end() if tail else q.end
    if m := _NAMED.match(text, start):
        kind: Literal["tip", "half", "open"] = "half" if m["half"] else "tip" if m["tip"] else "open"
        return Place(kind, m.group().strip(" ,")), m.end()
    return None, start


def _count(text: str, q: ScannedQuantity) -> int:
    found = _TIMES.search(text, 0, q.start)
    if found is None or found.end() != q.start:
        return 1
    return int(found["count"]) if found["count"].isdigit() else int(numbers.parse_words(found["count"]) or 1)


def _sum(text: str, members: Sequence[ScannedQuantity], counts: Sequence[int], end: int) -> ScannedQuantity:
    first = members[0]
    newtons = [q.value / 1000 * units.STANDARD_GRAVITY_M_S2 if q.dimension == "mass" else q.value for q in members]
    total = sum(n * f for n, f in zip(counts, newtons, strict=True))
    alike = len({q.user_unit for q in members}) == 1
    unit = first.user_unit if alike else "N"
    number = sum(n * q.number for n, q in zip(counts, members, strict=True)) if alike else total
    mass = alike and first.dimension == "mass"
    return replace(
        first,
        value=total / units.STANDARD_GRAVITY_M_S2 * 1000 if mass else total,
        dimension="mass" if mass else "force",
        unit="g" if mass else "N",
        user_unit=unit,
        number=number,
        text=f"{number:.6g} {unit}",
        said=(first.start, end),
    )


def _words(count: int, q: ScannedQuantity, place: Place) -> str:
    times = f"{count} times " if count > 1 else ""
    return f"{times}{q.text} {place.words}".strip()
