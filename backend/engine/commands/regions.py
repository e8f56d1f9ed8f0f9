"""Regions: the closed areas that the segments of a sketch divide its plane into."""

from __future__ import annotations

from typing import Any

from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.kernel import arrangements, profiles, shapes
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


def _named_as_in_v0(
    scene: Scene, region: Region, mapping: dict[str, str], plan: arrangements.Arrangement, first: int, second: int
) -> None:
    """Names the sides of a region as version V0 of the command does (KCL 1.0): not by the segments they come from.

    Along the boundary, from the first segment into the second, the sides have the names of the first segment, of all
    after the second, and of the second at the end. Seen from programs whose result in the official engine is known;
    it holds where every side is one whole segment. What was drawn is kept in ``scene.drawn``, so that sides that share
    no edge under these names are still found under their own.
    """
    wire = profiles.outer_wire(region.shape)
    numbers = {item.id: number for item, (_, number) in zip(region.edges, plan.sources(region.shape), strict=True)}
    ids = [
        next((item.id for item in region.edges if item.edge.IsSame(edge)), None)
        for edge in shapes.ordered_edges(wire, region.shape)
    ]
    walk = [region_id for region_id in ids if region_id is not None]
    order = [numbers[region_id] for region_id in walk]
    whole = all(sum(1 for _, number in plan.origins.items() if number == source) == 1 for source in order)
    if len(walk) != len(ids) or len(walk) < 3 or not whole or first not in order or second not in order:
        return
    start = order.index(first)
    walk, order = walk[start:] + walk[:start], order[start:] + order[:start]
    if order[-1] == second:
        walk, order = walk[:1] + walk[:0:-1], order[:1] + order[:0:-1]
    if order[1] != second:
        return
    originals = dict(zip(order, (mapping[region_id] for region_id in walk), strict=True))
    named = [order[0], *order[2:], order[1]]
    by_source = dict(zip(order, walk, strict=True))
    for region_id, source in zip(walk, named, strict=True):
        mapping[region_id] = originals[source]
        scene.drawn[region_id] = by_source[source]


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
    reply = _keep(scene, cmd_id, path, face, plan.sources(face))
    if version == "V0" and segment != intersection_segment and not curve_clockwise:
        first, second = places[segment], places[intersection_segment]
        _named_as_in_v0(scene, scene.regions[cmd_id], reply["region_mapping"], plan, first, second)
    return reply
