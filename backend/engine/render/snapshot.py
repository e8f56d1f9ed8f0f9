"""The protocol's camera and its snapshots: what ``default_camera_*``, ``view_*``, ``zoom_to_fit`` and
``take_snapshot`` mean, answered by the CPU renderer."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import Mesh, concatenate
from backend.engine.render.camera import VIEWS, Camera, camera_axes, fit, look_at
from backend.engine.render.picture import DEFAULT_COLOR, render_mesh, render_png

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 1024, 768
FORMATS = {"png": "PNG", "jpeg": "JPEG"}
_FIELD_OF_VIEW_DEG = 45.0
_START_DISTANCE_MM = 1000.0


class SnapshotCamera:
    """The camera of a session. It starts as the isometric view of the origin, orthographic.

    Lengths are mm. :meth:`settings` is what the protocol answers to camera commands.
    """

    def __init__(self, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.width, self.height = width, height
        self.orthographic = True
        self.field_of_view_deg = _FIELD_OF_VIEW_DEG
        right, up, forward = camera_axes(-45.0, math.degrees(math.atan(1 / math.sqrt(2))))
        self._axes = (right, up, forward)
        self._camera = Camera(
            -forward * _START_DISTANCE_MM, np.zeros(3), right, up, forward, self._height_at(_START_DISTANCE_MM)
        )

    def _height_at(self, distance_mm: float) -> float:
        return 2.0 * distance_mm * math.tan(math.radians(self.field_of_view_deg) / 2)

    @property
    def _lens_deg(self) -> float:
        return 0.0 if self.orthographic else self.field_of_view_deg

    def look_at(self, vantage: Mapping[str, float], center: Mapping[str, float], up: Mapping[str, float]) -> None:
        """``default_camera_look_at``: points as {"x", "y", "z"}. Raises EngineError when they give no view."""
        eye, target, upward = (np.array([float(p[axis]) for axis in "xyz"]) for p in (vantage, center, up))
        distance = float(np.linalg.norm(target - eye))
        try:
            camera = look_at(eye, target, upward, max(self._height_at(distance), 1e-9), self._lens_deg)
        except ValueError as error:
            raise EngineError(f"The camera can't look that way: {error}.", code="bad_request") from None
        self._camera, self._axes = camera, (camera.right, camera.up, camera.forward)

    def center_on(self, point: Any, moves: bool) -> None:
        """Looks at a point (3,): the camera moves along with its target, or turns where it stands."""
        target, old = np.asarray(point, dtype=np.float64), self._camera
        eye = old.eye + (target - old.target) if moves else old.eye
        forward = target - eye
        across = np.linalg.norm(np.cross(forward, old.up))
        if across < 1e-9 * max(float(np.linalg.norm(forward)), 1e-9):
            raise EngineError("The camera can't look that way: the point lies above or below it.", code="bad_request")
        camera = look_at(eye, target, old.up, old.height_mm, self._lens_deg)
        self._camera, self._axes = camera, (camera.right, camera.up, camera.forward)

    def view(self, azimuth_deg: float, elevation_deg: float, points: Any, padding: float = 0.0) -> None:
        """A view from a direction, fitted to points (n, 3)."""
        self._axes = camera_axes(azimuth_deg, elevation_deg)
        self.zoom_to_fit(points, padding)

    def view_isometric(self, points: Any, padding: float = 0.0) -> None:
        """``view_isometric``: from the front right above, fitted to points (n, 3)."""
        self.view(-45.0, math.degrees(math.atan(1 / math.sqrt(2))), points, padding)

    def zoom_to_fit(self, points: Any, padding: float = 0.0) -> None:
        """``zoom_to_fit``: the view spans (1 + padding) times what is to be seen; the direction stays.

        ``points`` (n, 3) are the vertices of what is to be seen; none of them leaves the camera as it is.
        """
        cloud = np.asarray(points, dtype=np.float64).reshape(-1, 3)
        if len(cloud) == 0:
            return
        free = 1.0 / max(1.0 + float(padding), 0.05)
        margin = (1.0 - free) / 2
        self._camera = fit(
            cloud,
            self._axes,
            aspect=self.width / self.height,
            margin=(margin, margin, margin, margin),
            field_of_view_deg=self._lens_deg,
        )

    def set_orthographic(self) -> None:
        """``default_camera_set_orthographic``: the picture keeps its height at the target."""
        self._change_lens(True, self.field_of_view_deg)

    def set_perspective(self, fov_y_deg: float | None = None) -> None:
        """``default_camera_set_perspective``: the vertical angle, 1 to 150 degrees; None keeps the last one."""
        angle = self.field_of_view_deg if fov_y_deg is None else float(fov_y_deg)
        if not 1.0 <= angle <= 150.0:
            raise EngineError(f"fov_y = {angle:g} degrees is not possible: 1 to 150.", code="bad_request")
        self._change_lens(False, angle)

    def _change_lens(self, orthographic: bool, angle_deg: float) -> None:
        self.orthographic, self.field_of_view_deg = orthographic, angle_deg
        old = self._camera
        distance = float((old.target - old.eye) @ old.forward)
        if not orthographic:
            distance = old.height_mm / (2.0 * math.tan(math.radians(angle_deg) / 2))
        eye = old.target - old.forward * distance
        self._camera = Camera(eye, old.target, old.right, old.up, old.forward, old.height_mm, self._lens_deg)

    def settings(self) -> dict[str, Any]:
        """The protocol's camera settings: pos, center, up, orientation (quaternion), fov_y, ortho_scale, ortho."""
        camera = self._camera
        return {
            "pos": _point(camera.eye),
            "center": _point(camera.target),
            "up": _point(camera.up),
            "orientation": _quaternion(camera),
            "fov_y": self.field_of_view_deg,
            "ortho_scale": camera.height_mm if self.orthographic else None,
            "ortho": self.orthographic,
        }

    def snapshot(self, meshes: Sequence[Mesh], format: str = "png", *, edges: bool = True) -> bytes:
        """``take_snapshot``: the meshes as the bytes of a "png" or "jpeg" picture; white where there are none.

        Raises EngineError (``unsupported``) for another format.
        """
        if format not in FORMATS:
            raise EngineError(f"take_snapshot: format {format!r} is not known: use png or jpeg.", code="unsupported")
        from PIL import Image

        joined = concatenate(list(meshes))
        if len(joined.triangles) == 0:
            picture = Image.new("RGB", (self.width, self.height), "white")
        else:
            counts = [len(mesh.triangles) for mesh in meshes]
            color = np.array([(mesh.color or DEFAULT_COLOR)[:3] for mesh in meshes])
            picture = render_mesh(
                joined.vertices,
                joined.triangles,
                view=self._camera,
                width=self.width,
                height=self.height,
                normals=joined.normals,
                face_index=joined.face_index,
                body_index=np.repeat(np.arange(len(counts)), counts),
                triangle_colors=np.repeat(color, counts, axis=0),
                edges=edges,
                triad=False,
            )
        stream = io.BytesIO()
        picture.save(stream, format=FORMATS[format], **({"quality": 92} if format == "jpeg" else {}))
        return stream.getvalue()


