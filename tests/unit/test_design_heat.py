"""Heat in a box: no pass without a limit, no pass above the melting point, and surfaces that radiate as they do."""

from __future__ import annotations

import pytest

from backend.agents.verification_agent import verify
from backend.design import get_family
from backend.design.parts.enclosure.heat import softening
from backend.design.surfaces import surface_of
from backend.intent import read_brief
from backend.materials import get_material
from backend.schema import Status

SHEET = "An enclosure from aluminium 3003-H14, 200 x 100 x 50 mm inside, {watts} W inside, ambient 40 C"
MOULDED = (
    "A box in ABS, 120 x 80 x 40 mm outside, for a 100 x 60 mm board, 4 standoffs, screwed lid, 50 N on the lid, "
    "{watts} W inside, injection moulded"
)


def sized(brief: str):
    intent = read_brief(brief)
    assert intent.questions == (), [q.text for q in intent.questions]
    family = get_family(intent.family)
    scheme = family.size(intent)
    checks = family.closed_form_checks(scheme, intent)
    return intent, scheme, {c.id: c for c in checks}, verify(family.requirements(scheme, intent), checks).status


def test_a_wall_hotter_than_its_solidus_fails():
    _, _, checks, verdict = sized(SHEET.format(watts=400))
    wall, inside = checks["wall_temperature"], checks["inside_softening"]
    assert (wall.status, wall.limit, wall.requirement_id) == (Status.FAIL, 643, "load_heat")
    assert (inside.status, inside.limit) == (Status.FAIL, 643)
    assert "load_heat" not in checks  # no line that calls the heat applied in full
    assert verdict is Status.FAIL


def test_heat_without_any_limit_is_never_passed():
    _, _, checks, verdict = sized(SHEET.format(watts=5))
    wall = checks["wall_temperature"]
    assert (wall.status, wall.requirement_id) == (Status.NOT_VERIFIED, "load_heat")
    assert "no service limit for Aluminium 3003-H14 (its solidus is 643 °C)" in wall.reason
    assert wall.value is not None
    assert 40 < wall.value < 100
    assert "load_heat" not in checks
    assert verdict is Status.NOT_VERIFIED


@pytest.mark.parametrize(("material", "limit"), [("5052-H32", 190), ("S235", 425), ("stainless 304L", 815)])
def test_a_metal_with_a_service_limit_is_held_against_it(material, limit):
    brief = SHEET.format(watts=5).replace("aluminium 3003-H14", material)
    _, _, checks, verdict = sized(brief)
    wall = checks["wall_temperature"]
    assert (wall.status, wall.limit, wall.requirement_id) == (Status.PASS, limit, "load_heat")
    assert verdict is Status.PASS


def test_the_briefs_own_limit_inside_decides_where_the_library_has_none():
    _, _, checks, verdict = sized(f"{SHEET.format(watts=2)}, stays below 80 °C inside")
    assert checks["inside_temperature"].status is Status.PASS
    assert (checks["wall_temperature"].status, checks["wall_temperature"].requirement_id) == (Status.NOT_VERIFIED, None)
    assert verdict is Status.PASS


def test_air_above_the_glass_transition_of_the_walls_fails_and_in_between_is_open():
    hot = sized(MOULDED.format(watts=11))[2]["inside_softening"]
    assert (hot.status, hot.limit, hot.requirement_id) == (Status.FAIL, 105, "load_heat")
    near = sized(MOULDED.format(watts=9))[2]["inside_softening"]
    assert near.value is not None
    assert near.uncertainty is not None
    assert near.value < 105 < near.value + near.uncertainty
    assert near.status is Status.NOT_VERIFIED
    assert "inside_softening" not in sized(MOULDED.format(watts=2))[2]


@pytest.mark.parametrize(
    ("material", "what", "degc"),
    [
        ("aluminium_5052_h32", "solidus", 607),
        ("abs", "glass transition", 105),
        ("pla", "glass transition", 60),
        ("pa6", "melting point", 215),  # serves above its glass transition of 55 °C
        ("pom", "melting point", 166),
    ],
)
def test_what_softens_a_material(material, what, degc):
    found = softening(get_material(material))
    assert found is not None
    assert found[0] == what
    assert found[1] == pytest.approx(degc, abs=5)


