"""Holes and the bolts that go through them: what follows from what, and their lines in the bill of materials."""

from __future__ import annotations

from typing import Any

from backend.design.checking import bounds_of
from backend.design.family import assume, assumed
from backend.design.fasteners import Bolt, Grade, bolt_for_hole, bolt_of_size, bolts, screw_length
from backend.design.kclwriter import LengthUnit, show
from backend.errors import DesignError
from backend.schema import Assumption, Intent, Quantity


def hole_and_bolt(
    parameters: dict[str, Quantity], assumptions: list[Assumption], intent: Intent, *, aim_mm: float
) -> float:
    """Fills in ``hole_diameter`` and ``bolt_size`` of ``parameters``, each from the other; returns the hole, mm.

    Where neither is given a bolt near ``aim_mm`` is taken, none that the brief rules out. Every step is a listed
    assumption. Raises DesignError where no bolt fits the hole.
    """
    unit: LengthUnit = intent.length_unit
    size, hole = parameters.get("bolt_size"), parameters.get("hole_diameter")
    system = "inch" if unit == "in" else "metric"
    if hole is not None and size is None:
        fitting = bolt_for_hole(hole.value, "inch" if unit == "in" else "metric") or bolt_for_hole(hole.value, "metric")
        if fitting is None:
            raise DesignError(
                f"no bolt of the table fits a hole of {hole.value:g} mm",
                next_action="Use holes of 2.2 mm or more.",
                code="no_bolt",
            )
        parameters["bolt_size"] = assumed(fitting.d, "mm", fitting.name)
        assumptions.append(
            assume(
                "bolt_size",
                f"{fitting.name} bolts",
                f"the largest whose close clearance hole fits {show(hole.value, unit)}",
                parameters["bolt_size"],
            )
        )
        return hole.value
    if hole is not None and size is not None:
        return hole.value
    if size is not None:
        bolt, reason = bolt_of_size(size.value), ""
    else:
        table = bolts("inch" if system == "inch" else "metric")
        sizes, holes = _ruled_out(intent, "bolt_size"), _ruled_out(intent, "hole_diameter")
        allowed = [b for b in table if b.d >= 4 and not _among(b.d, sizes) and not _among(b.hole, holes)]
        for low, high, of in ((*bounds_of(intent, "bolt_size"), "d"), (*bounds_of(intent, "hole_diameter"), "hole")):
            allowed = [b for b in allowed if low - 1e-6 <= getattr(b, of) <= high + 1e-6]
        bolt = min(allowed or table, key=lambda b: abs(b.d - max(aim_mm, 5.0)))
        parameters["bolt_size"] = assumed(bolt.d, "mm", bolt.name)
        reason = "the brief gives no hole size; "
    parameters["hole_diameter"] = assumed(bolt.hole, "mm", show(bolt.hole, unit))
    standard = "ISO 273, medium" if bolt.system == "metric" else "ASME B18.2.8, normal"
    assumptions.append(
        assume(
            "hole_diameter",
            f"{show(bolt.hole, unit)} holes for {bolt.name} bolts",
            f"{reason}clearance by {standard}",
            parameters["hole_diameter"],
        )
    )
    return bolt.hole


def _ruled_out(intent: Intent, name: str) -> list[float]:
    """The values of a size, mm, that the brief rules out."""
    return [r.quantity.value for r in intent.requirements if r.kind == f"not:{name}" and r.quantity is not None]


def _among(value: float, refused: list[float]) -> bool:
    return any(abs(value - other) <= 0.005 * other for other in refused)


def bolt_line(bolt: Bolt, grade: Grade, count: int, grip_mm: float, use: str, *, nut: bool = False) -> dict[str, Any]:
    """A line of the bill of materials for hex bolts.

    The length spans the grip, a washer and one diameter of thread; with a ``nut`` two washers, the nut and two pitches
    beyond it. Nut and washers together are at most 1.6 diameters high (ISO 4032 and 7089, M3 to M24: 1.3 to 1.4).
    """
    if nut:
        length = screw_length(grip_mm, 1.6 * bolt.d + 2 * bolt.pitch, bolt.system)
    else:
        length = screw_length(grip_mm + 2.0, bolt.d, bolt.system)
    if bolt.system == "metric":
        name = f"ISO 4014/4017 - {bolt.name} x {length:g} - {grade.name}"
    else:
        sae = "SAE " if grade.name.startswith("Grade") else ""
        name = f"Hex bolt {bolt.name} x {show(length, 'in')} {sae}{grade.name}"
    return {"part": f"Bolt {bolt.name}", "quantity": count, "made": False, "designation": name, "description": use}


def washer_line(bolt: Bolt, heads: int, nuts: int = 0) -> dict[str, Any]:
    """A line of the bill of materials for plain washers: one under each head, and one under each nut."""
    standard = "ISO 7089" if bolt.system == "metric" else "ASME B18.21.1 type A narrow"
    under = f"plain washer, one under each of {heads} bolt heads"
    return {
        "part": f"Washer {bolt.name}",
        "quantity": heads + nuts,
        "made": False,
        "designation": f"{standard} - {bolt.name}",
        "description": under + (f" and of {nuts} nuts" if nuts else ""),
    }


def nut_line(bolt: Bolt, count: int, use: str) -> dict[str, Any]:
    """A line of the bill of materials for hex nuts."""
    standard = "ISO 4032" if bolt.system == "metric" else "ASME B18.2.2 hex nut"
    return {
        "part": f"Nut {bolt.name}",
        "quantity": count,
        "made": False,
        "designation": f"{standard} - {bolt.name}",
        "description": use,
    }
