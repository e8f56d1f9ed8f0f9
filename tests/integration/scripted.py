"""Agents that answer from a script, for what is about the flow and not about the engine: fast, and failing on demand.

The design room stays real: intent, sizing and corrections are the product's own.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from backend.agents.base import BaseAgent
from backend.schema import Check, Sense, Status

BRACKET = (
    "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, "
    "factor of safety 1.2, four 1/2 in holes"
)
BOX = {"min": [0, 0, 0], "max": [1, 1, 1]}


def fe_check(value, limit=1.2):
    good = value >= limit
    return Check(
        id="fe_safety_factor",
        title="Safety factor, finite elements",
        status=Status.PASS if good else Status.FAIL,
        value=value,
        limit=limit,
        sense=Sense.AT_LEAST,
        margin=(value - limit) / limit,
        requirement_id="safety_factor",
        reason=f"{value}",
    ).model_dump(mode="json")


class Geometry(BaseAgent):
    """Writes a small GLB and says that it compiled."""

    def __init__(self, *, fails=None, as_meant=True, delay_s=0.0):
        self.fails, self.as_meant, self.delay_s = fails, as_meant, delay_s
        self.calls = 0

    @property
    def name(self):
        return "GeometryAgent"

    async def run(self, params, **kwargs):
        self.calls += 1
        await asyncio.sleep(self.delay_s)
        if self.fails:
            raise self.fails
        out = Path(params["out_dir"])
        (out / "model.glb").write_bytes(b"glTF" + str(self.calls).encode())
        check = Check(
            id="geometry_volume",
            title="Volume",
            status=Status.PASS if self.as_meant else Status.FAIL,
            reason="2 mm3 against 1 mm3",
        )
        return {
            "status": "success" if self.as_meant else "failure",
            "summary": "1 solid",
            "checks": [check.model_dump(mode="json")],
            "kcl_code": params["kcl_code"],
            "compiled": {
                "volume_mm3": 1.0,
                "area_mm2": 6.0,
                "center_of_mass_mm": [0, 0, 0],
                "bounding_box_mm": BOX,
                "solids": 1,
                "valid": True,
                "files": {"glb": str(out / "model.glb")},
            },
            "gltf_data": str(out / "model.glb"),
            "geometry_tree": [],
            "mass_properties": {"mass_g": 100.0 * self.calls},
            "validation_logs": [],
        }


class Structural(BaseAgent):
    """Finds each safety factor of a list in turn, then the last again; an exception in the list is raised."""

    def __init__(self, *factors, delay_s=0.0):
        self.factors, self.delay_s = list(factors), delay_s
        self.calls = 0

    @property
    def name(self):
        return "StructuralAgent"

    async def run(self, params, **kwargs):
        factor = self.factors[min(self.calls, len(self.factors) - 1)]
        self.calls += 1
        await asyncio.sleep(self.delay_s)
        if isinstance(factor, Exception):
            raise factor
        return {
            "status": "success" if factor >= 1.2 else "failure",
            "summary": f"safety factor {factor}",
            "checks": [fe_check(factor)],
            "predictions": {"stress": 100.0 / factor},
        }


class Fixed(BaseAgent):
    """Says always the same."""

    def __init__(self, name, result):
        self._name, self.result = name, result
        self.calls = 0

    @property
    def name(self):
        return self._name

    async def run(self, params, **kwargs):
        self.calls += 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def install(monkeypatch, **agents):
    """Put scripted agents in the place of the registry's; returns them by name."""
    from backend.agent_registry import registry
    from backend.agents.xai import create_xai_wrapper

    chosen = {
        "GeometryAgent": Geometry(),
        "StructuralAgent": Structural(1.5),
        "ManifoldAgent": Fixed("ManifoldAgent", {"status": "success", "summary": "closed"}),
        "ManufacturingAgent": Fixed(
            "ManufacturingAgent", {"status": "success", "summary": "1 part", "bom": {}, "components": {}, "plan": {}}
        ),
        "DocumentAgent": Fixed("DocumentAgent", {"status": "success", "summary": "wrote nothing", "files": {}}),
        **agents,
    }
    for name, agent in chosen.items():
        monkeypatch.setitem(registry._agents, name, create_xai_wrapper(agent))
    monkeypatch.setattr("backend.compute.pool.WorkPool.warm", lambda self, *kinds: None)
    return chosen
