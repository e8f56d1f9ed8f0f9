"""The tests' side of the worker: build shapes, pick faces, solve studies."""

from __future__ import annotations

import atexit
import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.physics.fem import errors as fem_errors

ROOT = Path(__file__).resolve().parents[3]
STEEL = {"name": "steel", "youngs_modulus_mpa": 210e3, "poisson_ratio": 0.3, "density_kg_m3": 7850.0}
ALUMINIUM = {"name": "6061-T6", "youngs_modulus_mpa": 68.9e3, "poisson_ratio": 0.33, "density_kg_m3": 2700.0}


class Model:
    """A BREP file and its faces."""

    def __init__(self, path: str, faces: list[dict[str, Any]]) -> None:
        self.path = path
        self.table = faces

    def faces(self, test: Callable[[dict[str, Any]], bool]) -> list[int]:
        """Indices of the faces that pass; there must be at least one."""
        found = [face["index"] for face in self.table if test(face)]
        assert found, "no face passes the selector"
        return found

    def on_plane(self, axis: int, at: float, tolerance: float = 1e-3) -> list[int]:
        """Flat faces in the plane where coordinate ``axis`` is ``at``."""
        return self.faces(lambda f: abs(f["low"][axis] - at) < tolerance and abs(f["high"][axis] - at) < tolerance)


class FemSession:
    """A worker process that stays alive for all tests of this process."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="brick-fem-")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.fem_cases.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)

    def close(self) -> None:
        """Ends the worker."""
        if self.process.poll() is None and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(timeout=20)
        self.folder.cleanup()

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "physics_error" in answer:
            kind, data = answer["physics_error"]
            raise getattr(fem_errors, kind)(data["message"], data["next_action"], data["code"], **data["details"])
        assert "crash" not in answer, answer["crash"]
        return answer["ok"]

    def build(self, shape: str, **arguments: Any) -> Model:
        """Draws one of :mod:`.shapes`."""
        path = f"{self.folder.name}/{shape}-{abs(hash(json.dumps(arguments, sort_keys=True)))}.brep"
        table = self._ask({"op": "build", "shape": shape, "arguments": arguments, "path": path})
        return Model(path, table)

    def call(self, function: str, *arguments: Any) -> Any:
        """Calls ``module:name`` of the product in the worker."""
        return self._ask({"op": "call", "function": function, "arguments": list(arguments)})

    def solve(self, model: Model, material: dict[str, Any] | None = None, **study: Any) -> dict[str, Any]:
        """Linear statics of a model."""
        full = {"brep": model.path, "material": material or STEEL, **study}
        result: dict[str, Any] = self.call("backend.physics.fem.static:solve", full)
        return result


@functools.cache
def fem() -> FemSession:
    """The worker of this test process, started when first used."""
    return FemSession()
