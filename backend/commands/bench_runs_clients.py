"""Clients of ``./brick bench runs`` in a process of their own, so that what they take is not the server's.

Run as a program: ``PORT PROJECT CLIENTS [PROJECT CLIENTS …]``. It says "ready" when all are connected, and prints what
each got when its project's run has ended: sequence numbers, and for each event how long after its publication it came.
Events are stamped as they come in and read afterwards.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import time
from datetime import datetime
from typing import Any

END = b'"kind": "done"'
TEXT, PING, PONG = 1, 9, 10


class Watcher(asyncio.Protocol):
    """One WebSocket client that only listens."""

    def __init__(self, port: int, project_id: str) -> None:
        self.port, self.project_id = port, project_id
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self.texts: list[tuple[float, bytes]] = []
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the project's events from the first on."""
        key = base64.b64encode(os.urandom(16)).decode()
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(
            f"GET /ws/orchestrator/{self.project_id}?since=0 HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take the frames of a server apart, which are not masked (RFC 6455, 5.2); answer its pings."""
        now = time.time()
        self._left += data
        if not self.ready.done():
            head, blank, rest = self._left.partition(b"\r\n\r\n")
            if not blank:
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.ready.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            self._left = rest
            self.ready.set_result(None)
        while (frame := self._frame()) is not None:
            kind, body = frame
            if kind == PING:
                self._transport.write(bytes((0x80 | PONG, 0x80 | len(body), 0, 0, 0, 0)) + body)  # masked with zeros
            elif kind == TEXT:
                self.texts.append((now, body))
                if END in body and not self.over.done():
                    self.over.set_result(None)

    def _frame(self) -> tuple[int, bytes] | None:
        """The next whole frame: its kind and body."""
        left = self._left
        if len(left) < 2:
            return None
        size, begin = left[1] & 0x7F, 2
        if size >= 126:
            begin = 4 if size == 126 else 10
            if len(left) < begin:
                return None
            size = int.from_bytes(left[2:begin], "big")
        if len(left) < begin + size:
            return None
        self._left = left[begin + size :]
        return left[0] & 0x0F, left[begin : begin + size]

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, too early or not."""
        for waiting in (self.ready, self.over):
            if not waiting.done():
                waiting.set_exception(ConnectionError(f"the server closed: {exc}"))


async def watch(port: int, wanted: dict[str, int]) -> list[dict[str, Any]]:
    """What each of the clients got of its project."""
    loop = asyncio.get_running_loop()
    watchers: list[Watcher] = []
    for project_id, clients in wanted.items():
        for _ in range(clients):
            _, watcher = await loop.create_connection(lambda p=project_id: Watcher(port, p), "127.0.0.1", port)  # type: ignore[misc]
            watchers.append(watcher)
    await asyncio.gather(*(watcher.ready for watcher in watchers))
    print("ready", flush=True)
    await asyncio.wait_for(asyncio.gather(*(watcher.over for watcher in watchers)), 300)
    found = []
    for watcher in watchers:
        events = [(at, json.loads(text)) for at, text in watcher.texts]
        waits = [at - datetime.fromisoformat(event["ts"]).timestamp() for at, event in events]
        found.append({"project": watcher.project_id, "seqs": [event["seq"] for _, event in events], "waits_s": waits})
    return found


if __name__ == "__main__":
    pairs = dict(zip(sys.argv[2::2], map(int, sys.argv[3::2]), strict=True))
    print(json.dumps(asyncio.run(watch(int(sys.argv[1]), pairs))))
