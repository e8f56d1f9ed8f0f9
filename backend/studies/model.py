"""The study's model: KCL compiled, STEP read or BREP taken, and its faces listed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.errors import InputError
from backend.studies.errors import ModelError

if TYPE_CHECKING:
    from backend.compute import WorkPool

DESCRIBE = "backend.engine.model_faces:describe"
FORMATS = (".kcl", ".step", ".stp", ".brep")
_NOT_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|\"[^\"]*\"|'[^']*'", re.DOTALL)


@dataclass(frozen=True)
class Model:
    """What is analysed. ``faces``: rows as :func:`backend.engine.model_faces.describe` gives them."""

    brep: str
    faces: list[dict[str, Any]]
    names: dict[str, list[int]]
    measures: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    diagnostics: tuple[str, ...] = ()

    @property
    def solids(self) -> int:
        """Number of solids."""
        return int(self.measures["solids"])


def load_model(
    path: Path, out_dir: Path, pool: WorkPool, *, tags: Collection[str] = (), timeout_s: float = 120.0
) -> Model:
    """Compiles or reads the model and lists its faces. The faces of KCL ``tags`` are named ``$tag``.

    Raises InputError for a path or format that is none, CompileError for a program, ModelError for a model that is no
    valid solid: open, flat, non-manifold.
    """
    try:
        there = path.exists()
    except OSError as error:  # a name longer than the system takes, a folder that may not be read
        raise InputError(
            f"The model {str(path)[:120]} can't be looked for: {error.strerror}.",
            next_action="Give its path relative to the study file.",
        ) from error
    if not there:
        raise InputError(f"The model {path} does not exist.", next_action="Give its path relative to the study file.")
    suffix = path.suffix.lower()
    if path.is_file() and suffix not in FORMATS:
        raise InputError(
            f"The model {path.name} is of a format that a study can't use: {suffix or 'none'}.",
            next_action=f"Give one of {', '.join(FORMATS)}, or a KCL project folder. Meshes (STL) have no exact faces.",
        )
    names: dict[str, list[int]] = {}
    files: dict[str, str] = {}
    diagnostics: tuple[str, ...] = ()
    if path.is_dir() or suffix == ".kcl":
        from backend.geometry.compile import compile_project

        exports = ["brep", "glb"]
        what = _with_tags(path, tags) if tags else path
        compiled = asyncio.run(compile_project(what, out_dir, pool=pool, exports=exports, timeout_s=timeout_s))
        files, diagnostics = dict(compiled["files"]), tuple(compiled.get("diagnostics", ()))
        for face in compiled["named_faces"]:
            found = names.setdefault(face["name"], [])
            if face["face_index"] not in found:
                found.append(face["face_index"])
        source = files.get("brep")
        if source is None:
            raise ModelError("The program makes no body.", next_action="Make a solid: extrude, revolve or loft.")
        described = _describe(source, out_dir, pool, timeout_s)
    else:
        described = _describe(str(path.resolve()), out_dir, pool, timeout_s)
        files = dict(described["files"])
        source = files.get("brep") or str(path.resolve())
    if described["problems"]:
        raise ModelError(
            f"{path.name} can't be analysed: {'; '.join(described['problems'])}.",
            next_action="Repair it where it was made: close or stitch the surfaces to a solid, remove faces that "
            "overlap and parts that only touch at an edge, and give every wall a thickness; then export it again.",
            problems=described["problems"],
        )
    rows = described.pop("faces")
    files.setdefault("brep", source)
    return Model(source, rows, names, described, files, diagnostics)


def _with_tags(path: Path, tags: Collection[str]) -> str:
    """The program with an annotation for the faces of each tag, which the engine then follows to the finished model."""
    from backend.engine.run import imported

    entry = path / "main.kcl" if path.is_dir() else path
    text = entry.read_text(encoding="utf-8", errors="replace")
    code = _NOT_CODE.sub(" ", text)
    missing = sorted(tag for tag in tags if not re.search(rf"\${tag}\b", code))
    if missing:
        known = ", ".join(sorted(set(re.findall(r"\$[A-Za-z_]\w*", code)))) or "none"
        raise InputError(f"{entry.name} declares no tag ${missing[0]}.", next_action=f"Tags of the program: {known}.")
    if any(not target.startswith("std::") for _, target in imported(text)):
        raise InputError(
            f"{entry.name} imports other files, and tags are found in single programs only.",
            next_action="Name the face in the program: gdt::annotation(…, annotationName = …).",
        )
    lines = [
        f'gdt::annotation(annotation = "{tag}", faces = [{tag}], annotationName = "${tag}")' for tag in sorted(tags)
    ]
    return "\n".join([text, *lines, ""])


def _describe(path: str, out_dir: Path, pool: WorkPool, timeout_s: float) -> dict[str, Any]:
    from backend.engine.errors import EngineError

    request = {"path": path, "out_dir": str(out_dir), "name": "model"}
    try:
        found: dict[str, Any] = pool.run_sync(DESCRIBE, request, kind="geometry", timeout_s=timeout_s)
    except EngineError as error:
        # The geometry worker reads a copy under a name of its own.
        name, message = Path(path).name, error.message.replace(f"import{Path(path).suffix.lower()}", Path(path).name)
        raise ModelError(
            message if name in message else f"{name}: {message}",
            next_action="Check the file with the program that made it.",
        ) from error
    return found
