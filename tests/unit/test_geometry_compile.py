"""What becomes of the engine's answer and of its errors on the way to a user."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.engine.errors import EngineError
from backend.errors import CompileError, InputError, TaskError
from backend.geometry.compile import compile_error, compile_kcl, compile_project

BOX = {"min": [0, 0, 0], "max": [1, 2, 3]}
RESULT = {
    "volume_mm3": 6.0,
    "area_mm2": 22.0,
    "center_of_mass_mm": [0.5, 1.0, 1.5],
    "bounding_box_mm": BOX,
    "solids": 1,
    "valid": True,
    "bodies": [],
    "named_faces": [],
    "files": {"step": "x.step"},
    "timings_s": {"total": 0.1},
    "diagnostics": [],
    "commands": 17,
    "mass_g": 0.05,
}
CODE = "width = 3\nbody = extrude(\n  p, length = 1)\n"


class Pool:
    """Stands for the worker pool: notes the call, answers or raises."""

    def __init__(self, answer=None):
        self.answer = answer if answer is not None else RESULT
        self.calls = []

    async def run(self, target, payload, **limits):
        self.calls.append((target, payload, limits))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_code_goes_to_the_geometry_workers_and_comes_back_typed(tmp_path):
    pool = Pool()
    model = await compile_kcl(CODE, tmp_path, pool, exports=["step"], density_kg_m3=2700, timeout_s=5)
    assert (model.volume_mm3, model.solids, model.files) == (6.0, 1, {"step": "x.step"})
    ((target, payload, limits),) = pool.calls
    assert target == "backend.engine.run:run_project"
    assert payload["code"] == CODE
    assert payload["exports"] == ["step"]
    assert payload["density_kg_m3"] == 2700
    assert limits["kind"] == "geometry"
    assert limits["timeout_s"] > payload["timeout_s"] == 5


async def test_the_whole_answer_is_there_for_the_command_line(tmp_path):
    result = await compile_project(CODE, tmp_path, pool=Pool())
    assert (result["mass_g"], result["commands"]) == (0.05, 17)


async def test_a_path_is_sent_as_a_path(tmp_path):
    file = tmp_path / "main.kcl"
    file.write_text(CODE)
    pool = Pool()
    await compile_kcl(file, tmp_path / "out", pool)
    assert pool.calls[0][1]["path"] == str(file.resolve())
    assert "code" not in pool.calls[0][1]


async def test_what_is_missing_or_empty_is_refused_before_any_work(tmp_path):
    pool = Pool()
    with pytest.raises(InputError, match="does not exist"):
        await compile_kcl(tmp_path / "none.kcl", tmp_path, pool)
    with pytest.raises(InputError, match="empty"):
        await compile_kcl("  \n", tmp_path, pool)
    assert pool.calls == []


async def test_an_engine_error_gets_place_frame_and_next_action(tmp_path):
    failure = EngineError(
        "fillet of size 20 mm failed", "bad_request", {"file": "<code>", "line": 2, "column": 8}, "solid3d_cut_edges"
    )
    with pytest.raises(CompileError) as caught:
        await compile_kcl(CODE, tmp_path, Pool(failure))
    error = caught.value
    assert str(error) == "fillet of size 20 mm failed (line 2)"
    assert "Change the sizes" in error.next_action
    assert error.exit_code == 2
    assert error.details["command"] == "solid3d_cut_edges"
    assert error.details["frame"].splitlines()[1:3] == ["> 2 | body = extrude(", "    |        ^"]


def test_the_frame_comes_from_the_file_that_the_error_names(tmp_path):
    (tmp_path / "main.kcl").write_text("import 'part.kcl' as part\n")
    (tmp_path / "part.kcl").write_text("a = 1\nb = (\n")
    error = compile_error(EngineError("bad", "kcl_failed", {"file": "part.kcl", "line": 2, "column": 5}), tmp_path)
    assert str(error) == "bad (line 2 of part.kcl)"
    assert "> 2 | b = (" in error.details["frame"]


def test_a_name_that_leads_outside_the_project_shows_nothing_of_it(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("password")
    project = tmp_path / "project"
    project.mkdir()
    (project / "main.kcl").write_text("a = 1\n")
    found = compile_error(EngineError("bad", "kcl_failed", {"file": "../secret.txt", "line": 1, "column": 1}), project)
    assert "password" not in found.details["frame"]


def test_an_error_without_place_is_passed_on_with_its_words():
    error = compile_error(EngineError("KCL UndefinedValue error undefined value: `foo`", "kcl_failed"), Path("x.kcl"))
    assert str(error) == "undefined value: `foo`"
    assert error.details["frame"] == ""


async def test_a_worker_that_had_to_be_ended_is_not_disguised(tmp_path):
    with pytest.raises(TaskError, match="too long"):
        await compile_kcl(CODE, tmp_path, Pool(TaskError("too long", code="task_timeout")))
