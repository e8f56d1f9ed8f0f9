"""What happens in a project, in order: published once, watched by many.

An event is a dict: ``seq`` (from 1 within the project, no gaps), ``ts`` (ISO 8601, UTC), ``project_id``, ``kind``,
``agent``, ``stage``, ``text``, ``data``. A bus keeps the latest of each project for replay; with an :class:`EventLog`
behind it, all of them, and sequences go on after a restart.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Protocol


class Event(dict[str, Any]):
    """An event, whose JSON text is made once however many watch."""

    __slots__ = ("_json",)

    @property
    def json(self) -> str:
        """The event as JSON text."""
        try:
            return self._json
        except AttributeError:
            self._json: str = json.dumps(self)
            return self._json


Kind = Literal[
    "stage_started", "stage_finished", "thought", "question", "approval", "verdict", "error", "status", "done"
]


Along = Callable[[Any], bool]  # writes to the database together with events, on the connection that it is given


class SequenceTaken(Exception):
    """Another process has stored an event under this number in the meantime."""


class EventLog(Protocol):
    """Where events last. Several processes may write to one."""

    def append(self, *told: dict[str, Any], along: Along | None = None) -> bool:
        """Store events of one project, and what ``along`` writes in the same transaction: all or nothing.

        False, with nothing stored, where ``along`` returns False. Raises SequenceTaken where the number of an event is
        not new in its project.
        """

    def read(self, project_id: str, since: int, limit: int) -> list[dict[str, Any]]:
        """Events of a project with ``seq > since``, in order, at most ``limit``."""

    def read_all(self, since: Mapping[str, int], limit: int) -> list[dict[str, Any]]:
        """Events of several projects, each after its own number, by project in order; at most ``limit``."""

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

    def _offer(self, event: Event) -> bool:
        """Called by the bus, from any thread; whether the watcher's loop must be told."""
        with self._lock:
            waits = not self._queue and not self._lost
            if len(self._queue) >= self._size:
                self._queue.popleft()
                self._lost += 1
            self._queue.append(event)
        return waits

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
                    return _event(
                        self._delivered,
                        self.project_id,
                        "lagged",
                        text=f"{lost} events were skipped because this client reads too slowly",
                        data={"lost": lost, "replay_from": self._delivered},
                    )
                if self._queue:
                    event = self._queue.popleft()
                    self._delivered = event["seq"]
                    return event
                if self._closed:
                    return None
                self._wake.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._wake.wait()
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


def _event(
    seq: int,
    project_id: str,
    kind: str,
    agent: str = "",
    stage: str = "",
    text: str = "",
    data: dict[str, Any] | None = None,
) -> Event:
    now = datetime.now(UTC).isoformat()
    named = {"kind": kind, "agent": agent, "stage": stage, "text": text, "data": data or {}}
    return Event(seq=seq, ts=now, project_id=project_id, **named)


def _wake(watchers: Iterable[Subscription]) -> None:
    for watcher in watchers:
        watcher._wake.set()


