"""``./brick log | diff | fork | undo | redo | name | change``: the history of a project in the local database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backend.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from backend.orchestration.history import History

Project = Annotated[str | None, typer.Option("--project", "-p", help="the project's id; the latest one by default")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="also write the revision's files into this folder")]
Row = dict[str, Any]


@contextlib.contextmanager
def opened() -> Iterator[History]:
    """The history in the database that the settings name."""
    from backend.artifacts import ArtifactStore
    from backend.config.settings import get_settings
    from backend.db import ProjectStore, open_database
    from backend.db.events import SqlEventLog
    from backend.events import EventBus, SequenceTaken
    from backend.orchestration.history import History

    settings = get_settings()
    engine = open_database(settings.database)
    bus = EventBus(log=SqlEventLog(engine, SequenceTaken))
    try:
        yield History(ProjectStore(engine), ArtifactStore(settings.artifacts_dir), bus)
    finally:
        engine.dispose()


def _which(history: History, project: str | None) -> str:
    if project is not None:
        return project
    latest = history.store.list_projects(1)
    if not latest:
        raise NotFoundError("there is no project yet", next_action='Design something: ./brick design "…"')
    return str(latest[0]["id"])


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def log(
    project: Project = None,
    every: Annotated[bool, typer.Option("--all", help="list the projects instead")] = False,
    as_json: AsJson = False,
) -> None:
    """The revisions of a project, newest first: a tree by the number that each was made from."""
    from rich.table import Table

    from backend.commands.console import report_console
    from backend.commands.design_summary import plain
    from backend.report.numbers import number

    with opened() as history:
        if every:
            _projects(history.store.list_projects(1000), as_json)
            return
        identity = _which(history, project)
        head, found = asyncio.run(history.list(identity))
        about = history.store.project(identity)
    if as_json:
        print(json.dumps({"project": about, "head": head, "revisions": found}, indent=2, ensure_ascii=False))
        return
    numbers = {row["id"]: row["number"] for row in found}
    table = Table(title=f"{identity}  {plain(about['name'])}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("", "rev", "from", "verdict", "mass", "what", "name", "when"):
        table.add_column(name, no_wrap=name in ("rev", "from", "verdict", "mass", "when"))
    for row in reversed(found):
        mass = row["figures"].get("mass_g")
        table.add_row(
            "→" if row["id"] == head else "",
            str(row["number"]),
            str(numbers.get(row["parent"], "")),
            row["figures"].get("verdict") or "",
            f"{number(mass)} g" if mass is not None else "",
            plain(row["label"]),
            plain(", ".join(row["names"])),
            _when(row["created_at"]),
        )
    report_console().print(table)


def _projects(found: Sequence[Row], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"projects": list(found)}, indent=2, ensure_ascii=False))
        return
    from rich.table import Table

    from backend.commands.console import report_console
    from backend.commands.design_summary import plain

    if not found:
        print('no project yet; design something: ./brick design "…"')
        return
    table = Table("project", "brief", "changed", box=None, padding=(0, 2, 0, 0))
    for row in found:
        table.add_row(row["id"], plain(row["name"]), _when(row["updated_at"]))
    report_console().print(table)


def diff(
    old: Annotated[str | None, typer.Argument(help="a revision: number, name, head, previous")] = None,
    new: Annotated[str | None, typer.Argument(help="another one; head by default")] = None,
    project: Project = None,
    with_project: Annotated[str | None, typer.Option("--with", help="NEW is a revision of this project")] = None,
    as_json: AsJson = False,
) -> None:
    """What differs between two revisions: parameters, mass, cost, verdict, margins, program."""
    with opened() as history:
        found = asyncio.run(history.between(_which(history, project), old, with_project, new))
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _show_diff(found)


def _show_diff(found: Row) -> None:
    from rich.table import Table

    from backend.commands.console import report_console
    from backend.commands.design_summary import plain
    from backend.report.numbers import number, percent

    console = report_console()
    old, new = found["old"], found["new"]
    table = Table("", f"revision {old['number']}", f"revision {new['number']}", box=None, padding=(0, 2, 0, 0))

    def shown(value: Any, unit: str = "") -> str:
        if value is None:
            return "-"
        return f"{number(value)} {unit}".strip() if isinstance(value, int | float) else plain(str(value))

    for name, change in found["parameters"].items():
        table.add_row(
            name.replace("_", " "), shown(change["old"], change["unit"]), shown(change["new"], change["unit"])
        )
    for name, unit in (("mass_g", "g"), ("volume_mm3", "mm³"), ("material", ""), ("family", ""), ("verdict", "")):
        if found[name]["old"] != found[name]["new"]:
            words = name.removesuffix("_g").removesuffix("_mm3")
            table.add_row(words, shown(found[name]["old"], unit), shown(found[name]["new"], unit))
    cost = found["cost_usd"]
    if cost["old"] != cost["new"]:
        table.add_row("material, USD", *(f"{c['low']:.2f} to {c['high']:.2f}" if c else "-" for c in cost.values()))
    for check in found["margins"].values():
        told = [
            " ".join(part for part in (check[f"{side}_status"], percent(check[side]) if check[side] is not None else "")
                     if part) or "-"
            for side in ("old", "new")
        ]  # fmt: skip
        table.add_row(plain(f"margin: {check['title']}"), *told)
    console.print(table)
    if not table.row_count:
        console.print("no difference in parameters, mass, cost, verdict and margins")
    if found["kcl"]:
        console.print()
        print(found["kcl"])


def _written(history: History, row: Row, out: Path) -> list[str]:
    from backend.commands.folders import result_folder
    from backend.orchestration.keeping import restore

    result_folder(out)
    return restore(history.artifacts, asyncio.run(history.state(row["project_id"], row["id"])), out)


def _moved(history: History, row: Row, out: Path | None, as_json: bool = False) -> None:
    """Tell which revision is shown now, and write its files where that was asked for."""
    files = _written(history, row, out) if out is not None else []
    if as_json:
        shown = {key: row[key] for key in ("project_id", "number", "id", "label")}
        print(json.dumps({**shown, "out": str(out) if out else None, "files": files}, indent=2, ensure_ascii=False))
        return
    print(f"revision {row['number']} of project {row['project_id']}: {row['label']}")
    if out is not None:
        print(f"{out}/  {'  '.join(files)}")


def undo(project: Project = None, out: Out = None, as_json: AsJson = False) -> None:
    """Show the revision that the present one was made from; nothing is lost."""
    with opened() as history:
        _moved(history, asyncio.run(history.undo(_which(history, project))), out, as_json)


def redo(project: Project = None, out: Out = None, as_json: AsJson = False) -> None:
    """Show again what was undone last."""
    with opened() as history:
        _moved(history, asyncio.run(history.redo(_which(history, project))), out, as_json)


def rewind(
    revision: Annotated[str, typer.Argument(help="number or name")],
    project: Project = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Show any revision, and design on from it; nothing is lost."""
    with opened() as history:
        _moved(history, asyncio.run(history.rewind(_which(history, project), revision)), out, as_json)


