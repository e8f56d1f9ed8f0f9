"""KCL in, measured solid and files out: the engine runs in the worker pool, its errors come back with their place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.config.settings import get_settings
from backend.engine.check import code_frame, read_report
from backend.engine.errors import EngineError
from backend.errors import CompileError, InputError, TaskError
from backend.schema import CompiledModel

if TYPE_CHECKING:
    from backend.compute import WorkPool

EXPORTS = ("brep", "step", "glb", "stl")
_TASK = "backend.engine.run:run_project"
_HEADING = re.compile(r"^KCL \w+ error\s+")  # the interpreter's heading repeats what its message starts with
_WARNING_SIGN = re.compile(r"⚠")
_LIMITS = ("timeout", "memory")
_GRACE_S = 10.0  # the engine ends a run itself; the pool ends a worker that does not

_NEXT_ACTIONS = {
    "kcl_failed": "Correct the program at the place shown; ./brick run FILE.kcl shows it again.",
    "unsupported": "Say it with a supported function; docs/engine.md lists what the engine does.",
    "confined": "Keep imported files inside the project's folder and within the size limits.",
    "timeout": "Make the program smaller (fewer pattern instances, fewer booleans), or give it more time.",
    "bad_request": "Change the sizes at the place shown: the geometry that was asked for can't be made.",
    "no_bodies": "Make a body with extrude, revolve, sweep or loft, or import one; sketches alone are not exported.",
    "export_failed": "Check that the output folder exists and has room, and that the program makes a body.",
    "tessellation_failed": "Look at the last fillet or boolean: it left a face that can't be meshed.",
    "import_failed": "Check the imported file with the program that made it.",
    "internal_engine": "Try slightly different sizes at the place shown; report the program if it goes on.",
}


async def compile_kcl(
    source: str | Path,
    out_dir: str | Path,
    pool: WorkPool | None = None,
    *,
    name: str = "model",
    exports: Sequence[str] = EXPORTS,
    density_kg_m3: float | None = None,
    timeout_s: float = 60.0,
    memory_mb: float = 6000.0,
) -> CompiledModel:
    """Compile a program: ``source`` is KCL code (a str) or the path (a Path) of a file or project folder.

    Returns the measures (mm, mm2, mm3), named faces and the files ``out_dir/name.<kind>``.

    Raises CompileError with the KCL line, a code frame and the next action, InputError for a path that doesn't exist,
    TaskError when the worker had to be ended.
    """
    result = await compile_project(
        source,
        out_dir,
        pool=pool,
        name=name,
        exports=exports,
        density_kg_m3=density_kg_m3,
        timeout_s=timeout_s,
        memory_mb=memory_mb,
    )
    known = CompiledModel.model_fields
    return CompiledModel.model_validate({key: value for key, value in result.items() if key in known})


async def compile_project(
    source: str | Path,
    out_dir: str | Path,
    *,
    pool: WorkPool | None = None,
    name: str = "model",
    exports: Sequence[str] = EXPORTS,
    density_kg_m3: float | None = None,
    timeout_s: float = 60.0,
    memory_mb: float = 6000.0,
    unit: str = "mm",
    pictures: Sequence[Mapping[str, Any]] = (),
    cache: bool = True,
) -> dict[str, Any]:
    """As :func:`compile_kcl`, but the engine's whole result as plain data, with ``mass_g`` and ``commands``.

    ``unit`` is that of the numbers in the exported files. ``pictures`` [{"view", "path", "width", "height"}] are drawn
    from named views and come back under ``pictures``. ``cache`` False computes every operation anew; what the cache
    did is told under ``cache``.
    """
    payload = {
        **_what(source),
        "out_dir": str(out_dir),
        "exports": list(exports),
        "name": name,
        "density_kg_m3": density_kg_m3,
        "timeout_s": timeout_s,
        "units": unit,
        "pictures": [dict(picture) for picture in pictures],
        "cache": engine_cache() if cache else {"enabled": False},
    }
    if pool is None:
        from backend.compute import get_pool

        pool = get_pool()
    try:
        result: dict[str, Any] = await pool.run(
            _TASK, payload, kind="geometry", timeout_s=timeout_s + _GRACE_S, memory_mb=memory_mb
        )
    except EngineError as error:
        raise compile_error(error, source) from error
    return result


def engine_cache() -> dict[str, Any]:
    """Where and how much the engine keeps of its operations' results, by the settings: its request's ``cache``."""
    settings = get_settings()
    folder = str(settings.engine_cache_folder.absolute()) if settings.engine_cache == "disk" else None
    return {"enabled": settings.engine_cache != "off", "folder": folder, "disk_mb": settings.engine_cache_mb}


def _what(source: str | Path) -> dict[str, str]:
    if isinstance(source, Path):
        if not source.exists():
            raise InputError(f"{source} does not exist.", next_action="Give a .kcl file or a folder with a main.kcl.")
        return {"path": str(source.resolve())}
    if not source.strip():
        raise InputError("The KCL program is empty.", next_action="Give a program that makes at least one body.")
    return {"code": source}


def compile_error(error: EngineError, source: str | Path) -> CompileError:
    """The engine's error as one that a person can act on: place, code frame, next action.

    Details: ``line``, ``column``, ``file``, ``frame`` (the lines around the place, with a caret), ``command`` (the
    modeling command) and ``engine_code``. A limit of time or memory ends the command line with 3, all else with 2.
    """
    place = error.source or {}
    line, column = place.get("line"), place.get("column")
    file = place.get("file") or ""
    frame = ""
    if line:
        text = _text_of(source, file)
        frame = code_frame(text, int(line), int(column) if column else None) if text else ""
    message = _HEADING.sub("", error.message.strip())
    if line:
        shown = Path(file).name if file and not file.startswith("<") else ""
        message = f"{message} (line {line}{f' of {shown}' if shown else ''})"
    told = CompileError(
        message,
        next_action=_NEXT_ACTIONS.get(error.code, _NEXT_ACTIONS["internal_engine"]),
        line=line,
        column=column,
        file=file,
        frame=frame,
        command=error.command,
        engine_code=error.code,
    )
    if error.code in _LIMITS:
        told.exit_code = TaskError.exit_code
    return told


def problems(diagnostics: Sequence[str]) -> list[dict[str, Any]]:
    """What the interpreter remarked on a program that it ran all the same, each once, in its order.

    Each is ``{"severity": "error" | "warning", "message", "line", "column"}``. An error here is something that was left
    out, such as an argument that a function doesn't have: the solid is not the one that was written.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for text in diagnostics:
        serious = text.lstrip().startswith("×")
        read = read_report(text if serious else _WARNING_SIGN.sub("×", text, count=1))
        item = {"severity": "error" if serious else "warning"}
        item |= {key: read[key] for key in ("message", "line", "column")}
        found.setdefault(tuple(item.values()), item)
    return list(found.values())


def refuse_ignored(code: str, diagnostics: Sequence[str]) -> None:
    """Raise CompileError where the interpreter left something of the program out."""
    for item in problems(diagnostics):
        if item["severity"] == "error":
            line, column = item["line"], item["column"]
            raise CompileError(
                f"{item['message']} (line {line})" if line else item["message"],
                next_action=_NEXT_ACTIONS["kcl_failed"],
                line=line,
                column=column,
                file="",
                frame=code_frame(code, int(line), column) if line else "",
                command=None,
                engine_code="kcl_ignored",
            )


def _text_of(source: str | Path, file: str) -> str:
    """The program text that an error points into; empty where it can't be read or lies outside the project."""
    if isinstance(source, str):
        return source
    root = source if source.is_dir() else source.parent
    named = root / Path(file).name if file and not file.startswith("<") else None
    entry = source / "main.kcl" if source.is_dir() else source
    for candidate in (named, entry):
        if candidate is not None and candidate.is_file():
            return candidate.read_text(encoding="utf-8", errors="replace")
    return ""
