"""The finite-element cases of ``./brick bench physics``. Lengths in mm, forces in N, stresses in MPa.

Where a closed form belongs to an idealised support, the solid is held the same way (or has Poisson's ratio 0, so that
a clamped face doesn't stiffen it); then 0.1 % is asked for. A wider tolerance says why in the title of its source.
"""

from __future__ import annotations

import math
from typing import Any

from backend.commands.bench_physics_fe import STEEL, FeBench, FeCase, Reading, moved, probed, stress

E = 210e3
PLAIN: dict[str, Any] = {**STEEL, "poisson_ratio": 0.0}
HOT: dict[str, Any] = {
    **STEEL, "youngs_modulus_mpa": 200e3, "thermal_expansion_1_k": 12e-6, "thermal_conductivity_w_m_k": 50.0,
}  # fmt: skip
NAFEMS: dict[str, Any] = {**STEEL, "youngs_modulus_mpa": 200e3, "density_kg_m3": 8000.0}
Supports = list[dict[str, Any]]


def _symmetry(model: Any) -> Supports:
    return [{"kind": "frictionless", "faces": model.on_plane(axis, 0)} for axis in range(3)]


def bar(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=80, ly=12, lz=7)
    loads = [{"kind": "force", "faces": model.on_plane(0, 80), "vector_n": [4200, 0, 0]}]
    result = bench.static(
        model, supports=_symmetry(model), loads=loads, probes={"end": [80, 0, 0]}, levels=2, max_dofs=6_000
    )
    return [
        probed(result, "axial stress, MPa", 50.0, 1e-5, stress("end", "xx")),
        probed(result, "stretch, mm", 50 / E * 80, 1e-5, moved("end", 0)),
    ]


def hanging_bar(bench: FeBench) -> list[Reading]:
    # Without Poisson's effect the field is one-dimensional: u = rho g L^2/(2 E), stress rho g L at the top.
    length = 200.0
    model = bench.build("box", lx=10, ly=10, lz=length)
    planes = ((0, 0.0), (1, 0.0), (2, length))
    supports = [{"kind": "frictionless", "faces": model.on_plane(axis, at)} for axis, at in planes]
    result = bench.static(
        model, PLAIN, supports=supports, gravity=[0, 0, -9.80665], probes={"low": [0, 0, 0], "top": [0, 0, length]},
        levels=2, max_dofs=8_000,
    )  # fmt: skip
    weight = 7850e-12 * 9806.65
    return [
        probed(result, "sag of the end, mm", -weight * length**2 / (2 * E), 1e-4, moved("low", 2)),
        probed(result, "stress at the top, MPa", weight * length, 1e-3, stress("top", "zz")),
    ]


def timoshenko_cantilever(bench: FeBench) -> list[Reading]:
    # The root may contract: only u_x is held; the shear force comes as a load; a bedding too soft to carry any stops
    # rigid motion. Tip F L^3/(3 E I) + F L/(kappa G A), kappa = 10(1+nu)/(12+11 nu).
    length, width, height, force = 200.0, 10.0, 20.0, 300.0
    model = bench.build("box", lx=length, ly=width, lz=height)
    root = model.on_plane(0, 0)
    middle = [width / 2, height / 2]
    result = bench.static(
        model,
        supports=[
            {"kind": "displacement", "faces": root, "displacement_mm": [0, None, None]},
            {"kind": "elastic", "faces": root, "stiffness_n_mm3": 1e-3},
        ],
        loads=[
            {"kind": "force", "faces": model.on_plane(0, length), "vector_n": [0, 0, -force]},
            {"kind": "force", "faces": root, "vector_n": [0, 0, force]},
        ],
        probes={"tip": [length, *middle], "root": [0, *middle], "fibre": [length / 2, width / 2, height]},
    )
    inertia, area, kappa = width * height**3 / 12, width * height, 13 / (12 + 11 * 0.3)
    sag = force * length**3 / (3 * E * inertia) + force * length / (kappa * E / 2.6 * area)
    return [
        probed(result, "tip deflection, mm", sag, 1.5e-3, lambda p: moved("root", 2)(p) - moved("tip", 2)(p)),
        probed(result, "bending stress at mid-length, MPa", force * length / 2 * height / 2 / inertia, 3e-3,
               stress("fibre", "xx")),
    ]  # fmt: skip


