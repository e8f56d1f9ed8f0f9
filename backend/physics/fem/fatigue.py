"""Stress-life fatigue on the stress field of a compiled B-rep: ``solve(study) -> result``.

study: a static study (:mod:`.static`) with ``fatigue`` {

- ``blocks`` [{name, cycles a pass, max, min}]: factors on the study's loads (1 is the study itself), or {case: factor};
- ``cases`` {name: loads}: further load cases, each as ``loads`` of a static study; the study's own is ``study``;
- ``sn`` {points [[cycles, amplitude_mpa], …] fully reversed, or two_point {at_1e3_mpa, at_1e6_mpa};
  endurance_limit_mpa or null; source}; or ``material.sn``;
- ``criterion`` goodman | soderberg | gerber | swt; ``ultimate_mpa`` and ``yield_mpa`` here or in the material;
- ``stress`` signed_von_mises | max_principal;
- ``marin`` {surface, size, load, temperature, reliability, other: {value, source}}: factors on the fatigue strength,
  each with its source; none is assumed;
- ``required_passes``: how often the blocks must be survived; null asks for endless life }.

result: ``status`` verified | not_verified with ``reasons``; ``life_passes`` {value, low, high} (null is endless) and
``damage_per_pass`` at the place of the most damage; ``life_verified`` (a life can hold where no factor does);
``safety_factor`` {value, error, location_mm} on all stresses; ``yield_factor``; ``blocks`` at the critical place
[{name, cycles, amplitude_mpa, mean_mpa, reversed_mpa, life_cycles, damage}]; ``marin``; ``sn``; ``static``: stress and
balance of the static study; fields (damage, life, safety factor).

Amplitude and mean are stress tensors, (S_max -+ S_min)/2. signed_von_mises: von Mises of each, the mean with the sign
of its trace. max_principal: the largest principal value of the amplitude, and the mean's normal stress along it.
Damage adds up by Palmgren and Miner. low and high of the life are those at the error bar of the stress. Where singular
zones are excluded from the static assessment they are excluded here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.fatigue_curve import finite_life_factor, reversed_amplitude, safety_factor
from backend.physics.fem.fatigue_study import FatigueStudy, read_fatigue_study

FloatArray = npt.NDArray[np.float64]

_LOW_CYCLES = 1e3
_SHOWN_FACTOR = 1e3  # factors above are shown as this


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    checked = read_fatigue_study(study)
    from backend.physics.fem.static import solve_levels

    started, cpu = time.perf_counter(), time.process_time()
    static, levels, part = solve_levels(checked.studies["study"])
    level = levels[-1]
    stresses = {"study": _components(level, level.stress)}
    from backend.physics.fem.elasticity import solve_level
    from backend.physics.fem.stress import recover
    from backend.physics.fem.threads import parallel

    center = (part.low_mm + part.high_mm) / 2
    with parallel():
        for name, other in checked.studies.items():
            if name != "study":
                solution = solve_level(other, level.mesh, part.diagonal_mm, center)
                stresses[name] = _components(level, recover(level.mesh, solution.stress, other))
    error_rel = static["von_mises_mpa"]["error"] / max(static["von_mises_mpa"]["value"], 1e-300)
    result = _assess(checked, level, stresses, error_rel)
    result["static"] = {
        key: static[key] for key in ("von_mises_mpa", "levels", "reactions", "singular", "singularities", "mass_g")
    }
    result["warnings"] = [*static["warnings"], *result["warnings"]]
    result["version"] = static["version"]
    result["timings_s"] = {"total": round(time.perf_counter() - started, 4), "cpu": round(time.process_time() - cpu, 4)}
    return result


def _components(level: Any, stress: Any) -> FloatArray:
    """(points, 6) at the points of the level: surface points, then vertices."""
    on_surface = level.surface.evaluate(stress.field).reshape(-1, 6)
    return np.concatenate([on_surface, stress.at_vertices(level.mesh.nv)])


@dataclass(frozen=True)
class _Swing:
    """Scalar amplitude and mean of each block at each point, (blocks, points) MPa, and the highest static stress."""

    amplitude: FloatArray
    mean: FloatArray
    peak: FloatArray


def _swing(study: FatigueStudy, stresses: Mapping[str, FloatArray]) -> _Swing:
    from backend.physics.fem.stress import von_mises

    amplitudes, means, peaks = [], [], []
    for block in study.blocks:
        high = sum(f * stresses[case] for case, f in block.high.items()) + np.zeros_like(stresses["study"])
        low = sum(f * stresses[case] for case, f in block.low.items()) + np.zeros_like(stresses["study"])
        half, middle = (high - low) / 2, (high + low) / 2
        if study.stress == "max_principal":
            amplitude, mean = _in_principal_direction(half, middle)
        else:
            trace = middle[:, 0] + middle[:, 3] + middle[:, 5]
            amplitude, mean = von_mises(half), np.where(trace < 0, -1.0, 1.0) * von_mises(middle)
        amplitudes.append(amplitude)
        means.append(mean)
        peaks.append(np.maximum(von_mises(high), von_mises(low)))
    return _Swing(np.array(amplitudes), np.array(means), np.max(peaks, axis=0))


def _in_principal_direction(half: FloatArray, middle: FloatArray) -> tuple[FloatArray, FloatArray]:
    def tensor(s: FloatArray) -> FloatArray:
        xx, xy, xz, yy, yz, zz = (s[:, i] for i in range(6))
        return np.stack([np.stack([xx, xy, xz], -1), np.stack([xy, yy, yz], -1), np.stack([xz, yz, zz], -1)], -2)

    values, vectors = np.linalg.eigh(tensor(half))
    largest = np.abs(values).argmax(axis=1)
    row = np.arange(len(largest))
    direction = vectors[row, :, largest]
    mean = np.einsum("ni,nij,nj->n", direction, tensor(middle), direction)
    return np.abs(values[row, largest]), np.asarray(mean)


def _damage(study: FatigueStudy, swing: _Swing, scale: float = 1.0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Damage a pass (points,), reversed amplitudes and lives (blocks, points), with all stresses times ``scale``."""
    assert study.curve is not None
    reached = np.array(
        [
            reversed_amplitude(study.criterion, scale * a, scale * m, study.ultimate_mpa, study.yield_mpa)
            for a, m in zip(swing.amplitude, swing.mean, strict=True)
        ]
    )
    lives = np.array([study.curve.life(r) for r in reached])
    counts = np.array([block.cycles for block in study.blocks])
    return (counts[:, None] / np.maximum(lives, 1e-30)).sum(axis=0), reached, lives


