"""The formula cases of ``./brick bench physics``: the kernel against references that live as YAML, and a few helpers.

The cases are shared with the tests and lie in ``tests/benchmarks``; an installation without that folder can't run them
and says so.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.commands.bench_physics_derived import DERIVED
from backend.commands.bench_physics_table import BASES, Check
from backend.errors import NotFoundError
from backend.physics.errors import PhysicsError

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "benchmarks" / "bench_physics" / "kernel.yaml"
REFERENCES = ROOT / "tests" / "benchmarks" / "kernel_cases"


@dataclass(frozen=True)
class KernelCase:
    """An equation, its inputs and what it should give; ``tolerance_rel`` is that of the bench, not of the tests."""

    case: str
    domain: str
    equation: str
    given: Mapping[str, Any]
    expect: Mapping[str, float]
    source: str
    basis: str
    tolerance_rel: float
    scale: float | None = None


def _number(value: float | str) -> float:
    """A number, or an expression in plain arithmetic that takes another route to the answer."""
    if isinstance(value, str):
        from backend.physics.expression import compile_block

        return float(compile_block([], {"value": value}, ["value"], {})()[0])
    return float(value)


def _load(path: Path) -> Any:
    import yaml

    if not path.is_file():
        raise NotFoundError(
            f"The reference case file {path} is missing.",
            next_action="Run ./brick bench physics from a full checkout of the repository (with its tests folder).",
        )
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _references(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Cases under ``kernel_cases`` by full equation name, in the order of the files."""
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise NotFoundError(
            f"The folder of reference cases {folder} is missing or empty.",
            next_action="Run ./brick bench physics from a full checkout of the repository (with its tests folder).",
        )
    found: dict[str, list[dict[str, Any]]] = {}
    for path in paths:
        document = _load(path)
        for case in document["cases"]:
            name = case["eq"] if "." in case["eq"] else f"{document['domain']}.{case['eq']}"
            found.setdefault(name, []).append(case)
    return found


def load_kernel_cases(cases: Path = CASES, references: Path = REFERENCES) -> list[KernelCase]:
    """All formula cases; raises NotFoundError where a file, or the reference that an entry names, is missing."""
    known = _references(references)
    loaded: list[KernelCase] = []
    for entry in _load(cases)["cases"]:
        name, match = entry["eq"], entry.get("match", {})
        if "expect" in entry:
            case = entry
        else:
            hits = [case for case in known.get(name, []) if all(case["given"].get(key) == match[key] for key in match)]
            if not hits:
                raise NotFoundError(
                    f"{cases.name} asks for a reference case of {name} with {match or 'any inputs'}; there is none.",
                    next_action=f"Add it under {references.name}, or correct the entry.",
                )
            case = hits[0]
        if entry.get("derive", "curved_beam") not in DERIVED:
            raise NotFoundError(f"{name}: derivation {entry['derive']!r} isn't one of {', '.join(DERIVED)}.")
        if entry["basis"] not in BASES:
            raise NotFoundError(f"{name}: basis {entry['basis']!r} isn't one of {', '.join(BASES)}.")
        expect = DERIVED[entry["derive"]](case["given"]) if "derive" in entry else case["expect"]
        keys = entry.get("keys", list(expect))
        domain, _, equation = name.partition(".")
        loaded.append(
            KernelCase(
                case=entry.get("id") or _identity(name, match or (case["given"] if "expect" in entry else {}), loaded),
                domain=domain, equation=equation, given=case["given"],
                expect={key: _number(expect[key]) for key in keys},
                source=str(entry.get("source", case["source"])), basis=entry["basis"],
                tolerance_rel=float(entry["tol"]) / 100, scale=entry.get("scale"),
            )
        )  # fmt: skip
    return loaded


def _identity(name: str, match: Mapping[str, Any], taken: list[KernelCase]) -> str:
    """The equation's name, with a number where the equation has more than one case."""
    same = sum(case.case.split("#")[0] == name for case in taken)
    return f"{name}#{same + 1}" if same else name


def run_kernel_cases(cases: list[KernelCase]) -> list[Check]:
    """Evaluates the cases; one that raises becomes a failed check with the words of the error."""
    from backend.physics.kernel import get_physics_kernel

    kernel = get_physics_kernel()
    checks: list[Check] = []
    for case in cases:
        begun = time.process_time()
        title, failure, values = case.equation.replace("_", " "), "", dict.fromkeys(case.expect, math.nan)
        try:
            title = kernel.describe(case.domain, case.equation).title
            result = kernel.calculate(case.domain, case.equation, **case.given)
            values = {key: float(result.to(key)) for key in case.expect}
        except PhysicsError as error:
            failure = str(error)
        spent = time.process_time() - begun
        for number, (key, reference) in enumerate(case.expect.items()):
            checks.append(
                Check(
                    case=case.case, title=title, quantity=key, source=case.source, basis=case.basis,
                    reference=reference, ours=values[key], tolerance_rel=case.tolerance_rel,
                    cpu_s=spent if number == 0 else 0.0, scale=case.scale, failure=failure,
                )
            )  # fmt: skip
    return checks


