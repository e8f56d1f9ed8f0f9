"""Design: part families as data plus a small module each, sizing of their free parameters, and the KCL they write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.design.registry import families, get_family

__all__ = ["families", "get_family"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from backend.design import registry

        return getattr(registry, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
