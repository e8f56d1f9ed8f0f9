"""The public zoo-mcp server in an environment of its own, spoken to over standard input and output (MCP)."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "zoo-mcp==0.28.14"
HOME = ROOT / ".brick" / "zoo-mcp"
INSTALL_S, ANSWER_S = 420.0, 90.0


def environment() -> Path:
    """The Python of an environment with the package, made at the first use; raises OSError where it can't be had."""
    python, stamp = HOME / "bin" / "python", HOME / "installed.txt"
    if stamp.is_file() and stamp.read_text() == PACKAGE and python.exists():
        return python
    HOME.parent.mkdir(exist_ok=True)
    steps = (
        [sys.executable, "-m", "venv", "--clear", str(HOME)],
        [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", PACKAGE],
    )
    for step in steps:
        try:
            done = subprocess.run(step, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            raise OSError(f"{' '.join(step[1:4])} took longer than {INSTALL_S:g} s") from None
        if done.returncode:
            raise OSError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"{step} failed")
    stamp.write_text(PACKAGE)
    return python


class ZooMcp:
    """A running zoo-mcp, pointed at an engine. Use as a context."""

    def __init__(self, python: Path, address: str, folder: Path, token: str = "any") -> None:
        self.errors = (folder / "zoo-mcp.log").open("w+")
        self.process = subprocess.Popen(
            [str(python), "-m", "zoo_mcp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "ZOO_HOST": address, "ZOO_API_TOKEN": token},
        )
        self._number = 0
        self._received = b""
        client = {"name": "brick-test", "version": "1"}
        self._ask("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client})
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def __enter__(self) -> ZooMcp:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()  # how a client of MCP says good-bye
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=5)
        self.errors.close()

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        assert self.process.stdout is not None
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        deadline = time.monotonic() + ANSWER_S
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while time.monotonic() < deadline:
                while b"\n" in self._received:
                    line, _, self._received = self._received.partition(b"\n")
                    message = json.loads(line)
                    if message.get("id") == self._number:
                        assert "error" not in message, message
                        return message["result"]
                if selector.select(0.5):
                    part = os.read(self.process.stdout.fileno(), 1 << 20)
                    assert part, f"zoo-mcp ended: {self.said()}"
                    self._received += part
        raise AssertionError(f"no answer to {method} {params} within {ANSWER_S:g} s: {self.said()}")

    def said(self) -> str:
        self.errors.seek(0)
        return self.errors.read()[-3000:]

    def tools(self) -> set[str]:
        return {tool["name"] for tool in self._ask("tools/list", {})["tools"]}

    def tool(self, name: str, **arguments: Any) -> Any:
        """The content of a tool's answer: its structured result, else its content as given."""
        result = self._ask("tools/call", {"name": name, "arguments": arguments})
        assert not result.get("isError"), f"{name}: {result} {self.said()}"
        told = result.get("structuredContent")
        if told is None:
            return result["content"]
        return told["result"] if set(told) == {"result"} else told
