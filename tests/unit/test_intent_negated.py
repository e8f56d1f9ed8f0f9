"""What a brief rules out is never read as wanted: it holds the design, or it is told or asked."""

from __future__ import annotations

import pytest

from backend.design import get_family
from backend.design.tracing import traced
from backend.intent import read_brief
from backend.intent.negated import find_negations
from backend.schema import Origin, Sense, Status

BRACKET = "L-bracket, 60 mm wide, legs 80 mm and 60 mm, load 100 N at 70 mm"
LOADED = f"6061-T6 {BRACKET}"
PLATE = "A plate 300 x 300 mm, S355, 20 kPa"
BOX = "Enclosure 100 x 80 x 40 mm, ABS, wall 2 mm"


def ruled_out(intent):
    return {r.kind: r for r in intent.requirements if r.kind.startswith(("not", "none"))}


def asked(intent):
    return {q.id: q.text for q in intent.questions}


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("no 5 mm holes", "5 mm holes"),
        ("don't use M6, use M8", "M6"),
        ("do not use M6 bolts", "M6 bolts"),
        ("M8 bolts instead of M6", "M6"),
        ("M5 bolts can't be used", "M5 bolts"),
        ("cast iron is not allowed", "cast iron"),
        ("no 5,5 mm holes", "5,5 mm holes"),
        ("no holes in the shelf leg, 5 mm thick", "holes in the shelf leg"),
        ("without holes and slots", "holes and slots"),
        ("not steel but aluminium", "steel"),
        ("anything but steel", "steel"),
        ("except steel bolts", "steel bolts"),
        ("omit the fillet", "fillet"),
        ("non-printed", "printed"),
        ("free of burrs", "burrs"),
    ],
)
def test_where_words_rule_something_out(words, thing):
    (found,) = find_negations(words)
    assert words[found.thing[0] : found.thing[1]] == thing


@pytest.mark.parametrize(
    "words",
    [
        "no more than 2 kg",
        "must not deflect more than 1 mm",
        "shall not exceed 100 MPa",
        "not thinner than 5 mm",
        "no, 500 N",
        "no wait, 500 N",
        "No. 8-32 screws",
        "no vibration or shock",
        "no dynamic loads",
        "not for outdoor use",
        "no problem",
        "no bolts smaller than M8",
        "without sagging more than 1 mm",
        "remove two screws",
    ],
)
def test_limits_corrections_and_conditions_rule_nothing_out(words):
    assert find_negations(words) == []


@pytest.mark.parametrize(
    ("words", "name", "millimetres"),
    [
        ("no 5 mm holes", "hole_diameter", 5.0),
        ("no 5,5 mm holes", "hole_diameter", 5.5),
        ("do not use M6 bolts", "bolt_size", 6.0),
        ("avoid M5 screws", "bolt_size", 5.0),
        ("M5 bolts can't be used", "bolt_size", 5.0),
        ("no 6 mm fillet", "fillet_radius", 6.0),
    ],
)
def test_a_size_that_is_ruled_out_is_not_taken_and_the_design_is_held_to_it(words, name, millimetres):
    brief = f"{LOADED}, {words}"
    intent = read_brief(brief)
    assert intent.questions == ()
    assert name not in intent.parameters
    requirement = ruled_out(intent)[f"not:{name}"]
    assert (requirement.quantity.value, requirement.origin) == (millimetres, Origin.BRIEF)
    assert brief[requirement.span.start : requirement.span.end] == requirement.span.text
    scheme = get_family("l_bracket").size(intent)
    (check,) = [c for c in traced(scheme, intent, []) if c.requirement_id == requirement.id]
    there = scheme.parameters[name].value == pytest.approx(millimetres, rel=0.005)
    assert check.status is (Status.FAIL if there else Status.PASS)
    assert not there or "rules out" in check.reason


def test_the_sizing_takes_no_bolt_that_is_ruled_out():
    family = get_family("l_bracket")
    usual = family.size(read_brief(LOADED)).parameters["bolt_size"].value
    other = family.size(read_brief(f"{LOADED}, no M{usual:g} bolts")).parameters["bolt_size"].value
    assert other != usual


