"""Pictures of meshes without a graphics card: rays by Embree on the CPU, shading by numpy, writing by Pillow.

``render_mesh(vertices, triangles, view="iso", …)`` returns a ``PIL.Image``; ``render_png`` the bytes of a PNG.
No OCP is needed. Importing this package costs nothing; Embree, numpy and Pillow come with the first picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.engine.render.camera import Camera
    from backend.engine.render.picture import render_mesh, render_png

__all__ = ["Camera", "render_mesh", "render_png"]


def __getattr__(name: str) -> Any:
    if name in ("render_mesh", "render_png"):
        from backend.engine.render import picture

        return getattr(picture, name)
    if name == "Camera":
        from backend.engine.render.camera import Camera

        return Camera
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
