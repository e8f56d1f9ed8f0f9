"""A finished model as one run of bytes: exact geometry with names, colours and annotations. Needs OCP in the process.

Whoever holds the bytes can have files, pictures and faces made from them later, in any process of this version, without
running the program again. Only bytes that this module wrote are ever read: they are not a format for exchange.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.engine.exchange.brep import read_brep, write_brep
from backend.engine.exchange.export import export_shape
from backend.engine.exchange.gdt import FaceNote
from backend.engine.exchange.step import Color
from backend.engine.exchange.tessellate import tessellate
from backend.engine.render.snapshot import portrait


def packed(shape: Any, names: Sequence[str], colors: Sequence[Color | None], notes: Sequence[FaceNote]) -> bytes:
    """The bytes of a model. ``names`` and ``colors`` belong to the bodies in file order."""
    with tempfile.TemporaryDirectory(prefix="brick-bundle-") as folder:
        brep = write_brep(shape, Path(folder) / "model.brep").read_bytes()
    return pickle.dumps((brep, list(names), list(colors), list(notes)))


def _unpacked(bundle: bytes) -> tuple[Any, list[str], list[Color | None], list[FaceNote]]:
    brep, names, colors, notes = pickle.loads(bundle)  # noqa: S301 - written by packed() in the caller's own process tree
    with tempfile.TemporaryDirectory(prefix="brick-bundle-") as folder:
        path = Path(folder) / "model.brep"
        path.write_bytes(brep)
        return read_brep(path), names, colors, notes


def export(request: dict[str, Any]) -> dict[str, str]:
    """Writes files of a ``bundle`` as ``out_dir/name.format`` for each of ``formats``, in ``unit``; {format: path}."""
    shape, names, colors, notes = _unpacked(request["bundle"])
    files, _ = export_shape(
        shape,
        request["out_dir"],
        request["name"],
        request["formats"],
        names=names,
        colors=colors,
        notes=notes,
        unit=request.get("unit") or "mm",
    )
    return files


def snapshot(request: dict[str, Any]) -> bytes:
    """A PNG of a ``bundle`` from a named ``view``, ``width`` by ``height`` pixels."""
    shape, names, colors, _ = _unpacked(request["bundle"])
    meshes = tessellate(shape, names=names, colors=colors)
    return portrait(meshes, request["view"], request["width"], request["height"])


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """Faces, edges and bodies of a ``bundle`` (see :func:`backend.engine.topology.describe`)."""
    from backend.engine import topology

    with tempfile.TemporaryDirectory(prefix="brick-bundle-") as folder:
        path = Path(folder) / "model.brep"
        path.write_bytes(pickle.loads(request["bundle"])[0])  # noqa: S301 - as above
        return topology.describe({"path": str(path)})
