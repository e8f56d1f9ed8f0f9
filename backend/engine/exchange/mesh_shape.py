"""Triangles as an OCCT shape: true solids of planar faces where that is affordable, else a mesh body. Needs OCP."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from OCP.BRep import BRep_Builder
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeEdge, BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakeVertex
from OCP.gp import gp_Dir, gp_Pln, gp_Pnt
from OCP.Poly import Poly_Triangle, Poly_Triangulation
from OCP.ShapeUpgrade import ShapeUpgrade_UnifySameDomain
from OCP.TopoDS import TopoDS_Face, TopoDS_Shell, TopoDS_Solid, TopoDS_Wire

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import signed_volume, triangle_normals, weld
from backend.engine.exchange.step import compound

# each triangle becomes a face of its own first: about 0.15 ms apiece, and booleans slow down with their square
MAX_PLANAR_TRIANGLES = 5_000
MAX_TRIANGLES = 2_000_000

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


def shape_of_mesh(vertices: Any, triangles: Any, *, planar: bool | None = None) -> Any:
    """A compound of one body for each connected skin of the mesh: vertices (n, 3) in mm, triangles (m, 3).

    A closed skin is a solid; a closed skin inside another that faces the other way is its cavity; an open one is a
    shell. Up to 5000 triangles the faces are true planes, with coplanar neighbours merged, so that booleans, fillets
    and queries work; beyond that (or with ``planar`` False) a body is a single face that carries its triangulation:
    it can be placed, measured and exported, but not cut.

    Raises EngineError (``import_failed``) for no triangles, more than two million, or neighbours that face opposite
    ways.
    """
    points, index32 = weld(vertices, triangles)
    index = index32.astype(np.int64)
    if len(index) == 0:
        raise EngineError("The mesh has no triangles with an area.", code="import_failed")
    if len(index) > MAX_TRIANGLES:
        raise EngineError(
            f"The mesh has {len(index)} triangles; up to {MAX_TRIANGLES} are read. Reduce it first.",
            code="import_failed",
        )
    flat = np.linalg.norm(triangle_normals(points, index), axis=1) > 0
    index = index[flat]  # slivers whose corners lie on a line span no plane
    build = _planar_shell if (len(index) <= MAX_PLANAR_TRIANGLES if planar is None else planar) else _mesh_shell
    skins = [index[part] for part in _skins(index, len(points))]
    outer: list[tuple[Index, float]] = []
    inner: list[Index] = []
    shells: list[Any] = []
    for skin in skins:
        if not _is_closed(skin):
            shells.append(build(points, skin, False))
            continue
        volume = signed_volume(points, skin)
        if volume < 0 and len(skins) > 1:
            inner.append(skin)
        else:
            # one skin alone that faces inwards is a solid that somebody wrote the wrong way round
            outer.append((skin if volume > 0 else skin[:, ::-1], abs(volume)))
    bodies = [
        _solid(build(points, skin, True), cavities, build, points) for skin, cavities in _nest(points, outer, inner)
    ]
    result = compound([*bodies, *shells])
    if build is _planar_shell:
        result = _merge_coplanar(result, float(np.linalg.norm(np.ptp(points, axis=0))))
    return result


def _skins(index: Index, count: int) -> list[NDArray[np.int64]]:
    """Triangle numbers of each connected part."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first, second = index[:, [0, 1]].ravel(), index[:, [1, 2]].ravel()
    links = coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    label = connected_components(links, directed=False)[1][index[:, 0]]
    order = np.argsort(label, kind="stable")
    borders = np.flatnonzero(np.diff(label[order])) + 1
    parts = np.split(order, borders)
    return sorted(parts, key=lambda part: int(part[0]))  # in the order of the file


def _is_closed(index: Index) -> bool:
    """Each edge is run once in each direction. Raises where two triangles run it in the same one."""
    start = index.ravel()
    end = index[:, [1, 2, 0]].ravel()
    size = int(index.max()) + 1
    forward, uses = np.unique(start * size + end, return_counts=True)
    if (uses > 1).any():
        raise EngineError(
            "Triangles of the mesh that meet face opposite ways, or more than two meet at an edge: repair it first.",
            code="import_failed",
        )
    return bool(np.array_equal(forward, np.unique(end * size + start)))


