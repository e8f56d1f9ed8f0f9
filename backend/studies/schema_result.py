"""What a study asks: each result with its limit, or for information."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from backend.studies import quantities as q
from backend.studies.schema_base import Place, Strict
from backend.studies.selectors import Direction, Selector


class Limits(Strict):
    """A limit makes a result a check; without one it is told for information."""

    title: str | None = None


class SafetyFactor(Limits):
    """Yield strength over the assessed von Mises stress, of the whole part or of faces."""

    type: Literal["safety_factor"]
    at_least: q.PositiveNumber | None = None
    faces: Selector | None = None


class VonMises(Limits):
    """Assessed von Mises stress."""

    type: Literal["von_mises"]
    at_most: q.PositiveStress | None = None
    faces: Selector | None = None


class Displacement(Limits):
    """Largest displacement."""

    type: Literal["displacement"]
    at_most: q.PositiveLength | None = None
    faces: Selector | None = None


_STRESSES = ("von_mises", "xx", "yy", "zz", "xy", "xz", "yz", "principal_1", "principal_2", "principal_3")
_LENGTHS = ("displacement", "displacement_x", "displacement_y", "displacement_z")
# The unit that a probe's limit is kept in.
PROBE_UNITS = {
    **dict.fromkeys(_STRESSES, "mpa"), **dict.fromkeys(_LENGTHS, "mm"),
    "temperature": "c", "pressure": "pa", "velocity": "m_s",
}  # fmt: skip


class Probe(Limits):
    """A value at a point; of the principal stresses 1 is the largest. Limits are quantities of the value's kind."""

    type: Literal["probe"]
    at: Place
    quantity: Literal[
        "von_mises", "displacement", "displacement_x", "displacement_y", "displacement_z", "temperature", "pressure",
        "velocity", "xx", "yy", "zz", "xy", "xz", "yz", "principal_1", "principal_2", "principal_3",
    ]  # fmt: skip
    at_least: float | None = None
    at_most: float | None = None

    @field_validator("at_least", "at_most", mode="before")
    @classmethod
    def _limit(cls, value: Any, info: ValidationInfo) -> float | None:
        kind = info.data.get("quantity")
        if value is None or kind is None:  # an unknown quantity is an error of its own
            return None
        try:
            return q.parse_quantity(value, PROBE_UNITS[kind])
        except ValueError as error:
            raise PydanticCustomError("quantity", "{problem}", {"problem": str(error)}) from None


class FrequencyResult(Limits):
    """A natural frequency, counted from 1."""

    type: Literal["frequency"]
    mode: int = Field(1, ge=1)
    at_least: q.Frequency | None = None
    at_most: q.Frequency | None = None


class BucklingFactor(Limits):
    """The factor on the loads at which the part buckles."""

    type: Literal["buckling_factor"]
    at_least: q.PositiveNumber | None = None


class TemperatureResult(Limits):
    """Highest temperature, of the whole part or of faces (over all time in a transient study)."""

    type: Literal["temperature"]
    at_most: q.Temperature | None = None
    faces: Selector | None = None


class Response(Limits):
    """Largest amplitude over the range of a harmonic study: displacement, or von Mises stress."""

    type: Literal["response"]
    displacement_at_most: q.PositiveLength | None = None
    von_mises_at_most: q.PositiveStress | None = None


class FatigueLife(Limits):
    """Passes through the load blocks until failure, at the worst place."""

    type: Literal["fatigue_life"]
    at_least: q.PositiveNumber | None = None


class FatigueSafety(Limits):
    """Factor on all stresses that the blocks survive."""

    type: Literal["fatigue_safety_factor"]
    at_least: q.PositiveNumber | None = None


class PressureDrop(Limits):
    """Mean static pressure of the inlets over that of the outlets."""

    type: Literal["pressure_drop"]
    at_most: Annotated[float, q.quantity("pa", above=0)] | None = None


class WallForce(Limits):
    """Force of the fluid on faces: along a direction, or its size."""

    type: Literal["wall_force"]
    faces: Selector
    direction: Direction | None = None
    at_least: q.Force | None = None
    at_most: q.Force | None = None


class WallTorque(Limits):
    """Moment of the fluid's forces on faces about an axis through a point, right-handed; limits are of its size."""

    type: Literal["wall_torque"]
    faces: Selector
    axis: Direction
    through: Place = (0.0, 0.0, 0.0)
    at_least: Annotated[float, q.quantity("n_mm", above=0)] | None = None
    at_most: Annotated[float, q.quantity("n_mm", above=0)] | None = None


Result = Annotated[
    SafetyFactor | VonMises | Displacement | Probe | FrequencyResult | BucklingFactor | TemperatureResult | Response
    | FatigueLife | FatigueSafety | PressureDrop | WallForce | WallTorque,
    Field(discriminator="type"),
]  # fmt: skip
