"""What ``./brick bench studies`` runs in a worker with NGSolve: statics of some 100 000 unknowns, twice."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

ALUMINIUM = {"name": "6061-T6", "youngs_modulus_mpa": 68.9e3, "poisson_ratio": 0.33, "density_kg_m3": 2700.0}


def large(_: Any) -> dict[str, float]:
    """A bracket of some 100 000 unknowns, meshed and solved, then under another load; seconds, CPU seconds, MB."""
    from backend.commands.bench_physics_worker import _shared_shapes
    from backend.physics.fem import static

    with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
        path = str(Path(folder) / "bracket.brep")
        _shared_shapes().bracket(width=100, height=90, depth=50, wall=8, fillet=8).WriteBrep(path)
        wall, shelf = _planes(path)
        study: dict[str, Any] = {
            "brep": path,
            "material": ALUMINIUM,
            "supports": [{"kind": "fixed", "faces": wall}],
            "loads": [{"kind": "force", "faces": shelf, "vector_n": [0, 0, -700]}],
            "levels": 1,
            "mesh_size_mm": 3.1,
            "max_dofs": 140_000,
            "budget_s": 300.0,
        }
        begun, cpu = time.perf_counter(), time.process_time()
        first = static.solve(study)
        middle, middle_cpu = time.perf_counter(), time.process_time()
        again = static.solve({**study, "loads": [{"kind": "force", "faces": shelf, "vector_n": [200, 0, -300]}]})
        end, end_cpu = time.perf_counter(), time.process_time()
    assert again["kept_factor"]
    return {
        "dofs": first["levels"][-1]["dofs"],
        "first_s": middle - begun,
        "first_cpu_s": middle_cpu - cpu,
        "again_s": end - middle,
        "again_cpu_s": end_cpu - middle_cpu,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _planes(path: str) -> tuple[list[int], list[int]]:
    """Faces of the bracket on the wall (x = 0) and at the shelf's end (x = 50)."""
    from netgen.occ import OCCGeometry

    found: tuple[list[int], list[int]] = ([], [])
    for index, face in enumerate(dict.fromkeys(OCCGeometry(path).shape.faces)):
        low, high = face.bounding_box
        for group, at in zip(found, (0.0, 50.0), strict=True):
            if abs(low[0] - at) < 1e-6 and abs(high[0] - at) < 1e-6:
                group.append(index)
    return found
