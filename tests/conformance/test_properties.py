"""What must hold of any part, whatever its shape: laws that the engine's operations obey."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.conftest import Run

# a part with no symmetry: a block with a boss, a hole, a fillet and a chamfer
PART = """
part = startSketchOn(XY)
  |> startProfile(at = [3, -2])
  |> xLine(length = 24, tag = $front)
  |> yLine(length = 15, tag = $right)
  |> line(end = [-17, 4], tag = $slope)
  |> close()
  |> extrude(length = 9, tagEnd = $top)
  |> fillet(radius = 2, tags = [getNextAdjacentEdge(front)])
  |> chamfer(length = 1, tags = [getOppositeEdge(slope)])
drilled = startSketchOn(part, face = top)
  |> circle(center = [20, 5], radius = 2.5)
  |> extrude(length = -6)
body = startSketchOn(drilled, face = top)
  |> rectangle(width = 3, height = 4, corner = [10, 4])
  |> extrude(length = 5)
"""


def near(found: float, wanted: float, relative: float = 1e-6) -> bool:
    return math.isclose(found, wanted, rel_tol=relative, abs_tol=1e-9)


def turned(point: list[float], axis: list[float], degrees: float) -> list[float]:
    """Rodrigues' formula: the point turned about an axis through the origin."""
    length = math.sqrt(sum(value * value for value in axis))
    u = [value / length for value in axis]
    angle = math.radians(degrees)
    dot = sum(a * b for a, b in zip(u, point, strict=True))
    cross = [
        u[1] * point[2] - u[2] * point[1],
        u[2] * point[0] - u[0] * point[2],
        u[0] * point[1] - u[1] * point[0],
    ]
    c, s = math.cos(angle), math.sin(angle)
    return [c * p + s * k + (1 - c) * dot * a for p, k, a in zip(point, cross, u, strict=True)]


