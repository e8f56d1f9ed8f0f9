"""What ``./brick bench physics`` runs in a worker with NGSolve: shapes, and statics with the values on every mesh."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ROOT / "tests" / "benchmarks" / "fem_cases" / "shapes.py"


def _shared_shapes() -> ModuleType:
    """The shapes that the tests use too, loaded from their file."""
    spec = importlib.util.spec_from_file_location("brick_bench_shapes", SHAPES)
    if spec is None or spec.loader is None:
        raise ImportError(f"{SHAPES} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sphere_octant(inner: float, outer: float) -> Any:
    """One eighth of a thick spherical shell, x, y, z >= 0."""
    from netgen.occ import Box, Pnt, Sphere

    shell = Sphere(Pnt(0, 0, 0), outer) - Sphere(Pnt(0, 0, 0), inner)
    return shell * Box(Pnt(0, 0, 0), Pnt(2 * outer, 2 * outer, 2 * outer))


def ring_stack(inner: float, outer: float, heights: list[float]) -> Any:
    """Quarters of rings on each other along z, x and y >= 0, that share the faces between them."""
    from netgen.occ import Box, Cylinder, Glue, Pnt, Z

    parts, low = [], 0.0
    for height in heights:
        ring = Cylinder(Pnt(0, 0, low), Z, outer, height) - Cylinder(Pnt(0, 0, low), Z, inner, height)
        parts.append(ring * Box(Pnt(0, 0, low), Pnt(2 * outer, 2 * outer, low + height)))
        low += height
    return Glue(parts)


def half_taper(length: float, root: float, tip: float, thickness: float) -> Any:
    """The upper half of a symmetric taper, y >= 0, its root on x = 0."""
    from netgen.occ import Face, Pnt, Segment, Wire, Z

    points = [Pnt(0, 0, 0), Pnt(length, 0, 0), Pnt(length, tip / 2, 0), Pnt(0, root / 2, 0)]
    outline = Wire([Segment(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)])
    return Face(outline).Extrude(thickness * Z)


def layers(length: float, width: float, heights: list[float]) -> Any:
    """Plates of these heights on each other along z, glued."""
    from netgen.occ import Box, Glue, Pnt

    parts, low = [], 0.0
    for height in heights:
        parts.append(Box(Pnt(0, 0, low), Pnt(length, width, low + height)))
        low += height
    return Glue(parts)


def disc_in_ring(radius: float, outer: float, height: float) -> Any:
    """Quarter of a disc (solid 0) in a ring (solid 1) about z, glued."""
    from netgen.occ import Box, Cylinder, Glue, Pnt, Z

    disc = Cylinder(Pnt(0, 0, 0), Z, radius, height)
    quarter = Box(Pnt(0, 0, 0), Pnt(2 * outer, 2 * outer, height))
    return Glue([disc * quarter, (Cylinder(Pnt(0, 0, 0), Z, outer, height) - disc) * quarter])


def ball_octant(radius: float) -> Any:
    """One eighth of a ball, x, y, z >= 0."""
    from netgen.occ import Box, Pnt, Sphere

    return Sphere(Pnt(0, 0, 0), radius) * Box(Pnt(0, 0, 0), Pnt(2 * radius, 2 * radius, 2 * radius))


def ellipse(long: float, short: float, thickness: float) -> Any:
    """Quarter of an elliptic plate with these half axes along x and y, x and y >= 0."""
    from netgen.occ import Axes, Box, Pnt, WorkPlane, X, Z

    plate = WorkPlane(Axes(Pnt(0, 0, 0), n=Z, h=X)).Ellipse(long, short).Face().Extrude(thickness * Z)
    return plate * Box(Pnt(0, 0, 0), Pnt(2 * long, 2 * short, thickness))


def z_section(length: float, web: float, flange: float, thickness: float) -> Any:
    """A Z profile along x by its middle lines: a web in the plane y = 0, flanges towards -y above and +y below."""
    from netgen.occ import Box, Pnt

    half, up = thickness / 2, web / 2
    parts = (
        Box(Pnt(0, -half, -up - half), Pnt(length, half, up + half)),
        Box(Pnt(0, -flange, up - half), Pnt(length, half, up + half)),
        Box(Pnt(0, -half, -up - half), Pnt(length, flange, -up + half)),
    )
    return parts[0] + parts[1] + parts[2]


OWN_SHAPES = (
    "sphere_octant", "ring_stack", "half_taper", "layers", "disc_in_ring", "ball_octant", "ellipse", "z_section",
)  # fmt: skip


def build(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Draws ``payload["shape"]`` with ``payload["arguments"]``, writes it to ``path``; returns its faces.

    Each face: ``index``, ``area`` mm2, and the corners ``low`` and ``high`` of its bounding box in mm, as read back.
    """
    from netgen.occ import OCCGeometry

    name = payload["shape"]
    draw = globals()[name] if name in OWN_SHAPES else getattr(_shared_shapes(), name)
    draw(**payload["arguments"]).WriteBrep(payload["path"])
    table = []
    for index, face in enumerate(dict.fromkeys(OCCGeometry(payload["path"]).shape.faces)):
        low, high = (list(corner) for corner in face.bounding_box)
        table.append({"index": index, "area": face.mass, "low": low, "high": high})
    return table


def static(study: dict[str, Any]) -> dict[str, Any]:
    """Linear statics; the result has ``probe_levels``, the probes on each mesh, beside the usual keys."""
    from backend.physics.fem.static import solve_levels
    from backend.physics.fem.study import read_study

    result, levels, _part = solve_levels(read_study(study))
    result["probe_levels"] = [level.probes for level in levels]
    return result
