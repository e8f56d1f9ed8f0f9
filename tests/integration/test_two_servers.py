"""Two servers on one database: either answers for a project, whichever runs it."""

import asyncio

import pytest

from backend.config.settings import Settings
from tests.integration.scripted import BRACKET, install
from tests.integration.test_api import Document, Server


@pytest.fixture
def settings(tmp_path):
    return Settings(brick_data_dir=tmp_path / "data")


@pytest.fixture
def agents(monkeypatch):
    made = install(monkeypatch, DocumentAgent=Document())
    made["StructuralAgent"].delay_s = 0.3
    return made


async def test_a_run_is_seen_and_watched_through_the_other_server(settings, agents):
    async with Server(settings) as here, Server(settings) as there:
        watcher = there.app.state.services.bus.subscribe("p", since=0)
        await here.run(user_intent=BRACKET, project_id="p", wait=False)
        seen = []
        while not seen or seen[-1]["kind"] != "done":
            seen.append(await watcher.next(60))
        watcher.close()
        assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
        state = await there.until("p", "done")
        assert state["verdict"]
        model = await there.http.get(f"/api/geometry/model/{state['model_id']}")
        assert model.content == b"glTF-model"
    assert agents["StructuralAgent"].calls == 1  # one of the two ran it, and only one


async def test_a_second_run_of_a_busy_project_is_refused_by_the_other_server_too(settings, agents):
    async with Server(settings) as here, Server(settings) as there:
        await here.run(user_intent=BRACKET, project_id="p", wait=False)
        response = await there.run(user_intent=BRACKET, project_id="p")
        assert (response.status_code, response.json()["code"]) == (409, "conflict")
        await here.until("p", "done")


async def test_a_plan_made_on_one_server_is_approved_on_the_other(settings, agents):
    async with Server(settings) as here, Server(settings) as there:
        await here.run(user_intent=BRACKET, project_id="p", mode="plan")
        body = (await there.run(project_id="p", approval="approved", mode="plan")).json()
        assert body["status"] == "done"
        assert (await here.http.get("/api/state/p")).json()["status"] == "done"


async def test_twenty_runs_on_two_servers_are_each_done_once(settings, agents):
    agents["StructuralAgent"].delay_s = 0.02
    async with Server(settings) as here, Server(settings) as there:
        names = [f"n{i}" for i in range(20)]
        servers = [here, there]
        await asyncio.gather(
            *(servers[i % 2].run(user_intent=BRACKET, project_id=name, wait=False) for i, name in enumerate(names))
        )
        for name in names:
            await here.until(name, "done")
            history = (await there.http.get(f"/api/projects/{name}/revisions")).json()
            assert len(history["revisions"]) == 1
    assert agents["DocumentAgent"].calls == 20
