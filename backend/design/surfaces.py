"""How well a surface radiates: the library's emissivity where it has one, else that of bare metal, paint or plastic."""

from __future__ import annotations

from typing import Any, NamedTuple

from backend.schema import Assumption

#: total emissivity of paints, plastics and other non-metals: the kernel's own value for them; tables give oil paints
#: 0.92 to 0.96 and lacquers 0.80 to 0.95 (Thome, EPFL, Radiative heat transfer, 2008)
DULL = 0.9
#: anodised aluminium, total normal (Neutrium, Total Normal Emissivities of Selected Materials)
ANODISED = 0.84
#: commercial aluminium sheet at 100 °C, total (LumaSense and Neutrium tables, both 0.09; Thome 0.09)
BARE_ALUMINIUM = 0.09
#: any other bare metal, the low side: polished steel and burnished copper have 0.07 (FLIR, Emissivity tables, total); a
#: rolled or machined steel has more, up to 0.24
BARE_METAL = 0.07
_COATED = {"painted": DULL, "anodised": ANODISED}


class Surface(NamedTuple):
    """Total emissivity of a surface, what it is in words, and the assumption where the brief doesn't say."""

    emissivity: float
    words: str
    assumption: Assumption | None = None


def surface_of(material: Any, finish: str | None) -> Surface:
    """The surface of a part of that library material; ``finish``: "painted", "anodised", "bare" or None (not said)."""
    if finish in _COATED:
        return Surface(_COATED[finish], finish)
    known = material.get("emissivity")
    if known is not None:
        return Surface(float(known.value), "as in the material library")
    if material.category != "metal":
        return Surface(DULL, "not metal")
    value = BARE_ALUMINIUM if material.family == "aluminium" else BARE_METAL
    if finish == "bare":
        return Surface(value, "bare metal")
    note = Assumption(
        id="surface",
        text=f"surface: bare {material.name}, emissivity {value:g}",
        reason="the brief names no finish, and bare metal is the safe side; painted or anodised would give "
        f"{ANODISED:g} to {DULL:g} and a cooler box: say 'painted' or 'anodised'",
    )
    return Surface(value, "bare metal", note)
