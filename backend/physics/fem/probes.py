"""Values at named points: stress components, principal stresses, displacement.

A point on the boundary is read at the nearest node of the curved mesh when it is one (corners of the geometry always
are); elsewhere the field is evaluated in the element that holds the point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.assess import Estimate, estimate, with_local_error
from backend.physics.fem.errors import StudyError
from backend.physics.fem.reading import Vector
from backend.physics.fem.stress import COMPONENTS, StressField, principal, von_mises
from backend.physics.fem.surface import Surface

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """Where a probe reads: a node of the surface (index into its flattened points) or a point inside."""

    node: int | None
    inside: Any
    at_mm: FloatArray

    def value(self, field: Any, on_surface: FloatArray) -> FloatArray:
        """Components of a continuous field, (c,); ``on_surface``: its values (elements, 6, c)."""
        if self.node is not None:
            # The node belongs to several triangles; the field is continuous, so any of them serves.
            return np.asarray(on_surface.reshape(-1, on_surface.shape[-1])[self.node])
        return np.array(field(self.inside), dtype=float)


def locate(name: str, point: Vector, mesh: Any, surface: Surface) -> Place:
    """The place of a probe; raises :class:`StudyError` for a point outside the part."""
    nodes = surface.points.reshape(-1, 3)
    scale = float(np.linalg.norm(nodes.max(axis=0) - nodes.min(axis=0)))
    target = np.array(point)
    distance = np.linalg.norm(nodes - target, axis=1)
    nearest = int(distance.argmin())
    if distance[nearest] < 1e-6 * scale:
        return Place(nearest, None, nodes[nearest])
    inside = mesh(*point)
    if inside.nr >= 0:
        return Place(None, inside, target)
    if distance[nearest] < 0.02 * scale:
        return Place(nearest, None, nodes[nearest])
    raise StudyError(
        f"probes.{name} at {list(point)} is outside the part, {distance[nearest]:.3g} mm from its surface.",
        "Move the probe onto or into the part.",
    )


def probe(
    points: Mapping[str, Vector], mesh: Any, surface: Surface, stress: StressField, displacement: Any
) -> dict[str, dict[str, Any]]:
    """Values at each named point; raises :class:`StudyError` for a point outside the part."""
    found: dict[str, dict[str, Any]] = {}
    if not points:
        return found
    on_surface = surface.evaluate(stress.field)
    moved = surface.evaluate(displacement)
    for name, point in points.items():
        place = locate(name, point, mesh, surface)
        components, shift = place.value(stress.field, on_surface), place.value(displacement, moved)
        at = place.at_mm
        found[name] = {
            "at_mm": [float(c) for c in at],
            "stress_mpa": {key: float(value) for key, value in zip(COMPONENTS, components, strict=True)},
            "principal_mpa": [float(value) for value in principal(components)],
            "von_mises_mpa": float(von_mises(components)),
            "displacement_mm": [float(c) for c in shift],
        }
    return found


def with_errors(levels: Sequence[Mapping[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The last level's values with their estimated errors, by the rules of :mod:`.assess`.

    ``levels``: probes of each mesh; the last one's hold ``local_error_rel``. Adds ``von_mises_error_mpa``,
    ``stress_error_mpa`` {component}, ``principal_error_mpa`` [ascending], ``displacement_error_mm`` (of the length),
    ``displacement_errors_mm`` [x, y, z].
    A component may be small beside the others: its local error and the least one claimed are those of the largest of
    the principal stresses and von Mises stress at the point, and of the displacement's length.
    """
    found = {}
    for name, last in probe_history(levels).items():
        rows = [level[name] for level in levels]
        local = last["local_error_rel"]
        stress_scale = max(last["von_mises_mpa"], *(abs(value) for value in last["principal_mpa"]))
        lengths = [float(np.linalg.norm(row["displacement_mm"])) for row in rows]
        found[name] = {
            **last,
            "von_mises_error_mpa": with_local_error(estimate(last["von_mises_levels_mpa"]), local).error,
            "stress_error_mpa": {
                key: with_local_error(_of([row["stress_mpa"][key] for row in rows], stress_scale), local).error
                for key in COMPONENTS
            },
            "principal_error_mpa": [
                with_local_error(_of([row["principal_mpa"][i] for row in rows], stress_scale), local).error
                for i in range(3)
            ],
            # No displacement is claimed to better than half a per cent (as the largest one, in :mod:`.static`).
            "displacement_error_mm": estimate(lengths, 0.005).error,
            "displacement_errors_mm": [
                max(_of([row["displacement_mm"][axis] for row in rows], lengths[-1]).error, 0.005 * lengths[-1])
                for axis in range(3)
            ],
        }
    return found


def _of(values: Sequence[float], scale: float) -> Estimate:
    """The error of a component, as one of ``scale``, the size of the whole."""
    error = estimate(values).error if len(values) > 1 else estimate([scale]).error
    return Estimate(scale, error, True)


def probe_history(levels: Sequence[Mapping[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The last level's values, each with the von Mises stress of all levels."""
    return {
        name: {**values, "von_mises_levels_mpa": [level[name]["von_mises_mpa"] for level in levels]}
        for name, values in levels[-1].items()
    }
