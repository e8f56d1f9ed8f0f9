"""Strict readers of command fields: each turns a JSON value into what a handler uses, or says what is wrong."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from typing import Any

from OCP.gp import gp_Dir, gp_Pnt

from backend.engine.errors import EngineError

Reader = Callable[[Any], Any]

_LARGEST_MM = 1e9


def _fail(expected: str, value: object) -> EngineError:
    return EngineError(f"expected {expected}, got {value!r:.120}")


def number(value: Any) -> float:
    """A finite number (lengths are millimetres on the wire)."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _fail("a finite number", value)
    return float(value)


def distance(value: Any) -> float:
    result = number(value)
    if abs(result) > _LARGEST_MM:
        raise EngineError(f"a length of {result:g} mm is beyond the {_LARGEST_MM:g} mm that the engine models")
    return result


def positive(value: Any) -> float:
    result = distance(value)
    if result <= 0:
        raise _fail("a positive number", value)
    return result


def count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _fail("a whole number that is not negative", value)
    return value


def integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _fail("a whole number", value)
    return value


def boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _fail("true or false", value)
    return value


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise _fail("text", value)
    return value


def entity(value: Any) -> str:
    """An id, in the canonical form of a UUID."""
    if isinstance(value, str):
        try:
            return str(uuid.UUID(value))
        except ValueError:
            pass
    elif isinstance(value, bytes) and len(value) == 16:
        return str(uuid.UUID(bytes=value))
    raise _fail("a UUID", value)


def entities(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise _fail("a list of UUIDs", value)
    return [entity(item) for item in value]


def angle(value: Any) -> float:
    """Degrees."""
    if not isinstance(value, dict) or value.get("unit") not in ("degrees", "radians"):
        raise _fail("an angle {unit, value}", value)
    size = number(value.get("value"))
    return size if value["unit"] == "degrees" else math.degrees(size)


def coordinates(value: Any) -> tuple[float, float, float]:
    if not isinstance(value, dict) or not {"x", "y"} <= value.keys():
        raise _fail("a point {x, y, z}", value)
    return distance(value["x"]), distance(value["y"]), distance(value.get("z") or 0.0)


def flat_point(value: Any) -> tuple[float, float]:
    x, y, _ = coordinates(value)
    return x, y


def point(value: Any) -> Any:
    return gp_Pnt(*coordinates(value))


def direction(value: Any) -> Any:
    x, y, z = coordinates(value)
    if math.hypot(x, y, z) < 1e-12:
        raise _fail("a direction that is not zero", value)
    return gp_Dir(x, y, z)


def color(value: Any) -> tuple[float, float, float, float]:
    if not isinstance(value, dict) or not {"r", "g", "b", "a"} <= value.keys():
        raise _fail("a color {r, g, b, a}", value)
    return number(value["r"]), number(value["g"]), number(value["b"]), number(value["a"])


def opposite(inner: Reader) -> Reader:
    """ "None", "Symmetric" or {"Other": value}: None, "symmetric", or the value read."""

    def read(value: Any) -> Any:
        if value == "None":
            return None
        if value == "Symmetric":
            return "symmetric"
        if isinstance(value, dict) and set(value) == {"Other"}:
            return inner(value["Other"])
        raise _fail('"None", "Symmetric" or {"Other": value}', value)

    return read


def one_of(*choices: str) -> Reader:
    def read(value: Any) -> str:
        if value not in choices:
            raise _fail(" or ".join(f'"{choice}"' for choice in choices), value)
        return str(value)

    return read


def anything(value: Any) -> Any:
    """Accepted and not used: what is only seen, never built (colours, cameras, animation)."""
    return value


def optional(inner: Reader) -> Reader:
    return lambda value: None if value is None else inner(value)


def mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _fail("an object", value)
    return value


def items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _fail("a list", value)
    return value


def edge_specifier(value: Any) -> dict[str, Any]:
    """An edge by the faces that meet in it: {side_faces, end_faces, index}."""
    given = mapping(value)
    unknown = set(given) - {"side_faces", "end_faces", "index", "type", "topology_fallback"}
    if unknown:
        raise EngineError(f"an edge specifier has no field {sorted(unknown)[0]!r}")
    if given.get("topology_fallback") is not None:
        raise EngineError("topology_fallback of an edge reference is not supported", code="unsupported")
    index = given.get("index")
    return {
        "side_faces": entities(given.get("side_faces") or []),
        "end_faces": entities(given.get("end_faces") or []),
        "index": None if index is None else count(index),
    }
