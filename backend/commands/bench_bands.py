"""``./brick bench bands``: do the error bars of ``./brick check`` cover the true error?

Each body of :mod:`.bench_bands_cases` is solved as a study with default settings, every third one with others too. Its
largest stress, the stress of its regions and its displacement are held against the plane problem, solved to four digits
or more (:mod:`.bench_bands_worker`). The ratio of the true error to the band is 1 or less where the band covers it.

The factors of the bars were chosen on those bodies. A second table, held out (:mod:`.bench_bands_held`), has bodies of
other families on which nothing was chosen: what it says of the coverage is what to expect of a new part.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from backend.commands.bench_bands_cases import CASES, DEFAULT, MESHES, VARIED, BandCase
from backend.commands.bench_bands_held import PLANE, SOLIDS, SolidCase

TARGET = "backend.commands.bench_bands_worker:compare"
SOLIDS_TARGET = "backend.commands.bench_bands_solids:compare"
HELD = "held out"  # default settings, on bodies that had no say in the factors
GOAL, HELD_GOAL = 0.95, 0.90
KINDS = ("largest stress", "stress of a region", "displacement")


@dataclass(frozen=True)
class Band:
    """A number with its band beside the truth. ``true_error_rel`` is signed; ``effectivity`` is |true error|/band.

    ``unsure_rel``: how far the largest stress that is taken for true may itself be off.
    """

    case: str
    mesh: str
    what: str
    kind: str
    dofs: int
    value: float
    true_error_rel: float
    band_rel: float
    effectivity: float
    unsure_rel: float = 0.0


def bands_of(case: str, mesh: str, found: dict[str, Any]) -> list[Band]:
    """What the worker's answer says."""
    rows = []
    for reading in found["readings"]:
        what, true = reading["what"], reading["true"]
        kind = {"largest": KINDS[0], "displacement": KINDS[2]}.get(what, KINDS[1])
        error, band = reading["value"] / true - 1, reading["band"] / abs(reading["value"])
        effectivity = abs(reading["value"] - true) / max(reading["band"], 1e-300)
        rows.append(
            Band(
                case, mesh, what, kind, found["dofs"], reading["value"], error, band, effectivity,
                float(found.get("unsure_rel", 0.0)),
            )
        )  # fmt: skip
    return rows


def coverage(rows: Iterable[Band]) -> float:
    """Share of the bands that cover the true error."""
    inside = [row.effectivity <= 1 for row in rows]
    return sum(inside) / len(inside)


def bench_bands(as_json: bool) -> int:
    """Prints every band and the coverage; returns 0 when 95 of 100 default bands of each kind cover, held out 90."""
    from backend.compute import get_pool

    pool = get_pool()

    def solve(case: BandCase | SolidCase, mesh: dict[str, Any]) -> dict[str, Any]:
        target = SOLIDS_TARGET if isinstance(case, SolidCase) else TARGET
        found: dict[str, Any] = pool.run_sync(target, case.payload(mesh), kind="fem", timeout_s=900.0)
        return found

    rows: list[Band] = []
    try:
        _run((*PLANE, *SOLIDS), HELD, solve, rows, as_json)
        _run(CASES, "default", solve, rows, as_json)
        for name in MESHES:
            if MESHES[name] is not DEFAULT:
                _run(VARIED, name, solve, rows, as_json)
    finally:
        pool.close()
    covers, held = (
        {kind: coverage(row for row in rows if row.mesh == mesh and row.kind == kind) for kind in KINDS}
        for mesh in ("default", HELD)
    )
    good = min(covers.values()) >= GOAL and min(held.values()) >= HELD_GOAL
    if as_json:
        print(json.dumps({"bands": [asdict(row) for row in rows], "coverage": covers, "held_out": held}, indent=2))
        return 0 if good else 1
    for mesh in (*MESHES, HELD):
        for kind in KINDS:
            print(_summary(mesh, kind, [row for row in rows if row.mesh == mesh and row.kind == kind]))
    return 0 if good else 1


def _run(
    cases: Iterable[BandCase | SolidCase], mesh: str,
    solve: Callable[[BandCase | SolidCase, dict[str, Any]], dict[str, Any]], rows: list[Band], quiet: bool,
) -> None:  # fmt: skip
    if not quiet:
        print(f"mesh settings: {mesh}")
        print(f"  {'body':34} {'unknowns':>8} {'reading':13} {'value':>10} {'error %':>13} {'band %':>7} {'ratio':>6}")
    for case in cases:
        found = solve(case, MESHES.get(mesh, DEFAULT))
        new = bands_of(case.name, mesh, found)
        rows += new
        if not new and not quiet:
            print(f"  {case.name:34} {found['dofs']:8} not compared: it leaves out the {', '.join(found['left_out'])}")
        for row in () if quiet else new:
            print(
                f"  {row.case:34} {row.dofs:8} {row.what:13} {row.value:10.4g} {100 * row.true_error_rel:+13.2f} "
                f"{100 * row.band_rel:7.2f} {row.effectivity:6.2f}{'' if row.effectivity <= 1 else '  not covered'}",
                flush=True,
            )


def _summary(mesh: str, kind: str, rows: list[Band]) -> str:
    bands = sorted(row.band_rel for row in rows)
    worst = max(rows, key=lambda row: row.effectivity)
    return (
        f"{mesh:8} {kind:19} {sum(row.effectivity <= 1 for row in rows)} of {len(rows)} covered "
        f"({100 * coverage(rows):.0f} %), median band {100 * bands[len(bands) // 2]:.1f} %, largest ratio "
        f"{worst.effectivity:.2f} ({worst.case})"
    )
