"""What must last about projects: runs, revisions and events, in SQLite here and PostgreSQL beyond."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.db.events import SqlEventLog
    from backend.db.projects import ProjectStore

__all__ = ["ProjectStore", "SqlEventLog", "open_database"]


def __getattr__(name: str) -> Any:
    # SQLAlchemy takes a third of a second to import; only those who store something pay for it.
    if name == "ProjectStore":
        from backend.db.projects import ProjectStore

        return ProjectStore
    if name == "SqlEventLog":
        from backend.db.events import SqlEventLog

        return SqlEventLog
    if name == "open_database":
        from backend.db.tables import open_database

        return open_database
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
