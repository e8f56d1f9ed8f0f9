"""The error bars of stresses: their reference held to closed forms, and some bars held to the reference."""

from __future__ import annotations

import math

import pytest

from backend.commands.bench_bands import KINDS, bands_of, coverage
from backend.commands.bench_bands_cases import CASES, DEFAULT, MESHES
from backend.commands.bench_bands_held import PLANE, SOLIDS
from backend.commands.bench_bands_solids import STEEL, layered
from tests.benchmarks.fem_cases.session import fem

WORKER = "backend.commands.bench_bands_worker"
BY_NAME = {case.name: case for case in CASES}


def reference(name: str) -> dict[str, float]:
    found: dict[str, float] = fem().call(f"{WORKER}:reference", BY_NAME[name].payload(DEFAULT), 0.0)
    return found


def test_the_reference_of_a_tube_is_lames() -> None:
    # p = 100 in a bore of 10, outside 20, plane strain: hoop 166.67, radial -100, axial nu times their sum.
    hoop, radial = 100 * 5 / 3, -100.0
    axial = 0.3 * (hoop + radial)
    expected = math.sqrt(0.5 * ((hoop - radial) ** 2 + (hoop - axial) ** 2 + (axial - radial) ** 2))
    found = reference("tube k 2, inside")
    assert found["von_mises_mpa"] == pytest.approx(expected, rel=1e-6)
    assert found["displacement_mm"] == pytest.approx(1.3 / 210e3 * 10 * 100 / 3 * (0.4 + 4), rel=1e-6)


def test_the_reference_of_a_sphere_is_lames() -> None:
    # von Mises is 3/2 p b^3/(b^3 - a^3) at the bore
    assert reference("sphere k 2, inside")["von_mises_mpa"] == pytest.approx(1.5 * 100 * 8 / 7, rel=1e-5)


def test_the_reference_of_an_ellipse_comes_near_inglis() -> None:
    # In a wide plate 1 + 2 b/a = 5 at nu = 0.3 plane strain; the finite one has more.
    stress = 50 * 5 * math.sqrt(1 - 0.3 + 0.3**2)
    assert 1 < reference("ellipse 1 : 2")["von_mises_mpa"] / stress < 1.15


def test_the_held_out_bodies_are_others() -> None:
    names = [case.name for case in (*CASES, *PLANE, *SOLIDS)]
    assert len(set(names)) == len(names)
    assert len(PLANE) + len(SOLIDS) >= 25
    assert not {repr(case.payload({})) for case in CASES} & {repr(case.payload({})) for case in PLANE}


def test_layers_of_one_material_are_lames() -> None:
    hoop, radial = 100 * 5 / 3, -100.0
    axial = 0.3 * (hoop + radial)
    expected = math.sqrt(0.5 * ((hoop - radial) ** 2 + (hoop - axial) ** 2 + (axial - radial) ** 2))
    tube = layered([10, 13, 20], [STEEL, STEEL], 100.0, lambda r: 0 * r, False)
    assert tube["von_mises_mpa"] == pytest.approx(expected, rel=1e-9)
    assert tube["displacement_mm"] == pytest.approx(1.3 / 210e3 * 10 * 100 / 3 * (0.4 + 4), rel=1e-9)
    sphere = layered([10, 20], [STEEL], 100.0, lambda r: 0 * r, True)
    assert sphere["von_mises_mpa"] == pytest.approx(1.5 * 100 * 8 / 7, rel=1e-9)
    # Warmed between walls that slide: E alpha T along the axis and nothing else, in every layer.
    warm = layered([10, 13, 20], [STEEL, STEEL], 0.0, lambda r: 50 + 0 * r, False)
    assert warm["faces"] == [pytest.approx([210e3 * 12e-6 * 50] * 2, rel=1e-9)] * 2


def test_a_held_out_body_reads_as_the_others_do() -> None:
    found = fem().call("backend.commands.bench_bands_solids:compare", SOLIDS[4].payload(DEFAULT))
    rows = bands_of(SOLIDS[4].name, "held out", found)
    assert {row.kind for row in rows} == set(KINDS)
    assert all(abs(row.true_error_rel) < 0.02 for row in rows)


@pytest.mark.parametrize("name", ["tube k 4, inside", "hole d/W 0.5", "notch r/d 0.1", "sphere k 4, inside"])
def test_bars_cover_the_true_error(name: str) -> None:
    rows = bands_of(name, "default", fem().call(f"{WORKER}:compare", BY_NAME[name].payload(DEFAULT)))
    assert {row.kind for row in rows} == set(KINDS)
    assert coverage(row for row in rows if row.kind == "largest stress") == 1
    assert max(row.band_rel for row in rows if row.kind == "largest stress") < 0.06


def test_refinement_doesnt_turn_elements_inside_out() -> None:
    # Before the first mesh followed curves more closely, refining this sphere doubled its stress.
    found = fem().call(f"{WORKER}:compare", BY_NAME["sphere k 4, inside"].payload({**DEFAULT, "levels": 4}))
    largest = found["readings"][0]
    assert found["levels"] >= 3
    assert largest["value"] == pytest.approx(largest["true"], rel=0.05)


def test_a_mesh_whose_least_step_is_large_is_refined_all_the_same() -> None:
    """One mark on this coarse sphere carries so many neighbours along that it more than doubles the unknowns."""
    found = fem().call(f"{WORKER}:compare", BY_NAME["sphere k 1.2, inside"].payload(DEFAULT))
    largest = found["readings"][0]
    assert found["levels"] >= 2
    assert largest["value"] == pytest.approx(largest["true"], rel=0.03)
    assert largest["band"] < 0.1 * largest["value"]


def test_meshes_that_see_different_edges_are_compared_by_edge() -> None:
    """Between the straight elements of order 1 a bore has edges; how many look sharp differs from mesh to mesh."""
    found = fem().call(f"{WORKER}:compare", BY_NAME["lug"].payload(MESHES["order 1"]))
    assert found["readings"] or found["left_out"]
