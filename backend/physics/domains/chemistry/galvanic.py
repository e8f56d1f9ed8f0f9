"""Galvanic couples, fluid compatibility and hazards from tables. What is not in a table is unknown, never safe.

Potentials: ranges in flowing sea water against a saturated calomel electrode, in the order of the series of F. L.
LaQue, Marine Corrosion (1975) and ASTM G82-98; the numbers are the rounded middles of those published ranges, +-30
to 50 mV.
"""

from __future__ import annotations

from typing import Any

from backend.physics.errors import UnknownEquation

# metal group -> potential in mV against SCE
SEA_WATER_MV = {
    "magnesium": -1620, "zinc": -1010, "aluminium": -880, "cadmium": -720, "steel": -640, "cast_iron": -640,
    "stainless_active": -500, "lead": -220, "tin": -320, "brass": -340, "copper": -320, "bronze": -280,
    "cupronickel": -250,
    "nickel": -150, "silver": -130, "stainless": -80, "titanium": -20, "platinum": 220, "graphite": 250, "cfrp": 250,
}  # fmt: skip
# Largest difference (mV) usually accepted: harsh = outdoors, salt; normal = indoors without control; controlled =
# dry.
LIMITS_MV = {"harsh": 150, "normal": 250, "controlled": 500}


def galvanic_couple(first: str, second: str, environment: str = "normal") -> dict[str, Any]:
    """Difference, anode and verdict of a couple of metal groups in an environment.

    Verdict is "acceptable" or "not acceptable" by :data:`LIMITS_MV`; the areas are not judged: a small anode on a
    large cathode fails earlier. Raises UnknownEquation for a group or environment that isn't in the table.
    """
    for name, table in ((first, SEA_WATER_MV), (second, SEA_WATER_MV), (environment, LIMITS_MV)):
        if name not in table:
            raise UnknownEquation(f"{name!r} is not in the table.", f"Known: {', '.join(table)}.")
    a, b = SEA_WATER_MV[first], SEA_WATER_MV[second]
    anode, cathode = (first, second) if a <= b else (second, first)
    difference = abs(a - b)
    return {
        "anode": anode,
        "cathode": cathode,
        "difference_mv": difference,
        "limit_mv": LIMITS_MV[environment],
        "verdict": "acceptable" if difference <= LIMITS_MV[environment] else "not acceptable",
        "source": "ASTM G82-98 and LaQue 1975 (rounded middles of ranges); limits by common use of MIL-STD-889",
    }


# metal group -> least and greatest potential in flowing sea water, mV against SCE: the series of LaQue as the
# Australasian Corrosion Association reprints it (read there). A passive stainless steel may turn active in crevices.
SEA_WATER_RANGE_MV = {
    "magnesium": (-1630, -1600), "zinc": (-1030, -980), "aluminium": (-1000, -760), "cadmium": (-740, -700),
    "steel": (-720, -600), "cast_iron": (-720, -600), "stainless_active": (-580, -440), "brass": (-400, -310),
    "copper": (-370, -300), "tin": (-330, -300), "bronze": (-320, -240), "cupronickel": (-280, -220),
    "lead": (-250, -190), "nickel": (-200, -100), "silver": (-150, -100), "stainless": (-100, 0),
    "titanium": (-60, 40), "platinum": (180, 260), "graphite": (200, 300), "cfrp": (200, 300),
}  # fmt: skip
# material family -> metal group of the table; a family that isn't here has no known potential
_GROUPS = {
    "aluminium": "aluminium", "steel": "steel", "cast_iron": "cast_iron", "stainless": "stainless",
    "titanium": "titanium", "magnesium": "magnesium", "copper": "copper", "brass": "brass", "bronze": "bronze",
    "nickel": "nickel", "zinc": "zinc", "solder": "tin",
}  # fmt: skip


def group_of(family: str, material: str = "") -> str | None:
    """Metal group of a material's family (carbon fibre by its id); None where no potential is known."""
    return "cfrp" if material.startswith("cfrp") else _GROUPS.get(family)


def potential_span(first: str, second: str) -> tuple[float, float, str]:
    """Least and greatest difference in mV that the ranges of the table allow, and the group that corrodes.

    Raises UnknownEquation for a group that isn't in the table.
    """
    found = galvanic_couple(first, second)
    if first == second:
        return 0.0, 0.0, first
    anode, cathode = str(found["anode"]), str(found["cathode"])
    (low_a, high_a), (low_c, high_c) = SEA_WATER_RANGE_MV[anode], SEA_WATER_RANGE_MV[cathode]
    return max(float(low_c - high_a), 0.0), float(high_c - low_a), anode


