"""Kills a server process at random instants, again and again, until its runs are through; prints what came of it.

Run as a program: ``kill_driver.py DATA_DIR KILLS SEED [EACH]``. With EACH, every node of the graph is killed so many
times while it runs, at a random instant of it; else the server is killed KILLS times at any instant. The server is a
fork of this process, which has imported everything and started nothing; its database, checkpoints, events and artefacts
are the real ones. The agents that would take long are scripted; each node writes a line when it begins and ends.

Two itineraries lead through all nodes: a bracket whose plan waits, fails once, is repaired, waits for its release and
is handed over; and a part that a language model proposes in two rounds, with a stand-in over HTTP.
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

import langgraph.checkpoint.sqlite.aio  # these are imported before the forks: each then costs little
import langgraph.graph  # noqa: F401
import pydantic_ai.models.groq  # noqa: F401

import backend.compute.pool  # noqa: F401
from backend.agents.conversational_agent import understand
from backend.agents.inventor_agent import InventorAgent
from backend.api.services import open_services
from backend.config.settings import get_settings
from backend.design import get_family
from backend.errors import ConflictError
from backend.orchestration import invention, nodes, release, review
from tests.integration.scripted import BRACKET, Fixed, Geometry, fe_check, install
from tests.integration.test_open_ended_design import BRIEF, READING, program
from tests.llm_standin import Fill, StandIn

MODULES = {
    "release": release,
    "approve_release": release,
    "quality_review": review,
    "invent": invention,
}  # fmt: skip - the others are in ``nodes``
NODES = (
    "gather", "plan", "approve", "geometry", "validate_geometry", "physics", "verify", "repair", "release",
    "approve_release", "manufacture", "document", "quality_review",
)  # fmt: skip
INVENT = "invent"
SPAN_S = 0.02  # how long a node takes at least, so that there is an instant to be killed at
PATIENCE = 15  # kills of one run at any instant; after 20 at one step a run is given up, by design


class Patch:
    """What :func:`install` needs of pytest's monkeypatch, for a process that ends anyway."""

    @staticmethod
    def setitem(mapping, key, value):
        mapping[key] = value

    @staticmethod
    def setattr(target, value):
        module, cls, name = target.rsplit(".", 2)
        setattr(getattr(sys.modules[module], cls), name, value)


def recorded(name, node, root):
    """The node, with a line in its project's log when it begins and when it ends."""

    @functools.wraps(node)
    async def told(state):
        run = state["run"]
        proposed = run["invention"] or {"stage": "read", "rounds": []}
        visit = f"{name}.{len(run['history'])}.{proposed['stage']}.{len(proposed['rounds'])}"
        log = root / f"{state['core']['project_id']}.log"
        line(log, f"begin {name} {visit}")
        update = await node(state)
        await asyncio.sleep(SPAN_S)
        line(log, f"end {name} {visit}")
        return update

    return told


def line(log, text):
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(handle, f"{os.getpid()} {text}\n".encode())
    os.close(handle)


class Solid(Geometry):
    """The same in every life of the server."""

    async def run(self, params, **kwargs):
        self.calls = 0
        return await super().run(params, **kwargs)


class Weak(Fixed):
    """Finds the part as it was sized first too weak, and what was made thicker strong enough."""

    async def run(self, params, **kwargs):
        await asyncio.sleep(0.04)
        sizes = params["scheme"]["parameters"]
        factor = 1.5 if "thickness" not in sizes or sizes["thickness"]["value"] > 11.5 else 1.1
        return {
            "status": "success" if factor >= 1.2 else "failure",
            "summary": f"safety factor {factor}",
            "checks": [fe_check(factor)],
            "predictions": {"stress": 100.0 / factor},
        }


class Document(Fixed):
    async def run(self, params, **kwargs):
        out = Path(params["out_dir"])
        (out / "model.glb").write_bytes(b"glTF-model")
        return {"summary": "wrote", "files": {"glb": str(out / "model.glb")}}


