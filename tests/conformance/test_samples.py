"""What the table of the official samples says of one: nothing that wasn't compared is called explained."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.conformance.samples import Row, table

OURS = {"volume_mm3": 1000.0, "area_mm2": 600.0, "valid": True}
FAR = {"mass_g": 2.0, "area_mm2": 600.0}


@pytest.mark.parametrize(
    ("official", "verdict"),
    [
        ({"mass_g": 1.002, "area_mm2": 600.0}, "agrees"),
        ({"mass_g": 1.002, "area_mm2": 610.0}, "differs"),
        (FAR, "differs"),
        ({**FAR, "note": "why"}, "explained"),
        ({**FAR, "not_compared": "why"}, "not compared"),
        ({"not_compared": "why"}, "not compared"),
        ({**FAR, "note": "why", "not_compared": "why"}, "not compared"),
        ({**FAR, "analytic": {"mass_g": 1.0, "area_mm2": 600.0, "how": "why"}}, "analytic"),
        ({**FAR, "note": "x", "analytic": {"mass_g": 1.001, "area_mm2": 600.0, "how": "why"}}, "differs"),
    ],
)
def test_the_verdict_says_what_it_was_compared_with(official: dict[str, Any], verdict: str) -> None:
    row = Row("sample", official, dict(OURS))
    assert row.verdict == verdict
    assert bool(row.reason) == (verdict in ("explained", "not compared", "analytic"))
    assert math.isnan(row.mass_off) == (verdict == "not compared")
    assert f"1 {verdict} of 1" in table([row])


def test_a_body_that_is_not_valid_is_never_called_anything_else() -> None:
    for official in ({"mass_g": 1.0, "area_mm2": 600.0}, {**FAR, "note": "why"}, {"not_compared": "why"}):
        assert Row("sample", official, {**OURS, "valid": False}).verdict == "invalid"
    assert Row("sample", FAR, None, "it broke").verdict == "FAILED"
    assert math.isnan(Row("sample", FAR).area_off)
