"""kill -9 at random instants: the run always goes on and ends as an undisturbed one does."""

import json
import os
import subprocess
import sys
from pathlib import Path

from backend.config.settings import Settings
from backend.orchestration.leases import this_process
from backend.orchestration.projects import MAX_ATTEMPTS
from tests.integration.scripted import BRACKET, install
from tests.integration.test_api import Server

ROOT = Path(__file__).resolve().parents[2]
# A hundred kills are what docs/reliability.md reports; a dozen keep the suite short.
KILLS = int(os.environ.get("BRICK_TEST_KILLS", "12"))


# How often each node is killed while it runs: a hundred times for docs/reliability.md.
KILLS_A_NODE = int(os.environ.get("BRICK_TEST_KILLS_A_NODE", "2"))


def _told(report):
    """The figures of docs/reliability.md."""
    told = {key: report[key] for key in ("kills", "by_node", "projects", "same", "lost_or_disordered") if key in report}
    redone = sum(report["repeated"])  # finished, but killed before that was kept
    return json.dumps(
        {**told, "in_flight_done_again": redone, "beyond_that": sum(n - 1 for n in report["repeated"] if n)}
    )


def nodes_of_the_graph():
    from backend.orchestration.graph import build_graph

    return {name for name in build_graph().nodes if not name.startswith("__")}


def test_a_run_survives_being_killed_at_any_instant(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "faults" / "kill_driver.py"), str(tmp_path), str(KILLS), "7"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BRICK_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=900 + 10 * KILLS,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["kills"] >= KILLS
    assert report["same"] == report["projects"]
    assert report["lost_or_disordered"] == 0
    assert set(report["statuses"]) == {"done"}
    assert all(made == due for made, due in report["revisions"])  # each wait, and the end, once
    assert set(report["last_event"]) == {"done"}
    assert max(report["repeated"]) <= 1  # at most the one in flight
    print(_told(report))


def test_a_run_survives_being_killed_within_each_node(tmp_path):
    driver = str(ROOT / "tests" / "faults" / "kill_driver.py")
    done = subprocess.run(
        [sys.executable, driver, str(tmp_path), "0", "11", str(KILLS_A_NODE)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BRICK_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=900 + 60 * KILLS_A_NODE,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert set(report["by_node"].values()) == {KILLS_A_NODE}
    assert set(report["by_node"]) == nodes_of_the_graph()
    assert report["same"] == report["projects"] > KILLS_A_NODE
    assert report["lost_or_disordered"] == 0
    assert set(report["statuses"]) == {"done"}
    assert all(made == due for made, due in report["revisions"])  # each wait, and the end, once
    assert max(report["repeated"]) <= 1  # the one in flight, and no other
    print(_told(report))


async def test_a_run_that_ends_its_server_at_the_same_step_every_time_is_given_up(tmp_path, monkeypatch):
    install(monkeypatch)
    dead = f"{this_process().rsplit(':', 2)[0]}:4194304:x"  # above the highest pid: a process that is no more
    async with Server(Settings(_env_file=None, brick_data_dir=tmp_path, brick_role="web")) as web:
        await web.run(user_intent=BRACKET, project_id="p", wait=False)
        store = web.app.state.services.projects.store
        run_id = store.latest_run("p")["id"]
        for _ in range(MAX_ATTEMPTS):
            assert store.claim(run_id, dead, lease_s=0.0)
    async with Server(Settings(_env_file=None, brick_data_dir=tmp_path)) as server:
        state = await server.until("p", "failed", "done")
        events = (await server.http.get("/api/projects/p/events")).json()["events"]
        assert (state["status"], state["error"]["code"]) == ("failed", "given_up")
        assert state["error"]["next_action"]
        assert [event["kind"] for event in events][-2:] == ["error", "done"]
        assert (await server.run(user_intent=BRACKET, project_id="p")).json()[
            "status"
        ] == "done"  # begun anew, it may go
