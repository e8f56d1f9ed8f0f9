"""What happened in a run, stage by stage, as lines of text: the commands that came, the ids that are left.

Numbers are rounded (9 digits in commands, 1e-6 mm in geometry), so that two runs can be compared line by line.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from backend.engine import measure
from backend.engine.kernel import shapes
from backend.engine.scene import Body, Scene

_DIGITS = 9
_DECIMALS = 6


def of_session(session: Any) -> dict[str, list[str]]:
    """``commands`` and ``ids`` of a session that kept its log."""
    return {"commands": [command_line(cmd_id, cmd) for cmd_id, cmd in session.log or []], "ids": ids(session.scene)}


def command_line(cmd_id: str, cmd: Any) -> str:
    """A command as it was sent: its id (where the client did not roll dice for it) and its fields, by name."""
    told = "random" if uuid.UUID(cmd_id).version == 4 else cmd_id
    return f"{told} {json.dumps(_rounded(cmd), sort_keys=True, default=_bytes)}"


def _bytes(value: Any) -> str:
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else str(value)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        short = float(f"{value:.{_DIGITS}g}")
        return 0.0 if abs(short) < 10.0**-_DIGITS else short
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value


def ids(scene: Scene) -> list[str]:
    """The ids of the visible bodies, their faces (surface, area, centre) and edges (length, middle)."""
    lines = []
    for body in scene.visible_bodies():
        lines.append(f"body {body.id} {body.kind}")
        lines.extend(sorted(_faces(body)))
        lines.extend(sorted(_edges(body)))
    return lines


def _faces(body: Body) -> list[str]:
    lines = []
    for face_id, found in body.faces.items():
        for face in found:
            told = measure.measure_face(face)
            lines.append(f"face {face_id} {told['surface']} {_number(told['area_mm2'])} {_place(told['centroid_mm'])}")
    return lines


def _edges(body: Body) -> list[str]:
    lines = []
    for edge_id, found in body.edges.items():
        for edge in found:
            if not shapes.is_degenerate(edge):
                middle = shapes.edge_midpoint(edge)
                lines.append(f"edge {edge_id} {_number(shapes.length(edge))} {_place(middle.Coord())}")
    return lines


def _number(value: float) -> str:
    return f"{round(value, _DECIMALS) + 0.0:g}" if abs(value) < 1e5 else f"{value:.9g}"


def _place(point: Any) -> str:
    return "(" + ", ".join(_number(value) for value in point) + ")"
