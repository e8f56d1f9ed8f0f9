"""The nested state: nothing is lost on the way from the flat form, nothing is shared with it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.schema import AgentState, Quantity, StateMigrator, new_state

FLAT = {
    "project_id": "p1",
    "user_intent": "a drone frame for Mars",
    "constraints": {"mass": 1},
    "kcl_code": "a = 1",
    "physics_predictions": {"stress": 1.5},
    "validation_flags": {"physics_safe": False, "reasons": ["STRUCTURAL_FAILURE: x"]},
    "bom_analysis": {"lines": []},
    "user_approval": "approved",
    "approval_required": True,
}


def test_flat_state_lands_in_its_sections() -> None:
    state = StateMigrator.migrate(FLAT)
    assert state["core"]["user_intent"] == "a drone frame for Mars"
    assert state["design"]["constraints"] == {"mass": 1}
    assert state["geometry"]["kcl_code"] == "a = 1"
    assert state["physics"]["predictions"] == {"stress": 1.5}
    assert state["validation"]["flags"]["reasons"] == ["STRUCTURAL_FAILURE: x"]
    assert state["manufacturing"]["bom_analysis"] == {"lines": []}
    assert (state["user_approval"], state["approval_required"]) == ("approved", True)


def test_migration_shares_nothing_with_its_input() -> None:
    state = StateMigrator.migrate(FLAT)
    state["validation"]["flags"]["reasons"].append("y")
    assert FLAT["validation_flags"]["reasons"] == ["STRUCTURAL_FAILURE: x"]  # type: ignore[index]


def test_two_new_states_share_nothing() -> None:
    one, two = new_state("a", "x"), new_state("b", "y")
    one["core"]["errors"].append("broken")
    assert two["core"]["errors"] == []


@given(st.dictionaries(st.sampled_from(sorted(FLAT)), st.none() | st.integers() | st.text(max_size=5), max_size=5))
def test_migration_is_idempotent_and_complete(flat: dict[str, object]) -> None:
    once = StateMigrator.migrate(flat)
    assert StateMigrator.migrate(dict(once)) == once
    assert set(once) == set(AgentState.__annotations__)
    json.dumps(once)


def test_no_section_has_ten_fields_or_more() -> None:
    sections = {name: value for name, value in new_state("p", "x").items() if isinstance(value, dict)}
    assert max(len(section) for section in sections.values()) < 10


def test_records_are_immutable_and_refuse_unknown_fields() -> None:
    quantity = Quantity(value=1.0, unit="mm", origin="brief")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        quantity.value = 2.0  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Quantity(value=1.0, unit="mm", origin="brief", colour="red")  # type: ignore[call-arg,arg-type]
