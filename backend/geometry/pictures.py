"""Pictures for reports: the part, its four views, its stress and its displacement, as PNG bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from backend.engine.exchange.gltf_read import read_glb
from backend.engine.exchange.mesh import Mesh
from backend.engine.render import render_mesh, render_png
from backend.geometry.fields import FieldMesh, read_fields, scale_limits
from backend.geometry.manifold import read_mesh_file

WIDTH, HEIGHT = 1000, 750
# colours for several bodies, light enough to show edges and shade
_BODY_COLORS = (
    (0.70, 0.735, 0.775),
    (0.93, 0.76, 0.52),
    (0.62, 0.78, 0.66),
    (0.79, 0.68, 0.80),
    (0.55, 0.71, 0.86),
    (0.88, 0.62, 0.58),
)


def part_picture(
    mesh: str | Path,
    *,
    view: str | tuple[float, float] = "iso",
    width: int = WIDTH,
    height: int = HEIGHT,
    title: str = "",
    caption: str = "",
) -> bytes:
    """The part in a shaded view, from an STL or GLB file; several bodies of a GLB get colours of their own."""
    return render_png(
        **_loaded(Path(mesh)), view=view, width=width, height=height, title=title, caption=caption, edges=True
    )


def views_picture(mesh: str | Path, *, width: int = 1200, height: int = 900) -> bytes:
    """Front, right, top and an isometric view on one sheet, third-angle: top above front, right beside it."""
    from PIL import Image

    loaded = _loaded(Path(mesh))
    half = (width // 2, height // 2)
    sheet = Image.new("RGB", (half[0] * 2, half[1] * 2), "white")
    for name, place in (("top", (0, 0)), ("isometric", (1, 0)), ("front", (0, 1)), ("right", (1, 1))):
        picture = render_mesh(**loaded, view=name, width=half[0], height=half[1], title=name.capitalize(), floor=False)
        sheet.paste(picture, (place[0] * half[0], place[1] * half[1]))
    stream = io.BytesIO()
    sheet.save(stream, format="PNG")
    return stream.getvalue()


def stress_picture(
    fem_fields: str | Path,
    *,
    view: str | tuple[float, float] | None = None,
    scalar_range_mpa: tuple[float, float] | None = None,
    deform_scale: float | str | None = "auto",
    width: int = WIDTH,
    height: int = HEIGHT,
    title: str = "",
    caption: str = "",
) -> bytes:
    """The von Mises stress on the displaced part, with legend and the place of the largest value.

    ``view`` None takes the corner view from which that place is seen. The scale ends at the largest value, or below it
    where one spot stands out (see :func:`backend.geometry.fields.scale_limits`); the legend marks that with ">".
    """
    field = read_fields(fem_fields)
    return render_png(
        **_mesh_of(field),
        view=view or _view_on(field, int(np.nanargmax(field.von_mises_mpa))),
        width=width,
        height=height,
        scalars=field.von_mises_mpa,
        scalar_range=scalar_range_mpa or scale_limits(field.von_mises_mpa),
        legend={"title": "von Mises stress", "unit": "MPa"},
        markers="max",
        displacement_mm=field.displacement_mm,
        deform_scale=deform_scale,
        title=title,
        caption=caption,
    )


def displacement_picture(
    fem_fields: str | Path,
    *,
    view: str | tuple[float, float] | None = None,
    deform_scale: float | str | None = "auto",
    width: int = WIDTH,
    height: int = HEIGHT,
    title: str = "",
    caption: str = "",
) -> bytes:
    """The size of the displacement on the displaced part, with legend and the place of the largest value."""
    field = read_fields(fem_fields)
    size = np.linalg.norm(field.displacement_mm, axis=1)
    return render_png(
        **_mesh_of(field),
        view=view or _view_on(field, int(np.nanargmax(size))),
        width=width,
        height=height,
        scalars=size,
        legend={"title": "Displacement", "unit": "mm"},
        markers="max",
        displacement_mm=field.displacement_mm,
        deform_scale=deform_scale,
        title=title,
        caption=caption,
    )


def _mesh_of(field: FieldMesh) -> dict[str, Any]:
    return {"vertices": field.vertices_mm, "triangles": field.triangles, "face_index": field.face_index}


def _view_on(field: FieldMesh, vertex: int) -> str:
    """The corner view from which a vertex is seen best: no material before it, its face turned to the viewer."""
    from backend.engine.render.camera import frame
    from backend.engine.render.raycast import RayScene, to_view

    touching = field.triangles[(field.triangles == vertex).any(axis=1)]
    corners = field.vertices_mm[touching]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).sum(axis=0)
    normal /= max(float(np.linalg.norm(normal)), 1e-30)
    used = field.vertices_mm[np.unique(field.triangles)]
    best, best_score = "iso", -np.inf
    for number, name in enumerate(("iso", "iso_left", "iso_back", "iso_below")):
        camera = frame(used, name)
        placed = to_view(camera, field.vertices_mm)
        visible = RayScene(placed, field.triangles).is_visible(camera, placed[vertex])
        score = (2.0 if visible else 0.0) - float(normal @ camera.forward) - 0.25 * number
        if score > best_score + 1e-9:
            best, best_score = name, score
    return best


def _loaded(path: Path) -> dict[str, Any]:
    """Arguments for the renderer from a mesh file."""
    if path.suffix.lower() == ".stl":
        vertices, triangles = read_mesh_file(path)
        return {"vertices": vertices, "triangles": triangles}
    meshes = read_glb(path.read_bytes())
    if len(meshes) == 1:
        return {"vertices": meshes[0].vertices, "triangles": meshes[0].triangles}
    return _several(meshes)


def _several(meshes: list[Mesh]) -> dict[str, Any]:
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    triangles = np.concatenate([mesh.triangles + offset for mesh, offset in zip(meshes, offsets, strict=True)])
    body = np.concatenate([np.full(len(mesh.triangles), number) for number, mesh in enumerate(meshes)])
    palette = np.asarray(_BODY_COLORS)
    return {
        "vertices": np.concatenate([mesh.vertices for mesh in meshes]),
        "triangles": triangles,
        "body_index": body,
        "triangle_colors": palette[body % len(palette)],
    }
