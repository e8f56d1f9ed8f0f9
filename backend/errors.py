"""What went wrong, in words a user can act on.

Every error that reaches a person is a :class:`BrickError`: it has a stable code, says what was given and what was
expected, and names the next action. The CLI, the API and the page show the same words.
"""

from __future__ import annotations

from typing import Any


class BrickError(Exception):
    """An error with a code, a message and a next action.

    ``exit_code`` is the process exit status of the CLI: 1 a requirement failed, 2 bad input or an answer is needed,
    3 an internal failure. ``http_status`` is what the API answers with.
    """

    code: str = "internal"
    exit_code: int = 3
    http_status: int = 500

    def __init__(self, message: str, *, next_action: str = "", code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.next_action = next_action
        if code is not None:
            self.code = code
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """The error as plain JSON data: code, message, next_action, details."""
        return {"code": self.code, "message": self.message, "next_action": self.next_action, "details": self.details}


class InputError(BrickError):
    """What the user gave can't be used as it stands."""

    code = "bad_input"
    exit_code = 2
    http_status = 422


class NotFoundError(InputError):
    """The thing that was named doesn't exist."""

    code = "not_found"
    http_status = 404


class ConflictError(InputError):
    """What was asked for doesn't fit the state that the thing is in."""

    code = "conflict"
    http_status = 409


class DesignError(BrickError):
    """No design within the family's bounds meets the requirements."""

    code = "no_feasible_design"
    exit_code = 1
    http_status = 422


class CompileError(BrickError):
    """A KCL program was refused by the parser, the interpreter or the engine."""

    code = "kcl_failed"
    exit_code = 2
    http_status = 422


class TaskError(BrickError):
    """A task in the supervised pool failed: timeout, memory, crash, or an unexpected exception."""

    code = "task_failed"


class MissingToolError(BrickError):
    """A program or package that the task needs isn't on this machine."""

    code = "missing_tool"
    http_status = 503
