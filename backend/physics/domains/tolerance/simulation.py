"""Tolerance stacks by sampling."""

from __future__ import annotations

import math

SEED = 20_240_501  # one fixed stream: the same stack gives the same answer


def monte_carlo(
    gap_min: float, gap_max: float, uniform: float, sigmas: float, samples: float, **values: float
) -> dict[str, float]:
    """Samples ``dimension_i`` within +-``tolerance_i`` (SI) and adds them up; what lies outside is sorted out."""
    import numpy as np

    count = int(samples)
    rng = np.random.default_rng(SEED)
    total = np.zeros(count)
    for name, value in values.items():
        if not name.startswith("dimension_"):
            continue
        tolerance = values[name.replace("dimension_", "tolerance_")]
        if uniform:
            part = rng.uniform(-1.0, 1.0, count)
        else:
            # Inspected parts: a normal distribution without what lies beyond the tolerance, by its inverse.
            tail = 0.5 * math.erfc(sigmas / math.sqrt(2))
            from scipy.special import ndtri

            part = ndtri(tail + rng.uniform(0.0, 1.0, count) * (1 - 2 * tail)) / sigmas
        total += value + tolerance * part
    share = float(np.mean((total >= gap_min) & (total <= gap_max)))
    low, high = np.quantile(total, [0.00135, 0.99865])
    return {
        "gap_mean": float(np.mean(total)), "gap_sigma": float(np.std(total)), "gap_low": float(low),
        "gap_high": float(high), "yield_fraction": share, "yield_spread": math.sqrt(share * (1 - share) / count),
    }  # fmt: skip
