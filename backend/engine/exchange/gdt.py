"""Names, datums and geometric tolerances of faces for STEP AP242 (ISO 10303-242, ISO 1101). Needs OCP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from OCP import XCAFDimTolObjects as objects
from OCP.collections import Sequence_TDF_Label
from OCP.TCollection import TCollection_ExtendedString, TCollection_HAsciiString
from OCP.TDataStd import TDataStd_Name
from OCP.XCAFDoc import XCAFDoc_Datum, XCAFDoc_DocumentTool, XCAFDoc_GeomTolerance, XCAFDoc_ShapeTool

from backend.engine.errors import EngineError
from backend.engine.exchange.coords import unit_mm
from backend.engine.measure import bodies_of, face_numbers, faces_of

# symbols of the protocol (lower case, without separators) -> OCCT's tolerance type
_SYMBOLS = {
    "flatness": "Flatness",
    "straightness": "Straightness",
    "roundness": "CircularityOrRoundness",
    "circularity": "CircularityOrRoundness",
    "cylindricity": "Cylindricity",
    "concentricity": "Concentricity",
    "symmetry": "Symmetry",
    "runout": "CircularRunout",
    "circularrunout": "CircularRunout",
    "totalrunout": "TotalRunout",
    "profileofline": "ProfileOfLine",
    "lineprofile": "ProfileOfLine",
    "profileofsurface": "ProfileOfSurface",
    "surfaceprofile": "ProfileOfSurface",
    "position": "Position",
    "angularity": "Angularity",
    "perpendicularity": "Perpendicularity",
    "parallelism": "Parallelism",
}


@dataclass(frozen=True)
class FaceNote:
    """Something said about faces, by their index in the file order of the whole shape.

    ``name``: what the faces are called. ``datum``: the letter of the datum that they are. ``symbol`` and
    ``tolerance_mm``: a geometric tolerance, its zone a diameter where ``diameter``, related to ``datums`` in order.
    """

    faces: tuple[int, ...]
    name: str = ""
    datum: str = ""
    symbol: str = ""
    tolerance_mm: float = 0.0
    diameter: bool = False
    datums: tuple[str, ...] = ()


def note_of_annotation(options: Mapping[str, Any], faces: Sequence[int], file_unit: str = "mm") -> FaceNote | None:
    """The note in the ``options`` of a ``new_annotation`` command; None where it says nothing for a STEP file.

    Unlike all other lengths of the protocol the tolerance is in the program's default length unit, which the command
    doesn't carry: give it as ``file_unit``.
    """
    control = options.get("feature_control") or {}
    name = str(options.get("name") or "")
    frame = control.get("control_frame") or {}
    datum = str(control.get("defined_datum") or "")
    if not frame and not datum and not name:
        return None
    references = (frame.get(f"{rank}_datum") for rank in ("primary", "secondary", "tertiary"))
    return FaceNote(
        tuple(faces),
        name=name,
        datum=datum,
        symbol=str(frame.get("symbol") or ""),
        tolerance_mm=float(frame.get("tolerance") or 0.0) * unit_mm(file_unit),
        diameter=frame.get("diameter_symbol") is not None,
        datums=tuple(str(letter) for letter in references if letter),
    )


def add_notes(document: Any, shape: Any, labels: Sequence[Any], notes: Sequence[FaceNote]) -> None:
    """Put the notes into an XCAF document. ``labels`` are the shape labels of the bodies of ``shape`` in file order.

    Raises EngineError (``export_failed``) for a face that doesn't exist, a symbol that isn't known, or a tolerance that
    names a datum which no face has.
    """
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    tolerances = XCAFDoc_DocumentTool.DimTolTool_s(document.Main())
    places = _places(shape, labels)
    datum_faces: dict[str, list[int]] = {}
    for note in notes:
        if note.datum:
            datum_faces.setdefault(note.datum, []).extend(note.faces)

    def face_labels(indices: Sequence[int]) -> Any:
        found = Sequence_TDF_Label()
        for index in indices:
            if index not in places:
                raise EngineError(
                    f"A note is on face {index}, but the shape has {len(places)} faces.", code="export_failed"
                )
            found.Append(shapes.AddSubShape(*places[index]))
        return found

    for note in notes:
        if note.name:
            for label in face_labels(note.faces):
                TDataStd_Name.Set_s(label, TCollection_ExtendedString(note.name, True))
    for letter, indices in datum_faces.items():
        _datum(tolerances, face_labels(indices), letter, 0)
    for note in notes:
        if not note.symbol:
            continue
        label = tolerances.AddGeomTolerance()
        tolerances.SetGeomTolerance(face_labels(note.faces), label)
        XCAFDoc_GeomTolerance.Set_s(label).SetObject(_tolerance(note))
        for rank, letter in enumerate(note.datums, 1):
            if letter not in datum_faces:
                raise EngineError(
                    f"The {note.symbol} tolerance refers to datum {letter!r}, which no face is.", code="export_failed"
                )
            # OCCT keeps the rank of a datum on the datum: each reference is a datum of its own, on the same faces
            reference = _datum(tolerances, face_labels(datum_faces[letter]), letter, rank)
            tolerances.SetDatumToGeomTol(reference, label)


def _places(shape: Any, labels: Sequence[Any]) -> dict[int, tuple[Any, Any]]:
    """Face index of the whole shape -> (label of its body, the face in the body as the label holds it)."""
    numbers = face_numbers(shape)
    places: dict[int, tuple[Any, Any]] = {}
    for body, label in zip(bodies_of(shape), labels, strict=True):
        stored = faces_of(XCAFDoc_ShapeTool.GetShape_s(label))
        for placed, own in zip(faces_of(body), stored, strict=True):
            places.setdefault(numbers.FindIndex(placed) - 1, (label, own))
    return places


def _datum(tolerances: Any, faces: Any, letter: str, rank: int) -> Any:
    label = tolerances.AddDatum()
    tolerances.SetDatum(faces, label)
    datum = objects.XCAFDimTolObjects_DatumObject()
    datum.SetName(TCollection_HAsciiString(letter))
    if rank:
        datum.SetPosition(rank)
    XCAFDoc_Datum.Set_s(label).SetObject(datum)
    return label


def _tolerance(note: FaceNote) -> Any:
    kind = _SYMBOLS.get(note.symbol.lower().replace("_", ""))
    if kind is None:
        raise EngineError(
            f"The tolerance symbol {note.symbol!r} is not known: use one of {', '.join(sorted(_SYMBOLS))}.",
            code="export_failed",
        )
    tolerance = objects.XCAFDimTolObjects_GeomToleranceObject()
    tolerance.SetType(
        getattr(objects.XCAFDimTolObjects_GeomToleranceType, f"XCAFDimTolObjects_GeomToleranceType_{kind}")
    )
    # OCCT 8.0 writes the number as it is and calls it metres, whatever the unit of the model: say it in metres
    tolerance.SetValue(note.tolerance_mm / 1000.0)
    if note.diameter:
        tolerance.SetTypeOfValue(
            objects.XCAFDimTolObjects_GeomToleranceTypeValue.XCAFDimTolObjects_GeomToleranceTypeValue_Diameter
        )
    return tolerance
