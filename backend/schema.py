"""The typed objects that travel through the house, and the nested state that holds them.

Every value that a person could ask about carries its unit, its origin and, where known, its uncertainty. The objects
are immutable; a step that changes one returns a new one. :class:`AgentState` is plain JSON data (``model_dump(mode=
"json")`` of these objects), so that it can be checkpointed, compared and written to ``design.json`` as it is.

Numbers travel in the field's working units: mm, mm2, mm3, N, N*mm, MPa, g, kg/m3, degC, W, s. The unit is written on
the value all the same.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1


class Frozen(BaseModel):
    """Base of all immutable records; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(StrEnum):
    """Where a value comes from."""

    BRIEF = "brief"
    ANSWER = "answer"
    ASSUMPTION = "assumption"
    MATERIAL = "material"
    STANDARD = "standard"
    SIZED = "sized"
    COMPUTED = "computed"
    MEASURED = "measured"


class Span(Frozen):
    """A piece of the brief: ``brief[start:end] == text``."""

    start: int
    end: int
    text: str


class Quantity(Frozen):
    """A value with unit, origin and uncertainty.

    ``value`` is in ``unit``, one of the working units. ``given`` is how the user wrote it ("6 in"), for showing it
    back. ``uncertainty_rel`` is a relative standard uncertainty, None where it is not known.
    """

    value: float
    unit: str
    origin: Origin
    given: str | None = None
    span: Span | None = None
    source: str | None = None
    uncertainty_rel: float | None = None


class Assumption(Frozen):
    """Something the brief didn't say, and what was taken instead."""

    id: str
    text: str
    reason: str
    quantity: Quantity | None = None


class Question(Frozen):
    """Something that must be known before the design can go on."""

    id: str
    text: str
    reason: str
    options: tuple[str, ...] = ()
    example: str = ""
    default: str | None = None


class Sense(StrEnum):
    """How a value is compared with its limit."""

    AT_MOST = "<="
    AT_LEAST = ">="
    EQUAL = "=="


class Requirement(Frozen):
    """One thing that the design must satisfy, traced to the words that asked for it."""

    id: str
    kind: str  # "safety_factor", "dimension", "material", "mass", "deflection", "temperature", "manufacture", ...
    statement: str
    origin: Origin
    span: Span | None = None
    quantity: Quantity | None = None
    sense: Sense | None = None


class LoadCase(Frozen):
    """A load read from the brief.

    kind: "force" (value N; ``position`` = where it acts, e.g. the distance from the wall), "pressure" (MPa),
    "acceleration" (m/s^2), "heat" (W). ``direction`` is a word of the family ("down", "normal", "+x").
    """

    id: str
    kind: Literal["force", "pressure", "acceleration", "heat"]
    magnitude: Quantity
    direction: str = "down"
    position: Quantity | None = None
    target: str | None = None
    span: Span | None = None


