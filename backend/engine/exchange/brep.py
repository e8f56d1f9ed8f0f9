"""OCCT's own BREP text format: exact geometry, face order kept. Needs OCP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from OCP.BRep import BRep_Builder
from OCP.BRepTools import BRepTools
from OCP.TopoDS import TopoDS_Shape
from OCP.TopTools import TopTools_FormatVersion

from backend.engine.errors import EngineError


def write_brep(shape: Any, path: str | Path) -> Path:
    """Write a shape without its triangulation and return the path.

    Faces come back in the same order when the file is read (here or by netgen), so an index into ``faces_of(shape)``
    means the same face in the file.

    Raises EngineError (``export_failed``) when the file can't be written.
    """
    target = Path(path)
    # version 1 of the format: what every reader of BREP files knows
    version = TopTools_FormatVersion.TopTools_FormatVersion_VERSION_1
    if not BRepTools.Write_s(shape, str(target), False, False, version):
        raise EngineError(
            f"The BREP file {target.name} could not be written: check that the folder exists and the disk has room.",
            code="export_failed",
        )
    return target


def read_brep(path: str | Path) -> Any:
    """The shape in a BREP file. Raises EngineError (``import_failed``) when it holds none."""
    shape = TopoDS_Shape()
    source = Path(path)
    if not BRepTools.Read_s(shape, str(source), BRep_Builder()) or shape.IsNull():
        raise EngineError(f"{source.name} is not a readable BREP file.", code="import_failed")
    return shape
