"""The documented examples of KCL's standard library: none may fail in the engine."""

from __future__ import annotations

import pytest

from backend.compute import WorkPool
from tests.conformance.std_examples import Unavailable, judge_all, library_folder, read_examples, table

pytestmark = pytest.mark.slow

# The interpreter refuses these by itself: the text says of the first that it does not work; the second is a fragment.
NOT_PROGRAMS = {"sketch:startSketchOn:45", "types:TagDecl:86"}
# Two examples ask for conics that do not exist: their points are joined all the same, and the run says so.
CONTRADICTORY = {"sketch:parabolic:3178", "sketch:hyperbolic:3233"}


def test_no_documented_example_fails_in_the_engine(pool: WorkPool) -> None:
    try:
        examples = read_examples(library_folder())
    except Unavailable as reason:
        pytest.skip(f"the standard library's examples are not available: {reason}")
    assert len(examples) >= 433, "the reader of the doc comments lost examples"
    verdicts = judge_all(examples, pool)
    print(table(verdicts))
    assert not {one.example.name: one.message for one in verdicts if one.kind == "engine"}
    refused = {one.example.name for one in verdicts if one.kind == "interpreter"}
    assert refused <= NOT_PROGRAMS, {one.example.name: one.message for one in verdicts if one.kind == "interpreter"}
    drawn = [one for one in verdicts if one.example.name in CONTRADICTORY]
    assert all(any("no conic" in line for line in one.measures["diagnostics"]) for one in drawn)
