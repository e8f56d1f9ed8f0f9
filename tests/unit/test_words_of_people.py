"""Words as people write them, in tables: each is understood, or asked or refused in words; none is silently dropped."""

import pytest

from backend.agents.conversational_agent import amended, understand
from backend.errors import BrickError, InputError
from backend.intent.scanner import scan
from backend.materials import find_materials

BRIEF = (
    "{material} shelf bracket, {width} wide, legs 5 in and 2 in, holds {load} at 12 in from the wall, "
    "factor of safety 1.2, four 1/2 in holes"
)


def brief(material="aluminium 6061-T6", width="6 in", load="300 lb"):
    return BRIEF.format(material=material, width=width, load=load)


# words -> material, and whether it is an assumption that must be listed
MATERIALS = [
    ("titanium 6Al-4V", "titanium_6al4v", False),
    ("Ti-6Al-4V", "titanium_6al4v", False),
    ("Ti 6-4", "titanium_6al4v", False),
    ("grade 5 titanium", "titanium_6al4v", False),
    ("titanium grade 5", "titanium_6al4v", False),
    ("titanium", "titanium_6al4v", True),
    ("6061", "aluminium_6061_t6", True),
    ("6061-T6", "aluminium_6061_t6", False),
    ("6061-T651", "aluminium_6061_t6", False),
    ("6061 T6 aluminum", "aluminium_6061_t6", False),
    ("al 7075", "aluminium_7075_t6", True),
    ("aluminum", "aluminium_6061_t6", True),
    ("alu", "aluminium_6061_t6", True),
    ("EN AW-6082", "aluminium_6082_t6", True),
    ("stainless 304", "stainless_304", True),
    ("304 stainless", "stainless_304", False),
    ("SS316L", "stainless_316l", False),
    ("stainless", "stainless_304", True),
    ("17-4 PH", "stainless_17_4ph_h900", False),
    ("mild steel", "steel_a36", True),
    ("steel", "steel_a36", True),
    ("carbon steel", "steel_a36", True),
    ("spring steel", "steel_spring_51crv4", True),
    ("free-machining steel", "steel_12l14", True),
    ("duplex stainless steel", "stainless_2205", True),
    ("commercially pure titanium", "titanium_grade_2", True),
    ("A36", "steel_a36", False),
    ("ASTM A36", "steel_a36", False),
    ("S355JR", "steel_s355", False),
    ("S235JR", "steel_s235", False),
    ("4140", "steel_4140", True),
    ("1018 steel", "steel_1018", True),
    ("PETG", "petg", False),
    ("nylon 12", "pa12", False),
    ("nylon", "pa6", True),
    ("PLA", "pla", False),
    ("polycarbonate", "pc", False),
    ("delrin", "pom", False),
    ("brass", "brass_c360", True),
    ("copper", "copper_c110", True),
    ("bronze", "bronze_c932", True),
    ("magnesium AZ31B", "magnesium_az31b", False),
    ("inconel 718", "inconel_718", False),
]


@pytest.mark.parametrize(("words", "material", "assumed"), MATERIALS, ids=[row[0] for row in MATERIALS])
def test_a_material_means_the_same_in_a_brief_and_in_a_correction(words, material, assumed):
    first = understand(brief(words), {})
    assert (first.material, [q.id for q in first.questions]) == (material, [])
    assert ("material" in {item.id for item in first.assumptions}) == assumed
    given = brief("PEEK")
    for said in (words, f"no, {words}", f"make it {words}", f"{words} instead of PEEK"):
        text, answers, told = amended(given, {}, said)
        after = understand(text, answers)
        assert (after.material, after.questions) == (material, ()), said
        assert told
        # a grade that was named in words of its own needs no assumption any more
        listed = "material" in {item.id for item in after.assumptions}
        assert listed or not assumed or answers["material"] != words


# asked, with what there is to choose from: nothing is put in its place
ASKED = [
    "carbon fiber",
    "CFRP",
    "cast iron",
    "acrylic",
    "wood",
    "plywood",
    "glass",
    "unobtainium",
    "zinc",
    "a wax-like",
]


