"""The agents as thin faces: what each hands on, refuses, and says."""

import json

import pytest

from backend.agents.conversational_agent import ConversationalAgent, DiscoveryManager, ask
from backend.agents.document_agent import portable, write_files
from backend.agents.geometry_agent import GeometryAgent
from backend.agents.manifold_agent import ManifoldAgent
from backend.agents.material_agent import MaterialAgent
from backend.agents.planner_agent import PlannerAgent
from backend.agents.thermal_agent import ThermalAgent
from backend.errors import BrickError, InputError
from backend.schema import Question, new_state
from backend.session_store import InMemorySessionStore

OPEN_BRIEF = "A shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, four 1/2 in holes"


@pytest.fixture
def agent():
    return ConversationalAgent(InMemorySessionStore())


async def test_one_question_at_a_time_with_its_reason(agent):
    first = await agent.process(OPEN_BRIEF)
    assert first["ready"] is False
    assert first["question"]["id"] == "material"
    assert first["question"]["reason"] in first["reply"]
    second = await agent.process("6061-T6", session_id=first["session_id"])
    assert second["ready"] is True
    assert second["answers"] == {"material": "6061-T6"}
    assert second["reply"].startswith("Understood: ")


async def test_an_answer_that_is_not_one_is_asked_again(agent):
    first = await agent.process(OPEN_BRIEF)
    second = await agent.process("unobtainium", session_id=first["session_id"])
    assert second["ready"] is False
    assert second["question"]["id"] == "material"
    assert second["answers"] == {}
    assert second["reply"].startswith("The library has no material 'unobtainium'.")
    third = await agent.process("6061-T6", session_id=first["session_id"])
    assert third["ready"] is True


async def test_gibberish_is_not_taken_for_a_brief(agent):
    first = await agent.process("asdf qwer zxcv")
    assert (first["ready"], first["brief"], first["question"]) == (False, "", None)
    assert "asdf qwer zxcv" in first["reply"]
    second = await agent.process(OPEN_BRIEF, session_id=first["session_id"])
    assert second["question"]["id"] == "material"


BRIEF = OPEN_BRIEF.replace("A shelf bracket", "An aluminium 6061-T6 shelf bracket, factor of safety 1.2")


@pytest.mark.parametrize(
    ("message", "said", "check"),
    [
        ("no, steel A36", "Material is Steel A36. ", lambda intent: "a36" in intent["material"]),
        (
            "make it 8 in wide",
            "Width is 8 in. ",
            lambda intent: intent["parameters"]["width"]["value"] == pytest.approx(203.2),
        ),
        (
            "the load is 200 lb",
            "Load is 200 lb. ",
            lambda intent: intent["loads"][0]["magnitude"]["value"] == pytest.approx(889.644, abs=0.01),
        ),
        ("safety factor 2", "Safety factor is 2. ", lambda intent: intent["safety_factor"]["value"] == 2),
    ],
)
async def test_what_is_said_last_counts(agent, message, said, check):
    first = await agent.process(BRIEF)
    assert first["ready"] is True
    second = await agent.process(message, session_id=first["session_id"])
    assert second["ready"] is True
    assert check(second["intent"])
    assert second["reply"].startswith(said)


async def test_a_correction_can_be_corrected_and_the_first_value_taken_again(agent):
    session = (await agent.process(BRIEF))["session_id"]
    for width_in in (8, 9, 6):
        answer = await agent.process(f"make it {width_in} in wide", session_id=session)
        assert answer["intent"]["parameters"]["width"]["value"] == pytest.approx(width_in * 25.4)
        assert answer["ready"] is True


async def test_sessions_are_apart(agent):
    one = await agent.process(OPEN_BRIEF)
    two = await agent.process(OPEN_BRIEF.replace("300 lb", "100 lb"))
    assert one["session_id"] != two["session_id"]
    assert "300 lb" in (await agent.process("6061-T6", session_id=one["session_id"]))["brief"]


async def test_starting_over_forgets_the_brief(agent):
    first = await agent.process(OPEN_BRIEF)
    with_new = await agent.process("start over", session_id=first["session_id"])
    assert with_new["brief"] == ""
    assert with_new["ready"] is False


