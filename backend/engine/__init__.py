"""The KCL engine: speaks the public modeling protocol and builds the geometry with OpenCASCADE.

Importing this package is cheap; the kernel is imported by the modules that need it. ``run_kcl`` runs a program in a
process of its own and gives a :class:`Part`; ``run_project`` runs it in this one, plain data in and out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.engine.errors import EngineError

if TYPE_CHECKING:
    from backend.engine.part import Part, run_kcl
    from backend.engine.run import run_project

__all__ = ["EngineError", "Part", "run_kcl", "run_project"]


def __getattr__(name: str) -> Any:
    if name == "run_project":
        from backend.engine.run import run_project

        return run_project
    if name in ("Part", "run_kcl"):
        from backend.engine import part

        return getattr(part, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
