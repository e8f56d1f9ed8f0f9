"""Quantities as people write them in a study: ``300 lbf``, ``3 mm``, ``10 W/(m^2 K)``, ``80 degC``.

The units are those of the kernel's suffix table (:mod:`backend.physics.units`), written as their labels; ``^``, ``²``
and a plain ``2``, ``·``, ``*`` and a space mean the same. A number without a unit is refused: nothing is guessed.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from backend.physics.units import UNITS, Unit, parse_suffix

_NUMBER = re.compile(r"^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)$")
_SUPERSCRIPTS = str.maketrans({"²": "2", "³": "3", "⁴": "4", "^": None, "(": None, ")": None, "⋅": "*", "·": "*"})
# Spellings beside the labels: what they stand for, as suffixes of the table.
_EXTRA = {
    "Nm": "n_m", "Nmm": "n_mm", "kNm": "kn_m", "lbf*in": "lbf_in", "in*lbf": "lbf_in", "ft*lbf": "lbf_ft",
    "degC": "c", "C": "c", "degF": "f", "degK": "k", "um": "um", "g0": "gee", "g": "gee", "deg": "deg", "1/min": "rpm",
    "inch": "in", "kgf": "kgf", "N/mm2": "n_mm2", "sec": "s", "hr": "h", "hours": "h", "percent": "pct", "ohm": "ohm",
    "W/m*C": "w_m_k", "W/m*degC": "w_m_k", "W/m2*C": "w_m2_k", "W/m2*degC": "w_m2_k", "J/kg*C": "j_kg_k", "lbs": "lb",
}  # fmt: skip

ABSOLUTE_ZERO_C = -273.15


def _plain(text: str) -> str:
    """A unit's spelling reduced to one form: ``W/(m² K)`` -> ``W/m2*K``."""
    text = text.strip().replace("µ", "u").replace("μ", "u").replace("Ω", "ohm").replace("°", "deg").replace("₀", "0")
    text = re.sub(r"\s*([*/·⋅])\s*", r"\1", text.translate(_SUPERSCRIPTS))
    text = re.sub(r"\s+", "*", text)
    head, *below = text.split("/")
    return head + ("/" + "*".join(below) if below else "")


@lru_cache(maxsize=1)
def _spellings() -> dict[str, list[Unit]]:
    """All units by their plain spelling; one spelling may stand for several dimensions (g: gram and gravity)."""
    table: dict[str, list[Unit]] = {}
    for unit in UNITS.values():
        table.setdefault(_plain(unit.label), []).append(unit)
    for text, suffix in _EXTRA.items():
        table.setdefault(_plain(text), []).append(UNITS[suffix])
    return table


def parse_quantity(value: Any, suffix: str) -> float:
    """The number in the unit ``suffix`` of a quantity as written; raises ValueError with what was expected.

    ``suffix`` "" means a pure number, which may be given bare, or as a percentage.
    """
    target = parse_suffix(suffix) if suffix else None
    label = target.label if target else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"is {value!r}; expected a quantity such as '{_example(suffix)}'")
    if isinstance(value, int | float):
        if target is not None and math.isfinite(value):
            raise ValueError(f"is the number {value:g} without a unit; expected '{value:g} {label}' or the like")
        if not math.isfinite(value):
            raise ValueError(f"is {value!r}; expected a finite number")
        return float(value)
    match = _NUMBER.match(value)
    if match is None:
        raise ValueError(f"is {value!r}; expected a number with a unit, such as '{_example(suffix)}'")
    number, spelling = float(match[1]), _plain(match[2])
    if not math.isfinite(number):
        raise ValueError(f"is {value!r}; expected a finite number")
    if target is None:
        if spelling in ("", "%", "percent"):
            return number / 100 if spelling else number
        raise ValueError(f"is {value!r}; expected a pure number without a unit")
    if not spelling:
        raise ValueError(f"is {value!r} without a unit; expected '{number:g} {label}' or the like")
    units = _spellings().get(spelling)
    if not units:
        raise ValueError(f"has the unit {match[2].strip()!r}, which is not known; expected {_choices(target)}")
    fitting = [unit for unit in units if unit.dimension == target.dimension]
    if not fitting:
        forces = {"lb": "lbf", "lbs": "lbf", "kg": "kgf"}
        mass = target.label == "N" and spelling in forces
        hint = f" ('{spelling}' is a mass: write '{forces[spelling]}' for a force)" if mass else ""
        raise ValueError(f"is {value!r}, which is not of the kind {label}; expected {_choices(target)}{hint}")
    converted = target.from_si(fitting[0].to_si(number))
    if not math.isfinite(converted):
        raise ValueError(f"is {value!r}; expected a finite number")
    return converted


