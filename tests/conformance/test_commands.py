"""``./brick conformance`` and ``./brick export`` as a person calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUBE = """
startSketchOn(XY)
  |> circle(center = [0, 0], radius = 5)
  |> subtract2d(tool = circle(startSketchOn(XY), center = [0, 0], radius = 3))
  |> extrude(length = 10)
"""


def brick(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def test_conformance_says_which_program_is_wrong_and_by_how_much(tmp_path: Path) -> None:
    for name, volume in (("right", "pi*(25 - 9)*10"), ("wrong", "pi*(25 - 9)*11")):
        (tmp_path / f"{name}.kcl").write_text(TUBE)
        (tmp_path / f"{name}.yaml").write_text(f'volume_mm3: "{volume}"\nsolids: 1\n')
    done = brick("conformance", str(tmp_path), "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert (told["programs"], told["passed"], told["failed"]) == (2, 1, 1)
    verdicts = {one["name"]: one for one in told["outcomes"]}
    assert verdicts["right"]["ok"]
    (off,) = [one for one in verdicts["wrong"]["deviations"] if not one["ok"]]
    assert off["quantity"] == "volume_mm3"
    assert off["deviation"] == pytest.approx(1 / 11, rel=1e-6)
    table = brick("conformance", str(tmp_path), "--only", "right")
    assert table.returncode == 0
    assert "1 of 1 conform" in table.stdout


def test_conformance_of_a_folder_without_programs_is_bad_input(tmp_path: Path) -> None:
    done = brick("conformance", str(tmp_path))
    assert done.returncode == 2
    assert "no KCL program with an oracle" in done.stderr


@pytest.mark.parametrize(
    ("kind", "start"),
    [("step", b"ISO-10303-21"), ("glb", b"glTF"), ("brep", b"DBRep"), ("ply", b"ply"), ("3mf", b"PK"), ("obj", b"#")],
)
def test_export_writes_the_file_that_was_asked_for(tmp_path: Path, kind: str, start: bytes) -> None:
    (tmp_path / "tube.kcl").write_text(TUBE)
    out = tmp_path / "made" / f"tube.{kind}"
    done = brick("export", str(tmp_path / "tube.kcl"), "--format", kind, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert start in out.read_bytes()[:40]


def test_export_of_a_faulty_program_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "bad.kcl").write_text("x = 1\ny = z + x\n")
    done = brick("export", str(tmp_path / "bad.kcl"), "--out", str(tmp_path / "bad.step"))
    assert done.returncode == 2
    assert "z" in done.stderr
    assert not (tmp_path / "bad.step").exists()
