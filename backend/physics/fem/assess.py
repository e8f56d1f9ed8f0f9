"""What a result is worth: zones without meaning, maxima over levels, error estimates, singularities, balances.

A raw maximum of stress is never reported as the answer. Linear elasticity has infinite stress at the rim of a rigid
support and along a sharp re-entrant edge, so the maximum there grows with every refinement. Such lines are found from
the geometry, a zone around them is left out of the assessment, and the growth within the zone is reported.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.bond import diverges
from backend.physics.fem.study import Study, Support
from backend.physics.fem.surface import (
    SharpEdges,
    Surface,
    edges_between_faces,
    rim_angle_limit,
    spread,
    spread_edges,
)

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

REENTRANT_DEG = 195.0  # tangent continuity is lost in tessellated normals below some ten degrees
BOND = "free edge of the bond"
CONVERGED_REL = 0.05
# True error over local error, so that the band covers 95 of 100 true errors: `./brick bench bands` measures it.
LOCAL_FACTOR = 2.25
# Error of the displacement over the gap of the energy balance: a clamped strip 1e-4 of its length thick bent by 0.6 of
# what it should while the balance was open by a fifth, which is 3.3.
ROUNDING_FACTOR = 5.0


@dataclass(frozen=True)
class SingularLine:
    """A line of geometry where elasticity has no finite stress. ends: (edges, 2, 3) mm."""

    reason: str
    faces: tuple[int, int]
    ends: FloatArray


@dataclass(frozen=True)
class Estimate:
    """A value with its estimated discretisation error (same unit), and whether it has settled."""

    value: float
    error: float
    converged: bool


def singular_lines(surface: Surface, study: Study) -> list[SingularLine]:
    """Rims of rigid supports, sharp re-entrant edges and ends of bonds, from the mesh's own faces and normals."""
    edges = edges_between_faces(surface)
    lines: list[SingularLine] = []
    if not len(edges.faces):
        return lines
    held: dict[int, str] = {}
    for support in study.supports:
        if support.kind in ("fixed", "displacement", "frictionless"):
            for face in support.faces:
                slides = support.kind == "frictionless" or _only_along_normal(surface, face, support)
                if not slides or face not in held:
                    held[face] = "frictionless" if slides else support.kind
    pairs, inverse = np.unique(edges.faces, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    for index, pair in enumerate(pairs):
        low, high = int(pair[0]), int(pair[1])
        mask = inverse == index
        kinds = [held[f] for f in (low, high) if f in held]
        reason = ""
        if len(kinds) == 1:
            mask_rim = mask & (edges.interior_deg > rim_angle_limit(kinds[0]))
            face = low if low in held else high
            if mask_rim.any():
                mask, reason = mask_rim, f"rim of the {kinds[0]} face {face}"
        elif not kinds and low >= 0:
            mask_sharp = mask & (edges.interior_deg > REENTRANT_DEG)
            if mask_sharp.any():
                angle = float(np.median(edges.interior_deg[mask_sharp]))
                mask = mask_sharp
                reason = f"sharp re-entrant edge between faces {low} and {high} ({angle:.0f} degrees inside)"
            else:
                mask, reason = _end_of_bond(study, edges, mask)
        if any((low, high) in support.edges for support in study.supports):
            mask, reason = inverse == index, f"support along the edge of faces {low} and {high}"
        if reason:
            lines.append(SingularLine(reason, (low, high), edges.ends[mask]))
    return lines


def _end_of_bond(study: Study, edges: SharpEdges, mask: BoolArray) -> tuple[BoolArray, str]:
    """The edges where a bond of two materials ends with a stress without limit, and the reason; none, and ""."""
    mask = mask & ~np.isnan(edges.parts_deg).any(axis=1) & (edges.solids[:, 0] != edges.solids[:, 1])
    if not mask.any():
        return mask, ""
    one, two = (int(solid) for solid in edges.solids[mask][0])
    materials = study.material_of(one), study.material_of(two)
    angles = [float(a) for a in np.median(edges.parts_deg[mask], axis=0)]
    if materials[0] == materials[1] or not diverges(*materials, *angles, heated=study.thermal is not None):
        return mask, ""
    low, high = sorted((one, two))
    return mask, f"{BOND} of solids {low} and {high}"


def _only_along_normal(surface: Surface, face: int, support: Support) -> bool:
    """True for a prescribed displacement of a flat face along its own normal, which is a symmetry plane."""
    components = [axis for axis in range(3) if support.displacement_mm[axis] is not None]
    mask = surface.face == face
    if support.kind != "displacement" or len(components) != 1 or not mask.any():
        return False
    return bool(np.abs(surface.normals[mask][:, :, components[0]]).min() > 0.999)


@dataclass(frozen=True)
class Zones:
    """Distances within which stress isn't assessed. lines[i] belongs to line_points[i] (points, 3)."""

    lines: list[SingularLine]
    line_points: list[FloatArray]
    line_radius_mm: float
    support_points: FloatArray
    support_radius_mm: float

    def near_line(self, index: int, points: FloatArray) -> BoolArray:
        """(n,) mask of points (n, 3) in the zone of one line."""
        return _within(self.line_points[index], points, self.line_radius_mm)

    def singular(self, points: FloatArray, reason: str = "") -> BoolArray:
        """(n,) mask of points in the zone of any line, or of those whose reason begins so."""
        out = np.zeros(len(points), dtype=bool)
        for index, line in enumerate(self.lines):
            if line.reason.startswith(reason):
                out |= self.near_line(index, points)
        return out

    def excluded(self, points: FloatArray) -> BoolArray:
        """(n,) mask of points that aren't assessed."""
        return self.singular(points) | _within(self.support_points, points, self.support_radius_mm)

    def words(self) -> str:
        """What is excluded, for a reader."""
        said = []
        if self.lines and self.line_radius_mm > 0:
            rims, bonds = (sum(line.reason.startswith(word) for line in self.lines) for word in ("rim", BOND))
            sharp = len(self.lines) - rims - bonds
            counted = (("support rims", rims), ("sharp re-entrant edges", sharp), ("free edges of bonds", bonds))
            said.append(f"within {self.line_radius_mm:.3g} mm of {' and '.join(w for w, n in counted if n)}")
        if self.support_radius_mm > 0:
            said.append(f"within {self.support_radius_mm:.3g} mm of rigidly held faces")
        return "; ".join(said) or "nothing"


def end_effect(study: Study) -> float:
    """How much further than in steel the ends of a stiff-fibred solid reach, 1 or more.

    In a strip of an orthotropic material a disturbance exp(-k x) of its end has, along stiff fibres, k^2 = G/E1 times
    the square of a wave number across: it fades over lengths that grow with sqrt(E1/G). Isotropic E/G is 2.6.
    """
    found = [1.0]
    for material in (study.material, *study.materials.values()):
        if material.orthotropic is not None:
            found.append(math.sqrt(max(material.orthotropic.e_mpa) / min(material.orthotropic.g_mpa) / 2.6))
    return max(found)


def zones_of(surface: Surface, study: Study, wall_mm: float) -> Zones:
    """The zones that the study asks for, or around singular lines half a wall, stretched as :func:`end_effect` says."""
    near_supports = study.exclude.near_supports_mm or 0.0
    near_lines = study.exclude.near_singular_mm
    if near_lines is None:
        near_lines = 0.5 * wall_mm * end_effect(study)
    lines = singular_lines(surface, study)
    points = [spread_edges(line.ends, max(near_lines, 1e-3 * wall_mm) / 4) for line in lines]
    held: set[int] = set()
    for support in study.supports:
        if support.rigid:
            held |= set(support.faces)
    if held and near_supports > 0:
        mask = surface.on(tuple(held))
        support_points = spread(surface.points[mask].reshape(-1, 3), surface.points[mask][:, :3], near_supports / 3)
    else:
        support_points, near_supports = np.zeros((0, 3)), 0.0
    return Zones(lines, points, near_lines if lines else 0.0, support_points, near_supports)


def _within(sources: FloatArray, points: FloatArray, radius: float) -> BoolArray:
    if radius <= 0 or not len(sources) or not len(points):
        return np.zeros(len(points), dtype=bool)
    from scipy.spatial import cKDTree

    distance, _ = cKDTree(sources).query(points, distance_upper_bound=radius)
    return np.asarray(distance <= radius)


def estimate(values: Sequence[float], floor_rel: float = 0.002) -> Estimate:
    """Error of the last of a sequence over meshes whose size shrinks by a like factor.

    Three values v1, v2, v3: with q = (v3 - v2)/(v2 - v1) in (0, 1) the sequence is geometric and what is left is
    (v3 - v2) q/(1 - q) (Richardson); it is taken with a factor 1.25 (Roache's grid convergence index for three meshes)
    and q kept within 0.25..0.8. Otherwise the span of the three, or twice the last step where that is more. Two
    values: 1.5 times the step between them. One: a fifth of the value, not converged.
    """
    last = values[-1]
    floor = floor_rel * abs(last)
    if len(values) == 1:
        return Estimate(last, max(0.2 * abs(last), floor), False)
    step = values[-1] - values[-2]
    span = max(values[-3:]) - min(values[-3:])
    if len(values) == 2:
        error = max(1.5 * abs(step), floor)
        return Estimate(last, error, error <= CONVERGED_REL * abs(last))
    before = values[-2] - values[-3]
    ratio = step / before if before else math.inf
    if abs(step) <= floor:
        error, settled = max(abs(step), floor), True
    elif 0 < ratio < 1:
        kept = min(max(ratio, 0.25), 0.8)
        error, settled = max(1.25 * abs(step) * kept / (1 - kept), floor), ratio < 0.95
    elif -1 < ratio <= 0:
        error, settled = max(span, floor), True
    else:
        error, settled = max(span, 2 * abs(step), floor), abs(step) <= 0.02 * abs(last)
    return Estimate(last, error, settled and error <= CONVERGED_REL * abs(last))


def with_local_error(found: Estimate, local_error_rel: float) -> Estimate:
    """The estimate, no smaller than the local error of the stress field where it is highest.

    The sequence over meshes may settle by chance while its recovered stress still wavers. :data:`LOCAL_FACTOR` times
    the local energy-norm error is taken, and no stress is claimed to better than half a per cent.
    """
    error = max(found.error, LOCAL_FACTOR * local_error_rel * abs(found.value), 0.005 * abs(found.value))
    return Estimate(found.value, error, found.converged and error <= CONVERGED_REL * abs(found.value))


def with_rounding(found: Estimate, open_rel: float) -> Estimate:
    """The estimate, no smaller than what an open energy balance tells.

    ``open_rel``: |strain energy - work| over the larger of both. In exact arithmetic they are equal on any mesh; in
    very thin parts the equations are so badly conditioned that rounding opens the balance, and no sequence over meshes
    sees that; the displacement is then off by about as much, and :data:`ROUNDING_FACTOR` is to be on the safe side.
    """
    error = max(found.error, ROUNDING_FACTOR * open_rel * abs(found.value))
    return Estimate(found.value, error, found.converged and error <= CONVERGED_REL * abs(found.value))


def balance(
    applied: FloatArray, reaction: FloatArray, nominal: FloatArray, diagonal_mm: float, nodal_forces_n: float
) -> dict[str, Any]:
    """Forces and moments of the loads and of the supports, and how far they are from cancelling.

    imbalance_rel: |applied + reaction| over the size of the loads, moments divided by the part's diagonal. It is the
    solver's residual as forces. Where loads cancel or there are none (prescribed displacements), the size is a
    thousandth of the sum of the supports' nodal forces. load_error_rel: assembled loads against the study's numbers.
    """

    def size(wrench: FloatArray) -> float:
        return float(np.linalg.norm(wrench[:3]) + np.linalg.norm(wrench[3:]) / diagonal_mm)

    scale = max(size(applied), size(reaction), size(nominal), 1e-3 * nodal_forces_n) or 1.0
    return {
        "applied_n": applied[:3].tolist(),
        "reaction_n": reaction[:3].tolist(),
        "applied_moment_n_mm": applied[3:].tolist(),
        "reaction_moment_n_mm": reaction[3:].tolist(),
        "nominal_n": nominal[:3].tolist(),
        "nominal_moment_n_mm": nominal[3:].tolist(),
        "imbalance_rel": size(applied + reaction) / scale,
        "load_error_rel": size(applied - nominal) / scale,
    }


def growth_in_zones(
    zones: Zones, history: Sequence[Mapping[tuple[int, int], float]], places: Sequence[FloatArray], assessed: float
) -> list[dict[str, Any]]:
    """Singular lines that govern the raw maximum: maxima near each line on every level, where they pass the assessed
    stress. Lines with the same reason are one entry, the worst.

    ``zones`` are those of the last level. history[level]: maximum near each line, MPa, by its faces; a coarse mesh may
    see a line more or less. places[line]: its location on the last level.
    """
    found: list[dict[str, Any]] = []
    for index, line in enumerate(zones.lines):
        values = [level[line.faces] for level in history if line.faces in level]
        last = values[-1]
        growth = last / values[-2] - 1 if len(values) > 1 and values[-2] > 0 else 0.0
        if last > assessed:
            found.append(
                {
                    "location_mm": [float(c) for c in places[index]],
                    "growth": growth,
                    "values_mpa": [float(v) for v in values],
                    "reason": line.reason,
                    "faces": [f for f in line.faces if f >= 0],
                }
            )
    found.sort(key=lambda item: -float(item["values_mpa"][-1]))
    return list({item["reason"]: item for item in reversed(found)}.values())[::-1]
