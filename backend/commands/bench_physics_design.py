"""Circuits, loops, rotors and tolerance stacks of ``./brick bench physics``: design functions against references."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Helper = tuple[str, str, str, str, float, Callable[[], dict[str, float]], dict[str, float]]

_R, _C, _L = 1000.0, 1e-6, 10e-3


def _solve(text: str) -> dict[str, dict[str, Any]]:
    from backend.physics.domains.electronics.netlist import solve_netlist

    return solve_netlist(text)


def _rc_corner() -> dict[str, float]:
    corner = 1 / (2 * math.pi * _R * _C)
    found = _solve(f"rc\nV1 in 0 ac 1\nR1 in out {_R}\nC1 out 0 {_C}\n.ac lin 1 {corner:.12g} {corner:.12g}\n")
    real, imaginary = found["ac"]["v(out)"][0]
    return {"gain at the corner": math.hypot(real, imaginary), "phase, deg": math.degrees(math.atan2(imaginary, real))}


def _rc_step() -> dict[str, float]:
    tau = _R * _C
    found = _solve(
        f"step\nV1 in 0 pulse(0 1 0 1n 1n 1 2)\nR1 in out {_R}\nC1 out 0 {_C} ic=0\n"
        f".options reltol=1e-6\n.tran {tau / 200:g} {2 * tau:g} 0 {tau / 200:g} uic\n"
    )["tran"]
    times, values = found["time"], found["v(out)"]
    after = next(i for i, t in enumerate(times) if t >= tau)
    (t0, t1), (v0, v1) = times[after - 1 : after + 1], values[after - 1 : after + 1]
    return {"voltage after one time constant": v0 + (v1 - v0) * (tau - t0) / (t1 - t0)}


def _resonance() -> dict[str, float]:
    at = 1 / (2 * math.pi * math.sqrt(_L * _C))
    found = _solve(f"rlc\nV1 a 0 ac 1\nR1 a b 10\nL1 b c {_L}\nC1 c 0 {_C}\n.ac lin 1 {at:.12g} {at:.12g}\n")["ac"]
    return {"capacitor's voltage gain": math.hypot(*found["v(c)"][0]), "current, A": math.hypot(*found["i(v1)"][0])}


def _ladder() -> dict[str, float]:
    # R-2R ladder of four bits, code 1011 (11): 11/16 of the reference.
    lines = ["r2r", "Vr r 0 8", "Vz z 0 0"]
    for bit, source in enumerate(("r", "r", "z", "r")):  # lowest bit first: 1, 1, 0, 1
        lines.append(f"Rb{bit} {source} n{bit} 2k")
        lines.append(f"Rs{bit} n{bit} {f'n{bit + 1}'} 1k" if bit < 3 else "* top")
    found = _solve("\n".join([*lines, "Rt n0 0 2k", ".op"]))["op"]
    return {"output, V": float(found["v(n3)"])}


def _diode() -> dict[str, float]:
    found = _solve("diode\nV1 a 0 5\nR1 a d 1k\nD1 d 0 DM\n.model DM D(is=1e-14 n=1)\n.options gmin=1e-15\n.op\n")["op"]
    return {"forward voltage, V": float(found["v(d)"])}


def _diode_reference() -> float:
    """I R + V = 5, I = Is (exp(V/Vt) - 1) at ngspice's 300.15 K, by Newton."""
    thermal, current = 1.380649e-23 * 300.15 / 1.602176634e-19, 1e-14
    v = 0.7
    for _ in range(100):
        i = current * math.expm1(v / thermal)
        v -= (i * 1000 + v - 5) / (1000 * (i + current) / thermal + 1)
    return v


def _pid_margin() -> dict[str, float]:
    import control

    from backend.physics.domains.control.simulation import design_pid

    gains = design_pid([2], [10, 1], crossover_rad_s=0.2, phase_margin_deg=60.0)
    controller = control.tf([gains["derivative"], gains["proportional"], gains["integral"]], [1, 0])
    loop = controller * control.tf([2], [10, 1])
    _, margin, _, crossover = control.margin(loop)
    return {"phase margin, deg": float(margin), "crossover, rad/s": float(crossover)}


