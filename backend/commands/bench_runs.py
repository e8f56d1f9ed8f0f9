"""``./brick bench runs``: fifty runs at once and two hundred WebSocket clients, on the real server and stores.

Engine and solver are replaced by agents that wait, so that the orchestration is what is measured: overhead of a node,
latency of an event from its publication to the client, memory, and whether anything was lost. The clients are in a
process of their own, on the same machine.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import tempfile
import time
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
    lost = lost or any(figures[name]["with_all_events"] != CLIENTS for name in ("one_run_watched", "all_runs_watched"))
    return 3 if lost else 0


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
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws_per_message_deflate=False))
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
        one = await _watched(projects, BRACKET, port, {"watched": CLIENTS})
        many = await _watched(projects, BRACKET, port, {f"w{i}": CLIENTS // RUNS for i in range(RUNS)})
        quiet = await _send_cost(port, projects, CLIENTS)
    finally:
        server.should_exit = True
        await serving
    return {"runs": runs, "one_run_watched": one, "all_runs_watched": many, "events_alone": quiet}


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


async def _watched(projects: Any, brief: str, port: int, wanted: dict[str, int]) -> dict[str, Any]:
    """Runs of these projects at once, each with so many clients: what each client got, and how long it took to come."""
    import sys

    words = [word for project, clients in wanted.items() for word in (project, str(clients))]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.commands.bench_runs_clients", str(port), *words,
        stdout=asyncio.subprocess.PIPE, limit=1 << 28,
    )  # fmt: skip
    assert process.stdout is not None
    before = _memory_mb()
    await process.stdout.readline()  # "ready"
    connected, begun, cpu = _memory_mb(), time.perf_counter(), _cpu_s()
    rows = [await projects.start(brief, project_id=project) for project in wanted]
    for row in rows:
        await projects.wait(row["id"])
    got = json.loads(await process.stdout.readline())
    wall, cpu = time.perf_counter() - begun, _cpu_s() - cpu
    await process.wait()
    numbers = {}
    for project in wanted:
        numbers[project] = [event["seq"] for event in await projects.events(project, 0, 10_000)]
    waits = sorted(wait for client in got for wait in client["waits_s"])
    return {
        "runs": len(wanted),
        "clients": sum(wanted.values()),
        "events": sum(len(found) for found in numbers.values()),
        "deliveries": len(waits),
        "with_all_events": sum(client["seqs"] == numbers[client["project"]] for client in got),
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "latency_ms": {
            "median": round(1000 * statistics.median(waits), 1),
            "p95": round(1000 * waits[int(0.95 * len(waits))], 1),
            "p99": round(1000 * waits[int(0.99 * len(waits))], 1),
        },
        "memory_mb": {"before": round(before), "connected": round(connected), "after": round(_memory_mb())},
    }


async def _send_cost(port: int, projects: Any, clients: int) -> dict[str, Any]:
    """CPU time of the server for one event to one client: bursts of events with nothing else going on."""
    import sys

    bus, events = projects.bus, 100
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.commands.bench_runs_clients", str(port), "quiet", str(clients),
        stdout=asyncio.subprocess.PIPE, limit=1 << 28,
    )  # fmt: skip
    assert process.stdout is not None
    await process.stdout.readline()
    await asyncio.sleep(0.5)
    cpu = _cpu_s()
    for number in range(events):
        bus.publish("quiet", "status", text=f"event {number}", data={"number": number})
        await asyncio.sleep(0.02)
    bus.publish("quiet", "done", text="done")
    got = json.loads(await process.stdout.readline())
    cpu = _cpu_s() - cpu
    await process.wait()
    waits = sorted(wait for client in got for wait in client["waits_s"])
    return {
        "clients": clients,
        "events": events + 1,
        "cpu_us_a_delivery": round(1e6 * cpu / len(waits), 1),
        "latency_ms": {
            "median": round(1000 * statistics.median(waits), 1),
            "p95": round(1000 * waits[int(0.95 * len(waits))], 1),
        },
    }
