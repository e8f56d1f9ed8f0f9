"""``brick check`` on heat in time: several bodies, tables of properties, and what a user may get wrong in them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.integration.test_check_cli import brick, check, layers, pool

__all__ = ["brick", "pool"]  # fixtures

STEEL = {
    "label": "steel", "source": "Eurocode 3, rounded", "density": "7850 kg/m3",
    "thermal_conductivity": [["20 degC", "53 W/(m K)"], ["800 degC", "27 W/(m K)"]],
    "specific_heat": [["20 degC", "440 J/(kg K)"], ["600 degC", "760 J/(kg K)"]],
}  # fmt: skip
BOARD = {
    "label": "board", "source": "test", "density": "800 kg/m3", "thermal_conductivity": "0.2 W/(m K)",
    "specific_heat": "1700 J/(kg K)",
}  # fmt: skip
FIRE: dict[str, Any] = {
    "title": "A plate behind a board, one side in a fire",
    "model": "two.kcl",
    "contact": "bonded",
    "materials": [{"bodies": [0], "material": STEEL}, {"bodies": [1], "material": BOARD}],
    "analysis": {"type": "thermal_transient", "start": "20 degC", "duration": "600 s", "steps": 12},
    "heat": {
        "conditions": [
            {"type": "convection", "faces": {"normal": "+X", "at": "max"}, "coefficient": "25 W/(m^2 K)",
             "history": [["0 s", "20 degC"], ["300 s", "500 degC"]]},
            {"type": "radiation", "faces": {"normal": "+X", "at": "max"}, "emissivity": 0.8,
             "history": [["0 s", "20 degC"], ["300 s", "500 degC"]]},
            {"type": "source", "power": "2 W", "bodies": [0]},
        ]
    },
    "results": [{"type": "temperature", "at_most": "200 degC", "faces": {"normal": "-X", "at": "min"}}],
    "mesh": {"max_dofs": 1000, "levels": 1},
}  # fmt: skip


def changed(*path: Any, value: Any) -> dict[str, Any]:
    study = copy.deepcopy(FIRE)
    place: Any = study
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return study


def steel(**change: Any) -> dict[str, Any]:
    return changed("materials", 0, "material", value={**STEEL, **change})


def test_a_plate_behind_a_board_stays_cool(brick: Any, tmp_path: Any) -> None:
    layers(tmp_path / "two.kcl", 20, 20)
    _, result, _ = brick(FIRE)
    found = check(result, "result_0_temperature")
    assert 20 < found["value"] < 100
    assert found["uncertainty"] > 0
    assert result["result"]["temperature_c"]["max"] > 300  # the board's hot side
    assert result["result"]["balance"]["imbalance_rel"] < 1e-2
    rows = result["materials"]["0"]["properties"]
    assert [r["value"] for r in rows if r["property"].startswith("specific_heat at")] == [440, 760]


@pytest.mark.parametrize(
    ("study", "words"),
    [
        (steel(specific_heat=[["20 degC", "440 J/(kg K)"]]), "two rows"),
        (steel(specific_heat=[["20 degC", 440], ["90 degC", 1]]), "unit"),
        (steel(specific_heat=[["20 degC"], ["90 degC"]]), "row 1"),
        (steel(specific_heat=[[20, "4 J/(kg K)"], [9, "4 J/(kg K)"]]),
         "unit"),
        (steel(thermal_conductivity=[["90 degC", "5 W/(m K)"],
         ["20 degC", "5 W/(m K)"]]), "ascending"),
        (steel(thermal_conductivity=[["20 degC", "0 W/(m K)"],
         ["90 degC", "5 W/(m K)"]]), "above 0"),
        (steel(thermal_conductivity=[["20 degC", ".nan W/(m K)"],
         ["90 degC", "5 W/(m K)"]]), "row 1"),
        (steel(thermal_conductivity={"at": 5}), "quantity"),
        (changed("analysis", "starts", value=[{"bodies": [9], "temperature": "50 degC"}]), "body 9"),
        (changed("analysis", "starts", value=[{"bodies": [0, 0], "temperature": "50 degC"}]), "twice"),
        (changed("analysis", "starts", value=[{"bodies": [], "temperature": "50 degC"}]), "starts"),
        (changed("analysis", "starts", value=[{"bodies": [0], "temperature": "50"}]), "without a unit"),
        (changed("analysis", "starts", value=[{"bodies": [0], "temperature": "-300 degC"}]), "at least"),
        (changed("heat", "conditions", 2, "bodies", value=[9]), "9"),
        (changed("materials", value=[{"bodies": [0], "material": STEEL}]), "no material"),
        (changed("heat", "conditions", 2, "power", value=float("nan")), "expected a number"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_bodies_in_time_is_said(
    brick: Any,
    tmp_path: Any,
    study: dict[str, Any],
    words: str,
) -> None:
    layers(tmp_path / "two.kcl", 20, 20)
    status, result, _ = brick(study)
    assert status == 2
    assert words in result["error"]["message"]
