"""From a BREP file to a curved tetrahedral mesh, and its refinement where the error is.

Faces keep the indices of the BREP file: face ``i`` is the boundary named ``face<i>``, through healing, gluing and
every refinement. New points of a refinement are put on the CAD surface, so holes and fillets get rounder, not only
finer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import memory
from backend.physics.fem.errors import MeshError, TooLargeError, UnknownFaceError, UnknownSolidError
from backend.physics.fem.threads import alone

FloatArray = npt.NDArray[np.float64]

# A regular tetrahedron of edge h has volume h^3/(6 sqrt 2).
_TET_VOLUME = 1 / (6 * math.sqrt(2))
# Elements that one marked element adds, closure of its neighbours included (measured 13 to 45 on brackets).
_GROWTH_PER_MARK = 18.0
# Displacement unknowns per tetrahedron, by order.
_DOFS_PER_ELEMENT = {1: 0.8, 2: 5.5, 3: 16.0, 4: 36.0}
# A mesh that the estimate puts this far above the limit isn't even tried: the estimate is good to a factor of two.
_HOPELESS = 3.0
# A coarser start saves nothing and leaves the error estimate without a base.
_LEAST_ELEMENTS = 700.0
_OVERLAP = 1e-5  # of the smallest body: what imprecise faces have in common
# Times that fewer marks are tried where curving turned elements inside out.
_MENDINGS = 3
# The share of the unknowns allowed that a first mesh which follows curves closely may take.
_ROOM = 4
# The equations would do (a cube of 0.01 um stretches as it should), but OCCT takes points 1e-7 mm apart for one, a ten
# thousandth of such a part, and faces are no longer told apart by their place.
LEAST_DIAGONAL_MM = 1e-3
# Wall over diagonal: a strip clamped at one end, of 100 x 20 x 0.1 mm, bends as it should; 0.01 mm thick, by 0.6 of
# that, with an energy balance open by a fifth, 0.003 mm thick by 0.01.
LEAST_WALL_REL = 1e-4
# Flatter elements lock at order 2: a clamped strip, 100 x 20 mm, bent by 0.92, 0.70 and 0.75 of what it should at a
# flatness of 16, 33 and 82, whatever the two meshes and the energy said; at order 3 by 0.97 at 33.
FLATTEST = 8.0
# A rod: its diagonal over its wall (half a square's side), and its volume over wall^2 times diagonal (4 of a straight
# square one, 12 of a strip 1 : 10; of plates and brackets more). At order 2 with an element across, quarters of slender
# square rings bent and twisted out of their plane by 2 % less than they should, with a bar of 1.2 %.
ROD_LENGTH, ROD_VOLUME = 40.0, 16.0
ROD_DOFS = 20_000  # fewer allowed unknowns leave order 3 too few elements


@dataclass(frozen=True)
class Part:
    """The shape to analyse. ``wall_mm`` is 2 V/A: the thickness of a plate, a third of a cube's edge."""

    geometry: Any
    face_ids: tuple[int, ...]
    volume_mm3: float
    area_mm2: float
    low_mm: FloatArray
    high_mm: FloatArray
    centroid_mm: FloatArray
    solids: int
    warnings: tuple[str, ...] = ()
    solid_volumes_mm3: Mapping[int, float] = field(default_factory=dict)
    solid_centroids_mm: Mapping[int, FloatArray] = field(default_factory=dict)

    @property
    def diagonal_mm(self) -> float:
        """Diagonal of the bounding box."""
        return float(np.linalg.norm(self.high_mm - self.low_mm))

    @property
    def wall_mm(self) -> float:
        """Typical wall thickness."""
        return 2 * self.volume_mm3 / self.area_mm2


@dataclass(frozen=True)
class Focus:
    """Elements around a point should be no larger than ``size_mm``."""

    point_mm: tuple[float, float, float]
    radius_mm: float
    size_mm: float


@dataclass
class MeshInfo:
    """What the mesher was asked for and what it gave."""

    size_mm: float
    elements: int
    warnings: list[str] = field(default_factory=list)


def face_name(index: int) -> str:
    """Boundary name of a face of the BREP file."""
    return f"face{index}"


def solid_name(index: int) -> str:
    """Region name of a solid of the BREP file."""
    return f"solid{index}"


