"""What a run hands back: measures, named faces, files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from backend.engine import measure
from backend.engine.errors import EngineError
from backend.engine.exchange.export import export_shape
from backend.engine.exchange.gdt import FaceNote, note_of_annotation
from backend.engine.exchange.tessellate import tessellate
from backend.engine.kernel import shapes
from backend.engine.render.snapshot import portrait
from backend.engine.scene import Body, Scene


def final_shape(scene: Scene) -> tuple[Any, list[Body]]:
    """One compound of all visible bodies, in the order they were made."""
    bodies = scene.visible_bodies()
    return shapes.compound(body.shape for body in bodies), bodies


def named_faces(scene: Scene, shape: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Faces that the program named, with their index in the file; and remarks on names that lost their face."""
    numbers = measure.face_numbers(shape)
    solids = measure.solids_of(shape)
    solid_of: dict[int, int] = {}
    for index, solid in enumerate(solids):
        for face in shapes.faces(solid):
            solid_of.setdefault(numbers.FindIndex(face) - 1, index)
    found, remarks = [], []
    for note in scene.annotations:
        if not note.name or note.entity_id is None:
            continue
        body = scene.owners.get(note.entity_id)
        faces = body.faces.get(note.entity_id, []) if body is not None else []
        indices = sorted({numbers.FindIndex(face) - 1 for face in faces} - {-1})
        if not indices:
            remarks.append(f"the annotation {note.name!r} names a face that is not part of the finished model")
        for index in indices:
            face = shapes.cast(numbers.FindKey(index + 1))
            found.append(
                {
                    "name": note.name,
                    "text": note.text,
                    "face_index": index,
                    "solid_index": solid_of.get(index, 0),
                    **measure.measure_face(face),
                }
            )
    return found, remarks


def collect(session: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Measures the finished scene and writes the files asked for."""
    scene: Scene = session.scene
    started = time.perf_counter()
    shape, bodies = final_shape(scene)
    names = body_names(bodies)
    result = measure.measure_shape(shape, names)
    result["named_faces"], remarks = named_faces(scene, shape)
    measured = time.perf_counter()
    result["files"], written, told = _export(scene, shape, bodies, names, request)
    exported = time.perf_counter()
    if request.get("pictures"):
        result["pictures"] = draw(shape, bodies, request["pictures"])
    if request.get("bundle"):
        result["bundle"] = pack(scene, shape, bodies)
    result["timings_s"] = {
        "measure": measured - started,
        "export": exported - measured,
        **{f"export_{kind}": seconds for kind, seconds in written.items()},
    }
    result["diagnostics"] = [*scene.remarks, *remarks, *told]
    result["commands"] = scene.commands
    if not bodies:
        result["diagnostics"].append("the program makes no bodies")
    density = request.get("density_kg_m3")
    if density is not None:
        result["mass_g"] = result["volume_mm3"] * float(density) * 1e-6
    return result


def draw(shape: Any, bodies: list[Body], wanted: list[dict[str, Any]]) -> dict[str, str]:
    """Pictures of the bodies: {view: path}. Each wanted one is {"view", "path"} and, if given, "width", "height".

    Raises EngineError: ``bad_request`` for a view that isn't known or no bodies, ``export_failed`` for a file that
    can't be written.
    """
    if not bodies:
        raise EngineError("the program makes no bodies: there is nothing to see", code="no_bodies")
    meshes = tessellate(shape, names=body_names(bodies), colors=body_colors(bodies))
    drawn = {}
    for one in wanted:
        picture = portrait(
            meshes, str(one.get("view") or "iso"), int(one.get("width") or 1024), int(one.get("height") or 768)
        )
        try:
            Path(one["path"]).write_bytes(picture)
        except OSError as problem:
            raise EngineError(
                f"the picture {one['path']} could not be written: {problem.strerror or problem}", code="export_failed"
            ) from None
        drawn[str(one.get("view") or "iso")] = str(one["path"])
    return drawn


def pack(scene: Scene, shape: Any, bodies: list[Body]) -> bytes:
    """The finished model as bytes that :mod:`backend.engine.bundle` reads: geometry, names, colours and annotations."""
    from backend.engine.bundle import packed

    return packed(shape, body_names(bodies), body_colors(bodies), face_notes(scene, shape))


def body_names(bodies: list[Body]) -> list[str]:
    """A name for each solid and surface of the bodies' compound, in file order."""
    return [body.name for body in bodies for _ in measure.bodies_of(body.shape)]


def body_colors(bodies: list[Body]) -> list[tuple[float, float, float, float] | None]:
    """A color for each solid and surface of the bodies' compound, in file order."""
    return [body.color for body in bodies for _ in measure.bodies_of(body.shape)]


def face_notes(scene: Scene, shape: Any) -> list[FaceNote]:
    """Names, datums and tolerances of faces, as a STEP file holds them."""
    numbers = measure.face_numbers(shape)
    notes = []
    for annotation in scene.annotations:
        owner = scene.owners.get(annotation.entity_id or "")
        faces = owner.faces.get(annotation.entity_id or "", []) if owner is not None else []
        indices = sorted({numbers.FindIndex(face) - 1 for face in faces} - {-1})
        note = note_of_annotation(annotation.options, indices, scene.unit) if indices else None
        if note is not None:
            notes.append(note)
    return notes


def _export(
    scene: Scene, shape: Any, bodies: list[Body], names: list[str], request: dict[str, Any]
) -> tuple[dict[str, str], dict[str, float], list[str]]:
    """Paths, seconds and remarks of the files asked for."""
    kinds = list(request.get("exports") or [])
    if not kinds:
        return {}, {}, []
    if not bodies:
        raise EngineError("the program makes no bodies: there is nothing to export", code="no_bodies")
    notes = face_notes(scene, shape) if "step" in kinds else []

    def write(notes: list[FaceNote]) -> tuple[dict[str, str], dict[str, float]]:
        return export_shape(
            shape,
            str(request.get("out_dir") or "."),
            str(request.get("name") or "model"),
            kinds,
            names=names,
            colors=body_colors(bodies),
            notes=notes,
            unit=str(request.get("units") or "mm"),
        )

    try:
        return (*write(notes), [])
    except EngineError as error:
        if not notes or error.code != "export_failed":
            raise
        # an annotation that STEP has no place for must not cost the model
        return (*write([]), [f"the STEP file holds no annotations: {error.message}"])
