"""The features of a KCL program as a list: what a tree view shows and what the nested state keeps.

This reads the text's structure (statements, calls, labels), not its meaning: values stay the words of the program.
Whether the program is valid is for the official parser to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_NAME = r"[A-Za-z_][A-Za-z_0-9]*"
_TOKEN = re.compile(
    rf"""
      (?P<space>[ \t\r]+)
    | (?P<newline>\n)
    | (?P<comment>//[^\n]*|/\*.*?\*/)
    | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[A-Za-z_?]*)
    | (?P<name>{_NAME}(?:::{_NAME})*)
    | (?P<pipe>\|>)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

# what the functions of the standard library make, weakest first: in a pipeline the feature is the strongest thing that
# happens in it. The last part of a name like hole::hole decides.
_FUNCTIONS: dict[str, str] = {
    "annotation": "annotation flatness datum position perpendicularity parallelism",
    "appearance": "appearance",
    "plane": "offsetPlane planeOf",
    "sketch": "startSketchOn startProfile startProfileAt circle rectangle polygon ellipse",
    "transform": "translate rotate scale mirror2d mirror3d clone",
    "pattern": "patternLinear2d patternLinear3d patternCircular2d patternCircular3d patternTransform",
    "edge_cut": "fillet chamfer",
    "shell": "shell hollow",
    "hole": "hole holes",
    "boolean": "union subtract intersect split imprint",
    "solid": "extrude revolve sweep loft helix",
}
_STRENGTH = tuple(_FUNCTIONS)
KINDS: dict[str, str] = {name: kind for kind, names in _FUNCTIONS.items() for name in names.split()}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    line: int


def geometry_tree(code: str) -> list[dict[str, Any]]:
    """The features of a program in their order.

    Each is ``{"id", "name", "kind", "operation", "line", "parameters", "inputs", "steps"}``. ``kind`` is "parameter",
    "function", "import", "sketch", "solid", "hole", "edge_cut", "shell", "boolean", "pattern", "transform", "plane",
    "annotation", "appearance" or "expression". ``parameters`` maps the labels of the feature's call (or "value" of a
    parameter) to the program's words; ``inputs`` are names of earlier features that it uses; ``steps`` all its calls
    in order. ``id`` is the name, made unique.
    """
    features: list[dict[str, Any]] = []
    known: set[str] = set()
    for statement in _statements(_tokens(code)):
        feature = _feature(code, statement, known)
        if feature is None:
            continue
        base = feature["name"] or feature["operation"]
        number, unique = 2, base
        while unique in known:
            unique, number = f"{base}#{number}", number + 1
        known.add(unique)
        features.append({"id": unique, **feature})
    return features


def _tokens(code: str) -> list[_Token]:
    tokens, line = [], 1
    for match in _TOKEN.finditer(code):
        kind = str(match.lastgroup)
        if kind not in ("space", "comment"):
            tokens.append(_Token(kind, match.group(), match.start(), line))
        line += match.group().count("\n")
    return tokens


def _statements(tokens: list[_Token]) -> list[list[_Token]]:
    """Top-level statements: a line's end closes one unless a bracket is open or the next line goes on with a pipe."""
    statements: list[list[_Token]] = []
    current: list[_Token] = []
    depth = 0
    for position, token in enumerate(tokens):
        if token.kind == "newline":
            following = next((other for other in tokens[position:] if other.kind != "newline"), None)
            goes_on = following is not None and following.kind == "pipe"
            open_end = bool(current) and current[-1].text in ("=", "+", "-", "*", "/", ",", "|>")
            if depth == 0 and current and not goes_on and not open_end:
                statements.append(current)
                current = []
            continue
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        current.append(token)
    if current:
        statements.append(current)
    return statements


def _feature(code: str, statement: list[_Token], known: set[str]) -> dict[str, Any] | None:
    words = [token for token in statement if token.text != "export"]
    if not words or words[0].text == "@":
        return None
    first = words[0]
    name = ""
    if first.text == "import":
        text = _source(code, words[1:])
        return _entry(
            text.split(" as ")[-1].strip("\"' "), "import", "import", first.line, {"path": text}, [], ["import"]
        )
    if first.text == "fn" and len(words) > 1:
        return _entry(words[1].text, "function", "fn", first.line, {}, [], [])
    if first.kind == "name" and len(words) > 1 and words[1].text == "=":
        name, words = first.text, words[2:]
    calls = _calls(words)
    steps = [call.text for call, _ in calls]
    inputs = sorted({token.text for token in words if token.kind == "name"} & known - {name})
    features = [(call, end) for call, end in calls if _kind(call.text)]
    if not features:
        if name and not calls:
            return _entry(name, "parameter", "=", first.line, {"value": _source(code, words)}, inputs, steps)
        return _entry(
            name, "expression", steps[0] if steps else "", first.line, {"value": _source(code, words)}, inputs, steps
        )
    # the last of the strongest calls names the feature: a sketch that is extruded is the extrusion
    strongest = max(range(len(features)), key=lambda i: (_STRENGTH.index(_kind(features[i][0].text)), i))
    call, arguments = features[strongest]
    return _entry(name, _kind(call.text), call.text, first.line, _labels(code, arguments), inputs, steps)


def _entry(
    name: str, kind: str, operation: str, line: int, parameters: dict[str, str], inputs: list[str], steps: list[str]
) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "operation": operation,
        "line": line,
        "parameters": parameters,
        "inputs": inputs,
        "steps": steps,
    }


def _kind(function: str) -> str:
    return KINDS.get(function.split("::")[-1], "")


def _calls(words: list[_Token]) -> list[tuple[_Token, list[_Token]]]:
    """Each call with the tokens between its brackets, in order of appearance."""
    found = []
    for position, token in enumerate(words[:-1]):
        if token.kind == "name" and words[position + 1].text == "(":
            depth, end = 0, position + 1
            for end in range(position + 1, len(words)):
                depth += {"(": 1, ")": -1}.get(words[end].text, 0)
                if depth == 0:
                    break
            found.append((token, words[position + 2 : end]))
    return found


def _labels(code: str, arguments: list[_Token]) -> dict[str, str]:
    """Label -> words of a call's arguments; an argument without label is called "input"."""
    parts: list[list[_Token]] = [[]]
    depth = 0
    for token in arguments:
        if depth == 0 and token.text == ",":
            parts.append([])
            continue
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
        parts[-1].append(token)
    labels: dict[str, str] = {}
    for part in parts:
        if len(part) > 2 and part[0].kind == "name" and part[1].text == "=":
            labels[part[0].text] = _source(code, part[2:])
        elif part:
            labels["input"] = _source(code, part)
    return labels


def _source(code: str, tokens: list[_Token]) -> str:
    if not tokens:
        return ""
    return " ".join(code[tokens[0].start : tokens[-1].start + len(tokens[-1].text)].split())
