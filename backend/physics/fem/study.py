"""The study: what is analysed, held and loaded, validated before anything heavy is imported.

A study arrives as plain JSON data (:func:`read_study`) and leaves as immutable records. Every refusal names the place
in the study (``loads[1].faces``), what was given and what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.physics.fem.errors import StudyError
from backend.physics.fem.material import Material, read_material, read_solid_materials
from backend.physics.fem.reading import (
    Vector,
    face_list,
    integer,
    known_fields,
    mapping,
    number,
    positive,
    sequence,
    vector,
)

SUPPORT_KINDS = ("fixed", "frictionless", "symmetry", "compression_only", "elastic", "displacement")
LOAD_KINDS = ("force", "pressure", "remote_force", "moment", "patch_force")


@dataclass(frozen=True)
class Support:
    """How faces are held.

    fixed: no displacement. frictionless (symmetry): no displacement along the normal. displacement: the given
    components in mm, None leaves one free. elastic: traction = -stiffness * displacement (N/mm3), along the normal only
    or in all directions. compression_only: frictionless contact with a rigid wall, which pushes but never pulls.
    A fixed or displacement support may hold edges instead, each named by the two faces that meet there; the stress at
    such a line is singular.
    """

    kind: str
    faces: tuple[int, ...]
    stiffness_n_mm3: float | None = None
    normal_only: bool = False
    displacement_mm: tuple[float | None, float | None, float | None] = (None, None, None)
    edges: tuple[tuple[int, int], ...] = ()

    @property
    def rigid(self) -> bool:
        """True where displacement itself is prescribed, so that the face's rim is a stress singularity."""
        return self.kind in ("fixed", "displacement")


@dataclass(frozen=True)
class Load:
    """What acts on faces.

    force: ``vector_n`` as uniform traction. pressure: ``pressure_mpa``, positive pushes into the body. remote_force:
    ``vector_n`` acting at ``point_mm``, as the linear traction that has exactly that force and moment. moment:
    ``moment_n_mm`` likewise. patch_force: ``vector_n`` spread over the part of the faces within ``radius_mm`` of
    ``center_mm``.
    """

    kind: str
    faces: tuple[int, ...]
    vector_n: Vector = (0.0, 0.0, 0.0)
    pressure_mpa: float = 0.0
    point_mm: Vector = (0.0, 0.0, 0.0)
    moment_n_mm: Vector = (0.0, 0.0, 0.0)
    center_mm: Vector = (0.0, 0.0, 0.0)
    radius_mm: float = 0.0


@dataclass(frozen=True)
class Spin:
    """Rotation at a steady speed about an axis through a point: every part of the body is flung outward."""

    speed_rad_s: float
    axis: Vector
    point_mm: Vector = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Preload:
    """A bolt: one solid, stretched along its axis until it carries ``force_n`` before other loads act."""

    solid: int
    force_n: float
    axis: Vector


@dataclass(frozen=True)
class Exclude:
    """Zones where the stress of the model means nothing for the real part.

    ``near_supports_mm``: distance from faces with prescribed displacement. ``near_singular_mm``: distance from
    edges where linear elasticity has no finite stress (rims of rigid supports, sharp re-entrant edges); None takes half
    the wall thickness.
    """

    near_supports_mm: float | None = None
    near_singular_mm: float | None = None


@dataclass(frozen=True)
class Thermal:
    """Temperature that strains the part: uniform, linear, or conducted as :mod:`.thermal` describes (``conditions``).

    ``linear``: degC at the origin, K/mm along x, y, z, and K/mm of the distance from the z axis.
    """

    reference_c: float
    uniform_c: float | None
    conditions: Mapping[str, Any]
    linear: tuple[float, Vector, float] | None = None


