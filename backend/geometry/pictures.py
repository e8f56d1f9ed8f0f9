"""Pictures for reports: the part, its four views, its stress and its displacement, as PNG bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from backend.engine.exchange.gltf_read import read_glb
from backend.engine.exchange.mesh import Mesh
from backend.engine.render import render_mesh, render_png
from backend.engine.render.camera import frame
from backend.engine.render.picture import best_view
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


def exploded_picture(
    mesh: str | Path, *, view: str | tuple[float, float] = "iso", width: int = WIDTH, height: int = HEIGHT
) -> bytes | None:
    """The bodies of a GLB one above the other, so that what they enclose is seen; None for a single body.

    Bodies keep their order by the height of their middle; each is lifted clear of the one below.
    """
    path = Path(mesh)
    meshes = read_glb(path.read_bytes()) if path.suffix.lower() == ".glb" else []
    if len(meshes) < 2:
        return None
    ordered = sorted(meshes, key=lambda body: float(np.ptp(body.vertices[:, 2]) / 2 + body.vertices[:, 2].min()))
    gap = 0.9 * float(np.ptp(np.concatenate([body.vertices for body in meshes])[:, 2]))
    lifted: list[Mesh] = []
    top = -np.inf
    for body in ordered:
        low = float(body.vertices[:, 2].min())
        lift = max(0.0, top + gap - low) if lifted else 0.0
        lifted.append(replace(body, vertices=body.vertices + np.array([0.0, 0.0, lift])))
        top = float(lifted[-1].vertices[:, 2].max())
    return render_png(**_joined(lifted), view=view, width=width, height=height, edges=True)


def views_picture(mesh: str | Path, *, width: int = 1200, height: int = 900) -> bytes:
    """Front, right, top and an isometric view on one sheet, third-angle: top above front, right beside it."""
    from PIL import Image

    loaded = _loaded(Path(mesh))
    half = (width // 2, height // 2)
    places = {"top": (0, 0), "isometric": (1, 0), "front": (0, 1), "right": (1, 1)}
    used = np.asarray(loaded["vertices"])[np.unique(loaded["triangles"])]
    cameras = {name: frame(used, name, aspect=half[0] / half[1], margin=(0.06, 0.12, 0.06, 0.06)) for name in places}
    # one scale for all, so that lengths can be compared
    tallest = max(camera.height_mm for camera in cameras.values())
    sheet = Image.new("RGB", (half[0] * 2, half[1] * 2), "white")
    for name, (column, row) in places.items():
        picture = render_mesh(
            **loaded,
            view=replace(cameras[name], height_mm=tallest),
            width=half[0],
            height=half[1],
            title=name.capitalize(),
            floor=False,
        )
        sheet.paste(picture, (column * half[0], row * half[1]))
    stream = io.BytesIO()
    sheet.save(stream, format="PNG")
    return stream.getvalue()


def stress_picture(
    fem_fields: str | Path,
    *,
    view: str | tuple[float, float] = "best",
    scalar_range_mpa: tuple[float, float] | None = None,
    assessed_at_mm: tuple[float, float, float] | None = None,
    deform_scale: float | str | None = "auto",
    width: int = WIDTH,
    height: int = HEIGHT,
    title: str = "",
    caption: str = "",
) -> bytes:
    """The von Mises stress on the displaced part, with legend and the place of the largest value.

    With ``assessed_at_mm`` that place is the one the assessment names, not a singular peak that it leaves out. ``view``
    "best" is the corner view from which the place is seen. The scale ends at the largest value, or below it where one
    spot stands out (see :func:`backend.geometry.fields.scale_limits`); the legend marks that with ">".
    """
    field = read_fields(fem_fields)
    mesh = _mesh_of(field)
    markers: Any = "max"
    if assessed_at_mm is not None:
        vertex = int(np.linalg.norm(field.vertices_mm - np.asarray(assessed_at_mm), axis=1).argmin())
        markers = [{"vertex": vertex, "label": f"assessed {field.von_mises_mpa[vertex]:.4g}"}]
        if view == "best":
            only = np.zeros(len(field.vertices_mm))
            only[vertex] = 1.0
            view = best_view(field.vertices_mm, field.triangles, only)
    return render_png(
        **mesh,
        view=view,
        width=width,
        height=height,
        scalars=field.von_mises_mpa,
        scalar_range=scalar_range_mpa or scale_limits(field.von_mises_mpa),
        legend={"title": "von Mises stress", "unit": "MPa"},
        markers=markers,
        displacement_mm=field.displacement_mm,
        deform_scale=deform_scale,
        title=title,
        caption=caption,
    )


def displacement_picture(
    fem_fields: str | Path,
    *,
    view: str | tuple[float, float] = "best",
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
        view=view,
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


def _loaded(path: Path) -> dict[str, Any]:
    """Arguments for the renderer from a mesh file."""
    if path.suffix.lower() == ".stl":
        vertices, triangles = read_mesh_file(path)
        return {"vertices": vertices, "triangles": triangles}
    return _joined(read_glb(path.read_bytes()))


def _joined(meshes: list[Mesh]) -> dict[str, Any]:
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    triangles = np.concatenate([mesh.triangles + offset for mesh, offset in zip(meshes, offsets, strict=True)])
    vertices = np.concatenate([mesh.vertices for mesh in meshes])
    body = np.concatenate([np.full(len(mesh.triangles), number) for number, mesh in enumerate(meshes)])
    arguments: dict[str, Any] = {
        "vertices": vertices,
        "triangles": triangles,
        "normals": np.concatenate([mesh.normals for mesh in meshes]),
        "face_index": _faces_by_index(triangles, len(vertices)),
        "body_index": body,
    }
    if len(meshes) > 1:
        palette = np.asarray(_BODY_COLORS)
        arguments["triangle_colors"] = palette[body % len(palette)]
    return arguments


def _faces_by_index(triangles: Any, count: int) -> Any:
    """Patches of triangles that share vertices: in our GLB files vertices are not shared between faces."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first, second = triangles[:, [0, 1]].ravel(), triangles[:, [1, 2]].ravel()
    links = coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return connected_components(links, directed=False)[1][triangles[:, 0]]
