"""What stayed unread and could be a requirement: numbers, and words that change the part or its load. It is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.schema import Question, Span

if TYPE_CHECKING:
    from backend.design.spec import ParameterSpec
    from backend.intent.scanner import ScannedQuantity

IGNORE = "ignore"

#: words that change the shape of the part or the kind of its load; no family reads them, unless a cue holds them
_MEANINGFUL = re.compile(
    r"(?<![\w-])(?:"
    r"(?<!all )(?:round|circular)"
    r"(?!\s+(?:[\d./]+\s*\w+\s+)?(?:the|about|holes?|hole\s+pattern|openings?|cut-?outs?|patch|pad|foot|head|edges?)\b)"
    r"|dis[ck](?:-shaped)?|cylindrical|triangular|hexagonal|oval|elliptical|curved|tapered"
    r"|upwards?|uplift|off-?cent(?:er|re)|eccentric(?:ally)?|sideways|sidewards?|lateral(?:ly)?|horizontally|axial(?:ly)?|diagonal(?:ly)?"
    r"|torsion(?:al)?|torque|twist(?:s|ed|ing)?|cyclic(?:al(?:ly)?)?|dynamic(?:ally)?|repeated(?:ly)?|oscillating"
    r"|vibrat\w+|impacts?|shocks?|dropped"
    r"|slots?|slotted|pockets?|cut-?outs?|ribs?|ribbed|stiffen(?:ers?|ed)|counter[\s-]?(?:sunk|sinks?|bored?|bores)|c[’']?(?:s[iu]nk|bored?)|csk|spot-?fac\w+"
    r"|tapped|blind|reamed|threaded(?!\s+(?:inserts?|standoffs?|rods?))"
    r"|die[\s-]?cast(?:ing)?|forg(?:ed|ing)|weld(?:ed|ment)|sintered|stamp(?:ed|ing)|injection[\s-]mou?ld\w*|sheet[\s-]metal"
    r"|extru(?:ded|sion)|SLS|SLA|DMLS|SLM|MJF"
    r")(?!\w)",
    re.IGNORECASE,
)
#: what no family makes, whatever single words of it are read as
_NOT_MADE = re.compile(
    r"(?<![\w-])(?:(?:central|cent(?:er|re)|middle)\s+(?:hole|bore|opening|cut-?out)"
    r"|(?:hole|bore|opening|cut-?out)\s+(?:in|at)\s+(?:(?:the|its)\s+)?(?:middle|cent(?:er|re))"
    r"|(?:holes?|bolts?|screws?|fasteners?)\s+only\s+(?:in|on)|only\s+(?:in|on)\s+the\s+\w+\s+leg|(?:hole|bolt|screw|fillet)-free"
    r"|(?:on|along|at)\s+(?:only\s+)?(?:one|two|three|[123]|opposite|both|(?:the|its)\s+(?:long|short)(?:er)?)\s+"
    r"(?:(?:opposite|adjacent|parallel|long|short)(?:er)?\s+)*(?:sides?|edges?)|free\s+(?:edges?|sides?|on)"
    r"|with\s+(?:(?:a|two|side|triangular)\s+)*gussets?|gusseted)(?!\w)",
    re.IGNORECASE,
)
#: what a plastic is filled with makes it another material
_FILLED = re.compile(
    r"(?<![A-Za-z])(?:GF|CF|GB)[\s-]?\d{1,2}\b|\b(?:glass|carbon|mineral)[\s-]*(?:fib(?:er|re)s?[\s-]*)?(?:filled|reinforced)\b",
    re.IGNORECASE,
)
#: fasteners that are ruled out; a part that is clamped or supported at its edges has none anyway
_NONE_OF = re.compile(
    r"(?:no|without(?:\s+any)?|omit(?:ting)?|remove|skip|leave\s+out|free\s+of)\s+(?:the\s+)?(?:(?:bolt|screw|mounting|drilled)\s+)?(?:holes?|bolts?|screws?|fasteners?)(?!\w)",
    re.IGNORECASE,
)
_BOTH_WAYS = re.compile(r"(?:±|\+/-|\+-)\s*$|\bplus\s+or\s+minus\s*$", re.IGNORECASE)
#: a load of each of several things: how many there are isn't told, so neither is the whole
_EACH = re.compile(
    r"\s*(?:(?:per|/)\s*(?!brackets?\b|parts?\b|plates?\b|box|enclosures?\b|pieces?\b|units?\b)[A-Za-z][\w-]*"
    r"|(?:on|at|in|for)\s+(?:each|every)\s+(?!bracket\b|part\b|plate\b|box\b|enclosure\b|piece\b|unit\b)[A-Za-z][\w-]*"
    r"|apiece|a\s+piece|each)(?![\w-])",
    re.IGNORECASE,
)
#: directions that no family takes, told by what stands right beside a load
_AFTER_LOAD = re.compile(
    r"[\s,]*(?:load\s+|force\s+)?(?:(?:acting|pulling|pushing|directed|applied|pulls?|pushes)\s+)?"
    r"(?P<words>up|horizontal|from\s+below|from\s+the\s+side|to\s+the\s+side)(?![\w-])(?!\s+(?:to|leg|flange|plate|shelf)\b)",
    re.IGNORECASE,
)
_BEFORE_LOAD = re.compile(r"(?<![\w-])horizontal(?=\s+(?:load|force|pull|push)\b)", re.IGNORECASE)
_LOADS = ("force", "mass", "pressure")

_FIGURES = re.compile(r"(?<![\w.])(?![23][\s-]?D\b)\d[\w.,/]*(?<![.,/])", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]+")
_SAFETY = ("safety factor", "factor of safety")
_ALIKE = 84.0  # of 100; "saftey factor" has 92, "service factor" 67


def misspelt_safety(text: str) -> list[Span]:
    """The places where "safety factor" or "factor of safety" is written with a slip."""
    from rapidfuzz import fuzz

    words = list(_WORD.finditer(text))
    found: list[Span] = []
    for meant in _SAFETY:
        length = len(meant.split())
        for i in range(len(words) - length + 1):
            start, end = words[i].start(), words[i + length - 1].end()
            piece = text[start:end]
            plain = re.sub(r"[\s-]+", " ", piece.lower())
            if plain == meant or not re.fullmatch(r"[A-Za-z]+(?:[\s-]+[A-Za-z]+)*", piece):
                continue
            pairs = zip(plain.split(), meant.split(), strict=True)
            if fuzz.ratio(plain, meant) >= _ALIKE and all(fuzz.ratio(a, b) >= 65 for a, b in pairs):
                found.append(Span(start=start, end=end, text=piece))
    return found


#: not a safety factor: a margin of 0.5 is a factor of 1.5
_MARGIN = re.compile(r"\b(?:margins?\s+of\s+safety|safety\s+margins?)\b", re.IGNORECASE)


def spelt(text: str, spec: ParameterSpec | None) -> str:
    """The text with a misspelt "safety factor" as a cue that is read, and without margins of safety, which are none."""
    cue = min((c for c in (spec.cues if spec else ()) if c.isalpha()), key=len, default=None)
    for span in misspelt_safety(text) if cue else ():
        assert cue is not None
        text = text[: span.start] + cue.ljust(span.end - span.start)[: span.end - span.start] + text[span.end :]
    return _MARGIN.sub(lambda m: " " * len(m.group()), text)


def meaningful(
    text: str, quantities: Sequence[ScannedQuantity], taken: Sequence[tuple[int, int]], ruled_out: str
) -> list[Span]:
    """Words that change what the part or its load is, and that nothing took. ``ruled_out``: the text without them."""
    places = [m.span() for m in _MEANINGFUL.finditer(text)] + [m.span() for m in _BEFORE_LOAD.finditer(text)]
    for q in quantities:
        after = _AFTER_LOAD.match(text, q.end) if q.dimension in _LOADS else None
        if after:
            places.append(after.span("words"))
        sign = _BOTH_WAYS.search(text, 0, q.start) if q.dimension in _LOADS and q.form != "tolerance" else None
        if sign and sign.end() == q.start:
            places.append((sign.start(), len(text[: sign.end()].rstrip())))
        each = _EACH.match(text, q.end) if q.dimension in (*_LOADS, "power") else None
        if each:
            places.append((each.end() - len(each.group().lstrip()), each.end()))
    free = [(a, b) for a, b in places if not any(c < b and a < d for c, d in taken)]
    free += [m.span() for m in _NOT_MADE.finditer(text)]
    wanted = [(a, b) for a, b in set(free) if ruled_out[a:b] == text[a:b]]
    return [Span(start=a, end=b, text=text[a:b]) for a, b in sorted(wanted)]


def filled(text: str, material: tuple[int, int] | None, ruled_out: str) -> list[Span]:
    """Words for a filling that the material, whose words stand at ``material``, doesn't hold: "PA6-GF30" is no PA6."""
    found = [m.span() for m in _FILLED.finditer(text)]
    inside = [(a, b) for a, b in found if material is not None and material[0] <= a and b <= material[1]]
    return [
        Span(start=a, end=b, text=text[a:b]) for a, b in found if (a, b) not in inside and ruled_out[a:b] == text[a:b]
    ]


