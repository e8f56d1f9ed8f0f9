"""A study is refused with the place that is wrong, before anything heavy is loaded."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backend.physics.errors import PhysicsError
from backend.physics.fem import errors as fem_errors
from backend.physics.fem.errors import StudyError
from backend.physics.fem.study import read_study

STEEL = {"name": "steel", "youngs_modulus_mpa": 210e3, "poisson_ratio": 0.3, "density_kg_m3": 7850}
HELD = [{"kind": "fixed", "faces": [0]}]
PULLED = [{"kind": "force", "faces": [1], "vector_n": [0, 0, 1]}]


@pytest.fixture
def brep(tmp_path: Path) -> str:
    path = tmp_path / "part.brep"
    path.write_text("CASCADE Topology V1", encoding="ascii")
    return str(path)


def study(path: str, **changes: Any) -> dict[str, Any]:
    return {"brep": path, "material": STEEL, "supports": HELD, "loads": PULLED, **changes}


def test_defaults_are_the_contract(brep: str) -> None:
    read = read_study(study(brep))
    assert (read.levels, read.order, read.budget_s, read.max_dofs) == (3, 2, 12.0, 120_000)
    assert read.gravity_m_s2 is None
    assert read.supports[0].rigid
    assert read.material.shear_modulus_mpa == pytest.approx(210e3 / 2.6)
    # Lame parameters give back E: mu (3 lambda + 2 mu)/(lambda + mu).
    mu, lam = read.material.shear_modulus_mpa, read.material.lame_lambda_mpa
    assert mu * (3 * lam + 2 * mu) / (lam + mu) == pytest.approx(210e3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"material": {**STEEL, "youngs_modulus_mpa": 0}}, "youngs_modulus_mpa is 0 MPa; it must be above zero"),
        ({"material": {**STEEL, "youngs_modulus_mpa": -210e3}}, "must be above zero"),
        ({"material": {**STEEL, "youngs_modulus_mpa": None}}, "has no youngs_modulus_mpa"),
        ({"material": {**STEEL, "poisson_ratio": 0.5}}, "at most 0.495"),
        ({"material": {**STEEL, "density_kg_m3": -1}}, "density_kg_m3 is -1 kg/m3"),
        ({"material": {**STEEL, "density_kg_m3": None}, "gravity": [0, 0, -9.8]}, "self weight needs"),
        ({"material": {**STEEL, "youngs_modulus_mpa": float("nan")}}, "expected a positive number"),
        ({"supports": []}, "no supports"),
        ({"supports": [{"kind": "glued", "faces": [0]}]}, "supports[0].kind is 'glued'"),
        ({"supports": [{"kind": "fixed", "faces": []}]}, "supports[0].faces is []"),
        ({"supports": [{"kind": "fixed", "faces": [-1]}]}, "face indices"),
        ({"supports": [{"kind": "elastic", "faces": [0]}]}, "has no stiffness_n_mm3"),
        ({"supports": [{"kind": "displacement", "faces": [0], "displacement_mm": [None] * 3}]}, "displacement_mm"),
        ({"supports": [{"kind": "frictionless", "edges": [[0, 1]]}]}, "only fixed and displacement hold edges"),
        ({"supports": [{"kind": "fixed", "edges": [[0, 0]]}]}, "two faces that meet"),
        ({"loads": []}, "no load"),
        ({"loads": [{"kind": "force", "faces": [1], "vector_n": [0, 0, 0]}]}, "no load"),
        ({"loads": [{"kind": "force", "faces": [1], "vector_n": [0, 1]}]}, "loads[0].vector_n is [0, 1]"),
        ({"loads": [{"kind": "force", "faces": [1], "vector_n": [0, 1, "2"]}]}, "loads[0].vector_n[2] is '2'"),
        ({"loads": [{"kind": "force", "faces": [1], "vector": [0, 0, 1]}]}, "unknown field(s) vector"),
        (
            {"loads": [{"kind": "patch_force", "faces": [1], "vector_n": [0, 0, 1], "center_mm": [0, 0, 0]}]},
            "radius_mm",
        ),
        ({"exclude": {"near_supports_mm": -2}}, "can't be negative"),
        ({"levels": 0}, "levels is 0"),
        ({"order": 2.5}, "order is 2.5"),
        ({"contact": "sliding"}, "contact is 'sliding'"),
        ({"solids": []}, "solids is []"),
        ({"regions": {"a": 3}}, "regions.a is 3"),
        ({"suports": HELD}, "unknown field(s) suports"),
        ({"brep": "/nowhere/part.brep"}, "doesn't exist"),
    ],
)
def test_a_wrong_study_says_where(brep: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(StudyError) as caught:
        read_study(study(brep, **changes))
    assert words in caught.value.message
    assert caught.value.next_action


def test_prescribed_displacement_alone_is_a_load(brep: str) -> None:
    pushed = [*HELD, {"kind": "displacement", "faces": [1], "displacement_mm": [None, None, -0.5]}]
    assert read_study(study(brep, supports=pushed, loads=[])).supports[1].displacement_mm == (None, None, -0.5)


def test_gravity_alone_is_a_load(brep: str) -> None:
    assert read_study(study(brep, loads=[], gravity=[0, 0, -9.80665])).gravity_m_s2 == (0.0, 0.0, -9.80665)


def test_every_error_survives_the_way_between_processes() -> None:
    kinds = [k for k in vars(fem_errors).values() if isinstance(k, type) and issubclass(k, PhysicsError)]
    assert len(kinds) >= 7
    for kind in kinds:
        error = kind("what was given", "what to do", faces=3)
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is kind
        assert again.as_dict() == error.as_dict()
        assert again.details == {"faces": 3}


def test_reading_a_study_loads_no_solver() -> None:
    code = "import sys; import backend.physics.fem.study, backend.physics.fem.static; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"ngsolve", "netgen", "OCP", "scipy"}
