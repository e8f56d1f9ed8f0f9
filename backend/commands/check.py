"""``./brick check``: a study file, solved and held against its limits."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from backend.commands.console import report_console
from backend.commands.design_summary import MARKS, print_rows
from backend.commands.folders import result_folder
from backend.report.checks import grouped
from backend.report.numbers import number

if TYPE_CHECKING:
    from backend.studies.run import Outcome


def check_command(path: Path, out: Path, *, as_json: bool, solver: str, quiet: bool) -> int:
    """Runs the study and prints its verdict; returns the exit status: 0 passed, 1 failed or not verified."""
    from backend.compute import get_pool
    from backend.studies.reading import read_study
    from backend.studies.run import run_study

    read_study(path)  # a wrong file costs no worker
    result_folder(out)
    pool = get_pool()
    pool.warm("geometry", "fem")

    def tell(line: str) -> None:
        if not (quiet or as_json):
            print(line, file=sys.stderr)

    try:
        outcome = run_study(path, out, pool, solver=solver, tell=tell)
    finally:
        pool.close()
    status = 0 if outcome.verdict.status.value == "pass" else 1
    if as_json:
        print(json.dumps({"exit_status": status, **outcome.as_dict(), "out": str(out)}, indent=2))
    else:
        _summary(outcome, out)
    return status


def _summary(outcome: Outcome, out: Path) -> None:
    from rich.panel import Panel

    console = report_console()
    verdict = outcome.verdict.model_dump(mode="json")
    color = {"pass": "green", "fail": "red"}.get(verdict["status"], "yellow")
    title = f"{MARKS[verdict['status']]} [bold {color}]{verdict['status'].upper()}[/]  {_plain(outcome.study.title)}"
    console.print()
    console.print(Panel(f"{title}\n{_plain(verdict['summary'])}", border_style=color, padding=(0, 2)))
    groups = grouped(verdict["checks"])
    print_rows(console, [*groups["limits"], *groups["open"], *groups["identity"]])
    if groups["information"]:
        console.print("\n[dim]for information, the study sets no limit:[/]")
        for check in groups["information"]:
            spread = f" ± {number(check['uncertainty'], 2)}" if check.get("uncertainty") else ""
            unit = {"1": "", "degC": "°C"}.get(check["unit"], check["unit"])
            why = "" if check["reason"] in ("", "the study sets no limit") else f"; {check['reason']}"
            console.print(f"  • {_plain(check['title'])}: {number(check['value'])}{spread} {unit}{_plain(why)}")
    remarks: dict[str, list[str]] = {}
    for check in groups["limits"]:
        if check["status"] == "pass" and check["reason"]:
            remarks.setdefault(check["reason"], []).append(check["title"])
    for reason, titles in remarks.items():
        console.print(f"[dim]· {_plain('; '.join(titles))}: {_plain(reason)}[/]")
    for reason in dict.fromkeys(c["reason"] for c in groups["open"] if c["reason"]):
        console.print(f"[yellow]?[/] {_plain(reason)}")
    for line in outcome.as_dict()["warnings"]:
        console.print(f"[yellow]![/] {_plain(line)}")
    names = "  ".join(sorted(set(outcome.files.values())))
    console.print(f"\n{outcome.elapsed_s:.1f} s; {out}{'' if str(out).endswith('/') else '/'}  [dim]{names}[/]")


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
