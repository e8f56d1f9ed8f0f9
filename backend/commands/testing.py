"""``./brick test``: format, types, floors, then every test; what was skipped is named and counted at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COVERED = 80  # per cent of the lines of ``backend``
# Tests that kill, race and wait for real processes. One that fails beside all the others is tried once more, alone.
LIVELY = ("tests/faults/", "tests/integration/", "tests/e2e/")
MOST_TRIED_AGAIN = 3


def _step(title: str, command: list[str], root: Path = ROOT) -> int:
    print(f"== {title}", flush=True)
    return subprocess.run(command, cwd=root, check=False).returncode


def test_command(arguments: list[str]) -> int:
    """Runs all checks; with arguments, only pytest with these. Returns 0 when everything passed."""
    python = sys.executable
    tools = Path(python).parent
    if arguments:
        return _step("pytest", [python, "-m", "pytest", *arguments])
    failed = []
    for title, command in (
        ("ruff", [str(tools / "ruff"), "check", "backend", "tests"]),
        ("mypy", [python, "-m", "mypy"]),
        ("import-linter", [str(tools / "lint-imports")]),
    ):
        if _step(title, command) != 0:
            failed.append(title)
    again: list[str] = []
    if not _all_tests(python, again):
        failed.append("pytest")
    if _step("coverage", [python, "-m", "coverage", "report", "--format=total", f"--fail-under={COVERED}"]) != 0:
        failed.append("coverage")
    if again:
        print(f"passed at the second try, alone: {len(again)}", *again, sep="\n")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    return 0


def _all_tests(python: str, again: list[str], root: Path = ROOT) -> bool:
    """Whether every test passed; those that did at the second try are added to ``again``."""
    workers = str(min(4, os.cpu_count() or 2))
    coverage = ["--cov=backend", "--cov-report=term:skip-covered"]
    # In the order of the folders: the stories in the browser, a few long tests in one file, would else come last and
    # alone.
    split = ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"]
    command = [python, "-m", "pytest", "--cache-clear", *split, *coverage]
    status = _step("pytest", command, root)
    if status == 0:
        return True
    # Only a run that went to its end says which tests failed: 1. One that was cut off has not seen them all.
    wanted = tried_again(_failed(root)) if status == 1 else []
    if not wanted or _step("pytest, second try", [python, "-m", "pytest", *wanted], root) != 0:
        return False
    again += wanted
    return True


def _failed(root: Path) -> list[str]:
    """The tests that failed in the last run, by pytest's own notes."""
    try:
        notes = json.loads((root / ".pytest_cache/v/cache/lastfailed").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return sorted(notes)


def tried_again(failed: Sequence[str]) -> list[str]:
    """Which of the tests that failed are tried again: all, where they are few and lively, else none.

    A number that is wrong stays wrong, and many failures are no accident: there a second try would only hide something.
    """
    few = len(failed) <= MOST_TRIED_AGAIN
    return list(failed) if few and all(name.startswith(LIVELY) for name in failed) else []