def edge_pattern(pair: tuple[int, int]) -> str:
    """NGSolve's pattern of the edges where two faces (lower index first) meet, others joining in or not."""
    return rf"edge(\d+_)*{pair[0]}_(\d+_)*{pair[1]}(_\d+)*"


def region_pattern(faces: Iterable[int]) -> str:
    """NGSolve's boundary pattern (a regular expression, matched as a whole) for faces."""
    return "|".join(face_name(i) for i in faces)


def load_part(path: str, *, solids: Sequence[int] | None = None, contact: str | None = None) -> Part:
    """Reads a BREP file and picks what is analysed.

    Raises :class:`MeshError` where the file holds no usable solid, :class:`UnknownSolidError` where the choice is
    unclear or out of range.
    """
    from netgen.occ import Glue, OCCGeometry

    try:
        shape = OCCGeometry(path).shape
    except Exception as error:
        raise MeshError(f"The BREP file {path} can't be read: {error}", "Compile the model again.") from error
    _name(shape)
    found = list(shape.solids)
    indices = list(range(len(found)))
    if not found:
        raise MeshError("The model has no solid, only surfaces or curves.", "Close the surfaces to a solid first.")
    if solids is not None:
        wrong = [i for i in solids if i >= len(found)]
        if wrong:
            raise UnknownSolidError(
                f"solids names {wrong}, but the model has {len(found)} solid(s), numbered from 0.", "Correct solids."
            )
        found = [found[i] for i in solids]
        indices = list(solids)
    elif len(found) > 1 and contact is None:
        raise UnknownSolidError(
            f"The model has {len(found)} solids and the study doesn't say which is analysed.",
            'Give solids=[i], or contact="bonded" to join solids that share faces.',
        )
    for index, solid in zip(indices, found, strict=True):
        solid.name = solid_name(index)
    if len(found) == 1:
        body = found[0]
    elif contact == "bonded":
        body = Glue(found)
        _check_overlap(found, body)
    else:
        raise UnknownSolidError(
            f"{len(found)} solids are chosen but not joined.", 'Give contact="bonded", or choose one solid.'
        )
    volume = float(sum(abs(s.mass) for s in body.solids))
    area = float(sum(f.mass for f in body.faces))
    centroid = sum(s.mass * np.array(tuple(s.center), dtype=float) for s in body.solids) / sum(
        s.mass for s in body.solids
    )
    low, high = (np.array(tuple(p), dtype=float) for p in body.bounding_box)
    diagonal = float(np.linalg.norm(high - low))
    if 0 < diagonal < LEAST_DIAGONAL_MM:
        raise MeshError(
            f"The part is {diagonal:.3g} mm across: too small for the kernel, whose points differ from 1e-7 mm on.",
            "Check the model's units. A part that is meant so small: model it larger and scale loads and results.",
        )
    if not math.isfinite(volume) or volume <= 1e-9 * diagonal**3 or area <= 0:
        raise MeshError(
            f"The solid has a volume of {volume:g} mm3 in a box of diagonal {diagonal:g} mm: it is flat or inverted.",
            "Check the thickness and the orientation of the model.",
        )
    ids = tuple(sorted({int(f.name[4:]) for f in body.faces if f.name and f.name.startswith("face")}))
    pieces = dict(zip(indices, found, strict=True))
    return Part(
        OCCGeometry(body), ids, volume, area, low, high, centroid, len(found), tuple(_small_features(body, diagonal)),
        {index: float(abs(s.mass)) for index, s in pieces.items()},
        {index: np.array(tuple(s.center), dtype=float) for index, s in pieces.items()},
    )  # fmt: skip


def check_thickness(part: Part) -> None:
    """Raises :class:`MeshError` for a part too thin for solid elements that bend (:data:`LEAST_WALL_REL`)."""
    if part.wall_mm >= LEAST_WALL_REL * part.diagonal_mm:
        return
    raise MeshError(
        f"The part is {part.wall_mm:.3g} mm thick and {part.diagonal_mm:.4g} mm across: too thin for solid elements, "
        f"which take no wall thinner than {LEAST_WALL_REL:g} of the part's size (elements flatter than that are "
        "far too stiff in bending).",
        f"Check the thickness and its units; make it {LEAST_WALL_REL * part.diagonal_mm:.2g} mm or more, analyse a "
        "smaller piece, or use plate and membrane formulas (structures domain of the kernel).",
    )


