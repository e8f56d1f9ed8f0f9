"""Strength of parts whose material has directions (laminae, prints): ``solve(study) -> result``.

study: a static study (:mod:`.static`) of one material with ``strengths`` {xt_mpa, xc_mpa, yt_mpa, yc_mpa, zt_mpa,
zc_mpa, s12_mpa, s13_mpa, s23_mpa, source}, along the axes of ``material.orthotropic`` (without it x, y, z), tension and
compression both positive; and ``criterion`` max_stress | tsai_hill | tsai_wu (tsai_wu).

result: the static result with ``failure`` {status verified | not_verified, reasons, criterion, index {value,
location_mm}, reserve_factor {value, error, location_mm}, mode, stress_123_mpa there, regions {name: {index,
reserve_factor}}, source}. The reserve factor is what all loads can be multiplied by until the criterion is met; without
strengths nothing is verified.

Criteria in space (Jones, Mechanics of Composite Materials, 2nd ed., section 2.9, with Hill's and Tsai and Wu's terms of
the third direction); Tsai-Wu's interactions are F_ij = -1/2 sqrt(F_ii F_jj).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import reading
from backend.physics.fem.errors import StudyError

FloatArray = npt.NDArray[np.float64]

CRITERIA = ("max_stress", "tsai_hill", "tsai_wu")
NORMAL = ("xt_mpa", "yt_mpa", "zt_mpa", "xc_mpa", "yc_mpa", "zc_mpa")
SHEAR = ("s12_mpa", "s13_mpa", "s23_mpa")
MODES = ("1", "2", "3", "12", "13", "23")
_LARGEST = 1e6


def reserve_factors(criterion: str, stress: FloatArray, strengths: Mapping[str, float]) -> FloatArray:
    """What stresses (n, 6) in the material's axes (11, 12, 13, 22, 23, 33) can be multiplied by until failure, (n,)."""
    normal = stress[:, [0, 3, 5]]
    shear = stress[:, [1, 2, 4]]
    tension = np.array([strengths[key] for key in NORMAL[:3]])
    compression = np.array([strengths[key] for key in NORMAL[3:]])
    allowed = np.array([strengths[key] for key in SHEAR])
    if criterion == "max_stress":
        largest = _shares(normal, shear, tension, compression, allowed).max(axis=1)
        return np.asarray(1 / np.maximum(largest, 1 / _LARGEST))
    if criterion == "tsai_hill":
        inverse = 1 / np.where(normal >= 0, tension, compression) ** 2
        index = (normal**2 * inverse).sum(axis=1) + (shear**2 / allowed**2).sum(axis=1)
        for i, j, k in ((0, 1, 2), (0, 2, 1), (1, 2, 0)):
            index -= (inverse[:, i] + inverse[:, j] - inverse[:, k]) * normal[:, i] * normal[:, j]
        return np.asarray(1 / np.sqrt(np.maximum(index, 1 / _LARGEST**2)))
    linear = (normal * (1 / tension - 1 / compression)).sum(axis=1)
    square = 1 / (tension * compression)
    quadratic = (normal**2 * square).sum(axis=1) + (shear**2 / allowed**2).sum(axis=1)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        quadratic -= np.sqrt(square[i] * square[j]) * normal[:, i] * normal[:, j]
    quadratic = np.maximum(quadratic, 0.0)
    # quadratic R^2 + linear R = 1, the positive root written without cancellation.
    root = linear + np.sqrt(linear**2 + 4 * quadratic)
    return np.asarray(2 / np.maximum(root, 2 / _LARGEST))


def _shares(
    normal: FloatArray, shear: FloatArray, tension: FloatArray, compression: FloatArray, allowed: FloatArray
) -> FloatArray:
    """Each component over its strength, (n, 6), in the order 1, 2, 3, 12, 13, 23."""
    return np.concatenate(
        [np.where(normal >= 0, normal / tension, -normal / compression), abs(shear) / allowed], axis=1
    )


