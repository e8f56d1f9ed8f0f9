"""``./brick test``: format, types, floors, then every test; what was skipped is named and counted at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _step(title: str, command: list[str]) -> int:
    print(f"== {title}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


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
    workers = str(min(4, os.cpu_count() or 2))
    coverage = ["--cov=backend", "--cov-report=term:skip-covered", "--cov-fail-under=80"]
    if _step("pytest", [python, "-m", "pytest", "-n", workers, "--dist", "loadfile", *coverage]) != 0:
        failed.append("pytest")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
        return 1
    return 0
