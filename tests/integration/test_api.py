"""The HTTP interface over the real application: real database, checkpoints, events; scripted engine and solver."""

import asyncio
import json

import httpx
import pytest

from backend.config.settings import Settings
from backend.errors import CompileError
from backend.main import create_app
from tests.integration.scripted import BRACKET, Fixed, Geometry, install


class Document(Fixed):
    """Hands over the GLB and a report."""

    def __init__(self):
        super().__init__("DocumentAgent", {})

    async def run(self, params, **kwargs):
        from pathlib import Path

        self.calls += 1
        out = Path(params["out_dir"])
        (out / "model.glb").write_bytes(b"glTF-model")
        (out / "report.html").write_text("<p>report</p>")
        return {"summary": "wrote", "files": {"glb": str(out / "model.glb"), "report": str(out / "report.html")}}


@pytest.fixture
def settings(tmp_path):
    return Settings(brick_data_dir=tmp_path / "data")


@pytest.fixture
def agents(monkeypatch):
    return install(monkeypatch, DocumentAgent=Document())


class Server:
    """The application with its lifespan, as one process of the server."""

    def __init__(self, settings, token=None, client=("127.0.0.1", 5000)):
        self.app = create_app(token, settings)
        transport = httpx.ASGITransport(app=self.app, client=client, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=120)

    async def __aenter__(self):
        self.lifespan = self.app.router.lifespan_context(self.app)
        await self.lifespan.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self.http.aclose()
        await self.lifespan.__aexit__(*error)

    async def run(self, **body):
        return await self.http.post("/api/orchestrator/run", json=body)

    async def until(self, project_id, *statuses):
        for _ in range(3000):
            state = (await self.http.get(f"/api/state/{project_id}")).json()
            if state["status"] in statuses:
                return state
            await asyncio.sleep(0.02)
        raise AssertionError(f"{project_id} is {state['status']}, waited for {statuses}")


@pytest.fixture
async def server(settings, agents):
    async with Server(settings) as server:
        yield server


async def test_health_says_what_works(server):
    body = (await server.http.get("/api/health")).json()
    assert body["status"] == "ok"
    assert body["llm_provider"] == "offline"
    assert body["sessions"] == {"store": "SqliteSessionStore", "reachable": True}


async def test_language_models_are_listed_with_what_each_lacks(server):
    body = (await server.http.get("/api/llm")).json()
    assert body["chosen"] == "offline"
    rows = {row["name"]: row for row in body["providers"]}
    assert set(rows) == {
        "offline", "groq", "openai", "gemini", "kimi", "anthropic", "ollama", "openai_compatible"
    }  # fmt: skip
    assert rows["offline"]["ready"]
    assert "GROQ_API_KEY" in rows["groq"]["why"]
    assert "BRICK_LLM_BASE_URL" in rows["openai_compatible"]["why"]


async def test_a_run_answers_with_verdict_model_and_predictions(server):
    response = await server.run(user_intent=BRACKET, project_id="b", mode="execute")
    body = response.json()
    assert response.status_code == 200
    assert (body["project_id"], body["status"], body["error"]) == ("b", "done", None)
    assert body["verdict"] in ("pass", "not verified")
    assert body["physics_predictions"]["stress"] == pytest.approx(100 / 1.5)
    model = await server.http.get(f"/api/geometry/model/{body['model_id']}")
    assert (model.content, model.headers["content-type"]) == (b"glTF-model", "model/gltf-binary")
    assert "immutable" in model.headers["cache-control"]
    report = await server.http.get(body["final_documentation"])
    assert report.text == "<p>report</p>"
    assert "default-src 'none'" in report.headers["content-security-policy"]


async def test_the_state_is_nested_and_holds_no_path_of_this_machine(server, settings):
    await server.run(user_intent=BRACKET, project_id="b")
    state = (await server.http.get("/api/state/b")).json()
    assert state["core"]["user_intent"] == BRACKET
    assert state["design"]["design_scheme"]["family"] == "l_bracket"
    assert state["final_documentation"]
    assert str(settings.data_dir) not in json.dumps({key: state[key] for key in ("geometry", "files", "physics")})


async def test_a_report_is_not_served_as_a_model(server):
    body = (await server.run(user_intent=BRACKET)).json()
    response = await server.http.get(f"/api/geometry/model/{body['files']['report']}")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


