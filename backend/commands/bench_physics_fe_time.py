"""Heat and vibration in time of ``./brick bench physics``. Lengths in mm unless a name says otherwise."""

from __future__ import annotations

import math
from typing import Any

from backend.commands.bench_physics_fe import FeBench, FeCase, Model, Reading
from backend.commands.bench_physics_fe_cases import CLOSED, NAFEMS, READ

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


def two_half_spaces(bench: FeBench) -> list[Reading]:
    # Brought together at 120 and 20 °C: the face takes (e1 T1 + e2 T2)/(e1 + e2), e = sqrt(k rho c), and keeps it.
    model = bench.build("glued_boxes", lx=100, ly=8, lz=8)
    one = {"thermal_conductivity_w_m_k": 200.0, "density_kg_m3": 2700.0, "specific_heat_j_kg_k": 900.0}
    two = {"thermal_conductivity_w_m_k": 15.0, "density_kg_m3": 7900.0, "specific_heat_j_kg_k": 500.0}
    result = bench.solve(
        TRANSIENT, model, materials={"0": one, "1": two}, contact="bonded", duration_s=4.0, initial_c=20.0,
        initial_solids_c={"0": 120.0}, max_dofs=8_000, mesh_size_mm=5.0,
        probes={"face": [100, 4, 4], "first": [90, 4, 4]},
    )  # fmt: skip
    e1, e2 = (math.sqrt(math.prod(m.values())) for m in (one, two))
    meeting = (120 * e1 + 20 * e2) / (e1 + e2)
    beside = meeting + (120 - meeting) * math.erf(0.010 / (2 * math.sqrt(200.0 / (2700.0 * 900.0) * 4.0)))
    return [
        _at_end(result, "face", "temperature where they meet, °C", meeting, 2e-3),
        _at_end(result, "first", "temperature 10 mm inside the hot one, °C", beside, 2e-3),
    ]


def half_space_by_temperature(bench: FeBench) -> list[Reading]:
    # k and rho c in one ratio, both 1 + b T: theta = T + b T^2/2 obeys the linear equation (Kirchhoff).
    model = bench.build("box", lx=60, ly=5, lz=5)
    slope = 5e-3
    material = {
        "thermal_conductivity_w_m_k": [[0.0, 35.0], [200.0, 35.0 * (1 + 200 * slope)]], "density_kg_m3": 7200.0,
        "specific_heat_j_kg_k": [[0.0, 440.0], [200.0, 440.0 * (1 + 200 * slope)]],
    }  # fmt: skip
    result = bench.solve(
        TRANSIENT, model, material=material, duration_s=20.0, initial_c=0.0, max_dofs=4_000, mesh_size_mm=4.0, steps=24,
        temperatures=[{"faces": model.on_plane(0, 0), "temperature_c": 200.0}],
        probes={"near": [10, 0, 0], "far": [20, 0, 0]},
    )  # fmt: skip
    reach, surface = 2 * math.sqrt(35.0 / (7200.0 * 440.0) * 20.0), 200 + slope * 200**2 / 2
    found = []
    for name, depth in (("near", 0.010), ("far", 0.020)):
        theta = surface * math.erfc(depth / reach)
        expected = (-1 + math.sqrt(1 + 2 * slope * theta)) / slope
        found.append(_at_end(result, name, f"temperature {1e3 * depth:g} mm below the surface, °C", expected, 3e-3))
    return found


