"""Find materials by what they must do: filters and Ashby's performance indices.

M. F. Ashby, Materials Selection in Mechanical Design, 4th edition, appendix B: minimise mass (or cost, or CO2) at a
given function; the best material has the greatest index.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.errors import InputError
from backend.materials.library import list_materials
from backend.materials.material import PROPERTIES, Material, OutOfRange, PropertyValue

# Words for properties in filters; every full property name works too.
SHORT = {
    "density": "density_kg_m3",
    "modulus": "youngs_modulus_mpa",
    "stiffness": "youngs_modulus_mpa",
    "youngs_modulus": "youngs_modulus_mpa",
    "poisson": "poisson_ratio",
    "yield": "yield_strength_mpa",
    "yield_strength": "yield_strength_mpa",
    "ultimate": "ultimate_strength_mpa",
    "strength": "yield_strength_mpa",
    "fatigue": "fatigue_strength_mpa",
    "toughness": "fracture_toughness_mpa_sqrt_m",
    "hardness": "hardness_hb",
    "expansion": "thermal_expansion_1_k",
    "conductivity": "thermal_conductivity_w_m_k",
    "specific_heat": "specific_heat_j_kg_k",
    "resistivity": "electrical_resistivity_ohm_m",
    "solidus": "solidus_c",
    "melting": "melting_c",
    "tg": "glass_transition_c",
    "service": "max_service_c",
    "price": "price_usd_kg",
    "co2": "co2_kg_kg",
}
# unit word -> (unit of the library, factor). Kept small: these are the units people write in such a filter.
_UNITS: dict[str, tuple[str, float]] = {
    "mpa": ("MPa", 1), "gpa": ("MPa", 1e3), "ksi": ("MPa", 6.894757293168), "psi": ("MPa", 6.894757293168e-3),
    "msi": ("MPa", 6894.757293168), "n/mm2": ("MPa", 1), "kg/m3": ("kg/m^3", 1), "g/cm3": ("kg/m^3", 1e3),
    "g/cc": ("kg/m^3", 1e3), "lb/in3": ("kg/m^3", 27679.904710191), "w/mk": ("W/(m*K)", 1), "w/(mk)": ("W/(m*K)", 1),
    "j/kgk": ("J/(kg*K)", 1), "j/(kgk)": ("J/(kg*K)", 1), "1/k": ("1/K", 1), "um/mk": ("1/K", 1e-6),
    "ppm/k": ("1/K", 1e-6),
    "c": ("°C", 1), "°c": ("°C", 1), "usd/kg": ("USD/kg", 1), "$/kg": ("USD/kg", 1), "kg/kg": ("kg/kg", 1),
    "%": ("%", 1),
    "hb": ("HB", 1), "ohmm": ("ohm*m", 1),
}  # fmt: skip
_FILTER = re.compile(r"^\s*(>=|<=|>|<|=)?\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*?)\s*$")


class BadFilter(InputError):
    """A filter can't be read, or names no property or unit."""

    code = "bad_filter"


@dataclass(frozen=True, slots=True)
class Filter:
    """``property sense limit`` with the limit in the library's unit."""

    property: str
    sense: str
    limit: float

    def holds(self, value: float) -> bool:
        return {
            ">": value > self.limit,
            ">=": value >= self.limit,
            "<": value < self.limit,
            "<=": value <= self.limit,
            "=": abs(value - self.limit) <= 1e-9 * abs(self.limit),
        }[self.sense]


def property_name(word: str) -> str:
    """The full property name a short word stands for. Raises BadFilter."""
    key = word.lower().replace("-", "_")
    if key in PROPERTIES:
        return key
    if key in SHORT:
        return SHORT[key]
    raise BadFilter(
        f"{word!r} is not a property.", next_action=f"Use one of: {', '.join(sorted(SHORT))}, or a full name."
    )


def parse_filter(word: str, text: str) -> Filter:
    """``("yield", ">250 MPa")`` -> Filter. Raises BadFilter, for a number without a unit too."""
    name = property_name(word)
    unit = PROPERTIES[name][0]
    match = _FILTER.match(text)
    if not match:
        raise BadFilter(
            f"{text!r} is not readable as a filter on {word}.", next_action=f'Write for example ">250 {unit}".'
        )
    sense, number, given = match.groups()
    value = float(number)
    if given:
        known_unit, factor = (unit, 1.0) if _key(given) == _key(unit) else _UNITS.get(_key(given), (None, 1.0))
        if known_unit != unit:
            raise BadFilter(f"{given!r} is not a unit of {name}.", next_action=f"Use {unit or 'a plain number'}.")
        value *= factor
    elif unit:
        raise BadFilter(
            f"{text.strip()!r}, a filter on {word}, has no unit.", next_action=f'Write "{text.strip()} {unit}".'
        )
    return Filter(name, sense or "=", value)


def _key(unit: str) -> str:
    """A unit as the table above spells it."""
    return re.sub(r"[\s·*^]", "", unit.lower().replace("³", "3").replace("²", "2").replace("µ", "u"))


