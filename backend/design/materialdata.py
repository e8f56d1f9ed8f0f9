"""A material's properties in the form that sizing, studies and checks want."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.design.checking import not_verified
from backend.schema import Assumption, Check


@dataclass(frozen=True)
class Properties:
    """Strength and stiffness (MPa), Poisson's ratio, density (kg/m3) at one temperature.

    Where the library's data end before that temperature, the nearest value it has was taken, and ``assumptions`` and
    ``unverified`` say so. ``poisson`` may be an assumption too.
    """

    name: str
    yield_mpa: float
    youngs_mpa: float
    poisson: float
    density_kg_m3: float
    assumptions: tuple[Assumption, ...] = ()
    unverified: tuple[Check, ...] = ()


def properties_of(material: Any, temperature_c: float) -> Properties:
    """The properties of a library material at a temperature.  Raises the library's errors where one is missing."""
    from backend.materials.material import OutOfRange

    notes: list[Assumption] = []
    checks: list[Check] = []

    def at(name: str) -> float:
        try:
            return float(material.value(name, temperature_c=temperature_c).value)
        except OutOfRange:
            room = float(material.value(name).value)
            if not checks:
                notes.append(
                    Assumption(
                        id="material_temperature",
                        text=f"properties of {material.name} at room temperature are used at {temperature_c:g} °C",
                        reason="the library has no values at that temperature",
                    )
                )
                checks.append(
                    not_verified(
                        "strength_at_temperature",
                        f"Strength of {material.name} at {temperature_c:g} °C",
                        "the library has values near room temperature only",
                    )
                )
            return room

    poisson = material.get("poisson_ratio")
    if poisson is None:
        notes.append(
            Assumption(
                id="poisson_ratio",
                text="Poisson's ratio 0.35",
                reason=f"not in the library for {material.name}; usual for plastics and soft metals",
            )
        )
    return Properties(
        name=material.id,
        yield_mpa=at("yield_strength_mpa"),
        youngs_mpa=at("youngs_modulus_mpa"),
        poisson=float(poisson.value) if poisson is not None else 0.35,
        density_kg_m3=float(material.value("density_kg_m3").value),
        assumptions=tuple(notes),
        unverified=tuple(checks),
    )


def study_material(material: Any, temperature_c: float) -> dict[str, Any]:
    """Name, Young's modulus and yield strength (MPa), Poisson's ratio, density (kg/m3) for a finite-element study."""
    found = properties_of(material, temperature_c)
    return {
        "name": found.name,
        "youngs_modulus_mpa": found.youngs_mpa,
        "poisson_ratio": found.poisson,
        "density_kg_m3": found.density_kg_m3,
        "yield_mpa": found.yield_mpa,
    }
