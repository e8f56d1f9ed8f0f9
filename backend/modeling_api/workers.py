"""Workers for sessions: warm ones in reserve, a bounded line in front of them, a clear word where it is full."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator

from backend.compute import KINDS, Lease
from backend.errors import BrickError
from backend.modeling_api.limits import Limits

FORGET = "backend.engine.protocol.remote:forget"
RECYCLE_SHARE = 0.5  # an idle worker that still holds this share of its memory limit is replaced
SPARE = 2  # warm workers in reserve: a client that comes right after another left meets one that is ready
LOST = frozenset({"task_timeout", "task_memory", "task_crashed", "task_cancelled", "pool_closed"})


class BusyError(BrickError):
    """All workers are taken and the line is full, or the wait was too long."""

    code = "busy"
    http_status = 503


class Workers:
    """Hands out workers, one to a session. Not thread-safe: belongs to one event loop."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._idle: deque[Lease] = deque()
        self._busy: set[Lease] = set()
        self._line: deque[asyncio.Future[Lease]] = deque()
        self._made = 0
        self._is_closed = False
        for _ in range(min(SPARE, limits.sessions)):
            self._idle.append(self._new())

    def status(self) -> dict[str, int]:
        """How many workers serve, are in reserve, may be had at most, and how many clients wait."""
        return {
            "limit": self.limits.sessions,
            "busy": len(self._busy),
            "idle": len(self._idle),
            "waiting": sum(not place.done() for place in self._line),
        }

    def _new(self) -> Lease:
        self._made += 1
        return Lease(KINDS["modeling"], self._made)

    def _top_up(self) -> None:
        """Keeps workers warm in reserve, as long as the limit allows."""
        room = self.limits.sessions - len(self._busy)
        while not self._is_closed and len(self._idle) < min(SPARE, room):
            self._idle.append(self._new())

    async def _take(self) -> Lease:
        if self._is_closed:
            raise BusyError("the engine is stopping", next_action="Connect again when it runs.")
        self._top_up()
        if self._idle:
            lease = next((one for one in self._idle if one.is_warm), self._idle[0])
            self._idle.remove(lease)
            self._busy.add(lease)
            self._top_up()
            return lease
        if self.status()["waiting"] >= self.limits.waiting:
            raise BusyError(
                f"all {self.limits.sessions} sessions of the engine are taken and {self.limits.waiting} clients wait",
                next_action="Try again later, or start the engine with more --sessions.",
            )
        place: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()
        self._line.append(place)
        try:
            async with asyncio.timeout(self.limits.wait_s):
                try:
                    return await place
                except asyncio.CancelledError:
                    if place.done() and not place.cancelled():  # handed over in the moment of giving up
                        self._give_back(place.result(), sound=True)
                    raise
        except TimeoutError:
            raise BusyError(
                f"all {self.limits.sessions} sessions of the engine stayed taken for {self.limits.wait_s:g} s",
                next_action="Try again later, or start the engine with more --sessions.",
            ) from None
        finally:
            with contextlib.suppress(ValueError):
                self._line.remove(place)

    def _give_back(self, lease: Lease, *, sound: bool) -> None:
        """A worker that is sound serves the next session; another is put in the place of one that isn't."""
        self._busy.discard(lease)
        if not sound or lease.rss_mb > RECYCLE_SHARE * self.limits.memory_mb:
            lease.close(wait_s=0)
            if self._is_closed:
                return
            lease = self._new()
        elif self._is_closed:
            lease.close(wait_s=0)
            return
        while self._line:
            place = self._line.popleft()
            if not place.done():
                self._busy.add(lease)
                place.set_result(lease)
                return
        self._idle.appendleft(lease)

    @contextlib.asynccontextmanager
    async def lease(self) -> AsyncIterator[Lease]:
        """A worker for one session. Raises :class:`BusyError`."""
        lease = await self._take()
        sound = False
        try:
            yield lease
            with contextlib.suppress(BrickError):
                await lease.run(FORGET, None, timeout_s=10.0, memory_mb=self.limits.memory_mb)
                sound = True
        finally:
            self._give_back(lease, sound=sound)

    async def close(self) -> None:
        """Ends all workers."""
        self._is_closed = True
        for place in self._line:
            if not place.done():
                place.set_exception(BusyError("the engine is stopping", next_action="Connect again when it runs."))
        self._line.clear()
        leases = [*self._busy, *self._idle]
        self._idle.clear()
        for lease in leases:
            lease.close(wait_s=0)
        await asyncio.gather(*(asyncio.to_thread(lease.close) for lease in leases))
