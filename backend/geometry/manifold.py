"""Is a mesh the closed skin of solid bodies? Counted on its edges, with the volume as a second opinion."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import coincident, signed_volume, surface_area
from backend.errors import InputError

VOLUME_TOLERANCE_REL = 0.01


@dataclass(frozen=True)
class ManifoldReport:
    """What the edges of a mesh say.

    ``manifold``: closed, consistently oriented, outward, without degenerate triangles. ``watertight``: each edge is run
    as often in one direction as in the other. ``boundary_edges`` belong to one triangle (a hole), ``flipped_edges`` to
    triangles that disagree about the outside, ``shared_edges`` to more than two (bodies that touch along an edge: no
    fault). ``bodies`` counts connected skins; ``volume_mm3`` is by the divergence theorem.
    """

    manifold: bool
    watertight: bool
    oriented: bool
    triangles: int
    vertices: int
    bodies: int
    boundary_edges: int
    flipped_edges: int
    shared_edges: int
    degenerate_triangles: int
    volume_mm3: float
    area_mm2: float
    expected_volume_mm3: float | None = None
    volume_error_rel: float | None = None
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The report as plain JSON data."""
        return {**asdict(self), "problems": list(self.problems)}


def check_manifold(
    mesh: str | Path,
    *,
    expected_volume_mm3: float | None = None,
    volume_tolerance_rel: float = VOLUME_TOLERANCE_REL,
) -> ManifoldReport:
    """Check an STL or GLB file. Give the B-rep's volume to have the mesh's held against it.

    Raises InputError for a file that isn't one of these or can't be read as one.
    """
    vertices, triangles = read_mesh_file(Path(mesh))
    return check_triangles(
        vertices, triangles, expected_volume_mm3=expected_volume_mm3, volume_tolerance_rel=volume_tolerance_rel
    )


def read_mesh_file(path: Path) -> tuple[Any, Any]:
    """Vertices (n, 3) in mm and triangles (m, 3) of an STL or GLB file."""
    from backend.engine.exchange.gltf_read import read_glb
    from backend.engine.exchange.mesh import concatenate
    from backend.engine.exchange.stl import read_stl

    suffix = path.suffix.lower()
    try:
        if suffix == ".stl":
            return read_stl(path.read_bytes())
        if suffix in (".glb", ".gltf"):
            joined = concatenate(read_glb(path.read_bytes()))
            return joined.vertices, joined.triangles
    except EngineError as error:
        raise InputError(f"{path.name}: {error.message}", next_action="Export the mesh again.") from error
    raise InputError(f"{path.name} is not a mesh file that can be checked.", next_action="Give an .stl or .glb file.")


def check_triangles(
    vertices: Any,
    triangles: Any,
    *,
    expected_volume_mm3: float | None = None,
    volume_tolerance_rel: float = VOLUME_TOLERANCE_REL,
) -> ManifoldReport:
    """Check vertices (n, 3) in mm and triangles (m, 3); coincident vertices count as one."""
    points = np.asarray(vertices, dtype=np.float64)
    label = coincident(points)
    index = label[np.asarray(triangles, dtype=np.int64)]
    collapsed = (index[:, 0] == index[:, 1]) | (index[:, 1] == index[:, 2]) | (index[:, 2] == index[:, 0])
    index = index[~collapsed]

    start = np.concatenate([index[:, 0], index[:, 1], index[:, 2]])
    end = np.concatenate([index[:, 1], index[:, 2], index[:, 0]])
    low, high = np.minimum(start, end), np.maximum(start, end)
    _, edge = np.unique(low * len(points) + high, return_inverse=True)
    edge = edge.ravel()
    uses = np.bincount(edge)
    balance = np.bincount(edge, weights=np.where(start < end, 1.0, -1.0))
    boundary = int((uses == 1).sum())
    flipped = int(((balance != 0) & (uses % 2 == 0)).sum())
    odd = int(((uses > 1) & (uses % 2 == 1)).sum())
    shared = int((uses > 2).sum())
    watertight = bool(len(index)) and boundary == 0 and odd == 0
    oriented = watertight and flipped == 0
    volume = signed_volume(points, index)

    problems = []
    if not len(index):
        problems.append("the mesh has no triangles")
    if boundary:
        problems.append(f"{boundary} edges belong to one triangle only: the surface has holes")
    if odd:
        problems.append(f"{odd} edges belong to an odd number of triangles: surfaces end inside others")
    if flipped:
        problems.append(f"{flipped} edges join triangles that face opposite ways")
    if collapsed.any():
        problems.append(f"{int(collapsed.sum())} triangles have no area")
    if oriented and volume <= 0.0:
        problems.append("the surface faces inwards")
    error_rel = None
    if expected_volume_mm3 is not None and expected_volume_mm3 > 0.0:
        error_rel = volume / expected_volume_mm3 - 1.0
        if abs(error_rel) > volume_tolerance_rel:
            problems.append(
                f"the mesh encloses {volume:.6g} mm3, the solid {expected_volume_mm3:.6g} mm3 ({error_rel:+.2%})"
            )
    return ManifoldReport(
        manifold=not problems,
        watertight=watertight,
        oriented=oriented,
        triangles=len(index),
        vertices=len(np.unique(index)),
        bodies=_components(index, edge),
        boundary_edges=boundary,
        flipped_edges=flipped,
        shared_edges=shared,
        degenerate_triangles=int(collapsed.sum()),
        volume_mm3=volume,
        area_mm2=surface_area(points, index) if len(index) else 0.0,
        expected_volume_mm3=expected_volume_mm3,
        volume_error_rel=error_rel,
        problems=tuple(problems),
    )


def _components(index: Any, edge: Any) -> int:
    """Number of skins: triangles joined over edges that two of them share."""
    count = len(index)
    if count == 0:
        return 0
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    owner = np.tile(np.arange(count), 3)
    order = np.argsort(edge, kind="stable")
    edge, owner = edge[order], owner[order]
    twice = np.bincount(edge) == 2
    pair = (edge[:-1] == edge[1:]) & twice[edge[:-1]]
    joined = coo_matrix((np.ones(int(pair.sum()), np.int8), (owner[:-1][pair], owner[1:][pair])), shape=(count, count))
    return int(connected_components(joined, directed=False)[0])
