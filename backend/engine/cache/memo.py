"""The two levels of the cache in one: memory first, then disk; and an account of what they were good for."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.engine.cache.disk import DiskStore
from backend.engine.cache.versions import fingerprint

MEMORY_MB = 256.0
DISK_MB = 1024.0
_WORTH_A_FILE_S = 5e-4  # what is computed faster than a file is read stays in memory


@dataclass(frozen=True)
class CacheConfig:
    """``enabled`` False computes everything; ``folder`` None keeps results in memory alone. Limits are in MB (1e6)."""

    enabled: bool = True
    folder: Path | None = None
    memory_mb: float = MEMORY_MB
    disk_mb: float = DISK_MB

    @classmethod
    def from_environment(cls) -> CacheConfig:
        """What a process uses that wasn't told: BRICK_ENGINE_CACHE (disk, memory, off), its _DIR and its _MB."""
        kind, folder = os.environ.get("BRICK_ENGINE_CACHE", "disk"), os.environ.get("BRICK_ENGINE_CACHE_DIR", "")
        try:
            limit = float(os.environ.get("BRICK_ENGINE_CACHE_MB", ""))
        except ValueError:
            limit = DISK_MB
        return cls(kind != "off", Path(folder) if folder and kind == "disk" else None, disk_mb=limit)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> CacheConfig:
        """From plain data: ``{"enabled", "folder", "memory_mb", "disk_mb"}``, each of them optional."""
        folder = given.get("folder")
        return cls(
            bool(given.get("enabled", True)),
            Path(folder) if folder else None,
            float(given.get("memory_mb", MEMORY_MB)),
            float(given.get("disk_mb", DISK_MB)),
        )


@dataclass
class Account:
    """What the cache did: answers from memory and disk, and those that had to be computed, with their seconds."""

    memory_hits: int = 0
    disk_hits: int = 0
    misses: int = 0
    computed_s: float = 0.0
    saved_s: float = 0.0
    overhead_s: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The account as plain data; ``hits`` is the sum of both kinds."""
        return {
            "hits": self.memory_hits + self.disk_hits,
            "memory_hits": self.memory_hits,
            "disk_hits": self.disk_hits,
            "misses": self.misses,
            "computed_s": round(self.computed_s, 6),
            "saved_s": round(self.saved_s, 6),
            "overhead_s": round(self.overhead_s, 6),
        }


class Memo:
    """Payloads by key. What it holds in memory are the entries' bytes: they can't be changed by who uses them."""

    def __init__(self, config: CacheConfig) -> None:
        self.config = config
        self.disk: DiskStore | None = None
        if config.enabled and config.folder is not None:
            self.disk = DiskStore(config.folder, int(config.disk_mb * 1e6))
        self.account = Account()
        self._memory: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._limit = int(config.memory_mb * 1e6)
        self._lock = threading.Lock()

    @property
    def memory_bytes(self) -> int:
        """Bytes of the payloads in memory."""
        return self._size

    def get(self, key: bytes) -> bytes | None:
        """The payload under a key, from memory or disk."""
        if not self.config.enabled:
            return None
        with self._lock:
            found = self._memory.get(key)
            if found is not None:
                self._memory.move_to_end(key)
                self.account.memory_hits += 1
                return found
        found = self.disk.get(key) if self.disk is not None else None
        if found is not None:
            self.account.disk_hits += 1
            self._remember(key, found)
        return found

    def put(self, key: bytes, payload: bytes, durable: bool = True) -> None:
        """Keeps a payload; on disk too, where ``durable`` (what is computed faster than a file is read is not)."""
        if not self.config.enabled:
            return
        self._remember(key, payload)
        if durable and self.disk is not None:
            self.disk.put(key, payload)

    def _remember(self, key: bytes, payload: bytes) -> None:
        if len(payload) > self._limit // 4:
            return
        with self._lock:
            old = self._memory.pop(key, None)
            self._size += len(payload) - (len(old) if old is not None else 0)
            self._memory[key] = payload
            while self._size > self._limit:
                _, gone = self._memory.popitem(last=False)
                self._size -= len(gone)

    def forget(self) -> None:
        """Empties the memory level."""
        with self._lock:
            self._memory.clear()
            self._size = 0

    def report(self) -> dict[str, Any]:
        """The account, where entries are kept, and why not where they aren't."""
        told = {"enabled": self.config.enabled, **self.account.as_dict(), "memory_bytes": self._size}
        if self.disk is not None:
            told["folder"] = str(self.disk.folder)
            told["rejected"] = self.disk.rejected
            if self.disk.trouble:
                told["trouble"] = self.disk.trouble
        return told


def key_of(name: str, arguments: Mapping[str, Any], contents: Iterable[bytes]) -> bytes:
    """The key of an operation: its name, its arguments (JSON data; floats by all their digits), its input's bytes."""
    digest = hashlib.sha256(fingerprint())
    told = json.dumps([name, arguments], sort_keys=True, separators=(",", ":")).encode()
    for part in (told, *contents):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


_active = Memo(CacheConfig.from_environment())
_lock = threading.Lock()


def active() -> Memo:
    """This process's cache."""
    return _active


def configure(config: CacheConfig) -> Memo:
    """Makes the process use a cache of this kind; what is in memory stays where the kind is the same."""
    global _active
    with _lock:
        if _active.config != config:
            _active = Memo(config)
        return _active


def value(
    name: str,
    arguments: Mapping[str, Any],
    contents: Iterable[bytes],
    compute: Callable[[], Any],
) -> Any:
    """JSON data that depends on nothing but the arguments and contents: from the cache, else computed and kept."""
    memo = active()
    started = time.perf_counter()
    key = key_of(name, arguments, contents)
    found = memo.get(key)
    if found is not None:
        seconds, result = json.loads(found)
        memo.account.saved_s += seconds
        memo.account.overhead_s += time.perf_counter() - started
        return result
    computing = time.perf_counter()
    result = compute()
    spent = time.perf_counter() - computing
    memo.account.misses += 1
    memo.account.computed_s += spent
    told = json.dumps([round(spent, 6), result]).encode()
    memo.put(key, told, spent > _WORTH_A_FILE_S)
    result = json.loads(told)[1]  # as a later reader gets it: lists, not tuples
    memo.account.overhead_s += time.perf_counter() - started - spent
    return result
