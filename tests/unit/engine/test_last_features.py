"""The features that a program carries out last, told by the interpreter: what the bench edits."""

from __future__ import annotations

from pathlib import Path

from backend.commands.bench_engine_edit import sizes_of_call
from backend.compute import WorkPool

PART = """@settings(defaultLengthUnit = mm)
fn peg(@height) {
  return startSketchOn(XY)
    |> circle(center = [0, 0], radius = 3)
    |> extrude(length = height)
}
"""
MAIN = """import peg from "part.kcl"
plate = startSketchOn(XZ)
  |> circle(center = [30, 0], radius = 5)
  |> extrude(length = 2)
  |> translate(x = 1, y = 0, z = 4)
last = peg(12)
width = 7
"""


def test_the_last_feature_is_the_one_that_ran_last_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "part.kcl").write_text(PART.replace("fn peg", "export fn peg"))
    (tmp_path / "main.kcl").write_text(MAIN)
    pool = WorkPool()
    try:
        found = pool.run_sync(
            "backend.engine.provenance:last_features",
            {"path": str(tmp_path / "main.kcl")},
            kind="geometry",
            timeout_s=120,
        )
    finally:
        pool.close()
    assert [feature["command"] for feature in found] == ["extrude", "set_object_transform", "extrude"]
    told = [
        (feature["file"], [size.name for size in sizes_of_call(text, feature["line"], feature["column"])])
        for feature in found
        for text in [(tmp_path / feature["file"]).read_text()]
    ]
    assert told == [("part.kcl", ["length"]), ("main.kcl", ["z", "y", "x"]), ("main.kcl", ["length"])]
