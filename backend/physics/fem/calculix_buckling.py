"""Load factors of linear buckling by CalculiX on the last mesh of a buckling study: ``solve(study) -> result``.

See :mod:`.calculix` for what is shared with NGSolve. The table of the .dat file: CalculiX CrunchiX user's manual 2.20,
section on *BUCKLE.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backend.physics.fem.buckling import factors_on, solve_mesh
from backend.physics.fem.calculix import deck_run, find_ccx, load_cards, model_cards, refuse, version_of
from backend.physics.fem.errors import SolveError
from backend.physics.fem.memory import peak_mb
from backend.physics.fem.study import read_study
from backend.physics.fem.surface import sample


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a buckling study with NGSolve and, on its last mesh, with CalculiX.

    ``timeout_s`` (300) bounds CalculiX, ``deck_path`` keeps its input. Result: ``load_factors`` [factor],
    ``timings_s``, ``memory_mb``, ``version`` of CalculiX; ``ngsolve`` the whole first result; ``comparison``
    {load_factors_rel, ngsolve_cpu_s, calculix_cpu_s}. Raises :class:`MissingTool` without ccx.

    CalculiX's *BUCKLE takes the stiffness of the stress alone, so that a pressure keeps its direction, while ours turns
    with the face. Both are then compared with the direction kept, which NGSolve solves once more
    (``comparison.direction_kept``, its factors); what the pressure's turning adds stands in ``ngsolve`` alone.
    """
    plain = dict(study)
    timeout_s = float(plain.pop("timeout_s", 300.0))
    deck = plain.pop("deck_path", None)
    checked = read_study({key: value for key, value in plain.items() if key != "modes"})
    program = find_ccx()
    refuse(checked)
    ours, checked, mesh = solve_mesh(plain)
    ours["memory_mb"] = peak_mb()
    count = len(ours["load_factors"])
    if not count:
        raise SolveError("Nothing buckles under these loads, so that there is nothing to compare.", "Turn the loads.")
    surface = sample(mesh)
    lines, boundary, quadratic = model_cards(checked, mesh, surface)
    if checked.thermal is not None:
        lines += ["*INITIAL CONDITIONS, TYPE=TEMPERATURE", f"ALL,{checked.thermal.reference_c:.10g}"]
    # A few more than asked for: negative factors (loads reversed) are among the smallest too.
    lines += [*boundary, "*STEP", "*BUCKLE", f"{2 * count + 2}", *load_cards(checked, mesh, surface, quadratic)]
    lines += ["*END STEP", ""]
    with deck_run(program, lines, timeout_s, deck) as (folder, cpu, high_mb, words):
        data = folder / "job.dat"
        found = sorted(value for value in read_factors(data) if value > 0) if data.is_file() else []
    shared = min(count, len(found))
    if not shared:
        raise SolveError("CalculiX found no load factor.", "Check the supports and the loads.")
    values = [mode["value"] for mode in ours["load_factors"]]
    kept: list[float] | None = None
    if any(load.kind == "pressure" for load in checked.loads):
        size = float(np.linalg.norm(np.ptp(surface.points.reshape(-1, 3), axis=0)))
        kept = values = factors_on(checked, mesh, size, count, turning=False)
        shared = min(shared, len(values))
    return {
        "solver": "calculix",
        "version": version_of(words),
        "load_factors": found[:shared],
        "dofs": 3 * len(quadratic.nodes),
        "timings_s": {"cpu": round(cpu, 3)},
        "memory_mb": round(high_mb, 1),
        "ngsolve": ours,
        "comparison": {
            "load_factors_rel": [a / b - 1 for a, b in zip(values, found[:shared], strict=False)],
            "direction_kept": kept,
            "ngsolve_cpu_s": ours["levels"][-1]["cpu_s"],
            "calculix_cpu_s": round(cpu, 3),
        },
    }


def read_factors(path: Path) -> list[float]:
    """Load factors from the table of a .dat file: mode, factor."""
    found: list[float] = []
    inside = False
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        words = line.split()
        if "B U C K L I N G" in line:
            inside = True
        elif inside and len(words) == 2 and words[0].isdigit():
            found.append(float(words[1]))
    return found