def pure_bending(bench: FeBench) -> list[Reading]:
    model, moment = bench.build("box", lx=100, ly=10, lz=20), 50_000.0
    root, low, side = model.on_plane(0, 0), model.on_plane(2, 0)[0], model.on_plane(1, 0)[0]
    supports: Supports = [
        {"kind": "displacement", "faces": root, "displacement_mm": [0, None, None]},
        {"kind": "displacement", "edges": [[root[0], low]], "displacement_mm": [0, None, 0]},
        {"kind": "displacement", "edges": [[root[0], side]], "displacement_mm": [0, 0, None]},
    ]
    result = bench.static(
        model, PLAIN, supports=supports, probes={"mid": [50, 5, 20], "end": [100, 5, 10], "foot": [0, 5, 10]},
        loads=[{"kind": "moment", "faces": model.on_plane(0, 100), "moment_n_mm": [0, moment, 0]}],
        levels=2, max_dofs=20_000,
    )  # fmt: skip
    inertia = 10 * 20**3 / 12
    return [
        probed(result, "fibre stress, MPa", moment * 10 / inertia, 1e-3, stress("mid", "xx")),
        probed(result, "end deflection, mm", -moment * 100**2 / (2 * E * inertia), 1e-3,
               lambda p: moved("end", 2)(p) - moved("foot", 2)(p)),
    ]  # fmt: skip


def shaft_torsion(bench: FeBench) -> list[Reading]:
    # A round section doesn't warp: clamping one end leaves the solution exact.
    radius, length, torque = 10.0, 80.0, 100_000.0
    model = bench.build("rod", radius=radius, length=length)
    result = bench.static(
        model,
        supports=[{"kind": "fixed", "faces": model.on_plane(2, 0)}],
        loads=[{"kind": "moment", "faces": model.on_plane(2, length), "moment_n_mm": [0, 0, torque]}],
        probes={"rim": [radius, 0, length / 2], "end": [radius, 0, length]}, order=3, mesh_size_mm=6.0,
        max_dofs=60_000,
    )  # fmt: skip
    polar = math.pi * radius**4 / 2
    return [
        probed(result, "shear stress at the rim, MPa", torque * radius / polar, 5e-3, stress("rim", "yz")),
        probed(result, "twist of the end, rad", torque * length / (E / 2.6 * polar), 1e-3,
               lambda p: moved("end", 1)(p) / radius),
    ]  # fmt: skip


def square_torsion(bench: FeBench) -> list[Reading]:
    # Saint-Venant's series for the square; read far from the ends, where warping is free.
    side, length, torque = 10.0, 100.0, 20_000.0
    odd = range(1, 60, 2)
    constant = side**4 * (1 / 3 - 64 / math.pi**5 * sum(math.tanh(n * math.pi / 2) / n**5 for n in odd))
    peak = torque * side / constant * (1 - 8 / math.pi**2 * sum(1 / (n**2 * math.cosh(n * math.pi / 2)) for n in odd))
    model = bench.build("box", lx=length, ly=side, lz=side)
    result = bench.static(
        model,
        supports=[{"kind": "fixed", "faces": model.on_plane(0, 0)}],
        loads=[{"kind": "moment", "faces": model.on_plane(0, length), "moment_n_mm": [torque, 0, 0]}],
        probes={"skin": [50, 5, side], "a": [35, 5, side], "b": [65, 5, side]}, order=3, mesh_size_mm=3.3,
        max_dofs=60_000,
    )  # fmt: skip
    return [
        probed(result, "largest shear stress, MPa", -peak, 5e-3, stress("skin", "xy")),
        probed(result, "twist over 30 mm, rad", torque * 30 / (E / 2.6 * constant), 1e-3,
               lambda p: (moved("a", 1)(p) - moved("b", 1)(p)) / (side / 2)),
    ]  # fmt: skip


def hole(width: float) -> Any:
    def run(bench: FeBench) -> list[Reading]:
        diameter, pull = 20.0, 100.0
        model = bench.build(
            "quarter_plate_with_hole", width=width, length=2.5 * width, thickness=2.0, diameter=diameter
        )
        loads = [{"kind": "pressure", "faces": model.on_plane(0, 1.25 * width), "pressure_mpa": -pull}]
        result = bench.static(model, supports=_symmetry(model), loads=loads, probes={"hole": [0, diameter / 2, 0]})
        net = 1 - diameter / width
        return [probed(result, "stress at the hole, MPa", pull / net * (2 + net**3), 0.02, stress("hole", "xx"))]

    return run