async def test_a_run_can_go_on_in_the_background(server, agents):
    agents["StructuralAgent"].delay_s = 0.2
    response = await server.run(user_intent=BRACKET, project_id="b", wait=False)
    assert response.status_code == 202
    assert response.json()["status"] in ("queued", "running")
    again = await server.run(user_intent=BRACKET, project_id="b")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    state = await server.until("b", "done")
    assert state["model_id"]


async def test_waiting_ends_when_its_time_is_up_and_the_run_goes_on(server, agents):
    agents["StructuralAgent"].delay_s = 0.6
    response = await server.run(user_intent=BRACKET, project_id="b", timeout_s=0.1)
    assert response.status_code == 202
    assert (await server.until("b", "done"))["verdict"]


async def test_open_questions_are_answered_in_a_second_call(server):
    brief = "A shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, four 1/2 in holes"
    body = (await server.run(user_intent=brief, project_id="q")).json()
    assert body["status"] == "questions"
    assert body["questions"][0]["id"] == "material"
    assert body["verdict"] is None
    body = (await server.run(project_id="q", answers={"material": "6061-T6"})).json()
    assert (body["status"], body["questions"]) == ("done", [])


async def test_a_plan_waits_for_approval_and_goes_on(server, agents):
    body = (await server.run(user_intent=BRACKET, project_id="p", mode="plan")).json()
    assert (body["status"], body["approval_required"]) == ("waiting", True)
    assert agents["GeometryAgent"].calls == 0
    stays = await server.run(project_id="p", mode="plan")
    assert stays.json()["code"] == "conflict"
    body = (await server.run(project_id="p", approval="approved", mode="plan")).json()
    assert (body["status"], body["approval_required"]) == ("done", False)
    assert agents["GeometryAgent"].calls == 1


async def test_execute_approves_a_waiting_plan(server, agents):
    await server.run(user_intent=BRACKET, project_id="p", mode="plan")
    assert (await server.run(project_id="p", mode="execute")).json()["status"] == "done"


async def test_a_refused_plan_is_over(server, agents):
    await server.run(user_intent=BRACKET, project_id="p", mode="plan")
    body = (await server.run(project_id="p", approval="rejected", mode="plan")).json()
    assert body["status"] == "rejected"
    assert agents["GeometryAgent"].calls == 0


async def test_a_waiting_plan_survives_a_restart(settings, agents):
    async with Server(settings) as first:
        await first.run(user_intent=BRACKET, project_id="p", mode="plan")
    async with Server(settings) as second:
        assert (await second.http.get("/api/state/p")).json()["status"] == "waiting"
        assert (await second.run(project_id="p", mode="execute")).json()["status"] == "done"
    assert agents["GeometryAgent"].calls == 1


async def test_a_run_that_a_stopped_server_left_is_finished_by_the_next_and_nothing_done_is_done_again(
    settings, agents
):
    agents["StructuralAgent"].delay_s = 5.0
    async with Server(settings) as first:
        await first.run(user_intent=BRACKET, project_id="r", wait=False)
        for _ in range(1000):
            if agents["StructuralAgent"].calls:
                break
            await asyncio.sleep(0.02)
        assert agents["GeometryAgent"].calls == 1
    agents["StructuralAgent"].delay_s = 0.0
    async with Server(settings) as second:
        state = await second.until("r", "done")
        events = (await second.http.get("/api/projects/r/events")).json()["events"]
        revisions = (await second.http.get("/api/projects/r/revisions")).json()
    assert state["verdict"]
    assert agents["GeometryAgent"].calls == 1  # done before the stop, not done again
    assert agents["StructuralAgent"].calls == 2  # the one in flight
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert any(event["text"] == "resumed after an interruption" for event in events)
    assert len(revisions["revisions"]) == 1


async def test_a_run_can_be_cancelled(server, agents):
    agents["StructuralAgent"].delay_s = 30.0
    await server.run(user_intent=BRACKET, project_id="c", wait=False)
    for _ in range(1000):
        if agents["StructuralAgent"].calls:
            break
        await asyncio.sleep(0.02)
    body = (await server.http.post("/api/orchestrator/cancel", json={"project_id": "c"})).json()
    assert body["status"] == "cancelled"
    again = await server.http.post("/api/orchestrator/cancel", json={"project_id": "c"})
    assert again.json()["code"] == "conflict"
    agents["StructuralAgent"].delay_s = 0.0
    assert (await server.run(project_id="c")).json()["status"] == "done"  # and it can be started anew


