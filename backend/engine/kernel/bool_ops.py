"""Booleans: fuse, cut, common and split, with history, retries with a fuzzy tolerance, and seams removed on request."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from OCP.BRepAdaptor import BRepAdaptor_Curve
from OCP.BRepAlgoAPI import BRepAlgoAPI_Common, BRepAlgoAPI_Cut, BRepAlgoAPI_Fuse, BRepAlgoAPI_Splitter
from OCP.BRepClass3d import BRepClass3d_SolidClassifier
from OCP.ShapeUpgrade import ShapeUpgrade_UnifySameDomain
from OCP.TopAbs import TopAbs_State

from backend.engine.cache import replay
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.kernel.history import Images, builder_images, chain

_FUZZY_MM = (0.0, 1e-6, 1e-5, 1e-4)
_LOOSE_MM, _MOST_LOOSE_MM = 1e-5, 1e-2
_INSIDE_MM = 1e-4
_MOST_PROBES = 300
_SAME_VOLUME = 1e-9
_BUILDERS = {
    "fuse": BRepAlgoAPI_Fuse,
    "cut": BRepAlgoAPI_Cut,
    "common": BRepAlgoAPI_Common,
    "split": BRepAlgoAPI_Splitter,
}


def boolean(operation: str, arguments: Sequence[Any], tools: Sequence[Any]) -> tuple[Any, Images]:
    """The result of an operation, which is a sound shape, and the images of the operands' sub-shapes in it.

    Retries with a growing fuzzy tolerance where the exact one gives an invalid result, or one in which the operands did
    not meet although a part of one lies within another.
    """

    def compute(inputs: list[Any], _: list[Any]) -> replay.Made:
        return _boolean(operation, inputs[: len(arguments)], inputs[len(arguments) :])

    made = replay.operation(
        "boolean", {"operation": operation, "arguments": len(arguments)}, [*arguments, *tools], compute
    )
    return made.shape, made.images


def _boolean(operation: str, arguments: Sequence[Any], tools: Sequence[Any]) -> replay.Made:
    failure = "the kernel gave no result"
    loose = max(shapes.largest_tolerance(item) for item in (*arguments, *tools))
    more = [value for value in (1e-3, min(2 * loose, _MOST_LOOSE_MM)) if loose > _LOOSE_MM]
    for fuzzy in (*_FUZZY_MM, *more):
        builder = _BUILDERS[operation]()
        builder.SetArguments(shapes.shape_list(arguments))
        builder.SetTools(shapes.shape_list(tools))
        builder.SetRunParallel(False)
        builder.SetNonDestructive(True)
        if fuzzy:
            builder.SetFuzzyValue(fuzzy)
        try:
            builder.Build()
        except Exception as error:  # OCCT raises Standard_Failure of many kinds
            failure = str(error) or type(error).__name__
            continue
        if not builder.IsDone():
            continue
        result = builder.Shape()
        if result is None or result.IsNull():
            continue
        if not shapes.is_valid(result):
            failure = "the result is not a valid shape"
        elif _missed(operation, arguments, tools, result):
            failure = "the kernel does not see that the bodies meet"
        else:
            return replay.Made(_single(result), builder_images(builder), sound=True)
    raise EngineError(f"{operation} failed: {failure}", code="internal_engine")


def _missed(operation: str, arguments: Sequence[Any], tools: Sequence[Any], result: Any) -> bool:
    """Whether an operation left the volume of its operands as it was, although a point of one lies inside another."""
    if operation not in ("cut", "fuse", "common"):
        return False
    kept = {"cut": arguments, "fuse": (*arguments, *tools), "common": ()}[operation]
    whole = sum(shapes.volume(item) for item in kept)
    scale = sum(abs(shapes.volume(item)) for item in (*arguments, *tools))
    if abs(shapes.volume(result) - whole) > _SAME_VOLUME * scale:
        return False
    return any(_meet(one, two) for one in arguments for two in tools)


def _meet(one: Any, two: Any) -> bool:
    """Whether a point on an edge of one solid lies inside the other."""
    boxes = [shapes.box(one), shapes.box(two)]
    if boxes[0].IsOut(boxes[1]):
        return False
    for holder, other, room in ((one, two, boxes[0]), (two, one, boxes[1])):
        for solid in shapes.solids(holder):
            classifier = BRepClass3d_SolidClassifier(solid)
            for spot in itertools.islice(_probes(other), _MOST_PROBES):
                if not room.IsOut(spot):
                    classifier.Perform(spot, _INSIDE_MM)
                    if classifier.State() == TopAbs_State.TopAbs_IN:
                        return True
    return False


def _probes(shape: Any) -> Iterator[Any]:
    """Points on the edges of a shape."""
    for edge in shapes.edges(shape):
        if not shapes.is_degenerate(edge):
            curve = BRepAdaptor_Curve(edge)
            low, high = curve.FirstParameter(), curve.LastParameter()
            for share in (0.5, 0.25, 0.75):
                yield curve.Value(low + share * (high - low))


def _single(shape: Any) -> Any:
    """A compound of one solid as that solid."""
    parts = shapes.children(shape) if shape.ShapeType().name == "TopAbs_COMPOUND" else []
    return parts[0] if len(parts) == 1 else shape


def unify(shape: Any, images: Images | None = None) -> tuple[Any, Images]:
    """Faces of one surface joined and seam edges removed; the shape as it was where that gives no sound one."""
    made = replay.operation("unify", {}, [shape], lambda inputs, _: _unified(inputs[0]))
    return made.shape, chain(images, made.images) if images is not None else made.images


def _unified(shape: Any) -> replay.Made:
    builder = ShapeUpgrade_UnifySameDomain(shape, True, True, False)
    builder.Build()
    history = builder.History()

    def joined(item: Any) -> list[Any]:
        modified = shapes.listed(history.Modified(item))
        if modified:
            return modified
        return [] if history.IsRemoved(item) else [item]

    result = builder.Shape()
    if not shapes.is_valid(result):
        return replay.Made(shape, lambda item: [item])
    return replay.Made(result, joined, sound=True)
