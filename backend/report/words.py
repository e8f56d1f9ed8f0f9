"""Names for people: ids of families and materials as a person writes them."""

from __future__ import annotations

from backend.design.materialdata import material_name

__all__ = ["family_title", "material_name"]


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
