"""What a program may import: files of its own project, and nothing else. No kernel is needed to refuse."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest

from backend.engine.errors import EngineError
from backend.engine.run import _project, imported, run_project


def refusal(request: dict[str, object]) -> EngineError:
    with pytest.raises(EngineError) as caught:
        _project(request)
    return caught.value


@pytest.mark.parametrize("target", ["../secret.step", "/etc/passwd", "a/../../b.kcl", "C:\\\\x.step", "~/x.stl"])
def test_an_import_that_leads_out_of_the_project_is_refused_at_its_line(tmp_path: Path, target: str) -> None:
    (tmp_path / "main.kcl").write_text(f'x = 1\nimport "{target}" as thing\n')
    error = refusal({"path": str(tmp_path)})
    assert error.code == "confined"
    assert error.source == {"file": "main.kcl", "line": 2, "column": 9}


@pytest.mark.parametrize(
    "hidden",
    [
        '/* a note */ import "../secret.step" as thing\n',
        'import\n  a,\n  b as c\n  from "../other.kcl"\n',
        'x = 1 import * from "../other.kcl"\n',
        'export import "../other.kcl" as o\n',
        "import '../secret.step' as thing\n",
    ],
)
def test_no_way_of_writing_an_import_hides_it(tmp_path: Path, hidden: str) -> None:
    (tmp_path / "main.kcl").write_text(hidden)
    assert refusal({"path": str(tmp_path)}).code == "confined"


def test_what_only_looks_like_an_import_is_none() -> None:
    text = '// import "../a.step"\n/* import "../b.step" */\nx = "import"\ny = "a" // "\nimportant = 1\n'
    assert imported(text) == []
    assert [path for _, path in imported(text + 'import x, y as z from "c.kcl"\n')] == ["c.kcl"]


def test_a_buffer_beside_a_gltf_that_leads_out_is_refused(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (project / "part.gltf").write_text("{}")
    (project / "part.bin").symlink_to(tmp_path / "secret")
    (project / "main.kcl").write_text('import "part.gltf" as part\n')
    error = refusal({"path": str(project)})
    assert error.code == "confined"
    assert "'part.bin'" in error.message


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.step"
    outside.write_text("ISO-10303-21;")
    project = tmp_path / "project"
    project.mkdir()
    (project / "inside.step").symlink_to(outside)
    (project / "main.kcl").write_text('import "inside.step" as part\n')
    assert refusal({"path": str(project)}).code == "confined"


def test_an_import_inside_a_module_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "main.kcl").write_text('import part from "part.kcl"\n')
    (tmp_path / "part.kcl").write_text('import "../other.step" as other\nexport part = 1\n')
    error = refusal({"path": str(tmp_path / "main.kcl")})
    assert error.code == "confined"
    assert error.source is not None
    assert error.source["file"] == "part.kcl"


def test_only_the_projects_own_models_may_arrive_at_the_engine(tmp_path: Path) -> None:
    (tmp_path / "part.step").write_bytes(b"ISO-10303-21;")
    (tmp_path / "main.kcl").write_text('import "part.step" as part\nimport "std::math" as m\n')
    entry, own = _project({"path": str(tmp_path)})
    assert entry == tmp_path / "main.kcl"
    assert own == {hashlib.sha256(b"ISO-10303-21;").hexdigest()}


def test_code_alone_imports_nothing() -> None:
    assert refusal({"code": 'import "part.kcl" as part'}).code == "confined"
    assert _project({"code": "x = 1"}) == (None, frozenset())


def test_a_program_too_large_is_refused() -> None:
    assert refusal({"code": "// " + "x" * 5_000_000}).code == "confined"


def test_a_missing_file_and_an_empty_request_say_what_is_wrong(tmp_path: Path) -> None:
    assert "no KCL file" in refusal({"path": str(tmp_path)}).message
    with pytest.raises(EngineError, match="either 'path' or 'code'"):
        run_project({})


def test_an_engine_error_survives_the_way_between_processes() -> None:
    error = EngineError("no", code="confined", source={"file": "a", "line": 1, "column": 2}, command="extrude")
    copy = pickle.loads(pickle.dumps(error))
    assert copy.as_dict() == error.as_dict()
