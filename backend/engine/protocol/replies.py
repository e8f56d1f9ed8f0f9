"""Replies without content.

The official interpreter takes ``empty`` for any command; clients on the public SDK wait for the reply that bears the
command's name. Listed are the commands whose reply has no field that must be there (public type definitions of the
protocol); the others say ``empty`` where this engine has nothing to tell.
"""

from __future__ import annotations

from typing import Any

_NAMED = """
begin_execution boolean_imprint boolean_intersection boolean_subtract boolean_union curve_set_constraint
default_camera_center_to_selection
default_camera_look_at default_camera_set_orthographic default_camera_set_perspective edge_lines_visible
enable_sketch_mode end_execution entity_delete_children entity_fade entity_set_opacity extend_path extrude
extrude_to_reference highlight_set_entities make_axes_gizmo make_plane move_path_pen new_annotation
object_bring_to_front object_set_material_params_pbr object_set_name object_visible plane_set_color reconfigure_stream
remove_scene_objects revolve revolve_about_edge scene_clear_all select_add select_clear select_remove select_replace
send_object set_background_color set_current_tool_properties set_default_system_properties set_grid_auto_scale
set_grid_reference_plane set_grid_scale set_kcl_version set_object_transform set_selection_filter set_selection_type
set_tool sketch_mode_disable solid2d_add_hole solid3d_cut_edge_references solid3d_cut_edges solid3d_fillet_edge
solid3d_flip solid3d_join solid3d_multi_join solid3d_shell_face start_path surface_blend sweep toggle_graphics
twist_extrude update_annotation
"""
NAMED = frozenset(_NAMED.split())


def modeling_response(name: str, data: dict[str, Any] | None) -> dict[str, Any]:
    """The ``modeling_response`` of a command's reply."""
    if data is not None:
        return {"type": name, "data": data}
    return {"type": name, "data": {}} if name in NAMED else {"type": "empty"}
