"""Units that people write in briefs, as factors to the house's working units.

A table of our own instead of a units library: it loads in no time, and every spelling in it is one that a brief may
hold. Factors are exact where the unit is defined exactly (international yard and pound agreement of 1959; CODATA
standard gravity 9.80665 m/s^2), from NIST SP 811 (2008), appendix B, elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STANDARD_GRAVITY_M_S2 = 9.80665
POUND_G = 453.59237
POUND_FORCE_N = POUND_G / 1000 * STANDARD_GRAVITY_M_S2

#: dimension -> the working unit in which its values travel
WORKING_UNIT: dict[str, str] = {
    "length": "mm",
    "area": "mm2",
    "volume": "mm3",
    "angle": "deg",
    "mass": "g",
    "force": "N",
    "pressure": "MPa",
    "moment": "N*mm",
    "line_load": "N/mm",
    "temperature": "degC",
    "temperature_difference": "K",
    "power": "W",
    "energy": "J",
    "acceleration": "m/s^2",
    "speed": "m/s",
    "rotation": "rpm",
    "frequency": "Hz",
    "time": "s",
    "conductivity": "W/(m*K)",
    "heat_transfer": "W/(m^2*K)",
    "density": "kg/m3",
    "voltage": "V",
    "current": "A",
    "price": "USD",
    "flow": "m3/s",
    "ratio": "1",
    "number": "1",
    "ip_code": "IP",
}


@dataclass(frozen=True)
class Unit:
    """One unit: ``working = value * factor + offset``. ``system`` is "us", "si" or "" (either)."""

    name: str
    dimension: str
    factor: float
    offset: float = 0.0
    system: str = ""


_ROWS: list[tuple[str, str, float, str, str]] = [
    # name, dimension, factor, system, spellings (case-insensitive unless they start with "=")
    ("mm", "length", 1.0, "si", "mm|millimeter|millimeters|millimetre|millimetres|mms"),
    ("cm", "length", 10.0, "si", "cm|centimeter|centimeters|centimetre|centimetres|cms"),
    ("dm", "length", 100.0, "si", "dm|decimetre|decimeter"),
    ("m", "length", 1000.0, "si", "=m|meter|meters|metre|metres"),
    ("um", "length", 1e-3, "si", "um|µm|μm|micron|microns|micrometer|micrometre|micrometers|micrometres"),
    ("in", "length", 25.4, "us", "in|in.|inch|inches|\"|″|”|''"),
    ("ft", "length", 304.8, "us", "ft|ft.|foot|feet|'|′|’"),
    ("yd", "length", 914.4, "us", "yd|yard|yards"),
    ("mil", "length", 0.0254, "us", "mil|mils|thou"),
    ("mm2", "area", 1.0, "si", "mm2|mm²|mm^2|sq mm|square millimetres|square millimeters"),
    ("cm2", "area", 100.0, "si", "cm2|cm²|cm^2|sq cm|square centimetres|square centimeters"),
    ("m2", "area", 1e6, "si", "m2|m²|m^2|sq m|square metres|square meters|square metre|square meter"),
    ("in2", "area", 645.16, "us", "in2|in²|in^2|sq in|square inch|square inches"),
    ("ft2", "area", 92903.04, "us", "ft2|ft²|ft^2|sq ft|square foot|square feet"),
    ("mm3", "volume", 1.0, "si", "mm3|mm³|mm^3|cubic millimetres|cubic millimeters"),
    ("cm3", "volume", 1e3, "si", "cm3|cm³|cm^3|cc|ml|cubic centimetres|cubic centimeters"),
    ("l", "volume", 1e6, "si", "=L|l|liter|liters|litre|litres"),
    ("in3", "volume", 16387.064, "us", "in3|in³|in^3|cu in|cubic inch|cubic inches"),
    ("deg", "angle", 1.0, "", "deg|degree|degrees|°"),
    ("rad", "angle", 57.29577951308232, "", "rad|radian|radians"),
    ("mg", "mass", 1e-3, "si", "mg|milligram|milligrams"),
    ("g", "mass", 1.0, "si", "=g|gram|grams|gramme|grammes|gr"),
    ("kg", "mass", 1000.0, "si", "kg|kgs|kilo|kilos|kilogram|kilograms|kilogramme|kilogrammes"),
    ("tonne", "mass", 1e6, "si", "tonne|tonnes|metric ton|metric tons|=t"),
    ("ton", "mass", 1e6, "", "ton|tons"),  # which ton: settled by the reader (short ton in a brief in US units)
    ("short ton", "mass", 2000 * POUND_G, "us", "short ton|short tons|us ton|us tons"),
    ("lb", "mass", POUND_G, "us", "lb|lbs|lb.|lbs.|pound|pounds|lbm|#"),
    ("stone", "mass", 14 * POUND_G, "us", "stone|stones"),
    ("oz", "mass", POUND_G / 16, "us", "oz|oz.|ounce|ounces"),
    ("N", "force", 1.0, "si", "=N|newton|newtons"),
    ("daN", "force", 10.0, "si", "=daN|decanewton|decanewtons"),
    ("kN", "force", 1e3, "si", "=kN|=KN|=kn|kilonewton|kilonewtons"),
    ("MN", "force", 1e6, "si", "=MN|meganewton|meganewtons"),
    ("lbf", "force", POUND_FORCE_N, "us", "lbf|pound-force|pounds-force|pounds force|pound force|lb-f|lb f"),
    ("kip", "force", 1000 * POUND_FORCE_N, "us", "kip|kips"),
    ("kgf", "force", STANDARD_GRAVITY_M_S2, "si", "kgf|kilogram-force|kilograms-force|kp"),
    ("ozf", "force", POUND_FORCE_N / 16, "us", "ozf|ounce-force"),
    ("tonf", "force", 9806.65, "", "tonf|ton-force|tonne-force"),
    ("Pa", "pressure", 1e-6, "si", "=Pa|pascal|pascals|N/m2|N/m²|N/m^2"),
    ("hPa", "pressure", 1e-4, "si", "=hPa"),
    ("kPa", "pressure", 1e-3, "si", "kpa|kilopascal|kilopascals|kN/m2|kN/m²|kN/m^2"),
    ("MPa", "pressure", 1.0, "si", "=MPa|=Mpa|=mpa|megapascal|megapascals|N/mm2|N/mm²|N/mm^2"),
    ("GPa", "pressure", 1e3, "si", "gpa|gigapascal|gigapascals"),
    ("bar", "pressure", 0.1, "si", "bar|bars|barg|bara"),
    ("mbar", "pressure", 1e-4, "si", "=mbar|millibar|millibars"),
    ("psi", "pressure", POUND_FORCE_N / 645.16, "us", "psi|psig|psia|lb/in2|lb/in²|lb/in^2|lbf/in2|lbf/in²|lbf/in^2"),
    ("ksi", "pressure", 1000 * POUND_FORCE_N / 645.16, "us", "ksi"),
    ("psf", "pressure", POUND_FORCE_N / 92903.04, "us", "psf|lb/ft2|lb/ft²|lb/ft^2|lbf/ft2|lbf/ft²|lbf/ft^2"),
    ("atm", "pressure", 0.101325, "", "atm|atmosphere|atmospheres"),
    ("kgf/cm2", "pressure", 0.0980665, "si", "kgf/cm2|kgf/cm²|kg/cm2|kg/cm²"),
    (
        "N*m",
        "moment",
        1e3,
        "si",
        "=Nm|=N·m|=N*m|=N-m|=N m|newton metre|newton metres|newton-metre|newton-metres|"
        "newton meter|newton meters|newton-meter|newton-meters",
    ),
    ("N*mm", "moment", 1.0, "si", "=Nmm|=N·mm|=N*mm|=N-mm|=N mm"),
    ("kN*m", "moment", 1e6, "si", "=kNm|=kN·m|=kN*m|=kN-m|=kN m"),
    (
        "ft*lbf",
        "moment",
        POUND_FORCE_N * 304.8,
        "us",
        "ft-lbf|ft-lb|ft-lbs|ft·lbf|ft*lbf|ft·lb|ft·lbs|ft*lb|ft.lb|ft.lbs|ft lbf|ft lb|ft lbs|lb-ft|lbf-ft|"
        "lb·ft|lb*ft|lb.ft|"
        "lbf·ft|lbf*ft|lb ft|lbf ft|foot-pound|foot-pounds|foot pounds|foot pound|pound-feet|pound-foot",
    ),
    (
        "in*lbf",
        "moment",
        POUND_FORCE_N * 25.4,
        "us",
        "in-lbf|in-lb|in-lbs|in·lbf|in*lbf|in·lb|in·lbs|in*lb|in lbf|in lb|in lbs|lb-in|lbf-in|lb·in|lb*in|"
        "lbf·in|lbf*in|lb in|lbf in|inch-pound|inch-pounds|inch pounds",
    ),
    ("N/mm", "line_load", 1.0, "si", "=N/mm|=kN/m"),
    ("N/m", "line_load", 1e-3, "si", "=N/m"),
    ("kgf/m", "line_load", STANDARD_GRAVITY_M_S2 / 1000, "si", "kgf/m|kg/m"),
    ("lbf/in", "line_load", POUND_FORCE_N / 25.4, "us", "lb/in|lbf/in|lbs/in"),
    ("lbf/ft", "line_load", POUND_FORCE_N / 304.8, "us", "lb/ft|lbf/ft|lbs/ft|plf"),
    (
        "degC",
        "temperature",
        1.0,
        "si",
        "°c|° c|deg c|degc|degrees c|degree c|=C|celsius|degrees celsius|degree celsius|℃|"
        "deg celsius|centigrade|degrees centigrade",
    ),
    ("degF", "temperature", 5 / 9, "us", "°f|° f|deg f|degf|degrees f|degree f|=F|fahrenheit|degrees fahrenheit|℉"),
    ("K", "temperature", 1.0, "si", "=K|kelvin|kelvins"),
    ("W", "power", 1.0, "si", "=W|watt|watts"),
    ("mW", "power", 1e-3, "si", "=mW|milliwatt|milliwatts"),
    ("kW", "power", 1e3, "si", "=kW|=KW|=kw|kilowatt|kilowatts"),
    ("hp", "power", 550 * POUND_FORCE_N * 0.3048, "us", "hp|horsepower"),
    ("BTU/h", "power", 0.29307107, "us", "btu/h|btu/hr|btuh"),
    ("J", "energy", 1.0, "si", "=J|joule|joules"),
    ("kJ", "energy", 1e3, "si", "=kJ|kilojoule|kilojoules"),
    ("m/s^2", "acceleration", 1.0, "si", "m/s2|m/s²|m/s^2"),
    ("gee", "acceleration", STANDARD_GRAVITY_M_S2, "", "gee|gees|g's|g-force|g-forces|=G"),
    ("m/s", "speed", 1.0, "si", "m/s|metres per second|meters per second"),
    ("mm/s", "speed", 1e-3, "si", "mm/s"),
    ("km/h", "speed", 1 / 3.6, "si", "km/h|kph|kmh"),
    ("mph", "speed", 0.44704, "us", "mph|miles per hour"),
    ("ft/s", "speed", 0.3048, "us", "ft/s|fps|feet per second"),
    ("rpm", "rotation", 1.0, "", "rpm|rev/min|r/min|revolutions per minute"),
    ("rad/s", "rotation", 9.549296585513721, "", "rad/s"),
    ("Hz", "frequency", 1.0, "", "hz|hertz"),
    ("kHz", "frequency", 1e3, "", "khz|kilohertz"),
    ("s", "time", 1.0, "", "=s|sec|secs|second|seconds"),
    ("ms", "time", 1e-3, "", "=ms|millisecond|milliseconds"),
    ("min", "time", 60.0, "", "minute|minutes|mins"),
    ("h", "time", 3600.0, "", "=h|hr|hrs|hour|hours"),
    ("day", "time", 86400.0, "", "day|days"),
    ("year", "time", 31557600.0, "", "year|years|yr|yrs"),
    ("W/(m*K)", "conductivity", 1.0, "si", "w/m-k|w/mk|w/m·k|w/m.k|w/m/k|w/(m·k)|w/(m*k)|w/(m k)|w/m*k|w/m k"),
    (
        "W/(m^2*K)",
        "heat_transfer",
        1.0,
        "si",
        "w/m2k|w/m²k|w/m2-k|w/m²-k|w/m2·k|w/m²·k|w/(m2·k)|w/(m²·k)|w/(m^2*k)|w/m^2k|w/(m2*k)|w/m^2-k",
    ),
    ("kg/m3", "density", 1.0, "si", "kg/m3|kg/m³|kg/m^3"),
    ("g/cm3", "density", 1e3, "si", "g/cm3|g/cm³|g/cm^3|g/cc"),
    ("lb/in3", "density", 27679.904710191, "us", "lb/in3|lb/in³|lb/in^3"),
    ("V", "voltage", 1.0, "", "=V|volt|volts|vdc|vac"),
    ("A", "current", 1.0, "", "=A|amp|amps|ampere|amperes"),
    ("mA", "current", 1e-3, "", "=mA|milliamp|milliamps"),
    ("USD", "price", 1.0, "", "usd|dollar|dollars|us$"),
    ("L/min", "flow", 1 / 60000, "si", "l/min|lpm|litres per minute|liters per minute"),
    ("gpm", "flow", 6.30902e-5, "us", "gpm|gallons per minute"),
    ("cfm", "flow", 4.719474432e-4, "us", "cfm"),
    ("%", "ratio", 0.01, "", "%|percent|per cent"),
]

_OFFSETS = {"degF": -160 / 9, "K": -273.15}


def _build() -> tuple[dict[str, Unit], dict[str, Unit], dict[str, Unit]]:
    by_name: dict[str, Unit] = {}
    exact: dict[str, Unit] = {}
    folded: dict[str, Unit] = {}
    for name, dimension, factor, system, spellings in _ROWS:
        unit = Unit(name, dimension, factor, _OFFSETS.get(name, 0.0), system)
        by_name[name] = unit
        for spelling in spellings.split("|"):
            if spelling.startswith("=") and len(spelling) > 1:
                exact[spelling[1:]] = unit
            else:
                folded[spelling.lower()] = unit
    return by_name, exact, folded


UNITS, _EXACT, _FOLDED = _build()

#: every spelling, longest first, for the scanner's alternation
SPELLINGS: list[str] = sorted({*_EXACT, *_FOLDED}, key=lambda s: (-len(s), s))


def lookup(spelling: str) -> Unit | None:
    """The unit that a spelling stands for; None where it is none. Single letters and prefixes mind their case."""
    spelling = " ".join(spelling.split())
    return _EXACT.get(spelling) or _FOLDED.get(spelling.lower())


def to_working(value: float, unit: str) -> float:
    """``value`` given in ``unit`` (a name of this table), in the working unit of its dimension."""
    row = UNITS[unit]
    return value * row.factor + row.offset


def from_working(value: float, unit: str) -> float:
    """``value`` in the working unit, expressed in ``unit`` (a name of this table)."""
    row = UNITS[unit]
    return (value - row.offset) / row.factor


_STATED = re.compile(
    r"\b(?:dims?|dimensions|sizes|lengths|measurements|units?)\b[\s.:=]*(?:are\s+|is\s+)?(?:all\s+)?(?:given\s+)?(?:in\s+|[:=]\s*)?"
    r"(?P<unit>mm|millimet(?:er|re)s?|inch(?:es)?|in)(?![\w-])(?!\s+\d)",
    re.IGNORECASE,
)


def stated_unit(text: str) -> str:
    """ "in" or "mm" where a text says the unit of its bare lengths ("dimensions in inches"); "" where it doesn't."""
    found = _STATED.search(text)
    return "" if found is None else "in" if found["unit"].lower().startswith("in") else "mm"
