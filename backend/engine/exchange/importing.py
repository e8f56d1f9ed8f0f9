"""Foreign models in: STEP, STL, OBJ, glTF and PLY become OCCT shapes in mm, Z up. Needs OCP."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
from OCP.gp import gp_Trsf
from OCP.ShapeUpgrade import ShapeUpgrade_ShapeDivideClosed

from backend.engine.errors import EngineError
from backend.engine.exchange.coords import Floats, to_ours, unit_mm
from backend.engine.exchange.gltf_read import read_glb
from backend.engine.exchange.mesh_shape import MAX_TRIANGLES, shape_of_mesh
from backend.engine.exchange.obj import read_obj
from backend.engine.exchange.ply import read_ply
from backend.engine.exchange.step import compound, read_step
from backend.engine.exchange.stl import read_stl
from backend.engine.exchange.tessellate import tessellate

MAX_BYTES = 256 * 2**20
FORMATS = ("step", "stl", "obj", "gltf", "ply")
# what people write for the formats that carry more than one name
_NAMES = {"stp": "step", "glb": "gltf"}
_MESH_READERS: dict[str, Callable[[bytes], tuple[Any, Any]]] = {"stl": read_stl, "obj": read_obj, "ply": read_ply}


def read_model(
    data: bytes,
    format: str,
    units: str = "mm",
    coords: str | Mapping[str, Any] | None = None,
    *,
    files: Mapping[str, bytes] | None = None,
) -> Any:
    """The shape in a foreign file, in mm with Z up: a compound of its bodies.

    ``format`` is step (stp), stl, obj, gltf (glb) or ply. ``units`` (mm, cm, m, in, ft, yd) counts for the formats
    that carry none: stl, obj, ply; STEP and glTF say theirs. ``coords`` is the file's system of axes (see
    :func:`backend.engine.exchange.coords.to_ours`); glTF has its own. ``files`` holds further files by name (the
    buffers of a text glTF). Meshes become solids or mesh bodies (:func:`..mesh_shape.shape_of_mesh`).

    Raises EngineError: ``unsupported`` for another format, unit or system; ``import_failed`` for what can't be read,
    is empty, larger than 256 MiB, or has more than two million triangles.
    """
    kind = _NAMES.get(format.lower(), format.lower())
    if kind not in FORMATS:
        raise EngineError(
            f"Files of the format {format!r} can't be imported: use one of {', '.join(FORMATS)}. "
            "Most CAD programs can export STEP, which keeps exact geometry.",
            code="unsupported",
        )
    size = len(data) + sum(len(other) for other in (files or {}).values())
    if size > MAX_BYTES:
        raise EngineError(f"The file has {size} bytes; up to {MAX_BYTES} are read.", code="import_failed")
    if not data:
        raise EngineError("The file is empty.", code="import_failed")
    if kind == "step":
        return turned(_read_step_bytes(data), to_ours(coords))
    if kind == "gltf":
        if coords is not None:
            raise EngineError("glTF has its own axes: coords can't be given for it.", code="unsupported")
        meshes = read_glb(data, files)
        if sum(len(mesh.triangles) for mesh in meshes) > MAX_TRIANGLES:
            raise EngineError(f"The file has more than {MAX_TRIANGLES} triangles.", code="import_failed")
        return compound([shape_of_mesh(mesh.vertices, mesh.triangles) for mesh in meshes])
    scale, rotation = unit_mm(units), to_ours(coords)
    vertices, triangles = _MESH_READERS[kind](data)
    return shape_of_mesh(np.asarray(vertices) @ rotation.T * scale, triangles)


def import_files(files: Sequence[Mapping[str, Any]], format: Mapping[str, Any]) -> Any:
    """What the protocol's ``import_files`` command asks for: ``files`` [{"path", "data"}] and ``format`` {"type", …}.

    Options: ``coords`` and ``units`` (obj, ply, stl), ``coords``, ``split_closed_faces`` and ``target_representation``
    (step). The first file is the model, further ones are what it refers to. Raises EngineError (``unsupported``) for
    any option that isn't known, besides what :func:`read_model` raises.
    """
    options = dict(format)
    kind = str(options.pop("type", ""))
    known = {
        "step": {"coords", "split_closed_faces", "target_representation"},
        "gltf": set(),
        "obj": {"coords", "units"},
        "ply": {"coords", "units"},
        "stl": {"coords", "units"},
    }.get(kind, set(options))
    for option, value in options.items():
        if option not in known and value not in (None, False):
            message = f"import_files: the option {option!r} = {value!r} of {kind} is not supported."
            raise EngineError(message, code="unsupported")
    if not files:
        raise EngineError("import_files: there is no file to import.", code="bad_request")
    contents = {str(file["path"]): bytes(file["data"]) for file in files}
    first, *others = contents
    shape = read_model(
        contents[first],
        kind,
        str(options.get("units") or "mm"),
        options.get("coords"),
        files={name: contents[name] for name in others},
    )
    if options.get("split_closed_faces"):
        divide = ShapeUpgrade_ShapeDivideClosed(shape)
        if divide.Perform():
            shape = divide.Result()
    target = options.get("target_representation") or "brep"
    if target == "mesh":
        return compound([shape_of_mesh(mesh.vertices, mesh.triangles, planar=False) for mesh in tessellate(shape)])
    if target != "brep":
        raise EngineError(f"import_files: target_representation {target!r} is not known.", code="unsupported")
    return shape


def _read_step_bytes(data: bytes) -> Any:
    if b"ISO-10303-21" not in data[:4096]:
        raise EngineError("This is not a STEP file: it doesn't start with ISO-10303-21.", code="import_failed")
    with tempfile.TemporaryDirectory(prefix="brick-import-") as folder:
        path = Path(folder) / "import.step"
        path.write_bytes(data)
        return read_step(path)


def turned(shape: Any, rotation: Floats) -> Any:
    """The shape turned by a rotation (3, 3), as new geometry."""
    if np.allclose(rotation, np.eye(3)):
        return shape
    transform = gp_Trsf()
    rows = [[float(value) for value in (*row, 0.0)] for row in rotation]
    transform.SetValues(*rows[0], *rows[1], *rows[2])
    return BRepBuilderAPI_Transform(shape, transform, True).Shape()
