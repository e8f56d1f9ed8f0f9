"""What a service temperature leaves open, what hangs on a bracket, and reasons that fit the process."""

from __future__ import annotations

import pytest

from backend.agents.verification_agent import verify
from backend.design import get_family
from backend.intent import read_brief
from backend.schema import Status

BRACKET = (
    "{material} wall bracket 40 mm wide, legs 80 mm and 60 mm, holds 20 kg at {at} mm from the wall, {service}SF 1.5, "
    "four 5 mm holes"
)
PLATE = "A {material} plate 400 x 300 mm, clamped, 10 kPa, {service}safety factor 2"
BOX = "A {material} enclosure 150 x 100 x 50 mm, 50 N on the lid, {service}safety factor 2"


def sized(brief: str):
    intent = read_brief(brief)
    assert intent.questions == (), [q.text for q in intent.questions]
    family = get_family(intent.family)
    scheme = family.size(intent)
    return family, intent, scheme, {c.id: c for c in family.closed_form_checks(scheme, intent)}


@pytest.mark.parametrize("brief", [BRACKET, PLATE, BOX], ids=["l_bracket", "plate", "enclosure"])
def test_beyond_the_service_limit_of_the_material_the_design_fails(brief):
    family, intent, scheme, checks = sized(brief.format(material="PLA", at=70, service="in service at 80 °C, "))
    check = checks["material_service_temperature"]
    assert (check.status, check.value, check.limit, check.unit) == (Status.FAIL, 80, 50, "degC")
    assert check.requirement_id == "service_temperature"
    assert "Service temperature of" in check.title
    assert checks["strength_at_temperature"].requirement_id == "safety_factor"
    assert verify(family.requirements(scheme, intent), list(checks.values())).status is Status.FAIL


@pytest.mark.parametrize("brief", [BRACKET, PLATE, BOX], ids=["l_bracket", "plate", "enclosure"])
@pytest.mark.parametrize(
    ("material", "degc", "holds"),
    [("PLA", 45, "safety_factor"), ("PLA", -10, "safety_factor"), ("ABS", 32, None)],
)
def test_strength_without_data_leaves_the_safety_factor_open_away_from_room_temperature(brief, material, degc, holds):
    service = f"service temperature {degc} °C, "
    family, intent, scheme, checks = sized(brief.format(material=material, at=70, service=service))
    assert "material_service_temperature" not in checks
    assert checks["strength_at_temperature"].requirement_id == holds
    if holds:
        assert verify(family.requirements(scheme, intent), list(checks.values())).status is Status.NOT_VERIFIED


@pytest.mark.parametrize("brief", [BRACKET, PLATE, BOX], ids=["l_bracket", "plate", "enclosure"])
def test_without_a_temperature_in_the_brief_nothing_is_open(brief):
    family, intent, scheme, checks = sized(brief.format(material="PLA", at=70, service=""))
    assert not {"material_service_temperature", "strength_at_temperature"} & set(checks)
    assert verify(family.requirements(scheme, intent), list(checks.values())).status is Status.PASS


def test_strength_and_stiffness_with_data_leave_nothing_open():
    checks = sized(PLATE.format(material="6061-T6", service="service temperature 100 °C, "))[3]
    assert not {"strength_at_temperature", "stiffness_at_temperature"} & set(checks)


def test_strength_with_data_is_not_open_and_stiffness_without_hangs_on_the_deflection():
    brief = PLATE.format(material="AlSi10Mg", service="service temperature 100 °C, ")
    checks = sized(brief)[3]
    assert "strength_at_temperature" not in checks
    assert checks["stiffness_at_temperature"].requirement_id is None
    limited = sized(f"{brief}, deflection below 2 mm")
    hangs = limited[3]["stiffness_at_temperature"].requirement_id
    assert hangs in {r.id for r in limited[1].limits if r.kind == "deflection"}


def test_heat_alone_leaves_no_safety_factor_open():
    checks = sized("A 3D printed ABS enclosure 150 x 100 x 50 mm, dissipates 1 W in 45 °C air, below 75 °C inside")[3]
    assert checks["strength_at_temperature"].requirement_id is None


