"""Runs in a process with OCP: exports a drilled block in every format and axis system, imports it again, and reports.

Also imports meshes that another program wrote (files in the folder given), and broken ones.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

GLTF_AXES = {"forward": {"axis": "z", "direction": "positive"}, "up": {"axis": "y", "direction": "positive"}}
VULKAN = {"forward": {"axis": "z", "direction": "positive"}, "up": {"axis": "y", "direction": "negative"}}
EXPORTS = [
    {"type": "step", "units": "in", "coords": GLTF_AXES, "created": "2026-01-02T03:04:05", "presentation": "pretty"},
    {"type": "stl", "storage": "ascii", "units": "in", "coords": GLTF_AXES, "selection": {"type": "default_scene"}},
    {"type": "stl", "storage": "binary", "units": "mm"},
    {"type": "obj", "units": "m", "coords": VULKAN},
    {"type": "ply", "storage": "ascii", "units": "ft"},
    {"type": "ply", "storage": "binary_big_endian", "coords": VULKAN},
    {"type": "gltf", "storage": "binary", "presentation": "compact", "include_uuids": False},
    {"type": "gltf", "storage": "embedded", "presentation": "pretty", "include_uuids": False},
    {"type": "gltf", "storage": "standard"},
]


def block():
    from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
    from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
    from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt

    hole = BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(8, 7, -1), gp_Dir(0, 0, 1)), 3.0, 20.0).Shape()
    return BRepAlgoAPI_Cut(BRepPrimAPI_MakeBox(40.0, 20.0, 10.0).Shape(), hole).Shape()


def summary(shape):
    from backend.engine.measure import faces_of, is_mesh_body, measure_shape

    found = measure_shape(shape)
    keys = ("volume_mm3", "area_mm2", "center_of_mass_mm", "bounding_box_mm", "solids", "valid")
    result = {key: found[key] for key in keys}
    return {**result, "faces": len(faces_of(shape)), "mesh": is_mesh_body(shape)}


def attempt(action):
    from backend.engine.errors import EngineError

    try:
        return {"result": action()}
    except EngineError as error:
        return {"error": error.code, "message": error.message}


def notes(shape, folder: Path) -> dict[str, object]:
    """Writes names, datums and tolerances in millimetre and inch files, and reads them back with OCCT's reader."""
    from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox
    from OCP.collections import Sequence_TDF_Label
    from OCP.gp import gp_Pnt
    from OCP.STEPCAFControl import STEPCAFControl_Reader
    from OCP.TCollection import TCollection_ExtendedString
    from OCP.TDocStd import TDocStd_Document
    from OCP.XCAFApp import XCAFApp_Application
    from OCP.XCAFDoc import XCAFDoc_Datum, XCAFDoc_DimTolTool, XCAFDoc_DocumentTool, XCAFDoc_GeomTolerance

    from backend.engine.exchange.gdt import FaceNote
    from backend.engine.exchange.step import compound, write_step

    both = compound([shape, BRepPrimAPI_MakeBox(gp_Pnt(100, 0, 0), 10.0, 10.0, 10.0).Shape()])
    said = [
        FaceNote((5,), name="top", datum="A"),
        FaceNote((8,), name="side", datum="B"),
        FaceNote((5,), symbol="flatness", tolerance_mm=0.05),
        FaceNote((1, 2), symbol="perpendicularity", tolerance_mm=0.1, datums=("A", "B")),
        FaceNote((6,), symbol="position", tolerance_mm=0.2, diameter=True, datums=("A",)),
    ]
    found: dict[str, object] = {}
    for unit in ("mm", "in"):
        path = write_step(both, folder / f"notes-{unit}.step", notes=said, unit=unit)
        document = TDocStd_Document(TCollection_ExtendedString("BinXCAF"))
        XCAFApp_Application.GetApplication_s().InitDocument(document)
        reader = STEPCAFControl_Reader()
        reader.SetGDTMode(True)
        reader.ReadFile(str(path))
        reader.Transfer(document)
        labels = Sequence_TDF_Label()
        XCAFDoc_DocumentTool.DimTolTool_s(document.Main()).GetGeomToleranceLabels(labels)
        read = []
        for label in labels:
            tolerance = XCAFDoc_GeomTolerance.Set_s(label).GetObject()
            references = Sequence_TDF_Label()
            XCAFDoc_DimTolTool.GetDatumWithObjectOfTolerLabels_s(label, references)
            datums = [XCAFDoc_Datum.Set_s(reference).GetObject().GetName().ToCString() for reference in references]
            kind = str(tolerance.GetType()).rsplit("_", 1)[1]
            read.append([kind, tolerance.GetValue(), str(tolerance.GetTypeOfValue()).rsplit("_", 1)[1], datums])
        found[unit] = {"tolerances": read, "path": str(path)}
    for name, note in {
        "no such face": FaceNote((99,), name="x"),
        "no such datum": FaceNote((1,), symbol="position", tolerance_mm=1, datums=("Q",)),
        "no such symbol": FaceNote((1,), symbol="beauty", tolerance_mm=1),
    }.items():
        found[name] = attempt(lambda note=note: str(write_step(both, folder / "bad.step", notes=[note])))
    return found


