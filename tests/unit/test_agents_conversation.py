"""Conversation: an answer that says more than was asked is read whole."""

from __future__ import annotations

from backend.agents.conversational_agent import ConversationalAgent, still_answering
from backend.session_store import InMemorySessionStore


async def test_an_answer_that_says_more_than_was_asked_is_read_whole() -> None:
    agent = ConversationalAgent(InMemorySessionStore())
    first = await agent.process("Steel A36 shelf bracket 150 mm wide, legs 120 mm and 80 mm")
    assert first["question"]["id"] == "load"
    second = await agent.process("500 N at 100 mm, four 9 mm holes, safety factor 5", session_id=first["session_id"])
    assert second["ready"] is True
    for said in ("500 N", "safety factor 5", "hole diameter 9 mm", "load position 100 mm"):
        assert said in second["reply"]


async def talk(*messages: str, **first: object) -> list[dict]:
    agent = ConversationalAgent(InMemorySessionStore())
    answers = [await agent.process(messages[0], session_id="s", **first)]
    return answers + [await agent.process(message, session_id="s") for message in messages[1:]]


async def test_who_does_not_know_gets_a_proposal_and_what_follows_from_it() -> None:
    brief = "Steel A36 shelf bracket 150 mm wide, shelf leg 120 mm, holds 500 N"
    _, unsure, agreed = await talk(brief, "I don't know", "yes")
    assert unsure["answers"] == {}
    assert unsure["question"]["default"] == "wall leg 2 in"
    assert "If you agree, I take wall leg 2 in. Then: thickness" in unsure["reply"]
    assert agreed["ready"] is True
    assert agreed["answers"] == {"wall_leg": "wall leg 2 in"}


async def test_a_load_is_not_chosen_for_a_person() -> None:
    _, unsure = await talk("Steel A36 shelf bracket 150 mm wide, legs 120 mm and 80 mm", "no idea")
    assert unsure["question"]["default"] is None
    assert unsure["reply"].startswith("That I can't choose for you. What load")


async def test_a_conversation_begins_where_a_design_stands() -> None:
    brief = "An aluminium bracket to hold 20 kg"
    known = {"width": "15 cm", "shelf_leg": "20 cm", "wall_leg": "8 cm", "material": "Steel A36"}
    blue, heavier = await talk("make it blue", "hold 40 kg", begin=(brief, known))
    assert (blue["ready"], blue["changed"]) == (True, False)
    assert blue["reply"].startswith("'make it blue' changes nothing that is understood here. Name a size")
    assert (blue["brief"], blue["answers"]) == (brief, known)
    assert (heavier["ready"], heavier["changed"]) == (True, True)
    assert {**known, "load": "40 kg"}.items() <= heavier["answers"].items()
    assert heavier["intent"]["material"] == "steel_a36"


def test_another_brief_keeps_the_answers_to_what_it_leaves_open_and_no_others() -> None:
    answers = {"width": "15 cm", "shelf_leg": "20 cm", "wall_leg": "8 cm", "material": "Steel A36", "load": "40 kg"}
    kept = still_answering("An aluminium bracket, 10 cm wide, to hold 30 kg", answers)
    assert kept == {"shelf_leg": "20 cm", "wall_leg": "8 cm"}
    assert still_answering("A teapot", answers) == {}


async def test_a_plain_answer_stays_an_answer() -> None:
    agent = ConversationalAgent(InMemorySessionStore())
    first = await agent.process("Steel A36 shelf bracket 150 mm wide, legs 120 mm and 80 mm")
    second = await agent.process("500 N", session_id=first["session_id"])
    assert second["answers"] == {"load": "500 N"}
    assert "500 N" in second["reply"]
