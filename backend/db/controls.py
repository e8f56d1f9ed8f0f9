"""What a person wants of a run that is going, kept until the run has taken it in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from backend.db.tables import controls, writing

Row = dict[str, Any]


class ControlStore:
    """Pauses and messages by run, oldest first. Several servers may write and read them."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self.engine, self.clock = engine, clock

    def add(self, run_id: str, kind: str, text: str = "") -> None:
        """Ask something of a run: ``kind`` is "pause" or "message"."""
        row = {"run_id": run_id, "kind": kind, "text": text, "created_at": self.clock()}
        with self.engine.begin() as db:
            db.execute(sa.insert(controls).values(**row))

    def pending(self, run_id: str) -> list[Row]:
        """What was asked of a run and not yet taken in."""
        query = (
            sa.select(controls)
            .where(controls.c.run_id == run_id, controls.c.taken_at.is_(None))
            .order_by(controls.c.id)
        )
        with self.engine.connect() as db:
            return [dict(found._mapping) for found in db.execute(query)]

    def taken(self, ids: Iterable[int], *, db: Connection | None = None) -> bool:
        """Note that these were taken in; False where some were already."""
        wanted = list(ids)
        pending = sa.update(controls).where(controls.c.id.in_(wanted), controls.c.taken_at.is_(None))
        with writing(self.engine, db) as own:
            return bool(own.execute(pending.values(taken_at=self.clock())).rowcount == len(wanted))
