"""Every equation of the kernel against a worked example, a limit, or an independent route to the answer.

The cases are data under ``kernel_cases/``, readable by a domain expert.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.physics.equation import Equation
from backend.physics.expression import compile_block
from backend.physics.kernel import get_physics_kernel
from backend.physics.units import Dimension

kernel = get_physics_kernel()
FOLDER = Path(__file__).parent / "kernel_cases"


def _cases() -> list[dict[str, Any]]:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for case in document["cases"]:
            name = case["eq"] if "." in case["eq"] else f"{document['domain']}.{case['eq']}"
            domain, _, equation = name.partition(".")
            found.append({**case, "name": name, "domain": domain, "equation": equation})
    return found


CASES = _cases()


def _number(value: float | str) -> float:
    if isinstance(value, str):
        return compile_block([], {"value": value}, ["value"], {})()[0]
    return float(value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_equation_reproduces_its_reference(case: dict[str, Any]) -> None:
    result = kernel.calculate(case["domain"], case["equation"], **case["given"])
    for key, expected in case["expect"].items():
        value = _number(expected)
        assert result.to(key) == pytest.approx(value, rel=case.get("rel", 1e-3), abs=case.get("abs", 1e-9)), case[
            "source"
        ]


def test_every_equation_has_a_case() -> None:
    """Those tested by an independent computation elsewhere are listed with the test that does it."""
    elsewhere = {
        "plate": "test_kernel_plates.py",
        "beam": "test_kernel_beams.py",
        "timoshenko_cantilever": "test_kernel_beams.py",
    }
    covered = {case["name"] for case in CASES}
    missing = [
        e.name
        for e in kernel.list()
        if e.name not in covered and not any(e.id.startswith(prefix) for prefix in elsewhere)
    ]
    assert missing == []


@pytest.mark.parametrize("equation", kernel.list(), ids=lambda e: e.name)
def test_equation_is_documented(equation: Equation) -> None:
    assert equation.title
    assert equation.source.title or equation.source.author
    assert equation.model_uncertainty_rel is not None
    assert all(q.meaning for q in (*equation.inputs, *equation.outputs))
    assert all(q.default_reason for q in equation.inputs if q.default is not None)
    assert all(q.expr or equation.solver for q in equation.outputs)


# Correlations and standards that are written in fixed units: a change of unit system changes their numbers.
FIXED_UNITS = {
    "structures.endurance_limit_steel", "structures.notch_sensitivity", "structures.paris_life",
    "structures.bolt_tensile_capacity",
    "structures.gear_lewis", "structures.stress_intensity_edge_crack", "structures.critical_crack",
    "structures.gerber",
    "electronics.trace_width", "electronics.awg_wire", "electronics.clearance_voltage",
    "electronics.trace_resistance",
    "electronics.via_resistance", "electronics.microstrip_impedance", "fluids.manning",
    "tolerance.iso_tolerance_grade",
    "tolerance.hole_basis_fit", "thermodynamics.saturation_pressure_water", "thermodynamics.dew_point",
    "environments.atmosphere", "environments.mars_atmosphere", "environments.mars_gas", "environments.sea_pressure",
    "environments.gravity_at_latitude",
    "environments.orbital_period", "heat_transfer.heat_sink_natural", "heat_transfer.solar_panel_temperature",
    "thermodynamics.equilibrium_temp", "chemistry.ph_strong", "vibration.miles_equation",
    "fluids.hazen_williams", "fluids.valve_flow", "environments.sound_speed_sea", "environments.solar_position",
    "environments.density_altitude", "thermodynamics.humidity_ratio", "chemistry.ph_weak_acid",
    "structures.larson_miller", "heat_transfer.sky_temperature", "electronics.rtd_platinum",
    "electronics.thermistor_beta", "electronics.stripline_impedance", "fluids.weir_rectangular",
}  # fmt: skip
SCALE = (2.0, 3.0, 5.0, 7.0, 1.1, 13.0, 1.0, 1.0, 17.0)  # m, kg, s, A, K, mol, cd, rad, USD


def _scale(dimension: Dimension) -> float:
    if dimension[0] == -99:  # stress times the root of a length
        return SCALE[1] / SCALE[0] / SCALE[2] ** 2 * SCALE[0] ** 0.5
    return math.prod(factor**power for factor, power in zip(SCALE, dimension, strict=True))


_CONSTANT_SCALES = {
    "sigma": (0, 1, -3, 0, -4), "mu0": (1, 1, -2, -2, 0), "eps0": (-3, -1, 4, 2, 0),
    "k_b": (2, 1, -2, 0, -1), "faraday": (0, 0, 1, 1, 0, -1),
    "g": (1, 0, -2), "c": (1, 0, -1), "r": (2, 1, -2, 0, -1, -1), "solar_constant": (0, 1, -3, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("case", [c for c in CASES if c["name"] not in FIXED_UNITS], ids=lambda case: case["name"])
def test_equation_is_dimensionally_homogeneous(case: dict[str, Any]) -> None:
    """Change metre, kilogram, second, ampere, kelvin, mole at will: the physics stays the same (Buckingham)."""
    spec = kernel.describe(case["domain"], case["equation"])
    result = kernel.calculate(case["domain"], case["equation"], **case["given"])
    constants = {
        name: spec.constant_values[name] * _scale((*_CONSTANT_SCALES[reference], *(0,) * 9)[:9])  # type: ignore[arg-type]
        for name, reference in spec.constants.items()
    }
    other = replace(spec, constant_values=constants)
    scaled = other.evaluate(*(v * _scale(q.unit.dimension) for q, v in zip(spec.inputs, result.si_inputs, strict=True)))
    for quantity, old, new in zip(spec.outputs, result.si_outputs, scaled, strict=True):
        assert new == pytest.approx(old * _scale(quantity.unit.dimension), rel=1e-6, abs=1e-12), quantity.key