def _example(suffix: str) -> str:
    unit = parse_suffix(suffix) if suffix else None
    return f"10 {unit.label}" if unit else "2"


def _choices(target: Unit) -> str:
    names = list(dict.fromkeys(unit.label for unit in UNITS.values() if unit.dimension == target.dimension))
    return "one of " + ", ".join(names[:10])


def quantity(suffix: str, *, above: float | None = None, least: float | None = None) -> BeforeValidator:
    """A pydantic validator that turns a quantity as written into a float in the unit ``suffix``.

    ``above`` and ``least`` bound the value in that unit (exclusive, inclusive).
    """

    def validate(value: Any) -> float:
        try:
            found = parse_quantity(value, suffix)
        except ValueError as error:
            raise PydanticCustomError("quantity", "{problem}", {"problem": str(error)}) from None
        unit = parse_suffix(suffix) if suffix else None
        label = f" {unit.label}" if unit else ""
        if above is not None and not found > above:
            text = f"is {found:g}{label}; it must be above {above:g}{label}"
            raise PydanticCustomError("quantity", "{problem}", {"problem": text})
        if least is not None and not found >= least:
            text = f"is {found:g}{label}; it must be at least {least:g}{label}"
            raise PydanticCustomError("quantity", "{problem}", {"problem": text})
        return found

    return BeforeValidator(validate)


def by_temperature(suffix: str) -> BeforeValidator:
    """A positive quantity, or its course: rows [temperature, quantity] as tuples (degC, number in ``suffix``)."""
    least, above = quantity("c", least=ABSOLUTE_ZERO_C), quantity(suffix, above=0)

    def validate(value: Any) -> Any:
        if not isinstance(value, list):
            return above.func(value)  # type: ignore[call-arg]
        rows = []
        for number, row in enumerate(value, start=1):
            if not isinstance(row, list) or len(row) != 2:
                text = f"has {row!r} for row {number}; expected [temperature, quantity], such as "
                text += f"['100 °C', '{_example(suffix)}']"
                raise PydanticCustomError("quantity", "{problem}", {"problem": text})
            try:
                rows.append((least.func(row[0]), above.func(row[1])))  # type: ignore[call-arg]
            except PydanticCustomError as error:
                text = f"row {number} {(error.context or {}).get('problem', error)}"
                raise PydanticCustomError("quantity", "{problem}", {"problem": text}) from None
        if len(rows) < 2 or any(a[0] >= b[0] for a, b in itertools.pairwise(rows)):
            text = "is a table; expected two rows or more with ascending temperatures"
            raise PydanticCustomError("quantity", "{problem}", {"problem": text})
        return rows

    return BeforeValidator(validate)


Validator = Callable[[Any], Any]

Length = Annotated[float, quantity("mm")]
PositiveLength = Annotated[float, quantity("mm", above=0)]
Area = Annotated[float, quantity("mm2", above=0)]
Force = Annotated[float, quantity("n")]
Moment = Annotated[float, quantity("n_mm")]
Stress = Annotated[float, quantity("mpa")]
PositiveStress = Annotated[float, quantity("mpa", above=0)]
Acceleration = Annotated[float, quantity("m_s2")]
Speed = Annotated[float, quantity("rad_s", above=0)]
Density = Annotated[float, quantity("kg_m3", above=0)]
Temperature = Annotated[float, quantity("c", least=ABSOLUTE_ZERO_C)]
Conductivity = Annotated[float | list[tuple[float, float]], by_temperature("w_m_k")]
SpecificHeat = Annotated[float | list[tuple[float, float]], by_temperature("j_kg_k")]
Expansion = Annotated[float, quantity("1_k")]
Film = Annotated[float, quantity("w_m2_k", above=0)]
Power = Annotated[float, quantity("w")]
Flux = Annotated[float, quantity("w_m2")]
Frequency = Annotated[float, quantity("hz", above=0)]
Time = Annotated[float, quantity("s", above=0)]
At = Annotated[float, quantity("s", least=0)]
Bedding = Annotated[float, quantity("n_mm3", above=0)]
Viscosity = Annotated[float, quantity("pa_s", above=0)]
Velocity = Annotated[float, quantity("m_s")]
Pressure = Annotated[float, quantity("pa")]
Number = Annotated[float, quantity("")]
PositiveNumber = Annotated[float, quantity("", above=0)]
Fraction = Annotated[float, quantity("", least=0)]
