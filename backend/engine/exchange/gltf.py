"""Binary glTF 2.0 (GLB) from plain arrays: metres, Y up, one named node a body.

Models here are in mm with Z up; glTF wants metres with Y up: (x, y, z) -> (x, z, -y) / 1000, a rotation by -90 deg
about x, which keeps triangles facing outwards. Vertex attributes of our own have a leading underscore, as the
specification asks (section 3.7.2.1), and keep their working units (MPa, mm), named in the mesh's extras.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from backend.engine.exchange.mesh import vertex_normals

_FLOAT, _UNSIGNED_INT, _UNSIGNED_SHORT = 5126, 5125, 5123
_ARRAY_BUFFER, _ELEMENT_ARRAY_BUFFER = 34962, 34963
_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
_DEFAULT_COLOR = (0.62, 0.66, 0.70, 1.0)
_ATTRIBUTE_UNITS = {"_VON_MISES": "MPa", "_DISPLACEMENT": "mm", "_TEMPERATURE": "degC"}
_VECTOR_ATTRIBUTES = ("_DISPLACEMENT",)  # turned like the positions, but not scaled: they stay in mm


def to_gltf_axes(vectors: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(n, 3) vectors from Z up to Y up."""
    array = np.asarray(vectors, dtype=np.float64)
    return np.stack([array[:, 0], array[:, 2], -array[:, 1]], axis=1)


def srgb_to_linear(color: Sequence[float]) -> list[float]:
    """sRGB (IEC 61966-2-1) to linear for the first three components; alpha is kept."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
    return linear + list(color[3:4] or [1.0])


class _Buffer:
    """The binary chunk and the views and accessors into it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, array: Any, target: int, *, bounds: bool) -> int:
        component = {"f": _FLOAT, "I": _UNSIGNED_INT, "H": _UNSIGNED_SHORT}[array.dtype.char]
        width = 1 if array.ndim == 1 else array.shape[1]
        raw = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        self.views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(raw), "target": target})
        self.data += raw
        self.data += b"\0" * (-len(self.data) % 4)
        accessor: dict[str, Any] = {
            "bufferView": len(self.views) - 1,
            "componentType": component,
            "count": len(array),
            "type": _TYPES[width],
        }
        if bounds:
            flat = array.reshape(len(array), width)
            accessor["min"] = [float(value) for value in flat.min(axis=0)]
            accessor["max"] = [float(value) for value in flat.max(axis=0)]
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def gltf_document(
    bodies: Sequence[Mapping[str, Any]], extras: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], bytes]:
    """The glTF document of the bodies and the bytes of its one buffer, which has no ``uri`` yet.

    Each body is a mapping with ``vertices_mm`` (n, 3), ``triangles`` (m, 3), and optionally ``name``, ``normals``
    (n, 3; computed when absent), ``color`` (sRGB and alpha 0..1), ``attributes`` (name with a leading underscore, or
    ``COLOR_0`` as linear RGB(A) 0..1 -> (n,) or (n, k) array) and ``extras``. ``_VON_MISES`` is in MPa,
    ``_DISPLACEMENT`` in mm along the glTF axes. ``extras`` go to the asset, with the units.

    Raises ValueError for an empty list, arrays of the wrong shape, indices out of range or values that are not finite.
    """
    if not bodies:
        raise ValueError("a GLB file needs at least one body")
    buffer = _Buffer()
    nodes: list[dict[str, Any]] = []
    meshes: list[dict[str, Any]] = []
    materials: list[dict[str, Any]] = []
    material_of: dict[tuple[Any, ...], int] = {}
    for position, body in enumerate(bodies):
        name = str(body.get("name") or f"body-{position + 1}")
        primitive, body_extras = _primitive(buffer, body, name)
        vertex_colored = "COLOR_0" in primitive["attributes"]
        primitive["material"] = _material(materials, material_of, body.get("color"), vertex_colored)
        body_extras.update(body.get("extras") or {})
        mesh: dict[str, Any] = {"name": name, "primitives": [primitive]}
        if body_extras:
            mesh["extras"] = body_extras
        meshes.append(mesh)
        nodes.append({"name": name, "mesh": position})
    document = {
        "asset": {
            "version": "2.0",
            "generator": "BRICK OS",
            "extras": {"length_unit": "m", "up_axis": "+Y", "source_length_unit": "mm", **(extras or {})},
        },
        "scene": 0,
        "scenes": [{"nodes": list(range(len(nodes)))}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": materials,
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.data)}],
    }
    return document, bytes(buffer.data)


def glb_bytes(bodies: Sequence[Mapping[str, Any]], extras: Mapping[str, Any] | None = None) -> bytes:
    """A GLB file of the bodies; arguments and errors as :func:`gltf_document`."""
    document, binary = gltf_document(bodies, extras)
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode("utf-8")
    text += b" " * (-len(text) % 4)
    total = 12 + 8 + len(text) + 8 + len(binary)
    return b"".join(
        [
            struct.pack("<4sII", b"glTF", 2, total),
            struct.pack("<I4s", len(text), b"JSON"),
            text,
            struct.pack("<I4s", len(binary), b"BIN\0"),
            binary,
        ]
    )


