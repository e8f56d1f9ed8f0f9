"""Numbers as people write them: decimals, thousands, fractions, mixed numbers, vulgar fractions and number words."""

from __future__ import annotations

import re

VULGAR = {
    "½": 1 / 2,
    "¼": 1 / 4,
    "¾": 3 / 4,
    "⅓": 1 / 3,
    "⅔": 2 / 3,
    "⅛": 1 / 8,
    "⅜": 3 / 8,
    "⅝": 5 / 8,
    "⅞": 7 / 8,
    "⅕": 1 / 5,
    "⅖": 2 / 5,
    "⅗": 3 / 5,
    "⅘": 4 / 5,
    "⅙": 1 / 6,
    "⅚": 5 / 6,
}

_ONES = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_PARTS = {
    "half": 1 / 2,
    "third": 1 / 3,
    "quarter": 1 / 4,
    "quarters": 1 / 4,
    "eighth": 1 / 8,
    "eighths": 1 / 8,
    "sixteenth": 1 / 16,
    "sixteenths": 1 / 16,
}

_V = "".join(VULGAR)
_DECIMAL = (
    r"(?:[1-9]\d{0,2}(?:(?:,\d{3})+|(?:['’]\d{3})+|(?:[\u00a0\u2009\u202f]\d{3})+)(?!\d)(?:\.\d+)?"
    r"|0,\d+(?![\d,])|\d+,\d{1,2}(?![\d,])|\d+\.\d+|\.\d+|\d+)"
    r"(?:[eE][+-]?\d+(?![\w.])|\s?[x×·*]\s?10(?:\^|\*\*)[+−-]?\d+(?![\w.]))?"
)
_POWER = re.compile(r"\s?[x×·*]\s?10(?:\^|\*\*)(?P<power>[+−-]?\d+)")
#: words that multiply the figures before them: "2 hundred", "1.5 thousand", "2 dozen"
MULTIPLIER = re.compile(r"\s+(?P<word>hundred|thousand|million|dozen)s?\b(?:\s+of(?=\s))?", re.IGNORECASE)

#: a number in figures; the order of the alternatives matters (mixed number before fraction before decimal)
FIGURES = rf"(?:\d+(?:\s+|-)\d+/\d+|\d+/\d+|\d*\s?[{_V}]|{_DECIMAL})"

_ONE_WORD = "|".join(sorted([*_ONES, *_TENS, *_SCALES], key=len, reverse=True))
_COUNT_WORDS = rf"(?:(?:{_ONE_WORD})(?:(?:[\s-]+(?:and\s+)?)(?:{_ONE_WORD}))*)"
_PART_WORDS = "|".join(sorted(_PARTS, key=len, reverse=True))
#: a number in words, tried where no figure stands: "four", "twenty five", "one and a half", "half a", "three quarter"
WORDS = (
    rf"(?:(?:{_ONE_WORD})\s+dozen|{_COUNT_WORDS}(?:\s+and\s+(?:a|one)\s+(?:{_PART_WORDS})|[\s-]+(?:quarters?|eighths?|sixteenths?)(?:\s+of\s+an?)?)?"
    rf"|(?:a\s+|one[\s-])?(?:half|quarter|third)(?:\s+of\s+an?|\s+an?)?"
    r"|a\s+hundred|a\s+thousand|a\s+dozen|dozen|a\s+pair\s+of|a\s+couple\s+of)"
)


def multiplier(word: str) -> float:
    """What a word that :data:`MULTIPLIER` matched multiplies by."""
    return float({**_SCALES, "dozen": 12}[word.lower()])


def parse_figures(text: str) -> float:
    """The value of a text that :data:`FIGURES` matched. Raises ValueError where a denominator is zero."""
    text = re.sub(r"(?<=\d)['’\u00a0\u2009\u202f](?=\d)", "", text.strip())
    if power := _POWER.search(text):
        return parse_figures(text[: power.start()]) * 10.0 ** int(power["power"].replace("−", "-"))
    for sign, value in VULGAR.items():
        if text.endswith(sign):
            whole = text[:-1].strip()
            return (float(whole) if whole else 0.0) + value
    if "/" in text:
        whole, _, rest = text.replace("-", " ").rpartition(" ")
        numerator, denominator = rest.split("/")
        if float(denominator) == 0:
            raise ValueError(f"the fraction {text!r} divides by zero")
        return (float(whole) if whole.strip() else 0.0) + float(numerator) / float(denominator)
    if re.fullmatch(r"0,\d+|\d+,\d{1,2}", text):  # a decimal comma: "1,5"
        return float(text.replace(",", "."))
    return float(text.replace(",", ""))


def parse_words(text: str) -> float | None:
    """The value of a number in words, None where the words are no number."""
    words = [w for w in re.split(r"[\s-]+", text.lower().strip()) if w not in ("a", "an", "of")]
    if not words:
        return None
    if words[0] in ("dozen", "pair", "couple"):
        return {"dozen": 12.0, "pair": 2.0, "couple": 2.0}[words[0]]
    if words[-1] == "dozen":
        count = parse_words(" ".join(words[:-1]))
        return None if count is None else 12.0 * count
    total, current, seen = 0.0, 0.0, False
    for i, word in enumerate(words):
        if word == "and":
            continue
        if word in _ONES:
            current += _ONES[word]
        elif word in _TENS:
            current += _TENS[word]
        elif word in _SCALES:
            current = (current or 1.0) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, current = total + current, 0.0
        elif word in _PARTS:
            joined = i > 0 and words[i - 1] == "and"
            if joined or not seen:
                current += _PARTS[word]
            else:  # "three quarters": the words before count the parts
                current = (total + current) * _PARTS[word]
                total = 0.0
        else:
            return None
        seen = True
    return total + current if seen else None
