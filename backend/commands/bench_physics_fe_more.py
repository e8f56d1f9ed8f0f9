"""Heat, frequencies and buckling of ``./brick bench physics``. Lengths in mm unless a name says otherwise."""

from __future__ import annotations

import math
from typing import Any

from backend.commands.bench_physics_fe import FeBench, FeCase, Reading, frequencies, temperatures
from backend.commands.bench_physics_fe_cases import CLOSED, NAFEMS, READ, STATIC_CASES, _hard_sides

SIGMA = 5.670374419e-8  # W/(m2 K4), CODATA 2018
SOFT: dict[str, Any] = {**NAFEMS, "poisson_ratio": 0.0}


def nafems_t2(bench: FeBench) -> list[Reading]:
    # 0.1 m, k = 55.563; 1000 K at A, emissivity 0.98 to 300 K at B.
    model = bench.build("box", lx=100, ly=10, lz=10)
    result = bench.heat(
        model, 55.563, temperatures=[{"faces": model.on_plane(0, 0), "temperature_c": 726.85}],
        radiation=[{"faces": model.on_plane(0, 100), "emissivity": 0.98, "ambient_c": 26.85}],
        probes={"B": [100, 0, 0]}, max_dofs=5_000,
    )  # fmt: skip
    found = temperatures(result, "B", "", 0.0, 0.0)
    low, high = 300.0, 1000.0
    for _ in range(80):
        middle = (low + high) / 2
        more = 55.563 * (1000 - middle) / 0.1 > 0.98 * SIGMA * (middle**4 - 300**4)
        low, high = (middle, high) if more else (low, middle)
    kelvin = tuple((dofs, value + 273.15) for dofs, value in found.meshes)
    return [
        Reading("temperature at B, K (NAFEMS)", 927.0, found.ours + 273.15, 1e-2, kelvin),
        Reading("temperature at B, K (closed form)", low, found.ours + 273.15, 1e-3, kelvin),
    ]


def nafems_t4(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=600, ly=1000, lz=50)
    cooled = [*model.on_plane(0, 600), *model.on_plane(1, 1000)]
    result = bench.heat(
        model, 52.0, temperatures=[{"faces": model.on_plane(1, 0), "temperature_c": 100.0}],
        convection=[{"faces": cooled, "coefficient_w_m2_k": 750.0, "ambient_c": 0.0}],
        probes={"E": [600, 200, 0]}, levels=4, max_dofs=25_000,
    )  # fmt: skip
    return [temperatures(result, "E", "temperature at E, °C", 18.25, 1e-2)]


def slab(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=40, ly=30, lz=20)
    result = bench.heat(
        model, 15.0, source_w=24.0, probes={"cold": [40, 0, 0], "hot": [0, 0, 0]}, max_dofs=6_000,
        convection=[{"faces": model.on_plane(0, 40), "coefficient_w_m2_k": 200.0, "ambient_c": 25.0}],
    )  # fmt: skip
    density = 24.0 / (0.04 * 0.03 * 0.02)
    skin = 25 + density * 0.04 / 200
    return [
        temperatures(result, "cold", "cooled face, °C", skin, 1e-6),
        temperatures(result, "hot", "insulated face, °C", skin + density * 0.04**2 / 30, 1e-6),
    ]


def pin_fin(bench: FeBench) -> list[Reading]:
    radius, length, film, conductivity = 3e-3, 60e-3, 60.0, 180.0
    model = bench.build("rod", radius=3.0, length=60.0)
    side = model.faces(lambda f: f["high"][2] - f["low"][2] > 59.9)
    result = bench.heat(
        model, conductivity, temperatures=[{"faces": model.on_plane(2, 0), "temperature_c": 90.0}],
        convection=[{"faces": side, "coefficient_w_m2_k": film, "ambient_c": 20.0}],
    )  # fmt: skip
    m = math.sqrt(2 * film / (conductivity * radius))
    expected = conductivity * math.pi * radius**2 * m * 70 * math.tanh(m * length)
    return [Reading("heat, W", expected, float(result["balance"]["in_w"]), 2e-3)]


def shell_conduction(bench: FeBench) -> list[Reading]:
    a, b, conductivity, power = 20.0, 40.0, 15.0, 25.0
    found = []
    for shape, arguments, rise in (
        ("quarter_ring", {"length": 10}, math.log(b / a) / (math.pi / 2 * conductivity * 0.01)),
        ("sphere_octant", {}, (1 / 0.02 - 1 / 0.04) / (math.pi / 2 * conductivity)),
    ):
        model = bench.build(shape, inner=a, outer=b, **arguments)
        result = bench.heat(
            model, conductivity, temperatures=[{"faces": model.within_radius(b), "temperature_c": 20.0}],
            heat=[{"faces": model.within_radius(a), "power_w": power}], probes={"bore": [a, 0, 0]},
        )  # fmt: skip
        name = shape.replace("_", " ")
        found.append(temperatures(result, "bore", f"bore of the {name}, °C", 20 + power * rise, 1e-3))
    return found


def beam_hz(width: float, height: float, root: float) -> float:
    """Euler-Bernoulli beam of 1 m, 200 GPa and 8000 kg/m3, bending along the height; Hz."""
    return root**2 / (2 * math.pi * 1e6) * math.sqrt(200e3 * height**2 / 12 / 8e-9)


