"""The library of materials, every value with its source and basis."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from backend.materials.listing import list_indices, rank_materials, search_materials, show_material
from backend.materials.material import PROPERTIES
from backend.materials.selection import BadFilter

router = APIRouter(prefix="/api/materials", tags=["materials"])


def _filters(where: list[str]) -> dict[str, str]:
    """``["yield>250 MPa"]`` -> ``{"yield": ">250 MPa"}``. Raises BadFilter."""
    found = {}
    for text in where:
        at = next((i for i, letter in enumerate(text) if letter in "<>="), None)
        if not at:
            raise BadFilter(f"{text!r} is no filter.", next_action='Write for example "yield>250 MPa".')
        found[text[:at].strip()] = text[at:]
    return found


@router.get("")
async def list_them(
    text: str | None = None,
    family: str | None = None,
    process: str | None = None,
    where: Annotated[list[str] | None, Query(description='filters such as "yield>250 MPa"')] = None,
    show: Annotated[list[str] | None, Query(description="further properties to show")] = None,
) -> dict[str, Any]:
    """Materials that meet every filter. One whose value is unknown doesn't meet a filter on it."""
    filters: dict[str, Any] = _filters(where or [])
    rows = search_materials(text, family=family, process=process, **filters)
    if show:
        from backend.materials.library import get_material
        from backend.materials.selection import known, property_name

        names = [property_name(word) for word in show]
        for row in rows:
            for name in names:
                value = known(get_material(row["id"]), name)
                row[name] = None if value is None else value.value
    return {
        "materials": rows,
        "properties": {name: {"unit": unit, "meaning": meaning} for name, (unit, meaning) in PROPERTIES.items()},
        "indices": list_indices(),
    }


@router.get("/ranking/{index}")
async def ranking(index: str, per: str | None = None, limit: int = Query(100, ge=1, le=500)) -> dict[str, Any]:
    """Materials by one of Ashby's performance indices, best first; those that lack a property are left out."""
    return {"index": index, "ranking": rank_materials(index, per=per, limit=limit)}


@router.get("/{material_id}")
async def get_one(material_id: str) -> dict[str, Any]:
    """One material in full: every value with unit, basis, range, source, uncertainty, and what is unknown."""
    return show_material(material_id)
