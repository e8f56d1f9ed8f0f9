"""Reading glTF 2.0, binary (.glb) or text (.gltf): triangles of all nodes of the scene, placed, as plain arrays."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import Mesh, vertex_normals

_COMPONENTS: dict[int, tuple[str, int]] = {
    5120: ("i1", 127),
    5121: ("u1", 255),
    5122: ("<i2", 32767),
    5123: ("<u2", 65535),
    5125: ("<u4", 4294967295),
    5126: ("<f4", 1),
}
_MAX_COUNT = 20_000_000
_MAX_SCENE = 8_000_000
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def _refuse(message: str) -> EngineError:
    return EngineError(message, code="import_failed")


class GltfFile:
    """A parsed file: the JSON document and the bytes of its buffers.

    ``files`` holds the contents of external buffers by the name that the document uses; nothing is read from disk.
    Raises EngineError (``import_failed``) for a file that isn't glTF 2.0 or lacks a buffer.
    """

    def __init__(self, data: bytes, files: Mapping[str, bytes] | None = None) -> None:
        binary: bytes | None = None
        if data[:4] == b"glTF":
            text, binary = _chunks(data)
        else:
            text = data
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _refuse(f"The glTF document is not JSON: {error}.") from None
        version = document.get("asset", {}).get("version", "") if isinstance(document, dict) else ""
        if not str(version).startswith("2"):
            raise _refuse(f"Expected a glTF 2.0 file, got version {version!r}.")
        self.document: dict[str, Any] = document
        required = document.get("extensionsRequired") or []
        if required:
            raise _refuse(f"The glTF file needs the extension {required[0]!r}, which is not supported.")
        self.buffers = [
            self._buffer(entry, binary if number == 0 else None, files or {})
            for number, entry in enumerate(document.get("buffers") or [])
        ]

    @staticmethod
    def _buffer(entry: Mapping[str, Any], binary: bytes | None, files: Mapping[str, bytes]) -> bytes:
        uri = entry.get("uri")
        if uri is None:
            if binary is None:
                raise _refuse("The glTF file has a buffer without data.")
            return binary
        if uri.startswith("data:"):
            try:
                return base64.b64decode(uri.split(",", 1)[1], validate=True)
            except (IndexError, binascii.Error):
                raise _refuse("The glTF file has a data URI that is not base64.") from None
        if uri not in files:
            raise _refuse(f"The glTF file needs {uri!r}, which was not given with it.")
        return files[uri]

    def accessor(self, number: int) -> NDArray[Any]:
        """Values of an accessor, (count,) or (count, width); normalised integers as floats."""
        entry = self.document["accessors"][number]
        if "sparse" in entry:
            raise _refuse("The glTF file has a sparse accessor, which is not supported.")
        kind, largest = _COMPONENTS[entry["componentType"]]
        width, count = _WIDTHS[entry["type"]], _count(entry)
        if "bufferView" not in entry:  # zeros by the specification, for sparse accessors to fill
            raise _refuse("The glTF file has an accessor without a buffer.")
        view = self.document["bufferViews"][entry["bufferView"]]
        item = np.dtype(kind).itemsize * width
        stride = int(view.get("byteStride") or item)
        start = int(view.get("byteOffset", 0)) + int(entry.get("byteOffset", 0))
        raw = self.buffers[view["buffer"]]
        if start < 0 or stride < item or start + (count - 1) * stride + item > len(raw):
            raise _refuse("The glTF file has an accessor that reaches beyond its buffer.")
        flat = np.ndarray((count, width), kind, raw, start, (stride, np.dtype(kind).itemsize))
        values: NDArray[Any] = flat.astype(np.float64) / largest if entry.get("normalized") else flat.copy()
        return values if width > 1 else values[:, 0]

    def meshes(self) -> list[Mesh]:
        """A mesh for each node that has triangles, placed in the scene; metres, Y up, as in the file."""
        found: list[Mesh] = []
        document = self.document
        nodes = document.get("nodes") or []
        scenes = document.get("scenes") or []
        if scenes:
            roots = scenes[int(document.get("scene", 0))].get("nodes") or []
        else:
            children = {child for node in nodes for child in node.get("children") or []}
            roots = [number for number in range(len(nodes)) if number not in children]
        pending = [(int(root), np.eye(4)) for root in reversed(roots)]
        visited: set[int] = set()
        size = 0
        while pending:
            number, outer = pending.pop()
            if number in visited:  # the specification wants a forest
                raise _refuse(f"Node {number} of the glTF scene has two parents, or the scene goes in a circle.")
            visited.add(number)
            node = nodes[number]
            matrix = outer @ _local_matrix(node)
            pending.extend((int(child), matrix) for child in reversed(node.get("children") or []))
            if "mesh" in node:
                for part in self._placed(node, document["meshes"][node["mesh"]], matrix):
                    size += len(part.vertices) + len(part.triangles)
                    if size > _MAX_SCENE:  # one mesh can stand in the scene any number of times
                        raise _refuse(f"The glTF scene has more than {_MAX_SCENE} vertices and triangles.")
                    found.append(part)
        return found

    def _placed(self, node: Mapping[str, Any], mesh: Mapping[str, Any], matrix: NDArray[np.float64]) -> Iterator[Mesh]:
        for primitive in mesh.get("primitives") or []:
            triangles = self._triangles(primitive)
            if triangles is None or len(triangles) == 0:
                continue
            points = np.asarray(self.accessor(primitive["attributes"]["POSITION"]), dtype=np.float64)
            if triangles.max() >= len(points) or not np.isfinite(points).all():
                raise _refuse("The glTF file has a triangle without its vertex, or a vertex that is not finite.")
            placed = points @ matrix[:3, :3].T + matrix[:3, 3]
            if np.linalg.det(matrix[:3, :3]) < 0:
                triangles = triangles[:, ::-1]
            yield Mesh(
                placed,
                self._normals(primitive, matrix, placed, triangles),
                np.ascontiguousarray(triangles, dtype=np.int32),
                np.zeros(len(triangles), np.int32),
                name=str(node.get("name") or mesh.get("name") or ""),
            )

    def _normals(self, primitive: Mapping[str, Any], matrix: Any, placed: Any, triangles: Any) -> NDArray[np.float64]:
        if "NORMAL" not in primitive["attributes"]:
            return vertex_normals(placed, triangles)
        given = np.asarray(self.accessor(primitive["attributes"]["NORMAL"]), dtype=np.float64)
        if given.shape != placed.shape or not np.isfinite(given).all():
            raise _refuse("The glTF file has normals that don't fit its vertices.")
        # normals follow the cofactor matrix: also right where a node is scaled unevenly
        turned = given @ np.linalg.pinv(matrix[:3, :3]) * np.sign(np.linalg.det(matrix[:3, :3]) or 1.0)
        lengths = np.linalg.norm(turned, axis=1, keepdims=True)
        return np.asarray(turned / np.where(lengths > 0, lengths, 1.0))

    def _triangles(self, primitive: Mapping[str, Any]) -> NDArray[np.int64] | None:
        mode = primitive.get("mode", 4)
        if mode not in (4, 5, 6):
            return None  # points and lines have no surface
        if "indices" in primitive:
            index = np.asarray(self.accessor(primitive["indices"]), dtype=np.int64)
        else:
            index = np.arange(_count(self.document["accessors"][primitive["attributes"]["POSITION"]]))
        if mode == 4:
            return index[: len(index) // 3 * 3].reshape(-1, 3)
        if mode == 5:
            strip = np.stack([index[:-2], index[1:-1], index[2:]], axis=1)
            strip[1::2] = strip[1::2, ::-1]
            return strip
        return np.stack([np.full(len(index) - 2, index[0]), index[1:-1], index[2:]], axis=1)


def _count(accessor: Mapping[str, Any]) -> int:
    count = int(accessor["count"])
    if not 0 < count <= _MAX_COUNT:
        raise _refuse(f"The glTF file has an accessor of {count} elements; 1 to {_MAX_COUNT} are read.")
    return count


def _chunks(data: bytes) -> tuple[bytes, bytes | None]:
    if len(data) < 20:
        raise _refuse("The GLB file is cut short.")
    _, version, total = struct.unpack_from("<4sII", data, 0)
    if version != 2 or total > len(data):
        raise _refuse(f"Expected a complete GLB file of version 2, got version {version} and {len(data)} bytes.")
    text: bytes | None = None
    binary: bytes | None = None
    place = 12
    while place + 8 <= total:
        length, kind = struct.unpack_from("<I4s", data, place)
        chunk = data[place + 8 : place + 8 + length]
        if kind == b"JSON" and text is None:
            text = chunk
        elif kind == b"BIN\0" and binary is None:
            binary = chunk
        place += 8 + length + (-length % 4)
    if text is None:
        raise _refuse("The GLB file has no JSON chunk.")
    return text, binary


def _local_matrix(node: Mapping[str, Any]) -> NDArray[np.float64]:
    if "matrix" in node:
        return np.asarray(node["matrix"], dtype=np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    x, y, z, w = node.get("rotation") or (0.0, 0.0, 0.0, 1.0)
    matrix[:3, :3] = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    ) * np.asarray(node.get("scale") or (1.0, 1.0, 1.0))
    matrix[:3, 3] = node.get("translation") or (0.0, 0.0, 0.0)
    return matrix


def read_glb(data: bytes, files: Mapping[str, bytes] | None = None) -> list[Mesh]:
    """The bodies of a glTF file in mm with Z up: one mesh for each primitive of each node.

    Raises EngineError (``import_failed``) for a broken file or one without triangles.
    """
    try:
        meshes = GltfFile(data, files).meshes()
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise _refuse(f"The glTF file is not well formed: {type(error).__name__}: {error}.") from None
    if not meshes:
        raise _refuse("The glTF file holds no triangles.")
    return [
        Mesh(
            _to_model(mesh.vertices) * 1000.0,
            _to_model(mesh.normals),
            mesh.triangles,
            np.full(len(mesh.triangles), number, np.int32),
            name=mesh.name,
        )
        for number, mesh in enumerate(meshes)
    ]


def _to_model(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """From Y up to Z up: the inverse of :func:`backend.engine.exchange.gltf.to_gltf_axes`."""
    return np.stack([vectors[:, 0], -vectors[:, 2], vectors[:, 1]], axis=1)
