"""The pool with the real engine and solver: they stay apart, and a killed worker is replaced without harm."""

import asyncio
import os
import signal

import pytest

from backend.compute import WorkPool
from backend.errors import TaskError

BOX = """
sketch001 = startSketchOn(XY)
profile001 = startProfile(sketch001, at = [0, 0])
  |> line(end = [10, 0])
  |> line(end = [0, 20])
  |> line(end = [-10, 0])
  |> close()
extrude001 = extrude(profile001, length = 30)
"""
BAD = "tests.faults.misbehave"


@pytest.fixture(scope="module")
def pool():
    pool = WorkPool()
    pool.warm("geometry", "fem")
    yield pool
    pool.close()


async def compile_box(pool, tmp_path, **limits):
    request = {"code": BOX, "out_dir": str(tmp_path), "exports": ["brep"]}
    return await pool.run("backend.engine.run:run_project", request, kind="geometry", **limits)


async def test_the_engine_compiles_in_a_worker(pool, tmp_path):
    result = await compile_box(pool, tmp_path)
    assert result["volume_mm3"] == pytest.approx(6000, rel=1e-9)
    assert "brep" in result["files"]


async def test_a_worker_killed_from_outside_is_replaced(pool, tmp_path):
    await compile_box(pool, tmp_path)
    (worker,) = pool.status()["geometry"]
    os.kill(worker["pid"], signal.SIGKILL)
    await asyncio.sleep(0.2)
    result = await compile_box(pool, tmp_path)
    assert result["volume_mm3"] == pytest.approx(6000, rel=1e-9)
    assert pool.status()["geometry"][0]["pid"] != worker["pid"]


async def test_a_worker_killed_at_work_is_told_as_a_crash(pool):
    sleeping = asyncio.create_task(pool.run(f"{BAD}:sleep", 30, kind="fem"))
    for _ in range(400):
        await asyncio.sleep(0.05)
        if pool.status().get("fem") and pool.status()["fem"][0]["ready"]:
            break
    await asyncio.sleep(0.3)
    os.kill(pool.status()["fem"][0]["pid"], signal.SIGKILL)
    with pytest.raises(TaskError, match="SIGKILL"):
        await sleeping


@pytest.mark.parametrize(("kind", "package"), [("geometry", "ngsolve"), ("fem", "OCP")])
async def test_opencascade_and_ngsolve_never_meet(pool, kind, package):
    with pytest.raises(TaskError, match="must not be loaded"):
        await pool.run(f"{BAD}:import_module", package, kind=kind)


async def test_a_program_that_does_not_compile_comes_back_with_its_place(pool, tmp_path):
    from backend.engine.errors import EngineError

    request = {"code": BOX + "\nfoo = bar(1)\n", "out_dir": str(tmp_path), "exports": []}
    with pytest.raises(EngineError) as caught:
        await pool.run("backend.engine.run:run_project", request, kind="geometry")
    assert caught.value.as_dict()["source"]["line"] == 10
