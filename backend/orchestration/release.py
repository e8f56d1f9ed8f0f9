"""Release: a person's word before anything is handed over, bound by content hashes to the revision that was seen.

Asked only where a run was started with ``approve_release``. What was approved is named by the SHA-256 of each part of
it; the nodes that hand over refuse anything else.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

from backend.artifacts import sha256_file
from backend.orchestration.state import RunState, changed
from backend.orchestration.steps import stage
from backend.schema import AgentReport, Status

_TOLD = 6  # titles that a question names
YES = ("approved", "approve", "yes", "ok")


def sha256_json(value: Any) -> str:
    """SHA-256 of a JSON value in canonical form (sorted keys, no spaces)."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def content_hashes(state: RunState) -> dict[str, str]:
    """SHA-256 of each thing that a release covers: program, model files, scheme, requirements and verdict."""
    compiled = state["geometry"]["compiled"]
    return {
        "kcl_code": hashlib.sha256(state["geometry"]["kcl_code"].encode()).hexdigest(),
        **{f"model.{kind}": sha256_file(path) for kind, path in sorted(compiled.get("files", {}).items())},
        "scheme": sha256_json(state["design"]["design_scheme"]),
        "requirements": sha256_json(state["run"]["requirements"]),
        "verdict": sha256_json(state["validation"]["verification_report"]),
    }


def wanted(state: RunState) -> bool:
    """Whether a person must release the design before it is handed over."""
    return bool(state["run"].get("approve_release"))


def altered(state: RunState) -> list[str]:
    """What differs from the approved release; empty where nothing does, or where no release was asked for."""
    if not wanted(state):
        return []
    release = state["manufacturing"].get("release") or {}
    if release.get("status") != "approved":
        return ["approval"]
    now, then = content_hashes(state), release["hashes"]
    return sorted(name for name in {*now, *then} if now.get(name) != then.get(name) or not now.get(name))


def refusal(names: list[str]) -> AgentReport:
    """The report that ends a run whose design is not the one that was approved."""
    error: dict[str, Any] = {
        "code": "release_changed",
        "message": f"what would be handed over is not what was approved: {', '.join(names)} differ",
        "next_action": "Run the design again and release what it shows then.",
        "details": {"changed": names},
    }
    return AgentReport(agent="ManufacturingAgent", status="error", summary=error["message"], error=error)


def is_yes(answer: str) -> bool:
    """Whether a person's answer approves."""
    return answer.strip().lower() in YES


def _look_at(state: RunState) -> tuple[dict[str, str], dict[str, str]]:
    """The hashes, and the files that a person may look at before the release: the model and its program."""
    files = {kind: path for kind, path in state["geometry"]["compiled"].get("files", {}).items() if Path(path).exists()}
    work = state["run"]["work_dir"]
    if work and state["geometry"]["kcl_code"]:
        program = Path(work) / "model.kcl"
        program.write_text(state["geometry"]["kcl_code"], encoding="utf-8")
        files["kcl"] = str(program)
    return content_hashes(state), files


def question(verdict: dict[str, Any]) -> str:
    """What a person is asked, with the state of the proof in plain words: a release may be of an unproven design."""
    status, checks = verdict.get("status"), verdict.get("checks") or ()
    if status == Status.PASS.value:
        return "Every check passed. Release it?"
    wanting = [check for check in checks if check["status"] == status]
    if status == Status.NOT_VERIFIED.value:
        wanting = [check for check in wanting if check["requirement_id"]]
        held = len({check["requirement_id"] for check in wanting})
        told = f"Not verified: {held} requirement{'' if held == 1 else 's'}"
    else:
        told = f"Failed: {len(wanting)} check{'' if len(wanting) == 1 else 's'}"
    titles = list(dict.fromkeys(str(check["title"]) for check in wanting))
    more = f" and {len(titles) - _TOLD} more" if len(titles) > _TOLD else ""
    return f"{told} ({'; '.join(titles[:_TOLD])}{more}). Release anyway?" if titles else "Not verified. Release anyway?"


@stage("release")
async def release_node(state: RunState) -> dict[str, Any]:
    """Fixes what is to be released, by content, and leaves the state waiting for a person."""
    hashes, files = await asyncio.to_thread(_look_at, state)
    verdict = state["validation"]["verification_report"]
    release = {
        "status": "waiting",
        "digest": sha256_json(hashes),
        "hashes": hashes,
        "verdict": verdict.get("status"),
        "summary": verdict.get("summary", ""),
        "question": question(verdict),
        "mass_g": state["geometry"]["mass_properties"].get("mass_g"),
        "reason": "",
    }
    return {
        "manufacturing": changed(state["manufacturing"], release=release),
        "run": changed(state["run"], files=files),
        "user_approval": None,
        "approval_required": True,
        "_said": f"{release['question']} Content {release['digest'][:12]}",
    }


async def approve_release_node(state: RunState) -> dict[str, Any]:
    """Waits for a person, for days if need be. Nothing is handed over before the answer, nor after a refusal."""
    from langgraph.types import interrupt

    release = state["manufacturing"]["release"]
    answer = str(interrupt({"kind": "approval", "stage": "release", "release": release})).strip()
    approved = is_yes(answer)
    reason = "" if approved else answer.partition(":")[2].strip() or "no reason was given"
    status = "approved" if approved else "rejected"
    message = f"release: {status}" + (f": {reason}" if reason else "")
    return {
        "user_approval": status,
        "approval_required": False,
        "manufacturing": changed(state["manufacturing"], release={**release, "status": status, "reason": reason}),
        "core": changed(state["core"], messages=[*state["core"]["messages"], message]),
        # The dossier names its own files; what was looked at stays only where nothing is handed over.
        "run": changed(state["run"], files={} if approved else state["run"]["files"]),
    }
