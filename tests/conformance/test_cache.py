"""A run with the cache has the same ids, measures and files as one without, to the last bit.

By default a part of the programs, BRICK_CACHE_PROGRAMS=all takes them all.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from backend.compute import WorkPool

PROGRAMS = sorted((Path(__file__).parent / "programs").rglob("*.kcl"))
EVERY = 1 if os.environ.get("BRICK_CACHE_PROGRAMS") == "all" else 7
CHOSEN = [path for path in PROGRAMS[::EVERY] if path.with_suffix(".yaml").is_file()]
PLATE = """
plate = startSketchOn(XY)
  |> startProfile(at = [0, 0])
  |> line(end = [60, 0], tag = $front)
  |> line(end = [0, 40], tag = $right)
  |> line(end = [-60, 0])
  |> close()
  |> extrude(length = 8)
  |> fillet(radius = 3, tags = [getNextAdjacentEdge(front), getNextAdjacentEdge(right)])
holed = startSketchOn(plate, face = END)
  |> circle(center = [15, 20], radius = 4)
  |> extrude(length = -8)
boss = startSketchOn(plate, face = END)
  |> circle(center = [45, 20], radius = BOSS)
  |> extrude(length = 5)
"""


def _same(states: dict[str, Any], one: str, other: str) -> None:
    first, second = states[one], states[other]
    for what in first.keys() - {"hits", "misses"}:
        assert first[what] == second[what], f"{what}: {one} and {other} differ"


@pytest.fixture
def probe(pool: WorkPool, tmp_path: Path) -> Any:
    def run(source: str | Path, keep: bool = False, exports: tuple[str, ...] = ("brep", "stl")) -> dict[str, Any]:
        key = "path" if isinstance(source, Path) else "code"
        request = {
            "run": {key: str(source), "out_dir": str(tmp_path / "out"), "exports": list(exports)},
            "folder": str(tmp_path / "cache"),
            "keep": keep,
        }
        found: dict[str, Any] = pool.run_sync("tests.conformance.cache_probe:probe", request, kind="geometry")
        return found

    return run


@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_program_is_the_same_cold_warm_and_without_cache(probe: Any, path: Path) -> None:
    states = probe(path)
    for state in ("cold", "memory", "disk"):
        _same(states, "off", state)
    if "error" not in states["off"]:
        assert states["memory"]["misses"] == 0, "what was kept in memory was found again"


@pytest.mark.parametrize("path", CHOSEN[:: 1 if EVERY == 1 else 3], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_edited_program_is_the_same_as_one_that_was_never_another(probe: Any, path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    numbers = list(re.finditer(r"(?<![\w.$])\d+(?:\.\d+)?(?![\w.])", code))
    if not numbers or "import " in code:
        pytest.skip("nothing to edit")
    last = numbers[-1]
    edited = code[: last.start()] + f"{float(last[0]) * 1.01 + 0.01:.4f}" + code[last.end() :]
    probe(code)
    states = probe(edited, keep=True)
    for state in ("cold", "memory", "disk"):
        _same(states, "off", state)


def test_an_edit_of_the_last_feature_computes_only_that_feature(probe: Any) -> None:
    before = probe(PLATE.replace("BOSS", "6"))
    after = probe(PLATE.replace("BOSS", "7"), keep=True)
    _same(after, "off", "cold")
    assert before["cold"]["misses"] > after["cold"]["misses"], "what came before the edit was recalled"
    assert after["cold"]["hits"] >= 2, "the fillet and the hole"
    again = probe(PLATE.replace("BOSS", "6"), keep=True)
    # what takes under half a millisecond to learn of a shape is not worth a file and may be learnt anew
    assert again["cold"]["misses"] <= 2 < before["cold"]["misses"], "the undone edit is all there"
    _same(again, "off", "cold")


def test_an_edit_in_the_middle_leaves_what_does_not_hang_on_it(probe: Any) -> None:
    two = PLATE.replace("BOSS", "6") + PLATE.replace("BOSS", "5").replace("plate", "plate2").replace(
        "holed", "holed2"
    ).replace("boss", "boss2").replace("front", "front2").replace("right", "right2").replace(
        "at = [0, 0]", "at = [100, 0]"
    )
    probe(two)
    after = probe(two.replace("radius = 3", "radius = 2", 1), keep=True)
    _same(after, "off", "cold")
    assert after["cold"]["hits"] >= 3, "the second plate is recalled whole"


def test_a_corrupt_folder_costs_time_and_nothing_else(probe: Any, tmp_path: Path) -> None:
    states = probe(PLATE.replace("BOSS", "6"))
    entries = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert entries
    for number, path in enumerate(entries):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if number % 2 else whole[:-20] + os.urandom(20))
    again = probe(PLATE.replace("BOSS", "6"), keep=True)
    assert again["cold"]["misses"] == states["cold"]["misses"]
    _same({"before": states["off"], "after": again["cold"]}, "before", "after")


async def test_a_changed_size_is_compiled_from_what_the_last_run_kept(pool: WorkPool, tmp_path: Path) -> None:
    """What the command line, the design job and a slider of the page go through, in two workers one after the other."""
    from backend.config.settings import get_settings
    from backend.geometry import compile_project

    folder = str(get_settings().engine_cache_folder)
    first = await compile_project(PLATE.replace("BOSS", "6.25"), tmp_path, pool=pool, exports=("glb",))
    assert first["cache"]["folder"] == folder
    other = WorkPool()
    try:
        after = await compile_project(PLATE.replace("BOSS", "6.5"), tmp_path, pool=other, exports=("glb",))
        without = await compile_project(
            PLATE.replace("BOSS", "6.5"), tmp_path, pool=other, exports=("glb",), cache=False
        )
    finally:
        other.close()
    assert after["cache"]["disk_hits"] >= 2, "the fillet and the hole came from the other worker"
    assert after["cache"]["misses"] < first["cache"]["misses"]
    assert without["cache"]["hits"] == 0
    assert after["bodies"] == without["bodies"]
