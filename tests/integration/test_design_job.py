"""The main job as a user starts it: a brief in, verified files out; read back by libraries that did not write them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from backend.materials import get_material

ROOT = Path(__file__).resolve().parents[2]

BRACKET = (
    "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, "
    "factor of safety 1.2, four 1/2 in holes"
)

# Reads a STEP file in a process of its own: netgen carries an OpenCASCADE that is not the engine's.
READ_STEP = """
import json, sys
from netgen.occ import OCCGeometry
shape = OCCGeometry(sys.argv[1]).shape
low, high = shape.bounding_box
print(json.dumps({"volume": sum(s.mass for s in shape.solids), "solids": len(shape.solids),
                  "min": list(low), "max": list(high)}))
"""


def brick(*arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL,
        # Unknowns bound the meshes, and not how fast this machine is.
        env={**os.environ, "PYTHONPATH": str(ROOT), "BRICK_FEM_BUDGET_S": "300"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def bracket(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    out = tmp_path_factory.mktemp("bracket")
    return out, brick("design", BRACKET, "--out", str(out))


@pytest.fixture(scope="module")
def state(bracket: tuple[Path, subprocess.CompletedProcess[str]]) -> dict[str, Any]:
    out, done = bracket
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    found: dict[str, Any] = json.loads((out / "design.json").read_text(encoding="utf-8"))
    return found


def test_the_bracket_passes_and_hands_over_its_files(
    bracket: tuple[Path, subprocess.CompletedProcess[str]], state: dict[str, Any]
) -> None:
    out, done = bracket
    names = {path.name for path in out.iterdir()}
    expected = {"design.json", "model.kcl", "model.step", "model.glb", "model.stl", "bom.csv", "report.html"}
    assert expected <= names
    assert "PASS" in done.stdout
    assert "Traceback" not in done.stderr
    assert state["validation"]["verification_report"]["status"] == "pass"


def test_every_requirement_of_the_brief_is_traced_to_its_words(state: dict[str, Any]) -> None:
    intent = state["design"]["intent"]
    quantities = [*intent["parameters"].values(), intent["safety_factor"], *(x["magnitude"] for x in intent["loads"])]
    spans = [quantity["span"] for quantity in quantities if quantity["origin"] == "brief"]
    assert len(spans) >= 6
    for span in spans:
        assert BRACKET[span["start"] : span["end"]] == span["text"]
    values = sorted(round(quantity["value"], 3) for quantity in quantities if quantity["origin"] == "brief")
    for inches in (6, 5, 2):
        assert round(inches * 25.4, 3) in values
    assert pytest.approx(300 * 4.4482216, rel=1e-6) in values
    assert intent["material"] == get_material("6061-T6").id
    assert intent["safety_factor"]["value"] == 1.2


def test_the_verdict_rests_on_finite_elements_that_balance(state: dict[str, Any]) -> None:
    fem = state["physics"]["structural_analysis"]["fem"]
    assert len(fem["levels"]) >= 3
    dofs = [level["dofs"] for level in fem["levels"]]
    assert dofs == sorted(dofs)
    assert dofs[-1] > 1.5 * dofs[0]
    assert fem["reactions"]["imbalance_rel"] < 1e-6
    assert np.linalg.norm(fem["reactions"]["applied_n"]) == pytest.approx(300 * 4.4482216, rel=0.03)
    assert fem["von_mises_mpa"]["error"] < 0.1 * fem["von_mises_mpa"]["value"]
    checks = state["validation"]["verification_report"]["checks"]
    assert any("finite element" in check["method"].lower() or "fe" in check["id"] for check in checks)
    assert all(check["status"] != "fail" for check in checks)


def test_step_read_by_another_kernel_has_the_same_volume_box_and_unit(
    bracket: tuple[Path, Any], state: dict[str, Any]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ_STEP, str(bracket[0] / "model.step")], capture_output=True, text=True, check=True
    )
    read = json.loads(done.stdout.strip().splitlines()[-1])
    compiled = state["geometry"]["compiled"]
    assert read["solids"] == compiled["solids"] == 1
    assert read["volume"] == pytest.approx(compiled["volume_mm3"], rel=1e-6)
    assert read["min"] == pytest.approx(compiled["bounding_box_mm"]["min"], abs=0.01)
    assert read["max"] == pytest.approx(compiled["bounding_box_mm"]["max"], abs=0.01)


def test_stl_is_watertight_in_millimetres(bracket: tuple[Path, Any], state: dict[str, Any]) -> None:
    mesh = trimesh.load(bracket[0] / "model.stl", force="mesh")
    compiled = state["geometry"]["compiled"]
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(compiled["volume_mm3"], rel=2e-3)
    assert mesh.bounds[1] - mesh.bounds[0] == pytest.approx(
        np.subtract(compiled["bounding_box_mm"]["max"], compiled["bounding_box_mm"]["min"]), abs=0.05
    )


def test_glb_is_in_metres_and_carries_the_stress_field(bracket: tuple[Path, Any], state: dict[str, Any]) -> None:
    scene = trimesh.load(bracket[0] / "model.glb")
    meshes = list(scene.geometry.values())
    compiled = state["geometry"]["compiled"]
    assert sum(mesh.volume for mesh in meshes) * 1e9 == pytest.approx(compiled["volume_mm3"], rel=5e-3)
    stress = np.concatenate([mesh.vertex_attributes["_VON_MISES"].ravel() for mesh in meshes])
    assessed = state["physics"]["structural_analysis"]["fem"]["von_mises_mpa"]["value"]
    assert 0.9 * assessed <= stress.max()
    assert stress.min() >= 0


def test_bom_and_report_can_be_read(bracket: tuple[Path, Any], state: dict[str, Any]) -> None:
    with (bracket[0] / "bom.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert any(row["kind"] == "made" and float(row["mass_g_each"]) > 100 for row in rows)
    report = (bracket[0] / "report.html").read_text(encoding="utf-8")
    assert report.count("data:image/png;base64,") >= 2
    assert "300 lb" in report


def test_kcl_compiles_again_to_the_same_part(bracket: tuple[Path, Any], state: dict[str, Any], tmp_path: Path) -> None:
    done = brick("run", str(bracket[0] / "model.kcl"), "--out", str(tmp_path), "--json", "--material", "6061-T6")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    compiled = state["geometry"]["compiled"]
    assert result["volume_mm3"] == pytest.approx(compiled["volume_mm3"], rel=1e-9)
    assert result["solids"] == 1
    assert result["valid"] is True
    assert result["mass_g"] == pytest.approx(result["volume_mm3"] * 2.7e-3, rel=0.01)
    assert set(result["files"]) == {"brep", "step", "glb", "stl"}


@pytest.mark.parametrize(
    ("brief", "status", "says"),
    [
        ("An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, four 1/2 in holes", 2, "load"),
        ("A 6061-T6 bracket, 6 in wide and 4 in wide, legs 5 in and 2 in, holds 300 lb", 2, "6 in and 4 in"),
        ("An unobtainium shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb", 2, "material"),
        (
            "A steel shelf bracket, 6 in wide, legs 5 in and 2 in, holds 30000 lb at 12 in, mass under 10 g",
            None,
            "mass",
        ),
        ("blorf wibble zonk", 2, "bracket"),
        ("", 2, "brief"),
    ],
)
def test_a_bad_brief_gets_a_clear_word(brief: str, status: int | None, says: str, tmp_path: Path) -> None:
    done = brick("design", brief, "--out", str(tmp_path / "out"), "--no-input")
    assert done.returncode == status if status is not None else done.returncode in (1, 2)
    assert says in (done.stderr + done.stdout).lower()
    assert "Traceback" not in done.stderr + done.stdout
