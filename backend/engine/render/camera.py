"""Where the picture is taken from. Models are in mm with Z up and their front towards -Y."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# azimuth (deg from +X towards +Y, of the place the camera stands at) and elevation (deg above the XY plane)
VIEWS: dict[str, tuple[float, float]] = {
    "iso": (-60.0, 28.0),
    "isometric": (-45.0, 35.264389682754654),
    "iso_left": (-120.0, 28.0),
    "iso_back": (120.0, 28.0),
    "iso_below": (-60.0, -28.0),
    "front": (-90.0, 0.0),
    "back": (90.0, 0.0),
    "right": (0.0, 0.0),
    "left": (180.0, 0.0),
    "top": (-90.0, 90.0),
    "bottom": (-90.0, -90.0),
}


@dataclass(frozen=True)
class Camera:
    """A camera: eye and target in mm, the picture's axes, and the height of the picture.

    ``right``, ``up`` and ``forward`` are unit vectors (right-handed: right x up = -forward). ``height_mm`` is the
    height that fits in the picture at the target. ``field_of_view_deg`` is the vertical angle of a perspective, 0 for
    an orthographic view.
    """

    eye: Floats
    target: Floats
    right: Floats
    up: Floats
    forward: Floats
    height_mm: float
    field_of_view_deg: float = 0.0

    def project(self, points: Any, width: int, height: int) -> tuple[Floats, Floats]:
        """Pixel coordinates (n, 2), y down, and distance along the view (n,) of points (n, 3)."""
        relative = np.asarray(points, dtype=np.float64).reshape(-1, 3) - self.eye
        depth = relative @ self.forward
        scale = height / self.height_mm
        x, y = relative @ self.right, relative @ self.up
        if self.field_of_view_deg > 0.0:
            reference = float((self.target - self.eye) @ self.forward)
            factor = reference / np.maximum(depth, 1e-9)
            x, y = x * factor, y * factor
        return np.stack([width / 2 + x * scale, height / 2 - y * scale], axis=1), depth


def camera_axes(azimuth_deg: float, elevation_deg: float) -> tuple[Floats, Floats, Floats]:
    """``right``, ``up``, ``forward`` of a camera that stands at the given angles and looks at the origin."""
    azimuth, elevation = math.radians(azimuth_deg), math.radians(elevation_deg)
    right = np.array([-math.sin(azimuth), math.cos(azimuth), 0.0])
    forward = -np.array(
        [
            math.cos(elevation) * math.cos(azimuth),
            math.cos(elevation) * math.sin(azimuth),
            math.sin(elevation),
        ]
    )
    return right, np.cross(right, forward), forward


def frame(
    points: Any,
    view: str | tuple[float, float] = "iso",
    *,
    aspect: float = 4 / 3,
    margin: tuple[float, float, float, float] = (0.06, 0.06, 0.06, 0.06),
    field_of_view_deg: float = 0.0,
) -> Camera:
    """A camera that shows all the points as large as the margins allow.

    ``view`` is a name of :data:`VIEWS` or (azimuth, elevation) in degrees; ``margin`` the parts of the picture left
    free at left, top, right and bottom; ``aspect`` width over height. Raises ValueError for an unknown view.
    """
    if isinstance(view, str):
        if view not in VIEWS:
            raise ValueError(f"view {view!r} is not known: use one of {', '.join(VIEWS)} or (azimuth, elevation)")
        view = VIEWS[view]
    right, up, forward = camera_axes(*view)
    cloud = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    if len(cloud) == 0:
        cloud = np.zeros((1, 3))
    center = 0.5 * (cloud.min(axis=0) + cloud.max(axis=0))
    radius = max(float(np.linalg.norm(cloud - center, axis=1).max()), 1e-6)
    left_margin, top_margin, right_margin, bottom_margin = margin
    free_x, free_y = max(1.0 - left_margin - right_margin, 0.1), max(1.0 - top_margin - bottom_margin, 0.1)

    if field_of_view_deg > 0.0:
        # far enough that the whole cloud is in front; then the extent is measured in the projection itself
        distance = radius / math.sin(math.radians(field_of_view_deg) / 2) * 1.05
        for _ in range(4):
            eye = center - forward * distance
            relative = cloud - eye
            depth = np.maximum(relative @ forward, distance * 0.05)
            x, y = relative @ right / depth, relative @ up / depth
            center = center + (right * (x.min() + x.max()) + up * (y.min() + y.max())) * 0.5 * distance
        eye = center - forward * distance
        relative = cloud - eye
        depth = np.maximum(relative @ forward, distance * 0.05)
        x, y = relative @ right / depth * distance, relative @ up / depth * distance
    else:
        distance = 4.0 * radius
        relative = cloud - center
        x, y = relative @ right, relative @ up
        center = center + right * (x.min() + x.max()) / 2 + up * (y.min() + y.max()) / 2
    width_mm, height_mm = float(np.ptp(x)), float(np.ptp(y))
    picture_mm = max(height_mm / free_y, width_mm / free_x / aspect, 1e-6)
    # margins that differ push the subject off the middle
    target = (
        center
        + right * (right_margin - left_margin) / 2 * picture_mm * aspect
        + up * (top_margin - bottom_margin) / 2 * picture_mm
    )
    return Camera(target - forward * distance, target, right, up, forward, picture_mm, field_of_view_deg)


def look_at(eye: Any, target: Any, up: Any, height_mm: float, field_of_view_deg: float = 0.0) -> Camera:
    """A camera from eye to target; ``up`` is made perpendicular to the view. Raises ValueError when it can't be."""
    forward = np.asarray(target, dtype=np.float64) - np.asarray(eye, dtype=np.float64)
    length = float(np.linalg.norm(forward))
    right = np.cross(forward, np.asarray(up, dtype=np.float64))
    across = float(np.linalg.norm(right))
    if length == 0.0 or across < 1e-12:
        raise ValueError("eye and target are the same point, or up lies along the view")
    forward, right = forward / length, right / across
    return Camera(
        np.asarray(eye, dtype=np.float64),
        np.asarray(target, dtype=np.float64),
        right,
        np.cross(right, forward),
        forward,
        height_mm,
        field_of_view_deg,
    )
