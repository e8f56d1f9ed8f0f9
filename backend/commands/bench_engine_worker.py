"""What ``./brick bench engine`` runs in a geometry worker: one program cold, warm, edited, and without an engine."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.commands.bench_engine_edit import sizes_of_call

_SHARES = (0.99, 0.98, 0.97, 0.96, 0.95)


def measure_program(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds of a program: ``cold`` (nothing kept), ``warm`` (all kept), ``disk``, ``edited``, ``floor``.

    ``request``: ``path`` or ``code``, ``runs``, ``timeout_s``. Each state is the median of its runs, split into
    ``interpreter``, ``own`` (this engine around the kernel: frames, dispatch, ids, history, cache) and ``occt``.
    ``floor`` is the same program against an engine that answers at once with the replies of an earlier run.
    ``cold_only`` leaves it at the first. ``edit`` says which argument of the program was changed: the last one of the
    last feature, in the order in which the program runs (see :func:`_edits`).
    """
    from backend.engine.cache import CacheConfig, configure
    from backend.engine.run import run_project, warm

    warm()
    runs, limit = int(request["runs"]), float(request.get("timeout_s", 120.0))
    with tempfile.TemporaryDirectory(prefix="brick-bench-") as scratch:
        folder = Path(scratch) / "cache"
        cache: dict[str, Any] = {"folder": str(folder), "disk_mb": 500}
        source = _copied(request, Path(scratch))

        def run(state: dict[str, Any], what: dict[str, str] = source) -> dict[str, Any]:
            begin, cpu = time.perf_counter(), time.process_time()
            result = run_project({**what, "timeout_s": limit, "cache": state})
            return _split(result, time.perf_counter() - begin, time.process_time() - cpu)

        def emptied() -> None:
            configure(CacheConfig(enabled=False))
            shutil.rmtree(folder, ignore_errors=True)

        run({"enabled": False})  # the first run of a process warms what no run needs again
        cold = []
        for _ in range(runs):
            emptied()
            cold.append(run(cache))
        if request.get("cold_only"):
            return {"cold": _median(cold)}
        warmed = [run(cache) for _ in range(runs)]
        disk = []
        for _ in range(runs):
            configure(CacheConfig(enabled=False))
            disk.append(run(cache))
        edits, told = _edits(source, lambda what: run(cache, what), runs)
        return {
            "cold": _median(cold),
            "warm": _median(warmed),
            "disk": _median(disk),
            "floor": _floor(source, limit),
            "edited": _median(edits) if edits else None,
            "edit": told or "no feature with a size that could be changed",
        }


def _copied(request: dict[str, Any], scratch: Path) -> dict[str, str]:
    """The program in a folder of its own, where it can be edited."""
    folder = scratch / "program"
    if request.get("code"):
        folder.mkdir()
        (folder / "main.kcl").write_text(request["code"], encoding="utf-8")
        return {"path": str(folder / "main.kcl")}
    given = Path(request["path"])
    if given.is_dir():
        shutil.copytree(given, folder)
        return {"path": str(folder / "main.kcl")}
    folder.mkdir()
    shutil.copy(given, folder / given.name)
    return {"path": str(folder / given.name)}


def _split(result: dict[str, Any], wall_s: float, cpu_s: float) -> dict[str, float]:
    timings = result["timings_s"]
    occt = timings["occt"] + timings["collect_occt"]
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "interpreter_s": timings["interpreter"],
        "occt_s": occt,
        "own_s": max(0.0, wall_s - timings["interpreter"] - occt),
        "commands": result["commands"],
        "volume_mm3": result["volume_mm3"],
        "hits": result["cache"]["hits"],
        "misses": result["cache"]["misses"],
    }


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    """The run of median wall time, so that its parts add up."""
    ordered = sorted(runs, key=lambda item: item["wall_s"])
    return ordered[(len(ordered) - 1) // 2]


def _edits(
    source: dict[str, str], run: Callable[[dict[str, str]], dict[str, float]], runs: int
) -> tuple[list[dict[str, float]], str]:
    """Runs with the program's last feature changed, each time to another size; and which argument that was.

    A run counts where the engine had to compute anything; an argument that the program doesn't bear changed is passed
    over for the one before it.
    """
    from backend.engine.errors import EngineError
    from backend.engine.provenance import last_features

    folder = Path(source["path"]).parent
    for feature in last_features(source):
        path = folder / feature["file"] if feature["file"] else Path(source["path"])
        text = path.read_text(encoding="utf-8")
        for argument in sizes_of_call(text, feature["line"], feature["column"]):
            found = []
            try:
                for share in _SHARES[:runs]:
                    path.write_text(argument.scaled(text, share), encoding="utf-8")
                    found.append(run(source))
            except EngineError:
                continue
            finally:
                path.write_text(text, encoding="utf-8")
            if all(item["misses"] for item in found):
                told = f"{argument.call}({argument.name} = {argument.value})"
                return found, f"{feature['file'] or path.name}:{feature['line']}: {told}"
    return [], ""


def _floor(source: dict[str, str], limit_s: float) -> dict[str, float]:
    """The interpreter's own seconds: an engine that has nothing to do but to repeat what it answered before."""
    from backend.engine.protocol import server, session
    from backend.engine.run import _engine, _interpret, _project

    replies: dict[str, dict[str, Any]] = {}

    class Listening(session.Session):
        def _run(self, cmd_id: str, cmd: Any) -> dict[str, Any]:
            reply = replies[cmd_id] = super()._run(cmd_id, cmd)
            return reply

    class Canned(session.Session):
        def _run(self, cmd_id: str, cmd: Any) -> dict[str, Any]:
            # ids are the same in every run but for a few that the client draws: their replies say nothing
            return replies.get(cmd_id) or {"type": "empty"}

    entry, own_files = _project(source)
    times = []
    names = vars(server)
    original = names["Session"]
    try:
        for kind in (Listening, Canned, Canned, Canned):
            names["Session"] = kind
            begin, cpu = time.perf_counter(), time.process_time()
            _interpret(_engine(), entry, own_files, source, limit_s)
            times.append((time.perf_counter() - begin, time.process_time() - cpu))
    finally:
        names["Session"] = original
    return {
        "wall_s": statistics.median(wall for wall, _ in times[1:]),
        "cpu_s": statistics.median(cpu for _, cpu in times[1:]),
    }
