"""The command line: ``./brick design | run | export | engine | serve | doctor | bench | test``.

Exit status: 0 done and passed, 1 a requirement failed or is not verified, 2 bad input or an answer is needed,
3 an internal failure. Results go to standard output, progress and logs to standard error. A person never sees a stack
trace: an unexpected failure is written to a log file that the message names.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from backend.commands import history
from backend.commands.agents import agents
from backend.commands.catalog import materials, physics
from backend.errors import InputError

app = typer.Typer(
    name="brick",
    help="BRICK OS: from a brief in plain words to verified, manufacturable hardware, on this machine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)


app.add_typer(physics, name="physics")
app.add_typer(materials, name="materials")
app.add_typer(agents, name="agents")


@app.command()
def design(
    brief: Annotated[str, typer.Argument(help="what you need, in plain words; '-' reads standard input")],
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for the results")] = Path("out"),
    answer: Annotated[
        list[str] | None, typer.Option("--answer", "-a", metavar="ID=TEXT", help="answer to a question, repeatable")
    ] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="never ask: questions end the run with exit 2")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object instead of the summary")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="no progress on standard error")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="also what the agents think")] = False,
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="record it as a revision of this project; a new one by default"),
    ] = None,
    llm: Annotated[
        str | None, typer.Option("--llm", help="language model for parts outside the families: provider[:model]")
    ] = None,
    approve_release: Annotated[
        bool, typer.Option("--approve-release", help="ask at the terminal before anything is handed over")
    ] = False,
) -> None:
    """Design a part from a brief: understand, size, model, prove, document."""
    from backend.commands.design import design_command

    status = design_command(
        brief, out, answers=answer or [], no_input=no_input, as_json=as_json, quiet=quiet, verbose=verbose,
        project=project, llm=llm, approve_release=approve_release,
    )  # fmt: skip
    raise typer.Exit(status)


SOURCE = "a .kcl file, a project folder with main.kcl, or '-' for standard input"
SNAPSHOT = "also draw a picture into this PNG file"
VIEW = "view of the picture: iso, front, back, left, right, top, bottom, …; repeatable"


@app.command()
def run(
    path: Annotated[Path, typer.Argument(help=SOURCE)],
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for STEP, GLB, STL and BREP")] = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object on standard output")] = False,
    material: Annotated[str | None, typer.Option("--material", "-m", help="material, for the mass")] = None,
    snapshot: Annotated[Path | None, typer.Option("--snapshot", help=SNAPSHOT)] = None,
    view: Annotated[list[str] | None, typer.Option("--view", help=VIEW)] = None,
    size: Annotated[str | None, typer.Option("--size", help="pixels of the picture, as 1024x768")] = None,
    timeout_s: Annotated[float, typer.Option("--timeout", help="limit for the run, seconds", min=0.1)] = 120.0,
    memory_mb: Annotated[float, typer.Option("--memory-mb", help="memory limit, MB", min=400)] = 6000.0,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="compute everything, recall and keep nothing")] = False,
) -> None:
    """Compile a KCL program on the local engine; measure and export it."""
    from backend.commands.run import run_command

    status = run_command(
        path, out, as_json=as_json, material=material, timeout_s=timeout_s, memory_mb=memory_mb,
        snapshot=snapshot, views=view or [], size=size, cache=not no_cache,
    )  # fmt: skip
    raise typer.Exit(status)


@app.command()
def check(
    study: Annotated[Path, typer.Argument(help="a study file (YAML): model, material, supports, loads, results")],
    out: Annotated[Path, typer.Option("--out", "-o", help="folder for the report, fields and pictures")] = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object instead of the summary")] = False,
    solver: Annotated[str, typer.Option("--solver", help="ngsolve, ccx, or both on the same mesh")] = "ngsolve",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="no progress on standard error")] = False,
) -> None:
    """Solve a study with finite elements and hold it against its limits."""
    from backend.commands.check import check_command

    raise typer.Exit(check_command(study, out, as_json=as_json, solver=solver, quiet=quiet))


@app.command()
def export(
    path: Annotated[Path, typer.Argument(help=SOURCE)],
    kinds: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", help="step, stl, glb, gltf, obj, ply, 3mf, dxf, brep; repeatable"),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="the file to write, or a folder")] = None,
    unit: Annotated[str, typer.Option("--units", "-u", help="of numbers in the file: mm, cm, m, in, ft, yd")] = "mm",
    snapshot: Annotated[Path | None, typer.Option("--snapshot", help=SNAPSHOT)] = None,
    view: Annotated[list[str] | None, typer.Option("--view", help=VIEW)] = None,
    size: Annotated[str | None, typer.Option("--size", help="pixels of the picture, as 1024x768")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object on standard output")] = False,
    timeout_s: Annotated[float, typer.Option("--timeout", help="limit for the run, seconds", min=0.1)] = 120.0,
    memory_mb: Annotated[float, typer.Option("--memory-mb", help="memory limit, MB", min=400)] = 6000.0,
) -> None:
    """Compile a KCL program on the local engine and write files of it."""
    from backend.commands.export import export_command

    status = export_command(
        path, kinds=kinds or [], out=out, unit=unit, as_json=as_json, timeout_s=timeout_s, memory_mb=memory_mb,
        snapshot=snapshot, views=view or [], size=size,
    )  # fmt: skip
    raise typer.Exit(status)


@app.command()
def conformance(
    folder: Annotated[Path, typer.Argument(help="a folder of KCL programs with their oracles")],
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
    only: Annotated[str | None, typer.Option("--only", help="programs with this in their name")] = None,
    timeout_s: Annotated[float, typer.Option("--timeout", help="limit for each program, seconds")] = 120.0,
) -> None:
    """Run a folder of KCL programs and hold each against its oracle."""
    from backend.commands.conformance import conformance_command

    raise typer.Exit(conformance_command(folder, as_json=as_json, timeout_s=timeout_s, only=only))


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Say what works on this machine, what is missing, and how to get it."""
    from backend.commands.doctor import doctor_command

    raise typer.Exit(doctor_command(as_json=as_json))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="address to bind; beyond loopback a token is required")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port")] = 8000,
    token: Annotated[str | None, typer.Option(help="access token", envvar="BRICK_ACCESS_TOKEN")] = None,
) -> None:
    """Serve the API on this machine."""
    from backend.commands.serve import serve_command

    raise typer.Exit(serve_command(host, port, token))


