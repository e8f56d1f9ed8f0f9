"""Placing a swept body: as a body of its own, or merged into the body whose face its profile was drawn on."""

from __future__ import annotations

from typing import Any

from backend.engine.commands.profiles import Profile
from backend.engine.errors import EngineError
from backend.engine.kernel import bool_ops, shapes
from backend.engine.kernel.history import Images, carry
from backend.engine.scene import Body, Scene, Sweep


def place(
    scene: Scene, cmd_id: str, body: Body, profile: Profile, method: str, cuts: bool, hide_seams: bool = False
) -> Body:
    """Adds the body to the scene, or fuses it into (cuts it from) its profile's parent body.

    ``cuts``: the sweep went into the parent's material (negative length).
    """
    from_face = profile.hidden_with is None
    if from_face:
        body.id = cmd_id
    if method == "new" or profile.on_face is None:
        return scene.add_body(body)
    parent = _living(scene, profile.on_face[0])
    if body.kind == "surface" or parent.kind == "surface":
        return scene.add_body(body)
    what = "cut" if cuts else "fuse"
    if cuts:
        _face_into_pocket(body)
    result, images = bool_ops.boolean(what, [parent.shape], [body.shape])
    if hide_seams and what == "fuse":
        result, images = bool_ops.unify(result, images)
    absorb(scene, parent, body, result, images)
    for alias in (body.id, cmd_id):
        scene.aliases.setdefault(alias, parent)
    return parent


def _face_into_pocket(tool: Body) -> None:
    """The floor of a pocket faces the way that its tool's cap doesn't: its frame shows into the pocket."""
    floor = tool.sweeps[0].start_cap if tool.sweeps else None
    if floor is not None and floor in tool.frames:
        tool.frames[floor] = tool.frames[floor].flipped_x()


def _living(scene: Scene, body: Body) -> Body:
    """The body that stands for one that may have been consumed since."""
    if any(item is body for item in scene.bodies):
        return body
    successor = scene.aliases.get(body.id)
    if successor is None:
        raise EngineError("the body that the profile was drawn on is gone")
    return successor


def absorb(scene: Scene, parent: Body, tool: Body, result: Any, images: Images) -> None:
    """Gives the parent the result's shape, with the ids of both operands."""
    if not shapes.solids(result):
        raise EngineError("nothing is left of the body after the cut")
    faces, edges = carry([parent, tool], images, result)
    parent.set_shape(result, faces, edges)
    parent.frames.update({key: frame for key, frame in tool.frames.items() if key not in parent.frames})
    parent.sweeps.extend(tool.sweeps)
    scene.claim(parent)


def join_halves(body: Body, other: Body, cmd_id: str) -> Body:
    """One body of the two halves of a two-sided sweep that share the profile's face; walls keep their ids."""
    result, images = bool_ops.boolean("fuse", [body.shape], [other.shape])
    faces, edges = carry([body, other], images, result)
    front, back = body.sweeps[0], other.sweeps[0]
    rename = {
        wall.face_id: twin.face_id
        for wall, twin in zip(back.walls, front.walls, strict=True)
        if wall.face_id and twin.face_id
    }
    for old, new in rename.items():
        if old in faces and new in faces and old != new:
            faces[new].extend(face for face in faces.pop(old) if not any(face.IsSame(item) for item in faces[new]))
    joined = Body(body.id, result, body.kind, faces, edges, origin=body.origin)
    joined.frames = {**other.frames, **body.frames}
    joined.sweeps = [Sweep(cmd_id, front.walls, back.end_cap, front.end_cap, front.direction)]
    return joined
