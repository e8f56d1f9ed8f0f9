"""``./brick export FILE.kcl --format step,glb --out parts/``: files of a KCL program, from the local engine."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.commands.folders import result_folder
from backend.commands.pictures import wanted_pictures
from backend.commands.source import kcl_source, stem_of
from backend.errors import InputError

FORMATS = ("step", "stl", "glb", "gltf", "obj", "ply", "3mf", "dxf", "brep")
UNITS = ("mm", "cm", "m", "in", "ft", "yd")
FIXED_UNIT = {"glb": "metres", "gltf": "metres", "brep": "mm"}
_SUFFIXES = {"stp": "step"}


def formats_of(out: Path | None, given: Sequence[str]) -> list[str]:
    """The export formats: those given (also as a list with commas), else that of the output's suffix, else STEP.

    Raises :class:`InputError` that lists what there is.
    """
    named = [one for text in given for one in text.replace(" ", "").split(",") if one]
    suffix = out.suffix.lstrip(".") if out is not None and not out.is_dir() else ""
    kinds = []
    for kind in named or [suffix or "step"]:
        kind = kind.lower().lstrip(".")
        kind = _SUFFIXES.get(kind, kind)
        if kind not in FORMATS:
            raise InputError(
                f"the format {kind!r} is not known.", next_action=f"Use --format with one of {', '.join(FORMATS)}."
            )
        kinds.append(kind)
    return list(dict.fromkeys(kinds))


def targets_of(out: Path | None, kinds: Sequence[str], stem: str) -> dict[str, Path]:
    """Where each format goes: ``out`` as a file for one format, as a folder for several.

    Raises :class:`InputError` where that folder can't be written, one file is named for several formats, or its
    suffix is that of another format.
    """
    if len(kinds) > 1 and out is not None and not out.is_dir() and out.suffix:
        raise InputError(
            f"{out} is one file, and {len(kinds)} formats were asked for.",
            next_action="Give a folder with --out, or one --format.",
        )
    if out is None or out.is_dir() or len(kinds) > 1 or not out.name:
        folder = result_folder(out or Path())
        targets = {kind: folder / f"{stem}.{kind}" for kind in kinds}
    else:
        suffix = out.suffix.lower().lstrip(".")
        if _SUFFIXES.get(suffix, suffix) in FORMATS and _SUFFIXES.get(suffix, suffix) != kinds[0]:
            raise InputError(
                f"{out} is named as {suffix}, and {kinds[0]} was asked for.",
                next_action=f"Leave out --format, or name the file {out.stem}.{kinds[0]}.",
            )
        result_folder(out.parent)
        targets = {kinds[0]: out}
    for target in targets.values():
        if target.is_dir():
            raise InputError(f"{target} is a folder.", next_action="Name a file with --out.")
    return targets


def checked_unit(unit: str, kinds: Sequence[str]) -> str:
    """The unit of the numbers in the files. Raises :class:`InputError` for one that isn't known or a format has not."""
    if unit not in UNITS:
        raise InputError(f"the unit {unit!r} is not known.", next_action=f"Use --units with one of {', '.join(UNITS)}.")
    for kind in kinds:
        if unit != "mm" and kind in FIXED_UNIT:
            raise InputError(
                f"a {kind} file is in {FIXED_UNIT[kind]} always.",
                next_action=f"Leave out --units for {kind}, or export it on its own.",
            )
        if unit == "yd" and kind in ("3mf", "dxf"):
            raise InputError(f"{kind} has no yards.", next_action="Use --units with mm, cm, m, in or ft.")
    return unit


async def _export(source: Path | str, folder: Path, kinds: Sequence[str], **options: Any) -> dict[str, Any]:
    from backend.compute import get_pool
    from backend.geometry.compile import compile_project

    pool = get_pool()
    try:
        return await compile_project(source, folder, pool=pool, exports=kinds, **options)
    finally:
        pool.close()


def export_command(
    path: Path,
    *,
    kinds: Sequence[str],
    out: Path | None,
    timeout_s: float,
    memory_mb: float = 6000.0,
    unit: str = "mm",
    snapshot: Path | None = None,
    views: Sequence[str] = (),
    size: str | None = None,
    as_json: bool = False,
) -> int:
    """Compiles and writes the files; prints their paths. Returns the exit status."""
    source = kcl_source(path)
    chosen = formats_of(out, kinds)
    checked_unit(unit, chosen)
    pictures = wanted_pictures(snapshot, views, size)
    stem = stem_of(source)
    targets = targets_of(out, chosen, stem)
    with tempfile.TemporaryDirectory(prefix="brick-export-") as folder:
        result = asyncio.run(
            _export(
                source,
                Path(folder),
                chosen,
                name=stem,
                timeout_s=timeout_s,
                memory_mb=memory_mb,
                unit=unit,
                pictures=pictures,
            )
        )
        for kind, target in targets.items():
            try:
                shutil.move(result["files"][kind], target)
            except OSError as problem:
                raise InputError(
                    f"{target} can't be written: {problem.strerror or problem}.", next_action="Name another --out."
                ) from problem
    files = {kind: str(target) for kind, target in targets.items()}
    drawn = dict(result.get("pictures") or {})
    if as_json:
        told = {"files": files, "pictures": drawn, "unit": unit, "valid": result["valid"]}
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for file in (*files.values(), *drawn.values()):
            print(file)
    return 0 if result["valid"] else 1
