"""Compiling a KCL program: the official interpreter against our engine, both in this process.

:func:`run_project` is the entry point for the worker pool: plain data in, plain data out. The process that calls it
imports OCP and the interpreter; a run that hangs is ended from outside by ending the process.
"""

from __future__ import annotations

import asyncio
import glob
import hashlib
import itertools
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.engine.cache import Account, CacheConfig, active, configure
from backend.engine.clock import kernel_s
from backend.engine.errors import EngineError

DEFAULT_TIMEOUT_S = 60.0
_MAX_SOURCE_BYTES = 4 * 2**20
_MAX_ASSET_BYTES = 256 * 2**20
_LOCATION = re.compile(r"(?:╭─|,-)\[\s*(?:(?P<file>[^\]\n]*?):)?(?P<line>\d+):(?P<column>\d+)\s*\]")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")

_server: Any = None
_lock = threading.Lock()


def warm() -> None:
    """Imports the kernel and the interpreter and starts the server, so that the first run is fast."""
    import kcl  # noqa: F401

    _engine()


def _engine() -> Any:
    """The server of this process, started at the first use."""
    global _server
    with _lock:
        if _server is None:
            from backend.engine.protocol.server import EngineServer

            _server = EngineServer().start()
        return _server


def run_project(request: dict[str, Any]) -> dict[str, Any]:
    """Compiles a KCL file, project directory or code and measures and exports the result.

    ``request``: ``path`` (a .kcl file, or a directory with main.kcl) or ``code``; ``out_dir``; ``exports`` (any of
    brep, step, glb, stl); ``name`` (file stem, default "model"); ``density_kg_m3``; ``timeout_s``; ``cache``
    (``{"enabled", "folder", "memory_mb", "disk_mb"}``; without a folder results are kept in memory alone;
    left out: as the process was told).

    Returns the fields of the house's CompiledModel (mm, mm2, mm3, seconds), ``mass_g`` where a density is given, and
    ``commands`` (how many the interpreter sent) and ``cache`` (hits, misses and seconds saved in this run). Raises
    :class:`EngineError`.
    """
    started = time.perf_counter()
    entry, own_files = _project(request)
    timeout_s = float(request.get("timeout_s") or DEFAULT_TIMEOUT_S)
    told = request.get("cache")
    cache = configure(CacheConfig.read(told)) if told is not None else active()
    cache.account = Account()
    server = _engine()
    session, outcome, interpreted_s = _interpret(server, entry, own_files, request, timeout_s)
    from backend.engine import results

    before = kernel_s()
    result = results.collect(session, request)
    timings = result["timings_s"]
    timings["collect_occt"] = kernel_s() - before  # the kernel's part of measures and exports
    timings["occt"] = session.scene.occt_s
    timings["protocol"] = max(0.0, session.busy_s - session.scene.occt_s)
    timings["interpreter"] = max(0.0, interpreted_s - session.busy_s)
    timings["total"] = time.perf_counter() - started
    result["timings_s"] = {key: round(value, 6) for key, value in timings.items()}
    result["cache"] = cache.report()
    if request.get("trace"):
        from backend.engine import trace

        result["trace"] = trace.of_session(session)
    result["diagnostics"] = [*result["diagnostics"], *outcome]
    return result


