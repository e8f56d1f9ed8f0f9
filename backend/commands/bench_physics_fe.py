"""The finite-element runner of ``./brick bench physics``: shapes and studies are worked on in the pool."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.commands.bench_physics_table import Check
from backend.errors import BrickError
from backend.physics.errors import PhysicsError

STEEL: dict[str, Any] = {"name": "steel", "youngs_modulus_mpa": 210e3, "poisson_ratio": 0.3, "density_kg_m3": 7850.0}
WORKER = "backend.commands.bench_physics_worker"


@dataclass(frozen=True)
class Reading:
    """A number of a case before it knows its case: what, expected, found, tolerance, and its value on each mesh."""

    quantity: str
    reference: float
    ours: float
    tolerance_rel: float
    meshes: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class FeCase:
    """A case: what it is, where its reference is from, and the function that computes it."""

    case: str
    title: str
    source: str
    basis: str
    run: Callable[[FeBench], list[Reading]]


class Model:
    """A BREP file and the bounding boxes of its faces."""

    def __init__(self, path: str, table: list[dict[str, Any]]) -> None:
        self.path, self.table = path, table

    def faces(self, test: Callable[[dict[str, Any]], bool]) -> list[int]:
        """Indices of the faces that pass; raises BrickError when none does."""
        found = [int(face["index"]) for face in self.table if test(face)]
        if not found:
            raise BrickError("A benchmark selects no face of its own shape.", code="bench_face")
        return found

    def on_plane(self, axis: int, at: float, tolerance_mm: float = 1e-3) -> list[int]:
        """Flat faces in the plane where coordinate ``axis`` is ``at`` mm."""
        return self.faces(lambda f: all(abs(f[end][axis] - at) < tolerance_mm for end in ("low", "high")))

    def within_radius(self, radius_mm: float) -> list[int]:
        """Curved faces around z or the origin whose bounding box ends at this radius in x and y, flat ones left out."""
        return self.faces(
            lambda f: (
                abs(f["high"][0] - radius_mm) < 1e-3
                and abs(f["high"][1] - radius_mm) < 1e-3
                and f["high"][2] - f["low"][2] > 1e-3
            )
        )


class FeBench:
    """Draws shapes and solves studies in the pool, and adds up the CPU time that the solvers report."""

    def __init__(self, folder: str, timeout_s: float = 240.0) -> None:
        self.folder, self.timeout_s, self.cpu_s = folder, timeout_s, 0.0
        self._drawn = 0

    def call(self, target: str, payload: dict[str, Any]) -> Any:
        """Runs ``module:function`` in a worker of kind fem."""
        from backend.compute import get_pool

        return get_pool().run_sync(target, payload, kind="fem", timeout_s=self.timeout_s)

    def build(self, shape: str, **arguments: Any) -> Model:
        """One of the shapes of the benchmark, lengths in mm."""
        self._drawn += 1
        path = str(Path(self.folder) / f"{shape}-{self._drawn}.brep")
        return Model(path, self.call(f"{WORKER}:build", {"shape": shape, "arguments": arguments, "path": path}))

    def solve(self, target: str, model: Model, **study: Any) -> dict[str, Any]:
        """A study of the model with one of the solvers."""
        result: dict[str, Any] = self.call(target, {"brep": model.path, **study})
        self.cpu_s += float(result["timings_s"]["cpu"])
        return result

    def static(self, model: Model, material: dict[str, Any] | None = None, **study: Any) -> dict[str, Any]:
        """Linear statics with the values of the probes on each mesh."""
        full = {"budget_s": 60.0, "max_dofs": 40_000, "material": material or STEEL, **study}
        return self.solve(f"{WORKER}:static", model, **full)

    def heat(self, model: Model, conductivity_w_m_k: float, **study: Any) -> dict[str, Any]:
        """Steady conduction."""
        material = {"thermal_conductivity_w_m_k": conductivity_w_m_k}
        return self.solve(
            "backend.physics.fem.thermal:solve", model, **{"max_dofs": 20_000, **study}, material=material
        )

    def modal(self, model: Model, material: dict[str, Any], **study: Any) -> dict[str, Any]:
        """Frequencies and shapes."""
        return self.solve("backend.physics.fem.modal:solve", model, material=material, **{"max_dofs": 20_000, **study})

    def buckling(self, model: Model, material: dict[str, Any], **study: Any) -> dict[str, Any]:
        """Load factors of linear buckling."""
        return self.solve(
            "backend.physics.fem.buckling:solve", model, material=material, **{"max_dofs": 15_000, **study}
        )


def probed(
    result: dict[str, Any],
    quantity: str,
    reference: float,
    tolerance_rel: float,
    value: Callable[[dict[str, Any]], float],
) -> Reading:
    """A reading of the probes of a static study, with its history over the meshes."""
    history = tuple(
        (int(row["dofs"]), float(value(probes)))
        for row, probes in zip(result["levels"], result["probe_levels"], strict=True)
    )
    return Reading(quantity, reference, float(value(result["probes"])), tolerance_rel, history)


def stress(name: str, component: str) -> Callable[[dict[str, Any]], float]:
    """Picks a stress component of a probe, MPa."""
    return lambda probes: float(probes[name]["stress_mpa"][component])


def moved(name: str, axis: int) -> Callable[[dict[str, Any]], float]:
    """Picks a displacement component of a probe, mm."""
    return lambda probes: float(probes[name]["displacement_mm"][axis])


def temperatures(result: dict[str, Any], name: str, quantity: str, reference: float, tolerance_rel: float) -> Reading:
    """A reading of a probe of a thermal study, in degrees Celsius."""
    history = tuple((int(row["dofs"]), float(row["probes_c"][name])) for row in result["levels"])
    return Reading(quantity, reference, float(result["probes"][name]["temperature_c"]), tolerance_rel, history)


def frequencies(result: dict[str, Any], references: Iterable[float], tolerance_rel: float) -> list[Reading]:
    """Readings of the first frequencies, Hz, from the finest mesh."""
    rows = result["levels"]
    return [
        Reading(
            f"f{i + 1}, Hz", reference, float(rows[-1]["frequencies_hz"][i]), tolerance_rel,
            tuple((int(row["dofs"]), float(row["frequencies_hz"][i])) for row in rows),
        )
        for i, reference in enumerate(references)
    ]  # fmt: skip


def run_fe_cases(cases: Iterable[FeCase], progress: Callable[[str], None]) -> list[Check]:
    """Runs the cases one after another. A case that raises becomes a check that failed, with the words of the error."""
    checks: list[Check] = []
    with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
        for case in cases:
            progress(case.title)
            bench = FeBench(folder)
            try:
                readings, failure = case.run(bench), ""
            except (BrickError, PhysicsError) as error:
                readings, failure = [Reading("solution", 1.0, float("nan"), 0.0)], str(error)
            for number, reading in enumerate(readings):
                checks.append(
                    Check(
                        case=case.case, title=case.title, quantity=reading.quantity, source=case.source,
                        basis=case.basis, reference=reading.reference, ours=reading.ours,
                        tolerance_rel=reading.tolerance_rel, cpu_s=bench.cpu_s if number == 0 else 0.0,
                        meshes=reading.meshes, method="finite elements", failure=failure,
                    )
                )  # fmt: skip
    return checks
