"""The model of a study: what is said of files that can't be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.compute import WorkPool
from backend.studies.errors import ModelError
from backend.studies.model import load_model


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkPool]:
    shared = WorkPool()
    yield shared
    shared.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("solid nothing", "not a STEP file"),
        ("ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=CARTESIAN_POINT('',(0.,", "not a readable STEP file"),
    ],
    ids=["empty", "another format", "cut short"],
)
def test_a_file_that_cannot_be_read_is_told_by_its_own_name(
    pool: WorkPool, tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "bracket-v3.step"
    path.write_text(content)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(ModelError, match=words) as caught:
        load_model(path, out, pool)
    assert "bracket-v3.step" in caught.value.message
    assert "import.step" not in caught.value.message
    assert "program that made it" in caught.value.next_action
