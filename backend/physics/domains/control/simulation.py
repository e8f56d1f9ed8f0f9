"""PID and LQR loops: designed, their margins found, their answer to a step simulated with python-control."""

from __future__ import annotations

import math
from typing import Any

from backend.physics.domains.control.design import lqr, margins
from backend.physics.errors import BadQuantity, MissingTool, OutOfValidity

PADE_ORDER = 5
FILTER_RATIO = 20.0  # the derivative's filter, over the crossover frequency


def _control() -> Any:
    try:
        import control
    except ImportError as error:
        raise MissingTool("python-control isn't installed, so no loop was simulated.", "Install control.") from error
    return control


def _plant(numerator: list[float], denominator: list[float], delay_s: float) -> None:
    values = [*numerator, *denominator, delay_s]
    if not numerator or not denominator or not all(math.isfinite(v) for v in values):
        raise BadQuantity(
            "The plant needs finite coefficients.", "Give falling powers of s, such as [1] over [1, 2, 1]."
        )
    if len(numerator) > len(denominator) or not any(numerator) or not denominator[0]:
        raise BadQuantity(
            f"The plant {numerator} over {denominator} is not proper.", "The denominator has the higher power of s."
        )
    if delay_s < 0:
        raise BadQuantity(f"The dead time is {delay_s:g} s.", "Give a dead time of 0 s or more.")


def design_pid(
    numerator: list[float], denominator: list[float], *, crossover_rad_s: float, phase_margin_deg: float = 60.0,
    delay_s: float = 0.0, ratio: float = 4.0,
) -> dict[str, float]:  # fmt: skip
    """Gains of a PI or PID controller that gives a loop this crossover and phase margin.

    The controller's phase at the crossover is fixed by the margin; a lag needs a PI, a lead a PID with integral time
    ``ratio`` times the derivative time (K. J. Astrom, T. Hagglund, PID Controllers, 2nd edition, section 4.5). Returns
    proportional, integral (1/s) and derivative (s) gains of the parallel form. Raises OutOfValidity where no such
    controller exists at that frequency.
    """
    import numpy as np

    _plant(numerator, denominator, delay_s)
    if not crossover_rad_s > 0 or not 0 < phase_margin_deg < 90:
        raise BadQuantity(
            f"Crossover {crossover_rad_s:g} rad/s, phase margin {phase_margin_deg:g}°.", "Give > 0 rad/s and 0 to 90°."
        )
    s = 1j * crossover_rad_s
    value = complex(np.polyval(numerator, s) / np.polyval(denominator, s)) * np.exp(-s * delay_s)
    phase = math.remainder(math.radians(phase_margin_deg) - math.pi - math.atan2(value.imag, value.real), 2 * math.pi)
    if abs(phase) >= math.pi / 2:
        raise OutOfValidity(
            f"The loop would need {math.degrees(phase):.0f}° from the controller at {crossover_rad_s:g} rad/s; a PID "
            "gives less than 90°.",
            "Lower the crossover or the phase margin.",
        )
    gain = float(abs(value))
    proportional = math.cos(phase) / gain
    if phase <= 0:
        return {
            "proportional": proportional, "integral": -crossover_rad_s * math.sin(phase) / gain, "derivative": 0.0,
        }  # fmt: skip
    tangent = math.tan(phase)
    derivative_time = (tangent + math.sqrt(tangent**2 + 4 / ratio)) / (2 * crossover_rad_s)
    return {
        "proportional": proportional, "integral": proportional / (ratio * derivative_time),
        "derivative": proportional * derivative_time,
    }  # fmt: skip


