"""Textbook and NAFEMS problems of several bodies, rotation, beddings, thin plates. Lengths in mm, stresses in MPa."""

from __future__ import annotations

import math
from typing import Any

from backend.commands.bench_physics_fe import (
    STEEL,
    WORKER,
    FeBench,
    FeCase,
    Reading,
    frequencies,
    moved,
    probed,
    stress,
    temperatures,
)
from backend.commands.bench_physics_fe_cases import CLOSED, NAFEMS, READ
from backend.commands.bench_physics_fe_flow import FLOW, WATER
from backend.commands.bench_physics_fe_more import SOFT
from backend.commands.bench_physics_fe_time import TRANSIENT

STATIC = f"{WORKER}:static"
E = 200e3
PLANE: dict[str, Any] = {**SOFT, "density_kg_m3": 7850.0}


def _held(model: Any, *planes: tuple[int, float]) -> list[dict[str, Any]]:
    return [{"kind": "frictionless", "faces": model.on_plane(axis, at)} for axis, at in planes]


def shrink_fit(bench: FeBench) -> list[Reading]:
    # The disc alone is heated, so to say: it expands by 1e-5 and 100 K in plane strain (nu = 0), the ring not at all.
    inner, outer, swelling = 20.0, 40.0, 1e-3
    model = bench.build("disc_in_ring", radius=inner, outer=outer, height=5)
    result = bench.solve(
        STATIC, model, contact="bonded", levels=3, max_dofs=25_000, probes={"disc": [6, 6, 2], "rim": [outer, 0, 0]},
        materials={
            "0": {**PLANE, "thermal_expansion_1_k": swelling / 100},
            "1": {**PLANE, "thermal_expansion_1_k": 0.0},
        },
        supports=_held(model, (0, 0), (1, 0), (2, 0), (2, 5)), thermal={"reference_c": 20.0, "uniform_c": 120.0},
    )  # fmt: skip
    pressure = E * swelling / 2 * (1 - (inner / outer) ** 2)
    hoop = pressure * (outer**2 + inner**2) / (outer**2 - inner**2)
    mises = math.sqrt((hoop**2 + pressure**2 + (hoop + pressure) ** 2) / 2)
    rows = tuple((int(row["dofs"]), float(row["assessed_von_mises_mpa"])) for row in result["levels"])
    return [
        probed(result, "stress in the disc, MPa", -pressure, 1e-3, stress("disc", "xx")),
        probed(result, "hoop stress at the rim, MPa", hoop - pressure, 5e-3, stress("rim", "yy")),
        Reading("largest von Mises stress (ring, at the joint), MPa", mises, rows[-1][1], 1e-2, rows),
    ]


def spinning_disc(bench: FeBench) -> list[Reading]:
    inner, outer, speed, nu = 50.0, 200.0, 314.159265, 0.3
    model = bench.build("quarter_ring", inner=inner, outer=outer, length=10)
    result = bench.static(
        model, {**NAFEMS, "density_kg_m3": 7850.0}, supports=_held(model, (0, 0), (1, 0), (2, 0)),
        spin={"speed_rad_s": speed, "axis": [0, 0, 1], "point_mm": [0, 0, 0]}, probes={"bore": [inner, 0, 5]},
    )  # fmt: skip
    unit = 7850.0 * speed**2 * 1e-6 * 1e-6
    hoop = (3 + nu) / 4 * unit * (outer**2 + (1 - nu) / (3 + nu) * inner**2)
    widening = hoop / E * inner
    return [
        probed(result, "hoop stress at the bore, MPa", hoop, 1e-2, stress("bore", "yy")),
        probed(result, "widening of the bore, mm", widening, 5e-3, moved("bore", 0)),
    ]


