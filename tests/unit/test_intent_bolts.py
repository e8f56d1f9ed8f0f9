"""The grade that a brief names for its bolts is the one they are checked and bought in; its figures count no holes."""

from __future__ import annotations

import pytest

from backend.design import get_family
from backend.design.fasteners import bolt_of_size, grade_of
from backend.design.tracing import traced
from backend.intent import read_brief
from backend.intent.scanner import scan
from backend.schema import Status

BRACKET = "steel A36 L-bracket, legs 100 mm and 80 mm, 60 mm wide, load 1 kN at 70 mm"
KSI = 6.894757


@pytest.mark.parametrize(
    ("words", "grade", "proof_mpa"),
    [
        ("four M8 bolts 8.8", "8.8", 580.0),
        ("four 4.6 M8 bolts", "4.6", 225.0),
        ("four M8 bolts, class 10.9", "10.9", 830.0),
        ("four M8 bolts of property class 12.9", "12.9", 970.0),
        ("four M8 A2-70 bolts", "A2-70", 450.0),
        ("four M8 x 30 bolts (A4-70)", "A4-70", 450.0),
        ("four M8 bolts A4-80", "A4-80", 600.0),
        ("four M8 A2-50 bolts", "A2-50", 210.0),
        ("four M8 bolts, grade 10.9", "10.9", 830.0),
        ("four 3/8-16 grade 2 bolts", "Grade 2", 55 * KSI),
        ("four grade 5 3/8-16 bolts", "Grade 5", 85 * KSI),
        ("four 3/8-16 SAE grade 8 bolts", "Grade 8", 120 * KSI),
    ],
)
def test_the_named_grade_is_checked_and_bought(words, grade, proof_mpa):
    brief = f"{BRACKET}, {words}"
    intent = read_brief(brief)
    assert (intent.questions, intent.unread) == ((), ())
    assert intent.parameters["hole_count"].value == 4
    assert intent.choices["bolt_grade"] == grade
    family = get_family("l_bracket")
    scheme = family.size(intent)
    assert "bolt_grade" not in {a.id for a in scheme.assumptions}
    (bolts,) = [c for c in scheme.checks if c.id == "bolts"]
    area = bolt_of_size(scheme.parameters["bolt_size"].value).area
    assert float(bolts.reason.rsplit(" ", 2)[1]) == pytest.approx(proof_mpa * area, rel=0.005)
    (asked,) = [c for c in traced(scheme, intent, []) if c.requirement_id == "bolt_grade"]
    assert asked.status is Status.PASS
    bought = [line["designation"] for line in family.components(scheme) if line["part"].startswith("Bolt ")]
    assert len(bought) == 2
    assert all(name.endswith(grade) for name in bought)


@pytest.mark.parametrize(
    "words", ["four M8 A4-100 bolts", "four M8 bolts, class 14.9", "four M8 bolts, 8.8 or 10.9 bolts"]
)
def test_a_grade_that_is_not_known_or_not_one_is_asked(words):
    intent = read_brief(f"{BRACKET}, {words}")
    assert [q.id for q in intent.questions] == ["unread"]
    assert "bolt_grade" not in intent.choices
    assert intent.parameters["hole_count"].value == 4


@pytest.mark.parametrize(
    "words", ["M8 bolts, 5.8 mm thick", "M8 bolts, safety factor 4.8", "M8 bolts", "5.8 kg at most"]
)
def test_other_figures_are_no_grade(words):
    assert "bolt_grade" not in read_brief(f"{BRACKET}, {words}").choices


def test_grade_5_of_titanium_is_no_grade_of_bolts():
    intent = read_brief(BRACKET.replace("steel A36", "grade 5 titanium") + ", four M8 bolts")
    assert (intent.material, intent.choices.get("bolt_grade")) == ("titanium_6al4v", None)


def test_large_bolts_of_a_grade_are_held_at_their_own_strength():
    assert grade_of(bolt_of_size(25.4), "Grade 2").proof_mpa == pytest.approx(33 * KSI, rel=0.005)
    assert grade_of(bolt_of_size(19.05), "Grade 2").proof_mpa == pytest.approx(55 * KSI, rel=0.005)
    assert grade_of(bolt_of_size(8.0), None).name == "8.8"


@pytest.mark.parametrize(
    ("words", "millimetres"),
    [("5/4 in", [31.75]), ("1/2 in", [12.7]), ("9/16 in", [14.2875]), ("1 3/8 in", [34.925]), ("3/10 in", [7.62])],
)
def test_fractions_are_read_as_such(words, millimetres):
    assert [q.value for q in scan(words)] == pytest.approx(millimetres)


def test_two_sizes_with_a_stroke_between_are_no_fraction():
    intent = read_brief("steel A36 L-bracket, legs 150/100 mm, 60 mm wide, load 1 kN at 70 mm")
    assert (intent.parameters["shelf_leg"].value, intent.parameters["wall_leg"].value) == (150.0, 100.0)
    assert intent.questions == ()
