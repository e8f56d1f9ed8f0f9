"""What happens in a project, in order: published once, watched by many.

An event is a plain dict: ``seq`` (from 1 within the project, no gaps), ``ts`` (ISO 8601, UTC), ``project_id``,
``kind``, ``agent``, ``stage``, ``text``, ``data``. A bus keeps the latest of each project for replay; with an
:class:`EventLog` behind it, all of them, and sequences go on after a restart.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

Event = dict[str, Any]
Kind = Literal[
    "stage_started", "stage_finished", "thought", "question", "approval", "verdict", "error", "status", "done"
]


class SequenceTaken(Exception):
    """Another process has stored an event under this number in the meantime."""


class EventLog(Protocol):
    """Where events last. Several processes may write to one."""

    def append(self, event: Event) -> None:
        """Store one event. Raises SequenceTaken where its number is not new in its project."""

    def read(self, project_id: str, since: int, limit: int) -> list[Event]:
        """Events of a project with ``seq > since``, in order, at most ``limit``."""

    def last_seq(self, project_id: str) -> int:
        """The highest sequence number of a project; 0 where it has none."""


class Subscription:
    """One watcher's bounded view of a project: ``async for event in subscription``.

    A watcher that is too slow loses the oldest events it hasn't read; in their place comes one event of kind ``lagged``
    with the number lost and the sequence number to replay from.
    """

    def __init__(self, bus: EventBus, project_id: str, size: int) -> None:
        self._bus, self.project_id = bus, project_id
        self._queue: deque[Event] = deque()
        self._size = size
        self._lost = 0
        self._delivered = 0
        self._closed = False
        self._lock = threading.Lock()
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()

    def _offer(self, event: Event) -> None:
        """Called by the bus, from any thread."""
        with self._lock:
            if len(self._queue) >= self._size:
                self._queue.popleft()
                self._lost += 1
            self._queue.append(event)
        self._notify()

    def _notify(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._wake.set)
        except RuntimeError:  # the watcher's loop has ended
            self._closed = True

    async def next(self, timeout_s: float | None = None) -> Event | None:
        """The next event; None at the end or after ``timeout_s`` without one."""
        while True:
            with self._lock:
                if self._lost:
                    lost, self._lost = self._lost, 0
                    return {
                        "seq": self._delivered,
                        "ts": datetime.now(UTC).isoformat(),
                        "project_id": self.project_id,
                        "kind": "lagged",
                        "agent": "",
                        "stage": "",
                        "text": f"{lost} events were skipped because this client reads too slowly",
                        "data": {"lost": lost, "replay_from": self._delivered},
                    }
                if self._queue:
                    event = self._queue.popleft()
                    self._delivered = event["seq"]
                    return event
                if self._closed:
                    return None
                self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), timeout_s)
            except TimeoutError:
                return None

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self.next()) is not None:
            yield event

    def close(self) -> None:
        """Stop watching; a reader that waits gets the end."""
        self._bus._forget(self)
        self._closed = True
        self._notify()


class EventBus:
    """Publishes events in order and keeps the latest of each project. Thread-safe; publishing never waits."""

    def __init__(self, *, history: int = 2000, projects: int = 200, log: EventLog | None = None) -> None:
        self._history, self._projects, self._log = history, projects, log
        self._lock = threading.RLock()
        self._kept: OrderedDict[str, deque[Event]] = OrderedDict()
        self._last: dict[str, int] = {}
        self._watchers: dict[str, list[Subscription]] = {}
        self._listeners: list[Callable[[Event], None]] = []

    def publish(
        self,
        project_id: str,
        kind: str,
        *,
        agent: str = "",
        stage: str = "",
        text: str = "",
        data: dict[str, Any] | None = None,
    ) -> Event:
        """Give an event its number, store it, and hand it to everyone who watches the project."""
        with self._lock:
            while True:
                event: Event = {
                    "seq": self.last_seq(project_id) + 1,
                    "ts": datetime.now(UTC).isoformat(),
                    "project_id": project_id,
                    "kind": kind,
                    "agent": agent,
                    "stage": stage,
                    "text": text,
                    "data": data or {},
                }
                try:
                    if self._log is not None:
                        self._log.append(event)
                except SequenceTaken:
                    self._pull(project_id)
                else:
                    break
            self._take(event)
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event)
        return event

    def _take(self, event: Event) -> None:
        """Keep an event that has its number, and hand it to the project's watchers."""
        project_id = event["project_id"]
        self._last[project_id] = event["seq"]
        self._kept.setdefault(project_id, deque(maxlen=self._history)).append(event)
        self._kept.move_to_end(project_id)
        self._let_go()
        for watcher in self._watchers.get(project_id, ()):
            watcher._offer(event)

    def _pull(self, project_id: str) -> None:
        """Take in what other processes have added to the log."""
        if self._log is not None:
            for event in self._log.read(project_id, self.last_seq(project_id), 10_000):
                self._take(event)

    def pull(self) -> None:
        """Take in what other processes have added to the log of the projects that are watched here."""
        with self._lock:
            for project_id in list(self._watchers):
                self._pull(project_id)

    def _let_go(self) -> None:
        """Forget the events of projects that were quiet longest, but of none that is watched."""
        if len(self._kept) <= self._projects:
            return
        for project_id in list(self._kept):
            if len(self._kept) <= self._projects:
                return
            if project_id not in self._watchers:
                del self._kept[project_id]
                if self._log is not None:
                    self._last.pop(project_id, None)  # the log knows it; without one, the number must stay

    def last_seq(self, project_id: str) -> int:
        """The number of the latest event of a project; 0 where there is none."""
        with self._lock:
            if project_id not in self._last:
                self._last[project_id] = self._log.last_seq(project_id) if self._log is not None else 0
            return self._last[project_id]

    def replay(self, project_id: str, since: int = 0, limit: int = 10_000) -> list[Event]:
        """Kept events of a project with ``seq > since``, in order."""
        with self._lock:
            self._pull(project_id)
            kept = self._kept.get(project_id, ())
            if self._log is not None and (not kept or kept[0]["seq"] > since + 1):
                return self._log.read(project_id, since, limit)
            return [event for event in kept if event["seq"] > since][:limit]

    def subscribe(self, project_id: str, *, since: int | None = None, size: int = 500) -> Subscription:
        """Watch a project from now on, or from after event ``since``: what is kept is replayed first, without a gap."""
        with self._lock:
            missed = self.replay(project_id, since) if since is not None else []
            subscription = Subscription(self, project_id, max(size, len(missed) + 1))
            subscription._delivered = since if since is not None else self.last_seq(project_id)
            for event in missed:
                subscription._offer(event)
            self._watchers.setdefault(project_id, []).append(subscription)
            return subscription

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``listener`` with every event of every project; returns what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def _forget(self, subscription: Subscription) -> None:
        with self._lock:
            watchers = self._watchers.get(subscription.project_id, [])
            if subscription in watchers:
                watchers.remove(subscription)
            if not watchers:
                self._watchers.pop(subscription.project_id, None)
