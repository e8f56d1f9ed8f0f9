"""What is slow to learn about a shape, through the cache: whether it is sound, measures, arrays. Needs OCP."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from OCP.TopLoc import TopLoc_Location

from backend.engine.cache import memo
from backend.engine.cache.shape_bytes import has_bare_triangles, to_bytes
from backend.engine.kernel import shapes

_outward = shapes.Noted(128)  # solids of positive volume


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


def volume_and_soundness(solid: Any) -> tuple[float, bool]:
    """A solid's volume in mm3 and whether it is sound (False, unchecked, where the volume is not positive)."""

    def compute() -> dict[str, Any]:
        enclosed = shapes.volume(solid)
        return {"volume": enclosed, "sound": enclosed > 0 and shapes.is_valid(solid)}

    told = of_shape("solid", {}, solid, compute)
    enclosed, sound = float(told["volume"]), bool(told["sound"])
    if sound:
        shapes.note_sound(solid)
    if enclosed >= 0:
        _outward.add(solid)
    return enclosed, sound


def volume(shape: Any) -> float:
    """:func:`backend.engine.kernel.shapes.volume`, remembered beyond this run."""
    return float(of_shape("volume", {}, shape, lambda: shapes.volume(shape)))


def is_inside_out(solid: Any) -> bool:
    """Whether a solid's faces look inwards: its volume is negative. Where it lies doesn't matter."""
    if solid in _outward:
        return False
    inwards = volume(solid.Located(TopLoc_Location())) < 0
    if not inwards:
        _outward.add(solid)
    return inwards


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
