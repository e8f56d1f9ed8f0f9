"""What a language model has answered is owed, though the process is killed before it could do anything with it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.config.settings import Settings
from backend.db import ProjectStore, open_database
from backend.db.llm_calls import CallLedger
from backend.llm import Account, Spent, Terms, joined, written_down
from backend.llm.remote import RemoteProvider
from tests.integration.test_llm_accounts import NONSENSE, ONE_USD
from tests.integration.test_llm_providers import GOOD, Sizes
from tests.integration.test_open_ended_design import READING, program
from tests.llm_standin import IN, OUT, Fill, Hang, StandIn

ROOT = Path(__file__).resolve().parents[2]
KEY = "gsk_test_0123456789abcdef"
LIMIT_S = 180


def life(tmp_path, standin, marker):
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BRICK_DATA_DIR": str(tmp_path / "data"),
        "BRICK_LLM_PROVIDER": "groq",
        "GROQ_API_KEY": KEY,
        "BRICK_LLM_BASE_URLS": json.dumps({"groq": standin.url}),
    }
    command = [sys.executable, "-m", "tests.faults.llm_life", str(marker)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def until(true, process):
    deadline = time.monotonic() + LIMIT_S
    while not true():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("script", "killed_at"),
    [
        ([Fill(READING), Fill({"kcl": program()}), Fill({"kcl": program()})], "compiler"),
        ([Fill(READING), NONSENSE, Hang(LIMIT_S), Fill({"kcl": program()})], 3),
        ([NONSENSE, Hang(LIMIT_S), Fill(READING), Fill({"kcl": program()})], 2),
    ],
    ids=["while its program is compiled", "while it is asked again", "before the first step of the run is kept"],
)
def test_a_kill_loses_no_answer_from_the_account(tmp_path, script, killed_at):
    marker = tmp_path / "asked"
    if killed_at != "compiler":
        marker.touch()
    unanswered = sum(isinstance(step, Hang) for step in script)
    with StandIn(*script) as standin:
        first = life(tmp_path, standin, marker)
        try:
            until(marker.exists if killed_at == "compiler" else lambda: len(standin.seen) >= killed_at, first)
        finally:
            first.kill()
            first.communicate()
        second = life(tmp_path, standin, marker)
        try:
            said, _ = second.communicate(timeout=LIMIT_S)
        finally:
            second.kill()
        assert said.split()[0] == "done", said
        answered = len(standin.seen) - unanswered
    engine = open_database(Settings(_env_file=None, brick_data_dir=tmp_path / "data").database)
    try:
        store = ProjectStore(engine)
        calls = CallLedger(engine, store.latest_run("p")["id"]).calls()
        found = store.list_revisions("p")[-1]["figures"]["llm"]
    finally:
        engine.dispose()
    assert (found["input_tokens"], found["output_tokens"]) == (answered * IN, answered * OUT)
    assert found["cost_usd"] == pytest.approx(answered * ONE_USD)
    assert sum(call["input_tokens"] for call in calls) == answered * IN
    assert len({call["id"] for call in calls}) == len(calls)
    # the call that was under way is known as cut off; the one that was answered whole is not
    assert [call["error"] for call in calls].count("cut_off") == unanswered


class Kept:
    """A ledger that remembers everything that was ever noted, and may refuse."""

    def __init__(self, fails=False):
        self.lines, self.fails = [], fails

    def note(self, call):
        if self.fails:
            raise OSError("No space left on device")
        self.lines.append(call)

    def calls(self):
        return list({call["id"]: call for call in self.lines}.values())


def provider(tmp_path, standin):
    named = {"brick_llm_base_urls": {"openai": f"{standin.url}/v1"}, "openai_api_key": KEY, "brick_llm_retries": 0}
    return RemoteProvider(Settings(_env_file=None, brick_data_dir=tmp_path, **named), "openai")


@pytest.mark.parametrize("streams", [False, True])
async def test_each_answer_is_written_down_before_anybody_acts_on_it(tmp_path, streams):
    account, kept = Account(), Kept()
    with StandIn(NONSENSE, GOOD) as standin, written_down(kept):
        terms = Terms(account=account, on_text=(lambda piece: None) if streams else None)
        await provider(tmp_path, standin).propose("sizing", "a bracket", Sizes, terms)
    assert [(line["requests"], line["input_tokens"], line["error"]) for line in kept.lines] == [
        (1, IN, "cut_off"), (2, 2 * IN, "cut_off"), (2, 2 * IN, ""),
    ]  # fmt: skip
    assert len({line["id"] for line in kept.lines}) == 1
    assert [entry.as_dict() for entry in account.entries] == kept.calls()


async def test_a_ledger_that_can_not_be_written_costs_no_answer(tmp_path, caplog):
    account = Account()
    with StandIn(GOOD) as standin, written_down(Kept(fails=True)):
        await provider(tmp_path, standin).propose("sizing", "a bracket", Sizes, Terms(account=account))
    assert account.totals()["tokens"] == IN + OUT
    assert "could not be written down" in caplog.text


def test_an_account_takes_each_call_once(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    ledger, other = CallLedger(engine, "r"), CallLedger(engine, "s")
    rows = [Spent("groq", "m", "t", requests=n, input_tokens=n, id=name).as_dict() for n, name in ((1, "a"), (2, "b"))]
    for row in [*rows, {**rows[0], "input_tokens": 5}]:
        ledger.note(row)
    assert [(row["id"], row["input_tokens"]) for row in ledger.calls()] == [("a", 5), ("b", 2)]
    assert other.calls() == []
    assert [row["id"] for row in joined([rows[1]], ledger.calls())] == ["b", "a"]
    engine.dispose()
