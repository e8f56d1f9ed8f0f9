"""What ``./brick test`` does with a test that fails."""

import sys

import pytest

from backend.commands.testing import MOST_TRIED_AGAIN, _all_tests, tried_again

KILL = "tests/faults/test_kill.py::test_a"
SUM = "tests/unit/test_sum.py::test_b"


def test_only_few_and_lively_tests_are_tried_again():
    assert tried_again([KILL]) == [KILL]
    assert tried_again([KILL, SUM]) == []
    assert tried_again(["tests/benchmarks/test_fem.py::test_c"]) == []
    assert tried_again([f"{KILL}[{i}]" for i in range(MOST_TRIED_AGAIN + 1)]) == []
    assert tried_again([]) == []


@pytest.mark.parametrize(
    ("folder", "failures", "passes"), [("faults", 1, True), ("faults", 2, False), ("unit", 1, False)]
)
def test_a_test_that_fails_is_tried_once_more_and_told(tmp_path, monkeypatch, capfd, folder, failures, passes):
    tests = tmp_path / "tests" / folder
    tests.mkdir(parents=True)
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "__init__.py").write_text("")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tests / "test_it.py").write_text(f"""
from pathlib import Path


def test_that_holds():
    import backend


def test_that_may_fail():
    tries = Path(r"{tmp_path}/tries")
    tries.write_text("x" + (tries.read_text() if tries.exists() else ""))
    assert len(tries.read_text()) > {failures}, "the first failure"
""")
    for name in (
        "PYTEST_ADDOPTS",
        "PYTEST_XDIST_WORKER",
        "COV_CORE_SOURCE",
        "COVERAGE_PROCESS_START",
        "COVERAGE_PROCESS_CONFIG",
    ):
        monkeypatch.delenv(name, raising=False)
    again = []
    assert _all_tests(sys.executable, again, tmp_path) is passes
    assert again == ([f"tests/{folder}/test_it.py::test_that_may_fail"] if passes else [])
    printed = capfd.readouterr().out
    assert "the first failure" in printed
    assert ("second try" in printed) is (folder == "faults")
