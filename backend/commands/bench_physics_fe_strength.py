"""Fatigue and anisotropic strength of ``./brick bench physics``. Lengths in mm, stresses in MPa."""

from __future__ import annotations

import math
from typing import Any

from backend.commands.bench_physics_fe import STEEL, FeBench, FeCase, Reading, moved, probed, stress
from backend.commands.bench_physics_fe_cases import CLOSED, READ, _hard_sides

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


def nafems_le11(bench: FeBench) -> list[Reading]:
    # T = r + z in metres; E = 210 GPa, alpha = 2.3e-4; sigma_zz at A = (1, 0, 0) m.
    model = bench.build("cylinder_taper_sphere")
    material = {**STEEL, "thermal_expansion_1_k": 2.3e-4}
    flat = [*model.on_plane(0, 0), *model.on_plane(1, 0), *model.on_plane(2, 0), *model.on_plane(2, 1790)]
    result = bench.static(
        model, material, supports=[{"kind": "frictionless", "faces": flat}], probes={"A": [1000, 0, 0]},
        thermal={"reference_c": 0.0, "linear": {"at_origin_c": 0.0, "per_mm": [0, 0, 1e-3], "radial_per_mm": 1e-3}},
        max_dofs=60_000, order=3,
    )  # fmt: skip
    return [probed(result, "sigma_zz at A, MPa", -105.0, 1e-2, stress("A", "zz"))]


# A carbon/epoxy lamina of textbook size; the third direction is like the second.
LAMINA: dict[str, Any] = {
    "name": "lamina", "density_kg_m3": 1600.0,
    "orthotropic": {"e_mpa": [140e3, 10e3, 10e3], "g_mpa": [5e3, 5e3, 3.6e3], "nu": [0.3, 0.3, 0.4]},
}  # fmt: skip
STRENGTHS: dict[str, Any] = {
    "xt_mpa": 1500.0, "xc_mpa": 1250.0, "yt_mpa": 50.0, "yc_mpa": 200.0, "zt_mpa": 50.0, "zc_mpa": 200.0,
    "s12_mpa": 100.0, "s13_mpa": 100.0, "s23_mpa": 75.0, "source": "the case",
}  # fmt: skip


def off_axis(bench: FeBench) -> list[Reading]:
    # Fibres at 30 degrees to the pull; held so that the bar may shear, its stress is uniform and exact.
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    model = bench.build("box", lx=40, ly=10, lz=2)
    root, side, floor = model.on_plane(0, 0), model.on_plane(1, 0), model.on_plane(2, 0)
    turned = {**LAMINA["orthotropic"], "axis_1": [c, s, 0], "axis_2": [-s, c, 0]}
    result = bench.solve(
        "backend.physics.fem.composite:solve", model, material={**LAMINA, "orthotropic": turned},
        supports=[
            {"kind": "displacement", "faces": root, "displacement_mm": [0, None, None]},
            {"kind": "displacement", "faces": floor, "displacement_mm": [None, None, 0]},
            {"kind": "displacement", "edges": [[root[0], side[0]]], "displacement_mm": [0, 0, None]},
        ],
        loads=[{"kind": "force", "faces": model.on_plane(0, 40), "vector_n": [20.0 * 60.0, 0, 0]}],
        probes={"end": [40, 0, 0]}, levels=2, max_dofs=4_000, strengths=STRENGTHS, criterion="tsai_hill",
        exclude={"near_singular_mm": 0.0},
    )  # fmt: skip
    shift = result["probes"]["end"]["displacement_mm"]
    stretch = 60.0 * (c**4 / 140e3 + s**4 / 10e3 + (1 / 5e3 - 2 * 0.3 / 140e3) * c * c * s * s)
    shear = 60.0 * ((2 / 140e3 + 2 * 0.3 / 140e3 - 1 / 5e3) * s * c**3
                    - (2 / 10e3 + 2 * 0.3 / 140e3 - 1 / 5e3) * s**3 * c)  # fmt: skip
    strength = (c**4 / 1500**2 + (1 / 100**2 - 1 / 1500**2) * c * c * s * s + s**4 / 50**2) ** -0.5
    return [
        Reading("stretch, mm", stretch * 40, float(shift[0]), 1e-4),
        Reading("sideways shift by shear, mm", shear * 40, float(shift[1]), 1e-4),
        Reading("Tsai-Hill reserve factor", strength / 60.0, float(result["failure"]["reserve_factor"]["value"]), 1e-4),
    ]


def orthotropic_plate(bench: FeBench) -> list[Reading]:
    # Navier's series without shear; G13 and G23 are made stiff, so that a plate of a/t = 50 has next to none.
    side, t, q = 200.0, 4.0, 0.01
    stiff = {"e_mpa": [140e3, 10e3, 10e3], "g_mpa": [5e3, 60e3, 60e3], "nu": [0.3, 0.0, 0.0]}
    model = bench.build("box", lx=side, ly=side, lz=t)
    result = bench.static(
        model, {**LAMINA, "orthotropic": stiff}, supports=_hard_sides(model, side), order=3, max_dofs=40_000, levels=2,
        loads=[{"kind": "pressure", "faces": model.on_plane(2, t), "pressure_mpa": q}],
        probes={"center": [side / 2, side / 2, t / 2]},
    )  # fmt: skip
    whole = 1 - 0.3 * 0.3 * 10 / 140
    cube = t**3 / 12
    d11, d22, d12, d66 = 140e3 / whole * cube, 10e3 / whole * cube, 0.3 * 10e3 / whole * cube, 5e3 * cube
    sag = sum(
        16 * q / (math.pi**6 * m * n) * math.sin(m * math.pi / 2) * math.sin(n * math.pi / 2)
        / ((d11 * m**4 + 2 * (d12 + 2 * d66) * m * m * n * n + d22 * n**4) / side**4)
        for m in range(1, 60, 2)
        for n in range(1, 60, 2)
    )  # fmt: skip
    return [probed(result, "deflection, mm", -sag, 5e-3, moved("center", 2))]


STRENGTH_CASES = [
    FeCase("fe-fatigue-gerber", "Bar in pulsating tension, Gerber",
           "Shigley 8th edition, solution of problem 8-33: S_a = 20.47 and 14.5 kpsi, read in a solutions manual", READ,
           gerber),
    FeCase("fe-fatigue-miner", "Bar under two load blocks", "Basquin, Goodman and Miner by hand", CLOSED, miner),
    FeCase("nafems-le11", "NAFEMS LE11, cylinder, taper and sphere under heat",
           "NAFEMS LE11: -105 MPa and its geometry, read in FinEALE's example of the test", READ, nafems_le11),
    FeCase("fe-off-axis-lamina", "Lamina pulled at 30 degrees to its fibres",
           "Jones, Mechanics of Composite Materials: compliance turned by hand, Tsai-Hill", CLOSED, off_axis),
    FeCase("fe-orthotropic-plate", "Orthotropic square plate on hard supports",
           "Navier's series of the thin plate, a/t = 50: 0.5 %", CLOSED, orthotropic_plate),
]  # fmt: skip
