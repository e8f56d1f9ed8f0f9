"""Reading BSON (specification 1.1, bsonspec.org): what clients on the public SDK send binary frames in.

Only what a JSON-like message holds: documents, arrays, text, numbers, booleans, null and bytes.
"""

from __future__ import annotations

import struct
import uuid
from typing import Any

_DEEPEST = 100


def is_document(frame: bytes) -> bool:
    """Whether the bytes have the frame of a BSON document: their own length in front, a zero at the end."""
    return len(frame) >= 5 and int.from_bytes(frame[:4], "little") == len(frame) and frame[-1] == 0


def read(frame: bytes) -> dict[str, Any]:
    """The document in the bytes. Raises ValueError where they are damaged or hold another type."""
    try:
        document, end = _document(frame, 0, len(frame), 0)
    except (struct.error, IndexError):
        raise ValueError("the BSON document is cut short") from None
    if end != len(frame):
        raise ValueError("the BSON document has bytes behind its end")
    return document


def _document(data: bytes, place: int, limit: int, depth: int) -> tuple[dict[str, Any], int]:
    if depth > _DEEPEST:
        raise ValueError(f"the BSON document is nested deeper than {_DEEPEST} levels")
    (size,) = struct.unpack_from("<i", data, place)
    end = place + size
    if size < 5 or end > limit or data[end - 1] != 0:
        raise ValueError("a BSON document has a wrong length")
    found: dict[str, Any] = {}
    place += 4
    while place < end - 1:
        kind = data[place]
        stop = data.index(0, place + 1, end)
        name = data[place + 1 : stop].decode("utf-8")
        found[name], place = _value(kind, data, stop + 1, end - 1, depth)
    if place != end - 1:
        raise ValueError("a BSON value reaches beyond its document")
    return found, end


def _value(kind: int, data: bytes, place: int, limit: int, depth: int) -> tuple[Any, int]:
    if kind == 0x01:
        return struct.unpack_from("<d", data, place)[0], place + 8
    if kind == 0x02:
        (size,) = struct.unpack_from("<i", data, place)
        if size < 1 or place + 4 + size > limit:
            raise ValueError("a BSON text has a wrong length")
        return data[place + 4 : place + 3 + size].decode("utf-8"), place + 4 + size
    if kind in (0x03, 0x04):
        document, end = _document(data, place, limit, depth + 1)
        return (document if kind == 0x03 else list(document.values())), end
    if kind == 0x05:
        size, subtype = struct.unpack_from("<iB", data, place)
        if size < 0 or place + 5 + size > limit:
            raise ValueError("BSON bytes have a wrong length")
        content = data[place + 5 : place + 5 + size]
        return (str(uuid.UUID(bytes=content)) if subtype == 4 and size == 16 else content), place + 5 + size
    if kind == 0x08:
        return data[place] != 0, place + 1
    if kind == 0x0A:
        return None, place
    if kind == 0x10:
        return struct.unpack_from("<i", data, place)[0], place + 4
    if kind == 0x12:
        return struct.unpack_from("<q", data, place)[0], place + 8
    raise ValueError(f"a BSON value of the type 0x{kind:02x} is not part of this protocol")
