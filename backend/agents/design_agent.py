"""Sizes a part: the free parameters of its family, such that the checks hold with least mass."""

from __future__ import annotations

import asyncio
from typing import Any

from backend.agents.base import BaseAgent, dumped, required
from backend.schema import Intent


class DesignAgent(BaseAgent):
    """Hands an intent to its design family and returns the sized scheme."""

    stage = "plan"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``intent`` and, in a later round, ``corrections``; returns ``scheme``, ``requirements``, ``kcl_code``.

        Raises DesignError where no design within the family's bounds holds the checks.
        """
        from backend.design import get_family

        intent = Intent.model_validate(required(params, "intent", self.name))
        family = get_family(str(intent.family))
        corrections = params.get("corrections") or None
        scheme = await asyncio.to_thread(family.size, intent, corrections)
        code = await asyncio.to_thread(family.kcl, scheme)
        sizes = ", ".join(
            f"{name.removesuffix('_mm').replace('_', ' ')} {quantity.given or f'{quantity.value:g} {quantity.unit}'}"
            for name in scheme.free
            if (quantity := scheme.parameters.get(name)) is not None
        )
        mass = f", {scheme.mass_g.value:.0f} g" if scheme.mass_g else ""
        governs = f"; {scheme.governing} governs" if scheme.governing else ""
        summary = f"Sized {family.title}: {sizes or 'all sizes given'}{mass}{governs}"
        self.think(summary, corrections=corrections or {})
        return {
            "status": "success",
            "summary": summary,
            "checks": dumped(family.closed_form_checks(scheme, intent)),
            "scheme": scheme.model_dump(mode="json"),
            "requirements": dumped(family.requirements(scheme, intent)),
            "components": {"parts": family.components(scheme)},
            "kcl_code": code,
        }
