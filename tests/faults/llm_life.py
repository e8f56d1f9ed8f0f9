"""One life of a server that has a language model propose a part; run as a program: ``llm_life.py MARKER``.

The compiler is scripted: it leaves MARKER when it is asked for the first time, and then hangs for as long as it exists.
Ends when the run has ended.
"""

import asyncio
import sys
from pathlib import Path

from backend.agents.inventor_agent import InventorAgent
from backend.api.services import open_services
from backend.config.settings import get_settings
from tests.faults.kill_driver import Patch, agents, no_pictures
from tests.integration.scripted import install
from tests.integration.test_open_ended_design import BRIEF

MARKER = Path(sys.argv[1])


def first():
    """Whether the compiler was never asked before."""
    if MARKER.exists():
        return False
    MARKER.touch()
    return True


async def tried(self, code, intent):
    """In place of the compiler."""
    if first():
        await asyncio.sleep(600)
    told = "1 solid, 13 mm across"
    return {"good": True, "compiles": True, "outcome": told, "feedback": told}


async def main():
    async with open_services(get_settings()) as services:
        store = services.projects.store
        if not store.list_projects():
            await services.projects.start(BRIEF, project_id="p")
        while (run := store.latest_run("p"))["status"] in ("queued", "running"):  # noqa: ASYNC110 - seen in the store
            await asyncio.sleep(0.02)
        print(run["status"], run["error"])


if __name__ == "__main__":
    install(Patch, **agents())
    InventorAgent._try, InventorAgent._pictures = tried, no_pictures
    asyncio.run(main())
