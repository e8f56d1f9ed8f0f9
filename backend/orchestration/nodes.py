"""The nodes of the graph: each asks one or more agents and returns what changes in the state, as new objects."""

from __future__ import annotations

import asyncio
from typing import Any

from backend.agents.quality_review_agent import manifest_of
from backend.orchestration import invention, programs, release
from backend.orchestration.state import RunState, changed
from backend.orchestration.steps import consult, ended, stage, tell
from backend.schema import AgentReport, Check, Scheme, StateMigrator, Status


def _dumped(report: AgentReport) -> list[dict[str, Any]]:
    return [check.model_dump(mode="json") for check in report.checks]


def _with_checks(state: RunState, source: str, report: AgentReport) -> dict[str, list[dict[str, Any]]]:
    return {**state["run"]["checks"], source: _dumped(report)}


def _flags(state: RunState, **new: Any) -> dict[str, Any]:
    """The flags with some replaced and reasons added: a new dict with a new list, nothing shared with the old."""
    old = state["validation"]["flags"]
    reasons = [*old.get("reasons", []), *new.pop("reasons", [])]
    return {**old, **new, "reasons": reasons}


@stage("gather")
async def gather_node(state: RunState) -> dict[str, Any]:
    """Reads the brief: intent, requirements, assumptions, and the questions it leaves open."""
    if state["run"].get("program"):
        return programs.gathered(state)
    report = await consult(
        "ConversationalAgent", {"brief": state["core"]["user_intent"], "answers": state["run"]["answers"]}
    )
    if invention.wanted(state, report):
        return invention.begun(state)
    if report.status == "error":
        return ended(state, report, "gather", exit_code=3 if (report.error or {}).get("code") == "internal" else 2)
    intent, questions = report.data["intent"], report.data["questions"]
    for question in questions:
        tell("question", agent=report.agent, stage="gather", text=question["text"], data=question)
    return {
        "core": changed(state["core"], messages=[*state["core"]["messages"], report.summary]),
        "design": changed(
            state["design"],
            intent=intent,
            questions=questions,
            constraints={"limits": intent["limits"], "safety_factor": intent["safety_factor"]},
            design_parameters=intent["parameters"],
        ),
        "_said": f"Read the brief: {report.summary.split('. ')[0].removeprefix('Understood: ').rstrip('.')}"
        if not questions
        else f"Read the brief: {len(questions)} open",
    }


@stage("plan")
async def plan_node(state: RunState) -> dict[str, Any]:
    """Sizes the part and says what will be done to build and prove it."""
    if state["run"].get("program"):
        return await programs.planned(state)
    intent = state["design"]["intent"]
    report = await consult("DesignAgent", {"intent": intent, "corrections": state["run"]["corrections"]})
    if report.status == "error":
        infeasible = (report.error or {}).get("code") in ("no_feasible_design", "missing_parameter")
        return ended(state, report, "plan", exit_code=1 if infeasible else 3)
    scheme = report.data["scheme"]
    plan = await consult("PlannerAgent", {"intent": intent, "scheme": scheme})
    return {
        "design": changed(
            state["design"],
            design_scheme=scheme,
            design_parameters=scheme["parameters"],
        ),
        "geometry": changed(state["geometry"], kcl_code=report.data["kcl_code"]),
        "manufacturing": changed(state["manufacturing"], components=report.data["components"]),
        # A new round starts with clean flags: what failed was the former design.
        "validation": changed(state["validation"], flags={"reasons": []}, verification_report={}),
        "run": changed(
            state["run"],
            checks={"sizing": _dumped(report)},
            requirements=report.data["requirements"],
            plan=plan.data.get("plan", {}),
        ),
        "approval_required": state["core"]["execution_mode"] == "plan" and state["user_approval"] is None,
        "_said": report.summary,
    }


async def approve_node(state: RunState) -> dict[str, Any]:
    """In mode ``plan``: waits for a person, for days if need be. Nothing is done before the answer."""
    if state["core"]["execution_mode"] != "plan" or state["user_approval"] is not None:
        return {"approval_required": False}
    from langgraph.types import interrupt

    answer = str(interrupt({"kind": "approval", "stage": "plan", "plan": state["run"]["plan"]}))
    approved = answer.strip().lower() in ("approved", "approve", "yes", "ok")
    return {
        "user_approval": "approved" if approved else "rejected",
        "approval_required": False,
        "core": changed(
            state["core"],
            execution_mode="execute" if approved else "plan",
            messages=[*state["core"]["messages"], f"plan: {answer}"],
        ),
    }


