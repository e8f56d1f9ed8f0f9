"""A changed load finds the factor of the study before, and gives what a fresh solution gives."""

from __future__ import annotations

from typing import Any

import pytest

from tests.benchmarks.fem_cases.session import Model, fem

MATERIAL = {"name": "kept", "youngs_modulus_mpa": 70e3, "poisson_ratio": 0.3, "thermal_expansion_1_k": 2e-5}


@pytest.fixture(scope="module")
def beam() -> Model:
    return fem().build("bracket", width=40, height=60, depth=50, wall=6, fillet=5, holes=False)


def study(beam: Model, force: list[float], **more: Any) -> dict[str, Any]:
    return {
        "supports": [{"kind": "fixed", "faces": beam.on_plane(0, 0)}],
        "loads": [{"kind": "force", "faces": beam.on_plane(0, 50), "vector_n": force}],
        "levels": 2,
        "max_dofs": 15_000,
        "budget_s": 60.0,
        **more,
    }


def numbers(result: dict[str, Any]) -> tuple[float, float, float]:
    reaction = result["reactions"]["reaction_n"]
    return result["von_mises_mpa"]["value"], result["displacement_mm"]["value"], reaction[2]


def forget() -> None:
    fem().call("backend.physics.fem.kept:forget")


def test_a_changed_load_uses_the_kept_factor_and_scales_as_linear_statics_must(beam: Model) -> None:
    forget()
    first = fem().solve(beam, MATERIAL, **study(beam, [0, 0, -100]))
    again = fem().solve(beam, MATERIAL, **study(beam, [0, 0, -250]))
    assert (first["kept_factor"], again["kept_factor"]) == (False, True)
    for one, other in zip(numbers(first), numbers(again), strict=True):
        assert other == pytest.approx(2.5 * one, rel=1e-9)
    assert [row["dofs"] for row in again["levels"]] == [row["dofs"] for row in first["levels"]]
    assert again["reactions"]["imbalance_rel"] < 1e-9


def test_another_direction_heat_and_a_moved_face_are_right_on_kept_meshes(beam: Model) -> None:
    """Superposition: what two loads do together is what each does alone; displacement at a far point."""
    forget()
    probes = {"probes": {"tip": [50.0, 20.0, 6.0]}}
    hot = {"thermal": {"reference_c": 20.0, "uniform_c": 60.0}}
    alone = fem().solve(beam, MATERIAL, **study(beam, [30, 40, -10], **probes))
    heated = fem().solve(beam, MATERIAL, **study(beam, [0, 0, 0], **probes, **hot))
    both = fem().solve(beam, MATERIAL, **study(beam, [30, 40, -10], **probes, **hot))
    assert heated["kept_factor"]
    assert both["kept_factor"]
    for axis in range(3):
        parts = [r["probes"]["tip"]["displacement_mm"][axis] for r in (alone, heated)]
        assert both["probes"]["tip"]["displacement_mm"][axis] == pytest.approx(sum(parts), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("change", ["material", "support", "mesh"])
def test_what_changes_the_equations_is_factored_anew(beam: Model, change: str) -> None:
    forget()
    fem().solve(beam, MATERIAL, **study(beam, [0, 0, -100]))
    material, other = dict(MATERIAL), study(beam, [0, 0, -100])
    if change == "material":
        material["youngs_modulus_mpa"] = 71e3
    elif change == "support":
        other["supports"] = [{"kind": "elastic", "faces": beam.on_plane(0, 0), "stiffness_n_mm3": 10.0}]
    else:
        other["order"] = 1
    assert not fem().solve(beam, material, **other)["kept_factor"]


def test_what_is_kept_is_bounded() -> None:
    found = fem().call("tests.integration.test_fem_kept:fill", 0)
    assert found["studies"] <= 3
    assert found["dofs"] <= 300_000
    assert found["newest"]


def fill(_: int) -> dict[str, Any]:
    """In the worker: keeps many pretended systems and says what is left."""
    from types import SimpleNamespace

    from backend.physics.fem import kept

    kept.forget()
    for number in range(12):
        kept.keep(f"study {number}", None, None, [SimpleNamespace(dofs=90_000), SimpleNamespace(dofs=90_000)])  # type: ignore[arg-type,list-item]
    state = {
        "studies": len(kept._KEPT),
        "dofs": sum(item.dofs for item in kept._KEPT.values()),
        "newest": kept.find("study 11") is not None,
    }
    kept.forget()
    return state