def _plain(values: Mapping[str, Any]) -> dict[str, float]:
    """Numbers, with NaN for what a function couldn't give."""
    return {key: math.nan if value is None else float(value) for key, value in values.items()}


def _lqr() -> dict[str, float]:
    import numpy as np

    from backend.physics.domains.control.design import lqr

    gain = lqr([[0, 1], [0, 0]], [[0], [1]], np.eye(2), [[1]])["gain"][0]
    return {"position gain": float(gain[0]), "speed gain": float(gain[1])}


def _margins() -> dict[str, float]:
    from backend.physics.domains.control.design import margins

    found = _plain(margins([2.0], [1, 3, 3, 1]))
    return {"gain margin": found["gain_margin"], "phase margin, rad": found["phase_margin"]}


def _dead_time() -> dict[str, float]:
    from backend.physics.domains.control.design import margins

    found = _plain(margins([1.0], [1, 0], delay_s=0.5))
    return {"gain margin": found["gain_margin"], "phase margin, rad": found["phase_margin"]}


def _overshoot() -> dict[str, float]:
    from backend.physics.domains.control.design import step_response

    return {"overshoot": float(step_response([1.0], [1, 1.0, 1], 20, 4001)["overshoot"])}


def _fire() -> dict[str, float]:
    from backend.materials import get_material

    steel = get_material("S355")
    cold, *hot = (
        float(steel.value("yield_strength_mpa", temperature_c=t).value or math.nan) for t in (20, 500, 600, 700)
    )
    return {f"k_y at {t} °C": value / cold for t, value in zip((500, 600, 700), hot, strict=True)}


def _air() -> dict[str, float]:
    from backend.physics.domains.heat_transfer.correlations import air_properties

    air = _plain(air_properties(300))
    return {"viscosity, Pa s": air["viscosity"], "conductivity, W/(m K)": air["conductivity"]}


_W = math.sqrt(2 ** (2 / 3) - 1)
HELPERS: list[tuple[str, str, str, str, float, Callable[[], dict[str, float]], dict[str, float]]] = [
    ("control-lqr", "LQR of the double integrator", "Riccati equation by hand, Q = I, R = 1", "closed form", 1e-3,
     _lqr, {"position gain": 1.0, "speed gain": math.sqrt(3)}),
    ("control-margins", "Margins of 2/(s+1)^3", "by hand: 4; pi - 3 atan sqrt(2^(2/3) - 1)", "closed form", 1e-3,
     _margins, {"gain margin": 4.0, "phase margin, rad": math.pi - 3 * math.atan(_W)}),
    ("control-dead-time", "Margins of exp(-s/2)/s", "by hand: pi; pi/2 - 1/2", "closed form", 1e-3,
     _dead_time, {"gain margin": math.pi, "phase margin, rad": math.pi / 2 - 0.5}),
    ("control-step", "Overshoot of a simulated step, damping 0.5", "exp(-pi zeta/sqrt(1 - zeta^2))", "closed form",
     1e-3, _overshoot, {"overshoot": math.exp(-math.pi * 0.5 / math.sqrt(0.75))}),
    ("ec3-fire", "Steel S355 in fire: effective yield strength",
     "EN 1993-1-2:2005, table 3.1, read in the project's notes and in a program's copy of the table; data, not physics",
     "read", 1e-3, _fire,
     {"k_y at 500 °C": 0.78, "k_y at 600 °C": 0.47, "k_y at 700 °C": 0.23}),
    ("air-300k", "Air at 300 K", "table of air at 1 atm, read at neutrium.net (three and two digits)", "read", 1e-2,
     _air, {"viscosity, Pa s": 1.85e-5, "conductivity, W/(m K)": 0.0261}),
]  # fmt: skip


def run_helper_cases() -> list[Check]:
    """Design functions and material data that aren't equations of the kernel."""
    checks: list[Check] = []
    from backend.commands.bench_physics_design import MORE_HELPERS

    for case, title, source, basis, limit, compute, expect in [*HELPERS, *MORE_HELPERS]:
        begun = time.process_time()
        found, failure = dict.fromkeys(expect, math.nan), ""
        try:
            found = compute()
        except PhysicsError as error:
            failure = str(error)
        spent = time.process_time() - begun
        for number, (quantity, reference) in enumerate(expect.items()):
            checks.append(
                Check(
                    case=case, title=title, quantity=quantity, source=source, basis=basis, reference=reference,
                    ours=found[quantity], tolerance_rel=limit, cpu_s=spent if number == 0 else 0.0,
                    method="design functions and data", failure=failure,
                )
            )  # fmt: skip
    return checks
