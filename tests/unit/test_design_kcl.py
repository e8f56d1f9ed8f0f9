"""The programs that families write: valid, lint-clean, formatted, parametric, in the user's unit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from backend.design import get_family
from backend.design.kclwriter import length, number, show
from backend.engine.check import check_kcl, format_kcl
from backend.intent import read_brief

GOOD = yaml.safe_load((Path(__file__).parents[1] / "data" / "briefs" / "good.yaml").read_text(encoding="utf-8"))


def program(brief: str) -> tuple[str, object]:
    intent = read_brief(brief)
    family = get_family(intent.family)
    scheme = family.size(intent)
    return family.kcl(scheme), scheme


@pytest.mark.parametrize("case", GOOD, ids=[c["id"] for c in GOOD])
def test_program_is_valid_clean_and_formatted(case):
    code, _ = program(case["brief"])
    assert check_kcl(code) == []
    assert format_kcl(code) == code


@pytest.mark.parametrize("case", GOOD, ids=[c["id"] for c in GOOD])
def test_program_is_parametric_in_the_users_unit(case):
    code, scheme = program(case["brief"])
    assert f"@settings(defaultLengthUnit = {case['unit']}, kclVersion = 2.0)" in code
    per = 25.4 if case["unit"] == "in" else 1.0
    for name, variable in (("width", "width"), ("length", "length"), ("height", "height"), ("thickness", "thickness")):
        if name in scheme.parameters:
            value = re.search(rf"^{variable} = ([\d.]+)", code, re.MULTILINE)
            assert value, variable
            assert float(value[1]) * per == pytest.approx(scheme.parameters[name].value, abs=1e-6)


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("l_bracket", {"shelf", "wall", "toe", "fillet", "shelf_bolts", "wall_bolts"}),
        ("plate", {"loaded", "edges", "underside"}),
        ("enclosure", {"lid_top", "lid_edge", "lid_holes"}),
    ],
)
def test_faces_that_physics_needs_are_named(family, names):
    for case in GOOD:
        if case["family"] == family:
            code, _ = program(case["brief"])
            assert names <= set(re.findall(r'annotationName = "(\w+)"', code))


def test_numbers_are_plain_decimals():
    assert (number(0.1 + 0.2), number(-0.0), number(1e-12), number(127.0)) == ("0.3", "0", "0", "127")
    assert length(25.4 / 3, "in") == "0.333333333"


def test_lengths_are_shown_as_people_write_them():
    assert (show(12.7, "in"), show(38.1, "in"), show(152.4, "in"), show(9.5, "mm")) == (
        "1/2 in",
        "1 1/2 in",
        "6 in",
        "9.5 mm",
    )
    assert show(10.0, "in") == "0.393701 in"
