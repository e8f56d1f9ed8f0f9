"""A message that the grammar doesn't understand, read by a scripted language model over HTTP; and changes in words."""

import json

import pytest

from backend.compute import get_pool
from backend.config.settings import Settings, get_settings
from tests.integration.scripted import BRACKET
from tests.integration.test_api import Server
from tests.llm_standin import Fail, Fill, StandIn


@pytest.fixture
def talk(monkeypatch, tmp_path):
    """Settings that lead to a stand-in, and what sends a message."""

    def use(standin):
        for key, value in {
            "BRICK_DATA_DIR": str(tmp_path / "data"),
            "BRICK_LLM_PROVIDER": "openai",
            "OPENAI_API_KEY": "sk-test-0123456789abcdef",
            "BRICK_LLM_BASE_URLS": json.dumps({"openai": f"{standin.url}/v1"}),
            "BRICK_LLM_RETRIES": "0",
        }.items():
            monkeypatch.setenv(key, value)
        get_settings.cache_clear()
        return Settings(_env_file=None)

    yield use
    get_settings.cache_clear()


async def say(server, message, **more):
    body = {"message": message, "session_id": "s", "ai_model": "", **more}
    return (await server.http.post("/api/chat/requirements", json=body)).json()


async def test_what_was_said_is_taken_and_what_was_concluded_is_asked(talk):
    said = "Let it span out to 200 mm sideways, and let it bear what two men weigh"
    changes = [
        {"name": "width", "value": "200 mm", "quote": "span out to 200 mm sideways"},
        {"name": "load", "value": "600 lb", "quote": "what two men weigh"},
        {"name": "material", "value": "unobtainium", "quote": "what two men weigh"},
        {"name": "thickness", "value": "3 mm", "quote": "nobody said this"},
        {"name": "delete_everything", "value": "now", "quote": "Let it"},
    ]
    with StandIn(Fill({"changes": changes})) as standin:
        async with Server(talk(standin)) as server:
            await say(server, BRACKET)
            assert standin.seen == []  # the grammar understands that
            answer = await say(server, said)
            settled = await say(server, "yes")
    assert answer["answers"] == {"width": "200 mm"}
    assert (answer["question"]["id"], answer["question"]["default"]) == ("load", "600 lb")
    assert "what two men weigh" in answer["reply"]
    assert "read by openai" in answer["reply"]
    assert settled["answers"] == {"width": "200 mm", "load": "600 lb"}
    assert len(standin.seen) == 1


async def test_a_model_is_asked_for_what_the_grammar_leaves_of_a_message(talk):
    said = "Let it span out to 200 mm sideways, and let it bear twice the burden"
    changes = [{"name": "width", "value": "200 mm", "quote": "span out to 200 mm sideways"}]
    with StandIn(Fill({"changes": changes})) as standin:
        async with Server(talk(standin)) as server:
            await say(server, BRACKET)
            answer = await say(server, said)
    assert answer["answers"] == {"load": "600 lb", "width": "200 mm"}
    assert "not understood" not in answer["reply"]
    assert len(standin.seen) == 1


async def test_a_model_that_fails_leaves_the_conversation_where_it_was(talk):
    with StandIn(Fail(500)) as standin:
        async with Server(talk(standin)) as server:
            before = await say(server, BRACKET)
            after = await say(server, "Make it sing")
    assert "failed with the status 500" in after["reply"]
    assert after["answers"] == before["answers"]
    assert after["brief"] == before["brief"]


async def test_a_design_that_is_there_is_changed_in_words(talk):
    with StandIn() as standin:
        async with Server(talk(standin)) as server:
            await server.run(user_intent=BRACKET, project_id="p", depth="fast")
            faces = (await server.http.get("/api/state/p")).json()["geometry"]["compiled"]["named_faces"]
            shelf = next(face["face_index"] for face in faces if face["name"] == "shelf")

            async def change(message, **more):
                body = {"project_id": "p", "message": message, **more}
                answer = await server.http.post("/api/design/say", json=body)
                return {"http": answer.status_code, **answer.json()}

            steel = await change("no, steel A36")
            picked = await change("thicken here by 1 mm", face=str(shelf))
            undone = await change("undo that")
            asked = await change("no, brass or steel")
            lighter = await change("make it 50 % lighter")
            nothing = await change("hello there")
            nameless = await change("thicken here", face="4711")
    get_pool().close()
    assert (steel["http"], picked["http"]) == (200, 200), (steel.get("message"), picked.get("message"))
    assert steel["diff"]["material"]["new"] == "steel_a36"
    assert steel["revision"]["label"] == "material is Steel A36"
    thickness = picked["diff"]["parameters"]["thickness"]
    assert thickness["new"] == pytest.approx(thickness["old"] + 1)
    assert undone["revision"]["id"] == steel["revision"]["id"]
    assert (asked["http"], asked["code"]) == (422, "question_open")
    assert (lighter["http"], lighter["code"]) == (422, "no_feasible_design")
    assert (nothing["http"], nothing["code"]) == (422, "not_understood")
    assert (nameless["http"], nameless["code"]) == (422, "unnamed_face")


async def test_a_conversation_has_an_account_and_a_limit_too(talk, monkeypatch):
    monkeypatch.setenv("BRICK_LLM_MAX_TOKENS", "2000")
    nothing = Fill({"changes": [], "unclear": "no idea"})
    with StandIn(nothing, nothing, nothing) as standin:
        async with Server(talk(standin)) as server:
            await say(server, BRACKET)
            for _ in range(2):  # 1540 tokens each: the third is not asked for
                await say(server, "Let it sing")
            refused = await say(server, "Let it sing")
            session = await server.app.state.services.sessions.get_discovery_state("s")
    assert len(standin.seen) == 2
    assert "3080 of the 2000 tokens" in refused["reply"]
    assert [entry["input_tokens"] + entry["output_tokens"] for entry in session["spent"]] == [1540, 1540]