class Intent(Frozen):
    """What was read from the words: nothing here is invented without being listed as an assumption."""

    brief: str
    family: str | None = None
    parameters: dict[str, Quantity] = Field(default_factory=dict)
    choices: dict[str, str] = Field(default_factory=dict)  # named options, e.g. {"process": "fdm", "edges": "clamped"}
    material: str | None = None  # id in backend.materials
    material_span: Span | None = None
    loads: tuple[LoadCase, ...] = ()
    safety_factor: Quantity | None = None
    limits: tuple[Requirement, ...] = ()  # e.g. mass at most 1 kg, deflection at most 2 mm
    requirements: tuple[Requirement, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    questions: tuple[Question, ...] = ()
    unread: tuple[Span, ...] = ()  # words or numbers that were not understood
    length_unit: Literal["mm", "in"] = "mm"  # the unit that the user thinks in


class Status(StrEnum):
    """Outcome of a check. What was not checked is never 'pass'."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_VERIFIED = "not verified"


class Check(Frozen):
    """One computed value held against its limit.

    ``margin`` is relative: (limit - value)/limit for '<=', (value - limit)/limit for '>='; positive is good.
    ``evidence`` names artefacts or equations ("fem/structural.json#von_mises", "structures.cantilever_stress").
    """

    id: str
    title: str
    status: Status
    value: float | None = None
    unit: str = ""
    limit: float | None = None
    sense: Sense | None = None
    margin: float | None = None
    uncertainty: float | None = None  # absolute, in ``unit``
    method: str = ""
    evidence: tuple[str, ...] = ()
    requirement_id: str | None = None
    reason: str = ""


class Scheme(Frozen):
    """A sized design: every parameter has a value; the free ones were chosen by the sizing.

    ``parameters`` hold lengths in mm. ``checks`` are the closed-form checks at the chosen values, ``trace`` the story
    of the sizing (what governed, iterations, the optimiser used).
    """

    family: str
    material: str
    parameters: dict[str, Quantity]
    choices: dict[str, str] = Field(default_factory=dict)
    free: tuple[str, ...] = ()
    mass_g: Quantity | None = None
    checks: tuple[Check, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    governing: str = ""
    trace: tuple[str, ...] = ()
    corrections: dict[str, float] = Field(default_factory=dict)  # e.g. {"stress_factor": 1.18} from an FE round


class NamedFace(Frozen):
    """A face that the KCL author named. ``face_index`` counts faces of the BREP file in file order, from 0."""

    name: str
    text: str = ""
    face_index: int
    solid_index: int = 0
    surface: str = ""  # plane, cylinder, cone, sphere, torus, bspline, other
    area_mm2: float
    centroid_mm: tuple[float, float, float]
    normal: tuple[float, float, float] | None = None
    radius_mm: float | None = None


class BoundingBox(Frozen):
    """Exact axis-aligned bounding box, mm."""

    min: tuple[float, float, float]
    max: tuple[float, float, float]


class Body(Frozen):
    """One solid of a compiled model."""

    index: int
    name: str = ""
    volume_mm3: float
    area_mm2: float
    center_of_mass_mm: tuple[float, float, float]
    bounding_box_mm: BoundingBox
    valid: bool


class CompiledModel(Frozen):
    """What the engine made of a KCL program. ``files`` maps a kind (brep, step, glb, stl) to a path."""

    volume_mm3: float
    area_mm2: float
    center_of_mass_mm: tuple[float, float, float]
    bounding_box_mm: BoundingBox
    solids: int
    valid: bool
    bodies: tuple[Body, ...] = ()
    named_faces: tuple[NamedFace, ...] = ()
    files: dict[str, str] = Field(default_factory=dict)
    timings_s: dict[str, float] = Field(default_factory=dict)
    diagnostics: tuple[str, ...] = ()

    def faces(self, name: str) -> list[int]:
        """Indices of the faces that carry the name; empty where there are none."""
        return [face.face_index for face in self.named_faces if face.name == name]


class AgentReport(Frozen):
    """What an agent hands back: a failed one is a report, not an exception."""

    agent: str
    status: Literal["success", "failure", "error", "not_verified"]
    summary: str = ""
    checks: tuple[Check, ...] = ()
    data: dict[str, Any] = Field(default_factory=dict)
    error: dict[str, Any] | None = None
    elapsed_s: float = 0.0


class VerificationReport(Frozen):
    """The verdict: 'pass' only where every required check ran and passed."""

    status: Status
    checks: tuple[Check, ...]
    summary: str = ""
    failed: tuple[str, ...] = ()
    not_verified: tuple[str, ...] = ()


# --- the nested state -------------------------------------------------------------------------------------------


class CoreState(TypedDict):
    """Identity and flow of the run.

    ``conversation``: what was said before it, ``messages`` ({role, text}) and ``trace`` (for each requirement the
    number of the message that asked for it); empty where it began with a brief alone.
    """

    project_id: str
    user_intent: str
    conversation: dict[str, Any]
    messages: list[str]
    errors: list[str]
    iteration_count: int
    execution_mode: str


class DesignState(TypedDict):
    """Intent, requirements and the sized scheme."""

    constraints: dict[str, Any]
    design_parameters: dict[str, Any]
    design_scheme: dict[str, Any]
    environment: dict[str, Any]
    intent: dict[str, Any]
    questions: list[dict[str, Any]]


class GeometryState(TypedDict):
    """The program and what the engine made of it; blobs are references (kind -> artefact id or path)."""

    kcl_code: str
    gltf_data: str
    geometry_tree: list[dict[str, Any]]
    mass_properties: dict[str, Any]
    model_id: str
    compiled: dict[str, Any]
    artifacts: dict[str, str]


class PhysicsState(TypedDict):
    """Predictions and the reports of the physics agents."""

    predictions: dict[str, float]
    thermal_analysis: dict[str, Any]
    structural_analysis: dict[str, Any]
    fluid_analysis: dict[str, Any]
    sub_agent_reports: dict[str, Any]
    material_props: dict[str, Any]


class ValidationState(TypedDict):
    """Flags with reasons, the verdict, and the review."""

    flags: dict[str, Any]
    verification_report: dict[str, Any]
    quality_review_report: dict[str, Any]


class ManufacturingState(TypedDict):
    """Components, bill of materials, plan, G-code reference; the release that was asked for, by content hashes."""

    components: dict[str, Any]
    bom_analysis: dict[str, Any]
    manufacturing_plan: dict[str, Any]
    gcode: str
    release: dict[str, Any]


class AgentState(TypedDict):
    """The whole state of a project, nested by concern. JSON data only."""

    core: CoreState
    design: DesignState
    geometry: GeometryState
    physics: PhysicsState
    validation: ValidationState
    manufacturing: ManufacturingState
    user_approval: str | None
    approval_required: bool
    schema_version: int


class StateMigrator:
    """Brings any earlier form of the state (flat, or nested with gaps) to the present one."""

    # section -> {field: (key in the flat form, default)}
    _FIELDS: dict[str, dict[str, tuple[str, Any]]] = {  # noqa: RUF012
        "core": {
            "project_id": ("project_id", ""),
            "user_intent": ("user_intent", ""),
            "conversation": ("conversation", {}),
            "messages": ("messages", []),
            "errors": ("errors", []),
            "iteration_count": ("iteration_count", 0),
            "execution_mode": ("execution_mode", "plan"),
        },
        "design": {
            "constraints": ("constraints", {}),
            "design_parameters": ("design_parameters", {}),
            "design_scheme": ("design_scheme", {}),
            "environment": ("environment", {}),
            "intent": ("intent", {}),
            "questions": ("questions", []),
        },
        "geometry": {
            "kcl_code": ("kcl_code", ""),
            "gltf_data": ("gltf_data", ""),
            "geometry_tree": ("geometry_tree", []),
            "mass_properties": ("mass_properties", {}),
            "model_id": ("model_id", ""),
            "compiled": ("compiled", {}),
            "artifacts": ("artifacts", {}),
        },
        "physics": {
            "predictions": ("physics_predictions", {}),
            "thermal_analysis": ("thermal_analysis", {}),
            "structural_analysis": ("structural_analysis", {}),
            "fluid_analysis": ("fluid_analysis", {}),
            "sub_agent_reports": ("sub_agent_reports", {}),
            "material_props": ("material_props", {}),
        },
        "validation": {
            "flags": ("validation_flags", {}),
            "verification_report": ("verification_report", {}),
            "quality_review_report": ("quality_review_report", {}),
        },
        "manufacturing": {
            "components": ("components", {}),
            "bom_analysis": ("bom_analysis", {}),
            "manufacturing_plan": ("manufacturing_plan", {}),
            "gcode": ("gcode", ""),
            "release": ("release", {}),
        },
    }

    @classmethod
    def migrate(cls, old_state: dict[str, Any]) -> AgentState:
        """A complete, fresh state from a flat or nested one. The input is left as it is; nothing is shared with it."""
        from copy import deepcopy

        new: dict[str, Any] = {}
        for section, fields in cls._FIELDS.items():
            nested = old_state.get(section)
            nested = nested if isinstance(nested, dict) else {}
            new[section] = {
                name: deepcopy(nested[name] if name in nested else old_state.get(flat, default))
                for name, (flat, default) in fields.items()
            }
        new["user_approval"] = old_state.get("user_approval")
        new["approval_required"] = bool(old_state.get("approval_required", False))
        new["schema_version"] = SCHEMA_VERSION
        return new  # type: ignore[return-value]


def new_state(project_id: str, user_intent: str, *, execution_mode: str = "execute") -> AgentState:
    """An empty state for a new project."""
    return StateMigrator.migrate(
        {"project_id": project_id, "user_intent": user_intent, "execution_mode": execution_mode}
    )
