"""What an entry's validity hangs on: the kernel's version, the engine's own sources, the format of the entries."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import sys
from pathlib import Path

FORMAT = 1
_ENGINE = Path(__file__).resolve().parents[1]
_KERNELS = ("cadquery-ocp-novtk", "cadquery-ocp")


@functools.cache
def fingerprint() -> bytes:
    """32 bytes that change with the kernel's build, with any source file of the engine and with the format.

    Any source file: which change of the engine leaves old results right is not for a cache to guess.
    """
    digest = hashlib.sha256(f"format {FORMAT}, python {sys.version_info[:2]}, {sys.byteorder}".encode())
    for package in (*_KERNELS, "numpy"):
        try:
            digest.update(f"{package} {importlib.metadata.version(package)}".encode())
        except importlib.metadata.PackageNotFoundError:
            continue
    for source in sorted(_ENGINE.rglob("*.py")):
        digest.update(source.relative_to(_ENGINE).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.digest()
