"""Which words of a program made each face of the finished part, told by the interpreter itself.

The protocol carries no places of the program. But the interpreter knows the place of every command that it sends, and
says it when one is refused. So the program is run once to learn which command made which face, and then once for each
such command, which is refused on purpose: the place in the interpreter's complaint is where the face comes from. A run
ends at the refused command, so it costs less than the whole program.

:func:`sources` is an entry point for the worker pool: plain data in, plain data out. Needs OCP in the process.
"""

from __future__ import annotations

import time
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.run import DEFAULT_TIMEOUT_S, _engine, _interpret, _project

MOST_COMMANDS = 200
MOST_SECONDS = 20.0
_REFUSED = "refused to learn its place in the program"
# commands that only ask, or that only show
_QUIET = ("get_", "camera", "set_", "object_visible", "edge_lines", "entity_get", "path_get", "default_camera")

# commands that make or change geometry
_FEATURES = frozenset(
    [
        "boolean_imprint",
        "boolean_intersection",
        "boolean_subtract",
        "boolean_union",
        "entity_circular_pattern",
        "entity_clone",
        "entity_linear_pattern",
        "entity_linear_pattern_transform",
        "entity_mirror",
        "entity_mirror_across",
        "entity_mirror_across_edge",
        "extrude",
        "extrude_to_reference",
        "loft",
        "revolve",
        "revolve_about_edge",
        "set_object_transform",
        "solid2d_add_hole",
        "solid3d_cut_edge_references",
        "solid3d_cut_edges",
        "solid3d_fillet_edge",
        "solid3d_join",
        "solid3d_multi_join",
        "solid3d_shell_face",
        "surface_blend",
        "sweep",
        "twist_extrude",
    ]
)


class _Trace:
    """Notes the commands of one run, and which of them each face id and each profile edge appeared with."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.by_id: dict[str, int] = {}  # command id -> place in the run
        self.made: dict[str, int] = {}  # face id -> place of the command that made it
        self.session: Any = None

    def admit(self, session: Any) -> None:
        self.session = session
        session.before = self._before
        session.after = self._after

    def _before(self, cmd_id: str, cmd: dict[str, Any]) -> None:
        self.by_id.setdefault(cmd_id, len(self.commands))
        self.commands.append(str(cmd.get("type")))

    def _after(self, cmd_id: str, cmd: dict[str, Any]) -> None:
        if self.commands[-1].startswith(_QUIET):
            return
        here = len(self.commands) - 1
        for body in self.session.scene.bodies:
            for face_id in body.faces:
                self.made.setdefault(face_id, here)


class _Refusal:
    """Refuses the command at one place of the run."""

    def __init__(self, place: int) -> None:
        self.place, self.count = place, -1

    def admit(self, session: Any) -> None:
        session.before = self._before

    def _before(self, cmd_id: str, cmd: dict[str, Any]) -> None:
        self.count += 1
        if self.count == self.place:
            raise EngineError(_REFUSED, code="bad_request")


def sources(request: dict[str, Any]) -> dict[str, Any]:
    """Where in a program the faces of its part come from.

    ``request``: ``code``, or ``path`` (see :func:`backend.engine.run.run_project`); ``timeout_s`` for one run.

    Returns ``faces``: for each face of the finished shape (``face_index`` as in the BREP file) its ``places``, the most
    particular first: [{line, column, command}], lines and columns from 1, empty where nothing is known of it; and
    ``complete``, False where the limit of commands or of seconds was met first. Raises EngineError where the program
    fails.
    """
    from backend.engine import measure
    from backend.engine.results import final_shape

    entry, own_files = _project(request)
    timeout_s = float(request.get("timeout_s") or DEFAULT_TIMEOUT_S)
    server = _engine()
    trace = _Trace()
    session, _, _ = _interpret(server, entry, own_files, request, timeout_s, trace.admit)
    scene = session.scene
    shape, bodies = final_shape(scene)
    numbers = measure.face_numbers(shape)
    drawn = _drawn_by(scene)
    wanted: dict[int, list[int]] = {}
    for body in bodies:
        for face_id, faces in body.faces.items():
            commands = [trace.by_id[drawn[face_id]]] if drawn.get(face_id) in trace.by_id else []
            if face_id in trace.made:
                commands.append(trace.made[face_id])
            for face in faces:
                index = numbers.FindIndex(face) - 1
                if index >= 0:
                    known = wanted.setdefault(index, [])
                    known.extend(place for place in commands if place not in known)
    ends = time.perf_counter() + MOST_SECONDS
    places: dict[int, dict[str, Any] | None] = {}
    complete = True
    for place in sorted({place for several in wanted.values() for place in several}):
        if len(places) >= MOST_COMMANDS or time.perf_counter() > ends:
            complete = False
            break
        places[place] = _place(server, entry, own_files, request, timeout_s, place, trace.commands[place])
    return {
        "faces": [
            {
                "face_index": index,
                "places": _distinct([found for place in wanted.get(index, []) if (found := places.get(place))]),
            }
            for index in range(numbers.Extent())
        ],
        "commands": len(trace.commands),
        "complete": complete,
    }


def _drawn_by(scene: Any) -> dict[str, str]:
    """Face id -> id of the command that drew the profile's segment which swept it."""
    # a region's edges have ids of their own, made from those of the segments they lie on
    drawn = {
        derive(region_id, "curve", segment.id, piece): segment.id
        for region_id, region in scene.regions.items()
        for path in scene.paths.values()
        for segment in path.segments
        for piece in range(len(region.edges))
    }
    return {
        wall.face_id: drawn.get(wall.segment_id, wall.segment_id)
        for body in scene.bodies
        for sweep in body.sweeps
        for wall in sweep.walls
        if wall.face_id
    }