def _nest(points: Floats, outer: list[tuple[Index, float]], inner: list[Index]) -> list[tuple[Index, list[Index]]]:
    """Each outer skin with the cavities in it: a cavity belongs to the smallest box that holds it."""
    if inner and not outer:
        raise EngineError("All parts of the mesh face inwards: turn its triangles over.", code="import_failed")
    nested: list[tuple[Index, list[Index]]] = [(skin, []) for skin, _ in outer]
    boxes = [(points[np.unique(skin)].min(axis=0), points[np.unique(skin)].max(axis=0)) for skin, _ in outer]
    for cavity in inner:
        used = points[np.unique(cavity)]
        low, high = used.min(axis=0), used.max(axis=0)
        holders = [
            (outer[number][1], number)
            for number, (start, end) in enumerate(boxes)
            if (start <= low).all() and (high <= end).all()
        ]
        if not holders:
            raise EngineError("A part of the mesh faces inwards and lies in no other: turn it over.", "import_failed")
        nested[min(holders)[1]][1].append(cavity)
    return nested


def _solid(shell: Any, cavities: list[Index], build: Any, points: Floats) -> Any:
    builder = BRep_Builder()
    solid = TopoDS_Solid()
    builder.MakeSolid(solid)
    builder.Add(solid, shell)
    for cavity in cavities:
        builder.Add(solid, build(points, cavity, True))
    return solid


def _planar_shell(points: Floats, index: Index, closed: bool) -> Any:
    """A shell of one planar face for each triangle, with shared vertices and edges."""
    builder = BRep_Builder()
    vertices = {
        number: BRepBuilderAPI_MakeVertex(gp_Pnt(*points[number].tolist())).Vertex()
        for number in np.unique(index).tolist()
    }
    normals = triangle_normals(points, index).tolist()
    edges: dict[tuple[int, int], Any] = {}
    shell = TopoDS_Shell()
    builder.MakeShell(shell)
    for corners, normal in zip(index.tolist(), normals, strict=True):
        wire = TopoDS_Wire()
        builder.MakeWire(wire)
        for start, end in zip(corners, (*corners[1:], corners[0]), strict=True):
            key = (min(start, end), max(start, end))
            edge = edges.get(key)
            if edge is None:
                edge = edges[key] = BRepBuilderAPI_MakeEdge(vertices[key[0]], vertices[key[1]]).Edge()
            builder.Add(wire, edge if key == (start, end) else edge.Reversed())
        plane = gp_Pln(gp_Pnt(*points[corners[0]].tolist()), gp_Dir(*normal))
        builder.Add(shell, BRepBuilderAPI_MakeFace(plane, wire, True).Face())
    shell.Closed(closed)
    return shell


def _mesh_shell(points: Floats, index: Index, closed: bool) -> Any:
    """A shell of one face without a surface, which carries the triangulation."""
    used, compact = np.unique(index, return_inverse=True)
    triangulation = Poly_Triangulation(len(used), len(index), False)
    for number, point in enumerate(points[used].tolist(), 1):
        triangulation.SetNode(number, gp_Pnt(*point))
    for number, corners in enumerate((compact.reshape(-1, 3) + 1).tolist(), 1):
        triangulation.SetTriangle(number, Poly_Triangle(*corners))
    builder = BRep_Builder()
    face, shell = TopoDS_Face(), TopoDS_Shell()
    builder.MakeFace(face, triangulation)
    builder.MakeShell(shell)
    builder.Add(shell, face)
    shell.Closed(closed)
    return shell


def _merge_coplanar(shape: Any, size_mm: float) -> Any:
    unify = ShapeUpgrade_UnifySameDomain(shape, True, True, False)
    # files keep 7 digits: what was one plane comes back turned by their rounding
    unify.SetAngularTolerance(1e-4)
    unify.SetLinearTolerance(max(1e-6 * size_mm, 1e-7))
    unify.Build()
    merged = unify.Shape()
    return shape if merged is None or merged.IsNull() else merged
