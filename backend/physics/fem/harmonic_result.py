"""What a harmonic study says, from the modes of its meshes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.assess import estimate
from backend.physics.fem.cycle import largest_length, largest_von_mises

if TYPE_CHECKING:
    from backend.physics.fem.harmonic import Basis, Moment
    from backend.physics.fem.harmonic_study import HarmonicStudy

FloatArray = npt.NDArray[np.float64]

_STRESS_FLOOR_REL = 0.01
_TRAVEL_FLOOR_REL = 0.005  # as of a static study's probes
_CHECKED_REL = 0.02
_ENOUGH_MASS = 0.9


def result_of(
    study: HarmonicStudy, bases: list[Basis], rows: list[dict[str, Any]], checks: list[dict[str, float]],
    shares: list[list[float]], rigid: int, warnings: list[str],
) -> dict[str, Any]:  # fmt: skip
    """The plain result; adds to ``warnings`` what the reader must know."""
    last = bases[-1]
    moments = [[found.assess(f) for f in study.frequencies_hz] for found in bases]
    resonances = [_resonances(study, found, rigid) for found in bases]
    both = [[*m, *r.values()] for m, r in zip(moments, resonances, strict=True)]
    peaks = [max(found, key=lambda x: x.travel_mm) for found in both]
    stressed = [max(found, key=lambda x: x.mises_mpa) for found in both]
    travel = estimate([p.travel_mm for p in peaks], floor_rel=1e-3)
    mises = estimate([p.mises_mpa for p in stressed], floor_rel=_STRESS_FLOOR_REL)
    natural = [estimate([row["frequencies_hz"][i] for row in rows], 1e-4) for i in range(len(last.omega) - rigid)]
    warnings += _doubts(study, natural[-1].value, checks, shares, rigid)
    if not mises.converged:
        warnings.append(
            f"The peak stress {mises.value:.4g} MPa hasn't settled (estimated error {mises.error:.3g} MPa): "
            "allow more levels or unknowns."
        )
    response = _response(study, last, moments[-1])
    for name, curve in response["probes"].items():
        curve |= _curve_errors(name, study, bases)
    before = moments[-2] if len(moments) > 1 else None
    for key, pick in (("displacement_error_mm", "travel_mm"), ("von_mises_error_mpa", "mises_mpa")):
        values = [getattr(m, pick) for m in moments[-1]]
        response[key] = (
            [0.2 * v for v in values]
            if before is None
            else [abs(v - getattr(m, pick)) for v, m in zip(values, before, strict=True)]
        )
    natural_hz = last.omega / (2 * math.pi)
    return {
        "solver": "ngsolve",
        "natural_frequencies_hz": [{"value": n.value, "error": n.error, "converged": n.converged} for n in natural],
        "damping_ratio": last.ratio[rigid:].tolist(),
        "rigid_modes": rigid,
        "static_correction": bool(len(last.rest)),
        "frequencies_hz": list(study.frequencies_hz),
        "response": response,
        "resonances": [
            {
                "mode": mode, "natural_hz": float(natural_hz[rigid + mode - 1]), "peak_hz": r.frequency_hz,
                "displacement_mm": r.travel_mm, "von_mises_mpa": r.mises_mpa,
            }
            for mode, r in resonances[-1].items()
        ],
        "peak": {
            "displacement_mm": {
                "value": travel.value, "error": travel.error, "converged": travel.converged,
                "frequency_hz": peaks[-1].frequency_hz, "location_mm": last.points[peaks[-1].travel_at].tolist(),
                "levels_mm": [p.travel_mm for p in peaks],
            },
            "von_mises_mpa": {
                "value": mises.value, "error": mises.error, "converged": mises.converged,
                "frequency_hz": stressed[-1].frequency_hz, "location_mm": last.points[stressed[-1].mises_at].tolist(),
                "excluded": last.excluded, "levels_mpa": [p.mises_mpa for p in stressed],
            },
        },
        "probes": {name: _probe_peak(name, study, bases, resonances) for name in last.probes},
        "direct_check": checks,
        "effective_mass_share": shares[rigid:],
        "levels": rows,
        "warnings": warnings,
        "fields": _fields(study, last, stressed[-1]),
    }  # fmt: skip


def _resonances(study: HarmonicStudy, found: Basis, rigid: int) -> dict[int, Moment]:
    """The response at the peak beside each natural frequency within the range asked for, by mode from 1.

    A mode that the loads don't excite has no peak of its own; it is given at its natural frequency.
    """
    from scipy.optimize import minimize_scalar

    low, high = min(study.frequencies_hz), max(study.frequencies_hz)
    peaks: dict[int, Moment] = {}
    for mode, (omega, ratio) in enumerate(zip(found.omega[rigid:], found.ratio[rigid:], strict=True), 1):
        natural = float(omega) / (2 * math.pi)
        if not low <= natural <= high:
            continue
        where = found.assess(natural).travel_at
        shape = found.shapes[:, where, :]

        def travel(frequency: float, shape: FloatArray = shape) -> float:
            return -float(largest_length(np.tensordot(found.coefficients(frequency), shape, axes=1)))

        span = (max(natural * (1 - 2 * ratio), low), min(natural * (1 + 2 * ratio), high))
        best = minimize_scalar(travel, bounds=span, method="bounded", options={"xatol": 1e-6 * natural})
        inside = min(best.x - span[0], span[1] - best.x) > 1e-3 * ratio * natural
        peaks[mode] = found.assess(float(best.x) if inside and best.fun < travel(natural) else natural)
    return peaks


def _response(study: HarmonicStudy, found: Basis, moments: list[Moment]) -> dict[str, Any]:
    probes: dict[str, dict[str, list[Any]]] = {}
    shake = np.array(study.acceleration_m_s2 or (0.0, 0.0, 0.0))
    for name, (shapes, stresses) in found.probes.items():
        rows: dict[str, list[Any]] = {
            "amplitude_mm": [], "phase_deg": [], "acceleration_m_s2": [], "von_mises_mpa": [],
        }  # fmt: skip
        for frequency in study.frequencies_hz:
            q = found.coefficients(frequency)
            moved = q @ shapes
            rows["amplitude_mm"].append(np.abs(moved).tolist())
            rows["phase_deg"].append(np.degrees(np.angle(moved)).tolist())
            absolute = shake - (2 * math.pi * frequency) ** 2 * moved * 1e-3
            rows["acceleration_m_s2"].append(np.abs(absolute).tolist())
            rows["von_mises_mpa"].append(float(largest_von_mises(q @ stresses)))
        probes[name] = rows
    regions = {
        name: {
            "displacement_mm": [float(m.travel[mask].max()) for m in moments],
            "von_mises_mpa": [max(float(m.mises[mask].max()), 0.0) for m in moments],
        }
        for name, mask in found.masks.items()
    }
    return {
        "displacement_mm": [m.travel_mm for m in moments],
        "von_mises_mpa": [m.mises_mpa for m in moments],
        "regions": regions,
        "probes": probes,
    }


def _curve_errors(name: str, study: HarmonicStudy, bases: list[Basis]) -> dict[str, list[Any]]:
    """What the last refinement changed of a probe's curves (a fifth of them where there is one mesh), as for the part's
    largest values: beside a resonance that moves it is large.
    """
    rows: dict[str, list[Any]] = {"amplitude_error_mm": [], "von_mises_error_mpa": []}
    for frequency in study.frequencies_hz:
        seen = []
        for found in bases[-2:]:
            q = found.coefficients(frequency)
            shapes, stresses = found.probes[name]
            seen.append((np.abs(q @ shapes), float(largest_von_mises(q @ stresses))))
        (moved, mises), before = seen[-1], seen[0]
        alone = len(seen) == 1
        rows["amplitude_error_mm"].append((0.2 * moved if alone else np.abs(moved - before[0])).tolist())
        rows["von_mises_error_mpa"].append(0.2 * mises if alone else abs(mises - before[1]))
    return rows


def _probe_peak(
    name: str, study: HarmonicStudy, bases: list[Basis], resonances: list[dict[int, Moment]]
) -> dict[str, float]:
    """The largest amplitude and stress at a probe over the range, each with the error that the meshes tell.

    Each mesh is read at its own resonances, so that a natural frequency that moves a little is no error of the peak.
    """
    rows = []
    for found, peaks in zip(bases, resonances, strict=True):
        shapes, stresses = found.probes[name]
        each = []
        for frequency in (*study.frequencies_hz, *(peak.frequency_hz for peak in peaks.values())):
            q = found.coefficients(frequency)
            each.append((float(largest_length(q @ shapes)), float(largest_von_mises(q @ stresses)), frequency))
        rows.append((max(each), max(each, key=lambda row: row[1])))
    travel = estimate([row[0][0] for row in rows], floor_rel=_TRAVEL_FLOOR_REL)
    mises = estimate([row[1][1] for row in rows], floor_rel=_STRESS_FLOOR_REL)
    return {
        "displacement_mm": travel.value, "displacement_error_mm": travel.error,
        "displacement_at_hz": rows[-1][0][2],
        "von_mises_mpa": mises.value, "von_mises_error_mpa": mises.error, "von_mises_at_hz": rows[-1][1][2],
    }  # fmt: skip


def _doubts(
    study: HarmonicStudy, highest_hz: float, checks: list[dict[str, float]], shares: list[list[float]], rigid: int
) -> list[str]:
    said = []
    top = max(study.frequencies_hz)
    if highest_hz < 1.5 * top:
        said.append(
            f"The highest mode kept is at {highest_hz:.4g} Hz, below 1.5 times the {top:.4g} Hz asked for: raise modes."
        )
    worst = max(checks, key=lambda c: c["difference_rel"], default=None)
    if worst is not None and worst["difference_rel"] > _CHECKED_REL:
        said.append(
            f"The superposition differs by {100 * worst['difference_rel']:.2g} % from the direct solution at "
            f"{worst['frequency_hz']:.4g} Hz: raise modes."
        )
    if study.acceleration_m_s2 is not None:
        moved = np.array(shares[rigid:]).sum(axis=0)
        for axis, letter in enumerate("xyz"):
            if study.acceleration_m_s2[axis] and moved[axis] < _ENOUGH_MASS:
                said.append(
                    f"The modes carry {100 * moved[axis]:.0f} % of the mass along {letter}; the rest acts statically."
                )
    return said


def _fields(study: HarmonicStudy, found: Basis, moment: Moment) -> str | None:
    """Largest displacement and stress within the cycle at the frequency of the highest stress."""
    path = study.base.fields_path
    if not path:
        return None
    from backend.physics.fem.fields import export

    q = found.coefficients(moment.frequency_hz)
    nodes = found.surface.node
    mises = largest_von_mises(found.stressed(q))[nodes]
    moved = found.moved(q)
    # Seen at the instant when the place of the largest displacement is furthest out.
    phase = np.exp(-1j * np.angle(moved[moment.travel_at][int(np.abs(moved[moment.travel_at]).argmax())]))
    return export(
        path, found.surface, von_mises_mpa=mises, displacement_mm=(moved * phase).real[nodes],
        amplitude_mm=moment.travel[nodes],
    )  # fmt: skip
