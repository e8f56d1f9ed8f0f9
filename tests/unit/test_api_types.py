"""The page's types are those of the server: the generated file is what would be written now."""

from backend.commands.typescript import TARGET, declaration, render, type_of


def test_the_generated_types_are_up_to_date():
    assert TARGET.read_text(encoding="utf-8") == render(), "run: python -m backend.commands.typescript"


def test_schemas_become_types():
    assert type_of({"anyOf": [{"type": "number"}, {"type": "null"}]}) == "number | null"
    assert type_of({"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}) == "(string | null)[]"
    assert type_of({"type": "array", "prefixItems": [{"type": "number"}] * 3}) == "[number, number, number]"
    sizes = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Quantity"}}
    assert type_of(sizes) == "Record<string, Quantity>"
    assert type_of({"enum": ["mm", "in"]}) == '"mm" | "in"'
    assert type_of({"const": "static"}) == '"static"'
    assert type_of({}) == "unknown"


def test_what_a_client_may_leave_out_is_optional():
    item = {"properties": {"a": {"type": "string"}, "b": {"type": "number", "default": 1}}, "required": ["a"]}
    assert "  a: string;\n  b?: number;\n" in declaration("X", item, given=True)
    assert "  b: number;\n" in declaration("X", item, given=False)
