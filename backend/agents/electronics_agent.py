"""Circuits: a netlist solved by ngspice, and the currents that the brief sends through board traces."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from backend.agents.base import BaseAgent
from backend.agents.physics_members import not_applicable, outcome
from backend.physics.errors import MissingTool
from backend.schema import Check, Sense, Status

_TRACE = re.compile(
    r"\btraces?\b[^.;]{0,60}?(\d+(?:\.\d+)?)\s*(mA|A)\b|(\d+(?:\.\d+)?)\s*(mA|A)\b[^.;]{0,30}?\btraces?\b"
)


class ElectronicsAgent(BaseAgent):
    """Solves the state's netlist and holds its voltages against their limits; sizes traces that the brief names."""

    stage = "physics"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``netlist`` (SPICE text), ``node_limits`` (vector -> [least, greatest]) and ``intent``.

        Returns ``operating_point`` and a check for each limit; a trace's width as information. Without ngspice the
        netlist is "not verified". A netlist that is refused or has no solution raises the kernel's error.
        """
        netlist = params.get("netlist")
        brief = str((params.get("intent") or {}).get("brief", ""))
        checks = [*_traces(brief)]
        if not netlist:
            if not checks:
                return not_applicable("the design has no netlist and the brief names no board traces")
            return outcome(checks[0].title, checks)
        from backend.physics.domains.electronics.netlist import solve_netlist

        try:
            plots = await asyncio.to_thread(solve_netlist, str(netlist))
        except MissingTool as problem:
            open_ = Check(
                id="netlist",
                title="Circuit solved",
                status=Status.NOT_VERIFIED,
                reason=problem.message,
            )
            return outcome(problem.message, [*checks, open_])
        limits = dict(params.get("node_limits") or {})
        checks += [check for name, pair in limits.items() for check in _held(plots, str(name).lower(), pair)]
        if not limits:
            checks.append(
                Check(
                    id="netlist", title="Circuit solved", status=Status.NOT_VERIFIED, method="ngspice",
                    reason="no limits are given: pass node_limits, such as {\"v(out)\": [4.75, 5.25]}",
                )
            )  # fmt: skip
        solved = [name for name in plots if name != "run"]
        summary = f"ngspice solved {', '.join(solved)} in {plots['run']['cpu_s']:.2g} s"
        self.think(summary)
        return outcome(summary, checks, operating_point=plots.get("op", {}), analyses=solved)


def _held(plots: dict[str, dict[str, Any]], name: str, pair: Any) -> list[Check]:
    """A vector's whole course against its two limits."""
    values: list[float] = []
    for analysis in ("op", "dc", "tran"):
        vector = plots.get(analysis, {}).get(name)
        if vector is not None:
            values += [float(v) for v in (vector if isinstance(vector, list) else [vector])]
    title = f"{name} stays within {pair[0]:g} to {pair[1]:g}"
    if not values:
        return [
            Check(
                id=f"netlist_{name}", title=title, status=Status.NOT_VERIFIED, reason="the netlist has no such vector"
            )
        ]
    found = []
    for sense, value, limit in ((Sense.AT_LEAST, min(values), pair[0]), (Sense.AT_MOST, max(values), pair[1])):
        good = value >= limit if sense is Sense.AT_LEAST else value <= limit
        margin = (value - limit) / abs(limit) if limit else None
        found.append(
            Check(
                id=f"netlist_{name}_{'low' if sense is Sense.AT_LEAST else 'high'}", title=title, value=value,
                limit=float(limit), sense=sense, status=Status.PASS if good else Status.FAIL, method="ngspice",
                margin=margin if margin is None or sense is Sense.AT_LEAST else -margin,
                reason=f"{value:.4g} against {limit:g}",
            )
        )  # fmt: skip
    return found


def _traces(brief: str) -> list[Check]:
    from backend.physics.kernel import get_physics_kernel

    match = _TRACE.search(brief)
    if not match:
        return []
    number, unit = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
    current = float(number) * (1e-3 if unit == "mA" else 1.0)
    found = get_physics_kernel().calculate(
        domain="electronics", equation="trace_width", current_a=current, temperature_rise_k=20.0, copper_um=35.0
    )
    width = float(found.to("width_mm"))
    return [
        Check(
            id="trace_width", title=f"Least width of a trace for {current:g} A", status=Status.PASS, value=width,
            unit="mm",
            method="IPC-2221A; outer layer of 35 µm copper, 20 K warmer", evidence=("electronics.trace_width",),
        )
    ]  # fmt: skip
