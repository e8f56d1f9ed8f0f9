"""Words in: quantities, units, material, part family and loads read from a brief, each with the span it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.intent.reader import read_brief

__all__ = ["lengthened", "read_brief"]


def lengthened(brief: str, words: str) -> str:
    """A brief with a further sentence behind it."""
    return f"{brief.rstrip(' .;')}. {words}"


def __getattr__(name: str) -> Any:
    if name == "read_brief":
        from backend.intent.reader import read_brief

        return read_brief
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
