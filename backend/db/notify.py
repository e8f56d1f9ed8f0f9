"""Words between servers by PostgreSQL's LISTEN and NOTIFY, where they share a database and no Redis."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

from backend.event_relay import CHANNEL, SILENCE_S, Relay

MOST = 1000  # words that are taken in at once


class NotifyRelay(Relay):
    """A relay through the database itself; ``url`` as in DATABASE_URL.

    Its two connections hold no transaction, so nothing in the database waits for them.
    """

    through = "PostgreSQL's LISTEN"

    def __init__(self, url: str, channel: str = CHANNEL) -> None:
        super().__init__(channel)
        self.url = "postgresql://" + url.split("://", 1)[1]

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        import psycopg

        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True, connect_timeout=3)
        try:
            yield connection
        finally:
            with contextlib.suppress(Exception):
                await connection.close()

    async def _say(self, connection: Any, words: Iterable[str]) -> None:
        async with asyncio.timeout(SILENCE_S):
            await connection.execute(
                "SELECT pg_notify(%s, word) FROM unnest(%s::text[]) AS word", (self.channel, list(words))
            )

    async def _heard(self, connection: Any) -> AsyncIterator[list[str]]:
        from psycopg import sql

        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self.channel)))
        yield []
        while True:
            words = [notice.payload async for notice in connection.notifies(timeout=SILENCE_S, stop_after=1)]
            if words:
                words += [notice.payload async for notice in connection.notifies(timeout=0, stop_after=MOST)]
                yield words
            else:  # a connection that died without a word is noticed by the question that has no answer
                async with asyncio.timeout(SILENCE_S):
                    await connection.execute("SELECT 1")

    def _is_loss(self, problem: Exception) -> bool:
        import psycopg

        return isinstance(problem, psycopg.Error | OSError | TimeoutError)
