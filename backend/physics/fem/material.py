"""Linear elastic materials, isotropic and orthotropic, and which solid is made of which.

Components are ordered xx, xy, xz, yy, yz, zz throughout; shear strains are engineering strains (twice the tensor's) in
the 6 x 6 matrices. Orthotropic stiffness by compliance: Jones, Mechanics of Composite Materials, 2nd ed., section 2.4;
the change of axes is done on the fourth-order tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.curve import Curve, read_curve
from backend.physics.fem.errors import StudyError
from backend.physics.fem.reading import known_fields, mapping, number, positive, vector

if TYPE_CHECKING:
    from backend.physics.fem.study import Study

FloatArray = npt.NDArray[np.float64]

PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


@dataclass(frozen=True)
class Orthotropic:
    """Nine constants along material axes 1, 2, 3 (MPa), and the axes as rows of a rotation (3, 3)."""

    e_mpa: tuple[float, float, float]
    g_mpa: tuple[float, float, float]  # g12, g13, g23
    nu: tuple[float, float, float]  # nu12, nu13, nu23
    axes: tuple[tuple[float, float, float], ...]

    def compliance(self) -> FloatArray:
        """(6, 6) compliance in the material's own axes, order 11, 12, 13, 22, 23, 33."""
        (e1, e2, e3), (g12, g13, g23), (nu12, nu13, nu23) = self.e_mpa, self.g_mpa, self.nu
        s = np.zeros((6, 6))
        s[0, 0], s[3, 3], s[5, 5] = 1 / e1, 1 / e2, 1 / e3
        s[0, 3] = s[3, 0] = -nu12 / e1
        s[0, 5] = s[5, 0] = -nu13 / e1
        s[3, 5] = s[5, 3] = -nu23 / e2
        s[1, 1], s[2, 2], s[4, 4] = 1 / g12, 1 / g13, 1 / g23
        return s

    def stiffness(self) -> FloatArray:
        """(6, 6) stiffness in the global axes, MPa."""
        local = np.linalg.inv(self.compliance())
        tensor = np.zeros((3, 3, 3, 3))
        for a, (i, j) in enumerate(PAIRS):
            for b, (k, m) in enumerate(PAIRS):
                tensor[i, j, k, m] = tensor[j, i, k, m] = tensor[i, j, m, k] = tensor[j, i, m, k] = local[a, b]
        turn = np.array(self.axes)  # rows: material axes in global components
        turned = np.einsum("ai,bj,ck,dm,abcd->ijkm", turn, turn, turn, turn, tensor)
        return np.array([[turned[(*one, *two)] for two in PAIRS] for one in PAIRS])


@dataclass(frozen=True)
class Material:
    """Linear elastic material. Density in kg/m3, modulus and yield in MPa, conductivity in W/(m K).

    With ``orthotropic`` the modulus is the largest of its three and Poisson's ratio is not used.
    """

    name: str
    youngs_modulus_mpa: float
    poisson_ratio: float
    density_kg_m3: float | None = None
    yield_mpa: float | None = None
    thermal_expansion_1_k: float | None = None
    thermal_conductivity: Curve | None = None
    orthotropic: Orthotropic | None = None

    @property
    def lame_lambda_mpa(self) -> float:
        """First Lame parameter, MPa."""
        e, nu = self.youngs_modulus_mpa, self.poisson_ratio
        return e * nu / ((1 + nu) * (1 - 2 * nu))

    @property
    def shear_modulus_mpa(self) -> float:
        """Shear modulus (second Lame parameter), MPa."""
        return self.youngs_modulus_mpa / (2 * (1 + self.poisson_ratio))

    @property
    def density_kg_mm3(self) -> float:
        """Density in kg/mm3, so that times m/s^2 it is N/mm3. Zero where the study needs none."""
        return (self.density_kg_m3 or 0.0) * 1e-9

    def stiffness(self) -> FloatArray:
        """(6, 6) stiffness, MPa."""
        if self.orthotropic is not None:
            return self.orthotropic.stiffness()
        lam, mu = self.lame_lambda_mpa, self.shear_modulus_mpa
        c = np.diag([2 * mu, mu, mu, 2 * mu, mu, 2 * mu])
        for i in (0, 3, 5):
            for j in (0, 3, 5):
                c[i, j] += lam
        return c


