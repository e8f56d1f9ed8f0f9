"""What a language model may look up. These functions read; none writes, spends, or reaches a network or a file.

Their names, annotations and docstrings are what the model sees of them.
"""

from __future__ import annotations

from typing import Any

MOST_ROWS = 30


def material_properties(name: str) -> dict[str, Any]:
    """Cited properties of a material of the library.

    Args:
        name: as a person would write it, e.g. "aluminium 6061-T6"
    """
    from backend.errors import BrickError
    from backend.materials import get_material

    try:
        material = get_material(name[:80])
    except BrickError as problem:
        return {"error": problem.message, "next": problem.next_action}
    wanted = ("density_kg_m3", "youngs_modulus_mpa", "yield_strength_mpa", "thermal_conductivity_w_m_k")
    found = {key: material.get(key) for key in wanted}
    return {"name": material.name, **{key: value.value for key, value in found.items() if value is not None}}


def materials_like(words: str) -> list[str]:
    """Names of materials of the library that hold the words.

    Args:
        words: e.g. "stainless" or "PLA"
    """
    from backend.materials.library import library

    wanted = words.lower().split()[:5]
    names = [material.name for material in library().values()]
    return [name for name in names if all(word in name.lower() for word in wanted)][:MOST_ROWS]


def thread_clearance_mm(thread: str) -> dict[str, Any]:
    """Clearance hole for a metric or UNC thread, mm.

    Args:
        thread: e.g. "M6" or "1/4-20"
    """
    from backend.intent.scanner import scan

    found = [q for q in scan(thread[:20]) if q.form == "thread" or q.dimension == "length"]
    if not found:
        return {"error": f"{thread[:20]!r} is no thread that is known here"}
    from backend.design.fasteners import bolt_of_size
    from backend.errors import BrickError

    try:
        bolt = bolt_of_size(found[0].value)
    except BrickError as problem:
        return {"error": problem.message, "next": problem.next_action}
    return {"thread": bolt.name, "nominal_mm": bolt.d, "clearance_hole_mm": bolt.hole}


TOOLS = (material_properties, materials_like, thread_clearance_mm)