def agents():
    return {
        "GeometryAgent": Solid(delay_s=0.02),
        "StructuralAgent": Weak("StructuralAgent", {}),
        "ManifoldAgent": Fixed("ManifoldAgent", {"status": "success", "summary": "closed"}),
        "ManufacturingAgent": Fixed(
            "ManufacturingAgent", {"status": "success", "summary": "1 part", "bom": {}, "components": {}, "plan": {}}
        ),
        "DocumentAgent": Document("DocumentAgent", {}),
    }


def proposal(seen):
    """What the stand-in answers: the reading, a program that is too small, and the one that was asked for."""
    tool = next(tool for tool in seen.body["tools"] if "final_result" in tool["function"]["name"])
    if "kcl" not in tool["function"]["parameters"]["properties"]:
        return Fill(READING)
    mended = "acrossFlats = 12.0" in json.dumps(seen.body)
    return Fill({"kcl": program() if mended else program(across=12.0)})


def model_server():
    """The stand-in, in a process of its own; returns its pid and address."""
    seen, told = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        url = os.read(seen, 100).decode()
        return pid, url
    with StandIn(*[proposal] * 100_000) as standin:
        os.write(told, standin.url.encode())
        signal.pause()
    os._exit(0)


async def tried(self, code, intent):
    """In place of the compiler: the measures of the programs that the stand-in writes."""
    good = "acrossFlats = 13.0" in code
    told = "1 solid, 13 mm across" if good else "1 solid, 12 mm across"
    return {"good": good, "compiles": True, "outcome": told, "feedback": told}


async def no_pictures(self, last):
    return []


async def serve(settings, project_id, ready):
    """One life of the server: start the run, or find it and go on; end when it has ended."""
    invented = project_id.startswith("i")
    async with open_services(settings) as services:
        os.write(ready, b"1")
        store = services.projects.store
        try:
            store.project(project_id)
            run = store.latest_run(project_id)
        except Exception:
            run = None
        if run is None:
            brief, mode = (BRIEF, "execute") if invented else (BRACKET, "plan")
            run = await services.projects.start(brief, project_id=project_id, mode=mode, approve_release=True)
        for _ in range(10_000):
            await asyncio.sleep(0.005)
            status = store.run(run["id"])["status"]
            if status == "waiting":  # the person, whose word is given as often as it is asked for
                with contextlib.suppress(ConflictError):
                    await services.projects.start(None, project_id=project_id, approval="approved", mode="plan")
            elif status not in ("queued", "running"):
                break
        await asyncio.sleep(0.02)


def life(settings, project_id, root):
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
        InventorAgent._try, InventorAgent._pictures = tried, no_pictures
        for name in (*NODES, INVENT):
            module = MODULES.get(name, nodes)
            setattr(module, f"{name}_node", recorded(name, getattr(module, f"{name}_node"), root))
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
    """For each life but the first: how many visits of nodes it made again that an earlier life had finished.

    A node that waits for a person begins twice in one visit: when it asks, and when the word is there.
    """
    lives, ended_by = {}, {}
    for entry in Path(log).read_text().splitlines():
        pid, what, _, visit = entry.split()
        lives.setdefault(pid, set())
        if what == "begin" and ended_by.get(visit, pid) != pid:
            lives[pid].add(visit)
        if what == "end":
            ended_by.setdefault(visit, pid)
    return [len(visits) for visits in lives.values()]


def kill_within(pid, log, node, chance, which=1):
    """Kill a life while it runs that node for the ``which``-th time, at a random instant; False if it ended first."""
    wanted, deadline = f"{pid} begin {node} ", time.monotonic() + 60
    while time.monotonic() < deadline:
        if log.exists() and log.read_text().count(wanted) >= which:
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


