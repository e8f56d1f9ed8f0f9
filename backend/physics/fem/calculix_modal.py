"""Natural frequencies by CalculiX on the last mesh of a modal study: ``solve(study) -> result``.

Lanczos iteration of ARPACK on CalculiX's own matrices; see :mod:`.calculix` for what is shared with NGSolve. The
eigenvalue table of the .dat file: CalculiX CrunchiX user's manual 2.20, section on *FREQUENCY.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.physics.fem.calculix import deck_run, find_ccx, model_cards, version_of
from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.memory import peak_mb
from backend.physics.fem.modal import solve_mesh
from backend.physics.fem.study import Study
from backend.physics.fem.surface import sample


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a modal study with NGSolve and, on its last mesh, with CalculiX.

    ``timeout_s`` (300) bounds CalculiX, ``deck_path`` keeps its input. Result: ``frequencies_hz`` [Hz], ``timings_s``,
    ``memory_mb``, ``version`` of CalculiX; ``ngsolve`` the whole first result; ``comparison`` {frequencies_rel,
    ngsolve_cpu_s, calculix_cpu_s}. Raises :class:`MissingTool` without ccx, :class:`StudyError` for a free body.
    """
    plain = dict(study)
    timeout_s = float(plain.pop("timeout_s", 300.0))
    deck = plain.pop("deck_path", None)
    program = find_ccx()
    ours, checked, mesh = solve_mesh(plain)
    ours["memory_mb"] = peak_mb()
    if ours["rigid_modes"]:
        raise StudyError("CalculiX compares parts that are held; this one can move.", "Give supports.")
    count = len(ours["frequencies_hz"])
    theirs = solve_on(checked, mesh, count, program, timeout_s, deck)
    found, cpu = theirs["frequencies_hz"], theirs["timings_s"]["cpu"]
    values = [mode["value"] for mode in ours["frequencies_hz"]]
    return {
        **theirs,
        "ngsolve": ours,
        "comparison": {
            "frequencies_rel": [a / b - 1 for a, b in zip(values, found, strict=False)],
            "ngsolve_cpu_s": ours["levels"][-1]["cpu_s"],
            "calculix_cpu_s": cpu,
        },
    }


def solve_on(
    study: Study, mesh: Any, count: int, program: str, timeout_s: float, deck: str | None = None
) -> dict[str, Any]:
    """Runs CalculiX on a mesh; the result's keys are those of :func:`solve`, without the comparison."""
    lines, boundary, quadratic = model_cards(study, mesh, sample(mesh))
    lines = [*lines, *boundary, "*STEP", "*FREQUENCY", str(count), "*END STEP", ""]
    with deck_run(program, lines, timeout_s, deck) as (folder, cpu, high_mb, words):
        found = read_frequencies(folder / "job.dat")
    if len(found) < count:
        raise SolveError("CalculiX found fewer modes than asked for.", "Ask for fewer modes.")
    return {
        "solver": "calculix",
        "version": version_of(words),
        "frequencies_hz": found[:count],
        "dofs": 3 * len(quadratic.nodes),
        "timings_s": {"cpu": round(cpu, 3)},
        "memory_mb": round(high_mb, 1),
    }


def read_frequencies(path: Path) -> list[float]:
    """Frequencies in Hz from the table of eigenvalues in a .dat file: mode, eigenvalue, rad/s, cycles/s, imaginary."""
    found: list[float] = []
    inside = False
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        words = line.split()
        if "E I G E N V A L U E" in line:
            inside = True
        elif inside and "P A R T I C I P A T I O N" in line:
            break
        elif inside and len(words) == 5 and words[0].isdigit():
            found.append(float(words[3]))
    return found
