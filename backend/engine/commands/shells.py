"""Shell: hollow a solid, leaving walls of one thickness; with faces removed, or closed all round."""

from __future__ import annotations

from typing import Any

from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeSolid
from OCP.BRepOffset import BRepOffset_Mode
from OCP.BRepOffsetAPI import BRepOffsetAPI_MakeOffsetShape, BRepOffsetAPI_MakeThickSolid
from OCP.GeomAbs import GeomAbs_JoinType
from OCP.TopoDS import TopoDS

from backend.engine.cache import replay
from backend.engine.errors import EngineError
from backend.engine.kernel import bool_ops, shapes
from backend.engine.kernel.history import Images, builder_images, carry
from backend.engine.measure import bounding_box
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import boolean, distance, entities, entity
from backend.engine.scene import Scene

_TOLERANCE_MM = 1e-4


@command(
    "solid3d_shell_face",
    {"object_id": entity, "face_ids": entities, "shell_thickness": distance},
    hollow=(boolean, False),
)
def shell(scene: Scene, cmd_id: str, object_id: str, face_ids: list[str], shell_thickness: float, hollow: bool) -> None:
    """Walls inside the body (positive thickness) or outside it (negative)."""
    body = scene.body(object_id)
    if shell_thickness == 0:
        raise EngineError("shell: the thickness is zero")
    if hollow or not face_ids:
        result, images = _hollow(body.shape, shell_thickness)
    else:
        openings = [face for face_id in face_ids for face in scene.face(face_id, body)[1]]
        result, images = _open(body.shape, openings, shell_thickness)
    if not shapes.solids(result):
        raise EngineError(f"shell: walls of {shell_thickness:g} mm leave no solid")
    faces, edges = carry([body], images, result)
    body.set_shape(result, faces, edges)
    scene.claim(body)


def _open(shape: Any, openings: list[Any], thickness: float) -> tuple[Any, Images]:
    def compute(inputs: list[Any], picks: list[Any]) -> replay.Made:
        return replay.Made(*_thick(inputs[0], picks, thickness), sound=True)

    made = replay.operation("shell", {"thickness_mm": thickness}, [shape], compute, picks=openings)
    return made.shape, made.images


def _thick(shape: Any, openings: list[Any], thickness: float) -> tuple[Any, Images]:
    box = bounding_box(shape)
    thinnest = min(high - low for low, high in zip(box["min"], box["max"], strict=True)) if box else 0.0
    if thickness >= thinnest:  # OCCT takes minutes to find no solution
        raise EngineError(f"shell: walls of {thickness:g} mm fill the whole body, which is {thinnest:g} mm thin")
    failure = "the kernel found no solution"
    for join in (GeomAbs_JoinType.GeomAbs_Intersection, GeomAbs_JoinType.GeomAbs_Arc):
        builder = BRepOffsetAPI_MakeThickSolid()
        try:
            builder.MakeThickSolidByJoin(
                shape,
                shapes.shape_list(openings),
                -thickness,
                _TOLERANCE_MM,
                BRepOffset_Mode.BRepOffset_Skin,
                True,
                False,
                join,
                False,
            )
            if not builder.IsDone():
                continue
            result = builder.Shape()
        except Exception as error:
            failure = (str(error) or type(error).__name__).splitlines()[0]
            continue
        if not shapes.is_valid(result) or not shapes.solids(result):
            failure = "the result is not a valid shape"
            continue
        if shapes.volume(result) < 0:
            result = result.Reversed()
        if thickness > 0 and shapes.volume(result) >= shapes.volume(shape) * (1 - 1e-9):
            failure = "the walls fill the whole body"
            continue
        return result, builder_images(builder)
    raise EngineError(f"shell with walls of {abs(thickness):g} mm failed: {failure}; thinner walls may do")


def _hollow(shape: Any, thickness: float) -> tuple[Any, Images]:
    def compute(inputs: list[Any], _: list[Any]) -> replay.Made:
        return replay.Made(*_emptied(inputs[0], thickness), sound=True)

    made = replay.operation("hollow", {"thickness_mm": thickness}, [shape], compute)
    return made.shape, made.images


def _emptied(shape: Any, thickness: float) -> tuple[Any, Images]:
    builder = BRepOffsetAPI_MakeOffsetShape()
    builder.PerformByJoin(
        shape,
        -thickness,
        _TOLERANCE_MM,
        BRepOffset_Mode.BRepOffset_Skin,
        False,
        False,
        GeomAbs_JoinType.GeomAbs_Intersection,
    )
    if not builder.IsDone():
        raise EngineError(f"hollow with walls of {abs(thickness):g} mm failed; thinner walls may do")
    inner = builder.Shape()
    if not shapes.solids(inner):
        shells = shapes.explore(inner, shapes.SHELL)
        if not shells:
            raise EngineError("hollow: the inside is empty; thinner walls may do")
        inner = BRepBuilderAPI_MakeSolid(TopoDS.Shell(shells[0])).Solid()
    if shapes.volume(inner) < 0:
        inner = inner.Reversed()
    outer, core = (shape, inner) if thickness > 0 else (inner, shape)
    return bool_ops.boolean("cut", [outer], [core])
