"""A whole KCL project run within a session, as clients ask for that keep one session over many steps."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.protocol.session import Session
from backend.engine.scene import Body, Scene

_MOST_FILES, _MOST_BYTES = 2000, 256 * 2**20
_LONGEST_S = 24 * 3600.0  # the session's supervisor has the say


def execute(session: Session, message: dict[str, Any]) -> dict[str, Any]:
    """Runs ``project`` {"entrypoint", "files": [{"path", "contents"}]}; the session's scene is what it made.

    Returns {"ok": {"artifact_graph"}} or {"err": {"code", "message", "source", "command"}}.
    """
    from backend.engine import run

    try:
        with tempfile.TemporaryDirectory(prefix="brick-project-") as folder:
            entry = _written(message.get("project"), Path(folder))
            checked, own_files = run._project({"path": str(entry)})
            made, diagnostics, _ = run._interpret(run._engine(), checked, own_files, {}, _LONGEST_S)
    except EngineError as error:
        session.last_error = error
        return {"err": error.as_dict()}
    session.scene = made.scene
    session.scene.own_files = None
    return {"ok": {"artifact_graph": artifact_graph(made.scene), "diagnostics": diagnostics}}


def _written(project: Any, folder: Path) -> Path:
    """The project's files in the folder; the path of its entry. Raises EngineError."""
    files = project.get("files") if isinstance(project, dict) else None
    if not isinstance(project, dict) or not isinstance(files, list) or not files:
        raise EngineError('a project has an "entrypoint" and a list "files" of {path, contents}', code="kcl_failed")
    if len(files) > _MOST_FILES:
        raise EngineError(f"a project has at most {_MOST_FILES} files, not {len(files)}", code="confined")
    entrypoint, total = str(project.get("entrypoint") or "main.kcl"), 0
    for file in files:
        if not isinstance(file, dict) or not isinstance(file.get("path"), str):
            raise EngineError("each file of a project is an object with path and contents", code="kcl_failed")
        data = _bytes(file.get("contents"))
        total += len(data)
        if total > _MOST_BYTES:
            raise EngineError(f"a project has at most {_MOST_BYTES} bytes", code="confined")
        target = _inside(folder, file["path"])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    entry = _inside(folder, entrypoint)
    if not entry.is_file():
        raise EngineError(f"the project has no file {entrypoint!r} to start with", code="kcl_failed")
    return entry


def _inside(folder: Path, name: str) -> Path:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name or len(name) > 400:
        raise EngineError(f"the path {name!r:.120} is not within the project", code="confined")
    return folder.joinpath(*path.parts)


def _bytes(contents: Any) -> bytes:
    if isinstance(contents, str):
        return contents.encode()
    if isinstance(contents, bytes):
        return contents
    try:
        return bytes(contents)
    except (TypeError, ValueError):
        raise EngineError("the contents of a file are text or a list of bytes", code="kcl_failed") from None


def artifact_graph(scene: Scene) -> dict[str, Any]:
    """What the scene holds, by id: planes, paths and their segments, bodies with their walls, caps and edges."""
    found: dict[str, dict[str, Any]] = {}
    for plane in scene.planes.values():
        found[plane.id] = {"type": "plane", "id": plane.id}
    for path in scene.paths.values():
        segments = [segment.id for segment in path.segments]
        found[path.id] = {"type": "path", "id": path.id, "planeId": path.plane_id, "segIds": segments}
        found.update({one: {"type": "segment", "id": one, "pathId": path.id} for one in segments})
    for body in scene.bodies:
        found.update(_body_artifacts(body))
    return {"map": found, "itemCount": len(found)}


def _body_artifacts(body: Body) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    walls = {wall.face_id: wall.segment_id for sweep in body.sweeps for wall in sweep.walls if wall.face_id}
    caps = {sweep.start_cap: "start" for sweep in body.sweeps} | {sweep.end_cap: "end" for sweep in body.sweeps}
    for face_id in body.faces:
        if face_id in walls:
            found[face_id] = {"type": "wall", "id": face_id, "segId": walls[face_id], "sweepId": body.id}
        elif face_id in caps:
            found[face_id] = {"type": "cap", "id": face_id, "subType": caps[face_id], "sweepId": body.id}
        else:
            found[face_id] = {"type": "face", "id": face_id, "bodyId": body.id}
    found.update({edge_id: {"type": "edge", "id": edge_id, "bodyId": body.id} for edge_id in body.edges})
    found[body.id] = {
        "type": "body",
        "subType": body.kind,
        "id": body.id,
        "surfaceIds": list(body.faces),
        "edgeIds": list(body.edges),
    }
    return found
