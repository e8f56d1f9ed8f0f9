"""Reading of fatigue studies; :mod:`.fatigue` describes the plain form."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.physics.fem import reading
from backend.physics.fem.errors import StudyError
from backend.physics.fem.fatigue_curve import CRITERIA, Curve
from backend.physics.fem.study import Study, read_study

STRESSES = ("signed_von_mises", "max_principal")
MARIN = ("surface", "size", "load", "temperature", "reliability", "other")
MOST_BLOCKS = 50


@dataclass(frozen=True)
class Block:
    """``cycles`` a pass between two states, each a sum of load cases times factors."""

    name: str
    cycles: float
    high: Mapping[str, float]
    low: Mapping[str, float]


@dataclass(frozen=True)
class FatigueStudy:
    """A validated study. ``studies``: the static study of each load case; ``curve``: with ``marin`` in it, or None."""

    studies: Mapping[str, Study]
    blocks: tuple[Block, ...]
    curve: Curve | None
    missing: tuple[str, ...]
    criterion: str
    stress: str
    ultimate_mpa: float | None
    yield_mpa: float | None
    marin: Mapping[str, tuple[float, str]]
    passes: float

    @property
    def knockdown(self) -> float:
        """Product of the Marin factors."""
        return math.prod(value for value, _ in self.marin.values())


def read_fatigue_study(data: Any) -> FatigueStudy:
    """A validated study; raises :class:`StudyError` naming the place."""
    plain = dict(reading.mapping(data, "study"))
    given = reading.mapping(plain.pop("fatigue", None), "fatigue")
    allowed = {"blocks", "cases", "sn", "criterion", "stress", "marin", "required_passes", "ultimate_mpa", "yield_mpa"}
    reading.known_fields(given, allowed, "fatigue")
    material = dict(reading.mapping(plain.get("material"), "material"))
    curve_data = given.get("sn") if given.get("sn") is not None else material.get("sn")
    ultimate = given.get("ultimate_mpa", material.get("ultimate_mpa"))
    strength = given.get("yield_mpa", material.get("yield_mpa"))
    plain["material"] = {key: value for key, value in material.items() if key not in ("sn", "ultimate_mpa")}
    for key in ("thermal", "preloads"):
        if plain.get(key):
            raise StudyError(
                f"A fatigue study scales its loads, and {key} isn't one of them.", f"Leave {key} out of this study."
            )
    base = read_study(plain)
    if any(s.kind == "compression_only" for s in base.supports):
        raise StudyError("Fatigue adds load cases up; contact without tension isn't linear.", "Use other supports.")
    studies = {"study": base}
    for name, loads in reading.mapping(given.get("cases") or {}, "fatigue.cases").items():
        if name == "study":
            raise StudyError("fatigue.cases has a case named study, which means the study's own loads.", "Rename it.")
        only = {**plain, "loads": loads, "gravity": None, "spin": None}
        studies[str(name)] = read_study(only)
    criterion, stress = given.get("criterion", "goodman"), given.get("stress", "signed_von_mises")
    for value, known, key in ((criterion, CRITERIA, "criterion"), (stress, STRESSES, "stress")):
        if value not in known:
            raise StudyError(f"fatigue.{key} is {value!r}; expected one of {', '.join(known)}.", "Choose one of them.")
    marin = _marin(given.get("marin"))
    knockdown = math.prod(value for value, _ in marin.values())
    ultimate = None if ultimate is None else reading.positive(ultimate, "ultimate_mpa", "MPa")
    strength = None if strength is None else reading.positive(strength, "yield_mpa", "MPa")
    missing = []
    if curve_data is None:
        missing.append("the material has no S-N data")
    if criterion in ("goodman", "gerber") and ultimate is None:
        missing.append(f"{criterion} needs ultimate_mpa")
    if criterion == "soderberg" and strength is None:
        missing.append("soderberg needs yield_mpa")
    passes = given.get("required_passes")
    return FatigueStudy(
        studies=studies,
        blocks=_blocks(given.get("blocks"), set(studies)),
        curve=None if curve_data is None else _curve(curve_data, knockdown),
        missing=tuple(missing),
        criterion=str(criterion),
        stress=str(stress),
        ultimate_mpa=ultimate,
        yield_mpa=strength,
        marin=marin,
        passes=math.inf if passes is None else reading.positive(passes, "fatigue.required_passes", "passes"),
    )


def _blocks(data: Any, cases: set[str]) -> tuple[Block, ...]:
    items = reading.sequence(data, "fatigue.blocks")
    if not 1 <= len(items) <= MOST_BLOCKS:
        raise StudyError(f"fatigue.blocks has {len(items)} blocks; expected 1 to {MOST_BLOCKS}.", "Give load blocks.")
    blocks = []
    for index, item in enumerate(items):
        where = f"fatigue.blocks[{index}]"
        item = reading.mapping(item, where)
        reading.known_fields(item, {"name", "cycles", "max", "min"}, where)
        states = []
        for key in ("max", "min"):
            value = item.get(key)
            state = value if isinstance(value, Mapping) else {"study": value}
            unknown = sorted(set(state) - cases)
            if unknown:
                raise StudyError(f"{where}.{key} names the case(s) {', '.join(unknown)}.", "Define them in cases.")
            states.append({str(k): reading.number(v, f"{where}.{key}") for k, v in state.items()})
        cycles = reading.positive(item.get("cycles", 1.0), f"{where}.cycles", "cycles a pass")
        if states[0] == states[1]:
            raise StudyError(f"{where} doesn't swing: max and min are the same.", "Give two different states.")
        blocks.append(Block(str(item.get("name", f"block {index + 1}")), cycles, states[0], states[1]))
    return tuple(blocks)


def _marin(data: Any) -> dict[str, tuple[float, str]]:
    found = {}
    for name, item in reading.mapping(data or {}, "fatigue.marin").items():
        where = f"fatigue.marin.{name}"
        if name not in MARIN:
            raise StudyError(f"{where} isn't a factor; known are {', '.join(MARIN)}.", "Rename it, or use other.")
        item = reading.mapping(item, where)
        reading.known_fields(item, {"value", "source"}, where)
        value = reading.positive(item.get("value"), f"{where}.value", "parts of one")
        if value > 1.5:
            raise StudyError(f"{where} is {value:g}; a Marin factor doesn't pass 1.5.", "Give the factor, not percent.")
        found[str(name)] = (value, _source(item.get("source"), where))
    return found


def _source(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise StudyError(f"{where} has no source.", "Cite where the value is from (document, table, page).")
    return value.strip()


def _curve(data: Any, knockdown: float) -> Curve:
    """The S-N curve. Marin factors act on all amplitudes of ``points``, and on the lower one of ``two_point``."""
    data = reading.mapping(data, "sn")
    reading.known_fields(data, {"points", "two_point", "endurance_limit_mpa", "source", "note"}, "sn")
    source = _source(data.get("source"), "sn")
    limit = data.get("endurance_limit_mpa")
    limit = None if limit is None else knockdown * reading.positive(limit, "sn.endurance_limit_mpa", "MPa")
    if (data.get("points") is None) == (data.get("two_point") is None):
        raise StudyError("sn needs points or two_point, not both.", "Give points [[cycles, amplitude_mpa], …].")
    if data.get("two_point") is not None:
        two = reading.mapping(data["two_point"], "sn.two_point")
        reading.known_fields(two, {"at_1e3_mpa", "at_1e6_mpa"}, "sn.two_point")
        high = reading.positive(two.get("at_1e3_mpa"), "sn.two_point.at_1e3_mpa", "MPa")
        low = knockdown * reading.positive(two.get("at_1e6_mpa"), "sn.two_point.at_1e6_mpa", "MPa")
        if low >= high:
            raise StudyError("sn.two_point doesn't fall from 1e3 to 1e6 cycles.", "Correct the strengths.")
        return Curve((1e3, 1e6), (high, low), low if limit is None else limit, source)
    points = []
    for index, point in enumerate(reading.sequence(data["points"], "sn.points")):
        pair = list(reading.sequence(point, f"sn.points[{index}]"))
        if len(pair) != 2:
            raise StudyError(f"sn.points[{index}] is {point!r}; expected [cycles, amplitude_mpa].", "Correct it.")
        points.append(tuple(reading.positive(v, f"sn.points[{index}]", "cycles, MPa") for v in pair))
    falling = all(a[0] < b[0] and a[1] > b[1] for a, b in itertools.pairwise(points))
    if not points or not falling:
        raise StudyError("sn.points must ascend in cycles and fall in amplitude.", "Sort and correct the points.")
    return Curve(tuple(p[0] for p in points), tuple(knockdown * p[1] for p in points), limit, source)
