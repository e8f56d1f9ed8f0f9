"""Which part family a brief speaks of: keywords with weights, and near misses of spelling."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend.design.family import Family

ENOUGH = 3.0
LEAD = 1.0


@dataclass(frozen=True)
class Score:
    """A family's score for a brief, and the pieces of the text that gave it."""

    family: Family
    score: float
    spans: tuple[tuple[int, int], ...]


def rank(text: str, families: Sequence[Family]) -> list[Score]:
    """All families, best first. A keyword counts once; a word inside a longer keyword that matched counts no more."""
    return sorted((_score(text, family) for family in families), key=lambda s: -s.score)


def _score(text: str, family: Family) -> Score:
    total = 0.0
    spans: list[tuple[int, int]] = []
    missing: list[tuple[str, float]] = []
    for phrase, weight in sorted(family.spec.keywords.items(), key=lambda item: -len(item[0])):
        pattern = r"(?<!\w)" + r"[\s-]+".join(re.escape(w) for w in re.split(r"[\s-]+", phrase)) + r"(?:s|es)?(?!\w)"
        hits = [m.span() for m in re.finditer(pattern, text, re.IGNORECASE)]
        hits = [h for h in hits if not any(a <= h[0] and h[1] <= b for a, b in spans)]
        if hits:
            total += weight
            spans += hits
        elif len(phrase) >= 5 and " " not in phrase:
            missing.append((phrase, weight))
    if total < ENOUGH and missing:
        for weight, span in _near(text, missing):
            total += 0.8 * weight
            spans.append(span)
    return Score(family, total, tuple(spans))


def _near(text: str, phrases: Sequence[tuple[str, float]]) -> list[tuple[float, tuple[int, int]]]:
    """Keywords that a word of the text misses by a letter or two."""
    from rapidfuzz import fuzz

    out = []
    for m in re.finditer(r"[A-Za-z][A-Za-z-]{3,}", text):
        word = m.group().lower()
        for phrase, weight in phrases:
            if word[0] == phrase[0] and abs(len(word) - len(phrase)) <= 2 and fuzz.ratio(word, phrase) >= 82:
                out.append((weight, m.span()))
                break
    return out
