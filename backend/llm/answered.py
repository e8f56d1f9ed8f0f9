"""A model that tells what each of its answers took before it hands the answer on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.usage import RunUsage

Note = Callable[[RunUsage], Awaitable[None]]


class _Answered(WrapperModel):
    """The usage adds up over the requests of one proposal: look-ups and corrections of the form included."""

    def __init__(self, model: Any, note: Note) -> None:
        super().__init__(model)
        self._note, self._taken = note, RunUsage()

    async def _told(self, usage: Any) -> None:
        self._taken.incr(usage)
        self._taken.requests += 1
        await self._note(self._taken)

    async def request(self, *given: Any, **named: Any) -> Any:
        response = await super().request(*given, **named)
        await self._told(response.usage)
        return response

    @contextlib.asynccontextmanager
    async def request_stream(self, *given: Any, **named: Any) -> AsyncIterator[Any]:
        async with super().request_stream(*given, **named) as stream:
            yield stream
            await self._told(stream.usage)


def answered(model: Any, note: Note) -> Any:
    """The model; ``note`` is awaited with what its answers took together, after each of them."""
    return _Answered(model, note)
