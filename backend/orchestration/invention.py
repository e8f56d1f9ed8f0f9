"""The node that has a language model propose a part which no family describes: one round each time it runs.

Each round is a step of its own: a run that is cut off goes on after the last round that was finished, and pays for none
twice.
"""

from __future__ import annotations

from typing import Any

from backend.errors import BrickError
from backend.orchestration.state import RunState, changed
from backend.orchestration.steps import consult, ended, stage, tell
from backend.schema import AgentReport, Scheme


def wanted(state: RunState, reading: AgentReport) -> bool:
    """Whether the words speak of no part that a family describes, and a language model may be asked."""
    unknown = (reading.error or {}).get("code") == "not_understood"
    open_ = [question["id"] for question in reading.data.get("questions", ())]
    if not unknown and "family" not in open_:
        return False
    from backend.llm import choose

    return choose(state["run"].get("llm"))[0].name != "offline"


def begun(state: RunState) -> dict[str, Any]:
    """The update that hands the brief on to a language model."""
    from backend.agents.inventor_agent import begin

    return {
        "run": changed(state["run"], invention=begin()),
        "_said": "Read the brief: no family describes this part, a language model is asked",
    }


@stage("invent")
async def invent_node(state: RunState) -> dict[str, Any]:
    """One round: the brief read, or a program written, compiled and measured."""
    from backend.agents.inventor_agent import best_program
    from backend.config.settings import get_settings

    run = state["run"]
    report = await consult(
        "InventorAgent",
        {
            "brief": state["core"]["user_intent"],
            "answers": run["answers"],
            "llm": run["llm"],
            "invention": run["invention"],
            "spent": run["spent"],
            "max_cost_usd": run.get("max_cost_usd"),
        },
    )
    spent = report.data["spent"]
    if report.status == "error":
        former = best_program(run["invention"] or {"rounds": []})
        if former is None:
            told = ended(state, report, "invent", exit_code=_exit_code(report))
            return {**told, "run": changed(told["run"], spent=spent)}
        return _settled(state, run["invention"] or {}, former, spent, note=report.summary)
    invention = report.data["invention"]
    intent = invention["intent"]
    for question in intent["questions"]:
        tell("question", agent=report.agent, stage="invent", text=question["text"], data=question)
    update: dict[str, Any] = {
        "run": changed(run, invention=invention, spent=spent),
        "design": changed(state["design"], intent=intent, questions=intent["questions"]),
        "_said": report.summary,
    }
    rounds = len(invention["rounds"])
    if invention["stage"] == "done":
        return {**update, **_settled(state, invention, invention["rounds"][-1], spent)}
    if rounds < get_settings().llm_max_rounds:
        return update
    best = best_program(invention)
    if best is None:
        failure = BrickError(
            f"the language model proposed {rounds} programs, and none compiles: {invention['rounds'][-1]['outcome']}",
            next_action="Say it more simply, use another model, or allow more rounds (BRICK_LLM_MAX_ROUNDS).",
            code="llm_no_program",
        )
        failed = AgentReport(agent=report.agent, status="error", summary=failure.message, error=failure.as_dict())
        told = ended(state, failed, "invent", exit_code=1)
        return {**update, "core": told["core"], "run": changed(told["run"], invention=invention, spent=spent)}
    return {**update, **_settled(state, invention, best, spent, note=f"after {rounds} rounds: {best['outcome']}")}


def _exit_code(report: AgentReport) -> int:
    code = (report.error or {}).get("code", "")
    return {"llm_budget": 1, "llm_denied": 2, "llm_refused": 2, "llm_not_set_up": 2, "llm_offline": 2}.get(code, 3)


def _settled(
    state: RunState, invention: dict[str, Any], chosen: dict[str, Any], spent: list[dict[str, Any]], note: str = ""
) -> dict[str, Any]:
    """The update that takes a program as the one to build."""
    from backend.design.open_part import open_part
    from backend.schema import Intent

    who = f"{spent[-1]['provider']} {spent[-1]['model']}" if spent else "a language model"
    rounds = len(invention["rounds"])
    words = f"program proposed by {who} in {rounds} round{'' if rounds == 1 else 's'}"
    intent = Intent.model_validate(invention["intent"])
    story = [f"{number}: {item['outcome']}" for number, item in enumerate(invention["rounds"], start=1)]
    trace = (words, *story, *([note] if note else []))
    scheme: Scheme = open_part().size(intent).model_copy(update={"trace": trace})
    return {
        "run": changed(
            state["run"],
            invention=invention,
            spent=spent,
            program={
                "code": chosen["kcl"],
                "intent": invention["intent"],
                "origin": "proposed",
                "family": "open_part",
                "scheme": scheme.model_dump(mode="json"),
                "note": words,
            },
        ),
        "design": changed(state["design"], intent=invention["intent"], questions=[]),
        "_said": f"{invention.get('title') or 'Part'}: {words}" + (f" ({note})" if note else ""),
    }
