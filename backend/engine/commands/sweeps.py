"""Sweep a profile along a path, loft between profiles, extrude with a twist."""

from __future__ import annotations

import itertools
import math
from typing import Any

from OCP.gp import gp_Vec

from backend.engine.commands import merging
from backend.engine.commands.extrusions import moved_profile, prism
from backend.engine.commands.naming import check, swept_body
from backend.engine.commands.profiles import Profile, carried, solid_profile, surface_profile
from backend.engine.errors import EngineError
from backend.engine.kernel import profiles as kernel_profiles
from backend.engine.kernel import shapes, sweeping
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import (
    angle,
    anything,
    boolean,
    count,
    distance,
    entities,
    entity,
    flat_point,
    one_of,
    optional,
    positive,
)
from backend.engine.scene import Body, Scene, Segment


def trajectory_wire(scene: Scene, entity_id: str) -> Any:
    """The wire of a path, a region's boundary, or an edge of a body."""
    path = scene.paths.get(entity_id)
    if path is not None:
        contours = [contour for contour in path.contours if contour]
        edges = [segment.edge for contour in contours for segment in contour]
        if len(contours) != 1 and not _is_chain(contours):
            raise EngineError(f"the path to sweep along has {len(contours)} separate parts; it must be one")
        return kernel_profiles.wire(edges)[0]
    region = scene.regions.get(entity_id)
    if region is not None:
        return kernel_profiles.outer_wire(region.shape)
    _, found = scene.edge(entity_id)
    return kernel_profiles.wire(found)[0]


def _is_chain(contours: list[list[Segment]]) -> bool:
    """Whether each contour begins at the vertex where the one before it ends, as those of a solved sketch do."""
    ends = [(shapes.edge_vertices(part[0].edge)[0], shapes.edge_vertices(part[-1].edge)[1]) for part in contours]
    return bool(ends) and all(before[1].IsSame(after[0]) for before, after in itertools.pairwise(ends))


def _placed(profile: Profile, spine: Any, translate: bool, orient: bool) -> Profile:
    """The profile moved to the start of the path, and turned across it, where asked for."""
    start, heading = sweeping.start_of(spine)
    if orient:
        pivot = start if translate else profile.frame.origin
        profile = carried(profile, sweeping.turn_across(profile.frame, pivot if not translate else None, heading))
    if translate:
        profile = moved_profile(profile, gp_Vec(profile.frame.origin, start))
    return profile


@command(
    "sweep",
    {"target": entity, "trajectory": entity, "sectional": boolean, "tolerance": positive},
    body_type=(one_of("solid", "surface"), "solid"),
    relative_to=(optional(one_of("sketch_plane", "trajectory_curve")), None),
    version=(optional(count), None),
    translate_profile_to_path=(optional(boolean), None),
    orient_profile_perpendicular=(optional(boolean), None),
)
def sweep(
    scene: Scene,
    cmd_id: str,
    target: str,
    trajectory: str,
    sectional: bool,
    tolerance: float,
    body_type: str,
    relative_to: str | None,
    version: int | None,
    translate_profile_to_path: bool | None,
    orient_profile_perpendicular: bool | None,
) -> None:
    """Carries the profile along the path. Sections of the path are swept as one: the result is the same."""
    profile = solid_profile(scene, target) if body_type == "solid" else surface_profile(scene, target)
    spine = trajectory_wire(scene, trajectory)
    profile = _placed(profile, spine, bool(translate_profile_to_path), bool(orient_profile_perpendicular))
    straight = sweeping.straight_vector(spine)
    if straight is not None:
        body = prism(profile, profile.id, cmd_id, body_type, straight)
        body.sweeps[0].id = cmd_id
    else:
        body = _piped(profile, cmd_id, body_type, spine)
    merging.place(scene, cmd_id, body, profile, "new", False)


def _piped(profile: Profile, cmd_id: str, body_type: str, spine: Any) -> Body:
    result = sweeping.pipe(profile.shape, spine, body_type == "solid")
    _start, heading = sweeping.start_of(spine)
    forward = gp_Vec(heading).Dot(gp_Vec(profile.frame.z)) >= 0
    body = swept_body(
        profile.id,
        cmd_id,
        body_type,
        result.shape,
        profile,
        result.generated,
        first=result.first,
        start_faces=result.start,
        end_faces=result.end,
        start_frame=profile.frame.flipped_x() if forward else profile.frame,
        direction=heading,
    )
    return check(body, "sweep")


