"""Where the checkpoints of runs are kept: a SQLite file, or PostgreSQL where DATABASE_URL names one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.config.settings import Settings

POOL_SIZE = 4


@contextlib.asynccontextmanager
async def open_checkpoints(settings: Settings) -> AsyncIterator[Any]:
    """A LangGraph checkpointer with its tables made. Raises DatabaseError where PostgreSQL can't be reached."""
    if settings.database.startswith("postgresql"):
        async with _postgres(settings.database) as saver:
            yield saver
        return
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncSqliteSaver.from_conn_string(str(settings.data_dir / "checkpoints.db")) as saver:
        await saver.setup()
        yield saver


@contextlib.asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[Any]:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    address = "postgresql://" + url.split("://", 1)[1]
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    # check: a connection that the database dropped (a restart) is replaced before it is used
    pool: Any = AsyncConnectionPool(
        address, min_size=1, max_size=POOL_SIZE, kwargs=options, open=False, check=AsyncConnectionPool.check_connection
    )
    async with pool:
        saver = AsyncPostgresSaver(pool)
        await saver.setup()
        yield saver
