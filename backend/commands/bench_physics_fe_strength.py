"""Fatigue and anisotropic strength of ``./brick bench physics``. Lengths in mm, stresses in MPa."""

from __future__ import annotations

import math
from typing import Any

from backend.commands.bench_physics_fe import STEEL, FeBench, FeCase, Reading
from backend.commands.bench_physics_fe_cases import CLOSED, READ

FATIGUE = "backend.physics.fem.fatigue:solve"
KPSI = 6.894757


def _bar_fatigue(bench: FeBench, stress_mpa: float, ultimate_mpa: float, **given: Any) -> dict[str, Any]:
    """A bar in uniaxial tension, whose stress is exact on any mesh."""
    model = bench.build("box", lx=40, ly=10, lz=10)
    return bench.solve(
        FATIGUE, model, material={**STEEL, "ultimate_mpa": ultimate_mpa},
        supports=[{"kind": "frictionless", "faces": model.on_plane(axis, 0)} for axis in range(3)],
        loads=[{"kind": "force", "faces": model.on_plane(0, 40), "vector_n": [100.0 * stress_mpa, 0, 0]}],
        levels=2, max_dofs=3_000, fatigue=given,
    )  # fmt: skip


def gerber(bench: FeBench) -> list[Reading]:
    # Both have s_a = s_m; ours is the factor on them.
    found = []
    for endurance, ultimate, expected in ((21.5, 93.7, 20.47), (14.7, 120.0, 14.5)):
        result = _bar_fatigue(
            bench, 10 * KPSI, ultimate * KPSI, criterion="gerber",
            blocks=[{"cycles": 1, "max": 2.0, "min": 0.0}],
            sn={"points": [[1e6, endurance * KPSI]], "endurance_limit_mpa": endurance * KPSI, "source": "the problem"},
        )  # fmt: skip
        ours = 10 * float(result["safety_factor"]["value"])
        found.append(Reading(f"amplitude at failure, S_e = {endurance} kpsi, kpsi", expected, ours, 2e-3))
    return found


def miner(bench: FeBench) -> list[Reading]:
    # N = (S/a)^(1/b) through 450 MPa at 1e3 and 250 MPa at 1e6; Goodman with 600 MPa.
    blocks = [
        {"name": "start", "cycles": 2, "max": 1.5, "min": -1.5},
        {"name": "run", "cycles": 100, "max": 1.7, "min": -0.5},
    ]
    result = _bar_fatigue(
        bench, 200.0, 600.0, blocks=blocks,
        sn={"two_point": {"at_1e3_mpa": 450.0, "at_1e6_mpa": 250.0}, "source": "the case"},
    )  # fmt: skip
    slope = math.log10(450 / 250) / 3
    reached = ((2, 300.0), (100, 220.0 / (1 - 120.0 / 600.0)))
    damage = sum(count / (1e3 * (450 / s) ** (1 / slope)) for count, s in reached if s > 250.0)
    factor = min(1 / (300.0 / 250.0), 1 / (220.0 / 250.0 + 120.0 / 600.0))
    return [
        Reading("damage a pass", damage, float(result["damage_per_pass"]), 1e-3),
        Reading("passes", 1 / damage, float(result["life_passes"]["value"]), 1e-3),
        Reading("safety factor for endless life", factor, float(result["safety_factor"]["value"]), 1e-3),
    ]


STRENGTH_CASES = [
    FeCase("fe-fatigue-gerber", "Bar in pulsating tension, Gerber",
           "Shigley 8th edition, solution of problem 8-33: S_a = 20.47 and 14.5 kpsi, read in a solutions manual", READ,
           gerber),
    FeCase("fe-fatigue-miner", "Bar under two load blocks", "Basquin, Goodman and Miner by hand", CLOSED, miner),
]  # fmt: skip
