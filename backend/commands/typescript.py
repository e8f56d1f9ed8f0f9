"""The page's types, written from the OpenAPI description and from the objects of :mod:`backend.schema`.

    python -m backend.commands.typescript

writes ``frontend/src/lib/generated.ts``; a test holds the file against what would be written. The generators on npm ask
for another TypeScript than the page is built with, and one of them is all that a hundred lines replace.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from backend import schema

TARGET = Path(__file__).resolve().parents[2] / "frontend" / "src" / "lib" / "generated.ts"
MODELS = (
    schema.Span,
    schema.Quantity,
    schema.Assumption,
    schema.Question,
    schema.Requirement,
    schema.LoadCase,
    schema.Intent,
    schema.Check,
    schema.Scheme,
    schema.NamedFace,
    schema.BoundingBox,
    schema.Body,
    schema.CompiledModel,
    schema.AgentReport,
    schema.VerificationReport,
)
_SKIPPED = frozenset({"HTTPValidationError", "ValidationError"})
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}

Schema = dict[str, Any]


def type_of(item: Schema) -> str:
    """A JSON schema as a TypeScript type."""
    if "$ref" in item:
        return str(item["$ref"].rsplit("/", 1)[1])
    if "const" in item:
        return json.dumps(item["const"])
    if "enum" in item:
        return " | ".join(json.dumps(value) for value in item["enum"])
    for key in ("anyOf", "oneOf"):
        if key in item:
            return " | ".join(dict.fromkeys(type_of(part) for part in item[key]))
    kind = item.get("type")
    if kind == "array":
        if "prefixItems" in item:
            return f"[{', '.join(type_of(part) for part in item['prefixItems'])}]"
        inner = type_of(item.get("items") or {})
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if kind == "object":
        more = item.get("additionalProperties")
        return f"Record<string, {type_of(more) if isinstance(more, dict) else 'unknown'}>"
    return _PLAIN.get(str(kind), "unknown")


def _comment(text: str, indent: str = "") -> str:
    first = " ".join(text.strip().split("\n\n")[0].split()).replace("*/", "")
    return f"{indent}/** {first} */\n" if first else ""


def declaration(name: str, item: Schema, *, given: bool) -> str:
    """One exported type. ``given``: what a client sends, where a field with a default may be left out."""
    if "properties" not in item:
        return f"{_comment(item.get('description', ''))}export type {name} = {type_of(item)};\n"
    required = set(item.get("required", ()))
    lines = []
    for field, what in item["properties"].items():
        mark = "?" if given and field not in required else ""
        lines.append(f"{_comment(what.get('description', ''), '  ')}  {field}{mark}: {type_of(what)};\n")
    return f"{_comment(item.get('description', ''))}export interface {name} {{\n{''.join(lines)}}}\n"


def render() -> str:
    """The whole file."""
    from backend.main import create_app

    api = create_app().openapi()
    _, own = models_json_schema([(model, "serialization") for model in MODELS], ref_template="#/$defs/{model}")
    parts = [
        "// Written by `python -m backend.commands.typescript` from the OpenAPI description and backend/schema.py.\n"
        "// Not edited by hand: a test holds it against the server.\n"
    ]
    objects = own["$defs"]
    for name in sorted(objects):
        parts.append(declaration(name, objects[name], given=False))
    for name, item in sorted(api["components"]["schemas"].items()):
        if name not in _SKIPPED and name not in objects:
            parts.append(declaration(name, item, given=True))
    routes = sorted(f"{verb.upper()} {path}" for path, verbs in api["paths"].items() for verb in verbs)
    listed = "\n".join(f"  {json.dumps(route)}," for route in routes)
    parts.append(f"/** Every address that the server answers. */\nexport const ROUTES = [\n{listed}\n] as const;\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(f"wrote {TARGET.name}")