async def test_a_failed_run_tells_why(server, agents, monkeypatch):
    install(monkeypatch, GeometryAgent=Geometry(fails=CompileError("fillet too large", next_action="Smaller.")))
    body = (await server.run(user_intent=BRACKET, project_id="f")).json()
    assert body["status"] == "failed"
    assert body["error"]["message"] == "fillet too large"
    assert body["error"]["next_action"] == "Smaller."
    assert body["model_id"] is None


async def test_history_grows_and_nothing_is_overwritten(server):
    first = (await server.run(user_intent=BRACKET, project_id="h")).json()
    await server.run(user_intent=BRACKET.replace("300 lb", "200 lb"), project_id="h")
    history = (await server.http.get("/api/projects/h/revisions")).json()
    one, two = history["revisions"]
    assert (one["number"], two["number"], two["parent"]) == (1, 2, one["id"])
    assert history["head"] == two["id"]
    assert one["figures"]["mass_g"] is not None
    assert one["state"] != two["state"]
    assert (await server.http.get(f"/api/geometry/model/{first['model_id']}")).status_code == 200


async def test_revisions_are_compared_rewound_and_forked(server, agents):
    lighter = BRACKET.replace("300 lb", "200 lb")
    await server.run(user_intent=BRACKET, project_id="h")
    await server.run(user_intent=lighter, project_id="h")
    diff = (await server.http.get("/api/projects/h/diff")).json()
    assert diff["parameters"]["thickness"]["new"] < diff["parameters"]["thickness"]["old"]
    assert any(line.startswith("-") and "thickness" in line.lower() for line in diff["kcl"].splitlines())
    same = (await server.http.get("/api/projects/h/diff", params={"old": "1", "new": "1"})).json()
    assert (same["parameters"], same["kcl"], same["margins"]) == ({}, "", {})

    await server.http.post("/api/projects/h/rewind", json={"revision": "previous"})
    assert (await server.http.get("/api/state/h")).json()["core"]["user_intent"] == BRACKET
    await server.run(project_id="h")  # designs on from the first brief
    tree = (await server.http.get("/api/projects/h/revisions")).json()["revisions"]
    assert [revision["parent"] for revision in tree] == [None, tree[0]["id"], tree[0]["id"]]

    request = {"revision": "2", "new_project_id": "branch"}
    assert (await server.http.post("/api/projects/h/fork", json=request)).json()["project_id"] == "branch"
    assert (await server.http.get("/api/state/branch")).json()["core"]["user_intent"] == lighter
    listed = {row["id"]: row for row in (await server.http.get("/api/projects")).json()["projects"]}
    assert listed["branch"]["name"] == f"{' '.join(lighter.split())[:80]}, fork of revision 2"
    assert listed["branch"]["figures"] == tree[1]["figures"]
    again = await server.http.post("/api/projects/h/fork", json=request)
    assert again.json()["code"] == "conflict"
    missing = await server.http.get("/api/projects/h/revisions/9")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_events_are_read_with_a_cursor(server):
    await server.run(user_intent=BRACKET, project_id="e")
    first = (await server.http.get("/api/projects/e/events", params={"limit": 5})).json()
    rest = (await server.http.get("/api/projects/e/events", params={"since": first["cursor"]})).json()
    seqs = [event["seq"] for event in first["events"] + rest["events"]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert rest["events"][-1]["kind"] == "done"


async def test_thoughts_of_a_project_are_read_by_many(server):
    await server.run(user_intent=BRACKET, project_id="t")
    for _ in range(2):
        body = (await server.http.get("/api/agents/thoughts", params={"project_id": "t"})).json()
        assert any(thought["agent"] == "DesignAgent" for thought in body["thoughts"])
    after = await server.http.get("/api/agents/thoughts", params={"project_id": "t", "since": body["cursor"]})
    assert after.json()["thoughts"] == []
    assert (await server.http.get("/api/agents/thoughts")).json()["thoughts"]  # the seed's polling
    assert (await server.http.get("/api/agents/thoughts")).json()["thoughts"] == []


async def test_agents_are_listed(server):
    names = {agent["name"] for agent in (await server.http.get("/api/agents")).json()["agents"]}
    assert {"GeometryAgent", "StructuralAgent", "ConversationalAgent"} <= names


async def test_a_conversation_settles_a_brief_one_question_at_a_time(server):
    brief = "A shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, four 1/2 in holes"
    request = {
        "message": brief,
        "conversation_history": [],
        "user_intent": brief,
        "mode": "requirements_gathering",
        "ai_model": "groq",
        "session_id": "s1",
    }
    body = (await server.http.post("/api/chat/requirements", json=request)).json()
    assert (body["session_id"], body["ready"]) == ("s1", False)
    assert body["question"]["id"] == "material"
    assert body["question"]["text"] in body["reply"]
    body = (await server.http.post("/api/chat/requirements", json={**request, "message": "6061-T6"})).json()
    assert body["ready"] is True
    assert "6061" in body["intent"]["material"]
    assert [m["role"] for m in body["conversation_history"]] == ["user", "assistant"] * 2


async def test_a_settled_conversation_is_designed(server):
    brief = "A shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, four 1/2 in holes"
    for message in (brief, "6061-T6"):
        await server.http.post("/api/chat/requirements", json={"message": message, "session_id": "s3"})
    body = (await server.run(session_id="s3", project_id="c")).json()
    assert (body["status"], body["questions"]) == ("done", [])
    missing = await server.run(session_id="none")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_a_conversation_survives_a_restart(settings, agents):
    brief = "A shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, four 1/2 in holes"
    for message in (brief, "6061-T6"):
        async with Server(settings) as server:
            request = {"message": message, "user_intent": brief, "session_id": "s2"}
            body = (await server.http.post("/api/chat/requirements", json=request)).json()
    assert body["ready"] is True


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/api/orchestrator/run", {}, 422, "empty_brief"),
        ("POST", "/api/orchestrator/run", {"user_intent": "x", "mode": "dream"}, 422, "bad_request"),
        ("POST", "/api/orchestrator/run", {"user_intent": "x", "project_id": "../etc"}, 422, "bad_input"),
        ("POST", "/api/orchestrator/run", {"user_intent": "x" * 20_001}, 422, "bad_request"),
        ("POST", "/api/orchestrator/cancel", {"project_id": "none"}, 404, "not_found"),
        ("GET", "/api/state/none", None, 404, "not_found"),
        ("GET", "/api/projects/none/events", None, 404, "not_found"),
        ("GET", "/api/geometry/model/none", None, 404, "not_found"),
        ("GET", "/api/geometry/model/" + "0" * 64, None, 404, "not_found"),
        ("POST", "/api/chat/requirements", {"message": "", "user_intent": ""}, 422, "empty_message"),
        ("POST", "/api/chat/requirements", {"message": "x", "session_id": "a b"}, 422, "bad_session_id"),
        ("GET", "/api/nothing", None, 404, "not_found"),
        ("DELETE", "/api/health", None, 405, "method_not_allowed"),
    ],
)
async def test_errors_have_a_code_words_and_a_next_action(server, method, path, body, status, code):
    response = await server.http.request(method, path, json=body)
    assert response.status_code == status
    assert response.json()["code"] == code
    assert response.json()["message"]
    assert response.json()["next_action"]
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("path", "body", "where", "words"),
    [
        (
            "/api/orchestrator/run",
            {"user_intent": "x", "aprove_release": True},
            "body",
            "no key 'aprove_release'; did you mean 'approve_release'?",
        ),
        ("/api/orchestrator/cancel", {"project_id": "p", "zzz": 1}, "body", "no key 'zzz'; the keys are project_id"),
        ("/api/design/recompute", {"project_id": "p", "paramters": {}}, "body", "did you mean 'parameters'?"),
        ("/api/geometry/looks/x/measure", {"a": {"fase": 1}, "b": {"edge": 2}}, "body.a", "did you mean 'face'?"),
        ("/api/projects/p/studies", {"study": {}, "revison": "1"}, "body", "did you mean 'revision'?"),
        ("/api/chat/requirements", {"message": "x", "sesion_id": "s"}, "body", "did you mean 'session_id'?"),
    ],
)
async def test_a_key_that_nobody_reads_is_refused_by_name(server, path, body, where, words):
    response = await server.http.post(path, json=body)
    told = response.json()
    assert (response.status_code, told["code"]) == (422, "bad_request")
    assert words in told["message"]
    assert told["details"][0]["where"] == where
    assert told["next_action"]