def curved_bar(bench: FeBench) -> list[Reading]:
    a, b, width, moment = 20.0, 40.0, 5.0, 1e5
    model = bench.build("quarter_ring", inner=a, outer=b, length=width)
    at = (math.sqrt(0.5) * a, math.sqrt(0.5) * b)
    result = bench.static(
        model, PLANE, supports=[{"kind": "fixed", "faces": model.on_plane(0, 0)}],
        loads=[{"kind": "moment", "faces": model.on_plane(1, 0), "moment_n_mm": [0, 0, moment]}],
        probes={"inside": [at[0], at[0], width / 2], "outside": [at[1], at[1], width / 2]},
    )  # fmt: skip
    log = math.log(b / a)
    size = (b * b - a * a) ** 2 - 4 * a * a * b * b * log**2

    def hoop(r: float) -> float:
        inside = -((a * b / r) ** 2) * log + b * b * math.log(r / b) + a * a * math.log(a / r) + b * b - a * a
        return -4 * moment / width / size * inside

    def along(name: str) -> Any:
        # The hoop direction is (-1, 1, 0)/sqrt 2 at 45 degrees.
        return lambda p: (stress(name, "xx")(p) + stress(name, "yy")(p)) / 2 - stress(name, "xy")(p)

    sign = math.copysign(1.0, along("inside")(result["probes"]) * hoop(a))
    return [
        probed(result, "hoop stress inside, MPa", sign * hoop(a), 5e-3, along("inside")),
        probed(result, "hoop stress outside, MPa", sign * hoop(b), 5e-3, along("outside")),
    ]


def bimetal(bench: FeBench) -> list[Reading]:
    # Equal layers and moduli: 3/2 of the difference in strain over the height.
    length, height, difference = 60.0, 2.0, 1e-3
    model = bench.build("layers", length=length, width=6, heights=[height / 2, height / 2])
    root, side = model.on_plane(0, 0), model.on_plane(1, 0)
    result = bench.solve(
        STATIC, model, contact="bonded", levels=2, max_dofs=25_000,
        materials={
            "0": {**PLANE, "thermal_expansion_1_k": 2e-5}, "1": {**PLANE, "thermal_expansion_1_k": 1e-5},
        },
        supports=[
            {"kind": "displacement", "faces": root, "displacement_mm": [0, None, None]},
            {"kind": "displacement", "faces": side, "displacement_mm": [None, 0, None]},
            {"kind": "elastic", "faces": root, "stiffness_n_mm3": 1e-4},
        ],
        thermal={"reference_c": 20.0, "uniform_c": 120.0}, probes={"tip": [length, 0, 1], "root": [0, 0, 1]},
    )  # fmt: skip
    bend = 1.5 * difference / height * length**2 / 2
    return [probed(result, "deflection of the tip, mm", bend, 2e-3, lambda p: moved("tip", 2)(p) - moved("root", 2)(p))]


def composite_wall(bench: FeBench) -> list[Reading]:
    # Brick, insulation and steel between gases at 900 and 25 degC: five resistances in series.
    heights, conductivities = [100.0, 50.0, 20.0], (1.4, 0.04, 16.0)
    model = bench.build("layers", length=30, width=30, heights=heights)
    result = bench.solve(
        "backend.physics.fem.thermal:solve", model, contact="bonded", max_dofs=6_000,
        materials={str(i): {"thermal_conductivity_w_m_k": k} for i, k in enumerate(conductivities)},
        convection=[
            {"faces": model.on_plane(2, 0), "coefficient_w_m2_k": 25.0, "ambient_c": 900.0},
            {"faces": model.on_plane(2, sum(heights)), "coefficient_w_m2_k": 10.0, "ambient_c": 25.0},
        ],
        probes={"hot": [0, 0, 0], "joint": [0, 0, heights[0]], "cold": [0, 0, sum(heights)]},
    )  # fmt: skip
    parts = [1 / 25, *(h * 1e-3 / k for h, k in zip(heights, conductivities, strict=True)), 1 / 10]
    flux = 875.0 / sum(parts)
    return [
        temperatures(result, "hot", "hot face, °C", 900 - flux * parts[0], 1e-5),
        temperatures(result, "joint", "between brick and insulation, °C", 900 - flux * sum(parts[:2]), 1e-5),
        temperatures(result, "cold", "cold face, °C", 25 + flux / 10, 1e-5),
    ]


