"""The conversation that settles what a brief leaves open."""

from __future__ import annotations

import contextlib
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from backend.api.body import Body
from backend.api.services import Use
from backend.db.llm_calls import CallLedger
from backend.llm import written_down

router = APIRouter(prefix="/api/chat", tags=["chat"])


class ChatRequirementsRequest(Body):
    """One message. The history is kept on the server by ``session_id``; what the client sends of it is not needed."""

    message: str
    conversation_history: list[dict[str, Any]] = Field(default_factory=list)
    user_intent: str = ""
    mode: str = "requirements_gathering"
    ai_model: str = "offline"
    session_id: str | None = None
    project_id: str | None = None  # a new conversation begins with the brief and the answers of this project
    face: str | None = Field(None, max_length=100)  # the name of the face that was picked: "thicken here"


@router.post("/requirements")
async def chat_requirements(request: ChatRequirementsRequest, services: Use) -> dict[str, Any]:
    """Take a message in; answers with what was understood and the next question, one at a time."""
    begin = await services.history.asked(request.project_id) if request.project_id else None
    with contextlib.ExitStack() as stack:
        if request.session_id:
            ledger = CallLedger(services.projects.store.engine, f"conversation {request.session_id}"[:160])
            stack.enter_context(written_down(ledger))
        return await services.conversation.process(
            message=request.message or request.user_intent,
            session_id=request.session_id,
            llm_provider=request.ai_model,
            face=request.face,
            begin=begin,
        )
