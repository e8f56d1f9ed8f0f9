"""Extrude a profile: straight, two-sided, drafted, in a direction, merged into the body it was drawn on."""

from __future__ import annotations

import math
from typing import Any

from OCP.BRepPrimAPI import BRepPrimAPI_MakePrism
from OCP.gp import gp_Dir, gp_Trsf, gp_Vec

from backend.engine.clock import kernel_work
from backend.engine.commands import merging
from backend.engine.commands.naming import check, swept_body
from backend.engine.commands.profiles import Profile, carried, solid_profile, surface_profile
from backend.engine.errors import EngineError
from backend.engine.kernel import drafts, shapes
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import (
    angle,
    anything,
    boolean,
    direction,
    distance,
    edge_specifier,
    entity,
    mapping,
    one_of,
    opposite,
)
from backend.engine.scene import Body, Scene


def direction_type(value: Any) -> tuple[str, Any]:
    """{"edge": {id}} or {"axis": {direction}}: ("edge", id) or ("axis", gp_Dir)."""
    given = mapping(value)
    if set(given) == {"edge"}:
        return "edge", entity(mapping(given["edge"]).get("id"))
    if set(given) == {"axis"}:
        return "axis", direction(mapping(given["axis"]).get("direction"))
    raise EngineError(f"expected a direction (edge or axis), got {value!r:.80}")


def moved_profile(profile: Profile, vector: Any) -> Profile:
    """The profile shifted by a vector."""
    trsf = gp_Trsf()
    trsf.SetTranslation(vector)
    return carried(profile, trsf)


def prism(profile: Profile, body_id: str, cmd_id: str, kind: str, vector: Any) -> Body:
    """The body that the profile sweeps along a vector.

    As in the official engine the END cap is the one that faces along the profile's normal and the START cap the one
    that faces against it, whichever way the sweep went.
    """
    maker = kernel_work(BRepPrimAPI_MakePrism)(profile.shape, vector, False, True)
    if not maker.IsDone():
        raise EngineError("extrude: the profile can't be extruded in this direction")
    solid = kind == "solid"
    near, far = maker.FirstShape, maker.LastShape
    if vector.Dot(gp_Vec(profile.frame.z)) >= 0:
        start, end, start_frame, end_frame = near, far, profile.frame, profile.frame.moved(vector)
    else:
        start, end, start_frame, end_frame = far, near, profile.frame.moved(vector), profile.frame
    body = swept_body(
        body_id,
        cmd_id,
        kind,
        maker.Shape(),
        profile,
        maker.Generated,
        first=maker.FirstShape,
        last=maker.LastShape,
        start_faces=shapes.faces(start()) if solid else (),
        end_faces=shapes.faces(end()) if solid else (),
        start_frame=start_frame.flipped_x(),
        end_frame=end_frame,
        direction=gp_Dir(vector),
    )
    return check(body, "extrude")


@command(
    "extrude",
    {"distance": distance},
    target=(entity, None),
    target_reference=(edge_specifier, None),
    direction=(direction_type, None),
    direction_reference=(edge_specifier, None),
    draft_angle=(angle, None),
    faces=(anything, None),
    opposite=(opposite(distance), None),
    extrude_method=(one_of("merge", "new"), "merge"),
    merge_coplanar_faces=(boolean, None),
    body_type=(one_of("solid", "surface"), "solid"),
)
def extrude(
    scene: Scene,
    cmd_id: str,
    *,
    distance: float,
    target: str | None,
    target_reference: dict[str, Any] | None,
    direction: tuple[str, Any] | None,
    direction_reference: dict[str, Any] | None,
    draft_angle: float | None,
    faces: Any,
    opposite: Any,
    extrude_method: str,
    merge_coplanar_faces: bool | None,
    body_type: str,
) -> None:
    """Extrudes by a distance along the profile's normal, or along a given direction."""
    if faces is not None:
        raise EngineError("extrude: ids for the new faces (field 'faces') are not supported", code="unsupported")
    from backend.engine.commands import references

    if target_reference is not None or (target is not None and references.is_edge(scene, target)):
        references.extrude_edge(
            scene, cmd_id, target, target_reference, distance, direction, direction_reference, opposite
        )
        return
    if target is None:
        raise EngineError("extrude: the field 'target' is missing", command="extrude")
    profile = solid_profile(scene, target) if body_type == "solid" else surface_profile(scene, target)
    axis = profile.frame.z
    if direction_reference is not None:
        axis = references.edge_direction(scene, references.find_edge(scene, direction_reference))
    elif direction is not None:
        axis = direction[1] if direction[0] == "axis" else references.edge_direction_of_id(scene, direction[1])
    if distance == 0:
        raise EngineError("extrude: the length is zero")
    if opposite == "symmetric":  # the length is the whole length, half of it on each side
        distance = back = distance / 2
    else:
        back = opposite or 0.0
    vector = gp_Vec(axis)
    if abs(vector.Dot(gp_Vec(profile.frame.z))) < 1e-9 and body_type == "solid":
        raise EngineError("extrude: the direction lies in the plane of the profile")
    if draft_angle:
        body = _drafted(profile, cmd_id, body_type, vector, distance, back, draft_angle)
    else:
        total = distance + back
        if abs(total) < 1e-9:
            raise EngineError("extrude: both lengths cancel out")
        base = moved_profile(profile, vector.Multiplied(-back)) if back else profile
        body = prism(base, profile.id, cmd_id, body_type, vector.Multiplied(total))
    merging.place(scene, cmd_id, body, profile, extrude_method, distance < 0, bool(merge_coplanar_faces))


def _drafted(
    profile: Profile, cmd_id: str, kind: str, vector: Any, distance: float, back: float, draft_deg: float
) -> Body:
    if abs(draft_deg) >= 89.9:
        raise EngineError(f"extrude: a draft angle of {draft_deg:g} degrees is too steep")
    if kind != "solid":
        raise EngineError("extrude: draft on a surface body is not supported", code="unsupported")
    body = prism(profile, profile.id, cmd_id, kind, vector.Multiplied(distance))
    drafts.draft_walls(body, profile, gp_Dir(vector.Multiplied(distance)), math.radians(draft_deg))
    if back:
        other = prism(profile, profile.id, cmd_id + "#back", kind, vector.Multiplied(-back))
        drafts.draft_walls(other, profile, gp_Dir(vector.Multiplied(-back)), math.radians(draft_deg))
        body = merging.join_halves(body, other, cmd_id)
    return check(body, "extrude with draft")
