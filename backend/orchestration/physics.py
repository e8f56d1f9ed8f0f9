"""What the physics node asks, and how the answers about the surroundings meet the checks that stood open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.agent_registry import registry
from backend.design.surroundings import UNNAMED
from backend.orchestration.state import RunState
from backend.orchestration.steps import consult
from backend.schema import AgentReport, Status

# Keys of the state's constraints that members of the physics agent understand.
_GIVEN = ("netlist", "node_limits", "plant", "controller")


async def ask_physics(state: RunState) -> tuple[dict[str, AgentReport], dict[str, Any]]:
    """The report of each member by its short name, and the surroundings that the environment agent found.

    Where the physics agent itself fails, each of its members is reported with its error.
    """
    from backend.agents.physics_agent import MEMBERS

    design = state["design"]
    scheme, intent = design["design_scheme"], design["intent"]
    report = await consult(
        "PhysicsAgent",
        {
            "scheme": scheme,
            "intent": intent,
            "compiled": state["geometry"]["compiled"],
            "work_dir": state["run"]["work_dir"],
            "depth": state["run"].get("depth", "full"),
            "material": scheme.get("material") or intent.get("material"),
            "components": state["manufacturing"]["components"],
            "environment": design["environment"],
            "guests": registry.joining("physics"),
            **{key: design["constraints"][key] for key in _GIVEN if key in design["constraints"]},
        },
        consult=consult,
    )
    found = report.data.get("reports")
    if found is None:
        names = (*MEMBERS, "environment")
        return {name: report.model_copy(update={"data": {}, "checks": ()}) for name in names}, {}
    reports = {name: AgentReport.model_validate(item) for name, item in found.items()}
    return reports, dict(report.data.get("surroundings", {}))


# Checks of the families that cool a part in still air, and where that doesn't hold.
_IN_AIR = ("wall_temperature", "inside_temperature", "inside_softening", "surface_temperature")


def where_air_is(checks: list[dict[str, Any]], surroundings: dict[str, Any]) -> list[dict[str, Any]]:
    """The checks as they stand at the place: what was cooled by air that isn't there is not verified."""
    if surroundings.get("convection") not in ("none", "weak"):
        return checks
    reason = f"computed for still air, and there is next to none around the part ({surroundings.get('place')})"
    return [
        {**check, "status": Status.NOT_VERIFIED.value, "value": None, "margin": None, "reason": reason}
        if check["id"] in _IN_AIR and check["value"] is not None
        else check
        for check in checks
    ]


def without_answered(checks: list[dict[str, Any]], reports: Iterable[AgentReport]) -> list[dict[str, Any]]:
    """The checks without those that only said that nobody looks at a requirement which an agent has now looked at.

    A "corrosion" of the families that stands open because no surroundings are named goes where a check names them.
    """
    found = [check for report in reports for check in report.checks if check.requirement_id]
    answered = {check.requirement_id for check in found}
    named = any(check.id.startswith(("galvanic", "fluid")) for check in found)
    return [
        check
        for check in checks
        if not (named and check["id"] == "corrosion" and check.get("reason", UNNAMED) == UNNAMED)
        and not (
            check["status"] == Status.NOT_VERIFIED
            and check["value"] is None
            and check["id"] == check["requirement_id"]
            and check["requirement_id"] in answered
        )
    ]
