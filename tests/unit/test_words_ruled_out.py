"""What is said of a design afterwards: grades of bolts, and what is ruled out; each is taken, told or refused."""

from __future__ import annotations

import pytest

from backend.agents.conversational_agent import ConversationalAgent, amended, understand
from backend.design import get_family
from backend.errors import InputError
from backend.session_store import InMemorySessionStore

BRIEF = "steel A36 L-bracket, legs 100 mm and 80 mm, 60 mm wide, load 1 kN at 70 mm, four M8 bolts"


def after(said, brief=BRIEF):
    longer, answers, told = amended(brief, {}, said)
    return understand(longer, answers), told


@pytest.mark.parametrize(
    ("said", "grade", "proof_mpa"),
    [
        ("use 10.9 bolts instead", "10.9", 830.0),
        ("A4-80 bolts", "A4-80", 600.0),
        ("A2-70", "A2-70", 450.0),
        ("10.9 bolts instead of 8.8", "10.9", 830.0),
        ("change the bolts from 8.8 to 10.9", "10.9", 830.0),
        ("property class 12.9 please", "12.9", 970.0),
        ("stainless A2-70 bolts please", "A2-70", 450.0),
        ("don't use 8.8 bolts, use 10.9 bolts", "10.9", 830.0),
    ],
)
def test_a_grade_of_bolts_is_taken_told_and_held(said, grade, proof_mpa):
    intent, told = after(said)
    assert (intent.choices["bolt_grade"], intent.questions) == (grade, ())
    assert f"bolt grade is {grade}" in told
    assert (intent.material, intent.parameters["hole_count"].value) == ("steel_a36", 4)
    family = get_family("l_bracket")
    scheme = family.size(intent)
    (bolts,) = [c for c in scheme.checks if c.id == "bolts"]
    assert float(bolts.reason.rsplit(" ", 2)[1]) == pytest.approx(proof_mpa * 36.6, rel=0.005)
    bought = [line["designation"] for line in family.components(scheme) if line["part"].startswith("Bolt ")]
    assert all(name.endswith(grade) for name in bought)


def test_size_number_and_grade_are_each_taken():
    intent, told = after("six M10 12.9 bolts, 8 mm thick")
    values = {name: intent.parameters[name].value for name in ("hole_count", "bolt_size", "thickness")}
    assert values == {"hole_count": 6, "bolt_size": 10, "thickness": 8}
    assert intent.choices["bolt_grade"] == "12.9"
    assert len(told) == 4


@pytest.mark.parametrize("said", ["bolts of class 14.9", "A4-100 bolts", "use 8.8 or 10.9 bolts"])
def test_a_grade_that_is_not_known_or_not_one_is_refused(said):
    with pytest.raises(InputError) as refused:
        amended(BRIEF, {}, said)
    assert "10.9" in refused.value.next_action


def test_where_no_bolt_is_checked_a_grade_is_refused():
    with pytest.raises(InputError, match="changes nothing"):
        amended("Enclosure 100 x 80 x 40 mm, ABS, wall 2 mm", {}, "10.9 bolts")


def test_an_answer_names_a_grade_that_is_known():
    assert understand(BRIEF, {"bolt_grade": "SAE grade 8 bolts"}).choices["bolt_grade"] == "Grade 8"
    for words in ("14.9", "strong ones", "M8"):
        with pytest.raises(InputError, match="no grade of bolts"):
            understand(BRIEF, {"bolt_grade": words})


async def test_a_conversation_takes_a_grade_and_takes_it_back():
    agent = ConversationalAgent(InMemorySessionStore())
    first = await agent.process(BRIEF)
    second = await agent.process("use 10.9 bolts instead", session_id=first["session_id"])
    assert second["reply"].startswith("Bolt grade is 10.9.")
    assert (second["answers"], second["intent"]["choices"]["bolt_grade"]) == ({"bolt_grade": "10.9"}, "10.9")
    undone = await agent.process("undo", session_id=first["session_id"])
    assert "bolt_grade" not in undone["intent"]["choices"]


