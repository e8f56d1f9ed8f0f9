"""Writes the part as KCL, compiles it on the local engine, and proves that the solid is the one that was meant."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from backend.agents.base import BaseAgent, dumped
from backend.errors import InputError
from backend.schema import CompiledModel, Intent, Scheme

EXPORTS = ("brep", "step", "glb", "stl")


class GeometryAgent(BaseAgent):
    """From a sized scheme, or a KCL program, or words, to a measured solid and its files."""

    stage = "geometry"

    async def run(
        self,
        params: dict[str, Any],
        intent: str = "",
        environment: dict[str, Any] | None = None,
        ldp_instructions: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Async geometry generation.

        ``params`` names what to build: ``kcl_code`` (a program), or ``scheme`` (a sized design, with ``intent_data``
        for its checks); with neither, the words of ``intent`` are read and sized, where they suffice. ``out_dir`` is
        where files go (a new temporary folder otherwise), ``density_kg_m3`` gives the mass.

        Returns kcl_code, compiled (measures, named faces, files), gltf_data (path of the GLB), geometry_tree,
        mass_properties, validation_logs, checks. Where the words don't say what to build: status "not_verified", no
        geometry, and the open ``questions``. Raises CompileError where the program doesn't compile.
        """
        scheme, read, code = await self._what(params, intent)
        if not code:
            return self._undecided(params, intent, read)
        from backend.compute import get_pool
        from backend.config.settings import get_settings
        from backend.geometry import compile_kcl

        settings = get_settings()
        out_dir = Path(params.get("out_dir") or tempfile.mkdtemp(prefix="brick-geometry-"))
        compiled: CompiledModel = await compile_kcl(
            code,
            out_dir,
            get_pool(),
            exports=list(params.get("exports") or EXPORTS),
            timeout_s=settings.geometry_timeout_s,
        )
        checks = []
        if scheme is not None and read is not None:
            from backend.design import get_family

            checks = get_family(scheme.family).geometry_checks(scheme, read, compiled)
        density = params.get("density_kg_m3")
        mass_g = compiled.volume_mm3 * 1e-6 * float(density) if density else None
        size = [b - a for a, b in zip(compiled.bounding_box_mm.min, compiled.bounding_box_mm.max, strict=True)]
        summary = (
            f"{compiled.solids} {'solid' if compiled.solids == 1 else 'solids'}, "
            f"{' × '.join(f'{side:.1f}' for side in size)} mm, {compiled.volume_mm3:.0f} mm³"
        )
        self.think(f"Compiled: {summary}", volume_mm3=compiled.volume_mm3, size_mm=size)
        failed = [check for check in checks if check.status.value == "fail"]
        return {
            "status": "failure" if failed or not compiled.valid else "success",
            "summary": summary if not failed else f"not the solid that was meant: {failed[0].title}",
            "checks": dumped(checks),
            "kcl_code": code,
            "compiled": compiled.model_dump(mode="json"),
            "gltf_data": compiled.files.get("glb", ""),
            "geometry_tree": [body.model_dump(mode="json") for body in compiled.bodies],
            "mass_properties": {
                "volume_mm3": compiled.volume_mm3,
                "area_mm2": compiled.area_mm2,
                "center_of_mass_mm": list(compiled.center_of_mass_mm),
                "mass_g": mass_g,
            },
            "validation_logs": list(compiled.diagnostics),
        }

    async def _what(self, params: dict[str, Any], intent: str) -> tuple[Scheme | None, Intent | None, str]:
        """The scheme and intent, where known, and the program."""
        scheme = Scheme.model_validate(params["scheme"]) if params.get("scheme") else None
        read = Intent.model_validate(params["intent_data"]) if params.get("intent_data") else None
        if params.get("kcl_code"):
            return scheme, read, str(params["kcl_code"])
        from backend.design import get_family

        if scheme is None and intent.strip():
            from backend.agents.conversational_agent import understand

            try:
                read = await asyncio.to_thread(understand, intent, params.get("answers"))
            except InputError:
                return None, None, ""  # words that speak of nothing here
            if read.family and not read.questions:
                scheme = await asyncio.to_thread(get_family(read.family).size, read)
        return scheme, read, get_family(scheme.family).kcl(scheme) if scheme else ""

    def _undecided(self, params: dict[str, Any], intent: str, read: Intent | None) -> dict[str, Any]:
        questions = dumped(read.questions) if read else []
        given = ", ".join(sorted(params)) or "nothing"
        summary = (
            f"Nothing to build: no 'scheme' or 'kcl_code' in the parameters (given: {given}), and the words "
            f"{intent!r} don't say which part."
        )
        self.think(summary)
        return {
            "status": "not_verified",
            "summary": summary,
            "kcl_code": "",
            "compiled": {},
            "gltf_data": "",
            "geometry_tree": [],
            "mass_properties": {},
            "validation_logs": [summary],
            "questions": questions,
        }
