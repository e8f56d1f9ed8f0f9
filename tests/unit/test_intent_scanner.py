"""Quantities in text: value, unit, span."""

from __future__ import annotations

import pytest

from backend.intent.scanner import scan

LB = 453.59237
LBF = 4.4482216152605

# phrase -> the quantities in it: (value in working units, working unit, exact text)
PHRASES: list[tuple[str, list[tuple[float, str, str]]]] = [
    ("6 in wide", [(152.4, "mm", "6 in")]),
    ("1/2 in holes", [(12.7, "mm", "1/2 in")]),
    ("1 1/2 inch", [(38.1, "mm", "1 1/2 inch")]),
    ("1-1/2 in", [(38.1, "mm", "1-1/2 in")]),
    ("1½ in", [(38.1, "mm", "1½ in")]),
    ("¾ inch plate", [(19.05, "mm", "¾ inch")]),
    ("5'6\" tall", [(1676.4, "mm", "5'6\"")]),
    ("5 ft 6 in", [(1676.4, "mm", "5 ft 6 in")]),
    ('0.25" thick', [(6.35, "mm", '0.25"')]),
    ("6-inch-wide", [(152.4, "mm", "6-inch")]),
    ("half-inch", [(12.7, "mm", "half-inch")]),
    ("a quarter inch", [(6.35, "mm", "a quarter inch")]),
    ("three quarter inch", [(19.05, "mm", "three quarter inch")]),
    ("one and a half inches", [(38.1, "mm", "one and a half inches")]),
    ("900 x 300 x 18 mm", [(900, "mm", "900"), (300, "mm", "300"), (18, "mm", "18 mm")]),
    ("900x300x18mm", [(900, "mm", "900"), (300, "mm", "300"), (18, "mm", "18mm")]),
    ("200 by 100 by 5 mm", [(200, "mm", "200"), (100, "mm", "100"), (5, "mm", "5 mm")]),
    ("12 in x 8 in", [(304.8, "mm", "12 in"), (203.2, "mm", "8 in")]),
    ("legs 5 and 2 in", [(5, "1", "5"), (50.8, "mm", "2 in")]),
    ("1.2 m long", [(1200, "mm", "1.2 m")]),
    ("30 cm", [(300, "mm", "30 cm")]),
    ("50 µm", [(0.05, "mm", "50 µm")]),
    ("10 thou", [(0.254, "mm", "10 thou")]),
    ("300 lb", [(300 * LB, "g", "300 lb")]),
    ("300 lbf", [(300 * LBF, "N", "300 lbf")]),
    ("2 lb 4 oz", [(2.25 * LB, "g", "2 lb 4 oz")]),
    ("half a ton", [(500000, "g", "half a ton")]),
    ("twenty five kilograms", [(25000, "g", "twenty five kilograms")]),
    ("two hundred fifty pounds", [(250 * LB, "g", "two hundred fifty pounds")]),
    ("1,000 N", [(1000, "N", "1,000 N")]),
    ("2kN", [(2000, "N", "2kN")]),
    ("1e3 N", [(1000, "N", "1e3 N")]),
    ("100 psi", [(100 * LBF / 645.16, "MPa", "100 psi")]),
    ("5 bar", [(0.5, "MPa", "5 bar")]),
    ("0.1 MPa", [(0.1, "MPa", "0.1 MPa")]),
    ("35 ksi", [(35000 * LBF / 645.16, "MPa", "35 ksi")]),
    ("20 lb/ft2", [(20 * LBF / 92903.04, "MPa", "20 lb/ft2")]),
    ("10 ft-lbf", [(10 * LBF * 304.8, "N*mm", "10 ft-lbf")]),
    ("12 Nm", [(12000, "N*mm", "12 Nm")]),
    ("1500 RPM", [(1500, "rpm", "1500 RPM")]),
    ("half horsepower", [(372.8499, "W", "half horsepower")]),
    ("5 W of heat", [(5, "W", "5 W")]),
    ("167 W/m-K", [(167, "W/(m*K)", "167 W/m-K")]),
    ("20 g shock", [(196.133, "m/s^2", "20 g")]),
    ("weighs 20 g", [(20, "g", "20 g")]),
    ("60 °C", [(60, "degC", "60 °C")]),
    ("60 degrees C", [(60, "degC", "60 degrees C")]),
    ("140°F", [(60, "degC", "140°F")]),
    ("-20 C", [(-20, "degC", "-20 C")]),
    ("15%", [(0.15, "1", "15%")]),
    ("factor of safety 1.2", [(1.2, "1", "1.2")]),
    ("four M6 holes", [(4, "1", "four"), (6, "mm", "M6")]),
    ("4x M6", [(4, "1", "4"), (6, "mm", "M6")]),
    ("4 x 6 mm holes", [(4, "1", "4"), (6, "mm", "6 mm")]),
    ("M6x20 screws", [(6, "mm", "M6x20")]),
    ("1/4-20 bolts", [(6.35, "mm", "1/4-20")]),
    ("#8-32 screws", [(4.166, "mm", "#8-32")]),
    ("Ø10 mm", [(10, "mm", "Ø10 mm")]),
    ("R5 mm", [(5, "mm", "R5 mm")]),
    ("a dozen 5mm holes", [(12, "1", "a dozen"), (5, "mm", "5mm")]),
    ("10 mm thick.", [(10, "mm", "10 mm")]),
    ("6 in. wide", [(152.4, "mm", "6 in.")]),
    ("1,5 mm", [(1.5, "mm", "1,5 mm")]),
    ("$25", [(25, "USD", "$25")]),
]

