"""CPU time at equal error: studies as NGSolve runs them (orders 2 to 4) against CalculiX (C3D10).

What is compared is the largest displacement of a static study and the frequencies of a modal one (the worst of its
modes): the largest stress of a coarse mesh may meet the truth by chance, and of clamped parts it has no finite value.
Errors are held against a finer solution than any compared; no error is claimed below what that one moved by in its own
last refinement.

NGSolve starts from a coarse mesh and refines where its error is, as every study does; the CPU time of a mesh counts all
meshes before it, with their stresses, error estimates and refinement. At orders 3 and 4 even meshes are tried too.
CalculiX, which has no such loop, gets three even meshes of up to 30 000 unknowns; its CPU time is the program's, on
the mesh alone. Then it is lent a mesh that NGSolve refined, for which only its own solution is charged. The first mesh
is on neither's account.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Sizes relative to the mesh that a study of two levels would start from.
EVEN_SIZES = (1.0, 0.7, 0.5)
COARSE: dict[int, dict[str, Any]] = {
    3: {"order": 3, "levels": 5, "max_dofs": 45_000, "budget_s": 300.0},
    4: {"order": 4, "levels": 3, "max_dofs": 32_000, "budget_s": 300.0},
    2: {"order": 2, "levels": 5, "max_dofs": 30_000, "budget_s": 300.0},
}
COARSE_SIZES = {3: 2.2, 4: 2.2, 2: 1.2}
# Sizes of even meshes that NGSolve solves as well: what is smooth everywhere gains nothing by refining in places.
SMOOTH_SIZES = {3: (2.2, 1.6, 1.2, 0.85), 4: (4.0, 3.0, 2.2, 1.6)}
REFERENCE_ORDER, REFERENCE_SIZE, REFERENCE_DOFS = 4, 2.2, 70_000
REFERENCE_MODES: dict[str, Any] = {"order": 4, "levels": 3, "max_dofs": 60_000}
MOST_DOFS = 120_000


@dataclass(frozen=True)
class Point:
    """What a mesh gave: relative error, CPU seconds, unknowns, peak of memory in MB."""

    error: float
    cpu_s: float
    dofs: int = 0
    memory_mb: float = 0.0


@dataclass(frozen=True)
class Ratio:
    """CalculiX's CPU time over NGSolve's at the least error that CalculiX has.

    ``at_least``: NGSolve's coarsest mesh is better than that already. ``ratio`` is None where it never gets there.
    ``memory_mb``: NGSolve's peak, libraries included, on the mesh that is good enough.
    """

    order: int
    error: float
    ratio: float | None
    at_least: bool = False
    cpu_s: float = 0.0
    memory_mb: float = 0.0


def ratio_at_equal_error(order: int, ours: Sequence[Point], theirs: Sequence[Point]) -> Ratio:
    """CPU ratio at the least error of ``theirs``, read off the curve of ``ours`` between its points.

    Straight between points on logarithmic axes.
    """
    best = min(theirs, key=lambda p: (p.error, p.cpu_s))
    error = best.error
    # What is both dearer and worse than another mesh is no way to reach an error.
    front = sorted(
        (p for p in set(ours) if not any(q.error <= p.error and q.cpu_s <= p.cpu_s and q != p for q in ours)),
        key=lambda p: p.error,
    )
    better = [p for p in front if p.error <= 1.01 * error]  # on one mesh both err alike but for the last digits
    if not better:
        return Ratio(order, error, None)
    inner, outer = better[-1], next((p for p in front if p.error > 1.01 * error), None)
    if outer is None:
        return Ratio(order, error, best.cpu_s / inner.cpu_s, inner.error < error, inner.cpu_s, inner.memory_mb)
    share = math.log(outer.error / error) / math.log(outer.error / min(inner.error, error))
    spent = math.exp(math.log(outer.cpu_s) + share * math.log(inner.cpu_s / outer.cpu_s))
    return Ratio(order, error, best.cpu_s / spent, False, spent, inner.memory_mb)


def curves(request: dict[str, Any]) -> dict[str, Any]:
    """What ``brick bench studies`` runs in a worker: {"unit", "reference", "unsure", "even", "lent", "2", "3",
    "4"}.

    The last five are lists of {"error", "cpu_s", "dofs", "memory_mb"}: CalculiX on even meshes and on the lent one,
    NGSolve at orders 2 to 4. ``request``: a static or modal study as :mod:`backend.physics.fem` reads it.
    """
    plain = {k: v for k, v in request.items() if k not in ("fields_path", "volume_path", "error_target_rel")}
    study: _Static | _Modal = _Modal(plain) if "modes" in plain else _Static(plain)
    size = _start_size(plain)
    found: dict[str, list[_Raw]] = {"even": [], "lent": []}
    # The first mesh of a process pays for imports and code that is loaded when first used.
    study.refined({**COARSE[2], "levels": 1, "mesh_size_mm": COARSE_SIZES[3] * size})
    # Order 3 first: the peaks of memory are those of the process so far.
    for order, settings in COARSE.items():
        rows, lend = study.refined({**settings, "mesh_size_mm": COARSE_SIZES[order] * size})
        for factor in SMOOTH_SIZES.get(order, ()):
            rows += study.refined({**settings, "levels": 1, "mesh_size_mm": factor * size})[0]
        found[str(order)] = rows
        if order == 2:
            found["lent"].append(lend())
    for factor in EVEN_SIZES:
        found["even"].append(study.even(factor * size))
    reference, before = study.reference(size)
    unsure = _error(before, reference)
    return {
        "unit": study.unit,
        "reference": reference,
        "unsure": unsure,
        **{
            key: [
                {"error": max(_error(values, reference), unsure, 1e-7), "cpu_s": cpu, "dofs": dofs, "memory_mb": memory}
                for values, cpu, dofs, memory in rows
            ]
            for key, rows in found.items()
        },
    }


def ratios(found: dict[str, Any], against: Sequence[str] = ("even",)) -> list[Ratio]:
    """The ratio of each order, from what :func:`curves` gave; ``against`` which of CalculiX's meshes."""
    theirs = [Point(**row) for key in against for row in found[key]]
    return [
        ratio_at_equal_error(order, [Point(**row) for row in found[str(order)]], theirs) for order in sorted(COARSE)
    ]


