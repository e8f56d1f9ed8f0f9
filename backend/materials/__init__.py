"""Engineering materials: properties with unit, basis, range and source. Unknown is absent, never a default.

>>> get_material("6061-T6").value("density_kg_m3").value
2700.0
"""

from __future__ import annotations

from backend.materials.library import get_material, list_materials, material_name
from backend.materials.material import Match, Material, MaterialNotFound, OutOfRange, PropertyUnknown, PropertyValue
from backend.materials.words import find_materials

__all__ = [
    "Match",
    "Material",
    "MaterialNotFound",
    "OutOfRange",
    "PropertyUnknown",
    "PropertyValue",
    "find_materials",
    "get_material",
    "list_materials",
    "material_name",
]
