"""GD&T annotations: the official way for a program to name faces and to give tolerances."""

from __future__ import annotations

from typing import Any

from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import anything, boolean, entity, mapping
from backend.engine.scene import Annotation, Scene


@command("new_annotation", {"options": mapping}, clobber=(boolean, False), annotation_type=(anything, None))
def new_annotation(scene: Scene, cmd_id: str, options: dict[str, Any], clobber: bool, annotation_type: Any) -> None:
    """Keeps the annotation: its name, its text, and the entity it is on."""
    feature = options.get("feature_control") or options.get("feature_tag") or {}
    raw = feature.get("entity_id")
    text = feature.get("prefix") or feature.get("value") or ""
    if isinstance(options.get("text"), dict):
        text = text or str(options["text"].get("text") or "")
    entity_id = entity(raw) if raw is not None else None
    scene.annotations.append(Annotation(cmd_id, entity_id, str(options.get("name") or ""), str(text), options))


@command("update_annotation", {"annotation_id": entity, "options": mapping})
def update_annotation(scene: Scene, cmd_id: str, annotation_id: str, options: dict[str, Any]) -> None:
    for note in scene.annotations:
        if note.id == annotation_id:
            note.options = {**note.options, **{key: value for key, value in options.items() if value is not None}}
