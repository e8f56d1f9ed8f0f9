"""Runs in a process with OCP: the official client exports, takes pictures and imports, served by the exchange's doors.

Where the engine has these commands itself it serves them; otherwise they are registered here, each in a few lines.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from pathlib import Path

PART = """@settings(defaultLengthUnit = in, kclVersion = 1.0)
plate = startSketchOn(XY)
  |> startProfile(at = [0, 0])
  |> line(end = [4, 0])
  |> line(end = [0, 2])
  |> line(end = [-4, 0])
  |> close()
  |> extrude(length = 0.5)
"""


def register() -> list[str]:
    """Commands that the engine lacks; returns their names."""
    from backend.engine.exchange.exporting import export_files
    from backend.engine.exchange.importing import import_files
    from backend.engine.exchange.tessellate import tessellate
    from backend.engine.protocol import dispatch
    from backend.engine.protocol.dispatch import COMMANDS, Command
    from backend.engine.protocol.fields import anything
    from backend.engine.render.snapshot import SnapshotCamera
    from backend.engine.results import final_shape
    from backend.engine.scene import Body

    dispatch.load()
    cameras: dict[int, SnapshotCamera] = {}

    def camera(scene):
        return cameras.setdefault(id(scene), SnapshotCamera(320, 240))

    def meshes(scene):
        shape, _ = final_shape(scene)
        return tessellate(shape)

    def points(scene):
        import numpy as np

        return np.concatenate([mesh.vertices for mesh in meshes(scene)])

    def export(scene, cmd_id, entity_ids, format):
        shape, bodies = final_shape(scene)
        return {"files": export_files(shape, format, names=[body.name for body in bodies])}

    def import_(scene, cmd_id, files, format):
        scene.add_body(Body(cmd_id, import_files(files, format)))

    def look_at(scene, cmd_id, vantage, center, up, sequence):
        camera(scene).look_at(vantage, center, up)
        return {"settings": camera(scene).settings()}

    def isometric(scene, cmd_id, padding):
        camera(scene).view_isometric(points(scene), padding)
        return {"settings": camera(scene).settings()}

    def orthographic(scene, cmd_id):
        camera(scene).set_orthographic()

    def fit(scene, cmd_id, object_ids, padding, animated):
        camera(scene).zoom_to_fit(points(scene), padding)
        return {"settings": camera(scene).settings()}

    def snapshot(scene, cmd_id, format):
        return {"contents": base64.b64encode(camera(scene).snapshot(meshes(scene), format)).decode()}

    def graphics(scene, cmd_id, **_):
        return None

    added = []
    for name, fields, handler in (
        ("export", {"entity_ids": [], "format": None}, export),
        ("import_files", {"files": None, "format": None}, import_),
        ("default_camera_look_at", {"vantage": None, "center": None, "up": None, "sequence": None}, look_at),
        ("view_isometric", {"padding": 0.0}, isometric),
        ("default_camera_set_orthographic", {}, orthographic),
        ("zoom_to_fit", {"object_ids": [], "padding": 0.0, "animated": False}, fit),
        ("take_snapshot", {"format": "png"}, snapshot),
        ("toggle_graphics", {"graphics_enabled": True, "enabled": None, "enable": None}, graphics),
    ):
        if name not in COMMANDS or (name == "toggle_graphics" and "graphics_enabled" not in COMMANDS[name].optional):
            COMMANDS[name] = Command(name, {}, {key: (anything, value) for key, value in fields.items()}, handler)
            added.append(name)
    return added


def project_of(model: Path, project: Path, *, in_inches: bool) -> Path:
    """A project whose program imports the model; returns the program's path."""
    project.mkdir()
    (project / f"part{model.suffix}").write_bytes(model.read_bytes())
    unit = "@(lengthUnit = in)\n" if in_inches else ""
    entry = project / "main.kcl"
    entry.write_text(f'{unit}import "part{model.suffix}" as part\npart\n')
    return entry


async def talk(base_url: str, folder: Path) -> dict[str, object]:
    import kcl

    found: dict[str, object] = {"files": {}, "pictures": [], "imports": {}}
    options = {"token": "local", "base_url": base_url}
    session = await kcl.new_kcl_session_code(PART, geometry_only=True, **options)
    for name in ("Step", "Stl", "Obj", "Ply", "Gltf", "Glb"):
        (file,) = await session.export(getattr(kcl.FileExportFormat, name))
        target = folder / f"{name}-{file.name}"
        target.write_bytes(bytes(file.contents))
        found["files"][name] = str(target)
    try:
        await session.export(kcl.FileExportFormat.Fbx)
    except Exception as error:
        found["fbx"] = str(error)
    view = kcl.CameraLookAt(
        vantage=kcl.Point3d(0.0, -300.0, 0.0), center=kcl.Point3d(0.0, 0.0, 0.0), up=kcl.Point3d(0.0, 0.0, 1.0)
    )
    pictures = await session.snapshots(
        kcl.ImageFormat.Png, [kcl.SnapshotOptions.isometric_view(0.1), kcl.SnapshotOptions(view, 0.1)]
    )
    for number, data in enumerate(pictures):
        target = folder / f"{number}.png"
        target.write_bytes(bytes(data))
        found["pictures"].append(str(target))
    await session.close()
    for name, path in found["files"].items():
        entry = project_of(Path(path), folder / name, in_inches=name in ("Stl", "Obj", "Ply"))
        session = await kcl.new_kcl_session(str(entry), geometry_only=True, **options)
        (file,) = await session.export(kcl.FileExportFormat.Stl)
        target = folder / f"again-{name}.stl"
        target.write_bytes(bytes(file.contents))
        found["imports"][name] = str(target)
        await session.close()
    return found


def main(folder: Path) -> dict[str, object]:
    added = register()
    from backend.engine.protocol.server import EngineServer

    server = EngineServer().start()
    return {**asyncio.run(talk(server.base_url, folder)), "registered_here": added}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
    sys.stdout.flush()
    os._exit(0)  # the interpreter's threads may abort an ordinary exit
