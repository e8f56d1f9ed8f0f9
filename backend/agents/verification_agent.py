"""The verdict: every requirement held against the evidence."""

from __future__ import annotations

from typing import Any

from backend.agents.base import BaseAgent
from backend.schema import Check, Requirement, Sense, Status, VerificationReport


def verify(requirements: list[Requirement], checks: list[Check]) -> VerificationReport:
    """Pass only where every required check ran and passed.

    A requirement is held by the checks that name it. One without any check gets a check of its own that says "not
    verified". A check that failed makes the whole fail, required or not; one that could not be done makes it "not
    verified" where a requirement hangs on it. A check that names no requirement and was not done is only reported.
    """
    checks = list(checks)
    held = {check.requirement_id for check in checks if check.requirement_id}
    for requirement in requirements:
        if requirement.id not in held:
            checks.append(
                Check(
                    id=f"requirement_{requirement.id}",
                    title=requirement.statement,
                    status=Status.NOT_VERIFIED,
                    requirement_id=requirement.id,
                    method="",
                    reason="nothing here checks this requirement",
                )
            )
    failed = [check for check in checks if check.status is Status.FAIL]
    open_ = [check for check in checks if check.status is Status.NOT_VERIFIED and check.requirement_id]
    status = Status.FAIL if failed else Status.NOT_VERIFIED if open_ or not checks else Status.PASS
    return VerificationReport(
        status=status,
        checks=tuple(checks),
        summary=_summary(status, checks, failed, open_),
        failed=tuple(check.id for check in failed),
        not_verified=tuple(check.id for check in checks if check.status is Status.NOT_VERIFIED),
    )


def _summary(status: Status, checks: list[Check], failed: list[Check], open_: list[Check]) -> str:
    if not checks:
        return "Nothing was checked."
    passed = sum(check.status is Status.PASS for check in checks)
    if status is Status.PASS:
        # What proves the drawing (no requirement hangs on it) or must be equal has no margin worth telling.
        told = [c for c in checks if c.margin is not None and c.requirement_id and c.sense is not Sense.EQUAL]
        tightest = min(told, key=lambda c: c.margin or 0.0, default=None)
        words = ""
        if tightest:
            spare = 100 * (tightest.margin or 0)
            words = f"; the tightest requirement is {tightest.title} with {spare:.1f} % to spare"
        return f"All {passed} checks passed{words}."
    if status is Status.FAIL:
        return f"{len(failed)} of {len(checks)} checks failed: {'; '.join(c.title for c in failed)}."
    return f"{passed} of {len(checks)} checks passed; not verified: {'; '.join(c.title for c in open_)}."


class VerificationAgent(BaseAgent):
    """Gives the verdict."""

    stage = "verify"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``requirements`` and ``checks``; returns ``verification`` (a VerificationReport)."""
        report = verify(
            [Requirement.model_validate(item) for item in params.get("requirements") or ()],
            [Check.model_validate(item) for item in params.get("checks") or ()],
        )
        self.think(report.summary, status=report.status.value)
        status = {Status.PASS: "success", Status.FAIL: "failure", Status.NOT_VERIFIED: "not_verified"}[report.status]
        return {
            "status": status,
            "summary": report.summary,
            "verification": report.model_dump(mode="json"),
        }
