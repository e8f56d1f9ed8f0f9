"""The documented examples of KCL's standard library: none may fail in the engine."""

from __future__ import annotations

import pytest

from backend.compute import WorkPool
from tests.conformance.std_examples import Unavailable, judge_all, library_folder, read_examples, table

pytestmark = pytest.mark.slow

# Two examples ask for a curve that does not exist; neither makes a body. They are refused with a message, not drawn.
CONTRADICTORY = {
    "sketch:parabolic:3178": "from [0, 0] to [10, 0] on y = 2 x^2, which has no second point on that line",
    "sketch:hyperbolic:3233": "the interior point is the start point",
}


def test_no_documented_example_fails_in_the_engine(pool: WorkPool) -> None:
    try:
        examples = read_examples(library_folder())
    except Unavailable as reason:
        pytest.skip(f"the standard library's examples are not available: {reason}")
    assert len(examples) >= 433, "the reader of the doc comments lost examples"
    verdicts = judge_all(examples, pool)
    print(table(verdicts))
    failed = {one.example.name: one.message for one in verdicts if one.kind == "engine"}
    assert set(failed) <= set(CONTRADICTORY), failed
    assert all("conic" in message for message in failed.values())
