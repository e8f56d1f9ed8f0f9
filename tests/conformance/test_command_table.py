"""The table of commands in docs/engine.md, the engine's registry and the interpreter's own source say the same.

What the interpreter can send is read from its source, at the installed version, fetched at test time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.conformance.std_examples import Unavailable, library_folder

ROOT = Path(__file__).parents[2]
STATUS = {"done", "partly", "seen only"}
_ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<status>[^|]+) \|(?P<remarks>[^|]*)\|", re.MULTILINE)
_NAMED = re.compile(r"\b(?:mcmd|each_cmd|ModelingCmd)::(?P<name>[A-Z]\w+)")
_BUILT = re.compile(r"\b(?:mcmd|each_cmd)::(?P<name>[A-Z]\w+)::builder\(\)")
_LISTING = """
import json
from backend.engine.protocol import dispatch
dispatch.load()
print(json.dumps({name: sorted({*one.required, *one.optional}) for name, one in dispatch.COMMANDS.items()}))
"""


def snake(name: str) -> str:
    """``Solid3dCutEdges`` as it is on the wire: ``solid3d_cut_edges``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@cache
def table() -> dict[str, tuple[str, str]]:
    """Status and remarks of the documented commands."""
    text = (ROOT / "docs" / "engine.md").read_text(encoding="utf-8").partition("\n## Commands\n")[2]
    return {row["name"]: (row["status"].strip(), row["remarks"].strip()) for row in _ROW.finditer(text)}


@pytest.fixture(scope="module")
def registry() -> dict[str, list[str]]:
    """The commands that the engine carries out, with their fields (listed by a process that imports the kernel)."""
    done = subprocess.run(
        [sys.executable, "-c", _LISTING], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def source() -> str:
    """The interpreter's source without its own tests."""
    try:
        folder = library_folder() / "src"
    except Unavailable as reason:
        pytest.skip(f"the interpreter's source is not available: {reason}")
    files = [path for path in sorted(folder.rglob("*.rs")) if not any("test" in part for part in path.parts[-3:])]
    assert len(files) > 50, "the reader lost the interpreter's source"
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def built(source: str) -> dict[str, set[str]]:
    """The fields that each command's builder calls set in the source."""
    found: dict[str, set[str]] = {}
    for match in _BUILT.finditer(source):
        fields = found.setdefault(snake(match["name"]), set())
        position = match.end()
        while call := re.compile(r"\s*(?:/\*.*?\*/|//[^\n]*\n)*\s*\.(?P<field>\w+)\(").match(source, position):
            depth, position = 1, call.end()
            while depth and position < len(source):
                depth += {"(": 1, ")": -1}.get(source[position], 0)
                position += 1
            if call["field"] == "build":
                break
            fields.add(call["field"].removeprefix("maybe_"))
    return found


def test_the_table_lists_what_the_registry_holds(registry: dict[str, list[str]]) -> None:
    assert set(table()) == set(registry)
    assert {status for status, _ in table().values()} <= STATUS
    silent = [name for name, (status, remarks) in table().items() if status == "partly" and not remarks]
    assert not silent, f"'partly' without saying what is refused: {silent}"


def test_every_command_of_the_interpreter_is_carried_out(registry: dict[str, list[str]], source: str) -> None:
    sent = {snake(name) for name in _NAMED.findall(source)}
    assert len(sent) > 60, "the reader lost the interpreter's commands"
    assert not sent - set(registry), "the interpreter names commands that the engine doesn't know"


def test_every_field_that_the_interpreter_sets_is_read(registry: dict[str, list[str]], source: str) -> None:
    fields = built(source)
    assert len(fields) > 50
    assert {"edge_ids", "cut_type", "tangent_chain"} <= fields["solid3d_cut_edges"]
    unread = {name: rest for name, given in fields.items() if (rest := sorted(given - set(registry[name])))}
    assert not unread, f"set by the interpreter and not read by the engine: {unread}"
