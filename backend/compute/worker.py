"""The worker process: receives one task at a time on a socket, runs it, sends the result back.

Started by :mod:`backend.compute.pool` as a plain child process (not by fork: a fork of a process with threads and
native libraries is not safe, and the child must not re-run the parent's main module).
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import importlib.abc
import inspect
import json
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class _Refuse(importlib.abc.MetaPathFinder):
    """Makes the import of some packages an error: they belong to another kind of worker."""

    def __init__(self, kind: str, packages: tuple[str, ...]) -> None:
        self.kind, self.packages = kind, packages

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname.partition(".")[0] in self.packages:
            raise ImportError(
                f"{fullname} must not be loaded in a {self.kind!r} worker: it can't share a process with what is there",
                name=fullname,
            )


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent dies (Linux); leave at once if the parent is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # When memory runs out, the kernel should take a worker and not the process that supervises it.
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as adjust:
            adjust.write("500")
    if os.getppid() != parent_pid:
        os._exit(1)


def resolve(target: str) -> Callable[..., Any]:
    """The function that "package.module:function" names."""
    module, _, function = target.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return found


def _as_reply(error: BaseException) -> tuple[str, Any]:
    """An exception as a reply: itself where it has ``as_dict`` and survives pickling, else its description."""
    trace = traceback.format_exc(limit=-12)
    described = {
        "type": type(error).__name__,
        "module": type(error).__module__,
        "message": str(error),
        "traceback": trace,
    }
    if hasattr(error, "as_dict"):
        with contextlib.suppress(Exception):
            packed = pickle.dumps(error)
            pickle.loads(packed)  # noqa: S301 - our own bytes: proves that the parent can read it
            return "raised", packed
        with contextlib.suppress(Exception):
            described["error"] = error.as_dict()
    return "failed", described


def _run(connection: Connection, target: str, payload: Any) -> tuple[str, Any]:
    try:
        function = resolve(target)
        if "progress" in inspect.signature(function).parameters:
            result = function(payload, progress=lambda data: connection.send(("progress", data)))
        else:
            result = function(payload)
        return "done", result
    except Exception as error:
        return _as_reply(error)


def serve(connection: Connection, warm: str | None) -> None:
    """Warm up, say so, then answer tasks until the other end closes."""
    if warm:
        try:
            resolve(warm)()
            connection.send(("ready", None))
        except Exception as error:
            connection.send(("cold", _as_reply(error)))  # the first task will say what is wrong, in its own words
    else:
        connection.send(("ready", None))
    while True:
        try:
            target, payload = connection.recv()
        except (EOFError, OSError):
            return
        reply = _run(connection, target, payload)
        try:
            connection.send(reply)
        except (BrokenPipeError, OSError):
            return
        except Exception as error:  # the result can't be pickled
            connection.send(_as_reply(TypeError(f"the result of {target} can't be sent: {error}")))
        sys.stdout.flush()


def main() -> None:
    """Entry point; the one argument is a JSON object written by the pool."""
    options = json.loads(sys.argv[1])
    die_with_parent(options["parent_pid"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    faulthandler.enable()
    if options["refuses"]:
        sys.meta_path.insert(0, _Refuse(options["kind"], tuple(options["refuses"])))
    connection = Connection(options["fd"])
    with contextlib.suppress(KeyboardInterrupt):
        serve(connection, options["warm"])
    # Native libraries with threads of their own may crash while they are torn down; nothing is left to save.
    os._exit(0)