def wall_by_temperature(bench: FeBench) -> list[Reading]:
    model, _ = _block(bench)
    slope, hot = 4e-3, 300.0
    material = {"thermal_conductivity_w_m_k": [[0.0, 10.0], [hot, 10.0 * (1 + hot * slope)]]}
    result = bench.solve(
        "backend.physics.fem.thermal:solve", model, material=material, probes={"mid": [10, 10, 10]},
        temperatures=[
            {"faces": model.on_plane(0, 0), "temperature_c": hot},
            {"faces": model.on_plane(0, 20), "temperature_c": 0.0},
        ],
    )  # fmt: skip
    whole = hot + slope * hot**2 / 2
    middle = (-1 + math.sqrt(1 + slope * whole)) / slope
    return [
        _at_end(result, "mid", "temperature in the middle, °C", middle, 1e-3),
        Reading("heat through it, W", 10.0 * whole / 0.02 * 4e-4, float(result["balance"]["in_w"]), 1e-3),
    ]


HARMONIC = "backend.physics.fem.harmonic:solve"
SOFT: dict[str, Any] = {**NAFEMS, "poisson_ratio": 0.0}
# Roots beta L of the clamped-free beam.
ROOTS = (1.8751041, 4.6940911, 7.8547574, 10.9955407, *((n - 0.5) * math.pi for n in range(5, 16)))


def _peaks(result: dict[str, Any], key: str, pick: str) -> tuple[tuple[int, float], ...]:
    levels = result["peak"][key][pick]
    return tuple((int(row["dofs"]), float(v)) for row, v in zip(result["levels"], levels, strict=True))


def nafems_5h(bench: FeBench) -> list[Reading]:
    # Half of the beam, 10 m x 2 m x 2 m, as a solid: its end held in the plane, symmetric at mid-span; 1 MN/m on top.
    model = bench.build("box", lx=5000, ly=2000, lz=2000)
    supports = [
        {"kind": "displacement", "faces": model.on_plane(0, 0), "displacement_mm": [None, 0, 0]},
        {"kind": "frictionless", "faces": model.on_plane(0, 5000)},
    ]
    result = bench.solve(
        HARMONIC, model, material=NAFEMS, supports=supports, damping_ratio=0.02, modes=8, max_dofs=12_000,
        loads=[{"kind": "pressure", "faces": model.on_plane(1, 2000), "pressure_mpa": 0.5}],
        frequencies_hz=[35.0, 50.0],
    )  # fmt: skip
    peak = result["peak"]
    return [
        Reading("natural frequency, Hz", 42.65, float(result["natural_frequencies_hz"][0]["value"]), 1e-2),
        Reading("peak displacement, mm", 13.45, float(peak["displacement_mm"]["value"]), 1e-2,
                _peaks(result, "displacement_mm", "levels_mm")),
        Reading("peak stress, MPa", 241.9, float(peak["von_mises_mpa"]["value"]), 1e-2,
                _peaks(result, "von_mises_mpa", "levels_mpa")),
    ]  # fmt: skip


def _swinging_plate(bench: FeBench, thickness_mm: float, pressure_mpa: float, near_hz: float, **mesh: Any) -> Any:
    # A quarter of the plate of 10 m, symmetric at its middle, its sides held as in plate theory (hard support).
    model = bench.build("box", lx=5000, ly=5000, lz=thickness_mm)
    supports: list[dict[str, Any]] = [{"kind": "frictionless", "faces": model.on_plane(axis, 0)} for axis in (0, 1)]
    for axis, held in ((0, [None, 0, 0]), (1, [0, None, 0])):
        supports.append({"kind": "displacement", "faces": model.on_plane(axis, 5000), "displacement_mm": held})
    return bench.solve(
        HARMONIC, model, material=NAFEMS, supports=supports, damping_ratio=0.02, modes=4, order=3,
        loads=[{"kind": "pressure", "faces": model.on_plane(2, thickness_mm), "pressure_mpa": pressure_mpa}],
        frequencies_hz=[0.85 * near_hz, 1.15 * near_hz], **mesh,
    )  # fmt: skip


