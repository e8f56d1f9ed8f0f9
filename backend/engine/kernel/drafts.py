"""Draft: tilting the walls of an extrusion about its base."""

from __future__ import annotations

import math
from typing import Any

from OCP.BRepOffsetAPI import BRepOffsetAPI_DraftAngle

from backend.engine.commands.profiles import Profile
from backend.engine.errors import EngineError
from backend.engine.kernel.history import builder_images, carry
from backend.engine.scene import Body


def draft_walls(body: Body, profile: Profile, pull: Any, angle_rad: float) -> None:
    """Tilts all walls about the profile's plane: a positive angle narrows the body along ``pull`` (gp_Dir)."""
    builder = BRepOffsetAPI_DraftAngle(body.shape)
    plane = profile.frame.plane()
    for wall in body.sweeps[0].walls:
        for face in body.faces.get(wall.face_id or "", []):
            builder.Add(face, pull, angle_rad, plane)
            if not builder.AddDone():
                builder.Remove(face)
                raise EngineError(f"a draft of {math.degrees(angle_rad):g} degrees can't be put on one of the walls")
    builder.Build()
    if not builder.IsDone():
        raise EngineError(f"a draft of {math.degrees(angle_rad):g} degrees fails on these walls: they may meet")
    images: Any = builder_images(builder)
    faces, edges = carry([body], images, builder.Shape())
    body.set_shape(builder.Shape(), faces, edges)
