"""From a KCL program to a measured solid, its meshes and its pictures.

``compile_kcl`` runs a program on the local engine in the worker pool; ``check_manifold`` looks at a mesh file;
``fields.write_field_glb`` and ``pictures`` show results; ``tree.geometry_tree`` lists a program's features.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.geometry.compile import compile_kcl, compile_project
    from backend.geometry.manifold import ManifoldReport, check_manifold
    from backend.geometry.tree import geometry_tree

__all__ = ["ManifoldReport", "check_manifold", "compile_kcl", "compile_project", "geometry_tree"]

_HOME = {
    "compile_kcl": "compile",
    "compile_project": "compile",
    "check_manifold": "manifold",
    "ManifoldReport": "manifold",
    "geometry_tree": "tree",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