def _swing_readings(result: Any, frequency_hz: float, displacement_mm: float, stress_mpa: float) -> list[Reading]:
    peak = result["peak"]
    return [
        Reading("natural frequency, Hz", frequency_hz, float(result["natural_frequencies_hz"][0]["value"]), 1e-2),
        Reading("peak displacement, mm", displacement_mm, float(peak["displacement_mm"]["value"]), 1e-2,
                _peaks(result, "displacement_mm", "levels_mm")),
        Reading("peak stress, MPa", stress_mpa, float(peak["von_mises_mpa"]["value"]), 1e-2,
                _peaks(result, "von_mises_mpa", "levels_mpa")),
    ]  # fmt: skip


def nafems_13h(bench: FeBench) -> list[Reading]:
    result = _swinging_plate(bench, 50, 1e-4, 2.377, max_dofs=30_000, mesh_size_mm=900)
    # The first mode alone, w = W sin sin: 16 p/(2 zeta rho t (pi w1)^2), and E t W pi^2/(2 (1 - nu) a^2) at its middle.
    first = 16 * 100 / (0.04 * 8000 * 0.05 * (math.pi * 2 * math.pi * 2.377) ** 2) * 1e3
    stress = 200e3 * 50 * first * math.pi**2 / (2 * 0.7 * 1e4**2)
    found = _swing_readings(result, 2.377, 45.42, 30.03)
    # Test 13R is the same plate under random pressure of even density, (100 N/m2)^2/Hz: its peaks are the squares.
    return [
        *found,
        Reading("peak stress by the first mode, MPa", stress, found[2].ours, 1e-2, found[2].meshes),
        Reading("13R: peak density of displacement, mm²/Hz", 2063.20, found[1].ours ** 2, 1e-2),
        Reading("13R: peak density of stress, MPa²/Hz", 1025.44, found[2].ours ** 2, 1e-2),
    ]


def nafems_21h(bench: FeBench) -> list[Reading]:
    found = _swing_readings(_swinging_plate(bench, 1000, 1.0, 45.90, max_dofs=15_000), 45.90, 58.33, 800.8)
    # The first mode of Mindlin's plate: its rotation is r times the slope of w, and its inertia joins the mass.
    k2, w2, shear = 2 * (math.pi / 10) ** 2, (2 * math.pi * 45.90) ** 2, 5 / 6 * 200e9 / 2.6
    r = 1 - 8000 * w2 / (shear * k2)
    first = 16e6 / (0.04 * 8000 * math.pi**2 * w2 * (1 + k2 * r**2 / 12)) * 1e3
    return [*found, Reading("peak displacement by the first mode, mm", first, found[1].ours, 1e-2, found[1].meshes)]


def nafems_fv5(bench: FeBench) -> list[Reading]:
    # The beam as a solid: both ends held in their plane. It may slide along x and twists between two held ends, so
    # that only the bending modes, each a pair, are those of the benchmark.
    model = bench.build("box", lx=10_000, ly=2000, lz=2000)
    ends = [*model.on_plane(0, 0), *model.on_plane(0, 10_000)]
    supports = [{"kind": "displacement", "faces": ends, "displacement_mm": [None, 0, 0]}]
    result = bench.modal(model, NAFEMS, supports=supports, modes=6, max_dofs=12_000)
    readings = []
    for name, reference in (("first bending pair, Hz", 42.65), ("second bending pair, Hz", 148.15)):
        rows = [
            (int(row["dofs"]), min(row["frequencies_hz"], key=lambda f: abs(f - reference))) for row in result["levels"]
        ]
        readings.append(Reading(name, reference, rows[-1][1], 1e-2, tuple(rows)))
    return readings


def _cantilever_sum(frequency_hz: float, ratio: float, weights: list[float]) -> complex:
    """sum weights_i/(w_i^2 - w^2 + 2 i z w_i w) of the 1 m beam, 30 mm x 20 mm, bending along the 20 mm; s^2."""
    w = 2 * math.pi * frequency_hz
    natural = [root**2 / 1e6 * math.sqrt(200e3 * 20.0**2 / 12 / 8e-9) for root in ROOTS]
    pairs = zip(weights, natural, strict=True)
    return sum((weight / (n * n - w * w + 2j * ratio * n * w) for weight, n in pairs), 0j)


