"""One call for all the files of a shape: the exact ones and those made of triangles. Needs OCP."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.exchange.brep import write_brep
from backend.engine.exchange.coords import unit_mm
from backend.engine.exchange.dxf import dxf_bytes
from backend.engine.exchange.gdt import FaceNote
from backend.engine.exchange.gltf import glb_body, gltf_files, write_glb
from backend.engine.exchange.mesh import Mesh, concatenate
from backend.engine.exchange.obj import obj_bytes
from backend.engine.exchange.outline import largest_plane, outline_of
from backend.engine.exchange.ply import ply_bytes
from backend.engine.exchange.step import Color, write_step
from backend.engine.exchange.stl import stl_bytes
from backend.engine.exchange.tessellate import tessellate
from backend.engine.exchange.threemf import threemf_bytes

FORMATS = ("brep", "step", "glb", "stl", "gltf", "obj", "ply", "3mf", "dxf")
FIXED_UNIT = {"glb": "metres", "gltf": "metres", "brep": "mm"}  # by their specifications
DEFAULT_FORMATS = ("brep", "step", "glb", "stl")


def export_shape(
    shape: Any,
    out_dir: str | Path,
    stem: str = "model",
    formats: Sequence[str] = DEFAULT_FORMATS,
    *,
    names: Sequence[str] = (),
    colors: Sequence[Color | None] = (),
    notes: Sequence[FaceNote] = (),
    unit: str = "mm",
) -> tuple[dict[str, str], dict[str, float]]:
    """Write ``out_dir/stem.<format>`` for each format of :data:`FORMATS` asked for.

    Returns ({format: path}, {format: seconds}).

    ``names`` and ``colors`` belong to the bodies in file order, ``notes`` (names, datums, tolerances of faces) go into
    the STEP file. The shape is triangulated once, for all formats that need it (its time stands under
    ``tessellate``). ``unit`` (mm, cm, m, in, ft, yd) is that of the numbers in the file; glTF is in metres and BREP in
    mm always.

    Raises EngineError: ``unsupported`` for a format that is not known or can't be in the unit, ``export_failed`` for an
    empty shape or a file that can't be written.
    """
    scale = 1.0 / unit_mm(unit)
    for kind in formats:
        if unit != "mm" and kind in FIXED_UNIT:
            raise EngineError(
                f"A {kind} file is in {FIXED_UNIT[kind]} always: it can't be written in {unit}.", code="unsupported"
            )
    unknown = [kind for kind in formats if kind not in FORMATS]
    if unknown:
        raise EngineError(
            f"Export format {unknown[0]!r} is not known: use one of {', '.join(FORMATS)}.", code="unsupported"
        )
    folder = Path(out_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise EngineError(f"{folder} can't be made: {problem.strerror or problem}.", code="export_failed") from None
    seconds: dict[str, float] = {}
    meshes: list[Mesh] = []

    def triangles() -> list[Mesh]:
        if not meshes:
            start = time.perf_counter()
            meshes.extend(tessellate(shape, names=names, colors=colors))
            seconds["tessellate"] = time.perf_counter() - start
        if not meshes:
            raise EngineError(
                "There is nothing to export: the shape has no solid and no surface.", code="export_failed"
            )
        return meshes

    def stl(path: Path) -> None:
        joined = concatenate(triangles())
        path.write_bytes(stl_bytes(joined.vertices, joined.triangles, title=stem, scale=scale))

    def ply(path: Path) -> None:
        joined = concatenate(triangles())
        path.write_bytes(ply_bytes(joined.vertices, joined.triangles, scale=scale))

    writers: dict[str, Callable[[Path], Any]] = {
        "brep": lambda path: write_brep(shape, path),
        "step": lambda path: write_step(shape, path, name=stem, names=names, colors=colors, unit=unit, notes=notes),
        "glb": lambda path: write_glb(path, [glb_body(mesh) for mesh in triangles()]),
        "stl": stl,
        "gltf": lambda path: path.write_bytes(
            gltf_files([glb_body(mesh) for mesh in triangles()], stem)[f"{stem}.gltf"]
        ),
        "obj": lambda path: path.write_bytes(obj_bytes(triangles(), scale=scale, comment=unit)),
        "ply": ply,
        "3mf": lambda path: path.write_bytes(threemf_bytes(triangles(), title=stem, unit=unit, scale=scale)),
        "dxf": lambda path: path.write_bytes(dxf_bytes(outline_of(largest_plane(shape)), unit=unit, scale=scale)),
    }
    files: dict[str, str] = {}
    for kind in formats:
        path = folder / f"{stem}.{kind}"
        before = seconds.get("tessellate", 0.0)
        start = time.perf_counter()
        try:
            writers[kind](path)
        except OSError as problem:
            raise EngineError(
                f"{path.name} could not be written: {problem.strerror or problem}.", code="export_failed"
            ) from None
        seconds[kind] = time.perf_counter() - start - (seconds.get("tessellate", 0.0) - before)
        files[kind] = str(path)
    return files, seconds
