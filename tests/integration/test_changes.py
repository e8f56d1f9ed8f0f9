"""Changing a design without words: sizes, material and program become revisions; engine real, solver left out."""

import json

import pytest

from backend.compute import get_pool
from backend.config.settings import Settings
from tests.integration.scripted import BRACKET
from tests.integration.test_api import Server


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    """One design, changed in several ways in one go; every answer of the server by name."""
    import asyncio

    settings = Settings(brick_data_dir=tmp_path_factory.mktemp("data"))
    found = {}

    async def talk():
        async with Server(settings) as server:
            http = server.http

            async def post(path, **body):
                answer = await http.post(path, json=body)
                return {"http": answer.status_code, **answer.json()}

            async def get(path, **query):
                return (await http.get(path, params=query)).json()

            found["first"] = (await server.run(user_intent=BRACKET, project_id="b", depth="fast")).json()
            found["state"] = await get("/api/state/b")
            base = "/api/design/recompute"
            found["thicker"] = await post(base, project_id="b", parameters={"thickness": 12})
            found["words"] = await post(base, project_id="b", parameters={"width": "8 in", "material": "steel S235"})
            found["freed"] = await post(base, project_id="b", parameters={"thickness": None})
            found["too_thin"] = await post(base, project_id="b", parameters={"thickness": 1})
            found["nonsense"] = await post(base, project_id="b", parameters={"wobble": 3})
            found["open"] = await post(base, project_id="b", parameters={"width": "30 km"})
            found["huge"] = await post(base, project_id="b", parameters={"width": "30 m"})
            found["none"] = await post(base, project_id="b", parameters={})
            code = (await get("/api/state/b"))["geometry"]["kcl_code"]
            found["code"] = code
            broken = code + "\nbad = extrude(nothing, length = 1)\n"
            found["broken"] = await post("/api/design/kcl", project_id="b", kcl_code=broken)
            ignored = code.replace("radius = filletRadius,", "radius = filletRadius, wobble = 3,")
            found["ignored"] = await post("/api/design/kcl", project_id="b", kcl_code=ignored)
            drilled = code + EXTRA
            found["edited"] = await post("/api/design/kcl", project_id="b", kcl_code=drilled, note="a knob")
            found["edited_state"] = await get("/api/state/b")
            found["after_edit"] = await post(base, project_id="b", parameters={"thickness": 12.2, "load": "250 lb"})
            await post("/api/projects/b/undo")
            found["compiled"] = await post("/api/geometry/compile", kcl_code=CUBE, material="6061-T6")
            found["refused"] = await post("/api/geometry/compile", kcl_code="x = \n")
            found["undone"] = await post("/api/projects/b/undo")
            found["redone"] = await post("/api/projects/b/redo")
            found["twice"] = [await post("/api/projects/b/undo") for _ in range(2)]
            found["branch"] = await post(base, project_id="b", parameters={"thickness": 12.2})
            found["nothing_to_redo"] = await post("/api/projects/b/redo")
            found["named"] = await post("/api/projects/b/name", name="the thick one")
            found["taken"] = await post("/api/projects/b/name", name="the thick one", revision="1")
            found["number"] = await post("/api/projects/b/name", name="12")
            found["compare"] = await get("/api/projects/b/compare", old="1", new="the thick one")
            found["revisions"] = (await get("/api/projects/b/revisions"))["revisions"]
            found["fork"] = await post("/api/projects/b/fork", revision="1", new_project_id="c")
            found["across"] = await get("/api/projects/b/compare", with_project="c")
            found["roots"] = [await post("/api/projects/c/undo"), await post("/api/projects/nobody/undo")]

    asyncio.run(talk())
    get_pool().close()
    return found


CUBE = """@settings(defaultLengthUnit = mm, kclVersion = 2.0)
profile = startSketchOn(XY) |> startProfile(at = [0, 0]) |> xLine(length = 10) |> yLine(length = 10)
  |> xLine(length = -10) |> close()
cube = extrude(profile, length = 10)
"""
EXTRA = """
knob = startSketchOn(XY) |> circle(center = [100, 100], radius = 0.2) |> extrude(length = 0.5)
"""


