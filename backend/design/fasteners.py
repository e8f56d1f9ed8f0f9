"""Bolts, screws, washers and inserts as data, and how to choose among them. Numbers: ``data/fasteners.yaml``."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from backend.errors import DesignError

System = Literal["metric", "inch"]

_DATA = Path(__file__).parent / "data" / "fasteners.yaml"


@dataclass(frozen=True)
class Bolt:
    """A bolt size. Lengths in mm, stress area in mm2. ``hole`` is the normal clearance hole, ``close`` the fine one."""

    name: str
    system: System
    d: float
    pitch: float
    area: float
    hole: float
    close: float
    washer_od: float
    head: float


@dataclass(frozen=True)
class Grade:
    """A strength grade, MPa."""

    name: str
    proof_mpa: float
    yield_mpa: float
    source: str


@functools.lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    import yaml

    data: dict[str, Any] = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return data


def bolts(system: System) -> list[Bolt]:
    """The sizes of a system, smallest first."""
    return [Bolt(name=name, system=system, **row) for name, row in _tables()[system].items()]


def grade(name: str) -> Grade:
    """A strength grade by its name, e.g. "8.8". Raises KeyError where there is none."""
    row = _tables()["grades"][name]
    return Grade(name, row["proof_mpa"], row["yield_mpa"], row["source"])


def known_grades() -> frozenset[str]:
    """The names of the grades in the table."""
    return frozenset(_tables()["grades"])


def grades_of_system(system: System) -> tuple[str, ...]:
    """The names of the grades of bolts of a system, weakest first."""
    rows = [(row["proof_mpa"], name) for name, row in _tables()["grades"].items() if row["system"] == system]
    return tuple(name for _, name in sorted(rows))


def grade_of(bolt: Bolt, name: str | None) -> Grade:
    """The grade of that name for a bolt of that size (some are weaker above a size); the usual one without a name."""
    if name is None:
        return default_grade(bolt.system)
    large = _tables()["grades"][name].get("large")
    found = grade(name)
    if large and bolt.d > large["above_mm"]:
        return replace(found, proof_mpa=large["proof_mpa"], yield_mpa=large["yield_mpa"])
    return found


def default_grade(system: System) -> Grade:
    """The grade taken where the brief names none: 8.8 for metric, SAE grade 5 for inch bolts."""
    return grade("8.8" if system == "metric" else "Grade 5")


def bolt_of_size(diameter_mm: float) -> Bolt:
    """The bolt of that nominal diameter, of either system. Raises DesignError naming the nearest sizes."""
    everything = [*bolts("metric"), *bolts("inch")]
    best = min(everything, key=lambda b: abs(b.d - diameter_mm))
    if abs(best.d - diameter_mm) > 0.02 * diameter_mm:
        near = sorted(everything, key=lambda b: abs(b.d - diameter_mm))[:3]
        raise DesignError(
            f"no bolt with a nominal diameter of {diameter_mm:g} mm",
            next_action=f"Use one of {', '.join(b.name for b in near)}.",
            code="unknown_bolt",
        )
    return best


def bolt_for_hole(hole_mm: float, system: System) -> Bolt | None:
    """The largest bolt whose close clearance hole is no larger than ``hole_mm``; None where the hole is too small."""
    fitting = [b for b in bolts(system) if b.close <= hole_mm + 1e-6]
    return fitting[-1] if fitting else None


def insert_for(name: str) -> dict[str, float] | None:
    """Hole, length and wall in mm of the heat-set insert for a metric thread; None where the table has none."""
    row = _tables()["inserts"].get(name)
    return dict(row) if row else None


def thread_forming_ratio() -> float:
    """Pilot hole of a thread-forming screw in plastics, as a share of its nominal diameter."""
    return float(_tables()["thread_forming_ratio"])


def screw_length(grip_mm: float, engagement_mm: float, system: System) -> float:
    """The shortest usual length, in mm, that spans the grip and the engagement."""
    least = grip_mm + engagement_mm
    if system == "metric":
        usual = [
            4,
            5,
            6,
            8,
            10,
            12,
            16,
            20,
            25,
            30,
            35,
            40,
            45,
            50,
            55,
            60,
            65,
            70,
            80,
            90,
            100,
            110,
            120,
            130,
            140,
            150,
        ]
        return float(next((length for length in usual if length >= least - 1e-9), 10 * -(-least // 10)))
    eighths = -(-least // 3.175)
    return float(eighths * 3.175)
