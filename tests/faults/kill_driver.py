"""Kills a server process at random instants, again and again, until its runs are through; prints what came of it.

Run as a program: ``kill_driver.py DATA_DIR KILLS SEED [EACH]``. With EACH, every node is killed so many times while it
runs, at a random instant of it; else the server is killed KILLS times at any instant. The server is a fork of this
process, which has imported everything and started nothing; its database, checkpoints, events and artefacts are the real
ones. The agents that would take long are scripted; each node writes a line when it begins and one when it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import langgraph.checkpoint.sqlite.aio
import langgraph.graph  # noqa: F401 - imported before the forks, so that each costs little

import backend.compute.pool  # noqa: F401 - the same
from backend.agents.conversational_agent import understand
from backend.api.services import open_services
from backend.config.settings import Settings
from backend.design import get_family
from backend.errors import ConflictError
from backend.orchestration import nodes, release, review
from tests.integration.scripted import BRACKET, Fixed, Geometry, Structural, install

MODULES = {"release": release, "approve_release": release, "quality_review": review}  # the others are in ``nodes``
NODES = (
    "gather", "plan", "geometry", "validate_geometry", "physics", "verify", "release", "approve_release",
    "manufacture", "document", "quality_review",
)  # fmt: skip
SPAN_S = 0.02  # how long a node takes at least, so that there is an instant to be killed at


class Patch:
    """What :func:`install` needs of pytest's monkeypatch, for a process that ends anyway."""

    @staticmethod
    def setitem(mapping, key, value):
        mapping[key] = value

    @staticmethod
    def setattr(target, value):
        module, cls, name = target.rsplit(".", 2)
        setattr(getattr(sys.modules[module], cls), name, value)


def recorded(name, node, log):
    """The node, with a line in ``log`` when it begins and when it ends."""

    @functools.wraps(node)
    async def told(state):
        line(log, f"begin {name}")
        update = await node(state)
        await asyncio.sleep(SPAN_S)
        line(log, f"end {name}")
        return update

    return told


def line(log, text):
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{os.getpid()} {text}\n".encode())
    os.close(handle)


class Document(Fixed):
    async def run(self, params, **kwargs):
        out = Path(params["out_dir"])
        (out / "model.glb").write_bytes(b"glTF-model")
        return {"summary": "wrote", "files": {"glb": str(out / "model.glb")}}


def agents():
    return {
        "GeometryAgent": Geometry(delay_s=0.02),
        "StructuralAgent": Structural(1.5, delay_s=0.04),
        "ManifoldAgent": Fixed("ManifoldAgent", {"status": "success", "summary": "closed"}),
        "ManufacturingAgent": Fixed(
            "ManufacturingAgent", {"status": "success", "summary": "1 part", "bom": {}, "components": {}, "plan": {}}
        ),
        "DocumentAgent": Document("DocumentAgent", {}),
    }


async def serve(settings, project_id, ready):
    """One life of the server: start the run, or find it and go on; end when it has ended."""
    async with open_services(settings) as services:
        os.write(ready, b"1")
        store = services.projects.store
        try:
            store.project(project_id)
            run = store.latest_run(project_id)
        except Exception:
            run = None
        if run is None:
            run = await services.projects.start(BRACKET, project_id=project_id, approve_release=True)
        for _ in range(10_000):
            await asyncio.sleep(0.005)
            status = store.run(run["id"])["status"]
            if status == "waiting":  # the person, whose word is given as often as it is asked for
                with contextlib.suppress(ConflictError):
                    await services.projects.start(None, project_id=project_id, approval="approved")
            elif status not in ("queued", "running"):
                break
        await asyncio.sleep(0.02)


