"""``./brick run``: a KCL file, project or standard input on the local engine."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.commands.console import report_console
from backend.commands.folders import result_folder
from backend.commands.pictures import wanted_pictures
from backend.commands.source import kcl_source
from backend.geometry.notes import noted

EXPORTS = ["brep", "step", "glb", "stl"]


def _density(material: str | None) -> tuple[str, float] | None:
    if material is None:
        return None
    from backend.materials import get_material

    found = get_material(material)
    return found.id, found.value("density_kg_m3").value


async def _compile(source: Path | str, out: Path, **options: Any) -> dict[str, Any]:
    from backend.compute import get_pool
    from backend.geometry.compile import compile_project

    pool = get_pool()
    try:
        return await compile_project(source, out, pool=pool, exports=EXPORTS, **options)
    finally:
        pool.close()


def run_command(
    path: Path,
    out: Path,
    *,
    as_json: bool,
    material: str | None,
    timeout_s: float,
    memory_mb: float = 6000.0,
    snapshot: Path | None = None,
    views: Sequence[str] = (),
    size: str | None = None,
    cache: bool = True,
) -> int:
    """Compiles, measures, exports, draws; prints the figures. Returns the exit status."""
    source = kcl_source(path)
    density = _density(material)
    pictures = wanted_pictures(snapshot, views, size)
    result_folder(out)
    result = asyncio.run(
        _compile(
            source,
            out,
            density_kg_m3=density[1] if density else None,
            timeout_s=timeout_s,
            memory_mb=memory_mb,
            pictures=pictures,
            cache=cache,
        )
    )
    if density:
        result["material"] = density[0]
    if as_json:
        print(json.dumps(result, indent=2, sort_keys=True, ensure_ascii=False))
    else:
        _summary("standard input" if isinstance(source, str) else str(path), result)
    for line in noted(result.get("diagnostics", [])):
        print(line, file=sys.stderr)
    return 0 if result["valid"] else 1


def _summary(title: str, result: dict[str, Any]) -> None:
    from rich.table import Table

    from backend.engine.part import figure

    low, high = result["bounding_box_mm"]["min"], result["bounding_box_mm"]["max"]
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("solids", f"{result['solids']} ({'valid' if result['valid'] else 'NOT VALID'})")
    table.add_row("volume", f"{figure(result['volume_mm3'])} mm³")
    table.add_row("area", f"{figure(result['area_mm2'])} mm²")
    table.add_row("size", " × ".join(figure(b - a) for a, b in zip(low, high, strict=True)) + " mm")
    table.add_row("centre of mass", ", ".join(f"{value:z.3f}" for value in result["center_of_mass_mm"]) + " mm")
    if result.get("mass_g") is not None:
        table.add_row("mass", f"{figure(result['mass_g'])} g ({result['material']})")
    for face in result["named_faces"]:
        table.add_row("face", f"{face['name']}: {face['text']}" if face["text"] else str(face["name"]))
    for kind, file in sorted(result["files"].items()):
        table.add_row(kind, str(file))
    for view, file in result.get("pictures", {}).items():
        table.add_row(f"picture ({view})", str(file))
    table.add_row("time", f"{result['timings_s'].get('total', 0.0):.2f} s")
    report_console().print(table)
