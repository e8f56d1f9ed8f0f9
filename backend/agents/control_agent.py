"""Control loops: a PID or LQR design for the state's plant, with margins and a simulated step."""

from __future__ import annotations

import asyncio
from typing import Any

from backend.agents.base import BaseAgent
from backend.agents.physics_members import not_applicable, outcome
from backend.physics.errors import MissingTool
from backend.schema import Check, Sense, Status

PHASE_MARGIN_DEG = 45.0  # K. J. Astrom, R. M. Murray, Feedback Systems, section 9.3: 30 to 60 degrees
DISK_MARGIN = 0.5  # gain may vary by 0.6 to 1.67: (1 - a/2)/(1 + a/2)


class ControlAgent(BaseAgent):
    """Designs or checks the controller of the plant that the state names."""

    stage = "physics"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``plant``: {numerator, denominator, delay_s} with ``controller`` {proportional, integral, derivative} or
        {crossover_rad_s, phase_margin_deg}; or {a, b, q, r, initial, time_s} for an LQR.

        Returns ``gains`` and checks of stability and margins. Without a plant nothing is done, and that is said.
        """
        plant = dict(params.get("plant") or {})
        if not plant:
            return not_applicable("the design has no plant to control")
        try:
            if "a" in plant:
                return await asyncio.to_thread(self._lqr, plant)
            return await asyncio.to_thread(self._pid, plant, dict(params.get("controller") or {}))
        except MissingTool as problem:
            return outcome(problem.message, [_open(problem.message)])

    def _pid(self, plant: dict[str, Any], controller: dict[str, Any]) -> dict[str, Any]:
        from backend.physics.domains.control.simulation import design_pid, pid_loop

        top, bottom = [float(x) for x in plant["numerator"]], [float(x) for x in plant["denominator"]]
        delay = float(plant.get("delay_s", 0.0))
        if "proportional" not in controller and "crossover_rad_s" not in controller:
            reason = "the plant has no controller: give its gains, or a crossover_rad_s to design one for"
            return outcome(reason, [_open(reason)])
        gains = (
            {key: float(controller.get(key, 0.0)) for key in ("proportional", "integral", "derivative")}
            if "proportional" in controller
            else design_pid(
                top, bottom, delay_s=delay, crossover_rad_s=float(controller["crossover_rad_s"]),
                phase_margin_deg=float(controller.get("phase_margin_deg", 60.0)),
            )
        )  # fmt: skip
        loop = pid_loop(top, bottom, delay_s=delay, **gains)
        checks = [_stable(loop["stable"])]
        if loop["stable"]:
            checks += _margins(loop)
        words = f"PID {gains['proportional']:.4g}, {gains['integral']:.4g}/s, {gains['derivative']:.4g} s"
        summary = f"{words}: " + (
            f"overshoot {100 * loop['overshoot']:.3g} %" if loop["overshoot"] is not None else "not stable"
        )
        self.think(summary)
        keep = ("gain_margin", "phase_margin_deg", "disk_margin", "overshoot", "settling_time_s", "steady_error")
        return outcome(summary, checks, gains=gains, loop={key: loop[key] for key in keep})

    def _lqr(self, plant: dict[str, Any]) -> dict[str, Any]:
        from backend.physics.domains.control.simulation import lqr_loop

        loop = lqr_loop(
            plant["a"], plant["b"], plant["q"], plant["r"], initial=plant["initial"], time_s=float(plant["time_s"])
        )
        summary = f"LQR gain {loop['gain']}: cost {loop['cost']:.4g}, largest input {loop['largest_input']:.4g}"
        self.think(summary)
        checks = [_stable(max(pole.real for pole in loop["poles"]) < 0)]
        return outcome(summary, checks, gains={"gain": loop["gain"]}, loop={"cost": loop["cost"]})


def _stable(stable: bool) -> Check:
    return Check(
        id="closed_loop_stable", title="The closed loop is stable", status=Status.PASS if stable else Status.FAIL,
        method="poles of the closed loop", reason="" if stable else "a pole lies in the right half plane",
    )  # fmt: skip


def _margins(loop: dict[str, Any]) -> list[Check]:
    found = []
    for key, title, unit, limit in (
        ("phase_margin_deg", "Phase margin", "deg", PHASE_MARGIN_DEG), ("disk_margin", "Disk margin", "", DISK_MARGIN),
    ):  # fmt: skip
        value = loop[key]
        if value is None:
            continue
        found.append(
            Check(
                id=key, title=title, value=value, unit=unit, limit=limit, sense=Sense.AT_LEAST,
                margin=(value - limit) / limit, status=Status.PASS if value >= limit else Status.FAIL,
                method="loop with its dead time, by a scan of the frequencies", reason=f"{value:.3g} against {limit:g}",
            )
        )  # fmt: skip
    return found


def _open(reason: str) -> Check:
    return Check(id="control_loop", title="Control loop", status=Status.NOT_VERIFIED, reason=reason)