def _assess(study: FatigueStudy, level: Any, stresses: Mapping[str, FloatArray], error_rel: float) -> dict[str, Any]:
    swing = _swing(study, stresses)
    seen = ~level.excluded if not level.excluded.all() else np.ones(len(level.points), dtype=bool)
    worst_swing = int(np.where(seen, swing.amplitude.max(axis=0), -1.0).argmax())
    reasons = list(study.missing)
    warnings: list[str] = []
    base: dict[str, Any] = {
        "solver": "ngsolve",
        "status": "not_verified",
        "criterion": study.criterion,
        "stress": study.stress,
        "life_passes": None,
        "damage_per_pass": None,
        "safety_factor": None,
        "required_passes": None if math.isinf(study.passes) else study.passes,
        "yield_factor": None,
        "location_mm": level.points[worst_swing].tolist(),
        "marin": {
            "factors": {name: {"value": value, "source": source} for name, (value, source) in study.marin.items()},
            "product": study.knockdown,
        },
        "sn": None,
        "stress_error_rel": error_rel,
        "excluded": level.zones.words(),
        "warnings": warnings,
        "fields": None,
    }
    if study.yield_mpa is not None:
        base["yield_factor"] = study.yield_mpa / max(float(swing.peak[seen].max()), 1e-300)
        if base["yield_factor"] < 1:
            reasons.append("the part yields in the first cycle, so that linear stresses don't hold")
    blocks = [
        {
            "name": block.name, "cycles": block.cycles, "amplitude_mpa": float(swing.amplitude[i, worst_swing]),
            "mean_mpa": float(swing.mean[i, worst_swing]), "reversed_mpa": None, "life_cycles": None, "damage": None,
        }
        for i, block in enumerate(study.blocks)
    ]  # fmt: skip
    fields = {"amplitude_mpa": swing.amplitude.max(axis=0)}
    no_factor: list[str] = []
    if study.curve is not None and not study.missing:
        base["sn"] = {
            "source": study.curve.source, "endurance_mpa": study.curve.endurance_mpa,
            "points": [list(p) for p in zip(study.curve.cycles, study.curve.amplitude_mpa, strict=True)],
        }  # fmt: skip
        no_factor = _factors(study, level, swing, seen, base, fields)
        if study.curve.has_slope:
            blocks = _lives(study, level, swing, seen, base, fields, reasons)
        else:
            warnings.append("The S-N data is a single point: it gives a strength and no life.")
    base["blocks"] = blocks
    base["life_verified"] = base["life_passes"] is not None and not reasons
    reasons += no_factor
    base["reasons"] = reasons
    base["status"] = "not_verified" if reasons or base["safety_factor"] is None else "verified"
    path = study.studies["study"].fields_path
    if path:
        from backend.physics.fem.fields import export

        count = level.surface.points.shape[0] * 6
        arrays = {name: values[:count].reshape(-1, 6) for name, values in fields.items()}
        base["fields"] = export(path, level.surface, von_mises_mpa=level.surface_von_mises, **arrays)
    return base


