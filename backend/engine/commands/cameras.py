"""The camera and its pictures, drawn by our own renderer on the CPU."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from backend.engine import results
from backend.engine.commands.inspection import shape_of
from backend.engine.commands.sketches import face_frame
from backend.engine.exchange.tessellate import tessellate
from backend.engine.kernel import shapes
from backend.engine.measure import bounding_box
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import anything, boolean, entities, entity, mapping, number, one_of, optional, text
from backend.engine.render.snapshot import SnapshotCamera
from backend.engine.scene import Body, Scene


def _camera(scene: Scene) -> SnapshotCamera:
    if scene.camera is None:
        scene.camera = SnapshotCamera()
    camera: SnapshotCamera = scene.camera
    return camera


def _meshes(bodies: list[Body]) -> list[Any]:
    if not bodies:
        return []
    shape = shapes.compound(body.shape for body in bodies)
    return list(tessellate(shape, names=results.body_names(bodies), colors=results.body_colors(bodies)))


def _points(scene: Scene, ids: list[str] | None = None) -> Any:
    bodies = [scene.body(item) for item in ids] if ids else scene.visible_bodies()
    meshes = _meshes(bodies)
    return np.concatenate([mesh.vertices for mesh in meshes]) if meshes else np.zeros((0, 3))


def _settings(scene: Scene) -> dict[str, Any]:
    return {"settings": _camera(scene).settings()}


@command("default_camera_set_orthographic")
def set_orthographic(scene: Scene, cmd_id: str) -> None:
    _camera(scene).set_orthographic()


@command("default_camera_set_perspective", parameters=(optional(mapping), None))
def set_perspective(scene: Scene, cmd_id: str, parameters: dict[str, Any] | None) -> None:
    angle = (parameters or {}).get("fov_y")
    _camera(scene).set_perspective(None if angle is None else number(angle))


@command("default_camera_look_at", {"vantage": mapping, "center": mapping, "up": mapping}, sequence=(anything, None))
def camera_look_at(
    scene: Scene, cmd_id: str, vantage: dict[str, Any], center: dict[str, Any], up: dict[str, Any], sequence: Any
) -> dict[str, Any]:
    _camera(scene).look_at(vantage, center, up)
    return _settings(scene)


@command("default_camera_get_settings")
def camera_settings(scene: Scene, cmd_id: str) -> dict[str, Any]:
    return _settings(scene)


@command("zoom_to_fit", object_ids=(entities, []), padding=(number, 0.0), animated=(boolean, False))
def zoom_to_fit(scene: Scene, cmd_id: str, object_ids: list[str], padding: float, animated: bool) -> dict[str, Any]:
    _camera(scene).zoom_to_fit(_points(scene, object_ids), padding)
    return _settings(scene)


@command("view_isometric", padding=(number, 0.0))
def view_isometric(scene: Scene, cmd_id: str, padding: float) -> dict[str, Any]:
    _camera(scene).view_isometric(_points(scene), padding)
    return _settings(scene)


@command("orient_to_face", {"face_id": entity}, padding=(number, 0.0), animated=(boolean, False))
def orient_to_face(scene: Scene, cmd_id: str, face_id: str, padding: float, animated: bool) -> dict[str, Any]:
    """Looks straight at a planar face."""
    body, _ = scene.face(face_id)
    frame = face_frame(body, face_id)
    camera = _camera(scene)
    eye = frame.point(0, 0, 1000.0)

    def triple(item: Any) -> dict[str, float]:
        return {"x": item.X(), "y": item.Y(), "z": item.Z()}

    camera.look_at(triple(eye), triple(frame.origin), triple(frame.y))
    camera.zoom_to_fit(_points(scene, [body.id]), padding)
    return _settings(scene)


@command("default_camera_center_to_selection", camera_movement=(one_of("vantage", "none"), "vantage"))
def center_to_selection(scene: Scene, cmd_id: str, camera_movement: str) -> None:
    """Looks at the middle of what is selected (of the origin where nothing is): the camera moves along, or turns."""
    boxes = [bounding_box(shape_of(scene, item)) for item in scene.selected]
    corners = [box[end] for box in boxes if box is not None for end in ("min", "max")]
    middle = (np.min(corners, axis=0) + np.max(corners, axis=0)) / 2 if corners else np.zeros(3)
    _camera(scene).center_on(middle, moves=camera_movement == "vantage")


@command("take_snapshot", {"format": text})
def take_snapshot(scene: Scene, cmd_id: str, format: str) -> dict[str, Any]:
    picture = _camera(scene).snapshot(_meshes(scene.visible_bodies()), format)
    return {"contents": base64.b64encode(picture).decode("ascii")}