def _resonance(result: dict[str, Any], expected_mm: float) -> Reading:
    found = float(result["peak"]["displacement_mm"]["value"])
    history = _peaks(result, "displacement_mm", "levels_mm")
    return Reading("tip amplitude at resonance, mm", expected_mm, found, 2e-3, history)


def _cantilever(bench: FeBench, **excitation: Any) -> dict[str, Any]:
    model = bench.build("box", lx=1000, ly=20, lz=30)
    if "force_n" in excitation:
        force = [0.0, excitation.pop("force_n"), 0.0]
        excitation["loads"] = [{"kind": "force", "faces": model.on_plane(0, 1000), "vector_n": force}]
    return bench.solve(
        HARMONIC, model, material=SOFT, supports=[{"kind": "fixed", "faces": model.on_plane(0, 0)}],
        damping_ratio=0.01, modes=8, frequencies_hz=[5.0, 50.0, 90.0], probes={"tip": [1000, 10, 15]},
        max_dofs=15_000, **excitation,
    )  # fmt: skip


def tip_force(bench: FeBench) -> list[Reading]:
    # Modes of unit mean square are 2 at the tip: u = F/m sum 4/(...).
    result = _cantilever(bench, force_n=10.0)
    tip = result["response"]["probes"]["tip"]
    weights = [4.0 * 10.0 / (8e-9 * 30 * 20 * 1000)] * len(ROOTS)
    readings = []
    for index, frequency in enumerate((5.0, 50.0)):
        expected = _cantilever_sum(frequency, 0.01, weights)
        readings.append(
            Reading(f"tip amplitude at {frequency:g} Hz, mm", abs(expected), tip["amplitude_mm"][index][1], 3e-3)
        )
    expected = _cantilever_sum(16.154, 0.01, weights)
    readings.append(_resonance(result, abs(expected)))
    worst = max(check["difference_rel"] for check in result["direct_check"])
    readings.append(Reading("superposition over direct solution", 1.0, 1.0 + worst, 1e-3))
    return readings


def shaken_cantilever(bench: FeBench) -> list[Reading]:
    result = _cantilever(bench, base={"acceleration_m_s2": [0, 10, 0]})
    tip = result["response"]["probes"]["tip"]
    weights = []
    for index, root in enumerate(ROOTS):
        sigma = (math.sinh(root) - math.sin(root)) / (math.cosh(root) + math.cos(root))
        # Mean of the mode 2 sigma/(beta L), tip value 2 with alternating sign.
        weights.append(-10e3 * 2 * sigma / root * 2 * (-1) ** index)
    readings = []
    for index, frequency in enumerate((5.0, 50.0)):
        expected = _cantilever_sum(frequency, 0.01, weights)
        readings.append(
            Reading(f"tip amplitude at {frequency:g} Hz, mm", abs(expected), tip["amplitude_mm"][index][1], 3e-3)
        )
        phase = math.degrees(math.atan2(expected.imag, expected.real))
        ours = phase + (tip["phase_deg"][index][1] - phase + 180.0) % 360.0 - 180.0
        readings.append(Reading(f"its phase at {frequency:g} Hz, deg", phase, ours, 2e-2))
    expected = _cantilever_sum(16.154, 0.01, weights)
    readings.append(_resonance(result, abs(expected)))
    return readings


