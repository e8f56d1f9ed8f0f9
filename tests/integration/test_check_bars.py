"""Error bars of what ``brick check`` reads at points, and bad input that is refused before anything is solved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_check_cli import BASE, BEAM, STEEL, brick, check, pool

__all__ = ["brick", "pool"]  # fixtures


def test_probes_have_error_bars_that_cover_beam_theory(brick: Any) -> None:
    results = [
        {"type": "displacement"},
        {"type": "probe", "at": ["100 mm", "0 mm", "5 mm"], "quantity": "xx"},
        {"type": "probe", "at": ["200 mm", "0 mm", "0 mm"], "quantity": "displacement"},
        {"type": "probe", "at": ["100 mm", "0 mm", "0 mm"], "quantity": "xz"},
    ]
    _, result, _ = brick({**BASE, "results": results})
    deflection = check(result, "result_0_displacement")["value"]
    # 6 F x/(b h^2), and 3 F/(2 A), which Jourawski's formula gives exactly where Poisson's ratio is 0: this coarse mesh
    # gives it to a sixth, and says so.
    truths = {"result_1": (6 * 100 * 100 / 2000, 0.1), "result_2": (deflection, 0.01), "result_3": (-0.75, 1)}
    for name, (truth, most) in truths.items():
        found = check(result, f"{name}_probe")
        assert abs(found["value"] - truth) <= found["uncertainty"], (name, found)
        assert 0 < found["uncertainty"] < most * abs(truth), (name, found)


def test_a_temperature_at_a_point_has_an_error_bar(brick: Any) -> None:
    ends = [
        {"type": "temperature", "faces": "root", "temperature": "100 degC"},
        {"type": "convection", "faces": "tip", "coefficient": "1000 W/(m^2 K)", "ambient": "20 degC"},
    ]
    study = {key: value for key, value in BASE.items() if key not in ("supports", "loads")}
    study |= {"analysis": {"type": "thermal"}, "heat": {"conditions": ends}}
    study["results"] = [{"type": "probe", "at": ["100 mm", "0 mm", "0 mm"], "quantity": "temperature"}]
    _, result, _ = brick(study)
    found = check(result, "result_0_probe")
    # Resistances in series, m2 K/W: 0.2/50 in the bar, 1/1000 at its end.
    assert abs(found["value"] - (100 - 80 * 0.002 / 0.005)) <= found["uncertainty"] < 0.1
    assert STEEL["thermal_conductivity"] == "50 W/(m K)"


def test_a_load_on_faces_that_are_held_is_refused_before_solving(brick: Any) -> None:
    push = {"type": "force", "faces": "root", "force": "100 N", "direction": "-Z"}
    status, result, _ = brick({**BASE, "loads": [push]})
    assert status == 2
    assert "loads[0] act only on faces that the supports hold" in result["error"]["message"]
    assert "Load other faces" in result["error"]["next_action"]
    # Where a part of what is loaded is free, the load does something.
    status, result, _ = brick({**BASE, "loads": [{**push, "faces": ["root", "tip"]}]})
    assert status != 2, result
    assert result["result"]["von_mises_mpa"]["value"] > 0


def test_a_model_whose_name_is_too_long_is_refused_in_words(brick: Any) -> None:
    status, result, _ = brick({**BASE, "model": "a" * 5000 + ".kcl"})
    assert status == 2
    assert "can't be looked for: File name too long" in result["error"]["message"]
    assert result["error"]["next_action"] == "Give its path relative to the study file."


@pytest.mark.parametrize(
    ("thickness", "length", "says", "next_"),
    [
        ("0.001", "100", "too thin for solid elements", "Check the thickness and its units; make it 0.01 mm or more"),
        ("0.0001", "0.0001", "or it is too small for the kernel: check the units", ""),
    ],
    ids=["a sheet of 1 um", "a cube of 0.1 um"],
)
def test_parts_too_thin_or_too_small_are_refused_as_such(
    brick: Any, tmp_path: Path, thickness: str, length: str, says: str, next_: str
) -> None:
    width = "20" if length == "100" else thickness
    text = BEAM.replace("width = 20", f"width = {width}").replace("height = 10", f"height = {thickness}")
    (tmp_path / "beam.kcl").write_text(text.replace("length = 200", f"length = {length}"))
    status, result, _ = brick({**BASE, "results": [{"type": "displacement"}]})
    assert status == 2
    assert says in result["error"]["message"]
    assert next_ in result["error"]["next_action"]
