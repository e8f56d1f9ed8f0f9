"""Preloaded bolts that press a plate on a wall which only pushes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.benchmarks.fem_cases.session import STEEL, Model, fem

PRELOAD = 5000.0
BED = 2e3


@pytest.fixture(scope="module")
def plate() -> Model:
    return fem().build("plate_on_bolts", side=40, height=16, count=1)


def pressed(plate: Model, wall: dict[str, Any], lift_n: float = 0.0, **more: Any) -> dict[str, Any]:
    sides = [face for axis in (0, 1) for at in (0, 40) for face in plate.on_plane(axis, at)] if lift_n else []
    study: dict[str, Any] = {
        "supports": [
            {"kind": "fixed", "faces": plate.on_plane(2, -16)},
            {"faces": plate.on_plane(2, 0), "stiffness_n_mm3": BED, **wall},
        ],
        "preloads": [{"solid": 1, "force_n": PRELOAD, "axis": [0, 0, 1]}],
        "loads": [{"kind": "force", "faces": sides, "vector_n": [0, 0, lift_n]}] if lift_n else [],
        "contact": "bonded", "levels": 1, "max_dofs": 16_000,
    }  # fmt: skip
    return fem().solve(plate, STEEL, **(study | more))


def test_the_wall_carries_what_the_bolt_pulls(plate: Model) -> None:
    alone = pressed(plate, {"kind": "compression_only"})
    assert alone["bolts_n"]["1"] == pytest.approx(PRELOAD, rel=1e-4)
    assert alone["reactions"]["imbalance_rel"] < 1e-6
    # Near the bolt the plate presses; what the bolt bends up may leave the wall.
    assert 0.2 < next(iter(alone["contact"]["touching_share"].values())) <= 1.0


def test_a_plate_that_stays_pressed_is_as_on_a_bed_that_also_pulls(plate: Model) -> None:
    contact = pressed(plate, {"kind": "compression_only", "stiffness_n_mm3": 20.0}, lift_n=800.0)
    bed = pressed(plate, {"kind": "elastic", "normal_only": True, "stiffness_n_mm3": 20.0}, lift_n=800.0)
    assert contact["contact"]["touching_share"] == pytest.approx({str(f): 1.0 for f in plate.on_plane(2, 0)})
    assert contact["bolts_n"]["1"] == pytest.approx(bed["bolts_n"]["1"], rel=1e-5)
    assert PRELOAD < contact["bolts_n"]["1"] < PRELOAD + 800.0
    assert contact["displacement_mm"]["value"] == pytest.approx(bed["displacement_mm"]["value"], rel=1e-5)


def test_a_plate_that_is_pulled_off_hangs_on_the_bolt_alone(plate: Model) -> None:
    torn = pressed(plate, {"kind": "compression_only"}, lift_n=3 * PRELOAD)
    assert sum(torn["contact"]["touching_share"].values()) < 0.05
    assert torn["bolts_n"]["1"] == pytest.approx(3 * PRELOAD, rel=0.02)


def test_two_bolts_reach_unlike_forces_together() -> None:
    model = fem().build("plate_on_bolts", side=40, height=16, count=2)
    wanted = {"1": 4000.0, "2": 1500.0}
    result = pressed(
        model, {"kind": "compression_only"},
        preloads=[{"solid": int(n), "force_n": f, "axis": [0, 0, 1]} for n, f in wanted.items()],
    )  # fmt: skip
    assert result["bolts_n"] == pytest.approx(wanted, rel=1e-4)
