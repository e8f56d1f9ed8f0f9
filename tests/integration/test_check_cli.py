"""``brick check`` as a user calls it: a study becomes a verdict with its files; bad input becomes words."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.compute.pool import WorkPool

ROOT = Path(__file__).resolve().parents[2]
LUG = ROOT / "docs" / "examples" / "lug" / "lug.yaml"

BEAM = """
block = startSketchOn(YZ)
  |> rectangle(width = 20, height = 10, center = [0, 0])
  |> extrude(length = 200, tagStart = $root, tagEnd = $tip)
gdt::annotation(annotation = "held", faces = [root], annotationName = "root")
gdt::annotation(annotation = "loaded", faces = [tip], annotationName = "tip")
"""
STEEL = {
    "label": "steel",
    "source": "textbook",
    "youngs_modulus": "210 GPa",
    "poisson_ratio": 0,
    "density": "7850 kg/m3",
    "yield_strength": "250 MPa",
    "thermal_expansion": "12e-6 1/K",
    "thermal_conductivity": "50 W/(m K)",
}
BASE: dict[str, Any] = {
    "title": "cantilever",
    "model": "beam.kcl",
    "material": STEEL,
    "analysis": {"type": "static"},
    "supports": [{"type": "fixed", "faces": "root"}],
    "loads": [{"type": "force", "faces": {"normal": "+X", "at": "max"}, "force": "100 N", "direction": "-Z"}],
    "results": [
        {"type": "safety_factor", "at_least": 2},
        {"type": "displacement", "at_most": "1 mm"},
        {"type": "probe", "at": ["100 mm", "0 mm", "5 mm"], "quantity": "xx"},
    ],
    "mesh": {"max_dofs": 20000, "levels": 2},
}


class LastingPool(WorkPool):
    """A pool that the command can't close, so that the tests share its workers."""

    def close(self) -> None:
        """Left for :meth:`end`."""

    def end(self) -> None:
        """Ends the workers."""
        super().close()


@pytest.fixture(scope="module")
def pool() -> Iterator[LastingPool]:
    shared = LastingPool()
    yield shared
    shared.end()


@pytest.fixture
def brick(
    pool: LastingPool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, dict[str, Any], str]]:
    """Runs ``brick check`` on a study with ``--json``: (exit status, the JSON printed, standard error)."""
    from backend import cli

    monkeypatch.setattr("backend.compute.get_pool", lambda: pool)
    (tmp_path / "beam.kcl").write_text(BEAM)

    def run(study: dict[str, Any] | Path | str, *options: str) -> tuple[int, dict[str, Any], str]:
        if isinstance(study, Path):
            path = study
        else:
            path = tmp_path / "study.yaml"
            path.write_text(study if isinstance(study, str) else json.dumps(study))  # JSON is YAML
        monkeypatch.setattr(
            sys, "argv", ["brick", "check", str(path), "--out", str(tmp_path / "out"), "--json", *options]
        )
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return int(ended.value.code or 0), json.loads(said.out), said.err

    return run


def check(result: dict[str, Any], id_: str) -> dict[str, Any]:
    """One check of the verdict."""
    return next(item for item in result["verdict"]["checks"] if item["id"] == id_)