def _lqr_cost() -> dict[str, float]:
    from backend.physics.domains.control.simulation import lqr_loop

    found = lqr_loop([[0, 1], [0, 0]], [[0], [1]], [[1, 0], [0, 1]], [[1]], initial=[1, 0], time_s=30)
    return {"cost by simulation": found["cost"], "largest input": found["largest_input"]}


def _ultimate() -> dict[str, float]:
    from backend.physics.domains.control.simulation import pid_loop

    low, high = 1.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2
        stable = pid_loop([1], [1, 3, 3, 1], proportional=middle, time_s=1.0)["stable"]
        low, high = (middle, high) if stable else (low, middle)
    return {"gain at the limit of stability": low}


def _hover(collective_deg: float) -> Callable[[], dict[str, float]]:
    def compute() -> dict[str, float]:
        from backend.physics.domains.aerodynamics.rotor import Rotor, hover_wake
        from backend.physics.domains.aerodynamics.section import NACA_0012

        rotor = Rotor(2, 1.143, ((0.0, 0.1905), (1.0, 0.1905)), NACA_0012, root_cutout=0.17)
        speed = 1250 * 2 * math.pi / 60
        found = hover_wake(rotor, collective_deg=collective_deg, speed_rad_s=speed, density_kg_m3=1.225)
        return {"thrust coefficient": found.thrust_coefficient}

    return compute


def _ideal_hover() -> dict[str, float]:
    from backend.physics.domains.aerodynamics.rotor import Rotor, hover_bemt
    from backend.physics.domains.aerodynamics.section import Section

    # Without drag, tip loss and stall each annulus has Gessow's closed form (small angles: a pitch of 2 degrees).
    section = Section(lift_slope=2 * math.pi, max_lift=9.0, min_drag=0.0, drag_rise=0.0, stall_drag=0.0)
    rotor = Rotor(2, 1.0, ((0.0, 0.1), (1.0, 0.1)), section, root_cutout=0.05)
    found = hover_bemt(
        rotor, collective_deg=2.0, speed_rad_s=10.0, density_kg_m3=1.225, sound_m_s=1e6, tip_loss=False, elements=200
    )
    return {"thrust coefficient": found.thrust_coefficient}


def _ideal_hover_reference() -> float:
    slope, theta = 0.2 / math.pi * 2 * math.pi, math.radians(2.0)  # sigma a
    total, steps = 0.0, 4000
    for i in range(steps):
        x = 0.05 + 0.95 * (i + 0.5) / steps
        inflow = slope / 16 * (math.sqrt(1 + 32 * theta * x / slope) - 1)
        total += 4 * inflow**2 * x * 0.95 / steps
    return total


# r/R, c/R and twist in degrees of Ingenuity's blade: W. Koning, NASA TM-20240001510 (2024), table 2, every other row,
# read in a program's copy of the table. The four blades have a solidity of 0.148 together.
_INGENUITY = (
    (0.0908, 0.0506, 16.316), (0.2000, 0.1407, 17.616), (0.2950, 0.1968, 15.916), (0.3429, 0.2021, 14.142),
    (0.3903, 0.1968, 12.067), (0.4369, 0.1863, 10.703), (0.5271, 0.1627, 8.433), (0.6121, 0.1446, 6.632),
    (0.6908, 0.1314, 5.156), (0.7621, 0.1209, 3.926), (0.8252, 0.1111, 2.901), (0.8794, 0.1001, 2.061),
    (0.9241, 0.0860, 1.390), (0.9588, 0.0679, 0.881), (0.9830, 0.0460, 0.179), (1.0000, 0.0123, 0.000),
)  # fmt: skip


