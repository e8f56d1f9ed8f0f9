"""The study file as types: every key, its unit, and what it means. Unknown keys are errors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from backend.studies import quantities as q
from backend.studies.selectors import Direction, Selector

Place = tuple[q.Length, q.Length, q.Length]
ForceVector = tuple[q.Force, q.Force, q.Force]
MomentVector = tuple[q.Moment, q.Moment, q.Moment]


class Strict(BaseModel):
    """A section of the study; keys that nobody reads are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def refuse(text: str) -> PydanticCustomError:
    """An error in a study's words."""
    return PydanticCustomError("study", "{problem}", {"problem": text})


# --- material ---------------------------------------------------------------------------------------------------------


class Orthotropic(Strict):
    """Elastic constants along the material's axes 1, 2, 3. Without ``axes`` 1, 2, 3 are X, Y, Z."""

    e1: q.PositiveStress
    e2: q.PositiveStress
    e3: q.PositiveStress
    g12: q.PositiveStress
    g13: q.PositiveStress
    g23: q.PositiveStress
    nu12: q.Number
    nu13: q.Number
    nu23: q.Number
    axis_1: Direction = (1.0, 0.0, 0.0)
    axis_2: Direction = (0.0, 1.0, 0.0)


class SnCurve(Strict):
    """Life N of a stress amplitude at R = -1: amplitude = coefficient * N^exponent (Basquin, exponent below zero).

    ``limit``: amplitude below which nothing breaks, where the material has one.
    """

    coefficient: q.PositiveStress
    exponent: q.Number
    limit: q.PositiveStress | None = None
    source: str

    @model_validator(mode="after")
    def _falls(self) -> SnCurve:
        if not -1.0 < self.exponent < 0.0:
            raise refuse(f"has the exponent {self.exponent:g}; expected between -1 and 0 (Basquin)")
        return self


class InlineMaterial(Strict):
    """A material with values of its own; ``source`` says where they are from."""

    label: str
    source: str
    youngs_modulus: q.PositiveStress | None = None
    poisson_ratio: q.Number | None = None
    orthotropic: Orthotropic | None = None
    density: q.Density | None = None
    yield_strength: q.PositiveStress | None = None
    ultimate_strength: q.PositiveStress | None = None
    thermal_expansion: q.Expansion | None = None
    thermal_conductivity: q.Conductivity | None = None
    specific_heat: q.SpecificHeat | None = None
    sn_curve: SnCurve | None = None

    @model_validator(mode="after")
    def _possible(self) -> InlineMaterial:
        nu = self.poisson_ratio
        if nu is not None and not -1.0 < nu <= 0.495:
            raise refuse(f"has poisson_ratio {nu:g}; expected above -1 and at most 0.495")
        return self


class LibraryMaterial(Strict):
    """A material of the library; ``./brick materials list`` names them."""

    name: str
    temperature: q.Temperature = 20.0
    basis: Literal["A", "B", "S", "minimum", "typical", "estimate"] | None = None
    direction: str | None = None
    poisson_ratio: q.Number | None = None  # where the library has none
    orthotropic: Orthotropic | None = None
    sn_curve: SnCurve | None = None


def _named(value: Any) -> Any:
    return {"name": str(value)} if isinstance(value, str | int) and not isinstance(value, bool) else value


def _kind_of_material(value: Any) -> str:
    inline = isinstance(value, InlineMaterial) or (isinstance(value, dict) and "name" not in value and "label" in value)
    return "inline" if inline else "library"


Material = Annotated[
    Annotated[LibraryMaterial, Tag("library")] | Annotated[InlineMaterial, Tag("inline")],
    Discriminator(_kind_of_material),
    BeforeValidator(_named),
]


class BodyMaterial(Strict):
    """A material for some of the bodies (solids, numbered from 0 in the model's order)."""

    bodies: list[int] = Field(min_length=1)
    material: Material


# --- supports and loads -----------------------------------------------------------------------------------------------


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


# --- heat -------------------------------------------------------------------------------------------------------------


class HeldTemperature(Strict):
    """Faces at a temperature."""

    type: Literal["temperature"]
    faces: Selector
    temperature: q.Temperature


class Convection(Strict):
    """Heat given off to a fluid."""

    type: Literal["convection"]
    faces: Selector
    coefficient: q.Film
    ambient: q.Temperature


class Radiation(Strict):
    """Heat radiated to large surroundings."""

    type: Literal["radiation"]
    faces: Selector
    emissivity: q.PositiveNumber
    ambient: q.Temperature


class HeatOnFaces(Strict):
    """A power spread evenly over faces, positive into the body."""

    type: Literal["heat"]
    faces: Selector
    power: q.Power


class FluxOnFaces(Strict):
    """A heat flux, positive into the body."""

    type: Literal["flux"]
    faces: Selector
    flux: q.Flux


class HeatSource(Strict):
    """A power generated evenly in the volume."""

    type: Literal["source"]
    power: q.Power


HeatCondition = Annotated[
    HeldTemperature | Convection | Radiation | HeatOnFaces | FluxOnFaces | HeatSource, Field(discriminator="type")
]


class HeatField(Strict):
    """Temperature in the part, conducted from these conditions; strains it in a static study."""

    conditions: list[HeatCondition] = Field(min_length=1)
    stress_free_at: q.Temperature = 20.0


# --- analyses ---------------------------------------------------------------------------------------------------------


class Static(Strict):
    """Linear statics."""

    type: Literal["static"]


class Modal(Strict):
    """Natural frequencies."""

    type: Literal["modal"]
    modes: int = Field(6, ge=1, le=40)


