"""A process of its own for the kernel, so that a notebook or a script outlives what happens in it.

The house's supervised pool does the same for many workers and kinds of work; the engine stands alone and has this.
A function ("module:name") and plain data go in, its result or its :class:`EngineError` comes out. The process is
started by the first call, kept warm for the next ones, and ended at exit, with its time or memory limit, or when the
call is interrupted.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import selectors
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from backend.engine.errors import EngineError

_HEAD = struct.Struct("<Q")
_TICK_S = 0.1
_START_S = 60.0
_BOOT = "import sys; sys.path[:] = {path!r}; from backend.engine.isolated import child; child()"


class Process:
    """One child process. Calls from several threads are done one after the other."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._log: Any = None
        self._lock = threading.Lock()
        atexit.register(self.close)

    def call(self, target: str, payload: Any, *, timeout_s: float, memory_mb: float) -> Any:
        """The result of ``target(payload)``, computed in the child.

        Raises what the function raised as :class:`EngineError`, and ``timeout``, ``memory`` or ``internal_engine``
        where the child had to be ended or died; the next call starts another.
        """
        with self._lock:
            try:
                child = self._started()
                return self._exchange(child, target, payload, timeout_s, memory_mb)
            except BaseException as error:
                # an interrupted call leaves an answer under way that nobody waits for
                if not (isinstance(error, EngineError) and error.code not in ("timeout", "memory")):
                    self.close()
                raise

    def close(self) -> None:
        """Ends the child, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(OSError):
                os.killpg(child.pid, signal.SIGKILL)
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            self._log.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
            root = str(Path(__file__).resolve().parents[2])
            self._child = subprocess.Popen(
                [sys.executable, "-c", _BOOT.format(path=list(dict.fromkeys([root, *sys.path])))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                start_new_session=True,  # Ctrl-C in a notebook is for the notebook
            )
        return self._child

    def _exchange(
        self, child: subprocess.Popen[bytes], target: str, payload: Any, timeout_s: float, memory_mb: float
    ) -> Any:
        assert child.stdin is not None
        assert child.stdout is not None
        message = pickle.dumps((target, payload))
        try:
            child.stdin.write(_HEAD.pack(len(message)) + message)
            child.stdin.flush()
        except OSError:
            raise self._died(child) from None
        deadline = time.monotonic() + timeout_s + _START_S
        started = False
        received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while True:
                if selector.select(_TICK_S):
                    part = os.read(child.stdout.fileno(), 1 << 20)
                    if not part:
                        raise self._died(child)
                    received += part
                    if not started and received:  # one byte says that the child is warm and begins
                        del received[0]
                        started, deadline = True, time.monotonic() + timeout_s
                    if len(received) >= _HEAD.size and len(received) - _HEAD.size >= _HEAD.unpack_from(received)[0]:
                        break
                elif time.monotonic() > deadline:
                    raise EngineError(f"the kernel was stopped after {timeout_s:g} s, the limit", code="timeout")
                used = _resident_mb(child.pid)
                if used > memory_mb:
                    raise EngineError(
                        f"the kernel was stopped at {used:.0f} MB of memory (limit {memory_mb:.0f} MB)", code="memory"
                    )
        done, content = pickle.loads(received[_HEAD.size :])  # noqa: S301 - written by our own child
        if done:
            return content
        raise content

    def _died(self, child: subprocess.Popen[bytes]) -> EngineError:
        status = child.wait()
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        self._log.seek(0)
        words = self._log.read().decode(errors="replace").strip().splitlines()
        last = f": {words[-1]:.200}" if words and status > 0 else ""
        self.close()
        return EngineError(f"the kernel's process died ({how}){last}; call again for a new one", code="internal_engine")


def _resident_mb(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, IndexError, ValueError):
        return 0.0


def child() -> None:
    """The child's side: calls in on standard input, results out on what was standard output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with results
    parent = os.getppid()

    def orphaned() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=orphaned, daemon=True).start()
    from backend.engine.run import warm

    warm()
    while head := sys.stdin.buffer.read(_HEAD.size):
        target, payload = pickle.loads(sys.stdin.buffer.read(_HEAD.unpack(head)[0]))  # noqa: S301 - from our own parent
        out.write(b"\x01")
        out.flush()
        module, _, name = target.partition(":")
        reply: tuple[bool, Any]
        try:
            reply = True, getattr(import_module(module), name)(payload)
        except EngineError as error:
            reply = False, error
        except Exception as error:
            reply = False, EngineError(f"{target} failed ({type(error).__name__}: {error})", code="internal_engine")
        message = pickle.dumps(reply)
        out.write(_HEAD.pack(len(message)) + message)
        out.flush()
    os._exit(0)  # the interpreter can abort while Python is torn down


_process: Process | None = None
_process_lock = threading.Lock()


def process() -> Process:
    """The process that this program's parts share."""
    global _process
    with _process_lock:
        if _process is None:
            _process = Process()
        return _process