def _project(request: dict[str, Any]) -> tuple[Path | None, frozenset[str]]:
    """The entry file (None for code alone), checked to be confined, and the fingerprints of the files it may import."""
    path, code = request.get("path"), request.get("code")
    if (path is None) == (code is None):
        raise EngineError("give either 'path' or 'code'", code="kcl_failed")
    if code is not None:
        if len(str(code).encode()) > _MAX_SOURCE_BYTES:
            raise EngineError(f"the program is larger than {_MAX_SOURCE_BYTES} bytes", code="confined")
        _imports(str(code), None, "<code>")
        return None, frozenset()
    entry = Path(str(path))
    if entry.is_dir():
        entry = entry / "main.kcl"
    if not entry.is_file():
        raise EngineError(f"there is no KCL file at {entry}", code="kcl_failed")
    root = entry.parent.resolve()
    pending, seen = [entry], set()
    assets: set[str] = set()
    while pending:
        source = pending.pop()
        if source in seen:
            continue
        seen.add(source)
        if not source.resolve().is_relative_to(root):
            raise EngineError(f"{source.name} leads outside the project ({root})", code="confined")
        if source.stat().st_size > _MAX_SOURCE_BYTES:
            raise EngineError(f"{source.name} is larger than {_MAX_SOURCE_BYTES} bytes", code="confined")
        text = source.read_text(encoding="utf-8", errors="replace")
        modules, models = _imports(text, source.parent, source.name)
        pending.extend(modules)
        assets.update(hashlib.sha256(model.read_bytes()).hexdigest() for model in models)
    return entry, frozenset(assets)


_UNIT = re.compile(r"defaultLengthUnit\s*=\s*(?P<unit>mm|cm|m|in|ft|yd)\b")
# comments and strings are taken whole, so that nothing within them is read as code
_TOKEN = re.compile(r"""//[^\n]*|/\*.*?(?:\*/|\Z)|"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|\w+|\S""", re.DOTALL)


def imported(text: str) -> list[tuple[int, str]]:
    """The paths that the text imports (``import … "path"``, on one line or several), each with its offset."""
    found = []
    tokens = [token for token in _TOKEN.finditer(text) if not token[0].startswith(("//", "/*"))]
    for number, token in enumerate(tokens):
        if token[0] != "import":
            continue
        for after in tokens[number + 1 :]:
            if after[0][0] in "\"'":
                found.append((after.start() + 1, after[0][1:-1]))
                break
            if not (after[0].isidentifier() or after[0] in ",*"):
                break
    return found


def _imports(text: str, folder: Path | None, name: str) -> tuple[list[Path], list[Path]]:
    """KCL modules and foreign models that the text imports; an import that leads out of the project is refused."""
    modules, models = [], []
    for start, target in imported(text):
        line = text.count("\n", 0, start) + 1
        source = {"file": name, "line": line, "column": start - text.rfind("\n", 0, start)}
        if target.startswith("std::"):
            continue
        if folder is None:
            raise EngineError(
                f"the program imports {target!r}: give a project directory, not code alone", "confined", source
            )
        file = folder / target
        if target.startswith(("/", "\\", "~")) or ".." in Path(target).parts or re.match(r"^[A-Za-z]:", target):
            raise EngineError(f"the import {target!r} leads outside the project", "confined", source)
        if not file.resolve().is_relative_to(folder.resolve()):
            raise EngineError(f"the import {target!r} is a link that leads outside the project", "confined", source)
        if file.suffix.lower() == ".kcl" and file.is_file():
            modules.append(file)
        elif file.is_file():
            # a text glTF has its buffers beside it
            for item in (file, *sorted(file.parent.glob(f"{glob.escape(file.stem)}*.bin"))):
                if not item.resolve().is_relative_to(folder.resolve()):
                    message = f"{item.name!r}, which {target!r} may need, is a link that leads outside the project"
                    raise EngineError(message, "confined", source)
                if item.is_file() and item.stat().st_size > _MAX_ASSET_BYTES:
                    raise EngineError(f"{item.name!r} is larger than {_MAX_ASSET_BYTES} bytes", "confined", source)
                if item.is_file():
                    models.append(item)
    return modules, models