def in_material_axes(stress: FloatArray, axes: FloatArray) -> FloatArray:
    """Components (n, 6) in the axes given as rows (3, 3)."""
    xx, xy, xz, yy, yz, zz = (stress[:, i] for i in range(6))
    tensor = np.stack([np.stack([xx, xy, xz], -1), np.stack([xy, yy, yz], -1), np.stack([xz, yz, zz], -1)], -2)
    turned = np.einsum("ai,nij,bj->nab", axes, tensor, axes)
    return np.stack([turned[:, i, j] for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))], axis=1)


def _read_strengths(data: Any) -> tuple[dict[str, float], str] | None:
    if data is None:
        return None
    data = reading.mapping(data, "strengths")
    reading.known_fields(data, {*NORMAL, *SHEAR, "source"}, "strengths")
    values = {key: reading.positive(data.get(key), f"strengths.{key}", "MPa") for key in (*NORMAL, *SHEAR)}
    source = data.get("source")
    if not isinstance(source, str) or not source.strip():
        raise StudyError("strengths has no source.", "Cite where the strengths are from (document, table, page).")
    return values, source.strip()


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    from backend.physics.fem.static import solve_levels
    from backend.physics.fem.study import read_study

    plain = dict(study)
    strengths = _read_strengths(plain.pop("strengths", None))
    criterion = plain.pop("criterion", "tsai_wu")
    if criterion not in CRITERIA:
        raise StudyError(f"criterion is {criterion!r}; expected one of {', '.join(CRITERIA)}.", "Choose one of them.")
    checked = read_study(plain)
    if checked.materials:
        raise StudyError("Strength by direction covers one material.", "Analyse the solids one by one.")
    result, levels, _ = solve_levels(checked)
    level = levels[-1]
    failure: dict[str, Any] = {"status": "not_verified", "reasons": [], "criterion": criterion}
    result["failure"] = failure
    if strengths is None:
        failure["reasons"].append("the material has no strengths along its axes")
        return result
    values, failure["source"] = strengths
    own = checked.material.orthotropic
    axes = np.eye(3) if own is None else np.array(own.axes)
    on_surface = level.surface.evaluate(level.stress.field).reshape(-1, 6)
    local = in_material_axes(np.concatenate([on_surface, level.stress.at_vertices(level.mesh.nv)]), axes)
    reserve = reserve_factors(str(criterion), local, values)
    seen = ~level.excluded if not level.excluded.all() else np.ones(len(local), dtype=bool)
    at = int(np.where(seen, reserve, np.inf).argmin())
    stress = result["von_mises_mpa"]
    error = float(reserve[at]) * stress["error"] / max(stress["value"], 1e-300)
    shares = _shares(
        local[at : at + 1, [0, 3, 5]], local[at : at + 1, [1, 2, 4]],
        *(np.array([values[key] for key in keys]) for keys in (NORMAL[:3], NORMAL[3:], SHEAR)),
    )  # fmt: skip
    place = level.points[at].tolist()
    failure |= {
        "status": "verified",
        "index": {"value": 1 / float(reserve[at]), "location_mm": place},
        "reserve_factor": {"value": float(reserve[at]), "error": error, "location_mm": place},
        "mode": MODES[int(shares[0].argmax())],
        "stress_123_mpa": local[at].tolist(),
        "regions": {},
    }
    for name, faces in checked.regions.items():
        inside = np.zeros(len(local), dtype=bool)
        inside[: len(on_surface)] = np.repeat(level.surface.on(faces), 6)
        mask = inside & seen if (inside & seen).any() else inside
        least = float(reserve[mask].min())
        failure["regions"][name] = {"index": 1 / least, "reserve_factor": least}
    if not stress["converged"]:
        failure["status"] = "not_verified"
        failure["reasons"].append("the stress hasn't settled over the meshes")
    return result