def to_the_end(settings, project_id, root):
    """A last life, which nobody kills."""
    pid = life(settings, project_id, root)
    status = wait(pid, 120)
    if status != 0:
        raise SystemExit(f"the last life of the server ended with {status}")


def hold(report, settings, project_id, root, reference):
    """Add what came of a run to the report."""
    found, log = outcome(settings, project_id), root / f"{project_id}.log"
    report["projects"] += 1
    report["same"] += found["state"] == reference["state"]
    seqs = [event["seq"] for event in found["events"]]
    report["lost_or_disordered"] += seqs != list(range(1, len(seqs) + 1))
    report["revisions"].append([found["revisions"], reference["revisions"]])
    report["statuses"].append(found["status"])
    report["repeated"] += repeats(log) if log.exists() else []
    report["last_event"].append(found["events"][-1]["kind"])


def at_any_instant(report, settings, root, kills, chance, length, reference):
    """Runs that are killed at random instants, until there were so many kills."""
    number = 0
    while report["kills"] < kills:
        project_id = f"k{number}"
        number += 1
        for _ in range(PATIENCE):
            pid = life(settings, project_id, root)
            status = wait(pid, chance.uniform(0.0, 0.6 * length))
            if status is None:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                report["kills"] += 1
            elif status == 0:
                break
            else:
                raise SystemExit(f"a life of the server ended with {status}")
        else:
            to_the_end(settings, project_id, root)
        hold(report, settings, project_id, root, reference)


def in_each_node(report, settings, root, times, chance, references):
    """Runs that are killed once in each node, until each node was killed so many times.

    A node that waits for a person is killed as it begins to wait, or when the word has come; that of a language model
    in each of its rounds. On a busy machine a kill can come late, when the next node is over too: a further run makes
    up for that one.
    """
    report["by_node"] = dict.fromkeys((*NODES, INVENT), 0)
    for itinerary, those, steps in (("n", NODES, 1), ("i", (INVENT,), 3)):
        for number in range(2 * times + 10):
            wanted = [node for node in those if report["by_node"][node] < times]
            if not wanted:
                break
            project_id = f"{itinerary}{number}"
            for step, node in enumerate(wanted * steps):
                if report["by_node"][node] >= times:
                    break
                which = chance.choice((1, 2)) if node.startswith("approve") else min(step + 1, 2) if steps > 1 else 1
                pid = life(settings, project_id, root)
                if kill_within(pid, root / f"{project_id}.log", node, chance, which):
                    report["kills"] += 1
                    report["by_node"][node] += 1
            to_the_end(settings, project_id, root)
            hold(report, settings, project_id, root, references[itinerary])


def undisturbed(settings, project_id, root):
    to_the_end(settings, project_id, root)
    return outcome(settings, project_id)


def main():
    root, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    model, url = model_server()
    os.environ |= {
        "BRICK_DATA_DIR": str(root),
        "BRICK_LLM_PROVIDER": "groq",
        "GROQ_API_KEY": "gsk_test_0123456789abcdef",
        "BRICK_LLM_BASE_URLS": json.dumps({"groq": url}),
    }
    get_settings.cache_clear()
    settings = get_settings()
    get_family("l_bracket").kcl(get_family("l_bracket").size(understand(BRACKET)))  # read the data once, for all lives
    try:
        begun = time.monotonic()
        reference = undisturbed(settings, "reference", root)
        length = time.monotonic() - begun
        report = {"kills": 0, "projects": 0, "length_s": length, "same": 0, "lost_or_disordered": 0, "revisions": []}
        report |= {"statuses": [], "repeated": [], "last_event": []}
        if len(sys.argv) > 4:
            references = {"n": reference, "i": undisturbed(settings, "invented", root)}
            in_each_node(report, settings, root, int(sys.argv[4]), chance, references)
        else:
            at_any_instant(report, settings, root, kills, chance, length, reference)
    finally:
        os.kill(model, signal.SIGKILL)
        os.waitpid(model, 0)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
