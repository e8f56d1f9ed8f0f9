"""How the part of a study is held, loaded and heated."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from backend.studies import quantities as q
from backend.studies.schema_base import ForceVector, MomentVector, Place, Strict, refuse
from backend.studies.selectors import Direction, Selector


class Support(Strict):
    """How faces are held."""

    type: Literal["fixed", "frictionless", "symmetry", "compression_only", "elastic", "displacement"]
    faces: Selector
    stiffness: q.Bedding | None = None
    normal_only: bool = False
    x: q.Length | None = None
    y: q.Length | None = None
    z: q.Length | None = None

    @model_validator(mode="after")
    def _fits(self) -> Support:
        moved = [axis for axis in ("x", "y", "z") if getattr(self, axis) is not None]
        if self.type == "displacement" and not moved:
            raise refuse("prescribes no displacement; give x, y or z, such as z: 0 mm")
        if self.type != "displacement" and moved:
            raise refuse(f"is {self.type} and gives {', '.join(moved)}, which only type: displacement reads")
        if self.type == "elastic" and self.stiffness is None:
            raise refuse("is elastic without stiffness; give it, such as stiffness: 50 N/mm3")
        if self.stiffness is not None and self.type not in ("elastic", "compression_only"):
            raise refuse(f"is {self.type} and gives stiffness, which only elastic and compression_only read")
        return self


class Directed(Strict):
    """A force as a vector, or as a size with a direction."""

    vector: ForceVector | None = None
    force: q.Force | None = None
    direction: Direction | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Directed:
        if (self.vector is None) == (self.force is None) or (self.force is None) != (self.direction is None):
            raise refuse("needs either force and direction, or vector: [x, y, z] with units")
        return self

    @property
    def vector_n(self) -> list[float]:
        """The force, N."""
        if self.vector is not None:
            return list(self.vector)
        assert self.force is not None
        assert self.direction is not None
        return [self.force * component for component in self.direction]


class ForceLoad(Directed):
    """A force spread evenly over faces."""

    type: Literal["force"]
    faces: Selector


class RemoteForce(Directed):
    """A force that acts at a point away from the faces that carry it."""

    type: Literal["remote_force"]
    faces: Selector
    at: Place


class PatchForce(Directed):
    """A force on the part of the faces within a radius of a point."""

    type: Literal["patch_force"]
    faces: Selector
    at: Place
    radius: q.PositiveLength


class PressureLoad(Strict):
    """A pressure; positive pushes into the body."""

    type: Literal["pressure"]
    faces: Selector
    pressure: q.Stress


class MomentLoad(Strict):
    """A moment, as a vector or about a direction."""

    type: Literal["moment"]
    faces: Selector
    vector: MomentVector | None = None
    moment: q.Moment | None = None
    direction: Direction | None = None

    @model_validator(mode="after")
    def _one_way(self) -> MomentLoad:
        if (self.vector is None) == (self.moment is None) or (self.moment is None) != (self.direction is None):
            raise refuse("needs either moment and direction, or vector: [x, y, z] with units")
        return self

    @property
    def vector_n_mm(self) -> list[float]:
        """The moment, N*mm."""
        if self.vector is not None:
            return list(self.vector)
        assert self.moment is not None
        assert self.direction is not None
        return [self.moment * component for component in self.direction]


class Gravity(Strict):
    """Self weight."""

    type: Literal["gravity"]
    direction: Direction
    acceleration: q.Acceleration = 9.80665


class AccelerationLoad(Strict):
    """The body is accelerated that way; its inertia pulls the other way."""

    type: Literal["acceleration"]
    direction: Direction
    acceleration: q.Acceleration


class Centrifugal(Strict):
    """The body turns about an axis through a point."""

    type: Literal["centrifugal"]
    speed: q.Speed
    axis: Direction
    through: Place = (0.0, 0.0, 0.0)


class BoltPreload(Strict):
    """A bolt (one body of the model, bonded at head and thread) is stretched until its shank carries the force."""

    type: Literal["bolt_preload"]
    body: int
    force: Annotated[float, q.quantity("n", above=0)]
    axis: Direction


class Heated(Strict):
    """The whole part is at a temperature other than the one at which it is free of stress."""

    type: Literal["temperature"]
    temperature: q.Temperature
    stress_free_at: q.Temperature = 20.0


Load = Annotated[
    ForceLoad | RemoteForce | PatchForce | PressureLoad | MomentLoad | Gravity | AccelerationLoad | Centrifugal
    | BoltPreload | Heated,
    Field(discriminator="type"),
]  # fmt: skip


class Timed(Strict):
    """A condition whose value is constant, or (in a transient study) a table over time, linear between its rows."""

    @model_validator(mode="after")
    def _one_value(self) -> Timed:
        field = next(name for name in ("temperature", "ambient", "power", "flux") if name in type(self).model_fields)
        if (getattr(self, field) is None) == (getattr(self, "history", None) is None):
            raise refuse(f"needs either {field}, or history: [[time, {field}], ...]")
        return self


class HeldTemperature(Timed):
    """Faces at a temperature."""

    type: Literal["temperature"]
    faces: Selector
    temperature: q.Temperature | None = None
    history: list[tuple[q.At, q.Temperature]] | None = None


class Convection(Timed):
    """Heat given off to a fluid."""

    type: Literal["convection"]
    faces: Selector
    coefficient: q.Film
    ambient: q.Temperature | None = None
    history: list[tuple[q.At, q.Temperature]] | None = None


class Radiation(Timed):
    """Heat radiated to large surroundings."""

    type: Literal["radiation"]
    faces: Selector
    emissivity: q.PositiveNumber
    ambient: q.Temperature | None = None
    history: list[tuple[q.At, q.Temperature]] | None = None


class HeatOnFaces(Timed):
    """A power spread evenly over faces, positive into the body."""

    type: Literal["heat"]
    faces: Selector
    power: q.Power | None = None
    history: list[tuple[q.At, q.Power]] | None = None


class FluxOnFaces(Timed):
    """A heat flux, positive into the body."""

    type: Literal["flux"]
    faces: Selector
    flux: q.Flux | None = None
    history: list[tuple[q.At, q.Flux]] | None = None


class HeatSource(Strict):
    """A power generated evenly in the volume, of the whole part or of bodies together."""

    type: Literal["source"]
    power: q.Power
    bodies: list[int] | None = Field(None, min_length=1)


HeatCondition = Annotated[
    HeldTemperature | Convection | Radiation | HeatOnFaces | FluxOnFaces | HeatSource, Field(discriminator="type")
]


class HeatField(Strict):
    """Temperature in the part, conducted from these conditions; strains it in a static study."""

    conditions: list[HeatCondition] = Field(min_length=1)
    stress_free_at: q.Temperature = 20.0
