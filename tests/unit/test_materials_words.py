"""Materials named in free text: which, where exactly, and what stays ambiguous."""

from __future__ import annotations

import pytest

from backend.materials import find_materials


@pytest.mark.parametrize(
    ("text", "identifier", "span"),
    [
        ("An aluminium 6061-T6 shelf bracket, 6 in wide", "aluminium_6061_t6", "aluminium 6061-T6"),
        ("bracket, 6061-T6 aluminum, 300 lb", "aluminium_6061_t6", "6061-T6 aluminum"),
        ("a 6061 plate", "aluminium_6061_t6", "6061"),
        ("aluminum alloy 7075 lever", "aluminium_7075_t6", "aluminum alloy 7075"),
        ("mild steel plate 200 x 100 mm", "steel_a36", "mild steel"),
        ("ASTM A36 plate", "steel_a36", "ASTM A36"),
        ("304 stainless steel box", "stainless_304", "304 stainless steel"),
        ("stainless 316L? no, stainless steel 316", "stainless_316", "stainless steel 316"),
        ("printed in PLA.", "pla", "PLA"),
        ("an abs enclosure", "abs", "abs"),
        ("a PC cover", "pc", "PC"),
        ("Ti-6Al-4V lug", "titanium_6al4v", "Ti-6Al-4V"),
        ("Delrin bushing", "pom", "Delrin"),
        ("FR-4 board", "fr4", "FR-4"),
        ("S355J2 gusset", "steel_s355", "S355J2"),
        ("an AISI 4140 steel shaft", "steel_4140", "AISI 4140 steel"),
    ],
)
def test_named_material_is_found_with_its_exact_span(text: str, identifier: str, span: str) -> None:
    matches = [m for m in find_materials(text) if m.id == identifier and not m.ambiguous]
    assert matches, find_materials(text)
    match = matches[-1]
    assert match.text == text[match.start : match.end] == span


@pytest.mark.parametrize(
    "text",
    [
        "a plate 2024 mm long",
        "holds 304 N",
        "60 pc of M6",
        "316 x 200 mm",
        "costs $6061",
        "",
        "gibberish zorp",
        "for 1018 hours",
        "M6 bolts, 5 abc",
    ],
)
def test_numbers_and_words_that_are_no_material_are_left_alone(text: str) -> None:
    assert find_materials(text) == []


@pytest.mark.parametrize(
    ("text", "default"),
    [("a steel bracket", "steel_a36"), ("aluminium box", "aluminium_6061_t6"), ("titanium", "titanium_6al4v")],
)
def test_family_word_alone_is_ambiguous_with_candidates(text: str, default: str) -> None:
    (match,) = find_materials(text)
    assert match.ambiguous
    assert match.id == default
    assert default in match.candidates
    assert match.score < 0.8


def test_filled_in_temper_scores_less_than_a_full_designation() -> None:
    (full,) = find_materials("6061-T6")
    (short,) = find_materials("6061")
    assert full.score == 1.0
    assert short.score < 1.0
    assert "6061-T6" in short.note


def test_two_materials_come_in_order() -> None:
    assert [m.id for m in find_materials("a 7075-T6 arm on a stainless steel 304 base")] == [
        "aluminium_7075_t6",
        "stainless_304",
    ]


def test_a_year_is_no_alloy_unless_the_family_stands_beside_it() -> None:
    assert find_materials("drawing of 2024, revision 2014") == []
    assert [m.id for m in find_materials("2024 aluminium")] == ["aluminium_2024_t3"]


def test_what_a_part_stands_on_counts_less_than_what_it_is_made_of() -> None:
    scores = {m.id: m.score for m in find_materials("aluminium bracket on a concrete floor with rubber feet")}
    assert max(scores, key=lambda k: scores[k]) == "aluminium_6061_t6"


def test_a_designation_is_broken_only_where_it_has_a_break() -> None:
    assert [m.id for m in find_materials("6061 T6 or 6061T6")] == ["aluminium_6061_t6"] * 2
    assert find_materials("a 36 in shelf") == []
    assert find_materials("a 2.304 in hole") == []
