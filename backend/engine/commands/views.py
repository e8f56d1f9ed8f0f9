"""Commands that only change what is seen. They are accepted and have no effect on geometry."""

from __future__ import annotations

from typing import Any

from backend.engine.protocol.dispatch import COMMANDS, Command, command
from backend.engine.protocol.fields import anything, boolean, color, entities, entity, number, text
from backend.engine.scene import Scene


def _nothing(scene: Scene, cmd_id: str, **_: Any) -> None:
    return None


def _visual(name: str, *fields: str) -> None:
    COMMANDS[name] = Command(name, {}, dict.fromkeys(fields, (anything, None)), _nothing, True)


_visual("begin_execution", "enable_render")
_visual("end_execution")
_visual("toggle_graphics", "graphics_enabled", "enabled", "enable")
_visual("set_kcl_version", "version", "kcl_version", "major", "minor")
_visual("edge_lines_visible", "hidden")
_visual("set_grid_scale", "value", "units")
_visual("set_grid_auto_scale")
_visual("set_grid_reference_plane", "grid_id", "reference_id")
_visual("set_default_system_properties", "color", "backface_color", "highlight_color", "selection_color", "tolerance")
_visual("set_background_color", "color")
_visual("set_current_tool_properties", "color")
_visual("set_tool", "tool")
_visual("set_selection_type", "selection_type")
_visual("set_selection_filter", "filter")
_visual("make_axes_gizmo", "gizmo_mode", "clobber")
_visual("object_bring_to_front", "object_id")
_visual("send_object", "object_id", "front")
_visual("entity_set_opacity", "entity_id", "opacity")
_visual("entity_fade", "entity_id", "fade_in", "duration_seconds")
_visual("highlight_set_entities", "entities")
_visual("reconfigure_stream", "width", "height", "fps", "bitrate")
_visual("curve_set_constraint", "object_id", "constraint_bound", "constraint_type")


@command("set_order_independent_transparency", enabled=(boolean, False))
def set_transparency(scene: Scene, cmd_id: str, enabled: bool) -> dict[str, Any]:
    """How a viewer mixes transparent surfaces; pictures here show bodies opaque."""
    return {"enabled": enabled}


@command("select_clear")
def select_clear(scene: Scene, cmd_id: str) -> None:
    scene.selected = []


@command("select_replace", {"entities": entities})
def select_replace(scene: Scene, cmd_id: str, entities: list[str]) -> None:
    scene.selected = list(dict.fromkeys(entities))


@command("select_add", {"entities": entities})
def select_add(scene: Scene, cmd_id: str, entities: list[str]) -> None:
    scene.selected = list(dict.fromkeys([*scene.selected, *entities]))


@command("select_remove", {"entities": entities})
def select_remove(scene: Scene, cmd_id: str, entities: list[str]) -> None:
    scene.selected = [item for item in scene.selected if item not in entities]


@command("select_get")
def select_get(scene: Scene, cmd_id: str) -> dict[str, Any]:
    return {"entity_ids": scene.selected}


@command("object_visible", {"object_id": entity, "hidden": boolean})
def object_visible(scene: Scene, cmd_id: str, object_id: str, hidden: bool) -> None:
    """Hides or shows an entity; hidden bodies stay in the scene, but not in its measures and exports."""
    body = scene.aliases.get(object_id)
    for holder in (scene.planes.get(object_id), scene.paths.get(object_id), scene.regions.get(object_id)):
        if holder is not None and body is None:
            holder.hidden = hidden
    if body is not None:
        body.hidden = hidden


@command(
    "object_set_material_params_pbr",
    {"object_id": entity, "color": color},
    metalness=(number, 0.0),
    roughness=(number, 0.0),
    ambient_occlusion=(number, 0.0),
    backface_color=(anything, None),
)
def object_set_material(
    scene: Scene, cmd_id: str, object_id: str, color: Any, metalness: float, roughness: float, **_: Any
) -> None:
    body = scene.aliases.get(object_id)
    if body is not None:
        body.color = color
        body.material = {"metalness": metalness, "roughness": roughness}


@command("object_set_name", {"object_id": entity}, name=(text, ""))
def object_set_name(scene: Scene, cmd_id: str, object_id: str, name: str) -> None:
    scene.body(object_id).name = name


@command("remove_scene_objects", {"object_ids": anything})
def remove_scene_objects(scene: Scene, cmd_id: str, object_ids: list[str]) -> None:
    for object_id in object_ids:
        body = scene.aliases.get(object_id)
        if body is not None:
            scene.remove_body(body)
        scene.paths.pop(object_id, None)
        scene.regions.pop(object_id, None)
        scene.planes.pop(object_id, None)


@command("scene_clear_all")
def scene_clear_all(scene: Scene, cmd_id: str) -> None:
    commands, seconds = scene.commands, scene.occt_s
    scene.__init__()  # type: ignore[misc]
    scene.commands, scene.occt_s = commands, seconds
