"""The supervised pool: what a task returns, and what happens when it misbehaves."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from backend.compute import KINDS, Lease, WorkPool
from backend.compute.kinds import Kind
from backend.engine.errors import EngineError
from backend.errors import InputError, TaskError

ROOT = Path(__file__).resolve().parents[2]
BAD = "tests.faults.misbehave"


@pytest.fixture(scope="module")
def pool():
    pool = WorkPool({"general": Kind("general", None, ("OCP", "ngsolve")), "slow": Kind("slow", f"{BAD}:warm_slowly")})
    yield pool
    pool.close()


async def test_a_task_returns_its_result_from_another_process(pool):
    result = await pool.run(f"{BAD}:echo", {"a": [1, 2.5, None]})
    assert result["echo"] == {"a": [1, 2.5, None]}
    assert result["pid"] != os.getpid()


async def test_the_same_worker_serves_the_next_task(pool):
    first = await pool.run(f"{BAD}:echo", 1)
    second = await pool.run(f"{BAD}:echo", 2)
    assert first["pid"] == second["pid"]


async def test_progress_arrives_in_order(pool):
    seen = []
    assert await pool.run(f"{BAD}:add", [1, 2, 3], on_progress=seen.append) == 6
    assert seen == [{"step": 1}, {"step": 2}]


async def test_a_task_that_hangs_is_stopped_and_its_worker_replaced(pool):
    before = (await pool.run(f"{BAD}:echo", 1))["pid"]
    start = time.monotonic()
    with pytest.raises(TaskError) as caught:
        await pool.run(f"{BAD}:sleep", 30, timeout_s=0.2)
    assert caught.value.code == "task_timeout"
    assert time.monotonic() - start < 25  # and not the 30 s that it would take
    assert (await pool.run(f"{BAD}:echo", 1))["pid"] != before
    assert not psutil.pid_exists(before)


async def test_a_task_that_eats_memory_is_stopped(pool):
    with pytest.raises(TaskError) as caught:
        await pool.run(f"{BAD}:eat_memory", None, memory_mb=200)
    assert caught.value.code == "task_memory"
    assert 200 < caught.value.details["used_mb"] < 1000


async def test_a_native_crash_is_reported_with_its_signal_and_its_trace(pool):
    with pytest.raises(TaskError) as caught:
        await pool.run(f"{BAD}:segfault", None)
    assert caught.value.code == "task_crashed"
    assert "SIGSEGV" in caught.value.message
    assert "segfault" in caught.value.details["last_words"]  # faulthandler names the function
    assert (await pool.run(f"{BAD}:echo", "still here"))["echo"] == "still here"


async def test_a_worker_that_exits_is_reported_with_its_status(pool):
    with pytest.raises(TaskError, match="exit status 7"):
        await pool.run(f"{BAD}:leave", 7)


async def test_an_error_of_ours_comes_back_as_itself(pool):
    with pytest.raises(InputError) as caught:
        await pool.run(f"{BAD}:raise_brick", "x")
    assert caught.value.as_dict() == {
        "code": "bad_input",
        "message": "no such thing",
        "next_action": "Name another.",
        "details": {"given": "x"},
    }


async def test_another_exception_is_named_with_its_traceback(pool):
    with pytest.raises(TaskError) as caught:
        await pool.run(f"{BAD}:raise_plain", "input")
    assert caught.value.code == "task_failed"
    assert "ValueError: bad input" in caught.value.message
    assert "raise_plain" in caught.value.details["traceback"]


async def test_a_result_that_cannot_be_sent_is_an_error_and_not_a_hang(pool):
    with pytest.raises(TaskError, match="can't be sent"):
        await pool.run(f"{BAD}:unpicklable", 1, timeout_s=60)


async def test_a_missing_function_is_an_error(pool):
    with pytest.raises(TaskError, match="AttributeError"):
        await pool.run(f"{BAD}:no_such_function", 1)


async def test_much_output_does_not_block_a_task_or_reach_our_stdout(pool, capfd):
    assert await pool.run(f"{BAD}:print_much", 5_000_000, timeout_s=60) == "printed"
    assert capfd.readouterr().out == ""


async def test_a_package_of_another_kind_is_refused(pool):
    with pytest.raises(TaskError, match="must not be loaded in a 'general' worker"):
        await pool.run(f"{BAD}:import_module", "ngsolve")


async def test_cancelling_kills_the_worker(pool):
    busy = (await pool.run(f"{BAD}:echo", 1))["pid"]
    task = asyncio.create_task(pool.run(f"{BAD}:sleep", 30))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadline = time.monotonic() + 60
    while psutil.pid_exists(busy) and time.monotonic() < deadline:  # noqa: ASYNC110 - a process has no event
        await asyncio.sleep(0.02)
    assert not psutil.pid_exists(busy)


async def test_the_programs_a_task_started_are_killed_with_it(pool, tmp_path):
    note = tmp_path / "pid"
    with pytest.raises(TaskError, match="was stopped"):
        await pool.run(f"{BAD}:start_child", str(note), timeout_s=8.0)
    child = int(note.read_text())

    def lives():
        try:
            return psutil.Process(child).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    for _ in range(3000):  # the signal is sent; the kernel delivers it when it gets to it
        if not lives():
            break
        await asyncio.sleep(0.02)
    assert not lives()


async def test_warming_up_does_not_count_against_the_time_limit(pool):
    assert await pool.run(f"{BAD}:sleep", 0, kind="slow", timeout_s=2.5) == "slept"


def test_warm_returns_at_once():
    pool = WorkPool({"slow": Kind("slow", f"{BAD}:warm_for_a_minute")})
    start = time.monotonic()
    pool.warm("slow")
    assert time.monotonic() - start < 60
    pool.close()


async def test_a_worker_that_cannot_warm_up_still_says_what_is_wrong_with_a_task():
    pool = WorkPool({"cold": Kind("cold", f"{BAD}:warm_badly")})
    assert (await pool.run(f"{BAD}:echo", 1, kind="cold"))["echo"] == 1
    pool.close()


async def test_an_unknown_kind_is_refused(pool):
    with pytest.raises(TaskError, match="no such kind of worker: 'gpu'"):
        await pool.run(f"{BAD}:echo", 1, kind="gpu")


async def test_a_closed_pool_refuses_work():
    pool = WorkPool()
    pool.close()
    with pytest.raises(TaskError) as caught:
        await pool.run(f"{BAD}:echo", 1)
    assert caught.value.code == "pool_closed"


def test_it_works_from_one_event_loop_after_another(pool):
    for _ in range(3):
        assert asyncio.run(pool.run(f"{BAD}:echo", 5))["echo"] == 5


def test_a_worker_has_the_variables_of_its_kind_where_none_are_given(monkeypatch):
    monkeypatch.setenv("BRICK_TEST_GIVEN", "ours")
    variables = (("BRICK_TEST_GIVEN", "theirs"), ("BRICK_TEST_OPEN", "theirs"))
    pool = WorkPool({"general": Kind("general", environment=variables)})
    try:
        assert pool.run_sync("os:getenv", "BRICK_TEST_GIVEN", kind="general", timeout_s=60) == "ours"
        assert pool.run_sync("os:getenv", "BRICK_TEST_OPEN", kind="general", timeout_s=60) == "theirs"
    finally:
        pool.close()
    assert ("OPENBLAS_NUM_THREADS", "1") in KINDS["fem"].environment


def test_opencascade_and_ngsolve_never_share_a_kind():
    assert {"ngsolve", "netgen"} <= set(KINDS["geometry"].refuses)
    assert "OCP" in KINDS["fem"].refuses
    assert {"OCP", "ngsolve", "netgen"} <= set(KINDS["general"].refuses)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_workers_die_with_the_program(how, tmp_path):
    script = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from backend.compute import get_pool
pool = get_pool()
print(pool.run_sync("{BAD}:echo", 1)["pid"], flush=True)
pool.run_sync("{BAD}:sleep", 60)
"""
    program = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    worker = int(program.stdout.readline())
    time.sleep(0.1)
    program.send_signal(how)
    program.wait(timeout=60)
    deadline = time.monotonic() + 60
    while psutil.pid_exists(worker) and time.monotonic() < deadline:
        if psutil.Process(worker).status() == psutil.STATUS_ZOMBIE:
            break  # dead; its new parent hasn't collected it yet
        time.sleep(0.02)
    else:
        assert not psutil.pid_exists(worker)


