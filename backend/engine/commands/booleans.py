"""Union, subtraction, intersection and splitting of bodies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.kernel import bool_ops, shapes
from backend.engine.kernel.history import Images, carry, untouched
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import boolean, entities, optional, positive
from backend.engine.scene import Body, Scene

_OPTIONS: dict[str, Any] = {"separate_bodies": (boolean, False), "use_legacy": (boolean, False)}


def _bodies(scene: Scene, ids: Sequence[str], what: str) -> list[Body]:
    found: list[Body] = []
    for body_id in ids:
        body = scene.body(body_id)
        if any(body is item for item in found):
            continue
        found.append(body)
    if not found:
        raise EngineError(f"{what}: no bodies are given")
    return found


def replace(
    scene: Scene, cmd_id: str, operands: Sequence[Body], result: Any, images: Images, separate: bool = False
) -> tuple[Body, list[str]]:
    """Puts the result in place of the operands; its ids are the operands' that survive.

    With ``separate`` each solid becomes a body of its own; the ids of the others are returned.
    """
    parts = shapes.solids(result)
    loose = [] if parts else [result]
    groups: list[Any] = [*parts, *loose] if separate and len(parts) > 1 else [result]
    first = operands[0]
    made: list[Body] = []
    for number, shape in enumerate(groups):
        body_id = cmd_id if number == 0 else derive(cmd_id, "part", number)
        faces, edges = carry(operands, images, shape)
        body = Body(body_id, shape, first.kind, faces, edges, origin=first.origin, color=first.color)
        body.name, body.material = first.name, dict(first.material)
        for operand in operands:
            body.frames.update({key: value for key, value in operand.frames.items() if key not in body.frames})
            body.copies.update(operand.copies)
            body.sweeps.extend(operand.sweeps)
        made.append(body)
    for operand in operands:
        scene.remove_body(operand, made[0])
    for body in made:
        scene.add_body(body)
    return made[0], [body.id for body in made[1:]]


def _reply(extra: list[str], touched: bool) -> dict[str, Any]:
    return {"extra_solid_ids": extra, "any_intersections": touched}


@command("boolean_union", {"solid_ids": entities, "tolerance": positive}, **_OPTIONS)
def union(
    scene: Scene, cmd_id: str, solid_ids: list[str], tolerance: float, separate_bodies: bool, use_legacy: bool
) -> dict[str, Any]:
    """One body of all that the solids fill. ``any_intersections`` is false where none of them touch."""
    operands = _bodies(scene, solid_ids, "union")
    if len(operands) == 1:
        result, images = operands[0].shape, (lambda shape: [shape])
    else:
        result, images = bool_ops.boolean("fuse", [operands[0].shape], [body.shape for body in operands[1:]])
    before = sum(len(shapes.solids(body.shape)) for body in operands)
    _, extra = replace(scene, cmd_id, operands, result, images, separate_bodies)
    return _reply(extra, len(shapes.solids(result)) < before)


@command("boolean_subtract", {"target_ids": entities, "tool_ids": entities, "tolerance": positive}, **_OPTIONS)
def subtract(
    scene: Scene,
    cmd_id: str,
    target_ids: list[str],
    tool_ids: list[str],
    tolerance: float,
    separate_bodies: bool,
    use_legacy: bool,
) -> dict[str, Any]:
    """The targets less the tools. Several targets give a body each; the tools are used up."""
    targets = _bodies(scene, target_ids, "subtract")
    tools = [tool for tool in _bodies(scene, tool_ids, "subtract") if not any(tool is body for body in targets)]
    if not tools:
        for target in targets:
            scene.remove_body(target)
        return _reply([], True)
    extra: list[str] = []
    touched = False
    results = []
    for target in targets:
        result, images = bool_ops.boolean("cut", [target.shape], [tool.shape for tool in tools])
        if not shapes.faces(result):
            raise EngineError("subtract: nothing is left of the target")
        touched = (
            touched
            or not all(untouched(images, face) for face in shapes.faces(target.shape))
            or _cavity(target.shape, result)
        )
        results.append((target, result, images))
    for number, (target, result, images) in enumerate(results):
        body_id = cmd_id if number == 0 and len(results) == 1 else derive(cmd_id, "target", number)
        _, more = replace(scene, body_id, [target, *tools], result, images, separate_bodies)
        if body_id != cmd_id:
            extra.append(body_id)
        extra.extend(more)
        if number + 1 < len(results):
            for tool in tools:
                scene.bodies.append(tool)
    return _reply(extra, touched)


def _cavity(before: Any, after: Any) -> bool:
    return len(shapes.explore(before, shapes.SHELL)) != len(shapes.explore(after, shapes.SHELL))


@command("boolean_intersection", {"solid_ids": entities, "tolerance": positive}, **_OPTIONS)
def intersection(
    scene: Scene, cmd_id: str, solid_ids: list[str], tolerance: float, separate_bodies: bool, use_legacy: bool
) -> dict[str, Any]:
    """What all the solids have in common."""
    operands = _bodies(scene, solid_ids, "intersect")
    result, images = operands[0].shape, (lambda shape: [shape])
    for body in operands[1:]:
        result, step = bool_ops.boolean("common", [result], [body.shape])
        images = _both(images, step)
        if not shapes.faces(result):
            raise EngineError("intersect: the bodies have nothing in common")
    _, extra = replace(scene, cmd_id, operands, result, images, separate_bodies)
    return _reply(extra, True)


def _both(first: Images, second: Images) -> Images:
    return lambda shape: [image for middle in first(shape) for image in second(middle)]


@command(
    "boolean_imprint",
    {"body_ids": entities, "tolerance": positive},
    tool_ids=(optional(entities), None),
    keep_tools=(boolean, False),
    **_OPTIONS,
)
def imprint(
    scene: Scene,
    cmd_id: str,
    body_ids: list[str],
    tolerance: float,
    tool_ids: list[str] | None,
    keep_tools: bool,
    separate_bodies: bool,
    use_legacy: bool,
) -> dict[str, Any]:
    """Splits bodies where others cross them; with ``separate_bodies`` each piece is a body of its own."""
    targets = _bodies(scene, body_ids, "split")
    tools = _bodies(scene, tool_ids, "split") if tool_ids else []
    if tools:
        result, images = bool_ops.boolean("split", [body.shape for body in targets], [t.shape for t in tools])
    else:
        result, images = bool_ops.boolean("split", [body.shape for body in targets], [b.shape for b in targets])
    pieces = _pieces(result)
    before = sum(max(1, len(_pieces(body.shape))) for body in targets)
    extra: list[str] = []
    made = []
    groups = pieces if separate_bodies and len(pieces) > 1 else [result]
    for number, shape in enumerate(groups):
        body_id = cmd_id if number == 0 else derive(cmd_id, "part", number)
        faces, edges = carry([*targets, *tools], images, shape)
        body = Body(body_id, shape, targets[0].kind, faces, edges, origin=targets[0].origin, color=targets[0].color)
        for source in (*targets, *tools):
            body.frames.update(source.frames)
            body.sweeps.extend(source.sweeps)
        made.append(body)
        if number:
            extra.append(body_id)
    for target in targets:
        scene.remove_body(target, made[0])
    for tool in tools:
        if not keep_tools:
            scene.remove_body(tool)
    for body in made:
        scene.add_body(body)
    return _reply(extra, len(pieces) > before or len(shapes.faces(result)) > sum(_faces(body) for body in targets))


def _faces(body: Body) -> int:
    return len(shapes.faces(body.shape))


def _pieces(shape: Any) -> list[Any]:
    found = shapes.solids(shape)
    if found:
        return found
    return shapes.explore(shape, shapes.SHELL) or shapes.faces(shape)
