"""Finds a material and its cited properties at a temperature; says when it has melted."""

from __future__ import annotations

from typing import Any

from backend.agents.base import BaseAgent, required

PROPERTIES = (
    "density_kg_m3",
    "youngs_modulus_mpa",
    "poisson_ratio",
    "yield_strength_mpa",
    "ultimate_strength_mpa",
    "thermal_expansion_1_k",
    "thermal_conductivity_w_m_k",
    "specific_heat_j_kg_k",
    "solidus_c",
    "glass_transition_c",
    "max_service_c",
    "price_usd_kg",
    "co2_kg_kg",
)
_LIMITS = ("solidus_c", "max_service_c", "glass_transition_c")


class MaterialAgent(BaseAgent):
    """Reads the house's material data; what is not there is absent, never guessed."""

    stage = "physics"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``material`` (any known name) and ``temperature_c`` (20 by default).

        Returns ``properties``: property -> {value, unit, basis, source, uncertainty_rel, note}, and ``is_melted``;
        status "failure" above the solidus or the highest service temperature. NotFoundError for an unknown material.
        """
        from backend.materials import get_material

        material = get_material(str(required(params, "material", self.name)))
        temperature_c = float(params.get("temperature_c", 20.0))
        properties: dict[str, Any] = {}
        out_of_range: list[str] = []
        for name in PROPERTIES:
            try:
                found = material.get(name) if name in _LIMITS else material.get(name, temperature_c=temperature_c)
            except Exception as problem:  # outside the data: said, not extrapolated
                out_of_range.append(f"{name}: {problem}")
                continue
            if found is not None:
                properties[name] = plain(found)
        exceeded = [name for name in _LIMITS if name in properties and temperature_c > float(properties[name]["value"])]
        melted = "solidus_c" in exceeded
        properties["is_melted"] = melted
        summary = f"{material.name}: {len(properties) - 1} properties at {temperature_c:g} °C"
        if exceeded:
            summary = f"{material.name} at {temperature_c:g} °C is above its {exceeded[0].removesuffix('_c')}"
        self.think(summary, temperature_c=temperature_c)
        return {
            "status": "failure" if exceeded else "success",
            "summary": summary,
            "name": material.id,
            "temperature_c": temperature_c,
            "properties": properties,
            "out_of_range": out_of_range,
            "exceeded": exceeded,
        }


def plain(value: Any) -> dict[str, Any]:
    """A property value as JSON data."""
    if hasattr(value, "model_dump"):
        data: dict[str, Any] = value.model_dump(mode="json")
        return data
    from dataclasses import asdict

    return asdict(value)
