"""Study files: quantities, places of errors, selectors on a table of faces. No solver, no kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.studies.errors import FaceSelectionError, StudyFileError
from backend.studies.quantities import parse_quantity
from backend.studies.reading import parse_study, read_study
from backend.studies.schema_result import Probe
from backend.studies.selectors import Criteria, Faces

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "suffix", "value"),
    [
        ("300 lbf", "n", 300 * 4.4482216152605),
        ("3 mm", "mm", 3.0),
        ("1 in", "mm", 25.4),
        ("10 MPa", "mpa", 10.0),
        ("10 N/mm^2", "mpa", 10.0),
        ("1 kN m", "n_mm", 1e6),
        ("5 Nm", "n_mm", 5e3),
        ("10 W/(m^2 K)", "w_m2_k", 10.0),
        ("10 W/(m²·K)", "w_m2_k", 10.0),
        ("10 W/m2/K", "w_m2_k", 10.0),
        ("212 degF", "c", 100.0),
        ("373.15 K", "c", 100.0),
        ("20 °C", "c", 20.0),
        ("2 g", "m_s2", 2 * 9.80665),
        ("60 rpm", "rad_s", 6.283185307179586),
        ("1e-3 1/K", "1_k", 1e-3),
        ("2 %", "", 0.02),
        (0.3, "", 0.3),
    ],
)  # fmt: skip
def test_a_quantity_is_read_in_its_unit(text: Any, suffix: str, value: float) -> None:
    assert parse_quantity(text, suffix) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "suffix", "words"),
    [
        (3, "mm", "without a unit"),
        ("3", "mm", "without a unit"),
        ("3 lb", "n", "write 'lbf'"),
        ("3 kg", "n", "write 'kgf'"),
        ("1e999 N", "n", "finite"),
        ("1e308 GPa", "mpa", "finite"),
        (float("inf"), "n", "finite"),
        ("3 mN m", "mm", "not known"),
        ("abc", "mm", "expected a number"),
        (True, "mm", "expected a quantity"),
        (float("nan"), "", "finite"),
        ("3 MPa", "n", "not of the kind"),
        ("3 N/mm3", "mpa", "not of the kind"),
        ("3 MPa", "n_mm3", "not of the kind"),
    ],
)
def test_a_quantity_that_is_none_says_what_was_expected(text: Any, suffix: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_quantity(text, suffix)


def test_millinewton_is_no_meganewton() -> None:
    assert parse_quantity("1 MN", "n") == pytest.approx(1e6)
    assert parse_quantity("1 mN", "n") == pytest.approx(1e-3)


STUDY = """
title: t
model: a.kcl
analysis: {type: static}
material: aluminium 6061-T6
supports:
  - {type: fixed, faces: wall}
loads:
  - type: force
    faces: {normal: +Z, at: max}
    force: 300 lbf
    direction: -Z
"""


# Seven lines of ten aliases each: ten million values.
BOMB = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 8))


def problem(text: str, tmp_path: Path) -> str:
    """What is said about a study file with this text."""
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(StudyFileError) as caught:
        read_study(path)
    assert caught.value.next_action
    return caught.value.message


def test_the_place_the_line_and_the_likely_key_are_named(tmp_path: Path) -> None:
    said = problem(STUDY.replace("    force: 300", "    forse: 300"), tmp_path)
    assert "loads[0].forse is not known; did you mean 'force'? (line 11)" in said
    said = problem(STUDY.replace("normal: +Z", "nromal: +Z"), tmp_path)
    assert "loads[0].faces.nromal is not known; did you mean 'normal'?" in said
    said = problem(STUDY.replace("type: force", "type: froce"), tmp_path)
    assert "did you mean 'force'?" in said
    assert "supports[0]" in problem(STUDY.replace("{type: fixed, faces: wall}", "{type: fixed}"), tmp_path)


PROBE = STUDY + "results:\n  - {type: probe, at: [0 mm, 0 mm, 0 mm], quantity: QUANTITY, LIMIT}\n"


def test_a_probes_limit_is_of_its_quantitys_kind(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(PROBE.replace("QUANTITY", "displacement_z").replace("LIMIT", "at_least: -1 cm, at_most: 0.5 mm"))
    (probe,) = read_study(path).results
    assert isinstance(probe, Probe)
    assert (probe.at_least, probe.at_most) == (-10.0, 0.5)
    said = problem(PROBE.replace("QUANTITY", "principal_1").replace("LIMIT", "at_most: 3 mm"), tmp_path)
    assert "results[0].at_most is '3 mm', which is not of the kind MPa" in said
    assert "displacement_x" in problem(
        PROBE.replace("QUANTITY", "sideways").replace("LIMIT", "at_most: 3 mm"), tmp_path
    )


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    said = problem(STUDY.replace("300 lbf", "300 lb").replace("title: t", "titel: t"), tmp_path)
    for words in ("title is missing", "titel is not known", "'lb' is a mass"):
        assert words in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no mapping"),
        ("title: [", "not readable YAML"),
        (STUDY + "title: again\n", "given twice"),
        ("a: &a [*a]", "an alias holds itself"),
        ("[" * 3000 + "]" * 3000, "nested too deeply"),
        (BOMB, "more than 20000 values"),
        (STUDY.replace("analysis: {type: static}", "analysis: static"), "analysis is 'static'; expected keys"),
        (STUDY + "results:\n  - {type: frequency, at_least: 10 Hz}\n", "which modal studies give; this one is static"),
        (
            "title: t\nmodel: a.kcl\nanalysis: {type: modal, modes: 3}\nmaterial: x\n"
            "results: [{type: frequency, mode: 4}]\n",
            "mode 4 and finds 3",
        ),
        (STUDY.replace("type: static", "type: modal"), "loads have no effect"),
        (STUDY.replace("supports:\n  - {type: fixed, faces: wall}\n", ""), "has no supports"),
        (STUDY.replace("material: aluminium 6061-T6", ""), "needs either 'material'"),
    ],
)
def test_a_file_that_is_no_study_is_refused_in_words(text: str, words: str, tmp_path: Path) -> None:
    assert words in problem(text, tmp_path)


def test_the_studies_that_are_shipped_can_be_read() -> None:
    paths = [*(ROOT / "docs" / "examples").rglob("*.yaml"), *(ROOT / "tests" / "benchmarks" / "studies").glob("*.yaml")]
    assert len(paths) >= 11
    for path in paths:
        assert read_study(path).title


def face(index: int, **more: Any) -> dict[str, Any]:
    """A face's row; a flat one that looks up unless said otherwise."""
    row = {
        "index": index, "solids": [0], "surface": "plane", "area_mm2": 100.0, "centroid_mm": [0.0, 0.0, 10.0],
        "normal": [0.0, 0.0, 1.0], "radius_mm": None, "axis": None, "hole": None,
        "low": [-5.0, -5.0, 10.0], "high": [5.0, 5.0, 10.0],
    }  # fmt: skip
    return {**row, **more}


