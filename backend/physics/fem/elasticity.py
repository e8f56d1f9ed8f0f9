"""The discrete problem of linear elasticity on one mesh: assemble, factor, solve, balance.

Displacement elements of order p on curved tetrahedra; sparse Cholesky (the matrix is symmetric and, once the supports
block rigid motion, positive definite). Contact without tension is iterated in :mod:`.contact`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import loads as load_terms
from backend.physics.fem.contact import Press, press_of, solve_contact, spring_response, touching_share
from backend.physics.fem.errors import SolveError
from backend.physics.fem.study import Study
from backend.physics.fem.supports import Bedding, beddings, dirichlet_flags, prescribe, rigid_modes

FloatArray = npt.NDArray[np.float64]


@dataclass
class Solution:
    """Displacement on one mesh, with what is needed to judge it.

    ``center_mm``: where moments are taken about. ``wrench_scale``: sum of the sizes of the supports' nodal forces, N,
    which imbalances are compared with where the loads' resultant is zero.
    """

    mesh: Any
    displacement: Any
    stress: Any
    strain_energy_n_mm: float
    external_work_n_mm: float
    support_work_n_mm: float
    applied: FloatArray
    reaction: FloatArray
    wrench_scale: float
    center_mm: FloatArray
    dofs: int
    contact_steps: int = 0
    touching: dict[int, float] = field(default_factory=dict)
    press: Press | None = None


def strain(u: Any) -> Any:
    """Small strain tensor of a displacement."""
    import ngsolve as ng

    return ng.Sym(ng.Grad(u))


def hooke(study: Study, e: Any) -> Any:
    """Isotropic stress 2 mu e + lambda tr(e) I, MPa."""
    import ngsolve as ng

    material = study.material
    return 2 * material.shear_modulus_mpa * e + material.lame_lambda_mpa * ng.Trace(e) * ng.Id(3)


def solve_level(
    study: Study, mesh: Any, diagonal_mm: float, center: FloatArray, before: Press | None = None
) -> Solution:
    """Assembles and solves the study on a mesh; ``before`` is the contact state of the mesh before.

    Raises :class:`SolveError` where no usable result comes out.
    """
    import ngsolve as ng

    layers = beddings(study.supports, study.material, diagonal_mm)
    contact = any(layer.one_sided for layer in layers)
    if contact and before is None and study.order > 1:
        # Linear elements find roughly where the part presses, at a tenth of the cost of each step.
        before = solve_level(replace(study, order=1), mesh, diagonal_mm, center).press
    space = ng.VectorH1(mesh, order=study.order, **dirichlet_flags(study.supports))
    u, v = space.TnT()

    def linear_energy(trial: Any, test: Any) -> Any:
        total = ng.InnerProduct(hooke(study, strain(trial)), strain(test)) * ng.dx
        for layer in layers:
            if not layer.one_sided:
                total = total + spring_response(layer, trial, test)
        return total

    rhs = ng.LinearForm(space)
    load_terms.add_loads(rhs, v, mesh, study.loads, study.material, study.gravity_m_s2)
    swelling = thermal_stress(study, mesh)
    if swelling is not None:
        rhs += swelling * ng.div(v) * ng.dx
    rhs.Assemble()
    displacement = ng.GridFunction(space)
    prescribe(displacement, mesh, study.supports)
    steps = 0
    if contact:
        steps = solve_contact(space, displacement, rhs, linear_energy, layers, before)
    else:
        stiffness = ng.BilinearForm(space, symmetric=True)
        stiffness += linear_energy(u, v)
        stiffness.Assemble()
        try:
            factor = stiffness.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky")
        except Exception as error:
            raise SolveError(
                f"The stiffness matrix can't be factored: {error}", "Check the supports and the material values."
            ) from error
        residual = rhs.vec.CreateVector()
        for _ in range(2):  # the second pass removes the rounding of stiff beddings
            residual.data = rhs.vec - stiffness.mat * displacement.vec
            displacement.vec.data += factor * residual
    return _finish(study, mesh, space, displacement, rhs, layers, center, diagonal_mm, steps, swelling)


def thermal_stress(study: Study, mesh: Any) -> Any:
    """(3 lambda + 2 mu) alpha (T - T_ref) in MPa: the pressure that would hold the heat in; None without heat."""
    import ngsolve as ng

    from backend.physics.fem.thermal import temperature_field

    if study.thermal is None:
        return None
    material = study.material
    bulk = 3 * material.lame_lambda_mpa + 2 * material.shear_modulus_mpa
    expansion = material.thermal_expansion_1_k or 0.0
    if study.thermal.uniform_c is not None:
        return ng.CF(bulk * expansion * (study.thermal.uniform_c - study.thermal.reference_c))
    return bulk * expansion * (temperature_field(study, mesh) - study.thermal.reference_c)


def _finish(
    study: Study,
    mesh: Any,
    space: Any,
    displacement: Any,
    rhs: Any,
    layers: list[Bedding],
    center: FloatArray,
    diagonal_mm: float,
    steps: int,
    swelling: Any = None,
) -> Solution:
    import ngsolve as ng

    array = displacement.vec.FV().NumPy()
    biggest = float(np.abs(array).max())
    if not np.isfinite(biggest) or biggest > 1e3 * diagonal_mm:
        raise SolveError(
            f"The displacement comes out at {biggest:.3g} mm, far beyond the part's {diagonal_mm:.3g} mm.",
            "The part is hardly held: add supports, or check the load's units.",
        )
    # The elastic operator and the beddings, applied once, give the forces of the supports node by node.
    u, v = space.TnT()
    operator = ng.BilinearForm(space, symmetric=True)
    operator += ng.InnerProduct(hooke(study, strain(u)), strain(v)) * ng.dx
    internal, springs = displacement.vec.CreateVector(), displacement.vec.CreateVector()
    operator.Apply(displacement.vec, internal)
    springs[:] = 0.0
    if layers:
        bedding = ng.BilinearForm(space)
        for layer in layers:
            bedding += spring_response(layer, u, v)
        bedding.Apply(displacement.vec, springs)
    free = np.array(list(space.FreeDofs()), dtype=bool)
    load, spring = rhs.vec.FV().NumPy(), springs.FV().NumPy()
    held = np.where(free, 0.0, internal.FV().NumPy() + spring - load)
    modes = rigid_modes(space, center)
    contact = any(layer.one_sided for layer in layers)
    stress = hooke(study, strain(displacement))
    if swelling is not None:
        stress = stress - swelling * ng.Id(3)
    return Solution(
        mesh=mesh,
        displacement=displacement,
        stress=stress,
        strain_energy_n_mm=0.5 * float(internal.FV().NumPy() @ array),
        external_work_n_mm=0.5 * float(load @ array),
        support_work_n_mm=0.5 * float((held - spring) @ array),
        applied=modes @ load,
        reaction=modes @ (held - spring),
        wrench_scale=float(np.abs(held).sum() + np.abs(spring).sum()),
        center_mm=center,
        dofs=space.ndof,
        contact_steps=steps,
        touching=touching_share(mesh, displacement, layers),
        press=press_of(mesh, displacement, layers) if contact else None,
    )
