"""Laminar flow of ``./brick bench physics``. Lengths in mm unless a name says otherwise."""

from __future__ import annotations

import math
from typing import Any

from backend.commands.bench_physics_fe import FeBench, FeCase, Reading
from backend.commands.bench_physics_fe_cases import CLOSED, READ

FLOW = "backend.physics.fem.flow:solve"
WATER: dict[str, Any] = {"density_kg_m3": 1000.0, "dynamic_viscosity_pa_s": 1e-3}


def _drop(result: dict[str, Any], quantity: str, reference: float, tolerance_rel: float) -> Reading:
    meshes = tuple((int(row["dofs"]), float(row["pressure_drop_pa"])) for row in result["levels"])
    return Reading(quantity, reference, float(result["pressure_drop_pa"]["value"]), tolerance_rel, meshes)


def dfg_cylinder(bench: FeBench) -> list[Reading]:
    # Channel 2.2 m x 0.41 m, cylinder of 0.1 m at (0.2, 0.2), mean speed 0.2 m/s, nu = 1e-3 m2/s: Re = 20.
    model = bench.build("channel_with_cylinder", depth=10)
    cylinder = model.faces(lambda f: abs(f["low"][0] - 150) < 0.01 and abs(f["high"][0] - 250) < 0.01)
    result = bench.solve(
        FLOW, model, fluid={"density_kg_m3": 1.0, "dynamic_viscosity_pa_s": 1e-3}, order=3, levels=3, max_dofs=60_000,
        plane_face=model.on_plane(2, 0)[0], inlets=[{"faces": model.on_plane(0, 0), "velocity_m_s": 0.2}],
        outlets=[{"faces": model.on_plane(0, 2200)}], regions={"cylinder": cylinder},
        probes={"front": [150, 200, 0], "back": [250, 200, 0]},
        reference={"velocity_m_s": 0.2, "area_mm2": 100.0, "length_mm": 100.0},
    )  # fmt: skip
    drag, lift = result["forces"]["cylinder"]["coefficient"]
    unit = 0.5 * 1.0 * 0.2**2 * 100e-6
    meshes = [
        tuple((int(row["dofs"]), float(row["forces_n"]["cylinder"][axis]) / unit) for row in result["levels"])
        for axis in range(2)
    ]
    probes = result["probes"]
    return [
        Reading("drag coefficient", 5.57953523384, float(drag), 1e-4, meshes[0]),
        Reading("lift coefficient", 0.010618948146, float(lift), 1e-2, meshes[1]),
        Reading("pressure difference, Pa", 0.11752016697,
                float(probes["front"]["pressure_pa"]) - float(probes["back"]["pressure_pa"]), 2e-3),
    ]  # fmt: skip


def pipe(bench: FeBench) -> list[Reading]:
    # Re = 500, developed at the inlet: f = 64/Re over the whole length, and the same by the force on the wall.
    radius, length, mean = 5.0, 40.0, 0.05
    model = bench.build("quarter_rod", radius=radius, length=length)
    wall = model.faces(lambda f: f["high"][0] > 4.9 and f["high"][1] > 4.9 and f["high"][2] - f["low"][2] > 1)
    result = bench.solve(
        FLOW, model, fluid=WATER, max_dofs=16_000, regions={"wall": wall},
        inlets=[{"faces": model.on_plane(2, 0), "velocity_m_s": mean}],
        outlets=[{"faces": model.on_plane(2, length)}], symmetry=[*model.on_plane(0, 0), *model.on_plane(1, 0)],
    )  # fmt: skip
    friction = float(result["pressure_drop_pa"]["value"]) / (length / (2 * radius) * 500.0 * mean**2)
    rows = tuple(
        (int(row["dofs"]), float(row["pressure_drop_pa"]) / (length / (2 * radius) * 500.0 * mean**2))
        for row in result["levels"]
    )
    expected = 32 * 1e-3 * mean * length * 1e-3 / (2e-3 * radius) ** 2
    section = math.pi * (radius * 1e-3) ** 2 / 4
    return [
        Reading("friction factor at Re = 500", 64 / 500, friction, 2e-3, rows),
        Reading("force on a quarter of the wall, N", expected * section,
                float(result["forces"]["wall"]["force_n"][2]), 2e-3),
    ]  # fmt: skip