def _check_overlap(solids: Sequence[Any], glued: Any) -> None:
    """Raises :class:`MeshError` where solids have more in common than faces: what is there belongs to neither."""
    apart = [abs(float(s.mass)) for s in solids]
    common = sum(apart) - sum(abs(float(s.mass)) for s in glued.solids)
    if common > _OVERLAP * min(apart):
        raise MeshError(
            f"The bodies run into each other: {common:.3g} mm3 belong to more than one of them.",
            "Cut one from the other, so that they share faces only, or leave bodies out of the study.",
        )


def _name(shape: Any) -> None:
    """Names faces by index, and edges by all faces that meet there (``edge2_5``), so that names outlive gluing."""
    meeting: dict[Any, list[int]] = {}
    # A face that two solids share comes twice; like TopExp::MapShapes, it counts once.
    for index, face in enumerate(dict.fromkeys(shape.faces)):
        face.name = face_name(index)
        for edge in face.edges:
            meeting.setdefault(edge, []).append(index)
    for edge, faces in meeting.items():
        edge.name = "edge" + "_".join(str(i) for i in sorted(set(faces)))


def _small_features(body: Any, diagonal: float) -> list[str]:
    lengths = np.array([edge.mass for edge in body.edges])
    tiny = int(((lengths > 0) & (lengths < 2e-4 * diagonal)).sum())
    if not tiny:
        return []
    return [
        f"{tiny} edge(s) are shorter than {2e-4 * diagonal:.3g} mm (smallest {lengths[lengths > 0].min():.3g} mm); "
        "they are bridged by the mesh. Remove such slivers if the stress there matters."
    ]


def check_faces(part: Part, used: dict[str, tuple[int, ...]]) -> None:
    """Raises :class:`UnknownFaceError` where the study names a face that the analysed solid doesn't have."""
    known = set(part.face_ids)
    for where, faces in used.items():
        missing = [i for i in faces if i not in known]
        if missing:
            span = f"{min(known)}..{max(known)}" if known else "none"
            raise UnknownFaceError(
                f"{where} names face(s) {missing}, but the analysed solid has {len(known)} faces ({span}).",
                "Take face indices from the compiled model (named_faces[].face_index).",
                where=where,
                missing=missing,
                faces=len(known),
            )


