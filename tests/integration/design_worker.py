"""Runs in a process with OCP: compiles programs against our engine and prints what came out, as JSON.

The process of pytest never imports OCP; the tests call this file with a folder that holds ``<name>.kcl`` files.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(folder: Path) -> None:
    from backend.engine.run import run_project

    out = {}
    for path in sorted(folder.glob("*.kcl")):
        request = {"path": str(path), "out_dir": str(folder / path.stem), "exports": ["brep"], "timeout_s": 120}
        out[path.stem] = run_project(request)
    (folder / "compiled.json").write_text(json.dumps(out), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    sys.stdout.flush()
    os._exit(0)  # the interpreter may abort in its own clean-up
