"""3MF (3D Manufacturing Format, core specification 1.3): a zip with XML, units, names and colours."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np

from backend.engine.errors import EngineError
from backend.engine.exchange.mesh import Mesh

_CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
_MODEL_REL = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the same model gives the same bytes
_UNITS = {"mm": "millimeter", "cm": "centimeter", "m": "meter", "in": "inch", "ft": "foot"}

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>\n'
)
_RELS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Target="/3D/3dmodel.model" Id="rel0" Type="{_MODEL_REL}"/></Relationships>\n'
)


def threemf_bytes(meshes: Sequence[Mesh], *, title: str = "", unit: str = "mm", scale: float = 1.0) -> bytes:
    """The meshes as a 3MF package: an object for each body, closed where the body is, with its name and colour.

    Coordinates are mm times ``scale``, declared in ``unit`` (mm, cm, m, in, ft).
    Raises EngineError (``export_failed``) without bodies or for another unit.
    """
    if not meshes:
        raise EngineError("There is nothing to export: a 3MF file needs at least one body.", code="export_failed")
    if unit not in _UNITS:
        raise EngineError(f"3MF has no unit {unit!r}: use one of {', '.join(_UNITS)}.", code="export_failed")
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<model unit="{_UNITS[unit]}" xml:lang="en-US" xmlns="{_CORE}">\n',
        '<metadata name="Application">BRICK OS</metadata>\n',
        f'<metadata name="Title">{_escape(title or "model")}</metadata>\n<resources>\n',
    ]
    colors = sorted({_hex(mesh.color) for mesh in meshes if mesh.color is not None})
    if colors:
        parts.append('<basematerials id="1">')
        parts.extend(f'<base name="{color}" displaycolor="{color}"/>' for color in colors)
        parts.append("</basematerials>\n")
    for number, mesh in enumerate(meshes):
        material = f' pid="1" pindex="{colors.index(_hex(mesh.color))}"' if mesh.color is not None else ""
        name = quoteattr(mesh.name or f"body-{number + 1}")
        parts.append(f'<object id="{number + 2}" type="model" name={name}{material}><mesh><vertices>\n')
        points, triangles = mesh.welded()
        parts.extend(f'<vertex x="{x:.9g}" y="{y:.9g}" z="{z:.9g}"/>\n' for x, y, z in (points * scale).tolist())
        parts.append("</vertices><triangles>\n")
        parts.extend(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>\n' for a, b, c in triangles.tolist())
        parts.append("</triangles></mesh></object>\n")
    parts.append("</resources>\n<build>")
    parts.extend(f'<item objectid="{number + 2}"/>' for number in range(len(meshes)))
    parts.append("</build>\n</model>\n")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELS),
            ("3D/3dmodel.model", "".join(parts)),
        ):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, text.encode("utf-8"))
    return stream.getvalue()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _hex(color: Any) -> str:
    values = np.clip(np.rint(np.asarray(color, dtype=np.float64) * 255), 0, 255).astype(int).tolist()
    return "#" + "".join(f"{value:02X}" for value in values)