async def test_two_messages_at_once_are_taken_in_one_after_the_other():
    import asyncio

    manager = DiscoveryManager(InMemorySessionStore())
    await manager.take("s", OPEN_BRIEF)
    await asyncio.gather(manager.take("s", "6061-T6"), manager.take("s", "and it should be cheap"))
    state = await manager.store.get_discovery_state("s")
    assert [m["text"] for m in state["messages"] if m["role"] == "user"][1:] == ["6061-T6", "and it should be cheap"]
    assert manager._locks == {}


@pytest.mark.parametrize(
    ("message", "session", "code"),
    [("", None, "empty_message"), ("x" * 20_001, None, "message_too_long"), ("x", "../../x y", "bad_session_id")],
)
async def test_messages_that_cannot_be_taken_are_refused_in_words(agent, message, session, code):
    with pytest.raises(InputError) as caught:
        await agent.process(message, session_id=session)
    assert caught.value.code == code
    assert caught.value.next_action


def test_a_question_is_told_with_what_is_proposed():
    question = Question(id="q", text="How hot?", reason="Heat weakens it.", options=("20 C", "80 C"), default="20 C")
    assert ask(question) == "How hot? Heat weakens it. One of: 20 C, 80 C. If you agree, I take 20 C."
    assert ask(Question(id="q", text="How wide?", reason="", example="6 in")) == "How wide? For example: 6 in."


async def test_the_geometry_agent_says_when_there_is_nothing_to_build():
    result = await GeometryAgent().run({"test": True}, "test intent")
    assert result["status"] == "not_verified"
    assert "given: test" in result["summary"]
    assert (result["kcl_code"], result["gltf_data"], result["geometry_tree"]) == ("", "", [])
    assert result["validation_logs"] == [result["summary"]]


async def test_the_geometry_agent_hands_on_the_questions_of_a_brief():
    result = await GeometryAgent().run({}, OPEN_BRIEF)
    assert [question["id"] for question in result["questions"]] == ["material"]


async def test_a_material_comes_with_cited_properties():
    result = await MaterialAgent().run({"material": "6061-T6"})
    density = result["properties"]["density_kg_m3"]
    assert density["value"] == pytest.approx(2700, rel=0.01)
    assert density["source"]
    assert result["properties"]["is_melted"] is False
    json.dumps(result)


async def test_a_melted_material_is_a_failure():
    result = await MaterialAgent().run({"material": "6061-T6", "temperature_c": 700.0})
    assert result["status"] == "failure"
    assert result["properties"]["is_melted"] is True


async def test_an_unknown_material_is_an_error_report():
    report = await MaterialAgent().report({"material": "unobtainium"})
    assert report.status == "error"
    assert "unobtainium" in report.error["message"]
    assert report.error["next_action"]


async def test_a_mesh_that_is_missing_or_no_mesh_is_not_called_good(tmp_path):
    assert (await ManifoldAgent().run({}))["status"] == "not_verified"
    (tmp_path / "a.stl").write_bytes(b"not a mesh")
    for path in (tmp_path / "a.stl", tmp_path / "none.stl"):
        result = await ManifoldAgent().run({"mesh": str(path)})
        assert result["status"] == "error"
        assert result["checks"][0]["status"] == "not verified"


def write_box(path, triangles):
    import struct

    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    body = b"".join(struct.pack("<12fH", 0, 0, 0, *(v for i in t for v in corners[i]), 0) for t in triangles)
    path.write_bytes(b"\0" * 80 + struct.pack("<I", len(triangles)) + body)


BOX = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4)]
BOX += [(1, 5, 7), (1, 7, 3)]


async def test_a_closed_box_is_good_and_one_with_a_hole_is_not(tmp_path):
    write_box(tmp_path / "box.stl", BOX)
    assert (await ManifoldAgent().run({"mesh": str(tmp_path / "box.stl")}))["status"] == "success"
    write_box(tmp_path / "open.stl", BOX[1:])
    result = await ManifoldAgent().run({"mesh": str(tmp_path / "open.stl")})
    assert (result["status"], result["checks"][0]["status"]) == ("failure", "fail")


