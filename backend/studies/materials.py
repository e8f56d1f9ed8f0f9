"""The study's materials as plain data for the solver, and where each value is from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend.errors import InputError
from backend.studies.schema import InlineMaterial, LibraryMaterial, Orthotropic, SnCurve, StudyFile

# library property -> the solver's key
_KEYS = {
    "youngs_modulus_mpa": "youngs_modulus_mpa",
    "poisson_ratio": "poisson_ratio",
    "density_kg_m3": "density_kg_m3",
    "yield_strength_mpa": "yield_mpa",
    "ultimate_strength_mpa": "ultimate_mpa",
    "thermal_expansion_1_k": "thermal_expansion_1_k",
    "thermal_conductivity_w_m_k": "thermal_conductivity_w_m_k",
    "specific_heat_j_kg_k": "specific_heat_j_kg_k",
}
_CYCLES = re.compile(r"([\d.]+e\d+) cycles")
_ROOM_K = 30.0  # about 20 degC: where the library's S-N equations hold
_STRENGTHS = ("yield_strength_mpa", "ultimate_strength_mpa")
_INLINE = {
    "youngs_modulus": ("youngs_modulus_mpa", "MPa"),
    "poisson_ratio": ("poisson_ratio", ""),
    "density": ("density_kg_m3", "kg/m^3"),
    "yield_strength": ("yield_mpa", "MPa"),
    "ultimate_strength": ("ultimate_mpa", "MPa"),
    "thermal_expansion": ("thermal_expansion_1_k", "1/K"),
    "thermal_conductivity": ("thermal_conductivity_w_m_k", "W/(m*K)"),
    "specific_heat": ("specific_heat_j_kg_k", "J/(kg*K)"),
}


@dataclass(frozen=True)
class StudyMaterial:
    """``values`` for the solver, ``rows`` {property, value, unit, basis, source} for the report."""

    name: str
    values: dict[str, Any]
    rows: list[dict[str, Any]]
    max_service_c: float | None = None
    temperature_c: float | None = None
    sn_curve: SnCurve | None = None
    fatigue_point: dict[str, Any] | None = None  # the library's curve, or its strength at a number of cycles: no slope


def needed_properties(study: StudyFile) -> list[str]:
    """The solver's keys without which this study can't be solved."""
    kind = study.analysis.type
    if kind == "flow":
        return []
    if kind.startswith("thermal"):
        more = ["density_kg_m3", "specific_heat_j_kg_k"] if kind == "thermal_transient" else []
        return ["thermal_conductivity_w_m_k", *more]
    needed = ["youngs_modulus_mpa", "poisson_ratio"]
    inertia = any(load.type in ("gravity", "acceleration", "centrifugal") for load in study.loads)
    if kind in ("modal", "harmonic") or inertia:
        needed.append("density_kg_m3")
    if study.heat is not None:
        needed.append("thermal_conductivity_w_m_k")
    if study.heat is not None or any(load.type == "temperature" for load in study.loads):
        needed.append("thermal_expansion_1_k")
    return needed


def study_materials(study: StudyFile) -> dict[int, StudyMaterial]:
    """Materials by body; -1 is the whole part's. Raises the library's errors, InputError for a missing value."""
    needed = needed_properties(study)
    found: dict[int, StudyMaterial] = {}
    if study.material is not None:
        found[-1] = _resolve(study.material, needed, "material")
    for number, item in enumerate(study.materials or ()):
        resolved = _resolve(item.material, needed, f"materials[{number}].material")
        for body in item.bodies:
            if body in found:
                raise InputError(f"materials gives body {body} twice.", next_action="Name each body once.")
            found[body] = resolved
    return found


def _resolve(given: LibraryMaterial | InlineMaterial, needed: Sequence[str], where: str) -> StudyMaterial:
    return _library(given, needed, where) if isinstance(given, LibraryMaterial) else _inline(given, needed, where)


def _library(given: LibraryMaterial, needed: Sequence[str], where: str) -> StudyMaterial:
    from backend.materials import get_material
    from backend.materials.material import PROPERTIES, OutOfRange

    material = get_material(given.name)
    values: dict[str, Any] = {"name": material.id}
    rows: list[dict[str, Any]] = []
    for name, key in _KEYS.items():
        strength = name in _STRENGTHS
        wish = {"basis": given.basis, "direction": given.direction} if strength else {}
        try:
            value = material.get(name, temperature_c=given.temperature, **wish)
        except OutOfRange:
            if key in needed or strength:
                raise  # a strength is what the verdict stands on: it is never taken from another temperature
            value = None
        curve = _curve(material, name) if given.by_temperature else None
        if curve is not None:
            values[key] = [list(point) for point in curve.points]
            rows += _rows(name, list(curve.points), PROPERTIES[name][0], curve.basis, str(curve.citation))
        elif value is not None:
            values[key] = value.value
            rows.append(
                {
                    "property": name,
                    "value": value.value,
                    "unit": value.unit,
                    "basis": value.basis,
                    "source": value.source,
                }
            )
    if given.poisson_ratio is not None:
        values["poisson_ratio"] = given.poisson_ratio
        row = {
            "property": "poisson_ratio",
            "value": given.poisson_ratio,
            "unit": "",
            "basis": "",
            "source": "the study",
        }
        rows = [*(r for r in rows if r["property"] != "poisson_ratio"), row]
    if given.orthotropic is not None:
        values["orthotropic"] = _orthotropic(given.orthotropic)
    for key in needed:
        if values.get(key) is None and not _covered(key, values):
            name = next(n for n, k in _KEYS.items() if k == key)
            hint = "give it in the study (poisson_ratio: 0.35), or " if key == "poisson_ratio" else ""
            raise InputError(
                f"{where}: the library has no {name} of {material.name}, which this study needs.",
                next_action=f"{hint[:1].upper()}{hint[1:]}choose a material that has it, or give all values inline "
                "with their source.",
                code="property_unknown",
            )
    fatigue = material.get("fatigue_strength_mpa")
    at = _CYCLES.search(fatigue.note) if fatigue else None
    point = None
    if fatigue and at:
        source = f"{fatigue.source}: {fatigue.note} ({fatigue.basis})"
        point = {"points": [[float(at[1]), fatigue.value]], "source": source}
    if material.sn is not None and abs(given.temperature - 20.0) <= _ROOM_K:
        words = f"{material.sn.citation}: {material.sn.note}; median life of unnotched specimens (50 % survive)"
        point = {"points": [list(pair) for pair in material.sn.reversed_points()], "source": words}
    service = material.get("max_service_c")
    return StudyMaterial(
        material.name,
        values,
        rows,
        None if service is None else service.value,
        given.temperature,
        given.sn_curve,
        point,
    )


def _curve(material: Any, name: str) -> Any:
    """The library's first curve of a property that may follow the temperature, None where it has none."""
    if name not in ("thermal_conductivity_w_m_k", "specific_heat_j_kg_k"):
        return None
    return next((entry for entry in material.entries(name) if len(entry.points) > 1), None)


