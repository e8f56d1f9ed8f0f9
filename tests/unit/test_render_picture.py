"""The renderer: what a picture must show, measured on its pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
import trimesh
from PIL import Image

from backend.engine.render import render_mesh, render_png
from backend.engine.render.camera import VIEWS, camera_axes, frame, look_at
from backend.engine.render.colormap import colormap_table, colors_of, decode_srgb, encode_srgb
from backend.engine.render.overlay import nice_ticks, number, plain_text
from backend.engine.render.picture import best_view, deform
from backend.engine.render.surface import prepare

PLAIN = {"width": 200, "height": 150, "triad": False, "floor": False}


def box(size=(30.0, 20.0, 10.0)):
    mesh = trimesh.creation.box(extents=size)
    corners = mesh.triangles.reshape(-1, 3)
    return corners, np.arange(len(corners)).reshape(-1, 3)


def pixels(picture) -> np.ndarray:
    return np.asarray(picture.convert("RGB"), dtype=int)


def drawn(picture) -> np.ndarray:
    return (pixels(picture) < 250).any(axis=2)


# --- camera --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_axes_of_every_view_are_a_right_handed_frame(name):
    right, up, forward = camera_axes(*VIEWS[name])
    frame_matrix = np.stack([right, up, -forward])
    assert frame_matrix @ frame_matrix.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(frame_matrix) == pytest.approx(1.0)


def test_front_looks_along_plus_y_and_top_has_y_up():
    right, up, forward = camera_axes(*VIEWS["front"])
    assert right == pytest.approx([1, 0, 0], abs=1e-12)
    assert forward == pytest.approx([0, 1, 0], abs=1e-12)
    right, up, _ = camera_axes(*VIEWS["top"])
    assert (right, up) == (pytest.approx([1, 0, 0], abs=1e-12), pytest.approx([0, 1, 0], abs=1e-12))


@pytest.mark.parametrize("lens", [0.0, 24.0])
def test_frame_shows_every_point_inside_its_margins(lens):
    points = np.random.default_rng(3).normal(size=(200, 3)) * [40, 5, 90] + [300, 0, -70]
    camera = frame(points, "iso", aspect=4 / 3, field_of_view_deg=lens)
    pixel, depth = camera.project(points, 400, 300)
    assert (depth > 0).all()
    assert (pixel >= [400 * 0.05, 300 * 0.05]).all()
    assert (pixel <= [400 * 0.95, 300 * 0.95]).all()
    filled = np.ptp(pixel, axis=0) / [400, 300]
    assert filled.max() > 0.8  # and no smaller than it has to be


def test_look_at_refuses_an_up_along_the_view():
    with pytest.raises(ValueError, match="up lies along"):
        look_at((0, 0, 10), (0, 0, 0), (0, 0, 1), 10.0)


# --- picture -------------------------------------------------------------------------------------------------------


def test_silhouette_has_the_true_size():
    picture = render_mesh(*box((30, 20, 10)), view="front", **PLAIN)
    rows, columns = np.nonzero(drawn(picture))
    wide, high = np.ptp(columns) + 1, np.ptp(rows) + 1
    assert wide / high == pytest.approx(3.0, rel=0.03)  # 30 wide, 10 high seen from the front


def test_same_call_gives_the_same_bytes():
    assert render_png(*box(), **PLAIN) == render_png(*box(), **PLAIN)


def test_faces_that_look_different_ways_have_different_shades():
    picture = pixels(render_mesh(*box((20, 20, 20)), view="isometric", edges=False, **PLAIN))
    top, left, right = picture[45, 100], picture[95, 75], picture[95, 125]
    assert abs(top.sum() - left.sum()) > 60
    assert abs(left.sum() - right.sum()) > 20


def test_edges_are_dark_lines_between_faces():
    with_lines = pixels(render_mesh(*box((20, 20, 20)), view="isometric", **PLAIN)).sum(axis=2)
    without = pixels(render_mesh(*box((20, 20, 20)), view="isometric", edges=False, **PLAIN)).sum(axis=2)
    row = 110  # below the middle: only the vertical edge between the two side faces is inside
    inside = slice(80, 120)
    assert with_lines[row, inside].min() < 0.85 * without[row, inside].min()


def test_facets_of_a_cylinder_are_not_drawn_as_edges():
    can = trimesh.creation.cylinder(radius=10, height=30, sections=48)
    picture = pixels(render_mesh(can.vertices, can.faces, view="front", **PLAIN)).sum(axis=2)
    middle = picture[75]
    columns = np.nonzero(middle < 740)[0]
    core = middle[columns[0] + 6 : columns[-1] - 6]
    assert np.abs(np.diff(core)).max() < 30  # smooth from side to side


def test_a_hidden_body_is_not_seen_and_a_hole_is_seen_through():
    ring = trimesh.creation.annulus(r_min=6, r_max=12, height=4)
    picture = pixels(render_mesh(ring.vertices, ring.faces, view="top", **PLAIN))
    assert picture[75, 100].tolist() == [255, 255, 255]


def test_transparent_background_keeps_the_part_opaque():
    picture = render_mesh(*box(), view="front", background=None, **{**PLAIN, "floor": None})
    assert picture.mode == "RGBA"
    alpha = np.asarray(picture)[..., 3]
    assert alpha[0, 0] == 0
    assert alpha[75, 100] == 255


def test_floor_shadow_darkens_the_floor_only():
    with_floor = pixels(render_mesh(*box(), **{**PLAIN, "floor": True}))
    bare = pixels(render_mesh(*box(), **PLAIN))
    part = (bare < 250).any(axis=2)
    assert np.abs(with_floor - bare)[part].max() <= 90  # edges blend with what is behind them
    assert (with_floor[~part] < bare[~part]).any()


def test_field_colours_are_those_of_the_scale():
    vertices, triangles = box()
    height = vertices[:, 2]
    picture = pixels(render_mesh(vertices, triangles, view="front", scalars=height, edges=False, **PLAIN))
    table = colormap_table() * 255
    columns = np.nonzero((picture[:, 100] < 250).any(axis=1))[0]
    low, high = picture[columns[-3], 100], picture[columns[2], 100]
    near = [int(np.linalg.norm(table - color * (255 / max(color.max(), 1)), axis=1).argmin()) for color in (low, high)]
    assert near[0] < near[1]
    # the hue must survive the light: blue dominates at the low end, yellow at the high end
    assert low[2] > low[1]
    assert min(high[0], high[1]) > high[2] + 50


def test_bands_make_flat_steps():
    vertices, triangles = box()
    picture = pixels(
        render_mesh(vertices, triangles, view="front", scalars=vertices[:, 2], bands=4, edges=False, **PLAIN)
    )
    column = picture[:, 100]
    inside = column[(column < 250).any(axis=1)]
    steps = (np.abs(np.diff(inside, axis=0)).sum(axis=1) > 40).sum()
    assert 3 <= steps <= 5


def test_missing_values_are_grey():
    vertices, triangles = box()
    scalars = np.where(vertices[:, 0] > 0, np.nan, 1.0)
    scalars[:3] = [0.0, 1.0, 2.0]
    picture = pixels(render_mesh(vertices, triangles, view="right", scalars=scalars, edges=False, **PLAIN))
    assert np.ptp(picture[75, 100]) <= 2


def test_legend_marks_title_and_caption_are_written_where_they_belong():
    vertices, triangles = box()
    plain = pixels(render_mesh(vertices, triangles, scalars=vertices[:, 2], width=400, height=300))
    full = pixels(
        render_mesh(
            vertices,
            triangles,
            scalars=vertices[:, 2],
            legend={"title": "von Mises", "unit": "MPa"},
            markers="minmax",
            title="Bracket",
            caption="note",
            width=400,
            height=300,
        )
    )
    assert (full[:40, :120] < 200).any()  # title, top left
    assert (full[270:, 150:250] < 200).any()  # caption, bottom middle
    bar = full[150, 340:372]
    assert (np.ptp(bar, axis=1) > 60).any()  # a strip of strong colour at the right
    assert not (np.ptp(plain[150, 384:], axis=1) > 60).any()


def test_perspective_makes_the_near_end_larger():
    vertices, triangles = box((10, 200, 10))
    picture = drawn(render_mesh(vertices, triangles, view=(-90, 20), perspective=True, **PLAIN))
    rows = np.nonzero(picture.any(axis=1))[0]
    far, near = picture[rows[3]].sum(), picture[rows[-10]].sum()
    assert near > 1.1 * far


def test_png_is_a_png_of_the_size_asked_for():
    image = Image.open(io.BytesIO(render_png(*box(), width=120, height=90)))
    assert (image.format, image.size) == ("PNG", (120, 90))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"view": "sideways"}, "sideways"),
        ({"width": 4}, "4 x"),
        ({"width": 100_000, "height": 100_000}, "16 megapixels"),
        ({"scalars": [1.0]}, "one value a vertex"),
        ({"scalars": np.full(36, np.nan)}, "no finite value"),
        ({"scalars": np.arange(36.0), "colormap": "jet"}, "jet"),
        ({"face_index": [0]}, "one face index a triangle"),
        ({"scalars": np.arange(36.0), "markers": "median"}, "median"),
        ({"displacement_mm": np.zeros((3, 3)), "deform_scale": 2.0}, "displacement for each vertex"),
    ],
)
def test_wrong_arguments_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        render_mesh(*box(), **{**PLAIN, **change})


def test_triangles_that_name_no_vertex_are_refused():
    with pytest.raises(ValueError, match="names vertex 7"):
        render_mesh(np.zeros((3, 3)), [[0, 1, 7]])


# --- parts ---------------------------------------------------------------------------------------------------------


def test_faces_are_found_by_creases():
    box_surface = prepare(*box())
    assert len(np.unique(box_surface.face_index)) == 6
    can = trimesh.creation.cylinder(radius=10, height=30, sections=48)
    can_surface = prepare(can.vertices, can.faces)
    assert len(np.unique(can_surface.face_index)) == 3


def test_normals_of_a_plane_stay_its_own_beside_a_fillet():
    # a large square that runs into a narrow strip bent by 20 deg
    vertices = np.array([[0.0, 0, 0], [100, 0, 0], [100, 100, 0], [0, 100, 0], [101, 0, -0.364], [101, 100, -0.364]])
    surface = prepare(vertices, [[0, 1, 2], [0, 2, 3], [1, 4, 5], [1, 5, 2]])
    assert surface.corner_normals[:6] == pytest.approx(np.tile([0.0, 0, 1], (6, 1)), abs=0.01)


def test_a_plane_that_runs_into_a_round_is_a_face_of_its_own():
    # a plate with a quarter round at one end, as a tessellated CAD model has it: two caps, four planes, one round
    angles = np.radians(np.linspace(0, 90, 13))
    round_off = [(100 + 10 * np.sin(a), 10 * np.cos(a)) for a in angles]
    outline = [(0.0, 0.0), (110.0, -20.0), (0.0, -20.0)]
    polygon = np.array([outline[2], outline[1], *round_off[::-1], (0.0, 10.0)])
    count, depth = len(polygon), 60.0
    vertices = np.concatenate([np.insert(polygon, 1, 0.0, axis=1), np.insert(polygon, 1, depth, axis=1)])
    sides = [[i, (i + 1) % count, count + (i + 1) % count] for i in range(count)]
    sides += [[i, count + (i + 1) % count, count + i] for i in range(count)]
    caps = [[0, i, i + 1] for i in range(1, count - 1)] + [
        [count, count + i + 1, count + i] for i in range(1, count - 1)
    ]
    surface = prepare(vertices, sides + caps)
    assert len(np.unique(surface.face_index)) == 7


def test_the_best_view_shows_the_largest_value():
    fine = trimesh.creation.box(extents=(30.0, 20.0, 10.0)).subdivide().subdivide()
    vertices, triangles = np.asarray(fine.vertices), np.asarray(fine.faces)
    for place, name in (((0, 0, -5.0), "iso_below"), ((0, 0, 5.0), "iso"), ((0, 10.0, 0), "iso_back")):
        field = -np.linalg.norm(vertices - place, axis=1)
        assert best_view(vertices, triangles, field) == name
    assert best_view(vertices, triangles, None) == "iso"


@pytest.mark.parametrize("name", ["dawn", "ember"])
def test_colour_scales_step_evenly_and_brighten(name):
    table = colormap_table(name)
    assert ((table >= 0) & (table <= 1)).all()
    luminance = decode_srgb(table) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all()


def test_colours_clip_and_a_flat_field_has_one_colour():
    ends = colors_of([-5.0, 99.0], (0.0, 1.0))
    assert ends == pytest.approx(colormap_table()[[0, -1]])
    assert len(np.unique(colors_of([3.0, 3.0], (3.0, 3.0)), axis=0)) == 1
    assert encode_srgb(decode_srgb([0.0, 0.2, 1.0])) == pytest.approx([0.0, 0.2, 1.0])
    with pytest.raises(ValueError, match="jet"):
        colormap_table("jet")


def test_automatic_deformation_is_a_round_factor_that_shows_a_twelfth():
    points = np.array([[0.0, 0, 0], [100, 0, 0]])
    moved, factor = deform(points, [[0, 0, 0], [0, 0, -0.013]], "auto")
    assert factor == 500.0
    assert moved[1, 2] == pytest.approx(-6.5)
    assert deform(points, np.zeros((2, 3)), "auto")[1] == 0.0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234.56, "1235"), (0.0123456, "0.01235"), (12.5, "12.5"), (2.5e7, "2.5e7"), (-3.2e-5, "-3.2e-5")],
)
def test_numbers_are_written_for_people(value, text):
    assert number(value) == text


def test_ticks_are_round_and_inside():
    assert nice_ticks(0, 136.8) == [25, 50, 75, 100, 125]
    assert nice_ticks(-1.0, 1.0) == [-0.5, 0.0, 0.5]
    assert nice_ticks(5, 5) == []


def test_text_that_the_font_lacks_is_written_otherwise():
    assert plain_text("σ ≤ 12 µm × 3 – Größe") == "s <= 12 um x 3 - Grosse"
