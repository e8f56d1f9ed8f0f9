"""Worker process of the FE tests: one JSON request a line in, one JSON answer a line out.

The test process itself must load neither NGSolve nor OCP; a second process that stays alive saves the imports.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


def build(name: str, arguments: dict[str, Any], path: str) -> list[dict[str, Any]]:
    """Draws a shape, writes it as BREP and describes the faces as read back."""
    from netgen.occ import OCCGeometry

    from tests.benchmarks.fem_cases import shapes

    getattr(shapes, name)(**arguments).WriteBrep(path)
    table = []
    for index, face in enumerate(dict.fromkeys(OCCGeometry(path).shape.faces)):
        low, high = (list(p) for p in face.bounding_box)
        table.append({"index": index, "center": list(face.center), "area": face.mass, "low": low, "high": high})
    return table


def call(function: str, arguments: list[Any]) -> Any:
    """Calls ``module:name`` of the product."""
    module, _, name = function.partition(":")
    return getattr(importlib.import_module(module), name)(*arguments)


def main() -> None:
    """Serves requests until standard input ends."""
    from backend.physics.errors import PhysicsError

    # The solver's own prints must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "build":
                Path(request["path"]).parent.mkdir(parents=True, exist_ok=True)
                answer: dict[str, Any] = {"ok": build(request["shape"], request["arguments"], request["path"])}
            else:
                answer = {"ok": call(request["function"], request["arguments"])}
        except PhysicsError as error:
            answer = {"physics_error": [type(error).__name__, error.as_dict()]}
        except Exception as error:
            answer = {"crash": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
