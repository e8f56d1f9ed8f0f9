"""What a session may take, and how many there may be."""

from __future__ import annotations

import os
from dataclasses import dataclass

from backend.errors import InputError

MIN_TOKEN_CHARACTERS = 16


@dataclass(frozen=True)
class Limits:
    """Limits of the server.

    ``sessions`` are served at once and ``waiting`` more may wait, each for ``wait_s``. One message may take
    ``timeout_s`` of wall time; a connection may be silent for ``idle_s`` and last ``session_s``; its worker may hold
    ``memory_mb`` (resident). Seconds and MB are positive.
    """

    sessions: int = max(2, min(4, os.cpu_count() or 2))
    waiting: int = 16
    wait_s: float = 60.0
    timeout_s: float = 120.0
    idle_s: float = 600.0
    session_s: float = 7200.0
    memory_mb: float = 4000.0

    def __post_init__(self) -> None:
        """Raises :class:`InputError` for a limit that can't be kept."""
        if not 1 <= self.sessions <= 256:
            raise InputError(f"{self.sessions} sessions at once can't be served.", next_action="Give 1 to 256.")
        if self.waiting < 0:
            raise InputError(f"{self.waiting} clients can't wait.", next_action="Give 0 or more.")
        for name in ("wait_s", "timeout_s", "idle_s", "session_s"):
            if not 0 < getattr(self, name) <= 7 * 86400:
                raise InputError(
                    f"{name} = {getattr(self, name):g} is no usable limit.", next_action="Give seconds, up to a week."
                )
        if self.memory_mb < 400:
            raise InputError(
                f"{self.memory_mb:g} MB is too little: the kernel alone takes about 300 MB.",
                next_action="Give a memory limit of 400 MB or more.",
            )
