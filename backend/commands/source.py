"""The KCL program that a command line names: a file, a project folder, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from backend.errors import InputError

MAX_BYTES = 4 * 2**20
_MODELS = (".step", ".stp", ".stl", ".obj", ".gltf", ".glb", ".ply")
_NEXT = "Give a .kcl file, a folder that has a main.kcl, or '-' for standard input."


def kcl_source(path: Path) -> Path | str:
    """The path of a file or project folder, or the code from standard input for ``-``. Raises :class:`InputError`."""
    if str(path) == "-":
        return _code(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input")
    try:
        if path.is_dir():
            if not (path / "main.kcl").is_file():
                raise InputError(f"the folder {path} has no main.kcl.", next_action=_NEXT)
            file = path / "main.kcl"
        elif path.is_file():
            file = path
            _refuse_other_suffix(path)
        elif path.exists():
            raise InputError(f"{path} is neither a file nor a folder.", next_action=_NEXT)
        else:
            raise InputError(f"{path} does not exist.", next_action=_NEXT)
        if file.stat().st_size > MAX_BYTES:
            raise InputError(
                f"{file} is larger than the {MAX_BYTES >> 20} MiB that a program may have.", next_action=_NEXT
            )
        _code(file.read_bytes(), str(file))
    except OSError as problem:
        raise InputError(f"{path} can't be read: {problem.strerror or problem}.", next_action=_NEXT) from problem
    return path


def _refuse_other_suffix(path: Path) -> None:
    """Raise :class:`InputError` for a file that isn't named .kcl, with how a model of that kind gets in."""
    kind = path.suffix.lower()
    if kind == ".kcl":
        return
    if kind in _MODELS:
        raise InputError(
            f"{path} is a model, not a KCL program.",
            next_action=f'Write import "{path.name}" as part, and part in the next line, into a .kcl file beside it; '
            "run that.",
        )
    raise InputError(f"{path} is not named .kcl.", next_action=_NEXT)


def _code(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        raise InputError(f"{name} is larger than the {MAX_BYTES >> 20} MiB that a program may have.", next_action=_NEXT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(
            f"{name} is not UTF-8 text (byte {problem.start}): it is no KCL program.", next_action=_NEXT
        ) from problem
    if not text.strip():
        raise InputError(f"{name} is empty.", next_action=_NEXT)
    return text


def stem_of(source: Path | str) -> str:
    """What files of the program are called: the file's name, the folder's for a project, else "model"."""
    return source.resolve().stem if isinstance(source, Path) else "model"
