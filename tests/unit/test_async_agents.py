"""What every agent keeps to: async, and a report instead of an exception."""

import asyncio
import inspect

import pytest

from backend.agent_registry import DECLARED, GlobalAgentRegistry
from backend.agents.base import BaseAgent, describe, required
from backend.agents.xai import create_xai_wrapper
from backend.errors import InputError, TaskError
from backend.monitoring import monitor
from backend.xai_stream import read_thoughts, run_context


class Scripted(BaseAgent):
    """Does what each entry of a script says: returns a dict, or raises."""

    def __init__(self, *script):
        self.script = list(script)
        self.calls = 0

    async def run(self, params, **kwargs):
        self.calls += 1
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        if isinstance(step, float):
            await asyncio.sleep(step)
            return {}
        return step


CHECK = {"id": "c", "title": "C", "status": "pass", "value": 1.0}


@pytest.mark.parametrize("spec", DECLARED, ids=lambda spec: spec.name)
def test_every_agent_is_async(spec):
    agent = GlobalAgentRegistry().get_agent(spec.name)
    assert isinstance(agent._agent, BaseAgent)
    assert inspect.iscoroutinefunction(agent._agent.run)


async def test_a_result_becomes_a_report():
    report = await Scripted({"status": "failure", "summary": "s", "checks": [CHECK], "extra": 1}).report({})
    assert (report.agent, report.status, report.summary, report.data) == ("Scripted", "failure", "s", {"extra": 1})
    assert report.checks[0].value == 1.0


async def test_an_exception_becomes_a_report():
    report = await Scripted(InputError("no size", next_action="Give one.")).report({})
    assert report.status == "error"
    assert report.error == {"code": "bad_input", "message": "no size", "next_action": "Give one.", "details": {}}


async def test_an_unexpected_exception_keeps_its_traceback():
    report = await Scripted(ZeroDivisionError("division")).report({})
    assert report.error["code"] == "internal"
    assert "ZeroDivisionError" in report.error["details"]["traceback"]


async def test_a_timeout_becomes_a_report():
    report = await Scripted(5.0).report({}, timeout_s=0.05)
    assert report.error["code"] == "agent_timeout"
    assert report.elapsed_s < 4  # it would take 5 s


async def test_a_crash_is_tried_again_and_bad_input_is_not():
    crash = TaskError("the worker died", code="task_crashed")
    agent = Scripted(crash, {"summary": "second time"})
    assert (await agent.report({}, retries=1)).summary == "second time"
    agent = Scripted(InputError("bad"), {"summary": "never"})
    assert (await agent.report({}, retries=3)).status == "error"
    assert agent.calls == 1


async def test_retries_are_bounded():
    agent = Scripted(*[TaskError("died")] * 5)
    assert (await agent.report({}, retries=2)).status == "error"
    assert agent.calls == 3


async def test_a_cancelled_agent_is_cancelled_and_not_reported():
    task = asyncio.create_task(Scripted(5.0).report({}))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_one_that_fails_does_not_take_its_siblings_along():
    reports = await asyncio.gather(
        Scripted(RuntimeError("broken")).report({}), Scripted(0.02).report({}), Scripted({"summary": "fine"}).report({})
    )
    assert [report.status for report in reports] == ["error", "success", "success"]


async def test_the_wrapper_times_runs_and_tells_of_errors():
    monitor.metrics.pop("Scripted", None)
    monitor.failures.pop("Scripted", None)
    agent = create_xai_wrapper(Scripted({"a": 1}, RuntimeError("broken"), ValueError("raised")))
    with run_context("wrapped"):
        assert await agent.run({}) == {"a": 1}
        await agent.report({})
        with pytest.raises(ValueError, match="raised"):
            await agent.run({})
    stats = monitor.get_stats()["Scripted"]
    assert (stats["count"], stats["failures"]) == (3, 2)
    assert [t["text"] for t in read_thoughts("wrapped")[0]] == ["RuntimeError: broken"]
    assert agent.calls == 3  # everything else is the agent's own


def test_an_agent_must_have_an_async_run():
    with pytest.raises(TypeError, match="no async method"):
        create_xai_wrapper(object())


def test_a_missing_parameter_is_named():
    with pytest.raises(InputError, match=r"StructuralAgent needs 'scheme'.*given: intent"):
        required({"intent": {}}, "scheme", "StructuralAgent")


def test_an_error_with_words_of_its_own_is_described_in_them():
    class Foreign(Exception):
        def as_dict(self):
            return {"code": "foreign", "message": "m", "source": {"line": 3}}

    assert describe(Foreign()) == {
        "code": "foreign",
        "message": "m",
        "next_action": "",
        "details": {},
        "source": {"line": 3},
    }
