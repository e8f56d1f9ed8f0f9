"""What is slow to learn about a shape, through the cache: whether it is sound, measures, arrays. Needs OCP."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backend.engine.cache import memo
from backend.engine.cache.shape_bytes import has_bare_triangles, to_bytes
from backend.engine.kernel import shapes


def of_shape(name: str, arguments: Mapping[str, Any], shape: Any, compute: Callable[[], Any]) -> Any:
    """JSON data that depends on nothing but a shape and the arguments, e.g. its measures."""
    if has_bare_triangles(shape):
        return compute()
    return memo.value(name, arguments, (to_bytes(shape),), compute)


def is_sound(shape: Any) -> bool:
    """:func:`backend.engine.kernel.shapes.is_valid`, remembered beyond this run."""
    if shapes.is_noted(shape):
        return True
    sound = bool(of_shape("sound", {}, shape, lambda: shapes.is_valid(shape)))
    if sound:
        shapes.note_sound(shape)
    return sound


def arrays(
    name: str, arguments: Mapping[str, Any], shape: Any, compute: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """numpy arrays by name that depend on nothing but a shape and the arguments, e.g. its triangles. Not writable."""
    if has_bare_triangles(shape):
        return compute()
    cache = memo.active()
    started = time.perf_counter()
    key = memo.key_of(name, arguments, (to_bytes(shape),))
    packed = cache.get(key)
    spent = 0.0
    if packed is None:
        computing = time.perf_counter()
        made = {name: np.ascontiguousarray(array) for name, array in compute().items()}
        spent = time.perf_counter() - computing
        packed = _pack(made, spent)
        cache.account.misses += 1
        cache.account.computed_s += spent
        cache.put(key, packed)
    seconds, found = _unpack(packed)
    if not spent:
        cache.account.saved_s += seconds
    cache.account.overhead_s += time.perf_counter() - started - spent
    return found


def _pack(made: Mapping[str, Any], seconds: float) -> bytes:
    head = {
        "seconds": round(seconds, 6),
        "arrays": [(name, array.dtype.str, array.shape) for name, array in made.items()],
    }
    told = json.dumps(head, separators=(",", ":")).encode()
    return struct.pack("<I", len(told)) + told + b"".join(array.tobytes() for array in made.values())


def _unpack(packed: bytes) -> tuple[float, dict[str, Any]]:
    (size,) = struct.unpack_from("<I", packed)
    head = json.loads(packed[4 : 4 + size])
    at = 4 + size
    found = {}
    for name, kind, extent in head["arrays"]:
        count = int(np.prod(extent))
        found[name] = np.frombuffer(packed, dtype=kind, count=count, offset=at).reshape(extent)
        at += found[name].nbytes
    return float(head["seconds"]), found
