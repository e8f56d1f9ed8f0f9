"""``./brick export FILE.kcl --format step --out part.step``: one file of a KCL program, from the local engine."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from backend.errors import InputError

FORMATS = ("step", "stl", "glb", "obj", "ply", "3mf", "brep")
_SUFFIXES = {"stp": "step"}


def format_of(out: Path | None, given: str | None) -> str:
    """The export format: the one given, else that of the output's suffix, else STEP. Raises InputError."""
    kind = given or (out.suffix.lstrip(".") if out is not None else "") or "step"
    kind = kind.lower().lstrip(".")
    kind = _SUFFIXES.get(kind, kind)
    if kind not in FORMATS:
        raise InputError(
            f"the format {kind!r} is not known.", next_action=f"Use --format with one of {', '.join(FORMATS)}."
        )
    return kind


async def _export(path: Path, folder: Path, kind: str, timeout_s: float) -> dict[str, Any]:
    from backend.compute import get_pool
    from backend.geometry.compile import compile_project

    pool = get_pool()
    try:
        return await compile_project(path, folder, pool=pool, exports=[kind], name=path.stem, timeout_s=timeout_s)
    finally:
        pool.close()


def export_command(path: Path, *, kind: str | None, out: Path | None, timeout_s: float) -> int:
    """Compiles and writes one file; prints its path. Returns the exit status."""
    if not path.exists():
        raise InputError(f"{path} does not exist.", next_action="Give a .kcl file or a folder that has a main.kcl.")
    chosen = format_of(out, kind)
    target = out or Path(f"{path.resolve().stem}.{chosen}")
    if target.is_dir():
        target = target / f"{path.resolve().stem}.{chosen}"
    with tempfile.TemporaryDirectory(prefix="brick-export-") as folder:
        result = asyncio.run(_export(path, Path(folder), chosen, timeout_s))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(result["files"][chosen], target)
    print(target)
    return 0 if result["valid"] else 1
