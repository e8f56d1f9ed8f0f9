"""A supervised pool of worker processes.

Each worker has a thread here that owns it: it starts the process, hands it tasks, and while a task runs watches its
wall time, its resident memory and whether it still lives. A worker that breaks a rule is killed with its children and
replaced for the next task. RLIMIT_AS is not used: it counts virtual memory, of which native solvers map far more than
they touch.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import fcntl
import json
import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from backend.compute.kinds import KINDS, Kind
from backend.errors import TaskError
from backend.monitoring import monitor, span

ROOT = Path(__file__).resolve().parents[2]
BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1])['path']; from backend.compute.worker import main; main()"
)
TICK_S = 0.05
START_LIMIT_S = 120.0
LEAVE_S = 3.0  # an idle worker ends in milliseconds; this is for one that has something to save
RECYCLE_MB = 3000.0  # an idle worker that still holds this much is replaced: native libraries seldom give memory back
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6 if hasattr(os, "sysconf") else 0.004096

Progress = Callable[[Any], None]


@dataclass
class _Task:
    target: str
    payload: Any
    timeout_s: float
    memory_mb: float
    progress: Progress | None = None
    future: Future[Any] = field(default_factory=Future)
    cancelled: threading.Event = field(default_factory=threading.Event)


class _Worker:
    """One child process and the socket to it."""

    def __init__(self, kind: Kind) -> None:
        ours, theirs = socket.socketpair()
        self.log = tempfile.TemporaryFile("a+b", prefix="brick-worker-")  # noqa: SIM115 - lives as long as the worker
        # "a" does not set it, and a child that writes where it last wrote leaves a hole where the file was emptied
        fcntl.fcntl(self.log, fcntl.F_SETFL, fcntl.fcntl(self.log, fcntl.F_GETFL) | os.O_APPEND)
        options = {
            "fd": theirs.fileno(),
            "kind": kind.name,
            "warm": kind.warm,
            "refuses": kind.refuses,
            "parent_pid": os.getpid(),
            "path": list(dict.fromkeys([str(ROOT), *sys.path])),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", BOOT, json.dumps(options)],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            env={**dict(kind.environment), **os.environ},
            start_new_session=True,  # its own group: Ctrl-C doesn't reach it, and its children are killed with it
        )
        theirs.close()
        self.connection = Connection(ours.detach())
        self.ready = False
        self.cold: Any = None

    def rss_mb(self) -> float:
        """Resident memory of the worker, MB; 0 where it can't be read."""
        try:
            with open(f"/proc/{self.process.pid}/statm") as statm:
                return int(statm.read().split()[1]) * PAGE_MB
        except (OSError, IndexError, ValueError):
            return 0.0

    def tree_mb(self) -> float:
        """Resident memory of the worker and of the programs it started, MB."""
        import psutil

        with contextlib.suppress(psutil.Error):
            family = [psutil.Process(self.process.pid)]
            family += family[0].children(recursive=True)
            return float(sum(member.memory_info().rss for member in family)) / 1e6
        return self.rss_mb()

    def last_words(self, limit: int = 4000) -> str:
        """The end of what the worker printed (a native crash leaves its trace there)."""
        with contextlib.suppress(OSError, ValueError):
            size = self.log.seek(0, os.SEEK_END)
            self.log.seek(max(0, size - limit))
            return self.log.read().decode(errors="replace").strip()
        return ""

    def forget_log(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.log.truncate(0)

    def leave(self) -> None:
        """Let an idle worker end by itself (it may have something to write, such as its coverage), else kill it."""
        if self.ready:
            with contextlib.suppress(OSError):
                self.connection.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=LEAVE_S)
        self.kill()

    def kill(self) -> int | None:
        """End the worker and everything it started; returns its exit status."""
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        with contextlib.suppress(OSError):
            self.connection.close()
        self.log.close()
        return self.process.returncode