def _interpret(
    server: Any,
    entry: Path | None,
    own_files: frozenset[str],
    request: dict[str, Any],
    timeout_s: float,
    watch: Callable[[Any], None] | None = None,
) -> tuple[Any, list[str], float]:
    """Runs the interpreter; returns the session that it built, its diagnostics, and the seconds it took.

    ``watch`` is given the session before its first command.
    """
    import kcl

    opened: list[Any] = []
    source = str(request["code"]) if entry is None else entry.read_text(encoding="utf-8", errors="replace")
    told = _UNIT.search(source)
    unit = told["unit"] if told else "mm"

    def admit(session: Any) -> None:
        session.scene.own_files = own_files
        session.scene.unit = unit
        session.log = [] if request.get("trace") else None
        if watch is not None:
            watch(session)
        opened.append(session)

    server.on_session = admit
    started = time.perf_counter()

    async def execute() -> list[str]:
        options = {"geometry_only": True, "token": "local", "base_url": server.base_url}
        if entry is not None:
            run = await kcl.new_kcl_session(str(entry), **options)
        else:
            run = await kcl.new_kcl_session_code(str(request["code"]), **options)
        try:
            return [_ANSI.sub("", text) for text in run.outcome.report_all()]
        finally:
            await run.close()

    async def bounded() -> list[str]:
        return await asyncio.wait_for(execute(), timeout_s)

    try:
        diagnostics = asyncio.run(bounded())
    except TimeoutError:
        raise EngineError(f"the program ran longer than {timeout_s:g} s", code="timeout") from None
    except BaseException as error:
        # a panic of the Rust side derives from BaseException: it is an error of this program, too
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise _kcl_error(error, opened[-1] if opened else None, entry) from None
    finally:
        server.on_session = None
        for session in opened:
            if session in server.sessions:
                server.sessions.remove(session)
    if not opened:
        raise EngineError("the interpreter never connected to the engine", code="internal_engine")
    return opened[0], diagnostics, time.perf_counter() - started


def _place_of(report: str) -> tuple[str, int, int] | None:
    """File ("" where it isn't told), line and column of a report: from its heading, else from its first mark."""
    found = _LOCATION.search(report)
    if found:
        return found["file"] or "", int(found["line"]), int(found["column"])
    lines = report.split("\n")  # a quoted line may hold other characters that end a line elsewhere
    for above, below in itertools.pairwise(lines):
        quoted = re.match(r"^\s*(?P<line>\d+)\s*│ ", above)
        mark = re.match(r"^\s*·(?P<gap>\s*)[─┬]", below)
        if quoted and mark:
            return "", int(quoted["line"]), max(1, mark.end("gap") - quoted.end() + 1)
    return None


def _file_of(report: str, line: int, entry: Path | None) -> str:
    """The project's file that a report without a name quotes: the one with the quoted text at that line."""
    if entry is None:
        return "<code>"
    quoted = re.search(rf"^\s*{line}\s*[│|] ?(?P<text>.*)$", report, re.MULTILINE)
    wanted = quoted["text"].strip() if quoted else ""
    for file in [entry, *sorted(entry.parent.rglob("*.kcl"))] if wanted else []:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(lines) >= line and lines[line - 1].strip() == wanted:
            return str(file.relative_to(entry.parent))
    return entry.name


def _kcl_error(error: BaseException, session: Any, entry: Path | None) -> EngineError:
    """The interpreter's report as an EngineError with its place in the program."""
    report = _ANSI.sub("", str(error.args[0]) if error.args else str(error)).strip()
    source = None
    place = _place_of(report)
    if place is not None:
        file, line, column = place
        source = {"file": file or _file_of(report, line, entry), "line": line, "column": column}
    failed = session.last_error if session is not None else None
    if failed is not None and _squeezed(failed.message) in _squeezed(report):
        return EngineError(failed.message, failed.code, source, failed.command)
    return EngineError(_message(report), "kcl_failed", source, None)


def _squeezed(text: str) -> str:
    """The text without white space and the marks of a report's frame, to find a message that was wrapped."""
    return re.sub(r"[\s│├╰─▶×·]+", "", text)


def _message(report: str) -> str:
    """The message of a report, without its code frame."""
    lines = []
    for line in report.splitlines():
        if "╭─" in line or ",-[" in line:
            break
        lines.append(line.strip().lstrip("×│├╰─▶ ").strip())
    return " ".join(line for line in lines if line) or report
