"""Our own KCL programs with analytic answers: each must make what its oracle says, where it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.commands.conformance import Program, find_programs, run_program
from backend.compute import WorkPool

PROGRAMS = find_programs(Path(__file__).parent / "programs")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_the_program_makes_what_its_oracle_says(program: Program, pool: WorkPool, tmp_path: Path) -> None:
    outcome = run_program(program, pool, tmp_path)
    assert outcome.error is None, f"{outcome.error}"
    wrong = [
        f"{one.quantity}: expected {one.expected}, found {one.found} (off by {one.deviation:.2e})"
        for one in outcome.deviations
        if not one.ok
    ]
    assert not wrong, "\n".join(wrong)
    assert outcome.deviations, "the oracle asserts nothing"
