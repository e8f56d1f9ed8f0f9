"""Controller design on state-space models: LQR, margins, step response. Loads numpy and scipy when called."""

from __future__ import annotations

from typing import Any

from backend.physics.errors import OutOfValidity


def lqr(a: Any, b: Any, q: Any, r: Any) -> dict[str, Any]:
    """Gain K of u = -K x that minimises the integral of x'Qx + u'Ru, with the closed-loop poles.

    ``a`` (n,n), ``b`` (n,m), ``q`` (n,n) positive semidefinite, ``r`` (m,m) positive definite. Solves the continuous
    algebraic Riccati equation (B. D. O. Anderson, J. B. Moore, Optimal Control, 1990, chapter 3). Raises
    OutOfValidity when no stabilising solution exists.
    """
    import numpy as np
    from scipy.linalg import solve_continuous_are

    a, b, q, r = (np.atleast_2d(np.asarray(x, dtype=float)) for x in (a, b, q, r))
    try:
        p = solve_continuous_are(a, b, q, r)
        gain = np.linalg.solve(r, b.T @ p)
    except (np.linalg.LinAlgError, ValueError) as error:
        raise OutOfValidity(
            f"The Riccati equation has no stabilising solution: {error}.", "Check that (A, B) is stabilisable."
        ) from error
    poles = np.linalg.eigvals(a - b @ gain)
    if poles.real.max() >= 0:
        raise OutOfValidity("The closed loop isn't stable.", "Check that (A, B) is stabilisable and (A, Q) detectable.")
    return {"gain": gain, "poles": poles, "cost_matrix": p}


def margins(numerator: list[float], denominator: list[float], delay_s: float = 0.0) -> dict[str, float | None]:
    """Gain margin, phase margin (rad), their frequencies (rad/s) and the disk margin of a loop L(s) with dead time.

    Coefficients in falling powers of s. Margins by a log-spaced scan over eight decades about the poles and zeros,
    refined by bisection. The disk margin is the largest alpha with a guaranteed gain range (1 - alpha/2)/(1 +
    alpha/2) and its inverse: alpha = 1/max|S - 1/2| (P. Seiler, A. Packard, P. Gahinet, IEEE Control Systems 40,
    2020). None where a crossing doesn't exist. The loop is not tested for closed-loop stability.
    """
    import numpy as np

    roots = np.abs(np.concatenate([np.roots(numerator), np.roots(denominator), [1.0]]))
    roots = roots[roots > 0]
    w = np.geomspace(roots.min() * 1e-3, roots.max() * 1e5, 40001)

    def loop(x: Any) -> Any:
        return np.polyval(numerator, 1j * x) / np.polyval(denominator, 1j * x) * np.exp(-1j * x * delay_s)

    value = loop(w)
    phase = np.unwrap(np.angle(value))
    # Bring the start of the unwrapped phase to the branch that its integrators give.
    phase -= 2 * np.pi * np.round((phase[0] - np.angle(value[0])) / (2 * np.pi))
    gain = np.log(np.abs(value))
    result: dict[str, float | None] = dict.fromkeys(("gain_margin", "phase_margin", "w_gain", "w_phase"))
    crossings = np.nonzero(np.diff(np.sign(gain)))[0]
    if len(crossings):
        candidates = []
        for i in crossings:
            t = gain[i] / (gain[i] - gain[i + 1])
            at = phase[i] + t * (phase[i + 1] - phase[i])
            candidates.append((float((at + np.pi + np.pi) % (2 * np.pi) - np.pi), float(w[i] * (w[i + 1] / w[i]) ** t)))
        result["phase_margin"], result["w_phase"] = min(candidates, key=lambda pair: abs(pair[0]))
    turns = np.floor((phase + np.pi) / (2 * np.pi))
    flips = np.nonzero(np.diff(turns))[0]
    if len(flips):
        candidates = []
        for i in flips:
            target = -np.pi + 2 * np.pi * max(turns[i], turns[i + 1])
            t = (target - phase[i]) / (phase[i + 1] - phase[i])
            candidates.append(
                (float(np.exp(-(gain[i] + t * (gain[i + 1] - gain[i])))), float(w[i] * (w[i + 1] / w[i]) ** t))
            )
        result["gain_margin"], result["w_gain"] = min(candidates, key=lambda pair: abs(np.log(pair[0])))
    sensitivity = 1 / (1 + value)
    result["disk_margin"] = float(1 / np.max(np.abs(sensitivity - 0.5)))
    result["sensitivity_peak"] = float(np.max(np.abs(sensitivity)))
    return result


def step_response(
    numerator: list[float], denominator: list[float], time_s: float, points: int = 1000
) -> dict[str, Any]:
    """Step response of a proper transfer function:

    times (n,), output (n,), overshoot, 2 % settling time, final value.
    """
    import numpy as np
    from scipy.signal import lti, step

    system = lti(numerator, denominator)
    t, y = step(system, T=np.linspace(0, time_s, points))
    final = numerator[-1] / denominator[-1] if denominator[-1] else None
    stable = bool(np.all(np.roots(denominator).real < 0))
    overshoot = settling = None
    if stable and final:
        overshoot = max(float(np.max(y / final)) - 1, 0.0)
        outside = np.nonzero(np.abs(y / final - 1) > 0.02)[0]
        settling = float(t[outside[-1] + 1]) if len(outside) and outside[-1] + 1 < len(t) else None
    return {
        "time_s": t,
        "output": y,
        "final": final,
        "stable": stable,
        "overshoot": overshoot,
        "settling_time_s": settling,
    }
