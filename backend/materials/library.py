"""The shipped materials: YAML under ``data/``, read once.

A data file has ``sources`` (key -> citation), ``defaults`` (family, category, room_range_c …) and ``materials``. A
property is one entry or a list of entries; an entry is ``[value, basis, source]`` or a mapping with value, points,
low, high, basis, source, rel, direction, note, range_c. ``sn`` is an equation of fatigue life
(:class:`~backend.materials.material.SnEquation`).
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from backend.errors import BrickError
from backend.materials.material import PROPERTIES, Citation, Entry, Material, MaterialNotFound, SnEquation

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


def _documents() -> dict[str, Any]:
    """All data files, parsed. YAML takes tenths of a second, so the result is kept beside them the way Python keeps
    .pyc.

    The kept copy is used only while names, sizes and times of the files are those it was made from; where the
    folder can't be written the files are parsed each time.
    """
    paths = sorted(_DATA.glob("*.yaml"))
    stamp = [[path.name, path.stat().st_mtime_ns, path.stat().st_size] for path in paths]
    kept = _DATA / "__pycache__" / "documents.json"
    try:
        found = json.loads(kept.read_bytes())
        if found["stamp"] == stamp:
            return dict(found["documents"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # absent, half-written or of another version: parse again
    documents = {path.name: _yaml(path) for path in paths}
    with contextlib.suppress(OSError):
        kept.parent.mkdir(exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps({"stamp": stamp, "documents": documents}), encoding="utf-8")
        part.replace(kept)
    return documents


@lru_cache(maxsize=1)
def library() -> dict[str, Material]:
    """All materials by id. Raises MaterialDataError when a file is wrong."""
    table: dict[str, Material] = {}
    for name, document in _documents().items():
        sources = {key: Citation(**value) for key, value in document.get("sources", {}).items()}
        defaults = document.get("defaults", {})
        for identifier, entry in document["materials"].items():
            try:
                material = _material(identifier, {**defaults, **entry}, sources)
            except (KeyError, TypeError, ValueError) as error:
                raise MaterialDataError(
                    f"{name}: {identifier}: {type(error).__name__}: {error}.",
                    next_action="Compare it with a neighbour.",
                ) from error
            if identifier in table:
                raise MaterialDataError(f"{name}: {identifier} is defined twice.", next_action="Rename one.")
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
        properties=properties, sn=_sn_equation(entry["sn"], sources) if "sn" in entry else None,
    )  # fmt: skip


def _sn_equation(item: dict[str, Any], sources: dict[str, Citation]) -> SnEquation:
    low, high = (float(life) for life in item["lives"])
    if not 1 <= low < high:
        raise ValueError("lives must rise")
    return SnEquation(
        float(item["a"]), float(item["b"]), float(item["c_ksi"]), float(item["exponent"]), (low, high),
        sources[item["source"]], item.get("note", ""),
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
    table, known = library(), names()
    if name in table:
        return table[name]
    key = key_of(name)
    if key in known:
        return table[known[key]]
    from backend.materials.words import find_materials

    matches = find_materials(name)
    if len(matches) == 1 and not matches[0].ambiguous and (matches[0].start, matches[0].end) == (0, len(name)):
        return table[matches[0].id]
    if matches and matches[0].ambiguous:
        suggestions = list(matches[0].candidates)
    else:
        near = get_close_matches(key, known, n=5, cutoff=0.55)
        suggestions = list(dict.fromkeys(known[n] for n in near))
    raise MaterialNotFound(
        f"There is no single material {name!r} in the library.",
        next_action=f"Did you mean {', '.join(suggestions[:5])}?" if suggestions else "See `./brick materials search`.",
        given=name,
        suggestions=suggestions[:8],
    )


def key_of(text: str) -> str:
    """A name without case and punctuation."""
    return re.sub(r"[^a-z0-9]+", "", text.lower())


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Key of every id, name, designation and alias -> material id. Raises MaterialDataError when one means two."""
    found: dict[str, str] = {}
    for material in library().values():
        for name in (material.id, material.name, *material.designations, *material.aliases):
            other = found.setdefault(key_of(name), material.id)
            if other != material.id:
                raise MaterialDataError(
                    f"The name {name!r} means both {other} and {material.id}.", next_action="Drop one alias."
                )
    return found


def material_name(material: str | None) -> str:
    """ "aluminium_6061_t6" -> "Aluminium 6061-T6"; an unknown id is only freed of its underscores."""
    if not material:
        return ""
    try:
        return get_material(material).name
    except BrickError:
        return material.replace("_", " ")
