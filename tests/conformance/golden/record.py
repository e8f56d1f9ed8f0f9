"""Golden files at each stage of a dozen programs: ``python -m tests.conformance.golden.record [--write] [NAME ...]``.

A golden file holds, as lines of text, the commands that the interpreter sent, the ids of the bodies, faces and edges
that were left, and the measures. Where a run differs, the first stage that does names the culprit: other commands are
the interpreter's (or the program's), other ids the engine's naming, other measures its geometry. ``--write`` makes
them anew after a change that is meant to make a difference; the difference is then read in the commit.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any

from backend.compute import WorkPool

STAGES = ("commands", "ids", "properties")
FOLDER = Path(__file__).parent
PROGRAMS = FOLDER.parent / "programs"
NAMES = (
    "annotate/named_faces",
    "boolean/split_pieces",
    "clone/filleted_copy",
    "extrude/cut_from_face",
    "fillet/after_boolean",
    "hole/counterbore_drilled",
    "loft/with_hole",
    "mirror/open_profile",
    "pattern/grid_3d",
    "region/tangent_slot",
    "revolve/about_own_edge",
    "shell/side_face",
    "sweep/bent_pipe",
    "transform/rotate_about_own_origin",
)


def golden_file(name: str) -> Path:
    """Where the golden file of a program is kept."""
    return FOLDER / f"{name.replace('/', '.')}.json"


def record(name: str, pool: WorkPool) -> dict[str, Any]:
    """What the program does now, in the form of a golden file."""
    with tempfile.TemporaryDirectory(prefix="brick-golden-") as scratch:
        request = {
            "path": str(PROGRAMS / f"{name}.kcl"),
            "out_dir": scratch,
            "exports": [],
            "name": "part",
            "trace": True,
        }
        result = pool.run_sync("backend.engine.run:run_project", request, kind="geometry")
    return {
        "program": f"{name}.kcl",
        "zoo_kcl": version("zoo-kcl"),
        "commands": result["trace"]["commands"],
        "ids": result["trace"]["ids"],
        "properties": _properties(result),
    }


def _properties(result: dict[str, Any]) -> list[str]:
    lines = [_measures("all", result), f"solids {result['solids']}", f"valid {result['valid']}"]
    lines.extend(_measures(f"body {body['index']}", body) for body in result["bodies"])
    lines.extend(f"named face {face['name']} is face {face['face_index']}" for face in result["named_faces"])
    return lines


def _measures(what: str, found: dict[str, Any]) -> str:
    box = found["bounding_box_mm"]
    points = (found["center_of_mass_mm"], box["min"], box["max"])
    center, low, high = (" ".join(f"{round(value, 6) + 0.0:.6f}" for value in point) for point in points)
    volume, area = f"{found['volume_mm3']:.9g}", f"{found['area_mm2']:.9g}"
    return f"{what}: volume {volume} area {area} centre {center} box {low} to {high}"


def first_difference(golden: dict[str, Any], now: dict[str, Any]) -> str | None:
    """The first stage that differs, and its first line that does; None where all agree."""
    for stage in STAGES:
        for number, (then, found) in enumerate(zip_longest(golden[stage], now[stage]), 1):
            if then != found:
                told = ""
                if golden["zoo_kcl"] != now["zoo_kcl"]:
                    told = f" (recorded with zoo-kcl {golden['zoo_kcl']}, now {now['zoo_kcl']})"
                return (
                    f"{now['program']} differs first in its {stage}, line {number}{told}:\n"
                    f"  golden: {then}\n  now:    {found}"
                )
    return None


def main(arguments: list[str] | None = None) -> int:
    """Command line; exit status 1 where a program differs from its golden file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="programs with this in their name (all)")
    parser.add_argument("--write", action="store_true", help="make the golden files anew")
    options = parser.parse_args(arguments)
    names = [name for name in NAMES if not options.names or any(word in name for word in options.names)]
    pool, differ = WorkPool(), 0
    try:
        for name in names:
            now, path = record(name, pool), golden_file(name)
            found = first_difference(json.loads(path.read_text(encoding="utf-8")), now) if path.is_file() else "new"
            if options.write:
                path.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
            differ += found is not None
            print(f"{name}: {'agrees' if found is None else found}")
    finally:
        pool.close()
    return 1 if differ and not options.write else 0


if __name__ == "__main__":
    sys.exit(main())
