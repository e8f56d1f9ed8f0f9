"""What a run is to those who drive, steer and show it: its row, its thread of checkpoints, how it may end."""

from __future__ import annotations

from typing import Any

from backend.errors import BrickError

ENDED = ("done", "failed", "cancelled", "rejected", "questions")

Row = dict[str, Any]


def longer(conversation: Row | None, said: list[Row]) -> Row:
    """A conversation with further messages; the requirements that these made are not traced."""
    before = conversation or {"messages": [], "trace": []}
    return {**before, "messages": [*before["messages"], *said]}


def thread_of(run: Row) -> str:
    """The thread of checkpoints that a run follows: its own, or that of the run which it tries again."""
    return str(run["request"].get("thread") or run["id"])


def anew(run_id: str, request: Row, thread: str) -> Row:
    """The request of a run that begins anew with other words: on a thread of its own, so that no checkpoint of the
    former words can be gone on with; ``thread`` is left, and cleared away at the run's end.
    """
    left = [*request.get("left", ()), thread]
    kept = {key: value for key, value in request.items() if key not in ("again", "again_from")}
    return {**kept, "thread": f"{run_id}.{len(left)}", "left": left}


class OutOfTime(BrickError):
    """A run has worked for as long as it was allowed to."""

    code = "time_budget"
    exit_code = 1

    def __init__(self, limit_s: float) -> None:
        super().__init__(
            f"the run has worked for the {limit_s:g} s that it was allowed",
            next_action="Allow more (max_time_s), or ask for less: depth 'fast' leaves the finite elements out.",
        )
