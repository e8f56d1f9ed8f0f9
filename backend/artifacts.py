"""Artefacts by content: a file is stored once under the SHA-256 of its bytes, and never changed.

The state of a project holds such ids and no blobs; a revision stays whole for as long as its artefacts do.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from backend.errors import BrickError, NotFoundError

_ID = re.compile(r"[0-9a-f]{64}")


def sha256_file(path: str | Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal; "" where it can't be read."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


class ArtifactError(BrickError):
    """An artefact can't be stored or is not what its name says."""

    code = "artifact_failed"


class ArtifactStore:
    """A folder of files named by their SHA-256, with what is known of each (name, media type) beside it."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def _place(self, artifact_id: str) -> Path:
        if not _ID.fullmatch(artifact_id):
            raise NotFoundError(
                f"{artifact_id!r} is not the id of an artefact",
                next_action="An id is the SHA-256 of the content: 64 hexadecimal digits.",
            )
        return self.root / artifact_id[:2] / artifact_id

    def put_bytes(self, content: bytes, **about: Any) -> str:
        """Store ``content``; returns its id. Storing the same again changes nothing."""
        artifact_id = hashlib.sha256(content).hexdigest()
        self._create(artifact_id, content, about)
        return artifact_id

    def put_json(self, value: Any, **about: Any) -> str:
        """Store a JSON value in canonical form (sorted keys), so that equal values have equal ids."""
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return self.put_bytes(text.encode(), media_type="application/json", **about)

    def put_file(self, path: Path | str, **about: Any) -> str:
        """Store a copy of a file; returns its id."""
        source = Path(path)
        with source.open("rb") as file:
            artifact_id = hashlib.file_digest(file, "sha256").hexdigest()
        self._create(artifact_id, source, {"name": source.name, **about})
        return artifact_id

    def _create(self, artifact_id: str, content: bytes | Path, about: dict[str, Any]) -> None:
        place = self._place(artifact_id)
        if place.exists():
            return
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    if isinstance(content, Path):
                        with content.open("rb") as source:
                            shutil.copyfileobj(source, file)
                    else:
                        file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                if about:
                    place.with_suffix(".about.json").write_text(json.dumps(about, ensure_ascii=False))
                with contextlib.suppress(FileExistsError):
                    os.link(temporary, place)  # create-only: whoever is first wins, and both wrote the same
            finally:
                os.unlink(temporary)
        except OSError as error:
            raise ArtifactError(
                f"an artefact can't be stored in {self.root}: {error.strerror or error}",
                next_action="Free disk space or check the permissions of the data folder (BRICK_DATA_DIR).",
            ) from error

    def path(self, artifact_id: str) -> Path:
        """The file of an artefact, to be read and not written. NotFoundError where there is none."""
        place = self._place(artifact_id)
        if not place.exists():
            raise NotFoundError(f"there is no artefact {artifact_id}", next_action="Check the id, or run again.")
        return place

    def get_bytes(self, artifact_id: str) -> bytes:
        """The content, checked against its id: a file that was damaged on disk is an error, never an answer."""
        content = self.path(artifact_id).read_bytes()
        if hashlib.sha256(content).hexdigest() != artifact_id:
            raise ArtifactError(
                f"artefact {artifact_id} was damaged on disk", next_action="Restore it from a backup or run again."
            )
        return content

    def get_json(self, artifact_id: str) -> Any:
        """The JSON value of an artefact."""
        return json.loads(self.get_bytes(artifact_id))

    def about(self, artifact_id: str) -> dict[str, Any]:
        """What was said of the artefact when it was first stored."""
        note = self.path(artifact_id).with_suffix(".about.json")
        if not note.exists():
            return {}
        known: dict[str, Any] = json.loads(note.read_text())
        return known

    def __contains__(self, artifact_id: object) -> bool:
        return isinstance(artifact_id, str) and bool(_ID.fullmatch(artifact_id)) and self._place(artifact_id).exists()
