"""A brief that corrects itself: the later value counts and that is told; where it isn't clear, both are named."""

from __future__ import annotations

import pytest

from backend.intent import read_brief

BRACKET = "aluminium 6061-T6 L-bracket, 60 mm wide, legs 80 mm and 60 mm"
LOADED = f"{BRACKET}, load 100 N at 70 mm"


def told(intent):
    return [item.text for item in intent.assumptions if item.id.startswith("corrected_")]


@pytest.mark.parametrize(
    ("brief", "newtons", "change"),
    [
        (f"{BRACKET}, for 2 kN, no wait, 1.2 kN", 1200.0, "1.2 kN in place of 2 kN"),
        (f"{BRACKET}, for 2 kN no wait 1.2 kN at 70 mm", 1200.0, "1.2 kN in place of 2 kN"),
        (f"{BRACKET}, load 2 kN at 70 mm, no wait, 1.2 kN", 1200.0, "1.2 kN in place of 2 kN"),
        (f"{BRACKET}, load of 2 kN (sorry, 1.2 kN) at 70 mm", 1200.0, "1.2 kN in place of 2 kN"),
        (f"{BRACKET}, load 2 kN. Scratch that, make it 500 N.", 500.0, "500 N in place of 2 kN"),
        (f"{BRACKET}, load 2 kN, I mean 500 N, at 70 mm", 500.0, "500 N in place of 2 kN"),
        (f"{BRACKET}, holds 2 kN, or rather 100 kg", 980.665, "100 kg in place of 2 kN"),
        (f"{BRACKET}, holds 2 kN, no, 500 N", 500.0, "500 N in place of 2 kN"),
        (f"{BRACKET}, holds 2 kN, actually 500 N", 500.0, "500 N in place of 2 kN"),
    ],
)
def test_the_later_load_counts_and_is_told(brief, newtons, change):
    intent = read_brief(brief)
    assert (intent.questions, intent.unread) == ((), ())
    (load,) = intent.loads
    assert load.magnitude.value == pytest.approx(newtons)
    assert brief[load.span.start : load.span.end] == load.span.text == load.magnitude.given
    assert told(intent) == [change]


def test_each_of_several_corrections_is_told_and_the_last_counts():
    intent = read_brief(f"{BRACKET}, load 100 N, no 120 N, no wait, 150 N at 70 mm")
    assert intent.loads[0].magnitude.value == 150
    assert told(intent) == ["120 N in place of 100 N", "150 N in place of 120 N"]


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("6 mm thick, no wait, 8 mm thick", "thickness", 8.0),
        ("6 mm thick, no wait, 8 mm", "thickness", 8.0),
        ("thickness 6 mm, sorry, 8 mm", "thickness", 8.0),
        ("four holes, no wait, six holes", "hole_count", 6.0),
        ("M8 bolts, no, M10", "bolt_size", 10.0),
    ],
)
def test_a_size_is_corrected_in_its_place(words, name, value):
    intent = read_brief(f"{LOADED}, {words}")
    assert intent.questions == ()
    assert intent.parameters[name].value == value
    assert len(told(intent)) == 1


def test_a_size_is_corrected_by_its_word_from_further_on():
    intent = read_brief(f"{BRACKET}, 6 mm thick, load 100 N at 70 mm, no wait, 8 mm thick")
    assert (intent.parameters["thickness"].value, intent.parameters["load_position"].value) == (8.0, 70.0)


def test_a_limit_and_a_factor_keep_their_sense():
    intent = read_brief(
        f"{LOADED}, at least 5 mm thick, no, 6 mm thick, safety factor 2, I mean 3, at most 2 kg, no 1 kg"
    )
    assert {r.statement for r in intent.limits} == {"mass <= 1 kg", "thickness of both legs >= 6 mm"}
    assert intent.safety_factor.value == 3


@pytest.mark.parametrize(
    ("brief", "material", "change"),
    [
        ("steel, no wait, aluminium 6061-T6 bracket", "aluminium_6061_t6", "aluminium 6061-T6 in place of steel"),
        ("steel bracket, no wait, in stainless 304", "stainless_304", "stainless 304 in place of steel"),
        ("S355 bracket, sorry, S235", "steel_s235", "S235 in place of S355"),
    ],
)
def test_a_material_is_corrected(brief, material, change):
    intent = read_brief(LOADED.replace("aluminium 6061-T6 L-bracket", brief))
    assert (intent.material, intent.questions) == (material, ())
    assert told(intent) == [change]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("legs 80 mm and 60 mm, no wait, 90 mm and 70 mm", "60 mm, no wait, 90 mm and 70 mm"),
        ("legs 80 mm and 60 mm, 50 mm deep, no wait, 70 mm tall", "50 mm deep, no wait, 70 mm"),
    ],
)
def test_what_is_not_clear_is_asked_with_both_values(words, named):
    intent = read_brief(f"aluminium 6061-T6 L-bracket, 60 mm wide, {words}, load 100 N at 70 mm")
    assert f"'{named}'" in next(q.text for q in intent.questions if q.id == "unread")
    assert told(intent) == []


@pytest.mark.parametrize(
    "words", ["no holes of 5 mm", "make it light", "wait for 2 weeks", "no painting", "no 3D print"]
)
def test_other_words_take_nothing_back(words):
    intent = read_brief(f"{LOADED}, {words}")
    assert told(intent) == []
    assert intent.loads[0].magnitude.value == 100
