"""Reading of harmonic studies; :mod:`.harmonic` describes the plain form."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import reading
from backend.physics.fem.errors import StudyError
from backend.physics.fem.study import Study, read_study

FloatArray = npt.NDArray[np.float64]

MOST_FREQUENCIES = 2_000
MOST_MODES = 40


@dataclass(frozen=True)
class HarmonicStudy:
    """A validated study. ``phases_deg``: one of each load of ``base``; ``damping`` gives the ratio of a mode."""

    base: Study
    phases_deg: tuple[float, ...]
    acceleration_m_s2: reading.Vector | None
    frequencies_hz: tuple[float, ...]
    modes: int
    ratios: tuple[float, ...]
    rayleigh: tuple[float, float] | None
    free: bool

    def damping(self, omega: FloatArray) -> FloatArray:
        """Damping ratio of modes with these angular frequencies, rad/s."""
        if self.rayleigh is not None:
            safe = np.maximum(omega, 1e-30)
            return np.asarray(np.where(omega > 0, self.rayleigh[0] / (2 * safe) + self.rayleigh[1] * omega / 2, 0.0))
        given = [self.ratios[min(i, len(self.ratios) - 1)] for i in range(len(omega))]
        return np.array(given)


def read_harmonic_study(data: Any) -> HarmonicStudy:
    """A validated study; raises :class:`StudyError` naming the place."""
    plain = dict(reading.mapping(data, "study"))
    frequencies = _frequencies(plain.pop("frequencies_hz", None))
    modes = reading.integer(plain.pop("modes", 12), "modes", 1, MOST_MODES)
    ratios, rayleigh = _damping(plain.pop("damping_ratio", None), plain.pop("rayleigh", None))
    shake = plain.pop("base", None)
    acceleration = None
    if shake is not None:
        shake = reading.mapping(shake, "base")
        reading.known_fields(shake, {"acceleration_m_s2"}, "base")
        acceleration = reading.vector(shake.get("acceleration_m_s2"), "base.acceleration_m_s2")
    for key in ("gravity", "spin", "preloads", "thermal", "error_target_rel", "decide_at_mpa", "budget_s"):
        if plain.get(key) is not None:
            raise StudyError(
                f"A harmonic study has no {key}: only what swings belongs in it.", f"Leave {key} to a static study."
            )
    loads, phases = [], []
    for index, load in enumerate(reading.sequence(plain.get("loads"), "loads")):
        load = dict(reading.mapping(load, f"loads[{index}]"))
        phases.append(reading.number(load.pop("phase_deg", 0.0), f"loads[{index}].phase_deg"))
        loads.append(load)
    if acceleration is None and not loads:
        raise StudyError("Nothing excites the part: no loads and no base.", "Give loads, or base.acceleration_m_s2.")
    free = not plain.get("supports")
    if free and acceleration is not None:
        raise StudyError("base shakes the supports, but the study has none.", "Say which faces the base holds.")
    given = {"levels": 2, "max_dofs": 40_000, **plain, "loads": loads, "gravity": [0.0, 0.0, -1.0]}
    if free:
        # A stand-in that is taken off again: a study of statics must be held.
        given["supports"] = [{"kind": "elastic", "faces": [0], "stiffness_n_mm3": 1.0}]
    checked = read_study(given)
    for index, support in enumerate(checked.supports):
        if support.kind == "compression_only":
            raise StudyError("A harmonic study is linear; contact without tension isn't.", "Use fixed or frictionless.")
        if any(support.displacement_mm):
            raise StudyError(
                f"supports[{index}] prescribes a displacement; in a harmonic study a support stays still.",
                "Give base.acceleration_m_s2 to shake all supports, or prescribe 0.",
            )
    return HarmonicStudy(
        base=replace(checked, supports=() if free else checked.supports, gravity_m_s2=None),
        phases_deg=tuple(phases),
        acceleration_m_s2=acceleration,
        frequencies_hz=frequencies,
        modes=modes,
        ratios=ratios,
        rayleigh=rayleigh,
        free=free,
    )


def _frequencies(value: Any) -> tuple[float, ...]:
    if isinstance(value, Mapping):
        reading.known_fields(value, {"start", "stop", "count", "spacing"}, "frequencies_hz")
        start = reading.positive(value.get("start"), "frequencies_hz.start", "Hz")
        stop = reading.positive(value.get("stop"), "frequencies_hz.stop", "Hz")
        count = reading.integer(value.get("count", 100), "frequencies_hz.count", 2, MOST_FREQUENCIES)
        spacing = value.get("spacing", "linear")
        if stop <= start:
            raise StudyError(f"frequencies_hz runs from {start:g} to {stop:g}.", "Give stop above start.")
        if spacing not in ("linear", "log"):
            raise StudyError(f"frequencies_hz.spacing is {spacing!r}; expected linear or log.", "Choose one.")
        grid = np.linspace(start, stop, count) if spacing == "linear" else np.geomspace(start, stop, count)
        return tuple(float(f) for f in grid)
    if not isinstance(value, Sequence) or isinstance(value, str) or not value or len(value) > MOST_FREQUENCIES:
        raise StudyError(
            f"frequencies_hz is {value!r}; expected a list of 1 to {MOST_FREQUENCIES} frequencies in Hz, or "
            "{start, stop, count, spacing}.",
            "Give frequencies_hz.",
        )
    return tuple(reading.positive(f, f"frequencies_hz[{i}]", "Hz") for i, f in enumerate(value))


def _damping(ratio: Any, rayleigh: Any) -> tuple[tuple[float, ...], tuple[float, float] | None]:
    if (ratio is None) == (rayleigh is None):
        raise StudyError(
            "Damping is needed, once: without it the amplitude at a resonance is infinite.",
            "Give damping_ratio (welded steel 0.005 to 0.02, bolted 0.02 to 0.05 are usual), or rayleigh.",
        )
    if rayleigh is not None:
        rayleigh = reading.mapping(rayleigh, "rayleigh")
        reading.known_fields(rayleigh, {"alpha_1_s", "beta_s"}, "rayleigh")
        pair = [reading.number(rayleigh.get(key, 0.0), f"rayleigh.{key}") for key in ("alpha_1_s", "beta_s")]
        if min(pair) < 0 or not any(pair):
            raise StudyError("rayleigh needs factors that aren't negative, one above zero.", "Correct rayleigh.")
        return (), (pair[0], pair[1])
    values = [ratio] if isinstance(ratio, int | float) else reading.sequence(ratio, "damping_ratio")
    found = []
    for index, value in enumerate(values):
        where = "damping_ratio" if values is not ratio else f"damping_ratio[{index}]"
        number = reading.number(value, where, "a number above 0 and below 1")
        if not 0 < number < 1 or not math.isfinite(number):
            raise StudyError(f"{where} is {number:g}; expected above 0 and below 1.", "Give the share of critical.")
        found.append(number)
    if not found:
        raise StudyError("damping_ratio is an empty list.", "Give one ratio, or one for each mode.")
    return tuple(found), None
