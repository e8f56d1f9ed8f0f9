"""``./brick run`` and ``./brick export`` as a person calls them: formats, units, pictures, names, bad input."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import trimesh
from PIL import Image

from backend.commands.export import checked_unit, formats_of, targets_of
from backend.commands.pictures import wanted_pictures
from backend.commands.source import kcl_source
from backend.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
BLOCK = """fn block(a) {
  return startSketchOn(XY)
    |> startProfile(at = [0, 0])
    |> line(end = [a, 0])
    |> line(end = [0, 2 * a])
    |> line(end = [-a, 0])
    |> close()
    |> extrude(length = 3 * a)
}
"""


def brick(*arguments: str, folder: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        cwd=folder, capture_output=True, text=True, input=stdin, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def threemf(path: Path) -> trimesh.Trimesh:
    """The mesh of a 3MF package, read from its XML."""
    with zipfile.ZipFile(path) as package:
        model = ElementTree.fromstring(package.read("3D/3dmodel.model"))
    space = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"
    vertices = [[float(one.attrib[axis]) for axis in "xyz"] for one in model.iter(f"{space}vertex")]
    triangles = [[int(one.attrib[corner]) for corner in ("v1", "v2", "v3")] for one in model.iter(f"{space}triangle")]
    return trimesh.Trimesh(vertices, triangles)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a name and a module that need more than ASCII."""
    folder = tmp_path / "größe 部品"
    folder.mkdir()
    (folder / "würfel.kcl").write_text("export " + BLOCK, encoding="utf-8")
    (folder / "main.kcl").write_text('import block from "würfel.kcl"\nblock(a = 10)\n', encoding="utf-8")
    return folder


def test_several_formats_at_once_of_a_project_with_a_picture_from_two_sides(project: Path) -> None:
    done = brick(
        "export", project.name, "-f", "step,glb,gltf,stl", "-f", "obj", "-f", "ply", "-f", "3mf,dxf,brep",
        "--out", "teile ü", "--snapshot", "bild.png", "--view", "front", "--view", "top", "--size", "320x240", "--json",
        folder=project.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told["files"]) == ["step", "glb", "gltf", "stl", "obj", "ply", "3mf", "dxf", "brep"]
    made = project.parent / "teile ü"
    for kind in ("stl", "obj", "ply"):
        mesh = trimesh.load(made / f"{project.name}.{kind}", force="mesh")
        assert mesh.volume == pytest.approx(6000, rel=1e-6), kind
    assert threemf(made / f"{project.name}.3mf").volume == pytest.approx(6000, rel=1e-6)
    for kind in ("glb", "gltf"):  # metres, by the specification
        mesh = trimesh.load(made / f"{project.name}.{kind}", force="mesh")
        mesh.merge_vertices()
        assert mesh.volume == pytest.approx(6e-6, rel=1e-5), kind
    for view in ("front", "top"):
        with Image.open(project.parent / f"bild-{view}.png") as picture:
            assert picture.size == (320, 240)
            assert 0.05 < np.mean(np.asarray(picture.convert("L")) < 230) < 0.95  # something is on it, and not all over


@pytest.mark.parametrize(("unit", "mm"), [("in", 25.4), ("m", 1000.0)])
def test_the_unit_is_that_of_the_numbers_in_the_file(tmp_path: Path, unit: str, mm: float) -> None:
    done = brick("export", "-", "-f", "stl,ply,obj,3mf,step", "--units", unit, "-o", ".", folder=tmp_path,
                 stdin=BLOCK + "block(a = 10)")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"model.{kind}" for kind in ("stl", "ply", "obj", "3mf", "step")]
    for kind in ("stl", "ply", "obj"):
        mesh = trimesh.load(tmp_path / f"model.{kind}", force="mesh")
        assert mesh.extents == pytest.approx(np.array([10, 20, 30]) / mm, rel=1e-6), kind
    with zipfile.ZipFile(tmp_path / "model.3mf") as package:
        model = package.read("3D/3dmodel.model").decode()
    assert f'unit="{ {"in": "inch", "m": "meter"}[unit] }"' in model
    step = (tmp_path / "model.step").read_text()
    assert ("INCH" in step) if unit == "in" else ("SI_UNIT($,.METRE.)" in step)


