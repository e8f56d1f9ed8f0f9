"""The registry of modeling commands.

A handler declares the fields it takes, each with a reader. Anything else is refused with a message that names the
command and the field: a silently ignored option would be a wrong part. A field that is absent or null takes its
default; a field the engine doesn't know is only let through where it is null, false, empty or zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.engine.clock import kernel_s
from backend.engine.errors import EngineError
from backend.engine.protocol.fields import Reader
from backend.engine.protocol.replies import modeling_response
from backend.engine.scene import Scene

Handler = Callable[..., dict[str, Any] | None]
_REQUIRED = object()


@dataclass(frozen=True)
class Command:
    """A supported command: ``required`` and ``optional`` fields with their readers, and the function that does it."""

    name: str
    required: dict[str, Reader]
    optional: dict[str, tuple[Reader, Any]]
    handler: Handler
    visual: bool = False


_ROOMS = (
    "sketches",
    "regions",
    "extrusions",
    "to_reference",
    "revolutions",
    "sweeps",
    "helices",
    "surfaces",
    "booleans",
    "edge_cuts",
    "shells",
    "copies",
    "transforms",
    "topology",
    "references",
    "inspection",
    "annotations",
    "measures",
    "imports",
    "exports",
    "cameras",
    "views",
)
COMMANDS: dict[str, Command] = {}


def command(
    name: str, required: Mapping[str, Reader] | None = None, /, **optional: tuple[Reader, Any]
) -> Callable[[Handler], Handler]:
    """Registers a handler ``f(scene, cmd_id, **fields) -> reply data or None``."""

    def register(handler: Handler) -> Handler:
        COMMANDS[name] = Command(name, dict(required or {}), optional, handler)
        return handler

    return register


def load() -> None:
    """Imports every module that registers commands."""
    from importlib import import_module

    for room in _ROOMS:
        import_module(f"backend.engine.commands.{room}")


def _read(entry: Command, cmd: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, value in cmd.items():
        if field == "type":
            continue
        reader = entry.required.get(field)
        if reader is None and field in entry.optional:
            reader, default = entry.optional[field]
            if value is None:
                values[field] = default
                continue
        if reader is None:
            if value in (None, False, 0, "", [], {}):
                continue
            raise EngineError(
                f"{entry.name}: the field {field!r} = {value!r:.80} is not supported by this engine",
                code="unsupported",
                command=entry.name,
            )
        try:
            values[field] = reader(value)
        except EngineError as error:
            raise EngineError(f"{entry.name}.{field}: {error.message}", code=error.code, command=entry.name) from None
    for field in entry.required:
        if field not in values:
            raise EngineError(f"{entry.name}: the field {field!r} is missing", command=entry.name)
    for field, (_, default) in entry.optional.items():
        values.setdefault(field, default)
    return values


def execute(scene: Scene, cmd_id: str, cmd: dict[str, Any]) -> dict[str, Any]:
    """Carries out one command; returns the ``modeling_response`` of the reply. Raises :class:`EngineError`."""
    name = cmd.get("type")
    entry = COMMANDS.get(name) if isinstance(name, str) else None
    if entry is None:
        raise EngineError(
            f"the command {name!r} is not supported by this engine", code="unsupported", command=str(name)
        )
    values = _read(entry, cmd)
    scene.commands += 1
    started = kernel_s()
    try:
        data = entry.handler(scene, cmd_id, **values)
    except EngineError as error:
        if error.command is None:
            error.command = entry.name
        raise
    except Exception as error:  # the kernel raises its own exceptions (Standard_Failure and kin)
        detail = f"{type(error).__name__}: {error}".strip().splitlines()[0] if str(error) else type(error).__name__
        raise EngineError(
            f"{entry.name}: the geometry kernel failed ({detail})", code="internal_engine", command=entry.name
        ) from error
    finally:
        scene.occt_s += kernel_s() - started
    return modeling_response(entry.name, data)
