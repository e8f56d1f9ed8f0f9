"""Cues: the words that bind a quantity to a parameter, a load or a limit, and what a binding costs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from backend.intent.scanner import ScannedQuantity
from backend.intent.vocabulary import AFTER_AT_MOST, AT_LEAST, AT_MOST, LIGHT

Side = Literal["either", "after", "before"]
MAX_COST = 4.5
ADJACENT_COST = 1.6  # adjectives and prepositions bind only what stands next to them

_WORD = re.compile(r"[A-Za-z][\w'’-]*")


@dataclass(frozen=True)
class Cue:
    """One cue found in the text. ``side``: where it stands seen from its quantity."""

    target: str
    dimensions: tuple[str, ...]
    start: int
    end: int
    words: int
    side: Side
    base: float = 0.0


def find_cues(text: str, target: str, cues: Iterable[str], dimensions: Sequence[str], base: float = 0.0) -> list[Cue]:
    """All places of the cues in the text. "wide>" stands after its quantity, "<at" before it, others either way."""
    out = []
    for cue in cues:
        side: Side = "after" if cue.endswith(">") else "before" if cue.startswith("<") else "either"
        phrase = cue.strip("<> ")
        pattern = (
            r"(?<![\w-])"
            + r"[\s-]+".join(re.escape(w) for w in phrase.split())
            + (r"(?![\w])" if phrase[-1].isalnum() else "")
        )
        for m in re.finditer(pattern, text, re.IGNORECASE):
            out.append(Cue(target, tuple(dimensions), m.start(), m.end(), len(phrase.split()), side, base))
    return out


def cost(text: str, cue: Cue, q: ScannedQuantity, quantities: Sequence[ScannedQuantity]) -> float | None:
    """What it costs to bind ``q`` to ``cue``; None where they can't belong together."""
    if cue.start < q.end and q.start < cue.end:
        return None
    after = cue.start >= q.end  # the cue stands after the quantity
    if (cue.side == "after" and not after) or (cue.side == "before" and after):
        return None
    low, high = (q.end, cue.start) if after else (cue.end, q.start)
    gap, between = _gap(text, low, high, quantities)
    total = cue.base - 0.25 * (cue.words - 1)
    for word in _WORD.findall(gap):
        total += 0.25 if word.lower() in LIGHT else 1.0
    total += (
        2.2 * gap.count(",") + 4 * gap.count(";") + 1.0 * len(re.findall(r"\b(?:and|with|but)\b", gap, re.IGNORECASE))
    )
    total += 6 * len(re.findall(r"[.!?](?:\s|$)", _ABBREVIATED.sub(r"\1", gap))) + 3 * gap.count("\n")
    total += 2.0 * sum(1 for other in between if other.dimension == q.dimension)
    if after and cue.side == "either":  # "1/2 in holes" beats "holes 1/2 in" where both could be meant
        total += -0.1 if not gap.strip(" -") else 0.6
    limit = ADJACENT_COST if cue.side != "either" else MAX_COST
    return total if total <= limit else None


