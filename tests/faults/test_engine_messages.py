"""Mutated protocol messages against a server in a process of its own: none ends it, none leaves a client waiting, each
is answered, and an error says what was wrong.

``BRICK_TEST_MESSAGES`` is how many (the full amount is 5000); the seed is fixed.
"""

from __future__ import annotations

import asyncio
import collections
import json
import os
import random
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed

from backend.compute import WorkPool
from tests.faults.engine_corpus import programs, record
from tests.faults.mutations import Messages
from tests.integration.engine_server import Engine, request

AMOUNT = int(os.environ.get("BRICK_TEST_MESSAGES", "300"))
SEED = 20250
ANSWER_S = 40.0  # the server's own limit is 10 s
A_DEFECT = re.compile(
    r"Traceback|\b(Type|Attribute|Key|Index|Value|ZeroDivision|Assertion|UnboundLocal|Recursion|Name|Overflow|Memory)Error\b"
)


@dataclass
class Tally:
    """What became of the messages."""

    outcomes: collections.Counter[str] = field(default_factory=collections.Counter)
    defects: list[tuple[str, str]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)

    def note(self, frame: str | bytes, told: dict[str, Any]) -> None:
        errors = _errors(told)
        self.outcomes["refused" if errors else "done"] += 1
        for message in errors:
            if A_DEFECT.search(message) or len(message) < 15:
                self.defects.append((message, repr(frame)[:3000]))


def _errors(told: dict[str, Any]) -> list[str]:
    if not told.get("success"):
        return [error["message"] for error in told["errors"]]
    responses = told["resp"]["data"].get("responses", {})
    return [error["message"] for one in responses.values() for error in one.get("errors", [])]


async def _exchange(socket: Any, frame: str | bytes) -> list[dict[str, Any]]:
    """The replies to one frame: a sentinel request behind it tells when they are complete."""
    sentinel = str(uuid.uuid4())
    await socket.send(frame)
    await socket.send(request({"type": "scene_get_entity_ids", "filter": [], "skip": 0, "take": 0}, sentinel))
    replies = []
    while True:
        answer = await asyncio.wait_for(socket.recv(), ANSWER_S)
        if isinstance(answer, bytes):
            replies.append({"success": True, "resp": {"type": "export", "data": {}}})
            continue
        told = json.loads(answer)
        if told.get("request_id") == sentinel:
            return replies
        if told.get("resp", {}).get("type") != "modeling_session_data":
            replies.append(told)


async def _talk(engine: Engine, corpus: list[list[str | bytes]], mutate: Messages, amount: int, tally: Tally) -> None:
    dice = random.Random(mutate.random.random())
    sent = 0
    while sent < amount:
        frames = dice.choice(corpus)
        depth = dice.randrange(len(frames))
        frame: str | bytes = ""
        async with engine.connect() as socket:
            try:
                for frame in frames[:depth]:
                    mutate.learn(frame)
                    await _exchange(socket, frame)
                for _ in range(min(12, amount - sent)):
                    near = frames[max(0, depth - 2) : depth + 3]
                    frame = mutate.frame(frames[depth] if dice.random() < 0.7 else dice.choice(near))
                    sent += 1
                    replies = await _exchange(socket, frame)
                    for told in replies:
                        tally.note(frame, told)
                    if not replies:
                        tally.outcomes["no reply is due"] += 1
            except ConnectionClosed as closed:
                reason = closed.rcvd.reason if closed.rcvd is not None else ""
                tally.outcomes["session ended with a reason" if reason else "session ended without a word"] += 1
                tally.lost.append((reason, repr(frame)[:3000]))


async def test_no_message_ends_the_server_or_is_left_without_an_answer() -> None:
    pool = WorkPool()
    try:
        chosen = [str(path) for path in programs()[:: max(1, len(programs()) * 12 // max(AMOUNT, 12))]]
        corpus = pool.run_sync(f"{record.__module__}:record", chosen, kind="geometry", timeout_s=300)
        commands = pool.run_sync("tests.integration.engine_probe:supported", None, kind="geometry")
    finally:
        pool.close()
    tally = Tally()
    with Engine("--sessions", "2", "--timeout-s", "10", "--memory-mb", "2500") as engine:
        half = AMOUNT // 2
        await asyncio.gather(
            _talk(engine, corpus, Messages(SEED, commands), half, tally),
            _talk(engine, corpus, Messages(SEED + 1, commands), AMOUNT - half, tally),
        )
        assert engine.health()["status"] == "ok"
        assert engine.process.poll() is None
        said = await asyncio.to_thread(engine.stop)
    print(dict(tally.outcomes), f"{len(tally.lost)} sessions lost")
    if path := os.environ.get("BRICK_TEST_REPORT"):
        told = {"outcomes": tally.outcomes, "defects": tally.defects, "lost": tally.lost}
        await asyncio.to_thread(Path(path).write_text, json.dumps(told, indent=1))
    assert "Traceback" not in said
    assert tally.defects == []
    assert tally.outcomes["session ended without a word"] == 0
    assert sum(tally.outcomes.values()) >= AMOUNT