@dataclass(frozen=True)
class Study:
    """A validated study of linear statics. See :mod:`.static` for the plain form."""

    brep: str
    material: Material
    supports: tuple[Support, ...]
    loads: tuple[Load, ...]
    gravity_m_s2: Vector | None = None
    regions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    exclude: Exclude = Exclude()
    probes_mm: Mapping[str, Vector] = field(default_factory=dict)
    levels: int = 3
    error_target_rel: float | None = None
    decide_at_mpa: float | None = None
    order: int = 2
    budget_s: float = 12.0
    max_dofs: int = 120_000
    solids: tuple[int, ...] | None = None
    contact: str | None = None
    fields_path: str | None = None
    volume_path: str | None = None
    mesh_size_mm: float | None = None
    thermal: Thermal | None = None
    materials: Mapping[int, Material] = field(default_factory=dict)
    spin: Spin | None = None
    preloads: tuple[Preload, ...] = ()

    def material_of(self, solid: int) -> Material:
        """What a solid is made of."""
        return self.materials.get(solid, self.material)

    @property
    def orthotropic(self) -> bool:
        """Whether any solid is orthotropic."""
        return any(m.orthotropic is not None for m in (self.material, *self.materials.values()))

    @property
    def stiffest_mpa(self) -> float:
        """The largest Young's modulus, MPa: what penalties are measured by."""
        return max(m.youngs_modulus_mpa for m in (self.material, *self.materials.values()))

    def faces_used(self) -> dict[str, tuple[int, ...]]:
        """Every place in the study that names faces."""
        used = {f"supports[{i}].faces": s.faces for i, s in enumerate(self.supports)}
        used |= {f"loads[{i}].faces": load.faces for i, load in enumerate(self.loads)}
        used |= {f"regions.{name}": faces for name, faces in self.regions.items()}
        for i, support in enumerate(self.supports):
            used |= {f"supports[{i}].edges[{j}]": pair for j, pair in enumerate(support.edges)}
        return used


# --- reading ----------------------------------------------------------------------------------------------------------


def _read_support(data: Any, where: str) -> Support:
    data = mapping(data, where)
    known_fields(data, {"kind", "faces", "edges", "stiffness_n_mm3", "normal_only", "displacement_mm", "name"}, where)
    kind = data.get("kind")
    if kind not in SUPPORT_KINDS:
        raise StudyError(
            f"{where}.kind is {kind!r}; expected one of {', '.join(SUPPORT_KINDS)}.", "Choose one of them."
        )
    edges = tuple(
        _edge(pair, f"{where}.edges[{i}]") for i, pair in enumerate(sequence(data.get("edges"), f"{where}.edges"))
    )
    if edges and kind not in ("fixed", "displacement"):
        raise StudyError(f"{where} is {kind} on edges; only fixed and displacement hold edges.", "Name faces instead.")
    faces = () if edges and not data.get("faces") else face_list(data.get("faces"), f"{where}.faces")
    stiffness = data.get("stiffness_n_mm3")
    if stiffness is not None:
        stiffness = positive(stiffness, f"{where}.stiffness_n_mm3", "N/mm3")
    elif kind == "elastic":
        raise StudyError(f"{where} is elastic but has no stiffness_n_mm3.", "Give the bedding stiffness in N/mm3.")
    components: list[float | None] = [None, None, None]
    if kind == "displacement":
        given = data.get("displacement_mm")
        if not isinstance(given, Sequence) or len(given) != 3 or all(c is None for c in given):
            raise StudyError(
                f"{where}.displacement_mm is {given!r}; expected [x, y, z] with null for a free component.",
                "Give at least one component.",
            )
        components = [None if c is None else number(c, f"{where}.displacement_mm[{i}]") for i, c in enumerate(given)]
    return Support(
        "frictionless" if kind == "symmetry" else kind,
        faces,
        stiffness,
        bool(data.get("normal_only", False)),
        (components[0], components[1], components[2]),
        edges,
    )


def _edge(value: Any, where: str) -> tuple[int, int]:
    pair = face_list(value, where)
    if len(pair) != 2:
        raise StudyError(f"{where} is {value!r}; expected the two faces that meet at the edge.", "Give [face, face].")
    return (min(pair), max(pair))


def _read_load(data: Any, where: str) -> Load:
    data = mapping(data, where)
    known_fields(
        data,
        {"kind", "faces", "vector_n", "pressure_mpa", "point_mm", "moment_n_mm", "center_mm", "radius_mm", "name"},
        where,
    )
    kind = data.get("kind")
    if kind not in LOAD_KINDS:
        raise StudyError(f"{where}.kind is {kind!r}; expected one of {', '.join(LOAD_KINDS)}.", "Choose one of these.")
    faces = face_list(data.get("faces"), f"{where}.faces")
    zero: Vector = (0.0, 0.0, 0.0)
    has_force = kind in ("force", "remote_force", "patch_force")
    force = vector(data.get("vector_n"), f"{where}.vector_n") if has_force else zero
    pressure = number(data.get("pressure_mpa"), f"{where}.pressure_mpa") if kind == "pressure" else 0.0
    point = vector(data.get("point_mm"), f"{where}.point_mm") if kind == "remote_force" else zero
    moment = vector(data.get("moment_n_mm"), f"{where}.moment_n_mm") if kind == "moment" else zero
    center = vector(data.get("center_mm"), f"{where}.center_mm") if kind == "patch_force" else zero
    radius = positive(data.get("radius_mm"), f"{where}.radius_mm", "mm") if kind == "patch_force" else 0.0
    return Load(kind, faces, force, pressure, point, moment, center, radius)


