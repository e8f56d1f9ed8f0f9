"""The contract of a part family: words -> scheme -> KCL -> study -> checks.

A family is ``family.yaml`` (data) plus a subclass of :class:`Family`. Everything here is pure: no file is written, no
solver is started.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backend.design import checking
from backend.design.materialdata import properties_of
from backend.design.tracing import traced
from backend.errors import DesignError
from backend.schema import (
    Assumption,
    Check,
    CompiledModel,
    Intent,
    LoadCase,
    Origin,
    Quantity,
    Question,
    Requirement,
    Scheme,
    Sense,
    Status,
)

if TYPE_CHECKING:
    from backend.design.spec import FamilySpec

STANDARD_GRAVITY_M_S2 = 9.80665
MOST_SPREAD = 0.15  # of a value: the largest uncertainty that a correction makes up for


class Family(ABC):
    """One part family. ``spec`` is the content of its ``family.yaml``.

    ``stress_checks`` are the ids of the closed-form checks whose stress a finite-element round corrects.
    """

    stress_checks: frozenset[str] = frozenset()

    def __init__(self, spec: FamilySpec) -> None:
        self.spec = spec

    @property
    def id(self) -> str:
        """The folder's name, e.g. "l_bracket"."""
        return self.spec.id

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.spec.title

    # --- reading ----------------------------------------------------------------------------------------------

    def contradictions(self, parameters: Mapping[str, Quantity], choices: Mapping[str, str]) -> list[Question]:
        """What the given numbers make impossible, as questions. None by default."""
        return []

    def infer(
        self, parameters: Mapping[str, Quantity], choices: Mapping[str, str], material: str | None
    ) -> list[tuple[str, str, str]]:
        """Choices that follow from what was given: (choice, option, reason), each listed as an assumption.

        Of its own it says only that a material which is printed but not milled makes a printed part.
        """
        from backend.materials import get_material

        process = self.spec.choices.get("process")
        if material is None or process is None or "fdm" not in process.options:
            return []
        made = get_material(material)
        if "fdm" in made.processes and "cnc" not in made.processes:
            return [("process", "fdm", f"{made.name} is printed, not milled")]
        return []

    # --- designing --------------------------------------------------------------------------------------------

    @abstractmethod
    def size(self, intent: Intent, corrections: dict[str, float] | None = None) -> Scheme:
        """The scheme of least mass that holds the closed-form checks. Raises DesignError where none does."""

    @abstractmethod
    def kcl(self, scheme: Scheme) -> str:
        """The part as a KCL program, formatted, in the unit that the user thinks in."""

    @abstractmethod
    def study(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> dict[str, Any] | None:
        """The finite-element study (see backend.physics.fem.static), None where there is nothing to solve."""

    def closed_form_checks(self, scheme: Scheme, intent: Intent) -> list[Check]:
        """The closed-form checks as the sizing left them, and one for each other thing that the brief asks for."""
        answered = {check.requirement_id for check in scheme.checks if check.requirement_id}
        return [*scheme.checks, *traced(scheme, intent, answered | self.fe_limits(intent))]

    def fe_limits(self, intent: Intent) -> set[str]:
        """Ids of the limits that the finite elements answer."""
        return {r.id for r in intent.limits if r.kind == "stress"} if intent.loads else set()

    def fe_checks(self, scheme: Scheme, intent: Intent, fem_result: dict[str, Any]) -> list[Check]:
        """The requirements held against the finite-element result, at the material's yield in service."""
        found = properties_of(self.material_of(intent), part_temperature(scheme), scheme.choices.get("process"))
        return self.standard_fe_checks(scheme, intent, fem_result, found.yield_mpa)

    @abstractmethod
    def geometry_checks(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> list[Check]:
        """Proof that the compiled solid is the one that was meant: volume, box, holes."""

    @abstractmethod
    def manufacturing_checks(self, scheme: Scheme, intent: Intent) -> list[Check]:
        """Limits of the process against the scheme."""

    @abstractmethod
    def components(self, scheme: Scheme) -> list[dict[str, Any]]:
        """The lines of the bill of materials: made parts first, bought parts after."""

    # --- shared -----------------------------------------------------------------------------------------------

    def requirements(self, scheme: Scheme, intent: Intent) -> list[Requirement]:
        """Everything that the design must satisfy: the brief's words, then what the family itself demands."""
        mechanical = any(load.kind != "heat" for load in intent.loads)
        sized = [checking.safety_requirement(intent)] if mechanical else []
        own = {r.id for r in (*intent.requirements, *intent.limits)}
        return [*intent.requirements, *intent.limits, *(r for r in sized if r.id not in own)]

    def correct(self, scheme: Scheme, checks: Sequence[Check]) -> dict[str, float] | None:
        """Corrections for another round where the finite-element stress is higher than the sizing thought.

        A check whose uncertainty spans its limit counts too, at the bad end of its band (of which at most
        :data:`MOST_SPREAD` is made up for: a wider one is the mesh's fault, and a thicker part is no cure for it).
        Returns the factors for :meth:`size`, or None where nothing failed that a thicker part would mend.
        """
        factors = dict(scheme.corrections)
        changed = False
        for check in checks:
            if check.status is Status.PASS or not check.value or check.limit is None:
                continue
            spread = min(check.uncertainty or 0.0, MOST_SPREAD * check.value)
            if check.id == "fe_safety_factor":
                # what the closed forms said at the same sizes, the factors of earlier rounds included
                said = min(
                    (c.value for c in scheme.checks if c.id in self.stress_checks and c.value), default=check.limit
                )
                factors["stress_factor"] = factors.get("stress_factor", 1.0) * max(
                    1.02 * said / (check.value - spread), 1.02
                )
                changed = True
            elif check.id == "fe_deflection":
                said = next((c.value for c in scheme.checks if c.id == "deflection" and c.value), check.limit)
                factors["deflection_factor"] = factors.get("deflection_factor", 1.0) * max(
                    1.02 * (check.value + spread) / said, 1.02
                )
                changed = True
        return factors if changed else None

    def force(self, intent: Intent) -> LoadCase | None:
        """The first force of the brief."""
        return next((load for load in intent.loads if load.kind == "force"), None)

    def load(self, intent: Intent, kind: str) -> LoadCase | None:
        """The first load of that kind."""
        return next((load for load in intent.loads if load.kind == kind), None)

    def standard_fe_checks(self, scheme: Scheme, intent: Intent, fem: dict[str, Any], yield_mpa: float) -> list[Check]:
        """Safety factor, convergence, reaction balance and (where limited) deflection from a study's result."""
        required = intent.safety_factor.value if intent.safety_factor else 1.0
        von_mises = fem["von_mises_mpa"]
        stress, error = float(von_mises["value"]), float(von_mises.get("error") or 0.0)
        evidence = ("fem/structural.json#von_mises_mpa",)
        factor = yield_mpa / stress if stress > 0 else float("inf")
        out = [
            checking.compare(
                "fe_safety_factor",
                "Safety factor against yield, finite elements",
                factor,
                "",
                required,
                Sense.AT_LEAST,
                method=f"{fem.get('solver', 'finite elements')}: linear elastic, {len(fem.get('levels', []))} meshes; "
                f"{von_mises.get('excluded') or 'no zone left out'}",
                evidence=evidence,
                requirement_id="safety_factor",
                uncertainty=factor * error / stress if stress > 0 else None,
                reason=f"von Mises {stress:.1f} MPa (± {error:.1f}) against yield {yield_mpa:.0f} MPa",
            )
        ]
        if not von_mises.get("converged", True):
            out.append(
                checking.not_verified(
                    "fe_convergence",
                    "Mesh convergence of the stress",
                    f"the stress may still be off by {error / stress:.0%}, and 5 % count as converged; the safety "
                    "factor above is held with that whole band"
                    if stress > 0
                    else "the part bears no stress to converge",
                    method=f"{len(fem.get('levels', []))} meshes",
                )
            )
        reactions = fem.get("reactions") or {}
        if "imbalance_rel" in reactions:
            out.append(
                checking.compare(
                    "fe_balance",
                    "Reactions balance the loads",
                    float(reactions["imbalance_rel"]),
                    "",
                    0.01,
                    Sense.AT_MOST,
                    method="sum of support reactions against applied loads",
                    evidence=("fem/structural.json#reactions",),
                )
            )
        stress_limit = checking.limit_of(intent, "stress")
        if stress_limit is not None and stress_limit.quantity is not None:
            out.append(
                checking.compare(
                    "fe_stress",
                    "Largest von Mises stress, finite elements",
                    stress,
                    "MPa",
                    stress_limit.quantity.value,
                    Sense.AT_MOST,
                    method="linear elastic finite elements",
                    evidence=evidence,
                    requirement_id=stress_limit.id,
                    uncertainty=error,
                )
            )
        limit = checking.limit_of(intent, "deflection")
        moved = fem.get("displacement_mm") or {}
        if "value" in moved:
            value = float(moved["value"])
            if limit is not None and limit.quantity is not None:
                out.append(
                    checking.compare(
                        "fe_deflection",
                        "Largest displacement, finite elements",
                        value,
                        "mm",
                        limit.quantity.value,
                        Sense.AT_MOST,
                        method="linear elastic finite elements",
                        evidence=("fem/structural.json#displacement_mm",),
                        requirement_id=limit.id,
                    )
                )
            else:
                out.append(
                    Check(
                        id="fe_deflection",
                        title="Largest displacement, finite elements",
                        value=value,
                        unit="mm",
                        status=Status.NOT_VERIFIED,
                        method="linear elastic finite elements",
                        evidence=("fem/structural.json#displacement_mm",),
                        reason="the brief sets no limit; shown for information",
                    )
                )
        return out

    def material_of(self, intent: Intent) -> Any:
        """The material object; DesignError where the intent names none."""
        if intent.material is None:
            raise DesignError("the brief names no material", next_action="Name one, e.g. 'aluminium 6061-T6'.")
        from backend.materials import get_material

        return get_material(intent.material)


def part_temperature(scheme: Scheme) -> float:
    """Temperature of the part in °C at which its strength counts: where heat inside brings it, else the service's."""
    p = scheme.parameters
    return p.get("part_temperature", p["service_temperature"]).value


def need(parameters: Mapping[str, Quantity], name: str, family: str) -> float:
    """The value of a parameter that sizing can't do without. Raises DesignError naming it."""
    if name not in parameters:
        raise DesignError(
            f"{family}: the parameter {name!r} is not known",
            next_action=f"Say {name.replace('_', ' ')} in the brief, or answer the question with the id {name!r}.",
            code="missing_parameter",
        )
    return parameters[name].value


def assumed(value: float, unit: str, given: str | None = None) -> Quantity:
    """A quantity that the family assumed."""
    return Quantity(value=value, unit=unit, origin=Origin.ASSUMPTION, given=given)


def sized(value: float, unit: str, given: str | None = None) -> Quantity:
    """A quantity that the sizing chose."""
    return Quantity(value=value, unit=unit, origin=Origin.SIZED, given=given)


def assume(id_: str, text: str, reason: str, quantity: Quantity | None = None) -> Assumption:
    """A listed assumption."""
    return Assumption(id=id_, text=text, reason=reason, quantity=quantity)