@app.command()
def engine(
    host: Annotated[str, typer.Option(help="address to bind; beyond loopback a token is required")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port; 0 takes a free one", min=0, max=65535)] = 8400,
    token: Annotated[
        str | None,
        typer.Option(help="token that clients must show; better in", envvar="BRICK_ENGINE_TOKEN", show_envvar=True),
    ] = None,
    sessions: Annotated[int | None, typer.Option(help="sessions at once, each in a worker of its own")] = None,
    waiting: Annotated[int, typer.Option(help="clients that may wait for a session")] = 16,
    memory_mb: Annotated[float, typer.Option("--memory-mb", help="memory limit of a session, MB")] = 4000.0,
    timeout_s: Annotated[float, typer.Option("--timeout-s", help="limit for one request, seconds")] = 120.0,
    idle_s: Annotated[float, typer.Option("--idle-s", help="longest silence of a client, seconds")] = 600.0,
    session_s: Annotated[float, typer.Option("--session-s", help="longest session, seconds")] = 7200.0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="only the address and warnings")] = False,
) -> None:
    """Serve the modeling protocol: a local engine for KCL clients."""
    from backend.commands.engine import engine_command
    from backend.modeling_api.limits import Limits

    limits = Limits(
        **({} if sessions is None else {"sessions": sessions}),
        waiting=waiting,
        memory_mb=memory_mb,
        timeout_s=timeout_s,
        idle_s=idle_s,
        session_s=session_s,
    )
    raise typer.Exit(engine_command(host, port, token, limits, quiet=quiet))


