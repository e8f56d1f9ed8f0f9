"""The public zoo-mcp server runs against this engine, pointed at it by its own settings, and finds what we find."""

from __future__ import annotations

import base64
import io
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from backend.engine import run_kcl
from tests.integration.engine_server import Engine
from tests.integration.zoo_mcp_client import ZooMcp, environment

TOKEN = "a-token-for-the-zoo-mcp-test"
# a disc of radius 5 and height 2 with a square hole of side 4
PART = """disc = startSketchOn(XY)
  |> circle(center = [0, 0], radius = 5)
  |> extrude(length = 2, tagEnd = $top)
startSketchOn(disc, face = top)
  |> rectangle(width = 4, height = 4, center = [0, 0])
  |> extrude(length = -2)
"""
VOLUME, AREA = 2 * (25 * math.pi - 16), 2 * (25 * math.pi - 16) + 2 * (10 * math.pi + 16)
UNITS = {
    "unit_length": "mm", "unit_mass": "g", "unit_density": "kg:m3", "density": 2700.0, "unit_area": "mm2",
    "unit_volume": "mm3",
}  # fmt: skip


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZooMcp]:
    try:
        python = environment()
    except OSError as problem:
        pytest.skip(f"zoo-mcp can't be installed here: {problem}")
    with (
        Engine("--sessions", "3", BRICK_ENGINE_TOKEN=TOKEN) as engine,
        ZooMcp(python, engine.address, tmp_path_factory.mktemp("zoo"), TOKEN) as client,
    ):
        yield client


def pictured(contents: list[dict[str, str]]) -> Image.Image:
    (picture,) = [one for one in contents if one["type"] == "image"]
    return Image.open(io.BytesIO(base64.b64decode(picture["data"])))


def test_its_tools_are_there(zoo: ZooMcp) -> None:
    assert zoo.tools() >= {"execute_kcl", "export_kcl", "snapshot", "start_modeling_session", "calculate_volume"}


def test_it_runs_kcl_and_shows_an_error_of_the_engine(zoo: ZooMcp) -> None:
    told = zoo.tool("execute_kcl", kcl_code=PART)
    assert told["ok"] is True
    assert told["real_execution"]["status"] == "succeeded"
    told = zoo.tool(
        "execute_kcl", kcl_code=PART.split("startSketchOn(disc")[0] + "shell(disc, faces = [top], thickness = 9)"
    )
    assert told["ok"] is False
    assert told["mock_preflight"]["status"] == "succeeded"  # only the geometry can't be
    assert "fill the whole body" in json.dumps(told["real_execution"])


def test_it_measures_what_we_measure(zoo: ZooMcp) -> None:
    ours = run_kcl(PART, density_kg_m3=2700)
    told = zoo.tool("calculate_kcl_physical_properties", kcl_code=PART, **UNITS)
    assert told["volume"] == pytest.approx(VOLUME, rel=1e-9)
    assert told["volume"] == pytest.approx(ours.volume_mm3, rel=1e-12)
    assert told["surface_area"] == pytest.approx(AREA, rel=1e-9)
    assert told["mass"] == pytest.approx(ours.mass_g, rel=1e-12)
    assert told["center_of_mass"]["z"] == pytest.approx(1.0)
    assert told["bounding_box"]["dimensions"] == pytest.approx({"x": 10, "y": 10, "z": 2})


def test_it_exports_and_converts_files(zoo: ZooMcp, tmp_path: Path) -> None:
    step, stl = tmp_path / "part.step", tmp_path / "part.stl"
    zoo.tool("export_kcl", kcl_code=PART, export_path=str(step), export_format="step")
    assert step.read_bytes().startswith(b"ISO-10303-21")
    assert zoo.tool("calculate_volume", input_file=str(step), unit_volume="cm3") == pytest.approx(VOLUME / 1000)
    assert zoo.tool("calculate_surface_area", input_file=str(step), unit_area="mm2") == pytest.approx(AREA)
    mass = zoo.tool("calculate_mass", input_file=str(step), unit_mass="kg", unit_density="kg:m3", density=1000.0)
    assert mass == pytest.approx(VOLUME * 1e-6)
    assert zoo.tool("calculate_center_of_mass", input_file=str(step), unit_length="mm")["z"] == pytest.approx(1.0)
    told = zoo.tool("calculate_cad_physical_properties", input_file=str(step), **UNITS)
    assert told["bounding_box"]["dimensions"]["z"] == pytest.approx(2.0, abs=1e-5)
    zoo.tool("convert_cad_file", input_file=str(step), export_path=str(stl), export_format="stl")
    assert trimesh.load(stl, force="mesh").volume == pytest.approx(VOLUME, rel=2e-3)


def test_a_session_keeps_a_model_that_can_be_asked_and_seen(zoo: ZooMcp, tmp_path: Path) -> None:
    session = zoo.tool("start_modeling_session")
    try:
        told = zoo.tool("exec_kcl_project", session_id=session, kcl_code=PART)
        assert told["ok"] is True
        (path,) = set(re.findall(r"/[^\s\"]+\.json", json.dumps(told)))
        graph = json.loads(Path(path).read_text())["map"]
        caps = {one["subType"]: key for key, one in graph.items() if one["type"] == "cap"}
        (body,) = [key for key, one in graph.items() if one["type"] == "body"]
        face = zoo.tool("get_face_info", session_id=session, face_id=caps["end"])
        assert face["face_get_gradient"]["normal"] == pytest.approx({"x": 0, "y": 0, "z": 1}, abs=1e-12)
        assert face["face_get_center"]["pos"]["z"] == pytest.approx(2.0)
        gap = zoo.tool("entity_distance", session_id=session, entity_id1=caps["start"], entity_id2=caps["end"])
        assert gap["min_distance"] == pytest.approx(2.0)
        lengths = []
        for key, one in graph.items():
            if one["type"] == "edge":
                lengths.append(zoo.tool("edge_get_length", session_id=session, edge_id=key)["length"])
        assert sorted(lengths)[-2:] == pytest.approx([10 * math.pi, 10 * math.pi])
        assert caps["end"] in zoo.tool("entity_get_all_child_uuids", session_id=session, entity_id=body)["entity_ids"]
        zoo.tool("select_entities", session_id=session, entity_ids=[caps["end"]])
        zoo.tool("center_camera_on_selection", session_id=session)
        with pictured(zoo.tool("snapshot", session_id=session)) as picture:
            assert 0.02 < np.mean(np.asarray(picture.convert("L")) < 235) < 0.98
        step = tmp_path / "part.step"
        zoo.tool("export_kcl", kcl_code=PART, export_path=str(step), export_format="step")
        assert zoo.tool("import_cad_file", session_id=session, input_file=str(step))  # a BSON frame
    finally:
        zoo.tool("stop_modeling_session", session_id=session)