def _read_exclude(data: Any) -> Exclude:
    data = mapping(data or {}, "exclude")
    known_fields(data, {"near_supports_mm", "near_singular_mm"}, "exclude")
    values: dict[str, float | None] = {}
    for key in ("near_supports_mm", "near_singular_mm"):
        value = data.get(key)
        if value is not None and number(value, f"exclude.{key}") < 0:
            raise StudyError(f"exclude.{key} is {value:g} mm; a distance can't be negative.", "Give 0 or more.")
        values[key] = None if value is None else float(value)
    return Exclude(values["near_supports_mm"], values["near_singular_mm"])


def read_brep_path(data: Mapping[str, Any]) -> str:
    """Path of the BREP file, which must exist."""
    path = data.get("brep")
    if not isinstance(path, str) or not path:
        raise StudyError(f"brep is {path!r}; expected the path of a .brep file.", "Compile the model first.")
    if not Path(path).is_file():
        raise StudyError(f"The model file {path} doesn't exist.", "Compile the model first, or correct the path.")
    return path


def read_solids(value: Any) -> tuple[int, ...] | None:
    """Indices of the solids to analyse, or None for the only one."""
    if value is None:
        return None
    good = isinstance(value, Sequence) and not isinstance(value, str) and len(value) > 0
    if not good or any(isinstance(i, bool) or not isinstance(i, int) or i < 0 for i in value):
        raise StudyError(f"solids is {value!r}; expected a list of solid indices from 0, or null.", "Correct solids.")
    return tuple(dict.fromkeys(value))


def read_study(data: Any) -> Study:
    """A validated :class:`Study` from plain data; raises :class:`StudyError` with the place that is wrong."""
    data = mapping(data, "study")
    known_fields(
        data,
        {
            "brep", "material", "gravity", "supports", "loads", "regions", "exclude", "levels", "order", "budget_s",
            "max_dofs", "solids", "contact", "fields_path", "mesh_size_mm", "probes", "thermal", "name",
            "error_target_rel", "decide_at_mpa", "materials", "spin", "preloads", "volume_path",
        },
        "study",
    )  # fmt: skip
    gravity = None if data.get("gravity") is None else vector(data["gravity"], "gravity")
    if gravity is not None and not any(gravity):
        gravity = None
    spin = _read_spin(data.get("spin"))
    preloads = tuple(
        _read_preload(p, f"preloads[{i}]") for i, p in enumerate(sequence(data.get("preloads"), "preloads"))
    )
    inertia = gravity is not None or spin is not None
    materials = read_solid_materials(data.get("materials"), needs_density=inertia)
    given = data.get("material")
    material = (
        next(iter(materials.values())) if given is None and materials else read_material(given, needs_density=inertia)
    )
    supports = tuple(
        _read_support(s, f"supports[{i}]") for i, s in enumerate(sequence(data.get("supports"), "supports"))
    )
    loads = tuple(_read_load(item, f"loads[{i}]") for i, item in enumerate(sequence(data.get("loads"), "loads")))
    if not supports:
        raise StudyError("The study has no supports.", "Say which faces are held, and how.")
    pushed = any(any(c for c in s.displacement_mm if c is not None) for s in supports)
    acting = any(any((*load.vector_n, *load.moment_n_mm, load.pressure_mpa)) for load in loads)
    thermal = _read_thermal(data.get("thermal"), (material, *materials.values()))
    if not (acting or thermal or inertia or pushed or preloads):
        raise StudyError(
            "The study has no load: loads are empty or all zero, and there is no gravity.",
            "Give a force, a pressure, a moment, gravity, or a prescribed displacement that isn't zero.",
        )
    if not (thermal or inertia or pushed or preloads):
        _refuse_idle_loads(supports, loads)
    contact = data.get("contact")
    if contact not in (None, "bonded"):
        raise StudyError(f"contact is {contact!r}; expected 'bonded' or null.", "Use 'bonded' to join touching solids.")
    regions = {
        str(name): face_list(faces, f"regions.{name}")
        for name, faces in mapping(data.get("regions") or {}, "regions").items()
    }
    mesh_size, target = data.get("mesh_size_mm"), data.get("error_target_rel")
    decide_at = data.get("decide_at_mpa")
    return Study(
        brep=read_brep_path(data),
        material=material,
        supports=supports,
        loads=loads,
        gravity_m_s2=gravity,
        regions=regions,
        exclude=_read_exclude(data.get("exclude")),
        probes_mm={
            str(name): vector(point, f"probes.{name}")
            for name, point in mapping(data.get("probes") or {}, "probes").items()
        },
        levels=integer(data.get("levels", 3), "levels", 1, 6),
        error_target_rel=None if target is None else positive(target, "error_target_rel", "parts of one"),
        decide_at_mpa=None if decide_at is None else positive(decide_at, "decide_at_mpa", "MPa"),
        order=integer(data.get("order", 2), "order", 1, 4),
        budget_s=positive(data.get("budget_s", 12.0), "budget_s", "s"),
        max_dofs=integer(data.get("max_dofs", 120_000), "max_dofs", 1_000, 5_000_000),
        solids=read_solids(data.get("solids")),
        contact=contact,
        fields_path=data.get("fields_path"),
        volume_path=data.get("volume_path"),
        mesh_size_mm=None if mesh_size is None else positive(mesh_size, "mesh_size_mm", "mm"),
        thermal=thermal,
        materials=materials,
        spin=spin,
        preloads=preloads,
    )