def best(found: Sequence[Ratio]) -> Ratio:
    """The order that is cheapest at that error."""
    return max(found, key=lambda ratio: ratio.ratio or 0.0)


def told(ratio: Ratio) -> str:
    """A ratio in words of a table."""
    if ratio.ratio is None:
        return "not reached"
    return f"{'> ' if ratio.at_least else ''}{ratio.ratio:.1f}"


_Raw = tuple[list[float], float, int, float]  # values, CPU seconds, unknowns, MB


def _error(values: Sequence[float], reference: Sequence[float]) -> float:
    """The largest relative difference."""
    return max(abs(a / b - 1) for a, b in zip(values, reference, strict=True))


class _Static:
    """Largest displacement in mm."""

    unit = "mm"

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = {k: v for k, v in request.items() if k != "decide_at_mpa"}

    def refined(self, settings: dict[str, Any]) -> tuple[list[_Raw], Any]:
        """NGSolve's meshes, and what lends the last one to CalculiX."""
        from backend.physics.fem import calculix, kept
        from backend.physics.fem.static import solve_levels
        from backend.physics.fem.study import read_study

        kept.forget()
        study = read_study({**self.request, **settings})
        levels = solve_levels(study)[1]
        rows = [
            ([level.displacement], float(r["cpu_all_s"]), int(r["dofs"]), float(r["peak_mb"]))
            for level, r in ((level, level.row) for level in levels)
        ]
        return rows, lambda: _by_calculix(calculix.solve_on(study, levels[-1], calculix.find_ccx(), 300.0))

    def even(self, size: float) -> _Raw:
        """CalculiX on an even mesh."""
        lend = self.refined({"order": 2, "levels": 1, "mesh_size_mm": size, "max_dofs": MOST_DOFS, "budget_s": 300.0})
        answer: _Raw = lend[1]()
        return answer

    def reference(self, size: float) -> tuple[list[float], list[float]]:
        """The value of a mesh refined by its error alone (finer all over where it can't be), and of the one before."""
        import ngsolve as ng
        import numpy as np

        from backend.physics.fem import kept
        from backend.physics.fem.elasticity import solve_level
        from backend.physics.fem.mesh import load_part, make_mesh, refine
        from backend.physics.fem.stress import element_error, recover
        from backend.physics.fem.study import read_study
        from backend.physics.fem.surface import sample
        from backend.physics.fem.threads import parallel

        kept.forget()
        study = read_study({**self.request, "order": REFERENCE_ORDER})
        part = load_part(study.brep, solids=study.solids, contact=study.contact)
        coarse = REFERENCE_SIZE * size
        mesh = make_mesh(part, coarse, study.order, 2 * REFERENCE_DOFS)[0]
        center = (part.low_mm + part.high_mm) / 2
        found: list[float] = []
        with parallel():
            while True:
                solution = solve_level(study, mesh, part.diagonal_mm, center)
                moved = sample(mesh).evaluate(ng.CF(solution.displacement))
                found.append(float(np.linalg.norm(moved, axis=2).max()))
                if len(found) > 1 and solution.dofs > 0.6 * REFERENCE_DOFS:
                    break
                error, _ = element_error(mesh, recover(mesh, solution.stress, study), study)
                mesh = refine(mesh, error, 2.0 * solution.dofs, study.order)
                if mesh is None:  # few elements, of which one can't be refined without its neighbours
                    coarse *= 0.75
                    mesh = make_mesh(part, coarse, study.order, 2 * REFERENCE_DOFS)[0]
        return [found[-1]], [found[-2]]