@stage("geometry")
async def geometry_node(state: RunState) -> dict[str, Any]:
    """Compiles the part; a program that doesn't compile ends the run: there is no part to prove."""
    state = _complete(state)
    design, run = state["design"], state["run"]
    report = await consult(
        "GeometryAgent",
        {
            "kcl_code": state["geometry"]["kcl_code"],
            "scheme": design["design_scheme"],
            "intent_data": design["intent"],
            "out_dir": run["work_dir"] or None,
            "density_kg_m3": await _density(design["design_scheme"].get("material")),
        },
        intent=state["core"]["user_intent"],
        environment=design["environment"],
    )
    if report.status in ("error", "not_verified"):
        flags = _flags(state, kcl_syntax_valid=False, reasons=[f"GEOMETRY_FAILURE: {report.summary}"])
        return {**ended(state, report, "geometry"), "validation": changed(state["validation"], flags=flags)}
    data = report.data
    failed = [check for check in report.checks if check.status is Status.FAIL]
    flags = _flags(
        state,
        kcl_syntax_valid=True,
        geometry_as_meant=not failed and data["compiled"]["valid"],
        reasons=[f"GEOMETRY_FAILURE: {check.title}: {check.reason}" for check in failed]
        + ([] if data["compiled"]["valid"] else ["GEOMETRY_FAILURE: the solid is not valid"]),
    )
    return {
        "geometry": changed(
            state["geometry"],
            kcl_code=data["kcl_code"],
            compiled=data["compiled"],
            gltf_data=data["gltf_data"],
            geometry_tree=data["geometry_tree"],
            mass_properties=data["mass_properties"],
            artifacts=dict(data["compiled"]["files"]),
        ),
        "validation": changed(state["validation"], flags=flags),
        "run": changed(run, checks=_with_checks(state, "geometry", report)),
        "_said": f"Built the model: {report.summary}",
    }


async def _density(material: str | None) -> float | None:
    if not material:
        return None
    report = await consult("MaterialAgent", {"material": material})
    density = report.data.get("properties", {}).get("density_kg_m3")
    return float(density["value"]) if density else None


@stage("validate_geometry")
async def validate_geometry_node(state: RunState) -> dict[str, Any]:
    """Checks the mesh that will be printed and shown."""
    report = await consult("ManifoldAgent", {"compiled": state["geometry"]["compiled"]})
    reasons = [f"GEOMETRY_FAILURE: mesh: {report.summary}"] if report.status == "failure" else []
    flags = _flags(state, geometry_manifold=report.status == "success", reasons=reasons)
    return {
        "validation": changed(state["validation"], flags=flags),
        "run": changed(state["run"], checks=_with_checks(state, "manifold", report)),
        "_said": f"Checked the mesh: {report.summary}",
    }


