"""Where conversations are kept between messages: in memory, in SQLite (the default) or in Redis.

All stores behave alike (one set of tests runs on each): a session is a JSON object with a time to live, which every
read renews; what is returned carries ``_meta`` with the time of the last write.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import BrickError

if TYPE_CHECKING:
    import redis.asyncio as redis

DEFAULT_TTL_S = 3600


class SessionStoreError(BrickError):
    """The store can't be reached or written."""

    code = "session_store_failed"
    http_status = 503


class SessionStore(ABC):
    """A place for the state of conversations."""

    @abstractmethod
    async def get_discovery_state(self, session_id: str) -> dict[str, Any] | None:
        """The state of a session, whose time to live starts anew; None where there is none or it ran out."""

    @abstractmethod
    async def set_discovery_state(self, session_id: str, state: dict[str, Any], ttl: int = DEFAULT_TTL_S) -> None:
        """Replace the state of a session; it is forgotten ``ttl`` seconds after its last use."""

    @abstractmethod
    async def delete_discovery_state(self, session_id: str) -> None:
        """Forget a session; nothing happens where there is none."""

    @abstractmethod
    async def health_check(self) -> bool:
        """Whether the store can be reached now."""

    async def close(self) -> None:  # noqa: B027 - a store without connections has nothing to close
        """Let go of connections."""


def _packed(state: dict[str, Any], ttl: int) -> str:
    if ttl <= 0:
        raise ValueError(f"the time to live was {ttl} s, but must be positive")
    meta = {"updated_at": datetime.now(UTC).isoformat(), "ttl": ttl}
    return json.dumps({**state, "_meta": meta}, default=str)


def _unpacked(text: str | bytes) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(text)
    return state


class InMemorySessionStore(SessionStore):
    """Keeps sessions in this process: for tests and for a single conversation at the terminal."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: dict[str, tuple[float, str]] = {}

    async def get_discovery_state(self, session_id: str) -> dict[str, Any] | None:
        self._forget_old()
        if session_id not in self._sessions:
            return None
        state = _unpacked(self._sessions[session_id][1])
        self._sessions[session_id] = (self._clock() + state["_meta"]["ttl"], self._sessions[session_id][1])
        return state

    async def set_discovery_state(self, session_id: str, state: dict[str, Any], ttl: int = DEFAULT_TTL_S) -> None:
        self._forget_old()
        self._sessions[session_id] = (self._clock() + ttl, _packed(state, ttl))

    async def delete_discovery_state(self, session_id: str) -> None:
        self._sessions.pop(session_id, None)

    async def health_check(self) -> bool:
        return True

    def _forget_old(self) -> None:
        now = self._clock()
        for session_id in [key for key, (end, _) in self._sessions.items() if end <= now]:
            del self._sessions[session_id]


class SqliteSessionStore(SessionStore):
    """Keeps sessions in a SQLite file: a restart loses nothing, and several processes may share it."""

    def __init__(self, path: Path | str, clock: Callable[[], float] = time.time) -> None:
        self.path = Path(path)
        self._clock = clock
        self._made = False

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            if not self._made:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            try:
                if not self._made:
                    connection.execute("PRAGMA journal_mode=WAL")
                    connection.execute(
                        "CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, state TEXT NOT NULL,"
                        " ttl INTEGER NOT NULL, expires_at REAL NOT NULL)"
                    )
                    self._made = True
                yield connection
            finally:
                connection.close()
        except (sqlite3.Error, OSError) as error:
            raise SessionStoreError(
                f"the session store {self.path} can't be used: {error}",
                next_action="Check disk space and permissions of the data folder (BRICK_DATA_DIR).",
            ) from error

    def _get(self, session_id: str) -> dict[str, Any] | None:
        with self._open() as db:
            now = self._clock()
            row = db.execute("SELECT state, ttl, expires_at FROM sessions WHERE id = ?", (session_id,)).fetchone()
            if row is None or row[2] <= now:
                return None
            db.execute("UPDATE sessions SET expires_at = ? WHERE id = ?", (now + row[1], session_id))
            return _unpacked(row[0])

    def _set(self, session_id: str, state: dict[str, Any], ttl: int) -> None:
        packed = _packed(state, ttl)
        with self._open() as db:
            now = self._clock()
            db.execute("DELETE FROM sessions WHERE expires_at <= ?", (now,))
            db.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)", (session_id, packed, ttl, now + ttl))

    def _delete(self, session_id: str) -> None:
        with self._open() as db:
            db.execute("DELETE FROM sessions WHERE id = ?", (session_id,))

    async def get_discovery_state(self, session_id: str) -> dict[str, Any] | None:
        return await asyncio.to_thread(self._get, session_id)

    async def set_discovery_state(self, session_id: str, state: dict[str, Any], ttl: int = DEFAULT_TTL_S) -> None:
        await asyncio.to_thread(self._set, session_id, state, ttl)

    async def delete_discovery_state(self, session_id: str) -> None:
        await asyncio.to_thread(self._delete, session_id)

    async def health_check(self) -> bool:
        def touch() -> None:
            with self._open() as db:
                db.execute("SELECT 1 FROM sessions LIMIT 1")

        try:
            await asyncio.to_thread(touch)
        except SessionStoreError:
            return False
        return True


class RedisSessionStore(SessionStore):
    """Keeps sessions in Redis: shared by all servers, forgotten by Redis itself when their time is up."""

    def __init__(self, redis_url: str | None = None) -> None:
        self.redis_url: str = redis_url or os.getenv("REDIS_URL") or "redis://localhost:6379/0"
        # A connection belongs to the event loop that opened it.
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, redis.Redis] = weakref.WeakKeyDictionary()

    async def _get_redis(self) -> redis.Redis:
        import redis.asyncio as redis

        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = redis.from_url(
                self.redis_url, encoding="utf-8", decode_responses=True, socket_connect_timeout=3, socket_timeout=5
            )
        return self._clients[loop]

    @staticmethod
    def _key(session_id: str) -> str:
        return f"brick:session:{session_id}"

    @contextlib.contextmanager
    def _reaching(self) -> Iterator[None]:
        from redis.exceptions import RedisError

        try:
            yield
        except (RedisError, OSError) as error:
            raise SessionStoreError(
                f"Redis can't be reached: {type(error).__name__}",
                next_action="Start Redis, or unset REDIS_URL to keep sessions in a file.",
            ) from error

    async def get_discovery_state(self, session_id: str) -> dict[str, Any] | None:
        client = await self._get_redis()
        with self._reaching():
            data = await client.get(self._key(session_id))
            if data is None:
                return None
            state = _unpacked(data)
            await client.expire(self._key(session_id), int(state["_meta"]["ttl"]))
            return state

    async def set_discovery_state(self, session_id: str, state: dict[str, Any], ttl: int = DEFAULT_TTL_S) -> None:
        packed = _packed(state, ttl)
        client = await self._get_redis()
        with self._reaching():
            await client.set(self._key(session_id), packed, ex=ttl)

    async def delete_discovery_state(self, session_id: str) -> None:
        client = await self._get_redis()
        with self._reaching():
            await client.delete(self._key(session_id))

    async def health_check(self) -> bool:
        client = await self._get_redis()
        try:
            with self._reaching():
                return bool(await client.ping())
        except SessionStoreError:
            return False

    async def close(self) -> None:
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()


def make_session_store(redis_url: str | None, data_dir: Path) -> SessionStore:
    """Redis where an address is given, else a SQLite file in ``data_dir``."""
    return RedisSessionStore(redis_url) if redis_url else SqliteSessionStore(data_dir / "sessions.db")
