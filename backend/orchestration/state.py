"""The state of a run: the project's AgentState, and beside it what only the run needs to know."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, Literal, TypedDict, cast

from backend.errors import InputError
from backend.schema import AgentState, StateMigrator

PROJECT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
Mode = Literal["plan", "execute"]
Depth = Literal["full", "fast"]


class RunNotes(TypedDict):
    """What steers the run and is no part of the design.

    ``corrections`` are the factors of the present round; ``history`` the story of the rounds so far; ``error`` what
    ended the run early, as {code, message, next_action, details}; ``exit_code`` that error's. ``depth`` "fast" leaves
    the finite elements and the pictures out; ``program`` is a KCL program to build instead of a family's (see
    :mod:`backend.orchestration.programs`). ``llm`` is the language model provider that was asked for,
    ``invention`` what it proposed so far for a part that no family describes, and ``spent`` its account, held against
    ``max_cost_usd``. ``approve_release`` has a person asked before anything is handed over; ``manifest`` names each
    file of the package by its content as it was written.
    """

    work_dir: str
    out_dir: str | None
    answers: dict[str, str]
    corrections: dict[str, float]
    max_repair_rounds: int
    checks: dict[str, list[dict[str, Any]]]
    requirements: list[dict[str, Any]]
    plan: dict[str, Any]
    history: list[dict[str, Any]]
    files: dict[str, str]
    error: dict[str, Any] | None
    exit_code: int
    depth: Depth
    program: dict[str, Any] | None
    llm: str | None
    invention: dict[str, Any] | None
    spent: list[dict[str, Any]]
    max_cost_usd: float | None
    approve_release: bool
    manifest: dict[str, dict[str, Any]]


class RunState(AgentState):
    """What the graph carries from node to node. JSON data only: it is checkpointed after every node."""

    run: RunNotes


def begin(
    project_id: str,
    brief: str,
    *,
    mode: str,
    work_dir: str,
    out_dir: str | None,
    answers: dict[str, str],
    max_repair_rounds: int,
    depth: Depth = "full",
    program: dict[str, Any] | None = None,
    llm: str | None = None,
    max_cost_usd: float | None = None,
    approve_release: bool = False,
    spent: list[dict[str, Any]] | None = None,
    conversation: dict[str, Any] | None = None,
) -> RunState:
    """The state before the first node. ``spent`` is what a run that begins anew has cost already, ``conversation`` what
    was said before it."""
    state = cast(
        RunState,
        StateMigrator.migrate(
            {
                "project_id": project_id,
                "user_intent": brief,
                "execution_mode": mode,
                "conversation": conversation or {},
            }
        ),
    )
    state["run"] = {
        "work_dir": work_dir,
        "out_dir": out_dir,
        "answers": dict(answers),
        "corrections": {},
        "max_repair_rounds": max_repair_rounds,
        "checks": {},
        "requirements": [],
        "plan": {},
        "history": [],
        "files": {},
        "error": None,
        "exit_code": 0,
        "depth": depth,
        "program": program,
        "llm": llm,
        "invention": None,
        "spent": list(spent or []),
        "max_cost_usd": max_cost_usd,
        "approve_release": approve_release,
        "manifest": {},
    }
    return state


def project_name(identity: str) -> str:
    """The id, where it can be one of a project. Raises InputError."""
    if not PROJECT_ID.fullmatch(identity):
        raise InputError(
            f"{identity[:60]!r} can't be the id of a project",
            next_action="Use letters, digits and _ . - (at most 128), or leave it out.",
        )
    return identity


def changed(section: Any, **fields: Any) -> Any:
    """A copy of a section of the state with some fields replaced; the original is left as it is."""
    kept = {name: fields[name] if name in fields else deepcopy(value) for name, value in dict(section).items()}
    return {**kept, **fields}


def project_state(state: RunState) -> AgentState:
    """The part of a run's state that belongs to the project."""
    return StateMigrator.migrate(cast(dict[str, Any], state))
