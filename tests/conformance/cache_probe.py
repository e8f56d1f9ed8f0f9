"""Runs programs in a worker under several states of the engine's cache and tells what differs to the last bit."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from typing import Any

# what the interpreter draws at random in each run
_RANDOM = ("begin_execution", "end_execution", "set_default_system_properties")


def _run(request: dict[str, Any]) -> dict[str, Any]:
    """Every reply of the engine and every measure, as digests and data; an error as its words."""
    from backend.engine.errors import EngineError
    from backend.engine.protocol import dispatch
    from backend.engine.run import run_project

    told: list[str] = []
    execute = dispatch.execute

    def listened(scene: Any, cmd_id: str, cmd: dict[str, Any]) -> dict[str, Any]:
        reply = execute(scene, cmd_id, cmd)
        if cmd.get("type") not in _RANDOM:
            told.append(json.dumps([cmd_id, reply], sort_keys=True))
        return reply

    dispatch.execute = listened
    try:
        found = run_project(request)
    except EngineError as error:
        return {"error": error.message, "misses": 0, "hits": 0}
    finally:
        dispatch.execute = execute
    # modules of a project run at once: their bodies come in any order
    bodies = sorted(json.dumps({**body, "index": 0}, sort_keys=True) for body in found["bodies"])
    files = {kind: hashlib.sha256(_read(path)).hexdigest() for kind, path in found["files"].items() if kind != "step"}
    return {
        "replies": hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest(),
        "bodies": bodies,
        "faces": found["named_faces"],
        "files": files,
        "hits": found["cache"]["hits"],
        "misses": found["cache"]["misses"],
    }


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def probe(request: dict[str, Any]) -> dict[str, Any]:
    """``{"off", "cold", "memory", "disk"}``: the same program without a cache, and from each of its levels.

    ``request``: ``run`` (what :func:`run_project` takes) and ``folder``, which is emptied first unless ``keep``.
    """
    from backend.engine.cache import CacheConfig, configure

    folder = request["folder"]
    if not request.get("keep"):
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    states = {}
    cached = {"folder": folder, "disk_mb": 200}
    states["off"] = _run({**request["run"], "cache": {"enabled": False}})
    states["cold"] = _run({**request["run"], "cache": cached})
    states["memory"] = _run({**request["run"], "cache": cached})
    configure(CacheConfig(enabled=False))  # what was in memory is gone
    states["disk"] = _run({**request["run"], "cache": cached})
    return states
