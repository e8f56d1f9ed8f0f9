"""One connection: frames from the client to its worker and back, while time, memory and the kernel's pulse are watched.

Only text, binary and close frames are sent: the official client takes a protocol ping for an error. A client learns why
its session ends from a failure with the id of the request that was under way, and from the reason in the close frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time
import uuid

from starlette.websockets import WebSocket, WebSocketDisconnect

from backend.compute import Lease
from backend.engine.errors import EngineError
from backend.engine.protocol import wire
from backend.engine.protocol.wire import named_id
from backend.errors import BrickError
from backend.modeling_api.limits import Limits
from backend.modeling_api.workers import LOST, BusyError, Workers

log = logging.getLogger("brick.engine")

ANSWER = "backend.engine.protocol.remote:answer"
_MARK = re.compile(r"^modeling command (?P<id>[0-9a-f-]{36}) (?P<name>\w+)$", re.MULTILINE)
_QUEUED_FRAMES = 64
_ABANDONED_GRACE_S = 2.0  # a client that left: the command under way may still end by itself
_REASON_BYTES = 123  # RFC 6455, 5.5: a close frame carries at most 125 bytes, two of them the code
NORMAL, GOING_AWAY, INTERNAL, TRY_LATER = 1000, 1001, 1011, 1013


class Relay:
    """Serves one accepted websocket to its end."""

    def __init__(self, socket: WebSocket, workers: Workers, limits: Limits, stopping: asyncio.Event) -> None:
        self.socket, self.workers, self.limits, self.stopping = socket, workers, limits, stopping
        self.session = str(uuid.uuid4())
        self._frames: asyncio.Queue[str | bytes | None] = asyncio.Queue(_QUEUED_FRAMES)
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        """Until the client leaves, a limit is met, the worker is lost or the server stops."""
        reader = asyncio.create_task(self._read())
        stop = asyncio.create_task(self.stopping.wait())
        talk = asyncio.create_task(self._talk())
        began = time.monotonic()
        try:
            await asyncio.wait({reader, stop, talk}, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                await self._end(GOING_AWAY, EngineError("the engine is stopping", code="stopping"))
            elif reader.done() and not talk.done():
                await asyncio.wait({talk, stop}, timeout=_ABANDONED_GRACE_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reader, stop, talk):
                task.cancel()
            ended = await asyncio.gather(reader, stop, talk, return_exceptions=True)
            for outcome in ended:
                if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                    log.error("session %s: %s: %s", self.session, type(outcome).__name__, outcome)
            log.info("session %s ended after %.1f s", self.session, time.monotonic() - began)

    async def _read(self) -> None:
        """Frames into the queue; a ping is answered at once, also while the kernel works. Ends with the connection."""
        while True:
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                with contextlib.suppress(asyncio.QueueFull):
                    self._frames.put_nowait(None)
                return
            text, data = message.get("text"), message.get("bytes")
            frame: str | bytes = text if text is not None else data or b""
            if isinstance(frame, str) and len(frame) < 100 and _is_ping(frame):
                await self._send(wire.pong())
                continue
            await self._frames.put(frame)

    async def _send(self, reply: str | bytes) -> None:
        async with self._sending:
            if isinstance(reply, str):
                await self.socket.send_text(reply)
            else:
                await self.socket.send_bytes(reply)

    async def _end(self, code: int, error: EngineError, request_id: str | None = None) -> None:
        """Says why, twice: in a failure and in the close frame."""
        log.warning("session %s: %s", self.session, error.message)
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            if request_id is not None:
                await self._send(wire.failure(request_id, error))
            await self._send(wire.failure(None, error))
            await self.socket.close(code, error.message.encode()[:_REASON_BYTES].decode(errors="ignore"))

    async def _talk(self) -> None:
        try:
            async with self.workers.lease() as lease:
                await self._send(wire.greeting(self.session))
                await self._converse(lease)
        except BusyError as busy:
            await self._end(TRY_LATER, EngineError(f"{busy.message}. {busy.next_action}", code="busy"))
        except _EndError as end:
            await self._end(end.code, end.error, end.request_id)

    async def _converse(self, lease: Lease) -> None:
        deadline = time.monotonic() + self.limits.session_s
        while True:
            try:
                async with asyncio.timeout(min(self.limits.idle_s, max(0.1, deadline - time.monotonic()))):
                    frame = await self._frames.get()
            except TimeoutError:
                late = time.monotonic() >= deadline
                what, limit = ("lasted", self.limits.session_s) if late else ("was silent for", self.limits.idle_s)
                await self._end(NORMAL, EngineError(f"the session {what} {limit:g} s and was ended", code="timeout"))
                return
            if frame is None:
                return
            reply = await self._answer(lease, frame, deadline)
            if reply is not None:
                await self._send(reply)

    async def _answer(self, lease: Lease, frame: str | bytes, deadline: float) -> str | bytes | None:
        """The worker's reply; raises :class:`_EndError` where the worker is lost."""
        limit_s = min(self.limits.timeout_s, max(1.0, deadline - time.monotonic()))
        try:
            reply: str | bytes | None = await lease.run(
                ANSWER, {"session": self.session, "frame": frame}, timeout_s=limit_s, memory_mb=self.limits.memory_mb
            )
            return reply
        except BrickError as error:
            if error.code in LOST:
                raise _lost(error, frame) from None
            log.error("session %s: %s", self.session, error.message)
            what = error.details.get("exception") or error.code
            told = error.message.partition(": ")[2] or error.message
            failed = EngineError(f"the engine failed on this message ({what}): {told:.300}", code="internal_engine")
            return wire.failure(_request_id(frame), failed)


class _EndError(Exception):
    """The session can't go on."""

    def __init__(self, code: int, error: EngineError, request_id: str | None) -> None:
        super().__init__(error.message)
        self.code, self.error, self.request_id = code, error, request_id


def _lost(error: BrickError, frame: str | bytes) -> _EndError:
    """What a client is told whose worker had to be ended or died, with the command that was under way."""
    details = error.details
    marks = list(_MARK.finditer(str(details.get("last_words") or "")))
    command = marks[-1]["name"] if marks else None
    doing = f" in {command}" if command else ""
    if error.code == "task_timeout":
        message = f"the kernel was stopped{doing} after {details.get('limit_s', 0):g} s, the limit for one request"
    elif error.code == "task_memory":
        message = f"the kernel was stopped{doing} at {details['used_mb']:.0f} MB (limit {details['limit_mb']:.0f} MB)"
    elif error.code == "task_crashed":
        status = re.search(r"\((signal \w+|exit status -?\d+)\)", error.message)
        message = f"the geometry kernel crashed{doing}" + (f" ({status[1]})" if status else "")
    else:
        message = f"the session was ended{doing}"
    told = EngineError(f"{message}; this run is lost, other sessions go on", "internal_engine", command=command)
    return _EndError(INTERNAL, told, _request_id(frame))


def _is_ping(frame: str) -> bool:
    try:
        message = json.loads(frame)
    except ValueError:
        return False
    return isinstance(message, dict) and message.get("type") == "ping"


def _request_id(frame: str | bytes) -> str | None:
    """The id that the client gave its request: that of the command or of the batch."""
    try:
        return named_id(wire.read_frame(frame))
    except EngineError:
        return None
