"""Whole briefs: what is read, assumed, asked, refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from backend.design import get_family
from backend.errors import DesignError, InputError
from backend.intent import read_brief
from backend.schema import Origin

DATA = Path(__file__).parents[1] / "data" / "briefs"
GOOD = yaml.safe_load((DATA / "good.yaml").read_text(encoding="utf-8"))
BAD = yaml.safe_load((DATA / "bad.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", GOOD, ids=[c["id"] for c in GOOD])
def test_good_brief_is_read_completely(case):
    intent = read_brief(case["brief"])
    assert intent.questions == ()
    assert [u.text for u in intent.unread] == case.get("unread", [])
    assert (intent.family, intent.material, intent.length_unit) == (case["family"], case["material"], case["unit"])
    given = {k: q.value for k, q in intent.parameters.items() if q.origin is Origin.BRIEF}
    assert given == pytest.approx(case["parameters"])
    loads = {load.kind: load.magnitude.value for load in intent.loads}
    assert loads == pytest.approx(case["loads"], rel=1e-5)
    assert {r.kind: r.quantity.value for r in intent.limits} == pytest.approx(case.get("limits", {}))
    for name, option in case.get("choices", {}).items():
        assert intent.choices[name] == option
    assert intent.safety_factor is not None
    if "safety_factor" in case:
        assert intent.safety_factor.value == case["safety_factor"]
        assert intent.safety_factor.origin is Origin.BRIEF
    else:
        assert intent.safety_factor.origin is Origin.ASSUMPTION


@pytest.mark.parametrize("case", GOOD, ids=[c["id"] for c in GOOD])
def test_every_span_is_the_text_it_names(case):
    brief = case["brief"]
    intent = read_brief(brief)
    quantities = [*intent.parameters.values(), *(load.magnitude for load in intent.loads), intent.safety_factor]
    spans = [q.span for q in quantities if q is not None and q.span is not None]
    spans += [r.span for r in (*intent.requirements, *intent.limits) if r.span is not None]
    assert intent.material_span is not None
    for span in [*spans, intent.material_span]:
        assert brief[span.start : span.end] == span.text
    for q in quantities:
        assert q is None or (q.span is not None) == (q.origin is Origin.BRIEF)


@pytest.mark.parametrize("case", GOOD, ids=[c["id"] for c in GOOD])
def test_what_is_not_in_the_brief_is_a_listed_assumption(case):
    intent = read_brief(case["brief"])
    listed = {a.id for a in intent.assumptions}
    for name, q in intent.parameters.items():
        assert q.origin is not Origin.ASSUMPTION or name in listed
    assert all(a.reason for a in intent.assumptions)


@pytest.mark.parametrize("case", BAD, ids=[c["id"] for c in BAD])
def test_bad_brief_gets_a_clear_answer(case):
    if "error" in case:
        with pytest.raises(InputError) as caught:
            read_brief(case["brief"])
        assert caught.value.code == case["error"]
        assert caught.value.exit_code == 2
        assert "bracket" in caught.value.next_action
        return
    intent = read_brief(case["brief"])
    if "questions" in case:
        asked = {q.id: q for q in intent.questions}
        assert set(case["questions"]) <= set(asked)
        for words in case.get("says", []):
            assert any(words in q.text for q in asked.values())
        assert all(q.reason for q in intent.questions)
        return
    assert intent.questions == ()
    with pytest.raises(DesignError) as refused:
        get_family(intent.family).size(intent)
    assert refused.value.exit_code == 1
    assert refused.value.next_action
    for words in case["infeasible"]:
        assert words in refused.value.message


def test_answers_fill_in_what_was_asked():
    brief = "An aluminium shelf bracket, 6 in wide, four 1/2 in holes"
    asked = {q.id for q in read_brief(brief).questions}
    assert asked == {"shelf_leg", "wall_leg", "load"}
    intent = read_brief(brief, {"shelf_leg": "5", "wall_leg": "2 inches", "load": "300 lb at 12 in from the wall"})
    assert intent.questions == ()
    assert intent.parameters["shelf_leg"].value == pytest.approx(127)
    assert intent.parameters["shelf_leg"].origin is Origin.ANSWER
    assert intent.loads[0].magnitude.value == pytest.approx(1334.466, rel=1e-5)
    assert intent.loads[0].position is not None
    assert intent.loads[0].position.value == pytest.approx(304.8)


@pytest.mark.parametrize(
    "brief",
    [
        "A pressure vessel for 10 bar, 200 mm diameter, 1 m long, stainless steel",
        "Eine Halterung aus Aluminium, 150 mm breit, trägt 500 N",
    ],
)
def test_a_part_that_no_rule_designs_is_said_to_be_none_and_nothing_is_proposed(brief):
    (question,) = read_brief(brief).questions
    assert question.text == "Is it an enclosure, an L-bracket or a plate?"
    assert (question.example, question.default) == ("", None)
    assert "in English" in question.reason
    assert "language model" in question.reason


def test_what_names_no_part_at_all_is_told_what_can_be_designed():
    with pytest.raises(InputError) as caught:
        read_brief("A drone frame for Mars")
    assert "names a part that the rules here can design" in caught.value.message
    assert caught.value.next_action.startswith(
        "They design an enclosure, an L-bracket or a plate, from a brief in English"
    )


def test_materials_are_told_by_name():
    (taken,) = [
        a
        for a in read_brief("A steel bracket, 6 in wide, legs 5 in and 3 in, holds 100 lb").assumptions
        if a.id == "material"
    ]
    assert taken.text == "steel is taken as Steel A36"
    assert "_" not in taken.reason


def test_an_answer_settles_a_contradiction_and_corrects_the_brief():
    brief = "A steel S235 L-bracket 6 in wide and 4 in wide, legs 5 in and 3 in, holds 100 lb"
    intent = read_brief(brief, {"width": "4 in", "material": "6061-T6"})
    assert intent.questions == ()
    assert intent.parameters["width"].value == pytest.approx(101.6)
    assert intent.material == "aluminium_6061_t6"


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"width": "blue"}, "answer_not_understood"),
        ({"colour": "blue"}, "unknown_answer"),
        ({"load": "much"}, "answer_not_understood"),
        ({"material": "cheese"}, "unknown_material"),
        ({"process": "by magic"}, "answer_not_understood"),
        ({"family": "teapot"}, "unknown_family"),
    ],
)
def test_answers_that_answer_nothing_are_refused(answers, code):
    with pytest.raises(InputError) as caught:
        read_brief("A steel S235 L-bracket, legs 5 in and 3 in, holds 100 lb", answers)
    assert caught.value.code == code
    assert caught.value.next_action


def test_family_can_be_answered():
    intent = read_brief("something that holds 50 kg, in steel S235", {"family": "L-bracket"})
    assert intent.family == "l_bracket"
    assert intent.loads[0].magnitude.value == pytest.approx(490.3325)


def test_a_ton_is_short_in_us_units_and_metric_elsewhere():
    us = read_brief("A36 steel bracket, 12 in wide, legs 10 in and 8 in, holds half a ton")
    si = read_brief("A36 steel bracket, 300 mm wide, legs 250 mm and 200 mm, holds half a ton")
    assert us.loads[0].magnitude.value == pytest.approx(1000 * 4.4482216, rel=1e-5)
    assert si.loads[0].magnitude.value == pytest.approx(500 * 9.80665)
    assert any(a.id == "ton" for a in us.assumptions)


def test_bare_numbers_take_the_briefs_unit_or_are_asked():
    assumed = read_brief("A steel S235 bracket, width 50, legs 80 mm and 60 mm, holds 20 kg")
    assert assumed.parameters["width"].value == 50
    assert any(a.id == "unit_width" for a in assumed.assumptions)
    asked = read_brief("A steel S235 plate 300 x 200, clamped, 1 bar")
    assert {"length", "width"} <= {q.id for q in asked.questions}
    assert all("unit" in q.text for q in asked.questions if q.id in ("length", "width"))


def test_at_least_and_at_most_bound_a_free_size():
    intent = read_brief("A steel S235 L-bracket 60 mm wide, legs 100 mm and 80 mm, at least 8 mm thick, holds 50 kg")
    assert "thickness" not in intent.parameters
    (bound,) = intent.limits
    assert (bound.kind, bound.quantity.value) == ("bound:thickness", 8)


def test_surroundings_become_requirements_and_unread_words_are_listed():
    intent = read_brief(
        "A steel S235 L-bracket 60 mm wide, legs 100 mm and 80 mm, holds 50 kg outdoors, painted purple, 7 V"
    )
    assert any(r.kind == "environment" and r.span.text == "outdoors" for r in intent.requirements)
    assert "7 V" in [u.text for u in intent.unread]
    assert any("purple" in u.text for u in intent.unread)


def test_a_list_shares_its_unit_and_a_safety_factor_beside_a_length_does_not():
    listed = read_brief("A steel S235 L-bracket 60 mm wide, legs 10 and 8 in, holds 50 kg")
    assert listed.parameters["shelf_leg"].value == pytest.approx(254)
    for words in ("safety factor of 3, 1/4 in thick", "safety factor 3 and 1/4 in thick"):
        beside = read_brief(f"A steel S235 L-bracket 3 in wide, legs 10 in and 8 in, holds 50 lb, {words}")
        assert beside.safety_factor.value == 3
        assert beside.parameters["thickness"].value == pytest.approx(6.35)


def test_a_default_never_replaces_what_the_brief_speaks_of():
    intent = read_brief("A steel S235 L-bracket 60 mm wide, legs 100 mm and 80 mm, holds 50 kg, high factor of safety")
    assert "safety_factor" in {q.id for q in intent.questions}


def test_protection_class_and_lone_thread_are_read():
    intent = read_brief("An ABS enclosure 150 x 100 x 50 mm, IP65")
    assert "environment_ip65" in {r.id for r in intent.requirements}
    assert intent.unread == ()
    bracket = read_brief("A steel S235 L-bracket 60 mm wide, legs 100 mm and 80 mm, holds 50 kg, M6")
    assert bracket.parameters["bolt_size"].value == 6


def test_square_means_both_sides():
    intent = read_brief("mounting plate 200 mm square, 6061-T6, clamped, 200 N at the center")
    assert (intent.parameters["length"].value, intent.parameters["width"].value) == (200, 200)


def test_misspelt_part_is_still_found():
    assert read_brief("steel S235 brackt 60 mm wide, holds 50 kg").family == "l_bracket"


def test_material_of_bolts_is_not_the_part():
    intent = read_brief("An aluminium 6061-T6 plate 300 x 200 mm, eight M8 stainless 304 bolts, 1 bar")
    assert intent.material == "aluminium_6061_t6"
    both = read_brief("A plate of 6061-T6 or 7075-T6, 300 x 200 mm, clamped, 1 bar")
    assert "material" in {q.id for q in both.questions}


def test_too_long_a_brief_is_refused():
    with pytest.raises(InputError) as caught:
        read_brief("bracket " * 5000)
    assert caught.value.code == "brief_too_long"
