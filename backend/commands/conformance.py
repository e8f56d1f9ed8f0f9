"""``./brick conformance DIR``: every KCL program of a folder on the local engine, held against its oracle.

A program is a .kcl file with an oracle of the same name beside it (``tube.kcl`` and ``tube.yaml``; a project folder has
``main.kcl`` and ``main.yaml``), or one that the folder's own ``oracle.yaml`` (or ``.json``) lists under ``programs`` by
its path without suffix (``box`` or ``box/main``). Files without an oracle are modules of others: they are not run.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.commands.console import report_console
from backend.commands.oracle import Deviation, checked, compare, compare_failure, load_oracle
from backend.errors import InputError

if TYPE_CHECKING:
    from backend.compute import WorkPool

TARGET = "backend.engine.run:run_project"
TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Program:
    """A KCL program and what it must make."""

    name: str
    path: Path
    oracle: Mapping[str, Any]


@dataclass
class Outcome:
    """What became of one program."""

    program: Program
    deviations: list[Deviation] = field(default_factory=list)
    error: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the program ran (or failed as it must) and each asserted quantity is right."""
        return self.error is None and bool(self.deviations) and all(one.ok for one in self.deviations)

    @property
    def worst(self) -> Deviation | None:
        """The deviation that is furthest out, relative to its tolerance."""

        def excess(one: Deviation) -> float:
            if math.isnan(one.deviation):
                return math.inf
            return one.deviation / one.tolerance if one.tolerance else one.deviation

        return max(self.deviations, key=excess, default=None)

    def as_dict(self) -> dict[str, Any]:
        """The outcome as plain JSON data."""
        return {
            "name": self.program.name,
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "error": self.error,
            "deviations": [
                {
                    "quantity": one.quantity,
                    "expected": one.expected,
                    "found": one.found,
                    "deviation": one.deviation if math.isfinite(one.deviation) else None,
                    "tolerance": one.tolerance,
                    "ok": one.ok,
                }
                for one in self.deviations
            ],
        }


def find_programs(folder: Path) -> list[Program]:
    """The programs of a folder and its subfolders that have an oracle, by name.

    Raises :class:`InputError` where the folder is missing or holds none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder.", next_action="Give a folder of KCL programs with their oracles.")
    listed = _listed(folder)
    programs = []
    for path in sorted(folder.rglob("*.kcl")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        oracle = path.with_suffix(".yaml")
        short = name.removesuffix("/main")
        if oracle.is_file():
            programs.append(Program(short, path, load_oracle(oracle)))
        elif name in listed or short in listed:
            found = listed[name] if name in listed else listed[short]
            programs.append(Program(short, path, checked(found, f"the oracle of {short}")))
    if not programs:
        raise InputError(
            f"{folder} has no KCL program with an oracle.",
            next_action="Write NAME.yaml beside NAME.kcl, or an oracle.yaml that lists the programs.",
        )
    return programs


def _listed(folder: Path) -> dict[str, Any]:
    for name in ("oracle.yaml", "oracle.json"):
        path = folder / name
        if path.is_file():
            import yaml

            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            programs = data.get("programs") if isinstance(data, dict) else None
            if not isinstance(programs, dict):
                raise InputError(f"{path} has no mapping 'programs'.", code="bad_oracle")
            return programs
    return {}


def run_program(program: Program, pool: WorkPool, out_dir: Path, *, timeout_s: float = TIMEOUT_S) -> Outcome:
    """Runs one program in the pool and compares it; errors of the engine become part of the outcome."""
    outcome = Outcome(program)
    request = {
        "path": str(program.path),
        "out_dir": str(out_dir),
        "exports": [],
        "name": program.path.stem,
        "timeout_s": timeout_s,
    }
    started = time.perf_counter()
    try:
        outcome.result = pool.run_sync(TARGET, request, kind="geometry", timeout_s=timeout_s + 10)
    except Exception as error:
        if "fails" in program.oracle:
            outcome.deviations = compare_failure(program.oracle, error)
            outcome.error = None if outcome.deviations else _told(error)
        else:
            outcome.error = _told(error)
    else:
        if "fails" in program.oracle:
            outcome.deviations = [Deviation("refusal", program.oracle["fails"], "ran", math.inf, 0.0)]
        else:
            outcome.deviations = compare(program.oracle, outcome.result)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _told(error: BaseException) -> dict[str, Any]:
    told = error.as_dict() if hasattr(error, "as_dict") else {"code": type(error).__name__, "message": str(error)}
    return dict(told)


def run_programs(programs: Iterable[Program], pool: WorkPool, *, timeout_s: float = TIMEOUT_S) -> list[Outcome]:
    """Runs the programs one after another; what they write goes to a folder that is removed."""
    with tempfile.TemporaryDirectory(prefix="brick-conformance-") as folder:
        return [run_program(program, pool, Path(folder), timeout_s=timeout_s) for program in programs]


def conformance_command(folder: Path, *, as_json: bool, timeout_s: float, only: str | None = None) -> int:
    """Runs the folder's programs and prints the table. Returns 0 where all conform, else 1."""
    from backend.compute import get_pool

    programs = [program for program in find_programs(folder) if only is None or only in program.name]
    if not programs:
        raise InputError(f"no program of {folder} has {only!r} in its name.")
    pool = get_pool()
    try:
        outcomes = run_programs(programs, pool, timeout_s=timeout_s)
    finally:
        pool.close()
    passed = sum(outcome.ok for outcome in outcomes)
    if as_json:
        summary = {"programs": len(outcomes), "passed": passed, "failed": len(outcomes) - passed}
        print(json.dumps({**summary, "outcomes": [outcome.as_dict() for outcome in outcomes]}, indent=2))
    else:
        print_table(outcomes, title=str(folder))
    if passed < len(outcomes):
        print(f"{len(outcomes) - passed} of {len(outcomes)} programs do not conform", file=sys.stderr)
    return 0 if passed == len(outcomes) else 1


def print_table(outcomes: list[Outcome], title: str) -> None:
    """A line a program: verdict, the quantity that is furthest out, what was expected and found."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in ("program", "verdict", "worst quantity", "expected", "found", "deviation", "s"):
        table.add_column(column, justify="right" if column in ("deviation", "s") else "left")
    for outcome in outcomes:
        worst = outcome.worst
        cells = [outcome.program.name, "ok" if outcome.ok else "FAILED"]
        if outcome.error is not None:
            line = (outcome.error.get("source") or {}).get("line")
            where = f"line {line}: " if line else ""
            cells += [str(outcome.error.get("code")), "", f"{where}{outcome.error.get('message')}", ""]
        elif worst is not None:
            cells += [worst.quantity, _short(worst.expected), _short(worst.found), f"{worst.deviation:.1e}"]
        else:
            cells += ["", "", "", ""]
        table.add_row(*cells, f"{outcome.seconds:.2f}")
    console = report_console()
    console.print(table)
    passed = sum(outcome.ok for outcome in outcomes)
    console.print(f"{passed} of {len(outcomes)} conform, {sum(o.seconds for o in outcomes):.1f} s")


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, list | tuple):
        return ", ".join(_short(one) for one in value)
    return str(value)
