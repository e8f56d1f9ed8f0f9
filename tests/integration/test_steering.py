"""A person in command of a run that is going: pause, resume, a message, one stage again, a limit in time."""

import asyncio

import pytest

from backend.config.settings import Settings
from backend.errors import TaskError
from tests.integration.scripted import BRACKET, Structural, install
from tests.integration.test_api import Document, Server


@pytest.fixture
def settings(tmp_path):
    return Settings(brick_data_dir=tmp_path / "data")


@pytest.fixture
def agents(monkeypatch):
    made = install(monkeypatch, DocumentAgent=Document())
    made["GeometryAgent"].delay_s = 0.3
    return made


async def begun(agent, calls=0):
    for _ in range(3000):
        if agent.calls > calls:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{agent.name} did not begin")


async def cleared(folder):
    for _ in range(3000):
        if not any(folder.iterdir()):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"left in {folder}: {list(folder.iterdir())}")


async def post(server, path, **body):
    answer = await server.http.post(f"/api/orchestrator/{path}", json=body)
    return {"http": answer.status_code, **answer.json()}


async def told(server, project_id="p"):
    events = (await server.http.get(f"/api/projects/{project_id}/events")).json()["events"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    return events


async def test_a_pause_ends_after_the_stage_in_flight_and_survives_a_restart(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        await begun(agents["GeometryAgent"])
        await post(server, "pause", project_id="p")
        state = await server.until("p", "paused")
        assert state["geometry"]["compiled"]  # what was in flight is finished and kept
        assert agents["StructuralAgent"].calls == 0
        again = await post(server, "run", user_intent=BRACKET, project_id="p")
        assert (again["http"], again["code"]) == (409, "conflict")
    async with Server(settings) as server:  # another process, days later
        await asyncio.sleep(0.1)
        assert (await server.until("p", "paused"))["status"] == "paused"
        await post(server, "resume", project_id="p")
        await server.until("p", "done")
        events = await told(server)
        twice = await post(server, "resume", project_id="p")
        assert (twice["http"], twice["details"]["status"]) == (409, "done")
    assert [agents[name].calls for name in ("GeometryAgent", "StructuralAgent", "DocumentAgent")] == [1, 1, 1]
    assert [e["text"] for e in events if e["kind"] == "status"][1:] == [
        "running", "pausing after this stage", "paused", "resumed", "resumed after an interruption",
    ]  # fmt: skip


async def test_a_pause_asked_of_another_server_reaches_the_run(settings, agents):
    async with Server(settings) as here, Server(settings) as there:
        await here.run(user_intent=BRACKET, project_id="p", wait=False)
        await begun(agents["GeometryAgent"])
        await post(there, "pause", project_id="p")
        await here.until("p", "paused")
        await post(there, "resume", project_id="p")  # and is taken up where it was resumed
        await here.until("p", "done")
    assert agents["GeometryAgent"].calls == 1


async def test_a_message_is_taken_in_at_the_next_node(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        await begun(agents["GeometryAgent"])
        await post(server, "steer", project_id="p", message="no, steel A36")
        state = await server.until("p", "done")
        events = await told(server)
    assert state["design"]["design_scheme"]["material"] == "steel_a36"
    assert agents["StructuralAgent"].calls == 1  # the aluminium one was never proven
    taken = [event["text"] for event in events if event["text"].startswith("taken in")]
    assert len(taken) == 1
    assert "A36" in taken[0]


async def test_a_message_moves_a_plan_that_waits(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", mode="plan")
        await post(server, "steer", project_id="p", message="no, steel A36")
        for _ in range(500):
            state = await server.until("p", "waiting", "queued", "running")
            if state["status"] == "waiting" and state["design"]["design_scheme"]["material"] == "steel_a36":
                break
            await asyncio.sleep(0.02)
        assert state["design"]["design_scheme"]["material"] == "steel_a36"
        assert agents["GeometryAgent"].calls == 0
        body = await post(server, "run", project_id="p", approval="approved", mode="plan")
        assert body["status"] == "done"


async def test_a_message_to_a_paused_run_waits_until_it_is_resumed(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        await begun(agents["GeometryAgent"])
        await post(server, "pause", project_id="p")
        await server.until("p", "paused")
        for message in ("no, steel A36", "make it 7 in wide"):
            assert (await post(server, "steer", project_id="p", message=message))["status"] == "paused"
    async with Server(settings) as server:  # another process, days later: it isn't taken for a run to go on with
        await asyncio.sleep(0.5)
        assert (await server.until("p", "paused"))["status"] == "paused"
        assert agents["GeometryAgent"].calls == 1
        assert agents["StructuralAgent"].calls == 0
        await post(server, "resume", project_id="p")
        state = await server.until("p", "done")
        texts = [event["text"] for event in await told(server)]
    assert state["design"]["design_scheme"]["material"] == "steel_a36"
    assert state["design"]["design_parameters"]["width"]["value"] == pytest.approx(7 * 25.4)
    assert agents["StructuralAgent"].calls == 1  # the aluminium one was never proven
    assert "message: no, steel A36 (taken in when the run is resumed)" in texts
    assert texts.index("resumed") < next(i for i, text in enumerate(texts) if text.startswith("taken in"))


async def test_a_message_that_says_nothing_is_told_and_the_run_goes_on(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        await begun(agents["GeometryAgent"])
        body = await post(server, "steer", project_id="p", message=" ")
        assert (body["http"], body["code"]) == (422, "bad_input")
        state = await server.until("p", "done")
    assert state["design"]["design_scheme"]["material"] == "aluminium_6061_t6"


async def test_a_stage_that_failed_is_done_again_and_nothing_before_it(settings, agents, monkeypatch):
    crash = TaskError("the worker died", next_action="Again.", code="task_crashed")
    flaky = Structural(1.5)
    flaky.factors = [crash, crash, 1.5]  # the agent tries twice by itself
    install(monkeypatch, **{**agents, "StructuralAgent": flaky})
    async with Server(settings) as server:
        body = await post(server, "run", user_intent=BRACKET, project_id="p")
        assert body["verdict"] == "not verified"
        assert body["errors"]
        none = await post(server, "retry", project_id="p")
        assert none["http"] == 409
        assert "physics" in none["details"]["stages"]
        body = await post(server, "retry", project_id="p", stage="physics")
        checks = {check["id"]: check["status"] for check in body["checks"]}
        assert (body["status"], checks["fe_safety_factor"], body["errors"]) == ("done", "pass", [])
        revisions = (await server.http.get("/api/projects/p/revisions")).json()["revisions"]
        over = await post(server, "retry", project_id="p", stage="physics")
    assert agents["GeometryAgent"].calls == 1
    assert len(revisions) == 2  # the one that failed stays
    assert (over["http"], over["details"]["stages"]) == (409, [])


async def test_a_run_that_failed_goes_on_from_the_stage_that_failed(settings, agents, monkeypatch):
    from tests.integration.scripted import Geometry

    crash = TaskError("the worker died", next_action="Again.", code="task_crashed")
    flaky = Geometry(fails=crash)
    install(monkeypatch, **{**agents, "GeometryAgent": flaky})
    async with Server(settings) as server:
        body = await post(server, "run", user_intent=BRACKET, project_id="p")
        assert (body["status"], body["error"]["code"]) == ("failed", "task_crashed")
        flaky.fails = None
        body = await post(server, "retry", project_id="p")
        assert body["status"] == "done"
        assert body["model_id"]


async def test_what_a_run_that_tries_again_has_finished_is_not_done_again(settings, agents, monkeypatch):
    crash = TaskError("the worker died", next_action="Again.", code="task_crashed")
    flaky = Structural(1.5)
    flaky.factors = [crash, crash, 1.5]
    flaky.delay_s = 0.3
    install(monkeypatch, **{**agents, "StructuralAgent": flaky})
    async with Server(settings) as server:
        await post(server, "run", user_intent=BRACKET, project_id="p")
        before = flaky.calls
        await server.http.post("/api/orchestrator/retry", json={"project_id": "p", "stage": "physics", "wait": False})
        await begun(flaky, before)
        await post(server, "pause", project_id="p")
        await server.until("p", "paused")
        assert flaky.calls == before + 1
    async with Server(settings) as server:
        await post(server, "resume", project_id="p")
        state = await server.until("p", "done")
        texts = [event["text"] for event in await told(server)]
    assert flaky.calls == before + 1
    assert texts.count("again: physics") == 1
    assert state["errors"] == []


async def test_a_message_to_a_run_that_tries_again_begins_it_anew(settings, agents, monkeypatch):
    crash = TaskError("the worker died", next_action="Again.", code="task_crashed")
    flaky = Structural(1.5)
    flaky.factors = [crash, crash, 1.5, 1.5, 1.5]
    flaky.delay_s = 0.3
    install(monkeypatch, **{**agents, "StructuralAgent": flaky})
    async with Server(settings) as server:
        await post(server, "run", user_intent=BRACKET, project_id="p")
        await server.http.post("/api/orchestrator/retry", json={"project_id": "p", "stage": "physics", "wait": False})
        await begun(flaky, 2)
        await post(server, "steer", project_id="p", message="no, steel A36")
        state = await server.until("p", "done", "failed")
        await cleared(settings.projects_dir / "p")  # of the former words, nothing is left
    assert (state["status"], state["errors"]) == ("done", [])
    assert state["design"]["design_scheme"]["material"] == "steel_a36"


async def test_a_message_outlives_the_server_that_took_it_in(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", mode="plan")
        services = server.app.state.services
        store, projects = services.projects.store, services.projects
        run = store.latest_run("p")
        projects.controls.add(run["id"], "message", "no, steel A36")
        assert store.change_status(run["id"], "waiting", "queued")
        messages = projects.controls.pending(run["id"])
        await projects.take_in(run, messages)  # and here it is killed, before anything goes on
        again = await projects.take_in(run, messages)  # by another server, which saw them before
        assert again["request"]["thread"] == store.run(run["id"])["request"]["thread"] == f"{run['id']}.1"
    async with Server(settings) as server:
        state = await server.until("p", "waiting")
        assert state["design"]["design_scheme"]["material"] == "steel_a36"
        body = await post(server, "run", project_id="p", approval="approved", mode="plan")
        assert body["status"] == "done"
        texts = [event["text"] for event in await told(server)]
    assert len([text for text in texts if text.startswith("taken in")]) == 1


async def test_a_run_ends_when_its_time_is_up(settings, agents):
    agents["StructuralAgent"].delay_s = 30.0
    async with Server(settings) as server:
        body = await post(server, "run", user_intent=BRACKET, project_id="p", max_time_s=1.0)
        assert (body["status"], body["error"]["code"]) == ("failed", "time_budget")
        assert body["error"]["next_action"]


async def test_what_is_not_going_can_not_be_steered(settings, agents):
    async with Server(settings) as server:
        for path in ("pause", "resume", "steer", "retry"):
            more = {"message": "no, steel"} if path == "steer" else {}
            assert (await post(server, path, project_id="nobody", **more))["http"] == 404
        await server.run(user_intent=BRACKET, project_id="p")
        for path in ("pause", "resume", "steer"):
            more = {"message": "no, steel"} if path == "steer" else {}
            assert (await post(server, path, project_id="p", **more))["http"] == 409


async def test_a_paused_run_can_be_cancelled(settings, agents):
    async with Server(settings) as server:
        await server.run(user_intent=BRACKET, project_id="p", wait=False)
        await begun(agents["GeometryAgent"])
        await post(server, "pause", project_id="p")
        await server.until("p", "paused")
        assert (await post(server, "cancel", project_id="p"))["status"] == "cancelled"


async def test_a_server_ends_though_a_word_comes_as_it_is_told_to(settings, agents):
    """What waits for a word is cancelled in the very moment in which the word comes."""
    async with Server(settings) as server:
        projects = server.app.state.services.projects
        keeper = asyncio.create_task(projects._keep())
        await asyncio.sleep(0.6)  # it waits for a word now
        projects._stirred.set()
        keeper.cancel()
        done, _ = await asyncio.wait({keeper}, timeout=30)
    assert done
    assert keeper.cancelled()