def _factors(
    study: FatigueStudy, level: Any, swing: _Swing, seen: npt.NDArray[np.bool_], base: dict[str, Any],
    fields: dict[str, FloatArray],
) -> list[str]:  # fmt: skip
    """Safety factor on all stresses for the life that is asked for; returns why it can't be relied on."""
    assert study.curve is not None
    reasons: list[str] = []
    counts = np.array([block.cycles for block in study.blocks])
    if math.isinf(study.passes) or not study.curve.has_slope:
        life = study.passes if math.isinf(study.passes) else float(study.passes * counts.sum())
        strength = study.curve.strength(life)
        if math.isnan(strength) and not study.curve.has_slope and math.isinf(life):
            # The only point is a strength at a stated life.
            strength = study.curve.amplitude_mpa[0]
            reasons.append(
                f"the S-N data ends at {study.curve.cycles[0]:.3g} cycles and has no endurance limit, so that endless "
                "life isn't shown (the safety factor is the one at that life): give the passes that are required"
            )
        if math.isnan(strength):
            reasons.append(
                "the S-N data has no strength at the life asked for: give passes, within the range of the data"
            )
            return reasons
        factor = np.min(
            [
                safety_factor(study.criterion, a, m, strength, study.ultimate_mpa, study.yield_mpa)
                for a, m in zip(swing.amplitude, swing.mean, strict=True)
            ],
            axis=0,
        )
    else:
        factor = finite_life_factor(
            study.curve, study.criterion, swing.amplitude, swing.mean, counts, study.passes, study.ultimate_mpa,
            study.yield_mpa,
        )  # fmt: skip
    factor = np.minimum(factor, _SHOWN_FACTOR)
    at = int(np.where(seen, factor, np.inf).argmin())
    value = float(factor[at])
    base["safety_factor"] = {
        "value": value, "error": value * base["stress_error_rel"], "location_mm": level.points[at].tolist(),
    }  # fmt: skip
    fields["safety_factor"] = factor
    return reasons


def _lives(
    study: FatigueStudy, level: Any, swing: _Swing, seen: npt.NDArray[np.bool_], base: dict[str, Any],
    fields: dict[str, FloatArray], reasons: list[str],
) -> list[dict[str, Any]]:  # fmt: skip
    """Life and damage; returns the blocks at the critical place."""
    assert study.curve is not None
    damage, reached, lives = _damage(study, swing)
    worst = int(np.where(seen, damage, -1.0).argmax())
    if damage[worst] <= 0:
        worst = int(np.where(seen, reached.max(axis=0), -1.0).argmax())

    def passes(scale: float) -> float | None:
        here = _Swing(swing.amplitude[:, worst : worst + 1], swing.mean[:, worst : worst + 1], swing.peak[:1])
        found = float(_damage(study, here, scale)[0][0])
        return 1 / found if found > 0 else None

    error = base["stress_error_rel"]
    base["location_mm"] = level.points[worst].tolist()
    base["damage_per_pass"] = float(damage[worst])
    base["life_passes"] = {"value": passes(1.0), "low": passes(1 + error), "high": passes(max(1 - error, 1e-6))}
    with np.errstate(divide="ignore"):
        fields["life_log10"] = np.minimum(np.log10(1 / np.maximum(damage, 1e-30)), 30.0)
    fields["damage_per_pass"] = damage
    shortest = float(lives[:, worst].min())
    if shortest < _LOW_CYCLES:
        reasons.append(f"a block lasts {shortest:.3g} cycles, which is low-cycle fatigue: S-N curves don't cover it")
    last = study.curve.cycles[-1]
    if study.curve.endurance_mpa is None and np.isfinite(lives[:, worst]).any() and lives[:, worst].max() > last:
        base["warnings"].append(
            f"Lives beyond {last:.3g} cycles carry the last slope of the S-N data on (Miner elementary)."
        )
    return [
        {
            "name": block.name, "cycles": block.cycles, "amplitude_mpa": float(swing.amplitude[i, worst]),
            "mean_mpa": float(swing.mean[i, worst]), "reversed_mpa": _finite(float(reached[i, worst])),
            "life_cycles": _finite(float(lives[i, worst])), "damage": float(block.cycles / max(lives[i, worst], 1e-30)),
        }
        for i, block in enumerate(study.blocks)
    ]  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
