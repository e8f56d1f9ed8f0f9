"""A session of the modeling protocol for a relay in another process: frames in, replies out, one session at a time.

Plain functions for a worker process. What the session is about to do is written to standard error before it is done:
that is how the supervisor knows the command that a crash or a hang cost.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

from backend.engine.ids import derive
from backend.engine.protocol import dispatch, projects
from backend.engine.protocol.session import Session
from backend.engine.scene import Scene

MARK = "modeling command "
_current: tuple[str, Session] | None = None


def warm() -> None:
    """Imports the kernel and all commands."""
    dispatch.load()


def answer(message: dict[str, Any]) -> str | bytes | None:
    """The reply to ``message["frame"]`` in the session ``message["session"]``; a new name starts a new session."""
    global _current
    if _current is None or _current[0] != message["session"]:
        dispatch.load()
        session = Session()
        session.on_command = _tell
        session.on_project = projects.execute
        _current = (message["session"], session)
    reply = _current[1].answer(message["frame"])
    return reply


def forget(_: Any = None) -> None:
    """Drops the session and what it held."""
    global _current
    _current = None
    gc.collect()


def _tell(cmd_id: str, name: str) -> None:
    known = name if name in dispatch.COMMANDS else "unknown"
    sys.stderr.write(f"{MARK}{cmd_id} {known}\n")
    sys.stderr.flush()


def file_job(job: dict[str, Any]) -> dict[str, Any]:
    """A foreign file (``data`` in ``format``) taken in, and the data of the reply to one command ``cmd`` about it."""
    dispatch.load()
    scene = Scene()
    name, kind = f"input.{job['format']}", {"stp": "step", "glb": "gltf"}.get(job["format"], job["format"])
    take_in = {"type": "import_files", "files": [{"path": name, "data": job["data"]}], "format": {"type": kind}}
    dispatch.execute(scene, derive("file"), take_in)
    reply: dict[str, Any] = dispatch.execute(scene, derive("file", "reply"), job["cmd"])["data"]
    return reply