# texts that hold no quantity: names, grades, ordinary words
NOTHING = [
    "A36 steel",
    "3D printed in PLA",
    "cut in half",
    "S235JR",
    "M",
    "the in crowd",
    "T6",
    "ISO-9001x",
    "v2.0beta",
]


@pytest.mark.parametrize(("phrase", "expected"), PHRASES, ids=[p for p, _ in PHRASES])
def test_phrase_gives_its_quantities(phrase: str, expected: list[tuple[float, str, str]]) -> None:
    found = scan(phrase)
    assert [(q.unit, q.text) for q in found] == [(unit, text) for _, unit, text in expected]
    for q, (value, _, _) in zip(found, expected, strict=True):
        assert q.value == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize("text", NOTHING)
def test_text_without_quantities_gives_none(text: str) -> None:
    assert scan(text) == []


def test_preposition_in_is_no_inch() -> None:
    assert [(q.dimension, q.value) for q in scan("two in each leg, 4 in the wall leg")] == [
        ("number", 2),
        ("number", 4),
    ]


def test_in_before_a_material_is_no_inch_where_lengths_are_metric() -> None:
    plate = scan("200 x 100 x 5 in steel with 5 mm holes")
    assert [q.dimension for q in plate] == ["number", "number", "number", "length"]


@pytest.mark.parametrize(
    ("phrase", "low", "high"),
    [
        ("3-5 mm", 3, 5),
        ("3 to 5 mm", 3, 5),
        ("between 3 and 5 mm", 3, 5),
        ("3 mm to 5 mm", 3, 5),
        ("1–2 in", 25.4, 50.8),
    ],
)
def test_ranges_keep_both_ends(phrase: str, low: float, high: float) -> None:
    (q,) = scan(phrase)
    assert q.form == "range"
    assert (q.value, q.high) == (pytest.approx(low), pytest.approx(high))


def test_tolerance_is_a_quantity_of_its_own() -> None:
    size, tolerance = scan("10 ±0.1 mm")
    assert (size.value, size.unit) == (10, "mm")
    assert (tolerance.form, tolerance.value) == ("tolerance", pytest.approx(0.1))


def test_thread_pitch_and_length_are_told_apart() -> None:
    (pitch,), (length,) = scan("M6x1.0"), scan("M6x20")
    assert (pitch.pitch_mm, pitch.length_mm) == (1.0, None)
    assert (length.pitch_mm, length.length_mm) == (None, 20.0)


def test_a_bare_number_is_marked_with_its_lists_unit() -> None:
    assert [q.shared_unit for q in scan("legs 5 and 2 in")] == ["in", ""]
    assert [q.shared_unit for q in scan("5, 4 and 2 mm")] == ["mm", "mm", ""]


def test_masked_pieces_hold_no_quantities() -> None:
    text = "aluminium 6061 T6, 5 mm"
    assert [q.text for q in scan(text, [(0, 17)])] == ["5 mm"]


def test_zero_denominator_is_not_read() -> None:
    assert all(q.text != "1/0" for q in scan("1/0 in"))


def test_board_size_before_standoffs_is_no_count() -> None:
    assert [(q.value, q.count) for q in scan("PCB 100 x 70 mm on M3 standoffs")][:2] == [(100, False), (70, False)]
