"""Supports: which unknowns are prescribed, which faces carry springs, and whether the part can still move.

Fixed faces and prescribed displacements are Dirichlet conditions. Frictionless faces hold the normal displacement by a
stiff bedding (penalty): on curved faces the normal isn't a coordinate, and the error is pressure/stiffness, some
1e-7 of the part's size. Contact without tension is the same bedding, switched on only where the part presses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import ContradictionError, RigidBodyMotionError, StudyError
from backend.physics.fem.material import solid_of
from backend.physics.fem.mesh import edge_pattern, region_pattern
from backend.physics.fem.study import Support
from backend.physics.fem.surface import Surface, edges_between_faces, normal_at_nodes

FloatArray = npt.NDArray[np.float64]

# Stiffness of the beddings relative to E/diagonal: 1e6 makes the frictionless error vanish beside the mesh's. A wall
# that presses back is no stiffer than a block of the part's own material and a tenth of its size; give
# stiffness_n_mm3 where the wall is known.
FRICTIONLESS_FACTOR = 1e6
CONTACT_FACTOR = 10.0
_MODE_TOLERANCE = 1e-3
_EXACT_TOLERANCE = 3e-7  # of eigh on a Gram matrix: the root of its rounding is some 3e-8


@dataclass(frozen=True)
class Bedding:
    """A spring layer on faces: traction = -stiffness * u (along the normal only, or in all directions)."""

    faces: tuple[int, ...]
    stiffness_n_mm3: float
    normal_only: bool
    one_sided: bool
    kind: str


def beddings(supports: tuple[Support, ...], modulus_mpa: float, diagonal_mm: float) -> list[Bedding]:
    """The spring layers that the supports ask for."""
    unit = modulus_mpa / diagonal_mm
    layers = []
    for support in supports:
        if support.kind == "elastic":
            stiffness = support.stiffness_n_mm3 or 0.0
            layers.append(Bedding(support.faces, stiffness, support.normal_only, False, support.kind))
        elif support.kind == "frictionless":
            layers.append(Bedding(support.faces, FRICTIONLESS_FACTOR * unit, True, False, support.kind))
        elif support.kind == "compression_only":
            stiffness = support.stiffness_n_mm3 or CONTACT_FACTOR * unit
            layers.append(Bedding(support.faces, stiffness, True, True, support.kind))
    return layers


def dirichlet_flags(supports: tuple[Support, ...]) -> dict[str, str]:
    """NGSolve's flags for the faces and edges whose x, y, z displacement is prescribed."""
    flags = {}
    for axis, letter in enumerate("xyz"):
        held = [s for s in supports if s.kind == "fixed" or s.displacement_mm[axis] is not None]
        faces = [face for support in held for face in support.faces]
        edges = [edge_pattern(pair) for support in held for pair in support.edges]
        if faces:
            flags[f"dirichlet{letter}"] = region_pattern(faces)
        if edges:
            flags[f"dirichlet{letter}_bbnd"] = "|".join(edges)
    return flags


def prescribe(displacement: Any, mesh: Any, supports: tuple[Support, ...]) -> bool:
    """Writes prescribed displacements into the grid function; True where any isn't zero."""
    moved = False
    for axis, component in enumerate(displacement.components):
        # One Set per component: a later Set would wipe the faces of an earlier one.
        values: dict[str, float] = {}
        for support in supports:
            wanted = support.displacement_mm[axis]
            if support.kind == "displacement" and wanted:
                if support.edges:
                    raise StudyError(
                        "A displacement other than zero can't be prescribed on an edge.", "Prescribe it on a face."
                    )
                values |= dict.fromkeys((f"face{i}" for i in support.faces), wanted)
        if values:
            moved = True
            pattern = region_pattern(int(name[4:]) for name in values)
            component.Set(mesh.BoundaryCF(values, default=0.0), definedon=mesh.Boundaries(pattern))
    return moved


def rigid_modes(space: Any, center: FloatArray) -> FloatArray:
    """Three translations and three rotations about ``center`` as coefficient vectors, (6, unknowns).

    Elements are isoparametric, so these motions lie in the space exactly, on curved elements too.
    """
    import ngsolve as ng

    position = ng.GridFunction(space)
    position.Interpolate((ng.x - center[0], ng.y - center[1], ng.z - center[2]))
    count = position.components[0].space.ndof
    x, y, z = position.vec.FV().NumPy().reshape(3, count)
    one = np.zeros(count)
    one[: space.mesh.nv] = 1.0  # hierarchical basis: the vertex functions alone add up to one
    modes = np.zeros((6, 3, count))
    modes[0, 0], modes[1, 1], modes[2, 2] = one, one, one
    modes[3, 1], modes[3, 2] = -z, y
    modes[4, 0], modes[4, 2] = z, -x
    modes[5, 0], modes[5, 1] = -y, x
    return modes.reshape(6, 3 * count)


