"""From the YAML text to a validated :class:`backend.studies.schema.StudyFile`; every error names its place."""

from __future__ import annotations

import difflib
import itertools
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from backend.studies.errors import StudyFileError
from backend.studies.schema import StudyFile

MAX_BYTES = 1_000_000
MAX_PLACES = 20_000


def read_study(path: Path) -> StudyFile:
    """The study in a YAML file. Raises StudyFileError with every problem, its place and line."""
    import yaml

    if not path.is_file():
        raise StudyFileError(f"There is no study file {path}.", next_action="Give the path of a YAML file.")
    if path.stat().st_size > MAX_BYTES:
        raise StudyFileError(f"{path.name} is larger than {MAX_BYTES} bytes.", next_action="Give a study, not data.")
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(itertools.islice(_lines(root), MAX_PLACES + 1)) if root is not None else {}
        if len(lines) > MAX_PLACES:
            raise StudyFileError(
                f"{path.name} holds more than {MAX_PLACES} values, aliases counted as often as they are used.",
                next_action="Give a study, not data.",
            )
        data = yaml.safe_load(text)
    except RecursionError as error:
        raise StudyFileError(
            f"{path.name} is not readable: it is nested too deeply, or an alias holds itself.",
            next_action="Write it without.",
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise StudyFileError(
            f"{path.name} is not readable YAML{where}: {problem}.", next_action="Correct the file; docs/check.md."
        ) from error
    return parse_study(data, path.name, lines)


def parse_study(data: Any, name: str = "study", lines: dict[str, int] | None = None) -> StudyFile:
    """A study from plain data; see :func:`read_study`."""
    if not isinstance(data, dict):
        raise StudyFileError(
            f"{name} holds no mapping of keys.",
            next_action="Start with title:, model:, analysis:, material:, supports:, loads:, results: (docs/check.md).",
        )
    try:
        return StudyFile.model_validate(data)
    except ValidationError as error:
        problems = _problems(error, data, lines or {})
        first = problems[0]
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        text = "; ".join(problem["text"] for problem in problems[:6])
        raise StudyFileError(
            f"{name}: {text}{more if len(problems) > 6 else ''}.",
            next_action=first["next"] or "Correct the places named; docs/check.md has every key.",
            problems=problems,
        ) from None


def _problems(error: ValidationError, data: Any, lines: dict[str, int]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for item in error.errors(include_url=False):
        place = _place(item["loc"], data)
        kind, context = item["type"], item.get("ctx") or {}
        allowed = _allowed_at(item["loc"]) if kind in ("extra_forbidden", "missing") else []
        advice = ""
        if kind == "extra_forbidden":
            key = str(item["loc"][-1])
            close = difflib.get_close_matches(key, allowed, n=1)
            words = f"{place} is not known" + (f"; did you mean {close[0]!r}?" if close else "")
            advice = f"Known here: {', '.join(allowed)}." if allowed else ""
        elif kind == "missing":
            words = f"{place} is missing"
        elif kind in ("quantity", "selector", "direction", "study"):
            words = f"{place or 'the study'} {context.get('problem', '')}"
        elif kind in ("union_tag_invalid", "union_tag_not_found"):
            tags = str(context.get("expected_tags", "")).replace("'", "")
            given = context.get("tag")
            close = difflib.get_close_matches(str(given), tags.split(", "), n=1) if given else []
            hint = f"; did you mean {close[0]!r}?" if close else ""
            words = f"{place}.type is {given!r}{hint}" if given else f"{place}.type is missing"
            advice = f"Types: {tags}."
        elif kind in _KINDS_EXPECTED:
            words = f"{place} is {_short(item.get('input'))}; expected {_KINDS_EXPECTED[kind]}"
        else:
            given = item.get("input")
            shown = "" if isinstance(given, dict | list) else f" (given: {given!r})"
            words = f"{place}: {item['msg'][0].lower()}{item['msg'][1:]}{shown}"
        line = _line(place, lines)
        text = words + (f" (line {line})" if line else "")
        found.setdefault(place + kind, {"where": place, "text": text, "line": line, "next": advice})
    return list(found.values())


_KINDS_EXPECTED = {
    "model_attributes_type": "keys with values, such as {type: ...}",
    "model_type": "keys with values, such as {type: ...}",
    "dict_type": "keys with values, such as {type: ...}",
    "list_type": "a list, each item behind a dash",
    "string_type": "text",
}


def _short(value: Any) -> str:
    """A value as a message shows it."""
    if isinstance(value, dict | list):
        return "a mapping of keys" if isinstance(value, dict) else "a list"
    return repr(value) if len(repr(value)) < 60 else repr(value)[:57] + "..."


def _place(location: tuple[Any, ...], data: Any) -> str:
    """``loads[0].force`` from pydantic's location, without the tags of unions (which are no keys of the file)."""
    text, here, fresh = "", data, False
    for index, part in enumerate(location):
        if isinstance(part, int):
            text += f"[{part}]"
            here, fresh = here[part] if isinstance(here, list | tuple) and part < len(here) else None, True
            continue
        if fresh and isinstance(here, dict) and (here.get("type") == part or part in ("inline", "library")):
            fresh = False  # pydantic puts the tag of a union right behind its place
            continue
        if isinstance(here, dict) and part in here:
            text += f".{part}"
            here, fresh = here[part], True
        elif index + 1 == len(location) and isinstance(here, dict):
            text += f".{part}"
    return text.removeprefix(".")


def _allowed_at(location: tuple[Any, ...]) -> list[str]:
    """Keys that are known beside the one at a location, following the models that the location names."""
    choices: list[type[BaseModel]] = [StudyFile]
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        fields = [f for m in choices for n, f in m.model_fields.items() if part in (n, f.alias)]
        tagged = [m for m in choices if _tag(m) == part or m.__name__.lower().removesuffix("material") == part]
        if len(choices) > 1 and tagged:
            choices = tagged[:1]
        elif fields:
            choices = list(dict.fromkeys(_models(fields[0].annotation)))
    return sorted(f.alias or n for m in choices[:1] for n, f in m.model_fields.items())


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is not None:
        for inner in typing.get_args(annotation):
            yield from _models(inner)


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("type")
    values = typing.get_args(field.annotation) if field else ()
    return str(values[0]) if len(values) == 1 else None


def _lines(node: Any, place: str = "") -> Iterator[tuple[str, int]]:
    """(place, line from 1) of every node of a YAML document. Raises StudyFileError for a key that comes twice."""
    import yaml

    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            here = f"{place}.{name}".removeprefix(".")
            if name in seen:
                raise StudyFileError(
                    f"{here} is given twice (line {key.start_mark.line + 1}).", next_action="Keep one of them."
                )
            seen.add(name)
            yield from _lines(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, f"{place}[{index}]")


def _line(place: str, lines: dict[str, int]) -> int | None:
    while place:
        if place in lines:
            return lines[place]
        place = place.rsplit(".", 1)[0] if "." in place else ""
    return None


__all__ = ["parse_study", "read_study"]
