"""The suffix grammar: ``force_n``, ``area_mm2``, ``conductivity_w_m_k``, ``pressure_psi``.

A plain number says its unit in its name. The suffix is one of the table below, or ``<units>_per_<units>`` where both
sides are products of table entries (``n_per_mm``, ``mm_per_mm``). Inside the kernel everything is SI; a suffix is
parsed once and costs one multiplication and one addition afterwards.

Two readings are fixed by convention, because an underscore can't tell a product from a quotient: ``n_mm`` and ``n_m``
are moments (N*mm), a line load or a stiffness is ``n_per_mm``; ``w_m_k`` is W/(m*K), ``kg_m3`` is kg/m^3, ``m_s``
is m/s.

Factors: NIST SP 811 (2008), appendix B; 1 in = 25.4 mm, 1 lb = 0.45359237 kg, 1 lbf = 0.45359237 kg * 9.80665 m/s^2
exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import pi

# Exponents of m, kg, s, A, K, mol, cd, rad, and money (USD). Angle is kept apart so that rpm can't pass for Hz.
Dimension = tuple[int, int, int, int, int, int, int, int, int]

_BASES = ("m", "kg", "s", "A", "K", "mol", "cd", "rad", "USD")
DIMENSIONLESS: Dimension = (0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Unit:
    """``si = value * factor + offset``; ``label`` is how a person writes the unit.

    A small decimal factor is kept as its whole inverse: 100 / 1e6 is rounded once where 100 * 1e-6 is rounded twice,
    so 100 N on 100 mm² is exactly 1 MPa.
    """

    suffix: str
    label: str
    dimension: Dimension
    factor: float
    offset: float = 0.0
    inverse: float = 0.0

    def to_si(self, value: float, *, difference: bool = False) -> float:
        """Value in SI; a temperature difference has no offset."""
        scaled = value / self.inverse if self.inverse else value * self.factor
        return scaled if difference else scaled + self.offset

    def from_si(self, value: float, *, difference: bool = False) -> float:
        """Value in this unit from SI."""
        shifted = value if difference else value - self.offset
        return shifted * self.inverse if self.inverse else shifted / self.factor


def _unit(suffix: str, label: str, dimension: Dimension, factor: float, offset: float = 0.0) -> Unit:
    inverse = round(1 / factor) if 0 < factor < 1 else 0
    exact = inverse > 1 and abs(inverse * factor - 1) < 1e-12
    return Unit(suffix, label, dimension, factor, offset, float(inverse) if exact else 0.0)


def _dim(text: str) -> Dimension:
    exponents = dict.fromkeys(_BASES, 0)
    for part in text.split():
        name = part.rstrip("-0123456789")
        exponents[name] += int(part[len(name) :] or 1)
    return tuple(exponents[base] for base in _BASES)  # type: ignore[return-value]


_LB = 0.45359237
_LBF = _LB * 9.80665
_IN = 0.0254
_PSI = _LBF / _IN**2
_BTU = 1055.05585262
_HP = 550 * _LBF * 0.3048

# dimension -> {suffix: (factor, label)}
# fmt: off
_TABLE: dict[str, dict[str, tuple[float, str]]] = {
    "m": {
        "m": (1, "m"), "mm": (1e-3, "mm"), "cm": (1e-2, "cm"), "km": (1e3, "km"), "um": (1e-6, "µm"),
        "in": (_IN, "in"),
        "ft": (0.3048, "ft"), "mil": (_IN / 1000, "mil"), "mile": (1609.344, "mile"), "yd": (0.9144, "yd"),
    },
    "m2": {
        "m2": (1, "m²"), "mm2": (1e-6, "mm²"), "cm2": (1e-4, "cm²"), "in2": (_IN**2, "in²"),
        "ft2": (0.3048**2, "ft²"),
        "um2": (1e-12, "µm²"),
    },
    "m3": {
        "m3": (1, "m³"), "mm3": (1e-9, "mm³"), "cm3": (1e-6, "cm³"), "l": (1e-3, "L"), "ml": (1e-6, "mL"),
        "in3": (_IN**3, "in³"), "ft3": (0.3048**3, "ft³"), "gal": (231 * _IN**3, "gal"),
    },
    "m4": {"m4": (1, "m⁴"), "mm4": (1e-12, "mm⁴"), "cm4": (1e-8, "cm⁴"), "in4": (_IN**4, "in⁴")},
    "m6": {"m6": (1, "m⁶"), "mm6": (1e-18, "mm⁶")},
    "kg": {
        "kg": (1, "kg"), "g": (1e-3, "g"), "mg": (1e-6, "mg"), "t": (1e3, "t"), "lb": (_LB, "lb"),
        "oz": (_LB / 16, "oz"),
        "slug": (_LBF / 0.3048, "slug"),
    },
    "s": {
        "s": (1, "s"), "ms": (1e-3, "ms"), "us": (1e-6, "µs"), "ns": (1e-9, "ns"), "min": (60, "min"),
        "h": (3600, "h"),
        "day": (86400, "d"), "year": (365.25 * 86400, "a"),
    },
    "s-1": {
        "hz": (1, "Hz"), "khz": (1e3, "kHz"), "mhz": (1e6, "MHz"), "ghz": (1e9, "GHz"), "1_s": (1, "1/s"),
        "1_h": (1 / 3600, "1/h"),
    },
    "K": {"k": (1, "K"), "c": (1, "°C"), "f": (5 / 9, "°F"), "r": (5 / 9, "°R"), "mk": (1e-3, "mK")},
    "A": {"a": (1, "A"), "ma": (1e-3, "mA"), "ua": (1e-6, "µA"), "ka": (1e3, "kA")},
    "mol": {"mol": (1, "mol"), "kmol": (1e3, "kmol"), "mmol": (1e-3, "mmol")},
    "rad": {
        "rad": (1, "rad"), "deg": (pi / 180, "°"), "mrad": (1e-3, "mrad"), "rev": (2 * pi, "rev"),
        "arcmin": (pi / 10800, "arcmin"),
    },
    "rad s-1": {
        "rad_s": (1, "rad/s"), "rpm": (2 * pi / 60, "rpm"), "deg_s": (pi / 180, "°/s"), "rev_s": (2 * pi, "rev/s"),
    },
    "rad s-2": {"rad_s2": (1, "rad/s²"), "deg_s2": (pi / 180, "°/s²")},
    "m-1": {"per_m": (1, "1/m"), "per_mm": (1e3, "1/mm")},
    "rad m-1": {"rad_m": (1, "rad/m"), "deg_m": (pi / 180, "°/m")},
    "kg m s-2": {
        "n": (1, "N"), "kn": (1e3, "kN"), "mn": (1e-3, "mN"), "meganewton": (1e6, "MN"), "lbf": (_LBF, "lbf"),
        "kgf": (9.80665, "kgf"), "ozf": (_LBF / 16, "ozf"), "kip": (1000 * _LBF, "kip"),
    },
    "kg m2 s-2": {
        "n_m": (1, "N·m"), "n_mm": (1e-3, "N·mm"), "kn_m": (1e3, "kN·m"), "lbf_in": (_LBF * _IN, "lbf·in"),
        "lbf_ft": (_LBF * 0.3048, "lbf·ft"), "ft_lbf": (_LBF * 0.3048, "ft·lbf"), "in_lbf": (_LBF * _IN, "in·lbf"),
        "j": (1, "J"), "mj": (1e-3, "mJ"), "kj": (1e3, "kJ"), "megajoule": (1e6, "MJ"), "wh": (3600, "Wh"),
        "kwh": (3.6e6, "kWh"), "cal": (4.184, "cal"), "kcal": (4184, "kcal"), "btu": (_BTU, "Btu"),
        "ev": (1.602176634e-19, "eV"), "kip_in": (1000 * _LBF * _IN, "kip·in"), "kip_ft": (304.8 * _LBF, "kip·ft"),
    },
    "kg m-1 s-2": {
        "pa": (1, "Pa"), "kpa": (1e3, "kPa"), "mpa": (1e6, "MPa"), "gpa": (1e9, "GPa"), "bar": (1e5, "bar"),
        "mbar": (100, "mbar"),
        "psi": (_PSI, "psi"), "ksi": (1e3 * _PSI, "ksi"), "msi": (1e6 * _PSI, "Msi"),
        "psf": (_LBF / 0.3048**2, "psf"),
        "atm": (101325, "atm"), "torr": (101325 / 760, "Torr"), "n_mm2": (1e6, "N/mm²"), "n_m2": (1, "N/m²"),
        "mmhg": (133.322387415, "mmHg"), "inh2o": (249.08891, "inH2O"),
        "inhg": (3386.389, "inHg"), "kgf_cm2": (98066.5, "kgf/cm²"), "kn_m2": (1e3, "kN/m²"),
        "ksf": (1e3 * _LBF / 0.3048**2, "ksf"),
    },
    "kg s-2": {
        "lbf_per_in": (_LBF / _IN, "lbf/in"), "n_per_m": (1, "N/m"), "n_per_mm": (1e3, "N/mm"),
        "kn_per_m": (1e3, "kN/m"), "lbf_per_ft": (_LBF / 0.3048, "lbf/ft"), "mn_per_m": (1e-3, "mN/m"),
    },
    "kg m2 s-3": {
        "w": (1, "W"), "mw": (1e-3, "mW"), "kw": (1e3, "kW"), "megawatt": (1e6, "MW"), "hp": (_HP, "hp"),
        "btu_h": (_BTU / 3600, "Btu/h"), "va": (1, "VA"),
    },
    "kg m-3": {
        "kg_m3": (1, "kg/m³"), "g_cm3": (1e3, "g/cm³"), "lb_in3": (_LB / _IN**3, "lb/in³"),
        "lb_ft3": (_LB / 0.3048**3, "lb/ft³"), "kg_l": (1e3, "kg/L"),
        "slug_ft3": (_LBF / 0.3048**4, "slug/ft³"),
    },
    "kg m-1": {"kg_m": (1, "kg/m"), "g_m": (1e-3, "g/m")},
    "kg m": {"g_mm": (1e-6, "g·mm"), "kg_mm": (1e-3, "kg·mm")},
    "kg m-2": {"kg_m2_area": (1, "kg/m²"), "g_m2": (1e-3, "g/m²")},
    "kg m2": {"kg_m2": (1, "kg·m²"), "g_mm2": (1e-9, "g·mm²"), "kg_mm2": (1e-6, "kg·mm²"), "g_cm2": (1e-7, "g·cm²")},
    "m s-1": {
        "m_s": (1, "m/s"), "mm_s": (1e-3, "mm/s"), "km_h": (1 / 3.6, "km/h"), "kmh": (1 / 3.6, "km/h"),
        "mph": (0.44704, "mph"), "kt": (1852 / 3600, "kt"),
        "ft_s": (0.3048, "ft/s"), "in_s": (_IN, "in/s"), "m_min": (1 / 60, "m/min"), "mm_min": (1e-3 / 60, "mm/min"),
        "ft_min": (0.3048 / 60, "ft/min"),
        "sfm": (0.3048 / 60, "sfm"),
    },
    "m s-2": {"m_s2": (1, "m/s²"), "mm_s2": (1e-3, "mm/s²"), "ft_s2": (0.3048, "ft/s²"), "gee": (9.80665, "g₀")},
    "m s-3": {"m_s3": (1, "m/s³")},
    "m2 s-1": {"m2_s": (1, "m²/s"), "mm2_s": (1e-6, "mm²/s"), "cst": (1e-6, "cSt"), "ft2_s": (0.3048**2, "ft²/s")},
    "m3 s-1": {
        "m3_s": (1, "m³/s"), "m3_h": (1 / 3600, "m³/h"), "l_s": (1e-3, "L/s"), "l_min": (1e-3 / 60, "L/min"),
        "l_h": (1e-3 / 3600, "L/h"),
        "gpm": (231 * _IN**3 / 60, "gpm"), "cfm": (0.3048**3 / 60, "cfm"), "cm3_min": (1e-6 / 60, "cm³/min"),
        "ft3_s": (0.3048**3, "ft³/s"),
    },
    "kg s-1": {
        "kg_s": (1, "kg/s"), "kg_h": (1 / 3600, "kg/h"), "g_s": (1e-3, "g/s"), "lb_s": (_LB, "lb/s"),
        "n_s_m": (1, "N·s/m"), "lb_h": (_LB / 3600, "lb/h"), "lb_min": (_LB / 60, "lb/min"),
    },
    "kg m-1 s-1": {
        "pa_s": (1, "Pa·s"), "mpa_s": (1e-3, "mPa·s"), "cp": (1e-3, "cP"), "kg_m_s": (1, "kg/(m·s)"),
        "lbf_s_ft2": (_LBF / 0.3048**2, "lbf·s/ft²"), "lbf_s_in2": (_PSI, "lbf·s/in²"),
        "lb_ft_s": (_LB / 0.3048, "lb/(ft·s)"),
    },
    "kg m s-1": {"n_s": (1, "N·s")},
    "K-1": {
        "1_k": (1, "1/K"), "um_m_k": (1e-6, "µm/(m·K)"), "1_c": (1, "1/°C"), "ppm_k": (1e-6, "ppm/K"),
        "1_f": (1.8, "1/°F"),
    },
    "kg m s-3 K-1": {"w_m_k": (1, "W/(m·K)"), "btu_h_ft_f": (_BTU / 3600 / 0.3048 * 1.8, "Btu/(h·ft·°F)")},
    "kg s-3 K-1": {"w_m2_k": (1, "W/(m²·K)"), "btu_h_ft2_f": (_BTU / 3600 / 0.3048**2 * 1.8, "Btu/(h·ft²·°F)")},
    "kg m2 s-3 K-1": {"w_k": (1, "W/K")},
    "kg-1 m-2 s3 K": {"k_w": (1, "K/W"), "c_w": (1, "°C/W")},
    "kg-1 s3 K": {"m2_k_w": (1, "m²·K/W"), "mm2_k_w": (1e-6, "mm²·K/W")},
    "kg s-3": {
        "n_per_m_s": (1, "N/(m·s)"), "w_m2": (1, "W/m²"), "kw_m2": (1e3, "kW/m²"), "w_cm2": (1e4, "W/cm²"),
        "w_mm2": (1e6, "W/mm²"), "btu_h_ft2": (_BTU / 3600 / 0.3048**2, "Btu/(h·ft²)"),
    },
    "kg m-1 s-3": {"w_m3": (1, "W/m³")},
    "m2 s-2 K-1": {
        "j_kg_k": (1, "J/(kg·K)"), "kj_kg_k": (1e3, "kJ/(kg·K)"), "btu_lb_f": (_BTU / _LB * 1.8, "Btu/(lb·°F)"),
    },
    "m2 s-2": {
        "j_kg": (1, "J/kg"), "kj_kg": (1e3, "kJ/kg"), "wh_kg": (3600, "Wh/kg"), "btu_lb": (_BTU / _LB, "Btu/lb"),
    },
    "m2 s-3": {"w_kg": (1, "W/kg")},
    "kg m2 s-2 K-1": {"j_k": (1, "J/K")},
    "kg m2 s-2 K-1 mol-1": {"j_mol_k": (1, "J/(mol·K)")},
    "kg m2 s-2 mol-1": {"j_mol": (1, "J/mol"), "kj_mol": (1e3, "kJ/mol")},
    "kg mol-1": {"kg_mol": (1, "kg/mol"), "g_mol": (1e-3, "g/mol")},
    "mol m-3": {"mol_m3": (1, "mol/m³"), "mol_l": (1e3, "mol/L")},
    "kg m2 s-3 A-1": {"v": (1, "V"), "mv": (1e-3, "mV"), "kv": (1e3, "kV"), "uv": (1e-6, "µV")},
    "kg m2 s-3 A-2": {"ohm": (1, "Ω"), "mohm": (1e-3, "mΩ"), "kohm": (1e3, "kΩ"), "megohm": (1e6, "MΩ")},
    "kg m3 s-3 A-2": {"ohm_m": (1, "Ω·m"), "uohm_cm": (1e-8, "µΩ·cm")},
    "kg-1 m-3 s3 A2": {"s_m": (1, "S/m"), "ms_m": (1e6, "MS/m")},
    "kg-1 m-2 s4 A2": {
        "farad": (1, "F"), "uf": (1e-6, "µF"), "nf": (1e-9, "nF"), "pf": (1e-12, "pF"), "mf": (1e-3, "mF"),
    },
    "kg m2 s-2 A-2": {"henry": (1, "H"), "mh": (1e-3, "mH"), "uh": (1e-6, "µH"), "nh": (1e-9, "nH")},
    "A s": {"coulomb": (1, "C"), "ah": (3600, "Ah"), "mah": (3.6, "mAh")},
    "kg m2 s-2 A-1": {"v_s": (1, "V·s"), "wb": (1, "Wb"), "n_m_a": (1, "N·m/A")},
    "kg m2 s-2 A-1 rad-1": {"v_s_rad": (1, "V·s/rad"), "v_per_krpm": (0.06 / (2 * pi), "V/krpm")},
    "rad kg-1 m-2 s2 A": {"rpm_v": (2 * pi / 60, "rpm/V"), "rad_s_v": (1, "rad/(s·V)")},
    "kg s-2 A-1": {"tesla": (1, "T"), "mt": (1e-3, "mT")},
    "A m-2": {"a_m2": (1, "A/m²"), "a_mm2": (1e6, "A/mm²"), "ua_cm2": (1e-2, "µA/cm²")},
    "kg m s-3 A-1": {"v_m": (1, "V/m"), "kv_mm": (1e6, "kV/mm"), "v_mm": (1e3, "V/mm")},
    "kg m2 s-2 rad-1": {"n_m_rad": (1, "N·m/rad"), "n_mm_rad": (1e-3, "N·mm/rad"), "n_m_deg": (180 / pi, "N·m/°")},
    "kg m2 s-1 rad-1": {"n_m_s_rad": (1, "N·m·s/rad")},
    "kg m-2 s-2": {
        "n_m3": (1, "N/m³"), "mpa_per_m": (1e6, "MPa/m"), "n_mm3": (1e9, "N/mm³"), "kn_m3": (1e3, "kN/m³"),
        "lbf_ft3": (_LBF / 0.3048**3, "lbf/ft³"), "lbf_in3": (_LBF / _IN**3, "lbf/in³"),
    },
    "m3 s-2": {"m3_s2": (1, "m³/s²"), "km3_s2": (1e9, "km³/s²")},
    "USD": {"usd": (1, "USD")},
    "USD kg-1": {"usd_kg": (1, "USD/kg")},
    "": {"pct": (0.01, "%"), "db": (1.0, "dB"), "g2": (1.0, "g₀²"), "ppm": (1e-6, "ppm"), "kg_kg": (1, "kg/kg")},
}
# fmt: on
_OFFSETS = {"c": 273.15, "f": 459.67 * 5 / 9}


def _build() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for dimension_text, entries in _TABLE.items():
        dimension = _dim(dimension_text)
        for suffix, (factor, label) in entries.items():
            units[suffix] = _unit(suffix, label, dimension, float(factor), _OFFSETS.get(suffix, 0.0))
    # Stress intensity (Pa*m^0.5): integer exponents can't say it, so it takes a dimension no product can reach.
    special: Dimension = (-99, 1, -2, 0, 0, 0, 0, 0, 0)
    units["mpa_sqrt_m"] = Unit("mpa_sqrt_m", "MPa·√m", special, 1e6)
    units["ksi_sqrt_in"] = Unit("ksi_sqrt_in", "ksi·√in", special, 1e3 * _PSI * _IN**0.5)
    return units


UNITS: dict[str, Unit] = _build()
NO_UNIT = Unit("", "", DIMENSIONLESS, 1.0)


@lru_cache(maxsize=2048)
def parse_suffix(suffix: str) -> Unit | None:
    """The unit a suffix stands for, or None when it is no suffix of the grammar."""
    if suffix in UNITS:
        return UNITS[suffix]
    if "_per_" in suffix:
        above, below = suffix.split("_per_", 1)
        top, bottom = _product(above), _product(below)
        if top and bottom and "_per_" not in below:
            dimension = tuple(a - b for a, b in zip(top.dimension, bottom.dimension, strict=True))
            label = f"{top.label}/({bottom.label})" if "·" in bottom.label else f"{top.label}/{bottom.label}"
            return _unit(suffix, label, dimension, top.factor / bottom.factor)  # type: ignore[arg-type]
    return None


def _product(text: str) -> Unit | None:
    if text in UNITS:
        return UNITS[text]
    parts = [UNITS.get(part) for part in text.split("_")]
    factor, dimension, labels = 1.0, list(DIMENSIONLESS), []
    for part in parts:
        if part is None:
            return None
        factor *= part.factor
        dimension = [a + b for a, b in zip(dimension, part.dimension, strict=True)]
        labels.append(part.label)
    return Unit(text, "·".join(labels), tuple(dimension), factor)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def split_key(key: str) -> tuple[str, Unit]:
    """Split ``area_mm2`` into ``("area", mm²)``. A key without a suffix is dimensionless. The longest suffix wins."""
    parts = key.split("_")
    for start in range(1, len(parts)):
        unit = parse_suffix("_".join(parts[start:]))
        if unit is not None:
            return "_".join(parts[:start]), unit
    return key, NO_UNIT


def dimension_text(dimension: Dimension) -> str:
    """A dimension in words for messages: ``kg·m^-1·s^-2``; 'no unit' when dimensionless."""
    if dimension[0] == -99:
        return "stress·√length"
    parts = [base if power == 1 else f"{base}^{power}" for base, power in zip(_BASES, dimension, strict=True) if power]
    return "·".join(parts) or "no unit"


def suffixes_of(dimension: Dimension) -> list[str]:
    """The suffixes that may replace each other for this dimension."""
    return [suffix for suffix, unit in UNITS.items() if unit.dimension == dimension]


def convert(value: float, from_suffix: str, to_suffix: str, *, difference: bool = False) -> float:
    """Convert between two suffixes of one dimension. Raises ValueError otherwise."""
    source, target = parse_suffix(from_suffix), parse_suffix(to_suffix)
    if source is None or target is None or source.dimension != target.dimension:
        raise ValueError(f"can't convert {from_suffix!r} to {to_suffix!r}")
    return target.from_si(source.to_si(value, difference=difference), difference=difference)
