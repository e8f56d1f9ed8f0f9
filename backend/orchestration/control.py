"""A person in command of a run that is going: asked before each node whether to pause, or to take a message in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

Row = dict[str, Any]
Look = Callable[[str], Awaitable[None]]

_look: ContextVar[Look | None] = ContextVar("brick_look", default=None)


class Paused(Exception):
    """The run stops before this node, to be resumed. ``ids`` are the controls that asked for it."""

    def __init__(self, stage: str, ids: list[int]) -> None:
        super().__init__(f"paused before {stage}")
        self.stage, self.ids = stage, ids


class Steered(Exception):
    """Messages came in: the design goes on from the words as they are corrected by them."""

    def __init__(self, messages: list[Row]) -> None:
        super().__init__("; ".join(message["text"] for message in messages))
        self.messages = messages


def looking(look: Look) -> Any:
    """Ask ``look`` before each node of this context; returns the token for :func:`unlook`."""
    return _look.set(look)


def unlook(token: Any) -> None:
    """Undo :func:`looking`."""
    _look.reset(token)


async def before(stage: str) -> None:
    """Called before a node. Raises Paused or Steered where a person asked for that."""
    look = _look.get()
    if look is not None:
        await look(stage)