@stage("physics")
async def physics_node(state: RunState) -> dict[str, Any]:
    """
    Executes physics simulation with immutable state updates.

    The physics agent asks its members side by side; each hands back a report, a failed one included. Flags and reasons
    are new objects: the state that came in is left as it is.
    """
    from backend.orchestration.physics import ask_physics, where_air_is, without_answered

    state = _complete(state)
    reports, surroundings = await ask_physics(state)
    material, structural, thermal = (reports[name] for name in ("material", "structural", "thermal"))
    others = [report for name, report in reports.items() if name not in ("material", "structural", "thermal")]
    failures = [
        *_reasons(material, "MATERIAL_FAILURE"),
        *_reasons(structural, "STRUCTURAL_FAILURE"),
        *_reasons(thermal, "THERMAL_FAILURE"),
        *(reason for report in others for reason in _reasons(report, f"{report.agent[:-5].upper()}_FAILURE")),
    ]
    errors = [f"{report.agent}: {report.summary}" for report in reports.values() if report.error]
    fem = structural.data.get("fem") or {}
    predictions = dict(structural.data.get("predictions", {}))
    if "equilibrium_temp_c" in thermal.data:
        predictions["temperature"] = thermal.data["equilibrium_temp_c"]
    mass_g = state["geometry"]["mass_properties"].get("mass_g")
    if mass_g is not None:
        predictions["mass"] = mass_g / 1000.0
        predictions["mass_g"] = mass_g
    return {
        "core": changed(state["core"], errors=[*state["core"]["errors"], *errors]),
        "physics": changed(
            state["physics"],
            predictions=predictions,
            structural_analysis={"status": structural.status, "summary": structural.summary, "fem": fem},
            thermal_analysis={key: value for key, value in thermal.data.items() if key != "checks"},
            fluid_analysis={key: value for key, value in reports["fluids"].data.items() if key != "checks"},
            material_props=material.data,
            sub_agent_reports={
                name: report.model_dump(mode="json", exclude={"data"}) for name, report in reports.items()
            },
        ),
        "design": changed(
            state["design"], environment={**state["design"]["environment"], "surroundings": surroundings}
        ),
        "validation": changed(
            state["validation"], flags=_flags(state, physics_safe=not failures and not errors, reasons=failures)
        ),
        "run": changed(
            state["run"],
            checks={
                **state["run"]["checks"],
                # The structural report holds the closed forms too, as the solid was built: they replace the sizing's.
                "sizing": [],
                "structural": where_air_is(
                    without_answered(_dumped(structural) or state["run"]["checks"].get("sizing", []), others),
                    surroundings,
                )
                + _undone(structural, "safety_factor"),
                "thermal": _dumped(thermal) + _undone(thermal, "temperature"),
                "material": _dumped(material) + _undone(material, "material"),
                "surroundings": [check for report in others for check in _dumped(report)],
            },
        ),
        "_said": "; ".join(
            report.summary
            for report in (structural, thermal, *others)
            if report.data.get("applicable", True) and report.summary
        ),
    }


def _complete(state: Any) -> RunState:
    """A state with all sections and run notes, so that a node can also be called with the bare state of a project."""
    from backend.orchestration.state import begin

    if "run" in state:
        whole: RunState = state
        return whole
    nested = StateMigrator.migrate(state)
    fresh = begin(
        nested["core"]["project_id"],
        nested["core"]["user_intent"],
        mode="execute",
        work_dir="",
        out_dir=None,
        answers={},
        max_repair_rounds=0,
    )
    return {**nested, "run": fresh["run"]}


def _undone(report: AgentReport, requirement_id: str) -> list[dict[str, Any]]:
    """A check "not verified" for a report of an error that brought none itself: what was not done never passes."""
    if report.status != "error" or any(c.status is Status.NOT_VERIFIED and c.requirement_id for c in report.checks):
        return []
    check = Check(
        id=f"{report.agent}_done",
        title=f"{report.agent.removesuffix('Agent')} check",
        status=Status.NOT_VERIFIED,
        requirement_id=requirement_id,
        reason=report.summary,
    )
    return [check.model_dump(mode="json")]


def _reasons(report: AgentReport, word: str) -> list[str]:
    """Why a report means that the design is not safe: each failed check, or the summary of a failure without one."""
    if report.status == "error":
        return []  # not known is not unsafe: it shows as "not verified"
    failed = [f"{word}: {c.title}: {c.reason}" for c in report.checks if c.status is Status.FAIL]
    return failed or ([f"{word}: {report.summary}"] if report.status == "failure" else [])


@stage("verify")
async def verify_node(state: RunState) -> dict[str, Any]:
    """Holds every requirement against the evidence."""
    from backend.orchestration.evidence import as_built_checks

    checks = [check for group in state["run"]["checks"].values() for check in group]
    checks += [check.model_dump(mode="json") for check in as_built_checks(state, checks)]
    report = await consult("VerificationAgent", {"requirements": state["run"]["requirements"], "checks": checks})
    if report.status == "error":
        return ended(state, report, "verify")
    verification = report.data["verification"]
    return {
        "validation": changed(state["validation"], verification_report=verification),
        "core": changed(state["core"], iteration_count=state["core"]["iteration_count"] + 1),
        "_said": verification["summary"],
    }


