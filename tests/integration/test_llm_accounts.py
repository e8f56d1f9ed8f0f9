"""What a language model costs is in the run's account whatever came of it, and the run's limit holds against it."""

import json

import pytest

from backend.llm.catalog import price_usd
from tests.integration.test_api import Server
from tests.integration.test_open_ended_design import BRIEF, READING, pool, program, set_up
from tests.llm_standin import IN, OUT, Fail, Fill, Say, StandIn

__all__ = ["pool", "set_up"]

ONE_USD = price_usd("groq", "openai/gpt-oss-120b", IN, OUT)  # of one request to the stand-in
NONSENSE = Fill({"nonsense": 1})


async def costs(server, project_id="p"):
    """The account of the revision that is shown."""
    revisions = (await server.http.get(f"/api/projects/{project_id}/revisions")).json()["revisions"]
    return revisions[-1]["figures"]["llm"]


@pytest.mark.parametrize(
    ("script", "code", "answered"),
    [
        ([NONSENSE, NONSENSE, NONSENSE], "llm_nonsense", 3),  # told twice what doesn't fit
        ([Say("I will not."), Say("No."), Say("Never.")], "llm_refused", 3),
        ([Fill(READING), NONSENSE, NONSENSE, NONSENSE], "llm_nonsense", 4),
        ([Fill(READING), Fail(401)], "llm_denied", 1),
        ([NONSENSE, Fail(500)], "llm_unavailable", 1),
    ],
    ids=["nonsense", "refusals", "nonsense after a reading", "denied after a reading", "breaks down after an answer"],
)
async def test_answers_of_a_stage_that_failed_are_in_the_account(set_up, script, code, answered):
    with StandIn(*script) as standin:
        async with Server(set_up(standin, brick_llm_retries=0)) as server:
            body = (await server.run(user_intent=BRIEF, project_id="p")).json()
            events = (await server.http.get("/api/projects/p/events")).json()["events"]
            found = await costs(server)
    assert (body["status"], body["error"]["code"]) == ("failed", code)
    assert (found["input_tokens"], found["output_tokens"]) == (answered * IN, answered * OUT)
    assert found["cost_usd"] == pytest.approx(answered * ONE_USD)
    told = [event["data"]["spent"] for event in events if event["data"].get("spent")]
    assert sum(item["input_tokens"] for entries in told for item in entries) == answered * IN


async def test_a_failed_attempt_that_is_tried_again_counts_too(set_up):
    script = [Fill(READING), NONSENSE, NONSENSE, NONSENSE, Fill({"kcl": program()})]
    with StandIn(*script) as standin:
        async with Server(set_up(standin)) as server:
            failed = (await server.run(user_intent=BRIEF, project_id="p")).json()
            assert failed["error"]["code"] == "llm_nonsense"
            answer = await server.http.post("/api/orchestrator/retry", json={"project_id": "p"})
            found = await costs(server)
    assert answer.json()["status"] == "done", answer.json()
    assert len(standin.seen) == 5
    assert found["input_tokens"] == 5 * IN  # the answers before the retry are not forgotten


async def test_the_limit_counts_what_a_failed_stage_took(set_up):
    script = [Fill(READING), NONSENSE, NONSENSE, NONSENSE, Fill({"kcl": program()})]
    with StandIn(*script) as standin:
        async with Server(set_up(standin)) as server:
            limit = 3.5 * ONE_USD  # the reading and three answers cost more: another try is not made
            await server.run(user_intent=BRIEF, project_id="p", max_cost_usd=limit)
            answer = (await server.http.post("/api/orchestrator/retry", json={"project_id": "p"})).json()
    assert answer["error"]["code"] == "llm_budget"
    assert f"{limit:g}" in json.dumps(answer["error"])
    assert len(standin.seen) == 4


async def test_a_message_on_the_way_does_not_empty_the_account(set_up):
    """A steered run begins anew with other words; what the first words cost stays owed."""
    with StandIn(Fill(READING), Fill({"kcl": program()}), Fill(READING), Fill({"kcl": program()})) as standin:
        async with Server(set_up(standin)) as server:
            await server.run(user_intent=BRIEF, project_id="p", mode="plan")
            steer = {"project_id": "p", "message": "It must carry 3 kN."}
            answer = await server.http.post("/api/orchestrator/steer", json=steer)
            assert answer.status_code == 200, answer.json()
            await server.until("p", "waiting")
            found = await costs(server)
    assert found["input_tokens"] == len(standin.seen) * IN > 2 * IN


async def test_words_about_a_part_that_no_family_describes_go_to_the_model_with_its_brief(set_up):
    shorter = json.loads(json.dumps(READING))
    shorter["requirements"][1] |= {"statement": "20 mm long", "quote": "make it 20 mm long", "value": "20 mm"}
    program_20 = program().replace("height = 25", "height = 20")
    with StandIn(Fill(READING), Fill({"kcl": program()}), Fill(shorter), Fill({"kcl": program_20})) as standin:
        async with Server(set_up(standin)) as server:
            await server.run(user_intent=BRIEF, project_id="p", depth="fast")
            body = {"project_id": "p", "message": "no, make it 20 mm long"}
            answer = (await server.http.post("/api/design/say", json=body)).json()
            revisions = (await server.http.get("/api/projects/p/revisions")).json()["revisions"]
    assert answer["status"] == "done", answer
    assert "no, make it 20 mm long" in json.dumps(standin.seen[2].body)
    assert {check["id"]: check["status"] for check in answer["checks"]}["measured_length"] == "pass"
    assert [row["label"] for row in revisions][-1] == "no, make it 20 mm long"


async def test_offline_they_are_refused_with_what_can_be_done(set_up, monkeypatch):
    from backend.config.settings import get_settings

    with StandIn(Fill(READING), Fill({"kcl": program()})) as standin:
        async with Server(set_up(standin)) as server:
            await server.run(user_intent=BRIEF, project_id="p", depth="fast")
            monkeypatch.setenv("BRICK_LLM_PROVIDER", "offline")
            get_settings.cache_clear()
            answer = await server.http.post("/api/design/say", json={"project_id": "p", "message": "make it longer"})
    assert (answer.status_code, answer.json()["code"]) == (409, "llm_offline")
    assert "BRICK_LLM_PROVIDER" in answer.json()["next_action"]