def test_the_sizing_takes_a_bolt_within_its_limits():
    scheme = get_family("l_bracket").size(read_brief(f"{LOADED}, no bolts smaller than M8"))
    assert scheme.parameters["bolt_size"].value >= 8


@pytest.mark.parametrize("words", ["don't use M6, use M8", "M8 bolts, not M6", "M8 bolts rather than M6"])
def test_what_is_to_be_instead_is_taken(words):
    intent = read_brief(f"{LOADED}, {words}")
    assert (intent.parameters["bolt_size"].value, intent.questions) == (8.0, ())
    assert ruled_out(intent)["not:bolt_size"].quantity.value == 6.0


@pytest.mark.parametrize(
    ("brief", "name", "value"),
    [
        (f"{LOADED}, not 6 mm thick but 8 mm", "thickness", 8.0),
        (f"{LOADED}, not 6 mm but 8 mm thick", "thickness", 8.0),
        (LOADED.replace("60 mm wide", "not 50 but 60 mm wide"), "width", 60.0),
    ],
)
def test_not_one_value_but_another_is_the_other(brief, name, value):
    intent = read_brief(brief)
    assert (intent.parameters[name].value, intent.questions) == (value, ())
    assert any("in place of" in a.text for a in intent.assumptions)


def test_not_one_load_but_another_is_the_other():
    intent = read_brief(LOADED.replace("100 N", "not 100 N but 200 N"))
    assert ([load.magnitude.value for load in intent.loads], intent.questions) == ([200.0], ())


@pytest.mark.parametrize(
    ("brief", "material"),
    [
        (f"{BRACKET}, not steel but aluminium 6061-T6", "aluminium_6061_t6"),
        (f"{BRACKET}, aluminium 6061-T6 rather than steel", "aluminium_6061_t6"),
        (f"steel {BRACKET}, but not stainless steel", "steel_a36"),
    ],
)
def test_a_material_that_is_ruled_out_is_told_and_the_other_taken(brief, material):
    intent = read_brief(brief)
    assert (intent.material, intent.questions) == (material, ())
    assert any(a.id == "material_ruled_out" for a in intent.assumptions)


@pytest.mark.parametrize("words", ["not steel", "no aluminium", "no titanium please", "anything but steel"])
def test_a_brief_that_only_rules_materials_out_is_asked_for_one(words):
    intent = read_brief(f"{BRACKET}, {words}")
    assert intent.material is None
    (question,) = intent.questions
    assert (question.id, question.default) == ("material", None)
    assert not any(words.split()[-1].lower() in option.lower() for option in question.options)


def test_a_material_that_is_named_and_ruled_out_is_asked():
    assert "rules out" in asked(read_brief(f"steel {BRACKET}, steel is not allowed"))["material"]


@pytest.mark.parametrize(
    ("brief", "choice", "option", "kept"),
    [
        (f"{LOADED}, not 3D printed", "process", "fdm", "machined"),
        (f"{LOADED}, never cast", "process", "cast", "machined"),
        (f"{LOADED}, non-printed", "process", "fdm", "machined"),
        (f"{PLATE}, eight M8 bolts around the edge, not clamped but bolted", "edges", "clamped", "bolted"),
        (f"{PLATE}, clamped, not simply supported", "edges", "supported", "clamped"),
        (f"{BOX}, not printed but injection moulded", "process", "fdm", "moulded"),
    ],
)
def test_an_option_that_is_ruled_out_is_not_taken(brief, choice, option, kept):
    intent = read_brief(brief)
    assert (intent.choices[choice], intent.questions) == (kept, ())
    requirement = ruled_out(intent)[f"not_choice:{choice}:{option}"]
    scheme = get_family(intent.family).size(intent)
    (check,) = [c for c in traced(scheme, intent, []) if c.requirement_id == requirement.id]
    assert check.status is Status.PASS


@pytest.mark.parametrize(
    ("brief", "name"),
    [
        (f"{PLATE}, not clamped", "edges"),
        (f"{LOADED}, not machined", "process"),
        (f"{LOADED}, M6 bolts, no M6 bolts", "bolt_size"),
        (f"{LOADED}, no grade 8.8 bolts", "bolt_grade"),
    ],
)
def test_what_would_be_taken_otherwise_is_asked(brief, name):
    assert list(asked(read_brief(brief))) == [name]