class _Modal:
    """Frequencies in Hz."""

    unit = "Hz"

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request

    def refined(self, settings: dict[str, Any]) -> tuple[list[_Raw], Any]:
        """As of :class:`_Static`."""
        from backend.physics.fem import calculix, calculix_modal
        from backend.physics.fem.modal import solve_mesh

        result, study, mesh = solve_mesh({**self.request, **settings})
        rows = [
            (list(r["frequencies_hz"]), float(r["cpu_all_s"]), int(r["dofs"]), float(r["peak_mb"]))
            for r in result["levels"]
        ]
        count = len(result["frequencies_hz"])
        return rows, lambda: _by_calculix(calculix_modal.solve_on(study, mesh, count, calculix.find_ccx(), 300.0))

    def even(self, size: float) -> _Raw:
        """As of :class:`_Static`."""
        answer: _Raw = self.refined({"order": 2, "levels": 1, "mesh_size_mm": size, "max_dofs": MOST_DOFS})[1]()
        return answer

    def reference(self, size: float) -> tuple[list[float], list[float]]:
        """As of :class:`_Static`."""
        from backend.physics.fem.modal import solve

        rows: list[dict[str, Any]] = []
        for factor in (REFERENCE_SIZE, 0.5 * REFERENCE_SIZE):  # the second where the first couldn't be refined
            if len(rows) < 2:
                rows += solve({**self.request, **REFERENCE_MODES, "mesh_size_mm": factor * size})["levels"]
        return rows[-1]["frequencies_hz"], rows[-2]["frequencies_hz"]


def _by_calculix(answer: dict[str, Any]) -> _Raw:
    values = answer.get("frequencies_hz") or [float(answer["displacement_mm"]["value"])]
    return list(values), float(answer["timings_s"]["cpu"]), int(answer["dofs"]), float(answer["memory_mb"])


def _start_size(study: dict[str, Any]) -> float:
    """Element size in mm of the mesh that a study of two levels would start from."""
    from backend.physics.fem.mesh import load_part, start_size_mm

    part = load_part(study["brep"], solids=study.get("solids"), contact=study.get("contact"))
    return start_size_mm(part, 2, 16_000, 2)
