"""The study file as types: every key, its unit, and what it means. Unknown keys are errors.

Materials, loads and results have modules of their own; their names are given on from here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from backend.studies import quantities as q
from backend.studies.schema_base import Place, Strict, refuse
from backend.studies.schema_load import (
    AccelerationLoad,
    BoltPreload,
    Centrifugal,
    Convection,
    Directed,
    FluxOnFaces,
    ForceLoad,
    Gravity,
    HeatCondition,
    Heated,
    HeatField,
    HeatOnFaces,
    HeatSource,
    HeldTemperature,
    Load,
    MomentLoad,
    PatchForce,
    PressureLoad,
    Radiation,
    RemoteForce,
    Support,
    Timed,
)
from backend.studies.schema_material import (
    BodyMaterial,
    InlineMaterial,
    LibraryMaterial,
    Material,
    Orthotropic,
    SnCurve,
)
from backend.studies.schema_result import (
    PROBE_UNITS,
    BucklingFactor,
    Displacement,
    FatigueLife,
    FatigueSafety,
    FrequencyResult,
    Limits,
    PressureDrop,
    Probe,
    Response,
    Result,
    SafetyFactor,
    TemperatureResult,
    VonMises,
    WallForce,
    WallTorque,
)
from backend.studies.selectors import Direction, Selector


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


class BodyStart(Strict):
    """Bodies that start at a temperature of their own."""

    bodies: list[int] = Field(min_length=1)
    temperature: q.Temperature


class ThermalTransient(Strict):
    """Conduction over time, from an even start or one by body; without ``steps`` they are chosen by their error."""

    type: Literal["thermal_transient"]
    start: q.Temperature
    starts: list[BodyStart] = Field(default_factory=list)
    duration: q.Time
    steps: int | None = Field(None, ge=4, le=5000)


class Shake(Strict):
    """The supports swing together."""

    acceleration: Annotated[float, q.quantity("m_s2", above=0)]
    direction: Direction


class Harmonic(Strict):
    """Steady vibration: the loads are amplitudes that swing at each frequency of a range; one damping for all modes."""

    type: Literal["harmonic"]
    low: q.Frequency
    high: q.Frequency
    count: int = Field(60, ge=2, le=2000)
    damping: q.PositiveNumber
    modes: int = Field(12, ge=1, le=40)
    shake: Shake | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Harmonic:
        if self.high <= self.low:
            raise refuse(f"goes from {self.low:g} Hz to {self.high:g} Hz; high must be above low")
        if not self.damping < 1:
            raise refuse(f"has damping {self.damping:g}; expected a ratio of critical below 1, such as 0.02")
        return self


class Block(Strict):
    """So many cycles between two multiples of the study's loads."""

    cycles: q.PositiveNumber
    from_factor: q.Number = Field(alias="from")
    to_factor: q.Number = Field(alias="to")
    name: str | None = None


MarinName = Literal["surface", "size", "load", "temperature", "reliability", "other"]


class Marin(Strict):
    """A factor on the fatigue strength, with its source."""

    value: q.PositiveNumber
    source: str


class Fatigue(Strict):
    """Stress-life fatigue of load blocks on the static stress field; ``passes`` through the blocks must be survived."""

    type: Literal["fatigue"]
    blocks: list[Block] = Field(min_length=1)
    passes: q.PositiveNumber | None = None
    criterion: Literal["goodman", "soderberg", "gerber", "swt"] = "goodman"
    stress: Literal["signed_von_mises", "max_principal"] = "signed_von_mises"
    marin: dict[Literal["surface", "size", "load", "temperature", "reliability", "other"], Marin] = Field(
        default_factory=dict
    )


class Opening(Strict):
    """Where fluid comes in or leaves: by mean velocity, flow, or pressure."""

    faces: Selector
    velocity: Annotated[float, q.quantity("m_s", above=0)] | None = None
    flow: Annotated[float, q.quantity("m3_s", above=0)] | None = None
    mass_flow: Annotated[float, q.quantity("kg_s", above=0)] | None = None
    pressure: q.Pressure | None = None
    profile: Literal["developed", "uniform"] | None = None

    @model_validator(mode="after")
    def _one_drive(self) -> Opening:
        if len(self.drive) > 1:
            raise refuse(f"gives {' and '.join(self.drive)}; give one of velocity, flow, mass_flow, pressure")
        return self

    @property
    def drive(self) -> dict[str, float]:
        """The solver's key and value of what is given."""
        keys = {
            "velocity": "velocity_m_s",
            "flow": "flow_m3_s",
            "mass_flow": "mass_flow_kg_s",
            "pressure": "pressure_pa",
        }
        return {ours: getattr(self, name) for name, ours in keys.items() if getattr(self, name) is not None}


