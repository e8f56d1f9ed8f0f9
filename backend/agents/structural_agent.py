"""Strength and stiffness: closed forms at the sized values, then finite elements on the compiled solid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend.agents.base import BaseAgent, describe, dumped, required
from backend.schema import Check, CompiledModel, Intent, Scheme, Status

FEM = "backend.physics.fem.static:solve"
ERROR_TARGET_REL = 0.025  # of the assessed stress: the solver refines beyond three meshes to get there
NOT_SOLVED = "finite elements were not run for these sizes; run the design in full to have them solved"


def _not_solved(reason: str) -> Check:
    return Check(
        id="fe_safety_factor",
        title="Safety factor against yield, finite elements",
        status=Status.NOT_VERIFIED,
        method="finite elements",
        requirement_id="safety_factor",
        reason=reason,
    )


class StructuralAgent(BaseAgent):
    """Asks the family for a study, has it solved in a worker of its own, and holds the result against the limits."""

    stage = "physics"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``scheme``, ``intent``, ``compiled`` and ``work_dir``.

        Returns ``checks`` (closed-form and finite-element), ``fem`` (the solver's result, its field in a file) and
        ``predictions``. A solver that fails leaves its requirement "not verified" with the reason; it is an error of
        this report, not of the run.
        """
        from backend.design import get_family

        scheme = Scheme.model_validate(required(params, "scheme", self.name))
        intent = Intent.model_validate(required(params, "intent", self.name))
        family = get_family(scheme.family)
        checks = list(family.closed_form_checks(scheme, intent))
        study = None
        if params.get("compiled"):
            study = family.study(scheme, intent, CompiledModel.model_validate(params["compiled"]))
        if study is not None and params.get("depth") == "fast":
            checks.append(_not_solved(NOT_SOLVED))
            return self._result(checks, {}, "closed-form checks; finite elements not run")
        if study is None:
            return self._result(checks, {}, "closed-form checks" if checks else "no mechanical load to check")
        try:
            if intent.safety_factor and study["material"].get("yield_mpa"):
                study = {**study, "decide_at_mpa": study["material"]["yield_mpa"] / intent.safety_factor.value}
            fem = await self._solve(study, Path(str(required(params, "work_dir", self.name))))
        except Exception as problem:
            error = describe(problem)
            text = f"the finite-element check could not be done: {error['message']}"
            checks.append(_not_solved(text))
            self.think(text, code=error["code"])
            return {**self._result(checks, {}, text), "status": "error", "error": error}
        checks += family.fe_checks(scheme, intent, fem)
        stress, moved = fem["von_mises_mpa"], fem["displacement_mm"]
        spread = f" ± {stress['error']:.2g}" if stress.get("error") else ""
        text = (
            f"finite elements: von Mises {stress['value']:.4g}{spread} MPa, displacement {moved['value']:.3g} mm, "
            f"{len(fem['levels'])} meshes up to {fem['levels'][-1]['dofs']} unknowns"
        )
        self.think(text[0].upper() + text[1:], von_mises_mpa=stress["value"], displacement_mm=moved["value"])
        return self._result(checks, fem, text)

    async def _solve(self, study: dict[str, Any], work_dir: Path) -> dict[str, Any]:
        from backend.compute import get_pool
        from backend.config.settings import get_settings

        settings = get_settings()
        request = {
            "budget_s": settings.fem_budget_s,
            "max_dofs": settings.fem_max_dofs,
            "error_target_rel": ERROR_TARGET_REL,
            **study,
        }
        request["fields_path"] = str(work_dir / "structural.npz")
        loads = len(study.get("loads", ()))
        self.think(f"Meshing and solving: {loads} load{'s' if loads != 1 else ''}, {request.get('levels', 3)} meshes")
        result: dict[str, Any] = await get_pool().run(
            FEM, request, kind="fem", timeout_s=settings.fem_timeout_s, memory_mb=settings.worker_memory_mb
        )
        return result

    @staticmethod
    def _result(checks: list[Check], fem: dict[str, Any], summary: str) -> dict[str, Any]:
        failed = [check for check in checks if check.status is Status.FAIL]
        predictions: dict[str, float] = {}
        if fem:
            predictions = {
                "stress": fem["von_mises_mpa"]["value"],
                "von_mises_mpa": fem["von_mises_mpa"]["value"],
                "displacement_mm": fem["displacement_mm"]["value"],
            }
        predictions |= {
            check.id: check.value for check in checks if check.value is not None and "safety_factor" in check.id
        }
        return {
            "status": "failure" if failed else "success",
            "summary": summary,
            "checks": dumped(checks),
            "fem": fem,
            "predictions": predictions,
            "logs": [f"{check.title}: {check.reason or check.status.value}" for check in failed] or [summary],
        }
