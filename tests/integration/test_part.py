"""``from backend.engine import run_kcl``: figures, files and pictures in five lines, whatever the kernel does."""

from __future__ import annotations

import asyncio
import math
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest
import trimesh
from PIL import Image

from backend.engine import EngineError, Part, run_kcl
from backend.engine.isolated import process

ROOT = Path(__file__).resolve().parents[2]
DISC = "startSketchOn(XY) |> circle(center = [0, 0], radius = 5) |> extrude(length = 2, tagEnd = $top)"
NAMED = """
gdt::annotation(annotation = "load: shelf", faces = [top], annotationName = "shelf")
gdt::flatness(faces = [top], tolerance = 0.05mm)
"""


@pytest.fixture(scope="module")
def disc() -> Part:
    return run_kcl(DISC + NAMED, density_kg_m3=2700)


def test_the_figures_are_those_of_a_cylinder(disc: Part) -> None:
    assert disc.volume_mm3 == pytest.approx(50 * math.pi, rel=1e-12)
    assert disc.area_mm2 == pytest.approx(70 * math.pi, rel=1e-12)
    assert disc.mass_g == pytest.approx(50 * math.pi * 2.7e-3, rel=1e-12)
    assert disc.center_of_mass_mm == pytest.approx((0, 0, 1), abs=1e-12)
    assert disc.bounding_box_mm == (pytest.approx((-5, -5, 0), abs=1e-9), pytest.approx((5, 5, 2), abs=1e-9))
    assert disc.size_mm == pytest.approx((10, 10, 2), abs=1e-9)
    assert disc.is_valid
    assert (disc.solids, len(disc.bodies)) == (1, 1)
    assert [face["name"] for face in disc.named_faces] == ["shelf"]
    assert sorted(face["surface"] for face in disc.faces) == ["cylinder", "plane", "plane"]
    assert sum(face["area_mm2"] for face in disc.faces) == pytest.approx(disc.area_mm2, rel=1e-4)
    assert max(edge["length_mm"] for edge in disc.edges) == pytest.approx(10 * math.pi, rel=1e-4)
    assert "volume 157.080 mm³" in repr(disc)


def test_the_kernel_is_not_in_this_process(disc: Part) -> None:
    assert disc.is_valid
    assert "OCP" not in sys.modules
    assert "libTK" not in Path("/proc/self/maps").read_text()


def test_a_part_exports_later_and_in_another_unit(disc: Part, tmp_path: Path) -> None:
    step = disc.export(tmp_path / "new" / "disc.stp")
    assert "FLATNESS_TOLERANCE" in step.read_text()  # annotations are kept, not only geometry
    mesh = trimesh.load(disc.export(tmp_path / "disc.stl", unit="cm"))
    assert mesh.extents == pytest.approx((1, 1, 0.2), rel=1e-5)
    assert disc.export(tmp_path / "raw.bin", "brep").read_bytes().lstrip().startswith(b"DBRep_DrawableShape")
    with pytest.raises(EngineError, match="use one of brep, step"):
        disc.export(tmp_path / "disc.dwg")
    with pytest.raises(EngineError, match="in metres always"):
        disc.export(tmp_path / "disc.glb", unit="in")
    with pytest.raises(EngineError, match="could not be written"):
        disc.export("/proc/nothing/disc.step")


def test_a_part_shows_itself(disc: Part, tmp_path: Path) -> None:
    picture = disc.snapshot(tmp_path / "top.png", view="top", width=200, height=150)
    assert (tmp_path / "top.png").read_bytes() == picture
    with Image.open(tmp_path / "top.png") as image:
        assert image.size == (200, 150)
    shown = disc._repr_html_()
    assert "data:image/png;base64," in shown
    assert "157.080 mm³" in shown
    with pytest.raises(EngineError, match="iso, isometric"):
        disc.snapshot(view="inside")


def test_a_part_survives_pickling(disc: Part, tmp_path: Path) -> None:
    again = pickle.loads(pickle.dumps(disc))
    assert again.volume_mm3 == disc.volume_mm3
    assert again.export(tmp_path / "again.step").stat().st_size > 1000


