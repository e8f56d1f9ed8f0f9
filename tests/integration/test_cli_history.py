"""``./brick log | diff | undo | redo | fork | name | change``: what was designed on this machine, as a tree."""

import asyncio
import json
import re
import sys

import pytest
from typer.testing import CliRunner

from backend.cli import app
from backend.config.settings import get_settings
from backend.errors import BrickError
from backend.orchestrator import run_design
from tests.integration.scripted import BRACKET, install
from tests.integration.test_api import Document


@pytest.fixture
def agents(monkeypatch, tmp_path):
    monkeypatch.setenv("BRICK_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    yield install(monkeypatch, DocumentAgent=Document())
    get_settings.cache_clear()


def design(tmp_path, brief=BRACKET, project="shelf"):
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    told = []
    asyncio.run(run_design(brief, out_dir=out, project_id=project, record=True, on_event=told.append))
    return told


def brick(*arguments, status=0):
    done = CliRunner().invoke(app, list(arguments))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == status, done.output
    return done.output


def as_json(*arguments):
    return json.loads(brick(*arguments, "--json"))


def test_a_design_is_a_revision_of_its_project(agents, tmp_path):
    told = design(tmp_path)
    assert [e["text"] for e in told if e["kind"] == "status"] == ["revision 1 of project shelf"]
    design(tmp_path, BRACKET.replace("300 lb", "250 lb"))
    found = as_json("log")
    assert found["project"]["id"] == "shelf"
    assert [(row["number"], row["label"].split(":")[0]) for row in found["revisions"]][1] == (2, "brief changed")
    assert found["head"] == found["revisions"][1]["id"]
    assert found["revisions"][1]["parent"] == found["revisions"][0]["id"]
    shown = brick("log")
    assert re.search(r"→\s+2\s+1\s", shown)
    assert [row["id"] for row in as_json("log", "--all")["projects"]] == ["shelf"]


def test_what_differs_is_shown(agents, tmp_path):
    design(tmp_path)
    design(tmp_path, BRACKET.replace("300 lb", "150 lb"))
    found = as_json("diff")
    assert found["parameters"]["load_force"]["new"] == pytest.approx(667.2, abs=0.1)
    assert found["parameters"]["thickness"]["new"] < found["parameters"]["thickness"]["old"]
    shown = brick("diff", "1", "2")
    assert "load force" in shown
    assert "-thickness = " in shown


def test_undo_restores_the_files_of_its_time(agents, tmp_path):
    design(tmp_path)
    first = (tmp_path / "out" / "design.json").read_text()
    design(tmp_path, BRACKET.replace("300 lb", "150 lb"))
    assert brick("undo", "--out", str(tmp_path / "back")).startswith("revision 1 of project shelf")
    assert sorted(path.name for path in (tmp_path / "back").iterdir()) == ["design.json", "model.glb", "report.html"]
    back = json.loads((tmp_path / "back" / "design.json").read_text())
    assert back["design"] == json.loads(first)["design"]
    assert str(tmp_path) not in json.dumps(back)
    assert brick("redo").startswith("revision 2")
    with pytest.raises(BrickError, match="nothing was undone"):
        brick("redo")
    assert brick("rewind", "1").startswith("revision 1")


def test_each_of_them_prints_one_object_where_that_is_asked_for(agents, tmp_path):
    assert brick("log", "--all").startswith("no project yet")
    design(tmp_path)
    design(tmp_path, BRACKET.replace("300 lb", "150 lb"))
    assert as_json("undo")["number"] == 1
    assert as_json("redo")["number"] == 2
    back = as_json("rewind", "1", "--out", str(tmp_path / "back"))
    assert "design.json" in back["files"]
    assert as_json("name", "strong", "1") == {"project_id": "shelf", "number": 1, "names": ["strong"]}
    assert as_json("name", "strong", "--remove")["removed"] == "strong"
    assert as_json("fork", "2", "--as", "light")["project_id"] == "light"
    with pytest.raises(BrickError, match="can't be the id of a project"):
        brick("fork", "2", "--project", "shelf", "--as", "not an id!")
    assert {row["id"] for row in as_json("log", "--all")["projects"]} == {"shelf", "light"}


def test_names_and_forks(agents, tmp_path):
    design(tmp_path)
    assert "is named the first" in brick("name", "the first", "1")
    assert brick("fork", "the first", "--as", "second").startswith("revision 1 of project second")
    assert as_json("log", "-p", "second")["revisions"][0]["label"] == "fork of shelf at 1"
    assert brick("name", "the first", "-p", "shelf", "--remove")
    with pytest.raises(BrickError, match="no revision 'the first'"):
        brick("diff", "the first", "1", "-p", "shelf")


def test_a_size_is_changed_without_words(agents, tmp_path):
    design(tmp_path)
    found = json.loads(brick("change", "thickness=12 mm", "--json"))
    assert found["parameters"]["thickness"]["new"] == 12
    assert [row["number"] for row in as_json("log")["revisions"]] == [1, 2]
    freed = json.loads(brick("change", "thickness=", "--json"))
    assert freed["parameters"]["thickness"]["old"] == 12
    with pytest.raises(BrickError) as caught:
        brick("change", "thickness=1 mm")
    assert caught.value.code == "no_feasible_design"
    with pytest.raises(BrickError, match="NAME=VALUE"):
        brick("change", "thickness")


def test_without_a_project_the_next_step_is_told(agents):
    with pytest.raises(BrickError, match="no project yet") as caught:
        brick("log")
    assert "./brick design" in caught.value.next_action


def test_a_history_that_cannot_be_written_leaves_the_design(agents, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("BRICK_DATA_DIR", str(blocked / "data"))
    get_settings.cache_clear()
    told = design(tmp_path)
    assert (tmp_path / "out" / "design.json").exists()
    (text,) = [e["text"] for e in told if e["kind"] == "status"]
    assert text.startswith("not recorded in the project's history: ")


def test_a_database_that_cannot_be_written_leaves_the_design(agents, tmp_path):
    import sqlite3

    design(tmp_path)
    with sqlite3.connect(tmp_path / "data" / "brick.db") as db:
        db.execute("CREATE TRIGGER full BEFORE INSERT ON revisions BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    told = design(tmp_path)
    (text,) = [e["text"] for e in told if e["kind"] == "status"]
    assert "not recorded" in text
    assert "disk full" in text
    assert [row["number"] for row in as_json("log")["revisions"]] == [1]


def test_the_history_costs_the_start_nothing():
    import subprocess

    names = "('sqlalchemy', 'langgraph', 'fastapi', 'pydantic')"
    code = f"import sys, backend.cli; print([m for m in {names} if m in sys.modules])"
    #  ('sqlalchemy', 'langgraph', 'fastapi', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
