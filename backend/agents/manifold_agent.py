"""Checks that a mesh is closed, oriented and free of degenerate triangles."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from backend.agents.base import BaseAgent, describe
from backend.errors import InputError
from backend.schema import Check, Status


class ManifoldAgent(BaseAgent):
    """Looks at the mesh that will be printed and shown."""

    stage = "geometry"

    async def run(self, params: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """From ``mesh`` (path of an STL or GLB) or ``compiled`` with such a file; returns ``manifold`` and ``logs``."""
        compiled = params.get("compiled") or {}
        files = compiled.get("files") or {}
        mesh = params.get("mesh") or files.get("stl") or files.get("glb")
        if not mesh:
            text = "no mesh was given: 'mesh' or a compiled model with an STL or GLB file is needed"
            check = _check(Status.NOT_VERIFIED, text)
            return {"status": "not_verified", "summary": text, "logs": [text], "checks": [check], "manifold": {}}
        from backend.geometry import check_manifold

        try:
            report = await asyncio.to_thread(check_manifold, Path(mesh), expected_volume_mm3=compiled.get("volume_mm3"))
        except (OSError, InputError) as problem:
            text = f"the mesh {Path(mesh).name} can't be read: {problem}"
            return {
                "status": "error",
                "summary": text,
                "logs": [text],
                "checks": [_check(Status.NOT_VERIFIED, text)],
                "manifold": {},
                "error": describe(problem),
            }
        good = report.manifold and not report.problems
        text = "closed and oriented" if good else "; ".join(report.problems) or "not a closed, oriented surface"
        self.think(f"Mesh of {report.triangles} triangles: {text}", volume_mm3=report.volume_mm3)
        return {
            "status": "success" if good else "failure",
            "summary": text,
            "logs": [text, *report.problems] if not good else [text],
            "checks": [_check(Status.PASS if good else Status.FAIL, text)],
            "manifold": report.as_dict(),
        }


def _check(status: Status, reason: str) -> dict[str, Any]:
    return Check(
        id="mesh_manifold",
        title="Mesh is closed and oriented",
        status=status,
        method="every edge is shared by two triangles that run it in opposite directions",
        evidence=("model.stl",),
        reason=reason,
    ).model_dump(mode="json")