@pytest.mark.parametrize("words", ASKED)
def test_a_material_that_can_not_be_taken_is_asked(words):
    intent = understand(brief(words), {})
    (question,) = [q for q in intent.questions if q.id == "material"]
    assert intent.material is None
    assert len(question.options) > 3
    assert question.example


# a kind or a grade that the commonest one of the family must not stand for -> one that is offered
GRADES = [
    ("tool steel", "Steel AISI 4140, normalised"),
    ("tool steel D2", "Steel AISI 4140, normalised"),
    ("H13 tool steel", "Steel AISI 4140, normalised"),
    ("high strength steel", "Steel A514, quenched and tempered"),
    ("high-strength structural steel", "Steel A514, quenched and tempered"),
    ("alloy steel", "Steel AISI 4340, quenched and tempered"),
    ("hardened steel", "Steel AISI 4340, quenched and tempered"),
    ("maraging steel", "Steel AISI 4340, quenched and tempered"),
    ("1095 spring steel", "Steel AISI 4340, quenched and tempered"),
    ("8620 steel", "Steel AISI 4140, normalised"),
    ("steel S690QL", "Steel A514, quenched and tempered"),
    ("EN8 steel", "Steel AISI 1045, cold drawn"),
    ("Hardox 450 steel", "Steel A514, quenched and tempered"),
    ("440C stainless", "Stainless steel 17-4PH, H900"),
    ("aluminium 5754", "Aluminium 5052-H32"),
    ("7020 aluminium", "Aluminium 7075-T6"),
    ("cast aluminium", "Aluminium A356-T6 casting"),
    ("aircraft aluminium", "Aluminium 7075-T6"),
    ("grade 7 titanium", "Titanium grade 2"),
]


@pytest.mark.parametrize(("words", "offered"), GRADES, ids=[row[0] for row in GRADES])
def test_a_kind_or_grade_that_the_library_does_not_tell_is_asked(words, offered):
    intent = understand(brief(words), {})
    assert intent.material is None
    (question,) = intent.questions
    assert question.id == "material"
    assert words.lower() in question.text.lower()
    assert offered in question.options
    assert question.default is None
    assert understand(brief(words), {"material": offered}).questions == ()
    with pytest.raises(InputError, match="is meant"):
        amended(brief(), {}, f"make it {words}")


@pytest.mark.parametrize(
    "words",
    ["steel, 1200 x 600 mm", "6 mm steel", "1000 N on steel", "4 steel", "M8 steel", "steel UPN100", "aluminium T6"],
)
def test_a_size_beside_a_family_is_no_grade(words):
    (match,) = find_materials(words)
    assert (match.ambiguous, match.ask) == (True, False)


@pytest.mark.parametrize("words", ["brass or steel", "aluminium or stainless", "steel / titanium"])
def test_two_materials_to_choose_from_are_asked(words):
    assert "material" in {q.id for q in understand(brief(words), {}).questions}
    with pytest.raises(InputError, match="Which is meant"):
        amended(brief(), {}, f"use {words}")