def generating_wall(bench: FeBench) -> list[Reading]:
    # 1.5 MW/m3 in 50 mm of k = 75, insulated behind; 20 mm of k = 150 carry it to water at 30 degC.
    model = bench.build("layers", length=20, width=20, heights=[50.0, 20.0])
    result = bench.solve(
        "backend.physics.fem.thermal:solve", model, contact="bonded", max_dofs=6_000,
        materials={"0": {"thermal_conductivity_w_m_k": 75.0}, "1": {"thermal_conductivity_w_m_k": 150.0}},
        sources=[{"solids": [0], "power_w": 30.0}], probes={"inner": [0, 0, 0], "joint": [0, 0, 50]},
        convection=[{"faces": model.on_plane(2, 70), "coefficient_w_m2_k": 1000.0, "ambient_c": 30.0}],
    )  # fmt: skip
    return [
        temperatures(result, "inner", "insulated face, °C", 140.0, 1e-5),
        temperatures(result, "joint", "between the layers, °C", 115.0, 1e-5),
    ]


def _root(function: Any, low: float, high: float) -> float:
    """Where a function that rises from below zero crosses it."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return low


def _after(result: dict[str, Any], name: str, quantity: str, expected: float, tolerance_rel: float) -> Reading:
    rows = tuple((int(row["dofs"]), float(row["probes_c"][name])) for row in result["levels"])
    return Reading(quantity, expected, float(result["probes"][name]["temperature_c"]), tolerance_rel, rows)


def pipeline(bench: FeBench) -> list[Reading]:
    # A wall of 40 mm at -20 degC, hot oil of 60 degC on one side, the other insulated; after 480 s.
    depth, k, film = 0.04, 63.9, 500.0
    model = bench.build("box", lx=40, ly=8, lz=8)
    result = bench.solve(
        TRANSIENT, model, duration_s=480.0, initial_c=-20.0, max_dofs=4_000, time_tolerance_c=0.01,
        material={"thermal_conductivity_w_m_k": k, "density_kg_m3": 7832.0, "specific_heat_j_kg_k": 434.0},
        convection=[{"faces": model.on_plane(0, 0), "coefficient_w_m2_k": film, "ambient_c": 60.0}],
        probes={"outside": [40, 0, 0], "inside": [0, 0, 0]},
    )  # fmt: skip
    biot, fourier = film * depth / k, k / (7832.0 * 434.0) * 480 / depth**2
    # By then the second term is below 1e-20.
    z = _root(lambda x: x * math.tan(x) - biot, 1e-6, math.pi / 2 - 1e-9)
    middle = 4 * math.sin(z) / (2 * z + math.sin(2 * z)) * math.exp(-z * z * fourier)
    return [
        _after(result, "outside", "insulated face after 480 s, °C", 60 - 80 * middle, 1e-3),
        _after(result, "inside", "heated face after 480 s, °C", 60 - 80 * middle * math.cos(z), 1e-3),
    ]


def quenched_ball(bench: FeBench) -> list[Reading]:
    # Biot number 1.5: the middle of a ball of 5 mm, from 335 degC into water of 20 degC, after 3 s.
    radius, k, film, duration = 0.005, 20.0, 6000.0, 3.0
    model = bench.build("ball_octant", radius=5)
    result = bench.solve(
        TRANSIENT, model, duration_s=duration, initial_c=335.0, max_dofs=8_000, time_tolerance_c=0.05,
        material={"thermal_conductivity_w_m_k": k, "density_kg_m3": 3000.0, "specific_heat_j_kg_k": 1000.0},
        convection=[{"faces": model.within_radius(5), "coefficient_w_m2_k": film, "ambient_c": 20.0}],
        probes={"middle": [0, 0, 0], "skin": [5, 0, 0]},
    )  # fmt: skip
    biot, fourier = film * radius / k, k / 3e6 * duration / radius**2
    theta, skin = 0.0, 0.0
    for number in range(1, 9):
        z = _root(lambda x: 1 - x / math.tan(x) - biot, (number - 1) * math.pi + 1e-9, number * math.pi - 1e-9)
        part = 4 * (math.sin(z) - z * math.cos(z)) / (2 * z - math.sin(2 * z)) * math.exp(-z * z * fourier)
        theta, skin = theta + part, skin + part * math.sin(z) / z
    return [
        _after(result, "middle", "middle after 3 s, °C", 20 + 315 * theta, 5e-3),
        _after(result, "skin", "surface after 3 s, °C", 20 + 315 * skin, 5e-3),
    ]


def pressed_ring(bench: FeBench) -> list[Reading]:
    radius, wall = 100.0, 2.0
    model = bench.build("quarter_ring", inner=radius - wall / 2, outer=radius + wall / 2, length=10)
    result = bench.buckling(
        model, PLANE, supports=_held(model, (0, 0), (1, 0), (2, 0)),
        loads=[{"kind": "pressure", "faces": model.within_radius(radius + wall / 2), "pressure_mpa": 1.0}],
    )  # fmt: skip
    rows = tuple((int(row["dofs"]), float(row["load_factors"][0])) for row in result["levels"])
    return [Reading("critical pressure, MPa", 3 * E * wall**3 / 12 / radius**3, rows[-1][1], 5e-3, rows)]


def square_duct(bench: FeBench) -> list[Reading]:
    # A quarter of a duct of 10 mm, Re = 100, developed from the inlet on.
    side, length, mean = 10.0, 40.0, 0.01
    model = bench.build("box", lx=length, ly=side / 2, lz=side / 2)
    result = bench.solve(
        FLOW, model, fluid=WATER, inlets=[{"faces": model.on_plane(0, 0), "velocity_m_s": mean}],
        outlets=[{"faces": model.on_plane(0, length)}], symmetry=[*model.on_plane(1, 0), *model.on_plane(2, 0)],
    )  # fmt: skip
    unit = length / side * 500 * mean**2 / 100
    rows = tuple((int(row["dofs"]), float(row["pressure_drop_pa"]) / unit) for row in result["levels"])
    odd = range(1, 100, 2)
    series = sum(math.tanh(n * math.pi / 2) / n**5 for n in odd)
    return [Reading("f Re", 24 / (1 - 192 / math.pi**5 * series), rows[-1][1], 5e-3, rows)]


def bedded_beam(bench: FeBench) -> list[Reading]:
    # Half of a long beam by symmetry, with half of the force; nu = 0, shear left out: 0.5 %.
    # The stress is read three heights from the force, behind its local field.
    width, height, force, bedding, at = 10.0, 10.0, 500.0, 0.5, 30.0
    model = bench.build("box", lx=500, ly=width, lz=height)
    result = bench.static(
        model, PLANE, max_dofs=25_000, probes={"middle": [0, 0, height / 2], "fibre": [at, 0, 0]},
        supports=[
            *_held(model, (0, 0), (1, 0)),
            {"kind": "elastic", "faces": model.on_plane(2, 0), "stiffness_n_mm3": bedding, "normal_only": True},
        ],
        loads=[{"kind": "force", "faces": model.on_plane(0, 0), "vector_n": [0, 0, -force]}],
    )  # fmt: skip
    inertia = width * height**3 / 12
    decay = (bedding * width / (4 * E * inertia)) ** 0.25
    moment = 2 * force / (4 * decay) * math.exp(-decay * at) * (math.cos(decay * at) - math.sin(decay * at))
    return [
        probed(result, "deflection, mm", -2 * force * decay / (2 * bedding * width), 5e-3, moved("middle", 2)),
        probed(result, "bending stress, MPa", moment * height / 2 / inertia, 1e-2, stress("fibre", "xx")),
    ]


def elliptic_plate(bench: FeBench) -> list[Reading]:
    a, b, thickness, pressure = 100.0, 50.0, 2.0, 0.01
    model = bench.build("ellipse", long=a, short=b, thickness=thickness)
    rim = [f["index"] for f in model.table if f["high"][0] > a - 1e-3 and f["high"][1] > b - 1e-3 and f["area"] < 1000]
    result = bench.static(
        model, PLANE, order=3, levels=2, max_dofs=50_000, probes={"middle": [0, 0, 0]},
        supports=[{"kind": "fixed", "faces": rim}, *_held(model, (0, 0), (1, 0))],
        loads=[{"kind": "pressure", "faces": model.on_plane(2, thickness), "pressure_mpa": pressure}],
    )  # fmt: skip
    stiffness = E * thickness**3 / 12
    sag = pressure / (stiffness * (24 / a**4 + 24 / b**4 + 16 / (a * b) ** 2))
    return [probed(result, "deflection of the middle, mm", -sag, 1e-2, moved("middle", 2))]


def preloaded_bar(bench: FeBench) -> list[Reading]:
    # Between rigid walls, and free to contract: preload F gives the stress F/A, whatever the bar is made of.
    model = bench.build("box", lx=10, ly=10, lz=80)
    result = bench.static(
        model, STEEL, levels=2, max_dofs=6_000, supports=_held(model, (0, 0), (1, 0), (2, 0), (2, 80)),
        preloads=[{"solid": 0, "force_n": 10_000.0, "axis": [0, 0, 1]}], probes={"shank": [5, 5, 40]},
    )  # fmt: skip
    return [
        probed(result, "stress, MPa", 100.0, 5e-3, stress("shank", "zz")),
        Reading("force, N", 10_000.0, float(result["bolts_n"]["0"]), 1e-3),
    ]


def clamped_disc_modes(bench: FeBench) -> list[Reading]:
    radius, thickness = 100.0, 2.0
    model = bench.build("disc", radius=radius, thickness=thickness)
    rim = model.faces(lambda f: f["high"][2] - f["low"][2] > thickness / 2)
    result = bench.modal(
        model, {**NAFEMS, "density_kg_m3": 7850.0}, supports=[{"kind": "fixed", "faces": rim}], modes=4, order=3,
        levels=2, max_dofs=40_000,
    )  # fmt: skip
    stiffness = 200e9 * (thickness * 1e-3) ** 3 / 12 / (1 - 0.09)
    unit = math.sqrt(stiffness / (7850 * thickness * 1e-3)) / (2 * math.pi * (radius * 1e-3) ** 2)
    return frequencies(result, [10.2158 * unit, 21.260 * unit, 21.260 * unit, 34.877 * unit], 5e-3)


def nafems_le5(bench: FeBench) -> list[Reading]:
    # The moment of 1.2 MN m as a traction over the end: 2.5 m from the root the way it enters is forgotten.
    model = bench.build("z_section", length=10_000, web=2_000, flange=1_000, thickness=100)
    result = bench.static(
        model, supports=[{"kind": "fixed", "faces": model.on_plane(0, 0)}], probes={"A": [2_500, -1_000, 1_000]},
        loads=[{"kind": "moment", "faces": model.on_plane(0, 10_000), "moment_n_mm": [1.2e9, 0, 0]}],
        max_dofs=60_000, levels=3,
    )  # fmt: skip
    return [probed(result, "axial stress at A, MPa", -108.0, 2e-2, stress("A", "xx"))]


def nafems_t1(bench: FeBench) -> list[Reading]:
    # Plane stress in a solid: a material without stiffness through the thickness (a thousandth) has no edge layer at
    # the rim of the spot. D lies just outside; the plate is so wide that its edge counts a quarter of a per cent.
    spot, modulus, soft = 1_000.0, 100e3, 100.0
    model = bench.build("disc_in_ring", radius=spot, outer=20 * spot, height=200)
    membrane: dict[str, Any] = {
        "name": "membrane", "density_kg_m3": 1000.0,
        "orthotropic": {"e_mpa": [modulus, modulus, soft], "g_mpa": [modulus / 2.6, soft, soft], "nu": [0.3, 0.0, 0.0]},
    }  # fmt: skip
    result = bench.solve(
        STATIC, model, contact="bonded", levels=3, max_dofs=40_000, probes={"D": [1.002 * spot, 0, 100]},
        materials={str(i): {**membrane, "thermal_expansion_1_k": hot} for i, hot in enumerate((1e-5, 0.0))},
        supports=_held(model, (0, 0), (1, 0), (2, 0)), thermal={"reference_c": 0.0, "uniform_c": 100.0},
    )  # fmt: skip
    return [probed(result, "sigma_yy at D, MPa", 50.0, 2e-2, stress("D", "yy"))]


def nafems_fv12(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=10_000, ly=10_000, lz=50)
    result = bench.modal(model, NAFEMS, supports=[], modes=5, order=3, levels=2, max_dofs=40_000)
    return frequencies(result, [1.622, 2.360, 2.922, 4.190, 4.190], 1e-2)


def nafems_fv16(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=10_000, ly=10_000, lz=50)
    root = [{"kind": "fixed", "faces": model.on_plane(0, 0)}]
    result = bench.modal(model, NAFEMS, supports=root, modes=6, order=3, levels=2, max_dofs=40_000)
    return frequencies(result, [0.421, 1.029, 2.582, 3.306, 3.753, 6.555], 1e-2)


TEXTBOOK_CASES = [
    FeCase("nafems-le5", "NAFEMS LE5, Z-section cantilever in torsion",
           "NAFEMS LE5: -108 MPa for mid-surface shells, read in Altair's account of it; here as a solid: 2 %",
           READ, nafems_le5),
    FeCase("nafems-fv12", "NAFEMS FV12, free thin square plate",
           "NAFEMS FV12, read in the examples of FinEtools; as a solid of a/t = 200", READ, nafems_fv12),
    FeCase("nafems-fv16", "NAFEMS FV16, cantilevered thin square plate",
           "NAFEMS FV16, read in Altair's account of it; as a solid of a/t = 200", READ, nafems_fv16),
    FeCase("nafems-t1", "NAFEMS T1, membrane with a hot spot",
           "NAFEMS T1: 50 MPa, read in the accounts of Abaqus and Altair (without the plate's size); E alpha T/2 of "
           "a wide plate", READ, nafems_t1),
    FeCase("fe-shrink-fit", "Disc shrunk into a ring of another material", "Lame: p = E d/2 (1 - a^2/b^2), nu = 0",
           CLOSED, shrink_fit),
    FeCase("fe-spinning-disc", "Spinning disc with a hole",
           "Timoshenko and Goodier, Theory of Elasticity, article 32; a plane theory: 1 %", CLOSED, spinning_disc),
    FeCase("fe-curved-bar", "Curved bar in pure bending", "Golovin; Timoshenko and Goodier, article 29, nu = 0",
           CLOSED, curved_bar),
    FeCase("fe-bimetal", "Strip of two metals, heated", "Timoshenko 1925: 3/2 d_alpha dT/h, nu = 0", CLOSED, bimetal),
    FeCase("fe-composite-wall", "Furnace wall of three layers", "resistances in series", CLOSED, composite_wall),
    FeCase("fe-generating-wall", "Wall of two layers, one of which makes heat",
           "30 + q L/h + q L d/k + q L^2/(2 k) (Incropera's composite wall with generation: 140, 115 °C)",
           CLOSED, generating_wall),
    FeCase("fe-heated-wall", "Wall of a pipeline after hot oil comes",
           "series solution at Bi 0.313, Fo 5.64 (Incropera's pipeline example rounds it to 42.9 and 45.2)",
           CLOSED, pipeline),
    FeCase("fe-quenched-ball", "Ball quenched in water", "series solution at Bi = 1.5, Fo = 0.8", CLOSED,
           quenched_ball),
    FeCase("fe-pressed-ring", "Ring under outside pressure", "Levy 1884: 3 E I/R^3 for pressure that stays normal; "
           "thin-ring theory at t/R = 0.02: 0.5 %", CLOSED, pressed_ring),
    FeCase("fe-square-duct", "Developed flow in a square duct", "f Re = 56.91 by the series of Saint-Venant",
           CLOSED, square_duct),
    FeCase("fe-bedded-beam", "Long beam on an elastic bed",
           "Hetenyi: P b/(2 k), P/(4 b) at the force; shear left out: 0.5 and 1 %",
           CLOSED, bedded_beam),
    FeCase("fe-elliptic-plate", "Clamped elliptic plate under pressure",
           "Timoshenko and Woinowsky-Krieger, article 72; thin-plate theory at b/t = 25: 1 %", CLOSED, elliptic_plate),
    FeCase("fe-preloaded-bar", "Bolt tightened between rigid walls", "F/A", CLOSED, preloaded_bar),
    FeCase("fe-clamped-disc-modes", "Frequencies of a clamped disc",
           "roots 10.2158, 21.260, 34.877 of the thin plate (Leissa); a/t = 50: 0.5 %", CLOSED, clamped_disc_modes),
]  # fmt: skip