def test_the_documented_example_passes_and_hands_over_its_files(brick: Any, tmp_path: Path) -> None:
    status, result, _ = brick(LUG)
    assert status == 0
    assert result["verdict"]["status"] == "pass"
    found = {row["where"]: row["count"] for row in result["faces"]}
    assert found == {"supports[0].faces": 1, "loads[0].faces": 1, "results[2].faces": 2}
    for name in ("report.html", "result.json", "fields.vtu", "fields.glb", "von_mises_mpa.png", "displacement_mm.png"):
        assert (tmp_path / "out" / name).stat().st_size > 1000, name
    import meshio

    mesh = meshio.read(tmp_path / "out" / "fields.vtu")
    assert mesh.point_data["von_mises_mpa"].max() == pytest.approx(result["result"]["raw_max_von_mises_mpa"], rel=0.05)
    volume = meshio.read(tmp_path / "out" / "volume.vtu")
    # The tetrahedra fill the part: their volume is that of the exact solid but for the chords of its curved faces.
    corners = volume.points[volume.cells_dict["tetra10"][:, :4]]
    edges = corners[:, 1:] - corners[:, :1]
    filled = np.abs(np.linalg.det(edges)).sum() / 6
    assert filled == pytest.approx(result["result"]["volume_mm3"], rel=0.01)
    moved = np.linalg.norm(volume.point_data["displacement_mm"], axis=1).max()
    assert moved == pytest.approx(result["result"]["displacement_mm"]["value"], rel=1e-5)
    xx, yy, zz, xy, yz, xz = volume.point_data["stress_xx_yy_zz_xy_yz_xz_mpa"].T.astype(float)
    from_tensor = np.sqrt(((xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2) / 2 + 3 * (xy**2 + yz**2 + xz**2))
    assert from_tensor == pytest.approx(volume.point_data["von_mises_mpa"].astype(float), rel=1e-3, abs=1e-3)
    assert from_tensor.max() >= 0.98 * result["result"]["von_mises_mpa"]["value"]
    report = (tmp_path / "out" / "report.html").read_text()
    assert "Lug under a pin" in report
    assert "Safety factor against yield" in report


def test_a_cantilever_comes_out_as_beam_theory_says(brick: Any) -> None:
    status, result, _ = brick(BASE)
    assert status == 0
    force, length, e, i = 100.0, 200.0, 210e3, 20 * 10**3 / 12
    shear = 1.2 * force * length / (e / 2 * 200)
    deflection = check(result, "result_1_displacement")
    assert deflection["value"] == pytest.approx(force * length**3 / (3 * e * i) + shear, rel=2e-3)
    assert check(result, "result_2_probe")["value"] == pytest.approx(force * 100 * 5 / i, rel=5e-3)
    assert result["result"]["reactions"]["reaction_n"][2] == pytest.approx(100, rel=1e-9)


def test_the_stress_tensor_of_every_tetrahedron_is_beam_theorys(brick: Any, tmp_path: Path) -> None:
    import meshio

    assert brick(BASE)[0] == 0
    volume = meshio.read(tmp_path / "out" / "volume.vtu")
    x, _, z = volume.points.T
    xx, yy, zz, xy, yz, xz = volume.point_data["stress_xx_yy_zz_xy_yz_xz_mpa"].T
    middle = (x > 60) & (x < 140)
    assert middle.sum() > 50
    second_moment = 20 * 10**3 / 12
    assert xx[middle] == pytest.approx(100 * (200 - x[middle]) * z[middle] / second_moment, abs=0.5)  # of 42 MPa
    assert np.abs(np.stack([yy, zz, xy, yz])[:, middle]).max() < 0.5
    neutral = middle & (np.abs(z) < 0.5)
    assert xz[neutral].mean() == pytest.approx(-1.5 * 100 / 200, abs=0.05)  # Jourawski's parabola at its top


def test_a_limit_that_does_not_hold_fails_with_status_1(brick: Any) -> None:
    status, result, _ = brick({**BASE, "results": [{"type": "displacement", "at_most": "0.1 mm"}]})
    assert status == 1
    assert result["verdict"]["failed"] == ["result_0_displacement"]
    assert check(result, "result_0_displacement")["margin"] < 0


def test_a_study_without_a_limit_is_not_verified(brick: Any) -> None:
    # The library's service temperature is a check of its own, and no limit that the study sets.
    status, result, _ = brick({**BASE, "results": [], "material": "aluminium 6061-T6"})
    assert status == 1
    assert result["verdict"]["status"] == "not verified"
    assert check(result, "service_temperature")["status"] == "pass"


def test_a_part_that_moves_as_far_as_it_is_long_is_not_verified(brick: Any) -> None:
    load = {**BASE["loads"][0], "force": "20 kN"}  # 153 mm on a beam of 200 mm
    status, result, _ = brick(changed(loads=[load], results=[{"type": "displacement", "at_most": "1 m"}]))
    assert status == 1
    assert result["verdict"]["not_verified"] == ["trust_small"]


def test_imported_step_gives_what_kcl_gives(brick: Any, tmp_path: Path, pool: LastingPool) -> None:
    import asyncio

    from backend.geometry.compile import compile_project

    brick(BASE)
    asyncio.run(compile_project(tmp_path / "beam.kcl", tmp_path, pool=pool, exports=["step"], name="beam"))
    study = {**BASE, "model": "beam.step", "supports": [{"type": "fixed", "faces": {"normal": "-X"}}]}
    status, result, _ = brick(study)
    assert status == 0
    assert check(result, "result_1_displacement")["value"] == pytest.approx(0.7626, rel=3e-3)


def test_frequencies_of_the_cantilever(brick: Any) -> None:
    study = {**BASE, "analysis": {"type": "modal", "modes": 2}, "loads": []}
    study["results"] = [{"type": "frequency", "mode": 1, "at_least": "150 Hz", "at_most": "250 Hz"}]
    status, result, _ = brick(study)
    first = 1.87510**2 / (2 * math.pi * 200**2) * math.sqrt(210e3 * (20 * 10**3 / 12) / (7850e-12 * 200))
    assert status == 0
    assert check(result, "result_0_frequency_low")["value"] == pytest.approx(first, rel=3e-3)


def test_the_cantilever_buckles_at_eulers_load(brick: Any) -> None:
    study = {**BASE, "analysis": {"type": "buckling"}}
    study["loads"] = [{"type": "force", "faces": "tip", "force": "1 kN", "direction": "-X"}]
    study["results"] = [{"type": "buckling_factor", "at_least": 3}]
    status, result, _ = brick(study)
    euler = math.pi**2 * 210e3 * (20 * 10**3 / 12) / (4 * 200**2) / 1000
    assert status == 0
    assert check(result, "result_0_buckling_factor")["value"] == pytest.approx(euler, rel=5e-3)


def test_heat_in_a_bar_and_the_stress_of_a_clamped_one(brick: Any) -> None:
    ends = [
        {"type": "temperature", "faces": "root", "temperature": "20 degC"},
        {"type": "heat", "faces": "tip", "power": "10 W"},
    ]
    study = {**BASE, "analysis": {"type": "thermal"}, "heat": {"conditions": ends}}
    study |= {"supports": [], "loads": [], "results": [{"type": "temperature", "at_most": "300 degC"}]}
    status, result, _ = brick(study)
    assert status == 0
    assert check(result, "result_0_temperature")["value"] == pytest.approx(20 + 10 * 0.2 / (50 * 200e-6), rel=1e-6)
    # Held along x at both ends and heated by 100 K: -E alpha dT.
    sliding = [{"type": "frictionless", "faces": f} for f in ("root", "tip", {"normal": "-Y"}, {"normal": "-Z"})]
    clamped = {**BASE, "supports": sliding, "loads": [{"type": "temperature", "temperature": "120 degC"}]}
    _, result, _ = brick(clamped)
    assert check(result, "result_2_probe")["value"] == pytest.approx(-210e3 * 12e-6 * 100, rel=1e-5)


def test_heat_over_time_in_a_bar_that_fills_evenly(brick: Any) -> None:
    """Power into an insulated bar: after the first waves its mean rises by P t/(m c)."""
    study = {**BASE, "analysis": {"type": "thermal_transient", "start": "20 degC", "duration": "400 s"}}
    study["material"] = {**STEEL, "specific_heat": "460 J/(kg K)"}
    study["heat"] = {"conditions": [{"type": "source", "power": "20 W"}]}
    study |= {"supports": [], "loads": [], "results": [{"type": "temperature", "at_most": "100 degC"}]}
    status, result, _ = brick(study)
    assert status == 0
    mass_kg = 7850 * 200e-3 * 20e-3 * 10e-3
    assert check(result, "result_0_temperature")["value"] == pytest.approx(20 + 20 * 400 / (mass_kg * 460), rel=1e-5)


def test_a_shaken_cantilever_answers_at_its_natural_frequency(brick: Any) -> None:
    shake = {"acceleration": "1 m/s2", "direction": "+Z"}
    analysis = {"type": "harmonic", "low": "100 Hz", "high": "300 Hz", "damping": 0.02, "modes": 4, "shake": shake}
    study = {
        **BASE,
        "analysis": analysis,
        "loads": [],
        "results": [{"type": "response", "displacement_at_most": "1 mm"}],
    }
    status, result, _ = brick(study)
    assert status == 0
    # First mode of a cantilever: participation 1.566 at the tip (Blevins, table 8-1), resonance 1/(2 zeta).
    omega = 1.87510**2 / 200**2 * math.sqrt(210e3 * (20 * 10**3 / 12) / (7850e-12 * 200))
    tip = check(result, "result_0_response_displacement_mm")
    assert tip["value"] == pytest.approx(1.566 * 1000 / omega**2 / (2 * 0.02), rel=0.02)


def test_flow_through_a_pipe_is_poiseuilles(brick: Any, tmp_path: Path) -> None:
    """Developed laminar flow: 8 mu L v/r^2."""
    pipe = "startSketchOn(YZ)\n  |> circle(center = [0, 0], radius = 2)\n  |> extrude(length = 20)\n"
    (tmp_path / "pipe.kcl").write_text(pipe)
    ends = {"inlets": [{"faces": {"normal": "-X"}, "velocity": "10 mm/s"}], "outlets": [{"faces": {"normal": "+X"}}]}
    study = {
        "title": "pipe",
        "model": "pipe.kcl",
        "analysis": {"type": "flow", "density": "1000 kg/m3", "viscosity": "1 mPa·s", **ends},
        "results": [{"type": "pressure_drop", "at_most": "1 Pa"}],
    }
    status, result, _ = brick(study)
    assert status == 0
    expected = 8 * 1e-3 * 20e-3 * 10e-3 / 2e-3**2
    assert check(result, "result_0_pressure_drop")["value"] == pytest.approx(expected, rel=0.02)


def test_fatigue_is_not_verified_without_data_and_verified_with_it(brick: Any) -> None:
    analysis = {"type": "fatigue", "blocks": [{"cycles": 1, "from": -1, "to": 1}]}
    asked = [{"type": "fatigue_safety_factor", "at_least": 1.5}]
    unknown = {**BASE, "analysis": analysis, "results": asked}
    status, result, _ = brick(unknown)
    assert status == 1
    assert "S-N" in check(result, "result_0_fatigue_safety_factor")["reason"]
    curve = {"points": [[1e3, "400 MPa"], [1e6, "150 MPa"]], "limit": "150 MPa", "source": "coupons"}
    steel = {**STEEL, "ultimate_strength": "500 MPa", "sn_curve": curve}
    status, result, _ = brick({**unknown, "material": steel})
    assert status == 0
    factor = check(result, "result_0_fatigue_safety_factor")
    stress = result["result"]["static"]["von_mises_mpa"]["value"]
    assert factor["value"] * stress == pytest.approx(150, rel=0.02)
    # Without an endurance limit endless life isn't shown, but the life is; no mean stress, so by the curve.
    blocks = [{"cycles": 10, "from": -200 / stress, "to": 200 / stress}]
    asked = [{"type": "fatigue_life", "at_least": 100}]
    steel = {**steel, "yield_strength": "450 MPa", "sn_curve": {**curve, "limit": None}}
    study = {**unknown, "material": steel, "analysis": {**analysis, "blocks": blocks}, "results": asked}
    status, result, _ = brick(study)
    life = 1e3 * (200 / 400) ** (3 / math.log10(150 / 400)) / 10
    assert check(result, "result_0_fatigue_life")["value"] == pytest.approx(life, rel=1e-6)
    assert status == 0


@pytest.mark.skipif(shutil.which("ccx") is None, reason="CalculiX (ccx) isn't installed")
@pytest.mark.needs_ccx
def test_calculix_is_a_second_opinion_and_its_deck_is_kept(brick: Any, tmp_path: Path) -> None:
    status, result, _ = brick({**BASE, "mesh": {"max_dofs": 8000, "levels": 2}}, "--solver", "both")
    assert check(result, "second_opinion")["status"] == "pass"
    assert (tmp_path / "out" / "calculix.inp").read_text().startswith("*NODE")
    assert status in (0, 1)


@pytest.mark.skipif(shutil.which("ccx") is None, reason="CalculiX (ccx) isn't installed")
@pytest.mark.needs_ccx
def test_calculix_finds_the_same_frequencies(brick: Any) -> None:
    study = {**BASE, "analysis": {"type": "modal", "modes": 3}, "loads": [], "mesh": {"max_dofs": 6000, "levels": 2}}
    study["results"] = [{"type": "frequency", "mode": 1, "at_least": "150 Hz"}]
    status, result, _ = brick(study, "--solver", "both")
    assert status == 0
    assert check(result, "second_opinion")["value"] < 1e-4


@pytest.mark.skipif(shutil.which("ccx") is None, reason="CalculiX (ccx) isn't installed")
@pytest.mark.needs_ccx
@pytest.mark.parametrize("solver", ["both", "ccx"])
def test_calculix_finds_the_same_buckling_load(brick: Any, solver: str) -> None:
    pushed = [{**BASE["loads"][0], "direction": "-X"}]
    study = {**BASE, "analysis": {"type": "buckling"}, "loads": pushed, "mesh": {"max_dofs": 6000, "levels": 2}}
    study["results"] = [{"type": "buckling_factor", "at_least": 2}]
    status, result, _ = brick(study, "--solver", solver)
    assert status == 0
    assert check(result, "second_opinion")["value"] < 1e-3
    assert result["result"]["solver"] == ("calculix" if solver == "ccx" else "ngsolve")


@pytest.mark.skipif(shutil.which("ccx") is None, reason="CalculiX (ccx) isn't installed")
@pytest.mark.needs_ccx
@pytest.mark.parametrize("solver", ["both", "ccx"])
def test_calculix_finds_the_same_temperature(brick: Any, solver: str) -> None:
    conditions = [
        {"type": "temperature", "faces": "root", "temperature": "100 degC"},
        {"type": "convection", "faces": "tip", "coefficient": "500 W/(m^2 K)", "ambient": "20 degC"},
        {"type": "source", "power": "5 W"},
    ]
    study = changed(analysis={"type": "thermal"}, heat={"conditions": conditions}, supports=[], loads=[])
    study["results"] = [{"type": "temperature", "faces": "tip", "at_most": "80 degC"}]
    status, result, _ = brick(study, "--solver", solver)
    assert status == 0
    assert check(result, "second_opinion")["value"] < 1e-4
    assert result["result"]["solver"] == ("calculix" if solver == "ccx" else "ngsolve")


def changed(**changes: Any) -> dict[str, Any]:
    """The base study with keys replaced."""
    return {**BASE, **changes}


BAD: dict[str, tuple[Any, str, str, str]] = {
    "an unknown key": (changed(suports=[]), "study_file", "not known; did you mean 'supports'", "Known here"),
    "no unit": (changed(loads=[{**BASE["loads"][0], "force": 100}]), "study_file", "loads[0].force", "docs/check.md"),
    "a unit of the wrong kind": (
        changed(loads=[{**BASE["loads"][0], "force": "100 lb"}]), "study_file", "'lb' is a mass", "",
    ),
    "negative density": (
        changed(material={**STEEL, "density": "-1 kg/m3"}), "study_file", "material.density is -1", "",
    ),
    "a face that is not there": (
        changed(loads=[{**BASE["loads"][0], "faces": "tpi"}]),
        "study_faces", "Did you mean 'tip'?", "Named faces: root",
    ),
    "a selector that finds nothing": (
        changed(supports=[{"type": "fixed", "faces": {"cylinder": {"radius": "3.3 mm"}}}]),
        "study_faces", "supports[0].faces finds no face", "plane facing",
    ),
    "a part that can move": (
        changed(supports=[{"type": "frictionless", "faces": "root"}]), "fem_rigid_body_motion", "free to move", "Hold",
    ),
    "contradictory supports": (
        changed(supports=[
            {"type": "fixed", "faces": "root"}, {"type": "displacement", "faces": "root", "x": "1 mm"},
        ]), "fem_contradictory_supports", "both hold face", "Keep one",
    ),
    "a material out of its range": (
        changed(material={"name": "aluminium 6061-T6", "temperature": "500 degC"}),
        "material_out_of_range", "500 °C was asked for", "Stay within the range",
    ),
    "a mesh that would not fit": (
        changed(mesh={"size": "0.2 mm", "max_dofs": 5_000_000}), "fem_too_large", "would need about", "coarser",
    ),
    "an analysis that loads have no part in": (
        changed(analysis={"type": "modal"}), "study_file", "loads have no effect", "",
    ),
    "harmonic without damping": (
        changed(analysis={"type": "harmonic", "low": "1 Hz", "high": "9 Hz"}), "study_file", "damping is missing", "",
    ),
    "a probe outside": (
        changed(results=[{"type": "probe", "at": ["500 mm", "0 mm", "0 mm"], "quantity": "xx"}]),
        "fem_bad_study", "outside the part", "Move the probe",
    ),
    "no load": (changed(loads=[]), "fem_bad_study", "has no load", "Give"),
    "a model that is not there": (changed(model="nowhere.step"), "bad_input", "does not exist", "relative to"),
    "a mesh file as the model": (changed(model="study.yaml"), "bad_input", "format", ".step"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_told_in_words(brick: Any, name: str) -> None:
    study, code, words, advice = BAD[name]
    status, result, said = brick(study)
    assert status == 2
    assert result["error"]["code"] == code
    assert words in result["error"]["message"]
    assert advice in result["error"]["next_action"]
    assert result["error"]["message"] in said


def test_a_wall_without_thickness_is_refused(brick: Any, tmp_path: Path) -> None:
    flat = BEAM.replace("width = 20", "width = 0.0")
    (tmp_path / "flat.kcl").write_text(flat)
    status, result, _ = brick(changed(model="flat.kcl"))
    assert status == 2
    assert result["error"]["next_action"]


OPEN_BOX = """
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.BRep import BRep_Builder
from OCP.TopoDS import TopoDS_Compound, TopoDS_Shell
from backend.engine.measure import faces_of
from backend.engine.exchange.brep import write_brep

builder = BRep_Builder()
shell = TopoDS_Shell()
builder.MakeShell(shell)
for face in faces_of(BRepPrimAPI_MakeBox(10.0, 10.0, 10.0).Shape())[:5]:
    builder.Add(shell, face)
write_brep(shell, path)
"""


def draw(payload: dict[str, Any]) -> None:
    """Runs in a geometry worker: the code with ``path`` in scope."""
    exec(payload["code"], {"path": payload["path"]})


def test_an_open_import_is_refused(brick: Any, tmp_path: Path, pool: LastingPool) -> None:
    path = str(tmp_path / "open.brep")
    pool.run_sync("tests.integration.test_check_cli:draw", {"code": OPEN_BOX, "path": path}, kind="geometry")
    status, result, _ = brick(changed(model="open.brep"))
    assert status == 2
    assert result["error"]["code"] == "study_model"
    assert "skin is open" in result["error"]["message"]


NON_MANIFOLD = """
from OCP.BRep import BRep_Builder
from OCP.BRepAlgoAPI import BRepAlgoAPI_Fuse
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.gp import gp_Pnt
from OCP.TopoDS import TopoDS_Shell, TopoDS_Solid
from backend.engine.measure import faces_of
from backend.engine.exchange.brep import write_brep

one = BRepPrimAPI_MakeBox(gp_Pnt(0, 0, 0), gp_Pnt(10, 10, 10)).Shape()
two = BRepPrimAPI_MakeBox(gp_Pnt(10, 10, 0), gp_Pnt(20, 20, 10)).Shape()
both = BRepAlgoAPI_Fuse(one, two).Shape()
builder = BRep_Builder()
shell, solid = TopoDS_Shell(), TopoDS_Solid()
builder.MakeShell(shell)
for face in faces_of(both):
    builder.Add(shell, face)
builder.MakeSolid(solid)
builder.Add(solid, shell)
write_brep(solid, path)
"""


def test_a_non_manifold_import_is_refused(brick: Any, tmp_path: Path, pool: LastingPool) -> None:
    path = str(tmp_path / "edge.brep")
    pool.run_sync("tests.integration.test_check_cli:draw", {"code": NON_MANIFOLD, "path": path}, kind="geometry")
    status, result, _ = brick(changed(model="edge.brep"))
    assert status == 2
    assert "non-manifold" in result["error"]["message"]


SLIVER = """
from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
from OCP.gp import gp_Pnt
from backend.engine.exchange.brep import write_brep

bar = BRepPrimAPI_MakeBox(gp_Pnt(0, -10, -5), gp_Pnt(200, 10, 5)).Shape()
notch = BRepPrimAPI_MakeBox(gp_Pnt(100, -20, 4.999), gp_Pnt(100.004, 20, 6)).Shape()
write_brep(BRepAlgoAPI_Cut(bar, notch).Shape(), path)
"""


def test_a_tiny_feature_that_asks_too_fine_a_mesh_is_refused_by_its_size(
    brick: Any, tmp_path: Path, pool: LastingPool
) -> None:
    path = str(tmp_path / "sliver.brep")
    pool.run_sync("tests.integration.test_check_cli:draw", {"code": SLIVER, "path": path}, kind="geometry")
    study = changed(model="sliver.brep", supports=[{"type": "fixed", "faces": {"normal": "-X", "at": "min"}}])
    status, result, _ = brick(study)
    assert status == 2, result
    # A notch 0.001 mm deep and 0.004 mm wide needs more elements than the whole bar: refused, with the notch named.
    assert result["error"]["code"] == "fem_too_large"
    assert result["error"]["details"]["dofs"] > result["error"]["details"]["max_dofs"] == 20000
    assert "shorter than" in result["error"]["message"]
    assert "smallest 0.001 mm" in result["error"]["message"]
    assert "remove small features" in result["error"]["next_action"]


def layers(path: Path, first_mm: float, second_mm: float) -> None:
    """Writes a wall of two bodies along X, 20 mm square, that share a face."""
    path.write_text(
        f"""
one = startSketchOn(YZ)
  |> rectangle(width = 20, height = 20, center = [0, 0])
  |> extrude(length = {first_mm:g})
two = startSketchOn(offsetPlane(YZ, offset = {first_mm:g}))
  |> rectangle(width = 20, height = 20, center = [0, 0])
  |> extrude(length = {second_mm:g})
"""
    )


def test_heat_flows_through_two_bodies_each_with_its_own_conductivity(brick: Any, tmp_path: Path) -> None:
    layers(tmp_path / "two.kcl", 60, 30)

    def metal(conductivity: str) -> dict[str, str]:
        return {"label": f"metal of {conductivity}", "source": "textbook", "thermal_conductivity": conductivity}

    study: dict[str, Any] = {
        "title": "wall of two layers",
        "model": "two.kcl",
        "contact": "bonded",
        "materials": [
            {"bodies": [0], "material": metal("200 W/(m K)")},
            {"bodies": [1], "material": metal("10 W/(m K)")},
        ],
        "analysis": {"type": "thermal"},
        "heat": {
            "conditions": [
                {"type": "temperature", "faces": {"normal": "-X", "at": "min"}, "temperature": "100 degC"},
                {"type": "temperature", "faces": {"normal": "+X", "at": "max"}, "temperature": "20 degC"},
            ]
        },
        "results": [
            {"type": "temperature", "at_most": "101 degC"},
            {"type": "probe", "at": ["60 mm", "0 mm", "0 mm"], "quantity": "temperature"},
        ],
        "mesh": {"max_dofs": 8000},
    }
    status, result, _ = brick(study)
    assert status == 0, result
    # Resistances in series (Incropera, composite wall): 0.06/200 and 0.03/10 m2 K/W.
    first, second = 0.06 / 200, 0.03 / 10
    assert check(result, "result_1_probe")["value"] == pytest.approx(100 - 80 * first / (first + second), abs=1e-6)
    study["analysis"] = {"type": "thermal_transient", "start": "20 degC", "duration": "1 s", "steps": 10}
    for entry in study["materials"]:
        entry["material"] |= {"density": "8000 kg/m3", "specific_heat": "400 J/(kg K)"}
    study["mesh"] = {"max_dofs": 1000, "levels": 1}
    status, result, _ = brick(study)
    # Heat reaches 2 sqrt(a t) = 16 mm in a second: 60 mm away the body is still at the start.
    assert check(result, "result_1_probe")["value"] == pytest.approx(20, abs=2)


def test_heat_of_one_body_leaves_through_the_other(brick: Any, tmp_path: Path) -> None:
    # Incropera, plane wall with heat sources, composite: 1.5 MW/m3 in the first layer; 140, 115 and 105 degC.
    layers(tmp_path / "two.kcl", 50, 20)
    cooled = {"type": "convection", "faces": {"normal": "+X", "at": "max"}, "coefficient": "1000 W/(m^2 K)"}
    study: dict[str, Any] = {
        "title": "composite wall with a source",
        "model": "two.kcl",
        "contact": "bonded",
        "materials": [
            {"bodies": [n], "material": {"label": k, "source": "Incropera", "thermal_conductivity": k}}
            for n, k in enumerate(("75 W/(m K)", "150 W/(m K)"))
        ],
        "analysis": {"type": "thermal"},
        "heat": {"conditions": [{"type": "source", "power": "30 W", "bodies": [0]}, {**cooled, "ambient": "30 degC"}]},
        "results": [
            {"type": "temperature", "at_most": "150 degC"},
            {"type": "probe", "at": ["50 mm", "0 mm", "0 mm"], "quantity": "temperature"},
            {"type": "probe", "at": ["70 mm", "0 mm", "0 mm"], "quantity": "temperature"},
        ],
        "mesh": {"max_dofs": 8000},
    }
    status, result, _ = brick(study)
    assert status == 0, result
    found = [check(result, f"result_{n}_{kind}")["value"] for n, kind in enumerate(("temperature", "probe", "probe"))]
    assert found == pytest.approx([140, 115, 105], abs=1e-4)
    study["heat"]["conditions"][0]["bodies"] = [2]
    status, result, _ = brick(study)
    assert status == 2
    assert "sources[0].solids names [2]" in result["error"]["message"]