ROWS = [
    face(0),
    face(1, centroid_mm=[0.0, 0.0, 5.0], low=[-9.0, -5.0, 5.0], high=[-5.0, 5.0, 5.0], area_mm2=40.0),
    face(2, normal=[0.0, 0.0, -1.0], centroid_mm=[0.0, 0.0, 0.0], low=[-9.0, -5.0, 0.0], high=[5.0, 5.0, 0.0]),
    face(
        3, surface="cylinder", normal=None, radius_mm=3.3, axis=[0.0, 0.0, 1.0], hole=True, solids=[0, 1],
        low=[-3.3, -3.3, 0.0], high=[3.3, 3.3, 10.0], centroid_mm=[0.0, 0.0, 5.0], area_mm2=207.3,
    ),
    face(
        4, surface="cylinder", normal=None, radius_mm=3.3, axis=[1.0, 0.0, 0.0], hole=False, solids=[1],
        low=[20.0, -3.3, 0.0], high=[30.0, 3.3, 6.6], centroid_mm=[25.0, 0.0, 3.3], area_mm2=207.3,
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("top", [0]),
        ("{normal: +Z}", [0, 1]),
        ("{normal: +Z, at: max}", [0]),
        ("{normal: +Z, at: min}", [1]),
        ("{normal: +Z, at: 5 mm}", [1]),
        ("{normal: -Z, at: min}", [2]),
        ("{normal: -Z, at: 0 mm}", [2]),
        ("{plane: Z}", [0, 1, 2]),
        ("{plane: Z, at: 0 mm}", [2]),
        ("{cylinder: {radius: 3.3 mm}}", [3, 4]),
        ("{cylinder: {diameter: 6.6 mm, axis: Z}}", [3]),
        ("{cylinder: {inside: false}}", [4]),
        ("{cylinder: {at: [0 mm, 0 mm, 99 mm], axis: Z}}", [3]),
        ("{area: 40 mm2}", [1]),
        ("{area: {at_least: 200 mm2}}", [3, 4]),
        ("{body: 1, surface: cylinder}", [3, 4]),
        ("{near: [-7 mm, 0 mm, 5.2 mm]}", [1]),
        ("{box: [[-10 mm, -6 mm, -1 mm], [6 mm, 6 mm, 6 mm]]}", [1, 2]),
        ("{surface: plane, not: top}", [1, 2]),
        ("{index: [2, 4]}", [2, 4]),
        ("{all: true}", [0, 1, 2, 3, 4]),
        ("[top, {cylinder: {axis: X}}]", [0, 4]),
    ],
)
def test_a_selector_finds_its_faces(selector: str, found: list[int]) -> None:
    text = STUDY.replace("{normal: +Z, at: max}", selector)
    chosen = parse_study(yaml.safe_load(text)).loads[0]
    faces = Faces(ROWS, {"top": [0]}, None)
    assert faces.select(chosen.faces, "loads[0].faces") == found  # type: ignore[union-attr]
    assert faces.found[-1]["count"] == len(found)


def test_a_selector_that_finds_nothing_lists_what_there_is() -> None:
    faces = Faces(ROWS, {"top": [0]}, None)
    with pytest.raises(FaceSelectionError) as caught:
        faces.select(Criteria(name="tpo"), "loads[0].faces")
    assert "Did you mean 'top'?" in caught.value.message
    assert "Named faces: top (1)" in caught.value.next_action
    assert "cylinder of radius 3.3 mm" in caught.value.next_action
    with pytest.raises(FaceSelectionError, match=r"\[9\]"):
        faces.select(Criteria(index=9), "loads[0].faces")


def test_faces_of_other_bodies_are_not_found() -> None:
    assert Faces(ROWS, {}, [1]).select(Criteria(surface="cylinder"), "x") == [3, 4]
    assert Faces(ROWS, {}, [0]).select(Criteria(surface="cylinder"), "x") == [3]