_ABBREVIATED = re.compile(r"\b(max|min|approx|ca|dia|diam|temp|nom|typ|incl|thk|wt|vert|hor|resp)\.", re.IGNORECASE)
# between a word for holes and a length, or behind the length: it is no diameter
_APART = re.compile(
    r"\b(?:spac(?:ed|ing)|pitch|apart|distance|cent(?:er|re)s|c/c|ctrs|depth|deep|from|inset)\b", re.IGNORECASE
)
_BEHIND_APART = re.compile(r"[\s-]*(?:spac(?:ed|ing)|pitch|apart|cent(?:er|re)s|c/c|ctrs|deep|from)\b", re.IGNORECASE)
# what the part stands on or carries has sizes and a weight of its own
_OTHER = re.compile(
    r"[\s-]*(?:thick\s+|wide\s+|long\s+|high\s+|tall\s+|deep\s+)?(?:\w+\s+)?(?:walls?|columns?|posts?|beams?|girders?|"
    r"ceilings?|slabs?|doors?|tables?|desks?|shelf|shelves|concrete|brick\w*|masonry)\b"
    r"(?!\s+(?:leg|flange|side|thickness|brackets?|mount\w*))",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"(?:^|[,.;:(]|\b(?:it|that|which|and|must|should|shall|may|can|to|not|never|only|brackets?|plates?|parts?|box|enclosures?|case|"
    r"housing|panel|cover|sheet|angle|piece|assembly|together))\s*$",
    re.IGNORECASE,
)
# a difference of temperatures is no temperature
_RISE = re.compile(r"\b(?:rise|increase|difference|delta|gradient|dT|ΔT|raise|swing)\b[^.;,\d]*$", re.IGNORECASE)
_BEHIND_RISE = re.compile(
    r"\s*(?:(?:temperature\s+)?(?:rise|increase|difference|gradient|swing)|(?:above|over)\s+(?:the\s+)?(?:ambient|room|surround))\b",
    re.IGNORECASE,
)
# a bare number behind the word for a size is no count: "M10 bolts, width 30"
_SIZE_BEFORE = re.compile(
    r"(?:\b(?:width|legs?|thickness|height|length|depth|radius|diameter|dia|load|at|[twb])\b|@)\s*[=:]?\s*$",
    re.IGNORECASE,
)
# a distance that isn't counted from the wall
_ELSEWHERE = re.compile(
    r"\s*(?:(?:in\s+)?(?:from|off|short\s+of)\s+(?:the\s+|its\s+)?(?:\w+\s+)?(?:tip|end|edges?|corner|toe)\b"
    r"|spac(?:ed|ing)\b|pitch\b|cent(?:er|re)s\b|c/c\b|apart\b|intervals?\b)",
    re.IGNORECASE,
)
_MASS_NAMED = ("mass", "weight", "weigh", "weighs", "weighing")


def misleads(text: str, cue: Cue, q: ScannedQuantity, family: str) -> bool:
    """Whether a cue near a quantity means something else of it.

    The spacing of holes is no diameter, a distance from the tip none from the wall, a rise of temperature no
    temperature; the thickness of the wall that a bracket is bolted to isn't its own; "a 20 kg mass" and "a shelf
    weighing 20 kg" limit no mass of the part.
    """
    if text[cue.start : cue.end].lower() == "at" and re.match(r"\s*(?:least|most)\b", text[cue.end :], re.IGNORECASE):
        return True
    if cue.dimensions == ("count",) and _SIZE_BEFORE.search(text[: q.start]):
        return True
    if cue.target == "load_position":
        return _ELSEWHERE.match(text, q.end) is not None
    if cue.target == "hole_diameter":
        between = text[cue.end : q.start] if cue.end <= q.start else text[q.end : cue.start]
        return bool(_APART.search(between) or _BEHIND_APART.match(text, q.end))
    if cue.target == "limit:temperature":
        return bool(_RISE.search(text[max(0, q.start - 24) : q.start]) or _BEHIND_RISE.match(text, q.end))
    if cue.target == "limit:mass" and text[cue.start : cue.end].lower() in _MASS_NAMED:
        before = text[max(0, q.start - 28) : q.start]
        if AT_MOST.search(before) or AT_LEAST.search(before) or AFTER_AT_MOST.match(text, q.end):
            return False
        if cue.start >= q.end:
            return True
        named = text[cue.start : cue.end].lower().startswith("weigh") and text[cue.start : cue.end].lower() != "weight"
        return named and not _OWN.search(text[: cue.start])
    sizes = ("thickness", "width", "length", "wall_leg", "shelf_leg")
    return family != "enclosure" and cue.target in sizes and _OTHER.match(text, q.end) is not None


def _gap(text: str, low: int, high: int, quantities: Sequence[ScannedQuantity]) -> tuple[str, list[ScannedQuantity]]:
    """The text between, with the quantities in it left out."""
    between = [q for q in quantities if q.start >= low and q.end <= high]
    pieces, at = [], low
    for q in between:
        pieces.append(text[at : q.start])
        at = q.end
    pieces.append(text[at:high])
    return "".join(pieces), between
