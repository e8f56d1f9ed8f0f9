"""One design through the whole house, with the real engine and solver: every agent does its own work here."""

import io
import json
import struct

import pytest
import trimesh

from backend.compute import get_pool
from backend.config.settings import Settings
from tests.integration.scripted import BRACKET
from tests.integration.test_api import Server


def gltf_of(glb):
    """The JSON chunk of a binary glTF."""
    length, kind = struct.unpack("<I4s", glb[12:20])
    assert kind == b"JSON"
    return json.loads(glb[20 : 20 + length])


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    """The bracket, run by the server on coarse meshes; its state, its events and its files by kind."""
    import asyncio

    data = tmp_path_factory.mktemp("data")
    settings = Settings(brick_data_dir=data, brick_fem_max_dofs=15_000, brick_fem_budget_s=6, brick_max_repair_rounds=1)

    async def run():
        async with Server(settings) as server:
            server.http.timeout = 300
            body = (await server.run(user_intent=BRACKET, project_id="real")).json()
            state = (await server.http.get("/api/state/real")).json()
            events = (await server.http.get("/api/projects/real/events")).json()["events"]
            files = {
                kind: (await server.http.get(f"/api/artifacts/{artifact}")).content
                for kind, artifact in state["files"].items()
            }
            model = (await server.http.get(body["model_url"])).content
        return state, events, files, model

    yield asyncio.run(run())
    get_pool().close()


def test_it_ends_with_a_verdict_on_every_requirement(design):
    state, events, _, _ = design
    assert (state["status"], state["error"], state["errors"]) == ("done", None, [])
    report = state["validation"]["verification_report"]
    held = {check["requirement_id"] for check in report["checks"]}
    assert {requirement["id"] for requirement in state["design"]["intent"]["requirements"]} <= held
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    thinkers = {event["agent"] for event in events if event["kind"] == "thought"}
    assert {
        "ConversationalAgent", "DesignAgent", "GeometryAgent", "ManifoldAgent", "MaterialAgent", "StructuralAgent",
        "ManufacturingAgent", "VerificationAgent", "DocumentAgent",
    } <= thinkers  # fmt: skip


def test_the_step_file_was_read_back_and_is_the_solid_that_was_proved(design):
    state, *_ = design
    checks = {check["id"]: check for check in state["validation"]["quality_review_report"]["checks"]}
    assert checks["review_step"]["status"] == "pass", checks["review_step"]


def test_the_solver_found_what_beam_theory_expects(design):
    state, *_ = design
    parameters = {name: quantity["value"] for name, quantity in state["design"]["design_parameters"].items()}
    force_n, arm_mm = 300 * 4.4482216, 12 * 25.4
    section_mm3 = parameters["width"] * parameters["thickness"] ** 2 / 6
    nominal_mpa = force_n * arm_mm / section_mm3
    assert 0.8 * nominal_mpa < state["physics_predictions"]["von_mises_mpa"] < 2.5 * nominal_mpa
    fem = state["physics"]["structural_analysis"]["fem"]
    assert fem["reactions"]["imbalance_rel"] < 0.01
    assert fem["levels"][0]["dofs"] > 1000


def test_all_files_are_handed_over(design):
    _, _, files, model = design
    assert {"kcl", "step", "stl", "glb", "bom", "report"} <= set(files)
    assert files["glb"] == model
    assert files["step"].startswith(b"ISO-10303-21")
    assert b"gdt::annotation" in files["kcl"] or b"annotation" in files["kcl"]
    assert b"6061" in files["bom"]
    assert files["report"].count(b"data:image/png;base64") >= 3


def test_the_model_carries_the_stress_and_measures_what_the_engine_says(design):
    state, _, files, model = design
    attributes = gltf_of(model)["meshes"][0]["primitives"][0]["attributes"]
    assert "_VON_MISES" in attributes
    mesh = trimesh.load(io.BytesIO(files["stl"]), file_type="stl")
    volume = state["geometry"]["mass_properties"]["volume_mm3"]
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(volume, rel=0.01)
    metres = trimesh.load(io.BytesIO(model), file_type="glb", force="mesh")
    assert metres.volume * 1e9 == pytest.approx(volume, rel=0.02)


def test_the_mass_is_the_volume_times_the_cited_density(design):
    state, *_ = design
    properties = state["geometry"]["mass_properties"]
    density = state["physics"]["material_props"]["properties"]["density_kg_m3"]["value"]
    assert properties["mass_g"] == pytest.approx(properties["volume_mm3"] * density * 1e-6, rel=1e-9)
    assert state["physics_predictions"]["mass"] == pytest.approx(properties["mass_g"] / 1000, rel=1e-9)
