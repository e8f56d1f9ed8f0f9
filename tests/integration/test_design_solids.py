"""Every good brief, from its words to a solid of our engine, measured against the formulas of its family; and the
finite elements of three of them against plate and beam theory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from backend.design import get_family
from backend.intent import read_brief
from backend.schema import CompiledModel, Status

ROOT = Path(__file__).parents[2]
GOOD = {c["id"]: c for c in yaml.safe_load((ROOT / "tests/data/briefs/good.yaml").read_text(encoding="utf-8"))}
EXTRA = {
    "grid": "A steel S235 plate, 300 x 200 mm with a 3 x 2 grid of 9 mm holes, 30 mm from the edges, clamped, 1 bar",
    "circle": "A steel S235 plate, 300 x 200 mm with six M8 bolts on a bolt circle of 120 mm, 0.2 bar",
    "rounded": "A steel S235 cover plate 300 x 200 mm with 10 mm rounded corners, eight M8 bolts, 1 bar",
    "one_each": "A steel S235 L-bracket 30 mm wide, legs 80 mm and 60 mm, holds 20 kg, one M6 bolt in each leg",
    "three_each": "A 6061-T6 L-bracket 200 mm wide, legs 120 mm and 90 mm, holds 80 kg, M8 bolts, three in each leg",
    "moulded": "An injection moulded ABS case 200 x 150 x 70 mm, 2.5 mm walls, M4 lid screws, 5 W inside",
}
BRIEFS = {**{name: case["brief"] for name, case in GOOD.items()}, **EXTRA}


def design(name: str):
    intent = read_brief(BRIEFS[name])
    assert intent.questions == (), [q.text for q in intent.questions]
    family = get_family(intent.family)
    return family, intent, family.size(intent)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CompiledModel]:
    folder = tmp_path_factory.mktemp("solids")
    for name in BRIEFS:
        family, _, scheme = design(name)
        (folder / f"{name}.kcl").write_text(family.kcl(scheme), encoding="utf-8")
    worker = Path(__file__).with_name("design_worker.py")
    done = subprocess.run(
        [sys.executable, str(worker), str(folder)], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    assert (folder / "compiled.json").exists(), done.stderr[-3000:]
    found = json.loads((folder / "compiled.json").read_text(encoding="utf-8"))
    fields = CompiledModel.model_fields
    return {name: CompiledModel(**{k: v for k, v in result.items() if k in fields}) for name, result in found.items()}


@pytest.mark.parametrize("name", BRIEFS)
def test_solid_is_the_one_that_was_meant(name: str, compiled: dict[str, CompiledModel]) -> None:
    family, intent, scheme = design(name)
    checks = family.geometry_checks(scheme, intent, compiled[name])
    assert {"geometry_volume", "geometry_box", "geometry_solids"} <= {c.id for c in checks}
    assert [(c.id, c.value, c.reason) for c in checks if c.status is not Status.PASS] == []
    assert compiled[name].diagnostics == ()


@pytest.mark.parametrize("name", BRIEFS)
def test_mass_of_the_scheme_is_that_of_the_solid(name: str, compiled: dict[str, CompiledModel]) -> None:
    from backend.materials import get_material

    _, intent, scheme = design(name)
    density = get_material(str(intent.material)).value("density_kg_m3").value
    assert scheme.mass_g is not None
    assert compiled[name].volume_mm3 * density * 1e-6 == pytest.approx(scheme.mass_g.value, rel=1e-4)


def solve(name: str, compiled: dict[str, CompiledModel], folder: Path) -> tuple[dict, object, object, object]:
    family, intent, scheme = design(name)
    study = family.study(scheme, intent, compiled[name])
    assert study is not None
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**study, "budget_s": 30, "max_dofs": 40000}), encoding="utf-8")
    script = (
        "import json,sys,os\nfrom backend.physics.fem.static import solve\n"
        "r=solve(json.load(open(sys.argv[1])))\nr.pop('fields',None)\n"
        "json.dump(r,open(sys.argv[1]+'.out','w'),default=str)\nsys.stdout.flush();os._exit(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    out = Path(f"{path}.out")
    assert out.exists(), done.stderr[-3000:]
    return json.loads(out.read_text(encoding="utf-8")), family, intent, scheme


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "closed_form", "stress_rel", "deflection_rel"),
    [("plate_us", "plate_bending", 0.06, 0.04), ("plate_supported", "plate_bending", 0.1, 0.03)],
)
def test_finite_elements_agree_with_plate_theory(
    name: str,
    closed_form: str,
    stress_rel: float,
    deflection_rel: float,
    compiled: dict[str, CompiledModel],
    tmp_path: Path,
) -> None:
    fem, family, intent, scheme = solve(name, compiled, tmp_path)
    said = {c.id: c for c in family.closed_form_checks(scheme, intent)}
    found = {c.id: c for c in family.fe_checks(scheme, intent, fem)}
    assert found["fe_safety_factor"].value == pytest.approx(said[closed_form].value, rel=stress_rel)
    assert found["fe_deflection"].value == pytest.approx(said["deflection"].value, rel=deflection_rel)
    assert found["fe_balance"].status is Status.PASS


@pytest.mark.slow
def test_finite_elements_agree_with_the_curved_beam(compiled: dict[str, CompiledModel], tmp_path: Path) -> None:
    fem, family, intent, scheme = solve("shelf_bracket_us", compiled, tmp_path)
    said = {c.id: c for c in scheme.checks}
    found = {c.id: c for c in family.fe_checks(scheme, intent, fem)}
    assert found["fe_safety_factor"].value == pytest.approx(said["corner_bending"].value, rel=0.12)
    assert found["fe_balance"].status is Status.PASS
    assert fem["mass_g"] == pytest.approx(scheme.mass_g.value, rel=1e-4)