# --- reading ----------------------------------------------------------------------------------------------------------


def read_material(data: Any, *, needs_density: bool = False) -> Material:
    """Material from plain data; refuses values that no solid has.

    Bounds: E > 0; -1 < nu < 0.5 is thermodynamic stability; nu > 0.495 is refused because displacement elements lock.
    An orthotropic one must have a positive definite compliance.
    """
    data = mapping(data, "material")
    where = f"material {data.get('name', '')!r}"
    orthotropic = read_orthotropic(data.get("orthotropic"), where)
    if orthotropic is not None:
        modulus, poisson = max(orthotropic.e_mpa), 0.3
    else:
        for key in ("youngs_modulus_mpa", "poisson_ratio"):
            if data.get(key) is None:
                raise StudyError(f"{where} has no {key}.", f"Give {key}, or choose a material whose value is known.")
        modulus = positive(data["youngs_modulus_mpa"], f"{where}: youngs_modulus_mpa", "MPa")
        poisson = number(data["poisson_ratio"], f"{where}: poisson_ratio")
    if not -1.0 < poisson <= 0.495:
        raise StudyError(
            f"{where}: poisson_ratio is {poisson:g}; expected above -1 and at most 0.495.",
            "Check the value. Nearly incompressible materials (rubber) aren't covered by this study.",
        )
    density = data.get("density_kg_m3")
    if density is not None:
        density = positive(density, f"{where}: density_kg_m3", "kg/m3")
    elif needs_density:
        raise StudyError(f"{where} has no density_kg_m3, which self weight needs, and inertia.", "Give density_kg_m3.")
    strength = data.get("yield_mpa")
    if strength is not None:
        strength = positive(strength, f"{where}: yield_mpa", "MPa")
    expansion = data.get("thermal_expansion_1_k")
    if expansion is not None:
        expansion = number(expansion, f"{where}: thermal_expansion_1_k")
    conductivity = data.get("thermal_conductivity_w_m_k")
    if conductivity is not None:
        conductivity = read_curve(conductivity, f"{where}: thermal_conductivity_w_m_k", "W/(m K)")
    return Material(
        str(data.get("name", "")), modulus, poisson, density, strength, expansion, conductivity, orthotropic
    )


def read_orthotropic(data: Any, where: str) -> Orthotropic | None:
    """Orthotropic constants from {e_mpa [3], g_mpa [g12, g13, g23], nu [nu12, nu13, nu23], axis_1, axis_2}."""
    if data is None:
        return None
    where = f"{where}: orthotropic"
    data = mapping(data, where)
    known_fields(data, {"e_mpa", "g_mpa", "nu", "axis_1", "axis_2"}, where)
    e, g, nu = (vector(data.get(key), f"{where}.{key}") for key in ("e_mpa", "g_mpa", "nu"))
    if min(*e, *g) <= 0:
        raise StudyError(f"{where}: a modulus is {min(*e, *g):g} MPa; it must be above zero.", "Correct it.")
    one = np.array(vector(data.get("axis_1", (1, 0, 0)), f"{where}.axis_1"))
    two = np.array(vector(data.get("axis_2", (0, 1, 0)), f"{where}.axis_2"))
    three = np.cross(one, two)
    if not np.linalg.norm(three) > 1e-6 * np.linalg.norm(one) * np.linalg.norm(two):
        raise StudyError(f"{where}: axis_1 and axis_2 point the same way.", "Give two directions at right angles.")
    if abs(float(one @ two)) > 1e-3 * float(np.linalg.norm(one) * np.linalg.norm(two)):
        raise StudyError(f"{where}: axis_1 and axis_2 aren't at right angles.", "Give two directions at right angles.")
    axes = [axis / np.linalg.norm(axis) for axis in (one, np.cross(three, one), three)]
    found = Orthotropic(e, g, nu, tuple((float(a[0]), float(a[1]), float(a[2])) for a in axes))
    if np.linalg.eigvalsh(found.compliance()).min() <= 0:
        raise StudyError(
            f"{where}: these constants give no stable material (the compliance isn't positive definite).",
            "Check Poisson's ratios: |nu_ij| must be below sqrt(E_i / E_j).",
        )
    return found


