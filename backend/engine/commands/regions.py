"""Regions: the closed areas that the segments of a sketch divide its plane into."""

from __future__ import annotations

from typing import Any

from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.kernel import arrangements
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import boolean, entity, flat_point, integer, one_of
from backend.engine.scene import Path, Region, Scene, Segment

_VERSION = (one_of("V0", "V1"), "V0")


def _sketch(scene: Scene, object_id: str) -> Path:
    path = scene.paths.get(object_id)
    if path is None:
        raise EngineError(f"there is no sketch with id {object_id}")
    return path


def _keep(scene: Scene, cmd_id: str, path: Path, face: Any, sources: list[tuple[Any, int]]) -> dict[str, Any]:
    """Names the region and its edges; an edge keeps its segment's id where the segment wasn't divided twice."""
    edges, mapping = [], {}
    segments = path.segments
    for number, (edge, source) in enumerate(sources):
        new_id = derive(cmd_id, "curve", segments[source].id, number)
        edges.append(Segment(new_id, edge))
        mapping[new_id] = segments[source].id
    scene.regions[cmd_id] = Region(cmd_id, path.frame, path.face, face, edges)
    return {"region_mapping": mapping}


@command("create_region_from_query_point", {"object_id": entity, "query_point": flat_point}, version=_VERSION)
def region_from_point(
    scene: Scene, cmd_id: str, object_id: str, query_point: tuple[float, float], version: str
) -> dict[str, Any]:
    """The region that holds a point, given in the sketch's coordinates."""
    path = _sketch(scene, object_id)
    plan = arrangements.divide(path.frame, [segment.edge for segment in path.segments])
    face = plan.at(path.frame.point(*query_point))
    if face is None:
        raise EngineError(f"no closed region of the sketch holds the point ({query_point[0]:g}, {query_point[1]:g}) mm")
    return _keep(scene, cmd_id, path, face, plan.sources(face))


@command(
    "create_region",
    {"object_id": entity, "segment": entity, "intersection_segment": entity},
    intersection_index=(integer, -1),
    curve_clockwise=(boolean, False),
    version=_VERSION,
)
def create_region(
    scene: Scene,
    cmd_id: str,
    object_id: str,
    segment: str,
    intersection_segment: str,
    intersection_index: int,
    curve_clockwise: bool,
    version: str,
) -> dict[str, Any]:
    """The region met by following one segment to where another crosses it, and turning into that one."""
    path = _sketch(scene, object_id)
    places = {item.id: number for number, item in enumerate(path.segments)}
    # a construction segment isn't drawn: the other one alone points to the region
    if segment not in places:
        segment = intersection_segment
    if intersection_segment not in places:
        intersection_segment = segment
    if segment not in places:
        raise EngineError(f"the segment {segment} is not part of the sketch {object_id}")
    plan = arrangements.divide(path.frame, [item.edge for item in path.segments])
    face = plan.walk(places[segment], places[intersection_segment], intersection_index, curve_clockwise)
    if face is None:
        raise EngineError("the segments enclose no region: they must bound a closed area")
    return _keep(scene, cmd_id, path, face, plan.sources(face))
