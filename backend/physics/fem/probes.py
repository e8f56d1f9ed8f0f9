"""Values at named points: stress components, principal stresses, displacement.

A point on the boundary is read at the nearest node of the curved mesh when it is one (corners of the geometry always
are); elsewhere the field is evaluated in the element that holds the point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backend.physics.fem.errors import StudyError
from backend.physics.fem.reading import Vector
from backend.physics.fem.stress import COMPONENTS, StressField, principal, von_mises
from backend.physics.fem.surface import Surface


def probe(
    points: Mapping[str, Vector], mesh: Any, surface: Surface, stress: StressField, displacement: Any
) -> dict[str, dict[str, Any]]:
    """Values at each named point; raises :class:`StudyError` for a point outside the part."""
    found: dict[str, dict[str, Any]] = {}
    if not points:
        return found
    nodes = surface.points.reshape(-1, 3)
    scale = float(np.linalg.norm(nodes.max(axis=0) - nodes.min(axis=0)))
    on_surface = surface.evaluate(stress.field).reshape(-1, 6)
    moved = surface.evaluate(displacement).reshape(-1, 3)
    for name, point in points.items():
        target = np.array(point)
        distance = np.linalg.norm(nodes - target, axis=1)
        nearest = int(distance.argmin())
        if distance[nearest] < 1e-6 * scale:
            # The node belongs to several triangles; the recovered field is continuous, so any of them serves.
            components, shift, at = on_surface[nearest], moved[nearest], nodes[nearest]
        else:
            try:
                place = mesh(*point)
            except Exception:
                place = None
            if place is not None:
                components, shift, at = np.array(stress.field(place)), np.array(displacement(place)), target
            elif distance[nearest] < 0.02 * scale:
                components, shift, at = on_surface[nearest], moved[nearest], nodes[nearest]
            else:
                raise StudyError(
                    f"probes.{name} at {list(point)} is outside the part, {distance[nearest]:.3g} mm from its surface.",
                    "Move the probe onto or into the part.",
                )
        found[name] = {
            "at_mm": [float(c) for c in at],
            "stress_mpa": {key: float(value) for key, value in zip(COMPONENTS, components, strict=True)},
            "principal_mpa": [float(value) for value in principal(components)],
            "von_mises_mpa": float(von_mises(components)),
            "displacement_mm": [float(c) for c in shift],
        }
    return found


def probe_history(levels: Sequence[Mapping[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The last level's values, each with the von Mises stress of all levels."""
    return {
        name: {**values, "von_mises_levels_mpa": [level[name]["von_mises_mpa"] for level in levels]}
        for name, values in levels[-1].items()
    }
