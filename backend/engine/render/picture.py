"""A mesh as a picture: shaded, with its edges, and with a field on it if one is given."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.engine.render import overlay
from backend.engine.render.camera import Camera, frame
from backend.engine.render.colormap import DEFAULT, colormap_table
from backend.engine.render.lines import OUTLINE, SHARP, TANGENT, SampleGrid, busy_pixels, find_lines
from backend.engine.render.raycast import F32, RayScene, Samples, to_view, turn_to_view
from backend.engine.render.shading import FLOOR_REACH, AmbientShade, floor_shadow, look_up_light
from backend.engine.render.surface import Surface, prepare

Color = tuple[float, float, float]

DEFAULT_COLOR: Color = (0.70, 0.735, 0.775)
NO_VALUE_COLOR: Color = (0.80, 0.80, 0.80)
LINE_COLOR = np.array([0.11, 0.13, 0.16], dtype=np.float32)
_OVERSAMPLE = 4
_MAX_PIXELS = 16_000_000


@dataclass(frozen=True)
class _View:
    """What is common to the passes over one picture."""

    surface: Surface
    camera: Camera
    scene: RayScene
    vertices_view: NDArray[np.float64]
    flat_view: F32
    corner_view: F32
    face_index: NDArray[np.int32]
    body_index: NDArray[np.int32]
    width: int
    height: int


def render_mesh(
    vertices: Any,
    triangles: Any,
    *,
    view: str | tuple[float, float] | Camera = "iso",
    width: int = 800,
    height: int = 600,
    face_index: Any | None = None,
    body_index: Any | None = None,
    normals: Any | None = None,
    color: Sequence[float] | None = None,
    face_colors: Mapping[int, Sequence[float]] | None = None,
    triangle_colors: Any | None = None,
    scalars: Any | None = None,
    scalar_range: tuple[float, float] | None = None,
    colormap: str = DEFAULT,
    bands: int | None = None,
    legend: Mapping[str, Any] | None = None,
    markers: str | Sequence[Mapping[str, Any]] | None = None,
    displacement_mm: Any | None = None,
    deform_scale: float | str | None = None,
    edges: bool | None = None,
    perspective: bool = False,
    background: Color | tuple[Color, Color] | None = (1.0, 1.0, 1.0),
    floor: bool | None = None,
    triad: bool = True,
    title: str = "",
    caption: str = "",
) -> Any:
    """Draw triangles (m, 3) of vertices (n, 3) in mm; returns a ``PIL.Image`` (RGBA where ``background`` is None).

    view: a name ("iso", "front", "top", …), "best" for the corner view that shows the field's largest value, (azimuth,
    elevation) in degrees, or a :class:`Camera`.
    face_index (m,), body_index (m,): faces and bodies, whose borders are drawn as edges; faces are found by creases of
    30 deg where none are given. normals (n, 3): smooth vertex normals. edges: False leaves the lines out.
    color: sRGB 0..1; face_colors: {face index: sRGB}; triangle_colors (m, 3).
    scalars (n,): a field; not-a-number means "no result here" (grey). scalar_range: ends of the colour scale, default
    the field's own; bands: number of flat colour steps instead of a smooth scale. legend: {"title", "unit"}.
    markers: "min", "max", "minmax" for the field's extremes, and/or a list of {"point_mm" or "vertex", "label",
    "color"?}; a hollow mark lies behind the part.
    displacement_mm (n, 3) with deform_scale: a factor, or "auto" for 8 % of the size; drawn displaced.
    perspective: a 24 deg lens instead of an orthographic view. background: sRGB, or (top, bottom), or None =
    transparent. floor: soft shadow on the floor; default for views from above. triad: the axes cross.

    Raises ValueError for arrays that don't fit together, unknown names, or a picture larger than 16 megapixels.
    """
    if not (width >= 16 and height >= 16 and width * height <= _MAX_PIXELS):
        raise ValueError(f"a picture of {width} x {height} is not possible: 16 x 16 up to 16 megapixels")
    points = np.asarray(vertices, dtype=np.float64)
    index = np.asarray(triangles, dtype=np.int64)
    scale = 0.0
    if displacement_mm is not None and deform_scale is not None:
        moved, scale = deform(points, displacement_mm, deform_scale)
        points, normals = moved, None
    surface = prepare(points, index, face_index=face_index, normals=normals, body_index=body_index)
    field = None if scalars is None else _field(scalars, len(points))
    limits = _limits(field, scalar_range)

    shown = points[np.unique(index)]
    if isinstance(view, Camera):
        camera = view
    else:
        camera = frame(
            shown,
            best_view(points, index, field) if view == "best" else view,
            aspect=width / height,
            margin=overlay.margins(bool(legend) and field is not None, bool(title), bool(caption), width, height),
            field_of_view_deg=24.0 if perspective else 0.0,
        )
    scene_vertices = to_view(camera, points)
    context = _View(
        surface,
        camera,
        RayScene(scene_vertices, index),
        scene_vertices,
        turn_to_view(camera, surface.flat_normals).astype(np.float32),
        turn_to_view(camera, surface.corner_normals).astype(np.float32),
        surface.face_index.astype(np.int32),
        surface.body_index.astype(np.int32),
        width,
        height,
    )
    image = _background(background, width, height)
    coverage = np.zeros((height, width), dtype=np.float32)
    with_floor = floor if floor is not None else bool(camera.forward[2] < -0.15 and background is not None)
    if with_floor:
        _darken(image, _floor(context, float(shown[:, 2].min())))
    paint = _Paint(color, face_colors, triangle_colors, field, limits, colormap, bands)
    _draw(context, paint, image, coverage, lines=edges is not False)

    from PIL import Image

    if background is None:
        rgba = np.concatenate([image, coverage[..., None]], axis=-1)
        picture = Image.fromarray(np.rint(rgba * 255).clip(0, 255).astype(np.uint8), "RGBA")
    else:
        picture = Image.fromarray(np.rint(image * 255).clip(0, 255).astype(np.uint8), "RGB")
    marks = _marks(context, markers, field)
    note = caption
    if scale:
        note = f"{caption}   displacement x {overlay.number(scale)}".strip()
    return overlay.draw(
        picture,
        camera,
        marks=marks,
        legend=None
        if field is None or legend is None
        else overlay.Legend(
            str(legend.get("title", "")), str(legend.get("unit", "")), limits, colormap, bands, _extremes(field)
        ),
        triad=triad,
        title=title,
        caption=note,
    )


def best_view(points: Any, triangles: Any, field: Any | None) -> str:
    """The corner view from which the vertex with the field's largest value is seen best: no material before it, its
    surface turned to the viewer; the usual "iso" where there is no field or views are as good as each other.
    """
    if field is None:
        return "iso"
    index = np.asarray(triangles)
    vertex = int(np.nanargmax(field))
    corners = np.asarray(points)[index[(index == vertex).any(axis=1)]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).sum(axis=0)
    normal /= max(float(np.linalg.norm(normal)), 1e-30)
    used = np.asarray(points)[np.unique(index)]
    best, best_score = "iso", -np.inf
    for number, name in enumerate(("iso", "iso_left", "iso_back", "iso_below")):
        camera = frame(used, name)
        placed = to_view(camera, points)
        visible = RayScene(placed, index).is_visible(camera, placed[vertex])
        score = (2.0 if visible else 0.0) - float(normal @ camera.forward) - 0.25 * number
        if score > best_score + 1e-9:
            best, best_score = name, score
    return best


def render_png(vertices: Any, triangles: Any, **options: Any) -> bytes:
    """:func:`render_mesh` as the bytes of a PNG file."""
    stream = io.BytesIO()
    render_mesh(vertices, triangles, **options).save(stream, format="PNG", optimize=False, compress_level=6)
    return stream.getvalue()


def deform(points: NDArray[np.float64], displacement_mm: Any, scale: float | str) -> tuple[NDArray[np.float64], float]:
    """Points displaced by ``scale`` times the displacement (n, 3); "auto" shows the largest as 8 % of the size.

    Returns the points and the factor, which is rounded to 1, 2 or 5 times a power of ten for "auto".
    """
    moved = np.asarray(displacement_mm, dtype=np.float64)
    if moved.shape != points.shape:
        raise ValueError(f"expected a displacement for each vertex {points.shape}, got {moved.shape}")
    moved = np.nan_to_num(moved)
    if isinstance(scale, str):
        if scale != "auto":
            raise ValueError(f"deform_scale {scale!r} is not known: give a factor or 'auto'")
        largest = float(np.linalg.norm(moved, axis=1).max())
        size = float(np.linalg.norm(np.ptp(points, axis=0)))
        if largest <= 0.0:
            return points, 0.0
        exact = 0.08 * size / largest
        power = 10.0 ** np.floor(np.log10(exact))
        scale = float(power * max(step for step in (1.0, 2.0, 5.0) if step * power <= exact * (1 + 1e-9)))
    return points + moved * scale, float(scale)


# --- the field ---------------------------------------------------------------------------------------------------


def _field(scalars: Any, count: int) -> NDArray[np.float64]:
    values = np.asarray(scalars, dtype=np.float64)
    if values.shape != (count,):
        raise ValueError(f"expected one value a vertex ({count},), got {values.shape}")
    if not np.isfinite(values).any():
        raise ValueError("the field has no finite value")
    return values


def _extremes(field: NDArray[np.float64]) -> tuple[float, float]:
    return float(np.nanmin(field)), float(np.nanmax(field))


def _limits(field: NDArray[np.float64] | None, given: tuple[float, float] | None) -> tuple[float, float]:
    if given is not None:
        return float(given[0]), float(given[1])
    return (0.0, 1.0) if field is None else _extremes(field)


class _Paint:
    """The colour of the material or the field at a sample."""

    def __init__(
        self,
        color: Sequence[float] | None,
        face_colors: Mapping[int, Sequence[float]] | None,
        triangle_colors: Any | None,
        field: NDArray[np.float64] | None,
        limits: tuple[float, float],
        colormap: str,
        bands: int | None,
    ) -> None:
        self._base = np.asarray(color or DEFAULT_COLOR, dtype=np.float32)[:3]
        self._faces = face_colors or {}
        self._triangles = None if triangle_colors is None else np.asarray(triangle_colors, dtype=np.float32)[:, :3]
        self._field = field
        self._limits = limits
        self._table = colormap_table(colormap).astype(np.float32)
        self._bands = bands

    @property
    def has_field(self) -> bool:
        return self._field is not None

    def at(self, view: _View, triangle: NDArray[np.int32], u: F32, v: F32) -> F32:
        """sRGB (n, 3) at barycentric places of triangles (n,)."""
        if self._field is not None:
            corner = self._field[view.surface.triangles[triangle]]
            value = corner[:, 0] * (1.0 - u - v) + corner[:, 1] * u + corner[:, 2] * v
            low, high = self._limits
            place = (value - low) / (high - low) if high > low else np.zeros_like(value)
            missing = ~np.isfinite(place)
            place = np.clip(np.where(missing, 0.0, place), 0.0, 1.0)
            if self._bands:
                place = (np.minimum(np.floor(place * self._bands), self._bands - 1) + 0.5) / self._bands
            result = self._table[np.rint(place * (len(self._table) - 1)).astype(np.int32)]
            result[missing] = NO_VALUE_COLOR
            return result
        if self._triangles is not None:
            return self._triangles[triangle]
        result = np.broadcast_to(self._base, (len(triangle), 3)).copy()
        if self._faces:
            face = view.surface.face_index[triangle]
            for number, given in self._faces.items():
                result[face == number] = np.asarray(given, dtype=np.float32)[:3]
        return result


# --- passes ------------------------------------------------------------------------------------------------------


def _background(background: Any, width: int, height: int) -> F32:
    if background is None:
        background = (1.0, 1.0, 1.0)
    stops = np.asarray(background, dtype=np.float32)
    if stops.ndim == 1:
        return np.broadcast_to(stops[:3], (height, width, 3)).copy()
    share = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None, None]
    return np.broadcast_to(stops[0] * (1 - share) + stops[1] * share, (height, width, 3)).copy()


def _window(view: _View, extra_pixels: float) -> tuple[int, int, int, int]:
    """Columns and rows of the picture that the model can reach: left, top, right, bottom (half open)."""
    used = view.surface.vertices[np.unique(view.surface.triangles)]
    pixels, _ = view.camera.project(used, view.width, view.height)
    low = np.floor(pixels.min(axis=0) - extra_pixels).astype(int)
    high = np.ceil(pixels.max(axis=0) + extra_pixels).astype(int) + 1
    return max(low[0], 0), max(low[1], 0), min(high[0], view.width), min(high[1], view.height)


def _interpolated_normals(view: _View, samples: Samples, chosen: Any) -> F32:
    """Unit smooth normals (n, 3) in view space at the chosen samples, turned to face the viewer."""
    triangle = samples.triangle[chosen].astype(np.int64)
    u, v = samples.u[chosen][:, None], samples.v[chosen][:, None]
    corner = view.corner_view
    normal = corner[3 * triangle] * (1.0 - u - v) + corner[3 * triangle + 1] * u + corner[3 * triangle + 2] * v
    # towards the viewer: decided by the flat normal, which knows the side that was hit
    flat = view.flat_view[triangle]
    if view.camera.field_of_view_deg > 0.0:
        eye = np.array([0.0, 0.0, np.linalg.norm(view.camera.target - view.camera.eye)], dtype=np.float32)
        away = np.einsum("ij,ij->i", flat, eye - samples.point[chosen]) < 0
    else:
        away = flat[:, 2] < 0
    normal[away] *= -1.0
    lengths = np.sqrt(np.einsum("ij,ij->i", normal, normal))
    unit: F32 = normal / np.maximum(lengths, 1e-9)[:, None]
    return unit


def _light(view: _View, paint: _Paint, samples: Samples, chosen: Any, normal: F32, ambient: F32) -> F32:
    """Colour (n, 3) of the chosen samples: material or field, lit."""
    diffuse, highlight = look_up_light(normal[:, 0], normal[:, 1])
    base = paint.at(view, samples.triangle[chosen], samples.u[chosen], samples.v[chosen])
    if paint.has_field:
        # colours carry numbers here: little contrast from light, no highlight
        base *= ((0.80 + 0.20 * np.minimum(diffuse, 1.0)) * (0.66 + 0.34 * ambient))[:, None]
    else:
        base *= (diffuse * (0.35 + 0.65 * ambient))[:, None]
        base += (0.16 * highlight * ambient)[:, None]
    return np.minimum(base, np.float32(1.0))


def _draw(view: _View, paint: _Paint, image: F32, coverage: F32, *, lines: bool) -> None:
    """Paint the model into the image (height, width, 3) and its opacity into the coverage (height, width).

    One ray a pixel first; then pixels near an edge again with a fine grid of rays, where the lines are drawn too.
    """
    left, top, right, bottom = _window(view, 4)
    if right <= left or bottom <= top:
        return
    shape = (bottom - top, right - left)
    rows, columns = (part.ravel() for part in np.indices(shape, dtype=np.int32))
    samples = view.scene.look(view.camera, left + columns + 0.5, top + rows + 0.5, view.width, view.height)
    face, body = _seen(view, samples)
    inside = np.nonzero(samples.triangle >= 0)[0]
    normal = np.zeros((len(face), 3), dtype=np.float32)
    normal[inside] = _interpolated_normals(view, samples, inside)
    shade = AmbientShade(view.scene, face.reshape(shape), samples.point.reshape(*shape, 3), normal.reshape(*shape, 3))
    window = image[top:bottom, left:right]
    ambient = shade.at(columns[inside].astype(np.float32), rows[inside].astype(np.float32), face[inside])
    lit = _light(view, paint, samples, inside, normal[inside], ambient)

    step = view.camera.height_mm / view.height
    bold = max(1.0, min(view.width, view.height) / 600)
    depth = samples.point[:, 2].reshape(shape)
    busy = busy_pixels(face.reshape(shape), body.reshape(shape), depth, step, spread=1 + round(bold))
    behind = window[busy]
    window[rows[inside], columns[inside]] = lit
    coverage[top:bottom, left:right] = face.reshape(shape) >= 0
    mean, alpha = _draw_fine(view, paint, shade, np.nonzero(busy), (left, top), behind, bold if lines else 0.0)
    window[busy] = mean
    coverage[top:bottom, left:right][busy] = alpha


def _seen(view: _View, samples: Samples) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    hit = samples.triangle >= 0
    face = np.where(hit, view.face_index[samples.triangle], np.int32(-1))
    return face, np.where(hit, view.body_index[samples.triangle], np.int32(-1))


def _draw_fine(
    view: _View, paint: _Paint, shade: AmbientShade, busy: Any, corner: tuple[int, int], behind: F32, bold: float
) -> tuple[F32, F32]:
    """Colour (n, 3) and opacity (n,) of the busy pixels (rows, columns) of the window at ``corner``, before a
    background (n, 3), from a fine grid of rays in each; ``bold`` is the strength of the lines, 0 for none."""
    fine = _OVERSAMPLE
    count = len(busy[0])
    sub_row, sub_column = (part.ravel() for part in np.indices((fine, fine), dtype=np.int32))
    rows = (busy[0][:, None] * fine + sub_row).ravel()
    columns = (busy[1][:, None] * fine + sub_column).ravel()
    x = ((columns + 0.5) / fine).astype(np.float32)
    y = ((rows + 0.5) / fine).astype(np.float32)
    samples = view.scene.look(view.camera, corner[0] + x, corner[1] + y, view.width, view.height)
    face, body = _seen(view, samples)
    inside = np.nonzero(face >= 0)[0]
    colors = np.repeat(behind, fine * fine, axis=0)
    alpha = (face >= 0).astype(np.float32)
    if len(inside):
        normal = _interpolated_normals(view, samples, inside)
        ambient = shade.at(x[inside] - 0.5, y[inside] - 0.5, face[inside])
        colors[inside] = _light(view, paint, samples, inside, normal, ambient)
    if bold > 0 and count:
        shape = (int(rows.max()) + 1, int(columns.max()) + 1)
        grid = SampleGrid(rows, columns, shape)
        step = view.camera.height_mm / view.height / fine
        kinds = find_lines(grid, samples, face, body, view.flat_view, step)
        for mask, strength in (
            (grid.grow(kinds == TANGENT, round(bold) - 1), 0.30),
            (grid.grow(kinds >= SHARP, round(bold)), 0.66),
            (grid.grow(kinds == OUTLINE, round(2 * bold)), 0.94),
        ):
            colors[mask] += (LINE_COLOR - colors[mask]) * np.float32(strength)
            alpha[mask] = np.maximum(alpha[mask], np.float32(strength))
    return colors.reshape(count, fine * fine, 3).mean(axis=1), alpha.reshape(count, fine * fine).mean(axis=1)


def _floor(view: _View, lowest_mm: float) -> F32:
    """Darkness (height, width) of the floor's shadow, computed at a quarter of the resolution."""
    reach = FLOOR_REACH * view.scene.size_mm * view.height / view.camera.height_mm
    left, top, right, bottom = _window(view, reach)
    coarse = 4
    columns = np.arange(left, right + coarse, coarse, dtype=np.float32)
    rows = np.arange(top, bottom + coarse, coarse, dtype=np.float32)
    result = np.zeros((view.height, view.width), dtype=np.float32)
    if len(columns) < 2 or len(rows) < 2:
        return result
    pixel = view.camera.height_mm / view.height
    x_mm, y_mm = np.meshgrid((columns - view.width / 2) * pixel, (view.height / 2 - rows) * pixel)
    down = np.zeros((*x_mm.shape, 3))
    if view.camera.field_of_view_deg > 0.0:
        distance = float(np.linalg.norm(view.camera.target - view.camera.eye))
        down[..., 0], down[..., 1], down[..., 2] = x_mm, y_mm, -distance
        down /= np.linalg.norm(down, axis=-1, keepdims=True)
    else:
        down[..., 2] = -1.0
    drop = lowest_mm - 2e-3 * view.scene.size_mm
    target = view.camera.target
    ground_point = to_view(view.camera, np.array([[target[0], target[1], drop]]))[0]
    ground_normal = turn_to_view(view.camera, np.array([[0.0, 0.0, 1.0]]))[0]
    darkness = floor_shadow(view.scene, ground_point, ground_normal, x_mm, y_mm, down)
    from PIL import Image

    size = (len(columns) * coarse, len(rows) * coarse)
    large = np.asarray(Image.fromarray(darkness, "F").resize(size, Image.Resampling.BICUBIC))
    # the samples stand at the corners of the blocks: move by half a block
    shift = coarse // 2
    clipped = large[: bottom - top + shift, : right - left + shift]
    clipped = clipped[: bottom - top, : right - left]
    result[top : top + clipped.shape[0], left : left + clipped.shape[1]] = np.clip(clipped, 0.0, 1.0)
    return result


