"""kill -9 at random instants: the run always goes on and ends as an undisturbed one does."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A hundred kills are what docs/reliability.md reports; a dozen keep the suite short.
KILLS = int(os.environ.get("BRICK_TEST_KILLS", "12"))


# How often each node is killed while it runs: a hundred times for docs/reliability.md.
KILLS_A_NODE = int(os.environ.get("BRICK_TEST_KILLS_A_NODE", "2"))


def test_a_run_survives_being_killed_at_any_instant(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "faults" / "kill_driver.py"), str(tmp_path), str(KILLS), "7"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BRICK_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["kills"] >= KILLS
    assert report["same"] == report["projects"]
    assert report["lost_or_disordered"] == 0
    assert set(report["statuses"]) == {"done"}
    assert set(report["revisions"]) == {2}  # what waited for its release, and what was released
    assert set(report["last_event"]) == {"done"}
    assert max(report["repeated"]) <= 1  # at most the one in flight


def test_a_run_survives_being_killed_within_each_node(tmp_path):
    driver = str(ROOT / "tests" / "faults" / "kill_driver.py")
    done = subprocess.run(
        [sys.executable, driver, str(tmp_path), "0", "11", str(KILLS_A_NODE)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BRICK_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60 + 60 * KILLS_A_NODE,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert set(report["by_node"].values()) == {KILLS_A_NODE}
    assert len(report["by_node"]) == 11
    assert report["same"] == report["projects"] >= KILLS_A_NODE
    assert report["lost_or_disordered"] == 0
    assert set(report["statuses"]) == {"done"}
    assert set(report["revisions"]) == {2}  # what waited for its release, and what was released
    assert max(report["repeated"]) <= 1  # the one in flight, and no other
    print(json.dumps({key: report[key] for key in ("kills", "by_node", "projects", "same", "lost_or_disordered")}))
