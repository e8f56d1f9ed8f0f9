"""Stable ids: the same program names the same entities in every run.

The client chooses the ids of what it creates. What the engine creates (walls, caps, edges between faces, copies) is
named by a version 5 UUID of its origin: the id it comes from, and its role there.
"""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("6f2c8d1e-0b7a-5e43-9c55-7a3f1d9e4b20")


def derive(*parts: object) -> str:
    """The id of something known by its parts, e.g. ``derive(cmd_id, "wall", segment_id)``."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))
