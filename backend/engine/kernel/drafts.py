"""Draft: tilting the walls of an extrusion about its base."""

from __future__ import annotations

import math
from typing import Any

from OCP.BRep import BRep_Tool
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace
from OCP.BRepOffsetAPI import BRepOffsetAPI_DraftAngle
from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism
from OCP.gp import gp_Dir, gp_Pln, gp_Vec

from backend.engine.commands.profiles import Profile
from backend.engine.errors import EngineError
from backend.engine.kernel import bool_ops, shapes
from backend.engine.kernel.frames import outward_normal
from backend.engine.kernel.history import builder_images, carry
from backend.engine.scene import Body

_CONVEX = 1e-6


def draft_walls(body: Body, profile: Profile, pull: Any, angle_rad: float) -> None:
    """Tilts all walls about the profile's plane: a positive angle narrows the body along ``pull`` (gp_Dir).

    Where the tilted walls of a convex body meet before its end, it ends there in a ridge or a tip.
    """
    builder = BRepOffsetAPI_DraftAngle(body.shape)
    plane = profile.frame.plane()
    done = True
    for wall in body.sweeps[0].walls:
        for face in body.faces.get(wall.face_id or "", []):
            builder.Add(face, pull, angle_rad, plane)
            if not builder.AddDone():
                builder.Remove(face)
                done = False
    if done:
        builder.Build()
    if done and builder.IsDone() and shapes.is_valid(builder.Shape()):
        images: Any = builder_images(builder)
        faces, edges = carry([body], images, builder.Shape())
        body.set_shape(builder.Shape(), faces, edges)
        return
    if angle_rad <= 0 or not _planed(body, pull, angle_rad):
        raise EngineError(f"a draft of {math.degrees(angle_rad):g} degrees fails on these walls: they may meet")


def _planed(body: Body, pull: Any, angle_rad: float) -> bool:
    """Cuts a convex body with flat walls along its tilted walls; whether it is of that kind."""
    corners = _corners(body)
    reach = 10 * max(corners[0].Distance(corner) for corner in corners)
    tools, walls = [], []
    for wall in body.sweeps[0].walls:
        for face in body.faces.get(wall.face_id or "", []):
            normal = outward_normal(face)
            if normal is None:
                return False
            foot = min(
                (_point(vertex) for vertex in shapes.explore(face, shapes.VERTEX)),
                key=lambda point: gp_Vec(point.XYZ()).Dot(gp_Vec(pull)),
            )
            if any(gp_Vec(foot, corner).Dot(gp_Vec(normal)) > _CONVEX for corner in corners):
                return False
            tilted = gp_Dir(
                gp_Vec(normal).Multiplied(math.cos(angle_rad)) + gp_Vec(pull).Multiplied(math.sin(angle_rad))
            )
            lid = BRepBuilderAPI_MakeFace(gp_Pln(foot, tilted), -reach, reach, -reach, reach).Face()
            tools.append(BRepPrimAPI_MakePrism(lid, gp_Vec(tilted).Multiplied(reach), True).Shape())
            walls.append((wall, lid))
    if not tools:
        return False
    result, images = bool_ops.boolean("cut", [body.shape], tools)
    if len(shapes.solids(result)) != 1:
        return False
    faces, edges = carry([body], images, result)
    present = shapes.part_set(result, shapes.FACE)
    for wall, lid in walls:
        made = [shapes.cast(key) for image in images(lid) if (key := present.key(image)) is not None]
        if wall.face_id is not None and made:
            faces[wall.face_id] = made
    body.set_shape(result, faces, edges)
    return True


def _corners(body: Body) -> list[Any]:
    return [_point(vertex) for vertex in shapes.explore(body.shape, shapes.VERTEX)]


def _point(vertex: Any) -> Any:
    return BRep_Tool.Pnt_s(vertex)