def test_no_request_passes_over_unknown_keys():
    schemas = create_app(Settings()).openapi()["components"]["schemas"]
    bodies = {name: what for name, what in schemas.items() if name not in ("HTTPValidationError", "ValidationError")}
    assert {"RunRequest", "Recompute", "Place", "NewStudy"} <= set(bodies)
    assert [name for name, what in bodies.items() if what.get("additionalProperties") is not False] == []


async def test_an_internal_failure_shows_no_trace(server, monkeypatch):
    async def broken(*args, **kwargs):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("backend.orchestration.projects.Projects.view", broken)
    response = await server.http.get("/api/state/x")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert "secret detail" not in response.text


async def test_metrics_are_there_for_prometheus(server):
    await server.run(user_intent=BRACKET)
    assert 'brick_agent_seconds_count{agent="DesignAgent"}' in (await server.http.get("/metrics")).text
    agents = (await server.http.get("/api/monitoring/performance")).json()["agents"]
    assert agents["StructuralAgent"]["p95"] >= 0


async def test_fifty_runs_at_once_all_end_and_lose_nothing(server, agents):
    names = [f"n{i}" for i in range(50)]
    await asyncio.gather(*(server.run(user_intent=BRACKET, project_id=name, wait=False) for name in names))
    for name in names:
        assert (await server.until(name, "done"))["verdict"]
        events = (await server.http.get(f"/api/projects/{name}/events")).json()["events"]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert events[-1]["kind"] == "done"
    assert agents["DocumentAgent"].calls == 50