def plane_channel(bench: FeBench) -> list[Reading]:
    # Driven by pressure: U = dp H^2/(12 mu L); quadratic elements hold the parabola exactly.
    length, height, drop = 40.0, 4.0, 0.03
    model = bench.build("box", lx=length, ly=height, lz=2)
    result = bench.solve(
        FLOW, model, fluid=WATER, plane_face=model.on_plane(2, 0)[0], levels=1,
        inlets=[{"faces": model.on_plane(0, 0), "pressure_pa": drop}], outlets=[{"faces": model.on_plane(0, length)}],
        regions={"floor": model.on_plane(1, 0)},
    )  # fmt: skip
    mean = drop * (height * 1e-3) ** 2 / (12 * 1e-3 * length * 1e-3)
    return [
        Reading("mean speed, m/s", mean, float(result["openings"]["inlets[0]"]["mean_velocity_m_s"]), 1e-5),
        Reading("force on the floor, N/mm", drop * height * 1e-6 / 2,
                float(result["forces"]["floor"]["force_n"][0]), 1e-5),
    ]  # fmt: skip


def stokes_sphere(bench: FeBench) -> list[Reading]:
    # A sphere in a moving concentric shell: psi = f(r) sin^2, f = A/r + B r + C r^2 + D r^4, drag -8 pi mu B. An open
    # domain would need R/a in the hundreds for 24/Re: at R/a = 4 the shell raises the drag 2.4 times.
    import numpy as np

    inner, outer, speed, viscosity = 2.5, 10.0, 1e-6, 1.0
    a, b = inner * 1e-3, outer * 1e-3
    rows = [[1 / r, r, r**2, r**4] for r in (a, b)] + [[-1 / r**2, 1, 2 * r, 4 * r**3] for r in (a, b)]
    f = np.linalg.solve(np.array(rows), np.array([0, speed * b * b / 2, 0, speed * b]))
    drag = -8 * math.pi * viscosity * float(f[1])
    model = bench.build("quarter_shell", inner=inner, outer=outer)
    ball = model.faces(lambda f: f["high"][0] < 1.01 * inner)
    shell = model.faces(lambda f: f["high"][0] > 0.99 * outer and f["high"][1] > 1 and f["high"][2] > 1)
    result = bench.solve(
        FLOW, model, fluid={"density_kg_m3": 1000.0, "dynamic_viscosity_pa_s": viscosity}, order=3, max_dofs=30_000,
        mesh_size_mm=3.5, velocities=[{"faces": shell, "velocity_m_s": [speed, 0, 0]}], regions={"ball": ball},
        symmetry=[*model.on_plane(1, 0), *model.on_plane(2, 0)],
    )  # fmt: skip
    meshes = tuple((int(row["dofs"]), 4e9 * float(row["forces_n"]["ball"][0])) for row in result["levels"])
    return [Reading("drag, nN", drag * 1e9, 4e9 * float(result["forces"]["ball"]["force_n"][0]), 5e-3, meshes)]


# Tables I and II of the paper: u over height on the vertical centre line, v over width on the horizontal one.
GHIA: dict[int, dict[str, dict[float, float]]] = {
    100: {"u": {0.1719: -0.10150, 0.4531: -0.21090}, "v": {0.2344: 0.17527, 0.8047: -0.24533}},
    400: {"u": {0.2813: -0.32726, 0.7344: 0.16256}, "v": {0.2266: 0.30203, 0.8594: -0.44993}},
}


def _cavity(
    bench: FeBench, tables: dict[int, dict[str, dict[float, float]]], tolerances: dict[int, float], **mesh: float
) -> list[Reading]:
    # A plane square of 10 mm whose lid slides; velocities in units of the lid's.
    model = bench.build("box", lx=10, ly=10, lz=1)
    readings = []
    for reynolds, table in tables.items():
        probes = {f"u {y}": [5.0, 10 * y, 0.0] for y in table["u"]} | {f"v {x}": [10 * x, 5.0, 0.0] for x in table["v"]}
        speed = reynolds * 1e-4
        result = bench.solve(
            FLOW, model, fluid=WATER, plane_face=model.on_plane(2, 0)[0], order=3, probes=probes, **mesh,
            velocities=[{"faces": model.on_plane(1, 10), "velocity_m_s": [speed, 0, 0], "wall": True}],
        )  # fmt: skip
        for axis, rows in enumerate(table.values()):
            for place, value in rows.items():
                name = f"{'uv'[axis]} {place}"
                found = float(result["probes"][name]["velocity_m_s"][axis]) / speed
                quantity = f"Re = {reynolds}: {name.replace(' ', ' at ')}"
                readings.append(Reading(quantity, value, found, tolerances[reynolds]))
    return readings


def lid_driven_cavity(bench: FeBench) -> list[Reading]:
    # At Re = 100 the paper's own grid is off by more than ours: see the sources below.
    return _cavity(bench, GHIA, {100: 4e-2, 400: 1e-2}, mesh_size_mm=0.9, max_dofs=12_000)


# The same flow by Chebyshev collocation, with the singular corners taken out by hand: extrema of the velocities on the
# centre lines, and where they are.
BOTELLA: dict[int, dict[str, dict[float, float]]] = {
    100: {"u": {0.4581: -0.2140424}, "v": {0.2370: 0.1795728, 0.8104: -0.2538030}},
    1000: {"u": {0.1717: -0.3885698}, "v": {0.1578: 0.3769447, 0.9092: -0.5270771}},
}