def check_outside(surface: Surface, used: Mapping[str, tuple[int, ...]]) -> None:
    """Raises :class:`StudyError` where the study uses a face that lies between bonded solids, inside the part."""
    for where, faces in used.items():
        hidden = [face for face in faces if not (surface.face == face).any()]
        if hidden:
            raise StudyError(
                f"{where} names face(s) {hidden}, which lie inside, between bonded bodies: they can't be held, loaded "
                "or read.",
                "Name faces on the outside.",
            )


def check_contradictions(surface: Surface, supports: tuple[Support, ...]) -> None:
    """Raises :class:`ContradictionError` where one face, or two faces that meet, are sent to different places."""
    wanted: dict[tuple[int, int], tuple[float, int]] = {}
    for number, support in enumerate(supports):
        for axis, letter in enumerate("xyz"):
            value = 0.0 if support.kind == "fixed" else support.displacement_mm[axis]
            if value is None or not support.rigid:
                continue
            for face in support.faces:
                before = wanted.setdefault((face, axis), (value, number))
                if before[0] != value:
                    raise ContradictionError(
                        f"supports[{before[1]}] and supports[{number}] both hold face {face}: one moves it by "
                        f"{before[0]:g} mm along {letter}, the other by {value:g} mm.",
                        "Keep one of them on this face.",
                    )
    pairs = {(int(a), int(b)) for a, b in edges_between_faces(surface).faces}
    for low, high in sorted(pairs):
        for axis, letter in enumerate("xyz"):
            one, two = wanted.get((low, axis)), wanted.get((high, axis))
            if one is not None and two is not None and one[0] != two[0]:
                raise ContradictionError(
                    f"Faces {low} and {high} meet at an edge, but supports[{one[1]}] moves one by {one[0]:g} mm along "
                    f"{letter} and supports[{two[1]}] the other by {two[0]:g} mm.",
                    "Leave a gap between them, or move them alike.",
                )


def check_rigid_body(surface: Surface, supports: tuple[Support, ...], mesh: Any) -> None:
    """Raises :class:`RigidBodyMotionError` where a rigid motion of the part, or of a piece of it, isn't resisted."""
    check_contradictions(surface, supports)
    free = free_motions(surface, supports)
    if free:
        names = _name_motions(free)
        raise RigidBodyMotionError(
            f"The supports leave the part free to move: {'; '.join(names)}.",
            "Hold the part against it: fix a face, or add frictionless supports on faces that block these motions.",
            motions=names,
        )
    for bodies, vertices in pieces(mesh):
        loose = free_motions(surface, supports, vertices[surface.corners[:, 0]])
        if loose:
            names = _name_motions(loose)
            raise RigidBodyMotionError(
                f"The bodies fall into pieces that share no face, and bodies {bodies} are free to move: "
                f"{'; '.join(names)}.",
                "Bonded bodies must touch face to face: move them until they do, give each piece supports of its own, "
                "or leave bodies out of the study.",
                motions=names,
            )


