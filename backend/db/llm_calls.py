"""What calls of language models took, written down as soon as each is answered: a process that is killed loses none."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from backend.db.tables import llm_calls

Row = dict[str, Any]


class CallLedger:
    """A :class:`backend.llm.accounts.Ledger` of one run, or of one conversation, in the database.

    ``thread`` names it: the thread of checkpoints of a run, so that a run that tries another one again goes on with its
    account.
    """

    def __init__(self, engine: Engine, thread: str, clock: Callable[[], float] = time.time) -> None:
        self.engine, self.thread, self.clock = engine, thread, clock

    def note(self, call: Row) -> None:
        """Write a call down by its ``id``, in place of what was known of it. Each call has one writer."""
        with self.engine.begin() as db:
            known = sa.update(llm_calls).where(llm_calls.c.id == call["id"])
            if db.execute(known.values(body=call)).rowcount == 0:
                row = {"id": call["id"], "thread": self.thread, "body": call, "created_at": self.clock()}
                db.execute(sa.insert(llm_calls).values(**row))

    def calls(self) -> list[Row]:
        """All calls, oldest first."""
        query = sa.select(llm_calls.c.body).where(llm_calls.c.thread == self.thread)
        with self.engine.connect() as db:
            return list(db.scalars(query.order_by(llm_calls.c.created_at, llm_calls.c.id)))