def lame_cylinder(bench: FeBench) -> list[Reading]:
    a, b, p = 20.0, 40.0, 60.0
    model = bench.build("quarter_ring", inner=a, outer=b, length=10)
    result = bench.static(
        model, supports=_symmetry(model),
        loads=[{"kind": "pressure", "faces": model.within_radius(a), "pressure_mpa": p}],
        probes={"bore": [a, 0, 0], "rim": [b, 0, 0]},
    )  # fmt: skip
    ratio = (b * b + a * a) / (b * b - a * a)
    return [
        probed(result, "hoop stress at the bore, MPa", p * ratio, 5e-3, stress("bore", "yy")),
        probed(result, "hoop stress at the rim, MPa", 2 * p * a * a / (b * b - a * a), 5e-3, stress("rim", "yy")),
        probed(result, "growth of the bore, mm", p * a / E * (ratio + 0.3), 1e-3, moved("bore", 0)),
    ]


def sphere_defaults(bench: FeBench) -> list[Reading]:
    # What the solver says by itself: the assessed stress, held against its own error bar.
    model = bench.build("sphere_octant", inner=20.0, outer=40.0)
    result = bench.static(
        model, supports=_symmetry(model), max_dofs=120_000,
        loads=[{"kind": "pressure", "faces": model.within_radius(20.0), "pressure_mpa": 60.0}],
    )  # fmt: skip
    found, exact = result["von_mises_mpa"], 1.5 * 60.0 * 40.0**3 / (40.0**3 - 20.0**3)
    history = tuple((int(row["dofs"]), float(row["assessed_von_mises_mpa"])) for row in result["levels"])
    bar = float(found["error"]) / exact
    return [Reading("assessed von Mises, MPa, in its error bar", exact, float(found["value"]), bar, history)]


def lame_sphere(order: int, size_mm: float | None) -> Any:
    def run(bench: FeBench) -> list[Reading]:
        return _lame_sphere(bench, order, size_mm)

    return run


def _lame_sphere(bench: FeBench, order: int, size_mm: float | None) -> list[Reading]:
    a, b, p = 20.0, 40.0, 60.0
    model = bench.build("sphere_octant", inner=a, outer=b)
    result = bench.static(
        model, supports=_symmetry(model),
        loads=[{"kind": "pressure", "faces": model.within_radius(a), "pressure_mpa": p}],
        probes={"bore": [a, 0, 0], "rim": [b, 0, 0]}, order=order, mesh_size_mm=size_mm,
        max_dofs=120_000 if size_mm is None else 40_000, error_target_rel=0.01 if size_mm is None else None,
    )  # fmt: skip
    solid = b**3 - a**3
    return [
        probed(result, "hoop stress at the bore, MPa", p * (b**3 + 2 * a**3) / (2 * solid), 1e-2, stress("bore", "yy")),
        probed(result, "hoop stress at the rim, MPa", 1.5 * p * a**3 / solid, 5e-3, stress("rim", "yy")),
        probed(result, "growth of the bore, mm", p * a / E * (0.4 * a**3 + 0.65 * b**3) / solid, 1e-3,
               moved("bore", 0)),
    ]  # fmt: skip


def clamped_disc(bench: FeBench) -> list[Reading]:
    radius, t, p = 100.0, 5.0, 0.5
    model = bench.build("disc", radius=radius, thickness=t)
    rim = model.faces(lambda f: f["high"][2] - f["low"][2] > t - 0.01)
    result = bench.static(
        model, PLAIN, supports=[{"kind": "fixed", "faces": rim}],
        loads=[{"kind": "pressure", "faces": model.on_plane(2, t), "pressure_mpa": p}],
        probes={"center": [0, 0, t / 2], "fibre": [0, 0, 0]}, order=3, max_dofs=60_000,
    )  # fmt: skip
    sag = p * radius**4 / (64 * E * t**3 / 12) + p * radius**2 / (4 * 5 / 6 * E / 2 * t)
    return [
        probed(result, "deflection, mm", -sag, 1e-3, moved("center", 2)),
        probed(result, "stress at the centre, MPa", 3 * p * radius**2 / (8 * t**2), 5e-3, stress("fibre", "xx")),
    ]


