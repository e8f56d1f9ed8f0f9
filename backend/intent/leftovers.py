"""What of a brief stayed unread: said openly, so that nothing is silently ignored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.intent import vocabulary
from backend.schema import Span

if TYPE_CHECKING:
    from backend.design.spec import FamilySpec

_WORD = re.compile(r"[A-Za-z][\w'’-]*")


def unread(
    text: str, spec: FamilySpec, numbers: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]
) -> list[Span]:
    """Spans of the text that nobody understood.

    ``numbers`` are quantities that were bound to nothing; ``taken`` what was used. A word counts as understood where
    it is part of any cue or keyword of the family, if not needed. Neighbouring words make one span.
    """
    known = _words_of(spec)
    out = list(numbers)
    for m in _WORD.finditer(text):
        word = m.group().lower()
        bare = word.removesuffix("'s").removesuffix("’s").rstrip("s")
        if any(a < m.end() and m.start() < b for a, b in taken):
            continue
        if word in vocabulary.SILENT or word in known or bare in vocabulary.SILENT or bare in known:
            continue
        if out and out[-1][0] < m.start() and re.fullmatch(r"[\s-]+", text[out[-1][1] : m.start()]):
            out[-1] = (out[-1][0], m.end())
        else:
            out.append(m.span())
    return [Span(start=a, end=b, text=text[a:b]) for a, b in sorted(out)]


def _words_of(spec: FamilySpec) -> frozenset[str]:
    """All words of the family's keywords and cues, and of the limits."""
    phrases = [*spec.keywords]
    for parameter in spec.parameters.values():
        phrases += parameter.cues
    for load in spec.loads:
        phrases += load.cues
    for rule in spec.lists:
        phrases += rule.cues
    for product in spec.products:
        phrases += product.cues
    for _, cues in vocabulary.LIMITS.values():
        phrases += cues
    return frozenset(w.lower() for phrase in phrases for w in _WORD.findall(phrase))
