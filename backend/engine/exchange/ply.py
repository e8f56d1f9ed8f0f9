"""PLY (Stanford polygon format): text or binary in either byte order."""

from __future__ import annotations

from typing import Any

import numpy as np

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import Floats, Ints, weld

STORAGES = {"ascii": "ascii", "binary_little_endian": "<", "binary_big_endian": ">"}
_TYPES = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}
_MAX_ELEMENTS = 20_000_000


def ply_bytes(vertices: Any, triangles: Any, *, storage: str = "binary_little_endian", scale: float = 1.0) -> bytes:
    """A PLY file of vertices (n, 3) in mm times ``scale`` and triangles (m, 3); coincident vertices are joined.

    Raises EngineError (``unsupported``) for another storage than ascii, binary_little_endian, binary_big_endian.
    """
    if storage not in STORAGES:
        raise EngineError(f"PLY storage {storage!r} is not known: use one of {', '.join(STORAGES)}.", "unsupported")
    points, index = weld(vertices, triangles)
    points = points * scale
    header = (
        f"ply\nformat {storage} 1.0\ncomment BRICK OS\nelement vertex {len(points)}\n"
        "property double x\nproperty double y\nproperty double z\n"
        f"element face {len(index)}\nproperty list uchar int vertex_indices\nend_header\n"
    ).encode("ascii")
    if storage == "ascii":
        rows = [f"{x:.9g} {y:.9g} {z:.9g}" for x, y, z in points.tolist()]
        rows += [f"3 {a} {b} {c}" for a, b, c in index.tolist()]
        return header + ("\n".join(rows) + "\n").encode("ascii")
    order = STORAGES[storage]
    faces = np.zeros(len(index), dtype=[("count", "u1"), ("corners", f"{order}i4", 3)])
    faces["count"], faces["corners"] = 3, index
    return header + points.astype(f"{order}f8").tobytes() + faces.tobytes()


def _refuse(message: str) -> EngineError:
    return EngineError(message, code="import_failed")


class _Element:
    """A declared element: name, count, and its properties as (name, type, type of the list's length or None)."""

    def __init__(self, name: str, count: int) -> None:
        self.name, self.count = name, count
        self.properties: list[tuple[str, str, str | None]] = []


def _header(data: bytes) -> tuple[str, list[_Element], int]:
    end = data.find(b"end_header")
    if not data.startswith(b"ply") or end < 0:
        raise _refuse("This is not a PLY file.")
    body = data.find(b"\n", end) + 1
    storage, elements = "", []
    try:
        for line in data[:end].decode("ascii", "replace").splitlines()[1:]:
            words = line.split()
            if not words or words[0] in ("comment", "obj_info"):
                continue
            if words[0] == "format":
                storage = words[1]
            elif words[0] == "element":
                elements.append(_Element(words[1], int(words[2])))
            elif words[0] == "property" and words[1] == "list":
                elements[-1].properties.append((words[4], _TYPES[words[3]], _TYPES[words[2]]))
            elif words[0] == "property":
                elements[-1].properties.append((words[2], _TYPES[words[1]], None))
    except (IndexError, KeyError, ValueError) as error:
        raise _refuse(f"The header of the PLY file can't be read: {error}.") from None
    if storage not in STORAGES or any(not 0 <= element.count <= _MAX_ELEMENTS for element in elements):
        raise _refuse("The header of the PLY file has an unknown format or an impossible count.")
    return storage, elements, body


def read_ply(data: bytes) -> tuple[Floats, Ints]:
    """Vertices (n, 3) in the file's unit and triangles (m, 3); polygons are cut into fans, coincident vertices joined.

    Raises EngineError (``import_failed``) for a file that isn't PLY, is cut short or holds no faces.
    """
    storage, elements, place = _header(data)
    tables: dict[str, dict[str, Any]] = {}
    try:
        if storage == "ascii":
            words = iter(data[place:].split())
            for element in elements:
                tables[element.name] = _read_text(element, words)
        else:
            for element in elements:
                tables[element.name], place = _read_binary(element, data, place, STORAGES[storage])
    except (StopIteration, ValueError, RuntimeError, OverflowError):
        raise _refuse("The PLY file is cut short or holds something that is not a number.") from None
    vertex, face = tables.get("vertex", {}), tables.get("face", {})
    if not {"x", "y", "z"} <= set(vertex):
        raise _refuse("The PLY file has no vertices with x, y and z.")
    points = np.stack([np.asarray(vertex[axis], dtype=np.float64) for axis in "xyz"], axis=1)
    polygons = face.get("vertex_indices", face.get("vertex_index"))
    if polygons is None or len(polygons) == 0:
        raise _refuse("The PLY file holds no faces.")
    triangles = _fans(polygons)
    if len(triangles) == 0 or triangles.min() < 0 or triangles.max() >= len(points):
        raise _refuse("The PLY file has a face that names a vertex which does not exist.")
    if not np.isfinite(points).all():
        raise _refuse("The PLY file has a coordinate that is not finite.")
    return weld(points, triangles)


def _fans(polygons: Any) -> Any:
    if isinstance(polygons, np.ndarray) and polygons.ndim == 2:
        count = polygons.shape[1]
        return np.concatenate([polygons[:, [0, i, i + 1]] for i in range(1, count - 1)] or [np.zeros((0, 3), int)])
    fans = [(row[0], row[i], row[i + 1]) for row in polygons for i in range(1, len(row) - 1)]
    return np.array(fans, dtype=np.int64).reshape(-1, 3)


def _read_text(element: _Element, words: Any) -> dict[str, Any]:
    columns: dict[str, list[Any]] = {name: [] for name, _, _ in element.properties}
    for _ in range(element.count):
        for name, kind, length in element.properties:
            number = float if kind.startswith("f") else int
            if length is None:
                columns[name].append(number(next(words)))
            else:
                columns[name].append([int(next(words)) for _ in range(int(next(words)))])
    return columns


def _read_binary(element: _Element, data: bytes, place: int, order: str) -> tuple[dict[str, Any], int]:
    lists = [item for item in element.properties if item[2] is not None]
    if not lists:
        record = np.dtype([(name, order + kind) for name, kind, _ in element.properties])
        table = np.frombuffer(data, record, element.count, place)
        return {name: table[name] for name, _, _ in element.properties}, place + table.nbytes
    if element.count and len(element.properties) == 1:
        # nearly always all polygons have as many corners: one read instead of a loop
        name, kind, length = element.properties[0]
        corners = max(int(np.frombuffer(data, order + str(length), 1, place)[0]), 0)
        record = np.dtype([("count", order + str(length)), ("corners", order + kind, (corners,))])
        if place + element.count * record.itemsize <= len(data):
            table = np.frombuffer(data, record, element.count, place)
            if (table["count"] == corners).all():
                return {name: table["corners"].astype(np.int64)}, place + table.nbytes
    columns: dict[str, list[Any]] = {name: [] for name, _, _ in element.properties}
    for _ in range(element.count):
        for name, kind, length in element.properties:
            count = 1
            if length is not None:
                count = int(np.frombuffer(data, order + length, 1, place)[0])
                if count < 0:
                    raise ValueError("a list of negative length")
                place += np.dtype(length).itemsize
            values = np.frombuffer(data, order + kind, count, place)
            place += values.nbytes
            columns[name].append(values.tolist() if length is not None else values[0])
    return columns, place
