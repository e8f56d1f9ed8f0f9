"""Rows for the command line, and faulty data files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.physics.errors import BadData, BadQuantity, UnknownEquation
from backend.physics.kernel import PhysicsKernel
from backend.physics.listing import calc, describe, list_constants, list_domains, list_equations


def test_domains_and_equations_are_listed() -> None:
    domains = {row["domain"]: row["equations"] for row in list_domains()}
    assert domains.keys() >= {
        "structures", "thermodynamics", "heat_transfer", "fluids", "aerodynamics", "electronics", "control",
        "kinematics",
        "vibration", "tolerance", "chemistry", "environments",
    }  # fmt: skip
    assert sum(domains.values()) == len(list_equations())
    assert domains["structures"] == len(list_equations("structures"))
    rows = list_equations("structures", search="cantilever deflection")
    assert {"cantilever_deflection", "timoshenko_cantilever_deflection"} <= {row["equation"] for row in rows}
    assert all(row["domain"] == "structures" for row in rows)


def test_rows_are_plain_json() -> None:
    for rows in (list_domains(), list_equations(), list_constants(), describe("fluids", "pipe_pressure_drop")):
        assert json.loads(json.dumps(rows)) == rows


def test_an_equation_is_described_in_full() -> None:
    row = describe("structures", "euler_buckling")
    assert {q["key"] for q in row["inputs"]} == {
        "youngs_modulus_mpa",
        "second_moment_mm4",
        "length_mm",
        "length_factor",
    }
    assert row["inputs"][3]["default"] == 1.0
    assert row["inputs"][3]["because"] == "both ends pinned"
    assert r"\pi^{2}" in row["latex"]
    assert "Gere" in row["source"]


def test_calculation_from_words() -> None:
    row = calc("structures", "stress", ["force_n=100 +- 5%", "area_mm2 = 100 ± 2"])
    assert row["outputs"] == {"stress_mpa": 1.0}
    assert row["uncertainty_rel"]["stress_mpa"] == pytest.approx((0.05**2 + 0.02**2) ** 0.5, rel=1e-6)


@pytest.mark.parametrize(
    "words",
    [
        ["force_n"],
        ["force_n=x"],
        ["force_n=1", "force_n=2"],
        ["force_n=1e", "area_mm2=1"],
        ["force_n=0 +- 1", "area_mm2=1"],
    ],
)
def test_words_that_are_no_assignments_are_refused(words: list[str]) -> None:
    with pytest.raises(BadQuantity) as caught:
        calc("structures", "stress", words)
    assert caught.value.next_action


def test_constants_are_listed_with_their_bodies() -> None:
    gravity = {row["body"]: row["value"] for row in list_constants() if row["name"] == "g"}
    assert gravity[""] == 9.80665
    assert gravity["mars"] == 3.71
    assert all(row["source"] for row in list_constants())


def _kernel(tmp_path: Path, equation: str) -> PhysicsKernel:
    (tmp_path / "constants.yaml").write_text("constants: {g: {value: 9.8, unit: m/s^2, meaning: g, source: x}}")
    folder = tmp_path / "toys"
    folder.mkdir()
    (folder / "toys.yaml").write_text("domain: toys\ntitle: Toys\nequations:\n" + equation)
    return PhysicsKernel(tmp_path)


GOOD = """  fall:
    title: Fall
    inputs: {time_s: {is: Time, bound: '>= 0'}}
    constants: {g: g}
    outputs: {distance_m: {is: Distance, expr: g*time**2/2}}
    source: {author: Galilei}
    uncertainty: {rel: 0.0}
"""


def test_a_new_equation_is_a_few_lines_of_data(tmp_path: Path) -> None:
    kernel = _kernel(tmp_path, GOOD)
    assert kernel.calculate("toys", "fall", time_s=2)["distance_m"] == pytest.approx(19.6)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("g*time**2/2", "g*tme**2/2", "tme"),
        ("g*time**2/2", "g*time**", "not readable"),
        ("g*time**2/2", "open(time)", "unknown function"),
        ("bound: '>= 0'", "bound: 'about 3'", "bound"),
        ("constants: {g: g}", "constants: {time: g}", "more than once"),
        ("title: Fall", "colour: red\n    title: Fall", "colour"),
        ("source: {author: Galilei}", "source: nobody", "nobody"),
        ("title: Fall", "titel: Fall", "titel"),
    ],
)
def test_a_faulty_entry_is_named_with_its_file(tmp_path: Path, old: str, new: str, says: str) -> None:
    kernel = _kernel(tmp_path, GOOD.replace(old, new))
    with pytest.raises(BadData, match=says) as caught:
        kernel.calculate("toys", "fall", time_s=2)
    assert "toys.yaml: toys.fall" in caught.value.message


def test_an_unknown_constant_is_refused(tmp_path: Path) -> None:
    kernel = _kernel(tmp_path, GOOD.replace("{g: g}", "{g: gg@krypton}"))
    with pytest.raises(UnknownEquation):
        kernel.calculate("toys", "fall", time_s=2)
