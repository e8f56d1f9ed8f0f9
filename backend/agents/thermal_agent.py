"""Equilibrium temperature where the part must shed heat."""

from __future__ import annotations

from typing import Any

from backend.agents.base import BaseAgent, dumped, required
from backend.errors import BrickError
from backend.schema import Check, Intent, Origin, Scheme, Sense, Status

AMBIENT_C = 25.0
#: the families' own checks that answer the temperature, the one to tell first
_OWN_CHECKS = ("inside_temperature", "wall_temperature", "inside_softening")


class ThermalAgent(BaseAgent):
    """Balances the heat that goes in against what the surface gives off to still air."""

    stage = "physics"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``intent``, ``scheme`` or ``compiled`` (its surface), ``material_limit_c`` and ``ambient_c``.

        Where the part's family answers the temperature itself, its values are told and no check is added: they stand
        among the family's closed forms, with the surface and the surroundings that the brief gives.
        Returns ``equilibrium_temp_c`` and ``applicable``; status "critical" is told as "failure" with the check that
        failed. Without a heat load in the brief nothing is computed, and that is said.
        """
        intent = Intent.model_validate(required(params, "intent", self.name))
        heat_w = sum(load.magnitude.value for load in intent.loads if load.kind == "heat")
        if heat_w <= 0:
            return {"status": "success", "summary": "the brief names no heat load", "applicable": False, "checks": []}
        own = self._family_checks(intent, params.get("scheme"))
        # The families cool in air; where there is none, or next to none, their answer doesn't hold.
        airless = (params.get("surroundings") or {}).get("convection") in ("none", "weak")
        if own and not airless:
            return self._told(heat_w, own)
        from backend.physics.kernel import get_physics_kernel

        area_m2 = float(required(params, "compiled", self.name)["area_mm2"]) * 1e-6
        ambient = intent.parameters.get("service_temperature")
        ambient_c = ambient.value if ambient else float(params.get("ambient_c", AMBIENT_C))
        # Where there is no air, or next to none, a surface sheds heat by radiation alone.
        surroundings = params.get("surroundings") or {}
        still_air = surroundings.get("convection") in (None, "air")
        given = ambient is not None and ambient.origin is not Origin.ASSUMPTION
        if not still_air and not given and surroundings.get("temperature_range_c"):
            ambient_c = float(surroundings["temperature_range_c"][1])
        film: dict[str, Any] = {} if still_air else {"convection_w_m2_k": 0.0}
        found = get_physics_kernel().calculate(
            domain="thermodynamics",
            equation="equilibrium_temp",
            power_w=heat_w,
            surface_area_m2=area_m2,
            ambient_temp_c=ambient_c,
            emissivity=self._emissivity(intent),
            **film,
        )
        temp_c = float(found["temp_c"])
        means = "free convection with radiation" if still_air else "radiation alone"
        checks = list(self._checks(intent, temp_c, params.get("material_limit_c"), means))
        failed = [check for check in checks if check.status is Status.FAIL]
        where = f"in air of {ambient_c:g} °C" if still_air else f"at {ambient_c:g} °C by {means}"
        summary = f"{heat_w:g} W through {area_m2 * 1e4:.0f} cm² {where}: {temp_c:.1f} °C"
        self.think(summary, equilibrium_temp_c=temp_c, power_w=heat_w)
        return {
            "status": "failure" if failed else "success",
            "summary": summary,
            "applicable": True,
            "equilibrium_temp_c": temp_c,
            "source": str(getattr(found, "source", "")),
            "checks": dumped(checks),
        }

    @staticmethod
    def _emissivity(intent: Intent) -> float:
        """Of the part's surface: bare metal where it is metal and the brief names no finish."""
        from backend.design.surfaces import DULL, surface_of
        from backend.materials import get_material

        if intent.material is None:
            return DULL
        return surface_of(get_material(intent.material), intent.choices.get("finish")).emissivity

    @staticmethod
    def _family_checks(intent: Intent, scheme: Any) -> list[Check]:
        """The temperature checks of the part's family; empty where it has none."""
        from backend.design import get_family

        if intent.family is None:
            return []
        try:
            family = get_family(intent.family)
            sized = family.size(intent) if not scheme else Scheme.model_validate(scheme)
            found = {check.id: check for check in family.closed_form_checks(sized, intent)}
        except BrickError:
            return []
        return [found[name] for name in _OWN_CHECKS if name in found]

    def _told(self, heat_w: float, own: list[Check]) -> dict[str, Any]:
        """The family's answer as this agent's result."""
        first = own[0]
        values = [f"{c.title}: {c.value:.1f} °C" for c in own if c.value is not None]
        failed = [check for check in own if check.status is Status.FAIL]
        open_ = [check for check in own if check.status is Status.NOT_VERIFIED and check.requirement_id]
        summary = f"{heat_w:g} W: {'; '.join(values) or first.reason}"
        self.think(summary, equilibrium_temp_c=first.value, power_w=heat_w)
        return {
            "status": "failure" if failed else "not_verified" if open_ else "success",
            "summary": summary,
            "applicable": True,
            **({"equilibrium_temp_c": first.value} if first.value is not None else {}),
            "source": first.method,
            "checks": [],
        }

    @staticmethod
    def _checks(intent: Intent, temp_c: float, material_limit_c: float | None, means: str) -> list[Check]:
        limits = [
            (limit.id, limit.quantity.value, limit.statement, limit.id)
            for limit in intent.limits
            if limit.kind == "temperature" and limit.quantity is not None
        ]
        if material_limit_c is not None:
            limits.append(("material_temperature", float(material_limit_c), "Temperature the material stands", ""))
        return [
            Check(
                id=f"thermal_{name}",
                title=title,
                status=Status.PASS if temp_c <= limit else Status.FAIL,
                value=temp_c,
                unit="degC",
                limit=limit,
                sense=Sense.AT_MOST,
                margin=(limit - temp_c) / abs(limit) if limit else None,
                method=f"steady balance of heat and {means} over the whole surface",
                evidence=("thermodynamics.equilibrium_temp",),
                requirement_id=requirement or None,
                reason=f"{temp_c:.1f} °C against {limit:g} °C",
            )
            for name, limit, title, requirement in limits
        ]
