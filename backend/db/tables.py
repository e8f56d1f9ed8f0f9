"""The tables, and how the database is opened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url

from backend.errors import BrickError

BUSY_TIMEOUT_MS = 10_000  # how long a writer waits for another one before it gives up

metadata = sa.MetaData()

projects = sa.Table(
    "projects",
    metadata,
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("brief", sa.Text, nullable=False),
    sa.Column("answers", sa.JSON, nullable=False),
    sa.Column("head", sa.String(64)),  # the revision that the project shows
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)

# Never changed once written: history is a tree of these.
revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("project_id", sa.String(128), sa.ForeignKey("projects.id"), nullable=False, index=True),
    sa.Column("parent", sa.String(64)),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("state", sa.String(64), nullable=False),  # the artefact that holds the state
    sa.Column("figures", sa.JSON, nullable=False),  # mass, verdict and the like, for lists
    sa.Column("created_at", sa.Float, nullable=False),
    sa.UniqueConstraint("project_id", "number"),
)

# Every move of a project's head, so that what was undone can be redone.
moves = sa.Table(
    "moves",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("project_id", sa.String(128), sa.ForeignKey("projects.id"), nullable=False, index=True),
    sa.Column("left", sa.String(64)),
    sa.Column("head", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

# Names that a person gave to revisions.
names = sa.Table(
    "revision_names",
    metadata,
    sa.Column("project_id", sa.String(128), sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("revision", sa.String(64), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("project_id", sa.String(128), sa.ForeignKey("projects.id"), nullable=False, index=True),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("error", sa.JSON),
    sa.Column("revision", sa.String(64)),
    sa.Column("owner", sa.String(128)),
    sa.Column("lease_until", sa.Float, nullable=False, default=0.0),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),  # since the last step that was finished
    sa.Column("step", sa.Integer, nullable=False, default=-2),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("finished_at", sa.Float),
)

# What a person wants of a run that is going: a pause, a message. Taken in at the next node, wherever the run is driven.
controls = sa.Table(
    "controls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("run_id", sa.String(64), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("taken_at", sa.Float),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("project_id", sa.String(128), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("body", sa.JSON, nullable=False),
)


# What calls of language models took, by run or conversation, from the moment that each was answered.
llm_calls = sa.Table(
    "llm_calls",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("thread", sa.String(160), nullable=False, index=True),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)


class DatabaseError(BrickError):
    """The database can't be opened or written."""

    code = "database_failed"
    http_status = 503


@contextlib.contextmanager
def writing(engine: Engine, db: Connection | None = None) -> Iterator[Connection]:
    """A transaction of its own, or the one that ``db`` is in: then that one ends it."""
    if db is not None:
        yield db
        return
    with engine.begin() as own:
        yield own


def open_database(url: str) -> Engine:
    """An engine on the database at ``url``, with its tables made where they are missing.

    SQLite runs with a write-ahead log: readers don't wait for writers, and a killed process loses nothing that was
    committed. Raises DatabaseError where it can't be opened.
    """
    address = make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        try:
            Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise _unusable(address.database, problem) from problem
    try:
        engine = sa.create_engine(address, pool_pre_ping=address.get_backend_name() != "sqlite")
    except ModuleNotFoundError as problem:
        raise DatabaseError(
            f"the database {address.get_backend_name()} needs the package {problem.name!r}, which is not installed",
            next_action="Install the extra 'postgres', or unset DATABASE_URL to keep everything in a file.",
        ) from problem
    if address.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    try:
        metadata.create_all(engine)
    except sa.exc.SQLAlchemyError as problem:
        engine.dispose()
        raise _unusable(address.render_as_string(hide_password=True), problem) from problem
    return engine


def _unusable(where: object, problem: Exception) -> DatabaseError:
    cause = str(getattr(problem, "orig", None) or problem)
    return DatabaseError(
        f"the database {where} can't be opened: {cause}",
        next_action="Check disk space and permissions of the data folder (BRICK_DATA_DIR), or DATABASE_URL.",
    )


def _prepare_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