class Rotation(Strict):
    """Turning about an axis through a point, right-handed."""

    speed: q.Speed
    axis: Direction
    through: Place = (0.0, 0.0, 0.0)


class MovingWall(Strict):
    """Walls that slide along themselves at a velocity, or turn about their axis, and drag the fluid with them."""

    faces: Selector
    velocity: tuple[q.Velocity, q.Velocity, q.Velocity] | None = None
    rotation: Rotation | None = None

    @model_validator(mode="after")
    def _moves(self) -> MovingWall:
        if (self.velocity is None) == (self.rotation is None):
            raise refuse("gives " + ("both" if self.velocity else "neither") + "; give velocity or rotation")
        if self.velocity is not None and not any(self.velocity):
            raise refuse("moves at zero velocity; walls that aren't named are at rest: take it out")
        return self


class Flow(Strict):
    """Steady laminar flow; the model is the fluid, and faces that nothing names are walls at rest."""

    type: Literal["flow"]
    density: q.Density
    viscosity: q.Viscosity
    inlets: list[Opening] = Field(default_factory=list)
    outlets: list[Opening] = Field(default_factory=list)
    moving_walls: list[MovingWall] = Field(default_factory=list)
    symmetry: Selector | None = None

    @model_validator(mode="after")
    def _driven(self) -> Flow:
        if not self.inlets and not self.outlets and not self.moving_walls:
            raise refuse("is flow and nothing moves the fluid: give inlets and outlets, or moving_walls")
        if bool(self.inlets) != bool(self.outlets):
            given, missing = ("inlets", "outlets") if self.inlets else ("outlets", "inlets")
            raise refuse(f"has {given} and no {missing}; fluid that comes in must leave")
        return self


Analysis = Annotated[
    Static | Modal | Buckling | ThermalSteady | ThermalTransient | Harmonic | Fatigue | Flow,
    Field(discriminator="type"),
]


class Mesh(Strict):
    """How finely the part is cut; left out, the budgets decide."""

    size: q.PositiveLength | None = None
    order: int = Field(2, ge=1, le=4)
    levels: int | None = Field(None, ge=1, le=6)
    max_dofs: int = Field(120_000, ge=1_000, le=5_000_000)
    error: q.PositiveNumber = 0.03
    budget: q.Time = 20.0


GIVEN_BY: dict[str, tuple[str, ...]] = {
    "safety_factor": ("static",),
    "von_mises": ("static",),
    "displacement": ("static",),
    "frequency": ("modal",),
    "buckling_factor": ("buckling",),
    "temperature": ("thermal", "thermal_transient"),
    "response": ("harmonic",),
    "fatigue_safety_factor": ("fatigue",),
    "fatigue_life": ("fatigue",),
    "pressure_drop": ("flow",),
    "wall_force": ("flow",),
    "wall_torque": ("flow",),
}


# Quantities that an analysis reads at a point; an analysis that isn't named reads none.
PROBED: dict[str, tuple[str, ...]] = {
    "static": tuple(name for name, unit in PROBE_UNITS.items() if unit in ("mpa", "mm")),
    "thermal": ("temperature",),
    "thermal_transient": ("temperature",),
    "flow": ("pressure", "velocity"),
    "harmonic": ("von_mises", "displacement"),
}