def none_of(words: str) -> bool:
    """Whether the words rule out holes or fasteners altogether."""
    return _NONE_OF.match(words) is not None


def shapes(words: str) -> bool:
    """Whether the words name a shape or a manner of loading that no family makes or takes."""
    return _MEANINGFUL.search(words) is not None or _NOT_MADE.search(words) is not None


def lone_figures(text: str, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Figures that aren't even a number to the scanner ("1/0", "5..6"); "3D" is a word."""
    found = [m.span() for m in _FIGURES.finditer(text)]
    return [(a, b) for a, b in found if not any(c < b and a < d for c, d in taken)]


def with_words(unread: Sequence[Span], words: Sequence[Span]) -> list[Span]:
    """What stayed unread, with the words that it doesn't hold yet; a longer piece takes the place of what it holds."""
    unread = [
        s for s in unread if not any(w.start <= s.start and s.end <= w.end and len(w.text) > len(s.text) for w in words)
    ]
    more = [w for w in words if not any(s.start < w.end and w.start < s.end for s in unread)]
    return sorted([*unread, *more], key=lambda s: s.start)


def doubtful(unread: Sequence[Span], words: Sequence[Span], numbers: Sequence[ScannedQuantity]) -> list[Span]:
    """The unread pieces that could be a requirement: a figure, a quantity, a word that changes the meaning."""
    places = [(w.start, w.end) for w in words] + [(q.start, q.end) for q in numbers if q.dimension != "number"]
    return [
        span
        for span in unread
        if re.search(r"\d", span.text) or any(a < span.end and span.start < b for a, b in places)
    ]


def question(pieces: Sequence[Span], answer: str | None) -> Question:
    """Asks what the pieces mean. ``answer``: what was said to it before, not being to ignore them."""
    named = listed(pieces)
    it = "it" if len(pieces) == 1 else "them"
    place = f"I could not place {it}." if answer is None else "The answer could not be placed either."
    return Question(
        id="unread",
        text=f"What is meant by {named}? {place} Rephrase the brief, or answer '{IGNORE}' to go on without {it}.",
        reason="what is not understood could be a requirement",
        options=(IGNORE,),
        example=IGNORE,
    )


def listed(pieces: Sequence[Span]) -> str:
    """The pieces in quotation marks, each once."""
    return ", ".join(dict.fromkeys(f"'{piece.text}'" for piece in pieces))


def ignores(answer: str | None) -> bool:
    """Whether an answer says to go on without the pieces."""
    return answer is not None and answer.strip(" .!'\"“”").lower() == IGNORE
