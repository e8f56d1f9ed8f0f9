"""``./brick bench physics``: published and closed-form cases against what the product computes, misses included."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from backend.commands.bench_physics_table import BASES, Check, Totals, convergence, number, percent, tolerance, total
from backend.errors import InputError

# What a reader could take for granted and shouldn't. Kept here so that the page can't be regenerated without it.
NOT_VALIDATED = (
    "NAFEMS T1 (hot spot) as an isotropic solid: it has an edge layer at the rim of the spot, where the plane stress "
    "of the target can't be read; the case takes a material without stiffness through the thickness.",
    "Flow that is unsteady, turbulent or compressible: the flow solver is steady, laminar and incompressible.",
    "The seven FEABench Gold problems of other fields (optics, microwaves, acoustics, quantum mechanics, chaos, an ODE "
    "and finance).",
    "Rotors in forward flight, and power of a rotor against a measured torque: Caradonna and Tung measured none.",
    "Airfoil polars by NeuralFoil (not installed) and any airfoil against its own wind tunnel.",
    "Radiation between faces that see each other.",
    "Contact that opens, patch loads: the solver has them and tests cover them; no case here does.",
    "Large deflections, plasticity, creep: the solver is linear and doesn't claim them.",
    "Anything else measured on a real part: but for the two rotors every reference is a formula, a table or another "
    "calculation.",
)
METHODS = ("kernel", "design functions and data", "finite elements")


def _note(text: str) -> None:
    """Progress on standard error, so that standard output stays the table or the JSON."""
    print(text, file=sys.stderr, flush=True)


def run_all(only: str = "") -> list[Check]:
    """Every case, or those with ``only`` in their name or title: formulas in this process, finite elements in the pool.

    Raises InputError where there is no such case.
    """
    from backend.commands.bench_physics_fe import run_fe_cases
    from backend.commands.bench_physics_fe_flow import FLOW_CASES
    from backend.commands.bench_physics_fe_gold import GOLD_CASES
    from backend.commands.bench_physics_fe_more import FE_CASES
    from backend.commands.bench_physics_fe_strength import STRENGTH_CASES
    from backend.commands.bench_physics_fe_textbook import TEXTBOOK_CASES
    from backend.commands.bench_physics_fe_time import TIME_CASES
    from backend.commands.bench_physics_kernel import load_kernel_cases, run_helper_cases, run_kernel_cases

    def wanted(case: str, title: str) -> bool:
        return only.lower() in f"{case} {title}".lower()

    formulas = [*run_kernel_cases(load_kernel_cases()), *run_helper_cases()]
    checks = [check for check in formulas if wanted(check.case, check.title)]
    every = [*FE_CASES, *TEXTBOOK_CASES, *TIME_CASES, *STRENGTH_CASES, *FLOW_CASES, *GOLD_CASES]
    cases = [case for case in every if wanted(case.case, case.title)]
    if not checks and not cases:
        raise InputError(f"no case has {only!r} in its name or title", next_action="docs/validation.md lists them.")
    done = total(checks)
    _note(f"{done.cases} formula cases done; {len(cases)} finite-element cases, two to five minutes for all there are")
    begun = time.perf_counter()
    checks += run_fe_cases(cases, lambda title: _note(f"{time.perf_counter() - begun:5.0f} s  {title}"))
    return checks


def bench_physics(as_json: bool, docs: Path | None, only: str = "") -> int:
    """Runs all cases and prints the table (or JSON); ``docs`` is a Markdown file to write anew.

    ``only`` runs those with these letters in their name or title.

    Returns 0 when every case is within its tolerance, else 1. Raises NotFoundError (exit 2) where the reference cases
    of the repository are missing.
    """
    if only and docs is not None:
        raise InputError("a page of validation holds every case", next_action="Leave out --only, or --docs.")
    checks = run_all(only)
    totals = total(checks)
    if as_json:
        print(json.dumps({"totals": totals.as_dict(), "checks": [check.as_dict() for check in checks]}, indent=1))
    else:
        for method in METHODS:
            group = [check for check in checks if check.method == method]
            if group:
                print("\n".join(table(method, group)))
        print("\n".join(["", *summary(totals)]))
    if docs is not None:
        docs.parent.mkdir(parents=True, exist_ok=True)
        docs.write_text(markdown(checks, totals, unlisted_equations(checks)), encoding="utf-8")
        _note(f"wrote {docs}")
    return 0 if totals.passed else 1


HEAD = (
    f"{'  quantity':42}{'reference':>13}{'ours':>13}{'error %':>9}{'tol. %':>8}{'CPU s':>8}  {'':4}  unknowns: error %"
)


def table(method: str, checks: list[Check]) -> list[str]:
    """Lines for the terminal: each case with its source, then a row for each number."""
    lines = ["", method[0].upper() + method[1:], HEAD.rstrip() if any(check.meshes for check in checks) else HEAD[:97]]
    before = ""
    for check in checks:
        first = check.case != before
        if first:
            lines.append(f"{check.title} [{check.case}]: {check.source} ({check.basis})")
        cpu = f"{check.cpu_s:.3f}" if first else ""
        row = f"  {check.quantity:40}{number(check.reference):>13}{number(check.ours):>13}"
        row += f"{percent(check.error_rel):>9}{tolerance(check.tolerance_rel):>8}{cpu:>8}  "
        row += f"{'ok' if check.within else 'MISS':4}  {convergence(check)}"
        lines.append(row.rstrip())
        if check.failure:
            lines.append(f"  {check.failure}")
        before = check.case
    return lines


def summary(totals: Totals) -> list[str]:
    """The last lines of the report: counts, and every miss by name."""
    lines = [
        f"{totals.cases_within} of {totals.cases} cases within tolerance ({totals.checks} numbers, "
        f"{totals.cpu_s:.0f} s of CPU).",
        "References: " + ", ".join(f"{totals.by_basis[basis]} {basis}" for basis in BASES if basis in totals.by_basis)
        + ".",
    ]  # fmt: skip
    lines += [
        f"MISS {check.case}, {check.quantity}: {number(check.ours)} against {number(check.reference)}, "
        + (check.failure or f"{percent(check.error_rel)} % with {tolerance(check.tolerance_rel)} % allowed")
        for check in totals.misses
    ]
    return lines


def unlisted_equations(checks: list[Check]) -> list[str]:
    """Equations of the kernel that no case of the table evaluates, by full name."""
    from backend.physics.kernel import get_physics_kernel

    shown = {check.case.split("#")[0] for check in checks}
    return [equation.name for equation in get_physics_kernel().list() if equation.name not in shown]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def markdown(checks: list[Check], totals: Totals, unlisted: list[str]) -> str:
    """docs/validation.md from a run."""
    lines = [
        "# Validation",
        "",
        "Generated by `./brick bench physics --docs docs/validation.md`; not edited by hand. Each row is a number the "
        "product computed in that run against a published or closed-form reference. A row that misses its tolerance "
        "stays and says so.",
        "",
        *(f"- {line}" for line in summary(totals)),
        "",
        "## How the references are known",
        "",
        *(f"- **{basis}** ({totals.by_basis.get(basis, 0)} cases): {meaning}." for basis, meaning in BASES.items()),
        "",
        "Error is relative to the reference. The finite-element rows show the error on each mesh by its number of "
        "unknowns, coarse to fine, refined where the solver itself finds errors; order and first mesh are chosen by "
        "case, and the last mesh gives the answer. CPU seconds count all threads of that run and vary with the "
        "machine.",
    ]
    for method in METHODS:
        group = [check for check in checks if check.method == method]
        if not group:
            continue
        meshed = any(check.meshes for check in group)
        head = ["case", "source", "basis", "quantity", "reference", "ours", "error %", "tolerance %"]
        head += (["unknowns: error %"] if meshed else []) + ["CPU s", "verdict"]
        lines += ["", f"## {method[0].upper()}{method[1:]}", "", _row(head), _row(["---"] * len(head))]
        before = ""
        for check in group:
            first = check.case != before
            row = [f"{check.title} (`{check.case}`)", check.source, check.basis] if first else ["", "", ""]
            row += [check.quantity, number(check.reference), number(check.ours), percent(check.error_rel)]
            row += [tolerance(check.tolerance_rel), *([convergence(check)] if meshed else [])]
            verdict = "within" if check.within else f"**MISS** {check.failure}".strip()
            lines.append(_row([*row, f"{check.cpu_s:.3f}" if first else "", verdict]))
            before = check.case
    lines += ["", "## What is not validated", "", *(f"- {item}" for item in NOT_VALIDATED)]
    if unlisted:
        lines += [
            "",
            f"{len(unlisted)} equations of the kernel are not in the table (definitions and simple rules for the most "
            "part). Tests hold them to worked examples, to limits or to an independent computation, "
            "see `tests/benchmarks`:",
            "",
            ", ".join(f"`{name}`" for name in unlisted) + ".",
        ]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"
