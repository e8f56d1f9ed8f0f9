"""A figure with an uncertainty decides only where its whole band lies on one side of the limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.design.checking import compare
from backend.schema import Sense, Status

positive = st.floats(min_value=0.1, max_value=1e3)


@pytest.mark.parametrize(
    ("value", "uncertainty", "sense", "status"),
    [
        (1.30, 0.05, Sense.AT_LEAST, Status.PASS),
        (1.30, 0.15, Sense.AT_LEAST, Status.NOT_VERIFIED),
        (1.10, 0.15, Sense.AT_LEAST, Status.NOT_VERIFIED),
        (1.10, 0.05, Sense.AT_LEAST, Status.FAIL),
        (1.10, 0.05, Sense.AT_MOST, Status.PASS),
        (1.10, 0.15, Sense.AT_MOST, Status.NOT_VERIFIED),
        (1.30, 0.05, Sense.AT_MOST, Status.FAIL),
        (1.20, None, Sense.AT_LEAST, Status.PASS),
        (float("nan"), 0.1, Sense.AT_LEAST, Status.FAIL),
    ],
)
def test_the_band_decides(value: float, uncertainty: float | None, sense: Sense, status: Status) -> None:
    check = compare("x", "x", value, "", 1.2, sense, method="m", uncertainty=uncertainty, reason="why")
    assert check.status is status
    assert ("spans the limit" in check.reason) == (status is Status.NOT_VERIFIED)


@given(value=positive, spread=positive, limit=positive, sense=st.sampled_from([Sense.AT_LEAST, Sense.AT_MOST]))
def test_a_pass_holds_wherever_the_true_value_lies_in_the_band(
    value: float, spread: float, limit: float, sense: Sense
) -> None:
    check = compare("x", "x", value, "", limit, sense, method="m", uncertainty=spread)
    if check.status is Status.PASS:
        for true in (value - spread, value, value + spread):
            assert compare("x", "x", true, "", limit, sense, method="m").status is Status.PASS
