"""Fillets and chamfers on edges of a body."""

from __future__ import annotations

from typing import Any

from backend.engine.commands.references import find_edges
from backend.engine.errors import EngineError
from backend.engine.ids import derive
from backend.engine.kernel import edge_cutting, shapes
from backend.engine.kernel.history import carry
from backend.engine.protocol.dispatch import command
from backend.engine.protocol.fields import (
    angle,
    anything,
    boolean,
    edge_specifier,
    entities,
    entity,
    items,
    mapping,
    one_of,
    optional,
    positive,
)
from backend.engine.scene import Body, Scene


def cut_type(value: Any) -> edge_cutting.Cut:
    """{"fillet": {...}} or {"chamfer": {...}}; a custom profile is refused."""
    given = mapping(value)
    if len(given) != 1:
        raise EngineError(f"expected one kind of cut, got {sorted(given)}")
    kind, fields = next(iter(given.items()))
    fields = mapping(fields)
    if kind == "fillet":
        known = {"radius": positive, "second_length": optional(positive)}
    elif kind == "chamfer":
        known = {
            "distance": positive,
            "second_distance": optional(positive),
            "angle": optional(angle),
            "swap": optional(boolean),
        }
    else:
        raise EngineError(f"a {kind} edge cut is not supported; use a fillet or a chamfer", code="unsupported")
    unknown = [key for key, item in fields.items() if key not in known and item is not None]
    if unknown:
        raise EngineError(f"the {kind} field {unknown[0]!r} is not supported", code="unsupported")
    values = {key: reader(fields.get(key)) for key, reader in known.items()}
    if kind == "fillet":
        if values["second_length"] is not None and abs(values["second_length"] - values["radius"]) > 1e-9:
            raise EngineError("a fillet with a second length (conic) is not supported", code="unsupported")
        return edge_cutting.Cut("fillet", values["radius"])
    return edge_cutting.Cut(
        "chamfer", values["distance"], values["second_distance"], values["angle"], bool(values["swap"])
    )


_OPTIONS: dict[str, Any] = {
    "strategy": (one_of("basic", "csg", "automatic"), "automatic"),
    "extra_face_ids": (entities, []),
    "use_legacy": (boolean, False),
    "version": (anything, None),
    "tangent_chain": (boolean, False),
}


def apply(
    scene: Scene, cmd_id: str, body: Body, edges: list[Any], cut: edge_cutting.Cut, extra: list[str], chain: bool
) -> None:
    """Cuts the edges; each new face is named by its edge's id in the command."""
    edges = edge_cutting.distinct(edges)
    result, images, generated = edge_cutting.cut_edges(body.shape, edges, cut, chain)
    faces, kept = carry([body], images, result, gone_edges=_names(body, edges))
    named = [cmd_id, *extra]
    present = shapes.part_set(result, shapes.FACE)
    for number, edge in enumerate(edges):
        face_id = named[number] if number < len(named) else derive(cmd_id, "cut", number)
        made = [shapes.cast(key) for face in generated(edge) if (key := present.key(face)) is not None]
        if made:
            faces.setdefault(face_id, []).extend(made)
    body.set_shape(result, faces, kept)
    scene.claim(body)


def _names(body: Body, edges: list[Any]) -> list[str]:
    wanted = shapes.shape_set(edges)
    return [edge_id for edge_id, found in body.edges.items() if any(edge in wanted for edge in found)]


@command(
    "solid3d_cut_edges",
    {"object_id": entity, "edge_ids": entities, "cut_type": cut_type, "tolerance": positive},
    **_OPTIONS,
)
def cut_edges(
    scene: Scene,
    cmd_id: str,
    object_id: str,
    edge_ids: list[str],
    cut_type: edge_cutting.Cut,
    tolerance: float,
    strategy: str,
    extra_face_ids: list[str],
    use_legacy: bool,
    version: Any,
    tangent_chain: bool,
) -> None:
    body = scene.body(object_id)
    found = []
    for edge_id in edge_ids:
        owner, edges = scene.edge(edge_id, body)
        if owner is not body:
            raise EngineError(f"the edge {edge_id} is not an edge of the body {object_id}")
        found.extend(edges)
    apply(scene, cmd_id, body, found, cut_type, extra_face_ids, tangent_chain)


def _specifiers(value: Any) -> list[dict[str, Any]]:
    return [edge_specifier(item) for item in items(value)]


@command(
    "solid3d_cut_edge_references",
    {"object_id": entity, "edges_references": _specifiers, "cut_type": cut_type, "tolerance": positive},
    **_OPTIONS,
)
def cut_edge_references(
    scene: Scene,
    cmd_id: str,
    object_id: str,
    edges_references: list[dict[str, Any]],
    cut_type: edge_cutting.Cut,
    tolerance: float,
    strategy: str,
    extra_face_ids: list[str],
    use_legacy: bool,
    version: Any,
    tangent_chain: bool,
) -> None:
    body = scene.body(object_id)
    found = []
    for reference in edges_references:
        _, edges = find_edges(scene, reference)
        found.extend(edges)
    apply(scene, cmd_id, body, found, cut_type, extra_face_ids, tangent_chain)


@command(
    "solid3d_fillet_edge",
    {"object_id": entity, "radius": positive, "tolerance": positive},
    edge_id=(optional(entity), None),
    edge_ids=(entities, []),
    edges_references=(_specifiers, []),
    cut_type=(one_of("fillet", "chamfer"), "fillet"),
    **_OPTIONS,
)
def fillet_edge(
    scene: Scene,
    cmd_id: str,
    object_id: str,
    radius: float,
    tolerance: float,
    edge_id: str | None,
    edge_ids: list[str],
    edges_references: list[dict[str, Any]],
    cut_type: str,
    strategy: str,
    extra_face_ids: list[str],
    use_legacy: bool,
    version: Any,
    tangent_chain: bool,
) -> None:
    """The older form of an edge cut."""
    body = scene.body(object_id)
    found = [edge for item in [*edge_ids, *([edge_id] if edge_id else [])] for edge in scene.edge(item, body)[1]]
    for reference in edges_references:
        found.extend(find_edges(scene, reference)[1])
    apply(scene, cmd_id, body, found, edge_cutting.Cut(cut_type, radius), extra_face_ids, tangent_chain)
