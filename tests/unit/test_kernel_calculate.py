"""What calculate() accepts, refuses, and says."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from backend.physics.errors import BadQuantity, OutOfValidity, PhysicsError, UnknownEquation
from backend.physics.kernel import get_physics_kernel

kernel = get_physics_kernel()
CANTILEVER = {"force_n": 100, "length_mm": 200, "width_mm": 20, "thickness_mm": 5}


def test_stress_is_exact() -> None:
    assert kernel.calculate("structures", "stress", force_n=100, area_mm2=100) == {"stress_mpa": 1.0}


def test_other_suffixes_of_the_dimension_are_converted() -> None:
    metric = kernel.calculate("structures", "stress", force_n=4448.2216152605, area_mm2=645.16)
    customary = kernel.calculate("structures", "stress", force_lbf=1000, area_in2=1)
    assert customary["stress_mpa"] == pytest.approx(metric["stress_mpa"], rel=1e-12)
    assert customary.to("stress_ksi") == pytest.approx(1.0)
    assert customary.to("stress_psi") == pytest.approx(1000.0)


def test_temperatures_are_converted_with_their_offset() -> None:
    celsius = kernel.calculate("thermodynamics", "equilibrium_temp", power_w=10, surface_area_m2=0.1, ambient_temp_c=20)
    fahrenheit = kernel.calculate(
        "thermodynamics", "equilibrium_temp", power_w=10, surface_area_m2=0.1, ambient_temp_f=68
    )
    assert fahrenheit["temp_c"] == pytest.approx(celsius["temp_c"])
    assert celsius.to("temp_k") == pytest.approx(celsius["temp_c"] + 273.15)


def test_equilibrium_closes_the_heat_balance() -> None:
    r = kernel.calculate("thermodynamics", "equilibrium_temp", power_w=100, surface_area_m2=0.1, ambient_temp_c=25)
    hot, cold = r.to("temp_k"), 298.15
    assert 5 * 0.1 * (hot - cold) + 0.9 * 5.670374419e-8 * 0.1 * (hot**4 - cold**4) == pytest.approx(100, rel=1e-9)
    assert set(r.assumed) == {"convection_w_m2_k", "emissivity"}


@pytest.mark.parametrize(
    ("quantities", "says"),
    [
        ({"force_n": 1}, "needs area_mm2"),
        ({"force_n": 1, "area_mm2": 1, "colour": 3}, "no input 'colour'"),
        ({"forc_n": 1, "area_mm2": 1}, "no input 'forc_n'"),
        ({"force_n": 1, "area_mm": 1}, "is in mm"),
        ({"force": 1, "area_mm2": 1}, "has no unit"),
        ({"force_n": 1, "area_mm2": 0}, "must be > 0"),
        ({"force_n": 1, "area_mm2": -4}, "must be > 0"),
        ({"force_n": math.nan, "area_mm2": 1}, "not finite"),
        ({"force_n": 10**400, "area_mm2": 1}, "not finite"),
        ({"force_n": "12", "area_mm2": 1}, "not a number"),
        ({"force_n": True, "area_mm2": 1}, "not a number"),
        ({"force_n": 1, "force_kn": 1, "area_mm2": 1}, "twice"),
    ],
)
def test_bad_quantities_are_refused_in_words(quantities: dict[str, float], says: str) -> None:
    with pytest.raises(BadQuantity, match=says) as caught:
        kernel.calculate("structures", "stress", **quantities)
    assert caught.value.next_action


@pytest.mark.parametrize("names", [(None, "stress"), ("structures", 3), (b"structures", "stress")])
def test_a_name_that_is_no_text_is_refused_in_words(names: tuple[Any, Any]) -> None:
    with pytest.raises(UnknownEquation, match="expected a name"):
        kernel.calculate(*names, force_n=1, area_mm2=1)


@pytest.mark.parametrize("given", [0.1, {"force_n": "a"}, {"force_n": -0.1}, {"force_n": math.inf}, {"mass_kg": 0.1}])
def test_an_uncertainty_that_is_none_is_refused_in_words(given: Any) -> None:
    with pytest.raises(BadQuantity) as caught:
        kernel.calculate("structures", "stress", uncertainty_rel=given, force_n=1, area_mm2=1)
    assert caught.value.next_action


def test_nothing_is_colder_than_absolute_zero() -> None:
    """Equations whose temperatures have no bound of their own took -300 degC."""
    warm = {"time_s": 1, "mass_kg": 1, "specific_heat_j_kg_k": 400, "convection_w_m2_k": 10, "area_m2": 1}
    for key, value in (("initial_temp_c", -300), ("initial_temp_f", -500), ("initial_temp_k", -1)):
        with pytest.raises(BadQuantity, match="below absolute zero"):
            kernel.calculate("heat_transfer", "lumped_transient", ambient_temp_c=20, **{key: value}, **warm)
    drop = kernel.calculate(
        "heat_transfer", "plane_wall", conductivity_w_m_k=1, area_m2=1, thickness_mm=1, temperature_difference_k=-400
    )
    assert drop["power_w"] < 0


def test_a_bound_names_the_unit_that_was_given() -> None:
    with pytest.raises(BadQuantity, match="altitude_km, as altitude_m, is 100000 m"):
        kernel.calculate("environments", "atmosphere", altitude_km=100)


def test_the_root_of_a_negative_number_is_refused_by_the_condition_it_breaks() -> None:
    heavy_vapour = {
        "length_m": 1, "width_m": 1, "temperature_difference_k": 5, "latent_heat_j_kg": 2e6, "viscosity_pa_s": 3e-4,
        "specific_heat_j_kg_k": 4000, "density_kg_m3": 1, "vapour_density_kg_m3": 2, "conductivity_w_m_k": 0.6,
    }  # fmt: skip
    with pytest.raises(OutOfValidity, match="denser than its vapour"):
        kernel.calculate("heat_transfer", "film_condensation_plate", **heavy_vapour)


def test_misspelt_input_gets_a_suggestion() -> None:
    with pytest.raises(BadQuantity) as caught:
        kernel.calculate("structures", "stress", forc_n=1, area_mm2=1)
    assert "Did you mean force_n?" in caught.value.next_action


def test_misspelt_names_get_suggestions() -> None:
    with pytest.raises(UnknownEquation) as caught:
        kernel.calculate("structures", "strss", force_n=1, area_mm2=1)
    assert "stress" in caught.value.next_action
    with pytest.raises(UnknownEquation, match="no physics domain") as caught:
        kernel.calculate("structure", "stress")
    assert "structures" in caught.value.next_action
    with pytest.raises(UnknownEquation):
        kernel.calculate("../structures", "stress")


def test_hard_validity_refuses_and_names_the_condition() -> None:
    with pytest.raises(OutOfValidity, match="too thick") as caught:
        kernel.calculate(
            "structures", "plate_clamped_pressure", pressure_mpa=0.1, length_mm=100, width_mm=100, thickness_mm=40,
            youngs_modulus_mpa=70e3, poisson_ratio=0.3,
        )  # fmt: skip
    assert caught.value.details["condition"] == "thickness <= min(length, width)/4"


def test_soft_validity_is_recorded() -> None:
    long = kernel.calculate("structures", "cantilever_bending_stress", **CANTILEVER)
    stub = kernel.calculate("structures", "cantilever_bending_stress", **{**CANTILEVER, "length_mm": 10})
    assert long.warnings == ()
    assert len(stub.warnings) == 1
    assert [note.holds for note in stub.validity] == [False]


def test_uncertainty_is_propagated_to_first_order() -> None:
    """sigma = 6FL/(bh^2): the thickness counts twice. Checked against a Monte Carlo run."""
    spread = {"force_n": 0.02, "thickness_mm": 0.01, "width_mm": 0.005}
    r = kernel.calculate("structures", "cantilever_bending_stress", uncertainty_rel=spread, **CANTILEVER)
    analytic = math.sqrt(0.02**2 + (2 * 0.01) ** 2 + 0.005**2 + 0.01**2)  # the last is the model's own 1 %
    assert r.uncertainty["stress_mpa"] == pytest.approx(analytic, rel=1e-4)
    generator = np.random.default_rng(1)
    force, thickness, width, model = (1 + s * generator.standard_normal(200_000) for s in (0.02, 0.01, 0.005, 0.01))
    assert np.std(model * force / (width * thickness**2)) == pytest.approx(analytic, rel=0.02)


def test_sensitivities_are_the_exponents_of_a_power_law() -> None:
    r = kernel.calculate("structures", "cantilever_deflection", **CANTILEVER, youngs_modulus_mpa=70e3)
    expected = {"force_n": 1, "length_mm": 3, "width_mm": -1, "thickness_mm": -3, "youngs_modulus_mpa": -1}
    assert r.sensitivities["deflection_mm"] == pytest.approx(expected, rel=1e-6)


def test_worked_line_and_latex_carry_the_formula_and_the_numbers() -> None:
    r = kernel.calculate("structures", "stress", force_n=100, area_mm2=50)
    assert r.worked == "stress = force/area with force = 100 N, area = 50 mm² → 2 MPa"
    assert r.latex == r"\sigma = \frac{F}{A}"
    assert "Gere" in str(r.source)


def test_constants_depend_on_the_body() -> None:
    assert kernel.get_constant("g") == 9.80665
    assert kernel.get_constant("g", body="mars") == 3.71
    assert kernel.get_constant("g", body="Moon") == 1.62
    with pytest.raises(UnknownEquation, match="not known for 'krypton'"):
        kernel.get_constant("g", body="krypton")
    with pytest.raises(UnknownEquation, match="no constant"):
        kernel.get_constant("quux")


def test_derived_constants_follow_from_the_defining_ones() -> None:
    """Stefan-Boltzmann, gas and Faraday constants from h, c, k_B, N_A, e (SI Brochure, 9th edition)."""
    h, c, k, n, e = (kernel.get_constant(name) for name in ("h", "c", "k_b", "n_a", "e"))
    assert kernel.get_constant("sigma") == pytest.approx(2 * math.pi**5 * k**4 / (15 * h**3 * c**2), rel=1e-12)
    assert kernel.get_constant("r") == pytest.approx(n * k, rel=1e-12)
    assert kernel.get_constant("faraday") == pytest.approx(n * e, rel=1e-12)
    assert kernel.get_constant("mu0") * kernel.get_constant("eps0") * c**2 == pytest.approx(1, rel=1e-9)


def test_errors_survive_pickling() -> None:
    with pytest.raises(PhysicsError) as caught:
        kernel.calculate("structures", "stress", force_n=1)
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is BadQuantity
    assert again.as_dict() == caught.value.as_dict()


def test_numpy_scalars_are_numbers() -> None:
    assert kernel.calculate("structures", "stress", force_n=np.float64(3), area_mm2=np.int64(3))["stress_mpa"] == 1.0


def test_a_calculation_loads_neither_sympy_nor_scipy_nor_pint() -> None:
    code = (
        "import sys; from backend.physics.kernel import get_physics_kernel as k;"
        "r = k().calculate('structures', 'stress', force_n=1, area_mm2=1); r.worked; r.uncertainty;"
        "print([m for m in ('sympy', 'scipy', 'numpy', 'pint', 'pydantic') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
