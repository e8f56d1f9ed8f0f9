"""Starting, approving and stopping designs."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from backend.api.body import Body
from backend.api.services import Services, Use
from backend.schema import AgentState

router = APIRouter(prefix="/api/orchestrator", tags=["orchestrator"])

Row = dict[str, Any]


class RunRequest(Body):
    """What to design: a brief, or the ``session_id`` of a conversation that settled one.

    A project that exists goes on from where it is: with new answers, or with its approval.
    """

    user_intent: str | None = Field(None, max_length=20_000)
    session_id: str | None = None
    project_id: str | None = None
    mode: Literal["plan", "execute"] = "execute"
    answers: dict[str, str] = Field(default_factory=dict)
    approval: Literal["approved", "rejected"] | None = None
    reason: str | None = Field(None, max_length=2000)  # why it was rejected
    approve_release: bool = False  # ask again before anything is handed over
    depth: Literal["full", "fast"] = "full"  # fast: no finite elements, no pictures
    llm: str | None = Field(None, max_length=200)  # a provider, or provider:model
    max_cost_usd: float | None = Field(None, gt=0)
    max_time_s: float | None = Field(None, gt=0)
    wait: bool = True
    timeout_s: float = Field(300.0, gt=0, le=3600)


class ProjectRequest(Body):
    """Names a project."""

    project_id: str


class SteerRequest(ProjectRequest):
    """What to say to it."""

    message: str = Field(max_length=20_000)


class RetryRequest(ProjectRequest):
    """Which stage; the one that failed by default."""

    stage: str | None = None
    wait: bool = True
    timeout_s: float = Field(300.0, gt=0, le=3600)


@router.post("/run")
async def run(request: RunRequest, services: Use, response: Response) -> dict[str, Any]:
    """Run a design.

    With ``wait`` (the default) the answer comes when the run has ended or waits for a person, at the latest after
    ``timeout_s``; else at once, with status 202. The run goes on whether or not anyone waits.
    """
    brief, answers = request.user_intent, request.answers
    conversation: Row | None = None
    if request.session_id is not None and brief is None:
        brief, settled, conversation = await services.conversation.settled(request.session_id)
        answers = {**settled, **answers}
    started = await services.projects.start(
        brief,
        project_id=request.project_id,
        mode=request.mode,
        answers=answers,
        only_answers=request.session_id is not None,
        approval=f"rejected: {request.reason}"
        if request.approval == "rejected" and request.reason
        else request.approval,
        depth=request.depth,
        llm=request.llm,
        max_cost_usd=request.max_cost_usd,
        max_time_s=request.max_time_s,
        approve_release=request.approve_release,
        conversation=conversation,
    )
    over = request.wait and await services.projects.wait(started["id"], request.timeout_s)
    if not over:
        response.status_code = 202
    return await overview(services, started["project_id"])


@router.post("/cancel")
async def cancel(request: ProjectRequest, services: Use) -> dict[str, Any]:
    """Stop the project's run; its solvers are ended too."""
    await services.projects.cancel(request.project_id)
    return await overview(services, request.project_id)


@router.post("/pause")
async def pause(request: ProjectRequest, services: Use) -> dict[str, Any]:
    """Stop before the next node; the one in flight is finished."""
    await services.steering.pause(request.project_id)
    return await overview(services, request.project_id)


@router.post("/resume")
async def resume(request: ProjectRequest, services: Use) -> dict[str, Any]:
    """Go on after a pause."""
    await services.steering.resume(request.project_id)
    return await overview(services, request.project_id)


@router.post("/steer")
async def steer(request: SteerRequest, services: Use) -> dict[str, Any]:
    """Say something to a project; it is taken in at the next node, where the run is paused when it is resumed."""
    await services.steering.steer(request.project_id, request.message)
    return await overview(services, request.project_id)


@router.post("/retry")
async def retry(request: RetryRequest, services: Use, response: Response) -> dict[str, Any]:
    """Do one stage of the last run again, by default the one that failed, and what follows it."""
    run = await services.steering.retry(request.project_id, request.stage)
    if not (request.wait and await services.projects.wait(run["id"], request.timeout_s)):
        response.status_code = 202
    return await overview(services, request.project_id)


async def overview(services: Services, project_id: str) -> dict[str, Any]:
    """The project in short: status, verdict, model, predictions, questions."""
    state, latest = await services.projects.view(project_id)
    return {**brief_view(state), "project_id": project_id, **run_view(latest)}


def run_view(latest: Row | None) -> dict[str, Any]:
    """The latest run of a project in short."""
    if latest is None:
        return {"run_id": None, "status": "new", "error": None}
    return {"run_id": latest["id"], "status": latest["status"], "error": latest["error"]}


def brief_view(state: AgentState) -> dict[str, Any]:
    """What a page shows first."""
    verdict = state["validation"]["verification_report"]
    artifacts = state["geometry"]["artifacts"]
    model_id = state["geometry"]["model_id"] or None
    return {
        "model_id": model_id,
        "model_url": f"/api/geometry/model/{model_id}" if model_id else None,
        "verdict": verdict.get("status"),
        "summary": verdict.get("summary", ""),
        "checks": verdict.get("checks", []),
        "questions": state["design"]["questions"],
        "physics_predictions": state["physics"]["predictions"],
        "validation_flags": state["validation"]["flags"],
        "approval_required": state["approval_required"],
        "release": state["manufacturing"].get("release") or None,
        "quality_review": state["validation"]["quality_review_report"] or None,
        "files": artifacts,
        "final_documentation": f"/api/artifacts/{artifacts['report']}" if model_id and "report" in artifacts else None,
        "errors": state["core"]["errors"],
    }