def _rows(name: str, value: Any, unit: str, basis: str, source: str) -> list[dict[str, Any]]:
    """A row of the report, or one for each temperature of a table."""
    listed = [(f"{name} at {at:g} °C", v) for at, v in value] if isinstance(value, list) else [(name, value)]
    return [{"property": n, "value": v, "unit": unit, "basis": basis, "source": source} for n, v in listed]


def _inline(given: InlineMaterial, needed: Sequence[str], where: str) -> StudyMaterial:
    values: dict[str, Any] = {"name": given.label}
    rows = []
    for name, (key, unit) in _INLINE.items():
        value = getattr(given, name)
        if value is not None:
            values[key] = value
            rows += _rows(name, value, unit, "given", given.source)
    if given.orthotropic is not None:
        values["orthotropic"] = _orthotropic(given.orthotropic)
    for key in needed:
        if values.get(key) is None and not _covered(key, values):
            name = next(n for n, (k, _) in _INLINE.items() if k == key)
            raise InputError(
                f"{where} has no {name}, which this study needs.", next_action=f"Give {name} with its unit."
            )
    return StudyMaterial(given.label, values, rows, sn_curve=given.sn_curve)


def _covered(key: str, values: dict[str, Any]) -> bool:
    return key in ("youngs_modulus_mpa", "poisson_ratio") and "orthotropic" in values


def _orthotropic(given: Orthotropic) -> dict[str, Any]:
    return {
        "e_mpa": [given.e1, given.e2, given.e3],
        "g_mpa": [given.g12, given.g13, given.g23],
        "nu": [given.nu12, given.nu13, given.nu23],
        "axis_1": list(given.axis_1),
        "axis_2": list(given.axis_2),
    }
