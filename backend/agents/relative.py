"""Reads what is said relative to what is: "double the load", "twice as wide", "two more holes", "not 4 but 8 holes".

Only words are read here; what they do to a design is the business of :mod:`backend.agents.corrections`.
"""

from __future__ import annotations

import re

from backend.intent import numbers, units
from backend.intent.scanner import scan

# a quantity as it is written, roughly: enough to be left out, never to be read
_QUANTITY = (
    r"[Øø#M]?\d+(?:[.,'’]\d+)*(?:\s?[x×]\s?\d+(?:\.\d+)?)?(?:\s?[½¼¾⅛⅜⅝⅞]|[\s-]\d+/\d+|/\d+)?"
    r"(?:\s?(?:[A-Za-z°%]+(?:[·*/-][A-Za-z]+\d?)?(?![\w])|[\"″'])(?!\d))?"
)
_THING = rf"(?:{_QUANTITY}|[A-Za-z][\w-]*(?:\s+(?!but\b|use\b|take\b|make\b)[\w-]+)?)"
_NOT_A_LIMIT = (
    r"(?!\s+(?:more|less|over|under|above|below|exceed\w*|to\s+exceed|greater|smaller|heavier|lighter|longer)\b)"
)
_REFUSED = re.compile(
    rf"\b(?:instead\s+of|rather\s+than|no\s+longer|not{_NOT_A_LIMIT}(?:\s+made\s+of)?)\s+(?:an?\s+|the\s+)?{_THING}"
    rf"|(?:(?<=change\s)|(?<=switch\s)|\bfrom\s+)(?:the\s+)?(?:(?P<noun>[a-z]+)\s+)?(?:from\s+)?{_QUANTITY}\s+to(?=\s)",
    re.IGNORECASE,
)

_FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_TIMES = {"double": 2.0, "twice": 2.0, "triple": 3.0, "treble": 3.0, "thrice": 3.0, "quadruple": 4.0, "halve": 0.5}
_TIMES |= {"doubled": 2.0, "tripled": 3.0, "halved": 0.5}
_WHOLE = re.compile(rf"\b(?P<word>{'|'.join(sorted(_TIMES, key=len, reverse=True))})\b", re.IGNORECASE)
_SO_MANY = re.compile(
    rf"(?<![\w.])(?P<number>{numbers.FIGURES}|two|three|four|five|ten)\s*(?:times|[x×](?=\s|$))", re.IGNORECASE
)
_HALF_AS = re.compile(r"\bhalf\s+(?:as\s+\w+|the|its|that|of\s+the)\b|\b(?:to|in)\s+half\b", re.IGNORECASE)
_SHARE = re.compile(
    rf"(?P<percent>{numbers.FIGURES})\s*(?:%|percent|per\s+cent)|\b(?:an?|one|by)\s+(?:an?\s+|one\s+)?(?P<part>{'|'.join(_FRACTIONS)})\b",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"\b(?:more|higher|larger|bigger|greater|heavier|increase[ds]?|raise[ds]?|add|grow\w*|up|plus|extra)\b",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\b(?:less|lower(?:ed)?|smaller|fewer|lighter|reduce[ds]?|decrease[ds]?|cut|drop(?:ped)?|down|minus|off)\b",
    re.IGNORECASE,
)
_TO = re.compile(r"\bto\s+\d", re.IGNORECASE)
_LOAD = re.compile(
    r"\b(?:loads?|forces?|pull|push|pressure|carr(?:y|ies|ied)|holds?|bears?|supports?|payload|takes?\s+(?=twice|double|half))\b",
    re.IGNORECASE,
)
_MASS = re.compile(r"\b(?:lighter|weigh(?:s|t)?|mass|heavy|heaviness)\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(?P<noun>hole|bolt|screw|fastener|standoff|stand-off|insert|boss|rib)(?:s|es)?\b", re.IGNORECASE
)
_STEP = re.compile(
    r"\b(?P<number>\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:(?:of\s+the)\s+)?"
    r"(?P<kind>more|extra|additional|further|fewer|less)\b"
    r"|\b(?P<verb>add|remove|drop|take\s+away|leave\s+out)\s+(?P<many>\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)


def without_refused(said: str) -> str:
    """The words without what they refuse: "8 holes instead of 4" is "8 holes", "not 300 lb but 400 lb" "but 400 lb"."""
    return " ".join(_REFUSED.sub(lambda m: f" {m['noun'] or ''} ", said).split())


_BETWEEN = re.compile(
    r"\s*[;,]\s+(?:and\s+|but\s+|also\s+)*|(?<!\bmin)(?<!\bmax)(?<!\bdia)(?<!approx)(?<!\bca)\.\s+|\s+(?:and|but)\s+(?:also\s+)?",
    re.IGNORECASE,
)


def clauses(said: str) -> list[str]:
    """The things that are said one after the other; a range ("between 5 and 8 in") stays one."""
    if re.search(r"\bbetween\b", said, re.IGNORECASE):
        return [said]
    return [part for part in (piece.strip(" .,;!") for piece in _BETWEEN.split(said)) if part]


def factor(said: str) -> float | None:
    """By what a size or a load is to be multiplied; None where the words say no factor."""
    if _TO.search(said):
        return None  # "increase it to 400 lb" says where it ends
    if whole := _WHOLE.search(said):
        return _TIMES[whole["word"].lower()]
    if times := _SO_MANY.search(said):
        return _number(times["number"])
    if _HALF_AS.search(said):
        return 0.5
    part = share(said)
    if part is None:
        return None
    if _LESS.search(said):
        return 1 - part
    return 1 + part if _MORE.search(said) else None


def share(said: str) -> float | None:
    """A share that is named, as a number: "20 %", "a third", "by half"; None where there is none."""
    found = _SHARE.search(said)
    if found is None:
        return None
    return _FRACTIONS[found["part"].lower()] if found["part"] else numbers.parse_figures(found["percent"]) / 100


def load_step(said: str) -> tuple[float, str] | None:
    """By which force a load is to change, N, and the words: "100 lb more", "another 2 kN", "reduce it by 50 kg"."""
    for q in scan(said):
        if q.dimension not in ("force", "mass"):
            continue
        before, after = said[: q.start], said[q.end :]
        more = re.match(r"\s*(?:more|extra|additional|further|less|fewer)\b", after, re.IGNORECASE)
        by = re.search(r"\b(?:by|add|plus|another|(?:an\s+)?(?:additional|extra))\s*$", before, re.IGNORECASE)
        if (more is None and by is None) or _MASS.search(said):
            continue
        force_n = q.value * units.STANDARD_GRAVITY_M_S2 / 1000 if q.dimension == "mass" else q.value
        down = more.group().strip().lower() in ("less", "fewer") if more else bool(_LESS.search(before))
        return (-force_n if down else force_n), q.text
    return None


def load_factor(said: str) -> float | None:
    """The factor for the load: "double the load", "it must hold twice as much", "10 % less load"; None else."""
    return factor(said) if _LOAD.search(said) and not _MASS.search(said) else None


def mass_share(said: str) -> float | None:
    """Which share of its mass a part is to lose, in percent: "20 % lighter", "half the weight", "a fifth lighter"."""
    if not _MASS.search(said) or _LOAD.search(said):
        return None
    found = factor(said)
    if found is None or _WHOLE.search(said) or _SO_MANY.search(said):
        return None if found != 0.5 else 50.0
    return round(100 * (1 - found), 9) if found < 1 else None


def size_factor(said: str) -> float | None:
    """The factor for a size, where the words tell no amount: "twice as wide", "half the thickness"."""
    whole = _WHOLE.search(said) or _SO_MANY.search(said) or _HALF_AS.search(said)
    return factor(said) if whole and not any(q.dimension == "length" for q in scan(said)) else None


def count_step(said: str) -> tuple[str, int] | None:
    """By how many of what there are to be more (or fewer): "two more holes" -> ("hole", 2); None where none is said."""
    noun, step = _COUNTED.search(said), _STEP.search(said)
    if noun is None or step is None:
        return None
    number = _number(step["number"] or step["many"])
    down = (step["kind"] or "").lower() in ("fewer", "less") or (step["verb"] or "add").lower() != "add"
    return noun["noun"].lower().replace("-", ""), -int(number) if down else int(number)


def _number(words: str) -> float:
    if words.lower() in ("a", "an"):
        return 1.0
    return numbers.parse_figures(words) if words[0].isdigit() else float(numbers.parse_words(words) or 0)


#: what a person may wish without an amount, and how it can be said
VAGUE: tuple[tuple[str, str], ...] = (
    (r"light(?:er)?|less\s+(?:weight|mass)", "By how much? e.g. '20 % lighter', 'at most 500 g'."),
    (r"strong(?:er)?|safer?|sturdier", "Against what? e.g. 'safety factor 2', '20 % more load', 'thicker by 2 mm'."),
    (
        r"stiff(?:er)?|sags?|bends?|flex\w*|rigid",
        "How far may it give? e.g. 'deflection at most 1 mm', or 'thicker by 2 mm'.",
    ),
    (r"cheap(?:er)?|costs?", "E.g. another material ('steel A36'), or 'cost at most 20 USD'."),
    (
        r"(?:small|big|large|short|compact)(?:er)?",
        "Which size, and by how much? e.g. 'width 8 in', '10 mm shorter shelf leg'.",
    ),
    (
        r"(?:no|without|remove|drop|leave\s+out)\b.*\b(?:holes?|fillets?|bolts?|screws?|lid|standoffs?)",
        "This family can't do without it. Say another number or size for it.",
    ),
)


def advice(said: str) -> str:
    """How a wish without an amount can be said so that it is understood; "" where the words are of no such wish."""
    for q in scan(said):
        if q.dimension in ("line_load", "moment", "acceleration"):
            return f"Nothing here takes {q.text!r} ({q.dimension.replace('_', ' ')}). Say the whole force, e.g. '2 kN'."
    return next((words for pattern, words in VAGUE if re.search(rf"\b(?:{pattern})\b", said, re.IGNORECASE)), "")
