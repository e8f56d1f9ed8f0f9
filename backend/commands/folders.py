"""Folders that results go to, tried before the work and not after it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from backend.errors import InputError


def result_folder(out: Path) -> Path:
    """Makes the folder where it is missing and proves that it can be written. Raises InputError where it can't."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as problem:
        raise InputError(
            f"{out} can't be used for the results: {problem.strerror or problem}.",
            next_action="Name a folder that you may write to with --out.",
        ) from problem
    return out
