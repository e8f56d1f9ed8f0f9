"""The command line: bad input ends with status 2 and says what to do; nothing ends in a stack trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend.commands import doctor
from backend.commands.design import _parse_answers, design_command
from backend.commands.doctor import Finding, doctor_command
from backend.commands.serve import is_loopback
from backend.errors import BrickError, CompileError, DesignError, InputError

ROOT = Path(__file__).resolve().parents[2]


def brick(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        cwd=ROOT, capture_output=True, text=True, input=stdin, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "missing.kcl"], "does not exist"),
        (["serve", "--host", "0.0.0.0"], "access token"),
        (["serve", "--host", "0.0.0.0", "--token", "short"], "access token"),
        (["design", "a shelf", "--answer", "nonsense"], "ID=TEXT"),
        (["bench", "nothing"], "no benchmark"),
        (["design", "x" * 30_000], "at most 20000"),
        (["no-such-command"], "No such command"),
        (["physics", "calc", "structures.stres", "force_kn=1"], "Did you mean stress"),
        (["physics", "calc", "stresss", "force_kn=1"], "DOMAIN.EQUATION"),
        (["physics", "calc", "structures.stress", "force_kn"], "not an assignment"),
        (["physics", "netlist", "no-such.cir"], "does not exist"),
        (["physics", "netlist", "pyproject.toml"], "netlist"),
        (["materials", "show", "unobtainium"], "unobtainium"),
        (["materials", "search", "--yield", "foo"], "not readable"),
        (["materials", "search", "--where", "yield"], "has no sign"),
        (["materials", "search", "--yield", ">250"], 'Write ">250 MPa"'),
    ],
)
def test_bad_input_ends_with_2_and_a_clear_word(arguments: list[str], says: str) -> None:
    done = brick(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_way_to_answer_is_shown_in_characters_and_not_in_codes(tmp_path: Path) -> None:
    done = brick("design", "--no-input", "a planetary gearbox, ratio 5", "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert '--answer family="…"' in done.stderr


def test_an_error_is_one_json_object_where_json_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "bad.kcl").write_text("a =")
    for arguments in (
        ["design", "", "--json"],
        ["run", str(tmp_path / "bad.kcl"), "--json", "--out", str(tmp_path / "o")],
    ):
        done = brick(*arguments)
        said = json.loads(done.stdout)
        assert done.returncode == said["exit_status"] == 2
        assert set(said["error"]) >= {"code", "message", "next_action"}


@pytest.mark.parametrize("command", [["design", "a shelf bracket"], ["run", "docs/examples/lug/lug.kcl"]])
def test_a_folder_that_cannot_be_written_is_refused_before_the_work(command: list[str], tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    done = brick(*command, "--out", str(taken))
    assert done.returncode == 2
    assert "can't be used for the results" in done.stderr


def test_help_lists_the_commands() -> None:
    done = brick("--help")
    assert done.returncode == 0
    for command in ("design", "run", "doctor", "serve", "bench", "test"):
        assert f"  {command} " in done.stdout


def test_an_equation_is_calculated_in_the_units_of_the_user() -> None:
    done = brick("physics", "calc", "structures.stress", "force_kn=1", "area_mm2=100 +- 2%", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["outputs"]["stress_mpa"] == pytest.approx(10.0)
    assert result["uncertainty_rel"]["stress_mpa"] == pytest.approx(0.02, rel=1e-3)


def test_materials_are_found_by_what_they_must_do() -> None:
    done = brick(
        "materials", "search", "--yield", ">250 MPa", "--density", "<3 g/cm3", "--where", "modulus>70 GPa", "--json"
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert "aluminium_7075_t6" in {row["id"] for row in rows}
    for row in rows:
        assert row["yield_strength_mpa"] > 250
        assert row["density_kg_m3"] < 3000


def test_doctor_tells_what_works() -> None:
    done = brick("doctor", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)  # the whole of standard output is one object
    works = {finding["name"]: finding["works"] for finding in report["findings"]}
    assert report["able"] is True
    assert works["KCL interpreter"]
    assert works["finite elements (NGSolve)"]


@pytest.mark.parametrize(("works", "status"), [(True, 0), (False, 3)])
def test_doctor_tells_the_same_in_json_and_in_words(
    works: bool, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = [
        Finding("kernel", works, True, "1.2 [beta]", "install it"), Finding("slicer", False, False, "prints", "get it"),
    ]  # fmt: skip
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    monkeypatch.setenv("COLUMNS", "200")
    assert doctor_command(as_json=True) == status
    report = json.loads(capsys.readouterr().out)
    assert report["able"] is works
    assert doctor_command(as_json=False) == status
    shown = capsys.readouterr().out
    for finding in report["findings"]:
        line = next(line for line in shown.splitlines() if finding["name"] in line)
        assert finding["detail"] in line
        assert line.strip().startswith("✓") == finding["works"]
        assert ("→" in line) is bool(finding["remedy"]) is (not finding["works"])
        assert finding["remedy"] in line


def test_rounds_of_questions_make_agents_and_tracing_ready_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[str] = []
    monkeypatch.setattr("backend.agent_registry.registry.initialize", lambda: made.append("agents"))
    monkeypatch.setattr("backend.monitoring.tracing.set_up_tracing", lambda endpoint: made.append("tracing"))
    monkeypatch.setattr("backend.monitoring.tracing.close_tracing", lambda: made.append("closed"))
    monkeypatch.setattr("backend.compute.get_pool", lambda: SimpleNamespace(warm=lambda kind: None, close=lambda: None))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    given = iter(["6 in", "5 in", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(given))

    async def run(brief: str, **known: object) -> dict[str, object]:
        answers = dict(known["answers"])  # type: ignore[call-overload]
        made.append(f"run {sorted(answers)}")
        left = [name for name in ("width", "shelf_leg", "wall_leg") if name not in answers][:1]
        asked = [{"id": name, "text": name, "reason": "it is needed", "default": "2 in"} for name in left]
        verdict = None if asked else {"status": "pass"}
        return {
            "core": {"project_id": "p", "errors": []},
            "design": {"questions": asked, "design_parameters": {}},
            "validation": {"verification_report": verdict, "quality_review_report": None},
            "manufacturing": {"release": None}, "user_approval": "pending",
        }  # fmt: skip

    monkeypatch.setattr("backend.orchestrator.run_design", run)
    monkeypatch.setattr("backend.commands.design_summary.print_summary", lambda *given: None)
    command = {"answers": [], "no_input": False, "as_json": False, "quiet": True}
    assert design_command("a shelf bracket", tmp_path / "out", **command) == 0  # type: ignore[arg-type]
    rounds = ["run []", "run ['width']", "run ['shelf_leg', 'width']", "run ['shelf_leg', 'wall_leg', 'width']"]
    assert made == ["agents", "tracing", *rounds, "closed"]
    capsys.readouterr()


def test_answers_are_parsed_and_may_hold_an_equals_sign() -> None:
    assert _parse_answers(["load=300 lb", "note=a=b"]) == {"load": "300 lb", "note": "a=b"}


def test_only_loopback_is_free_of_a_token() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.1", "example")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_errors_carry_code_message_and_next_action() -> None:
    error = InputError("too big", next_action="make it smaller", limit=3)
    assert error.as_dict() == {
        "code": "bad_input", "message": "too big", "next_action": "make it smaller", "details": {"limit": 3},
    }  # fmt: skip
    assert [kind.exit_code for kind in (BrickError, InputError, CompileError, DesignError)] == [3, 2, 2, 1]


def test_an_equation_is_found_without_its_domain_and_a_misspelt_one_has_suggestions() -> None:
    assert brick("physics", "show", "euler_buckling").stdout.startswith("structures.euler_buckling")
    wrong = brick("physics", "show", "goodmann")
    assert wrong.returncode == 2
    assert "structures.goodman" in wrong.stderr + wrong.stdout


def test_a_material_is_shown_at_a_temperature_and_never_extrapolated() -> None:
    shown = brick("materials", "show", "6061-T6", "--temperature", "150", "--json")
    data = json.loads(shown.stdout)
    at = {entry["property"]: entry["value"] for entry in data["entries"]}
    assert 150 < at["yield_strength_mpa"] < 200  # 228.8 at 100 °C, 186.9 at 149 °C, 89.9 at 204 °C
    assert "density_kg_m3" not in at
    assert any(line.startswith("Density") for line in data["out_of_range"])