def fork(
    revision: Annotated[str | None, typer.Argument(help="number or name; the one shown by default")] = None,
    project: Project = None,
    new: Annotated[str | None, typer.Option("--as", help="the new project's id")] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Start a new project from a revision."""
    with opened() as history:
        created = asyncio.run(history.fork(_which(history, project), revision, new))
        _moved(history, asyncio.run(history.find(created, None)), out, as_json)


def name(
    words: Annotated[str, typer.Argument(metavar="NAME", help="by which the revision is found from then on")],
    revision: Annotated[str | None, typer.Argument(help="number; the one shown by default")] = None,
    project: Project = None,
    remove: Annotated[bool, typer.Option("--remove", help="take the name away instead")] = False,
    as_json: AsJson = False,
) -> None:
    """Name a revision."""
    with opened() as history:
        identity = _which(history, project)
        if remove:
            asyncio.run(history.unname(identity, words))
            told: Row = {"project_id": identity, "removed": words}
            said = f"no revision of project {identity} is named {words!r} any more"
        else:
            row = asyncio.run(history.name(identity, revision, words))
            told = {"project_id": identity, "number": row["number"], "names": list(row["names"])}
            said = f"revision {row['number']} of project {identity} is named {', '.join(row['names'])}"
        print(json.dumps(told, indent=2, ensure_ascii=False) if as_json else said)


def change(
    settings: Annotated[list[str], typer.Argument(metavar="NAME=VALUE…", help="thickness='12 mm', material=steel")],
    project: Project = None,
    full: Annotated[bool, typer.Option("--full", help="solve the finite elements too")] = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Change sizes, choices, material or load of a design; the change is a new revision. NAME= sizes it anew."""
    pairs: dict[str, str | None] = {}
    for item in settings:
        key, equals, value = item.partition("=")
        if not equals or not key.strip():
            raise InputError(f"{item!r} is not of the form NAME=VALUE.", next_action="For example: thickness='12 mm'")
        pairs[key.strip()] = value.strip() or None
    with opened() as history:
        identity = _which(history, project)
        found = asyncio.run(_change(history, identity, pairs, "full" if full else "fast"))
        if out is not None and not as_json:
            _moved(history, asyncio.run(history.find(identity, None)), out)
        elif out is not None:
            row = asyncio.run(history.find(identity, None))
            found = {**found, "out": str(out), "files": _written(history, row, out)}
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print(f"revision {found['new']['number']} of project {identity}: {found['new']['label']}")
        _show_diff({**found, "kcl": ""})
    raise typer.Exit(0 if found["new"]["figures"]["verdict"] == "pass" else 1)


async def _change(history: History, project: str, pairs: dict[str, str | None], depth: Any) -> Row:
    """Make the change here, without a server: the run is kept in memory, its revision in the database."""
    from backend.compute import get_pool
    from backend.config.settings import get_settings
    from backend.db import SqlEventLog
    from backend.events import EventBus, SequenceTaken
    from backend.orchestration.changes import Changes
    from backend.orchestration.projects import Projects
    from backend.orchestration.runner import Runner
    from backend.orchestrator import graph_in_memory

    bus = EventBus(log=SqlEventLog(history.store.engine, SequenceTaken))
    runner = Runner(await asyncio.to_thread(graph_in_memory), bus)
    projects = Projects(get_settings(), history.store, history.artifacts, bus, runner)
    try:
        run = await Changes(projects, history).recompute(project, pairs, depth=depth)
        await projects.wait(run["id"])
    finally:
        get_pool().close()
    ended = await asyncio.to_thread(history.store.run, run["id"])
    if ended["status"] != "done":
        from backend.errors import BrickError

        error = ended["error"] or {"message": f"the run ended as {ended['status']}"}
        raise BrickError(error["message"], next_action=error.get("next_action", ""), code=error.get("code"))
    return await history.between(project, "previous", None, "head")


COMMANDS = (log, diff, undo, redo, rewind, fork, name, change)