def test_bare_metal_radiates_little_and_a_finish_cools_it():
    bare = sized(SHEET.format(watts=10))
    assert "emissivity 0.09" in bare[2]["wall_temperature"].method
    (said,) = [a for a in bare[1].assumptions if a.id == "surface"]
    assert "0.84 to 0.9" in said.reason
    anodised = sized(f"{SHEET.format(watts=10)}, anodised")
    assert "surface" not in {a.id for a in anodised[1].assumptions}
    assert anodised[2]["wall_temperature"].value < bare[2]["wall_temperature"].value - 10
    painted = sized(f"{SHEET.format(watts=10)}, painted")
    assert painted[2]["wall_temperature"].value < anodised[2]["wall_temperature"].value


def test_surfaces_by_material():
    assert surface_of(get_material("abs"), None)[0] == 0.9
    assert surface_of(get_material("stainless_304"), None)[0] == 0.07
    assert surface_of(get_material("stainless_304"), "painted")[0] == 0.9
    assert surface_of(get_material("aluminium_6061_t6"), "bare").assumption is None


def test_the_wall_that_the_heat_warms_is_where_the_strength_counts():
    _, scheme, checks, verdict = sized(MOULDED.format(watts=6))
    hot = scheme.parameters["part_temperature"].value
    assert 35 < hot < 60
    assert hot == pytest.approx(checks["wall_temperature"].value, abs=0.5)
    assert checks["strength_at_temperature"].requirement_id == "safety_factor"
    assert f"at {hot:.3g} °C" in checks["strength_at_temperature"].title
    assert verdict is Status.NOT_VERIFIED
    cool = sized(MOULDED.format(watts=1))
    assert cool[1].parameters["part_temperature"].value < 35
    assert cool[2].get("strength_at_temperature") is None or cool[2]["strength_at_temperature"].requirement_id is None
    assert cool[3] is Status.PASS


def test_a_curve_of_the_library_gives_the_strength_of_the_warm_lid():
    brief = "A machined PEEK box 120 x 80 x 40 mm, 50 N on the lid{heat}, ambient 20 C"
    cold, warm = sized(brief.format(heat="")), sized(brief.format(heat=", 15 W inside"))
    hot = warm[1].parameters["part_temperature"].value
    expected = 100 + (80 - 100) * (hot - 20) / 30 if hot <= 50 else 80 + (60 - 80) * (hot - 50) / 50
    assert f"yield {expected:.0f} MPa" in warm[2]["lid_bending"].reason
    assert "yield 100 MPa" in cold[2]["lid_bending"].reason
    assert "strength_at_temperature" not in warm[2]


@pytest.mark.parametrize(("process", "mpa", "words"), [("injection moulded", 40, "solid"), ("3D printed", 24, "print")])
def test_the_strength_is_that_of_the_process(process, mpa, words):
    _, scheme, checks, _ = sized(f"An ABS box 150 x 100 x 50 mm, {process}, 50 N on the lid")
    assert checks["lid_bending"].reason.endswith(f"yield {mpa} MPa")
    (form,) = [a.text for a in scheme.assumptions if a.id == "strength_form"]
    assert f"{mpa} MPa" in form
    assert words in form


def test_finite_elements_take_the_same_material_as_the_sizing():
    from backend.design.family import part_temperature
    from backend.design.materialdata import study_material

    intent, scheme, checks, _ = sized(
        "A machined PEEK box 120 x 80 x 40 mm, 50 N on the lid, 15 W inside, ambient 20 C"
    )
    strength = study_material(get_material("peek"), part_temperature(scheme), scheme.choices["process"])["yield_mpa"]
    assert f"yield {strength:.0f} MPa" in checks["lid_bending"].reason
    fem = {"von_mises_mpa": {"value": 10.0, "error": 0.0}, "displacement_mm": {"value": 0.1}}
    found = {c.id: c for c in get_family(intent.family).fe_checks(scheme, intent, fem)}
    assert found["fe_safety_factor"].value == pytest.approx(strength / 10)


def test_creep_of_a_loaded_plastic_is_named_and_of_a_metal_is_not():
    creep = sized("An ABS box 150 x 100 x 50 mm, 50 N on the lid")[2]["creep"]
    assert (creep.status, creep.requirement_id) == (Status.NOT_VERIFIED, None)
    assert "creep" not in sized("An ABS box 150 x 100 x 50 mm")[2]
    assert "creep" not in sized("An aluminium 6061-T6 box 150 x 100 x 50 mm, 50 N on the lid")[2]
