"""Tasks that misbehave in each of the ways a native library can; run by workers, never by the test process."""

import os
import signal
import subprocess
import sys
import time


def echo(payload):
    return {"echo": payload, "pid": os.getpid()}


def add(payload, progress):
    progress({"step": 1})
    progress({"step": 2})
    return sum(payload)


def sleep(payload):
    time.sleep(payload)
    return "slept"


def segfault(payload):
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(payload):
    os._exit(payload)


def eat_memory(payload):
    hoard = []
    while True:
        hoard.append(bytearray(20_000_000))
        time.sleep(0.01)


def raise_plain(payload):
    raise ValueError(f"bad {payload}")


def raise_brick(payload):
    from backend.errors import InputError

    raise InputError("no such thing", next_action="Name another.", given=payload)


def unpicklable(payload):
    return lambda: payload


def start_child(payload):
    """Start a program that outlives its task, write its pid, then hang."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with open(payload, "w") as note:
        note.write(str(child.pid))
    time.sleep(60)


def import_module(payload):
    __import__(payload)
    return "imported"


def print_much(payload):
    print("x" * payload)
    return "printed"


def warm_slowly():
    time.sleep(2.8)


def warm_for_a_minute():
    time.sleep(60)


def warm_badly():
    raise RuntimeError("no engine here")


_kept = []


def keep(payload):
    """What a conversation leaves in the process: how many have been kept, and where."""
    _kept.append(payload)
    return {"kept": len(_kept), "pid": os.getpid()}


def hoard(payload):
    """Holds on to ``payload`` MB and returns at once."""
    _kept.append(bytearray(os.urandom(1_000_000) * payload))
    return len(_kept)


def give_up(payload):
    """A run that was given up while its threads go on."""
    from backend.engine.errors import EngineError

    raise EngineError("the program ran longer than 1 s", code="timeout")
