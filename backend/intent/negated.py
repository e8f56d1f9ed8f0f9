"""What a brief rules out: "no 5 mm holes", "don't use M6", "not steel but aluminium", "cast iron is not allowed"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.intent import vocabulary

_COMPARED = (
    r"(?:\w+er|more|less)\s+than|more|less|over|under|above|below|exceed\w*|to\s+exceed|beyond|greater|fewer|further|"
    r"longer\s+(?:needed|used|wanted)"
)
# "no" that rules nothing out: an answer, a correction ("no, wait"), a number ("No. 8"), a manner of speaking
_NOTHING = (
    r"[\s-]*(?:$|[,.;:!?)]|wait|sorry|need|problem|matter|idea|preference|limits?\b|doubt|worr|one\b|only|just|yet|so\b|"
    r"necessarily|important|sure|too|very|quite|much|at\s+all|\.?\s*\d+-\d|to\s+(?:be|have)\s+(?:more|less)|"
    rf"(?:be\s+|is\s+|to\s+)?(?:{_COMPARED})\b)"
)
_WANT = (
    r"(?:use|want|need|like|have|include|contain|take|make\s+(?:it|them)|require|allow|add|choose|pick|accept|put|drill|"
    r"be(?:\s+made)?(?!\s+(?:more|less|over|under|above|below)))(?:\s+(?:of|out\s+of|from|in|with))?"
)
# "must not deflect more than 1 mm" is a limit
_NO_VERB = "".join(
    rf"(?<!\b{verb}\s)" for verb in ("must", "should", "shall", "can", "may", "will", "would", "do", "does", "did")
)
_BEFORE = re.compile(
    rf"(?<![\w'’-])(?:non-(?=\w)|(?:(?:do|does|must|should|shall|can|may|will|would|did|i|we)\s+(?:not|never)\s+{_WANT}"
    rf"|(?:don|doesn|mustn|shouldn|can|won|wouldn|didn)['’]?t\s+{_WANT}|cannot\s+{_WANT}|never\s+{_WANT}"
    r"|(?:instead|in\s+place)\s+of|rather\s+than|(?:is|are|was)n['’]t|anything\s+(?:but|except)"
    r"|avoid(?:ing)?|without(?:\s+any)?|neither|nor|no(?!\.\s*\d)|non|(?:omit(?:ting)?|leav(?:e|ing)\s+out|remove|skip)(?!\s+(?:\d|an?\b|one\b|two|three|four|five|six|eight))|free\s+of"
    r"|except(?:ing)?(?:\s+for)?|excluding"
    rf"|{_NO_VERB}(?:never|not(?:\s+made\s+of)?))(?![\w'’-])"
    rf"(?!{_NOTHING})[\s:-]+)(?:(?:any|an?|the|of|in|from|made|use)\s+)*",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s+(?:(?:is|are|must|should|shall|can|may|will)\s*(?:not|n['’]t|never)|can['’]?t|cannot|(?:is|are|must|should)n['’]t)"
    r"\s+(?:be\s+)?(?:used|allowed|acceptable|permitted|wanted|desired|an\s+option|possible|available|ok(?:ay)?|welcome)\b"
    r"|\s+(?:is|are)\s+(?:forbidden|prohibited|ruled\s+out|unacceptable|excluded|banned|out\s+of\s+the\s+question)\b",
    re.IGNORECASE,
)
# where what is negated ends; "no holes in the shelf leg" goes on, "no holes in 6 mm plate" doesn't
_END = re.compile(
    r"[,;:()\n–—!?]|\.(?:\s|$)|\s+(?:but|use|using|take|instead|make|made|only|with|which|that|because|since|as|so|then|for|at|to|"
    r"from|by|under|over|per|when|where|while|if|unless|is|are|please|and|holds?|holding|carr(?:y|ies|ying)|supports?|"
    r"loads?|loaded|thanks?)\b|\s+(?:in|on|through|of|near|inside)\s+(?!(?:the|its|each|either|any|both)\b)",
    re.IGNORECASE,
)
_START = re.compile(r"(?:.*(?:[,;:()\n–—!?]|\.\s)|.*\b(?:and|but|with|because|since|as))\s*", re.IGNORECASE | re.DOTALL)
_MOST_WORDS = 9
_BOTH = re.compile(r"\s+and\s+(?P<more>(?:[A-Za-z-]+\s+){0,1}[A-Za-z-]+)(?=\s*(?:[,.;)\n]|$))", re.IGNORECASE)
# "no bolts smaller than M6", "without sagging more than 1 mm": limits
_LIMIT = re.compile(
    r"\b(?:\w+er|more|less)\s+than\s+(?:about\s+)?[\dMØ#]|\b(?:over|under|above|below|beyond|exceeding)\s+[\dMØ#]",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:holes?|bolts?|screws?|fasteners?|fillets?|standoffs?|legs?|inserts?|walls?)\b", re.IGNORECASE
)
_DECIMAL_COMMA = re.compile(r",(?=\d{1,2}(?!\d))")
_CONDITIONS = re.compile(
    rf"(?:(?:any|much|used?|exposed|significant|strong|or|and|for|in|to|static|other|its?|own)\s+|(?:{'|'.join(vocabulary.ENVIRONMENT)})\b[\s-]*"
    r"|loads?\b\s*|loading\b\s*|forces?\b\s*|use\b\s*|weight\b\s*|wind\b\s*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Negation:
    """Words that rule something out: from ``start`` to ``end``, and ``thing``, the place of what it is."""

    start: int
    end: int
    thing: tuple[int, int]

    @property
    def place(self) -> tuple[int, int]:
        """The place of all its words."""
        return self.start, self.end

    def counts(self, text: str) -> bool:
        """Whether it names something that is counted ("no 5 mm holes"): then it takes no value back."""
        return _COUNTED.search(text, *self.thing) is not None


def find_negations(text: str) -> list[Negation]:
    """What a text rules out, in order. Limits ("no more than 2 kg") and conditions ("no vibration") are none."""
    found: list[Negation] = []
    # a comma within a number ends nothing
    plain = _DECIMAL_COMMA.sub(lambda m: "." if text[m.start() - 1 : m.start()].isdigit() else ",", text)
    for m in _AFTER.finditer(plain):
        before = _START.match(plain, 0, m.start())
        start = before.end() if before else 0
        if len(plain[start : m.start()].split()) <= _MOST_WORDS:
            found.append(Negation(start, m.end(), (start, m.start())))
    for m in _BEFORE.finditer(plain):
        if within(m.start(), m.end(), found):
            continue
        start, end = m.end(), _end(plain, m.end(), m.group())
        if end > start and not _CONDITIONS.fullmatch(plain, start, end) and not _LIMIT.search(plain, start, end):
            found.append(Negation(m.start(), end, (start, end)))
    return sorted(found, key=lambda n: n.start)


def _end(text: str, start: int, cue: str) -> int:
    """Where what is negated from ``start`` on ends: at the end of its few words."""
    stop = _END.search(text, start)
    end = stop.start() if stop else len(text)
    if re.match(r"without|neither", cue, re.IGNORECASE) and (both := _BOTH.match(text, end)):
        end = both.end()
    words = list(re.finditer(r"\S+", text[start:end]))
    if len(words) > _MOST_WORDS:
        end = start + words[_MOST_WORDS - 1].end()
    return start + len(text[start:end].rstrip(" .-"))


def blanked(text: str, places: Iterable[tuple[int, int]]) -> str:
    """The text with blanks in those places: it keeps its length, so that every other place stays where it is."""
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def only(text: str, place: tuple[int, int]) -> str:
    """The text with blanks everywhere but in the one place."""
    return " " * place[0] + text[place[0] : place[1]] + " " * (len(text) - place[1])


def within(start: int, end: int, negations: Sequence[Negation]) -> bool:
    """Whether a place is one of what is ruled out."""
    return any(n.start < end and start < n.end for n in negations)
