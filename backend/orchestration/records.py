"""What is written down of a run together with the events that tell it: both, or neither, whenever the process ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backend.db.controls import ControlStore
from backend.events import Along, EventBus

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend.db import ProjectStore

Row = dict[str, Any]


class Records:
    """Writes the ends, pauses and corrections of runs."""

    def __init__(self, store: ProjectStore, controls: ControlStore, bus: EventBus) -> None:
        self.store, self.controls, self.bus = store, controls, bus

    def end(self, run: Row, status: str, text: str, *, error: Row | None = None, kind: str = "done") -> bool:
        """How a run ended, or that it waits; False where it was cancelled before, and somebody said so."""
        told = {"kind": kind, "text": text, "data": {"run_id": run["id"]}}
        return self._told(run, [told], lambda db: self.store.end_run(run["id"], status, error, db=db))

    def fail(self, run: Row, error: Row) -> bool:
        """That a run failed by an error that no stage has told; False where it was cancelled before."""
        told = [
            {"kind": "error", "text": error["message"], "data": error},
            {"kind": "done", "text": "failed", "data": {"run_id": run["id"]}},
        ]
        return self._told(run, told, lambda db: self.store.end_run(run["id"], "failed", error, db=db))

    def pause(self, run: Row, stage: str, asked: Sequence[int]) -> bool:
        """That a run is paused before ``stage``, as the controls ``asked`` wanted; False where it was cancelled."""

        def write(db: Connection) -> bool:
            self.controls.taken(asked, db=db)
            return self.store.end_run(run["id"], "paused", db=db)

        told = {"kind": "status", "stage": stage, "text": "paused", "data": {"run_id": run["id"]}}
        return self._told(run, [told], write)

    def take_in(self, run: Row, request: Row | None, messages: Sequence[int], told: Sequence[Row]) -> bool:
        """What came of messages: the corrected request, None where they change nothing, and what is told of each.

        False where another server has taken them in: a wish like "2 mm thicker" must not be granted twice.
        """

        def write(db: Connection) -> bool:
            if not self.controls.taken(messages, db=db):
                return False
            if request is not None:
                words, answers = request["brief"], request["answers"]
                self.store.put_project(run["project_id"], brief=words, answers=answers, db=db)
                self.store.restart_run(run["id"], request, db=db)
            return True

        return self._told(run, told, write)

    def _told(self, run: Row, told: Sequence[Row], write: Along) -> bool:
        return bool(self.bus.publish_with(run["project_id"], told, write))
