"""Says which steps a design will take, by whom, and why: what a person approves before anything is built."""

from __future__ import annotations

from typing import Any

from backend.agents.base import BaseAgent, required
from backend.design.materialdata import material_name
from backend.schema import Intent, Scheme


class PlannerAgent(BaseAgent):
    """Turns a sized scheme into the list of steps that will build, prove and document it."""

    stage = "plan"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``intent`` and ``scheme``; returns ``plan``: steps with agent, what and why."""
        intent = Intent.model_validate(required(params, "intent", self.name))
        scheme = Scheme.model_validate(required(params, "scheme", self.name))
        steps = self._steps(intent, scheme)
        return {
            "status": "success",
            "summary": f"{len(steps)} steps: {', '.join(step['agent'] for step in steps)}",
            "plan": {"family": scheme.family, "governing": scheme.governing, "steps": steps},
        }

    @staticmethod
    def _steps(intent: Intent, scheme: Scheme) -> list[dict[str, str]]:
        heat = any(load.kind == "heat" for load in intent.loads)
        mechanical = [load for load in intent.loads if load.kind != "heat"]
        steps = [
            ("GeometryAgent", "write the KCL program and compile it", "the solid is what all later steps measure"),
            ("ManifoldAgent", "check the mesh", "a mesh with holes can't be printed, shown or solved"),
            ("MaterialAgent", f"look up {material_name(scheme.material)}", "limits come from cited data"),
        ]
        if mechanical:
            words = ", ".join(f"{load.kind} of {load.magnitude.value:g} {load.magnitude.unit}" for load in mechanical)
            steps.append(("StructuralAgent", "solve with finite elements on three meshes", words))
        if heat:
            steps.append(("ThermalAgent", "find the equilibrium temperature", "the brief names a heat load"))
        steps += [
            ("VerificationAgent", "hold every requirement against the evidence", "what was not checked never passes"),
            ("ManufacturingAgent", "bill of materials and limits of the process", "the part must be made"),
            ("DocumentAgent", "write the dossier and the model files", "what is handed over"),
            ("QualityReviewAgent", "hold the package against brief and verdict", "files that disagree are caught here"),
        ]
        return [{"agent": agent, "what": what, "why": why} for agent, what, why in steps]
