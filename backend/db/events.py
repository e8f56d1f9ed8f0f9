"""The log of events: every event of every project, in order, for replay after a reconnect or a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from backend.db.tables import events

AT_ONCE = 200  # projects in one query: databases limit the depth of an expression


class SqlEventLog:
    """An :class:`backend.events.EventLog` in the database."""

    def __init__(self, engine: Engine, taken: type[Exception]) -> None:
        self.engine, self.taken = engine, taken

    def append(self, *told: dict[str, Any], along: Callable[[Connection], bool] | None = None) -> bool:
        """Store events of one project, and what ``along`` writes on the connection that it is given: all or nothing.

        False, with nothing stored, where ``along`` returns False. Raises ``taken`` (the bus's word for it) where the
        number of an event is not new in its project.
        """
        rows = [{"project_id": event["project_id"], "seq": event["seq"], "body": event} for event in told]
        with self.engine.begin() as db:
            if along is not None and not along(db):
                db.rollback()
                return False
            try:
                db.execute(sa.insert(events), rows)
            except sa.exc.IntegrityError as problem:
                raise self.taken(f"event {rows[0]['seq']} of project {rows[0]['project_id']}") from problem
        return True

    def read(self, project_id: str, since: int, limit: int) -> list[dict[str, Any]]:
        """Events of a project with ``seq > since``, in order, at most ``limit``."""
        query = (
            sa.select(events.c.body)
            .where(events.c.project_id == project_id, events.c.seq > since)
            .order_by(events.c.seq)
            .limit(limit)
        )
        with self.engine.connect() as db:
            return list(db.scalars(query))

    def read_all(self, since: Mapping[str, int], limit: int) -> list[dict[str, Any]]:
        """Events of several projects, each after its own number, by project in order; at most ``limit``."""
        found: list[dict[str, Any]] = []
        wanted = list(since.items())
        with self.engine.connect() as db:
            for begin in range(0, len(wanted), AT_ONCE):
                newer = [
                    sa.and_(events.c.project_id == project_id, events.c.seq > last)
                    for project_id, last in wanted[begin : begin + AT_ONCE]
                ]
                query = sa.select(events.c.body).where(sa.or_(*newer)).order_by(events.c.project_id, events.c.seq)
                found += db.scalars(query.limit(limit - len(found)))
        return found

    def last_seq(self, project_id: str) -> int:
        """The highest number of a project; 0 where it has no event."""
        query = sa.select(sa.func.max(events.c.seq)).where(events.c.project_id == project_id)
        with self.engine.connect() as db:
            return int(db.scalar(query) or 0)
