"""All physics at once: the members run side by side, and their reports are merged into one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from backend.agents.base import BaseAgent, describe
from backend.schema import AgentReport

Consult = Callable[[str, dict[str, Any]], Awaitable[AgentReport]]
# Short name in the merged report -> agent. The environment goes first: the others need the place.
MEMBERS: dict[str, str] = {
    "material": "MaterialAgent",
    "structural": "StructuralAgent",
    "thermal": "ThermalAgent",
    "chemistry": "ChemistryAgent",
    "fluids": "FluidsAgent",
    "electronics": "ElectronicsAgent",
    "control": "ControlAgent",
}
_ORDER = ("error", "failure", "not_verified", "success")


class PhysicsAgent(BaseAgent):
    """Asks the environment, then every other member at the same time; a member that fails is a reported failure."""

    stage = "physics"

    async def run(self, params: dict[str, Any], *, consult: Consult | None = None, **kwargs: Any) -> dict[str, Any]:
        """From what the members need (``intent``, ``scheme``, ``compiled``, ``work_dir``, ``material``, ``components``,
        ``environment``, ``netlist``, ``plant``, ``controller``); ``members`` picks some by short name. ``guests``
        (short name -> agent name) are asked beside them: agents of other packages that join.

        ``consult`` asks an agent by its class name (the registry's way, with time limits); without it the members are
        called directly. Returns ``reports`` (short name -> AgentReport as JSON data), their checks merged, and the
        worst status. Never raises because of a member.
        """
        ask = consult or _direct
        chosen = [name for name in MEMBERS if name in params.get("members", MEMBERS)]
        guests = {name: agent for name, agent in params.get("guests", {}).items() if name not in MEMBERS}
        shared = {key: value for key, value in params.items() if key not in ("members", "guests")}
        environment = await _safely(ask, "EnvironmentAgent", shared)
        surroundings = environment.data.get("environment", {})
        own = {"surroundings": surroundings, **_temperatures(params, surroundings)}
        asked = {**{name: MEMBERS[name] for name in chosen}, **guests}
        found = await asyncio.gather(*(_safely(ask, agent, {**shared, **own}) for agent in asked.values()))
        reports = {**dict(zip(asked, found, strict=True)), "environment": environment}
        status = min((r.status for r in reports.values()), key=_ORDER.index)
        told = [r.summary for r in reports.values() if r.data.get("applicable", True) and r.summary]
        return {
            "status": status,
            "summary": "; ".join(told) or "nothing to compute",
            "checks": [c.model_dump(mode="json") for r in reports.values() for c in r.checks],
            "reports": {name: report.model_dump(mode="json") for name, report in reports.items()},
            "surroundings": surroundings,
        }


def _temperatures(params: Mapping[str, Any], surroundings: Mapping[str, Any]) -> dict[str, float]:
    """The temperature at which members compute, where the state itself names one."""
    given = (params.get("environment") or {}).get("temperature_c")
    return {} if given is None else {"temperature_c": float(given), "ambient_c": float(given)}


async def _safely(ask: Consult, agent: str, params: dict[str, Any]) -> AgentReport:
    """The report of an agent, also where asking it failed."""
    try:
        return await ask(agent, params)
    except Exception as problem:
        error = describe(problem)
        return AgentReport(agent=agent, status="error", summary=error["message"], error=error)


async def _direct(agent: str, params: dict[str, Any]) -> AgentReport:
    from importlib import import_module

    name = agent.removesuffix("Agent").lower()
    member: BaseAgent = getattr(import_module(f"backend.agents.{name}_agent"), agent)()
    return await member.report(params)