@pytest.fixture(scope="module")
def whole(pool: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The part itself, measured."""
    request = {"code": PART, "out_dir": str(tmp_path_factory.mktemp("whole")), "exports": [], "name": "part"}
    result: dict[str, Any] = pool.run_sync("backend.engine.run:run_project", request, kind="geometry")
    return result


def test_the_part_is_what_it_is_meant_to_be(whole: dict[str, Any]) -> None:
    corners = [(3, -2), (27, -2), (27, 13), (10, 17)]
    area = 0.0
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        area += 0.5 * (ax * by - bx * ay)
    fillet = (1 - math.pi / 4) * 2**2 * 9
    # the chamfer's section is a triangle; its length shrinks inwards by the cotangents of the angles at its ends
    angles = [math.acos(-4 / math.hypot(17, 4)), math.acos(-43 / (math.hypot(17, 4) * math.hypot(7, 19)))]
    chamfer = 0.5 * (math.hypot(17, 4) - sum(1 / math.tan(angle) for angle in angles) / 3)
    assert whole["solids"] == 1
    assert whole["valid"]
    assert near(whole["volume_mm3"], area * 9 - fillet - chamfer - math.pi * 2.5**2 * 6 + 3 * 4 * 5)


@pytest.mark.parametrize("seed", range(6))
def test_a_rigid_motion_keeps_the_measures_and_carries_the_centre(run: Run, whole: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    axis = [chance.uniform(-1, 1) for _ in range(3)]
    degrees = chance.uniform(-180, 180)
    step = [chance.uniform(-100, 100) for _ in range(3)]
    moved = run(
        f"{PART}\nbody |> rotate(axis = {axis}, angle = {degrees}deg, global = true)"
        f" |> translate(xyz = {step}, global = true)"
    )
    centre = [a + b for a, b in zip(turned(whole["center_of_mass_mm"], axis, degrees), step, strict=True)]
    assert near(moved["volume_mm3"], whole["volume_mm3"])
    assert near(moved["area_mm2"], whole["area_mm2"])
    assert moved["center_of_mass_mm"] == pytest.approx(centre, abs=1e-5)
    assert moved["valid"]


@pytest.mark.parametrize("factor", [0.01, 0.5, 3, 200])
def test_scaling_goes_with_the_cube_and_the_square(run: Run, whole: dict[str, Any], factor: float) -> None:
    scaled = run(f"{PART}\nbody |> scale(factor = {factor}, global = true)")
    assert near(scaled["volume_mm3"], whole["volume_mm3"] * factor**3)
    assert near(scaled["area_mm2"], whole["area_mm2"] * factor**2)
    centre = [value * factor for value in whole["center_of_mass_mm"]]
    assert scaled["center_of_mass_mm"] == pytest.approx(centre, rel=1e-6, abs=1e-6 * factor)


def pair(seed: int) -> str:
    """Two bodies that overlap: a block, and a turned block, a cylinder or a cone."""
    chance = random.Random(seed)
    x, y, z = (round(chance.uniform(3, 9), 3) for _ in range(3))
    other = [
        f"rectangle(width = {x}, height = {y}, center = [2, 1]) |> extrude(length = {z})",
        f"circle(center = [3, -1], radius = {x / 2}) |> extrude(length = {z + 10}, symmetric = true)",
        f"polygon(radius = {x}, numSides = 5, center = [1, 1]) |> extrude(length = {z})",
    ][seed % 3]
    angle = round(chance.uniform(10, 80), 2)
    return f"""
a = startSketchOn(XY)
  |> rectangle(width = 10, height = 8, center = [0, 0])
  |> extrude(length = 6)
b = startSketchOn(offsetPlane(XY, offset = 1))
  |> {other}
  |> rotate(axis = [1, 2, 0.5], angle = {angle}deg, global = true)
"""


@pytest.mark.parametrize("seed", range(9))
def test_union_and_intersection_add_up_to_the_parts(run: Run, seed: int) -> None:
    code = pair(seed)
    parts = sum(body["volume_mm3"] for body in run(code)["bodies"])
    both = run(f"{code}\nunion([a, b])")
    shared = run(f"{code}\nintersect([a, b])")
    assert shared["volume_mm3"] > 0.1
    assert both["valid"]
    assert shared["valid"]
    assert near(both["volume_mm3"] + shared["volume_mm3"], parts)


@pytest.mark.parametrize("seed", range(9))
def test_what_a_subtraction_takes_is_what_the_bodies_share(run: Run, seed: int) -> None:
    code = pair(seed)
    shared = run(f"{code}\nintersect([a, b])")
    rest = run(f"{code}\nsubtract([a], tools = [b])")
    assert near(rest["volume_mm3"], 480 - shared["volume_mm3"])
    # the first moments add up as well
    for axis, centre in enumerate([0, 0, 3]):
        moment = rest["volume_mm3"] * rest["center_of_mass_mm"][axis]
        moment += shared["volume_mm3"] * shared["center_of_mass_mm"][axis]
        assert moment == pytest.approx(480 * centre, abs=480 * 10 * 1e-6)


# arcs of a solved sketch touch their lines to the solver's accuracy only: the kernel's exact boolean misses the overlap
NEARLY_TANGENT = """
block = startSketchOn(XY)
  |> rectangle(width = 60, height = 60, center = [0, 0])
  |> extrude(length = 20)
section = sketch(on = XZ) {
  low = line(start = [var 31mm, var 5.0000031mm], end = [var 60mm, var 5mm])
  far = line(start = [var 60mm, var 5mm], end = [var 61mm, var 15mm])
  high = line(start = [var 31mm, var 14.9999958mm], end = [var 61mm, var 15mm])
  upper = arc(start = [var 31mm, var 15mm], end = [var 30mm, var 14mm], center = [var 31mm, var 14mm])
  wall = line(start = [var 30mm, var 14mm], end = [var 30mm, var 6mm])
  lower = arc(start = [var 30mm, var 6mm], end = [var 31mm, var 5mm], center = [var 31mm, var 6mm])
}
ring = revolve(region(point = [45mm, 10mm], sketch = section), axis = Y)
"""


def test_a_boolean_with_nearly_tangent_faces_takes_what_the_bodies_share(run: Run) -> None:
    shared = run(f"{NEARLY_TANGENT}\nintersect([block, ring])")
    rest = run(f"{NEARLY_TANGENT}\nsubtract([block], tools = [ring])")
    # the corners of the block beyond r = 30, 10 mm high, less the ring's two rounded edges (1 - pi/4 each, Pappus)
    corners = 10 * (60**2 - math.pi * 30**2)
    assert corners - 2 * (1 - math.pi / 4) * 2 * math.pi * 31 < shared["volume_mm3"] < corners
    assert near(rest["volume_mm3"] + shared["volume_mm3"], 72000, 1e-4)


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_a_pattern_of_n_is_n_times_the_part(run: Run, whole: dict[str, Any], count: int) -> None:
    row = run(f"{PART}\nbody |> patternLinear3d(instances = {count}, distance = 40, axis = X)")
    ring = run(
        f"{PART}\nbody |> patternCircular3d(instances = {count}, axis = Z, center = [60, 0, 0], arcDegrees = 360deg)"
    )
    for found in (row, ring):
        assert found["solids"] == count
        assert near(found["volume_mm3"], count * whole["volume_mm3"])
        assert near(found["area_mm2"], count * whole["area_mm2"])
    shift = 40 * (count - 1) / 2
    assert row["center_of_mass_mm"][0] == pytest.approx(whole["center_of_mass_mm"][0] + shift, abs=1e-5)


def test_the_mirror_of_a_mirror_is_the_part(run: Run, whole: dict[str, Any]) -> None:
    twice = run(
        f"{PART}\nonce = mirror3d([body], across = YZ)\nback = mirror3d(once, across = YZ)\ndelete(once)\ndelete(body)"
    )
    assert twice["solids"] == 1
    assert twice["valid"]
    assert near(twice["volume_mm3"], whole["volume_mm3"])
    assert twice["center_of_mass_mm"] == pytest.approx(whole["center_of_mass_mm"], abs=1e-6)
    for side in ("min", "max"):
        assert twice["bounding_box_mm"][side] == pytest.approx(whole["bounding_box_mm"][side], abs=1e-5)


def test_a_mirror_turns_the_centre_over(run: Run, whole: dict[str, Any]) -> None:
    both = run(f"{PART}\nmirror3d([body], across = XY)")
    x, y, _ = whole["center_of_mass_mm"]
    assert both["center_of_mass_mm"] == pytest.approx([x, y, 0], abs=1e-6)
    assert near(both["volume_mm3"], 2 * whole["volume_mm3"])
    assert both["valid"]


def test_the_same_program_gives_the_same_figures(run: Run, whole: dict[str, Any]) -> None:
    again = run(PART)
    for key in ("volume_mm3", "area_mm2", "center_of_mass_mm", "bounding_box_mm", "bodies", "commands"):
        assert again[key] == whole[key], key


# a faceted copy leaves out what bulges: exact for STEP, within the tessellation's tolerance for meshes
@pytest.mark.parametrize(
    ("kind", "tolerance"), [("step", 1e-6), ("stl", 5e-3), ("obj", 5e-3), ("ply", 5e-3), ("glb", 5e-3)]
)
def test_export_and_import_keep_the_mass(
    run: Run, whole: dict[str, Any], tmp_path: Path, kind: str, tolerance: float
) -> None:
    exported = run(PART, exports=(kind,))
    project = tmp_path / "project"
    project.mkdir()
    Path(exported["files"][kind]).rename(project / f"part.{kind}")
    (project / "main.kcl").write_text(f'import "part.{kind}" as part\npart\n')
    back = run(project / "main.kcl")
    assert back["volume_mm3"] == pytest.approx(whole["volume_mm3"], rel=tolerance)
    assert back["area_mm2"] == pytest.approx(whole["area_mm2"], rel=2 * tolerance)
    assert back["center_of_mass_mm"] == pytest.approx(whole["center_of_mass_mm"], abs=20 * tolerance)


@pytest.mark.parametrize("reverse", [False, True])
def test_the_order_of_fillets_makes_no_difference(run: Run, reverse: bool) -> None:
    names = ["s1", "s2", "s3", "s4"]
    if reverse:
        names.reverse()
    steps = "\n".join(f"  |> fillet(radius = 3, tags = [getNextAdjacentEdge({name})])" for name in names)
    found = run(f"""
startSketchOn(XY)
  |> startProfile(at = [0, 0])
  |> xLine(length = 20, tag = $s1)
  |> yLine(length = 12, tag = $s2)
  |> xLine(length = -20, tag = $s3)
  |> close(tag = $s4)
  |> extrude(length = 5)
{steps}
""")
    assert near(found["volume_mm3"], 5 * (240 - (4 - math.pi) * 9))
