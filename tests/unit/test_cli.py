"""The command line: bad input ends with status 2 and says what to do; nothing ends in a stack trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.commands.design import _parse_answers
from backend.commands.doctor import doctor_command
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
    ],
)
def test_bad_input_ends_with_2_and_a_clear_word(arguments: list[str], says: str) -> None:
    done = brick(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


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


def test_doctor_tells_what_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor_command(as_json=True) == 0
    report = json.loads(capsys.readouterr().out)
    works = {finding["name"]: finding["works"] for finding in report["findings"]}
    assert report["able"] is True
    assert works["KCL interpreter"]
    assert works["finite elements (NGSolve)"]


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