def search(
    text: str | None = None,
    *,
    family: str | None = None,
    category: str | None = None,
    process: str | None = None,
    temperature_c: float = 20.0,
    **filters: str,
) -> list[Material]:
    """Materials that meet every filter, such as ``search(**{"yield": ">250 MPa", "density": "<3 g/cm3"})``.

    A material whose value is unknown (or not known at that temperature) doesn't meet a filter: unknown is never a
    pass.
    """
    parsed = [parse_filter(word, condition) for word, condition in filters.items()]
    words = text.lower().split() if text else []
    found = []
    for material in list_materials(family):
        haystack = " ".join(
            [material.id, material.name, material.form, *material.designations, *material.aliases]
        ).lower()
        if (category and material.category != category) or (process and process not in material.processes):
            continue
        if all(word in haystack for word in words) and all(_meets(material, f, temperature_c) for f in parsed):
            found.append(material)
    return found


def known(material: Material, name: str, temperature_c: float = 20.0) -> PropertyValue | None:
    """The value, or None when it is unknown at that temperature."""
    try:
        return material.get(name, temperature_c=temperature_c)
    except OutOfRange:
        return None


def _meets(material: Material, condition: Filter, temperature_c: float) -> bool:
    value = known(material, condition.property, temperature_c)
    if value is None:
        return False
    # A range must meet the filter as a whole.
    ends = [end for end in (value.low, value.high) if end is not None] or [value.value]
    return all(condition.holds(end) for end in ends)


@dataclass(frozen=True, slots=True)
class Index:
    """A performance index: what it is for, the properties it needs, and how it is formed (greater is better)."""

    id: str
    title: str
    needs: tuple[str, ...]
    form: Callable[..., float]
    unit: str


_E, _S, _D = "youngs_modulus_mpa", "yield_strength_mpa", "density_kg_m3"
_K, _A, _C = "thermal_conductivity_w_m_k", "thermal_expansion_1_k", "specific_heat_j_kg_k"
INDICES = {
    index.id: index
    for index in (
        Index("stiff_tie", "Light, stiff tie: E/rho", (_E, _D), lambda e, d: e / d, "MPa/(kg/m³)"),
        Index("stiff_beam", "Light, stiff beam: E^(1/2)/rho", (_E, _D), lambda e, d: e**0.5 / d, "MPa^½/(kg/m³)"),
        Index(
            "stiff_plate", "Light, stiff plate: E^(1/3)/rho", (_E, _D), lambda e, d: e ** (1 / 3) / d, "MPa^⅓/(kg/m³)"
        ),
        Index("strong_tie", "Light, strong tie: sigma_y/rho", (_S, _D), lambda s, d: s / d, "MPa/(kg/m³)"),
        Index(
            "strong_beam",
            "Light, strong beam: sigma_y^(2/3)/rho",
            (_S, _D),
            lambda s, d: s ** (2 / 3) / d,
            "MPa^⅔/(kg/m³)",
        ),
        Index(
            "strong_plate", "Light, strong plate: sigma_y^(1/2)/rho", (_S, _D), lambda s, d: s**0.5 / d, "MPa^½/(kg/m³)"
        ),
        Index("spring", "Small spring: sigma_y^2/E", (_S, _E), lambda s, e: s**2 / e, "MPa"),
        Index("thermal_shape", "Least thermal distortion: lambda/alpha", (_K, _A), lambda k, a: k / a, "W/m"),
        Index("thermal_shock", "Thermal shock: sigma_y/(E*alpha)", (_S, _E, _A), lambda s, e, a: s / (e * a), "K"),
        Index("heat_store", "Heat stored a volume: rho*c", (_D, _C), lambda d, c: d * c, "J/(m³·K)"),
    )
}


def guide_slope(index: Index) -> float | None:
    """Slope of the lines of equal index on logarithmic axes, first property up, second across.

    Materials on one such line serve the purpose equally (Ashby, Materials Selection in Mechanical Design, ch. 5: for
    E^(1/2)/rho the slope is 2). None where the index is not of two properties. All indices are products of powers, so
    that a difference over one decade is exact.
    """
    if len(index.needs) != 2:
        return None
    base = index.form(1.0, 1.0)
    up, across = index.form(10.0, 1.0), index.form(1.0, 10.0)
    return -math.log10(across / base) / math.log10(up / base)


def rank(index: str, materials: list[Material] | None = None, *, per: str | None = None) -> list[dict[str, Any]]:
    """Materials by a performance index, best first; ``per`` = "price" or "co2" divides by that range's middle.

    Materials that lack a property are left out, never guessed. Raises BadFilter for an unknown index.
    """
    if index not in INDICES:
        raise BadFilter(f"There is no index {index!r}.", next_action=f"Indices: {', '.join(INDICES)}.")
    spec = INDICES[index]
    needs = [*spec.needs, *([property_name(per)] if per else [])]
    rows = []
    for material in materials if materials is not None else list_materials():
        found = [known(material, name) for name in needs]
        values = [value.value for value in found if value is not None]
        if len(values) < len(needs):
            continue
        score = spec.form(*values[: len(spec.needs)])
        rows.append({"id": material.id, "name": material.name, "index": score / values[-1] if per else score})
    return sorted(rows, key=lambda row: -row["index"])
