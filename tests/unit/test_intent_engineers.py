"""Briefs as engineers write them: abbreviations, callouts, tolerances, mixed units. Read right, or asked."""

from __future__ import annotations

import pytest

from backend.design import get_family
from backend.design.tracing import traced
from backend.intent import read_brief
from backend.intent.scanner import scan
from backend.schema import Status

SIZES = "6061-T6 L-bracket, 60 mm wide, legs 80 mm and 60 mm"
LOADED = f"{SIZES}, 200 N at 70 mm"
LARGE = "6061-T6 L-bracket, 160 mm wide, legs 180 mm and 160 mm, 200 N at 70 mm"
PLATE = "Plate S355 300x200 mm"
G, LBF, IN = 9.80665, 4.4482216152605, 25.4

# brief -> parameters (mm, 1, degC), load (N or MPa), safety factor; nothing of them is asked
READ = [
    (
        "L-bracket, EN AW-6082-T6, 80 mm wide, legs 120 x 60 mm, F = 1.2 kN at 100 mm from wall, SF 2, 4x M6",
        {"width": 80, "shelf_leg": 120, "wall_leg": 60, "load_position": 100, "bolt_size": 6, "hole_count": 4},
        1200,
        2,
    ),
    (
        "Bracket S235JR, b = 60 mm, t = 8 mm, legs 100/80 mm, 50 kgf @ 80 mm, FoS >= 2.5, 4x Ø6.6 THRU",
        {"width": 60, "thickness": 8, "shelf_leg": 100, "load_position": 80, "hole_diameter": 6.6, "hole_count": 4},
        50 * G,
        2.5,
    ),
    (
        'A36 angle bracket 3" wide, legs 4" x 3", 1/4" thk, 250 lbf at 3-1/2" from wall, (4) 3/8"-16 bolts Gr 5',
        {"width": 3 * IN, "thickness": IN / 4, "load_position": 3.5 * IN, "bolt_size": 0.375 * IN, "hole_count": 4},
        250 * LBF,
        1.5,
    ),
    (
        'L bracket 304 SS, 1-1/2" wide, legs 2-1/2" and 2", 75# load at tip, 2x 1/4-20 each leg',
        {"width": 1.5 * IN, "shelf_leg": 2.5 * IN, "wall_leg": 2 * IN, "bolt_size": IN / 4, "holes_each": 2},
        75 * LBF,
        1.5,
    ),
    (
        "Bracket in AISI 4130, 50±0.2 mm wide, legs 90 mm and 70 mm, 1.5 kN at 70 mm, M8 bolts, two per leg",
        {"width": 50, "shelf_leg": 90, "wall_leg": 70, "bolt_size": 8, "holes_each": 2},
        1500,
        1.5,
    ),
    (
        "6061-T6 bracket, 2.00 in wide, legs 3.00 +/-.010 in and 2.00 in, 100 lb at 2.5 in",
        {"width": 2 * IN, "shelf_leg": 3 * IN, "wall_leg": 2 * IN, "load_position": 2.5 * IN},
        100 * LBF,
        1.5,
    ),
    (
        f"{LOADED}, service temp 150°C, 4x M5x0.8 THRU",
        {"service_temperature": 150, "bolt_size": 5, "hole_count": 4},
        200,
        1.5,
    ),
    (
        "6061-T6 L-bracket, approx. 60 mm wide, legs ca. 80 mm and ~60 mm, 200 N at 70 mm",
        {"width": 60, "shelf_leg": 80, "wall_leg": 60},
        200,
        1.5,
    ),
    (f"{LOADED}, design factor 3", {}, 200, 3),
    (f"{LOADED}, FS 2.5", {}, 200, 2.5),
    (f"{SIZES}, 2.5E3 N at 7E1 mm", {"load_position": 70}, 2500, 1.5),
    (f"{SIZES}, 0,5 kN at 70,5 mm", {"load_position": 70.5}, 500, 1.5),
    (f"{SIZES}, 0,500 kN at 70 mm", {"load_position": 70}, 500, 1.5),
    (f"{SIZES}, 1,200 N at 70 mm", {"load_position": 70}, 1200, 1.5),
    (f"{SIZES}, 2 x 100 N at 70 mm", {"load_position": 70}, 200, 1.5),
    (f"{SIZES}, 20 kg mass at 70 mm, weighs 1 kg at most", {"load_position": 70}, 20 * G, 1.5),
    (f"{LOADED}, 10-32 screws", {"bolt_size": 4.826}, 200, 1.5),
    (f"{LOADED}, four No. 10-24 screws", {"bolt_size": 4.826, "hole_count": 4}, 200, 1.5),
    (f"{LOADED}, four 1/2-13 UNC bolts grade 8", {"bolt_size": 12.7, "hole_count": 4}, 200, 1.5),
    (f"{LOADED}, four 7/8-9 bolts", {"bolt_size": 22.225, "hole_count": 4}, 200, 1.5),
    (LOADED.replace("60 mm wide", "60 +0.1/-0.2 mm wide"), {"width": 60}, 200, 1.5),
    (
        'plate, SS 316L, 12" x 8" x 3/8" thk, 150 psig, clamped all round',
        {"thickness": 0.375 * IN},
        150 * LBF / IN**2,
        1.5,
    ),
    (
        f"{PLATE}, bolted, 10x M8, 0.15 MPa, operating temp 200 °C",
        {"hole_count": 10, "service_temperature": 200},
        0.15,
        1.5,
    ),
    (f"{PLATE}, clamped, 2 kN/m²", {}, 0.002, 1.5),
    (
        "Wall bracket, 6082-T6, w=80, legs 120 and 80, t=10, load 1kN @ 100, all dims mm",
        {"width": 80, "shelf_leg": 120, "wall_leg": 80, "thickness": 10, "load_position": 100},
        1000,
        1.5,
    ),
    (
        "All dimensions in inches. A36 bracket, width 3, legs 4 and 3, load 200 lb at 3.5",
        {"width": 3 * IN, "shelf_leg": 4 * IN, "wall_leg": 3 * IN, "load_position": 3.5 * IN},
        200 * LBF,
        1.5,
    ),
    ("6061-T6 L-bracket, legs 80 and 60 mm, M5 bolts, width 30, 500 N", {"width": 30, "bolt_size": 5}, 500, 1.5),
    ("6061-T6 L-bracket, 60 mm wide, legs 80 and 60, 500 N at 70", {"shelf_leg": 80, "wall_leg": 60}, 500, 1.5),
    (f"{PLATE}, clamped on all four sides, 1 bar", {}, 0.1, 1.5),
]