@app.command()
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="remove all that is kept")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Show how much the engine keeps of its operations' results, and where; --clear removes it."""
    from backend.commands.cache import cache_command

    raise typer.Exit(cache_command(clear=clear, as_json=as_json))


@app.command()
def worker() -> None:
    """Drive the runs that servers with BRICK_ROLE=web take in, on the same database and data folder."""
    from backend.commands.worker import worker_command

    raise typer.Exit(worker_command())


@app.command()
def bench(
    what: Annotated[
        str, typer.Argument(help="all, startup, design, bands, bracket, briefs, engine, physics, runs, studies")
    ] = "all",
    runs: Annotated[int, typer.Option(help="counted runs of each")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="bands, physics, engine, studies: print JSON")] = False,
    docs: Annotated[Path | None, typer.Option("--docs", help="physics: write this page from the run")] = None,
    samples: Annotated[Path | None, typer.Option("--samples", help="engine: a folder of */main.kcl")] = None,
    only: Annotated[str, typer.Option("--only", metavar="TEXT", help="physics: cases with this in name or title")] = "",
    build123d: Annotated[
        str | None, typer.Option("--build123d", metavar="PYTHON", help="engine: compare with it; 'new' installs one")
    ] = None,
) -> None:
    """Measure start, design job and many runs at once; hold bracket, briefs and physics against what is known."""
    from backend.commands.bench import bench_command

    status = bench_command(what, runs, as_json=as_json, docs=docs, samples=samples, build123d=build123d, only=only)
    raise typer.Exit(status)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def test(context: typer.Context) -> None:
    """Run the checks and the tests; further arguments go to pytest."""
    from backend.commands.testing import test_command

    raise typer.Exit(test_command(list(context.args)))


for _command in history.COMMANDS:
    app.command()(_command)


def _report_crash(error: BaseException) -> int:
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = Path(os.environ.get("BRICK_LOG_DIR") or state / "brick" / "logs")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / f"crash-{os.getpid()}.log"
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        where = f"The details are in {log}."
    except OSError as problem:
        where = f"The details could not be written ({problem})."
    if "--json" in sys.argv:
        words = {"code": "internal", "message": f"{type(error).__name__}: {error}", "next_action": where, "details": {}}
        print(json.dumps({"exit_status": 3, "error": words}, indent=2, ensure_ascii=False))
    print(f"internal failure: {type(error).__name__}: {error}\n{where} Please report it.", file=sys.stderr)
    return 3


def show_error(error: Exception) -> int | None:
    """Prints an error in the words that the API and the page use too; returns the exit status.

    None for an exception that is not made for people. The rooms that could be published alone have errors of their
    own; they too say ``as_dict()``, and are about the input unless they say otherwise.
    """
    if not hasattr(error, "as_dict"):
        return None
    words = error.as_dict()
    status = int(getattr(error, "exit_code", InputError.exit_code))
    if "--json" in sys.argv:
        print(json.dumps({"exit_status": status, "error": words}, indent=2, ensure_ascii=False, default=str))
    print(f"{words['code']}: {words['message']}", file=sys.stderr)
    frame = (words.get("details") or {}).get("frame")
    if frame:  # the lines around the place in a KCL program, with a caret
        print("\n".join(f"  {line}" for line in str(frame).splitlines()), file=sys.stderr)
    if words.get("next_action"):
        print(f"  next: {words['next_action']}", file=sys.stderr)
    return status


def main() -> None:
    """Entry point of ``./brick`` and of the installed ``brick``."""
    try:
        app(prog_name="brick")
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        status = show_error(error)
        sys.exit(_report_crash(error) if status is None else status)


if __name__ == "__main__":
    main()
