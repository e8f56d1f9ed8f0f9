"""``./brick bench bracket``: the README's bracket held against beam theory and against CalculiX on the same mesh."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from backend.agents.structural_agent import ERROR_TARGET_REL
from backend.commands.bench import BRACKET
from backend.errors import MissingToolError

PROBES = 9  # across the width; their mean is what a beam knows of


def internal_moment_n_mm(force_n: float, reach_mm: float, start_mm: float, end_mm: float, at_mm: float) -> float:
    """Bending moment in a cantilever leg at ``at_mm`` under a linear traction that equals a remote force, N*mm.

    The traction acts on start <= x <= end, p(x) = F/L + 12 F (reach - c)(x - c)/L^3 per length with c the middle: the
    plane distribution whose resultant is F at ``reach_mm``. M(x) is the integral of p(s)(s - x) from x to the end.
    """
    length, middle = end_mm - start_mm, (start_mm + end_mm) / 2
    slope = 12 * force_n * (reach_mm - middle) / length**3
    mean = force_n / length

    def antiderivative(s: float) -> float:  # of (mean + slope (s - c)) (s - x)
        return (
            mean * (s**2 / 2 - at_mm * s)
            + slope * (s**3 / 3 - (middle + at_mm) * s**2 / 2 + middle * at_mm * s)
        )  # fmt: skip

    return antiderivative(end_mm) - antiderivative(at_mm)


async def _solve(folder: Path) -> tuple[dict[str, Any], dict[str, float]]:
    from backend.compute import get_pool
    from backend.design import get_family
    from backend.geometry import compile_kcl
    from backend.intent import read_brief

    pool = get_pool()
    intent = read_brief(BRACKET)
    family = get_family(intent.family or "l_bracket")
    scheme = family.size(intent)
    compiled = await compile_kcl(family.kcl(scheme), folder, pool)
    study = family.study(scheme, intent, compiled)
    assert study is not None  # the brief has a load
    size = {name: quantity.value for name, quantity in scheme.parameters.items()}
    at = 0.5 * (size["thickness"] + size["fillet_radius"] + size["shelf_leg"] - 1.5 * 25.4)
    width, thickness = size["width"], size["thickness"]
    places = [width * (index + 0.5) / PROBES for index in range(PROBES)]
    size["at"] = at
    size["force"] = intent.loads[0].magnitude.value
    study["error_target_rel"] = ERROR_TARGET_REL
    target = "backend.physics.fem.calculix:solve" if shutil.which("ccx") else "backend.physics.fem.static:solve"
    result: dict[str, Any] = await pool.run(target, study, kind="fem", timeout_s=300)
    # A beam has no weight here, and the mesh is drawn to the places that are read: a study of its own.
    probes = {f"p{index}": [at, -place, -thickness] for index, place in enumerate(places)}
    beam = {**study, "gravity": None, "probes": probes, "levels": 2, "error_target_rel": None}
    result["beam"] = await pool.run("backend.physics.fem.static:solve", beam, kind="fem", timeout_s=300)
    return result, size


def bench_bracket() -> int:
    """Prints the comparison; returns 0 when beam theory and CalculiX agree within their tolerances, else 1."""
    from backend.compute import get_pool

    with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
        try:
            result, size = asyncio.run(_solve(Path(folder)))
        finally:
            get_pool().close()
    ours = result.get("ngsolve", result)
    print("mesh convergence (NGSolve, quadratic curved tetrahedra)")
    print(
        f"{'unknowns':>9} {'elements':>9} {'assessed MPa':>13} {'raw max MPa':>12} {'displacement mm':>16} {'CPU s':>6}"
    )
    for level in ours["levels"]:
        print(
            f"{level['dofs']:9d} {level['elements']:9d} {level['assessed_von_mises_mpa']:13.2f} "
            f"{level['max_von_mises_mpa']:12.2f} {level['max_displacement_mm']:16.4f} {level['cpu_s']:6.2f}"
        )
    von_mises = ours["von_mises_mpa"]
    print(f"assessed {von_mises['value']:.2f} ± {von_mises['error']:.2f} MPa; reactions balance to "
          f"{ours['reactions']['imbalance_rel']:.1e} of the load")  # fmt: skip

    start = size["thickness"] + size["fillet_radius"]
    moment = internal_moment_n_mm(size["force"], size["load_position"], start, size["shelf_leg"], size["at"])
    beam = -6 * moment / (size["width"] * size["thickness"] ** 2)
    probes = [probe["stress_mpa"]["xx"] for probe in result["beam"]["probes"].values()]
    mean = sum(probes) / len(probes)
    error = mean / beam - 1
    print(f"\nbeam theory, underside of the shelf leg {size['at']:.1f} mm from the wall, mean over the width")
    print(f"  6M/(w t^2) {beam:.2f} MPa   finite elements {mean:.2f} MPa   difference {100 * error:+.2f} %")
    good = abs(error) < 0.03
    if "comparison" not in result:
        missing = MissingToolError(
            "CalculiX (ccx) is not installed.", next_action="Debian: apt-get install calculix-ccx"
        )
        print(f"\nsecond opinion not verified: {missing.message} {missing.next_action}")
        return 0 if good else 1
    compared = result["comparison"]
    print(f"\nCalculiX {result['version']} on the same mesh ({result['dofs']} unknowns; ours/theirs - 1)")
    print(f"  displacement {100 * compared['displacement_rel']:+.3f} %")
    print(f"  von Mises, assessed {100 * compared['von_mises_rel']:+.2f} %")
    for name, value in compared["regions_rel"].items():
        print(f"  von Mises on '{name}' {100 * value:+.2f} %")
    print(f"  CPU: NGSolve {compared['ngsolve_cpu_s']:.2f} s, CalculiX {compared['calculix_cpu_s']:.2f} s")
    good = good and abs(compared["displacement_rel"]) < 0.005 and abs(compared["von_mises_rel"]) < 0.05
    return 0 if good else 1
