"""Names for people: ids of families and materials as a person writes them."""

from __future__ import annotations


def family_title(family: str | None) -> str:
    """ "l_bracket" -> "L-bracket"; an unknown id is only freed of its underscores."""
    from backend.design import get_family
    from backend.errors import BrickError

    if not family:
        return "design"
    try:
        return get_family(family).title
    except BrickError:
        return family.replace("_", " ")


def material_name(material: str | None) -> str:
    """ "aluminium_6061_t6" -> "Aluminium 6061-T6"; an unknown id is only freed of its underscores."""
    from backend.errors import BrickError
    from backend.materials import get_material

    if not material:
        return ""
    try:
        return get_material(material).name
    except BrickError:
        return material.replace("_", " ")