def test_a_run_reads_standard_input_and_draws(tmp_path: Path) -> None:
    done = brick(
        "run", "-", "--out", "o", "--json", "--material", "6061-T6", "--snapshot", "view.png",
        folder=tmp_path, stdin=BLOCK + "block(a = 10)",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["volume_mm3"] == pytest.approx(6000)
    assert told["mass_g"] == pytest.approx(6 * 2.70, rel=0.01)
    assert told["pictures"] == {"iso": str(tmp_path / "view.png")}
    with Image.open(io.BytesIO((tmp_path / "view.png").read_bytes())) as picture:
        assert picture.size == (1024, 768)


def test_a_program_that_is_none_is_refused_before_the_kernel_starts(tmp_path: Path) -> None:
    (tmp_path / "noise.kcl").write_bytes(bytes(range(200, 256)))
    (tmp_path / "empty.kcl").write_text("\n \n")
    (tmp_path / "large.kcl").write_text("// " + "x" * (4 << 20))
    (tmp_path / "hollow").mkdir()
    for name, says in [
        ("nowhere.kcl", "nowhere.kcl does not exist"),
        ("hollow", "has no main.kcl"),
        ("noise.kcl", "is not UTF-8 text"),
        ("empty.kcl", "is empty"),
        ("large.kcl", "larger than the 4 MiB"),
        ("/dev/null", "neither a file nor a folder"),
    ]:
        with pytest.raises(InputError, match=says) as refused:
            kcl_source(tmp_path / name)
        assert ".kcl file" in refused.value.next_action


def test_formats_places_units_and_pictures_that_can_not_be_are_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(InputError, match="'dwg' is not known") as refused:
        formats_of(None, ["step,dwg"])
    assert "step, stl, glb, gltf, obj, ply, 3mf, dxf, brep" in refused.value.next_action
    with pytest.raises(InputError, match="is one file"):
        targets_of(tmp_path / "one.step", ["step", "stl"], "part")
    with pytest.raises(InputError, match="can't be used for the results"):
        targets_of(tmp_path / "taken" / "one.step", ["step"], "part")
    with pytest.raises(InputError, match="in metres always"):
        checked_unit("in", ["step", "glb"])
    with pytest.raises(InputError, match="no yards"):
        checked_unit("yd", ["dxf"])
    with pytest.raises(InputError, match="'furlong'") as refused:
        checked_unit("furlong", ["step"])
    assert "mm, cm, m, in, ft, yd" in refused.value.next_action
    picture = tmp_path / "a.png"
    for arguments, says in [
        ((None, ["top"], None), "are for pictures"),
        ((picture, ["inside"], None), "'inside' is not known"),
        ((tmp_path / "a.jpg", [], None), "no PNG"),
        ((picture, [], "9999x2"), "no size"),
    ]:
        with pytest.raises(InputError, match=says):
            wanted_pictures(*arguments)


def test_the_command_line_ends_with_2_and_no_trace(tmp_path: Path) -> None:
    for arguments in (["export", "nowhere.kcl"], ["run", "nowhere.kcl", "--timeout", "0"]):
        done = brick(*arguments, folder=tmp_path)
        assert done.returncode == 2
        assert ("does not exist" in done.stderr) or ("--timeout" in done.stderr)
        assert done.stdout == ""
        assert "Traceback" not in done.stderr


def test_a_program_without_bodies_or_without_end_is_an_error_with_words(tmp_path: Path) -> None:
    for program, code, says in [
        ("x = 1", "kcl_failed", "makes no bodies"),
        ("startSketchOn(XY) |> circle(center = [0, 0], radius = 5)", "kcl_failed", "makes no bodies"),
        (BLOCK + "block(a = 10) |> patternLinear3d(instances = 15000, distance = 50, axis = [1, 0, 0])", "", "4 s"),
    ]:
        (tmp_path / "p.kcl").write_text(program)
        done = brick("export", "p.kcl", "--timeout", "4", "--json", folder=tmp_path)
        assert done.returncode == (3 if says == "4 s" else 2), done.stdout
        told = json.loads(done.stdout)["error"]
        assert says == "4 s" or "extrude" in told["next_action"]
        assert says in told["message"]
        assert told["next_action"]
        assert not code or told["code"] == code
        assert not (tmp_path / "p.step").exists()


def test_a_refused_program_shows_its_lines_and_a_model_says_how_it_gets_in(tmp_path: Path) -> None:
    (tmp_path / "p.kcl").write_text("a = 1\nb = startSketchOn(XY) |> circle(center = [0, 0], radius = -5)\n")
    done = brick("run", "p.kcl", folder=tmp_path)
    assert done.returncode == 2
    assert "> 2 | b = startSketchOn(XY)" in done.stderr
    (tmp_path / "m.step").write_text("ISO-10303-21;")
    with pytest.raises(InputError, match="is a model") as told:
        kcl_source(tmp_path / "m.step")
    assert 'import "m.step" as part' in told.value.next_action
    (tmp_path / "m.txt").write_text("a = 1")
    with pytest.raises(InputError, match="not named"):
        kcl_source(tmp_path / "m.txt")


def test_a_name_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="named as stl, and step"):
        targets_of(tmp_path / "part.stl", ["step"], "part")
    for name in ("part.stp", "part.STEP", "part.p21"):  # the same format, and a suffix that is none of ours
        assert targets_of(tmp_path / name, ["step"], "part") == {"step": tmp_path / name}


def test_a_tiny_part_has_figures_and_no_negative_zero(tmp_path: Path) -> None:
    code = "startSketchOn(XY) |> circle(center = [0, 0], radius = 0.001) |> extrude(length = -0.001)"
    done = brick("run", "-", folder=tmp_path, stdin=code)
    assert done.returncode == 0, done.stderr
    assert "3.142e-09 mm³" in done.stdout  # pi 1e-9
    assert "-0.000" not in done.stdout