@pytest.mark.parametrize(("brief", "values", "load", "factor"), READ, ids=[row[0][-60:] for row in READ])
def test_it_is_read_as_it_is_meant(brief, values, load, factor):
    intent = read_brief(brief)
    assert intent.questions == ()
    assert {n: intent.parameters[n].value for n in values} == pytest.approx(values, rel=2e-3)
    assert [x.magnitude.value for x in intent.loads] == [pytest.approx(load)]
    assert intent.safety_factor.value == factor


# what could be misread -> the piece that is asked, and the parameter or limit that must not have been taken from it
ASKED = [
    (f"{SIZES}, 400 N per side", "per side", None),
    (f"{SIZES}, 100 N per hole", "per hole", None),
    (f"{SIZES}, 100 N on each screw", "on each screw", None),
    (f"{SIZES}, ±200 N at 70 mm", "±", None),
    (f"{SIZES}, 20 kg mass under 5 g shock, at 70 mm", "5 g", None),
    (f"{SIZES}, 20 kg at 70 mm, 3g vertical acceleration", "3g", None),
    (f"{SIZES}, a shelf weighing 20 kg, carries 50 kg at 70 mm", "20 kg", "mass"),
    (f"{LOADED}, 4x CSK holes for M5", "CSK", None),
    (f"{LOADED}, four M6 tapped holes", "tapped", None),
    (f"{LOADED}, c'bored holes", "c'bored", None),
    (f"{LOADED}, welded to the wall", "welded", None),
    (f"{LOADED}, forged", "forged", None),
    (f"{LOADED}, margin of safety 1.5", "1.5", "safety_factor"),
    (f"{LOADED}, safety margin 50 %", "50 %", "safety_factor"),
    (f"{LOADED}, FS on yield 1.5, on ultimate 3", "3", None),
    (f"{LOADED}, 10 gauge", "10", "thickness"),
    (f"{LOADED}, 16 ga thick", "16 ga", "thickness"),
    (f"{LARGE}, hole spacing 40 mm", "40 mm", "hole_diameter"),
    (f"{LARGE}, four holes 40 mm apart", "40 mm apart", "hole_diameter"),
    (f"{LARGE}, holes 25 mm from the edge", "25 mm", "hole_diameter"),
    (f"{LARGE}, on a 10 mm thick steel wall", "10 mm", "thickness"),
    (f"{LARGE}, on a 200 mm thick concrete slab", "200 mm", "thickness"),
    (f"{SIZES}, 1.200 N at 70,5 mm", "1.200 N", None),
    (f"{SIZES}, 1,200 kN at 70,5 mm", "1,200 kN", None),
    (f"{SIZES}, 200 N at 20 mm from the tip", "20 mm", "load_position"),
    (f"{SIZES}, 200 N, M5 bolts at 40 mm spacing", "40 mm spacing", "load_position"),
    (f"{SIZES}, 200 N at 20 mm and 100 N at 10 mm from the tip", "100 N", None),
    (f"{LOADED}, holes only in the wall leg", "holes only in", None),
    (f"{LOADED}, hole-free shelf leg", "hole-free", None),
    (f"{PLATE}, clamped on two sides, 1 bar", "on two sides", None),
    (f"{PLATE}, clamped on the long edges, 1 bar", "on the long edges", None),
    (f"{PLATE}, clamped on three edges, free on the fourth, 1 bar", "on three edges", None),
    (f"{PLATE}, clamped, 20 kPa, 50 mm hole at centre", "hole at centre", None),
    (f"{PLATE}, clamped, 1 bar, corrosion allowance 1 mm", "1 mm", None),
    (f"{PLATE}, clamped, 1 bar, deflection L/250", "250", "deflection"),
    ("PA6-GF30 L-bracket, 60 mm wide, legs 80 mm and 60 mm, 20 N at 70 mm", "GF30", None),
    ("PA6 glass-filled L-bracket, 60 mm wide, legs 80 mm and 60 mm, 20 N at 70 mm", "glass-filled", None),
    ("Enclosure ABS 120x80x40 mm, 10 W, ambient 50C, inside temp rise 20 K", "20 K", "temperature"),
    ("Enclosure AlSi10Mg die cast, 150x100x60 mm, 3 mm wall, 200 N on lid", "die cast", None),
    ("Enclosure ABS 120x80x40 mm, 2.5 mm walls, 20 N per screw", "per screw", None),
]