def _point(vector: Floats) -> dict[str, float]:
    return {axis: float(value) + 0.0 for axis, value in zip("xyz", vector, strict=True)}


def _quaternion(camera: Camera) -> dict[str, float]:
    """The turn that takes the axes x, y, z to the camera's right, up and backward (Shepperd 1978: largest first)."""
    matrix = np.stack([camera.right, camera.up, -camera.forward], axis=1)
    squares = np.array(
        [
            1 + matrix[0, 0] - matrix[1, 1] - matrix[2, 2],
            1 - matrix[0, 0] + matrix[1, 1] - matrix[2, 2],
            1 - matrix[0, 0] - matrix[1, 1] + matrix[2, 2],
            1 + np.trace(matrix),
        ]
    )
    products = np.array(
        [
            [squares[0], matrix[0, 1] + matrix[1, 0], matrix[0, 2] + matrix[2, 0], matrix[2, 1] - matrix[1, 2]],
            [matrix[0, 1] + matrix[1, 0], squares[1], matrix[1, 2] + matrix[2, 1], matrix[0, 2] - matrix[2, 0]],
            [matrix[0, 2] + matrix[2, 0], matrix[1, 2] + matrix[2, 1], squares[2], matrix[1, 0] - matrix[0, 1]],
            [matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1], squares[3]],
        ]
    )
    best = products[int(squares.argmax())]
    unit = best / np.linalg.norm(best)
    return {axis: float(value) for axis, value in zip("xyzw", unit, strict=True)}


def portrait(meshes: Sequence[Mesh], view: str = "iso", width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """The meshes from a named view, fitted to the picture, in their own colours, as the bytes of a PNG.

    Raises EngineError (``bad_request``) for a view that isn't known, a size beyond 16 to 8192 pixels, or no meshes.
    """
    if view not in VIEWS:
        raise EngineError(f"the view {view!r} is not known: use one of {', '.join(VIEWS)}", code="bad_request")
    if not (16 <= width <= 8192 and 16 <= height <= 8192):
        raise EngineError(f"a picture of {width} x {height} pixels is not possible: 16 to 8192", code="bad_request")
    joined = concatenate(list(meshes))
    if len(joined.triangles) == 0:
        raise EngineError("there is nothing to see: the model has no triangles", code="bad_request")
    counts = [len(mesh.triangles) for mesh in meshes]
    color = np.array([(mesh.color or DEFAULT_COLOR)[:3] for mesh in meshes])
    return render_png(
        joined.vertices,
        joined.triangles,
        view=view,
        width=width,
        height=height,
        normals=joined.normals,
        face_index=joined.face_index,
        body_index=np.repeat(np.arange(len(counts)), counts),
        triangle_colors=np.repeat(color, counts, axis=0),
        edges=True,
    )
