"""``./brick design`` on a real terminal: an answer that can't be used is asked for again, at once."""

import os
import pty
import select
import sys
import time

LIMIT_S = 120


def converse(arguments, answers, environment, cwd):
    """What the program printed on a pseudo-terminal, where each answer is typed at a prompt; then it is ended."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(sys.executable, [sys.executable, "-m", "backend.cli", *arguments], environment)
    shown, waiting, end = "", list(answers), time.monotonic() + LIMIT_S
    try:
        while time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                shown += os.read(terminal, 65536).decode(errors="replace")
            if shown.endswith("answer: "):
                if not waiting:
                    return shown
                os.write(terminal, f"{waiting.pop(0)}\n".encode())
                shown += "\n"
        raise AssertionError(f"no prompt within {LIMIT_S} s:\n{shown}")
    finally:
        os.close(terminal)  # hangs up, which ends the program
        os.waitpid(pid, 0)


def test_an_answer_that_cannot_be_read_is_asked_again_and_the_others_are_kept(tmp_path):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    environment = {**os.environ, "BRICK_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": root, "COLUMNS": "200"}
    arguments = ["design", "An aluminium bracket, 100 mm wide", "--out", str(tmp_path / "out")]
    shown = converse(arguments, ["dunno", "80 mm", "-5 mm", "60 mm", "heavy"], environment, tmp_path)
    refused = shown.index("'dunno' gives no value for length of the leg that carries the load")
    assert refused < shown.index("How long is the leg that is bolted to the wall?")
    assert shown.count("How long is the leg that carries the load") == 1
    assert "'heavy' gives no load" in shown
    assert shown.count("What load does the bracket carry?") == 1
