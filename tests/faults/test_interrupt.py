"""Ctrl-C in the middle of a design: it stops, says so, and leaves no process and no folder behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
BRACKET = (
    "An aluminium 6061-T6 shelf bracket, 6 in wide, legs 5 in and 2 in, holds 300 lb at 12 in from the wall, "
    "factor of safety 1.2, four 1/2 in holes"
)


def test_an_interrupted_design_leaves_nothing_behind(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    program = subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "design", BRACKET, "--out", str(tmp_path / "out")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    told = []
    for line in program.stderr:  # wait until the model is built: then the solver is at work
        told.append(line)
        if "Built the model" in line or "Checked the mesh" in line:
            break
    time.sleep(1.0)
    workers = psutil.Process(program.pid).children(recursive=True)
    assert len(workers) >= 2, told
    program.send_signal(signal.SIGINT)
    _, rest = program.communicate(timeout=60)
    assert program.returncode == 130, rest
    assert "Traceback" not in rest
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert alive == []
    assert [path.name for path in temporary.iterdir() if path.name.startswith("brick-run-")] == []
