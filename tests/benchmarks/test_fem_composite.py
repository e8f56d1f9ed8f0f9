"""Strength by direction on a real part: a lamina pulled off its fibres, and what isn't verified or is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from backend.physics.fem.errors import StudyError
from tests.benchmarks.fem_cases.session import Model, fem

STRENGTHS = {
    "xt_mpa": 1500.0, "xc_mpa": 1250.0, "yt_mpa": 50.0, "yc_mpa": 200.0, "zt_mpa": 50.0, "zc_mpa": 200.0,
    "s12_mpa": 100.0, "s13_mpa": 100.0, "s23_mpa": 75.0, "source": "made up for this test",
}  # fmt: skip


@pytest.fixture(scope="module")
def bar() -> Model:
    return fem().build("box", lx=40, ly=10, lz=2)


def pull(bar: Model, angle_deg: float, **given: Any) -> dict[str, Any]:
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    root, side = bar.on_plane(0, 0), bar.on_plane(1, 0)
    lamina = {
        "e_mpa": [140e3, 10e3, 10e3], "g_mpa": [5e3, 5e3, 3.6e3], "nu": [0.3, 0.3, 0.4],
        "axis_1": [c, s, 0], "axis_2": [-s, c, 0],
    }  # fmt: skip
    study = {
        "brep": bar.path, "material": {"name": "lamina", "orthotropic": lamina},
        "supports": [
            {"kind": "displacement", "faces": root, "displacement_mm": [0, None, None]},
            {"kind": "displacement", "faces": bar.on_plane(2, 0), "displacement_mm": [None, None, 0]},
            {"kind": "displacement", "edges": [[root[0], side[0]]], "displacement_mm": [0, 0, None]},
        ],
        "loads": [{"kind": "force", "faces": bar.on_plane(0, 40), "vector_n": [1200.0, 0, 0]}],
        "regions": {"end": bar.on_plane(0, 40)}, "levels": 2, "max_dofs": 2_000, "strengths": STRENGTHS, **given,
    }  # fmt: skip
    result: dict[str, Any] = fem().call("backend.physics.fem.composite:solve", study)
    return result


@pytest.mark.parametrize(("angle", "mode"), [(0.0, "1"), (20.0, "12"), (60.0, "2")])
def test_off_axis_tension_fails_as_tsai_hill_and_its_largest_share_say(bar: Model, angle: float, mode: str) -> None:
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    expected = (c**4 / 1500**2 + (1 / 100**2 - 1 / 1500**2) * c * c * s * s + s**4 / 50**2) ** -0.5 / 60.0
    failure = pull(bar, angle, criterion="tsai_hill")["failure"]
    assert failure["status"] == "verified"
    assert failure["reserve_factor"]["value"] == pytest.approx(expected, rel=1e-5)
    assert failure["regions"]["end"]["reserve_factor"] == pytest.approx(expected, rel=1e-5)
    assert failure["mode"] == mode
    assert failure["stress_123_mpa"][:2] == pytest.approx([60 * c * c, -60 * c * s], abs=1e-3)


def test_without_strengths_nothing_is_verified(bar: Model) -> None:
    failure = pull(bar, 30.0, strengths=None)["failure"]
    assert failure["status"] == "not_verified"
    assert "no strengths" in failure["reasons"][0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"strengths": {**STRENGTHS, "source": ""}}, "no source"),
        ({"strengths": {**STRENGTHS, "yt_mpa": -1.0}}, "yt_mpa"),
        ({"criterion": "puck"}, "criterion"),
    ],
)
def test_bad_strengths_are_refused_by_name(bar: Model, change: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError, match=words):
        pull(bar, 30.0, **change)