LB_N = 0.45359237 * 9.80665
QUANTITIES = [
    # lengths, mm
    ("5 1/2 in", 139.7, "mm"), ('5-1/2"', 139.7, "mm"), ("5½ in", 139.7, "mm"), ("5½ inches", 139.7, "mm"),
    ("5½″", 139.7, "mm"), ("a quarter inch", 6.35, "mm"), ("a quarter of an inch", 6.35, "mm"),
    ("half an inch", 12.7, "mm"), ("three quarters of an inch", 19.05, "mm"), ("3/8 inch", 9.525, "mm"),
    ("six and a half inches", 165.1, "mm"), ("1 foot 6 inches", 457.2, "mm"), ("5' 6\"", 1676.4, "mm"),
    ("12 mms", 12.0, "mm"), ("4 cms", 40.0, "mm"), ("5,5 mm", 5.5, "mm"), ("1.2e2 mm", 120.0, "mm"),
    ("1.2 x 10^2 mm", 120.0, "mm"), ("50 thou", 1.27, "mm"),
    # masses (as loads they are weights), g
    ("100 kilos", 1e5, "g"), ("a hundred kilos", 1e5, "g"), ("12 stone", 12 * 14 * 453.59237, "g"),
    ("2 hundred pounds", 200 * 453.59237, "g"), ("1.5 thousand pounds", 1500 * 453.59237, "g"),
    ("2k lbs", 2000 * 453.59237, "g"), ("200#", 200 * 453.59237, "g"), ("1.2 t", 1.2e6, "g"),
    # forces, N
    ("120 kgf", 120 * 9.80665, "N"), ("3 kips", 3000 * LB_N, "N"), ("1.5kN", 1500.0, "N"), ("1.5 KN", 1500.0, "N"),
    ("20 daN", 200.0, "N"), ("1,500 N", 1500.0, "N"), ("1'500 N", 1500.0, "N"), ("1\u202f500 N", 1500.0, "N"),
    ("10K N", 10_000.0, "N"), ("150 lbf", 150 * LB_N, "N"), ("2·10^3 N", 2000.0, "N"),
    # moments, N mm
    ("50 ft-lb", 50 * LB_N * 304.8, "N*mm"), ("50 ft·lb", 50 * LB_N * 304.8, "N*mm"),
    ("50 foot-pounds", 50 * LB_N * 304.8, "N*mm"), ("10 in·lbs", 10 * LB_N * 25.4, "N*mm"), ("40 N·m", 4e4, "N*mm"),
    # pressures, MPa; line loads, N/mm
    ("3000 psi", 3000 * LB_N / 645.16, "MPa"), ("50 kN/m2", 0.05, "MPa"), ("2 bar", 0.2, "MPa"),
    ("2 kN/m", 2.0, "N/mm"), ("2kN/m", 2.0, "N/mm"), ("25 lb/ft", 25 * LB_N / 304.8, "N/mm"),
    ("100 kg/m", 0.980665, "N/mm"),
    # temperatures, °C
    ("100 °F", 340 / 9, "degC"), ("100F", 340 / 9, "degC"), ("100 degrees Fahrenheit", 340 / 9, "degC"),
    ("−40 °C", -40.0, "degC"), ("300 K", 26.85, "degC"),
    # counts
    ("two dozen", 24.0, "1"), ("2 dozen", 24.0, "1"), ("a dozen", 12.0, "1"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "value", "unit"), QUANTITIES, ids=[row[0] for row in QUANTITIES])
def test_a_quantity_is_read_whole(words, value, unit):
    (found,) = scan(f"it is {words} or so")
    assert (found.value, found.unit) == (pytest.approx(value, rel=1e-9), unit)
    assert found.text == words


@pytest.mark.parametrize(
    ("words", "force_n"),
    [
        ("2 hundred pounds", 200 * LB_N), ("12 stone", 168 * LB_N), ("1'500 N", 1500.0), ("20 daN", 200.0),
        ("1.5kN", 1500.0), ("half a ton", 1000 * LB_N), ("100 kilos", 980.665), ("3 kips", 3000 * LB_N),
    ],
)  # fmt: skip
def test_a_load_is_read_whole(words, force_n):
    intent = understand(brief(load=words), {})
    (load,) = intent.loads
    assert (load.magnitude.value, load.magnitude.unit) == (pytest.approx(force_n, rel=1e-9), "N")
    assert intent.questions == ()


@pytest.mark.parametrize("words", ["2 kN/m", "50 ft-lb", "40 N·m", "1 500 N", "10 widgets", "12 gauge"])
def test_a_load_that_can_not_be_taken_is_asked(words):
    assert understand(brief(load=words), {}).questions


