"""The console that results are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 140  # columns where the output is not a terminal, so that a log keeps its tables whole


def report_console() -> Console:
    """A console on standard output, as wide as the terminal, or :data:`PIPE_WIDTH` in a pipe or file."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPE_WIDTH)
