"""``./brick bench engine``: where the seconds of a KCL program go, cold, warm and after an edit."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backend.errors import BrickError, InputError

ROOT = Path(__file__).resolve().parents[2]
OWN_PROGRAMS = ROOT / "tests" / "conformance" / "programs"
TARGET = "backend.commands.bench_engine_worker:measure_program"
LARGEST = 10
GOALS = {"own_share": 0.15, "warm_box_beyond_floor_s": 0.060, "median_s": 0.4, "edit_speedup": 5.0}

BOX = """
startSketchOn(XY)
  |> startProfile(at = [0, 0])
  |> line(end = [40, 0])
  |> line(end = [0, 30])
  |> line(end = [-40, 0])
  |> close()
  |> extrude(length = 20)
"""
PLATE = """
plate = startSketchOn(XY)
  |> startProfile(at = [-50, -30])
  |> line(end = [100, 0], tag = $south)
  |> line(end = [0, 60], tag = $east)
  |> line(end = [-100, 0], tag = $north)
  |> line(end = [0, -60], tag = $west)
  |> close()
  |> extrude(length = 8)
  |> fillet(radius = 10, tags = [
       getNextAdjacentEdge(south), getNextAdjacentEdge(east), getNextAdjacentEdge(north), getNextAdjacentEdge(west)
     ])
startSketchOn(plate, face = END)
  |> circle(center = [-38, -18], radius = 4)
  |> patternLinear2d(instances = 2, distance = 76, axis = [1, 0])
  |> patternLinear2d(instances = 2, distance = 36, axis = [0, 1])
  |> extrude(length = -8)
"""


def bench_engine(runs: int, *, as_json: bool, samples: Path | None, build123d: str | None) -> int:
    """Measures the simple parts and the ten largest programs of a folder; prints a table or JSON. Returns 0."""
    cases: list[tuple[str, dict[str, str]]] = [("box", {"code": BOX}), ("filleted plate with holes", {"code": PLATE})]
    others = _programs(samples)
    every = list(_measured([(name, {"path": str(path)}) for name, path in others], 1, cold_only=True))
    rest = [row for row in every if "error" not in row]
    slowest = {row["name"] for row in sorted(rest, key=lambda row: row["cold"]["cpu_s"], reverse=True)[:LARGEST]}
    simple = list(_measured(cases, runs))
    largest = list(_measured([(name, {"path": str(path)}) for name, path in others if name in slowest], runs))
    report = {
        "machine": _machine(),
        "simple": simple,
        "largest": largest,
        "programs": every,
        "build123d": _build123d(build123d, runs),
        "goals": _goals(simple, rest, largest),
    }
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        _print(report, [*simple, *largest])
    return 0


def _programs(samples: Path | None) -> list[tuple[str, Path]]:
    """The programs of a folder of samples (one folder with main.kcl each), else our own."""
    if samples is not None:
        found = [(path.parent.name, path.parent) for path in sorted(samples.glob("*/main.kcl"))]
        if not found:
            raise InputError(f"{samples} has no */main.kcl.", next_action="Give the folder that holds the samples.")
        return found
    return [
        (path.relative_to(OWN_PROGRAMS).with_suffix("").as_posix(), path)
        for path in sorted(OWN_PROGRAMS.rglob("*.kcl"))
        if path.with_suffix(".yaml").is_file()
    ]


def _measured(
    cases: list[tuple[str, dict[str, str]]], runs: int, *, cold_only: bool = False
) -> Iterator[dict[str, Any]]:
    """A row for each case; one that fails has its error."""
    from backend.compute import WorkPool
    from backend.engine.errors import EngineError

    pool = WorkPool()
    try:
        for name, what in cases:
            print(f"\r{name:50.50}", end="", file=sys.stderr, flush=True)
            try:
                found = pool.run_sync(
                    TARGET, {**what, "runs": runs, "cold_only": cold_only}, kind="geometry", timeout_s=900
                )
            except (EngineError, BrickError) as error:
                yield {"name": name, "error": str(error)}
            else:
                yield {"name": name, **found}
    finally:
        print("\r" + " " * 50 + "\r", end="", file=sys.stderr)
        pool.close()


def _machine() -> dict[str, Any]:
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    return {"cpu": model, "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _build123d(given: str | None, runs: int) -> dict[str, Any]:
    """The simple parts in build123d, by the Python given, or ``new``: by one in a virtual environment for this run."""
    if given is None:
        return {"note": "not measured: give --build123d PYTHON (one that has it), or --build123d new"}
    with tempfile.TemporaryDirectory(prefix="brick-build123d-") as folder:
        python = given
        try:
            if given == "new":
                subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, timeout=300)
                python = f"{folder}/bin/python"
                install = [python, "-m", "pip", "install", "--quiet", "build123d"]
                subprocess.run(install, check=True, capture_output=True, timeout=1200)
            script = Path(__file__).with_name("bench_engine_build123d.py")
            done = subprocess.run(
                [python, str(script), str(max(3, runs))], check=True, capture_output=True, text=True, timeout=600
            )
            found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        except (OSError, subprocess.SubprocessError, ValueError, IndexError) as problem:
            told = getattr(problem, "stderr", None) or str(problem)
            words = (told.decode(errors="replace") if isinstance(told, bytes) else told).strip().splitlines()
            return {"note": f"not to be had: {words[-1] if words else type(problem).__name__}"}
        return found


def _goals(
    simple: list[dict[str, Any]], rest: list[dict[str, Any]], largest: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Each goal with what was found; ``met`` None where there was nothing to measure."""
    every = [row for row in [*simple, *largest] if "error" not in row]

    def goal(name: str, found: float | None, limit: float, at_least: bool = False) -> dict[str, Any]:
        met = None if found is None else (found >= limit if at_least else found <= limit)
        return {"goal": name, "limit": limit, "found": None if found is None else round(found, 4), "met": met}

    shares = [row["cold"]["own_s"] / row["cold"]["wall_s"] for row in every]
    box = next((row for row in simple if row["name"] == "box" and "error" not in row), None)
    changed = [row for row in largest if row.get("edited")]
    speedups = [row["cold"]["wall_s"] / row["edited"]["wall_s"] for row in changed]
    cpu = [row["cold"]["cpu_s"] / row["edited"]["cpu_s"] for row in changed]
    return [
        goal("own layer's share of a cold run's wall time, median", _mid(shares), GOALS["own_share"]),
        goal("own layer's share of a cold run's wall time, largest", max(shares, default=None), GOALS["own_share"]),
        goal(
            "warm box beyond the interpreter's floor, s",
            box["warm"]["wall_s"] - box["floor"]["wall_s"] if box else None,
            GOALS["warm_box_beyond_floor_s"],
        ),
        goal("median program, cold, s", _mid([row["cold"]["wall_s"] for row in rest]), GOALS["median_s"]),
        goal("re-run after an edit, median of the largest, times", _mid(speedups), GOALS["edit_speedup"], True),
        goal(
            "re-run after an edit, least of the largest, times",
            min(speedups, default=None),
            GOALS["edit_speedup"],
            True,
        ),
        goal("re-run after an edit, median of the largest, times by CPU", _mid(cpu), GOALS["edit_speedup"], True),
    ]


