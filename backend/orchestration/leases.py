"""Who holds a run, whether that process still lives, and which troubles pass by themselves."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import uuid

from backend.artifacts import ArtifactError


def this_process() -> str:
    """Who holds a lease: host and process."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_dead(owner: str) -> bool:
    """Whether the owner of a lease is known to be dead: a process of this host that is no longer there."""
    host, pid, _ = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    if int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def is_passing(problem: BaseException) -> bool:
    """Whether the trouble is with the storage and not with the run: a locked database, a full disk."""
    from sqlalchemy.exc import OperationalError

    full = isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
    return full or isinstance(problem, OperationalError | sqlite3.OperationalError | ArtifactError)
