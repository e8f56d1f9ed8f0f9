"""The word at the terminal that releases a design: asked on a real pseudo-terminal of the real program."""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.integration.scripted import BRACKET

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "yes, or why not:"


class Terminal:
    """``./brick design --approve-release`` with a terminal of its own."""

    def __init__(self, folder):
        self.out = folder / "out"
        self.shown = ""
        self.master, slave = pty.openpty()
        command = ["design", BRACKET, "--approve-release", "--out", str(self.out), "--project", "terminal"]

        def own_the_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=own_the_terminal,
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "BRICK_DATA_DIR": str(folder / "data"),
                "BRICK_FEM_MAX_DOFS": "8000",
                "BRICK_MAX_REPAIR_ROUNDS": "0",
                "TERM": "dumb",
                "COLUMNS": "200",
            },
        )
        os.close(slave)

    def read(self, until, seconds=150.0):
        """Read until these words are shown, or the program has ended (``until`` None)."""
        deadline = time.monotonic() + seconds
        while until is None or until not in self.shown:
            assert time.monotonic() < deadline, self.shown[-2000:]
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    piece = os.read(self.master, 65536)
                except OSError:  # the other end is closed
                    piece = b""
                if not piece:
                    break
                self.shown += piece.decode(errors="replace")
        assert until is None or until in self.shown, self.shown[-2000:]

    def say(self, keys):
        """Type something at the prompt; returns the exit status."""
        self.read(PROMPT)
        os.write(self.master, keys)
        self.read(None)
        return self.process.wait(20)

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal(tmp_path):
    with contextlib.closing(Terminal(tmp_path)) as opened:
        yield opened


def written(terminal):
    return {path.name for path in terminal.out.iterdir()} if terminal.out.is_dir() else set()


def state_of(terminal):
    return json.loads((terminal.out / "design.json").read_text())


@pytest.mark.slow
def test_yes_hands_it_over(terminal):
    assert terminal.say(b"yes\n") in (0, 1)  # as the verdict is: the meshes here are coarse
    assert {"model.step", "model.stl", "report.html", "design.json"} <= written(terminal)
    assert state_of(terminal)["manufacturing"]["release"]["status"] == "approved"
    shown = " ".join(terminal.shown.split())
    assert state_of(terminal)["manufacturing"]["release"]["question"] in shown  # whatever the coarse mesh proves
    assert "Release" in shown
    assert "content " in terminal.shown  # what the word is given for


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (b"no\n", "no reason was given"),
        (b"the holes are too small\n", "the holes are too small"),
        (b"\x04", "no reason"),
    ],
    ids=["no", "words", "end of input"],
)
def test_anything_but_yes_hands_nothing_over(terminal, keys, reason):
    assert terminal.say(keys) == 1
    assert written(terminal) == {"design.json"}
    release = state_of(terminal)["manufacturing"]["release"]
    assert release["status"] == "rejected"
    assert reason in release["reason"]
    assert "Traceback" not in terminal.shown


@pytest.mark.slow
def test_ctrl_c_ends_it_at_once_and_hands_nothing_over(terminal):
    terminal.read(PROMPT)
    begun = time.monotonic()
    assert terminal.say(b"\x03") == 130
    assert time.monotonic() - begun < 60
    assert written(terminal) == set()
    assert "Traceback" not in terminal.shown
    assert not [name for name in os.listdir("/tmp") if name.startswith("brick-run-") and _mine(name, terminal)]


def _mine(name, terminal):
    """Whether a folder of runs was left by this program: it is younger than its data folder."""
    data = terminal.out.parent / "data"
    return data.exists() and Path("/tmp", name).stat().st_mtime > data.stat().st_ctime
