"""Fields on meshes: the FE result as a GLB that any viewer shows in colours and any program reads in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.exchange.gltf import glb_body, write_glb
from backend.engine.exchange.gltf_read import read_glb
from backend.engine.exchange.mesh import Mesh, signed_volume
from backend.engine.render.colormap import DEFAULT, colors_of, decode_srgb
from backend.errors import InputError
from backend.schema import CompiledModel

Floats = NDArray[np.float64]

# where one spot stands this far above nearly everything else, the scale is cut: the rest would be one colour
_PEAK_RATIO = 1.6
_BULK_PERCENTILE = 99.5


@dataclass(frozen=True)
class FieldMesh:
    """The FE boundary mesh and its fields: ``vertices_mm`` (n, 3), ``triangles`` (m, 3), ``face_index`` (m,),
    ``von_mises_mpa`` (n,), ``displacement_mm`` (n, 3)."""

    vertices_mm: Floats
    triangles: NDArray[np.int64]
    face_index: NDArray[np.int64]
    von_mises_mpa: Floats
    displacement_mm: Floats

    def split_by_face(self) -> FieldMesh:
        """Vertices doubled where faces meet, so that each has one normal; the values are copied."""
        key = self.triangles + (self.face_index[:, None] - self.face_index.min()) * len(self.vertices_mm)
        unique, inverse = np.unique(key, return_inverse=True)
        source = unique % len(self.vertices_mm)
        return FieldMesh(
            self.vertices_mm[source],
            inverse.reshape(-1, 3),
            self.face_index,
            self.von_mises_mpa[source],
            self.displacement_mm[source],
        )


def read_fields(path: str | Path) -> FieldMesh:
    """The fields file (npz) of a finite-element run.

    Raises InputError when the file lacks an array or the arrays don't fit together.
    """
    source = Path(path)
    try:
        with np.load(source, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        mesh = FieldMesh(
            np.asarray(arrays["vertices_mm"], dtype=np.float64),
            np.asarray(arrays["triangles"], dtype=np.int64),
            np.asarray(arrays["face_index"], dtype=np.int64),
            np.asarray(arrays["von_mises_mpa"], dtype=np.float64),
            np.asarray(arrays["displacement_mm"], dtype=np.float64),
        )
    except (OSError, KeyError, ValueError) as error:
        raise InputError(
            f"{source.name} is not a fields file of a finite-element run: {error}",
            next_action="Run the structural analysis again.",
        ) from error
    count = len(mesh.vertices_mm)
    fits = (
        mesh.vertices_mm.shape == (count, 3)
        and mesh.triangles.ndim == 2
        and mesh.face_index.shape == (len(mesh.triangles),)
        and mesh.von_mises_mpa.shape == (count,)
        and mesh.displacement_mm.shape == (count, 3)
        and len(mesh.triangles) > 0
        and int(mesh.triangles.max()) < count
    )
    if not fits:
        raise InputError(f"The arrays of {source.name} don't fit together.", next_action="Run the analysis again.")
    return mesh


def scale_limits(values: Any) -> tuple[float, float]:
    """Ends of a colour scale for a field from zero up: its largest value, or less where a tiny spot stands out.

    A re-entrant corner has a stress without limit; scaled to it, the rest of the part would be one colour. Where the
    largest value is more than 1.6 times what 99.5 % of the vertices stay below, the scale ends at that times 1.6; the
    legend then says that there is more.
    """
    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    if len(finite) == 0:
        return 0.0, 1.0
    largest = float(finite.max())
    bulk = float(np.percentile(finite, _BULK_PERCENTILE)) * _PEAK_RATIO
    return min(0.0, float(finite.min())), bulk if 0.0 < bulk < largest else largest


def write_field_glb(
    model: CompiledModel,
    fem_fields: str | Path,
    path: str | Path,
    *,
    scalar_range_mpa: tuple[float, float] | None = None,
) -> Path:
    """Write the FE boundary mesh as GLB and return the path.

    Each vertex has ``_VON_MISES`` in MPa and ``_DISPLACEMENT`` in mm (along the glTF axes), and ``COLOR_0`` so that a
    viewer that knows nothing of these shows the stress map. Units, ranges, colour scale and the place of the largest
    stress stand in the asset's extras. Bodies of the model without FE results go in as plain meshes, taken from the
    model's own GLB.

    Raises InputError when the fields can't be read.
    """
    field = read_fields(fem_fields)
    mesh = field.split_by_face()
    limits = scalar_range_mpa or scale_limits(mesh.von_mises_mpa)
    colors = decode_srgb(colors_of(mesh.von_mises_mpa, limits))
    peak = int(np.nanargmax(field.von_mises_mpa))
    plain = _bodies_without(model, field)
    solved = [body.name for body in model.bodies if body.name and body.name not in {other.name for other in plain}]
    bodies: list[dict[str, Any]] = [
        {
            "name": "-".join(solved) or "von-mises",
            "vertices_mm": mesh.vertices_mm,
            "triangles": mesh.triangles,
            "attributes": {
                "COLOR_0": colors,
                "_VON_MISES": mesh.von_mises_mpa,
                "_DISPLACEMENT": mesh.displacement_mm,
            },
        },
        *(glb_body(body) for body in plain),
    ]
    extras = {
        "field": "von Mises stress",
        "units": {"_VON_MISES": "MPa", "_DISPLACEMENT": "mm", "POSITION": "m"},
        "von_mises_range_mpa": [float(np.nanmin(field.von_mises_mpa)), float(np.nanmax(field.von_mises_mpa))],
        "largest_displacement_mm": float(np.linalg.norm(field.displacement_mm, axis=1).max()),
        "color_scale": {"name": DEFAULT, "low_mpa": limits[0], "high_mpa": limits[1]},
        "largest_von_mises_at_mm": [float(value) for value in field.vertices_mm[peak]],
    }
    return write_glb(path, bodies, extras)


def _bodies_without(model: CompiledModel, field: FieldMesh) -> list[Mesh]:
    """Bodies of the model that no part of the FE mesh covers, from the model's own GLB."""
    source = model.files.get("glb", "")
    if len(model.bodies) < 2 or not source or not Path(source).is_file():
        return []
    meshes = read_glb(Path(source).read_bytes())
    parts = _skins(field)
    return [mesh for mesh in meshes if not any(_same_body(mesh, part) for part in parts)]


def _skins(field: FieldMesh) -> list[tuple[Floats, NDArray[np.int64]]]:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    count = len(field.vertices_mm)
    first, second = field.triangles[:, [0, 1]].ravel(), field.triangles[:, [1, 2]].ravel()
    links = coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    number, label = connected_components(links, directed=False)
    of_triangle = label[field.triangles[:, 0]]
    return [(field.vertices_mm, field.triangles[of_triangle == part]) for part in range(number)]


def _same_body(mesh: Mesh, part: tuple[Floats, NDArray[np.int64]]) -> bool:
    """Same box and volume, within what two tessellations of one body differ by."""
    vertices, triangles = part
    if len(triangles) == 0:
        return False
    used = vertices[np.unique(triangles)]
    size = float(np.linalg.norm(np.ptp(mesh.vertices, axis=0)))
    ends = np.concatenate([mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)])
    other = np.concatenate([used.min(axis=0), used.max(axis=0)])
    if float(np.abs(ends - other).max()) > 0.01 * size:
        return False
    volume = mesh.volume_mm3()
    return abs(signed_volume(vertices, triangles) - volume) <= 0.05 * abs(volume)
