"""Limits of the process, the bill of materials, and what it costs where a source is known."""

from __future__ import annotations

from typing import Any

from backend.agents.base import BaseAgent, dumped, required
from backend.schema import CompiledModel, Intent, Scheme, Status


def _is_made(part: dict[str, Any]) -> bool:
    return bool(part.get("kind", "made") == "made")


class ManufacturingAgent(BaseAgent):
    """Says whether the part can be made, of what, and with what bought beside it."""

    stage = "manufacture"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``scheme``, ``intent`` and ``compiled``; returns ``bom``, ``components``, ``plan`` and ``checks``."""
        from backend.design import get_family
        from backend.manufacturing.bom import bill_of_materials, component_fields
        from backend.materials import get_material

        scheme = Scheme.model_validate(required(params, "scheme", self.name))
        intent = Intent.model_validate(required(params, "intent", self.name))
        compiled = CompiledModel.model_validate(required(params, "compiled", self.name))
        family = get_family(scheme.family)
        process = scheme.choices.get("process")
        components = [component_fields(part) for part in family.components(scheme)]
        components = [{"process": process, **part} if _is_made(part) else part for part in components]
        material = get_material(scheme.material)
        density = material.value("density_kg_m3").value
        bom = bill_of_materials(
            components,
            density_kg_m3=density,
            boxes=self._boxes(components, compiled),
            **self._price(material),
        )
        checks = family.manufacturing_checks(scheme, intent)
        failed = [check for check in checks if check.status is Status.FAIL]
        parts, lines = bom["totals"]["parts"], bom["totals"]["lines"]
        summary = f"{parts} part{'' if parts == 1 else 's'} on {lines} line{'' if lines == 1 else 's'}"
        self.think(f"Bill of materials: {summary}", **{k: v for k, v in bom["totals"].items() if v is not None})
        return {
            "status": "failure" if failed else "success",
            "summary": summary if not failed else f"can't be made as it is: {failed[0].title}",
            "checks": dumped(checks),
            "bom": bom,
            "components": {"parts": components},
            "plan": {
                "processes": sorted({str(part["process"]) for part in components if part.get("process")}),
                "checks": [check.id for check in checks],
            },
        }

    @staticmethod
    def _boxes(components: list[dict[str, Any]], compiled: CompiledModel) -> dict[str, Any]:
        """The box of each made part: of the body of that name, or of the whole where one part is made."""
        made = [str(part.get("part")) for part in components if _is_made(part)]
        by_name = {body.name: body.bounding_box_mm for body in compiled.bodies if body.name}
        if len(made) == 1:
            return {made[0]: compiled.bounding_box_mm}
        boxes = {name: by_name[name] for name in made if name in by_name}
        if not boxes and len(made) == len(compiled.bodies):
            boxes = {name: body.bounding_box_mm for name, body in zip(made, compiled.bodies, strict=True)}
        return boxes

    @staticmethod
    def _price(material: Any) -> dict[str, Any]:
        found = material.get("price_usd_kg")
        if found is None:
            return {}
        margin = float(found.value) * float(found.uncertainty_rel or 0.0)
        low = found.low if found.low is not None else found.value - margin
        high = found.high if found.high is not None else found.value + margin
        return {"price_usd_kg": (float(low), float(high)), "price_source": str(found.source)}
