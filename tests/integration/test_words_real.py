"""What a brief rules out, several loads, a tolerance and a grade: held through the real run, to the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BRIEF = (
    "S235 L-bracket, 60 ±0.2 mm wide, legs 80 mm and 60 mm, 400 N at 50 mm and 100 N at 70 mm, "
    "no M8 bolts, not 3D printed"
)


def brick(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BRICK_DATA_DIR": str(data), "BRICK_FEM_BUDGET_S": "300"},
    )  # fmt: skip


def test_a_brief_is_held_to_what_it_rules_out(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = brick("design", BRIEF, "--no-input", "--answer", "bolt_grade=10.9", "--out", str(out), data=tmp_path / "data")
    assert run.returncode == 1, run.stderr  # nothing verifies the tolerance, and that is said
    state = json.loads((out / "design.json").read_text(encoding="utf-8"))
    design = state["design"]
    scheme = design["design_scheme"]
    assert scheme["parameters"]["bolt_size"]["value"] != 8
    assert scheme["parameters"]["load_position"]["value"] == 70
    assert scheme["parameters"]["load_force"]["value"] == 500
    assert scheme["choices"]["bolt_grade"] == "10.9"
    assert scheme["choices"]["process"] == "machined"
    assert "Tolerance of the width of the bracket" in run.stdout
    assert "500 N at 70 mm, in place of 400 N at 50 mm and 100 N at 70 mm" in run.stdout
    assert "10.9" in (out / "bom.csv").read_text(encoding="utf-8")