async def test_a_ruled_out_grade_is_asked_and_answered():
    agent = ConversationalAgent(InMemorySessionStore())
    first = await agent.process(f"{BRIEF}, no 8.8 bolts")
    assert (first["question"]["id"], first["ready"]) == ("bolt_grade", False)
    second = await agent.process("10.9", session_id=first["session_id"])
    assert (second["ready"], second["intent"]["choices"]["bolt_grade"]) == (True, "10.9")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("not 3D printed", "not_choice:process:fdm"),
        ("no 5 mm holes", "not:hole_diameter"),
        ("100 mm wide, no 5 mm holes", "not:hole_diameter"),
        ("don't use M8, use M10", "not:bolt_size"),
    ],
)
def test_what_is_ruled_out_afterwards_is_held(said, kind):
    intent, told = after(said)
    assert kind in {r.kind for r in intent.requirements}
    assert intent.questions == ()
    assert any(words in said for words in told)


@pytest.mark.parametrize("said", ["M10 bolts, no fillets", "M10 bolts, without holes"])
def test_what_can_not_be_left_out_is_told(said):
    intent, told = after(said)
    assert intent.parameters["bolt_size"].value == 10
    assert told[-1] == f"not understood, and so not taken in: {said.split(', ')[1]!r}"


@pytest.mark.parametrize(
    ("said", "material"), [("6061-T6, not steel", "aluminium_6061_t6"), ("don't use steel, use S355", "steel_s355")]
)
def test_a_material_in_place_of_another_is_taken(said, material):
    intent, _ = after(said)
    assert (intent.material, intent.questions) == (material, ())


def test_what_is_said_later_takes_back_what_was_ruled_out():
    longer, answers, _ = amended(BRIEF, {}, "no M10 bolts")
    longer, answers, _ = amended(longer, answers, "M10 bolts")
    intent = understand(longer, answers)
    assert intent.parameters["bolt_size"].value == 10
    assert "not:bolt_size" not in {r.kind for r in intent.requirements}


def test_several_loads_are_put_together_in_a_correction_too():
    intent, told = after("load 1 kN at 50 mm and 200 N at the tip")
    assert intent.loads[0].magnitude.value == 1200
    assert intent.parameters["load_position"].value == 100
    assert "the farthest of" in " ".join(told)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("±1 kN", "'±'"),
        ("1.5 kN per side", "'per side'"),
        ("load 300 N upwards", "'upwards'"),
        ("add 200 N at the tip", "a place of its own"),
        ("PA6-GF30", "'GF30'"),
    ],
)
def test_what_would_be_misread_is_refused(said, message):
    with pytest.raises(InputError) as refused:
        amended(BRIEF, {}, said)
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("said", "statement"),
    [
        ("make the thickness at least 6 mm", "thickness of both legs >= 6 mm"),
        ("min. thickness 5 mm", "thickness of both legs >= 5 mm"),
        ("not more than 6 mm thick", "thickness of both legs <= 6 mm"),
        ("it must not deflect more than 0.5 mm", "deflection <= 0.5 mm"),
    ],
)
def test_a_limit_that_is_said_afterwards_is_a_limit(said, statement):
    intent, told = after(said)
    assert [r.statement for r in intent.limits] == [statement]
    assert intent.parameters["load_position"].value == 70
    assert told == [said]


def test_a_tolerance_in_a_correction_is_told():
    intent, told = after("width 80 ±0.2 mm")
    assert intent.parameters["width"].value == 80
    assert told[-1] == "not understood, and so not taken in: '±0.2 mm'"


def test_a_size_beside_bolts_is_no_number_of_them():
    intent, _ = after("M10 bolts, width 30")
    assert intent.parameters["hole_count"].value == 4


def test_more_load_is_added():
    assert after("add 200 N")[0].loads[0].magnitude.value == 1200


def test_the_words_around_two_values_are_kept():
    intent, _ = after("change the width from 60 mm to 100 mm")
    assert intent.parameters["width"].value == 100
