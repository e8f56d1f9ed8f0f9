"""``./brick worker``: drives the runs that web servers on the same database take in."""

from __future__ import annotations

import asyncio
import signal
import sys


def worker_command() -> int:
    """Takes up runs until it is stopped; what it was doing then goes on in another worker."""
    from backend.config.settings import Settings
    from backend.monitoring.journal import set_up_log

    settings = Settings(brick_role="worker")
    set_up_log(settings.log_level)
    asyncio.run(_work(settings))
    return 0


async def _work(settings: object) -> None:
    from backend.agent_registry import registry
    from backend.api.services import open_services
    from backend.compute import get_pool
    from backend.config.settings import Settings

    assert isinstance(settings, Settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    registry.initialize()
    try:
        async with open_services(settings):
            print("working", file=sys.stderr, flush=True)
            await stop.wait()
    finally:
        get_pool().close()
