"""Carrying ids through an operation: which faces and edges of the result come from which of the operands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeVertex
from OCP.BRepExtrema import BRepExtrema_DistShapeShape

from backend.engine.cache import replay
from backend.engine.clock import kernel_work
from backend.engine.kernel import shapes
from backend.engine.kernel.shapes import PartSet, ShapeMap
from backend.engine.scene import Body

Images = Callable[[Any], list[Any]]
_ON_CURVE_MM = 1e-4


def builder_images(builder: Any) -> Images:
    """What a shape became according to an OCCT builder: its images, itself where untouched, nothing where deleted."""

    def images(shape: Any) -> list[Any]:
        modified = shapes.listed(builder.Modified(shape))
        if modified:
            return modified
        return [] if builder.IsDeleted(shape) else [shape]

    return images


def untouched(images: Images, part: Any) -> bool:
    """Whether an operation left a part of its operand as it was."""
    if isinstance(images, replay.History):
        return images.untouched(part)
    became = images(part)
    return len(became) == 1 and bool(became[0].IsSame(part))


def chain(first: Images, second: Images) -> Images:
    return lambda shape: [image for middle in first(shape) for image in second(middle)]


def moved(trsf_location: Any) -> Images:
    return lambda shape: [shape.Moved(trsf_location)]


def _carry(named: dict[str, list[Any]], images: Images, present: PartSet, result: Any) -> dict[str, list[Any]]:
    carried: dict[str, list[Any]] = {}
    if isinstance(images, replay.History) and images.leads_to(result):
        return {entity_id: [present.key_at(place) for place in places] for entity_id, places in images.named(named)}
    for entity_id, found in named.items():
        kept: ShapeMap[bool] = ShapeMap()
        found_again = []
        for shape in found:
            for image in images(shape):
                key = present.key(image)
                if key is not None and key not in kept:
                    kept[key] = True
                    found_again.append(shapes.cast(key))
        carried[entity_id] = found_again
    return carried


def carry(
    bodies: Iterable[Body], images: Images, result: Any, gone_edges: Iterable[str] = ()
) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Face and edge ids of the operands on the result. Ids without a face or edge left are dropped.

    Edges that the builder's history doesn't report (fillets often don't) are found again as the common edge of their
    faces' images that lies on the old curve. ``gone_edges`` are known to be removed and not searched.
    """
    present_faces = shapes.part_set(result, shapes.FACE)
    present_edges = shapes.part_set(result, shapes.EDGE)
    neighbours: _Neighbours | None = None
    gone = set(gone_edges)
    all_faces: dict[str, list[Any]] = {}
    all_edges: dict[str, list[Any]] = {}
    for body in bodies:
        faces = _carry(body.faces, images, present_faces, result)
        edges = _carry(body.edges, images, present_edges, result)
        lost = [
            edge_id for edge_id, found in edges.items() if not found and body.edges[edge_id] and edge_id not in gone
        ]
        for edge_id in lost:
            if neighbours is None:
                neighbours = _Neighbours(result)
            for old in body.edges[edge_id]:
                sides = [images(face) for face in body.edge_faces().get(old) or []]
                edges[edge_id].extend(_refind(old, sides, neighbours))
        for target, source in ((all_faces, faces), (all_edges, edges)):
            for entity_id, found in source.items():
                if found:
                    target.setdefault(entity_id, []).extend(found)
    return all_faces, all_edges


class _Neighbours:
    """Which faces each edge of a shape touches, and which edges each face."""

    def __init__(self, shape: Any) -> None:
        self._edges = shapes.edge_faces(shape)
        self._faces = shapes.part_set(shape, shapes.FACE)

    def around(self, faces: list[Any]) -> list[tuple[Any, list[Any]]]:
        """The edges of these faces with all faces that each touches, in the order of the shape."""
        places = {self._edges.place(edge) for face in faces if face in self._faces for edge in shapes.edges(face)}
        return [self._edges.at(place) for place in sorted(places - {0})]


def _refind(old: Any, sides: list[list[Any]], neighbours: _Neighbours) -> list[Any]:
    if not sides or shapes.is_degenerate(old):
        return []
    wanted = [shapes.shape_set(side) for side in sides]
    found = []
    for edge, faces in neighbours.around(min(sides, key=len)):
        if all(any(face in side for face in faces) for side in wanted) and _lies_on(edge, old):
            found.append(shapes.cast(edge))
    return found


@kernel_work
def _lies_on(edge: Any, old: Any) -> bool:
    if shapes.is_degenerate(edge):
        return False
    curve = BRepAdaptor_Curve(edge)
    low, high = curve.FirstParameter(), curve.LastParameter()
    for share in (0.3, 0.6):
        vertex = BRepBuilderAPI_MakeVertex(curve.Value(low + share * (high - low))).Vertex()
        gap = BRepExtrema_DistShapeShape(vertex, old)
        if not gap.IsDone() or gap.Value() > _ON_CURVE_MM:
            return False
    return True


def find_again(shape: Any, edge: Any, images: Images, current: Any) -> list[Any]:
    """What is left of an edge of ``shape`` on ``current``, by history or as the common edge of its faces' images."""
    present = shapes.part_set(current, shapes.EDGE)
    kept = [shapes.cast(key) for image in images(edge) if (key := present.key(image)) is not None]
    if kept:
        return kept
    sides = [images(face) for face in shapes.edge_faces(shape).get(edge) or []]
    return _refind(edge, sides, _Neighbours(current))
