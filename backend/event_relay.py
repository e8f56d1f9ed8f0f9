"""Wakes the servers that share a database when one of them has stored an event, so that none looks every moment.

The words go through Redis where there is one, else through PostgreSQL's LISTEN and NOTIFY
(:mod:`backend.db.notify`). The database stays the truth: a word only says that there is something new in a project. One
that is lost loses no event: every server looks in the database by itself too, seldom while words arrive, often while
they don't.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, ClassVar

from backend.monitoring import monitor

logger = logging.getLogger(__name__)

CHANNEL = "brick:events"
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 5.0  # between attempts to reach the other side
SILENCE_S = 5.0  # after so long without a word the other side is asked whether it is still there

Woken = Callable[[set[str] | None], Awaitable[None]]


class Relay(ABC):
    """One server's end of the channel. ``live`` tells whether the words of others arrive.

    A kind of relay says how to connect, and how to say and hear words on a connection; everything else is here.
    """

    through: ClassVar[str]  # what the words go through, for people

    def __init__(self, channel: str = CHANNEL) -> None:
        self.channel = channel
        self.live = False
        self._me = uuid.uuid4().hex
        self._news: set[str] = set()  # projects with events that the others have not been told of
        self._stirred = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @abstractmethod
    def _connected(self) -> contextlib.AbstractAsyncContextManager[Any]:
        """A connection that answers, closed at the end. Raises what :meth:`_is_loss` knows where there is none."""

    @abstractmethod
    async def _say(self, connection: Any, words: Iterable[str]) -> None:
        """Say each word to all who listen."""

    @abstractmethod
    def _heard(self, connection: Any) -> AsyncIterator[list[str]]:
        """Listen: first an empty list once that is set up, then those words that came in together, one's own too.

        Raises what :meth:`_is_loss` knows when the connection is lost, a silent death included.
        """

    @abstractmethod
    def _is_loss(self, problem: Exception) -> bool:
        """Whether a problem is that the other side is away, and no defect."""

    def announce(self, project_id: str) -> None:
        """Say to the others that a project has a new event; never waits. From any thread."""
        self._news.add(project_id)
        with contextlib.suppress(RuntimeError):  # the server is ending
            self._loop.call_soon_threadsafe(self._stirred.set)

    @contextlib.asynccontextmanager
    async def serving(self, woken: Woken) -> AsyncIterator[Relay]:
        """Within this block: pass on what is announced, and call ``woken`` with the projects that others announce.

        After each time that the other side was reached (again) it is called with None: anything may have been missed.
        """
        tasks = [asyncio.create_task(self._persist(self._tell)), asyncio.create_task(self._persist(self._hear, woken))]
        try:
            yield self
        finally:
            self.live = False
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _persist(self, work: Callable[..., Awaitable[None]], *arguments: Any) -> None:
        """Do the work on a connection of its own, again and again, whatever happens to the other side."""
        wait_s, lost = FIRST_WAIT_S, False
        while True:
            try:
                async with self._connected() as connection:
                    if lost and work == self._hear:
                        logger.warning("%s is back: events of other servers come by it again", self.through)
                    wait_s, lost = FIRST_WAIT_S, False
                    await work(connection, *arguments)
            except asyncio.CancelledError:
                raise
            except Exception as problem:
                self.live = self.live and work != self._hear
                if not self._is_loss(problem):
                    logger.exception("the relay of events stumbled; trying again")
                elif not lost and work == self._hear:
                    logger.warning("%s can't be reached (%s): other servers look by themselves", self.through, problem)
                lost = True
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _tell(self, connection: Any) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            news, self._news = self._news, set()
            try:
                await self._say(connection, [f"{self._me} {project_id}" for project_id in news])
            except BaseException:
                self._news |= news
                self._stirred.set()  # told again when the other side is back: twice does no harm
                raise
            monitor.count("brick_event_words_total", len(news), direction="told")

    async def _hear(self, connection: Any, woken: Woken) -> None:
        async for words in self._heard(connection):
            if not words:
                self.announce("")  # nobody's news: only its echo shows that words do arrive
                continue
            if not self.live:
                self.live = True
                await woken(None)
            projects = {project for who, _, project in (word.partition(" ") for word in words) if who != self._me}
            projects.discard("")
            if projects:
                monitor.count("brick_event_words_total", len(projects), direction="heard")
                await woken(projects)


class EventRelay(Relay):
    """A relay through Redis' publish and subscribe."""

    through = "Redis"

    def __init__(self, redis_url: str, channel: str = CHANNEL) -> None:
        super().__init__(channel)
        self.redis_url = redis_url

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        import redis.asyncio as redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        client = redis.from_url(
            self.redis_url,
            decode_responses=True,
            socket_connect_timeout=3,
            socket_timeout=SILENCE_S,
            retry=Retry(NoBackoff(), 0),  # the relay itself is what tries again
        )
        try:
            await client.ping()
            yield client
        finally:
            with contextlib.suppress(Exception):
                await client.aclose()

    async def _say(self, connection: Any, words: Iterable[str]) -> None:
        pipe = connection.pipeline(transaction=False)
        for word in words:
            pipe.publish(self.channel, word)
        await pipe.execute()

    async def _heard(self, connection: Any) -> AsyncIterator[list[str]]:
        async with connection.pubsub() as channel:
            await channel.subscribe(self.channel)
            yield []
            asked = False
            while True:
                word = await channel.get_message(timeout=SILENCE_S)
                if word is None:
                    if asked:  # a connection that died without a word is noticed by the ping that has no answer
                        raise ConnectionError("no answer to a ping")
                    await channel.ping()
                    asked = True
                    continue
                asked = False
                found = [item["data"] for item in [word, *await self._more(channel)] if item["type"] == "message"]
                if found:
                    yield found

    @staticmethod
    async def _more(channel: Any) -> list[dict[str, Any]]:
        """What has come in besides, without waiting: a burst is one look in the database."""
        found: list[dict[str, Any]] = []
        while len(found) < 1000 and (word := await channel.get_message(timeout=0)) is not None:
            found.append(word)
        return found

    def _is_loss(self, problem: Exception) -> bool:
        from redis.exceptions import RedisError

        return isinstance(problem, RedisError | OSError)
