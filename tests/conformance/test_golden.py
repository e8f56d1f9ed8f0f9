"""A dozen programs against their golden files: the first stage that differs is named."""

from __future__ import annotations

import copy
import json

import pytest

from backend.compute import WorkPool
from tests.conformance.golden.record import NAMES, first_difference, golden_file, record


@pytest.mark.parametrize("name", NAMES)
def test_the_program_does_what_its_golden_file_says(name: str, pool: WorkPool) -> None:
    golden = json.loads(golden_file(name).read_text(encoding="utf-8"))
    found = first_difference(golden, record(name, pool))
    assert found is None, f"{found}\nmeant? python -m tests.conformance.golden.record --write {name}"


def test_the_first_stage_that_differs_is_named() -> None:
    golden = json.loads(golden_file(NAMES[0]).read_text(encoding="utf-8"))
    other = copy.deepcopy(golden)
    other["properties"][0] = "all: volume 1"
    assert "differs first in its properties, line 1" in str(first_difference(golden, other))
    other["ids"].append("face of nothing")
    assert f"differs first in its ids, line {len(golden['ids']) + 1}" in str(first_difference(golden, other))
    other["commands"][2] = "another"
    assert "differs first in its commands, line 3" in str(first_difference(golden, other))
    assert first_difference(golden, golden) is None
