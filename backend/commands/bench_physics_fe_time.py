"""Heat and vibration in time of ``./brick bench physics``. Lengths in mm unless a name says otherwise."""

from __future__ import annotations

import math
from typing import Any

from backend.commands.bench_physics_fe import FeBench, FeCase, Model, Reading
from backend.commands.bench_physics_fe_cases import CLOSED, READ

SIGMA = 5.670374419e-8  # W/(m2 K4), CODATA 2018
TRANSIENT = "backend.physics.fem.transient:solve"
# The steel of NAFEMS T3.
STEEL_T3: dict[str, Any] = {
    "thermal_conductivity_w_m_k": 35.0, "density_kg_m3": 7200.0, "specific_heat_j_kg_k": 440.5,
}  # fmt: skip
# So well conducting that a body has one temperature: a cube of 20 mm has Bi = h V/(A k) below 1e-4.
LUMPED: dict[str, Any] = {"thermal_conductivity_w_m_k": 2e4, "density_kg_m3": 8000.0, "specific_heat_j_kg_k": 400.0}


def _at_end(result: dict[str, Any], name: str, quantity: str, reference: float, tolerance_rel: float) -> Reading:
    meshes = tuple((int(row["dofs"]), float(row["probes_c"][name])) for row in result["levels"])
    return Reading(quantity, reference, float(result["probes"][name]["temperature_c"]), tolerance_rel, meshes)


def nafems_t3(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=100, ly=10, lz=10)
    result = bench.solve(
        TRANSIENT, model, material=STEEL_T3, duration_s=32.0, initial_c=0.0, probes={"C": [80, 0, 0]}, max_dofs=5_000,
        temperatures=[
            {"faces": model.on_plane(0, 0), "temperature_c": 0.0},
            {"faces": model.on_plane(0, 100), "sine": {"amplitude": 100.0, "period_s": 80.0}},
        ],
    )  # fmt: skip
    return [_at_end(result, "C", "temperature at C after 32 s, °C", 36.60, 1e-2)]


def semi_infinite(bench: FeBench) -> list[Reading]:
    # 100 mm is deep enough: erfc(L/(2 sqrt(a t))) = 5e-6 at 20 s.
    model = bench.build("box", lx=100, ly=8, lz=8)
    result = bench.solve(
        TRANSIENT, model, material=STEEL_T3, duration_s=20.0, initial_c=20.0, max_dofs=8_000, mesh_size_mm=5.0,
        temperatures=[{"faces": model.on_plane(0, 0), "temperature_c": 120.0}],
        probes={"near": [10, 0, 0], "far": [20, 0, 0]},
    )  # fmt: skip
    reach = 2 * math.sqrt(35.0 / (7200.0 * 440.5) * 20.0)
    found = []
    for name, depth in (("near", 10), ("far", 20)):
        expected = 20 + 100 * math.erfc(depth / 1e3 / reach)
        found.append(_at_end(result, name, f"temperature {depth} mm below the surface, °C", expected, 2e-3))
    return found


def _block(bench: FeBench) -> tuple[Model, list[int]]:
    model = bench.build("box", lx=20, ly=20, lz=20)
    return model, [int(face["index"]) for face in model.table]


def lumped_cooling(bench: FeBench) -> list[Reading]:
    model, sides = _block(bench)
    film, duration = 10.0, 2000.0
    result = bench.solve(
        TRANSIENT, model, material=LUMPED, duration_s=duration, initial_c=100.0, max_dofs=2_000, time_tolerance_c=2e-3,
        convection=[{"faces": sides, "coefficient_w_m2_k": film, "ambient_c": 20.0}], probes={"C": [20, 20, 20]},
    )  # fmt: skip
    decay = math.exp(-duration * film * 6 / 0.02 / (8000.0 * 400.0))
    return [_at_end(result, "C", "temperature after 2000 s, °C", 20 + 80 * decay, 1e-3)]


def radiating_block(bench: FeBench) -> list[Reading]:
    # Into empty space: dT/dt = -3 c T^4 has T^-3 = T0^-3 + 9 c t with c = eps sigma A/(3 rho c_p V).
    model, sides = _block(bench)
    duration, start = 500.0, 1000.0
    result = bench.solve(
        TRANSIENT, model, material={**LUMPED, "thermal_conductivity_w_m_k": 1e6}, duration_s=duration,
        initial_c=start - 273.15, max_dofs=2_000, time_tolerance_c=0.02,
        radiation=[{"faces": sides, "emissivity": 0.9, "ambient_c": -273.15}], probes={"C": [20, 20, 20]},
    )  # fmt: skip
    rate = 0.9 * SIGMA * 6 / 0.02 / (8000.0 * 400.0)
    kelvin = (start**-3 + 3 * rate * duration) ** (-1 / 3)
    found = _at_end(result, "C", "", 0.0, 0.0)
    meshes = tuple((dofs, value + 273.15) for dofs, value in found.meshes)
    return [Reading("temperature after 500 s, K", kelvin, found.ours + 273.15, 1e-3, meshes)]


def heated_block(bench: FeBench) -> list[Reading]:
    # Heat that ramps up to 30 W in 10 s and stays: the block stores it all.
    model, sides = _block(bench)
    result = bench.solve(
        TRANSIENT, model, material=LUMPED, duration_s=40.0, initial_c=20.0, max_dofs=2_000,
        heat=[{"faces": sides, "history": [[0.0, 0.0], [10.0, 30.0]]}], probes={"C": [20, 20, 20]},
    )  # fmt: skip
    rise = (30.0 * 10 / 2 + 30.0 * 30) / (8000.0 * 400.0 * 0.02**3)
    return [_at_end(result, "C", "temperature after 40 s, °C", 20 + rise, 1e-3)]


TIME_CASES = [
    FeCase("nafems-t3", "NAFEMS T3, transient conduction",
           "NAFEMS T3: 36.60 °C, read in LIRA's verification report of the test", READ, nafems_t3),
    FeCase("fe-semi-infinite", "Half space whose surface jumps", "T = Ti + (Ts - Ti) erfc(x/(2 sqrt(a t)))", CLOSED,
           semi_infinite),
    FeCase("fe-lumped-cooling", "Block cooled by a film, Bi below 1e-4", "exp(-h A t/(rho c V))", CLOSED,
           lumped_cooling),
    FeCase("fe-radiating-block", "Block that radiates into space", "T^-3 = T0^-3 + 3 eps sigma A t/(rho c V)", CLOSED,
           radiating_block),
    FeCase("fe-heated-block", "Insulated block under a ramp of heat", "stored heat = integral of the power", CLOSED,
           heated_block),
]  # fmt: skip