@stage("repair")
async def repair_node(state: RunState) -> dict[str, Any]:
    """What the family would change, with the reason; the plan is made anew with it."""
    from backend.design import get_family

    scheme = Scheme.model_validate(state["design"]["design_scheme"])
    checks = [Check.model_validate(check) for check in state["validation"]["verification_report"]["checks"]]
    corrections = get_family(scheme.family).correct(scheme, checks) or {}
    failed = [check for check in checks if undecided(check) or check.status is Status.FAIL]
    reason = "; ".join(f"{check.title}: {check.reason or check.status.value}" for check in failed)
    text = f"Round {state['core']['iteration_count'] + 1}, because {reason}"
    tell("thought", agent="DesignAgent", stage="repair", text=text, data={"corrections": corrections})
    return {
        "run": changed(
            state["run"],
            corrections=corrections,
            history=[
                *state["run"]["history"],
                {
                    "round": state["core"]["iteration_count"],
                    "reason": reason,
                    "corrections": corrections,
                    "parameters": {name: q["value"] for name, q in state["design"]["design_parameters"].items()},
                    "mass_g": state["geometry"]["mass_properties"].get("mass_g"),
                    "failed": [check.id for check in failed],
                },
            ],
        ),
        "core": changed(state["core"], messages=[*state["core"]["messages"], text]),
        "_said": text,
    }


def undecided(check: Check) -> bool:
    """Whether a check was computed and its uncertainty spans its limit."""
    return check.status is Status.NOT_VERIFIED and check.value is not None and check.limit is not None


def can_repair(state: RunState) -> bool:
    """Whether another round could mend what failed or stayed undecided: a correction is known, and rounds are left."""
    report = state["validation"]["verification_report"]
    if report.get("status") == Status.PASS or state["core"]["iteration_count"] > state["run"]["max_repair_rounds"]:
        return False
    from backend.design import get_family

    scheme = Scheme.model_validate(state["design"]["design_scheme"])
    checks = [Check.model_validate(check) for check in report["checks"]]
    corrections = get_family(scheme.family).correct(scheme, checks)
    return corrections is not None and corrections != state["run"]["corrections"]


@stage("manufacture")
async def manufacture_node(state: RunState) -> dict[str, Any]:
    """Bill of materials and limits of the process; what fails there is part of the verdict.

    Where a release was asked for, only what was approved goes on: anything else ends the run.
    """
    altered = await asyncio.to_thread(release.altered, state)
    if altered:
        return ended(state, release.refusal(altered), "manufacture", exit_code=1)
    design = state["design"]
    report = await consult(
        "ManufacturingAgent",
        {"scheme": design["design_scheme"], "intent": design["intent"], "compiled": state["geometry"]["compiled"]},
    )
    reasons = [
        f"MANUFACTURING_FAILURE: {check.title}: {check.reason}"
        for check in report.checks
        if check.status is Status.FAIL
    ]
    errors = [f"{report.agent}: {report.summary}"] if report.error else []
    verdict = await consult(
        "VerificationAgent",
        {
            "requirements": state["run"]["requirements"],
            "checks": [*state["validation"]["verification_report"]["checks"], *_dumped(report)],
        },
    )
    verification = verdict.data.get("verification", state["validation"]["verification_report"])
    tell(
        "verdict",
        agent="VerificationAgent",
        stage="verify",
        text=verification["summary"],
        data={"status": verification["status"], "failed": verification["failed"]},
    )
    return {
        "core": changed(state["core"], errors=[*state["core"]["errors"], *errors]),
        "manufacturing": changed(
            state["manufacturing"],
            components=report.data.get("components", state["manufacturing"]["components"]),
            bom_analysis=report.data.get("bom", {}),
            manufacturing_plan=report.data.get("plan", {}),
        ),
        "validation": changed(
            state["validation"],
            flags=_flags(state, manufacturing_feasible=report.status == "success", reasons=reasons),
            verification_report=verification,
        ),
        "run": changed(state["run"], checks=_with_checks(state, "manufacturing", report)),
        "_said": report.summary,
    }


@stage("document")
async def document_node(state: RunState) -> dict[str, Any]:
    """Writes the files that are handed over; a run without a folder for them keeps its results in the state."""
    out_dir = state["run"]["out_dir"] or state["run"]["work_dir"]
    report = await consult(
        "DocumentAgent",
        {
            "state": {k: v for k, v in state.items() if k != "run"},
            "out_dir": out_dir,
            "pictures": state["run"].get("depth") != "fast",
        },
    )
    errors = [f"{report.agent}: {report.summary}"] if report.status != "success" else []
    files = report.data.get("files", {})
    manifest = await asyncio.to_thread(manifest_of, files)
    return {
        "core": changed(
            state["core"],
            errors=[*state["core"]["errors"], *errors],
            messages=[*state["core"]["messages"], state["validation"]["verification_report"]["summary"]],
        ),
        "run": changed(state["run"], files=files, manifest=manifest),
        "_said": report.summary,
    }
