"""What a provider is, and the one that needs no network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from backend.llm.accounts import Account
from backend.llm.errors import OfflineError

Proposal = TypeVar("Proposal", bound=BaseModel)
Tool = Callable[..., Any]


@dataclass(frozen=True)
class Terms:
    """On what terms a proposal is made.

    ``instructions`` say who the model is and what it may do. ``pictures`` are PNG files. ``tools`` are functions that
    only read: their names, annotations and docstrings are what the model sees. ``on_text`` is called with pieces of the
    answer as they come, which makes the provider stream. ``account`` adds up what is spent and ends it at a limit.
    """

    instructions: str = ""
    pictures: Sequence[bytes] = ()
    tools: Sequence[Tool] = ()
    on_text: Callable[[str], None] | None = None
    account: Account = field(default_factory=Account)
    prompt_id: str = ""


class Provider(ABC):
    """A source of proposals: it proposes typed objects, and the validators decide over them as over everything else."""

    name: str
    model: str = ""

    @property
    def title(self) -> str:
        """For people and records: "groq openai/gpt-oss-120b"."""
        return f"{self.name} {self.model}".strip()

    @abstractmethod
    async def propose(self, task: str, prompt: str, form: type[Proposal], terms: Terms | None = None) -> Proposal:
        """A proposal of the type ``form`` for a task. Raises LlmError where the provider can't make one."""


class OfflineProvider(Provider):
    """No model: briefs are read by grammar and retrieval, and what these can't understand is said plainly."""

    name = "offline"

    async def propose(self, task: str, prompt: str, form: type[Proposal], terms: Terms | None = None) -> Proposal:
        """Always raises OfflineError: nothing is made up."""
        raise OfflineError(
            f"{task} needs a language model, and this installation works offline",
            next_action="Say it as sizes, loads, material and limits of a known part family: that is read without one. "
            "Or set a model up: BRICK_LLM_PROVIDER and its key (docs/llm.md).",
        )
