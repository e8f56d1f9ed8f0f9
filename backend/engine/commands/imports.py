"""Import of foreign CAD files: the bytes arrive in the command, and must be those of a file of the project."""

from __future__ import annotations

import hashlib
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.exchange import importing
from backend.engine.kernel import shapes
from backend.engine.kernel.frames import world
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import items, mapping
from backend.engine.scene import Body, Scene


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@command("import_files", {"files": items, "format": mapping})
def import_files(scene: Scene, cmd_id: str, files: list[Any], format: dict[str, Any]) -> dict[str, Any]:
    """Puts the file's solids and surfaces into the scene as one body with the command's id."""
    for file in files:
        data = mapping(file).get("data")
        if not isinstance(file.get("path"), str) or not file["path"]:
            raise EngineError("import_files: a file needs its name in 'path'")
        if not isinstance(data, bytes):
            raise EngineError("import_files: a file needs its bytes in 'data' (send the command as MessagePack)")
        if scene.own_files is not None and fingerprint(data) not in scene.own_files:
            raise EngineError(f"the import {file.get('path')!r} is not one of the project's own files", code="confined")
    shape = importing.import_files(files, format)
    kind = "solid" if shapes.solids(shape) else "surface"
    body = Body(cmd_id, shape, kind, origin=world())
    body.name_all()
    scene.add_body(body)
    return {"object_id": cmd_id}
