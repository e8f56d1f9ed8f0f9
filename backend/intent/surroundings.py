"""Quantities that say where a part is, not how large it is: the speed of a wind, an altitude, a depth of water."""

from __future__ import annotations

import re

from backend.intent import vocabulary
from backend.intent.scanner import ScannedQuantity

REACH = 20  # characters to either side of the quantity in which its word stands
LEAST_MM = 10_000.0  # a shorter length is a size of the part, whatever stands beside it


def about(text: str, q: ScannedQuantity) -> tuple[str, list[tuple[int, int]]]:
    """What the quantity says of the surroundings and where the words are that tell; "" where it says nothing."""
    if q.form != "scalar" or (q.dimension == "length" and q.value < LEAST_MM):
        return "", []
    low, high = max(0, q.start - REACH), min(len(text), q.end + REACH)
    for dimension, words, meaning in vocabulary.SURROUNDING_QUANTITIES:
        near = re.compile(rf"\b(?:{words})\b", re.IGNORECASE).search(text, low, high)
        if q.dimension == dimension and near:
            return meaning, [near.span()]
    return "", []
