"""A material and its property values.

A property may have several entries: other statistical bases (A, B, S, minimum, typical), directions, or forms.
Which one is meant by default: the lowest guaranteed strength (A, S or minimum) when there is one, else the lowest
of the others; for everything that is not a strength the first entry listed (away from room temperature the first
curve, where there is one).

Bases: ``A`` 99 % of the population with 95 % confidence, ``B`` 90 % with 95 %, ``S`` the minimum of a governing
specification (MIL-HDBK-5J, 1.4.1.1), ``minimum`` the minimum of a product standard, ``typical`` an average,
``estimate`` a range without a primary source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backend.errors import InputError, NotFoundError

Basis = Literal["A", "B", "S", "minimum", "typical", "estimate"]

GUARANTEED = frozenset({"A", "S", "minimum"})

# property -> (unit, meaning). Strengths are taken from the low side by default.
PROPERTIES: dict[str, tuple[str, str]] = {
    "density_kg_m3": ("kg/m^3", "Density"),
    "youngs_modulus_mpa": ("MPa", "Young's modulus"),
    "poisson_ratio": ("", "Poisson ratio"),
    "shear_modulus_mpa": ("MPa", "Shear modulus"),
    "yield_strength_mpa": ("MPa", "Tensile yield strength (0.2 % offset; polymers: at yield)"),
    "ultimate_strength_mpa": ("MPa", "Tensile ultimate strength"),
    "compressive_strength_mpa": ("MPa", "Compressive strength"),
    "flexural_strength_mpa": ("MPa", "Flexural strength"),
    "fatigue_strength_mpa": ("MPa", "Fatigue strength, fully reversed, at the cycles of the note"),
    "elongation": ("", "Elongation at break"),
    "fracture_toughness_mpa_sqrt_m": ("MPa*m^0.5", "Fracture toughness K_IC"),
    "hardness_hb": ("HB", "Brinell hardness"),
    "thermal_expansion_1_k": ("1/K", "Linear thermal expansion"),
    "thermal_conductivity_w_m_k": ("W/(m*K)", "Thermal conductivity"),
    "specific_heat_j_kg_k": ("J/(kg*K)", "Specific heat capacity"),
    "electrical_resistivity_ohm_m": ("ohm*m", "Electrical resistivity"),
    "dielectric_strength_kv_mm": ("kV/mm", "Dielectric strength"),
    "relative_permittivity": ("", "Relative permittivity"),
    "solidus_c": ("°C", "Solidus (start of melting)"),
    "liquidus_c": ("°C", "Liquidus (end of melting)"),
    "melting_c": ("°C", "Melting point of a crystalline polymer or a pure substance"),
    "glass_transition_c": ("°C", "Glass transition"),
    "heat_deflection_c": ("°C", "Heat deflection temperature at the load of the note"),
    "max_service_c": ("°C", "Highest continuous service temperature"),
    "min_service_c": ("°C", "Lowest service temperature"),
    "emissivity": ("", "Total hemispherical emissivity near room temperature"),
    "price_usd_kg": ("USD/kg", "Price of stock, range"),
    "co2_kg_kg": ("kg/kg", "CO2 equivalent of primary production, range"),
    "machinability_pct": ("%", "Machinability, free-cutting B1112 steel = 100"),
}
STRENGTHS = frozenset(
    {
        "yield_strength_mpa",
        "ultimate_strength_mpa",
        "compressive_strength_mpa",
        "flexural_strength_mpa",
        "fatigue_strength_mpa",
    }
)


class MaterialNotFound(NotFoundError):
    """No material has that name."""

    code = "material_not_found"


class PropertyUnknown(InputError):
    """The library has no value for this property of this material. It is unknown, not zero."""

    code = "property_unknown"


class OutOfRange(InputError):
    """The temperature lies outside the range of the data; nothing is extrapolated."""

    code = "material_out_of_range"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a value was read.

    ``seen`` tells whether the document (or the reprint named) was read when the value was entered.
    """

    document: str
    table: str = ""
    page: str = ""
    licence: str = ""
    seen: bool = False

    def __str__(self) -> str:
        return ", ".join(part for part in (self.document, self.table, self.page) if part)


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """One value: number, unit, basis, source, relative standard uncertainty.

    ``low`` and ``high`` span a range (prices, scatter); ``direction`` is L, LT, ST, XY, Z …; ``temperature_c`` is
    where the value holds.
    """

    property: str
    value: float
    unit: str
    basis: str
    source: str
    uncertainty_rel: float | None
    note: str = ""
    direction: str = ""
    temperature_c: float = 20.0
    low: float | None = None
    high: float | None = None
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored value before a temperature is chosen: one number with its range, or points (°C, value)."""

    basis: str
    citation: Citation
    uncertainty_rel: float | None
    value: float | None = None
    points: tuple[tuple[float, float], ...] = ()
    low: float | None = None
    high: float | None = None
    direction: str = ""
    note: str = ""
    range_c: tuple[float, float] = (10.0, 40.0)

    def at(self, temperature_c: float) -> float:
        """The value at a temperature, linear between points. Raises ValueError outside the range."""
        if not self.points:
            if not self.range_c[0] <= temperature_c <= self.range_c[1]:
                raise ValueError(self.range_c)
            assert self.value is not None
            return self.value
        if not self.points[0][0] <= temperature_c <= self.points[-1][0]:
            raise ValueError((self.points[0][0], self.points[-1][0]))
        for (t0, v0), (t1, v1) in zip(self.points, self.points[1:], strict=False):
            if temperature_c <= t1:
                return v0 + (v1 - v0) * (temperature_c - t0) / (t1 - t0)
        return self.points[-1][1]


@dataclass(frozen=True, slots=True)
class SnEquation:
    """Life by an equivalent stress: log10 N = a - b log10(S_eq - c), S_eq = S_max (1 - R)^exponent, stresses in ksi.

    The form of MIL-HDBK-5J, section 9.3.4: a fit of median lives of unnotched specimens at room temperature. ``lives``:
    cycles between which it is used.
    """

    a: float
    b: float
    c_ksi: float
    exponent: float
    lives: tuple[float, float]
    citation: Citation
    note: str = ""

    def reversed_points(self, per_decade: int = 4) -> list[tuple[float, float]]:
        """Fully reversed (R = -1) curve: (cycles, amplitude in MPa), cycles ascending."""
        low, high = (math.log10(life) for life in self.lives)
        count = max(2, round((high - low) * per_decade) + 1)
        points = []
        for index in range(count):
            power = low + (high - low) * index / (count - 1)
            equivalent = self.c_ksi + 10 ** ((self.a - power) / self.b)
            points.append((10**power, equivalent / 2**self.exponent * 6.894757293))
        return points


@dataclass(frozen=True)
class Material:
    """A material by id, with names, family, form and its properties."""

    id: str
    name: str
    family: str
    category: str
    form: str = ""
    aliases: tuple[str, ...] = ()
    designations: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    note: str = ""
    tags: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    sn: SnEquation | None = None

    def entries(self, name: str) -> tuple[Entry, ...]:
        """All stored entries of a property. Raises PropertyUnknown for a name that is no property at all."""
        if name not in PROPERTIES:
            raise PropertyUnknown(
                f"{name!r} is not a material property.", next_action=f"Properties: {', '.join(PROPERTIES)}."
            )
        return self.properties.get(name, ())

    def get(
        self, name: str, *, temperature_c: float = 20.0, basis: str | None = None, direction: str | None = None
    ) -> PropertyValue | None:
        """Like :meth:`value`, but None when the property is unknown. A temperature out of range still raises."""
        wanted = [
            entry
            for entry in self.entries(name)
            if (basis is None or entry.basis == basis) and (direction is None or entry.direction == direction)
        ]
        if not wanted:
            return None
        found, ranges = [], []
        for entry in wanted:
            try:
                found.append((entry, entry.at(temperature_c)))
            except ValueError as error:
                ranges.append(error.args[0])
        if not found:
            spans = " or ".join(f"{low:g} to {high:g}" for low, high in dict.fromkeys(ranges))
            raise OutOfRange(
                f"{PROPERTIES[name][1]} of {self.name} is known from {spans} °C; {temperature_c:g} °C was asked for.",
                next_action="Stay within the range, or choose a material with data there (`./brick materials show`).",
                material=self.id,
                property=name,
            )
        entry, value = _choose(name, found, temperature_c)
        return PropertyValue(
            property=name, value=float(value), unit=PROPERTIES[name][0], basis=entry.basis,
            source=str(entry.citation),
            uncertainty_rel=entry.uncertainty_rel, note=entry.note, direction=entry.direction,
            temperature_c=temperature_c,
            low=entry.low, high=entry.high, citation=entry.citation,
        )  # fmt: skip

    def value(
        self, name: str, *, temperature_c: float = 20.0, basis: str | None = None, direction: str | None = None
    ) -> PropertyValue:
        """The property's value at a temperature.

        Raises PropertyUnknown when the library has none (nothing is assumed), OutOfRange outside the data's range.
        """
        found = self.get(name, temperature_c=temperature_c, basis=basis, direction=direction)
        if found is None:
            asked = "".join(
                f", {word}" for word in (basis and f"basis {basis}", direction and f"direction {direction}") if word
            )
            raise PropertyUnknown(
                f"{PROPERTIES[name][1]} of {self.name}{asked} is not in the library.",
                next_action="Choose a material that has it, or add the value and its source to backend/materials/data.",
                material=self.id,
                property=name,
            )
        return found


def _choose(name: str, found: list[tuple[Entry, float]], temperature_c: float) -> tuple[Entry, float]:
    if name not in STRENGTHS:
        # Away from room temperature a curve knows more than one number that is good over a range.
        curves = [] if 10.0 <= temperature_c <= 40.0 else [pair for pair in found if pair[0].points]
        return (curves or found)[0]
    guaranteed = [pair for pair in found if pair[0].basis in GUARANTEED]
    return min(guaranteed or found, key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class Match:
    """A material named in a text: ``text[start:end]``.

    ``score`` is 1 for a full designation (6061-T6) and less when something was filled in (6061 without temper,
    0.8). A family word alone ("steel") is ``ambiguous``: ``id`` is the family's commonest material and
    ``candidates`` lists the others. Where it names a kind or a grade that the commonest material can't stand for
    ("tool steel", "8620 steel") it is also to be asked: ``ask``.
    """

    id: str
    start: int
    end: int
    text: str
    score: float
    ambiguous: bool = False
    family: str = ""
    candidates: tuple[str, ...] = ()
    note: str = ""
    ask: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """(start, end) in the text that was read."""
        return self.start, self.end
