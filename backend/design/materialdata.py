"""A material's properties in the form that studies and checks want."""

from __future__ import annotations

from typing import Any


def study_material(material: Any, temperature_c: float) -> dict[str, Any]:
    """Name, Young's modulus and yield strength (MPa), Poisson's ratio, density (kg/m3) for a finite-element study."""
    return {
        "name": material.id,
        "youngs_modulus_mpa": material.value("youngs_modulus_mpa", temperature_c=temperature_c).value,
        "poisson_ratio": material.value("poisson_ratio").value,
        "density_kg_m3": material.value("density_kg_m3").value,
        "yield_mpa": material.value("yield_strength_mpa", temperature_c=temperature_c).value,
    }
