"""Oracles: formulas are evaluated safely, deviations are judged, programs are found with what they must make."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from backend.commands.conformance import Outcome, Program, find_programs
from backend.commands.export import formats_of
from backend.commands.oracle import OracleError, compare, compare_failure, evaluate, load_oracle
from backend.engine import EngineError
from backend.errors import InputError


def result(**changes: Any) -> dict[str, Any]:
    """An engine's result for a block of 2 x 3 x 4."""
    return {
        "volume_mm3": 24.0,
        "area_mm2": 52.0,
        "center_of_mass_mm": [1.0, 1.5, 2.0],
        "bounding_box_mm": {"min": [0.0, 0.0, 0.0], "max": [2.0, 3.0, 4.0]},
        "solids": 1,
        "valid": True,
        "bodies": [{"volume_mm3": 24.0}],
        "named_faces": [{"name": "top", "area_mm2": 6.0, "centroid_mm": [1, 1.5, 4], "normal": [0, 0, 1]}],
        **changes,
    }


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (3, 3.0),
        ("pi*10**2*5", math.pi * 500),
        ("-(2 + a)/4", -1.75),
        ("hypot(3, 4) + sqrt(a)", 5 + math.sqrt(5)),
        ("integral(x**2, x, 0, 3)", 9.0),
        ("integral(sqrt(1 - x**2), x, -1, 1)", math.pi / 2),
    ],
)
def test_an_expression_has_its_value(expression: Any, value: float) -> None:
    assert evaluate(expression, {"a": 5.0}) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "a.b",
        "b + 1",
        "2 +",
        "[1][0]",
        "lambda: 1",
        "open('x')",
        "1/0",
        "sqrt(-1)",
        True,
        None,
        "'1'",
    ],
)
def test_what_is_not_arithmetic_is_refused(expression: Any) -> None:
    with pytest.raises(OracleError):
        evaluate(expression, {"a": 1.0})


def test_a_result_that_fits_has_no_deviation() -> None:
    oracle = {
        "where": {"a": 2, "h": "2*a"},
        "volume_mm3": "a*3*h",
        "area_mm2": 52,
        "center_of_mass_mm": [1, 1.5, "h/2"],
        "bounding_box_mm": {"min": [0, 0, 0], "max": ["a", 3, "h"]},
        "solids": 1,
        "surfaces": 0,
        "valid": True,
        "bodies": [24],
        "named_faces": {"top": {"area_mm2": 6, "centroid_mm": [1, 1.5, "h"], "normal": [0, 0, 1]}},
    }
    found = compare(oracle, result())
    assert len(found) == 13
    assert all(one.ok and one.deviation == 0 for one in found)


@pytest.mark.parametrize(
    ("oracle", "changes", "quantity"),
    [
        ({"volume_mm3": 24}, {"volume_mm3": 24.001}, "volume_mm3"),
        ({"area_mm2": 52}, {"area_mm2": math.nan}, "area_mm2"),
        ({"center_of_mass_mm": [1, 1.5, 2]}, {"center_of_mass_mm": [1, 1.5, 2.1]}, "center_of_mass_mm"),
        (
            {"bounding_box_mm": {"min": [0, 0, 0], "max": [2, 3, 4]}},
            {"bounding_box_mm": {"min": [0, 0, -1], "max": [2, 3, 4]}},
            "bounding_box_mm.min",
        ),
        ({"solids": 1}, {"solids": 2}, "solids"),
        ({"valid": True}, {"valid": False}, "valid"),
        ({"bodies": [24]}, {"bodies": [{"volume_mm3": 24}, {"volume_mm3": 1}]}, "bodies"),
        ({"named_faces": {"wall": {}}}, {}, "face wall: count"),
        ({"named_faces": {"top": {"normal": [0, 0, -1]}}}, {}, "face top: normal"),
    ],
)
def test_what_differs_is_named(oracle: dict[str, Any], changes: dict[str, Any], quantity: str) -> None:
    wrong = [one for one in compare(oracle, result(**changes)) if not one.ok]
    assert [one.quantity for one in wrong] == [quantity]


def test_a_tolerance_may_be_given_for_one_quantity() -> None:
    oracle = {"volume_mm3": 24, "area_mm2": 52, "tolerances": {"volume_mm3": 1e-2}}
    found = compare(oracle, result(volume_mm3=24.1, area_mm2=52.1))
    assert [one.ok for one in found] == [True, False]


def test_a_failure_is_held_against_what_was_asserted() -> None:
    error = EngineError("fillet of size 25 mm failed", code="bad_request", source={"file": "a", "line": 8, "column": 1})
    good = compare_failure({"fails": {"code": "bad_request", "line": 8, "message": "fillet.*25"}}, error)
    assert len(good) == 3
    assert all(one.ok for one in good)
    bad = compare_failure({"fails": {"code": "confined", "line": 9}}, error)
    assert [one.ok for one in bad] == [False, False]


@pytest.mark.parametrize(
    "text", ["volume: 3", "title: nothing", "[1, 2]", "volume_mm3: 'a +'", "where: {a: b}\nsolids: a"]
)
def test_a_wrong_oracle_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "part.yaml"
    path.write_text(text)
    with pytest.raises(OracleError, match=r"part\.yaml"):
        load_oracle(path)


def test_programs_are_those_with_an_oracle(tmp_path: Path) -> None:
    for name in ("a", "helper", "project/main", "project/parts", "listed/main"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.kcl").write_text("x = 1\n")
    (tmp_path / "a.yaml").write_text("solids: 1\n")
    (tmp_path / "project" / "main.yaml").write_text("solids: 1\n")
    (tmp_path / "oracle.json").write_text('{"programs": {"listed": {"solids": 2}}}')
    assert [program.name for program in find_programs(tmp_path)] == ["a", "listed", "project"]


def test_a_folder_without_programs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no KCL program with an oracle"):
        find_programs(tmp_path)


def test_an_outcome_without_assertions_is_not_a_pass(tmp_path: Path) -> None:
    outcome = Outcome(Program("a", tmp_path / "a.kcl", {"solids": 1}))
    assert not outcome.ok
    outcome.deviations = compare({"solids": 1}, result())
    assert outcome.ok
    outcome.error = {"code": "x", "message": "y"}
    assert not outcome.ok


def test_the_format_comes_from_the_option_else_from_the_name() -> None:
    assert formats_of(Path("a.STL"), []) == ["stl"]
    assert formats_of(Path("a.stp"), []) == ["step"]
    assert formats_of(Path("a.bin"), ["3mf, STEP"]) == ["3mf", "step"]
    assert formats_of(None, []) == ["step"]
    with pytest.raises(InputError, match="dwg"):
        formats_of(Path("a.dwg"), [])
