"""Factored systems of equations, kept so that a changed load costs a substitution instead of a factorisation.

What is kept belongs to shape, bodies, materials, the kind of supports and the mesh's settings: a study that differs
only in its loads, its prescribed displacements' sizes, its heat, its regions or its limits finds the meshes and factors
of the one before. The meshes were refined for the earlier loads; their error under the new ones is estimated as
always, and they are refined further where it is too large. Contact without tension changes the system with the load,
so nothing of it is kept.

All meshes of a study are kept, or none: an error estimated over fewer meshes would be another one.

Bounded: :data:`MOST_STUDIES` studies, :data:`MOST_DOFS` unknowns in all (a factor of 100k unknowns holds some 0.6 GB);
the least recently used goes first.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.mesh import MeshInfo, Part
from backend.physics.fem.study import Study

FloatArray = npt.NDArray[np.float64]

MOST_STUDIES = 3
MOST_DOFS = 300_000


@dataclass
class System:
    """The equations of one mesh: everything about them that no load changes.

    ``free``: (unknowns,) mask; ``modes``: (6, unknowns) rigid motions; ``surface``, ``zones``, ``points`` (n, 3) and
    ``excluded`` (n,): where stress is read, and where it isn't assessed.
    """

    mesh: Any
    space: Any
    stiffness: Any
    factor: Any
    modes: FloatArray
    recovery: Any
    surface: Any
    zones: Any
    points: FloatArray
    excluded: npt.NDArray[np.bool_]
    near: list[npt.NDArray[np.bool_]]

    @property
    def dofs(self) -> int:
        """Number of unknowns."""
        return int(self.space.ndof)


@dataclass
class Kept:
    """The part and the systems of a study, coarse to fine."""

    part: Part
    info: MeshInfo
    systems: list[System] = field(default_factory=list)

    @property
    def dofs(self) -> int:
        """Unknowns of all systems."""
        return sum(system.dofs for system in self.systems)


_KEPT: OrderedDict[str, Kept] = OrderedDict()


def key_of(study: Study) -> str | None:
    """What a study's systems depend on, as a digest of contents; None where its system can't be kept."""
    if any(support.kind == "compression_only" for support in study.supports):
        return None
    held = [
        (s.kind, s.faces, s.edges, s.stiffness_n_mm3, s.normal_only, [c is None for c in s.displacement_mm])
        for s in study.supports
    ]
    patches = [(p.center_mm, p.radius_mm) for p in study.loads if p.kind == "patch_force"]
    said = [
        hashlib.sha256(Path(study.brep).read_bytes()).hexdigest(), study.solids, study.contact, study.order, held,
        asdict(study.material), {str(i): asdict(m) for i, m in study.materials.items()}, asdict(study.exclude), patches,
        dict(study.probes_mm), study.levels, study.max_dofs, study.mesh_size_mm,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def find(key: str | None) -> Kept | None:
    """What is kept under a key."""
    if key is None or key not in _KEPT:
        return None
    _KEPT.move_to_end(key)
    return _KEPT[key]


def keep(key: str | None, part: Part, info: MeshInfo, systems: list[System]) -> None:
    """Keeps the systems of a study, and lets go of the least recently used beyond the bounds."""
    if key is None:
        return
    _KEPT.pop(key, None)
    kept = Kept(part, info, systems)
    if systems and kept.dofs <= MOST_DOFS:
        _KEPT[key] = kept
    while len(_KEPT) > MOST_STUDIES or sum(item.dofs for item in _KEPT.values()) > MOST_DOFS:
        _KEPT.popitem(last=False)


def make_room(dofs: int) -> None:
    """Lets go of what is kept before a study of that size is factored anew, least recently used first."""
    while _KEPT and sum(item.dofs for item in _KEPT.values()) + dofs > MOST_DOFS:
        _KEPT.popitem(last=False)


def forget() -> None:
    """Lets go of everything."""
    _KEPT.clear()
