"""Published and closed-form problems, posed as a user poses them: a study file, a KCL program, default meshes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.test_check_cli import brick, check, pool

__all__ = ["brick", "pool"]  # fixtures

FOLDER = Path(__file__).parent / "published"
REFERENCES = yaml.safe_load((FOLDER / "references.yaml").read_text(encoding="utf-8"))


def test_every_study_has_a_reference() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} - {"references"} == set(REFERENCES)


@pytest.mark.parametrize("name", REFERENCES)
def test_a_study_reads_its_reference(name: str, brick: Any) -> None:
    wanted = REFERENCES[name]
    _, result, _ = brick(FOLDER / f"{name}.yaml")
    found = check(result, wanted["check"])
    assert found["value"] == pytest.approx(wanted["value"], rel=wanted["rel"]), wanted["source"]
    assert 0 < found["uncertainty"] < 0.03 * abs(wanted["value"])
