"""Runs that build a given KCL program: edited by a person, or proposed by a language model.

The nodes are the same as for a family's part; what differs is where the intent and the program come from. A program is
``{"code", "intent", "origin": "edited" | "proposed", "scheme" (of the family that it was edited from), "note"}``.
"""

from __future__ import annotations

from typing import Any

from backend.orchestration.state import RunState, changed
from backend.orchestration.steps import consult
from backend.schema import Intent, Scheme

WORDS = {"edited": "the program as it was edited", "proposed": "the program that a language model proposed"}


def gathered(state: RunState) -> dict[str, Any]:
    """The update of the gather node: the intent that came with the program."""
    program = state["run"]["program"] or {}
    intent = Intent.model_validate(program["intent"]).model_dump(mode="json")
    said = f"Took in {WORDS.get(str(program.get('origin')), 'a program')}"
    return {
        "core": changed(state["core"], messages=[*state["core"]["messages"], program.get("note") or said]),
        "design": changed(
            state["design"],
            intent=intent,
            questions=[],
            constraints={"limits": intent["limits"], "safety_factor": intent["safety_factor"]},
            design_parameters={},
        ),
        "_said": said,
    }


async def planned(state: RunState) -> dict[str, Any]:
    """The update of the plan node: a scheme without sizes of its own, and what is asked of the part."""
    from backend.design import get_family
    from backend.design.open_part import OPEN_PART

    program = state["run"]["program"] or {}
    intent = Intent.model_validate(state["design"]["intent"])
    family = get_family(str(program.get("family") or OPEN_PART))
    base = program.get("scheme")
    scheme = (
        Scheme.model_validate(base).model_copy(update={"family": family.id, "checks": (), "mass_g": None, "free": ()})
        if base
        else family.size(intent)
    )
    plan = await consult(
        "PlannerAgent", {"intent": state["design"]["intent"], "scheme": scheme.model_dump(mode="json")}
    )
    return {
        "design": changed(state["design"], design_scheme=scheme.model_dump(mode="json"), design_parameters={}),
        "geometry": changed(state["geometry"], kcl_code=program["code"]),
        "manufacturing": changed(state["manufacturing"], components={"parts": family.components(scheme)}),
        "validation": changed(state["validation"], flags={"reasons": []}, verification_report={}),
        "run": changed(
            state["run"],
            checks={},
            requirements=[r.model_dump(mode="json") for r in family.requirements(scheme, intent)],
            plan=plan.data.get("plan", {}),
        ),
        "approval_required": state["core"]["execution_mode"] == "plan" and state["user_approval"] is None,
        "_said": f"{family.title}: the shape is the program's, nothing was sized",
    }
