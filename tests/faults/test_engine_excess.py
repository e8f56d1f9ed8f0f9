"""Programs without end or measure, and workers that are killed: the pool and the server answer, and go on.

``BRICK_TEST_EXCESS=1`` gives the full amounts (a pattern of 100 000 under the pool's own limit of a minute).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator

import psutil
import pytest

from backend.compute import WorkPool
from backend.engine.errors import EngineError
from backend.errors import TaskError
from tests.integration.engine_probe import block
from tests.integration.engine_server import Engine, batch, reply, request
from tests.integration.test_engine_server import official_client

RUN = "backend.engine.run:run_project"
FULL = bool(os.environ.get("BRICK_TEST_EXCESS"))
DISC = "startSketchOn(XY) |> circle(center = [0, 0], radius = 5) |> extrude(length = 2)"


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkPool]:
    workers = WorkPool()
    yield workers
    workers.close()


def run(pool: WorkPool, code: str, limit_s: float, memory_mb: float = 3000.0) -> float:
    request = {"code": code, "exports": [], "timeout_s": limit_s}
    result = pool.run_sync(RUN, request, kind="geometry", timeout_s=limit_s + 3, memory_mb=memory_mb)
    return float(result["volume_mm3"])


EXCESS = [
    # what, program, codes of an error that may come, words in it
    ("a recursion without end", "fn f(x) {\n  return f(x = x + 1)\n}\na = f(x = 1)\n", {"kcl_failed"}, "limit (1000)"),
    (
        "a recursion within a loop",
        "fn f(x) {\n  return reduce([0..10], initial = 0, f = fn(@i, accum) { return f(x = x) })\n}\na = f(x = 1)\n",
        {"kcl_failed"},
        "limit (1000)",
    ),
    ("brackets without end", "a = " + "(" * 20_000 + "1" + ")" * 20_000, {"kcl_failed"}, "nesting limit"),
    (
        "a sum of 30 000 terms",
        "a = 1" + " + 1" * 30_000,
        {"task_crashed", "task_memory", "timeout", "task_timeout"},
        "",
    ),
    (
        "a list that eats memory",
        "a = reduce([0..100000000], initial = 0, f = fn(@i, accum) { return accum + i })",
        {"task_memory", "task_timeout", "timeout"},
        "",
    ),
    (
        "lists of lists that eat memory",
        "a = [0..1000000]\nb = map(a, f = fn(@i) { return [0..1000000] })",
        {"task_memory", "task_timeout", "timeout"},
        "",
    ),
    (
        "a round pattern of 100 000",
        DISC + " |> patternCircular3d(instances = 100000, axis = [0, 0, 1], center = [90, 0, 0])",
        {"bad_request"},
        "99999 copies is more than the 20000",
    ),
    (
        "a row of 100 000 (the interpreter makes a transform for each)",
        DISC + " |> patternLinear3d(instances = 100000, distance = 20, axis = [1, 0, 0])",
        {"bad_request", "timeout", "task_timeout"},
        "",
    ),
]


@pytest.mark.parametrize(("what", "code", "codes", "words"), EXCESS, ids=[one[0] for one in EXCESS])
def test_a_program_without_end_or_measure_ends_with_words(
    pool: WorkPool, what: str, code: str, codes: set[str], words: str
) -> None:
    began = time.monotonic()
    limit_s = 60.0 if FULL else 5.0
    with pytest.raises((EngineError, TaskError)) as ended:
        run(pool, code, limit_s, 3000.0 if FULL else 900.0)
    print(f"{what}: {ended.value.code} after {time.monotonic() - began:.1f} s: {ended.value.message}")
    assert ended.value.code in codes
    assert words in ended.value.message
    assert "Traceback" not in ended.value.message
    assert run(pool, DISC, 30.0) == pytest.approx(157.0796, rel=1e-6)  # the next run meets a sound worker


async def test_a_worker_killed_in_the_middle_of_a_command_costs_its_run_only(pool: WorkPool) -> None:
    many = DISC + " |> patternLinear3d(instances = 12000, distance = 20, axis = [1, 0, 0])"
    task = asyncio.create_task(
        pool.run(RUN, {"code": many, "exports": [], "timeout_s": 60}, kind="geometry", timeout_s=70)
    )
    await asyncio.sleep(3.0)
    assert not task.done()
    for worker in pool.status()["geometry"]:
        psutil.Process(worker["pid"]).kill()
    with pytest.raises(TaskError) as ended:
        await task
    assert ended.value.code == "task_crashed"
    assert "signal SIGKILL" in ended.value.message
    assert await asyncio.to_thread(run, pool, DISC, 30.0) == pytest.approx(157.0796, rel=1e-6)


async def test_kills_again_and_again_are_each_told_and_never_end_the_server() -> None:
    rounds = 20 if FULL else 3
    with Engine("--sessions", "2") as engine:
        for number in range(rounds):
            async with engine.connect() as socket:
                await socket.send(batch(block()))
                await reply(socket)
                for worker in engine.workers():
                    worker.kill()
                await socket.send(request({"type": "volume", "entity_ids": [], "output_unit": "mm3"}))
                told = await asyncio.wait_for(reply(socket), 30)
                assert told["success"] is False, number
                assert "crashed" in told["errors"][0]["message"]
        async with engine.connect() as socket:
            await socket.send(batch(block()))
            assert (await asyncio.wait_for(reply(socket), 30))["success"]


async def test_an_interpreter_that_waits_in_a_spin_is_let_go_by_the_server() -> None:
    """The official client burns a core while it waits and has no limit of its own: the server's answer ends that."""
    with Engine("--sessions", "1", "--timeout-s", "2", "--memory-mb", "2500") as engine:
        many = DISC + "\n  |> patternLinear3d(instances = 15000, distance = 20, axis = [1, 0, 0])"
        began = time.monotonic()
        told = await asyncio.to_thread(official_client, engine, many)  # a process that ends by os._exit
        assert "the limit for one request" in told["error"]
        assert time.monotonic() - began < 45
        assert "files" in await asyncio.to_thread(official_client, engine, DISC)