def navier_plate(bench: FeBench) -> list[Reading]:
    # Mindlin plate on hard supports (no displacement along the edges): Navier's series for bending, plus Poisson's
    # equation for shear; exact for the sides as they are held here.
    side, t, p = 200.0, 8.0, 0.4
    model = bench.build("box", lx=side, ly=side, lz=t)
    result = bench.static(
        model, supports=_hard_sides(model, side), probes={"center": [side / 2, side / 2, t / 2]},
        loads=[{"kind": "pressure", "faces": model.on_plane(2, t), "pressure_mpa": p}], order=3, max_dofs=60_000,
    )  # fmt: skip
    rigidity, shear = E * t**3 / (12 * 0.91), 5 / 6 * E / 2.6 * t
    bend = slide = 0.0
    for m in range(1, 80, 2):
        for n in range(1, 80, 2):
            term = 16 * p / (math.pi**2 * m * n) * math.sin(m * math.pi / 2) * math.sin(n * math.pi / 2)
            waves = math.pi**2 * (m * m + n * n) / side**2
            bend += term / (rigidity * waves**2)
            slide += term / (shear * waves)
    return [probed(result, "deflection, mm", -(bend + slide), 2e-3, moved("center", 2))]


def _hard_sides(model: Any, side: float) -> Supports:
    return [
        {
            "kind": "displacement",
            "faces": [*model.on_plane(axis, 0), *model.on_plane(axis, side)],
            "displacement_mm": [None, 0, 0] if axis == 0 else [0, None, 0],
        }
        for axis in (0, 1)
    ]


def _rim(model: Any, height: float) -> list[int]:
    found: list[int] = model.faces(
        lambda f: f["high"][0] > 3200 and f["high"][1] > 2700 and f["high"][2] - f["low"][2] > height
    )
    return found


def le1(bench: FeBench) -> list[Reading]:
    model = bench.build("elliptic_plate", bottom=0, layers=[50])
    loads = [{"kind": "pressure", "faces": _rim(model, 40), "pressure_mpa": -10.0}]
    result = bench.static(
        model, NAFEMS | {"youngs_modulus_mpa": E}, supports=_symmetry(model), loads=loads, probes={"D": [2000, 0, 0]}
    )
    return [probed(result, "sigma_yy at D, MPa", 92.7, 1e-2, stress("D", "yy"))]


def le10(bench: FeBench) -> list[Reading]:
    model = bench.build("elliptic_plate", bottom=0, layers=[300, 300])
    outer = _rim(model, 200)
    supports: Supports = [
        {"kind": "displacement", "faces": model.on_plane(1, 0), "displacement_mm": [None, 0, None]},
        {"kind": "displacement", "faces": model.on_plane(0, 0), "displacement_mm": [0, None, None]},
        {"kind": "displacement", "faces": outer, "displacement_mm": [0, 0, None]},
        {"kind": "displacement", "edges": [outer], "displacement_mm": [None, None, 0]},
    ]
    result = bench.static(
        model, supports=supports, contact="bonded", probes={"D": [2000, 0, 600]}, order=3, max_dofs=120_000,
        loads=[{"kind": "pressure", "faces": model.on_plane(2, 600), "pressure_mpa": 1.0}],
    )  # fmt: skip
    return [probed(result, "sigma_yy at D, MPa", -5.38, 1e-2, stress("D", "yy"))]


def held_bar(bench: FeBench) -> list[Reading]:
    model = bench.build("box", lx=100, ly=10, lz=10)
    faces = [i for axis, at in ((0, 0), (0, 100), (1, 0), (2, 0)) for i in model.on_plane(axis, at)]
    result = bench.static(
        model, HOT, supports=[{"kind": "frictionless", "faces": faces}], probes={"mid": [50, 0, 0]},
        thermal={"reference_c": 20.0, "uniform_c": 95.0}, levels=2, max_dofs=8_000,
    )  # fmt: skip
    return [probed(result, "stress, MPa", -200e3 * 12e-6 * 75, 1e-4, stress("mid", "xx"))]


