"""What the fault tests mutate: our own KCL programs, and the frames that the official interpreter sends for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).resolve().parents[1] / "conformance" / "programs"


def programs() -> list[Path]:
    """All conformance programs that stand alone (no imports), in a fixed order."""
    return [path for path in sorted(PROGRAMS.rglob("*.kcl")) if "import " not in path.read_text(encoding="utf-8")]


def record(paths: list[str]) -> list[list[str | bytes]]:
    """For a worker process: the frames that each program's run sends, in order; those that fail too."""
    from backend.engine.errors import EngineError
    from backend.engine.protocol.session import Session
    from backend.engine.run import run_project

    recorded: list[list[str | bytes]] = []
    answer = Session.answer

    def listening(self: Session, frame: str | bytes) -> Any:
        recorded[-1].append(frame)
        return answer(self, frame)

    Session.answer = listening  # type: ignore[method-assign]
    try:
        for path in paths:
            recorded.append([])
            try:
                run_project({"path": path, "exports": []})
            except EngineError:
                continue
    finally:
        Session.answer = answer  # type: ignore[method-assign]
    return [frames for frames in recorded if frames]
