"""Rows for the command line, and faulty data files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.physics.errors import BadData, BadQuantity, UnknownEquation
from backend.physics.kernel import PhysicsKernel, get_physics_kernel
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
    ("equation", "words", "exact"),
    [
        (
            "structures.compression_spring",
            "force_n=100 wire_diameter_mm=2 mean_diameter_mm=16 active_coils=8 shear_modulus_mpa=79300",
            {"spring_index", "wahl_factor"},
        ),
        (
            "fluids.pipe_pressure_drop",
            "volume_flow_m3_s=1e-3 diameter_mm=25 length_m=10 roughness_mm=0.045 density_kg_m3=998 viscosity_pa_s=1e-3",
            {"velocity_m_s", "reynolds"},
        ),
        ("vibration.tuned_mass_damper", "mass_kg=1000 frequency_hz=1 mass_ratio=0.05", {"damper_mass_kg"}),
        (
            "structures.beam_cantilever_end_load",
            "force_n=100 length_mm=500 youngs_modulus_mpa=70000 second_moment_mm4=1e4",
            {"moment_n_mm"},
        ),
    ],
)
def test_a_definition_carries_no_uncertainty_of_the_model(equation: str, words: str, exact: set[str]) -> None:
    found = calc(*equation.split("."), words.split())["uncertainty_rel"]
    assert {key for key, spread in found.items() if spread == 0} == exact
    assert all(found[key] > 0 for key in found.keys() - exact)


def test_a_definition_carries_the_uncertainty_of_its_inputs() -> None:
    words = ["wire_diameter_mm=2 +- 1%", "mean_diameter_mm=16 +- 2%"]
    words += ["force_n=100", "active_coils=8", "shear_modulus_mpa=79300"]
    found = calc("structures", "compression_spring", words)["uncertainty_rel"]
    assert found["spring_index"] == pytest.approx((0.01**2 + 0.02**2) ** 0.5, rel=1e-6)
    # k ~ d^4/D^3, and 5 % of the model beside it
    assert found["rate_n_per_mm"] == pytest.approx((0.04**2 + 0.06**2 + 0.05**2) ** 0.5, rel=1e-6)


def test_a_search_finds_whole_words_and_titles_first() -> None:
    found = list_equations(search="heat")
    assert "wheatstone_bridge" not in {row["equation"] for row in found}
    near = ["heat" in f"{row['domain']} {row['equation']} {row['title']}".lower() for row in found]
    assert near == sorted(near, reverse=True)  # those that only mention it among their quantities come last
    assert near[0]
    assert not near[-1]
    assert list_equations(search="heat sink")[0]["equation"] == "heat_sink_natural"
    assert list_equations(search="bolts") == list_equations(search="bolt")  # the plural is the same word
    assert "wheatstone_bridge" in {row["equation"] for row in list_equations(search="wheatst")}  # no whole word has it
    assert list_equations(search="zzzz") == []


def test_an_input_may_have_another_name_and_words() -> None:
    air = ["surface_temp_c=165", "ambient_temp_c=23", "expansion_1_k=0.002725", "kinematic_viscosity_m2_s=22.8e-6"]
    air += ["conductivity_w_m_k=0.0313", "prandtl=0.697"]
    named = calc("heat_transfer", "horizontal_cylinder_natural", [*air, "diameter_mm=100"])
    assert named["outputs"] == calc("heat_transfer", "horizontal_cylinder_natural", [*air, "length_m=0.1"])["outputs"]
    with pytest.raises(BadQuantity, match="twice"):
        calc("heat_transfer", "horizontal_cylinder_natural", [*air, "diameter_m=0.1", "length_m=0.1"])
    (length,) = [
        q for q in describe("heat_transfer", "horizontal_cylinder_natural")["inputs"] if q["key"] == "length_m"
    ]
    assert (length["meaning"], length["also"]) == ("Diameter", ["diameter"])
    fit = calc("tolerance", "hole_basis_fit", ["size_mm=25", "hole_grade=7", "shaft_letter=g", "shaft_grade=6"])
    assert fit["outputs"]["clearance_max_um"] == pytest.approx(41)  # 25 H7/g6: 7 to 41 um
    with pytest.raises(BadQuantity) as caught:
        calc("tolerance", "hole_basis_fit", ["size_mm=25", "hole_grade=7", "shaft_letter=k", "shaft_grade=6"])
    assert "g (7)" in caught.value.next_action


def test_only_outputs_are_exact() -> None:
    kernel = get_physics_kernel()
    marked = [(e.name, q.key) for e in kernel.list() for q in e.outputs if q.exact]
    assert len(marked) > 60
    # never all of them: such an equation has a model uncertainty that nobody uses
    assert [e.name for e in kernel.list() if all(q.exact for q in e.outputs)] == []


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
        ("{is: Time,", "{is: Time, exact: true,", "exact"),
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
