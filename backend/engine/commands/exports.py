"""Export of the scene, or of some of its bodies, to files that travel back in the reply."""

from __future__ import annotations

from typing import Any

from backend.engine import results
from backend.engine.errors import EngineError
from backend.engine.exchange import exporting
from backend.engine.kernel import shapes
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import entities, mapping
from backend.engine.scene import Scene


def _files(scene: Scene, entity_ids: list[str], format: dict[str, Any]) -> dict[str, Any]:
    bodies = [scene.body(item) for item in entity_ids] if entity_ids else scene.visible_bodies()
    if not bodies:
        raise EngineError("export: there are no bodies in the scene")
    shape = shapes.compound(body.shape for body in bodies)
    names = results.body_names(bodies)
    colors = results.body_colors(bodies)
    return {
        "files": exporting.export_files(
            shape, format, names=names, colors=colors, notes=results.face_notes(scene, shape)
        )
    }


@command("export", {"entity_ids": entities, "format": mapping})
def export(scene: Scene, cmd_id: str, entity_ids: list[str], format: dict[str, Any]) -> dict[str, Any]:
    return _files(scene, entity_ids, format)


@command("export3d", {"entity_ids": entities, "format": mapping})
def export3d(scene: Scene, cmd_id: str, entity_ids: list[str], format: dict[str, Any]) -> dict[str, Any]:
    return _files(scene, entity_ids, format)