def _place(
    server: Any, entry: Any, own_files: Any, request: dict[str, Any], timeout_s: float, place: int, command: str
) -> dict[str, Any] | None:
    """The interpreter's place of one command; None where its complaint has none, or names another file."""
    source = _refused_at(server, entry, own_files, request, timeout_s, place)
    own = entry is None or source.get("file") in ("", entry.name)
    if source.get("line") and own:
        return {"line": int(source["line"]), "column": int(source.get("column") or 1), "command": command}
    return None


def _refused_at(
    server: Any, entry: Any, own_files: Any, request: dict[str, Any], timeout_s: float, place: int
) -> dict[str, Any]:
    """File, line and column that the interpreter tells of the command at one place of the run; empty without them."""
    refusal = _Refusal(place)
    try:
        _interpret(server, entry, own_files, request, timeout_s, refusal.admit)
    except EngineError as error:
        if _REFUSED in error.message:
            return dict(error.source or {})
    return {}


def _distinct(places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: set[tuple[int, int]] = set()
    out = []
    for place in places:
        key = (place["line"], place["column"])
        if key not in seen:
            seen.add(key)
            out.append(place)
    return out


def last_features(request: dict[str, Any], most: int = 4) -> list[dict[str, Any]]:
    """The last commands that made or changed geometry, the last one first: [{file, line, column, command}].

    In the order in which the program ran; ``file`` is relative to the program's folder, "" for code. ``request`` as in
    :func:`sources`. Commands without a place in the interpreter's complaint are left out, and so are several from one
    place. Raises EngineError where the program fails.
    """
    entry, own_files = _project(request)
    timeout_s = float(request.get("timeout_s") or DEFAULT_TIMEOUT_S)
    server = _engine()
    trace = _Trace()
    _interpret(server, entry, own_files, request, timeout_s, trace.admit)
    found: dict[tuple[str, int, int], dict[str, Any]] = {}
    for place in [at for at, name in enumerate(trace.commands) if name in _FEATURES][:-MOST_COMMANDS:-1]:
        if len(found) >= most:
            break
        source = _refused_at(server, entry, own_files, request, timeout_s, place)
        if source.get("line"):
            key = (str(source.get("file") or ""), int(source["line"]), int(source.get("column") or 1))
            found.setdefault(key, {"file": key[0], "line": key[1], "column": key[2], "command": trace.commands[place]})
    return list(found.values())
