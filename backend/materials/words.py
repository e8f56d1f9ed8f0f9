"""Materials named in free text, with exact spans: which grade, or only which family."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache

from backend.materials import kinds
from backend.materials.library import key_of, library, names
from backend.materials.material import Match

# family -> (words, id of the commonest member). The words alone don't say which grade.
_FAMILIES: dict[str, tuple[tuple[str, ...], str]] = {
    "stainless": (("stainless steel", "stainless", "inox"), "stainless_304"),
    "aluminium": (("aluminium alloy", "aluminum alloy", "aluminium", "aluminum", "alu"), "aluminium_6061_t6"),
    "steel": (("carbon steel", "steel"), "steel_a36"),
    "titanium": (("titanium alloy", "titanium"), "titanium_6al4v"),
    "magnesium": (("magnesium alloy", "magnesium"), "magnesium_az31b"),
    "copper": (("copper alloy", "copper"), "copper_c110"),
    "brass": (("brass",), "brass_c360"),
    "bronze": (("bronze",), "bronze_c932"),
    "cast_iron": (("cast iron",), "cast_iron_gray_30"),
    "polymer": (("thermoplastic", "plastic", "polymer"), "abs"),
    "composite": (("composite",), "cfrp_ud"),
    "ceramic": (("ceramic",), "alumina_96"),
    "nickel": (("nickel alloy", "superalloy"), "inconel_718"),
}
_UNIT_AFTER = re.compile(
    r"\s*(?:mm|cm|m|in|inch(?:es)?|ft|feet|n|kn|lb|lbs|lbf|kg|g|oz|mpa|gpa|pa|kpa|psi|ksi|bar|w|kw|v|a|rpm|hz|k|c|°|%|\"|'|x\b|hours?|cycles)(?![a-z0-9])",
    re.IGNORECASE,
)


_SURROUNDINGS = frozenset({"glass", "wood", "concrete", "elastomer"})
_VAGUE = re.compile(r"(?:structural|cold[\s-]rolled)[\s-]steel", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9]+")
_LINK = re.compile(r"[\s\-_/.]{0,3}")
_LONGEST = 7  # tokens of the longest name that is looked for


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, list[tuple[str, bool, frozenset[int], str]]]:
    """Key -> (id, is a full designation, where the name may be broken, its text).

    "6061-T6" may be written "6061 T6" or "6061T6", but "A36" is never "a 36": a name is broken only where it has a
    break.
    """
    table: dict[str, list[tuple[str, bool, frozenset[int], str]]] = {}
    for material in library().values():
        for full, texts in ((True, (material.name, *material.designations)), (False, material.aliases)):
            for text in texts:
                tokens = [m.group() for m in _TOKEN.finditer(text)]
                breaks = frozenset(len("".join(tokens[:i])) for i in range(1, len(tokens)))
                table.setdefault(key_of(text), []).append((material.id, full, breaks, text))
    return table


def _designations(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """(start, end, id, is a full designation), the longest at each place, none overlapping."""
    table = _vocabulary()
    tokens = [(m.start(), m.end()) for m in _TOKEN.finditer(text)]
    i = 0
    while i < len(tokens):
        step = 1
        for j in range(min(i + _LONGEST, len(tokens)), i, -1):
            part = tokens[i:j]
            if any(not _LINK.fullmatch(text[a[1] : b[0]]) for a, b in itertools.pairwise(part)):
                continue
            start, end = part[0][0], part[-1][1]
            found = _named(table, text, part)
            if found and not _inside_number(text, start, end):
                yield start, end, *found
                step = j - i
                break
        i += step


def _named(
    table: dict[str, list[tuple[str, bool, frozenset[int], str]]], text: str, part: list[tuple[int, int]]
) -> tuple[str, bool] | None:
    pieces = [text[a:b] for a, b in part]
    key = "".join(pieces).lower()
    cuts, at = set(), 0
    for piece in pieces[:-1]:
        at += len(piece)
        cuts.add(at)
    for identifier, full, breaks, name in table.get(key, ()):
        # Two letters (PC, PA, Cu) and a household animal are a material only in capitals.
        if cuts <= breaks and ((len(key) > 2 and key != "pet") or text[part[0][0] : part[-1][1]] == name):
            return identifier, full
    return None


def _inside_number(text: str, start: int, end: int) -> bool:
    """Whether the span is the tail of a decimal (2.304) or is followed by one (304.5)."""
    return text[start - 1 : start] == "." or re.match(r"\.\d", text[end:]) is not None


@lru_cache(maxsize=1)
def _family_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    words = {word: family for family, (names, _) in _FAMILIES.items() for word in names}
    ordered = sorted(words, key=len, reverse=True)
    body = "|".join(r"[\s\-]+".join(re.escape(part) for part in word.split()) for word in ordered)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{body})(?![A-Za-z0-9])", re.IGNORECASE), words


def find_materials(text: str) -> list[Match]:
    """Materials named in a text, in order, with exact spans.

    A designation swallows a family word next to it ("aluminium 6061-T6", "304 stainless steel"). A bare number
    counts only when it is a known four-digit alloy with no unit behind it, or when a family word stands next to it.
    A family word that stands alone is an ambiguous match with candidates.
    """
    families, words = _family_pattern()
    loose = [
        (m.start(), m.end(), words[" ".join(re.split(r"[\s\-]+", m.group().lower()))]) for m in families.finditer(text)
    ]
    found: list[Match] = []
    taken: list[tuple[int, int]] = []
    for start, end, identifier, full in _designations(text):
        name, material = text[start:end], library()[identifier]
        kin = _kin(material.family)
        neighbours = [f for f in loose if f[2] in kin and _adjacent(text, (start, end), f)]
        if (
            _is_number(name)
            and not neighbours
            and (len(name) < 4 or 1900 <= int(name) < 2100 or _UNIT_AFTER.match(text, end) or _amount(text, start))
        ):
            continue
        if _VAGUE.fullmatch(name) and kinds.kind_before(text, start, material.family):
            loose.append((start, end, material.family))  # "high strength structural steel" is no A36
            continue
        if neighbours:
            start, end = min(start, *(f[0] for f in neighbours)), max(end, *(f[1] for f in neighbours))
        taken.append((start, end))
        found.append(
            Match(
                id=identifier, start=start, end=end, text=text[start:end], score=_score(material.family, full),
                family=material.family,
                note="" if full else f"read as {material.name}",
            )
        )  # fmt: skip
    for start, end, family in loose:
        if any(start < b and a < end for a, b in taken):
            continue
        special = _special(text, start, end, family)
        if special is not None:
            found.append(special)
            continue
        candidates = _members(family)
        if candidates:
            default = _FAMILIES[family][1]
            found.append(
                Match(
                    id=default if default in library() else candidates[0], start=start, end=end, text=text[start:end],
                    score=0.5,
                    ambiguous=True, family=family, candidates=candidates,
                    note=f"'{text[start:end]}' alone doesn't say which grade",
                )
            )  # fmt: skip
    return sorted(found, key=lambda match: match.start)


def _special(text: str, start: int, end: int, family: str) -> Match | None:
    """A family word with the kind or the unknown grade beside it: taken or to be asked. None where it stands alone."""
    before = kinds.kind_before(text, start, family)
    span = (before[0] if before else start, end)
    unknown = kinds.unknown_grade(text, *span, family)
    if unknown is not None:
        start, end, grade = unknown
        near, take, note = kinds.NEAR[family], None, f"the library has no {grade}"
    elif before is not None:
        start, kind = before
        near, take = kind.near, kind.take
        note = f"'{text[start:end]}' alone doesn't say which grade"
    else:
        return None
    return Match(
        id=take or near[0], start=start, end=end, text=text[start:end], score=0.5, ambiguous=True, family=family,
        candidates=near, note=note, ask=take is None,
    )  # fmt: skip


def _members(family: str) -> tuple[str, ...]:
    """The family's commonest material, then its own members, then its kin."""
    default = _FAMILIES[family][1]
    members = [m for m in library().values() if family in _kin(m.family)]
    return tuple(m.id for m in sorted(members, key=lambda m: (m.id != default, m.family != family)))


