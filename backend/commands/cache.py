"""``./brick cache``: what the engine keeps of its operations' results."""

from __future__ import annotations

import json
from typing import Any

from backend.config.settings import get_settings
from backend.engine.cache import DiskStore


def cache_state() -> dict[str, Any]:
    """Kind, folder, limit and contents of the engine's cache on disk; ``trouble`` says why it isn't used, if so."""
    settings = get_settings()
    folder = settings.engine_cache_folder.absolute()
    told: dict[str, Any] = {
        "kind": settings.engine_cache,
        "folder": str(folder),
        "limit_mb": settings.engine_cache_mb,
        "entries": 0,
        "size_mb": 0.0,
        "trouble": "",
    }
    if folder.is_dir():
        store = DiskStore(folder, int(settings.engine_cache_mb * 1e6))
        found = store.contents()
        told.update(entries=found.entries, size_mb=round(found.size_bytes / 1e6, 3), trouble=store.trouble)
    return told


def cache_command(*, clear: bool, as_json: bool) -> int:
    """Prints the state of the cache, after it was emptied where asked for. Returns the exit status."""
    before = cache_state()
    if clear and before["entries"]:
        settings = get_settings()
        DiskStore(settings.engine_cache_folder.absolute(), int(settings.engine_cache_mb * 1e6)).clear()
    now = cache_state()
    if clear:
        now["removed"] = before["entries"] - now["entries"]
    if as_json:
        print(json.dumps(now, indent=2))
        return 0
    print(f"{now['folder']}: {now['entries']} results, {now['size_mb']:.1f} of {now['limit_mb']:.0f} MB")
    if clear:
        print(f"{now['removed']} removed")
    if now["kind"] != "disk":
        print(f"not used: BRICK_ENGINE_CACHE is {now['kind']}")
    if now["trouble"]:
        print(f"not used: {now['trouble']}")
    return 0
