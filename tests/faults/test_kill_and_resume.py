"""kill -9 at random instants: the run always goes on and ends as an undisturbed one does."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A hundred kills are what docs/reliability.md reports; a dozen keep the suite short.
KILLS = int(os.environ.get("BRICK_TEST_KILLS", "12"))


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
    assert set(report["revisions"]) == {1}
    assert set(report["last_event"]) == {"done"}
    assert max(report["repeated"]) <= 1  # at most the one in flight
