"""Booleans: fuse, cut, common and split, with history, retries with a fuzzy tolerance, and seams removed on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from OCP.BRepAlgoAPI import BRepAlgoAPI_Common, BRepAlgoAPI_Cut, BRepAlgoAPI_Fuse, BRepAlgoAPI_Splitter
from OCP.ShapeUpgrade import ShapeUpgrade_UnifySameDomain

from backend.engine.cache import replay
from backend.engine.errors import EngineError
from backend.engine.kernel import shapes
from backend.engine.kernel.history import Images, builder_images, chain

_FUZZY_MM = (0.0, 1e-6, 1e-5, 1e-4)
_BUILDERS = {
    "fuse": BRepAlgoAPI_Fuse,
    "cut": BRepAlgoAPI_Cut,
    "common": BRepAlgoAPI_Common,
    "split": BRepAlgoAPI_Splitter,
}


def boolean(operation: str, arguments: Sequence[Any], tools: Sequence[Any]) -> tuple[Any, Images]:
    """The result of an operation, which is a sound shape, and the images of the operands' sub-shapes in it.

    Retries with a growing fuzzy tolerance where the exact one gives an invalid result.
    """

    def compute(inputs: list[Any], _: list[Any]) -> replay.Made:
        return _boolean(operation, inputs[: len(arguments)], inputs[len(arguments) :])

    made = replay.operation(
        "boolean", {"operation": operation, "arguments": len(arguments)}, [*arguments, *tools], compute
    )
    return made.shape, made.images


def _boolean(operation: str, arguments: Sequence[Any], tools: Sequence[Any]) -> replay.Made:
    failure = "the kernel gave no result"
    for fuzzy in _FUZZY_MM:
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
        if shapes.is_valid(result):
            return replay.Made(_single(result), builder_images(builder), sound=True)
        failure = "the result is not a valid shape"
    raise EngineError(f"{operation} failed: {failure}", code="internal_engine")


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
