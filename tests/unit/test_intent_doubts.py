"""What of a brief stays unread and could be a requirement is asked, and never dropped without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from backend.agents.conversational_agent import ConversationalAgent
from backend.design import get_family
from backend.design.tracing import traced
from backend.intent import read_brief
from backend.intent.doubts import misspelt_safety
from backend.intent.substance import find_substance
from backend.materials import get_material, list_materials
from backend.schema import Status
from backend.session_store import InMemorySessionStore

BRACKET = "L-bracket 6061-T6, 50 mm wide, legs 80 mm and 60 mm"
LOADED = f"{BRACKET}, load 300 N at 70 mm"
GOOD = yaml.safe_load((Path(__file__).parents[1] / "data/briefs/good.yaml").read_text(encoding="utf-8"))


def asked(brief, answers=None):
    return {q.id: q for q in read_brief(brief, answers).questions}


@pytest.mark.parametrize(
    ("brief", "pieces"),
    [
        (f"{BRACKET}, load 100 N at 70 mm and another 900 N", ["'900 N'"]),
        (f"{LOADED}, 7 V", ["'7 V'"]),
        (f"{LOADED}, five volts", ["'five volts'"]),
        (f"{LOADED}, 1/0 in", ["'0 in'"]),
        (f"{LOADED}, 5..6 of it", ["'5..6'"]),
        (f"{BRACKET}, load 300 N upward at 70 mm", ["'upward'"]),
        (f"{BRACKET}, load 300 N upwards at 70 mm", ["'upwards'"]),
        (f"{BRACKET}, load 300 N up at 70 mm", ["'up'"]),
        (f"{BRACKET}, load 300 N from below at 70 mm", ["'from below'"]),
        (f"{BRACKET}, horizontal load 300 N at 70 mm", ["'horizontal'"]),
        (f"{BRACKET}, load 300 N horizontally at 70 mm", ["'horizontally'"]),
        (f"{BRACKET}, lateral load 300 N at 70 mm", ["'lateral'"]),
        (f"{LOADED} sideways, repeated impact", ["'sideways'"]),
        (f"{LOADED}, no holes", ["'no holes'"]),
        (f"{LOADED}, without any bolts", ["'without any bolts'"]),
        (f"{LOADED}, with a gusset", ["'with a gusset'"]),
        (f"{LOADED}, two ribs", ["ribs'"]),
        (f"{LOADED}, slotted holes", ["'slotted'"]),
        (f"{LOADED}, countersunk holes", ["'countersunk'"]),
        ("A plate 300 x 300 mm, S355, clamped, 20 kPa, a 50 mm hole in the middle", ["'hole in the middle'"]),
        ("A circular plate 200 mm diameter, S235, clamped, 10 kPa", ["'circular'", "'200 mm'"]),
        ("A round plate 200 x 200 mm, S235, clamped, 10 kPa", ["'round'"]),
        ("A plate 200 x 200 mm, a disc, S235, clamped, 10 kPa", ["disc'"]),
    ],
)
def test_what_could_be_a_requirement_is_asked_once(brief, pieces):
    intent = read_brief(brief)
    (question,) = [q for q in intent.questions if q.id == "unread"]
    for piece in pieces:
        assert piece in question.text
    assert question.options == ("ignore",)
    assert question.reason == "what is not understood could be a requirement"
    assert "Rephrase the brief, or answer 'ignore'" in question.text
    assert question.example in question.options  # the command line shows it as an answer to give
    for span in intent.unread:
        assert brief[span.start : span.end] == span.text


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("dynamic load 300 N at 70 mm", {"dynamic"}),
        ("dynamically loaded with 300 N at 70 mm", {"dynamic"}),
        ("swinging load of 300 N at 70 mm", {"dynamic"}),
        ("load 300 N at 70 mm, impacts", {"impact"}),
        ("load 300 N at 70 mm, repeated impact", {"cyclic", "impact"}),
        ("load 300 N at 70 mm, dropped", {"impact"}),
        ("load 300 N at 70 mm, the machine shakes", {"vibration"}),
        ("load 300 N at 70 mm, oscillating", {"cyclic"}),
        ("static load 300 N at 70 mm, no dynamic loads", set()),
        ("load 300 N at 70 mm, no vibration or shock", set()),
        ("load 300 N at 70 mm, without impacts", set()),
        ("load 300 N at 70 mm, no shocks but vibration", {"vibration"}),
    ],
)
def test_how_a_load_acts_is_a_requirement_that_a_static_pass_does_not_hold(words, ids):
    intent = read_brief(f"{BRACKET}, {words}")
    assert intent.questions == ()
    acts = {r.id: r for r in intent.requirements if r.kind == "environment"}
    assert set(acts) == {f"environment_{name}" for name in ids}
    assert all(r.statement.startswith("how the load acts: ") for r in acts.values())
    scheme = get_family("l_bracket").size(intent)
    checks = traced(scheme, intent, [])
    for name in acts:
        (check,) = [c for c in checks if c.requirement_id == name]
        assert check.status is Status.NOT_VERIFIED
        assert "static" in check.reason
    (fatigue,) = [c for c in scheme.checks if c.id == "fatigue"]
    (static,) = [a for a in scheme.assumptions if a.id == "static"]
    for r in acts.values():
        assert f"'{r.span.text}'" in fatigue.reason
        assert f"'{r.span.text}'" in static.reason
    assert acts or static.reason == "the brief says nothing else"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("", "says nothing about the surroundings"),
        ("outdoors", "'outdoors'"),
        ("outdoors, by the sea", "'outdoors' and 'by the sea'"),
        ("on the coast", "'on the coast'"),
        ("in a humid room", "'humid'"),
        ("not for outdoor use", "says nothing about the surroundings"),
        ("at sea level", "says nothing about the surroundings"),
    ],
)
def test_the_corrosion_line_says_what_the_brief_says(words, named):
    intent = read_brief(f"{LOADED}, {words}")
    (check,) = [c for c in get_family("l_bracket").size(intent).checks if c.id == "corrosion"]
    assert check.status is Status.NOT_VERIFIED
    assert named in check.reason


@pytest.mark.parametrize("answer", ["ignore", "IGNORE", " 'Ignore'. "])
def test_ignoring_it_is_an_assumption_with_its_words(answer):
    brief = f"{BRACKET}, load 300 N upward at 70 mm, 7 V"
    intent = read_brief(brief, {"unread": answer})
    assert intent.questions == ()
    (assumed,) = [a for a in intent.assumptions if a.id == "unread"]
    assert "'upward'" in assumed.text
    assert "'7 V'" in assumed.text
    assert {"upward", "7 V"} <= {u.text for u in intent.unread}


def test_any_other_answer_is_asked_again():
    question = asked(f"{LOADED}, 7 V", {"unread": "it is the voltage"})["unread"]
    assert "could not be placed either. Rephrase the brief" in question.text
    assert "'7 V'" in question.text
    assert read_brief(LOADED, {"unread": "it is the voltage"}).questions == ()  # nothing is left to ask


@pytest.mark.parametrize(
    "words",
    [
        "painted purple",
        "four round 6 mm holes",
        "a nice 3D model",
        "outdoors, vibration and shock",
        "cyclic load",
        "up to 40 °C ambient",
    ],
)
def test_what_changes_nothing_or_is_read_is_not_asked(words):
    assert "unread" not in asked(f"{LOADED}, {words}")


def test_a_clamped_plate_may_have_no_holes():
    assert asked("A plate 300 x 300 mm, S355, clamped, 20 kPa, no holes") == {}


@pytest.mark.parametrize("case", GOOD, ids=[c["id"] for c in GOOD])
def test_good_briefs_leave_no_doubt(case):
    assert asked(case["brief"]) == {}


@pytest.mark.parametrize(
    "words", ["saftey factor 4", "factor of saftey 4", "safty factor of 4", "Safety facter 4", "factor of safetey: 4"]
)
def test_a_misspelt_safety_factor_is_read_and_said(words):
    brief = f"{LOADED}, {words}"
    intent = read_brief(brief)
    assert (intent.questions, intent.unread) == ((), ())
    assert intent.safety_factor.value == 4
    assert brief[intent.safety_factor.span.start : intent.safety_factor.span.end] == "4"
    assert any(a.id == "spelling" for a in intent.assumptions)


def test_a_misspelt_safety_factor_without_value_is_asked_and_other_factors_are_none():
    assert "safety_factor" in asked(f"{LOADED}, high saftey factor")
    for words in ("safety factor 2", "factor of safety 2", "service factor 2", "a factor of two", "power factor"):
        assert misspelt_safety(words) == []


def test_material_options_can_be_answered_and_hold_what_a_strength_check_needs():
    brief = LOADED.replace(" 6061-T6", "")
    options = asked(brief)["material"].options
    assert 5 <= len(options) <= 9
    for option in options:
        assert "," not in option
        material = get_material(find_substance(option).match.id)
        assert material.name == option
        assert all(material.entries(p) for p in ("yield_strength_mpa", "youngs_modulus_mpa", "density_kg_m3"))
        assert read_brief(brief, {"material": option}).questions == ()


@pytest.mark.parametrize("name", ["white oak", "alumina"])
def test_a_material_without_strength_is_a_question_and_no_crash(name):
    for intent in (
        read_brief(LOADED.replace("6061-T6", name)),
        read_brief(LOADED, {"material": name}),
    ):
        (question,) = intent.questions
        assert question.id == "material"
        assert "no yield strength" in question.text
        assert intent.material is None
    assert read_brief(LOADED.replace("6061-T6", name), {"material": "Steel A36"}).questions == ()


def test_no_material_of_the_library_is_taken_without_its_strength():
    checked = 0
    for material in list_materials():
        if find_substance(material.name).match is None:
            continue  # a name that nobody writes ("Silicon, single crystal") is refused as unknown
        intent = read_brief(LOADED, {"material": material.name})
        if intent.material is None:
            assert [q.id for q in intent.questions] == ["material"], material.name
        else:
            found = get_material(intent.material)
            assert all(found.entries(p) for p in ("yield_strength_mpa", "youngs_modulus_mpa", "density_kg_m3"))
            checked += 1
    assert checked > 50


async def test_a_conversation_asks_and_takes_ignore():
    agent = ConversationalAgent(InMemorySessionStore())
    first = await agent.process(f"{LOADED}, 7 V")
    assert (first["ready"], first["question"]["id"]) == (False, "unread")
    again = await agent.process("it is the voltage", session_id=first["session_id"])
    assert (again["ready"], again["question"]["id"]) == (False, "unread")
    last = await agent.process("Ignore", session_id=first["session_id"])
    assert last["ready"] is True
    assert "ignored: '7 V'" in last["reply"]
