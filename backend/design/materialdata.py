"""A material's properties in the form that sizing, studies and checks want."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.design.checking import compare, not_verified
from backend.materials.library import material_name as material_name
from backend.schema import Assumption, Check, Intent, Origin, Quantity, Sense

ROOM_C = 20.0
#: this far from room temperature a strength without data is open, where the brief asks for the temperature
NEAR_ROOM_K = 15.0


@dataclass(frozen=True)
class Properties:
    """Strength and stiffness (MPa), Poisson's ratio, density (kg/m3) at one temperature.

    Where the library's data end before that temperature, the nearest value it has was taken, and ``assumptions`` and
    ``unverified`` say so. ``poisson`` may be an assumption too.
    """

    name: str
    yield_mpa: float
    youngs_mpa: float
    poisson: float
    density_kg_m3: float
    assumptions: tuple[Assumption, ...] = ()
    unverified: tuple[Check, ...] = ()


def _direction(material: Any, name: str, process: str | None) -> str | None:
    """The direction of a plastic's value that the process asks for: across the layers where it is printed, none where
    it is moulded or cut from solid stock. None (the library's own choice, the weakest strength) where it doesn't apply.
    """
    if process is None or material.category != "polymer":
        return None
    wanted = "Z" if process == "fdm" else ""
    return wanted if any(entry.direction == wanted for entry in material.entries(name)) else None


def _form(material: Any, yield_mpa: float, process: str | None) -> list[Assumption]:
    """Which of the library's strengths was taken, where a printed plastic has another than a solid one."""
    there = {entry.direction for entry in material.entries("yield_strength_mpa")}
    if material.category != "polymer" or there != {"", "Z"}:
        return []
    form, reason = {
        None: ("the weakest form, printed across the layers", "the brief names no process"),
        "fdm": ("a print across its layers", "the weakest direction of a print"),
    }.get(process, ("moulded or solid stock", "a print is weaker across its layers"))
    return [
        Assumption(
            id="strength_form", text=f"strength of {material.name}: {yield_mpa:.3g} MPa, that of {form}", reason=reason
        )
    ]


def properties_of(material: Any, temperature_c: float, process: str | None = None) -> Properties:
    """The properties of a library material at a temperature, of a plastic as that process makes it ("fdm", "moulded",
    "machined", ...; None: the weakest).  Raises the library's errors where one is missing.
    """
    from backend.materials.material import OutOfRange

    notes: list[Assumption] = []
    checks: list[Check] = []

    def at(name: str) -> float:
        direction = _direction(material, name, process)
        try:
            return float(material.value(name, temperature_c=temperature_c, direction=direction).value)
        except OutOfRange:
            room = float(material.value(name, direction=direction).value)
            if not checks:
                notes.append(
                    Assumption(
                        id="material_temperature",
                        text=f"properties of {material.name} at room temperature are used at {temperature_c:.3g} °C",
                        reason="the library has no values at that temperature",
                    )
                )
            word = "strength" if name == "yield_strength_mpa" else "stiffness"
            checks.append(
                not_verified(
                    f"{word}_at_temperature",
                    f"{word.capitalize()} of {material.name} at {temperature_c:.3g} °C",
                    "the library has values near room temperature only",
                )
            )
            return room

    poisson = material.get("poisson_ratio")
    if poisson is None:
        notes.append(
            Assumption(
                id="poisson_ratio",
                text="Poisson's ratio 0.35",
                reason=f"not in the library for {material.name}; usual for plastics and soft metals",
            )
        )
    strength = at("yield_strength_mpa")
    return Properties(
        name=material.id,
        yield_mpa=strength,
        youngs_mpa=at("youngs_modulus_mpa"),
        poisson=float(poisson.value) if poisson is not None else 0.35,
        density_kg_m3=float(material.value("density_kg_m3").value),
        assumptions=(*notes, *_form(material, strength, process)),
        unverified=tuple(checks),
    )


def in_service(
    material: Any, found: Properties, intent: Intent, temperature: Quantity, part: Quantity | None = None
) -> list[Check]:
    """What the service temperature leaves open: beyond the material's service limit a failed check; where the brief
    asks for a temperature away from room temperature and the strength there has no data, the safety factor is open (a
    deflection limit, where the stiffness there has none). ``part``: the temperature that heat inside brings the part
    to; it counts as one that the brief asks for. A loaded plastic also creeps, which nothing here computes.
    """
    loaded = any(load.kind != "heat" for load in intent.loads)
    holds = "safety_factor" if loaded else None
    said = part is not None or temperature.origin in (Origin.BRIEF, Origin.ANSWER)
    far = said and abs((part or temperature).value - ROOM_C) > NEAR_ROOM_K
    bends = next((r.id for r in intent.limits if r.kind == "deflection"), None)
    hangs = {"strength_at_temperature": holds, "stiffness_at_temperature": bends}
    out = [c.model_copy(update={"requirement_id": hangs.get(c.id)}) if far else c for c in found.unverified]
    if loaded and material.category == "polymer":
        reason = "not computed; the strength above is that of a short test, and a plastic gives way slowly"
        out.append(not_verified("creep", "Creep under a load that stays", reason))
    limit = material.get("max_service_c")
    if limit is None or temperature.value <= float(limit.value):
        return out
    asked = next((r.id for r in intent.requirements if r.id == "service_temperature"), holds)
    failed = compare(
        "material_service_temperature",
        f"Service temperature of {material.name}",
        temperature.value,
        "degC",
        float(limit.value),
        Sense.AT_MOST,
        method="highest continuous service temperature of the material, from the library",
        evidence=(f"materials.{material.id}.max_service_c",),
        requirement_id=asked,
        reason=f"{temperature.value:g} °C in service, {material.name} stands {float(limit.value):g} °C: choose another "
        "material or a cooler place",
    )
    return [failed, *out]


def study_material(material: Any, temperature_c: float, process: str | None = None) -> dict[str, Any]:
    """Name, Young's modulus and yield strength (MPa), Poisson's ratio, density (kg/m3) for a finite-element study."""
    found = properties_of(material, temperature_c, process)
    return {
        "name": found.name,
        "youngs_modulus_mpa": found.youngs_mpa,
        "poisson_ratio": found.poisson,
        "density_kg_m3": found.density_kg_m3,
        "yield_mpa": found.yield_mpa,
    }