def lid_driven_cavity_spectral(bench: FeBench) -> list[Reading]:
    return _cavity(bench, BOTELLA, {100: 1e-3, 1000: 5e-3}, mesh_size_mm=0.7, max_dofs=40_000)


def plane_couette(bench: FeBench) -> list[Reading]:
    length, height, speed = 40.0, 4.0, 0.02
    model = bench.build("box", lx=length, ly=height, lz=2)
    result = bench.solve(
        FLOW, model, fluid=WATER, plane_face=model.on_plane(2, 0)[0], levels=1, regions={"floor": model.on_plane(1, 0)},
        velocities=[{"faces": model.on_plane(1, height), "velocity_m_s": [speed, 0, 0], "wall": True}],
        inlets=[{"faces": model.on_plane(0, 0), "pressure_pa": 0.0}],
        outlets=[{"faces": model.on_plane(0, length), "pressure_pa": 0.0}],
    )  # fmt: skip
    shear = 1e-3 * speed / (height * 1e-3) * length * 1e-6
    return [Reading("force on the floor, N/mm", shear, float(result["forces"]["floor"]["force_n"][0]), 1e-4)]


def taylor_couette(bench: FeBench) -> list[Reading]:
    # A shaft of 10 mm radius turns in a resting housing of 20 mm, 2 mm between planes of symmetry.
    inner, outer, depth, spin = 10.0, 20.0, 2.0, 0.05
    model = bench.build("annulus", inner=inner, outer=outer, thickness=depth)
    shaft, around = model.within_radius(inner), {"axis": [0, 0, 1]}
    housing, ends = model.within_radius(outer), [*model.on_plane(2, 0), *model.on_plane(2, depth)]
    result = bench.solve(
        FLOW, model, fluid=WATER, symmetry=ends, probes={"middle": [15.0, 0.0, 1.0]},
        regions={"shaft": shaft, "housing": housing}, axes={"shaft": around, "housing": around},
        velocities=[{"faces": shaft, "rotation": {"speed_rad_s": spin, "axis": [0, 0, 1]}, "wall": True}],
    )  # fmt: skip
    steep = spin * inner**2 * outer**2 / (outer**2 - inner**2)  # mm2/s: u = steep (1/r - r/outer^2)
    torque = 4 * math.pi * 1e-9 * steep * depth
    readings = [
        Reading(f"torque on the {name}, N mm", sign * torque, float(result["forces"][name]["torque_n_mm"]), 1e-3)
        for name, sign in (("shaft", -1), ("housing", 1))
    ]
    speed = steep * (1 / 15 - 15 / outer**2) * 1e-3
    found = float(result["probes"]["middle"]["velocity_m_s"][1])
    return [*readings, Reading("speed half way, m/s", speed, found, 1e-3)]


FLOW_CASES = [
    FeCase("dfg-2d-1", "DFG benchmark 2D-1, flow around a cylinder",
           "Schäfer and Turek 1996; reference values of John and Nabh, by the project's notes", READ, dfg_cylinder),
    FeCase("fe-pipe-flow", "Developed flow in a round pipe, in space", "Hagen and Poiseuille: f = 64/Re", CLOSED, pipe),
    FeCase("fe-plane-channel", "Plane channel driven by pressure", "U = dp H^2/(12 mu L)", CLOSED, plane_channel),
    FeCase("fe-stokes-sphere", "Sphere in a moving concentric shell, R/a = 4",
           "Stokes flow between spheres, solved by hand; 24/Re is its limit as R/a grows", CLOSED, stokes_sphere),
    FeCase("fe-lid-driven-cavity", "Square cavity driven by its lid, Re = 100 and 400",
           "Ghia, Ghia and Shin 1982, J. Comput. Phys. 48, tables I and II, grid of 129 x 129, read in four codes that "
           "hold them alike; at Re = 100 their grid is off by up to 3.3 % of the spectral solution (next case)", READ,
           lid_driven_cavity),
    FeCase("fe-lid-driven-cavity-spectral", "Square cavity driven by its lid, Re = 100 and 1000, extrema",
           "Botella and Peyret 1998, Comput. Fluids 27, by Chebyshev collocation; Re = 100 as three programs quote it, "
           "one with Marchi, Suero and Araki 2009 (-0.2140417) beside it", READ, lid_driven_cavity_spectral),
    FeCase("fe-plane-couette", "Fluid between a resting and a sliding wall", "shear mu U/H", CLOSED, plane_couette),
    FeCase("fe-taylor-couette", "Fluid between a turning shaft and its housing, in space",
           "u = A r + B/r; the torque is 4 pi mu B a length on either wall", CLOSED, taylor_couette),
]  # fmt: skip
