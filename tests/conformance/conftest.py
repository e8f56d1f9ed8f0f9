"""What the conformance tests share: geometry workers, so that the test process itself never imports the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from backend.compute import WorkPool


class Run(Protocol):
    """Runs KCL code, or a file, on the engine and gives its measures."""

    def __call__(self, source: str | Path, exports: tuple[str, ...] = ()) -> dict[str, Any]: ...


@pytest.fixture(scope="session")
def pool() -> Iterator[WorkPool]:
    workers = WorkPool()
    yield workers
    workers.close()


@pytest.fixture
def run(pool: WorkPool, tmp_path: Path) -> Run:
    def run_source(source: str | Path, exports: tuple[str, ...] = ()) -> dict[str, Any]:
        key = "path" if isinstance(source, Path) else "code"
        request = {key: str(source), "out_dir": str(tmp_path), "exports": list(exports), "name": "part"}
        result: dict[str, Any] = pool.run_sync("backend.engine.run:run_project", request, kind="geometry")
        return result

    return run_source
