"""One connection is one session is one scene: requests in, replies out, the first failure of a batch ends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.protocol import dispatch, wire
from backend.engine.protocol.fields import entity
from backend.engine.scene import Scene

Watch = Callable[[str, dict[str, Any]], None]
_SILENT = {"trickle_ice", "sdp_offer", "metrics_response", "headers"}


class Session:
    """Answers frames one after the other; ``last_error`` keeps the error that ended the run, with its command."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.last_error: EngineError | None = None
        self.busy_s = 0.0
        self.log: list[tuple[str, Any]] | None = None  # every command with its id, where asked for
        self.on_project: Callable[[Session, dict[str, Any]], dict[str, Any]] | None = None  # runs whole projects
        self.on_command: Callable[[str, str], None] | None = None  # told id and name before a command is carried out
        # told of each command before and after it is carried out (see backend.engine.provenance)
        self.before: Watch | None = None
        self.after: Watch | None = None

    def _run(self, cmd_id: str, cmd: Any) -> dict[str, Any]:
        if not isinstance(cmd, dict):
            raise EngineError('a modeling request has an object "cmd"')
        if self.log is not None:
            self.log.append((cmd_id, cmd))
        if self.on_command is not None:
            self.on_command(cmd_id, str(cmd.get("type")))
        try:
            if self.before is not None:
                self.before(cmd_id, cmd)
            reply = dispatch.execute(self.scene, cmd_id, cmd)
            if self.after is not None:
                self.after(cmd_id, cmd)
            return reply
        except EngineError as error:
            self.last_error = error
            raise

    def answer(self, frame: str | bytes) -> str | bytes | None:
        """The reply to one frame; None where the protocol expects none."""
        started = time.perf_counter()
        try:
            return self._answer(frame)
        finally:
            self.busy_s += time.perf_counter() - started

    def _answer(self, frame: str | bytes) -> str | bytes | None:
        request_id: str | None = None
        try:
            message = wire.read_frame(frame)
            kind = message["type"]
            if kind == "ping":
                return wire.pong()
            if kind in _SILENT:
                return None
            if kind == "modeling_cmd_req":
                request_id = entity(message.get("cmd_id"))
                return wire.success(request_id, self._run(request_id, message.get("cmd")))
            if kind == "modeling_cmd_batch_req":
                request_id = entity(message.get("batch_id"))
                return wire.batch(request_id, self._batch(message))
            request_id = wire.named_id(message)
            if kind == "exec_kcl_project" and self.on_project is not None:
                return wire.project(request_id, self.on_project(self, message))
            raise EngineError(f"the message type {kind!r} is not part of this engine's protocol", code="unsupported")
        except EngineError as error:
            return wire.failure(request_id, error)

    def _batch(self, message: dict[str, Any]) -> dict[str, Any]:
        requests = message.get("requests")
        if not isinstance(requests, list):
            raise EngineError('a batch has a list "requests"')
        responses: dict[str, Any] = {}
        for request in requests:
            if not isinstance(request, dict):
                raise EngineError("each request of a batch is an object with cmd and cmd_id")
            cmd_id = entity(request.get("cmd_id"))
            try:
                response = self._run(cmd_id, request.get("cmd"))
            except EngineError as error:
                responses[cmd_id] = {"errors": wire.errors(error)}
                break
            # two commands of a batch may carry one id (a profile's close has its start's): keep what says something
            if cmd_id not in responses or response.get("data"):
                responses[cmd_id] = {"response": response}
        return responses