async def test_what_was_said_is_part_of_the_revision(server):
    """A conversation is forgotten after a time; the revision that it led to keeps it, and what each word asked for."""
    for message in (BRACKET, "change the width to 8 in"):
        said = await server.http.post("/api/chat/requirements", json={"message": message, "session_id": "s"})
        assert said.json()["ready"]
    await server.run(session_id="s", project_id="p")
    kept = (await server.http.get("/api/state/p")).json()["core"]["conversation"]
    words = [item["text"] for item in kept["messages"] if item["role"] == "user"]
    assert words == [BRACKET, "change the width to 8 in"]
    asked = {row["requirement"]: row["message"] for row in kept["trace"]}
    assert kept["messages"][asked["width"]]["text"] == "change the width to 8 in"
    assert kept["messages"][asked["shelf_leg"]]["text"] == BRACKET
    await server.http.post("/api/design/say", json={"project_id": "p", "message": "make it 7 in wide"})
    longer = (await server.http.get("/api/state/p")).json()["core"]["conversation"]["messages"]
    assert longer == [*kept["messages"], {"role": "user", "text": "make it 7 in wide"}]
    await server.http.post("/api/projects/p/undo")
    assert (await server.http.get("/api/state/p")).json()["core"]["conversation"] == kept
    await server.run(project_id="p", answers={"safety_factor": "1.3"})  # the same words, once more
    assert (await server.http.get("/api/state/p")).json()["core"]["conversation"]["messages"][:4] == kept["messages"]


async def test_who_looks_at_a_project_is_told_when_another_goes_back(server):
    await server.run(user_intent=BRACKET, project_id="p")
    await server.run(user_intent=BRACKET.replace("300 lb", "150 lb"), project_id="p")
    bus = server.app.state.services.bus
    watcher = bus.subscribe("p", since=bus.last_seq("p"))
    for path, more in (("undo", {}), ("redo", {}), ("rewind", {"revision": "1"}), ("name", {"name": "light"})):
        answer = await server.http.post(f"/api/projects/p/{path}", json=more)
        assert answer.status_code == 200, answer.text
    told = [(await watcher.next(10))["text"] for _ in range(4)]
    assert told == [
        "back to revision 1",
        "back to revision 2",
        "back to revision 1",
        "revision 1 is named",
    ]
    watcher.close()
