"""Entries as files of a folder that several processes share: atomic to make, checked when read, bounded in size.

An entry is one file, ``<folder>/<first two digits of the key>/<key>``: a magic word, the checksum of the rest, the
key, the payload. It is written beside its place and renamed into it, so a reader sees all of it or nothing, and of two
writers of one key the later one wins (their payloads are the same). A file that is cut short, altered, not under its
own key, not this user's, or writable by others is no entry: it is counted, removed where that is allowed, and the
answer is computed anew. Entries that were not used for longest go first when the folder outgrows its limit.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"brick-engine-cache\x00\x01"
_HEAD = len(_MAGIC) + 64
_TOUCH_S = 60.0  # an entry's time of last use is kept to the minute
_SHARE_OF_LIMIT = 8  # no entry may take more than this part of the limit
_BLOCK = 4096  # what the smallest file takes
_STALE_S = 3600.0  # a half-written file that is older was left by a process that died


@dataclass(frozen=True)
class Contents:
    """What a cache folder holds."""

    folder: Path
    entries: int
    size_bytes: int


class DiskStore:
    """The cache folder. Any failure of the file system makes it a slower cache, never an error.

    ``trouble`` says why the folder isn't used, where it isn't; ``rejected`` counts files that were no sound entries.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder, self.limit_bytes = folder, limit_bytes
        self.trouble = ""
        self.rejected = 0
        self._size = limit_bytes  # as last looked at; the first write looks
        self._grown = 0  # by this process, since
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.trouble = _distrust(os.stat(folder), "folder")
        except OSError as error:
            self.trouble = str(error)

    def _path(self, key: bytes) -> Path:
        name = key.hex()
        return self.folder / name[:2] / name

    def get(self, key: bytes) -> bytes | None:
        """The payload under a key (32 bytes); None where there is no sound entry."""
        if self.trouble:
            return None
        path = self._path(key)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError:
            self._reject(path)
            return None
        try:
            with os.fdopen(handle, "rb") as file:
                status = os.fstat(file.fileno())
                whole = b"" if _distrust(status, "file") or status.st_size > self.limit_bytes else file.read()
        except OSError:
            return None
        payload = _payload(key, whole)
        if payload is None:
            self._reject(path)
            return None
        if time.time() - status.st_mtime > _TOUCH_S:
            with contextlib.suppress(OSError):
                os.utime(path)
        return payload

    def put(self, key: bytes, payload: bytes) -> bool:
        """Keeps a payload; whether it was kept."""
        if self.trouble or len(payload) > self.limit_bytes // _SHARE_OF_LIMIT:
            return False
        path = self._path(key)
        body = key + payload
        temporary = ""
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + hashlib.sha256(body).digest() + body)
            os.replace(temporary, path)
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
            return False
        self._grown += max(len(body), _BLOCK)
        # others write too: look again once this process alone has written an eighth of the limit
        if self._size + self._grown > self.limit_bytes or self._grown > self.limit_bytes // _SHARE_OF_LIMIT:
            self.shrink()
        return True

    def shrink(self) -> None:
        """Removes what was not used for longest until the folder is well within its limit."""
        self._grown = 0
        found = self._entries()
        total = sum(size for _, size, _ in found)
        if total > self.limit_bytes:
            for _, size, path in sorted(found):
                with contextlib.suppress(OSError):
                    os.unlink(path)
                total -= size
                if total <= self.limit_bytes * 0.8:
                    break
        self._size = total

    def contents(self) -> Contents:
        """Number and size of the entries."""
        found = self._entries()
        return Contents(self.folder, len(found), sum(size for _, size, _ in found))

    def clear(self) -> Contents:
        """Removes all entries (and nothing else that may lie in the folder); returns what there was."""
        before = self.contents()
        for _, _, path in self._entries():
            with contextlib.suppress(OSError):
                os.unlink(path)
        for group in self._groups():
            with contextlib.suppress(OSError):
                os.rmdir(group)
        return before

    def _groups(self) -> list[Path]:
        try:
            return [Path(item.path) for item in os.scandir(self.folder) if len(item.name) == 2 and _is_hex(item.name)]
        except OSError:
            return []

    def _entries(self) -> list[tuple[float, int, str]]:
        """(time of last use, size, path) of each entry; left-overs of writers that died are removed."""
        found = []
        for group in self._groups():
            try:
                items = list(os.scandir(group))
            except OSError:
                continue
            for item in items:
                try:
                    status = item.stat(follow_symlinks=False)
                except OSError:
                    continue
                if len(item.name) == 64 and _is_hex(item.name):
                    found.append((status.st_mtime, max(status.st_size, _BLOCK), item.path))
                elif item.name.startswith(".new-") and time.time() - status.st_mtime > _STALE_S:
                    with contextlib.suppress(OSError):
                        os.unlink(item.path)
        return found

    def _reject(self, path: Path) -> None:
        self.rejected += 1
        with contextlib.suppress(OSError):
            os.unlink(path)


def _is_hex(name: str) -> bool:
    return all(letter in "0123456789abcdef" for letter in name)


def _distrust(status: os.stat_result, what: str) -> str:
    """Why a file or folder is not to be trusted; empty where it is."""
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        return f"the cache {what} belongs to another user"
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"the cache {what} can be written by other users"
    return ""


def _payload(key: bytes, whole: bytes) -> bytes | None:
    """The payload of an entry's bytes, if they are a sound entry of this key."""
    if len(whole) < _HEAD or not whole.startswith(_MAGIC):
        return None
    checksum, body = whole[len(_MAGIC) : len(_MAGIC) + 32], whole[len(_MAGIC) + 32 :]
    if hashlib.sha256(body).digest() != checksum or body[:32] != key:
        return None
    return body[32:]
