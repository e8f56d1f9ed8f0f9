"""A brief with several loads: put together on the safe side, or asked; none is dropped without a word."""

from __future__ import annotations

import pytest

from backend.design import get_family
from backend.design.tracing import traced
from backend.intent import read_brief
from backend.schema import Status

BRACKET = "6061-T6 L-bracket, 60 mm wide, legs 80 mm and 60 mm"
G = 9.80665
LBF = 4.4482216152605


@pytest.mark.parametrize(
    ("words", "newtons", "position_mm"),
    [
        ("carries 400 N at 50 mm and 100 N at 70 mm", 500.0, 70.0),
        ("carries 400 N at 70 mm and 100 N at 50 mm from the wall", 500.0, 70.0),
        ("load 400 N at 50 mm plus 100 N at the tip", 500.0, 80.0),
        ("load 400 N at 50 mm, 100 N at 60 mm and 50 N at 120 mm", 550.0, 120.0),
        ("holds 40 kg + 10 kg at 70 mm", 50 * G, 70.0),
        ("holds 40 kg and 100 N at 70 mm", 40 * G + 100, 70.0),
        ("holds 300 lb in the middle and 50 N at the tip", 300 * LBF + 50, 80.0),
        ("two loads of 100 N each at 70 mm", 200.0, 70.0),
        ("3 weights of 5 kg each at the tip", 15 * G, 80.0),
    ],
)
def test_loads_that_pull_down_are_put_together_at_the_farthest_place(words, newtons, position_mm):
    brief = f"{BRACKET}, {words}"
    intent = read_brief(brief)
    assert (intent.questions, intent.unread) == ((), ())
    (load,) = intent.loads
    assert load.magnitude.value == pytest.approx(newtons)
    assert intent.parameters["load_position"].value == pytest.approx(position_mm)
    assert brief[load.span.start : load.span.end] == load.span.text
    told = next(a for a in intent.assumptions if a.id == "loads_together")
    assert load.magnitude.given in told.text
    assert "at least as much" in told.reason


def test_the_sum_is_on_the_safe_side_of_each_load_in_its_place():
    """Moment, shear and the pull on the bolts grow with force and distance: the sum's exceed those of both together."""
    family = get_family("l_bracket")
    thick = f"{BRACKET}, 8 mm thick, 6 mm fillet, four M6 bolts"

    def found(words):
        intent = read_brief(f"{thick}, {words}")
        assert intent.questions == ()
        return {c.id: c for c in family.size(intent).checks}

    first, second, both = found("400 N at 50 mm"), found("100 N at 70 mm"), found("400 N at 50 mm and 100 N at 70 mm")
    shared = [i for i in both if both[i].value and i in first and i in second and "deflection" not in i]
    factors = [i for i in shared if both[i].sense and both[i].sense.value == ">="]
    assert factors
    for name in factors:  # 1/SF adds up where the stresses do
        assert 1 / both[name].value >= (1 / first[name].value + 1 / second[name].value) * 0.99


@pytest.mark.parametrize(
    ("words", "pieces"),
    [
        ("400 N down and 100 N sideways", ["'100 N'", "'sideways'"]),
        ("400 N vertical, 100 N lateral at 70 mm", ["'100 N lateral'"]),
        ("load 500 N at 70 mm, 200 N upwards in transport", ["'200 N upwards'"]),
        ("load 400 N or 100 N at 70 mm", ["'100 N'"]),
        ("holds 400 N and 20 Nm", ["'20 Nm'"]),
        ("carries 400 N at 50 mm and 100 N", ["'100 N'"]),
        ("5 N/mm along the shelf leg", ["'5 N/mm along'"]),
    ],
)
def test_loads_that_differ_or_have_no_clear_place_are_asked(words, pieces):
    questions = {q.id: q.text for q in read_brief(f"{BRACKET}, {words}").questions}
    for piece in pieces:
        assert piece in questions["unread"]


def test_half_way_out_is_read_and_the_middle_alone_is_left_at_the_tip():
    half = read_brief(f"{BRACKET}, 400 N in the middle of the shelf leg")
    assert half.parameters["load_position"].value == 40
    assert any(a.id == "load_place" for a in half.assumptions)
    middle = read_brief(f"{BRACKET}, 400 N in the middle")
    scheme = get_family("l_bracket").size(middle)
    assert scheme.parameters["load_position"].value == 80
    assert any(a.id == "load_position" for a in scheme.assumptions)


def test_a_limit_of_mass_is_no_second_load():
    intent = read_brief(f"{BRACKET}, holds 300 N at 70 mm and weighs at most 2 kg")
    assert [load.magnitude.value for load in intent.loads] == [300]
    assert [r.kind for r in intent.limits] == ["mass"]
    intent = read_brief(f"{BRACKET}, holds 300 N at 70 mm, 2 kg max")
    assert [load.magnitude.value for load in intent.loads] == [300]
    assert "'2 kg'" in intent.questions[0].text


def test_the_load_that_an_answer_leaves_is_not_verified():
    brief = "A plate 300 x 300 mm, S355, clamped, 500 N in the middle and 200 N at a corner"
    assert [q.id for q in read_brief(brief).questions] == ["load"]
    intent = read_brief(brief, {"load": "500 N"})
    assert intent.questions == ()
    (left,) = [r for r in intent.requirements if r.kind == "load_beside"]
    assert left.span.text == "200 N"
    checks = traced(get_family("plate").size(intent), intent, [])
    (check,) = [c for c in checks if c.requirement_id == left.id]
    assert check.status is Status.NOT_VERIFIED
    assert "name the sum" in check.reason
    both = read_brief(brief, {"load": "700 N"})
    assert not any(r.kind == "load_beside" for r in both.requirements)


def test_a_load_that_is_off_the_centre_is_asked():
    intent = read_brief("A plate 300 x 300 mm, S355, clamped, 500 N off-centre")
    assert "'off-centre'" in intent.questions[0].text


def test_pounds_in_a_place_are_no_moment():
    intent = read_brief(f"{BRACKET}, 300 lb in the middle")
    assert intent.loads[0].magnitude.value == pytest.approx(300 * LBF)
    moment = read_brief(f"{BRACKET}, 300 lb in torque")
    assert moment.loads == ()