def life(settings, project_id, log):
    """Fork a server; returns its pid once it serves."""
    seen, ready = os.pipe()
    pid = os.fork()
    if pid:
        os.close(ready)
        os.read(seen, 1)
        os.close(seen)
        return pid
    code = 1
    try:
        install(Patch, **agents())
        for name in NODES:
            module = MODULES.get(name, nodes)
            setattr(module, f"{name}_node", recorded(name, getattr(module, f"{name}_node"), log))
        asyncio.run(serve(settings, project_id, ready))
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def wait(pid, seconds):
    """Exit status of the process within some time, or None."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    return None


def outcome(settings, project_id):
    """What the run came to: the state without what may differ, its events, its revisions."""
    from backend.artifacts import ArtifactStore
    from backend.db import ProjectStore, open_database
    from backend.db.events import SqlEventLog

    engine = open_database(settings.database)
    store = ProjectStore(engine)
    revisions = store.list_revisions(project_id)
    state = ArtifactStore(settings.artifacts_dir).get_json(revisions[-1]["state"]) if revisions else {}
    if state:
        state["core"]["project_id"] = ""
        for report in state["physics"]["sub_agent_reports"].values():
            report["elapsed_s"] = 0.0
    events = SqlEventLog(engine, ValueError).read(project_id, 0, 100_000)
    run = store.latest_run(project_id)
    engine.dispose()
    return {"state": state, "events": events, "revisions": len(revisions), "status": run and run["status"]}


def repeats(log):
    """For each life but the first: how many nodes it ran that an earlier life had finished."""
    finished, lives = set(), {}
    ended_by = {}
    for entry in Path(log).read_text().splitlines():
        pid, what, name = entry.split()
        lives.setdefault(pid, [])
        if what == "begin" and name in finished and ended_by[name] != pid:
            lives[pid].append(name)
        if what == "end":
            finished.add(name)
            ended_by.setdefault(name, pid)
    return [len(names) for names in lives.values()]


def kill_within(pid, log, node, chance):
    """Kill a life while that node runs, at a random instant of it; False where the life ended first."""
    wanted, deadline = f"{pid} begin {node}\n", time.monotonic() + 60
    while time.monotonic() < deadline:
        if log.exists() and wanted in log.read_text():
            time.sleep(chance.uniform(0.0, SPAN_S))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return True
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0, status
            return False
        time.sleep(0.001)
    raise SystemExit(f"{node} did not begin within a minute")


def hold(report, settings, project_id, log, reference):
    """Add what came of a run to the report."""
    found = outcome(settings, project_id)
    report["projects"] += 1
    report["same"] += found["state"] == reference["state"]
    seqs = [event["seq"] for event in found["events"]]
    report["lost_or_disordered"] += seqs != list(range(1, len(seqs) + 1))
    report["revisions"].append(found["revisions"])
    report["statuses"].append(found["status"])
    report["repeated"] += repeats(log) if log.exists() else []
    report["last_event"].append(found["events"][-1]["kind"])


def at_any_instant(report, settings, root, kills, chance, length, reference):
    """Runs that are killed at random instants, until there were so many kills."""
    number = 0
    while report["kills"] < kills:
        project_id, log = f"k{number}", root / f"k{number}.log"
        number += 1
        for _ in range(40):
            pid = life(settings, project_id, log)
            status = wait(pid, chance.uniform(0.0, 0.6 * length))
            if status is None:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                report["kills"] += 1
            elif status == 0:
                break
            else:
                raise SystemExit(f"a life of the server ended with {status}")
        hold(report, settings, project_id, log, reference)


def in_each_node(report, settings, root, times, chance, reference):
    """Runs that are killed once in each node, until each node was killed so many times.

    On a busy machine a kill can come late, when the next node is over too: a further run makes up for that one.
    """
    report["by_node"] = dict.fromkeys(NODES, 0)
    for number in range(2 * times + 10):
        wanted = [node for node in NODES if report["by_node"][node] < times]
        if not wanted:
            break
        project_id, log = f"n{number}", root / f"n{number}.log"
        for node in wanted:
            pid = life(settings, project_id, log)
            if kill_within(pid, log, node, chance):
                report["kills"] += 1
                report["by_node"][node] += 1
        pid = life(settings, project_id, log)
        status = wait(pid, 60)
        if status != 0:
            raise SystemExit(f"the last life of the server ended with {status}")
        hold(report, settings, project_id, log, reference)


def main():
    root, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    settings = Settings(brick_data_dir=root)
    get_family("l_bracket").kcl(get_family("l_bracket").size(understand(BRACKET)))  # read the data once, for all lives
    pid = life(settings, "reference", root / "reference.log")
    begun = time.monotonic()
    assert wait(pid, 60) == 0
    length = time.monotonic() - begun
    reference = outcome(settings, "reference")
    report = {"kills": 0, "projects": 0, "length_s": length, "same": 0, "lost_or_disordered": 0, "revisions": []}
    report |= {"statuses": [], "repeated": [], "last_event": []}
    if len(sys.argv) > 4:
        in_each_node(report, settings, root, int(sys.argv[4]), chance, reference)
    else:
        at_any_instant(report, settings, root, kills, chance, length, reference)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