def test_a_fast_run_says_what_it_left_out(design):
    checks = {check["id"]: check for check in design["first"]["checks"]}
    assert design["first"]["verdict"] == "not verified"
    assert "not run" in checks["fe_safety_factor"]["reason"]
    assert checks["corner_bending"]["status"] == "pass"


def test_a_size_becomes_a_revision_with_its_program_geometry_and_checks(design):
    body = design["thicker"]
    assert (body["http"], body["status"], body["revision"]["number"]) == (200, "done", 2)
    assert body["revision"]["label"].startswith("thickness ")
    assert body["revision"]["label"].endswith("→ 12 mm")
    assert body["diff"]["parameters"]["thickness"]["new"] == 12
    assert body["diff"]["mass_g"]["new"] > body["diff"]["mass_g"]["old"]
    assert body["diff"]["kcl"]
    assert body["model_id"] != design["first"]["model_id"]
    checks = {check["id"]: check for check in body["checks"]}
    assert checks["geometry_volume"]["status"] == "pass"  # the solid is the one that the new size means


def test_words_choose_size_and_material(design):
    body = design["words"]
    assert body["diff"]["parameters"]["width"]["new"] == pytest.approx(203.2)
    assert body["diff"]["material"]["new"] == "steel_s235"
    assert "thickness" not in body["diff"]["parameters"]  # what was set before stays set


def test_null_hands_a_size_back_to_the_sizing(design):
    thickness = design["freed"]["diff"]["parameters"]["thickness"]
    assert thickness["old"] == 12
    assert thickness["new"] < 12


def test_what_cannot_be_is_refused_and_leaves_no_revision(design):
    thin = design["too_thin"]
    assert (thin["http"], thin["code"]) == (422, "no_feasible_design")
    assert thin["details"]["failed"]
    assert (design["nonsense"]["http"], design["nonsense"]["code"]) == (422, "unknown_answer")
    assert (design["open"]["http"], design["open"]["code"]) == (422, "answer_not_understood")
    assert (design["huge"]["http"], design["huge"]["code"]) == (409, "question_open")
    assert design["huge"]["details"]["questions"][0]["id"] == "width"
    assert (design["none"]["http"], design["none"]["code"]) == (422, "bad_input")
    assert [row["number"] for row in design["revisions"]] == [1, 2, 3, 4, 5, 6, 7]


def test_a_program_that_does_not_compile_names_its_line(design):
    body = design["broken"]
    assert (body["http"], body["code"]) == (422, "kcl_failed")
    assert body["details"]["line"] == design["code"].count("\n") + 2
    assert "nothing" in body["details"]["frame"]


def test_an_argument_that_the_interpreter_would_leave_out_is_refused_too(design):
    body = design["ignored"]
    assert (body["http"], body["code"]) == (422, "kcl_failed")
    assert "wobble" in body["message"]
    assert body["details"]["line"] > 1


def test_an_edited_program_is_measured_and_claims_nothing_of_the_family(design):
    body, state = design["edited"], design["edited_state"]
    assert (body["status"], body["revision"]["label"]) == ("done", "a knob")
    knob_mm3 = 3.141592653589793 * 0.2**2 * 0.5 * 25.4**3
    before = design["freed"]["diff"]["volume_mm3"]["new"]
    assert body["diff"]["volume_mm3"]["new"] == pytest.approx(before + knob_mm3, rel=1e-6)
    assert body["verdict"] == "not verified"
    checks = {check["requirement_id"]: check for check in body["checks"] if check["requirement_id"]}
    assert "edited by hand" in checks["width"]["reason"]
    assert checks["safety_factor"]["status"] == "not verified"
    assert state["design"]["design_parameters"] == {}
    assert not any(check["id"] == "corner_bending" for check in body["checks"])


