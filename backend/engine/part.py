"""KCL from Python: a program in, a part out, with figures, files and a picture. For notebooks and scripts.

    from backend.engine import run_kcl

    part = run_kcl("startSketchOn(XY) |> circle(center = [0, 0], radius = 5) |> extrude(length = 2)")
    print(part.volume_mm3, part.center_of_mass_mm)
    part.export("disc.step")
    part                                    # in a notebook: its picture and figures

The program runs in a process of its own: a crash, a hang or an interrupt costs the call and not the notebook. Calls
block, which is fine in a cell; ``await asyncio.to_thread(run_kcl, ...)`` leaves the event loop free.
"""

from __future__ import annotations

import base64
import html
import math
import shutil
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.isolated import process

Vector = tuple[float, float, float]
DEFAULT_TIMEOUT_S = 60.0
DEFAULT_MEMORY_MB = 4000.0
_LATER_S = 120.0  # limit for files and pictures of a finished part
_SUFFIXES = {"stp": "step"}


def run_kcl(
    source: str | Path,
    *,
    density_kg_m3: float | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    memory_mb: float = DEFAULT_MEMORY_MB,
) -> Part:
    """Runs a KCL program and gives the part it makes.

    ``source`` is code (a str), or the path of a .kcl file or of a project folder (a Path, or a str that ends
    in .kcl or names a folder with main.kcl).

    Raises :class:`EngineError`: ``bad_request`` for a source, density or limit that can't be, ``timeout`` or ``memory``
    (MB, resident) where a limit was met, else with the place in the program where it is known (``error.source``).
    """
    if not isinstance(source, str | Path):
        raise EngineError(f"source is a {type(source).__name__}: give KCL code (a str) or a path", code="bad_request")
    for name, value in (("density_kg_m3", density_kg_m3), ("timeout_s", timeout_s), ("memory_mb", memory_mb)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise EngineError(f"{name} is {value:g}: give a finite number above zero", code="bad_request")
    is_path = isinstance(source, Path) or _names_a_program(source.strip())
    if not is_path and not str(source).strip():
        raise EngineError("the program is empty: give KCL code or the path of a .kcl file", code="kcl_failed")
    what = {"path": str(Path(str(source).strip()).expanduser().resolve())} if is_path else {"code": str(source)}
    request = {**what, "density_kg_m3": density_kg_m3, "timeout_s": timeout_s, "bundle": True}
    result = process().call("backend.engine.run:run_project", request, timeout_s=timeout_s + 5.0, memory_mb=memory_mb)
    name = Path(what["path"]).stem if is_path else "model"
    return Part(result, name, memory_mb)


def _names_a_program(text: str) -> bool:
    """Whether one line of text is a path rather than code: it ends in .kcl, or is a folder with a main.kcl."""
    if not text or "\n" in text:
        return False
    if text.endswith(".kcl"):
        return True
    try:
        return (Path(text).expanduser() / "main.kcl").is_file()
    except (OSError, ValueError, RuntimeError):  # code that no file system takes as a name
        return False


def figure(value: float) -> str:
    """A size for people: three decimals, or four figures where those would be lost (small parts)."""
    return f"{value:,.4g}" if 0 < abs(value) < 0.1 else f"{value:z,.3f}"


class Part:
    """What a program made. Lengths in mm, areas in mm2, volumes in mm3, masses in g; a copy of it can be pickled."""

    def __init__(self, result: Mapping[str, Any], name: str = "model", memory_mb: float = DEFAULT_MEMORY_MB) -> None:
        self.name = name
        self._bundle: bytes = result["bundle"]
        self._memory_mb = memory_mb
        self.result: dict[str, Any] = {key: value for key, value in result.items() if key != "bundle"}

    @property
    def volume_mm3(self) -> float:
        return float(self.result["volume_mm3"])

    @property
    def area_mm2(self) -> float:
        return float(self.result["area_mm2"])

    @property
    def mass_g(self) -> float | None:
        """None where no density was given."""
        mass = self.result.get("mass_g")
        return None if mass is None else float(mass)

    @property
    def center_of_mass_mm(self) -> Vector:
        x, y, z = self.result["center_of_mass_mm"]
        return float(x), float(y), float(z)

    @property
    def bounding_box_mm(self) -> tuple[Vector, Vector]:
        """The lowest and the highest corner, exact."""
        box = self.result["bounding_box_mm"]
        return tuple(box["min"]), tuple(box["max"])

    @property
    def size_mm(self) -> Vector:
        low, high = self.bounding_box_mm
        return high[0] - low[0], high[1] - low[1], high[2] - low[2]

    @property
    def is_valid(self) -> bool:
        """Whether the kernel finds every body sound."""
        return bool(self.result["valid"])

    @property
    def solids(self) -> int:
        return int(self.result["solids"])

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """Figures of each body."""
        return list(self.result["bodies"])

    @property
    def named_faces(self) -> list[dict[str, Any]]:
        """Faces that the program named with ``gdt::annotation``."""
        return list(self.result["named_faces"])

    @property
    def diagnostics(self) -> list[str]:
        """Remarks of the interpreter and the engine."""
        return list(self.result["diagnostics"])

    @property
    def timings_s(self) -> dict[str, float]:
        return dict(self.result["timings_s"])

    @cached_property
    def _topology(self) -> dict[str, Any]:
        told: dict[str, Any] = self._call("describe")
        return told

    @property
    def faces(self) -> list[dict[str, Any]]:
        """Every face: index, surface, area_mm2, centroid_mm, normal, radius_mm, axis (see ``topology.describe``)."""
        return list(self._topology["faces"])

    @property
    def edges(self) -> list[dict[str, Any]]:
        """Every edge: index, kind, faces, length_mm, radius_mm, center_mm, closed."""
        return list(self._topology["edges"])

    def export(self, path: str | Path, format: str | None = None, *, unit: str = "mm") -> Path:
        """Writes a file and returns its path.

        The format is that of the suffix unless given: step (stp), glb, gltf, stl, obj, ply, 3mf, dxf (the outline of
        the largest flat face) or brep. ``unit``: mm, cm, m, in, ft or yd. Raises :class:`EngineError`.
        """
        target = Path(path).expanduser()
        kind = (format or target.suffix.lstrip(".") or "step").lower()
        kind = _SUFFIXES.get(kind, kind)
        with tempfile.TemporaryDirectory(prefix="brick-part-") as folder:
            request = {"out_dir": folder, "name": target.stem or self.name, "formats": [kind], "unit": unit}
            files: dict[str, str] = self._call("export", **request)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(files[kind], target)
            except OSError as problem:
                raise EngineError(
                    f"{target} could not be written: {problem.strerror or problem}", code="export_failed"
                ) from None
        return target

    def snapshot(self, path: str | Path | None = None, view: str = "iso", width: int = 800, height: int = 600) -> bytes:
        """The bytes of a PNG from a named view, written to ``path`` if given.

        Views: iso, isometric, iso_left, iso_back, iso_below, front, back, left, right, top, bottom. Raises
        :class:`EngineError`.
        """
        picture: bytes = self._call("snapshot", view=view, width=width, height=height)
        if path is not None:
            try:
                Path(path).expanduser().write_bytes(picture)
            except OSError as problem:
                raise EngineError(
                    f"{path} could not be written: {problem.strerror or problem}", code="export_failed"
                ) from None
        return picture

    def _call(self, function: str, **request: Any) -> Any:
        return process().call(
            f"backend.engine.bundle:{function}",
            {"bundle": self._bundle, **request},
            timeout_s=_LATER_S,
            memory_mb=self._memory_mb,
        )

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            ("bodies", f"{len(self.bodies)} ({'valid' if self.is_valid else 'NOT VALID'})"),
            ("volume", f"{figure(self.volume_mm3)} mm³"),
            ("area", f"{figure(self.area_mm2)} mm²"),
        ]
        if self.bodies:
            rows += [
                ("size", " × ".join(figure(value) for value in self.size_mm) + " mm"),
                ("centre of mass", ", ".join(f"{value:z.3f}" for value in self.center_of_mass_mm) + " mm"),
            ]
        if self.mass_g is not None:
            rows.append(("mass", f"{figure(self.mass_g)} g"))
        return rows

    def __repr__(self) -> str:
        return f"<Part {self.name}: {', '.join(f'{name} {value}' for name, value in self._rows())}>"

    def _repr_png_(self) -> bytes | None:
        """The picture that a notebook shows; None for an empty part."""
        return self.snapshot(width=640, height=480) if self.bodies else None

    def _repr_html_(self) -> str:
        """Picture and figures side by side, as a notebook shows them."""
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
            for name, value in self._rows()
        )
        picture = self._repr_png_()
        image = (
            f"<img alt='{html.escape(self.name)}' src='data:image/png;base64,{base64.b64encode(picture).decode()}'>"
            if picture
            else ""
        )
        return f"<div style='display:flex;gap:1em;align-items:center'>{image}<table>{rows}</table></div>"
