"""The agents of the surroundings, circuits and loops, and the one that runs all of them side by side."""

import asyncio
import shutil

import pytest

from backend.agents.base import BaseAgent
from backend.agents.chemistry_agent import ChemistryAgent
from backend.agents.control_agent import ControlAgent
from backend.agents.conversational_agent import understand
from backend.agents.design_agent import DesignAgent
from backend.agents.electronics_agent import ElectronicsAgent
from backend.agents.environment_agent import EnvironmentAgent
from backend.agents.fluids_agent import FluidsAgent
from backend.agents.physics_agent import MEMBERS, PhysicsAgent
from backend.agents.thermal_agent import ThermalAgent
from backend.orchestration.physics import where_air_is, without_answered
from backend.schema import AgentReport

BRIEF = (
    "An L-bracket 6 in wide, legs 5 in and 2 in, made of {material}, {where}, holds 100 lb at 4 in from the wall, "
    "two 1/2 in holes{bolts}, safety factor 1.5"
)
BOUGHT = {"parts": [{"kind": "bought", "standard": "Hex bolt 1/2-13 x 1 in SAE Grade 5"}]}


def params(where, material="6061-T6", bolts="", **more):
    intent = understand(BRIEF.format(where=where, material=material, bolts=bolts)).model_dump(mode="json")
    return {"intent": intent, "material": intent["material"], "components": BOUGHT, **more}


def check(result, name):
    return next(c for c in result["checks"] if c["id"] == name)


async def test_mars_has_its_gravity_and_its_cold():
    given = params("on Mars")
    result = await EnvironmentAgent().run(given)
    assert result["environment"]["gravity_m_s2"] == 3.71
    weight = check(result, "weight_at_place")
    assert weight["value"] == pytest.approx(444.822 * 3.71 / 9.80665, rel=1e-5)
    cold = check(result, "place_temperatures")
    assert cold["status"] == "not verified"
    assert cold["requirement_id"] == "environment_mars"
    assert "20 °C was taken" in cold["reason"]


async def test_a_brief_without_a_place_is_the_earth_and_has_nothing_to_check():
    result = await EnvironmentAgent().run(params("indoors"))
    assert (result["applicable"], result["checks"]) == (False, [])
    assert result["environment"]["gravity_m_s2"] == 9.80665


async def test_water_pressure_at_a_depth_is_no_load_of_the_brief():
    result = await EnvironmentAgent().run(params("in the sea at a depth of 500 m"))
    pressure = check(result, "water_pressure")
    # Fofonoff and Millard 1983: 500 dbar is 496.0 m at 30 degrees; near 10.09 kPa a metre.
    assert pressure["value"] == pytest.approx(5.047, rel=2e-3)
    assert (pressure["status"], pressure["requirement_id"]) == ("not verified", "environment_depth")


async def test_stainless_bolts_in_aluminium_fail_in_salt_and_are_open_indoors():
    salt = await ChemistryAgent().run(params("in sea water", bolts=" with stainless bolts"))
    couple = check(salt, "galvanic_couple")
    assert (couple["status"], couple["requirement_id"]) == ("fail", "environment_salt")
    assert couple["value"] > couple["limit"] == 150
    inside = await ChemistryAgent().run(params("indoors", bolts=" with stainless bolts"))
    assert check(inside, "galvanic_couple")["status"] == "fail"  # 800 mV is too much for damp rooms too
    unsaid = await ChemistryAgent().run(params("in a museum"))
    open_ = check(unsaid, "galvanic_couple")
    assert (open_["status"], open_["value"]) == ("not verified", None)  # plain or zinc plated: the brief doesn't say


@pytest.mark.parametrize(
    ("material", "where", "status", "words"),
    [
        ("304 stainless steel", "indoors", "fail", "steel or zinc corrodes"),
        ("304 stainless steel", "in a museum", "not verified", "insulate the fasteners"),
        ("A36 steel", "in a museum", "not verified", "zinc corrodes"),  # bare bolts make no couple, plated ones do
    ],
)
async def test_the_bolts_that_the_family_chose_are_held_against_the_part(material, where, status, words):
    asked = params(where, material=material)
    design = await DesignAgent().run({"intent": asked["intent"]})
    result = await ChemistryAgent().run({**asked, "components": design["components"]})
    couple = check(result, "galvanic_couple")
    assert "with fasteners of steel or zinc" in couple["title"]
    assert couple["status"] == status
    assert words in couple["reason"]