@pytest.mark.parametrize(("brief", "piece", "untaken"), ASKED, ids=[row[0][-50:] for row in ASKED])
def test_what_could_be_misread_is_asked(brief, piece, untaken):
    intent = read_brief(brief)
    question = next(q for q in intent.questions if q.id == "unread")
    assert f"'{piece}'" in question.text
    assert untaken not in {n for n, q in intent.parameters.items() if q.span is not None}
    assert untaken not in {r.kind for r in intent.limits}
    if untaken == "safety_factor":
        assert intent.safety_factor is None or intent.safety_factor.span is None


@pytest.mark.parametrize(
    ("brief", "id_", "words"),
    [
        (f"{SIZES}, 1.200 N at 70 mm", "decimal_point", "1.200 N is read as 1.2 N"),
        (f"{PLATE}, clamped, 30 psia", "absolute_pressure", "difference"),
        (LOADED.replace("60 mm wide", "width max. 60 mm"), "bound_width", "60 mm"),
    ],
)
def test_what_is_taken_one_of_two_ways_is_told(brief, id_, words):
    assert any(a.id.startswith(id_) and words in a.text for a in read_brief(brief).assumptions)


def test_a_tolerance_is_a_requirement_that_nothing_here_verifies():
    intent = read_brief(LOADED.replace("60 mm wide", "60 ±0.2 mm wide"))
    (tolerance,) = [r for r in intent.requirements if r.kind == "tolerance"]
    assert tolerance.id == "tolerance_width"
    assert tolerance.statement.endswith("60 ±0.2 mm")
    checks = traced(get_family("l_bracket").size(intent), intent, [])
    (check,) = [c for c in checks if c.requirement_id == "tolerance_width"]
    assert check.status is Status.NOT_VERIFIED
    assert "nominal" in check.reason


@pytest.mark.parametrize(
    ("words", "statement"),
    [
        ("min. thickness 5 mm", "thickness of both legs >= 5 mm"),
        ("minimum leg thickness: 5 mm", "thickness of both legs >= 5 mm"),
        ("max thickness 10 mm", "thickness of both legs <= 10 mm"),
        ("thickness at least 5 mm", "thickness of both legs >= 5 mm"),
        ("thickness min. 5 mm", "thickness of both legs >= 5 mm"),
        ("max. deflection 0.5 mm", "deflection <= 0.5 mm"),
    ],
)
def test_the_least_and_the_most_are_limits(words, statement):
    intent = read_brief(f"{LOADED}, {words}")
    assert ([r.statement for r in intent.limits], intent.questions) == ([statement], ())


def test_a_range_of_a_free_size_is_two_limits_in_their_own_words():
    limits = [r.statement for r in read_brief(f"{LOADED}, t = 5..8 mm").limits]
    assert limits == ["thickness of both legs >= 5 mm", "thickness of both legs <= 8 mm"]


@pytest.mark.parametrize(
    ("words", "millimetres"),
    [
        ('3/8"-16', [9.525]),
        ("8-32", [4.166]),
        ("No. 8-32", [4.166]),
        ("#10-32", [4.826]),
        ("3/4-10", [19.05]),
        ("1/4-20 UNC", [6.35]),
    ],
)
def test_inch_threads_are_threads(words, millimetres):
    found = scan(f"{words} bolts")
    assert [(q.value, q.form) for q in found] == [(pytest.approx(millimetres[0]), "thread")]


@pytest.mark.parametrize("words", ["8-32 mm", "10-24 N", "no 10-24 mm holes"])
def test_a_range_with_a_unit_is_no_thread(words):
    assert {q.form for q in scan(words)} == {"range"}