def rounded_and_cut():
    """A plate with rounded corners and a slanted drill hole: arcs and ellipses in its outlines."""
    from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
    from OCP.BRepFilletAPI import BRepFilletAPI_MakeFillet
    from OCP.BRepPrimAPI import BRepPrimAPI_MakeBox, BRepPrimAPI_MakeCylinder
    from OCP.gp import gp_Ax2, gp_Dir, gp_Pnt
    from OCP.TopAbs import TopAbs_ShapeEnum

    from backend.engine.measure import bounding_box, explore

    box = BRepPrimAPI_MakeBox(gp_Pnt(5, 5, 5), 60.0, 40.0, 6.0).Shape()
    fillet = BRepFilletAPI_MakeFillet(box)
    for edge in explore(box, TopAbs_ShapeEnum.TopAbs_EDGE):
        span = bounding_box(edge)
        if span["max"][2] - span["min"][2] > 5:  # the four that stand upright
            fillet.Add(8.0, edge)
    drill = BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(30, 25, -5), gp_Dir(0.5, 0, 1)), 4.0, 40.0).Shape()
    return BRepAlgoAPI_Cut(fillet.Shape(), drill).Shape()


def outline(shape) -> dict[str, object]:
    """Areas inside the outlines of all planar faces, beside the faces' exact areas."""
    from backend.engine.exchange.dxf import dxf_bytes, enclosed_area
    from backend.engine.exchange.exporting import export_files
    from backend.engine.exchange.outline import outline_of
    from backend.engine.measure import faces_of, measure_face

    pairs = []
    for face in [*faces_of(shape), *faces_of(rounded_and_cut())]:
        if measure_face(face)["normal"]:
            layers = outline_of(face)
            drawn = enclosed_area(layers["OUTLINE"]) - enclosed_area(layers.get("HOLES", []))
            pairs.append([drawn, measure_face(face)["area_mm2"]])
            dxf_bytes(layers)
    (file,) = export_files(shape, {"type": "dxf", "units": "in"})
    from OCP.BRepPrimAPI import BRepPrimAPI_MakeSphere

    ball = BRepPrimAPI_MakeSphere(5.0).Shape()
    return {
        "areas": pairs,
        "text": file["contents"].decode(),
        "ball": attempt(lambda: len(export_files(ball, {"type": "dxf"}))),
    }


def all_formats(shape, folder: Path) -> dict[str, int]:
    """Size of each file that the one call for files on disk writes."""
    from backend.engine.exchange.export import FORMATS, export_shape

    files, _ = export_shape(shape, folder / "all", "part", FORMATS)
    return {kind: Path(path).stat().st_size for kind, path in files.items()}


def main(folder: Path) -> dict[str, object]:
    from backend.engine.exchange.exporting import export_files
    from backend.engine.exchange.importing import import_files, read_model

    shape = block()
    found: dict[str, object] = {"original": summary(shape), "round_trips": [], "files": [], "refused": {}}
    for options in EXPORTS:
        files = export_files(shape, options, names=["block"], colors=[(0.8, 0.2, 0.1, 1.0)])
        known = ("coords",) if options["type"] == "step" else ("coords", "units") if options["type"] != "gltf" else ()
        back = {"type": options["type"], **{key: options[key] for key in known if key in options}}
        again = import_files([{"path": file["name"], "data": file["contents"]} for file in files], back)
        found["round_trips"].append({"names": [file["name"] for file in files], **summary(again)})
        for file in files:
            target = folder / f"{len(found['files'])}-{file['name']}"
            target.write_bytes(file["contents"])
            found["files"].append(str(target))
    for path in sorted(folder.glob("foreign*")):
        found[path.stem] = summary(read_model(path.read_bytes(), path.suffix[1:], "mm"))
    step = export_files(shape, {"type": "step"})[0]["contents"]
    again = import_files(
        [{"path": "a.step", "data": step}],
        {"type": "step", "coords": None, "split_closed_faces": False, "target_representation": "mesh"},
    )
    found["as_mesh"] = summary(again)
    found["mesh_exports"] = {
        kind: len(export_files(again, {"type": kind})[0]["contents"]) for kind in ("stl", "gltf", "3mf", "step")
    }
    split = import_files([{"path": "a.step", "data": step}], {"type": "step", "split_closed_faces": True})
    found["split"] = summary(split)
    found["outline"] = outline(shape)
    found["all_formats"] = all_formats(shape, folder)
    found["notes"] = notes(shape, folder)
    refusals = {
        "unknown format": lambda: read_model(b"x", "fbx"),
        "unknown unit": lambda: read_model(b"solid", "stl", "parsec"),
        "empty": lambda: read_model(b"", "step"),
        "not step": lambda: read_model(b"hello", "step"),
        "broken step": lambda: read_model(step[:300], "step"),
        "too large": lambda: read_model(b"\0" * (256 * 2**20 + 1), "stl"),
        "gltf with axes": lambda: read_model(b"{}", "gltf", coords="opengl"),
        "unknown import option": lambda: import_files([{"path": "a.stl", "data": b"x"}], {"type": "stl", "heal": True}),
        "no file": lambda: import_files([], {"type": "stl"}),
        "fbx out": lambda: export_files(shape, {"type": "fbx", "storage": "binary"}),
        "unknown export option": lambda: export_files(shape, {"type": "obj", "smooth": True}),
        "unknown storage": lambda: export_files(shape, {"type": "stl", "storage": "morse"}),
    }
    found["refused"] = {name: attempt(action) for name, action in refusals.items()}
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