def _mid(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def _print(report: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    machine = report["machine"]
    print(f"{machine['cpu']}, {machine['cores']} cores, load average {machine['load']}; seconds of wall time")
    print(
        f"{'program':28} {'commands':>8} {'cold':>7} {'inter':>6} {'own':>6} {'OCCT':>6} {'own %':>6} {'CPU':>6}"
        f" {'warm':>6} {'disk':>6} {'floor':>6} {'edited':>7} {'times':>6} {'CPU':>6} {'times':>6}"
    )
    for row in rows:
        if "error" in row:
            print(f"{row['name']:28.28} {row['error'][:90]}")
            continue
        cold, edited = row["cold"], row["edited"]
        print(
            f"{row['name']:28.28} {cold['commands']:8d} {cold['wall_s']:7.3f} {cold['interpreter_s']:6.3f} "
            f"{cold['own_s']:6.3f} {cold['occt_s']:6.3f} {100 * cold['own_s'] / cold['wall_s']:6.1f} "
            f"{cold['cpu_s']:6.2f} {row['warm']['wall_s']:6.3f} {row['disk']['wall_s']:6.3f} "
            f"{row['floor']['wall_s']:6.3f} "
            + (
                f"{edited['wall_s']:7.3f} {cold['wall_s'] / edited['wall_s']:6.1f} "
                f"{edited['cpu_s']:6.2f} {cold['cpu_s'] / edited['cpu_s']:6.1f}"
                if edited
                else f"{'-':>7} {'-':>6}"
            )
        )
    other = report["build123d"]
    for name, part in other.get("parts", {}).items():
        print(f"build123d {other['version']}: {name} {part['wall_s']:.3f} s ({part['volume_mm3']:.1f} mm3)")
    if "note" in other:
        print(f"build123d: {other['note']}")
    for goal in report["goals"]:
        mark = {True: "met", False: "NOT MET", None: "not measured"}[goal["met"]]
        found = "-" if goal["found"] is None else f"{goal['found']:g}"
        print(f"{goal['goal']}: {found} (goal {goal['limit']:g}): {mark}")
    failed = [row["name"] for row in report["programs"] if "error" in row]
    if failed:
        print(f"not measured, they fail: {', '.join(failed)}")
