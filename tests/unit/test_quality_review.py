"""The quality review: a whole package passes, and every kind of tampering is caught by the comparison meant for it."""

import copy
import shutil
from pathlib import Path

import pytest

from backend.agents.document_agent import write_files
from backend.agents.quality_review_agent import manifest_of, review_package
from backend.agents.verification_agent import verify
from backend.artifacts import sha256_file
from backend.manufacturing.bom import bill_of_materials
from backend.report.review import set_review
from backend.schema import Check, Requirement, Status, new_state

REQUIREMENTS = [
    {
        "id": "safety_factor",
        "kind": "safety_factor",
        "statement": "safety factor 1.2",
        "origin": "brief",
        "quantity": {"value": 1.2, "unit": "1", "origin": "brief"},
        "sense": ">=",
    }
]
PROGRAM = "@settings(defaultLengthUnit = mm)\nwidth = 10 // a < b & c\n"


@pytest.fixture
def package(tmp_path):
    """A package of a cube of 1 cm³ of steel, written by the agents that write every package."""
    made = tmp_path / "made"
    made.mkdir()
    for kind in ("step", "stl", "glb"):
        (made / f"model.{kind}").write_text(f"{kind} of the cube")
    checks = [Check(id="fe", title="FE", status=Status.PASS, value=1.5, limit=1.2, requirement_id="safety_factor")]
    state = new_state("p", "a cube of steel")
    box = {"min": [0, 0, 0], "max": [10, 10, 10]}
    state["geometry"].update(
        kcl_code=PROGRAM,
        mass_properties={"mass_g": 7.85},
        compiled={
            "volume_mm3": 1000.0,
            "area_mm2": 600.0,
            "center_of_mass_mm": [5, 5, 5],
            "bounding_box_mm": box,
            "solids": 1,
            "valid": True,
            "bodies": [],
            "diagnostics": [],
            "files": {kind: str(made / f"model.{kind}") for kind in ("step", "stl", "glb")},
        },
    )
    state["design"]["design_scheme"] = {
        "family": "plate",
        "material": "steel_s235",
        "parameters": {},
        "mass_g": {"value": 7.85, "unit": "g", "origin": "sized"},
    }
    state["manufacturing"]["bom_analysis"] = bill_of_materials(
        [{"part": "cube", "mass_g": 7.85, "made": True, "material": "aluminium_6061_t6"}]
    )
    required = [Requirement.model_validate(item) for item in REQUIREMENTS]
    state["validation"]["verification_report"] = verify(required, checks).model_dump(mode="json")
    files, missing = write_files(dict(state), tmp_path / "out", {})
    assert missing == {}
    sources = {kind: sha256_file(path) for kind, path in state["geometry"]["compiled"]["files"].items()}
    return {
        "state": state,
        "requirements": REQUIREMENTS,
        "files": files,
        "manifest": manifest_of(files),
        "sources": sources,
        "reread": {
            "volume_mm3": 1000.0000001,
            "center_of_mass_mm": [5, 5, 5],
            "bounding_box_mm": box,
            "solids": 1,
            "valid": True,
        },
    }


def failed(review):
    return {check["id"].removeprefix("review_") for check in review["checks"] if check["status"] == "fail"}


def test_a_whole_package_passes(package):
    review = review_package(**package)
    assert (review["status"], failed(review)) == ("pass", set())
    assert review["files"]["step"]["sha256"] == sha256_file(package["files"]["step"])


@pytest.mark.parametrize("kind", ["kcl", "step", "stl", "glb", "bom", "report"])
def test_a_byte_changed_after_writing_is_caught_in_any_file(package, kind):
    path = Path(package["files"][kind])
    path.write_bytes(path.read_bytes() + b" ")
    review = review_package(**package)
    assert review["status"] == "fail"
    assert "files" in failed(review)
    assert path.name in review["summary"]


@pytest.mark.parametrize("kind", ["kcl", "step", "bom", "report"])
def test_a_file_that_is_gone_or_empty_is_caught(package, kind):
    path = Path(package["files"][kind])
    path.write_bytes(b"")
    assert "files" in failed(review_package(**package))
    path.unlink()
    assert "files" in failed(review_package(**package))
    del package["files"][kind]
    assert "files" in failed(review_package(**package))  # what was written is no longer named


