"""Every face of a model as plain data, for choosing where loads and supports go; and foreign CAD made a BREP file.

Runs in a worker with OCP: :func:`describe` is the entry point.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_MANIFOLD = 2  # faces that meet at an edge of a solid's skin


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """Reads a model, measures it and lists its faces.

    ``request``: ``path`` of a .brep or .step file; ``out_dir`` and ``name``: where the BREP and GLB of a STEP file
    go. Returns the measures of :func:`backend.engine.measure.measure_shape`, ``files`` (what was written), and
    ``faces``: per face in file order ``index``, ``solids`` (which it bounds), ``surface``, ``area_mm2``,
    ``centroid_mm``, ``normal``, ``radius_mm``, ``axis`` (unit vector of a cylinder, cone or torus, its largest
    component positive), ``hole`` (a cylinder with the material outside), ``low`` and ``high`` (box, mm);
    ``problems``: words on what can't be meshed as it is.

    Raises EngineError (``import_failed``) where nothing can be read.
    """
    from backend.engine import measure

    path = Path(str(request["path"]))
    files: dict[str, str] = {}
    if path.suffix.lower() in (".step", ".stp"):
        from backend.engine.exchange.export import export_shape
        from backend.engine.exchange.importing import read_model

        shape = read_model(path.read_bytes(), "step")
        if measure.solids_of(shape):
            files, _ = export_shape(shape, str(request["out_dir"]), str(request["name"]), ["brep", "glb"])
            from backend.engine.exchange.brep import read_brep

            shape = read_brep(files["brep"])  # the indices must be those of the file
    else:
        from backend.engine.exchange.brep import read_brep

        shape = read_brep(path)
    result = measure.measure_shape(shape)
    result["files"] = files
    result["faces"] = _faces(shape)
    result["problems"] = _problems(shape, result)
    return result


def _faces(shape: Any) -> list[dict[str, Any]]:
    from backend.engine import measure

    numbers = measure.face_numbers(shape)
    owners: dict[int, list[int]] = {}
    for index, solid in enumerate(measure.solids_of(shape)):
        for face in measure.faces_of(solid):
            owners.setdefault(numbers.FindIndex(face) - 1, []).append(index)
    rows = []
    for index, face in enumerate(measure.faces_of(shape)):
        box = measure.bounding_box(face) or {"min": [0.0] * 3, "max": [0.0] * 3}
        rows.append(
            {
                "index": index,
                "solids": owners.get(index, []),
                **measure.measure_face(face),
                "axis": _axis(face),
                "hole": _is_hole(face),
                "low": box["min"],
                "high": box["max"],
            }
        )
    return rows


def _axis(face: Any) -> list[float] | None:
    from OCP.BRepAdaptor import BRepAdaptor_Surface

    from backend.engine.measure import surface_kind

    kind = surface_kind(face)
    if kind not in ("cylinder", "cone", "torus"):
        return None
    surface = BRepAdaptor_Surface(face, False)
    found = {"cylinder": surface.Cylinder, "cone": surface.Cone, "torus": surface.Torus}[kind]()
    direction = [float(value) for value in found.Axis().Direction().Coord()]
    largest = max(direction, key=abs)
    return [value * (1.0 if largest > 0 else -1.0) + 0.0 for value in direction]


def _is_hole(face: Any) -> bool | None:
    """Whether a cylinder's outside is at its axis; None for other faces."""
    from OCP.BRepAdaptor import BRepAdaptor_Surface
    from OCP.TopAbs import TopAbs_Orientation

    from backend.engine.measure import surface_kind

    if surface_kind(face) != "cylinder":
        return None
    direct = BRepAdaptor_Surface(face, False).Cylinder().Position().Direct()
    return bool((face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED) == direct)


def _problems(shape: Any, measured: dict[str, Any]) -> list[str]:
    from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp

    from backend.engine import measure

    if not measured["solids"]:
        open_faces = len(measure.faces_of(shape))
        return [f"the model holds {open_faces} surface(s) and no solid: its skin is open or was never closed"]
    problems = []
    edges = IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher()
    TopExp.MapShapes_s(shape, TopAbs_ShapeEnum.TopAbs_EDGE, edges)
    for number, solid in enumerate(measure.solids_of(shape)):
        uses: dict[int, int] = {}
        for face in measure.faces_of(solid):
            for edge in measure.explore(face, TopAbs_ShapeEnum.TopAbs_EDGE):
                place = edges.FindIndex(edge)
                uses[place] = uses.get(place, 0) + 1
        worst = max(uses.values(), default=0)
        if worst > _MANIFOLD:
            count = sum(value > _MANIFOLD for value in uses.values())
            problems.append(f"solid {number} is non-manifold: at {count} edge(s) up to {worst} faces meet")
    for body in measured["bodies"]:
        if not body["valid"]:
            problems.append(
                f"body {body['index']} is not a valid solid (volume {body['volume_mm3']:.6g} mm3): faces intersect, "
                "gaps are open, or it is flat"
            )
    return problems