# (material family or id, fluid) -> rating: A resistant, B limited, C attacked. Only well-established pairs are
# entered.
_COMPATIBILITY = {
    ("aluminium", "fresh_water"): "A", ("aluminium", "sea_water"): "B", ("aluminium", "sodium_hydroxide"): "C",
    ("aluminium", "hydrochloric_acid"): "C", ("aluminium", "mercury"): "C", ("aluminium", "mineral_oil"): "A",
    ("aluminium", "gasoline"): "A", ("aluminium", "ethylene_glycol"): "B", ("steel", "fresh_water"): "B",
    ("steel", "sea_water"): "C", ("steel", "mineral_oil"): "A", ("steel", "gasoline"): "A",
    ("steel", "hydrochloric_acid"): "C",
    ("steel", "sodium_hydroxide"): "B", ("stainless", "fresh_water"): "A", ("stainless", "sea_water"): "B",
    ("stainless", "hydrochloric_acid"): "C", ("stainless", "nitric_acid"): "A", ("stainless", "mineral_oil"): "A",
    ("stainless", "sodium_hydroxide"): "A", ("titanium", "sea_water"): "A", ("titanium", "nitric_acid"): "A",
    ("titanium", "methanol_dry"): "C", ("titanium", "hydrofluoric_acid"): "C", ("brass", "ammonia"): "C",
    ("copper", "ammonia"): "C", ("brass", "fresh_water"): "A", ("copper", "fresh_water"): "A",
    ("abs", "acetone"): "C",
    ("abs", "fresh_water"): "A", ("pc", "acetone"): "C", ("pc", "fresh_water"): "A", ("pc", "ammonia"): "C",
    ("pla", "fresh_water"): "B", ("pla", "acetone"): "B", ("pom", "gasoline"): "A", ("pom", "hydrochloric_acid"): "C",
    ("pom", "mineral_oil"): "A", ("pa12", "gasoline"): "A", ("pa12", "mineral_oil"): "A",
    ("pa12", "hydrochloric_acid"): "C",
    ("ptfe", "hydrochloric_acid"): "A", ("ptfe", "sodium_hydroxide"): "A", ("ptfe", "acetone"): "A",
    ("ptfe", "gasoline"): "A",
}  # fmt: skip
_MEANING = {"A": "resistant", "B": "limited: corrosion, swelling or ageing to be checked", "C": "attacked"}


def fluid_compatibility(material: str, fluid: str) -> dict[str, str]:
    """Rating of a material (family or id) in a fluid at room temperature: resistant, limited, attacked, or unknown.

    Ratings are those on which common resistance charts agree; a pair on which they differ, or that isn't here, is
    unknown.
    """
    rating = _COMPATIBILITY.get((material, fluid))
    if rating is None:
        return {"rating": "unknown", "meaning": "not in the table: ask the supplier; unknown is not safe"}
    return {
        "rating": rating,
        "meaning": _MEANING[rating],
        "source": "agreement of common chemical resistance charts, 20 °C",
    }


# gas or vapour: flammability limits in air (volume fraction), flash point, 8 h exposure limit (ppm), boiling point
HAZARDS: dict[str, dict[str, float | None]] = {
    "hydrogen": {"lower_limit": 0.040, "upper_limit": 0.75, "flash_c": None, "exposure_ppm": None},
    "methane": {"lower_limit": 0.050, "upper_limit": 0.150, "flash_c": None, "exposure_ppm": None},
    "propane": {"lower_limit": 0.021, "upper_limit": 0.095, "flash_c": None, "exposure_ppm": 1000},
    "ammonia": {"lower_limit": 0.15, "upper_limit": 0.28, "flash_c": None, "exposure_ppm": 25},
    "carbon_monoxide": {"lower_limit": 0.125, "upper_limit": 0.74, "flash_c": None, "exposure_ppm": 35},
    "acetone": {"lower_limit": 0.026, "upper_limit": 0.128, "flash_c": -20, "exposure_ppm": 250},
    "ethanol": {"lower_limit": 0.033, "upper_limit": 0.19, "flash_c": 13, "exposure_ppm": 1000},
    "methanol": {"lower_limit": 0.067, "upper_limit": 0.36, "flash_c": 11, "exposure_ppm": 200},
    "acetylene": {"lower_limit": 0.025, "upper_limit": 1.0, "flash_c": None, "exposure_ppm": 2500},
    "butane": {"lower_limit": 0.018, "upper_limit": 0.084, "flash_c": None, "exposure_ppm": 800},
    "hexane": {"lower_limit": 0.012, "upper_limit": 0.074, "flash_c": -22, "exposure_ppm": 50},
    "benzene": {"lower_limit": 0.013, "upper_limit": 0.079, "flash_c": -11, "exposure_ppm": 0.1},
    "hydrogen_sulfide": {"lower_limit": 0.040, "upper_limit": 0.44, "flash_c": None, "exposure_ppm": 10},
    "carbon_dioxide": {"lower_limit": None, "upper_limit": None, "flash_c": None, "exposure_ppm": 5000},
    "chlorine": {"lower_limit": None, "upper_limit": None, "flash_c": None, "exposure_ppm": 0.5},
}


def hazard(substance: str) -> dict[str, Any]:
    """Flammability limits, flash point and exposure limit of a substance.

    A None is unknown or not applicable; a substance that isn't in the table is unknown, never safe. Flammability
    limits: Zabetakis, US Bureau of Mines Bulletin 627 (1965), read in Matheson's reprint but for carbon monoxide and
    ethanol; exposure limits and flash points: NIOSH Pocket Guide, recommended 8 or 10 h values (acetylene and hydrogen
    sulfide: ceilings), from memory.
    """
    found = HAZARDS.get(substance)
    if found is None:
        return {"known": False, "meaning": "not in the table: get its safety data sheet; unknown is not safe"}
    return {"known": True, **found, "source": "Zabetakis 1965; NIOSH Pocket Guide"}
