"""The last node: the finished package is held against the brief and against itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from backend.orchestration.release import wanted
from backend.orchestration.state import RunState, changed
from backend.orchestration.steps import consult, stage, tell
from backend.schema import AgentReport, Check, Status


def _objection(report: AgentReport, review: dict[str, Any]) -> Check | None:
    """What the review has against the verdict; None where nothing disagrees. A review that broke down is no pass."""
    if report.status == "error":
        status, reason = Status.NOT_VERIFIED, f"the review could not be done: {report.summary}"
    elif review.get("status") == Status.FAIL:
        status = Status.FAIL
        reason = "; ".join(f"{c['title']}: {c['reason']}" for c in review["checks"] if c["status"] == Status.FAIL)
    else:
        return None
    return Check(
        id="quality_review",
        title="Quality review of the package",
        status=status,
        requirement_id="quality_review",
        method="files, hashes, program and masses compared with the recorded state",
        reason=reason,
    )


def _sources(state: RunState) -> dict[str, str]:
    """SHA-256 of what was to be copied into the package, by kind: of the approved release where there is one."""
    from backend.orchestration.release import content_hashes

    known = state["manufacturing"].get("release") or {}
    hashes = known["hashes"] if wanted(state) and known.get("hashes") else content_hashes(state)
    return {name.removeprefix("model."): found for name, found in hashes.items() if name.startswith("model.") and found}


@stage("quality_review")
async def quality_review_node(state: RunState) -> dict[str, Any]:
    """Reviews what was written; a mismatch takes the verdict back, and is told in the dossier too."""
    from backend.report.review import set_review

    files = state["run"]["files"]
    report = await consult(
        "QualityReviewAgent",
        {
            "state": {key: value for key, value in state.items() if key != "run"},
            "requirements": state["run"]["requirements"],
            "files": files,
            "manifest": state["run"].get("manifest") or {},
            "sources": await asyncio.to_thread(_sources, state),
        },
    )
    review: dict[str, Any] = report.data.get("review") or {
        "status": Status.NOT_VERIFIED.value,
        "checks": [],
        "summary": report.summary,
        "warnings": [],
        "files": {},
    }
    errors: list[str] = [f"{report.agent}: {report.summary}"] if report.status == "error" else []
    if "report" in files:
        try:
            await asyncio.to_thread(set_review, Path(files["report"]), review)
        except (OSError, UnicodeDecodeError) as problem:
            errors.append(f"the quality review could not be written into the dossier: {problem}")
    verification, flags = state["validation"]["verification_report"], state["validation"]["flags"]
    objection = _objection(report, review)
    if objection is not None:
        checks = [*verification.get("checks", []), objection.model_dump(mode="json")]
        verdict = await consult("VerificationAgent", {"requirements": state["run"]["requirements"], "checks": checks})
        verification = verdict.data.get("verification", {**verification, "status": Status.NOT_VERIFIED.value})
        flags = {**flags, "reasons": [*flags.get("reasons", []), f"QUALITY_FAILURE: {objection.reason}"]}
        tell(
            "verdict",
            agent=report.agent,
            stage="quality_review",
            text=verification["summary"],
            data={"status": verification["status"], "failed": verification.get("failed", [])},
        )
    return {
        "core": changed(state["core"], errors=[*state["core"]["errors"], *errors]),
        "validation": changed(
            state["validation"], quality_review_report=review, verification_report=verification, flags=flags
        ),
        "_said": f"Reviewed the package: {review['summary']}",
    }
