"""Plain rows for a command line or an API: materials found, one in full, indices ranked."""

from __future__ import annotations

from typing import Any

from backend.materials.library import get_material
from backend.materials.material import PROPERTIES, Entry, Material, OutOfRange
from backend.materials.selection import INDICES, guide_slope, known, property_name, rank, search

# Temperatures themselves, prices and the like: they don't depend on the temperature asked for.
LIMITS = frozenset(
    {"solidus_c", "liquidus_c", "melting_c", "glass_transition_c", "heat_deflection_c", "max_service_c",
     "min_service_c", "price_usd_kg", "co2_kg_kg", "machinability_pct"}
)  # fmt: skip
_COLUMNS = (
    "density_kg_m3",
    "youngs_modulus_mpa",
    "yield_strength_mpa",
    "ultimate_strength_mpa",
    "thermal_conductivity_w_m_k",
)


def search_materials(text: str | None = None, *, limit: int | None = None, **filters: Any) -> list[dict[str, Any]]:
    """One row a material that meets the filters (see :func:`backend.materials.selection.search`).

    Columns: id, name, family, form, the usual properties (None where unknown), and those that were filtered on.
    """
    extra = [property_name(word) for word in filters if word not in {"family", "category", "process", "temperature_c"}]
    rows = [_row(material, extra, filters.get("temperature_c", 20.0)) for material in search(text, **filters)]
    return rows[:limit]


def _row(material: Material, extra: list[str], temperature_c: float) -> dict[str, Any]:
    row: dict[str, Any] = {"id": material.id, "name": material.name, "family": material.family, "form": material.form}
    for name in dict.fromkeys([*_COLUMNS, *extra]):
        value = known(material, name, temperature_c)
        row[name] = None if value is None else value.value
    return row


def show_material(name: str) -> dict[str, Any]:
    """One material in full:

    every entry with unit, basis, direction, range, source and uncertainty; and what is unknown.
    """
    material = get_material(name)
    entries = [
        {"property": prop, "meaning": PROPERTIES[prop][1], "unit": PROPERTIES[prop][0]} | _entry(entry)
        for prop, several in material.properties.items()
        for entry in several
    ]
    return {
        "id": material.id,
        "name": material.name,
        "family": material.family,
        "category": material.category,
        "form": material.form,
        "designations": list(material.designations),
        "aliases": list(material.aliases),
        "processes": list(material.processes),
        "note": material.note,
        "entries": entries,
        "unknown": [prop for prop in PROPERTIES if prop not in material.properties],
    }


def show_at(name: str, temperature_c: float) -> dict[str, Any]:
    """One material at a temperature: the default value of each property, interpolated; never extrapolated.

    ``out_of_range`` tells which properties have no value there, with the range that they have. Raises MaterialNotFound.
    """
    material = get_material(name)
    found = show_material(name)
    entries, missing = [], []
    for prop in material.properties:
        at = 20.0 if prop in LIMITS else temperature_c
        try:
            value = material.value(prop, temperature_c=at)
        except OutOfRange as problem:
            missing.append(problem.message)
            continue
        assert value.citation is not None
        entries.append(
            {
                "property": prop, "meaning": PROPERTIES[prop][1], "unit": value.unit, "value": value.value,
                "points": [], "low": value.low, "high": value.high, "basis": value.basis, "direction": value.direction,
                "uncertainty_rel": value.uncertainty_rel, "note": value.note, "source": value.source,
                "source_seen": value.citation.seen, "licence": value.citation.licence, "temperature_c": at,
            }
        )  # fmt: skip
    return {**found, "temperature_c": temperature_c, "entries": entries, "out_of_range": missing}


def _entry(entry: Entry) -> dict[str, Any]:
    span = (entry.points[0][0], entry.points[-1][0]) if entry.points else entry.range_c
    return {
        "value": entry.value,
        "points": [list(point) for point in entry.points],
        "low": entry.low,
        "high": entry.high,
        "basis": entry.basis,
        "direction": entry.direction,
        "range_c": list(span),
        "uncertainty_rel": entry.uncertainty_rel,
        "note": entry.note,
        "source": str(entry.citation),
        "source_seen": entry.citation.seen,
        "licence": entry.citation.licence,
    }


def list_indices() -> list[dict[str, Any]]:
    """One row a performance index: id, title, properties it needs, unit, slope (:func:`guide_slope`)."""
    return [
        {"id": i.id, "title": i.title, "needs": list(i.needs), "unit": i.unit, "slope": guide_slope(i)}
        for i in INDICES.values()
    ]


def rank_materials(index: str, *, per: str | None = None, limit: int = 10, **filters: Any) -> list[dict[str, Any]]:
    """The best materials by a performance index, among those that meet the filters."""
    return rank(index, search(**filters), per=per)[:limit]
