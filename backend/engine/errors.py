"""The engine's own errors. The engine imports nothing of the house; agents turn these into what a user sees."""

from __future__ import annotations

from typing import Any


class EngineError(Exception):
    """A KCL program or a modeling command could not be carried out.

    ``code`` is stable: ``bad_request`` (the geometry asked for is impossible), ``unsupported`` (the engine does not do
    this), ``internal_engine`` (the kernel failed), ``kcl_failed`` (parser or interpreter), ``confined`` (the program
    reaches outside its project), ``import_failed``, ``export_failed``, ``timeout``, ``memory``. ``source`` is
    ``{"file", "line", "column"}`` in the KCL program where known; ``command`` names the modeling command.
    """

    def __init__(
        self,
        message: str,
        code: str = "bad_request",
        source: dict[str, Any] | None = None,
        command: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.source = source
        self.command = command

    @property
    def ends_process(self) -> bool:
        """Whether the process it was raised in still works on what was given up (neither the interpreter nor the kernel
        can be interrupted), so that its supervisor must replace it."""
        return self.code == "timeout"

    def __reduce__(self) -> tuple[Any, ...]:
        return (EngineError, (self.message, self.code, self.source, self.command))

    def as_dict(self) -> dict[str, Any]:
        """The error as plain JSON data."""
        return {"code": self.code, "message": self.message, "source": self.source, "command": self.command}


def unsupported(what: str, value: object, instead: str) -> EngineError:
    """An error for a field or command that the engine doesn't do: it is refused, never ignored."""
    return EngineError(f"{what} = {value!r} is not supported; {instead}", code="unsupported")
