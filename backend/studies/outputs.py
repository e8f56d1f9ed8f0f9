"""The fields of a solved study as files: VTU for ParaView, GLB with attributes for viewers, PNG pictures for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.engine.exchange.gltf import write_glb
from backend.engine.render.colormap import DEFAULT, colors_of, decode_srgb
from backend.geometry.fields import scale_limits

Floats = npt.NDArray[np.float64]

WIDTH, HEIGHT = 900, 640
MAX_MODE_PICTURES = 4


@dataclass(frozen=True)
class FieldName:
    """How a field is called and measured. ``signed``: its scale starts at its least value, not at zero."""

    title: str
    unit: str
    signed: bool = False


_KNOWN = {
    "von_mises_mpa": FieldName("von Mises stress", "MPa"),
    "displacement_mm": FieldName("Displacement", "mm"),
    "temperature_c": FieldName("Temperature", "°C", signed=True),
    "velocity_m_s": FieldName("Velocity", "m/s"),
    "pressure_pa": FieldName("Pressure", "Pa", signed=True),
    "wall_shear_pa": FieldName("Wall shear stress", "Pa"),
    "damage": FieldName("Fatigue damage (Miner)", "1"),
    "amplitude_mm": FieldName("Amplitude", "mm"),
}


def name_of(key: str) -> FieldName:
    """Title and unit of a field by its key in the solver's file."""
    if key.startswith("mode_"):
        return FieldName(f"Mode {key.removeprefix('mode_')}, largest displacement 1", "relative")
    return _KNOWN.get(key, FieldName(key.replace("_", " "), ""))


@dataclass(frozen=True)
class SurfaceFields:
    """Boundary of the FE mesh: vertices (n, 3) mm, triangles (m, 3), face_index (m,), fields (n,) or (n, 3) by key."""

    vertices_mm: Floats
    triangles: npt.NDArray[np.int64]
    face_index: npt.NDArray[np.int64]
    fields: dict[str, Floats]


def read_surface(path: str | Path) -> SurfaceFields:
    """The npz file that a solver wrote (:func:`backend.physics.fem.fields.export`)."""
    with np.load(path, allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    return SurfaceFields(
        np.asarray(arrays.pop("vertices_mm"), dtype=np.float64),
        np.asarray(arrays.pop("triangles"), dtype=np.int64),
        np.asarray(arrays.pop("face_index"), dtype=np.int64),
        {name: np.asarray(values, dtype=np.float64) for name, values in arrays.items()},
    )


def write_vtu(surface: SurfaceFields, path: Path) -> Path:
    """The fields on the boundary mesh as VTU; units stand in the names of the arrays."""
    import meshio

    meshio.Mesh(
        points=surface.vertices_mm,
        cells=[("triangle", surface.triangles)],
        point_data=dict(surface.fields),
        cell_data={"face": [surface.face_index]},
    ).write(path, file_format="vtu")
    return path


def write_volume_vtu(volume: str | Path, path: Path) -> Path:
    """Every tetrahedron (ten nodes, curved) with its fields as VTU, from the npz file that a solver wrote
    (:func:`backend.physics.fem.fields.export_volume`); units and the order of components stand in the arrays' names.
    """
    import meshio

    with np.load(volume, allow_pickle=False) as data:
        meshio.Mesh(
            points=data["nodes_mm"],
            cells=[("tetra10", np.asarray(data["tetrahedra"], dtype=np.int64))],
            point_data={
                "von_mises_mpa": data["von_mises_mpa"],
                "displacement_mm": data["displacement_mm"],
                "stress_xx_yy_zz_xy_yz_xz_mpa": data["stress_mpa"],
            },
            cell_data={"body": [data["body"]]},
        ).write(path, file_format="vtu")
    return path


def write_field_glb(surface: SurfaceFields, path: Path) -> Path:
    """The boundary mesh with every field as an attribute (``_VON_MISES_MPA`` …) and the first one as colours."""
    key = surface.triangles + (surface.face_index[:, None] - surface.face_index.min()) * len(surface.vertices_mm)
    unique, inverse = np.unique(key, return_inverse=True)
    source = unique % len(surface.vertices_mm)
    first = next(iter(surface.fields))
    shown = _scalar(surface.fields[first])
    limits = _limits(first, shown)
    attributes: dict[str, Any] = {"COLOR_0": decode_srgb(colors_of(shown[source], limits))}
    for name, values in surface.fields.items():
        attributes[f"_{name.upper()}"] = values[source]
    extras = {
        "field": name_of(first).title,
        "units": {f"_{name.upper()}": name_of(name).unit for name in surface.fields} | {"POSITION": "m"},
        "color_scale": {"name": DEFAULT, "low": limits[0], "high": limits[1], "unit": name_of(first).unit},
    }
    body = {
        "name": first,
        "vertices_mm": surface.vertices_mm[source],
        "triangles": inverse.reshape(-1, 3),
        "attributes": attributes,
    }
    return write_glb(path, [body], extras)


def _scalar(values: Floats) -> Floats:
    return values if values.ndim == 1 else np.asarray(np.linalg.norm(values, axis=1))


def _limits(key: str, values: Floats) -> tuple[float, float]:
    if name_of(key).signed:
        low, high = float(values.min()), float(values.max())
        return (low, high) if high > low else (low - 0.5, high + 0.5)
    return scale_limits(values)


def field_pictures(surface: SurfaceFields, result: Mapping[str, Any]) -> dict[str, bytes]:
    """Title -> PNG, one a field (of modes the first few), each legend with its unit.

    The stress scale ends at the assessed maximum, and the mark is there: a singular peak that the assessment leaves
    out is no result.
    """
    from backend.engine.render import render_png
    from backend.engine.render.picture import best_view

    pictures: dict[str, bytes] = {}
    moved = surface.fields.get("displacement_mm")
    modes = 0
    for key, values in surface.fields.items():
        name = name_of(key)
        shape: Any = moved
        if key.startswith("mode_"):
            modes += 1
            shape = values
            if modes > MAX_MODE_PICTURES:
                continue
        shown = _scalar(values)
        limits, markers, view = _limits(key, shown), "max", "best"
        title = f"{name.title}, {name.unit}" + ("; deformation exaggerated" if shape is not None else "")
        options: dict[str, Any] = {"markers": markers, "view": view}
        assessed = result.get("von_mises_mpa") if key == "von_mises_mpa" else None
        if assessed and assessed.get("value"):
            limits = (0.0, float(assessed["value"]))
            place = np.asarray(assessed["location_mm"])
            vertex = int(np.linalg.norm(surface.vertices_mm - place, axis=1).argmin())
            only = np.zeros(len(shown))
            only[vertex] = 1.0
            options = {
                "markers": [{"vertex": vertex, "label": f"assessed {assessed['value']:.4g}"}],
                "view": best_view(surface.vertices_mm, surface.triangles, only),
            }
            title += "; the scale ends at the assessed maximum"
            if float(result.get("raw_max_von_mises_mpa") or 0.0) > 1.02 * limits[1]:
                title += ", brighter spots are singular and no result"
        pictures[title] = render_png(
            vertices=surface.vertices_mm,
            triangles=surface.triangles,
            face_index=surface.face_index,
            width=WIDTH,
            height=HEIGHT,
            scalars=shown,
            scalar_range=limits,
            legend={"title": name.title, "unit": name.unit},
            displacement_mm=shape,
            deform_scale="auto",
            **options,
        )
    return pictures