class _Slot(threading.Thread):
    """The thread that owns one worker. It also keeps it alive: PR_SET_PDEATHSIG follows the thread that started it."""

    def __init__(self, kind: Kind, tasks: queue.SimpleQueue[_Task | None], index: int, keeps_state: bool) -> None:
        super().__init__(name=f"brick-{kind.name}-{index}", daemon=True)
        self.kind, self.tasks = kind, tasks
        self.keeps_state = keeps_state  # leased: what one task left in the process belongs to the next
        self.worker: _Worker | None = None
        self.closing = threading.Event()
        self.start()

    def run(self) -> None:
        with contextlib.suppress(OSError):  # a start that fails is tried again, and reported, with the first task
            self.worker = _Worker(self.kind)
        while True:
            task = self.tasks.get()
            if task is None or self.closing.is_set():
                if task is not None:
                    task.future.set_exception(_closed())
                break
            if not task.future.set_running_or_notify_cancel():
                continue
            try:
                result = self._perform(task)
            except BaseException as error:
                task.future.set_exception(error)
            else:
                task.future.set_result(result)
            del task
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.leave()

    def _drop(self) -> int | None:
        worker, self.worker = self.worker, None
        return worker.kill() if worker else None

    def _alive(self) -> _Worker:
        """A living, warmed-up worker."""
        if self.worker is not None and self.worker.process.poll() is not None:
            self._drop()
        if self.worker is None:
            try:
                self.worker = _Worker(self.kind)
            except OSError as error:
                raise TaskError(
                    f"a {self.kind.name} worker process can't be started: {error}",
                    next_action="Free memory, processes or file handles and try again.",
                    code="task_crashed",
                ) from error
        return self.worker

    def _perform(self, task: _Task) -> Any:
        worker = self._alive()
        if not worker.ready:
            note, content = self._await(worker, task, START_LIMIT_S, "starting")
            worker.ready = True
            worker.cold = content if note == "cold" else None
        try:
            worker.connection.send((task.target, task.payload))
        except OSError as error:
            raise self._crashed(worker, task, "taking the task") from error
        note, content = self._await(worker, task, task.timeout_s, "running")
        worker.forget_log()
        used = worker.rss_mb()
        if self.keeps_state:
            if used > task.memory_mb:
                raise self._swollen(task, used)
        elif used > RECYCLE_MB:
            self._drop()
            self.worker = _Worker(self.kind)
        if note == "done":
            return content
        if note == "raised":
            raised = pickle.loads(content)  # noqa: S301 - written by our own worker
            if getattr(raised, "ends_process", False):
                self._drop()
                self.worker = _Worker(self.kind)
            raise raised
        raise TaskError(
            f"{task.target} failed: {content['type']}: {content['message']}",
            next_action="This is a defect or a missing part of the installation; `brick doctor` tells which. "
            "The traceback is in the details.",
            code="task_failed",
            target=task.target,
            exception=content["type"],
            traceback=content["traceback"],
            error=content.get("error"),
        )

    def _await(self, worker: _Worker, task: _Task, limit_s: float, doing: str) -> tuple[str, Any]:
        """The next message of the worker, while its time, memory and pulse are watched."""
        start = time.monotonic()
        next_tree_check = start + 1.0
        while True:
            try:
                if worker.connection.poll(TICK_S):
                    note, content = worker.connection.recv()
                    if note != "progress":
                        return note, content
                    if task.progress is not None:
                        task.progress(content)
                    continue
            except (EOFError, OSError):
                raise self._crashed(worker, task, doing) from None
            now = time.monotonic()
            if task.cancelled.is_set() or self.closing.is_set():
                self._drop()
                raise TaskError(f"{task.target} was cancelled", next_action="Start it again.", code="task_cancelled")
            if now - start > limit_s:
                words = worker.last_words()
                self._drop()
                raise TaskError(
                    f"{task.target} was stopped after {now - start:.1f} s (limit {limit_s:g} s, while {doing})",
                    next_action="Simplify the model, or raise the time limit.",
                    code="task_timeout",
                    target=task.target,
                    limit_s=limit_s,
                    last_words=words,
                )
            used = worker.rss_mb()
            if now > next_tree_check:
                next_tree_check, used = now + 1.0, max(used, worker.tree_mb())
            if used > task.memory_mb:
                raise self._swollen(task, used)

    def _swollen(self, task: _Task, used_mb: float) -> TaskError:
        words = self.worker.last_words() if self.worker is not None else ""
        self._drop()
        return TaskError(
            f"{task.target} was stopped at {used_mb:.0f} MB of memory (limit {task.memory_mb:.0f} MB)",
            next_action="Simplify the model or coarsen the mesh, or raise the memory limit.",
            code="task_memory",
            target=task.target,
            used_mb=used_mb,
            limit_mb=task.memory_mb,
            last_words=words,
        )

    def _crashed(self, worker: _Worker, task: _Task, doing: str) -> TaskError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.process.wait(timeout=2)
        words = worker.last_words()
        status = self._drop()
        status_text = f"exit status {status}"
        if status is not None and status < 0:
            with contextlib.suppress(ValueError):
                status_text = f"signal {signal.Signals(-status).name}"
        return TaskError(
            f"the {self.kind.name} worker died ({status_text}) while {doing} {task.target}",
            next_action="The worker was replaced; other work is unharmed. Try again; if it repeats, this input crashes "
            "the native library: change it, and report it with the details.",
            code="task_crashed",
            target=task.target,
            status=status,
            last_words=words,
        )