def _darken(image: F32, darkness: F32) -> None:
    image *= (1.0 - 0.42 * darkness)[..., None]


# --- marks -------------------------------------------------------------------------------------------------------


def _marks(
    view: _View, markers: str | Sequence[Mapping[str, Any]] | None, field: NDArray[np.float64] | None
) -> list[overlay.Mark]:
    if not markers:
        return []
    wanted: list[Mapping[str, Any]] = []
    if isinstance(markers, str):
        if markers not in ("min", "max", "minmax"):
            raise ValueError(f"markers {markers!r} is not known: use 'min', 'max', 'minmax' or a list")
        if field is not None:
            if "max" in markers:
                wanted.append({"vertex": int(np.nanargmax(field)), "label": f"max {overlay.number(np.nanmax(field))}"})
            if "min" in markers:
                wanted.append({"vertex": int(np.nanargmin(field)), "label": f"min {overlay.number(np.nanmin(field))}"})
    else:
        wanted = list(markers)
    marks = []
    for item in wanted:
        place = view.surface.vertices[int(item["vertex"])] if "vertex" in item else np.asarray(item["point_mm"], float)
        pixel, _ = view.camera.project(place, view.width, view.height)
        visible = view.scene.is_visible(view.camera, to_view(view.camera, place.reshape(1, 3))[0])
        marks.append(
            overlay.Mark(
                (float(pixel[0, 0]), float(pixel[0, 1])), str(item.get("label", "")), visible, item.get("color")
            )
        )
    return marks
