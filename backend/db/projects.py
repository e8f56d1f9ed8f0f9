"""Projects, their runs and their revisions in the database. Plain calls; who is async calls them in a thread."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from backend.db.tables import moves, names, projects, revisions, runs, writing
from backend.errors import ConflictError, NotFoundError

Row = dict[str, Any]

LIVE = ("queued", "running")


def _row(found: Any) -> Row | None:
    return dict(found._mapping) if found is not None else None


class ProjectStore:
    """What lasts about projects. A revision is never changed once it is written."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self.engine, self.clock = engine, clock

    # --- projects ---------------------------------------------------------------------------------------------

    def put_project(
        self, project_id: str, *, brief: str, answers: dict[str, str], db: Connection | None = None
    ) -> None:
        """Make a project, or give it a new brief and answers."""
        now = self.clock()
        with writing(self.engine, db) as own:
            done = own.execute(
                sa.update(projects)
                .where(projects.c.id == project_id)
                .values(brief=brief, answers=answers, updated_at=now)
            )
            if done.rowcount == 0:
                name = " ".join(brief.split())[:80]
                values = {"name": name, "brief": brief, "answers": answers, "created_at": now, "updated_at": now}
                own.execute(sa.insert(projects).values(id=project_id, **values))

    def project(self, project_id: str) -> Row:
        """A project. Raises NotFoundError."""
        with self.engine.connect() as db:
            found = _row(db.execute(sa.select(projects).where(projects.c.id == project_id)).first())
        if found is None:
            raise NotFoundError(
                f"there is no project {project_id!r}",
                next_action="Check the id (./brick log --all lists them), or start one with a brief.",
            )
        return found

    def list_projects(self, limit: int = 100) -> list[Row]:
        """The latest projects, the one changed last first; each with the ``figures`` of the revision that it shows."""
        shown = projects.outerjoin(revisions, revisions.c.id == projects.c.head)
        query = sa.select(projects, revisions.c.figures).select_from(shown)
        query = query.order_by(projects.c.updated_at.desc()).limit(limit)
        with self.engine.connect() as db:
            return [dict(found._mapping) for found in db.execute(query)]

    # --- revisions --------------------------------------------------------------------------------------------

    def add_revision(self, project_id: str, *, state: str, label: str, figures: Row, run_id: str | None = None) -> Row:
        """Add a revision under the project's head and make it the head.

        With ``run_id``, a run that already made its revision gets that one back: ending a run twice adds nothing.
        """
        now = self.clock()
        with self.engine.begin() as db:
            if run_id is not None:
                known = db.scalar(sa.select(runs.c.revision).where(runs.c.id == run_id))
                if known:
                    return self._revision(db, known)
            head = db.scalar(sa.select(projects.c.head).where(projects.c.id == project_id))
            last = db.scalar(sa.select(sa.func.max(revisions.c.number)).where(revisions.c.project_id == project_id))
            row = {
                "id": uuid.uuid4().hex,
                "project_id": project_id,
                "parent": head,
                "number": int(last or 0) + 1,
                "label": label,
                "state": state,
                "figures": figures,
                "created_at": now,
            }
            db.execute(sa.insert(revisions).values(**row))
            db.execute(sa.update(projects).where(projects.c.id == project_id).values(head=row["id"], updated_at=now))
            if run_id is not None:
                db.execute(sa.update(runs).where(runs.c.id == run_id).values(revision=row["id"]))
        return row

    @staticmethod
    def _revision(db: Connection, revision_id: str) -> Row:
        found = _row(db.execute(sa.select(revisions).where(revisions.c.id == revision_id)).first())
        if found is None:
            raise NotFoundError(f"there is no revision {revision_id!r}", next_action="List the project's revisions.")
        return found

    def revision(self, revision_id: str) -> Row:
        """A revision. Raises NotFoundError."""
        with self.engine.connect() as db:
            return self._revision(db, revision_id)

    def list_revisions(self, project_id: str) -> list[Row]:
        """All revisions of a project, oldest first, each with the ``names`` that it was given."""
        query = sa.select(revisions).where(revisions.c.project_id == project_id).order_by(revisions.c.number)
        given = sa.select(names.c.revision, names.c.name).where(names.c.project_id == project_id).order_by(names.c.name)
        with self.engine.connect() as db:
            found = [dict(row._mapping) for row in db.execute(query)]
            by_revision: dict[str, list[str]] = {}
            for revision, name in db.execute(given):
                by_revision.setdefault(revision, []).append(name)
        return [{**row, "names": by_revision.get(row["id"], [])} for row in found]

    def name_revision(self, project_id: str, revision_id: str, name: str) -> None:
        """Give a revision a name. Raises ConflictError where another revision of the project has it."""
        with self.engine.begin() as db:
            mine = sa.and_(names.c.project_id == project_id, names.c.name == name)
            known = db.scalar(sa.select(names.c.revision).where(mine))
            if known == revision_id:
                return
            if known is not None:
                number = db.scalar(sa.select(revisions.c.number).where(revisions.c.id == known))
                raise ConflictError(
                    f"revision {number} of project {project_id!r} is named {name!r} already",
                    next_action="Choose another name, or take it from that revision first.",
                )
            row = {"project_id": project_id, "name": name, "revision": revision_id, "created_at": self.clock()}
            db.execute(sa.insert(names).values(**row))

    def forget_name(self, project_id: str, name: str) -> None:
        """Take a name away. Raises NotFoundError where no revision has it."""
        with self.engine.begin() as db:
            done = db.execute(sa.delete(names).where(names.c.project_id == project_id, names.c.name == name))
        if done.rowcount == 0:
            raise NotFoundError(f"no revision of {project_id!r} is named {name!r}", next_action="List its revisions.")

    def rename_project(self, project_id: str, name: str) -> None:
        """Give a project a name. Raises NotFoundError."""
        with self.engine.begin() as db:
            done = db.execute(
                sa.update(projects).where(projects.c.id == project_id).values(name=name, updated_at=self.clock())
            )
        if done.rowcount == 0:
            raise NotFoundError(f"there is no project {project_id!r}", next_action="Check the id.")

    def left_heads(self, project_id: str, head: str) -> list[str]:
        """The revisions that were shown before ``head`` was moved to, the one left last first."""
        query = (
            sa.select(moves.c.left)
            .where(moves.c.project_id == project_id, moves.c.left.is_not(None))
            .order_by(moves.c.id.desc())
        )
        with self.engine.connect() as db:
            return [left for left in db.scalars(query) if left != head]

    def set_head(self, project_id: str, revision_id: str) -> None:
        """Show another revision of the project (undo, redo, rewind); nothing is lost. Raises NotFoundError."""
        with self.engine.begin() as db:
            found = self._revision(db, revision_id)
            if found["project_id"] != project_id:
                raise NotFoundError(
                    f"revision {revision_id!r} is not one of project {project_id!r}",
                    next_action="List the project's revisions.",
                )
            left = db.scalar(sa.select(projects.c.head).where(projects.c.id == project_id))
            now = self.clock()
            db.execute(sa.insert(moves).values(project_id=project_id, left=left, head=revision_id, at=now))
            db.execute(sa.update(projects).where(projects.c.id == project_id).values(head=revision_id, updated_at=now))

    # --- runs -------------------------------------------------------------------------------------------------

    def add_run(self, project_id: str, *, mode: str, request: Row) -> Row:
        """A new run, queued. ConflictError where one of the project is going, on whichever server."""
        row = {
            "id": f"r-{uuid.uuid4().hex[:16]}",
            "project_id": project_id,
            "status": "queued",
            "mode": mode,
            "request": request,
            "lease_until": 0.0,
            "attempts": 0,
            "step": -2,
            "created_at": self.clock(),
        }
        going = sa.exists().where(runs.c.project_id == project_id, runs.c.status.in_((*LIVE, "paused")))
        names_ = list(row)
        with self.engine.begin() as db:
            # One statement that looks and writes: two servers that start at once can't both find nothing going.
            # PostgreSQL's statements see a snapshot, so there the project is locked first; SQLite has one writer.
            # A clock that was set back must not make the newest run look like an older one.
            last = db.scalar(sa.select(sa.func.max(runs.c.created_at)).where(runs.c.project_id == project_id))
            if last is not None and last >= row["created_at"]:
                row["created_at"] = last + 1e-3
            if self.engine.dialect.name == "postgresql":
                db.execute(sa.select(projects.c.id).where(projects.c.id == project_id).with_for_update())
            values = sa.select(*(sa.literal(row[name], type_=runs.c[name].type) for name in names_)).where(~going)
            db.execute(sa.insert(runs).from_select(names_, values))
            made = db.scalar(sa.select(runs.c.id).where(runs.c.id == row["id"]))  # not every driver counts such rows
        if made is None:
            raise ConflictError(
                f"a run of project {project_id!r} is still going", next_action="Wait for it, or cancel it."
            )
        return row

    def run(self, run_id: str) -> Row:
        """A run. Raises NotFoundError."""
        with self.engine.connect() as db:
            found = _row(db.execute(sa.select(runs).where(runs.c.id == run_id)).first())
        if found is None:
            raise NotFoundError(f"there is no run {run_id!r}", next_action="Check the id.")
        return found

    def latest_run(self, project_id: str) -> Row | None:
        """The project's newest run, or None."""
        query = sa.select(runs).where(runs.c.project_id == project_id).order_by(runs.c.created_at.desc()).limit(1)
        with self.engine.connect() as db:
            return _row(db.execute(query).first())

    def set_request(self, run_id: str, request: Row) -> None:
        """Change what was asked of a run, e.g. by an approval."""
        with self.engine.begin() as db:
            db.execute(sa.update(runs).where(runs.c.id == run_id).values(request=request))

    def restart_run(self, run_id: str, request: Row, *, db: Connection | None = None) -> None:
        """Have a run begin anew with another request: how far it came before doesn't count."""
        with writing(self.engine, db) as own:
            own.execute(sa.update(runs).where(runs.c.id == run_id).values(request=request, step=-2))

    def claim(self, run_id: str, owner: str, lease_s: float) -> bool:
        """Take a run for ``owner``; False where another owner holds it or it has ended."""
        now = self.clock()
        free = sa.or_(runs.c.lease_until <= now, runs.c.owner == owner, runs.c.owner.is_(None))
        with self.engine.begin() as db:
            done = db.execute(
                sa.update(runs)
                .where(runs.c.id == run_id, runs.c.status.in_((*LIVE, "waiting")), free)
                .values(owner=owner, lease_until=now + lease_s, status="running", attempts=runs.c.attempts + 1)
            )
        return bool(done.rowcount == 1)

    def note_step(self, run_id: str, step: int) -> None:
        """Say how far a run has come; where that is further than before, its attempts count from one again."""
        with self.engine.begin() as db:
            db.execute(sa.update(runs).where(runs.c.id == run_id, runs.c.step < step).values(step=step, attempts=1))

    def renew(self, run_id: str, owner: str, lease_s: float) -> bool:
        """Hold a run for longer; False where it was lost or has ended."""
        with self.engine.begin() as db:
            done = db.execute(
                sa.update(runs)
                .where(runs.c.id == run_id, runs.c.owner == owner, runs.c.status == "running")
                .values(lease_until=self.clock() + lease_s)
            )
        return bool(done.rowcount == 1)

    def release(self, run_id: str, owner: str) -> None:
        """Give a run back, still to be done."""
        with self.engine.begin() as db:
            db.execute(
                sa.update(runs)
                .where(runs.c.id == run_id, runs.c.owner == owner, runs.c.status.in_(LIVE))
                .values(owner=None, lease_until=0.0)
            )

    def change_status(self, run_id: str, old: str, new: str) -> bool:
        """Set a run's status where it is still ``old``; False where somebody else was first."""
        with self.engine.begin() as db:
            done = db.execute(
                sa.update(runs).where(runs.c.id == run_id, runs.c.status == old).values(status=new, lease_until=0.0)
            )
        return bool(done.rowcount == 1)

    def end_run(self, run_id: str, status: str, error: Row | None = None, *, db: Connection | None = None) -> bool:
        """Set how a run ended, or that it waits for a person; False where it was cancelled before."""
        finished = None if status in ("waiting", "paused", "queued") else self.clock()
        with writing(self.engine, db) as own:
            done = own.execute(
                sa.update(runs)
                .where(runs.c.id == run_id, runs.c.status != "cancelled")
                .values(status=status, error=error, owner=None, lease_until=0.0, finished_at=finished)
            )
        return bool(done.rowcount == 1)

    def orphans(self, dead: Callable[[str], bool]) -> list[Row]:
        """Runs to be done that nobody does: their lease ran out, or ``dead`` says so of their owner. Oldest first."""
        query = sa.select(runs).where(runs.c.status.in_(LIVE)).order_by(runs.c.created_at)
        now = self.clock()
        with self.engine.connect() as db:
            found = [dict(item._mapping) for item in db.execute(query)]
        return [row for row in found if row["owner"] is None or row["lease_until"] <= now or dead(row["owner"])]

    def take_from_the_dead(self, run_id: str, owner: str) -> None:
        """Free a run whose owner is known to be dead, before its lease runs out."""
        with self.engine.begin() as db:
            db.execute(
                sa.update(runs).where(runs.c.id == run_id, runs.c.owner == owner).values(owner=None, lease_until=0.0)
            )