def _closed() -> TaskError:
    return TaskError("the pool is closed", next_action="Start the program again.", code="pool_closed")


class Lease:
    """One worker process of one's own, for a conversation: what a task leaves in the process is there for the next.

    The process starts at once and warms up in the background. After a :class:`TaskError` with code task_timeout,
    task_memory, task_crashed or task_cancelled the process is gone with its state; the next task starts a new one.
    """

    def __init__(self, kind: Kind, index: int) -> None:
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._slot = _Slot(kind, self._tasks, index, True)

    @property
    def rss_mb(self) -> float:
        """Resident memory of the process, MB; 0 where there is none."""
        worker = self._slot.worker
        return worker.rss_mb() if worker is not None else 0.0

    @property
    def is_warm(self) -> bool:
        """Whether the process has done its first task."""
        worker = self._slot.worker
        return worker is not None and worker.ready

    @property
    def pid(self) -> int | None:
        """Of the process; None where there is none."""
        worker = self._slot.worker
        return worker.process.pid if worker is not None else None

    def submit(
        self, target: str, payload: Any, *, timeout_s: float = 60.0, memory_mb: float = 6000.0
    ) -> tuple[Future[Any], Callable[[], None]]:
        """As :meth:`WorkPool.submit`, in this process; tasks are done in the order they come."""
        task = _Task(target, payload, timeout_s, memory_mb)
        if self._slot.closing.is_set():
            task.future.set_exception(_closed())
        else:
            self._tasks.put(task)
        return task.future, _canceller(task)

    async def run(self, target: str, payload: Any, *, timeout_s: float = 60.0, memory_mb: float = 6000.0) -> Any:
        """As :meth:`WorkPool.run`, in this process."""
        future, cancel = self.submit(target, payload, timeout_s=timeout_s, memory_mb=memory_mb)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            cancel()
            raise

    def close(self, wait_s: float = 2 + LEAVE_S) -> None:
        """End the process; a task that runs fails with task_cancelled."""
        self._slot.closing.set()
        self._tasks.put(None)
        if wait_s > 0:
            self._slot.join(timeout=wait_s)
            worker = self._slot.worker
            if worker is not None:
                worker.kill()


def _canceller(task: _Task) -> Callable[[], None]:
    def cancel() -> None:
        task.cancelled.set()
        task.future.cancel()

    return cancel


