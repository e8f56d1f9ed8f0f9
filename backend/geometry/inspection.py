"""Looking into a part without designing it: compiled for a look, its faces and edges, what made them, distances.

Everything is found by the content of the program (or of the imported file) and kept for a while in a folder of its own:
looking at a program a thousand times leaves no artefact behind. Native work runs in geometry workers.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.engine.errors import EngineError
from backend.errors import BrickError, InputError, NotFoundError
from backend.geometry.compile import compile_error, compile_project

if TYPE_CHECKING:
    from backend.compute import WorkPool

KEPT = 32
PREFIX = "look-"
EXPORTS = ("brep", "glb")
FORMATS = ("step", "stp", "stl", "obj", "ply", "glb")
SOURCES_TIMEOUT_S = 45.0


class MeasureError(BrickError):
    """What was picked can't be measured."""

    code = "measure_failed"
    http_status = 422


@dataclass
class Look:
    """One part that was looked into. ``id`` names it; ``compiled`` has the fields of CompiledModel."""

    id: str
    folder: Path
    code: str | None
    compiled: dict[str, Any]
    topology: dict[str, Any] | None = None
    sources: dict[str, Any] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Inspector:
    """The parts that were looked into lately, at most :data:`KEPT`; the one not used for longest goes first."""

    def __init__(self, folder: Path, pool: Callable[[], WorkPool], timeout_s: float = 60.0) -> None:
        self.folder, self.pool, self.timeout_s = folder, pool, timeout_s
        self._looks: OrderedDict[str, Look] = OrderedDict()
        self._building: dict[str, asyncio.Task[Look]] = {}
        shutil.rmtree(folder, ignore_errors=True)  # what an earlier server left

    # --- parts ------------------------------------------------------------------------------------------------

    async def program(self, code: str) -> Look:
        """The part of a KCL program. Raises CompileError with the place in the program."""
        identity = PREFIX + hashlib.sha256(code.encode()).hexdigest()[:32]

        async def build() -> dict[str, Any]:
            target = self._fresh(identity)
            return await compile_project(code, target, pool=self.pool(), exports=EXPORTS, timeout_s=self.timeout_s)

        return await self._look(identity, code, build)

    async def foreign(self, path: Path, kind: str, content_id: str) -> Look:
        """The part in a foreign file. Raises InputError where it can't be read."""
        if kind not in FORMATS:
            raise InputError(
                f"files of the kind {kind!r} can't be read", next_action=f"Give one of {', '.join(FORMATS)}."
            )
        identity = PREFIX + content_id[:32]

        async def build() -> dict[str, Any]:
            return await self.take_in(path, kind, self._fresh(identity), EXPORTS)

        return await self._look(identity, None, build)

    async def take_in(self, path: Path, kind: str, out_dir: Path, exports: tuple[str, ...]) -> dict[str, Any]:
        """A foreign file measured and written anew in our formats. Raises InputError where it can't be read."""
        request = {"path": str(path), "format": kind, "out_dir": str(out_dir), "exports": list(exports)}
        try:
            result: dict[str, Any] = await self.pool().run(
                "backend.engine.topology:take_in", request, kind="geometry", timeout_s=self.timeout_s
            )
        except EngineError as error:
            raise InputError(
                f"the file can't be read: {error.message}",
                next_action="Check it with the program that made it, or export it as STEP.",
                code="import_failed",
            ) from error
        return result

    async def _look(self, identity: str, code: str | None, build: Callable[[], Awaitable[dict[str, Any]]]) -> Look:
        known = self._looks.get(identity)
        if known is not None:
            self._looks.move_to_end(identity)
            return known
        task = self._building.get(identity)
        if task is None:
            task = asyncio.create_task(self._build(identity, code, build))
            self._building[identity] = task
            task.add_done_callback(lambda _: self._building.pop(identity, None))
        return await asyncio.shield(task)

    async def _build(self, identity: str, code: str | None, build: Callable[[], Awaitable[dict[str, Any]]]) -> Look:
        compiled = await build()
        look = Look(identity, self.folder / identity, code, compiled)
        self._looks[identity] = look
        while len(self._looks) > KEPT:
            _, old = self._looks.popitem(last=False)
            shutil.rmtree(old.folder, ignore_errors=True)
        return look

    def _fresh(self, identity: str) -> Path:
        target = self.folder / identity
        target.mkdir(parents=True, exist_ok=True)
        return target

    def find(self, identity: str) -> Look:
        """A part that was looked into before. NotFoundError where it was dropped since."""
        look = self._looks.get(identity)
        if look is None:
            raise NotFoundError(
                f"nothing is kept under {identity!r}",
                next_action="Look at it again (POST /api/geometry/look).",
                code="look_expired",
            )
        self._looks.move_to_end(identity)
        return look

    def file(self, identity: str, kind: str) -> Path:
        """A file of a part: "brep" or "glb"."""
        path = Path(self.find(identity).compiled["files"].get(kind, ""))
        if not path.is_file():
            raise NotFoundError(f"there is no {kind} of {identity!r}", next_action="Compile the program again.")
        return path

    # --- what can be asked of one -----------------------------------------------------------------------------

    async def topology(self, identity: str) -> dict[str, Any]:
        """Every face and edge (see :func:`backend.engine.topology.describe`)."""
        look = self.find(identity)
        async with look.lock:
            if look.topology is None:
                look.topology = await self._ask("backend.engine.topology:describe", look, {})
        return look.topology

    async def sources(self, identity: str) -> dict[str, Any]:
        """What made each face (see :func:`backend.engine.provenance.sources`); a foreign file has no program."""
        look = self.find(identity)
        if look.code is None:
            return {"faces": [], "commands": 0, "complete": True}
        async with look.lock:
            if look.sources is None:
                try:
                    look.sources = await self.pool().run(
                        "backend.engine.provenance:sources",
                        {"code": look.code, "timeout_s": self.timeout_s},
                        kind="geometry",
                        timeout_s=SOURCES_TIMEOUT_S,
                    )
                except EngineError as error:
                    raise compile_error(error, look.code) from error
        assert look.sources is not None
        return look.sources

    async def measure(self, identity: str, a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
        """Distance and angle between two things (see :func:`backend.engine.topology.measure_between`)."""
        return await self._ask("backend.engine.topology:measure_between", self.find(identity), {"a": a, "b": b})

    async def _ask(self, task: str, look: Look, request: dict[str, Any]) -> dict[str, Any]:
        path = self.file(look.id, "brep")
        try:
            found: dict[str, Any] = await self.pool().run(
                task, {"path": str(path), **request}, kind="geometry", timeout_s=self.timeout_s
            )
        except EngineError as error:
            raise MeasureError(error.message, next_action="Pick other faces or edges.") from error
        return found