def test_a_load_beyond_the_tip_names_the_shelf_and_its_prying():
    family, _, scheme, checks = sized(BRACKET.format(material="6061-T6", at=120, service=""))
    shelf = checks["shelf"]
    assert (shelf.status, shelf.requirement_id) == (Status.NOT_VERIFIED, None)
    layout = family.layout(scheme)
    # moments about the tip: F (position - tip) = T (tip - row)
    beyond = 120 - layout.shelf_leg
    pull = 20 * 9.80665 * beyond / (layout.shelf_leg - layout.shelf_row_x)
    assert f"about {pull:.0f} N" in shelf.reason
    assert checks["pull_through"].status is Status.NOT_VERIFIED
    assert "shelf" not in sized(BRACKET.format(material="6061-T6", at=60, service=""))[3]


def test_the_bolts_through_the_shelf_have_nuts():
    family, _, scheme, _ = sized(BRACKET.format(material="6061-T6", at=70, service=""))
    (nuts,) = [line for line in family.components(scheme) if line["part"].startswith("Nut ")]
    assert nuts["quantity"] == family.layout(scheme).shelf_holes
    assert nuts["designation"].startswith("ISO 4032")


def test_washers_lie_under_every_head_and_every_nut():
    brief = BRACKET.format(material="6061-T6", at=70, service="").replace("four 5 mm holes", "four M8 bolts")
    family, _, scheme, _ = sized(brief.replace("40 mm wide", "60 mm wide"))
    lines = family.components(scheme)
    shelf, wall = family.layout(scheme).shelf_holes, family.layout(scheme).wall_holes
    (washers,) = [line for line in lines if line["part"].startswith("Washer ")]
    assert (shelf, wall, washers["quantity"]) == (2, 2, 6)  # the wall's bolts have no nuts
    assert washers["description"] == "plain washer, one under each of 4 bolt heads and of 2 nuts"
    through, _into_wall = [line for line in lines if line["part"].startswith("Bolt ")]
    length = float(through["designation"].split(" x ")[1].split(" ")[0])
    # 20 mm of shelf, two washers of 1.6 mm (ISO 7089), a nut of 6.8 mm (ISO 4032), two threads of 1.25 mm beyond it
    least = family.layout(scheme).thickness + 20 + 2 * 1.6 + 6.8 + 2 * 1.25
    assert least <= length <= least + 7


def test_a_plate_screwed_to_its_frame_has_washers_under_its_heads_only():
    family, _, scheme, _ = sized("A steel S235 plate 400 x 300 mm, 10 kPa, eight M8 bolts")
    parts = {line["part"].split(" ")[0]: line for line in family.components(scheme) if not line["made"]}
    assert set(parts) == {"Bolt", "Washer"}
    assert (parts["Bolt"]["quantity"], parts["Washer"]["quantity"]) == (8, 8)
    assert parts["Washer"]["description"] == "plain washer, one under each of 8 bolt heads"
    assert "threads of the frame" in parts["Bolt"]["description"]


@pytest.mark.parametrize("material", ["6061-T6", "ABS"])
def test_the_reasons_of_a_box_fit_its_process(material):
    family, intent, scheme, _ = sized(f"A {material} enclosure 150 x 100 x 50 mm, 50 N on the lid")
    metal = scheme.choices["process"] == "machined"
    making = {c.id: c for c in family.manufacturing_checks(scheme, intent)}
    assert ("nozzle" in making["boss_wall"].method) is not metal
    assert making["boss_wall"].status is Status.PASS
    assert making["least_wall"].title == f"Walls that {'machining' if metal else 'FDM printing'} makes well"
    said = next(a for a in scheme.assumptions if a.id == "safety_factor")
    assert "plastic" not in said.reason
    words = " ".join((*scheme.trace, scheme.governing, *(a.reason for a in scheme.assumptions)))
    assert "fdm makes" not in words
    assert "machined makes" not in words


@pytest.mark.parametrize("screw", ["M2", "M3", "M5"])
def test_bosses_of_a_milled_box_are_thick_enough(screw):
    family, intent, scheme, _ = sized(f"A machined 6061-T6 box 150 x 100 x 50 mm, {screw} lid screws")
    making = {c.id: c for c in family.manufacturing_checks(scheme, intent)}
    assert making["boss_wall"].status is Status.PASS