HEAT = {
    "brief": "b",
    "loads": [{"id": "h", "kind": "heat", "magnitude": {"value": 5.0, "unit": "W", "origin": "brief"}}],
    "limits": [
        {
            "id": "temperature",
            "kind": "temperature",
            "statement": "at most 60 degC",
            "origin": "brief",
            "quantity": {"value": 60.0, "unit": "degC", "origin": "brief"},
            "sense": "<=",
        }
    ],
}


async def test_without_heat_nothing_is_computed_and_that_is_said():
    result = await ThermalAgent().run({"intent": {"brief": "b"}})
    assert (result["status"], result["applicable"]) == ("success", False)


@pytest.mark.parametrize(("area_mm2", "status"), [(80_000.0, "success"), (5_000.0, "failure")])
async def test_the_temperature_is_held_against_its_limit(area_mm2, status):
    result = await ThermalAgent().run({"intent": HEAT, "compiled": {"area_mm2": area_mm2}})
    assert result["status"] == status
    (check,) = result["checks"]
    assert (check["requirement_id"], check["limit"]) == ("temperature", 60.0)
    assert check["value"] == pytest.approx(result["equilibrium_temp_c"])
    assert result["equilibrium_temp_c"] > 25


async def test_the_temperature_of_a_family_that_answers_it_is_told_and_not_computed_again():
    from backend.design import get_family
    from backend.intent import read_brief

    intent = read_brief("A 3D printed ABS box 120 x 80 x 40 mm, dissipates 3 W in 40 °C air, below 70 °C inside")
    family = get_family(intent.family)
    scheme = family.size(intent)
    own = next(c for c in family.closed_form_checks(scheme, intent) if c.id == "inside_temperature")
    params = {"intent": intent.model_dump(mode="json"), "compiled": {"area_mm2": 82_900.0}, "ambient_c": 25.0}
    for handed in ({}, {"scheme": scheme.model_dump(mode="json")}):
        result = await ThermalAgent().run({**params, **handed})
        assert result["checks"] == []
        assert result["equilibrium_temp_c"] == pytest.approx(own.value)
        assert "ambient 40 °C" in result["source"]
        assert result["applicable"] is True


async def test_without_a_family_the_ambient_is_the_one_of_the_brief():
    air = {"service_temperature": {"value": 40.0, "unit": "degC", "origin": "brief"}}
    params = {"compiled": {"area_mm2": 80_000.0}, "ambient_c": 25.0}
    warm = await ThermalAgent().run({"intent": {**HEAT, "parameters": air}, **params})
    assert warm["equilibrium_temp_c"] > 40
    assert "air of 40 °C" in warm["summary"]


async def test_the_plan_names_heat_only_where_there_is_some():
    scheme = {"family": "f", "material": "m", "parameters": {}}
    agents = [
        [step["agent"] for step in (await PlannerAgent().run({"intent": intent, "scheme": scheme}))["plan"]["steps"]]
        for intent in ({"brief": "b"}, HEAT)
    ]
    assert "ThermalAgent" not in agents[0]
    assert "ThermalAgent" in agents[1]


def test_the_written_state_names_files_and_not_places(tmp_path):
    state = new_state("p", "b")
    state["geometry"]["compiled"] = {"files": {"glb": "/secret/place/model.glb", "brep": "/secret/place/model.brep"}}
    state["physics"]["structural_analysis"] = {"fem": {"fields": "/secret/place/structural.npz"}}
    text = json.dumps(portable(state, {"glb": str(tmp_path / "model.glb")}))
    assert "/secret" not in text
    assert str(tmp_path) not in text
    assert json.loads(text)["geometry"]["compiled"]["files"] == {"glb": "model.glb"}


def test_a_file_that_cannot_be_written_is_named_and_the_others_are_written(tmp_path):
    state = new_state("p", "b")
    state["geometry"]["kcl_code"] = "x = 1\n"
    state["geometry"]["compiled"] = {"files": {"step": str(tmp_path / "gone.step")}}
    files, missing = write_files(state, tmp_path / "out", {})
    assert set(files) == {"kcl"}
    assert "gone.step" in missing["step"]
    assert (tmp_path / "out" / "model.kcl").read_text() == "x = 1\n"


async def test_a_missing_input_is_named():
    with pytest.raises(BrickError, match="PlannerAgent needs 'intent'"):
        await PlannerAgent().run({})