def test_another_model_than_the_proven_one_is_caught_though_its_hash_was_noted(package):
    Path(package["files"]["step"]).write_text("step of another cube")
    package["manifest"] = manifest_of(package["files"])
    assert failed(review_package(**package)) == {"model"}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"volume_mm3": 1000.01}, "volume 1000.01 mm³, recorded 1000 mm³"),
        ({"solids": 2}, "2 bodies, recorded 1"),
        ({"valid": False}, "not valid"),
        ({"bounding_box_mm": {"min": [0, 0, 0], "max": [10, 10, 10.001]}}, "0.001 mm off"),
        ({"center_of_mass_mm": [5, 5.01, 5]}, "0.01 mm off"),
    ],
)
def test_a_step_file_that_gives_another_solid_back_is_caught(package, found, words):
    review = review_package(**{**package, "reread": {**package["reread"], **found}})
    assert failed(review) == {"step"}
    assert words in review["summary"]


def test_a_step_file_that_cannot_be_read_fails_and_a_worker_that_broke_down_does_not(package):
    review = review_package(**{**package, "reread": {"error": "no STEP file", "file": True}})
    assert (review["status"], failed(review)) == ("fail", {"step"})
    review = review_package(**{**package, "reread": {"error": "stopped after 60 s", "file": False}})
    assert (review["status"], failed(review)) == ("not verified", set())
    assert "STEP file read back" in review["summary"]


def test_another_program_is_caught_in_the_file_and_in_the_dossier(package):
    package["state"]["geometry"]["kcl_code"] = PROGRAM.replace("10", "11")
    review = review_package(**package)
    assert failed(review) == {"kcl"}
    assert "the dossier prints another program" in review["summary"]


@pytest.mark.parametrize(
    ("change", "caught"),
    [
        (lambda s: s["geometry"]["mass_properties"].update(mass_g=8.5), {"mass"}),
        (lambda s: s["geometry"]["compiled"].update(volume_mm3=1001.0), {"mass", "step"}),
        (lambda s: s["geometry"]["compiled"].update(bodies=[{"volume_mm3": 500.0}]), {"mass"}),
        (lambda s: s["manufacturing"]["bom_analysis"]["lines"][0].update(quantity=2), {"bom"}),
        (lambda s: s["design"].update(design_parameters={"width": {"value": 10.0, "unit": ""}}), {"units"}),
        (lambda s: s["design"].update(intent={"limits": [{"id": "mass", "statement": "lighter"}]}), {"requirements"}),
        (lambda s: s["validation"]["verification_report"]["checks"][0].update(status="fail"), {"requirements"}),
    ],
)
def test_records_that_disagree_are_caught(package, change, caught):
    package["state"] = copy.deepcopy(package["state"])
    change(package["state"])
    assert failed(review_package(**package)) == caught


def test_a_requirement_said_to_be_not_verified_is_told_and_not_hidden(package):
    package["requirements"] = [*REQUIREMENTS, {"id": "mass", "kind": "mass", "statement": "light", "origin": "brief"}]
    assert failed(review_package(**package)) == {"requirements"}
    required = [Requirement.model_validate(item) for item in package["requirements"]]
    held = [Check.model_validate(c) for c in package["state"]["validation"]["verification_report"]["checks"]]
    package["state"]["validation"]["verification_report"] = verify(required, held).model_dump(mode="json")
    review = review_package(**package)
    assert failed(review) == set()
    assert "not verified: light" in review["warnings"]


def test_without_files_nothing_passes(package):
    review = review_package(**{**package, "files": {}, "manifest": {}})
    assert review["status"] == "not verified"


def test_the_review_is_set_into_the_dossier_any_number_of_times_without_changing_the_rest(package):
    path = Path(package["files"]["report"])
    shutil.copy(path, path.with_suffix(".before"))
    review = review_package(**package)
    assert set_review(path, review)
    once = path.read_bytes()
    assert b"Quality review: 8 of 8 comparisons agree" in once
    assert set_review(path, review)
    assert path.read_bytes() == once
    assert review_package(**package)["status"] == "pass"  # a review done again, after a crash, finds the same package
