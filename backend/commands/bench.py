"""``./brick bench``: what the product costs, measured on whole processes as a user starts them."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from backend.errors import InputError

ROOT = Path(__file__).resolve().parents[2]

BRACKET = (
    "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, "
    "factor of safety 1.2, four 1/2 in holes"
)


@dataclass(frozen=True)
class Sample:
    """One run of a process: wall and CPU seconds (its children's included) and its exit status."""

    wall_s: float
    cpu_s: float
    status: int


def sample(arguments: list[str]) -> Sample:
    """Runs ``python -m backend.cli`` with the arguments and accounts for it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="brick-bench-data-") as data:  # a bench is no history of its user
        done = subprocess.run(
            [sys.executable, "-m", "backend.cli", *arguments],
            cwd=ROOT,
            capture_output=True,
            env={**os.environ, "BRICK_DATA_DIR": data},
            check=False,
        )
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sample(wall, cpu, done.returncode)


def bench_command(
    what: str,
    runs: int,
    *,
    as_json: bool = False,
    docs: Path | None = None,
    samples: Path | None = None,
    build123d: str | None = None,
    only: str = "",
) -> int:
    """Runs the benchmark of that name; returns 0 when everything came out as it should."""
    if what == "engine":
        from backend.commands.bench_engine import bench_engine

        return bench_engine(runs, as_json=as_json, samples=samples, build123d=build123d)
    if what == "physics":
        from backend.commands.bench_physics import bench_physics

        return bench_physics(as_json, docs, only)
    if what == "bands":
        from backend.commands.bench_bands import bench_bands

        return bench_bands(as_json)
    if what == "runs":
        from backend.commands.bench_runs import bench_runs

        return bench_runs()
    if what == "bracket":
        from backend.commands.bench_bracket import bench_bracket

        return bench_bracket()
    if what == "studies":
        from backend.commands.bench_studies import bench_studies

        return bench_studies(as_json)
    if what == "briefs":
        from backend.commands.bench_briefs import bench_briefs

        return bench_briefs()
    return _bench_processes(what, runs)


def _bench_processes(what: str, runs: int) -> int:
    """Prints a table of medians; returns 0 when every run ended with the status it should."""
    with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
        cases: dict[str, tuple[list[str], int]] = {
            "startup": (["--help"], 0),
            "design": (["design", BRACKET, "--out", folder, "--no-input", "--quiet"], 0),
        }
        if what != "all" and what not in cases:
            raise InputError(
                f"There is no benchmark {what!r}.",
                next_action=f"One of: all, {', '.join(cases)}, bands, bracket, briefs, engine, physics, runs, studies.",
            )
        print(f"load average {os.getloadavg()[0]:.1f}; seconds")
        print(f"{'case':10} {'runs':>4} {'wall min':>9} {'median':>8} {'max':>8} {'CPU median':>11}")
        good = True
        for name, (arguments, expected) in cases.items():
            if what not in ("all", name):
                continue
            samples = [sample(arguments) for _ in range(max(1, runs))]
            walls = [item.wall_s for item in samples]
            cpu = statistics.median(item.cpu_s for item in samples)
            print(
                f"{name:10} {len(samples):4d} {min(walls):9.2f} {statistics.median(walls):8.2f} {max(walls):8.2f} "
                f"{cpu:11.2f}"
            )
            bad = [item.status for item in samples if item.status != expected]
            if bad:
                good = False
                print(f"  {name}: expected exit status {expected}, got {bad}", file=sys.stderr)
    return 0 if good else 3
