"""The holes of a plate: how many, where, how large, from what a brief gives."""

from __future__ import annotations

import math

from backend.design.bolting import hole_and_bolt
from backend.design.family import assume, assumed
from backend.design.kclwriter import show
from backend.design.parts.plate.layout import Layout, edge_counts
from backend.design.sizing import INCREMENT_MM
from backend.errors import DesignError
from backend.schema import Assumption, Intent, Quantity


def lay_out(
    intent: Intent,
    parameters: dict[str, Quantity],
    assumptions: list[Assumption],
    length: float,
    width: float,
) -> Layout:
    """Pattern, number and places of the holes from what the brief gives; the layout has thickness 1.

    Fills in ``parameters`` and ``assumptions``. Raises DesignError where the holes can't be spread.
    """
    corner = parameters["corner_radius"].value if "corner_radius" in parameters else 0.0
    columns, rows = parameters.get("grid_columns"), parameters.get("grid_rows")
    pattern = intent.choices.get("pattern", "edge")
    wanted = parameters.get("hole_count")
    any_hole = (
        wanted
        or columns
        or parameters.get("hole_diameter")
        or parameters.get("bolt_size")
        or parameters.get("bolt_circle")
    )
    if not any_hole:
        return Layout(length, width, 1.0, corner, 1.0, "none", 0, 0, 0.0, 0.0)
    hole = hole_and_bolt(parameters, assumptions, intent, aim_mm=min(length, width) / 20)
    count = round(wanted.value) if wanted else 4
    if wanted is None and not (columns and rows):
        parameters["hole_count"] = assumed(4.0, "1")
        assumptions.append(assume("hole_count", "four holes", "the brief gives holes, not how many"))
    step = INCREMENT_MM[intent.length_unit]
    inset = parameters["edge_distance"].value if "edge_distance" in parameters else math.ceil(2 * hole / step) * step
    if pattern != "circle" and "edge_distance" not in parameters and (count > 1 or pattern == "grid"):
        parameters["edge_distance"] = assumed(inset, "mm", show(inset, intent.length_unit))
        assumptions.append(
            assume(
                "edge_distance",
                f"outer holes {show(inset, intent.length_unit)} from the edges",
                "two hole diameters",
                parameters["edge_distance"],
            )
        )
    if pattern == "circle":
        circle = parameters.get("bolt_circle") or assumed(min(length, width) - 2 * inset, "mm")
        parameters["bolt_circle"] = circle
        return Layout(length, width, 1.0, corner, hole, "circle", count, 0, 0.0, circle.value)
    if pattern == "grid":
        if columns and rows:
            c, r = round(columns.value), round(rows.value)
        else:
            c = next(c for c in range(math.isqrt(count), 0, -1) if count % c == 0)
            c, r = (count // c, c) if length >= width else (c, count // c)
        parameters["grid_columns"], parameters["grid_rows"] = assumed(c, "1"), assumed(r, "1")
        return Layout(length, width, 1.0, corner, hole, "grid", c, r, inset, 0.0)
    counts = edge_counts(count, length - 2 * inset, width - 2 * inset)
    if counts is None:
        raise DesignError(
            f"{count} holes can't be spread evenly around a rectangle",
            next_action="Use an even number of holes from four on.",
        )
    return Layout(length, width, 1.0, corner, hole, "edge", counts[0], counts[1], inset if count > 1 else 0.0, 0.0)
