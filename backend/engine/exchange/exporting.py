"""What the protocol's ``export`` command asks for, as files in memory. Needs OCP."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.exchange.coords import from_ours, unit_mm
from backend.engine.exchange.dxf import dxf_bytes
from backend.engine.exchange.gdt import FaceNote
from backend.engine.exchange.gltf import glb_body, glb_bytes, gltf_files
from backend.engine.exchange.importing import turned
from backend.engine.exchange.mesh import Mesh, concatenate
from backend.engine.exchange.obj import obj_bytes
from backend.engine.exchange.outline import largest_plane, outline_of
from backend.engine.exchange.ply import ply_bytes
from backend.engine.exchange.step import Color, write_step
from backend.engine.exchange.stl import stl_bytes, stl_text
from backend.engine.exchange.tessellate import tessellate
from backend.engine.exchange.threemf import threemf_bytes

# option -> values that may be given; None means any value that its reader takes
_OPTIONS: dict[str, dict[str, tuple[Any, ...] | None]] = {
    "step": {"coords": None, "units": None, "created": None, "presentation": ("pretty", "compact")},
    "stl": {"coords": None, "units": None, "storage": ("ascii", "binary"), "selection": ({"type": "default_scene"},)},
    "obj": {"coords": None, "units": None},
    "ply": {
        "coords": None,
        "units": None,
        "storage": ("ascii", "binary_little_endian", "binary_big_endian"),
        "selection": ({"type": "default_scene"},),
    },
    "gltf": {
        "storage": ("binary", "standard", "embedded"),
        "presentation": ("pretty", "compact"),
        "include_uuids": (False,),
    },
    "3mf": {"units": None},
    "dxf": {"units": None, "storage": ("ascii",)},
}


def export_files(
    shape: Any,
    format: Mapping[str, Any],
    *,
    names: Sequence[str] = (),
    colors: Sequence[Color | None] = (),
    stem: str = "output",
    notes: Sequence[FaceNote] = (),
) -> list[dict[str, Any]]:
    """The files [{"name", "contents"}] of a shape in the protocol's ``format`` {"type": …, options …}.

    Types: step, stl, obj, ply, gltf, and beyond the protocol 3mf and dxf: the outline of the largest planar face, as
    for cutting a plate. Units are those of the numbers in the file,
    ``coords`` its axes. STEP's ``presentation`` makes no difference: its text has one entity a line either way.
    ``created`` is STEP's time stamp. ``names`` and ``colors`` belong to the bodies in file order; ``notes`` (names,
    datums and tolerances of faces) go into a STEP file, the other formats have no place for them.

    Raises EngineError: ``unsupported`` for a type, option or value that isn't known, ``export_failed`` for no bodies.
    """
    options = dict(format)
    kind = str(options.pop("type", ""))
    if kind not in _OPTIONS:
        raise EngineError(f"Export as {kind!r} is not supported: use one of {', '.join(_OPTIONS)}.", code="unsupported")
    for option, value in options.items():
        allowed = _OPTIONS[kind].get(option, (None, False))
        if value is not None and allowed is not None and value not in allowed:
            raise EngineError(f"export as {kind}: the option {option!r} = {value!r} is not supported.", "unsupported")
    if kind == "step":
        return _step(shape, options, names, colors, stem, notes)
    if kind == "gltf":
        return _gltf(shape, options, names, colors, stem)
    if kind == "dxf":
        unit = str(options.get("units") or "mm")
        contents = dxf_bytes(outline_of(largest_plane(shape)), unit=unit, scale=1.0 / unit_mm(unit))
        return [{"name": f"{stem}.dxf", "contents": contents}]
    return _mesh_file(shape, kind, options, names, colors, stem)


def _step(
    shape: Any,
    options: dict[str, Any],
    names: Sequence[str],
    colors: Sequence[Color | None],
    stem: str,
    notes: Sequence[FaceNote],
) -> list[dict[str, Any]]:
    placed = turned(shape, from_ours(options.get("coords")))
    with tempfile.TemporaryDirectory(prefix="brick-export-") as folder:
        path = write_step(
            placed,
            Path(folder) / f"{stem}.step",
            name=stem,
            names=names,
            colors=colors,
            unit=str(options.get("units") or "mm"),
            timestamp=options.get("created"),
            notes=notes,
        )
        return [{"name": path.name, "contents": path.read_bytes()}]


def _meshes(shape: Any, names: Sequence[str], colors: Sequence[Color | None]) -> list[Mesh]:
    meshes = tessellate(shape, names=names, colors=colors)
    if not meshes:
        raise EngineError("There is nothing to export: the shape has no solid and no surface.", code="export_failed")
    return meshes


def _gltf(
    shape: Any, options: dict[str, Any], names: Sequence[str], colors: Sequence[Color | None], stem: str
) -> list[dict[str, Any]]:
    bodies = [glb_body(mesh) for mesh in _meshes(shape, names, colors)]
    storage = options.get("storage") or "binary"
    if storage == "binary":
        return [{"name": f"{stem}.glb", "contents": glb_bytes(bodies)}]
    pretty = options.get("presentation") == "pretty"
    files = gltf_files(bodies, stem, embedded=storage == "embedded", pretty=pretty)
    return [{"name": name, "contents": contents} for name, contents in sorted(files.items(), reverse=True)]


def _mesh_file(
    shape: Any, kind: str, options: dict[str, Any], names: Sequence[str], colors: Sequence[Color | None], stem: str
) -> list[dict[str, Any]]:
    unit = str(options.get("units") or "mm")
    scale = 1.0 / unit_mm(unit)
    rotation = from_ours(options.get("coords"))
    meshes = [
        Mesh(
            mesh.vertices @ rotation.T,
            mesh.normals @ rotation.T,
            mesh.triangles,
            mesh.face_index,
            mesh.name,
            mesh.color,
        )
        for mesh in _meshes(shape, names, colors)
    ]
    joined = concatenate(meshes)
    if kind == "3mf":
        contents = threemf_bytes(meshes, title=stem, unit=unit, scale=scale)
    elif kind == "obj":
        contents = obj_bytes(meshes, scale=scale, comment=unit)
    elif kind == "ply":
        storage = str(options.get("storage") or "ascii")
        contents = ply_bytes(joined.vertices, joined.triangles, storage=storage, scale=scale)
    elif options.get("storage") == "binary":
        contents = stl_bytes(joined.vertices, joined.triangles, title=stem, scale=scale)
    else:
        contents = stl_text(joined.vertices, joined.triangles, title=stem, scale=scale)
    return [{"name": f"{stem}.{kind}", "contents": contents}]
