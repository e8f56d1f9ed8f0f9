"""The shipped materials: YAML under ``data/``, read once; names found in free text with exact spans.

A data file has ``sources`` (key -> citation), ``defaults`` (family, category, room_range_c …) and ``materials``. A
property is one entry or a list of entries; an entry is ``[value, basis, source]`` or a mapping with value, points,
low, high, basis, source, rel, direction, note, range_c.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from backend.errors import BrickError
from backend.materials.material import PROPERTIES, Citation, Entry, Match, Material, MaterialNotFound

_DATA = Path(__file__).parent / "data"
_BASES = frozenset({"A", "B", "S", "minimum", "typical", "estimate"})
# Relative standard uncertainty where an entry states none. Strength scatter within a grade is a few percent about a
# typical value; a guaranteed minimum is a bound, so its uncertainty is that of the test.
_RELATIVE = {"typical": 0.05, "estimate": 0.3, "minimum": 0.02, "A": 0.02, "B": 0.02, "S": 0.02}


class MaterialDataError(BrickError):
    """A data file of materials is wrong; the message names file, material and field."""

    code = "material_data"


def _yaml(path: Path) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  a safe loader either way


@lru_cache(maxsize=1)
def library() -> dict[str, Material]:
    """All materials by id. Raises MaterialDataError when a file is wrong."""
    table: dict[str, Material] = {}
    for path in sorted(_DATA.glob("*.yaml")):
        document = _yaml(path)
        if "materials" not in document:
            continue
        sources = {key: Citation(**value) for key, value in document.get("sources", {}).items()}
        defaults = document.get("defaults", {})
        for identifier, entry in document["materials"].items():
            try:
                material = _material(identifier, {**defaults, **entry}, sources)
            except (KeyError, TypeError, ValueError) as error:
                raise MaterialDataError(
                    f"{path.name}: {identifier}: {type(error).__name__}: {error}.",
                    next_action="Compare it with a neighbour.",
                ) from error
            if identifier in table:
                raise MaterialDataError(f"{path.name}: {identifier} is defined twice.", next_action="Rename one.")
            table[identifier] = material
    return table


def _material(identifier: str, entry: dict[str, Any], sources: dict[str, Citation]) -> Material:
    room = tuple(float(end) for end in entry.get("room_range_c", (10, 40)))
    properties = {}
    for name, value in entry.get("properties", {}).items():
        if name not in PROPERTIES:
            raise ValueError(f"unknown property {name!r}")
        if value is None:
            continue
        several = isinstance(value, list) and value and isinstance(value[0], (list, dict))
        properties[name] = tuple(_entry(item, sources, (room[0], room[1])) for item in (value if several else [value]))
    return Material(
        id=identifier, name=entry["name"], family=entry["family"], category=entry["category"],
        form=entry.get("form", ""),
        aliases=tuple(str(a) for a in entry.get("aliases", ())),
        designations=tuple(str(d) for d in entry.get("designations", ())),
        processes=tuple(entry.get("processes", ())), note=entry.get("note", ""), tags=entry.get("tags", {}),
        properties=properties,
    )  # fmt: skip


def _entry(item: Any, sources: dict[str, Citation], room: tuple[float, float]) -> Entry:
    if isinstance(item, list):
        item = {"value": item[0], "basis": item[1], "source": item[2]}
    unknown = set(item) - {"value", "points", "low", "high", "basis", "source", "rel", "direction", "note", "range_c"}
    if unknown or item["basis"] not in _BASES:
        raise ValueError(f"unknown fields {sorted(unknown)} or basis {item['basis']!r}")
    points = tuple((float(t), float(v)) for t, v in item.get("points", ()))
    if any(a[0] >= b[0] for a, b in itertools.pairwise(points)):
        raise ValueError("points must rise in temperature")
    low, high, value = item.get("low"), item.get("high"), item.get("value")
    if value is None and low is not None and high is not None:
        value = (low + high) / 2
    if value is None and not points:
        raise ValueError("an entry needs value, low and high, or points")
    relative = item.get("rel", _RELATIVE[item["basis"]])
    return Entry(
        basis=item["basis"], citation=sources[item["source"]], uncertainty_rel=relative,
        value=None if value is None else float(value),
        points=points, low=low, high=high, direction=item.get("direction", ""), note=item.get("note", ""),
        range_c=tuple(item.get("range_c", room)),
    )  # fmt: skip


def list_materials(family: str | None = None) -> list[Material]:
    """All materials, or those of one family, in file order."""
    return [m for m in library().values() if family is None or m.family == family]


def get_material(name: str) -> Material:
    """A material by id, name, designation or alias, ignoring case and punctuation.

    Raises MaterialNotFound with suggestions.
    """
    table, names = library(), _names()
    if name in table:
        return table[name]
    key = _key(name)
    if key in names:
        return table[names[key]]
    matches = find_materials(name)
    if len(matches) == 1 and not matches[0].ambiguous and (matches[0].start, matches[0].end) == (0, len(name)):
        return table[matches[0].id]
    if matches and matches[0].ambiguous:
        suggestions = list(matches[0].candidates)
    else:
        near = get_close_matches(key, names, n=5, cutoff=0.55)
        suggestions = list(dict.fromkeys(names[n] for n in near))
    raise MaterialNotFound(
        f"There is no single material {name!r} in the library.",
        next_action=f"Did you mean {', '.join(suggestions[:5])}?" if suggestions else "See `./brick materials search`.",
        given=name,
        suggestions=suggestions[:8],
    )


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for material in library().values():
        for name in (material.id, material.name, *material.designations, *material.aliases):
            other = names.setdefault(_key(name), material.id)
            if other != material.id:
                raise MaterialDataError(
                    f"The name {name!r} means both {other} and {material.id}.", next_action="Drop one alias."
                )
    return names


# -- names in free text
# --------------------------------------------------------------------------------------------------

# family -> (words, id of the commonest member). The words alone don't say which grade.
_FAMILIES: dict[str, tuple[tuple[str, ...], str]] = {
    "stainless": (("stainless steel", "stainless", "inox"), "stainless_304"),
    "aluminium": (("aluminium alloy", "aluminum alloy", "aluminium", "aluminum", "alu"), "aluminium_6061_t6"),
    "steel": (("carbon steel", "alloy steel", "tool steel", "spring steel", "steel"), "steel_a36"),
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


@lru_cache(maxsize=1)
def _pattern() -> tuple[re.Pattern[str], dict[str, tuple[str, bool]]]:
    """One alternation of all names, longest first, and what each means: (id, is a full designation)."""
    meaning: dict[str, tuple[str, bool]] = {}
    for material in library().values():
        for name in (material.name, *material.designations):
            meaning.setdefault(_key(name), (material.id, True))
        for name in material.aliases:
            meaning.setdefault(_key(name), (material.id, False))
    texts: set[str] = set()
    for material in library().values():
        texts |= {material.name, *material.designations, *material.aliases}
    parts = []
    for text in sorted(texts, key=lambda t: (-len(t), t)):
        words = [re.escape(word) for word in re.split(r"[\s\-_/]+", text) if word]
        body = r"[\s\-_/]*".join(words)
        # Two letters (PC, PA, Cu) are a material only in capitals.
        parts.append(f"(?-i:{body})" if len(text) <= 2 else body)
    return re.compile(rf"(?<![A-Za-z0-9.])(?:{'|'.join(parts)})(?![A-Za-z0-9]|\.\d)", re.IGNORECASE), meaning


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
    pattern, meaning = _pattern()
    families, words = _family_pattern()
    loose = [
        (m.start(), m.end(), words[" ".join(re.split(r"[\s\-]+", m.group().lower()))]) for m in families.finditer(text)
    ]
    found: list[Match] = []
    taken: list[tuple[int, int]] = []
    for hit in pattern.finditer(text):
        identifier, full = meaning[_key(hit.group())]
        material = library()[identifier]
        start, end = hit.start(), hit.end()
        kin = _kin(material.family)
        neighbours = [f for f in loose if f[2] in kin and _adjacent(text, (start, end), f)]
        if (
            _is_number(hit.group())
            and not neighbours
            and (len(_key(hit.group())) < 4 or _UNIT_AFTER.match(text, end) or _amount(text, start))
        ):
            continue
        if neighbours:
            start, end = min(start, *(f[0] for f in neighbours)), max(end, *(f[1] for f in neighbours))
        taken.append((start, end))
        found.append(
            Match(
                id=identifier, start=start, end=end, text=text[start:end], score=1.0 if full else 0.8,
                family=material.family,
                note="" if full else f"read as {material.name}",
            )
        )  # fmt: skip
    for start, end, family in loose:
        if any(start < b and a < end for a, b in taken):
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


def _members(family: str) -> tuple[str, ...]:
    return tuple(m.id for m in library().values() if family in _kin(m.family))


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
    names = _names()
    near = [n for word in words for n in get_close_matches(_key(word), names, n=2, cutoff=0.7)]
    return list(dict.fromkeys(names[n] for n in near))