async def test_a_polymer_makes_no_couple_and_sunlight_stays_open():
    result = await ChemistryAgent().run(params("outdoors", material="ABS"))
    assert check(result, "galvanic_couple")["status"] == "pass"
    rain = check(result, "fluid_fresh_water")
    assert (rain["status"], rain["requirement_id"]) == ("not verified", "environment_outdoors")
    assert "sunlight" in rain["reason"]


async def test_an_unknown_pair_is_never_safe_and_a_hazard_is_told():
    result = await ChemistryAgent().run(params("in a hydrogen vessel washed with acetone"))
    assert check(result, "fluid_acetone")["status"] == "not verified"
    assert "unknown is not safe" in check(result, "fluid_acetone")["reason"]
    assert "4 to 75 %" in check(result, "hazard_hydrogen")["reason"]


COMPILED = {
    "volume_mm3": 1e5, "area_mm2": 4e4, "center_of_mass_mm": [0, 0, 0], "solids": 1, "valid": True,
    "bounding_box_mm": {"min": [0, 0, 0], "max": [152.4, 127.0, 50.8]},
}  # fmt: skip


async def test_wind_is_held_against_the_load():
    given = params("in a wind of 30 m/s", compiled=COMPILED)
    result = await FluidsAgent().run(given)
    expected = 2.0 * 1.225 / 2 * 30**2 * 0.1524 * 0.127
    assert result["drag_n"] == pytest.approx(expected, rel=1e-6)
    drag = check(result, "stream_drag")
    assert (drag["status"], drag["requirement_id"]) == ("pass", "environment_speed")  # 21 N of 445 N
    weak = await FluidsAgent().run({**given, "surroundings": {"density_kg_m3": 0.02, "medium": "carbon dioxide"}})
    assert weak["drag_n"] == pytest.approx(expected * 0.02 / 1.225, rel=1e-6)
    storm = await FluidsAgent().run(params("in a wind of 200 km/h", compiled=COMPILED))
    assert check(storm, "stream_drag")["status"] == "not verified"


async def test_heat_leaves_by_radiation_alone_in_a_vacuum():
    intent = params("indoors")["intent"]
    intent["loads"].append({"id": "h", "kind": "heat", "magnitude": {"value": 20, "unit": "W", "origin": "brief"}})
    intent["family"] = None
    given = {"intent": intent, "compiled": {"area_mm2": 1e5}}
    air = await ThermalAgent().run(given)
    space = await ThermalAgent().run(
        {**given, "surroundings": {"convection": "none", "temperature_range_c": [-100, 50]}}
    )
    # bare 6061-T6: emissivity 0.09
    kelvin = (20 / (0.09 * 5.670374419e-8 * 0.1) + (50 + 273.15) ** 4) ** 0.25
    assert space["equilibrium_temp_c"] == pytest.approx(kelvin - 273.15, abs=0.01)
    assert air["equilibrium_temp_c"] < space["equilibrium_temp_c"]


@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice isn't installed")
async def test_a_netlist_is_solved_and_held_against_its_limits():
    divider = "divider\nV1 in 0 12\nR1 in out 7k\nR2 out 0 5k\n.op\n"
    good = await ElectronicsAgent().run({"netlist": divider, "node_limits": {"v(out)": [4.75, 5.25]}})
    assert good["status"] == "success"
    assert good["operating_point"]["v(out)"] == pytest.approx(5.0, rel=1e-6)
    bad = await ElectronicsAgent().run({"netlist": divider, "node_limits": {"v(out)": [3.2, 3.4], "v(no)": [0, 1]}})
    assert bad["status"] == "failure"
    assert check(bad, "netlist_v(no)")["status"] == "not verified"


async def test_a_trace_is_sized_from_the_brief():
    result = await ElectronicsAgent().run({"intent": {"brief": "an enclosure for a board with traces for 3 A"}})
    # IPC-2221A: A = (I/(0.048 dT^0.44))^(1/0.725) mil2
    mil2 = (3 / (0.048 * 20**0.44)) ** (1 / 0.725)
    assert check(result, "trace_width")["value"] == pytest.approx(mil2 * 0.0254**2 / 0.035, rel=1e-6)