def test_after_an_edit_the_sizes_are_those_of_the_brief_and_the_changes_so_far(design):
    body = design["after_edit"]
    assert body["status"] == "done"
    assert body["diff"]["parameters"]["thickness"] == {"old": None, "new": 12.2, "unit": "mm"}
    assert body["diff"]["parameters"]["width"]["new"] == pytest.approx(203.2)
    assert body["diff"]["parameters"]["load_force"]["new"] == pytest.approx(1112.06, rel=1e-5)  # 250 lbf


def test_a_program_can_be_tried_without_a_project(design):
    assert design["compiled"]["volume_mm3"] == pytest.approx(1000)
    assert design["compiled"]["mass_g"] == pytest.approx(2.7, rel=0.01)
    assert design["compiled"]["features"]
    assert design["refused"]["code"] == "kcl_failed"


def test_undo_and_redo_walk_the_tree(design):
    assert design["undone"]["revision"]["number"] == 4
    assert design["redone"]["revision"]["number"] == 5
    assert [body["revision"]["number"] for body in design["twice"]] == [4, 3]
    assert design["branch"]["revision"]["number"] == 7
    assert design["branch"]["revision"]["parent"] == design["twice"][1]["revision"]["id"]
    assert design["nothing_to_redo"]["http"] == 409
    assert [body["http"] for body in design["roots"]] == [409, 404]


def test_a_revision_has_a_name_of_its_own(design):
    assert design["named"]["revision"]["names"] == ["the thick one"]
    assert (design["taken"]["http"], design["number"]["http"]) == (409, 422)


def test_two_revisions_are_compared_also_across_projects(design):
    body = design["compare"]
    assert (body["old"]["number"], body["new"]["number"]) == (1, 7)
    assert body["parameters"]["thickness"]["new"] == 12.2
    assert body["mass_g"]["new"] > body["mass_g"]["old"]
    assert body["cost_usd"]["new"]["low"] > 0
    assert body["margins"]["corner_bending"]["new"] > body["margins"]["corner_bending"]["old"]
    assert "+thickness" in body["kcl"]
    assert design["across"]["new"]["project_id"] == "c"
    assert design["across"]["mass_g"]["new"] == body["mass_g"]["old"]


def test_no_path_of_this_machine_leaves_the_server(design):
    text = json.dumps(design["compiled"])
    assert "/tmp" not in text, text[max(0, text.find("/tmp") - 200) :][:300]


async def test_a_change_in_words_and_another_brief_keep_what_was_answered(tmp_path):
    answers = {"width": "15 cm", "shelf_leg": "20 cm", "wall_leg": "8 cm", "material": "Steel A36"}
    async with Server(Settings(brick_data_dir=tmp_path / "data")) as server:
        brief = "An aluminium bracket to hold 20 kg"
        await server.run(user_intent=brief, answers=answers, project_id="b", depth="fast")
        said = {"message": "hold 40 kg", "session_id": "s", "project_id": "b"}
        reply = (await server.http.post("/api/chat/requirements", json=said)).json()
        assert (reply["ready"], reply["changed"], reply["questions"]) == (True, True, [])
        heavier = (await server.run(session_id="s", project_id="b", depth="fast")).json()
        assert heavier["questions"] == []
        state = (await server.http.get("/api/state/b")).json()
        assert state["design"]["design_scheme"]["material"] == "steel_a36"
        assert state["design"]["intent"]["loads"][0]["magnitude"]["given"] == "40 kg"
        await server.run(user_intent="An aluminium 5052-H32 bracket to hold 30 kg", project_id="b", depth="fast")
        state = (await server.http.get("/api/state/b")).json()
        assert state["design"]["questions"] == []
        assert state["design"]["design_scheme"]["material"] == "aluminium_5052_h32"
        assert state["design"]["design_parameters"]["width"]["given"] == "15 cm"
        assert state["design"]["intent"]["loads"][0]["magnitude"]["given"] == "30 kg"
        unknown = await server.http.post(
            "/api/chat/requirements", json={**said, "session_id": "t", "project_id": "nope"}
        )
        assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
