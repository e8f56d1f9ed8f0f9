"""Results of the kernel's operations, kept by content: in memory for this process, on disk for all of them.

The key of an entry is a digest of the operation's name and arguments, of the exact bytes of the shapes that go in, and
of the versions of kernel, engine and format: whoever asks the same question gets the same answer, in any run and any
process, and an edited program computes only what the edit changed. Nothing is looked up by name or by place in a
program, so no entry can be out of date.

Every cached operation works on a copy of its input that was read from the bytes of the key, and hands out its result as
it is read back from the bytes of the entry, cached or not: a run with the cache has the same bits as one without.

This package needs no kernel, but :mod:`replay` does.
"""

from __future__ import annotations

from backend.engine.cache.disk import DiskStore
from backend.engine.cache.memo import Account, CacheConfig, Memo, active, configure

__all__ = ["Account", "CacheConfig", "DiskStore", "Memo", "active", "configure"]
