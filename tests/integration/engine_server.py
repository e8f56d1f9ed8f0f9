"""A modeling server in a process of its own, as a user starts it, and a plain client for it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import httpx
import psutil
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"https?://\S+")


class Engine:
    """``./brick engine`` on a free port. Use as a context."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the server
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "engine", "--port", "0", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        found = ADDRESS.search(self.process.stderr.readline())
        assert found, "the server said no address"
        self.address = found[0]

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def health(self) -> dict[str, Any]:
        told: dict[str, Any] = httpx.get(f"{self.address}/health", timeout=60).json()
        return told

    def stop(self) -> str:
        """Ends the server as a service manager does; returns what it said on standard error."""
        if self.process.poll() is None:
            self.process.terminate()
        _, said = self.process.communicate(timeout=20)
        return said or ""

    def connect(self, token: str | None = None, **headers: str) -> connect:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return connect(
            f"{self.address.replace('http', 'ws', 1)}/ws/modeling/commands?geometry_only=true",
            additional_headers=headers,
            max_size=None,
            ping_interval=None,
        )


def request(cmd: dict[str, Any], cmd_id: str | None = None) -> str:
    return json.dumps({"type": "modeling_cmd_req", "cmd": cmd, "cmd_id": cmd_id or str(uuid.uuid4())})


def batch(requests: list[dict[str, Any]], batch_id: str | None = None) -> str:
    return json.dumps(
        {
            "type": "modeling_cmd_batch_req",
            "requests": requests,
            "batch_id": batch_id or str(uuid.uuid4()),
            "responses": True,
        }
    )


async def reply(socket: ClientConnection) -> dict[str, Any]:
    """The next reply that isn't the greeting."""
    while True:
        frame = await socket.recv()
        assert isinstance(frame, str)
        told: dict[str, Any] = json.loads(frame)
        if told.get("resp", {}).get("type") != "modeling_session_data":
            return told
