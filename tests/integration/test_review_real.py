"""The STEP file of a package read back by a real geometry worker."""

import asyncio
from pathlib import Path

import pytest

from backend.agents.quality_review_agent import read_back, step_reads_back
from backend.compute import get_pool
from backend.geometry import compile_project

BLOCK = """@settings(defaultLengthUnit = mm)
part = startSketchOn(XY)
  |> rectangle(center = [10, 5], width = 60, height = 40)
  |> subtract2d(tool = circle(center = [0, 0], radius = 6))
  |> extrude(length = LENGTH)
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Two blocks of different length, as the engine writes them."""
    found = {}

    async def build():
        for length in (12, 13):
            folder = tmp_path_factory.mktemp(f"block{length}")
            code = BLOCK.replace("LENGTH", str(length))
            found[length] = await compile_project(code, folder, pool=get_pool(), exports=("step",))

    asyncio.run(build())
    yield found
    get_pool().close()


def checked(compiled, step):
    files = {"step": str(step)}
    reread = asyncio.run(read_back(files))
    return step_reads_back({"geometry": {"compiled": compiled}}, files, reread)


def test_the_solid_that_was_written_comes_back(packages):
    check = checked(packages[12], packages[12]["files"]["step"])
    assert (check.status, check.reason.count("mm")) == ("pass", 2), check.reason
    assert "1 body" in check.reason


def test_another_solid_does_not(packages):
    check = checked(packages[12], packages[13]["files"]["step"])
    assert check.status == "fail"
    assert "a side of the box lies 1 mm off" in check.reason


def test_a_file_that_breaks_off_or_is_none_is_said_to_be_unreadable(packages, tmp_path):
    whole = Path(packages[12]["files"]["step"]).read_bytes()
    for content in (whole[: len(whole) // 2], b"no STEP at all", b""):
        (tmp_path / "model.step").write_bytes(content)
        check = checked(packages[12], tmp_path / "model.step")
        assert check.status == "fail", check.reason


def test_without_one_there_is_nothing_to_compare(packages):
    assert asyncio.run(read_back({"stl": "model.stl"})) is None