def heated_bore(bench: FeBench) -> list[Reading]:
    a, b, hot = 20.0, 40.0, 80.0
    model = bench.build("quarter_ring", inner=a, outer=b, length=10)
    bore = model.within_radius(a)
    skin = model.faces(
        lambda f: all(abs(f["high"][i] - b) < 1e-3 for i in (0, 1)) and f["high"][2] - f["low"][2] > 1e-3
    )
    flat = [i for axis in range(3) for i in model.on_plane(axis, 0)] + model.on_plane(2, 10)
    result = bench.static(
        model, HOT, supports=[{"kind": "frictionless", "faces": flat}],
        thermal={
            "reference_c": 0.0,
            "temperatures": [{"faces": bore, "temperature_c": hot}, {"faces": skin, "temperature_c": 0.0}],
        },
        probes={"bore": [a, 0, 5], "rim": [b, 0, 5]},
    )  # fmt: skip
    log, squares = math.log(b / a), b * b - a * a
    factor = 200e3 * 12e-6 * hot / (2 * 0.7 * log)
    return [
        probed(result, "hoop stress at the bore, MPa", factor * (1 - 2 * b * b / squares * log), 1e-2,
               stress("bore", "yy")),
        probed(result, "hoop stress at the rim, MPa", factor * (1 - 2 * a * a / squares * log), 1e-2,
               stress("rim", "yy")),
    ]  # fmt: skip


CLOSED, READ = "closed form", "read"
STATIC_CASES = [
    FeCase("fe-bar", "Bar in tension", "F/A, F L/(E A)", CLOSED, bar),
    FeCase("fe-hanging-bar", "Bar under its own weight", "rho g L^2/(2 E), nu = 0", CLOSED, hanging_bar),
    FeCase("fe-timoshenko", "Cantilever with shear, root free to contract",
           "Timoshenko beam, kappa of Cowper 1966; the load's traction isn't the parabola of beam theory: 0.15, 0.3 %",
           CLOSED, timoshenko_cantilever),
    FeCase("fe-pure-bending", "Pure bending by a moment", "M c/I, M L^2/(2 E I), nu = 0", CLOSED, pure_bending),
    FeCase("fe-shaft", "Round shaft in torsion", "T r/J, T L/(G J); recovered surface stress 0.5 %", CLOSED,
           shaft_torsion),
    FeCase("fe-square-torsion", "Square bar in torsion", "Saint-Venant's series; recovered surface stress 0.5 %",
           CLOSED, square_torsion),
    FeCase("fe-heywood-0.05", "Plate with a hole, d/w = 0.05",
           "Heywood's fit 2 + (1 - d/w)^3 on the net section: 2 %. Read: Peterson's polynomial, 2.853 against 2.857",
           READ, hole(400.0)),
    FeCase("fe-heywood-0.2", "Plate with a hole, d/w = 0.2",
           "Heywood's fit 2 + (1 - d/w)^3 on the net section: 2 %. Read: 2.51 in Bhandari, example 5.3",
           READ, hole(100.0)),
    FeCase("fe-lame-cylinder", "Thick cylinder under inner pressure", "Lamé; recovered surface stress 0.5 %", CLOSED,
           lame_cylinder),
    FeCase("fe-lame-sphere", "Thick sphere under inner pressure, asked for 1 %",
           "Lamé; recovered surface stress 0.5 to 1 %", CLOSED, lame_sphere(2, None)),
    FeCase("fe-lame-sphere-defaults", "Thick sphere under inner pressure, the solver's own settings",
           "Lamé; the tolerance is the error bar that the solver gives", CLOSED, sphere_defaults),
    FeCase("fe-lame-sphere-cubic", "Thick sphere under inner pressure, cubic elements from 6 mm",
           "Lamé; recovered surface stress 0.5 to 1 %", CLOSED, lame_sphere(3, 6.0)),
    FeCase("fe-clamped-disc", "Clamped disc under pressure",
           "p a^4/(64 D) + p a^2/(4 kappa G t), nu = 0; stress of thin plates 0.5 %", CLOSED, clamped_disc),
    FeCase("fe-navier-plate", "Square plate on hard supports",
           "Navier's series with Mindlin's shear, kappa 5/6; a plate theory at a/t = 25: 0.2 %", CLOSED, navier_plate),
    FeCase("nafems-le1", "NAFEMS LE1, elliptic membrane", "NAFEMS, The Standard NAFEMS Benchmarks: 92.7 MPa", READ,
           le1),
    FeCase("nafems-le10", "NAFEMS LE10, thick plate", "NAFEMS, The Standard NAFEMS Benchmarks: -5.38 MPa", READ, le10),
    FeCase("fe-held-bar", "Heated bar between walls", "-E alpha dT", CLOSED, held_bar),
    FeCase("fe-heated-bore", "Long cylinder with a hot bore",
           "Timoshenko and Goodier, thermal stress of the long cylinder; recovered surface stress 1 %", CLOSED,
           heated_bore),
]  # fmt: skip
