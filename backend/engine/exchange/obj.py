"""Wavefront OBJ: text, one object a body, no unit of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import Floats, Ints, Mesh, coincident, weld

MAX_TRIANGLES = 2_000_000


def obj_bytes(meshes: Sequence[Mesh], *, scale: float = 1.0, comment: str = "mm") -> bytes:
    """The meshes as OBJ text; coordinates are mm multiplied by ``scale``, written to 9 digits.

    Positions that coincide are written once, with a normal for each face that meets there: the surface is closed and
    its edges stay sharp.
    """
    lines = [f"# BRICK OS, {comment}"]
    first_point, first_normal = 1, 1
    for number, mesh in enumerate(meshes):
        name = (mesh.name or f"body-{number + 1}").replace("\n", " ")
        lines.append(f"o {name}")
        used, place = np.unique(coincident(mesh.vertices), return_inverse=True)
        lines.extend(f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in (mesh.vertices[used] * scale).tolist())
        lines.extend(f"vn {x:.5g} {y:.5g} {z:.5g}" for x, y, z in mesh.normals.tolist())
        corners = np.stack([place.ravel()[mesh.triangles] + first_point, mesh.triangles + first_normal], axis=-1)
        lines.extend("f {}//{} {}//{} {}//{}".format(*row) for row in corners.reshape(-1, 6).tolist())
        first_point += len(used)
        first_normal += len(mesh.vertices)
    return ("\n".join(lines) + "\n").encode("utf-8")


def read_obj(data: bytes) -> tuple[Floats, Ints]:
    """Vertices (n, 3) in the file's unit and triangles (m, 3); polygons are cut into fans, coincident vertices joined.

    Raises EngineError (``import_failed``) with the line of what can't be read.
    """
    points: list[tuple[float, float, float]] = []
    triangles: list[tuple[int, int, int]] = []
    for number, raw in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        words = raw.split()
        if not words:
            continue
        try:
            if words[0] == "v":
                points.append((float(words[1]), float(words[2]), float(words[3])))
            elif words[0] == "f":
                corners = [_corner(word, len(points)) for word in words[1:]]
                if len(corners) < 3:
                    raise ValueError("a face needs three corners")
                triangles.extend((corners[0], corners[i], corners[i + 1]) for i in range(1, len(corners) - 1))
        except (ValueError, IndexError) as error:
            raise EngineError(f"Line {number} of the OBJ file can't be read: {error}.", code="import_failed") from None
        if len(points) > 3 * MAX_TRIANGLES:
            raise EngineError(f"The OBJ file has more than {3 * MAX_TRIANGLES} vertices.", code="import_failed")
        if len(triangles) > MAX_TRIANGLES:
            raise EngineError(f"The OBJ file has more than {MAX_TRIANGLES} triangles.", code="import_failed")
    if not triangles:
        raise EngineError("The OBJ file holds no faces.", code="import_failed")
    vertices = np.array(points, dtype=np.float64).reshape(-1, 3)
    if not np.isfinite(vertices).all():
        raise EngineError("The OBJ file has a coordinate that is not finite.", code="import_failed")
    return weld(vertices, triangles)


def _corner(word: str, count: int) -> int:
    """Index from 0; a negative number counts back from the last vertex so far."""
    given = int(word.split("/", 1)[0])
    index = given - 1 if given > 0 else count + given
    if given == 0 or not 0 <= index < count:
        raise ValueError(f"vertex {given} of {count}")
    return index
