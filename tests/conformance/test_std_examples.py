"""The documented examples of KCL's standard library: none may fail in the engine."""

from __future__ import annotations

import pytest

from backend.compute import WorkPool
from tests.conformance.std_examples import Unavailable, judge_all, library_folder, read_examples, table

pytestmark = pytest.mark.slow


def test_no_documented_example_fails_in_the_engine(pool: WorkPool) -> None:
    try:
        examples = read_examples(library_folder())
    except Unavailable as reason:
        pytest.skip(f"the standard library's examples are not available: {reason}")
    assert len(examples) >= 433, "the reader of the doc comments lost examples"
    verdicts = judge_all(examples, pool)
    print(table(verdicts))
    failed = [f"{one.example.name}: {one.message}" for one in verdicts if one.kind == "engine"]
    assert not failed, "\n".join(failed)
