"""Which sizes a call of a KCL program has, and the program with one of them changed: the edits that the bench makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ASIDE = re.compile(r"//[^\n]*|/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'", re.DOTALL)
_CALL = re.compile(r"[A-Za-z_][\w:]*\s*\(")
_ARGUMENT = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*=(?!=)\s*")
_NUMBER = re.compile(r"(?<![\w.$#])\d+(?:\.\d+)?")
# arguments that are no sizes: counts, what is acted on, tags, directions, switches
_NO_SIZES = frozenset(
    [
        "instances",
        "tag",
        "tags",
        "tagStart",
        "tagEnd",
        "tagEndCap",
        "tools",
        "tool",
        "solids",
        "sketches",
        "axis",
        "axes",
        "plane",
        "method",
        "symmetric",
        "faces",
        "face",
        "rotateDuplicates",
        "global",
        "center",
        "origin",
        "edges",
        "tolerance",
        "legacyMethod",
        "legacyCsg",
        "version",
        "to",
        "transform",
        "useOriginal",
        "path",
        "sketch",
        "profiles",
    ]
)


@dataclass(frozen=True)
class Size:
    """An argument of a call: ``begin`` and ``end`` of its expression in the program."""

    call: str
    name: str
    value: str
    begin: int
    end: int

    def scaled(self, text: str, share: float) -> str:
        """The program with the argument's value times ``share``."""
        if _NUMBER.fullmatch(self.value) and float(self.value):
            changed = f"{float(self.value) * share:.6g}"
        else:
            changed = f"({self.value}) * {share:g}"
        return text[: self.begin] + changed + text[self.end :]


def sizes_of_call(text: str, line: int, column: int) -> list[Size]:
    """The sizes among the named arguments of the call at a place (from 1), the last one first."""
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return []
    start = sum(len(item) + 1 for item in lines[: line - 1]) + column - 1
    code = _ASIDE.sub(lambda found: " " * len(found[0]), text)
    call = _CALL.match(code, start)
    if call is None:
        return []
    name = call[0].rstrip("( \n\t")
    sizes = []
    for begin, end in _arguments(code, call.end()):
        named = _ARGUMENT.match(code, begin, end)
        if named is None or named["name"] in _NO_SIZES:
            continue
        value = text[named.end() : end].strip()
        if value and not value.startswith(("[", "{", '"', "'")) and value not in ("true", "false", "%"):
            sizes.append(Size(name, named["name"], value, named.end(), named.end() + len(value)))
    return sizes[::-1]


def _arguments(code: str, begin: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each argument of a call whose parenthesis opens before ``begin``."""
    depth = 0
    for place in range(begin, len(code)):
        letter = code[place]
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            if not depth:
                yield begin, place
                return
            depth -= 1
        elif letter == "," and not depth:
            yield begin, place
            begin = place + 1