def _ingenuity_hover() -> tuple[float, float]:
    """Shaft power of Ingenuity's two rotors in hover and its ideal, as two discs that each carry half the weight, W.

    1.8 kg in 3.71 m/s2, radius 0.605 m, 2537 rpm, air of 0.0165 kg/m3 at -40 °C (Mach 0.66, Re 1.2e4 at 0.75 R). The
    section is CLF5605 by the polars at Mach 0.5 and 0.7 that a program quotes (lift 0.47 to 1.19, drag 0.037 to 0.059):
    its drag is twice a laminar plate's. Induced power grows by 1.28 where one rotor works in the other's wake
    (Leishman, section 2.15).
    """
    from backend.physics.domains.aerodynamics.rotor import Rotor, hover_bemt, trim
    from backend.physics.domains.aerodynamics.section import Section

    section = Section(
        lift_slope=5.97, zero_lift_deg=-3.9, max_lift=1.15, min_drag=0.0372, drag_rise=0.0336, drag_bucket=0.394
    )
    radius, density = 0.605, 0.0165
    chord, twist = (tuple((row[0], row[i]) for row in _INGENUITY) for i in (1, 2))
    rotor = Rotor(2, radius, tuple((x, c * radius) for x, c in chord), section, twist, 0.09)
    thrust = 1.8 * 3.71 / 2
    speed = 2537 * 2 * math.pi / 60
    found = trim(hover_bemt, rotor, thrust_n=thrust, speed_rad_s=speed, density_kg_m3=density, sound_m_s=244.5)
    ideal = thrust**1.5 / math.sqrt(2 * density * rotor.area_m2)
    return 2 * (found.power_w + 0.28 * 1.15 * ideal), 2 * ideal


def ingenuity() -> dict[str, float]:
    """Electrical power of the Mars helicopter in hover: drive 0.75, 20 W for avionics, both estimates."""
    return {"electrical power, W": _ingenuity_hover()[0] / 0.75 + 20.0}


def _ingenuity_merit() -> dict[str, float]:
    shaft, ideal = _ingenuity_hover()
    return {"figure of merit": ideal / shaft}


def _stack() -> dict[str, float]:
    from backend.physics.kernel import get_physics_kernel

    # Two uniform parts give a triangle of half width 0.2 about 0.2: outside +-0.15 lie (0.05/0.2)^2.
    given: dict[str, Any] = {
        "dimension_1_mm": 20.0, "tolerance_1_mm": 0.1, "dimension_2_mm": -19.8, "tolerance_2_mm": 0.1,
        "gap_min_mm": 0.05, "gap_max_mm": 0.35, "uniform": 1.0,
    }  # fmt: skip
    found = get_physics_kernel().calculate("tolerance", "stack_monte_carlo", **given)
    return {"share within": found["yield_fraction"], "standard deviation, mm": found["gap_sigma_mm"]}


def _mars() -> dict[str, float]:
    from backend.physics.domains.environments.air import mars_atmosphere
    from backend.physics.domains.environments.places import mars_gas

    ours, ideal = mars_gas(-63.15, 636.0), mars_atmosphere(0.0, 210.0)
    return {"density of the mixture, kg/m³": ours["density_kg_m3"], "density as an ideal gas": ideal["density"]}


def _mars_viscosity() -> dict[str, float]:
    from backend.physics.domains.environments.air import mars_atmosphere

    return {"viscosity, Pa s": mars_atmosphere(0.0, 210.0)["viscosity"]}


_CT = "Caradonna and Tung, NASA TM-81232 (1981), C_T of figures 3 to 5 at 1250 rpm, as quoted by three programs that " \
      "validate on it; tolerance twice the model's standard uncertainty of 15 %"  # fmt: skip