class EventBus:
    """Publishes events in order and keeps the latest. Thread-safe; publishing waits for the log, never for a watcher.

    ``history`` events of a project are kept at most, of ``projects`` projects at most, and ``total`` in all where a log
    has them too: the projects that were quiet longest are left to it first.
    """

    def __init__(
        self, *, history: int = 2000, projects: int = 200, total: int = 20_000, log: EventLog | None = None
    ) -> None:
        self._history, self._projects, self._total, self._log = history, projects, total, log
        self._lock = threading.RLock()
        self._kept: OrderedDict[str, deque[Event]] = OrderedDict()
        self._count = 0  # of the events kept
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
        fields = {"kind": kind, "agent": agent, "stage": stage, "text": text, "data": data}
        return self.publish_with(project_id, [fields])[0]

    def publish_with(
        self, project_id: str, told: Sequence[Mapping[str, Any]], along: Along | None = None
    ) -> list[Event]:
        """The same for one event or several, by their fields, and what ``along`` writes to the database with them.

        Either all of it is stored or nothing, whenever the process ends; nothing, and no event is returned, where
        ``along`` returns False. Where another process was first with a number, ``along`` is called again, with nothing
        of its first call left. Without a log it is called with None.
        """
        with self._lock:
            while True:
                last = self.last_seq(project_id)
                found = [_event(last + n, project_id, **fields) for n, fields in enumerate(told, 1)]
                try:
                    if self._log is not None:
                        done = self._log.append(*found, along=along)
                    else:
                        done = along is None or along(None)
                except SequenceTaken:
                    self._pull(project_id)
                else:
                    break
            if not done:
                return []
            self._take(found)
            listeners = list(self._listeners)
        for listener in listeners:
            for event in found:
                listener(event)
        return found

    def _take(self, events: Iterable[Event]) -> None:
        """Keep events that have their numbers, and hand them to their projects' watchers."""
        waiting: defaultdict[asyncio.AbstractEventLoop, list[Subscription]] = defaultdict(list)
        for event in events:
            project_id = event["project_id"]
            self._last[project_id] = event["seq"]
            self._keep(project_id, event)
            for watcher in self._watchers.get(project_id, ()):
                if watcher._offer(event):
                    waiting[watcher._loop].append(watcher)
        for loop, watchers in waiting.items():  # one call for all of a loop: each wakes it by a write to a socket
            try:
                loop.call_soon_threadsafe(_wake, watchers)
            except RuntimeError:  # the loop has ended
                for watcher in watchers:
                    watcher._closed = True

    def _keep(self, project_id: str, event: Event) -> None:
        kept = self._kept.setdefault(project_id, deque(maxlen=self._history))
        self._count += len(kept) < self._history
        kept.append(event)
        self._kept.move_to_end(project_id)
        self._let_go()

    def _pull(self, project_id: str) -> None:
        """Take in what other processes have added to the log."""
        if self._log is not None:
            self._take(Event(event) for event in self._log.read(project_id, self.last_seq(project_id), 10_000))

    def pull(self, projects: Iterable[str] | None = None) -> None:
        """Take in what other processes have added to the log of projects that are watched here: ``projects``, or all.

        One read for all of them, whoever watches; the bus is not held up by it.
        """
        if self._log is None:
            return
        with self._lock:
            wanted = self._watchers.keys() if projects is None else self._watchers.keys() & set(projects)
            since = {project_id: self.last_seq(project_id) for project_id in wanted}
        found = self._log.read_all(since, 10_000) if since else []
        with self._lock:
            for body in found:
                project_id, last = body["project_id"], self.last_seq(body["project_id"])
                if body["seq"] == last + 1:
                    self._take([Event(body)])
                elif body["seq"] > last + 1:  # cannot be: numbers have no gaps; read what lies between all the same
                    self._pull(project_id)

    def _let_go(self) -> None:
        """Forget the events of projects that were quiet longest, but of none that is watched."""
        if not self._is_full():
            return
        for project_id in list(self._kept)[:-1]:
            if not self._is_full():
                return
            if project_id not in self._watchers:
                self._count -= len(self._kept.pop(project_id))
                if self._log is not None:
                    self._last.pop(project_id, None)  # the log knows it; without one, the number must stay

    def _is_full(self) -> bool:
        return len(self._kept) > self._projects or (self._log is not None and self._count > self._total)

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
            return self._replay(project_id, since, limit)

    def _replay(self, project_id: str, since: int, limit: int, keep: bool = False) -> list[Event]:
        """Events by what is kept, else by the log; ``keep`` keeps what the log gave, for the next one who asks."""
        kept = self._kept.get(project_id, ())
        last = self.last_seq(project_id)
        if self._log is None or last <= since or (kept and kept[0]["seq"] <= since + 1):
            return [event for event in kept if event["seq"] > since][:limit]
        found = [Event(event) for event in self._log.read(project_id, since, limit)]
        if keep and found and found[-1]["seq"] == last and len(found) <= self._history:
            self._count += len(found) - len(kept)
            self._kept[project_id] = deque(found, maxlen=self._history)
            self._kept.move_to_end(project_id)
            self._let_go()
        return found

    def subscribe(self, project_id: str, *, since: int | None = None, size: int = 500) -> Subscription:
        """Watch a project from now on, or from after event ``since``: what is kept is replayed first, without a gap."""
        with self._lock:
            if project_id not in self._watchers:  # else it is followed already
                self._pull(project_id)
            missed = self._replay(project_id, since, 10_000, keep=True) if since is not None else []
            subscription = Subscription(self, project_id, max(size, len(missed) + 1))
            subscription._delivered = since if since is not None else self.last_seq(project_id)
            for event in missed:
                subscription._offer(event)
            self._watchers.setdefault(project_id, []).append(subscription)
            return subscription

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call ``listener`` with every event that is published here; returns what ends that."""
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