# what is said of the bracket -> the answers that it makes
CORRECTIONS = [
    ("double the load", {"load": "600 lb"}),
    ("twice the load", {"load": "600 lb"}),
    ("it must hold twice as much", {"load": "600 lb"}),
    ("halve the load", {"load": "150 lb"}),
    ("three times the load", {"load": "900 lb"}),
    ("increase the load by 20%", {"load": "360 lb"}),
    ("20 % less load", {"load": "240 lb"}),
    ("reduce the load by a third", {"load": "200 lb"}),
    ("50 lb more", {"load": "350 lb"}),
    ("hold another 2 stone", {"load": "328 lb"}),
    ("reduce the load by 50 lb", {"load": "250 lb"}),
    ("reduce the load to 200 lb", {"load": "200 lb"}),
    ("change 300 lb to 400 lb", {"load": "400 lb"}),
    ("increase the load from 300 lb to 1.5kN", {"load": "1.5kN"}),
    ("not 300 lb but 400 lb", {"load": "400 lb"}),
    ("instead of 300 lb use 1,500 N", {"load": "1,500 N"}),
    ("8 holes instead of 4", {"hole_count": "8"}),
    ("not 4 holes, 6 holes", {"hole_count": "6"}),
    ("two more holes", {"hole_count": "6"}),
    ("two fewer holes", {"hole_count": "2"}),
    ("remove two holes", {"hole_count": "2"}),
    ("add a hole", {"hole_count": "5"}),
    ("swap to M8", {"bolt_size": "M8"}),
    ("rather than M12, M10 bolts", {"bolt_size": "M10"}),
    ("twice as wide", {"width": "304.8 mm"}),
    ("half as wide", {"width": "76.2 mm"}),
    ("double the width", {"width": "304.8 mm"}),
    ("30% wider", {"width": "198.12 mm"}),
    ("narrower by a quarter", {"width": "114.3 mm"}),
    ("a quarter inch wider", {"width": "158.75 mm"}),
    ('5-1/2" wide', {"width": '5-1/2"'}),
    ("8 in wide instead of 6", {"width": "8 in"}),
    ("width not less than 8 in", {"width": "8 in"}),
    ("legs 6 in and 3 in", {"shelf_leg": "6 in", "wall_leg": "3 in"}),
    ("no, steel", {"material": "steel"}),
    ("not aluminium, steel A36", {"material": "Steel A36"}),
    ("steel rather than aluminium", {"material": "steel"}),
    ("double the load and make it steel", {"load": "600 lb", "material": "steel"}),
    ("two more holes and 8 in wide", {"hole_count": "6", "width": "8 in"}),
    ("make it stainless and M8 bolts, safety factor 2",
     {"material": "stainless", "bolt_size": "M8", "safety_factor": "2"}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "answers"), CORRECTIONS, ids=[row[0] for row in CORRECTIONS])
def test_a_correction_means_what_it_says(said, answers):
    text, found, told = amended(brief(), {}, said)
    assert found == answers
    assert text == brief()
    assert len(told) == len(answers)
    assert understand(text, found).questions == ()


def test_a_part_can_be_made_lighter_by_a_share_in_words():
    limits = []
    for said in ("10 % lighter", "lighter by 10 percent", "a tenth lighter", "10% less weight"):
        with pytest.raises(BrickError) as caught:
            amended(brief(), {}, said)
        limits.append(caught.value.message.split(",")[0])
    assert len(set(limits)) == 1, limits
    assert limits[0].startswith("10 % lighter is ")


@pytest.mark.parametrize(
    ("said", "understood", "left"),
    [
        ("8 in wide and paint it red", {"width": "8 in"}, "paint it red"),
        ("double the load, then polish the edges", {"load": "600 lb"}, "polish"),
        ("steel, with 17 rivets", {"material": "steel"}, "17 rivets"),
    ],
)
def test_what_is_not_understood_beside_what_is_gets_told(said, understood, left):
    _, found, told = amended(brief(), {}, said)
    assert found == understood
    assert "not understood" in told[-1]
    assert left in told[-1]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("make it lighter", "20 % lighter"),
        ("stronger", "safety factor"),
        ("it sags too much", "deflection"),
        ("cheaper", "cost"),
        ("no holes", "can't do without"),
        ("10 kN/m", "line load"),
        ("a torque of 50 ft-lb", "moment"),
        ("make it out of wood", "another"),
        ("paint it red", "width 8 in"),
        ("width between 5 and 8 in", "one value"),
        ("remove six holes", "how many"),
    ],
)
def test_what_can_not_be_taken_in_is_refused_with_what_can_be_said(said, advice):
    with pytest.raises(InputError) as caught:
        amended(brief(), {}, said)
    assert advice in f"{caught.value.message} {caught.value.next_action}"