def gltf_files(
    bodies: Sequence[Mapping[str, Any]],
    stem: str = "output",
    *,
    embedded: bool = True,
    pretty: bool = False,
    extras: Mapping[str, Any] | None = None,
) -> dict[str, bytes]:
    """The text form: {``stem``.gltf: …} with the buffer as a data URI, or with a second file ``stem``.bin."""
    document, binary = gltf_document(bodies, extras)
    files = {}
    if embedded:
        data = base64.b64encode(binary).decode("ascii")
        document["buffers"][0]["uri"] = f"data:application/octet-stream;base64,{data}"
    else:
        document["buffers"][0]["uri"] = f"{stem}.bin"
        files[f"{stem}.bin"] = binary
    layout: dict[str, Any] = {"indent": 1} if pretty else {"separators": (",", ":")}
    files[f"{stem}.gltf"] = json.dumps(document, allow_nan=False, **layout).encode("utf-8")
    return files


def _primitive(buffer: _Buffer, body: Mapping[str, Any], name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    vertices = np.asarray(body["vertices_mm"], dtype=np.float64)
    triangles = np.asarray(body["triangles"], dtype=np.int64)
    if vertices.ndim != 2 or vertices.shape[1] != 3 or triangles.ndim != 2 or triangles.shape[1] != 3:
        raise ValueError(
            f"body {name!r}: expected vertices (n, 3) and triangles (m, 3), got {vertices.shape} and {triangles.shape}"
        )
    if len(vertices) == 0 or len(triangles) == 0:
        raise ValueError(f"body {name!r} has no triangles")
    if triangles.min() < 0 or triangles.max() >= len(vertices):
        raise ValueError(f"body {name!r}: a triangle names vertex {int(triangles.max())} of {len(vertices)}")
    if not np.isfinite(vertices).all():
        raise ValueError(f"body {name!r}: a vertex is not finite")
    normals = body.get("normals")
    if normals is None:
        normals = vertex_normals(vertices, triangles)
    turned = to_gltf_axes(normals)
    lengths = np.linalg.norm(turned, axis=1, keepdims=True)
    # the specification wants unit vectors also where a vertex belongs to no triangle
    turned = np.where(lengths > 0, turned / np.where(lengths > 0, lengths, 1.0), [0.0, 1.0, 0.0])
    attributes = {
        "POSITION": buffer.add((to_gltf_axes(vertices) / 1000.0).astype(np.float32), _ARRAY_BUFFER, bounds=True),
        "NORMAL": buffer.add(turned.astype(np.float32), _ARRAY_BUFFER, bounds=False),
    }
    extras: dict[str, Any] = {}
    units: dict[str, str] = {}
    ranges: dict[str, list[float]] = {}
    for key, given in (body.get("attributes") or {}).items():
        if not key.startswith("_") and key != "COLOR_0":
            raise ValueError(f"attribute {key!r}: the name of an attribute of our own starts with an underscore")
        values = np.asarray(given, dtype=np.float64)
        if values.shape[0] != len(vertices) or values.ndim > 2 or (values.ndim == 2 and values.shape[1] not in _TYPES):
            raise ValueError(f"attribute {key!r} of {name!r}: {values.shape} does not fit {len(vertices)} vertices")
        if not np.isfinite(values).all():
            raise ValueError(f"attribute {key!r} of {name!r} has a value that is not finite")
        if key in _VECTOR_ATTRIBUTES:
            values = to_gltf_axes(values)
        attributes[key] = buffer.add(values.astype(np.float32), _ARRAY_BUFFER, bounds=key != "COLOR_0")
        if key != "COLOR_0":
            size = np.linalg.norm(values, axis=1) if values.ndim == 2 else values
            ranges[key] = [float(size.min()), float(size.max())]
            if key in _ATTRIBUTE_UNITS:
                units[key] = _ATTRIBUTE_UNITS[key]
    if ranges:
        extras["attribute_ranges"] = ranges
        extras["attribute_units"] = units
    small = len(vertices) <= 65535  # 65535 itself is the primitive restart value
    flat = triangles.reshape(-1).astype(np.uint16 if small else np.uint32)
    primitive = {
        "attributes": attributes,
        "indices": buffer.add(flat, _ELEMENT_ARRAY_BUFFER, bounds=True),
        "mode": 4,
    }
    return primitive, extras


def _material(
    materials: list[dict[str, Any]],
    known: dict[tuple[Any, ...], int],
    color: Sequence[float] | None,
    vertex_colored: bool,
) -> int:
    rgba = (1.0, 1.0, 1.0, 1.0) if vertex_colored else tuple(color or _DEFAULT_COLOR)
    key = (rgba, vertex_colored)
    if key not in known:
        linear = srgb_to_linear(rgba)
        material: dict[str, Any] = {
            "name": "field" if vertex_colored else f"material-{len(materials) + 1}",
            "pbrMetallicRoughness": {
                "baseColorFactor": [round(value, 6) for value in linear],
                # a map of numbers must not shine: its colours carry meaning
                "metallicFactor": 0.0 if vertex_colored else 0.15,
                "roughnessFactor": 1.0 if vertex_colored else 0.55,
            },
        }
        if linear[3] < 1.0:
            material["alphaMode"] = "BLEND"
            material["doubleSided"] = True
        known[key] = len(materials)
        materials.append(material)
    return known[key]


def write_glb(path: str | Path, bodies: Sequence[Mapping[str, Any]], extras: Mapping[str, Any] | None = None) -> Path:
    """Write :func:`glb_bytes` and return the path."""
    target = Path(path)
    target.write_bytes(glb_bytes(bodies, extras))
    return target


def glb_body(mesh: Any) -> dict[str, Any]:
    """The body mapping of a :class:`backend.engine.exchange.mesh.Mesh`."""
    return {
        "name": mesh.name,
        "vertices_mm": mesh.vertices,
        "normals": mesh.normals,
        "triangles": mesh.triangles,
        "color": mesh.color,
    }