def read_solid_materials(data: Any, *, needs_density: bool) -> dict[int, Material]:
    """Materials by solid index from {index (as text or number): material}."""
    found: dict[int, Material] = {}
    for key, value in mapping(data or {}, "materials").items():
        try:
            index = int(key)
        except (TypeError, ValueError):
            raise StudyError(f"materials.{key} is no solid's number.", "Number the solids from 0.") from None
        found[index] = read_material(value, needs_density=needs_density)
    return found


# --- fields over the solids of a mesh ---------------------------------------------------------------------------------


def solid_of(name: str) -> int:
    """The solid's index in the file, from the name of its mesh region."""
    return int(name.removeprefix("solid"))


def by_solid(study: Study, mesh: Any, value: Any) -> Any:
    """A coefficient function that is ``value(material)`` (a number) in each solid."""
    import ngsolve as ng

    if not study.materials:
        return ng.CF(value(study.material))
    return mesh.MaterialCF({name: value(study.material_of(solid_of(name))) for name in set(mesh.GetMaterials())})


def strain(u: Any) -> Any:
    """Small strain tensor of a displacement."""
    import ngsolve as ng

    return ng.Sym(ng.Grad(u))


def hooke(study: Study, e: Any, mesh: Any) -> Any:
    """Stress tensor of a strain tensor, MPa."""
    import ngsolve as ng

    if not study.orthotropic:
        mu = by_solid(study, mesh, lambda m: m.shear_modulus_mpa)
        lam = by_solid(study, mesh, lambda m: m.lame_lambda_mpa)
        return 2 * mu * e + lam * ng.Trace(e) * ng.Id(3)

    # As one matrix on all nine components: picking them one by one makes assembly four times as dear.
    def matrix(material: Material) -> Any:
        return ng.CF(tuple(float(v) for v in tensor_matrix(material.stiffness()).reshape(-1)), dims=(9, 9))

    if study.materials:
        c = mesh.MaterialCF({n: matrix(study.material_of(solid_of(n))) for n in set(mesh.GetMaterials())})
        c = c.Reshape((9, 9))
    else:
        c = matrix(study.material)
    return (c * e.Reshape((9,))).Reshape((3, 3))


def tensor_matrix(stiffness: FloatArray) -> FloatArray:
    """(9, 9) matrix from the nine strain components (tensor's, row by row) to the stress's, of a stiffness (6, 6)."""
    place = np.empty((3, 3), dtype=np.int64)
    for index, (i, j) in enumerate(PAIRS):
        place[i, j] = place[j, i] = index
    rows = place.reshape(-1)
    return np.asarray(stiffness[np.ix_(rows, rows)])


def energy_density(s: FloatArray, material: Material) -> FloatArray:
    """Complementary energy density s : C^-1 : s / 2 (MPa), (...,), of stress components (..., 6)."""
    if material.orthotropic is not None:
        compliance = np.linalg.inv(material.stiffness())
        return np.asarray(0.5 * np.einsum("...i,ij,...j->...", s, compliance, s))
    e, nu = material.youngs_modulus_mpa, material.poisson_ratio
    square = (s * s) @ np.array([1.0, 2.0, 2.0, 1.0, 2.0, 1.0])
    trace = s[..., 0] + s[..., 3] + s[..., 5]
    return np.asarray(0.5 / e * ((1 + nu) * square - nu * trace * trace))


def element_materials(study: Study, mesh: Any) -> list[tuple[Material, npt.NDArray[np.bool_]]]:
    """Each material with the (elements,) mask of the elements that are made of it."""
    if not study.materials:
        return [(study.material, np.ones(mesh.ne, dtype=bool))]
    region = np.asarray(mesh.ngmesh.Elements3D().NumPy()["index"], dtype=np.int64) - 1
    return [(study.material_of(solid_of(name)), region == index) for index, name in enumerate(mesh.GetMaterials())]


def mass_of(study: Study, volumes_mm3: Mapping[int, float]) -> float:
    """Mass in kg, from the exact volumes of the solids."""
    return float(sum(study.material_of(i).density_kg_mm3 * volume for i, volume in volumes_mm3.items()))
