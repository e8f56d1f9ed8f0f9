"""STEP AP242 with names and colours, in mm. Needs OCP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from OCP.APIHeaderSection import APIHeaderSection_MakeHeader
from OCP.BRep import BRep_Builder
from OCP.BRepBuilderAPI import BRepBuilderAPI_Copy
from OCP.IFSelect import IFSelect_ReturnStatus
from OCP.Interface import Interface_Static
from OCP.Quantity import Quantity_Color, Quantity_ColorRGBA, Quantity_TypeOfColor
from OCP.STEPCAFControl import STEPCAFControl_Controller, STEPCAFControl_Writer
from OCP.STEPControl import STEPControl_Reader, STEPControl_StepModelType
from OCP.TCollection import TCollection_ExtendedString, TCollection_HAsciiString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label
from OCP.TDocStd import TDocStd_Document
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound
from OCP.XCAFApp import XCAFApp_Application
from OCP.XCAFDoc import XCAFDoc_ColorType, XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

from backend.engine.errors import EngineError
from backend.engine.exchange.gdt import FaceNote, add_notes
from backend.engine.exchange.occt_log import silence_occt
from backend.engine.measure import bodies_of

silence_occt()

Color = tuple[float, float, float, float]

_UNITS = {"mm": "MM", "cm": "CM", "m": "M", "in": "INCH", "ft": "FT"}


def compound(shapes: Sequence[Any]) -> Any:
    """One compound of the shapes, in order."""
    result = TopoDS_Compound()
    builder = BRep_Builder()
    builder.MakeCompound(result)
    for shape in shapes:
        builder.Add(result, shape)
    return result


def write_step(
    shape: Any,
    path: str | Path,
    *,
    name: str = "model",
    names: Sequence[str] = (),
    colors: Sequence[Color | None] = (),
    unit: str = "mm",
    timestamp: str | None = None,
    notes: Sequence[FaceNote] = (),
) -> Path:
    """Write a shape as STEP AP242 and return the path.

    ``names`` and ``colors`` (sRGB and alpha, each 0..1) belong to the bodies of the shape in file order
    (:func:`backend.engine.measure.bodies_of`). One body becomes one product called ``name`` (or its own name); several
    become an assembly ``name`` with a product for each. ``unit`` is the unit written in the file: mm, cm, m, in, ft;
    the geometry keeps its size. ``timestamp`` (ISO 8601) replaces the present time in the header. ``notes`` are names,
    datums and tolerances of faces (:mod:`backend.engine.exchange.gdt`).

    Raises EngineError (``export_failed``) when the shape is empty or OCCT refuses it.
    """
    target = Path(path)
    bodies = bodies_of(shape)
    if not bodies:
        raise EngineError("There is nothing to export: the shape has no solid and no surface.", code="export_failed")
    if unit not in _UNITS:
        raise EngineError(f"STEP unit {unit!r} is not known: use one of {', '.join(_UNITS)}.", code="export_failed")
    # the schema and unit are read when the writer is made: set them first
    STEPCAFControl_Controller.Init_s()
    Interface_Static.SetCVal_s("write.step.schema", "AP242DIS")
    Interface_Static.SetCVal_s("write.step.unit", _UNITS[unit])
    Interface_Static.SetIVal_s("write.step.assembly", 2)  # an assembly only where there is more than one body
    Interface_Static.SetIVal_s("write.stepcaf.subshapes.name", 1 if any(note.name for note in notes) else 0)
    writer = STEPCAFControl_Writer()
    writer.SetNameMode(True)
    writer.SetDimTolMode(bool(notes))
    writer.SetColorMode(True)

    document, labels = _document(bodies, name, names, colors)
    add_notes(document, shape, labels, notes)
    if not writer.Transfer(document, STEPControl_StepModelType.STEPControl_AsIs):
        raise EngineError("OCCT could not translate the model to STEP.", code="export_failed")
    _set_header(writer.ChangeWriter().Model(False), target.stem, timestamp)
    status = writer.Write(str(target))
    if status != IFSelect_ReturnStatus.IFSelect_RetDone or not target.exists():
        raise EngineError(
            f"The STEP file {target.name} could not be written: check that the folder exists and the disk has room.",
            code="export_failed",
        )
    return target


def _text(text: str) -> Any:
    return TCollection_ExtendedString(text, True)


def _document(
    bodies: Sequence[Any], name: str, names: Sequence[str], colors: Sequence[Color | None]
) -> tuple[Any, list[Any]]:
    """An XCAF document of the bodies, and the shape label of each."""
    document = TDocStd_Document(_text("BinXCAF"))
    XCAFApp_Application.GetApplication_s().InitDocument(document)
    XCAFDoc_DocumentTool.SetLengthUnit_s(document, 0.001)  # what the coordinates are: mm, in metres
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    XCAFDoc_ShapeTool.SetAutoNaming_s(False)
    paint = XCAFDoc_DocumentTool.ColorTool_s(document.Main())
    labels = []
    assembly = None
    if len(bodies) > 1:
        assembly = shapes.NewShape()
        TDataStd_Name.Set_s(assembly, _text(name))
    looks: dict[int, tuple[str, Color | None]] = {}  # by the hash of the unplaced body
    for position, body in enumerate(bodies):
        own = names[position] if position < len(names) and names[position] else ""
        label_name = own or (name if assembly is None else f"{name}-{position + 1}")
        color = colors[position] if position < len(colors) else None
        if assembly is None:
            label = shapes.AddShape(body, False)
        else:
            # copies of one body (a pattern) share a product only where they also share name and colour
            if looks.setdefault(hash(body.Located(TopLoc_Location())), (own, color)) != (own, color):
                body = BRepBuilderAPI_Copy(body, True, False).Shape()
            component = shapes.AddComponent(assembly, body, False)
            TDataStd_Name.Set_s(component, _text(label_name))
            label = TDF_Label()
            XCAFDoc_ShapeTool.GetReferredShape_s(component, label)
        TDataStd_Name.Set_s(label, _text(label_name))
        labels.append(label)
        if color is not None:
            rgb = Quantity_Color(*color[:3], Quantity_TypeOfColor.Quantity_TOC_sRGB)
            paint.SetColor(label, Quantity_ColorRGBA(rgb, color[3]), XCAFDoc_ColorType.XCAFDoc_ColorSurf)
    if assembly is not None:
        shapes.UpdateAssemblies()
    return document, labels


def _set_header(model: Any, stem: str, timestamp: str | None) -> None:
    header = APIHeaderSection_MakeHeader(model)
    ascii_stem = re.sub(r"[^\x20-\x7e]", "_", stem).replace("'", "_")
    header.SetName(TCollection_HAsciiString(ascii_stem))
    header.SetAuthorValue(1, TCollection_HAsciiString(""))
    header.SetOrganizationValue(1, TCollection_HAsciiString(""))
    header.SetOriginatingSystem(TCollection_HAsciiString("BRICK OS"))
    if timestamp is not None:
        header.SetTimeStamp(TCollection_HAsciiString(timestamp))


def read_step(path: str | Path) -> Any:
    """The shape in a STEP file, in mm whatever the file's unit; a compound where it holds several roots.

    Raises EngineError (``import_failed``) when the file is not STEP or holds no shape.
    """
    source = Path(path)
    STEPCAFControl_Controller.Init_s()
    Interface_Static.SetCVal_s("xstep.cascade.unit", "MM")
    reader = STEPControl_Reader()
    if reader.ReadFile(str(source)) != IFSelect_ReturnStatus.IFSelect_RetDone:
        raise EngineError(f"{source.name} is not a readable STEP file.", code="import_failed")
    reader.TransferRoots()
    if reader.NbShapes() == 0:
        raise EngineError(f"{source.name} is a STEP file without any shape in it.", code="import_failed")
    shape = reader.OneShape()
    if not bodies_of(shape):
        raise EngineError(f"{source.name} holds curves or points only, no solid and no surface.", code="import_failed")
    return shape
