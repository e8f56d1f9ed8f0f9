"""Values that a brief takes back itself: "for 2 kN, no wait, 1.2 kN". The later one counts, and that is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.intent.negated import Negation, blanked
from backend.intent.scanner import ScannedQuantity
from backend.intent.vocabulary import LIGHT

_STRONG = (
    r"(?:no[\s,.]+)?(?:wait|hang\s+on|hold\s+on|scratch\s+that|strike\s+that|sorry|oops|correction|i\s+mean|i\s+meant|"
    r"or\s+rather|make\s+that)"
)
_MORE = (
    r"(?:[\s,.;:!?…–—-]+(?:no|oh|wait|sorry|actually|i\s+mean|it'?s|it\s+is|(?:it\s+)?should\s+be|make\s+(?:it|that)|"
    r"let'?s\s+(?:say|make\s+it)|that'?s|only|just|rather|better))*"
)
#: words that take back what stands before them; the weak ones only where both values stand right beside them
MARK = re.compile(
    rf"(?<![\w'-])(?:(?P<strong>{_STRONG})|no|actually|rather|make\s+it)(?![\w'-]){_MORE}[\s,.:;!…–—-]*", re.IGNORECASE
)
_BUT = re.compile(r"[\s,]*\bbut(?:\s+(?:rather|only|instead|use|take|a|an|the|of))*\s+", re.IGNORECASE)
_GAP = re.compile(r"[\s-]*(?:[A-Za-z'-]+\s*){0,3}[\s,.;:(–—-]*")
_ONE_SENTENCE = re.compile(r"[^.!?;\n]*")
_WORD = re.compile(r"[\s-]*([A-Za-z]+)")
_LIST = re.compile(r"\s*(?:,?\s*and|,|x|×|by|/|&)\s*(?=[\d.])", re.IGNORECASE)
_KIN = ({"mass", "force"},)  # a load may be said as either
_NO_NOUN = LIGHT | {
    "in",
    "or",
    "wait",
    "sorry",
    "actually",
    "then",
    "please",
    "but",
    "as",
    "so",
    "oops",
    "hold",
    "make",
}


@dataclass
class Retracted:
    """The quantities that stand, the text without what replaced others, and what of it is to be told or asked.

    ``changes``: (value that was given, value that counts, the words between); ``open``: pieces of the text that take
    back something which isn't clear; ``used``: places of the text that are understood.
    """

    quantities: list[ScannedQuantity]
    text: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    open: list[tuple[int, int]] = field(default_factory=list)
    used: list[tuple[int, int]] = field(default_factory=list)


def retract(text: str, quantities: Sequence[ScannedQuantity], negations: Sequence[Negation] = ()) -> Retracted:
    """Puts each value that replaces an earlier one in that one's place, where its words are; ``said`` tells its own.

    ``negations``: what the text rules out. "not 5 mm but 6 mm" replaces too; "no 5 mm holes" takes nothing back.
    """
    out = Retracted(list(quantities), text)
    for negation in negations:
        _swap(out, negation)
    for mark in MARK.finditer(text):
        if any(n.start == mark.start() and n.counts(text) for n in negations):
            continue
        later = next((q for q in out.quantities if q.start == mark.end() and q.said is None), None)
        if later is None or later.form == "tolerance":
            continue
        before = [q for q in out.quantities if q.place[1] <= mark.start()]
        earlier = _which(text, mark, later, before)
        if earlier is not None:
            _replace(out, mark, earlier, later)
        elif mark["strong"] and any(_kin(q, later) for q in before):
            first = next(q for q in reversed(before) if _kin(q, later))
            out.open.append((first.start, _end_of_list(text, later, out.quantities)))
            out.used.append(mark.span())
    return out


def _swap(out: Retracted, negation: Negation) -> None:
    """ "not 5 mm thick but 6 mm": the second value stands where the first one stood, and its word counts for it."""
    but = _BUT.match(out.text, negation.end)
    if but is None:
        return
    refused = [q for q in out.quantities if negation.start <= q.start and q.end <= negation.end]
    later = next((q for q in out.quantities if q.start == but.end() and q.said is None), None)
    if len(refused) != 1 or later is None or later.group is not None:
        return
    own, noun = _noun(out.text, refused[0].end), _noun(out.text, later.end)
    if not own and noun and (refused[0].dimension == "number" or _kin(refused[0], later)):
        place = (negation.start, but.end())  # "not 50 but 60 mm wide": the second value has the word
        out.quantities.remove(refused[0])
        out.text = blanked(out.text, [place])
        out.changes.append((refused[0].text, later.text, "not … but"))
        out.used.append(place)
        return
    if not _kin(refused[0], later) or noun not in ("", own):
        return
    _replace(out, but, refused[0], later)
    out.text = blanked(out.text, [(negation.start, refused[0].start)])
    out.used.append((negation.start, refused[0].start))


def _which(
    text: str, mark: re.Match[str], later: ScannedQuantity, before: Sequence[ScannedQuantity]
) -> ScannedQuantity | None:
    """The one quantity that ``later`` replaces; None where that isn't clear."""
    kin = [q for q in before if _kin(q, later)]
    if not kin or later.group is not None or _LIST.match(text, later.end):
        return None
    last, noun = before[-1], _noun(text, later.end)
    alike = [q for q in kin if not noun or _noun(text, q.place[1]) == noun]
    if noun and mark["strong"] and len(alike) == 1:
        return alike[0]
    gap = text[last.place[1] : mark.start()]
    reach = _GAP if mark["strong"] else _ONE_SENTENCE
    if last in kin and _GAP.fullmatch(gap) and reach.fullmatch(gap):
        own = _noun(text, last.place[1])
        if not noun or noun == own or (not own and mark["strong"]):
            return last
    return alike[0] if mark["strong"] and len(alike) == 1 else None


def _end_of_list(text: str, first: ScannedQuantity, quantities: Sequence[ScannedQuantity]) -> int:
    end = first.end
    for q in quantities:
        joined = _LIST.match(text, end)
        if joined and joined.end() == q.start and _kin(first, q):
            end = q.end
    return end


def _kin(one: ScannedQuantity, other: ScannedQuantity) -> bool:
    if "tolerance" in (one.form, other.form) or (one.form == "thread") != (other.form == "thread"):
        return False
    return one.dimension == other.dimension or any({one.dimension, other.dimension} <= kin for kin in _KIN)


def _noun(text: str, at: int) -> str:
    """The word right behind a quantity, in the singular: "wide", "hole"; "" where it says nothing."""
    found = _WORD.match(text, at)
    word = found[1].lower() if found else ""
    return "" if word in _NO_NOUN else word.removesuffix("s")


def _replace(out: Retracted, mark: re.Match[str], earlier: ScannedQuantity, later: ScannedQuantity) -> None:
    stands = replace(
        later,
        start=earlier.start,
        end=earlier.end,
        group=earlier.group,
        position=earlier.position,
        count=earlier.count,
        said=(later.start, later.end),
    )
    out.quantities = [stands if q is earlier else q for q in out.quantities if q is not later]
    low, high = len(out.text[: mark.start()].rstrip(" ,;:.(–—-")), later.end
    noun = _noun(out.text, high)
    if noun and noun == _noun(out.text, earlier.place[1]):
        found = _WORD.match(out.text, high)
        high = found.end() if found else high
    out.text = out.text[:low] + " " * (high - low) + out.text[high:]
    words = mark.group().strip(" ,.:;!…–—-\n")
    out.changes.append((earlier.text, later.text, words))
    out.used += [earlier.place, mark.span(), (later.start, later.end)]
