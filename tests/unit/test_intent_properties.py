"""Laws of the scanner, on generated text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.intent import units
from backend.intent.numbers import parse_figures, parse_words
from backend.intent.scanner import scan

WRITTEN = [
    "mm",
    "cm",
    "m",
    "in",
    "ft",
    "kg",
    "lb",
    "N",
    "kN",
    "lbf",
    "MPa",
    "psi",
    "bar",
    "W",
    "°C",
    "rpm",
    "Hz",
    "deg",
]
NAMES = {"°C": "degC"}


@given(
    number=st.decimals(min_value="0.001", max_value="99999", places=3, allow_nan=False),
    unit=st.sampled_from(WRITTEN),
    gap=st.sampled_from(["", " "]),
)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back(number, unit, gap):
    text = f"{number}{gap}{unit}"
    (q,) = scan(f"it is {text}, no more")
    assert q.text == text
    assert q.value == pytest.approx(units.to_working(float(number), NAMES.get(unit, unit)), rel=1e-9, abs=1e-12)


@given(whole=st.integers(0, 40), numerator=st.integers(1, 63), denominator=st.sampled_from([2, 4, 8, 16, 32, 64]))
@settings(max_examples=100, deadline=None)
def test_fractions_of_an_inch(whole, numerator, denominator):
    text = f"{whole} {numerator}/{denominator}" if whole else f"{numerator}/{denominator}"
    (q,) = scan(f"{text} in")
    assert q.value == pytest.approx(25.4 * (whole + numerator / denominator))


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=120))
@settings(max_examples=200, deadline=None)
def test_any_text_is_scanned_and_spans_are_exact(text):
    found = scan(text)
    at = 0
    for q in found:
        assert text[q.start : q.end] == q.text
        assert q.start >= at
        at = q.end


@given(
    st.lists(
        st.sampled_from(
            [
                "6 in wide",
                "half a ton",
                "M6",
                "3-5 mm",
                "Ø10",
                "4x",
                "x",
                ",",
                "and",
                "5'6\"",
                "20 g",
                "°C",
                "1/2",
                "±0.1 mm",
                "between",
                "in",
                "#8",
                "$",
                "IP65",
                "1e9",
                "two",
            ]
        ),
        max_size=9,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_mix_of_pieces_is_scanned(pieces):
    text = " ".join(pieces)
    for q in scan(text):
        assert text[q.start : q.end] == q.text


@given(st.sampled_from(sorted(units.UNITS)), st.floats(-1e6, 1e6))
@settings(max_examples=150, deadline=None)
def test_conversion_there_and_back(name, value):
    assert units.from_working(units.to_working(value, name), name) == pytest.approx(value, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("inch_pound", "si"),
    [
        (("lbf", 1.0), ("N", 4.4482216152605)),
        (("psi", 1.0), ("MPa", 0.0068947572931683)),
        (("hp", 1.0), ("W", 745.69987158227)),
        (("ft*lbf", 1.0), ("N*mm", 1355.8179483314)),
        (("degF", 212.0), ("degC", 100.0)),
        (("short ton", 1.0), ("kg", 907.18474)),
    ],
)
def test_factors_against_nist(inch_pound, si):
    """NIST SP 811, appendix B.9."""
    assert units.to_working(inch_pound[1], inch_pound[0]) == pytest.approx(units.to_working(si[1], si[0]), rel=1e-9)


def test_every_spelling_means_one_unit():
    for spelling in units.SPELLINGS:
        assert units.lookup(spelling) is not None
    assert units.lookup("furlongs") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("two hundred fifty", 250),
        ("one and a half", 1.5),
        ("three quarters", 0.75),
        ("a dozen", 12),
        ("twelve thousand", 12000),
        ("banana", None),
    ],
)
def test_number_words(text, value):
    assert parse_words(text) == value


def test_a_fraction_by_zero_is_refused():
    with pytest.raises(ValueError, match="zero"):
        parse_figures("1/0")
