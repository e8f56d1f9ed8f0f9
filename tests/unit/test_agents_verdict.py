"""The verdict, and the evidence that needs no solver: what was not checked never passes."""

import pytest

from backend.agents.verification_agent import VerificationAgent, verify
from backend.orchestration.evidence import as_built_checks
from backend.orchestration.state import begin
from backend.schema import Check, Origin, Quantity, Requirement, Sense, Status


def check(id_, status, requirement=None, margin=None, sense=Sense.AT_LEAST):
    return Check(id=id_, title=id_, status=status, requirement_id=requirement, margin=margin, sense=sense)


def requirement(id_, kind="safety_factor", value=None, unit="", sense=None):
    quantity = None if value is None else Quantity(value=value, unit=unit, origin=Origin.BRIEF)
    return Requirement(
        id=id_, kind=kind, statement=f"{id_} as asked", origin=Origin.BRIEF, quantity=quantity, sense=sense
    )


PASS, FAIL, OPEN = Status.PASS, Status.FAIL, Status.NOT_VERIFIED


@pytest.mark.parametrize(
    ("requirements", "checks", "expected"),
    [
        ([], [], OPEN),  # nothing checked is nothing proven
        (["a"], [("x", PASS, "a")], PASS),
        (["a"], [("x", FAIL, "a")], FAIL),
        (["a"], [("x", OPEN, "a")], OPEN),
        (["a"], [("x", PASS, "a"), ("y", OPEN, "a")], OPEN),  # one of two proofs is missing
        (["a"], [("x", PASS, "a"), ("y", OPEN, None)], PASS),  # open, but nobody asked for it
        (["a"], [("x", PASS, "a"), ("y", FAIL, None)], FAIL),  # nobody asked, but it is broken
        (["a", "b"], [("x", PASS, "a")], OPEN),  # b is held by nothing
        (["a", "b"], [("x", FAIL, "a")], FAIL),  # and a failure outweighs what is open
    ],
)
def test_the_verdict(requirements, checks, expected):
    report = verify([requirement(name) for name in requirements], [check(*item) for item in checks])
    assert report.status is expected


def test_a_requirement_that_nothing_checks_shows_up_by_name():
    report = verify([requirement("mass", "mass")], [check("x", PASS)])
    assert report.not_verified == ("requirement_mass",)
    assert report.checks[-1].title == "mass as asked"
    assert "mass as asked" in report.summary


def test_the_summary_tells_the_tightest_requirement_and_no_identity():
    checks = [
        check("volume", PASS, None, 0.0),
        check("size", PASS, "a", 0.0, Sense.EQUAL),
        check("bending", PASS, "a", 0.2),
        check("bolts", PASS, "a", 0.05),
    ]
    assert verify([requirement("a")], checks).summary == (
        "All 4 checks passed; the tightest requirement is bolts with 5.0 % to spare."
    )


def test_the_summary_names_what_failed():
    report = verify([], [check("bending", FAIL), check("bolts", PASS)])
    assert report.summary == "1 of 2 checks failed: bending."
    assert report.failed == ("bending",)


@pytest.mark.parametrize(("status", "expected"), [(PASS, "success"), (FAIL, "failure"), (OPEN, "not_verified")])
async def test_the_agent_reports_the_verdict(status, expected):
    checks = [check("x", status, "a").model_dump(mode="json")]
    result = await VerificationAgent().run({"requirements": [], "checks": checks})
    assert result["status"] == expected
    assert result["verification"]["status"] == status.value


def built(requirements, parameters=None, mass_g=None, material="m", asked="m"):
    state = begin("p", "b", mode="execute", work_dir="", out_dir=None, answers={}, max_repair_rounds=0)
    state["run"]["requirements"] = [item.model_dump(mode="json") for item in requirements]
    state["design"]["design_scheme"] = {
        "material": material,
        "parameters": {name: {"value": value, "unit": unit} for name, (value, unit) in (parameters or {}).items()},
    }
    state["design"]["intent"] = {"material": asked}
    state["geometry"]["mass_properties"] = {"mass_g": mass_g}
    return as_built_checks(state, [])


@pytest.mark.parametrize(("value", "expected"), [(152.4, PASS), (152.4 + 1e-9, PASS), (152.5, FAIL)])
def test_a_size_that_was_given_is_the_size_that_is_built(value, expected):
    asked = requirement("width", "dimension", 152.4, "mm", Sense.EQUAL)
    (found,) = built([asked], {"width": (value, "mm")})
    assert (found.status, found.requirement_id) == (expected, "width")


@pytest.mark.parametrize(("mass_g", "expected"), [(999.0, PASS), (1000.0, PASS), (1001.0, FAIL)])
def test_a_mass_limit_is_held_against_the_solid(mass_g, expected):
    (found,) = built([requirement("mass", "mass", 1000.0, "g", Sense.AT_MOST)], mass_g=mass_g)
    assert found.status is expected
    assert found.margin == pytest.approx((1000 - mass_g) / 1000)


def test_a_mass_limit_without_a_solid_is_not_claimed():
    assert built([requirement("mass", "mass", 1000.0, "g", Sense.AT_MOST)], mass_g=None) == []


@pytest.mark.parametrize(("asked", "expected"), [("m", PASS), ("other", FAIL), (None, FAIL)])
def test_the_material_is_the_one_asked_for(asked, expected):
    (found,) = built([requirement("material", "material")], asked=asked)
    assert found.status is expected


@pytest.mark.parametrize(("choice", "expected"), [("clamped", PASS), ("supported", FAIL), (None, FAIL)])
def test_a_choice_that_was_named_is_the_one_that_is_built(choice, expected):
    state = begin("p", "b", mode="execute", work_dir="", out_dir=None, answers={}, max_repair_rounds=0)
    state["run"]["requirements"] = [requirement("edges", "edges").model_dump(mode="json")]
    state["design"]["intent"] = {"choices": {"edges": "clamped"}}
    state["design"]["design_scheme"] = {"parameters": {}, "choices": {"edges": choice} if choice else {}}
    (found,) = as_built_checks(state, [])
    assert found.status is expected


def test_a_count_over_the_whole_is_the_sum_of_its_places():
    asked = requirement("hole_count", "parameter", 4.0, "1", Sense.EQUAL)
    parameters = {"wall_hole_count": (2.0, "1"), "shelf_hole_count": (2.0, "1")}
    (found,) = built([asked], parameters)
    assert (found.status, found.value) == (PASS, 4.0)
    (found,) = built([asked], {**parameters, "shelf_hole_count": (1.0, "1")})
    assert found.status is FAIL


def test_what_the_scheme_does_not_answer_is_left_open():
    assert built([requirement("finish", "surface", 1.6, "um", Sense.AT_MOST)], {"width": (1.0, "mm")}) == []
    assert built([requirement("width", "dimension", 6.0, "in", Sense.EQUAL)], {"width": (152.4, "mm")}) == []


def test_a_requirement_that_a_check_holds_already_is_left_to_it():
    state = begin("p", "b", mode="execute", work_dir="", out_dir=None, answers={}, max_repair_rounds=0)
    state["run"]["requirements"] = [requirement("a").model_dump(mode="json")]
    state["design"]["design_scheme"] = {"parameters": {}}
    assert as_built_checks(state, [{"requirement_id": "a"}]) == []
