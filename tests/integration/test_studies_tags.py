"""Faces chosen by the tags of a KCL program: of segments, of the caps of an extrusion, after a cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.compute import get_pool
from backend.errors import InputError
from backend.studies.errors import FaceSelectionError
from backend.studies.model import Model, load_model
from backend.studies.schema import StudyFile
from backend.studies.selectors import Faces, tags_in

PROGRAM = """
@settings(defaultLengthUnit = mm)
// $ghost is only a remark
plate = startSketchOn(XY)
  |> startProfile(at = [0, 0])
  |> line(end = [40, 0], tag = $outer)
  |> line(end = [0, 20])
  |> line(end = [-40, 0])
  |> close(tag = $left)
  |> extrude(length = 10, tagStart = $foot, tagEnd = $crown)
drill = startSketchOn(XY)
  |> circle(center = [20, 10], radius = 4, tag = $bore)
  |> extrude(length = 10)
drilled = subtract(plate, tools = drill)
"""


def compiled(folder: Path, tags: set[str], program: str = PROGRAM) -> Model:
    (folder / "part.kcl").write_text(program, encoding="utf-8")
    return load_model(folder / "part.kcl", folder / "out", get_pool(), tags=tags)


def test_tags_lead_to_their_faces(tmp_path: Path) -> None:
    model = compiled(tmp_path, {"outer", "left", "foot", "crown", "bore"})
    faces = Faces(model.faces, model.names, None)

    def centre(selector: object) -> list[list[float]]:
        study = StudyFile.model_validate(study_of(selector))
        rows = faces.select(study.supports[0].faces, "supports[0]")
        return [[round(c, 6) for c in model.faces[i]["centroid_mm"]] for i in rows]

    assert centre("$outer") == [[20, 0, 5]]
    assert centre({"tag": "left"}) == [[0, 10, 5]]
    assert centre({"tag": "foot"})[0][2] == 0
    assert centre({"tag": "crown"})[0][2] == 10
    assert [model.faces[i]["surface"] for i in model.names["$bore"]] == ["cylinder"]
    with pytest.raises(FaceSelectionError, match="finds no face"):
        centre({"tag": "crown", "normal": "-Z"})


def study_of(selector: object) -> dict[str, object]:
    return {
        "title": "t", "model": "part.kcl", "material": "6061-T6", "analysis": {"type": "static"},
        "supports": [{"type": "fixed", "faces": selector}],
        "loads": [{"type": "pressure", "faces": [{"tag": "crown", "not": "$bore"}], "pressure": "1 MPa"}],
        "results": [{"type": "displacement", "faces": "wall"}],
    }  # fmt: skip


def test_a_study_tells_which_tags_it_needs() -> None:
    assert tags_in(StudyFile.model_validate(study_of("$outer"))) == {"outer", "crown", "bore"}
    assert tags_in(StudyFile.model_validate(study_of("outer"))) == {"crown", "bore"}


def test_a_tag_that_isnt_declared_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"declares no tag \$ghost") as refused:
        compiled(tmp_path, {"ghost"})
    assert "$bore" in str(refused.value.next_action)
    with pytest.raises(InputError, match="imports other files"):
        compiled(tmp_path, {"outer"}, 'import "other.kcl" as other\n' + PROGRAM)
