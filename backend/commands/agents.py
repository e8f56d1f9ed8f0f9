"""``./brick agents list | show``: who there is, plug-ins included."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from backend.errors import NotFoundError

agents = typer.Typer(
    help="The agents: what each is for, what it takes and gives, and its limits.", no_args_is_help=True
)


def _declared() -> list[dict[str, Any]]:
    from backend.agent_registry import registry

    registry.initialize()
    return registry.describe()


@agents.command("list")
def list_agents(as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False) -> None:
    """All agents, those of installed plug-ins included."""
    found = _declared()
    if as_json:
        print(json.dumps({"agents": found}, indent=2, ensure_ascii=False))
        return
    from rich.table import Table

    from backend.commands.console import report_console

    table = Table("agent", "purpose", "capabilities", box=None, padding=(0, 2, 0, 0))
    for row in found:
        table.add_row(row["name"], row["purpose"], ", ".join(row["capabilities"]))
    report_console().print(table)


@agents.command()
def show(
    name: Annotated[str, typer.Argument(help="e.g. StructuralAgent")],
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """One agent: purpose, inputs, outputs, limits, where it comes from; that it loads is tried."""
    from backend.agent_registry import registry

    rows = {row["name"]: row for row in _declared()}
    if name not in rows:
        near = [known for known in rows if name.lower() in known.lower()]
        raise NotFoundError(
            f"there is no agent {name!r}", next_action=f"One of: {', '.join(near or rows)}.", code="unknown_agent"
        )
    registry.get_agent(name)
    row = {**rows[name], "loaded": True}
    if as_json:
        print(json.dumps(row, indent=2, ensure_ascii=False))
        return
    print(f"{row['name']}\n  {row['purpose']}")
    for key in ("inputs", "outputs", "capabilities"):
        print(f"  {key:13} {', '.join(row[key]) or '-'}")
    print(f"  {'time limit':13} {row['timeout_s']:g} s, {row['retries']} more attempts")
    print(f"  {'comes from':13} {row['module']}:{row['class_name']}")
