# tests/integration/test_physics_real.py

import pytest
from backend.physics.kernel import get_physics_kernel


@pytest.fixture(scope="module")
def physics_kernel():
    """Real physics kernel - no mocks."""
    return get_physics_kernel()


def test_gravity_calculation_real(physics_kernel):
    """Verify gravity using real physics constants."""
    g = physics_kernel.get_constant("g")
    assert 9.79 < g < 9.82  # Earth gravity range


def test_stress_calculation_real(physics_kernel):
    """Verify stress calculation on aluminum beam."""
    # 100N force on 10mm x 10mm aluminum beam
    result = physics_kernel.calculate(domain="structures", equation="stress", force_n=100, area_mm2=100)

    # Stress = Force / Area = 100N / 100mm² = 1 MPa
    assert abs(result["stress_mpa"] - 1.0) < 0.01


def test_thermal_equilibrium_real(physics_kernel):
    """Verify heat transfer calculation."""
    result = physics_kernel.calculate(
        domain="thermodynamics", equation="equilibrium_temp", power_w=100, surface_area_m2=0.1, ambient_temp_c=25
    )

    # Higher power → higher equilibrium temp
    assert result["temp_c"] > 25
