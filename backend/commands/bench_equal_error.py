"""CPU time at equal error: NGSolve (orders 2 and 3) and CalculiX (C3D10) on a series of even meshes of each study.

Errors are held against a finer solution than any compared: elements of order 4, refined where their error is. No error
is claimed below what the reference moved by in its own last refinement. NGSolve's CPU time (assembly, factor, solution,
stress, error estimate) is read off its curve, straight between points on logarithmic axes, at the error of CalculiX's
best mesh; meshing is on neither's account. What is compared is the largest displacement of static studies: the
largest stress of a coarse mesh may meet the truth by chance, and of clamped parts it has no finite value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Sizes relative to the mesh that a study would start from: some 4 000 to 30 000 unknowns for either order.
SIZES = {2: (1.0, 0.7, 0.5), 3: (1.6, 1.2, 0.85)}
REFERENCE: dict[str, Any] = {"order": 4, "levels": 2, "max_dofs": 40_000, "budget_s": 60.0}
MOST_DOFS = 120_000

Point = tuple[float, float]  # relative error, CPU seconds


@dataclass(frozen=True)
class Ratio:
    """CalculiX's CPU time over NGSolve's at the error that CalculiX's finest mesh has.

    ``at_least``: NGSolve's coarsest mesh is better than that already. ``ratio`` is None where it never gets there.
    """

    order: int
    error: float
    ratio: float | None
    at_least: bool = False


def ratio_at_equal_error(order: int, ours: Sequence[Point], theirs: Sequence[Point]) -> Ratio:
    """CPU ratio at the least error of ``theirs``; both curves are points (relative error, CPU s)."""
    error, cpu = min(theirs)
    # What is both dearer and worse than another mesh is no way to reach an error.
    front = [p for p in sorted(set(ours)) if not any(q[0] <= p[0] and q[1] <= p[1] and q != p for q in ours)]
    better = [p for p in front if p[0] <= 1.01 * error]  # on one mesh both err alike but for the last digits
    if not better:
        return Ratio(order, error, None)
    inner, outer = better[-1], next((p for p in front if p[0] > 1.01 * error), None)
    if outer is None:
        return Ratio(order, error, cpu / inner[1], inner[0] < error)
    inner = (min(inner[0], error), inner[1])
    share = math.log(outer[0] / error) / math.log(outer[0] / inner[0])
    spent = math.exp(math.log(outer[1]) + share * math.log(inner[1] / outer[1]))
    return Ratio(order, error, cpu / spent)


def curves(request: dict[str, Any]) -> dict[str, Any]:
    """What ``brick bench studies`` runs in a worker: {quantity: {"reference", "unsure", "ccx", "2", "3": [points]}}.

    ``request``: a static study as :mod:`backend.physics.fem.static` reads it.
    """
    plain = {k: v for k, v in request.items() if k not in ("fields_path", "volume_path", "error_target_rel")}
    plain |= {"levels": 1, "max_dofs": MOST_DOFS, "budget_s": 300.0}
    size = _start_size(plain)
    references = _reference(plain)
    found: dict[str, dict[str, Any]] = {
        name: {"reference": value, "unsure": unsure, "ccx": []} for name, (value, unsure) in references.items()
    }
    for order, sizes in SIZES.items():
        for factor in sizes:
            ours, theirs = _static({**plain, "order": order, "mesh_size_mm": factor * size})
            for key, answer in ((str(order), ours), ("ccx", theirs)):
                if answer is None:
                    continue
                values, cpu, dofs = answer
                for name, curve in found.items():
                    error = abs(values[name] / curve["reference"] - 1)
                    row = {"error": max(error, curve["unsure"], 1e-7), "cpu_s": cpu, "dofs": dofs}
                    curve.setdefault(key, []).append(row)
    return found


def ratios(found: dict[str, Any]) -> list[Ratio]:
    """The ratios of orders 2 and 3, from the curves of a study's first quantity."""
    curve = next(iter(found.values()))
    points = {key: [(row["error"], row["cpu_s"]) for row in curve[key]] for key in ("ccx", *map(str, SIZES))}
    return [ratio_at_equal_error(order, points[str(order)], points["ccx"]) for order in SIZES]


def told(ratio: Ratio) -> str:
    """A ratio in words of a table."""
    if ratio.ratio is None:
        return "not reached"
    return f"{'> ' if ratio.at_least else ''}{ratio.ratio:.1f}"


Answer = tuple[dict[str, float], float, int]


def _static(study: dict[str, Any]) -> tuple[Answer, Answer | None]:
    """What NGSolve gives, and CalculiX on the same mesh at order 2."""
    from backend.physics.fem import calculix, kept
    from backend.physics.fem.static import solve_levels
    from backend.physics.fem.study import read_study

    kept.forget()
    checked = read_study(study)
    result, levels, _ = solve_levels(checked)
    row = levels[-1].row
    ours = (_values(result), float(row["cpu_s"]), int(row["dofs"]))
    if checked.order != 2:
        return ours, None
    other = calculix.solve_on(checked, levels[-1], calculix.find_ccx(), 300.0)
    return ours, (_values(other), float(other["timings_s"]["cpu"]), int(other["dofs"]))


def _values(result: dict[str, Any]) -> dict[str, float]:
    return {"mm": float(result["displacement_mm"]["value"])}


def _reference(study: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Value and the relative step of its last refinement, by quantity."""
    from backend.physics.fem import kept, static

    kept.forget()
    result = static.solve({**study, **REFERENCE})
    rows = result["levels"]
    kept.forget()
    moved = [float(row["max_displacement_mm"]) for row in rows]
    return {"mm": (moved[-1], abs(moved[-1] / moved[-2] - 1))}


def _start_size(study: dict[str, Any]) -> float:
    """Element size in mm of the mesh that a study of two levels would start from."""
    from backend.physics.fem.mesh import load_part, start_size_mm

    part = load_part(study["brep"], solids=study.get("solids"), contact=study.get("contact"))
    return start_size_mm(part, 2, 16_000, 2)
