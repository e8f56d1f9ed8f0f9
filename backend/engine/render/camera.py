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
    return fit(points, camera_axes(*view), aspect=aspect, margin=margin, field_of_view_deg=field_of_view_deg)


def fit(
    points: Any,
    axes: tuple[Floats, Floats, Floats],
    *,
    aspect: float = 4 / 3,
    margin: tuple[float, float, float, float] = (0.06, 0.06, 0.06, 0.06),
    field_of_view_deg: float = 0.0,
) -> Camera:
    """As :func:`frame`, for a camera with given ``right``, ``up`` and ``forward`` unit vectors."""
    right, up, forward = axes
    cloud = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    if len(cloud) == 0:
        cloud = np.zeros((1, 3))
    center = 0.5 * (cloud.min(axis=0) + cloud.max(axis=0))
    radius = max(float(np.linalg.norm(cloud - center, axis=1).max()), 1e-6)
    left_margin, top_margin, right_margin, bottom_margin = margin
    free_x, free_y = max(1.0 - left_margin - right_margin, 0.1), max(1.0 - top_margin - bottom_margin, 0.1)
    # far enough that the whole cloud is in front
    distance = radius / math.sin(math.radians(field_of_view_deg) / 2) * 1.05 if field_of_view_deg > 0 else 4.0 * radius
    for _ in range(4 if field_of_view_deg > 0.0 else 1):
        # in a perspective the middle of what is seen moves with the centre: a few rounds settle it
        x, y = _seen_from(cloud, center - forward * distance, axes, distance, field_of_view_deg)
        center = center + right * (x.min() + x.max()) / 2 + up * (y.min() + y.max()) / 2
    x, y = _seen_from(cloud, center - forward * distance, axes, distance, field_of_view_deg)
    picture_mm = max(float(np.ptp(y)) / free_y, float(np.ptp(x)) / free_x / aspect, 1e-6)
    # margins that differ push the subject off the middle
    across = (right_margin - left_margin) / 2 * picture_mm * aspect
    target = center + right * across + up * (top_margin - bottom_margin) / 2 * picture_mm
    return Camera(target - forward * distance, target, right, up, forward, picture_mm, field_of_view_deg)


def _seen_from(
    cloud: Floats, eye: Floats, axes: tuple[Floats, Floats, Floats], distance: float, field_of_view_deg: float
) -> tuple[Floats, Floats]:
    """Places (n,), (n,) in the plane at ``distance`` from the eye, in mm along right and up."""
    right, up, forward = axes
    relative = cloud - eye
    x, y = relative @ right, relative @ up
    if field_of_view_deg > 0.0:
        depth = np.maximum(relative @ forward, distance * 0.05)
        x, y = x / depth * distance, y / depth * distance
    return x, y


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