def cantilever_modes(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=1000, ly=20, lz=30)
    held = [{"kind": "fixed", "faces": model.on_plane(0, 0)}]
    result = bench.modal(model, SOFT, supports=held, modes=2, max_dofs=15_000)
    return frequencies(result, [beam_hz(30, 20, 1.8751041), beam_hz(20, 30, 1.8751041)], 1e-3)


def free_modes(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=1000, ly=20, lz=30)
    result = bench.modal(model, SOFT, supports=[], modes=2, max_dofs=15_000)
    return frequencies(result, [beam_hz(30, 20, 4.7300407), beam_hz(20, 30, 4.7300407)], 5e-3)


def fv32(bench: FeBench) -> list[Reading]:
    model = bench.build("tapered_plate", length=10_000, root=5_000, tip=1_000, thickness=100)
    supports = [
        {"kind": "displacement", "faces": model.on_plane(0, 0), "displacement_mm": [0, 0, None]},
        {"kind": "displacement", "faces": model.on_plane(2, 0), "displacement_mm": [None, None, 0]},
    ]
    result = bench.modal(model, NAFEMS, supports=supports, modes=6, max_dofs=25_000)
    return frequencies(result, [44.623, 130.03, 162.70, 246.05, 379.90, 391.44], 1e-2)


def fv52(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=10_000, ly=10_000, lz=1_000)
    result = bench.modal(model, NAFEMS, supports=_hard_sides(model, 10_000), modes=3, order=3, max_dofs=30_000)
    return frequencies(result, [45.897, 109.44, 109.44], 1e-2)


def thin_plate(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=10_000, ly=10_000, lz=50)
    result = bench.modal(
        model, NAFEMS, supports=_hard_sides(model, 10_000), modes=4, order=3, levels=2, max_dofs=45_000
    )
    return frequencies(result, [2.377, 5.942, 5.942, 9.507], 1e-2)


def column(far_end: str, effective: float, tolerance_rel: float) -> Any:
    def run(bench: FeBench) -> list[Reading]:
        length, width, height = 400.0, 20.0, 10.0
        model = bench.build("box", lx=length, ly=width, lz=height)
        end = model.on_plane(0, length)
        supports: list[dict[str, Any]] = [{"kind": "fixed", "faces": model.on_plane(0, 0)}]
        if far_end != "free":
            supports.append({"kind": "displacement", "faces": end, "displacement_mm": [None, 0, 0]})
        loads = [{"kind": "force", "faces": end, "vector_n": [-1000.0, 0, 0]}]
        result = bench.buckling(model, SOFT, supports=supports, loads=loads)
        euler = math.pi**2 * 200e3 * width * height**3 / 12 / (effective * length) ** 2
        rows = [(int(row["dofs"]), 1000 * float(row["load_factors"][0])) for row in result["levels"]]
        return [Reading("critical load, N", euler, rows[-1][1], tolerance_rel, tuple(rows))]

    return run


FE_CASES = [
    *STATIC_CASES,
    FeCase("nafems-t2", "NAFEMS T2, conduction to a radiating end",
           "NAFEMS T2: 927.0 K, read in COMSOL's account of it; and the balance in one dimension",
           READ, nafems_t2),
    FeCase("nafems-t4", "NAFEMS T4, conduction with convection", "NAFEMS T4: 18.25 °C", READ, nafems_t4),
    FeCase("fe-slab", "Slab with a source and a film", "T = Ta + q L/h + q (L^2 - x^2)/(2 k)", CLOSED, slab),
    FeCase("fe-pin-fin", "Pin fin with an insulated tip",
           "sqrt(h P k A) dT tanh(m L); a one-dimensional theory at Bi = h r/k = 1e-3: 0.2 %", CLOSED, pin_fin),
    FeCase("fe-shells", "Conduction through a cylinder and a sphere",
           "dT = P ln(b/a)/(2 pi k L), P (1/a - 1/b)/(4 pi k)", CLOSED, shell_conduction),
    FeCase("fe-cantilever-modes", "Frequencies of a slender cantilever", "Euler-Bernoulli, beta L = 1.8751041, nu = 0",
           CLOSED, cantilever_modes),
    FeCase("fe-free-modes", "Frequencies of a free beam",
           "Euler-Bernoulli, beta L = 4.7300407; shear and rotary inertia left out: 0.5 %", CLOSED, free_modes),
    FeCase("nafems-fv32", "NAFEMS FV32, cantilevered tapered membrane",
           "NAFEMS, Selected Benchmarks for Natural Frequency Analysis", READ, fv32),
    FeCase("nafems-fv52", "NAFEMS FV52, simply supported thick plate",
           "NAFEMS FV52, sides held as in the plate theory of its reference", READ, fv52),
    FeCase("nafems-thin-plate", "NAFEMS, simply supported thin plate",
           "NAFEMS thin square plate, as a solid of a/t = 200", READ, thin_plate),
    FeCase("fe-euler-free", "Column, one end free", "Euler, k = 2, nu = 0", CLOSED, column("free", 2.0, 1e-3)),
    FeCase("fe-euler-pinned", "Column, one end held sideways",
           "Euler, k = 0.699157, nu = 0; shear left out: 0.5 %", CLOSED, column("pinned", 0.6991557, 5e-3)),
]  # fmt: skip
