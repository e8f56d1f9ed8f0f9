"""Offline is a provider too: it makes nothing up, and says what was used."""

import pytest
from pydantic import BaseModel

from backend.agents.conversational_agent import ConversationalAgent
from backend.llm import OfflineError, OfflineProvider, choose
from backend.session_store import InMemorySessionStore


class Form(BaseModel):
    x: int


async def test_offline_proposes_nothing():
    with pytest.raises(OfflineError, match="inventing a shape needs a language model") as caught:
        await OfflineProvider().propose("inventing a shape", "a swan", Form)
    assert caught.value.code == "llm_offline"
    assert caught.value.next_action


@pytest.mark.parametrize("wanted", [None, "", "offline"])
def test_offline_is_the_default_without_a_note(wanted):
    provider, note = choose(wanted)
    assert (provider.name, note) == ("offline", "")


async def test_a_request_for_another_model_is_told_what_was_used():
    agent = ConversationalAgent(InMemorySessionStore())
    answer = await agent.process("a shelf bracket", llm_provider="groq")
    assert answer["llm_provider"] == "offline"
    assert "'groq' has no key" in answer["llm_note"]
    assert "GROQ_API_KEY" in answer["llm_note"]