def transmissibility(bench: FeBench) -> list[Reading]:
    # A stiff block on a soft bed: |a/a_base| = sqrt((1 + (2 z r)^2)/((1 - r^2)^2 + (2 z r)^2)).
    model = bench.build("box", lx=50, ly=50, lz=50)
    bed, ratio = 1.0, 0.05
    natural = math.sqrt(bed * 50 * 50 / (8e-9 * 50**3)) / (2 * math.pi)
    marks = (0.5, 1.0, math.sqrt(2), 3.0)
    result = bench.solve(
        HARMONIC, model, material={**SOFT, "youngs_modulus_mpa": 2e8}, damping_ratio=ratio, modes=6, max_dofs=3_000,
        supports=[{"kind": "elastic", "faces": model.on_plane(2, 0), "stiffness_n_mm3": bed}],
        base={"acceleration_m_s2": [0, 0, 1.0]}, frequencies_hz=[r * natural for r in marks],
        probes={"top": [50, 50, 50]},
    )  # fmt: skip
    found = result["response"]["probes"]["top"]["acceleration_m_s2"]
    return [
        Reading(f"acceleration at {r:.3g} times the natural frequency",
                math.sqrt((1 + (2 * ratio * r) ** 2) / ((1 - r * r) ** 2 + (2 * ratio * r) ** 2)), found[i][2], 1e-3)
        for i, r in enumerate(marks)
    ]  # fmt: skip


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
    FeCase("fe-two-half-spaces", "Two thick bodies brought together",
           "(e1 T1 + e2 T2)/(e1 + e2), e = sqrt(k rho c), and erf beside it (Carslaw and Jaeger, section 2.15)", CLOSED,
           two_half_spaces),
    FeCase("fe-half-space-k-of-t", "Half space whose conductivity and specific heat rise with the temperature",
           "theta = T + b T^2/2 (Kirchhoff) obeys theta = theta_s erfc(x/(2 sqrt(a t)))", CLOSED,
           half_space_by_temperature),
    FeCase("fe-wall-k-of-t", "Wall whose conductivity rises with the temperature",
           "theta = T + b T^2/2 is linear through it (Kirchhoff)", CLOSED, wall_by_temperature),
    FeCase("nafems-5h", "NAFEMS 5H, deep beam under a load that swings",
           "NAFEMS R0016, test 5H: 42.65 Hz, 13.45 mm, 241.9 MPa, read in Altair's account of it", READ, nafems_5h),
    FeCase("nafems-13h", "NAFEMS 13H, thin plate under a pressure that swings",
           "NAFEMS R0016, test 13H: 2.377 Hz, 45.42 mm, 30.03 MPa, read in Altair's account of it; 45.42 mm of the "
           "first mode bend a plate to 32.0 MPa, so that displacement and stress of the target don't go together; "
           "test 13R of the same plate and report has 2063.20 mm2/Hz and 1025.44 MPa2/Hz, squares of 45.42 mm and "
           "32.02 MPa", READ, nafems_13h),
    FeCase("nafems-21h", "NAFEMS 21H, thick plate under a pressure that swings",
           "NAFEMS R0016, test 21H: 45.90 Hz, 58.33 mm, 800.8 MPa, read in Altair's account of it; its two "
           "figures belong to two plates: Mindlin's first mode has 60.0 mm at that frequency, and 800.8 MPa are those "
           "of a thin plate, 56.8 mm at 47.53 Hz", READ, nafems_21h),
    FeCase("nafems-fv5", "NAFEMS FV5, deep simply supported beam, bending",
           "NAFEMS FV5: 42.650 and 148.15 Hz, read in NAFEMS's page of the test at caesarsystems.co.uk", READ,
           nafems_fv5),
    FeCase("fe-tip-force", "Cantilever under a force that swings at its tip",
           "Euler-Bernoulli modes, nu = 0; shear left out: 0.3 %", CLOSED, tip_force),
    FeCase("fe-shaken-cantilever", "Cantilever on a shaken base",
           "Euler-Bernoulli modes, nu = 0; shear left out: 0.3 %", CLOSED, shaken_cantilever),
    FeCase("fe-transmissibility", "Block on a soft bed that is shaken",
           "one degree of freedom: sqrt((1 + (2 z r)^2)/((1 - r^2)^2 + (2 z r)^2))", CLOSED, transmissibility),
]  # fmt: skip
