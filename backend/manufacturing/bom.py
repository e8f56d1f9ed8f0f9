"""Bill of materials: every line says what it is, how many, and what is known of its cost.

A cost is a range with its basis, or it is absent: nothing is priced without a source. Made parts are priced for their
raw stock only: the block around the part with a cleaning allowance, or, for a part that is an angle, an angle of its
section with the same allowance, whichever weighs less; printed and moulded parts for what they weigh and an allowance
for what is printed or moulded beside them. The line names it. Machining time belongs to the tool path and is left out,
which the notes say.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from backend.materials import material_name
from backend.schema import BoundingBox

STOCK_ALLOWANCE_MM = 3.0  # raw stock left on each side for cleaning up, usual for sawn plate and bar
#: what goes into a part's process beside the part: (words in the process's name, share of the mass, what). Assumptions,
#: no data of a machine: sprues and supports depend on the tool and on how the part lies, and the line says so
_BESIDE = ((("mould", "mold"), 0.10, "sprue and runners"), (("print", "fdm"), 0.05, "brim and purge"))

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


def angle_mass_g(angle: Mapping[str, Any], density_kg_m3: float) -> float:
    """Mass of the angle bar that an L-shaped part is cut from, in g.

    ``angle``: ``legs`` (both outer lengths), ``thickness``, ``fillet`` (inside the corner) and ``length``, mm. Every
    face gets :data:`STOCK_ALLOWANCE_MM`; the section is two rectangles and the fillet's (1 - pi/4) r², the outer corner
    sharp.
    """
    more = 2 * STOCK_ALLOWANCE_MM
    first, second = (float(leg) + more for leg in angle["legs"])
    thickness = float(angle["thickness"]) + more
    section = thickness * (first + second - thickness) + (1 - math.pi / 4) * float(angle["fillet"]) ** 2
    return section * (float(angle["length"]) + more) * density_kg_m3 * 1e-6


def _stock(component: Mapping[str, Any], box: BoundingBox, density_kg_m3: float) -> tuple[float, str]:
    """Mass (g) of the lightest stock that a part can be cut from, and which that is, in words."""
    block = stock_mass_g(box, density_kg_m3)
    clean = f"{STOCK_ALLOWANCE_MM:g} mm to clean on each face"
    angle = component.get("angle_mm")
    bar = angle_mass_g(angle, density_kg_m3) if angle else math.inf
    if bar < block:
        words = f"an angle of the part's own section, extruded or rolled, {clean}; a solid block would be {block:.0f} g"
        return bar, words
    return block, f"a block around the part, {clean}"


def _beside(process: str) -> tuple[float, str] | None:
    """Share and name of the material that a printed or moulded part takes beside its own mass; None for other parts."""
    name = process.lower()
    return next(((share, what) for words, share, what in _BESIDE if any(word in name for word in words)), None)


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
        grown = _beside(str(line["process"] or ""))
        if line["kind"] == "made" and price_usd_kg and density_kg_m3 and (box is not None or grown):
            grams, what = float(line["mass_g_each"] or 0.0), ""
            if grown:
                share, beside = grown
                grams *= 1 + share
                what = f"material of {grams:.3g} g (the part's own mass and {share:.0%} for {beside}, an assumption)"
            elif box is not None:
                grams, stock = _stock(component, box, density_kg_m3)
                what = f"raw stock of {grams:.0f} g ({stock})"
            if grams > 0:
                line["cost_low_usd_each"] = round(grams / 1000 * price_usd_kg[0], 2)
                line["cost_high_usd_each"] = round(grams / 1000 * price_usd_kg[1], 2)
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
    if any("an angle of" in line["cost_basis"] for line in priced):
        notes.append(
            "Angles are on sale in fixed sizes: the next larger one weighs and costs more than is counted here."
        )
    if len(priced) < len(lines):
        notes.append(
            f"{len(lines) - len(priced)} of {len(lines)} lines are not priced: no source for their price here."
        )
    return {"lines": lines, "totals": totals, "notes": notes}


def csv_row(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as a person reads it in the file: the material by its name."""
    return {**line, "material": material_name(line.get("material"))}


def write_bom_csv(bom: Mapping[str, Any], path: Path) -> Path:
    """Writes the lines as CSV (UTF-8, one header line), materials by their names; returns ``path``."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(csv_row(line) for line in bom["lines"])
    return path
