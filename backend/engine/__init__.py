"""The KCL engine: speaks the public modeling protocol and builds the geometry with OpenCASCADE.

Importing this package is cheap; the kernel is imported by the modules that need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.engine.errors import EngineError

if TYPE_CHECKING:
    from backend.engine.run import run_project

__all__ = ["EngineError", "run_project"]


def __getattr__(name: str) -> Any:
    if name == "run_project":
        from backend.engine.run import run_project

        return run_project
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
