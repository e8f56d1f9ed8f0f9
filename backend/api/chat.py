"""The conversation that settles what a brief leaves open."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from backend.api.services import Use

router = APIRouter(prefix="/api/chat", tags=["chat"])


class ChatRequirementsRequest(BaseModel):
    """One message. The history is kept on the server by ``session_id``; what the client sends of it is not needed."""

    message: str
    conversation_history: list[dict[str, Any]] = Field(default_factory=list)
    user_intent: str = ""
    mode: str = "requirements_gathering"
    ai_model: str = "offline"
    session_id: str | None = None
    face: str | None = Field(None, max_length=100)  # the name of the face that was picked: "thicken here"


@router.post("/requirements")
async def chat_requirements(request: ChatRequirementsRequest, services: Use) -> dict[str, Any]:
    """Take a message in; answers with what was understood and the next question, one at a time."""
    return await services.conversation.process(
        message=request.message or request.user_intent,
        session_id=request.session_id,
        llm_provider=request.ai_model,
        face=request.face,
    )
