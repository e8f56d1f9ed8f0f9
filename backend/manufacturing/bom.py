"""Bill of materials: every line says what it is, how many, and what is known of its cost.

A cost is a range with its basis, or it is absent: nothing is priced without a source. Made parts are priced for their
raw stock only (bounding box of the part plus a cleaning allowance); machining time belongs to the tool path and is
left out, which the notes say.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from backend.schema import BoundingBox

STOCK_ALLOWANCE_MM = 3.0  # raw stock left on each side for cleaning up, usual for sawn plate and bar

COLUMNS = (
    "item", "part", "description", "standard", "quantity", "kind", "material", "process",
    "mass_g_each", "cost_low_usd_each", "cost_high_usd_each", "cost_basis",
)  # fmt: skip


def stock_mass_g(box: BoundingBox, density_kg_m3: float) -> float:
    """Mass of the rectangular block that the part is cut from, in g.

    The block is the bounding box (mm) plus :data:`STOCK_ALLOWANCE_MM` on each side.
    """
    sides = [high - low + 2 * STOCK_ALLOWANCE_MM for low, high in zip(box.min, box.max, strict=True)]
    return math.prod(sides) * density_kg_m3 * 1e-6


def component_fields(component: Mapping[str, Any]) -> dict[str, Any]:
    """A family's component in the words of :data:`COLUMNS`.

    A family says ``made`` (True: made here, False: bought), ``designation`` and ``mass_g``; these become ``kind``
    ("made" or "bought"), ``standard`` and ``mass_g_each``. Other keys stay as they are.
    """
    fields = dict(component)
    if "made" in fields:
        fields["kind"] = "made" if fields.pop("made") else "bought"
    for theirs, ours in (("designation", "standard"), ("mass_g", "mass_g_each")):
        if theirs in fields:
            fields.setdefault(ours, fields.pop(theirs))
    return fields


def _line(item: int, component: Mapping[str, Any]) -> dict[str, Any]:
    component = component_fields(component)
    line: dict[str, Any] = dict.fromkeys(COLUMNS)
    line.update({key: component[key] for key in COLUMNS if key in component})
    if line["mass_g_each"] is not None:
        line["mass_g_each"] = round(float(line["mass_g_each"]), 2)
    line["item"] = item
    line["quantity"] = component.get("quantity", 1)
    line["kind"] = component.get("kind", "made")
    line["cost_basis"] = component.get("cost_basis", "not priced: no source on this machine")
    return line


def bill_of_materials(
    components: Iterable[Mapping[str, Any]],
    *,
    price_usd_kg: tuple[float, float] | None = None,
    price_source: str = "",
    density_kg_m3: float | None = None,
    boxes: Mapping[str, BoundingBox] | None = None,
) -> dict[str, Any]:
    """The bill of materials as plain data: ``lines``, ``totals``, ``notes``.

    ``components`` are mappings with keys of :data:`COLUMNS`. A made part whose box is in ``boxes`` (by part name) and
    whose material price range (USD/kg) is known gets the cost of its raw stock; every other cost stays empty.
    """
    lines = []
    for item, component in enumerate(components, start=1):
        line = _line(item, component)
        box = (boxes or {}).get(str(line["part"]))
        printed = "print" in str(line["process"] or "").lower() or "fdm" in str(line["process"] or "").lower()
        if line["kind"] == "made" and price_usd_kg and density_kg_m3 and (box is not None or printed):
            grams = float(line["mass_g_each"] or 0.0) if printed or box is None else stock_mass_g(box, density_kg_m3)
            if grams > 0:
                line["cost_low_usd_each"] = round(grams / 1000 * price_usd_kg[0], 2)
                line["cost_high_usd_each"] = round(grams / 1000 * price_usd_kg[1], 2)
                what = "material used" if printed else f"raw stock of {grams:.0f} g"
                line["cost_basis"] = f"{what} at {price_usd_kg[0]:g} to {price_usd_kg[1]:g} USD/kg ({price_source})"
        lines.append(line)

    priced = [line for line in lines if line["cost_low_usd_each"] is not None]
    masses = [line for line in lines if line["mass_g_each"] is not None]
    totals = {
        "parts": sum(int(line["quantity"]) for line in lines),
        "mass_g": round(sum(float(line["mass_g_each"]) * int(line["quantity"]) for line in masses), 2),
        "mass_complete": len(masses) == len(lines),
        "cost_low_usd": round(sum(line["cost_low_usd_each"] * int(line["quantity"]) for line in priced), 2),
        "cost_high_usd": round(sum(line["cost_high_usd_each"] * int(line["quantity"]) for line in priced), 2),
        "lines_priced": len(priced),
        "lines": len(lines),
    }
    notes = ["Machining or printing time, finishing, tooling and shipping are not in these figures."]
    if len(priced) < len(lines):
        notes.append(
            f"{len(lines) - len(priced)} of {len(lines)} lines are not priced: no source for their price here."
        )
    return {"lines": lines, "totals": totals, "notes": notes}


def write_bom_csv(bom: Mapping[str, Any], path: Path) -> Path:
    """Writes the lines as CSV (UTF-8, one header line); returns ``path``."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(bom["lines"])
    return path
