"""What a provider is, the one that needs no network, and how one is chosen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

from pydantic import BaseModel

from backend.errors import BrickError

Proposal = TypeVar("Proposal", bound=BaseModel)


class OfflineError(BrickError):
    """Something was asked that only a language model could answer, and none is set up."""

    code = "llm_offline"
    exit_code = 2
    http_status = 422


class Provider(ABC):
    """A source of proposals."""

    name: str

    @abstractmethod
    async def propose(self, task: str, prompt: str, form: type[Proposal]) -> Proposal:
        """A proposal of the type ``form`` for a task. Raises BrickError where the provider can't make one."""


class OfflineProvider(Provider):
    """No model: briefs are read by grammar and retrieval, and what these can't understand is said plainly."""

    name = "offline"

    async def propose(self, task: str, prompt: str, form: type[Proposal]) -> Proposal:
        """Always raises OfflineError: nothing is made up."""
        raise OfflineError(
            f"{task} needs a language model, and this installation works offline",
            next_action="Say it as sizes, loads, material and limits of a known part family: that is read without one.",
        )


def choose(wanted: str | None) -> tuple[Provider, str]:
    """The provider to use for a request that asks for ``wanted``, and a note for the person where that is another one.

    This version has the offline provider only; it never sends a brief to anyone.
    """
    if wanted in (None, "", "offline"):
        return OfflineProvider(), ""
    return OfflineProvider(), (
        f"The language model {wanted!r} is not part of this version: the words were read by grammar, on this machine."
    )
