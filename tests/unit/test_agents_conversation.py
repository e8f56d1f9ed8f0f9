"""Conversation: an answer that says more than was asked is read whole."""

from __future__ import annotations

from backend.agents.conversational_agent import ConversationalAgent
from backend.session_store import InMemorySessionStore


async def test_an_answer_that_says_more_than_was_asked_is_read_whole() -> None:
    agent = ConversationalAgent(InMemorySessionStore())
    first = await agent.process("Steel A36 shelf bracket 150 mm wide, legs 120 mm and 80 mm")
    assert first["question"]["id"] == "load"
    second = await agent.process("500 N at 100 mm, four 9 mm holes, safety factor 5", session_id=first["session_id"])
    assert second["ready"] is True
    for said in ("500 N", "safety factor 5", "hole diameter 9 mm", "load position 100 mm"):
        assert said in second["reply"]


async def test_a_plain_answer_stays_an_answer() -> None:
    agent = ConversationalAgent(InMemorySessionStore())
    first = await agent.process("Steel A36 shelf bracket 150 mm wide, legs 120 mm and 80 mm")
    second = await agent.process("500 N", session_id=first["session_id"])
    assert second["answers"] == {"load": "500 N"}
    assert "500 N" in second["reply"]