async def test_a_worker_that_still_works_on_what_was_given_up_is_replaced(pool):
    before = (await pool.run(f"{BAD}:echo", 1))["pid"]
    with pytest.raises(EngineError, match="longer than 1 s"):
        await pool.run(f"{BAD}:give_up", None)
    assert (await pool.run(f"{BAD}:echo", 1))["pid"] != before
    assert not psutil.pid_exists(before)


@pytest.fixture
def lease():
    lease = Lease(Kind("general", None, ("OCP", "ngsolve")), 1)
    yield lease
    lease.close()


async def test_what_a_task_leaves_is_there_for_the_next_of_its_lease(lease):
    first, second = await lease.run(f"{BAD}:keep", "a"), await lease.run(f"{BAD}:keep", "b")
    assert (first["kept"], second["kept"]) == (1, 2)
    assert first["pid"] == second["pid"] == lease.pid
    assert lease.rss_mb > 5


async def test_a_lease_whose_process_died_says_so_and_starts_anew(lease):
    pid = (await lease.run(f"{BAD}:keep", "a"))["pid"]
    with pytest.raises(TaskError) as caught:
        await lease.run(f"{BAD}:segfault", None)
    assert caught.value.code == "task_crashed"
    again = await lease.run(f"{BAD}:keep", "b")
    assert again["kept"] == 1
    assert again["pid"] != pid


async def test_many_quick_tasks_do_not_get_past_the_memory_limit_of_a_lease(lease):
    async def many():
        for _ in range(20):
            await lease.run(f"{BAD}:hoard", 20, memory_mb=150)

    with pytest.raises(TaskError) as caught:
        await many()
    assert caught.value.code == "task_memory"


async def test_a_closed_lease_leaves_no_process(lease):
    pid = (await lease.run(f"{BAD}:keep", "a"))["pid"]
    lease.close()
    assert not psutil.pid_exists(pid)
    with pytest.raises(TaskError) as caught:
        await lease.run(f"{BAD}:keep", "b")
    assert caught.value.code == "pool_closed"