def _score(family: str, full: bool) -> float:
    """1 for a full designation, 0.8 for a name that was filled in.

    Glass, wood, rubber and concrete are more often what a part stands on than what it is made of: they count less
    than a family word such as "aluminium".
    """
    if family in _SURROUNDINGS:
        return 0.6 if full else 0.45
    return 1.0 if full else 0.8


def _kin(family: str) -> frozenset[str]:
    """Families whose words may stand beside a member of ``family``: a stainless steel is also called steel."""
    return frozenset({family, "steel"}) if family == "stainless" else frozenset({family})


def _adjacent(text: str, span: tuple[int, int], family: tuple[int, int, str]) -> bool:
    start, end = span
    if family[1] <= start:
        return (
            re.fullmatch(
                r"[\s\-,]*(?:alloy|grade|type|aisi|sae|astm|en|aw|en aw)?[\s\-]*",
                text[family[1] : start],
                re.IGNORECASE,
            )
            is not None
        )
    if family[0] >= end:
        return re.fullmatch(r"[\s\-]*", text[end : family[0]]) is not None
    return True


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+", text.strip()) is not None


def _amount(text: str, start: int) -> bool:
    """Whether a number is an amount by what stands before it: a currency sign, ``=``, or ``x``."""
    return re.search(r"(?:[$€£=<>~±]|\bx|\bof factor)\s*$", text[:start]) is not None


def suggestions(words: Iterable[str]) -> list[str]:
    """Ids whose names come near any of the words; for the message about an unknown material."""
    known = names()
    near = [n for word in words for n in get_close_matches(key_of(word), known, n=2, cutoff=0.7)]
    return list(dict.fromkeys(known[n] for n in near))