def pieces(mesh: Any) -> list[tuple[list[int], npt.NDArray[np.bool_]]]:
    """The solids of each connected piece of the mesh, and its (vertices,) mask; empty where it is all one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names = list(mesh.GetMaterials())
    if len(names) < 2:
        return []
    elements = mesh.ngmesh.Elements3D().NumPy()
    corners = np.asarray(elements["nodes"][:, :4], dtype=np.int64) - 1
    one, other = np.repeat(corners[:, 0], 3), corners[:, 1:].reshape(-1)
    count, label = connected_components(coo_array((np.ones(len(one)), (one, other)), (mesh.nv, mesh.nv)))
    if count < 2:
        return []
    solids = np.array([solid_of(name) for name in names])[np.asarray(elements["index"], dtype=np.int64) - 1]
    return [(np.unique(solids[label[corners[:, 0]] == piece]).tolist(), label == piece) for piece in range(count)]


def free_motions(
    surface: Surface, supports: tuple[Support, ...], only: npt.NDArray[np.bool_] | None = None
) -> list[FloatArray]:
    """Rigid motions (translation, scaled rotation), (6,) each, that meet no resistance.

    Each held direction d at a point r of the supports gives a row (d, r x d) of the constraint matrix; the part is free
    along the null space of its 6 x 6 Gram matrix. Rotations are scaled by the supports' own extent. ``only``:
    (elements,) mask of the triangles whose supports count.
    """
    exact = [s for s in supports if s.kind in ("fixed", "displacement") or (s.kind == "elastic" and not s.normal_only)]
    # A thin edge that is held resists little, but it does: these directions are exact, only the normals of curved
    # faces aren't, and for them the tolerance must be wide.
    if exact and not _unresisted(*_constraints(surface, tuple(exact), only), _EXACT_TOLERANCE):
        return []
    return _unresisted(*_constraints(surface, supports, only), _MODE_TOLERANCE)


def _unresisted(positions: FloatArray, directions: FloatArray, tolerance: float) -> list[FloatArray]:
    if not len(positions):
        return list(np.eye(6))
    center = positions.mean(axis=0)
    arm = positions - center
    extent = float(np.sqrt((arm**2).sum(axis=1).mean())) or 1.0
    rows = np.concatenate([directions, np.cross(arm / extent, directions)], axis=1)
    squared, modes = np.linalg.eigh(rows.T @ rows / len(rows))
    singular = np.sqrt(np.maximum(squared, 0.0))
    return [modes[:, i] for i in range(6) if singular[i] < tolerance * singular.max()]


def _constraints(
    surface: Surface, supports: tuple[Support, ...], only: npt.NDArray[np.bool_] | None
) -> tuple[FloatArray, FloatArray]:
    """Points (n, 3) at which a direction (n, 3) is held."""
    positions, directions = [], []
    sharp = edges_between_faces(surface)
    for support in supports:
        mask = surface.on(support.faces)
        points, normals = normal_at_nodes(surface, mask if only is None else mask & only)
        if support.edges:
            on_edges = [sharp.ends[(sharp.faces == pair).all(axis=1)].reshape(-1, 3) for pair in support.edges]
            missing = [pair for pair, found in zip(support.edges, on_edges, strict=True) if not len(found)]
            if missing:
                raise StudyError(f"Faces {missing} don't meet at an edge.", "Name two faces that share an edge.")
            # Normals are only used by supports that can't hold edges.
            points = np.concatenate([points, *on_edges])
        axes: list[FloatArray]
        if support.kind == "fixed" or (support.kind == "elastic" and not support.normal_only):
            axes = [np.broadcast_to(np.eye(3)[i], points.shape) for i in range(3)]
        elif support.kind == "displacement":
            held = [i for i in range(3) if support.displacement_mm[i] is not None]
            axes = [np.broadcast_to(np.eye(3)[i], points.shape) for i in held]
        else:
            axes = [normals]
        for axis in axes:
            positions.append(points)
            directions.append(axis)
    return np.concatenate(positions), np.concatenate(directions)


def _name_motions(free: list[FloatArray]) -> list[str]:
    """Words for the free motions: translations by axis where they are along axes, else by direction."""
    basis = np.array(free)
    rotation_part = basis[:, 3:]
    _, size, right = np.linalg.svd(rotation_part, full_matrices=False)
    rank = int((size > 1e-2).sum())
    names = [f"rotation about {name}" for name in _directions(right[:rank])]
    # What is left of the null space without rotation are translations.
    moves = np.linalg.svd(rotation_part.T, full_matrices=True)[2][rank:] @ basis[:, :3]
    _, size, right = np.linalg.svd(moves.reshape(-1, 3), full_matrices=False)
    return names + [f"translation along {name}" for name in _directions(right[: int((size > 1e-6).sum())])]


def _directions(span: FloatArray) -> list[str]:
    """Words for an orthonormal set of directions (k, 3): the axes that lie in their span, then what remains."""
    names, rest = [], span
    for name, axis in zip("XYZ", np.eye(3), strict=True):
        if len(rest) and float(np.linalg.norm(rest @ axis)) > 0.999:
            names.append(name)
            rest = rest - np.outer(rest @ axis, axis)
    _, size, right = np.linalg.svd(rest.reshape(-1, 3), full_matrices=False)
    return names + [_axis_name(direction) for direction in right[size > 0.1]]


def _axis_name(direction: FloatArray) -> str:
    for name, axis in zip("XYZ", np.eye(3), strict=True):
        if abs(float(direction @ axis)) > 0.999:
            return name
    # A direction and its opposite are one motion: the largest component is shown positive.
    shown = direction * np.sign(direction[int(np.abs(direction).argmax())]) + 0.0
    return "(" + ", ".join(f"{c:.2f}" for c in shown) + ")"