def _refuse_idle_loads(supports: Sequence[Support], loads: Sequence[Load]) -> None:
    """Raises :class:`StudyError` where every loaded face is held in all directions: nothing would be strained."""
    held = {
        face
        for support in supports
        if support.kind == "fixed" or all(c is not None for c in support.displacement_mm)
        for face in support.faces
    }
    used = [
        (index, load) for index, load in enumerate(loads) if any((*load.vector_n, *load.moment_n_mm, load.pressure_mpa))
    ]
    if held.issuperset(face for _, load in used for face in load.faces):
        names = " and ".join(f"loads[{index}]" for index, _ in used)
        faces = sorted({face for _, load in used for face in load.faces})
        raise StudyError(
            f"{names} act only on faces that the supports hold ({', '.join(map(str, faces))}): "
            "they go straight into the supports and strain nothing.",
            "Load other faces, or hold others.",
        )


def _read_spin(data: Any) -> Spin | None:
    if data is None:
        return None
    data = mapping(data, "spin")
    known_fields(data, {"speed_rad_s", "axis", "point_mm"}, "spin")
    speed = positive(data.get("speed_rad_s"), "spin.speed_rad_s", "rad/s")
    return Spin(speed, _unit(data.get("axis"), "spin.axis"), vector(data.get("point_mm", (0, 0, 0)), "spin.point_mm"))


def _read_preload(data: Any, where: str) -> Preload:
    data = mapping(data, where)
    known_fields(data, {"solid", "force_n", "axis"}, where)
    solid = integer(data.get("solid"), f"{where}.solid", 0, 10_000)
    return Preload(
        solid, positive(data.get("force_n"), f"{where}.force_n", "N"), _unit(data.get("axis"), f"{where}.axis")
    )


def _unit(value: Any, where: str) -> Vector:
    given = vector(value, where)
    size = sum(c * c for c in given) ** 0.5
    if size == 0:
        raise StudyError(f"{where} is zero; expected a direction.", f"Give {where} as [x, y, z].")
    return (given[0] / size, given[1] / size, given[2] / size)


def _read_thermal(data: Any, materials: Sequence[Material]) -> Thermal | None:
    if data is None:
        return None
    data = mapping(data, "thermal")
    conditions = {key: value for key, value in data.items() if key not in ("reference_c", "uniform_c", "linear")}
    if any(m.thermal_expansion_1_k is None for m in materials):
        raise StudyError("The material has no thermal_expansion_1_k, which thermal stress needs.", "Give it, in 1/K.")
    uniform = data.get("uniform_c")
    if sum((uniform is not None, data.get("linear") is not None, bool(conditions))) != 1:
        raise StudyError(
            "thermal needs either uniform_c, linear or boundary conditions, not several.",
            "Give uniform_c, or linear, or temperatures, convection, radiation, heat, flux, source_w.",
        )
    if conditions and any(m.thermal_conductivity is None for m in materials):
        raise StudyError("The material has no thermal_conductivity_w_m_k.", "Give it, in W/(m K).")
    reference = number(data.get("reference_c"), "thermal.reference_c", "the temperature without stress, in degC")
    linear = None
    if data.get("linear") is not None:
        given = mapping(data["linear"], "thermal.linear")
        known_fields(given, {"at_origin_c", "per_mm", "radial_per_mm"}, "thermal.linear")
        linear = (
            number(given.get("at_origin_c"), "thermal.linear.at_origin_c"),
            vector(given.get("per_mm", (0, 0, 0)), "thermal.linear.per_mm"),
            number(given.get("radial_per_mm", 0.0), "thermal.linear.radial_per_mm"),
        )
    return Thermal(reference, None if uniform is None else number(uniform, "thermal.uniform_c"), conditions, linear)