MORE_HELPERS: list[Helper] = [
    ("ngspice-rc", "RC low-pass at its corner, solved by ngspice", "1/sqrt(2), -45 degrees", "closed form", 1e-3,
     _rc_corner, {"gain at the corner": math.sqrt(0.5), "phase, deg": -45.0}),
    ("ngspice-rc-step", "RC step, solved by ngspice", "1 - 1/e", "closed form", 1e-3, _rc_step,
     {"voltage after one time constant": 1 - math.exp(-1)}),
    ("ngspice-rlc", "Series resonance, solved by ngspice", "Q = sqrt(L/C)/R, V/R", "closed form", 1e-3, _resonance,
     {"capacitor's voltage gain": math.sqrt(_L / _C) / 10, "current, A": 0.1}),
    ("ngspice-r2r", "R-2R ladder, solved by ngspice", "11/16 of 8 V", "closed form", 1e-3, _ladder,
     {"output, V": 5.5}),
    ("ngspice-diode", "Diode with a series resistor, solved by ngspice", "Shockley's equation by Newton at 300.15 K",
     "closed form", 1e-3, _diode, {"forward voltage, V": _diode_reference()}),
    ("control-pid-margin", "PI designed for 60 degrees at 0.2 rad/s", "margin of the loop by python-control",
     "other program", 1e-3, _pid_margin, {"phase margin, deg": 60.0, "crossover, rad/s": 0.2}),
    ("control-lqr-cost", "Cost of the double integrator's LQR, simulated", "x0' P x0 = sqrt(3); u(0) = 1",
     "closed form", 1e-3, _lqr_cost, {"cost by simulation": math.sqrt(3), "largest input": 1.0}),
    ("control-ultimate", "Ultimate gain of 1/(s+1)^3", "Routh: 8", "closed form", 1e-3, _ultimate,
     {"gain at the limit of stability": 8.0}),
    ("rotor-bemt", "Blade elements and momentum without losses", "sigma a/16 (sqrt(1 + 32 theta x/(sigma a)) - 1), "
     "small angles (Gessow)", "closed form", 5e-3, _ideal_hover, {"thrust coefficient": _ideal_hover_reference()}),
    ("rotor-caradonna-tung-5", "Caradonna and Tung's rotor, 5 degrees, prescribed wake", _CT, "read", 0.3, _hover(5.0),
     {"thrust coefficient": 0.00213}),
    ("rotor-caradonna-tung-8", "Caradonna and Tung's rotor, 8 degrees, prescribed wake", _CT, "read", 0.3, _hover(8.0),
     {"thrust coefficient": 0.00459}),
    ("rotor-caradonna-tung-12", "Caradonna and Tung's rotor, 12 degrees, prescribed wake", _CT, "read", 0.3,
     _hover(12.0), {"thrust coefficient": 0.00796}),
    ("rotor-ingenuity", "Ingenuity in hover on Mars, electrical power",
     "NASA, Mars Helicopter: about 350 W of average power in flight, read second-hand; ours is still hover, 205 W with "
     "a standard uncertainty of 20 % (drag, density, interference, drive), and 350 W is beyond that: the rotors agree "
     "with their test (next row), so what is published holds more than hover", "read", 0.4, ingenuity,
     {"electrical power, W": 350.0}),
    ("rotor-ingenuity-merit", "Ingenuity's rotors, figure of merit",
     "about 0.48 in JPL's 25-ft chamber, read second-hand; taken as two discs that share the weight", "read", 0.15,
     _ingenuity_merit, {"figure of merit": 0.48}),
    ("tolerance-monte-carlo", "Stack of two uniform dimensions by Monte Carlo", "triangle: 1 - (1/4)^2, 0.2/sqrt(6)",
     "closed form", 3e-3, _stack, {"share within": 0.9375, "standard deviation, mm": 0.2 / math.sqrt(6)}),
    ("mars-gas", "Gas of Mars at 210 K and 636 Pa", "p M/(R T) with M of the mixture, 43.50 g/mol: ideal within 0.02 %",
     "closed form", 1e-3, _mars, {"density of the mixture, kg/m³": 636 * 43.5008e-3 / (8.314462618 * 210),
                                  "density as an ideal gas": 636 * 43.5008e-3 / (8.314462618 * 210)}),
    ("mars-viscosity", "Viscosity of the gas of Mars at 210 K", "1.081e-5 Pa s, kinetic theory of the mixture (project "
     "notes)", "other program", 5e-3, _mars_viscosity, {"viscosity, Pa s": 1.081e-5}),
]  # fmt: skip
