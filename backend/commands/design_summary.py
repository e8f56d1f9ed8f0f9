"""What a design run says on the terminal when it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.commands.console import report_console
from backend.report.checks import SIGNS, Check, assumption_rows, grouped, unit
from backend.report.numbers import number, percent
from backend.report.words import family_title, material_name

if TYPE_CHECKING:
    from rich.console import Console

MARKS = {"pass": "[green]✓[/]", "fail": "[red]✗[/]", "not verified": "[yellow]?[/]"}


def plain(text: str) -> str:
    """Text that rich prints as it is."""
    return text.replace("[", "\\[")


def print_rows(console: Console, checks: Sequence[Check]) -> None:
    """A table of checks: mark, title, value with its uncertainty, limit, margin, method."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    table.add_column("check")
    for name in ("value", "limit", "margin"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("how", style="dim")
    for check in checks:
        spread = f" ± {number(check['uncertainty'], 2)}" if check.get("uncertainty") else ""
        value = f"{number(check['value'])}{spread} {unit(check)}".strip() if check["value"] is not None else ""
        limit = f"{SIGNS.get(check['sense'] or '', '')} {number(check['limit'])}" if check["limit"] is not None else ""
        margin = percent(check["margin"]) if check["margin"] is not None else ""
        table.add_row(MARKS[check["status"]], plain(check["title"]), value, limit, margin, plain(check["method"]))
    console.print(table)


def print_summary(state: Mapping[str, Any], out: Path, elapsed_s: float) -> None:
    """Verdict, checks that hold a figure against a limit, what is open, what was assumed, figures, files."""
    from rich.panel import Panel

    console = report_console()
    verdict = state["validation"]["verification_report"]
    scheme = state["design"]["design_scheme"]
    if not verdict:
        console.print(f"[red]No verdict.[/] {plain('; '.join(state['core']['errors']))}")
        return
    color = {"pass": "green", "fail": "red"}.get(verdict["status"], "yellow")
    family, material = family_title(scheme.get("family")), material_name(scheme.get("material"))
    title = f"{MARKS[verdict['status']]} [bold {color}]{verdict['status'].upper()}[/]  {family}, {material}"
    console.print()
    console.print(Panel(f"{title}\n{plain(verdict['summary'])}", border_style=color, padding=(0, 2)))

    groups = grouped(verdict["checks"])
    same, open_checks, told = groups["identity"], groups["open"], groups["information"]
    print_rows(console, groups["limits"])
    if same:
        asked = sum(check["requirement_id"] is not None for check in same)
        console.print(
            f"{MARKS['pass']} the model is what was asked for: {asked} sizes, choices and loads of the brief, and "
            f"{len(same) - asked} checks of the solid and its mesh [dim](each in the report)[/]"
        )
    if open_checks:
        console.print("\n[yellow]not verified here, yours to settle:[/]")
        for check in open_checks:
            value = f" {number(check['value'])} {unit(check)};" if check["value"] is not None else ""
            console.print(f"  {MARKS['not verified']} {plain(check['title'])}:{value} [dim]{plain(check['reason'])}[/]")
    if told:
        console.print("\n[dim]for information, the brief sets no limit:[/]")
        for check in told:
            console.print(f"  • {plain(check['title'])}: {number(check['value'])} {unit(check)}")
    _print_reading(console, state["design"].get("intent") or {}, scheme)
    _print_figures(console, state, scheme, elapsed_s)
    _print_package(console, state)
    names = sorted(path.name for path in out.iterdir() if path.is_file()) if out.is_dir() else []
    console.print(f"{out}{'' if str(out).endswith('/') else '/'}  [dim]{'  '.join(names)}[/]")


def _print_package(console: Console, state: Mapping[str, Any]) -> None:
    """The person's word on the release, where one was asked for, and what the quality review found."""
    release = state["manufacturing"].get("release") or {}
    if release.get("status") == "rejected":
        console.print(f"[red]not released:[/] {plain(release['reason'])}; nothing was handed over")
    elif release:
        console.print(f"released by a person, content {release['digest'][:12]}")
    review = state["validation"].get("quality_review_report") or {}
    if review:
        console.print(f"{MARKS[review['status']]} quality review: {plain(review['summary'])}")


def _print_reading(console: Console, intent: Mapping[str, Any], scheme: Mapping[str, Any]) -> None:
    assumed = assumption_rows(intent.get("assumptions"), scheme.get("assumptions"))
    if assumed:
        console.print("\n[dim]assumed:[/]")
        for item in assumed:
            console.print(f"  • {plain(item['text'])}")
    unread = [span["text"] for span in intent.get("unread") or []]
    if unread:
        console.print(f"\n[yellow]not understood, without effect:[/] {plain(', '.join(unread))}")


def _print_figures(console: Console, state: Mapping[str, Any], scheme: Mapping[str, Any], elapsed_s: float) -> None:
    parts = []
    free = [name for name in scheme.get("free") or [] if name in scheme["parameters"]]
    if free:
        sized = (
            f"{name.removesuffix('_mm').replace('_', ' ')} {number(scheme['parameters'][name]['value'])} "
            f"{scheme['parameters'][name]['unit']}"
            for name in free
        )
        parts.append(f"sized: {', '.join(sized)}")
    mass = scheme.get("mass_g")
    if mass:
        parts.append(f"mass {number(mass['value'])} {mass['unit']}")
    totals = (state["manufacturing"].get("bom_analysis") or {}).get("totals") or {}
    if totals.get("lines_priced"):
        parts.append(f"material {totals['cost_low_usd']:.2f} to {totals['cost_high_usd']:.2f} USD")
    rounds = state["core"]["iteration_count"]
    parts.append(f"{rounds} round{'' if rounds == 1 else 's'}, {elapsed_s:.1f} s")
    console.print(f"\n{'; '.join(parts)}")
