"""Thoughts: per run, in sequence, read without being destroyed."""

import asyncio
import threading

import pytest

from backend import xai_stream
from backend.xai_stream import get_thoughts, inject_thought, listening, peek_thoughts, read_thoughts, run_context


@pytest.fixture(autouse=True)
def empty():
    get_thoughts()
    xai_stream._runs.clear()
    xai_stream._next_seq.clear()


def test_the_seeds_view_shows_and_empties():
    inject_thought("PhysicsAgent", "Calculating thermal load...")
    assert [(t["agent"], t["text"]) for t in peek_thoughts()] == [("PhysicsAgent", "Calculating thermal load...")]
    assert len(get_thoughts()) == 1
    assert get_thoughts() == []
    assert peek_thoughts() == []


def test_an_empty_thought_is_ignored():
    assert inject_thought("A", "") is None
    assert peek_thoughts() == []


def test_the_global_view_is_bounded():
    for i in range(120):
        inject_thought("A", str(i))
    assert [t["text"] for t in get_thoughts()] == [str(i) for i in range(70, 120)]


def test_two_readers_of_a_run_each_see_everything_in_order():
    for i in range(5):
        inject_thought("A", str(i), run_id="r")
    get_thoughts()  # the destructive reader of the global view takes nothing from the run
    first, cursor = read_thoughts("r", limit=2)
    rest, end = read_thoughts("r", since=cursor)
    again, _ = read_thoughts("r")
    assert [t["text"] for t in first + rest] == ["0", "1", "2", "3", "4"] == [t["text"] for t in again]
    assert [t["seq"] for t in again] == [1, 2, 3, 4, 5]
    assert read_thoughts("r", since=end) == ([], end)


def test_runs_are_apart():
    inject_thought("A", "one", run_id="r1")
    inject_thought("A", "two", run_id="r2", data={"stress_mpa": 12.5}, stage="physics")
    (thought,), _ = read_thoughts("r2")
    assert (thought["seq"], thought["text"], thought["data"], thought["stage"]) == (
        1,
        "two",
        {"stress_mpa": 12.5},
        "physics",
    )


async def test_concurrent_runs_keep_their_thoughts_apart():
    async def run(name):
        with run_context(name):
            for i in range(10):
                inject_thought(name, str(i))
                await asyncio.sleep(0)

    await asyncio.gather(run("a"), run("b"))
    for name in "ab":
        thoughts, _ = read_thoughts(name)
        assert [(t["agent"], t["text"]) for t in thoughts] == [(name, str(i)) for i in range(10)]


def test_threads_lose_no_thought_and_no_number():
    def think():
        for _ in range(100):
            inject_thought("T", "x", run_id="threads")

    threads = [threading.Thread(target=think) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [t["seq"] for t in read_thoughts("threads")[0]] == list(range(1, 501))


def test_the_number_of_runs_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(xai_stream, "RUNS", 3)
    for i in range(5):
        inject_thought("A", "x", run_id=f"r{i}")
    assert read_thoughts("r0")[0] == []
    assert len(read_thoughts("r4")[0]) == 1


def test_a_listener_hears_until_it_leaves_and_a_broken_one_harms_nobody():
    heard = []

    def broken(thought):
        raise RuntimeError("broken")

    with listening(broken), listening(heard.append):
        inject_thought("A", "heard")
    inject_thought("A", "not heard")
    assert [t["text"] for t in heard] == ["heard"]
