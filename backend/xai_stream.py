"""Explainable AI stream: what the agents think, as they think it.

Each run has its own sequence of thoughts, read with a cursor and never emptied by a reader. The seed's global view
(``inject_thought``, ``get_thoughts``, ``peek_thoughts``, ``THOUGHT_STREAM``) shows the latest of all runs.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

logger = logging.getLogger(__name__)

RECENT = 50  # thoughts in the global view
PER_RUN = 1000  # thoughts kept for one run
RUNS = 200  # runs whose thoughts are kept; the one longest without a thought goes first

Thought = dict[str, Any]

THOUGHT_STREAM: deque[Thought] = deque(maxlen=RECENT)

_current_run: ContextVar[str | None] = ContextVar("brick_run", default=None)
_lock = threading.RLock()
_runs: OrderedDict[str, deque[Thought]] = OrderedDict()
_next_seq: dict[str, int] = {}
_listeners: list[Callable[[Thought], None]] = []


@contextlib.contextmanager
def run_context(run_id: str) -> Iterator[None]:
    """Within this block, thoughts belong to ``run_id``; tasks started in it inherit that."""
    token = _current_run.set(run_id)
    try:
        yield
    finally:
        _current_run.reset(token)


def current_run() -> str | None:
    """The run that thoughts belong to here, or None."""
    return _current_run.get()


def inject_thought(
    agent_name: str,
    thought_text: str,
    *,
    stage: str = "",
    data: dict[str, Any] | None = None,
    run_id: str | None = None,
) -> Thought | None:
    """Add an agent's thought; an empty one is ignored.

    ``data`` holds the numbers and links to evidence that stand behind the words. Returns the thought as it was stored,
    with its sequence number within the run (from 1).
    """
    if not thought_text:
        return None
    run = run_id or _current_run.get() or ""
    with _lock:
        seq = _next_seq.get(run, 1)
        _next_seq[run] = seq + 1
        thought: Thought = {
            "seq": seq,
            "run_id": run,
            "agent": agent_name,
            "stage": stage,
            "text": thought_text,
            "data": dict(data or {}),
            "timestamp": datetime.now(UTC).isoformat(),
        }
        if run not in _runs:
            _runs[run] = deque(maxlen=PER_RUN)
            while len(_runs) > RUNS:
                forgotten, _ = _runs.popitem(last=False)
                _next_seq.pop(forgotten, None)
        _runs[run].append(thought)
        _runs.move_to_end(run)
        THOUGHT_STREAM.append(thought)
        listeners = list(_listeners)
    logger.debug("[%s] %s", agent_name, thought_text[:100])
    for listener in listeners:
        try:
            listener(thought)
        except Exception:  # someone who watches must not stop the one who thinks
            logger.exception("a listener of the thought stream failed")
    return thought


def read_thoughts(run_id: str, since: int = 0, limit: int = PER_RUN) -> tuple[list[Thought], int]:
    """Thoughts of a run with a sequence number above ``since``, oldest first, and the cursor for the next read."""
    with _lock:
        found = [thought for thought in _runs.get(run_id, ()) if thought["seq"] > since][:limit]
    return found, (found[-1]["seq"] if found else since)


def get_thoughts() -> list[Thought]:
    """The latest thoughts of all runs, and empty the global view. Runs keep theirs: see :func:`read_thoughts`."""
    with _lock:
        thoughts = list(THOUGHT_STREAM)
        THOUGHT_STREAM.clear()
    return thoughts


def peek_thoughts() -> list[Thought]:
    """The latest thoughts of all runs, left in place."""
    with _lock:
        return list(THOUGHT_STREAM)


@contextlib.contextmanager
def listening(listener: Callable[[Thought], None]) -> Iterator[None]:
    """Within this block, ``listener`` is called with every thought, in the thread of the one who thinks."""
    with _lock:
        _listeners.append(listener)
    try:
        yield
    finally:
        with _lock:
            _listeners.remove(listener)
