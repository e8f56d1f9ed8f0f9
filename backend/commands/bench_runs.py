"""``./brick bench runs``: fifty runs at once and two hundred WebSocket clients, on the real server and stores.

Engine and solver are replaced by agents that wait, so that the orchestration is what is measured: overhead of a node,
latency of an event from its publication to the client, memory, and whether anything was lost.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RUNS, CLIENTS = 50, 200
WAIT_S = 0.02  # what each replaced agent takes


class _Waiting:
    """An agent that waits and says always the same."""

    def __init__(self, name: str, result: dict[str, Any]) -> None:
        self.name, self.result = name, result

    async def report(self, params: dict[str, Any], **kwargs: Any) -> Any:
        """The report, after a moment."""
        from backend.schema import AgentReport

        await asyncio.sleep(WAIT_S)
        data = {key: value for key, value in self.result.items() if key not in ("status", "summary")}
        if self.name == "GeometryAgent":
            data["kcl_code"] = params["kcl_code"]
        return AgentReport(agent=self.name, status="success", summary=self.name, data=data)


def _agents() -> dict[str, _Waiting]:
    box = {"min": [0, 0, 0], "max": [1, 1, 1]}
    compiled: dict[str, Any] = {
        "volume_mm3": 1.0,
        "area_mm2": 6.0,
        "center_of_mass_mm": [0, 0, 0],
        "bounding_box_mm": box,
    }
    compiled |= {"solids": 1, "valid": True, "files": {}}
    geometry: dict[str, Any] = {
        "compiled": compiled,
        "gltf_data": "",
        "geometry_tree": [],
        "mass_properties": {"mass_g": 1.0},
    }
    results: dict[str, dict[str, Any]] = {
        "GeometryAgent": geometry,
        "ManifoldAgent": {},
        "StructuralAgent": {"predictions": {}},
        "ManufacturingAgent": {"bom": {}, "components": {}, "plan": {}},
        "DocumentAgent": {"files": {}},
    }
    return {name: _Waiting(name, result) for name, result in results.items()}


def _memory_mb() -> float:
    import psutil

    return float(psutil.Process().memory_info().rss) / 1e6


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def bench_runs() -> int:
    """Prints the figures as JSON; returns 0 where nothing was lost."""
    with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
        figures = asyncio.run(_measure(Path(folder)))
    print(json.dumps(figures, indent=1))
    lost = figures["runs"]["done"] != RUNS or figures["runs"]["events_lost_or_disordered"]
    return 3 if lost or figures["clients"]["with_all_events"] != CLIENTS else 0


async def _measure(folder: Path) -> dict[str, Any]:
    import uvicorn

    from backend.agent_registry import registry
    from backend.commands.bench import BRACKET
    from backend.compute.pool import WorkPool
    from backend.config.settings import Settings
    from backend.main import create_app

    WorkPool.warm = lambda self, *kinds: None  # type: ignore[method-assign]
    registry._agents.update(_agents())
    settings = Settings(brick_data_dir=folder, brick_max_running=8, brick_event_queue=5000)
    app = create_app(settings=settings)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    for _ in range(6000):
        if server.started:
            break
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    projects = app.state.services.projects
    try:
        warm = await projects.start(BRACKET, project_id="warm")
        await projects.wait(warm["id"])
        runs = await _fifty(projects, BRACKET)
        clients = await _clients(projects, BRACKET, port)
    finally:
        server.should_exit = True
        await serving
    return {"runs": runs, "clients": clients}


async def _fifty(projects: Any, brief: str) -> dict[str, Any]:
    memory, begun, cpu = _memory_mb(), time.perf_counter(), _cpu_s()
    rows = [await projects.start(brief, project_id=f"r{i}") for i in range(RUNS)]
    for row in rows:
        await projects.wait(row["id"])
    wall, cpu = time.perf_counter() - begun, _cpu_s() - cpu
    done = disordered = nodes = 0
    for row in rows:
        ended = await asyncio.to_thread(projects.store.run, row["id"])
        done += ended["status"] == "done"
        events = await projects.events(row["project_id"], 0, 10_000)
        disordered += [event["seq"] for event in events] != list(range(1, len(events) + 1))
        nodes += sum(event["kind"] == "stage_finished" for event in events)
    return {
        "at_once": RUNS,
        "done": done,
        "events_lost_or_disordered": disordered,
        "wall_s": round(wall, 2),
        "nodes": nodes,
        "cpu_ms_a_node": round(1000 * cpu / nodes, 2),
        "memory_mb": {"before": round(memory), "after": round(_memory_mb())},
    }


async def _clients(projects: Any, brief: str, port: int) -> dict[str, Any]:
    """Clients on one project's WebSocket while it runs: what each got, and how long after it was published."""
    import websockets

    latencies: list[float] = []
    got: list[list[int]] = []
    ready = asyncio.Semaphore(0)

    async def watch() -> None:
        address = f"ws://127.0.0.1:{port}/ws/orchestrator/watched?since=0"
        async with websockets.connect(address, open_timeout=60, max_queue=None) as socket:
            ready.release()
            seen: list[int] = []
            async for text in socket:
                event = json.loads(text)
                latencies.append((datetime.now(UTC) - datetime.fromisoformat(event["ts"])).total_seconds())
                seen.append(event["seq"])
                if event["kind"] == "done":
                    break
            got.append(seen)

    memory = _memory_mb()
    watchers = [asyncio.create_task(watch()) for _ in range(CLIENTS)]
    for _ in range(CLIENTS):
        await ready.acquire()
    row = await projects.start(brief, project_id="watched")
    await asyncio.wait_for(asyncio.gather(*watchers), 120)
    events = await projects.events("watched", 0, 10_000)
    await projects.wait(row["id"])
    numbers = [event["seq"] for event in events]
    ordered = sorted(latencies)
    return {
        "at_once": CLIENTS,
        "events_each": len(numbers),
        "with_all_events": sum(seen == numbers for seen in got),
        "latency_ms": {
            "median": round(1000 * statistics.median(ordered), 1),
            "p95": round(1000 * ordered[int(0.95 * len(ordered))], 1),
            "p99": round(1000 * ordered[int(0.99 * len(ordered))], 1),
        },
        "memory_mb": {"before": round(memory), "after": round(_memory_mb())},
    }