class WorkPool:
    """Supervised workers by kind, started on first use or by :meth:`warm`.

    Thread-safe and not tied to an event loop: :meth:`run` may be awaited from any.
    """

    def __init__(self, kinds: dict[str, Kind] | None = None) -> None:
        self.kinds = dict(KINDS if kinds is None else kinds)
        self._queues: dict[str, queue.SimpleQueue[_Task | None]] = {}
        self._slots: dict[str, list[_Slot]] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    def _slots_of(self, kind: str) -> list[_Slot]:
        if kind not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            raise TaskError(f"no such kind of worker: {kind!r}", next_action=f"Use one of: {known}.", code="bad_kind")
        with self._lock:
            if self._is_closed:
                raise _closed()
            if kind not in self._slots:
                tasks = self._queues.setdefault(kind, queue.SimpleQueue())
                self._slots[kind] = [_Slot(self.kinds[kind], tasks, i, False) for i in range(self.kinds[kind].workers)]
            return self._slots[kind]

    def warm(self, *kinds: str) -> None:
        """Start the workers of these kinds in the background; returns at once."""
        for kind in kinds:
            self._slots_of(kind)

    def submit(
        self,
        target: str,
        payload: Any,
        *,
        kind: str = "general",
        timeout_s: float = 60.0,
        memory_mb: float = 6000.0,
        on_progress: Progress | None = None,
    ) -> tuple[Future[Any], Callable[[], None]]:
        """Queue ``target`` ("module:function", called with ``payload``); returns its future and what cancels it.

        ``timeout_s`` is wall time from when a worker takes the task, not from now. A function that has a parameter
        ``progress`` gets a callable there; what it sends arrives at ``on_progress``, in a thread of the pool.
        """
        self._slots_of(kind)
        task = _Task(target, payload, timeout_s, memory_mb, on_progress)
        self._queues[kind].put(task)
        return task.future, _canceller(task)

    async def run(
        self,
        target: str,
        payload: Any,
        *,
        kind: str = "general",
        timeout_s: float = 60.0,
        memory_mb: float = 6000.0,
        on_progress: Progress | None = None,
    ) -> Any:
        """Run ``target(payload)`` in a worker and await the result.

        Raises the task's own exception where that has ``as_dict`` (EngineError, PhysicsError, BrickError), else
        :class:`TaskError` with code task_timeout, task_memory, task_crashed, task_cancelled or task_failed. When the
        awaiting task is cancelled, the worker is killed: nothing goes on computing for nobody.
        """
        future, cancel = self.submit(
            target, payload, kind=kind, timeout_s=timeout_s, memory_mb=memory_mb, on_progress=on_progress
        )
        outcome = "failed"
        with span(f"solve {target}", target=target, kind=kind):
            try:
                result = await asyncio.wrap_future(future)
                outcome = "done"
                return result
            except asyncio.CancelledError:
                outcome = "cancelled"
                cancel()
                raise
            finally:
                monitor.count("brick_tasks_total", 1, kind=kind, outcome=outcome)

    def run_sync(self, target: str, payload: Any, *, kind: str = "general", **limits: Any) -> Any:
        """:meth:`run` for plain code without an event loop."""
        future, cancel = self.submit(target, payload, kind=kind, **limits)
        try:
            return future.result()
        except KeyboardInterrupt:
            cancel()
            raise

    def status(self) -> dict[str, list[dict[str, Any]]]:
        """Per kind, each worker's pid, memory (MB) and whether it is warm."""
        return {
            kind: [
                {"pid": worker.process.pid, "rss_mb": round(worker.rss_mb(), 1), "ready": worker.ready}
                for slot in slots
                if (worker := slot.worker) is not None
            ]
            for kind, slots in self._slots.items()
        }

    def close(self) -> None:
        """Kill all workers; tasks that wait or run fail with ``pool_closed`` or ``task_cancelled``."""
        with self._lock:
            self._is_closed = True
            slots = [slot for group in self._slots.values() for slot in group]
        for slot in slots:
            slot.closing.set()
        for kind, group in self._slots.items():
            for _ in group:
                self._queues[kind].put(None)
        for slot in slots:
            slot.join(timeout=2 + LEAVE_S)
            worker = slot.worker
            if worker is not None:
                worker.kill()
        for tasks in self._queues.values():
            with contextlib.suppress(queue.Empty):
                while True:
                    task = tasks.get_nowait()
                    if task is not None and task.future.set_running_or_notify_cancel():
                        task.future.set_exception(_closed())


_pool: WorkPool | None = None
_pool_lock = threading.Lock()


def get_pool() -> WorkPool:
    """The process's pool, made on first use and closed at exit."""
    global _pool
    with _pool_lock:
        if _pool is None or _pool._is_closed:
            _pool = WorkPool()
            atexit.register(_pool.close)
        return _pool
