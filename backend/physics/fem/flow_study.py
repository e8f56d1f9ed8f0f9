"""Reading of flow studies; :mod:`.flow` describes the plain form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import reading
from backend.physics.fem.errors import StudyError
from backend.physics.fem.study import read_brep_path, read_solids

FloatArray = npt.NDArray[np.float64]

DRIVES = ("velocity_m_s", "flow_m3_s", "mass_flow_kg_s", "pressure_pa")


@dataclass(frozen=True)
class Opening:
    """Where fluid comes in or leaves: ``value`` of ``drive`` (one of :data:`DRIVES`); profile developed or uniform."""

    kind: str  # inlet or outlet
    faces: tuple[int, ...]
    drive: str
    value: float
    profile: str = "developed"

    @property
    def prescribed(self) -> bool:
        """Whether the velocity is given, not the pressure."""
        return self.drive != "pressure_pa"


@dataclass(frozen=True)
class Motion:
    """How faces move: at a velocity, m/s, and turning by a spin, rad/s, right-handed about its axis through a point."""

    velocity_m_s: reading.Vector
    spin_rad_s: reading.Vector = (0.0, 0.0, 0.0)
    point_mm: reading.Vector = (0.0, 0.0, 0.0)

    @property
    def turns(self) -> bool:
        """Whether its velocity differs from place to place."""
        return any(self.spin_rad_s)

    @property
    def moves(self) -> bool:
        """Whether it is anything but rest."""
        return any(self.velocity_m_s) or self.turns

    def speeds_m_s(self, points_mm: FloatArray) -> FloatArray:
        """Speed at points, (n, 3) mm."""
        turning = np.cross(np.array(self.spin_rad_s), points_mm - np.array(self.point_mm)) * 1e-3
        return np.asarray(np.linalg.norm(np.array(self.velocity_m_s) + turning, axis=1))


@dataclass(frozen=True)
class FlowStudy:
    """A validated study. ``velocities``: (faces, motion) of faces whose velocity is given; ``axes``: (point mm, unit
    vector) about which the torque on a region is wanted.
    """

    brep: str
    density_kg_m3: float
    viscosity_pa_s: float
    openings: tuple[Opening, ...]
    velocities: tuple[tuple[tuple[int, ...], Motion], ...]
    sliding: tuple[int, ...]  # which of them are walls, and must move along themselves
    symmetry: tuple[int, ...]
    regions: Mapping[str, tuple[int, ...]]
    axes: Mapping[str, tuple[reading.Vector, reading.Vector]]
    probes_mm: Mapping[str, reading.Vector]
    reference: Mapping[str, float] | None
    plane_face: int | None
    levels: int
    error_target_rel: float | None
    order: int
    max_dofs: int
    solids: tuple[int, ...] | None
    mesh_size_mm: float | None
    fields_path: str | None

    def faces_used(self) -> dict[str, tuple[int, ...]]:
        """Every place in the study that names faces."""
        counts: dict[str, int] = {}
        used: dict[str, tuple[int, ...]] = {}
        for opening in self.openings:
            index = counts.get(opening.kind, 0)
            counts[opening.kind] = index + 1
            used[f"{opening.kind}s[{index}].faces"] = opening.faces
        used |= {f"velocities[{i}].faces": faces for i, (faces, _) in enumerate(self.velocities)}
        used |= {"symmetry": self.symmetry} if self.symmetry else {}
        return used


def read_flow_study(data: Any) -> FlowStudy:
    """A validated study; raises :class:`StudyError` naming the place."""
    data = reading.mapping(data, "study")
    known = {
        "brep", "fluid", "inlets", "outlets", "velocities", "symmetry", "regions", "axes", "probes", "reference",
        "plane_face", "levels", "error_target_rel", "order", "max_dofs", "solids", "mesh_size_mm", "fields_path",
        "name",
    }  # fmt: skip
    reading.known_fields(data, known, "study")
    fluid = reading.mapping(data.get("fluid"), "fluid")
    for key in ("density_kg_m3", "dynamic_viscosity_pa_s"):
        if fluid.get(key) is None:
            raise StudyError(f"The fluid has no {key}.", f"Give {key} at the temperature of the flow.")
    openings = [
        *(_opening(item, "inlet", i) for i, item in enumerate(reading.sequence(data.get("inlets"), "inlets"))),
        *(_opening(item, "outlet", i) for i, item in enumerate(reading.sequence(data.get("outlets"), "outlets"))),
    ]
    velocities: list[tuple[tuple[int, ...], Motion]] = []
    sliding: list[int] = []
    for index, item in enumerate(reading.sequence(data.get("velocities"), "velocities")):
        where = f"velocities[{index}]"
        item = reading.mapping(item, where)
        reading.known_fields(item, {"faces", "velocity_m_s", "rotation", "wall", "name"}, where)
        faces = reading.face_list(item.get("faces"), f"{where}.faces")
        if item.get("wall"):
            sliding.append(index)
        velocities.append((faces, _motion(item, where)))
        if data.get("plane_face") is not None and any(velocities[-1][1].spin_rad_s[:2]):
            raise StudyError(f"{where} turns about another axis than z, about which a plane flow turns.",
                             "Give the axis [0, 0, 1].")  # fmt: skip
    _check_driven(openings, velocities)
    symmetry = data.get("symmetry")
    regions = {
        str(name): reading.face_list(faces, f"regions.{name}")
        for name, faces in reading.mapping(data.get("regions") or {}, "regions").items()
    }
    plane, size, path = data.get("plane_face"), data.get("mesh_size_mm"), data.get("fields_path")
    target = data.get("error_target_rel")
    if plane is not None and path:
        raise StudyError("fields_path is given for a plane flow, which has no surface.", "Leave fields_path out.")
    study = FlowStudy(
        brep=read_brep_path(data),
        density_kg_m3=reading.positive(fluid["density_kg_m3"], "fluid.density_kg_m3", "kg/m3"),
        viscosity_pa_s=reading.positive(fluid["dynamic_viscosity_pa_s"], "fluid.dynamic_viscosity_pa_s", "Pa s"),
        openings=tuple(openings),
        velocities=tuple(velocities),
        sliding=tuple(sliding),
        symmetry=() if not symmetry else reading.face_list(symmetry, "symmetry"),
        regions=regions,
        axes=_axes(data.get("axes"), regions, plane is not None),
        probes_mm={
            str(n): reading.vector(p, f"probes.{n}")
            for n, p in reading.mapping(data.get("probes") or {}, "probes").items()
        },
        reference=_reference(data.get("reference")),
        plane_face=None if plane is None else reading.integer(plane, "plane_face", 0, 1_000_000),
        levels=reading.integer(data.get("levels", 2), "levels", 1, 6),
        error_target_rel=None if target is None else reading.positive(target, "error_target_rel", "parts of one"),
        order=reading.integer(data.get("order", 2), "order", 2, 4),
        max_dofs=reading.integer(data.get("max_dofs", 30_000), "max_dofs", 500, 2_000_000),
        solids=read_solids(data.get("solids")),
        mesh_size_mm=None if size is None else reading.positive(size, "mesh_size_mm", "mm"),
        fields_path=path,
    )
    seen: dict[int, str] = {}
    for where, faces in study.faces_used().items():
        for face in faces:
            if face in seen:
                raise StudyError(f"Face {face} is in {seen[face]} and in {where}.", "Name each face once.")
            seen[face] = where
    return study


def _opening(data: Any, kind: str, index: int) -> Opening:
    where = f"{kind}s[{index}]"
    data = reading.mapping(data, where)
    reading.known_fields(data, {"faces", "profile", "name", *DRIVES}, where)
    given = [key for key in DRIVES if data.get(key) is not None]
    if kind == "outlet" and not given:
        given, data = ["pressure_pa"], {**data, "pressure_pa": 0.0}
    if len(given) != 1:
        raise StudyError(
            f"{where} gives {', '.join(given) or 'nothing'}; expected one of {', '.join(DRIVES)}.", "Give one of them."
        )
    value = reading.number(data[given[0]], f"{where}.{given[0]}")
    if given[0] != "pressure_pa" and value <= 0:
        raise StudyError(f"{where}.{given[0]} is {value:g}; the direction is {kind}'s own.", "Give it above zero.")
    profile = data.get("profile", "developed")
    if profile not in ("developed", "uniform"):
        raise StudyError(f"{where}.profile is {profile!r}; expected developed or uniform.", "Choose one of them.")
    return Opening(kind, reading.face_list(data.get("faces"), f"{where}.faces"), given[0], value, str(profile))


def _motion(data: Mapping[str, Any], where: str) -> Motion:
    given = [key for key in ("velocity_m_s", "rotation") if data.get(key) is not None]
    if len(given) != 1:
        raise StudyError(f"{where} gives {' and '.join(given) or 'neither'}; expected velocity_m_s or rotation.",
                         "Give one of them.")  # fmt: skip
    if given == ["velocity_m_s"]:
        return Motion(reading.vector(data["velocity_m_s"], f"{where}.velocity_m_s"))
    where = f"{where}.rotation"
    turn = reading.mapping(data["rotation"], where)
    reading.known_fields(turn, {"speed_rad_s", "axis", "point_mm"}, where)
    axis = _direction(turn.get("axis"), f"{where}.axis")
    speed = reading.number(turn.get("speed_rad_s"), f"{where}.speed_rad_s")
    point = reading.vector(turn.get("point_mm", [0, 0, 0]), f"{where}.point_mm")
    return Motion((0.0, 0.0, 0.0), (speed * axis[0], speed * axis[1], speed * axis[2]), point)


def _direction(value: Any, where: str) -> reading.Vector:
    vector = reading.vector(value, where)
    length = math.hypot(*vector)
    if not length:
        raise StudyError(f"{where} is zero.", "Give its direction, such as [0, 0, 1].")
    return vector[0] / length, vector[1] / length, vector[2] / length


def _axes(data: Any, regions: Mapping[str, Any], plane: bool) -> dict[str, tuple[reading.Vector, reading.Vector]]:
    found: dict[str, tuple[reading.Vector, reading.Vector]] = {}
    for name, item in reading.mapping(data or {}, "axes").items():
        where = f"axes.{name}"
        if name not in regions:
            raise StudyError(f"{where} names no region.", "Give the region's faces in regions.")
        item = reading.mapping(item, where)
        reading.known_fields(item, {"axis", "point_mm"}, where)
        axis = _direction(item.get("axis"), f"{where}.axis")
        if plane and abs(axis[2]) < 1 - 1e-9:
            raise StudyError(f"{where}.axis isn't z, about which a plane flow turns.", "Give [0, 0, 1].")
        found[str(name)] = (reading.vector(item.get("point_mm", [0, 0, 0]), f"{where}.point_mm"), axis)
    return found


def _check_driven(openings: list[Opening], velocities: list[tuple[Any, Motion]]) -> None:
    if not openings and not any(motion.moves for _, motion in velocities):
        raise StudyError("Nothing moves the fluid: no inlets and no velocities.", "Give an inlet with its flow.")
    if any(o.kind == "inlet" for o in openings) and not any(o.kind == "outlet" for o in openings):
        raise StudyError("The study has an inlet but no outlet: an incompressible fluid must leave.", "Give outlets.")
    pressures = [o.value for o in openings if not o.prescribed]
    if openings and not any(o.prescribed for o in openings) and not velocities and len(set(pressures)) < 2:
        raise StudyError("All openings have the same pressure: nothing flows.", "Give different pressures or a flow.")
    if openings and not pressures:
        raise StudyError("Every opening prescribes its flow, so that they can contradict each other.",
                         "Give one outlet by its pressure.")  # fmt: skip


def _reference(data: Any) -> dict[str, float] | None:
    if data is None:
        return None
    data = reading.mapping(data, "reference")
    reading.known_fields(data, {"velocity_m_s", "area_mm2", "length_mm"}, "reference")
    units = {"velocity_m_s": "m/s", "area_mm2": "mm2", "length_mm": "mm"}
    return {key: reading.positive(data.get(key), f"reference.{key}", unit) for key, unit in units.items()}