async def test_it_works_within_a_running_event_loop_as_in_a_notebook() -> None:
    assert run_kcl(DISC).volume_mm3 == pytest.approx(50 * math.pi)
    parts = await asyncio.gather(*(asyncio.to_thread(run_kcl, DISC.replace("2,", f"{n},")) for n in (1, 3)))
    assert [part.volume_mm3 for part in parts] == [pytest.approx(25 * math.pi), pytest.approx(75 * math.pi)]


def test_a_file_and_a_project_are_paths(tmp_path: Path) -> None:
    (tmp_path / "main.kcl").write_text(DISC)
    assert run_kcl(tmp_path).volume_mm3 == run_kcl(str(tmp_path / "main.kcl")).volume_mm3
    with pytest.raises(EngineError, match="no KCL file"):
        run_kcl(tmp_path / "nothing.kcl")


def test_a_name_of_a_folder_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "main.kcl").write_text(DISC)
    assert run_kcl(str(tmp_path)).volume_mm3 == pytest.approx(50 * math.pi, rel=1e-12)


def test_what_cannot_be_is_refused_before_the_run() -> None:
    for source in (None, 5, b"x"):
        with pytest.raises(EngineError, match="give KCL code"):
            run_kcl(source)  # type: ignore[arg-type]
    for name in ("density_kg_m3", "timeout_s", "memory_mb"):
        for value in (-1.0, 0.0, math.nan, math.inf):
            with pytest.raises(EngineError, match=f"{name} is"):
                run_kcl(DISC, **{name: value})


def test_an_error_names_its_place() -> None:
    with pytest.raises(EngineError) as refused:
        run_kcl("a = 1\nb = c + a\n")
    assert refused.value.code == "kcl_failed"
    assert refused.value.source == {"file": "<code>", "line": 2, "column": 5}
    with pytest.raises(EngineError, match="empty"):
        run_kcl("  ")


def test_a_run_without_end_costs_the_call_and_not_the_notebook() -> None:
    began = time.monotonic()
    with pytest.raises(EngineError) as stopped:
        run_kcl(DISC + "\n |> patternLinear3d(instances = 15000, distance = 50, axis = [1, 0, 0])", timeout_s=1.0)
    assert stopped.value.code == "timeout"
    assert time.monotonic() - began < 90
    assert run_kcl(DISC).is_valid


def test_a_run_that_swells_is_stopped() -> None:
    with pytest.raises(EngineError) as stopped:
        run_kcl(DISC + "\n |> patternLinear3d(instances = 15000, distance = 50, axis = [1, 0, 0])", memory_mb=420)
    assert stopped.value.code == "memory"
    assert "limit 420 MB" in stopped.value.message


def test_a_kernel_that_dies_is_replaced() -> None:
    run_kcl(DISC)
    child = process()._child
    assert child is not None
    with pytest.raises(EngineError, match="signal SIGSEGV"):
        process().call("tests.integration.test_part:crash", None, timeout_s=60, memory_mb=4000)
    assert run_kcl(DISC).is_valid


def crash(_: object) -> None:
    """In the child: what a native library does at its worst."""
    os.kill(os.getpid(), signal.SIGSEGV)


def test_an_interrupt_leaves_no_process_and_the_next_call_works(tmp_path: Path) -> None:
    script = tmp_path / "cell.py"
    script.write_text(
        textwrap.dedent(
            f"""
            from backend.engine import run_kcl
            from backend.engine.isolated import process
            run_kcl({DISC!r})
            print(process()._child.pid, flush=True)
            try:
                run_kcl({DISC!r} + " |> patternLinear3d(instances = 15000, distance = 50, axis = [1, 0, 0])")
            except KeyboardInterrupt:
                print("interrupted", run_kcl({DISC!r}).is_valid, flush=True)
            """
        )
    )
    cell = subprocess.Popen(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )
    assert cell.stdout is not None
    child = psutil.Process(int(cell.stdout.readline()))
    time.sleep(1.0)
    cell.send_signal(signal.SIGINT)
    assert cell.communicate(timeout=120)[0].strip() == "interrupted True"
    assert cell.returncode == 0
    assert psutil.wait_procs([child], timeout=60)[1] == []