def pid_loop(
    numerator: list[float], denominator: list[float], *, proportional: float, integral: float = 0.0,
    derivative: float = 0.0, delay_s: float = 0.0, filter_s: float | None = None, time_s: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Margins, closed-loop poles and step response of a plant with a PID controller in parallel form.

    The derivative has a first-order filter (``filter_s``; a twentieth of the derivative time by default). Margins are
    exact in the dead time; poles and response take a Padé model of it of order 5. Returns gain and phase margins (the
    phase in degrees), disk margin, ``stable``, overshoot, settling time to 2 %, steady error and the response.
    """
    import numpy as np

    control = _control()
    _plant(numerator, denominator, delay_s)
    tau = filter_s if filter_s is not None else (derivative / proportional / FILTER_RATIO if derivative else 0.0)
    top, bottom = np.array([derivative, proportional, integral]), np.array([1.0, 0.0])
    if tau:
        top, bottom = np.polyadd(top, tau * np.array([proportional, integral, 0.0])), np.array([tau, 1.0, 0.0])
    elif derivative:
        raise BadQuantity("The derivative has no filter.", "Give filter_s above 0.")
    if not integral:
        top, bottom = top[:-1], bottom[:-1]
    open_top, open_bottom = np.polymul(top, numerator), np.polymul(bottom, denominator)
    found = margins(list(np.trim_zeros(open_top, "f")), list(open_bottom), delay_s)
    loop = control.tf(open_top, open_bottom)
    if delay_s:
        loop = loop * control.tf(*control.pade(delay_s, PADE_ORDER))
    closed = control.feedback(loop, 1)
    poles = closed.poles()
    stable = bool(np.all(poles.real < 0))
    result: dict[str, Any] = {
        "gain_margin": found["gain_margin"],
        "phase_margin_deg": None if found["phase_margin"] is None else math.degrees(found["phase_margin"]),
        "disk_margin": found["disk_margin"], "stable": stable, "poles": [complex(p) for p in poles],
        "overshoot": None, "settling_time_s": None, "steady_error": None, "time_s": None, "output": None,
    }  # fmt: skip
    if not stable:
        return result
    horizon = time_s or 12.0 / max(float(np.min(-poles.real)), 1e-9)
    t, y = control.step_response(closed, T=np.linspace(0.0, horizon, 2001))
    final = float(np.real(closed.dcgain()))
    outside = np.nonzero(np.abs(y - final) > 0.02 * abs(final))[0]
    return {
        **result, "steady_error": 1.0 - final, "overshoot": max(float(np.max(y / final)) - 1.0, 0.0) if final else None,
        "settling_time_s": float(t[outside[-1] + 1]) if len(outside) and outside[-1] + 1 < len(t) else None,
        "time_s": [float(v) for v in t], "output": [float(v) for v in y],
    }  # fmt: skip


def lqr_loop(a: Any, b: Any, q: Any, r: Any, *, initial: list[float], time_s: float) -> dict[str, Any]:
    """An LQR design and its return from an initial state: gain, poles, margins of the broken input, cost.

    ``a`` (n,n), ``b`` (n,m), ``q`` (n,n), ``r`` (m,m), ``initial`` (n,). ``cost`` is the integral of x'Qx + u'Ru by
    simulation, ``cost_expected`` x0'P x0 by the Riccati equation: two routes to one number. ``disk_margin`` is for one
    input only (None for several).
    """
    import numpy as np

    control = _control()
    design = lqr(a, b, q, r)
    gain = np.asarray(design["gain"])
    a, b, q, r = (np.atleast_2d(np.asarray(x, dtype=float)) for x in (a, b, q, r))
    n = a.shape[0]
    start = np.asarray(initial, dtype=float)
    if start.shape != (n,):
        raise BadQuantity(f"The initial state has {start.size} numbers.", f"Give {n}.")
    closed = control.ss(a - b @ gain, np.zeros((n, 1)), np.eye(n), np.zeros((n, 1)))
    t, x = control.initial_response(closed, T=np.linspace(0.0, time_s, 4001), X0=start)[:2]
    x = np.asarray(x).reshape(n, -1)
    u = -gain @ x
    rate = np.einsum("it,ij,jt->t", x, q, x) + np.einsum("it,ij,jt->t", u, r, u)
    disk = None
    if b.shape[1] == 1:
        loop = control.ss2tf(control.ss(a, b, gain, np.zeros((1, 1))))
        disk = margins(list(np.trim_zeros(loop.num[0][0], "f")), list(loop.den[0][0]))["disk_margin"]
    return {
        "gain": gain.tolist(), "poles": [complex(p) for p in design["poles"]], "disk_margin": disk,
        "cost": float(np.trapezoid(rate, t)), "cost_expected": float(start @ design["cost_matrix"] @ start),
        "largest_input": float(np.max(np.abs(u))), "final_state": x[:, -1].tolist(),
    }  # fmt: skip