class Buckling(Strict):
    """Linear buckling of the loads given."""

    type: Literal["buckling"]
    modes: int = Field(1, ge=1, le=20)


class ThermalSteady(Strict):
    """Steady conduction."""

    type: Literal["thermal"]


class ThermalTransient(Strict):
    """Conduction over time, from an even start."""

    type: Literal["thermal_transient"]
    start: q.Temperature
    duration: q.Time
    steps: int = Field(50, ge=4, le=2000)


class Harmonic(Strict):
    """Steady vibration under the loads, which swing at one frequency of a range; damping ratio alike in all modes."""

    type: Literal["harmonic"]
    low: q.Frequency
    high: q.Frequency
    damping: q.Fraction = 0.02
    modes: int = Field(10, ge=1, le=40)

    @model_validator(mode="after")
    def _ordered(self) -> Harmonic:
        if self.high <= self.low:
            raise refuse(f"goes from {self.low:g} Hz to {self.high:g} Hz; high must be above low")
        if not 0 < self.damping < 1:
            raise refuse(f"has damping {self.damping:g}; expected above 0 and below 1 of critical")
        return self


class Inlet(Strict):
    """Where fluid comes in: a mean velocity along the inward normal, or a flow."""

    faces: Selector
    velocity: q.Velocity


class Outlet(Strict):
    """Where fluid leaves freely."""

    faces: Selector


class Flow(Strict):
    """Steady laminar flow in the model taken as the fluid; faces that are neither inlet nor outlet are walls."""

    type: Literal["flow"]
    inlet: Inlet
    outlet: Outlet
    density: q.Density
    viscosity: q.Viscosity


Analysis = Annotated[
    Static | Modal | Buckling | ThermalSteady | ThermalTransient | Harmonic | Flow, Field(discriminator="type")
]


# --- results ----------------------------------------------------------------------------------------------------------


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


class Probe(Limits):
    """A value at a point."""

    type: Literal["probe"]
    at: Place
    quantity: Literal["von_mises", "displacement", "temperature", "xx", "yy", "zz", "xy", "xz", "yz"]


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
    """Largest amplitude over the range of a harmonic study."""

    type: Literal["response"]
    quantity: Literal["displacement", "von_mises"] = "displacement"
    at_most: q.PositiveLength | q.PositiveStress | None = None


class Block(Strict):
    """So many cycles between two multiples of the loads."""

    cycles: q.PositiveNumber
    from_factor: q.Number = Field(alias="from")
    to_factor: q.Number = Field(alias="to")


class Fatigue(Limits):
    """Miner's sum of load blocks at the worst place of the stress field; needs an S-N curve."""

    type: Literal["fatigue"]
    blocks: list[Block] = Field(min_length=1)
    method: Literal["goodman", "swt"] = "goodman"
    at_most: q.PositiveNumber = 1.0
    strength_factor: q.PositiveNumber = 1.0


class PressureDrop(Limits):
    """Mean pressure at the inlet over that at the outlet."""

    type: Literal["pressure_drop"]
    at_most: Annotated[float, q.quantity("pa", above=0)] | None = None


Result = Annotated[
    SafetyFactor | VonMises | Displacement | Probe | FrequencyResult | BucklingFactor | TemperatureResult | Response
    | Fatigue | PressureDrop,
    Field(discriminator="type"),
]  # fmt: skip


class Mesh(Strict):
    """How finely the part is cut; left out, the budgets decide."""

    size: q.PositiveLength | None = None
    order: int = Field(2, ge=1, le=4)
    levels: int | None = Field(None, ge=1, le=6)
    max_dofs: int = Field(120_000, ge=1_000, le=5_000_000)
    error: q.PositiveNumber = 0.03
    budget: q.Time = 20.0


class StudyFile(Strict):
    """One study."""

    title: str
    model: str
    analysis: Analysis
    material: Material | None = None
    materials: list[BodyMaterial] | None = None
    bodies: list[int] | None = None
    contact: Literal["bonded"] | None = None
    supports: list[Support] = []
    loads: list[Load] = []
    heat: HeatField | None = None
    results: list[Result] = []
    mesh: Mesh = Mesh()
    ignore_near_supports: q.PositiveLength | None = None
    ignore_near_sharp_edges: q.PositiveLength | None = None
    notes: str = ""

    @model_validator(mode="after")
    def _fits(self) -> StudyFile:
        kind = self.analysis.type
        if kind != "flow" and (self.material is None) == (self.materials is None):
            raise refuse("needs either 'material' for the whole part or 'materials' by body")
        mechanical = kind in ("static", "buckling", "harmonic")
        if mechanical and not self.supports:
            raise refuse(f"has no supports, which a {kind} study needs: say which faces are held, and how")
        if kind.startswith("thermal") and self.heat is None:
            raise refuse(f"has no heat, which a {kind} study needs: give heat: {{conditions: [...]}}")
        if kind.startswith("thermal") and (self.supports or self.loads):
            raise refuse(f"is {kind}: supports and loads have no effect there; take them out, or use type: static")
        if kind in ("modal", "flow") and self.loads:
            raise refuse(f"is {kind}: loads have no effect there; take them out")
        if kind == "flow" and self.supports:
            raise refuse("is flow: supports have no effect there; walls are the faces left over")
        for load in self.loads:
            if isinstance(load, Heated) and self.heat is not None:
                raise refuse("gives both heat and a load of type temperature: one temperature field is enough")
            if kind in ("harmonic", "buckling") and isinstance(load, BoltPreload | Heated) and kind == "harmonic":
                raise refuse(f"swings a {load.type}; a harmonic study takes forces, pressures, moments and gravity")
        return self
