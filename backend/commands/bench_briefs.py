"""``./brick bench briefs``: every brief of ``tests/data/briefs`` through the command line, with its outcome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from backend.errors import NotFoundError

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "data" / "briefs"


def _run(brief: str) -> tuple[int, float, dict[str, Any] | None, str]:
    with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "backend.cli", "design", brief, "--out", folder, "--json", "--no-input"],
            cwd=ROOT, capture_output=True, text=True, env=os.environ, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        wall = time.perf_counter() - begin
    try:
        return done.returncode, wall, json.loads(done.stdout), done.stderr
    except ValueError:
        return done.returncode, wall, None, done.stderr


def _said(result: dict[str, Any] | None, stderr: str) -> str:
    if result is None:
        return (stderr.strip().splitlines() or ["(nothing)"])[0]
    if "error" in result:
        return f"{result['error']['code']}: {result['error']['message']}"
    if result["questions"]:
        return "asks: " + "; ".join(question["text"] for question in result["questions"])
    if result["verdict"] is None:
        return "; ".join(result["errors"]) or "(no verdict)"
    return str(result["verdict"]["summary"])


def bench_briefs() -> int:
    """Prints a table; returns 0 when every good brief passes and every bad one ends with status 1 or 2 and a word."""
    if not FOLDER.is_dir():
        raise NotFoundError(
            "The briefs of the tests are not here.", next_action="Run this in a clone of the repository."
        )
    good = True
    for name, wanted in (("bad", {1, 2}), ("good", {0})):
        print(f"{name} briefs")
        for case in yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")):
            status, wall, result, stderr = _run(case["brief"])
            said = _said(result, stderr)
            trace = "Traceback" in stderr
            good = good and status in wanted and not trace
            mark = "ok" if status in wanted and not trace else "UNEXPECTED"
            print(f"  {case['id']:26} exit {status}  {wall:5.1f} s  {mark}  {said[:150]}", flush=True)
    return 0 if good else 1
