"""Volume, mass, area, centre of mass, bounding box, in the units asked for."""

from __future__ import annotations

from typing import Any

from backend.engine import measure
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import entities, number, optional, text
from backend.engine.scene import Scene

_LENGTH_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "in": 25.4, "ft": 304.8, "yd": 914.4}
_AREA_MM2 = {f"{unit}2": size**2 for unit, size in _LENGTH_MM.items()} | {"dm2": 1e4, "km2": 1e12}
_VOLUME_MM3 = {f"{unit}3": size**3 for unit, size in _LENGTH_MM.items()} | {
    "ml": 1e3,
    "l": 1e6,
    "usgal": 3785411.784,
    "usfloz": 29573.5295625,
}
_MASS_G = {"g": 1.0, "kg": 1000.0, "lb": 453.59237}
_DENSITY_G_MM3 = {"kg:m3": 1e-6, "lb:ft3": 453.59237 / 304.8**3}


def _unit(table: dict[str, float], name: str, what: str) -> float:
    if name not in table:
        raise EngineError(f"the {what} unit {name!r} is not one of {', '.join(table)}")
    return table[name]


def _measure(scene: Scene, ids: list[str]) -> dict[str, Any]:
    bodies = [scene.body(item) for item in ids] if ids else scene.visible_bodies()
    found = measure.measure_shape(shapes.compound(body.shape for body in bodies))
    if not found["bodies"]:
        raise EngineError("there are no bodies to measure")
    return found


def _point(values: Any, unit: float) -> dict[str, float]:
    x, y, z = (value / unit for value in values)
    return {"x": x, "y": y, "z": z}


def _box(found: dict[str, Any], unit: str) -> dict[str, Any]:
    size = _unit(_LENGTH_MM, unit, "length")
    low, high = found["bounding_box_mm"]["min"], found["bounding_box_mm"]["max"]
    return {
        "center": _point([(a + b) / 2 for a, b in zip(low, high, strict=True)], size),
        "dimensions": _point([b - a for a, b in zip(low, high, strict=True)], size),
    }


def _volume(found: dict[str, Any], unit: str) -> dict[str, Any]:
    return {"volume": found["volume_mm3"] / _unit(_VOLUME_MM3, unit, "volume"), "output_unit": unit}


def _area(found: dict[str, Any], unit: str) -> dict[str, Any]:
    return {"surface_area": found["area_mm2"] / _unit(_AREA_MM2, unit, "area"), "output_unit": unit}


def _center(found: dict[str, Any], unit: str) -> dict[str, Any]:
    return {
        "center_of_mass": _point(found["center_of_mass_mm"], _unit(_LENGTH_MM, unit, "length")),
        "output_unit": unit,
    }


def _mass(found: dict[str, Any], density: float, density_unit: str, unit: str) -> dict[str, Any]:
    grams = found["volume_mm3"] * density * _unit(_DENSITY_G_MM3, density_unit, "density")
    return {"mass": grams / _unit(_MASS_G, unit, "mass"), "output_unit": unit}


def _density(found: dict[str, Any], mass: float, mass_unit: str, unit: str) -> dict[str, Any]:
    if found["volume_mm3"] <= 0:
        raise EngineError("a density needs a body with a volume")
    grams_per_mm3 = mass * _unit(_MASS_G, mass_unit, "mass") / found["volume_mm3"]
    return {"density": grams_per_mm3 / _unit(_DENSITY_G_MM3, unit, "density"), "output_unit": unit}


@command("volume", {"entity_ids": entities, "output_unit": text})
def volume(scene: Scene, cmd_id: str, entity_ids: list[str], output_unit: str) -> dict[str, Any]:
    return _volume(_measure(scene, entity_ids), output_unit)


@command("surface_area", {"entity_ids": entities, "output_unit": text})
def surface_area(scene: Scene, cmd_id: str, entity_ids: list[str], output_unit: str) -> dict[str, Any]:
    return _area(_measure(scene, entity_ids), output_unit)


@command("center_of_mass", {"entity_ids": entities, "output_unit": text})
def center_of_mass(scene: Scene, cmd_id: str, entity_ids: list[str], output_unit: str) -> dict[str, Any]:
    return _center(_measure(scene, entity_ids), output_unit)


@command(
    "mass", {"entity_ids": entities, "material_density": number, "material_density_unit": text, "output_unit": text}
)
def mass(
    scene: Scene,
    cmd_id: str,
    entity_ids: list[str],
    material_density: float,
    material_density_unit: str,
    output_unit: str,
) -> dict[str, Any]:
    return _mass(_measure(scene, entity_ids), material_density, material_density_unit, output_unit)


@command("density", {"entity_ids": entities, "material_mass": number, "material_mass_unit": text, "output_unit": text})
def density(
    scene: Scene, cmd_id: str, entity_ids: list[str], material_mass: float, material_mass_unit: str, output_unit: str
) -> dict[str, Any]:
    return _density(_measure(scene, entity_ids), material_mass, material_mass_unit, output_unit)


@command("bounding_box", {"entity_ids": entities}, output_unit=(text, "mm"))
def bounding_box(scene: Scene, cmd_id: str, entity_ids: list[str], output_unit: str) -> dict[str, Any]:
    return _box(_measure(scene, entity_ids), output_unit)


_MAYBE_NUMBER = (optional(number), None)
_MAYBE_TEXT = (optional(text), None)


@command(
    "physical_properties",
    {"entity_ids": entities},
    material_density=_MAYBE_NUMBER,
    material_density_unit=_MAYBE_TEXT,
    material_mass=_MAYBE_NUMBER,
    material_mass_unit=_MAYBE_TEXT,
    mass_output_unit=_MAYBE_TEXT,
    density_output_unit=_MAYBE_TEXT,
    volume_output_unit=_MAYBE_TEXT,
    center_of_mass_output_unit=_MAYBE_TEXT,
    surface_area_output_unit=_MAYBE_TEXT,
    bounding_box_output_unit=_MAYBE_TEXT,
)
def physical_properties(scene: Scene, cmd_id: str, entity_ids: list[str], **asked: Any) -> dict[str, Any]:
    """Everything for which an output unit is given."""
    found = _measure(scene, entity_ids)
    reply: dict[str, Any] = {}
    if asked["mass_output_unit"] and asked["material_density"] is not None:
        reply["mass"] = _mass(
            found, asked["material_density"], asked["material_density_unit"] or "kg:m3", asked["mass_output_unit"]
        )
    if asked["density_output_unit"] and asked["material_mass"] is not None:
        reply["density"] = _density(
            found, asked["material_mass"], asked["material_mass_unit"] or "kg", asked["density_output_unit"]
        )
    if asked["volume_output_unit"]:
        reply["volume"] = _volume(found, asked["volume_output_unit"])
    if asked["center_of_mass_output_unit"]:
        reply["center_of_mass"] = _center(found, asked["center_of_mass_output_unit"])
    if asked["surface_area_output_unit"]:
        reply["surface_area"] = _area(found, asked["surface_area_output_unit"])
    if asked["bounding_box_output_unit"]:
        reply["bounding_box"] = _box(found, asked["bounding_box_output_unit"])
    return reply
