"""What can go wrong in a physical calculation, in words a user can act on.

``backend.physics`` could be published alone, so its errors know nothing of the rest of the house: they carry a
code, a message and the next action as plain attributes and survive pickling between worker processes.
"""

from __future__ import annotations

from typing import Any


class PhysicsError(Exception):
    """A calculation that can't be done as asked.

    ``code`` is stable, ``next_action`` says what to do, ``details`` holds plain JSON data.
    """

    code = "physics_failed"

    def __init__(self, message: str, next_action: str = "", code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.next_action = next_action
        if code is not None:
            self.code = code
        self.details = details

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by value: keyword-only details would be lost by the default of Exception."""
        return _rebuild, (type(self), self.message, self.next_action, self.code, self.details)

    def as_dict(self) -> dict[str, Any]:
        """The error as plain JSON data: code, message, next_action, details."""
        return {"code": self.code, "message": self.message, "next_action": self.next_action, "details": self.details}


def _rebuild(
    kind: type[PhysicsError], message: str, next_action: str, code: str, details: dict[str, Any]
) -> PhysicsError:
    return kind(message, next_action, code, **details)


class UnknownEquation(PhysicsError):
    """No domain, equation or constant has that name."""

    code = "unknown_equation"


class BadQuantity(PhysicsError):
    """A quantity is missing, unknown, not a number, in a unit of another dimension, or outside its physical
    bounds.
    """

    code = "bad_quantity"


class OutOfValidity(PhysicsError):
    """The quantities are possible, but the equation doesn't hold there."""

    code = "out_of_validity"


class BadData(PhysicsError):
    """A data file of equations or constants is wrong; the message names the file and the entry."""

    code = "bad_data"


class MissingTool(PhysicsError):
    """An external program that the calculation needs isn't on this machine."""

    code = "missing_tool"