class StudyFile(Strict):
    """One study."""

    title: str
    model: str
    analysis: Analysis
    material: Material | None = None
    materials: list[BodyMaterial] | None = None
    bodies: list[int] | None = None
    contact: Literal["bonded"] | None = None
    supports: list[Support] = Field(default_factory=list)
    loads: list[Load] = Field(default_factory=list)
    heat: HeatField | None = None
    results: list[Result] = Field(default_factory=list)
    mesh: Mesh = Mesh()
    ignore_near_supports: q.PositiveLength | None = None
    ignore_near_sharp_edges: q.PositiveLength | None = None
    notes: str = ""

    @model_validator(mode="after")
    def _fits(self) -> StudyFile:
        kind = self.analysis.type
        if kind == "flow" and (self.material or self.materials):
            raise refuse("is flow: the fluid is analysis.density and analysis.viscosity; take material out")
        if kind != "flow" and (self.material is None) == (self.materials is None):
            raise refuse("needs either 'material' for the whole part or 'materials' by body")
        shaken = isinstance(self.analysis, Harmonic) and self.analysis.shake is not None
        if isinstance(self.analysis, Harmonic) and not self.loads and not shaken:
            raise refuse("excites nothing: give loads (amplitudes), or analysis.shake")
        mechanical = kind in ("static", "buckling", "harmonic", "fatigue")
        if mechanical and not self.supports:
            raise refuse(f"has no supports, which a {kind} study needs: say which faces are held, and how")
        if kind.startswith("thermal") and self.heat is None:
            raise refuse(f"has no heat, which a {kind} study needs: give heat: {{conditions: [...]}}")
        if self.heat is not None and kind != "thermal_transient":
            for number, item in enumerate(self.heat.conditions):
                if getattr(item, "history", None) is not None:
                    raise refuse(f"gives heat.conditions[{number}] a history, which only thermal_transient reads")
        if self.heat is None:
            each = [self.material, *(item.material for item in self.materials or ())]
            for material in each:
                if isinstance(material, LibraryMaterial) and material.by_temperature:
                    raise refuse("has no heat: by_temperature has no effect there; take it out")
        if kind.startswith("thermal") and (self.supports or self.loads):
            raise refuse(f"is {kind}: supports and loads have no effect there; take them out, or use type: static")
        if kind in ("modal", "flow") and self.loads:
            raise refuse(f"is {kind}: loads have no effect there; take them out")
        if kind == "flow" and self.supports:
            raise refuse("is flow: supports have no effect there; walls are the faces left over")
        for load in self.loads:
            if isinstance(load, Heated) and self.heat is not None:
                raise refuse("gives both heat and a load of type temperature: one temperature field is enough")
            constant = isinstance(load, BoltPreload | Heated)
            steady = kind == "harmonic" and isinstance(load, Gravity | AccelerationLoad | Centrifugal)
            if steady or (constant and kind in ("harmonic", "fatigue")):
                raise refuse(f"swings a load of type {load.type}, which a {kind} study can't; leave it out")
        for place, asked in enumerate(self.results):
            if isinstance(asked, PressureDrop) and isinstance(self.analysis, Flow) and not self.analysis.inlets:
                raise refuse(f"asks for results[{place}] pressure_drop, which a flow without inlets doesn't have")
            if isinstance(asked, Probe) and asked.quantity not in PROBED.get(kind, ()):
                known = ", ".join(PROBED.get(kind, ()))
                has = f"its probes read {known}" if known else "it has no probes; " + ", ".join(PROBED) + " studies do"
                raise refuse(
                    f"asks for results[{place}] probe of {asked.quantity}, which a {kind} study doesn't give: {has}"
                )
            given_by = GIVEN_BY.get(asked.type, (kind,))
            if kind not in given_by:
                words = " or ".join(given_by)
                raise refuse(f"asks for results[{place}] {asked.type}, which {words} studies give; this one is {kind}")
            if (
                isinstance(asked, FrequencyResult)
                and isinstance(self.analysis, Modal)
                and asked.mode > self.analysis.modes
            ):
                raise refuse(
                    f"asks for results[{place}] mode {asked.mode} and finds {self.analysis.modes}: raise analysis.modes"
                )
        return self


__all__ = [
    "AccelerationLoad",
    "Analysis",
    "Block",
    "BodyMaterial",
    "BodyStart",
    "BoltPreload",
    "Buckling",
    "BucklingFactor",
    "Centrifugal",
    "Convection",
    "Directed",
    "Displacement",
    "Fatigue",
    "FatigueLife",
    "FatigueSafety",
    "Flow",
    "FluxOnFaces",
    "ForceLoad",
    "FrequencyResult",
    "Gravity",
    "Harmonic",
    "HeatCondition",
    "HeatField",
    "HeatOnFaces",
    "HeatSource",
    "Heated",
    "HeldTemperature",
    "InlineMaterial",
    "LibraryMaterial",
    "Limits",
    "Load",
    "Marin",
    "Material",
    "Mesh",
    "Modal",
    "MomentLoad",
    "MovingWall",
    "Opening",
    "Orthotropic",
    "PatchForce",
    "PressureDrop",
    "PressureLoad",
    "Probe",
    "Radiation",
    "RemoteForce",
    "Response",
    "Result",
    "Rotation",
    "SafetyFactor",
    "Shake",
    "SnCurve",
    "Static",
    "Strict",
    "StudyFile",
    "Support",
    "TemperatureResult",
    "ThermalSteady",
    "ThermalTransient",
    "Timed",
    "VonMises",
    "WallForce",
    "WallTorque",
]