@command(
    "twist_extrude",
    {"target": entity, "distance": distance, "total_rotation_angle": angle, "tolerance": positive},
    faces=(anything, None),
    center_2d=(flat_point, (0.0, 0.0)),
    angle_step_size=(angle, 15.0),
    body_type=(one_of("solid", "surface"), "solid"),
)
def twist_extrude(
    scene: Scene,
    cmd_id: str,
    target: str,
    distance: float,
    total_rotation_angle: float,
    tolerance: float,
    faces: Any,
    center_2d: tuple[float, float],
    angle_step_size: float,
    body_type: str,
) -> None:
    """Extrudes while the section turns about a point of its plane. The surfaces are exact, not lofted in steps."""
    if faces is not None:
        raise EngineError("twist_extrude: ids for the new faces are not supported", code="unsupported")
    if distance == 0:
        raise EngineError("twist_extrude: the length is zero")
    profile = solid_profile(scene, target) if body_type == "solid" else surface_profile(scene, target)
    frame = profile.frame
    vector = gp_Vec(frame.z).Multiplied(distance)
    if abs(total_rotation_angle) < 1e-9:
        body = prism(profile, profile.id, cmd_id, body_type, vector)
    else:
        result = sweeping.twist(
            profile.shape,
            frame.moved(frame.vector(*center_2d)),
            distance,
            math.radians(total_rotation_angle),
            body_type == "solid",
        )
        body = swept_body(
            profile.id,
            cmd_id,
            body_type,
            result.shape,
            profile,
            result.generated,
            first=result.first,
            start_faces=result.start,
            end_faces=result.end,
            start_frame=frame.flipped_x() if distance > 0 else frame,
            end_frame=frame.moved(vector) if distance > 0 else frame.moved(vector).flipped_x(),
            direction=frame.z if distance > 0 else frame.z.Reversed(),
        )
        check(body, "extrude with twist")
    merging.place(scene, cmd_id, body, profile, "merge", distance < 0)


def _stacks(sections: list[Profile], solid: bool) -> list[list[Any]]:
    """The wires that are lofted together: the outlines, then the holes, each with the nearest of the next section."""
    rows: list[list[Any]] = []
    for section in sections:
        if solid:
            outer = kernel_profiles.outer_wire(section.shape)
            holes = [wire for wire in shapes.explore(section.shape, shapes.WIRE) if not wire.IsSame(outer)]
        else:
            outer, *holes = shapes.explore(section.shape, shapes.WIRE)
        if rows and len(holes) != len(rows[0]) - 1:
            raise EngineError("loft: every section must have the same number of holes")
        if holes and not solid:
            raise EngineError("loft: a surface loft of sections with holes is not supported", code="unsupported")
        if rows:
            ordered = []
            for above in rows[-1][1:]:
                center = shapes.center_of_length(above)
                apart = [shapes.center_of_length(hole).Distance(center) for hole in holes]
                nearest = holes[apart.index(min(apart))]
                holes.remove(nearest)
                ordered.append(nearest)
            holes = ordered
        rows.append([outer, *holes])
    return [list(stack) for stack in zip(*rows, strict=True)]


@command(
    "loft",
    {"section_ids": entities, "v_degree": count, "bez_approximate_rational": boolean, "tolerance": positive},
    base_curve_index=(optional(count), None),
    body_type=(one_of("solid", "surface"), "solid"),
)
def loft(
    scene: Scene,
    cmd_id: str,
    section_ids: list[str],
    v_degree: int,
    bez_approximate_rational: bool,
    tolerance: float,
    base_curve_index: int | None,
    body_type: str,
) -> dict[str, Any]:
    """A body through the sections in order: ruled between two, smooth through more (degree 1: ruled throughout)."""
    if len(section_ids) < 2:
        raise EngineError(f"a loft needs at least two sections, got {len(section_ids)}")
    if v_degree < 1:
        raise EngineError("loft: the degree must be at least 1")
    if base_curve_index is not None and base_curve_index >= len(section_ids):
        raise EngineError(f"loft: there is no section {base_curve_index} of {len(section_ids)}")
    solid = body_type == "solid"
    sections = [solid_profile(scene, item) if solid else surface_profile(scene, item) for item in section_ids]
    stacks = _stacks(sections, solid)
    wires = stacks[0]
    ruled = v_degree == 1 or len(wires) == 2
    result = (
        sweeping.loft(wires, solid, ruled)
        if len(stacks) == 1
        else sweeping.holed_loft(sections[0].shape, sections[-1].shape, stacks, ruled)
    )
    first, last = sections[0].frame, sections[-1].frame
    heading = gp_Vec(shapes.center_of_length(wires[0]), shapes.center_of_length(wires[1]))
    forward = heading.Dot(gp_Vec(first.z)) >= 0
    onward = heading.Dot(gp_Vec(last.z)) >= 0
    body = swept_body(
        cmd_id,
        cmd_id,
        body_type,
        result.shape,
        sections[0],
        result.generated,
        first=result.first,
        start_faces=result.start,
        end_faces=result.end,
        start_frame=first.flipped_x() if forward else first,
        end_frame=last if onward else last.flipped_x(),
        direction=first.z if forward else first.z.Reversed(),
    )
    scene.add_body(check(body, "loft"))
    return {"solid_id": cmd_id}
