"""What the heat inside does to a box: temperature of wall and air, against the brief's limit and the material's."""

from __future__ import annotations

import math
from typing import Any

from backend.design import checking
from backend.design.parts.enclosure.layout import Layout
from backend.design.parts.enclosure.mechanics import temperatures
from backend.design.surfaces import Surface
from backend.schema import Check, Intent, LoadCase, Sense, Status

#: relative standard uncertainty of the film outside (natural convection correlations scatter by about 15 %, Incropera
#: section 9.6) and of the one inside, whose air moves as the parts in it allow
OUTER_FILM_REL, INNER_FILM_REL = 0.15, 0.3
_SOFTENS = {"solidus_c": "solidus", "melting_c": "melting point", "glass_transition_c": "glass transition"}
EVIDENCE = ("thermodynamics.equilibrium_temp",)


def softening(material: Any) -> tuple[str, float] | None:
    """(what, °C) of the first temperature at which the material softens or melts, None where the library has none.

    Nylons and their like serve above their glass transition, up to their melting point: what lies below the highest
    service temperature doesn't count, nor does a glass transition where the melting point alone is known to limit.
    """
    service = material.get("max_service_c")
    found = {word: known for name, word in _SOFTENS.items() if (known := material.get(name)) is not None}
    if service is None and len(found) > 1:
        found.pop("glass transition", None)
    lows = [(word, known.low if known.low is not None else known.value) for word, known in found.items()]
    above = [(word, float(c)) for word, c in lows if service is None or c >= service.value]
    return min(above, key=lambda pair: pair[1], default=None)


def checks(
    intent: Intent, load: LoadCase | None, material: Any, layout: Layout, ambient: float, surface: Surface
) -> list[Check]:
    """Temperature of the air inside against the brief's limit, of the wall against the material's; both against the
    temperature at which the material softens. Where no limit is known at all, the heat's requirement is not verified.
    """
    limit = checking.limit_of(intent, "temperature")
    if load is None:
        return [_open("inside_temperature", "Temperature inside", "the brief gives a limit but no heat", limit)] * bool(
            limit
        )
    asked = next((r.id for r in intent.requirements if r.kind == "load" and r.quantity == load.magnitude), None)
    conductivity = material.get("thermal_conductivity_w_m_k")
    conducts = float(conductivity.value) if conductivity else 1.0  # the wall's own temperature doesn't depend on it
    found = temperatures(layout, load.magnitude.value, ambient, conducts, surface.emissivity)
    method = (
        f"natural convection and radiation from sides and lid (5 W/(m2 K), emissivity {surface.emissivity:g}: "
        f"{surface.words}), wall and inner film (10 W/(m2 K)) in series; area {found.area_m2 * 1e4:.0f} cm2, ambient "
        f"{ambient:g} °C"
    )
    softens = softening(material)
    wall = _wall(material, found.wall_c, softens, method, asked, bool(limit))
    if conductivity is None:
        reason = f"the library has no thermal conductivity for {material.name}"
        return [_open("inside_temperature", "Temperature inside", reason, limit), wall]
    spread = math.hypot(OUTER_FILM_REL * (found.wall_c - ambient), INNER_FILM_REL * (found.inside_c - found.wall_c))
    if limit is not None and limit.quantity is not None:
        inside = checking.compare(
            "inside_temperature",
            "Air temperature inside",
            found.inside_c,
            "degC",
            limit.quantity.value,
            limit.sense or Sense.AT_MOST,
            method=method,
            evidence=EVIDENCE,
            requirement_id=limit.id,
            uncertainty=spread,
        )
    else:
        inside = Check(
            id="inside_temperature",
            title="Air temperature inside",
            status=Status.NOT_VERIFIED,
            value=found.inside_c,
            unit="degC",
            uncertainty=spread,
            method=method,
            evidence=EVIDENCE,
            reason="the brief sets no limit; shown for information",
        )
    return [inside, wall, *_softened(material, found.inside_c, spread, softens, method, asked)]


def _open(id_: str, title: str, reason: str, limit: Any) -> Check:
    return checking.not_verified(id_, title, reason, requirement_id=limit.id if limit else None)


def _wall(
    material: Any, wall_c: float, softens: tuple[str, float] | None, method: str, asked: str | None, limited: bool
) -> Check:
    service = material.get("max_service_c")
    if service is not None:
        most, what = float(service.value), "service limit"
    elif softens is not None and wall_c >= softens[1]:
        what, most = softens
    else:
        known = f" (its {softens[0]} is {softens[1]:g} °C)" if softens else ""
        return Check(
            id="wall_temperature",
            title=f"Wall temperature against what {material.name} stands",
            status=Status.NOT_VERIFIED,
            value=wall_c,
            unit="degC",
            method=method,
            evidence=EVIDENCE,
            requirement_id=None if limited else asked,
            reason=f"the library has no service limit for {material.name}{known}: judge {wall_c:.0f} °C yourself, or "
            "give a limit for the temperature inside",
        )
    return checking.compare(
        "wall_temperature",
        f"Wall temperature against the {what} of {material.name}",
        wall_c,
        "degC",
        most,
        Sense.AT_MOST,
        method=method,
        evidence=EVIDENCE,
        requirement_id=asked,
    )


def _softened(
    material: Any, inside_c: float, spread: float, softens: tuple[str, float] | None, method: str, asked: str | None
) -> list[Check]:
    """The air inside against the softening of the walls around it; silent where it stays below with its whole band."""
    if softens is None:
        return []
    what, most = softens
    found = checking.compare(
        "inside_softening",
        f"Air temperature inside against the {what} of {material.name}",
        inside_c,
        "degC",
        most,
        Sense.AT_MOST,
        method=method,
        evidence=EVIDENCE,
        requirement_id=asked,
        uncertainty=None if inside_c > most else spread,
        reason=f"{inside_c:.0f} °C inside, the {what} of {material.name} is {most:g} °C",
    )
    return [] if found.status is Status.PASS else [found]