async def test_a_loop_is_designed_with_its_margin_or_said_to_be_unstable():
    plant = {"numerator": [1], "denominator": [1, 3, 3, 1]}
    good = await ControlAgent().run({"plant": plant, "controller": {"crossover_rad_s": 0.6, "phase_margin_deg": 60}})
    assert good["status"] == "success"
    assert check(good, "phase_margin_deg")["value"] == pytest.approx(60, abs=0.01)
    # (s + 1)^3 + K = 0 leaves the left half plane at K = 8.
    wild = await ControlAgent().run({"plant": plant, "controller": {"proportional": 8.5}})
    assert check(wild, "closed_loop_stable")["status"] == "fail"
    tame = await ControlAgent().run({"plant": plant, "controller": {"proportional": 7.5}})
    assert check(tame, "closed_loop_stable")["status"] == "pass"
    assert (await ControlAgent().run({"plant": plant}))["status"] == "not_verified"


async def test_members_run_side_by_side_and_a_failed_one_is_a_report():
    running, most = 0, 0

    async def consult(name, given):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        if name == "FluidsAgent":
            raise RuntimeError("the agent could not be loaded")
        return AgentReport(agent=name, status="failure" if name == "ThermalAgent" else "success", summary=name)

    result = await PhysicsAgent().run(params("indoors"), consult=consult)
    assert most == len(MEMBERS)
    assert set(result["reports"]) == {*MEMBERS, "environment"}
    assert result["reports"]["fluids"]["status"] == "error"
    assert "could not be loaded" in result["reports"]["fluids"]["summary"]
    assert result["status"] == "error"
    some = await PhysicsAgent().run({**params("indoors"), "members": ["chemistry"]}, consult=consult)
    assert set(some["reports"]) == {"chemistry", "environment"}


async def test_without_a_registry_the_members_are_called_themselves():
    result = await PhysicsAgent().run({**params("on the Moon"), "members": ["chemistry", "material", "control"]})
    assert result["surroundings"]["gravity_m_s2"] == 1.62
    assert result["reports"]["control"]["summary"].startswith("not applicable: ")
    assert result["reports"]["material"]["status"] == "success"
    assert issubclass(PhysicsAgent, BaseAgent)


def test_an_open_check_goes_when_an_agent_has_looked_at_its_requirement():
    def row(name, requirement, value=None):
        return {"id": name, "requirement_id": requirement, "status": "not verified", "value": value}

    rows = [row("environment_salt", "environment_salt"), row("environment_food", "environment_food"),
            row("corrosion", None), row("width", "width", 3.0)]  # fmt: skip
    answer = {"id": "galvanic_couple", "title": "", "status": "fail", "requirement_id": "environment_salt"}
    report = AgentReport(agent="ChemistryAgent", status="failure", checks=(answer,))
    assert [r["id"] for r in without_answered(rows, [report])] == ["environment_food", "width"]
    assert len(without_answered(rows, [])) == 4
    # what the family says of the surroundings that the brief names stands: nobody works out pitting
    named = {**row("corrosion", None), "reason": "the brief says 'by the sea': pitting is not worked out"}
    assert without_answered([named], [report]) == [named]


def test_what_was_cooled_by_air_is_not_verified_where_there_is_none():
    row = {
        "id": "wall_temperature",
        "requirement_id": None,
        "status": "pass",
        "value": 55.0,
        "margin": 0.6,
        "reason": "",
    }
    other = {**row, "id": "bending"}
    assert where_air_is([row, other], {"convection": "air"}) == [row, other]
    changed, same = where_air_is([row, other], {"convection": "none", "place": "moon"})
    assert (changed["status"], changed["value"]) == ("not verified", None)
    assert "moon" in changed["reason"]
    assert same == other


async def test_a_box_on_the_moon_sheds_heat_by_radiation_alone():
    brief = "An enclosure 120 x 80 x 40 mm inside, wall 2.5 mm, made of aluminium 6061-T6, dissipates 10 W, on the Moon"
    intent = understand(brief).model_dump(mode="json")
    given = {"intent": intent, "material": intent["material"], "compiled": {"area_mm2": 9e4}, "members": ["thermal"]}
    result = await PhysicsAgent().run(given)
    # bare aluminium: emissivity 0.09
    hot = (10 / (0.09 * 5.670374419e-8 * 0.09) + (117 + 273.15) ** 4) ** 0.25 - 273.15
    assert result["reports"]["thermal"]["data"]["equilibrium_temp_c"] == pytest.approx(hot, abs=0.01)
    assert "radiation alone" in result["reports"]["thermal"]["summary"]
    place = next(c for c in result["checks"] if c["id"] == "place_temperatures")
    assert place["requirement_id"] == "environment_moon"
