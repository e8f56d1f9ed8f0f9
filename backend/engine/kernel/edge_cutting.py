"""Fillets and chamfers on OCCT solids, with the retries that the kernel needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepFilletAPI import BRepFilletAPI_MakeChamfer, BRepFilletAPI_MakeFillet
from OCP.TopoDS import TopoDS

from backend.engine.cache import replay
from backend.engine.errors import EngineError
from backend.engine.kernel import corner_tools, shapes
from backend.engine.kernel.history import Images, builder_images, chain

_SHRINK = (1.0, 1 - 1e-6, 1 - 1e-5, 1 - 1e-4)
Generated = Callable[[Any], list[Any]]


@dataclass(frozen=True)
class Cut:
    """A fillet (``size`` = radius) or a chamfer (``size`` = distance; ``second`` distance or ``angle`` in degrees)."""

    kind: str
    size: float
    second: float | None = None
    angle: float | None = None
    swap: bool = False

    def describe(self) -> str:
        return f"{self.kind} of size {self.size:g} mm"


def distinct(edges: Sequence[Any]) -> list[Any]:
    seen: shapes.ShapeMap[bool] = shapes.ShapeMap()
    result = []
    for edge in edges:
        if edge not in seen:
            seen[edge] = True
            result.append(edge)
    return result


def cut_edges(shape: Any, edges: Sequence[Any], cut: Cut, tangent_chain: bool) -> tuple[Any, Images, Generated]:
    """The shape with its edges cut, the images of its parts, and the faces made for each edge.

    OCCT always follows tangent edges; where radii eat an edge exactly it fails, and a size smaller by 1e-6 to 1e-4
    works. Failing that, faces split by seams are joined first, and last the edges are cut one after the other.
    """
    if not edges:
        raise EngineError(f"{cut.kind}: no edges are given")

    def compute(inputs: list[Any], picks: list[Any]) -> replay.Made:
        result, images, generated = _cut(inputs[0], picks, cut, tangent_chain)
        return replay.Made(result, images, generated, sound=True)

    arguments = {**asdict(cut), "tangent_chain": tangent_chain}
    made = replay.operation("cut edges", arguments, [shape], compute, picks=edges)
    return made.shape, made.images, made.generated


def _cut(shape: Any, edges: Sequence[Any], cut: Cut, tangent_chain: bool) -> tuple[Any, Images, Generated]:
    failure = ""
    for share in _SHRINK:
        try:
            builder = _builder(shape, edges, cut, share)
            if not tangent_chain and _spreads(builder, edges):
                alone = corner_tools.cut_straight_edges(shape, edges, _reach(cut), square_ends=False)
                if alone is not None and shapes.is_valid(alone[0]) and _sound(shape, alone[0]):
                    return alone
            builder.Build()
            if builder.IsDone():
                result = _solid(builder.Shape())
                if shapes.is_valid(result) and _sound(shape, result):
                    return result, builder_images(builder), _generated(builder)
                failure = "the result is not a valid shape"
            else:
                failure = "the kernel found no solution"
        except EngineError:
            raise
        except Exception as error:
            failure = (str(error) or type(error).__name__).splitlines()[0]
    one_by_one = _sequential(shape, edges, cut) if len(edges) > 1 else None
    if one_by_one is not None:
        return one_by_one
    joined = _on_joined_faces(shape, edges, cut)
    if joined is not None:
        return joined
    try:
        by_tool = corner_tools.cut_straight_edges(shape, edges, _reach(cut))
    except EngineError:
        by_tool = None
    if by_tool is not None and _sound(shape, by_tool[0]):
        return by_tool
    raise EngineError(f"{cut.describe()} failed{_where(shape, edges, cut)}: {failure}")


def _spreads(builder: Any, edges: Sequence[Any]) -> bool:
    """Whether OCCT would follow tangent edges beyond those asked for."""
    taken = sum(builder.NbEdges(contour) for contour in range(1, builder.NbContours() + 1))
    return bool(taken > len(edges))


def _reach(cut: Cut) -> Callable[[float], tuple[float, float, bool]]:
    """How far the cut reaches on each of two flat faces that meet at an angle."""

    def sizes(angle: float) -> tuple[float, float, bool]:
        if cut.kind == "fillet":
            span = cut.size / math.tan(angle / 2)
            return span, span, True
        second = cut.size * math.tan(math.radians(cut.angle)) if cut.angle is not None else cut.second or cut.size
        return (second, cut.size, False) if cut.swap else (cut.size, second, False)

    return sizes


def _builder(shape: Any, edges: Sequence[Any], cut: Cut, share: float) -> Any:
    sides = shapes.edge_faces(shape)
    for edge in edges:
        around = len(sides.get(edge) or [])
        if around > 2:  # OCCT takes such an edge and crashes in its Build()
            middle = shapes.edge_midpoint(edge)
            raise EngineError(
                f"{cut.describe()}: the edge at ({middle.X():.4g}, {middle.Y():.4g}, {middle.Z():.4g}) mm lies between"
                f" {around} faces, since parts of the body touch along it; only an edge between two faces can be cut"
            )
    if cut.kind == "fillet":
        fillet = BRepFilletAPI_MakeFillet(shape)
        for edge in edges:
            if fillet.Contour(edge) == 0:
                fillet.Add(cut.size * share, edge)
                if fillet.Contour(edge) == 0:
                    raise EngineError(f"{cut.describe()}: the edge is no sharp edge between two faces")
        return fillet
    chamfer = BRepFilletAPI_MakeChamfer(shape)
    first, second = cut.size * share, (cut.second or cut.size) * share
    if cut.angle is not None:
        if not 0 < cut.angle < 90:
            raise EngineError(f"a chamfer angle of {cut.angle:g} degrees is not between 0 and 90")
        second = cut.size * share * math.tan(math.radians(cut.angle))
    for edge in edges:
        if chamfer.Contour(edge) != 0:
            continue
        faces = sides.get(edge) or []
        if len(faces) != 2:
            raise EngineError(f"{cut.describe()}: the edge is no sharp edge between two faces")
        if abs(first - second) < 1e-12:
            chamfer.Add(first, edge)
        else:
            face = faces[1] if cut.swap else faces[0]
            chamfer.Add(first, second, edge, face)
    return chamfer


def _solid(shape: Any) -> Any:
    """The result as a solid where it is one; fillets wrap theirs in a compound."""
    if shape.ShapeType() == shapes.SOLID:
        return shape
    found = shapes.solids(shape)
    return found[0] if len(found) == 1 else shape


def _sound(before: Any, after: Any) -> bool:
    """A cut leaves the volume positive and of the same order."""
    old, new = shapes.volume(before), shapes.volume(after)
    return new > 0 and new < 2 * abs(old) + 1e-9


def _generated(builder: Any) -> Generated:
    return lambda edge: [
        TopoDS.Face(item) for item in shapes.listed(builder.Generated(edge)) if item.ShapeType() == shapes.FACE
    ]


def _sequential(shape: Any, edges: Sequence[Any], cut: Cut) -> tuple[Any, Images, Generated] | None:
    """Edge after edge, each found again on the result so far."""
    from backend.engine.kernel.history import find_again

    current = shape
    images: Images = lambda item: [item]  # noqa: E731
    made: list[tuple[Any, list[Any], int]] = []
    steps: list[Images] = []
    for edge in edges:
        targets = find_again(shape, edge, images, current)
        if not targets:
            made.append((edge, [], len(steps)))
            continue
        try:
            builder = _builder(current, targets, cut, 1.0)
            builder.Build()
            if not builder.IsDone():
                return None
            result = _solid(builder.Shape())
        except Exception:
            return None
        if not shapes.is_valid(result):
            return None
        step = builder_images(builder)
        new = [face for target in targets for face in _generated(builder)(target)]
        steps.append(step)
        made.append((edge, new, len(steps)))
        images = chain(images, step)
        current = result
    if not steps:
        return None

    def generated(edge: Any) -> list[Any]:
        for known, found, since in made:
            if known.IsSame(edge):
                for step in steps[since:]:
                    found = [image for face in found for image in step(face)]
                return found
        return []

    return current, images, generated


def _on_joined_faces(shape: Any, edges: Sequence[Any], cut: Cut) -> tuple[Any, Images, Generated] | None:
    """The cut on the shape with faces of one surface joined, for edges that end at a seam."""
    from backend.engine.kernel import bool_ops

    unified, images = bool_ops.unify(shape)
    if len(shapes.faces(unified)) == len(shapes.faces(shape)):
        return None
    present = shapes.shape_set(shapes.edges(unified))
    targets = distinct([image for edge in edges for image in images(edge) if image in present])
    if not targets:
        return None
    for share in _SHRINK:
        try:
            builder = _builder(unified, targets, cut, share)
            builder.Build()
            if not builder.IsDone():
                continue
            result = _solid(builder.Shape())
        except Exception:  # noqa: S112 - the next smaller size may do
            continue
        if shapes.is_valid(result) and _sound(shape, result):
            made = _generated(builder)
            return (
                result,
                chain(images, builder_images(builder)),
                lambda edge, made=made: [face for image in images(edge) for face in made(image)],
            )
    return None


def _where(shape: Any, edges: Sequence[Any], cut: Cut) -> str:
    """Which edge it fails on, where one alone fails."""
    for edge in edges:
        try:
            builder = _builder(shape, [edge], cut, 1.0)
            builder.Build()
            if builder.IsDone():
                continue
        except Exception:  # noqa: S110 - a failing edge is what is looked for
            pass
        curve = BRepAdaptor_Curve(edge)
        middle = shapes.edge_midpoint(edge)
        kind = curve.GetType().name.removeprefix("GeomAbs_").lower()
        return (
            f" on the {kind} edge of length {shapes.length(edge):.4g} mm"
            f" at ({middle.X():.4g}, {middle.Y():.4g}, {middle.Z():.4g}) mm"
        )
    return " where the edges meet"