def dofs_of(mesh: Any, order: int) -> int:
    """Number of displacement unknowns of a vector-valued H1 space of that order."""
    p = order
    scalar = mesh.nv + (p - 1) * mesh.nedge + (p - 1) * (p - 2) // 2 * mesh.nface
    return int(3 * (scalar + (p - 1) * (p - 2) * (p - 3) // 6 * mesh.ne))


def estimated_elements(part: Part, size_mm: float) -> float:
    """Tetrahedra that a quasi-uniform mesh of that size has: by volume, or by area where walls are thinner."""
    by_volume = part.volume_mm3 / (_TET_VOLUME * size_mm**3)
    by_area = 3 * (part.area_mm2 / 2) / (math.sqrt(3) / 4 * size_mm**2)
    return max(by_volume, by_area)


def flatness(part: Part, order: int, max_dofs: int) -> float:
    """How many times longer than a wall is thick its elements are, where ``max_dofs`` unknowns are spread over it."""
    elements = max_dofs / _DOFS_PER_ELEMENT[order]
    return math.sqrt(3 * (part.area_mm2 / 2) / (math.sqrt(3) / 4 * elements)) / part.wall_mm


def is_rod(part: Part) -> bool:
    """Whether the part is long and as thin one way as the other, so that what twists it is most of how it moves."""
    long = part.diagonal_mm > ROD_LENGTH * part.wall_mm
    return long and part.volume_mm3 < ROD_VOLUME * part.wall_mm**2 * part.diagonal_mm


def start_size_mm(part: Part, order: int, max_dofs: int, levels: int, walls: float = 2.0) -> float:
    """Element size of the coarsest mesh: so many walls, within what the budget of unknowns allows."""
    size = min(part.diagonal_mm / 6, walls * part.wall_mm)
    per_element = _DOFS_PER_ELEMENT[order]
    allowed = min(max_dofs / 2.5 ** (levels - 1), 40_000) / per_element
    while estimated_elements(part, size) < min(_LEAST_ELEMENTS, allowed):
        size *= 0.95
    while estimated_elements(part, size) > allowed:
        size *= 1.05
    return size


def check_size(part: Part, size_mm: float, order: int, max_dofs: int) -> None:
    """Raises :class:`TooLargeError` where a mesh of that size can't be within the study's limit or the memory.

    Told before meshing, from the part's volume and area alone: a mesher that runs out of memory tells nothing.
    """
    dofs = estimated_elements(part, size_mm) * _DOFS_PER_ELEMENT[order]
    need, have = memory.needed_gb(dofs), memory.available_gb()
    if dofs <= _HOPELESS * max_dofs and need <= have:
        return
    limit = f"the study allows {max_dofs}" if dofs > _HOPELESS * max_dofs else f"{have:.1f} GB are free"
    fits = size_mm * (dofs / min(max_dofs, memory.dofs_that_fit())) ** (1 / 3)
    raise TooLargeError(
        f"A mesh of {size_mm:.3g} mm would need about {dofs:.2g} unknowns and {need:.3g} GB of memory; {limit}.",
        f"Give a coarser size (some {fits:.2g} mm fits) or none: the solver refines where it matters.",
        dofs=dofs,
        memory_gb=need,
        max_dofs=max_dofs,
    )


def make_mesh(
    part: Part, size_mm: float, order: int, max_dofs: int, focus: Sequence[Focus] = ()
) -> tuple[Any, MeshInfo]:
    """A curved mesh; tries again with other settings where the mesher fails or gives too many elements.

    Returns (ngsolve.Mesh, MeshInfo). Raises :class:`MeshError`, :class:`TooLargeError`.
    """
    import ngsolve
    from netgen.meshing import Pnt

    check_size(part, size_mm, order, max_dofs)
    # (size factor, curvature safety, close-edge factor, grading): the first is meant; the rest are for hard shapes.
    # Elements that span more of a curve than the first allows turn inside out when they are refined; it must leave room
    # for refinement.
    attempts = (
        (1.0, 2.5, None, 0.5), (1.0, 1.5, None, 0.5), (0.7, 1.0, None, 0.3), (0.5, 1.5, 1.0, 0.3),
        (1.4, 0.6, None, 0.6),
    )  # fmt: skip
    failure = ""
    best: int | None = None
    # What can't leave room even at a quarter of the estimate isn't tried.
    crowded = estimated_elements(part, size_mm) * _DOFS_PER_ELEMENT[order] / 4 > max_dofs / _ROOM
    for factor, curvature, close, grading in attempts[1:] if crowded else attempts:
        geometry = part.geometry
        # Points of interest are given to the mesher as a size file would be; they add to the global bound.
        params: dict[str, Any] = {
            "maxh": size_mm * factor, "curvaturesafety": curvature, "closeedgefac": close, "grading": grading,
            "optsteps3d": 3, "minedgelen": 2e-4 * part.diagonal_mm,
            # Its threads spin while they wait: the same mesh takes three times the CPU with them, and no less time.
            "parallel_meshing": False,
        }  # fmt: skip
        try:
            for spot in focus:
                for point in _focus_points(spot):
                    geometry.RestrictH(Pnt(*point), spot.size_mm)
            with alone():  # the mesher has one thread
                mesh = ngsolve.Mesh(geometry.GenerateMesh(**params))
        except Exception as error:
            failure = str(error).strip() or type(error).__name__
            continue
        if mesh.ne == 0:
            failure = "the mesher returned no elements"
            continue
        mesh.Curve(max(order, 1))
        if _inverted(mesh).any():
            failure = "curving turned elements inside out"
            continue
        dofs = dofs_of(mesh, order)
        if curvature == attempts[0][1] and dofs > max_dofs / _ROOM:
            continue
        if dofs > max_dofs:
            best = dofs if best is None else min(best, dofs)
            continue
        info = MeshInfo(size_mm * factor, mesh.ne)
        if factor != 1.0:
            info.warnings.append(f"The mesher needed other settings than usual (size {size_mm * factor:.3g} mm).")
        return mesh, info
    if best is not None:
        small = "".join(f" {warning.split(';')[0]}." for warning in part.warnings)
        raise TooLargeError(
            f"The coarsest mesh already needs {best} unknowns; the study allows {max_dofs}.{small}",
            "Raise max_dofs, lower the order, or remove small features (text, threads, fine knurls) from the model.",
            dofs=best,
            max_dofs=max_dofs,
        )
    raise MeshError(
        f"The solid can't be meshed: {failure}.",
        "Check the model for self-intersections, zero thickness and slivers.",
    )


def _focus_points(spot: Focus) -> list[tuple[float, float, float]]:
    points = [spot.point_mm]
    steps = min(6, max(1, math.ceil(spot.radius_mm / spot.size_mm)))
    grid = np.linspace(-spot.radius_mm, spot.radius_mm, 2 * steps + 1)
    cx, cy, cz = spot.point_mm
    for dx in grid:
        for dy in grid:
            for dz in grid:
                if dx * dx + dy * dy + dz * dz <= spot.radius_mm**2:
                    points.append((cx + float(dx), cy + float(dy), cz + float(dz)))
    return points


def _inverted(mesh: Any) -> npt.NDArray[np.bool_]:
    """(elements,) mask of the tetrahedra (of a plane mesh triangles) that are inside out where they are integrated."""
    import ngsolve

    rule = ngsolve.IntegrationRule(ngsolve.TRIG if mesh.dim == 2 else ngsolve.TET, 2)
    size = ngsolve.Det(ngsolve.specialcf.JacobianMatrix(mesh.dim))(mesh.MapToAllElements(rule, ngsolve.VOL))
    table = np.asarray(size, dtype=float).reshape(mesh.ne, -1)
    # Netgen's tetrahedra are oriented alike: a valid mesh has one sign.
    return np.asarray((table * np.sign(np.median(table))).min(axis=1) <= 0)


def refine(mesh: Any, indicator: FloatArray, target_dofs: float, order: int) -> Any:
    """A copy of the mesh, refined where the indicator is largest, with at most ``target_dofs`` unknowns.

    ``indicator``: (elements,), the largest first. How many elements one mark becomes depends on how scattered
    the marks are, so the number of marks is corrected until the mesh is within 15 % below the target.
    """
    import ngsolve

    order_of_marks = np.argsort(-indicator)
    have = dofs_of(mesh, order)
    marks = max(1, min(mesh.ne, round((target_dofs / have - 1) * mesh.ne / _GROWTH_PER_MARK)))
    best, least, most = None, 0, mesh.ne + 1
    for _ in range(8):
        chosen = np.zeros(mesh.ne, dtype=bool)
        chosen[order_of_marks[:marks]] = True
        finer = ngsolve.Mesh(mesh.ngmesh.Copy())
        finer.SetRefinementFlags(chosen.tolist())
        finer.Refine()
        got = dofs_of(finer, order)
        if got <= target_dofs:
            best, least = finer, marks
            if got > 0.85 * target_dofs:
                break
        else:
            most = marks
        if most - least < 2:
            break
        # Growth per mark falls with their number: the secant, kept inside what is known.
        secant = round(marks * 0.93 * (target_dofs - have) / max(got - have, 1))
        if not least and got > 1.25 * target_dofs:
            # A single mark may grow a coarse mesh by more than half: come down fast until one fits.
            marks = max(1, min(secant, marks // 3))
            continue
        marks = min(max(secant, least + max(1, (most - least) // 8)), most - max(1, (most - least) // 8))
    if best is None:
        return None
    best.Curve(max(order, 1))
    for _ in range(_MENDINGS):
        if not _inverted(best).any():
            return best
        # Other marks leave other elements at the curve.
        least = max(1, round(0.75 * least))
        chosen = np.zeros(mesh.ne, dtype=bool)
        chosen[order_of_marks[:least]] = True
        best = ngsolve.Mesh(mesh.ngmesh.Copy())
        best.SetRefinementFlags(chosen.tolist())
        best.Refine()
        best.Curve(max(order, 1))
    return None if _inverted(best).any() else best
