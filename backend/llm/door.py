"""Choosing a provider: by request, else by settings; with a chain to fall back on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.llm.catalog import KNOWN
from backend.llm.errors import LlmBudget, LlmError, LlmSettings
from backend.llm.provider import OfflineProvider, Proposal, Provider, Terms

if TYPE_CHECKING:
    from backend.config.settings import Settings

logger = logging.getLogger(__name__)


class Chain(Provider):
    """Several providers, asked in turn: the next one where one fails for whatever reason but the budget."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self.providers = list(providers)
        self.name, self.model = self.providers[0].name, self.providers[0].model

    async def propose(self, task: str, prompt: str, form: type[Proposal], terms: Terms | None = None) -> Proposal:
        """The first proposal that one of them makes. Raises the last one's error, with what the others said."""
        terms = terms or Terms()
        problems: list[LlmError] = []
        for provider in self.providers:
            try:
                return await provider.propose(task, prompt, form, terms)
            except LlmBudget:
                raise
            except LlmError as problem:
                logger.warning("%s: %s", provider.title, problem.message)
                problems.append(problem)
        last = problems[-1]
        last.details["others"] = [{"code": item.code, "message": item.message} for item in problems[:-1]]
        raise last


def choose(wanted: str | None, settings: Settings | None = None) -> tuple[Provider, str]:
    """The provider for a request that asks for ``wanted``, and a note for the person where that is another one.

    ``wanted`` is a provider, "provider:model", or nothing: then that of the settings is used, with the chain of
    ``llm_fallback`` behind it. A provider that was asked for by name and is not set up is not replaced by another one
    on the network: a brief goes to nobody but whom it was meant for. Offline is used, and the note says so.
    """
    if settings is None:
        from backend.config.settings import get_settings

        settings = get_settings()
    name, _, model = (wanted or "").partition(":")
    if name == "offline" or (not name and settings.llm_provider == "offline"):
        return OfflineProvider(), ""
    from backend.llm.remote import RemoteProvider

    if name:
        try:
            if name not in KNOWN:
                raise LlmSettings(f"there is no language model provider {name[:40]!r}")
            return RemoteProvider(settings, name, model or None), ""
        except LlmError as problem:
            return OfflineProvider(), (
                f"{problem.message[0].upper()}{problem.message[1:]}: the words were read by grammar, on this machine. "
                f"{problem.next_action}"
            ).strip()
    chain: list[Provider] = [RemoteProvider(settings, settings.llm_provider)]
    chain += [RemoteProvider(settings, other) for other in settings.llm_fallback if other not in ("offline", name)]
    return (Chain(chain) if len(chain) > 1 else chain[0]), ""


def available(settings: Settings) -> list[dict[str, object]]:
    """All providers: name, model, and whether each can be used as things are set."""
    rows: list[dict[str, object]] = [{"name": "offline", "model": "", "ready": True, "why": ""}]
    from backend.llm import catalog

    for name in KNOWN:
        try:
            catalog.key_of(settings, name)
            if name == "openai_compatible" and not catalog.base_url(settings, name):
                raise LlmSettings("no address is set for it", next_action="Set BRICK_LLM_BASE_URL.")
            rows.append({"name": name, "model": catalog.model_name(settings, name), "ready": True, "why": ""})
        except LlmError as problem:
            rows.append({"name": name, "model": "", "ready": False, "why": f"{problem.message}. {problem.next_action}"})
    return rows
