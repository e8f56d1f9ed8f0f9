"""The documented examples of KCL's standard library, run on our engine: ``python -m tests.conformance.std_examples``.

The examples stand in the doc comments of the interpreter's own source distribution. That is fetched once, at the
pinned version, into the user's cache folder (``BRICK_CACHE_DIR``, else ``~/.cache/brick-os``); none of it is ours and
none of it is kept in this repository. Each example is run and sorted into one of

- ``run``: the engine carried out every command and every body is valid,
- ``nothing``: it ran and makes no body (a calculation or a sketch),
- ``interpreter``: the interpreter itself refuses it (an example of what does not work, a fragment),
- ``engine``: our engine failed, made an invalid body, or none where the text describes one.

Some examples import a SolidWorks file that is not part of the distribution and that no open reader exists for. They
need a model, not that one: a cube that our own exporter wrote as STEP takes its place, and the list says so.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from backend.compute import WorkPool

CUBE = "startSketchOn(XY) |> rectangle(width = 10, height = 10, center = [0, 0]) |> extrude(length = 10)\n"
TARGET = "backend.engine.run:run_project"
TIMEOUT_S = 60.0
_FENCE = re.compile(r"^\s*///\s?```(?P<flags>.*)$")
_COMMENT = re.compile(r"^\s*/// ?(?P<text>.*)$")
_FOREIGN = re.compile(r"""(?<=["'])(?P<stem>[\w./-]+)\.sldprt(?=["'])""")
_WITHOUT_BODIES = {"no3d", "norun", "no_run", "inline"}
_DECLARED = re.compile(r"^\s*(?:export\s+)?(?:fn|type)?\s*(?P<name>\w+)")
# pip asks a source distribution's build backend for metadata even where nothing is built; this answers in its place
_STUB = """import os
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    info = "zoo_kcl-{version}.dist-info"
    os.makedirs(os.path.join(folder, info), exist_ok=True)
    with open(os.path.join(folder, info, "METADATA"), "w") as out:
        out.write("Metadata-Version: 2.1\\nName: zoo-kcl\\nVersion: {version}\\n")
    with open(os.path.join(folder, info, "WHEEL"), "w") as out:
        out.write("Wheel-Version: 1.0\\nGenerator: stub\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    return info
"""


class Unavailable(Exception):
    """The examples can't be had here: no network, or no such distribution."""


@dataclass(frozen=True)
class Example:
    """One documented example: where it stands, the flags of its fence, and its code."""

    module: str
    line: int
    function: str
    flags: frozenset[str]
    code: str

    @property
    def name(self) -> str:
        """``module:function:line``."""
        return f"{self.module}:{self.function}:{self.line}"

    @property
    def is_run_upstream(self) -> bool:
        """Whether the interpreter's authors run it themselves."""
        return not self.flags & {"norun", "no_run"}


@dataclass
class Verdict:
    """What became of an example."""

    example: Example
    kind: str
    message: str = ""
    command: str | None = None
    measures: dict[str, Any] = field(default_factory=dict)
    stands_in: bool = False  # a cube of ours in place of a file that is not to be had


def cache_dir() -> Path:
    """Where downloads are kept, outside the repository."""
    given = os.environ.get("BRICK_CACHE_DIR")
    base = Path(given) if given else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "brick-os"
    return base / "zoo-kcl"


def library_folder() -> Path:
    """Folder with the standard library's .kcl files of the installed version, fetched on first use.

    Its subfolder ``src`` holds the interpreter's own source (.rs). Raises :class:`Unavailable` where it can't be had.
    """
    wanted = version("zoo-kcl")
    folder = cache_dir() / wanted
    if any(folder.glob("*.kcl")) and any(folder.glob("src/std/*.rs")):
        return folder
    with tempfile.TemporaryDirectory(prefix="brick-sdist-") as scratch:
        archive = _download(wanted, Path(scratch))
        with tarfile.open(archive) as packed:
            for member in packed.getmembers():
                path = Path(member.name)
                place = _kept_at(path)
                data = packed.extractfile(member) if member.isfile() and place is not None else None
                if data is not None and place is not None:
                    (folder / place).parent.mkdir(parents=True, exist_ok=True)
                    (folder / place).write_bytes(data.read())
    if not any(folder.glob("*.kcl")):
        raise Unavailable(f"the source distribution of zoo-kcl {wanted} has no kcl-lib/std")
    return folder


def _kept_at(path: Path) -> Path | None:
    """Where a file of the distribution is kept: the library's .kcl files and the interpreter's .rs files."""
    if path.suffix == ".kcl" and path.parts[1:-1] == ("kcl-lib", "std"):
        return Path(path.name)
    if path.suffix == ".rs" and path.parts[1:3] == ("kcl-lib", "src") and ".." not in path.parts:
        return Path(*path.parts[2:])
    return None


def _download(wanted: str, scratch: Path) -> Path:
    stub = scratch / "stub"
    stub.mkdir()
    (stub / "maturin.py").write_text(_STUB.format(version=wanted))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    command += [
        "--timeout",
        "15",
        "--no-deps",
        "--no-build-isolation",
        "--no-binary",
        "zoo-kcl",
        "--dest",
        str(scratch),
    ]
    environment = {**os.environ, "PYTHONPATH": str(stub)}
    try:
        subprocess.run(
            [*command, f"zoo-kcl=={wanted}"], check=True, env=environment, timeout=180, capture_output=True, text=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        told = getattr(error, "stderr", "") or str(error)
        raise Unavailable(f"zoo-kcl {wanted} could not be downloaded: {told.strip().splitlines()[-1:]}") from error
    found = sorted(scratch.glob("zoo_kcl-*.tar.gz"))
    if not found:
        raise Unavailable(f"pip gave no source distribution of zoo-kcl {wanted}")
    return found[0]


def read_examples(folder: Path) -> list[Example]:
    """All documented examples of the library, in the order of its files."""
    return [example for path in sorted(folder.glob("*.kcl")) for example in _of_file(path)]


def _of_file(path: Path) -> Iterator[Example]:
    lines = path.read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        number += 1
        if not fence:
            continue
        start, code = number, []
        while number < len(lines) and not _FENCE.match(lines[number]):
            text = _COMMENT.match(lines[number])
            # a few examples hold a line that lost its comment mark; it is part of the text all the same
            code.append(text["text"] if text else lines[number])
            number += 1
        number += 1
        flags = frozenset(flag.strip() for flag in fence["flags"].split(",") if flag.strip())
        yield Example(path.stem, start, _declared_after(lines, number), flags, "\n".join(code) + "\n")


def _declared_after(lines: list[str], number: int) -> str:
    """Name of the declaration that a doc comment belongs to."""
    for line in lines[number:]:
        stripped = line.strip()
        if not stripped or stripped.startswith(("//", "@")):
            continue
        found = _DECLARED.match(line)
        return found["name"] if found else "module"
    return "module"


def judge(example: Example, pool: WorkPool, out_dir: str) -> Verdict:
    """Runs one example in the pool and sorts it."""
    code, found = _FOREIGN.subn(lambda match: f"{match['stem']}.step", example.code)
    request: dict[str, Any] = {"out_dir": out_dir, "exports": [], "name": "example", "timeout_s": TIMEOUT_S}
    with tempfile.TemporaryDirectory(prefix="brick-example-") as project:
        if found:
            request["path"] = _with_cube(code, Path(project), pool)
        else:
            request["code"] = code
        try:
            result = pool.run_sync(TARGET, request, kind="geometry", timeout_s=TIMEOUT_S + 10)
        except Exception as error:
            verdict = _failed(example, error)
        else:
            verdict = _sorted(example, result)
    verdict.stands_in = bool(found)
    return verdict


def _with_cube(code: str, project: Path, pool: WorkPool) -> str:
    """A project of the code and of the cubes that stand in for the files that it imports."""
    (project / "main.kcl").write_text(code, encoding="utf-8")
    request = {"code": CUBE, "out_dir": str(project), "exports": ["step"], "name": "cube"}
    cube = Path(pool.run_sync(TARGET, request, kind="geometry", timeout_s=TIMEOUT_S)["files"]["step"])
    for match in re.finditer(r"""["'](?P<path>[\w./-]+\.step)["']""", code):
        place = project / match["path"]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(cube.read_bytes())
    return str(project)


def _failed(example: Example, error: Exception) -> Verdict:
    told = error.as_dict() if hasattr(error, "as_dict") else {"code": type(error).__name__, "message": str(error)}
    line = (told.get("source") or {}).get("line")
    message = f"{told.get('code')}: {told.get('message')}" + (f" (line {line})" if line else "")
    kind = "interpreter" if told.get("code") in ("kcl_failed", "confined") else "engine"
    return Verdict(example, kind, message, told.get("command"))


def _sorted(example: Example, result: dict[str, Any]) -> Verdict:
    """A result that is what the example's fence says: valid bodies, where it is one that is shown in space."""
    if not result["bodies"]:
        if "kcl" in example.flags and not example.flags & _WITHOUT_BODIES:
            return Verdict(example, "engine", "no body where one is described", measures=result)
        return Verdict(example, "nothing", measures=result)
    if not result["valid"]:
        bad = [body["index"] for body in result["bodies"] if not body["valid"]]
        return Verdict(example, "engine", f"invalid bodies: {bad} of {len(result['bodies'])}", measures=result)
    return Verdict(example, "run", measures=result)


def judge_all(examples: Iterable[Example], pool: WorkPool, *, progress: bool = False) -> list[Verdict]:
    """Runs the examples one after another; with ``progress`` a line a failure goes to standard error."""
    verdicts = []
    with tempfile.TemporaryDirectory(prefix="brick-examples-") as folder:
        for example in examples:
            verdicts.append(judge(example, pool, folder))
            if progress and verdicts[-1].kind == "engine":
                print(
                    f"{example.name}: {verdicts[-1].command or ''} {verdicts[-1].message}", file=sys.stderr, flush=True
                )
    return verdicts


def table(verdicts: list[Verdict]) -> str:
    """Counts by module and kind, as text."""
    kinds = ("run", "nothing", "interpreter", "engine")
    counts = Counter((verdict.example.module, verdict.kind) for verdict in verdicts)
    rows = [f"{'module':<12}" + "".join(f"{kind:>13}" for kind in kinds) + f"{'all':>8}"]
    for module in sorted({verdict.example.module for verdict in verdicts}):
        numbers = [counts[module, kind] for kind in kinds]
        rows.append(f"{module:<12}" + "".join(f"{number:>13}" for number in numbers) + f"{sum(numbers):>8}")
    totals = [sum(counts[key] for key in counts if key[1] == kind) for kind in kinds]
    rows.append(f"{'all':<12}" + "".join(f"{number:>13}" for number in totals) + f"{len(verdicts):>8}")
    stands_in = sum(verdict.stands_in for verdict in verdicts)
    if stands_in:
        rows.append(f"a STEP cube stands in for a SolidWorks file in {stands_in} of them")
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> int:
    """Command line: prints the table and what failed in the engine; exit status 1 where anything did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", default=[], help="examples with this in their name")
    parser.add_argument("--refused", action="store_true", help="also list what the interpreter refuses")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    try:
        examples = read_examples(library_folder())
    except Unavailable as reason:
        print(f"not available: {reason}", file=sys.stderr)
        return 2
    if options.only:
        examples = [example for example in examples if any(word in example.name for word in options.only)]
    pool = WorkPool()
    try:
        verdicts = judge_all(examples, pool, progress=True)
    finally:
        pool.close()
    kinds = {"engine", "interpreter"} if options.refused else {"engine"}
    listed = [verdict for verdict in verdicts if verdict.kind in kinds]
    if options.json:
        rows = [{"name": one.example.name, "kind": one.kind, "message": one.message} for one in verdicts]
        print(json.dumps(rows, indent=2))
    else:
        for verdict in listed:
            print(f"{verdict.kind:<12} {verdict.example.name}: {verdict.message}")
        print(table(verdicts))
    return 1 if any(verdict.kind == "engine" for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
