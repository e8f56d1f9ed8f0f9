"""``./brick bench studies``: ten studies by NGSolve and by CalculiX on the same meshes, with CPU time and memory.

Each study has a worker of its own, so that its peak memory is its own. NGSolve's CPU time is that of the last mesh
(assembly, factor, solution, stress, error estimate); CalculiX's is the whole program on that mesh: its best tetrahedron
(C3D10) and the solver that its package is built with (SPOOLES; ARPACK for modes). Both have one thread: a second one
costs either CPU time that it spends waiting. Then their CPU time at equal error (:mod:`.bench_equal_error`); and, with
two threads, statics of 100 000 unknowns with meshing, and the same with a changed load.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import BrickError, MissingToolError

if TYPE_CHECKING:
    from backend.compute import WorkPool

ROOT = Path(__file__).resolve().parents[2]
STUDIES = ROOT / "tests" / "benchmarks" / "studies"
LARGE = "backend.commands.bench_studies_worker:large"
CURVES = "backend.commands.bench_equal_error:curves"
GOAL_RATIO, GOAL_LARGE_S, GOAL_AGAIN_S = 3.0, 8.0, 0.5
TIMEOUT_S = 600.0


@dataclass(frozen=True)
class Row:
    """One study by both programs. ``differs``: largest relative difference; ``band``: the estimated error."""

    study: str
    dofs: int
    quantity: str
    ngsolve: float
    error: float
    calculix: float
    differs: float
    band: float
    ngsolve_cpu_s: float
    calculix_cpu_s: float
    ngsolve_mb: float
    calculix_mb: float

    @property
    def within(self) -> bool:
        """Whether the two agree within the estimated error of their mesh."""
        return self.differs <= self.band

    @property
    def ratio(self) -> float:
        """CalculiX's CPU time over NGSolve's."""
        return self.calculix_cpu_s / max(self.ngsolve_cpu_s, 1e-9)


def bench_studies(as_json: bool) -> int:
    """Prints the table; returns 0 when all studies agree within their error."""
    import shutil

    if shutil.which("ccx") is None:
        raise MissingToolError("CalculiX (ccx) isn't on this machine.", next_action="apt-get install calculix-ccx")
    from backend.compute import get_pool

    rows, failed = [], []
    given = os.environ.get("BRICK_FEM_THREADS")
    os.environ["BRICK_FEM_THREADS"] = "1"  # of the workers, which start later, and of CalculiX
    if not as_json:
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; CPU seconds, MB of resident memory")
        print(
            f"{'study':14} {'unknowns':>8} {'':4} {'NGSolve':>10} {'±':>9} {'CalculiX':>10} {'differ %':>9} "
            f"{'error %':>8} {'':7} {'CPU s':>7} {'ccx s':>7} {'ratio':>6} {'MB':>6} {'ccx MB':>7}",
            flush=True,
        )
    try:
        for path in sorted(STUDIES.glob("*.yaml")):
            try:
                rows.append(_row(path, get_pool()))
                if not as_json:
                    _print(rows[-1])
            except Exception as error:
                if not hasattr(error, "as_dict"):
                    raise
                failed.append((path.stem, str(error)))
        equal = _at_equal_error(get_pool(), as_json)
    finally:
        get_pool().close()
        os.environ.pop("BRICK_FEM_THREADS")
        if given is not None:
            os.environ["BRICK_FEM_THREADS"] = given
    large = _large()
    good = not failed and all(row.within for row in rows)
    if as_json:
        table = [{**asdict(row), "within": row.within, "cpu_ratio": row.ratio} for row in rows]
        print(json.dumps({"studies": table, "failed": failed, "equal_error": equal, "large": large}, indent=2))
        return 0 if good else 1
    for name, words in failed:
        print(f"{name:14} FAILED: {words}")
    ours, theirs = sum(row.ngsolve_cpu_s for row in rows), sum(row.calculix_cpu_s for row in rows)
    print(
        f"{sum(row.within for row in rows)} of {len(rows) + len(failed)} within the error of their mesh; CPU on one "
        f"mesh each, in all {ours:.1f} s and {theirs:.1f} s, ratio {theirs / max(ours, 1e-9):.1f}"
    )
    print(
        f"statics of {large['dofs']} unknowns with meshing: {large['first_s']:.1f} s, CPU {large['first_cpu_s']:.1f} s "
        f"(goal {GOAL_LARGE_S:g} s on two quiet cores), peak {large['memory_mb']:.0f} MB; a changed load by the kept "
        f"factor: {large['again_s']:.2f} s, CPU {large['again_cpu_s']:.2f} s (goal {GOAL_AGAIN_S:g} s)"
    )
    return 0 if good else 1


def _at_equal_error(pool: WorkPool, as_json: bool) -> list[dict[str, Any]]:
    """The curves of each study and its CPU ratios at equal error; prints them as they come."""
    from backend.commands.bench_equal_error import ratios
    from backend.compute import WorkPool

    if not as_json:
        print(
            "At equal error: CalculiX's best of three even meshes; NGSolve from a coarse mesh to that error, all its "
            "meshes\ncounted; and the ratio of CPU (in brackets the ratio to CalculiX on a mesh that NGSolve "
            f"refined, at its error).\nOne thread each; goal {GOAL_RATIO:g}\n"
            f"{'study':14} {'error %':>8} {'known to':>8} {'':4} {'ccx s':>6} {'ccx MB':>6} {'order':>5} {'CPU s':>6} "
            f"{'MB':>5} {'ratio':>7} {'(lent)':>8}",
            flush=True,
        )
    rows: list[dict[str, Any]] = []
    for path in sorted(STUDIES.glob("*.yaml")):
        solver = WorkPool()
        row: dict[str, Any] = {"study": path.stem}
        try:
            with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
                request = _request(path, Path(folder), pool)
                found = solver.run_sync(CURVES, request, kind="fem", timeout_s=TIMEOUT_S)
            row |= {"curves": found, "ratios": [asdict(ratio) for ratio in ratios(found)]}
            row["ratios_lent"] = [asdict(ratio) for ratio in ratios(found, ("even", "lent"))]
        except Exception as error:
            if not hasattr(error, "as_dict"):
                raise
            row["failed"] = str(error)
        finally:
            solver.close()
        rows.append(row)
        if not as_json:
            print(_equal_row(row), flush=True)
    if not as_json:
        print(f"goal of {GOAL_RATIO:g} met by {_met(rows)} of {len(rows)} studies")
    return rows


def _met(rows: list[dict[str, Any]]) -> int:
    """How many studies reach the goal with one of the orders, against even meshes."""
    return sum(any((ratio["ratio"] or 0) >= GOAL_RATIO for ratio in row.get("ratios", ())) for row in rows)


def _equal_row(row: dict[str, Any]) -> str:
    from backend.commands.bench_equal_error import best, ratios, told

    if "failed" in row:
        return f"{row['study']:14} not compared: {row['failed']}"
    found = row["curves"]
    ours, lent = best(ratios(found)), best(ratios(found, ("even", "lent")))
    theirs = min(found["even"], key=lambda point: (point["error"], point["cpu_s"]))
    return (
        f"{row['study']:14} {100 * ours.error:8.2g} {100 * found['unsure']:8.1g} {found['unit']:4} "
        f"{theirs['cpu_s']:6.2f} {theirs['memory_mb']:6.0f} {ours.order:5} {ours.cpu_s:6.2f} {ours.memory_mb:5.0f} "
        f"{told(ours):>7} {'(' + told(lent) + ')':>8}"
    )


def _print(row: Row) -> None:
    print(
        f"{row.study:14} {row.dofs:8} {row.quantity:4} {row.ngsolve:10.5g} {row.error:9.2g} {row.calculix:10.5g} "
        f"{100 * row.differs:9.3f} {100 * row.band:8.2f} {'within' if row.within else 'APART':7} "
        f"{row.ngsolve_cpu_s:7.2f} {row.calculix_cpu_s:7.2f} {row.ratio:6.1f} {row.ngsolve_mb:6.0f} "
        f"{row.calculix_mb:7.0f}",
        flush=True,
    )


def _row(path: Path, pool: WorkPool) -> Row:
    from backend.compute import WorkPool
    from backend.studies.run import solve_study

    solver = WorkPool()
    try:
        with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
            outcome = solve_study(path, Path(folder), pool, solver="both", fem_pool=solver)
    finally:
        solver.close()
    result: dict[str, Any] = outcome.result
    second = result["second_opinion"]
    comparison = second["comparison"]
    if "frequencies_rel" in comparison:
        mode = result["frequencies_hz"][0]
        quantity, value, error, other = "Hz", mode["value"], mode["error"], second["frequencies_hz"][0]
        differs = max(abs(v) for v in comparison["frequencies_rel"])
    else:
        found = result["von_mises_mpa"]
        quantity, value, error, other = "MPa", found["value"], found["error"], second["von_mises_mpa"]["value"]
        differs = max(abs(comparison["von_mises_rel"]), abs(comparison["displacement_rel"]))
    if not value:
        raise BrickError(f"{path.stem} gives zero.", code="bench_zero")
    return Row(
        path.stem, second["dofs"], quantity, value, error, other, differs, max(error / abs(value), 0.001),
        comparison["ngsolve_cpu_s"], comparison["calculix_cpu_s"], result["memory_mb"], second["memory_mb"],
    )  # fmt: skip


def _request(path: Path, folder: Path, pool: WorkPool) -> dict[str, Any]:
    """The solver's request of a study file, its model compiled into ``folder``."""
    from backend.studies.materials import study_materials
    from backend.studies.model import load_model
    from backend.studies.reading import read_study
    from backend.studies.requests import build_request
    from backend.studies.selectors import Faces

    study = read_study(path)
    model = load_model(path.parent / study.model, folder, pool)
    return build_request(study, model, Faces(model.faces, model.names, study.bodies), study_materials(study))


def _large() -> dict[str, float]:
    from backend.compute import WorkPool

    pool = WorkPool()
    try:
        pool.run_sync("builtins:abs", 0, kind="fem", timeout_s=TIMEOUT_S)  # the import is no part of the study
        found: dict[str, float] = pool.run_sync(LARGE, {}, kind="fem", timeout_s=TIMEOUT_S)
        return found
    finally:
        pool.close()