@pytest.mark.parametrize(
    ("brief", "words"),
    [
        (f"{LOADED}, no fillets", "no fillets"),
        (f"{LOADED}, without holes", "without holes"),
        (f"{LOADED}, no holes in the shelf leg", "no holes in the shelf leg"),
        (f"{LOADED}, no 300 lb", "no 300 lb"),
        (f"{LOADED}, omit holes", "omit holes"),
        (f"{LOADED}, remove the fillet", "remove the fillet"),
        (f"{LOADED}, except steel bolts", "except steel bolts"),
        (f"{BOX}, no lid", "no lid"),
        (f"{BOX}, no screws", "no screws"),
    ],
)
def test_what_every_part_of_the_family_has_is_asked(brief, words):
    intent = read_brief(brief)
    assert f"'{words}'" in asked(intent)["unread"]
    assert words in {u.text for u in intent.unread}
    assert read_brief(brief, {"unread": "ignore"}).questions == ()


def test_what_is_only_there_where_it_is_asked_for_is_left_out():
    intent = read_brief(f"{BOX}, no standoffs")
    assert intent.questions == ()
    scheme = get_family("enclosure").size(intent)
    checks = [c for c in traced(scheme, intent, []) if c.requirement_id.startswith("none_standoff")]
    assert [c.status for c in checks] == [Status.PASS] * 3
    board = read_brief(f"{BOX}, for a PCB 60 x 40 mm, no standoffs")
    checks = traced(get_family("enclosure").size(board), board, [])
    assert Status.FAIL in {c.status for c in checks if c.requirement_id.startswith("none_standoff")}


@pytest.mark.parametrize("words", ["no ribs", "not countersunk", "without a gusset", "no slots", "not welded"])
def test_what_no_family_makes_needs_no_question(words):
    intent = read_brief(f"{LOADED}, {words}")
    assert intent.questions == ()
    assert any(a.text == f"taken as said: {words}" for a in intent.assumptions)


@pytest.mark.parametrize("words", ["no paint", "no sharp edges"])
def test_what_is_not_known_stays_unread_with_its_no(words):
    intent = read_brief(f"{LOADED}, {words}")
    assert (intent.questions, [u.text for u in intent.unread]) == ((), [words])


@pytest.mark.parametrize(
    ("words", "kind", "sense"),
    [
        ("must not deflect more than 1 mm", "deflection", Sense.AT_MOST),
        ("it must not sag by more than 1.5 mm", "deflection", Sense.AT_MOST),
        ("it shall never weigh more than 0.5 kg", "mass", Sense.AT_MOST),
        ("thickness not less than 5 mm", "bound:thickness", Sense.AT_LEAST),
        ("thickness no less than 5 mm", "bound:thickness", Sense.AT_LEAST),
        ("no thinner than 5 mm", "bound:thickness", Sense.AT_LEAST),
        ("not thicker than 5 mm", "bound:thickness", Sense.AT_MOST),
        ("holes must not be larger than 9 mm", "bound:hole_diameter", Sense.AT_MOST),
        ("no bolts smaller than M8", "bound:bolt_size", Sense.AT_LEAST),
        ("M8 bolts or larger", "bound:bolt_size", Sense.AT_LEAST),
        ("without sagging more than 1 mm", "deflection", Sense.AT_MOST),
    ],
)
def test_a_negated_comparison_is_the_other_way_round(words, kind, sense):
    intent = read_brief(f"{LOADED}, {words}")
    assert {(r.kind, r.sense) for r in intent.limits} == {(kind, sense)}
    assert intent.questions == ()


def test_a_limit_of_a_size_that_is_needed_is_taken_and_told():
    intent = read_brief(LOADED.replace("60 mm wide", "no wider than 60 mm"))
    assert intent.parameters["width"].value == 60
    assert "at most" in next(a.reason for a in intent.assumptions if a.id == "bound_width")


def test_a_brief_that_rules_a_family_out_is_of_the_other():
    assert read_brief("Not an enclosure but a plate 300 x 300 mm, S355, clamped, 20 kPa").family == "plate"
