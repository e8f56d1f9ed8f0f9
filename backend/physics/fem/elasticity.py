"""The discrete problem of linear elasticity on one mesh: assemble, factor, solve, balance.

Displacement elements of order p on curved tetrahedra; sparse Cholesky (the matrix is symmetric and, once the supports
block rigid motion, positive definite). Contact without tension is a convex problem with a piecewise quadratic energy:
a Newton iteration on the set of touching points, each step solved by conjugate gradients that the first factor
preconditions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import loads as load_terms
from backend.physics.fem.errors import SolveError
from backend.physics.fem.mesh import region_pattern
from backend.physics.fem.study import Study
from backend.physics.fem.supports import Bedding, beddings, dirichlet_patterns, prescribe, rigid_modes

FloatArray = npt.NDArray[np.float64]

_MAX_CONTACT_STEPS = 25


@dataclass
class Solution:
    """Displacement on one mesh, with what is needed to judge it. ``center_mm``: where moments are taken about."""

    mesh: Any
    displacement: Any
    stress: Any
    strain_energy_n_mm: float
    external_work_n_mm: float
    support_work_n_mm: float
    applied: FloatArray
    reaction: FloatArray
    center_mm: FloatArray
    dofs: int
    contact_steps: int = 0
    touching: dict[int, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def strain(u: Any) -> Any:
    """Small strain tensor of a displacement."""
    import ngsolve as ng

    return ng.Sym(ng.Grad(u))


def hooke(study: Study, e: Any) -> Any:
    """Isotropic stress 2 mu e + lambda tr(e) I, MPa."""
    import ngsolve as ng

    material = study.material
    return 2 * material.shear_modulus_mpa * e + material.lame_lambda_mpa * ng.Trace(e) * ng.Id(3)


def solve_level(study: Study, mesh: Any, diagonal_mm: float, center: FloatArray) -> Solution:
    """Assembles and solves the study on a mesh. Raises :class:`SolveError` where no usable result comes out."""
    import ngsolve as ng

    px, py, pz = dirichlet_patterns(study.supports)
    space = ng.VectorH1(mesh, order=study.order, dirichletx=px, dirichlety=py, dirichletz=pz)
    u, v = space.TnT()
    layers = beddings(study.supports, study.material, diagonal_mm)
    stiffness = ng.BilinearForm(space, symmetric=True)
    stiffness += ng.InnerProduct(hooke(study, strain(u)), strain(v)) * ng.dx
    for layer in layers:
        stiffness += _bedding_energy(layer, u, v)
    stiffness.Assemble()
    rhs = ng.LinearForm(space)
    load_terms.add_loads(rhs, v, mesh, study.loads, study.material, study.gravity_m_s2)
    rhs.Assemble()

    displacement = ng.GridFunction(space)
    free = space.FreeDofs()
    prescribe(displacement, mesh, study.supports)
    try:
        factor = stiffness.mat.Inverse(free, inverse="sparsecholesky")
    except Exception as error:
        raise SolveError(
            f"The stiffness matrix can't be factored: {error}", "Check the supports and the material values."
        ) from error
    residual = rhs.vec.CreateVector()
    for _ in range(2):  # the second pass removes the rounding of stiff beddings
        residual.data = rhs.vec - stiffness.mat * displacement.vec
        displacement.vec.data += factor * residual
    steps = 0
    if any(layer.one_sided for layer in layers):
        steps = _contact(space, displacement, rhs, factor, layers, study)
    return _finish(study, mesh, space, displacement, rhs, layers, center, diagonal_mm, steps)


def _bedding_energy(layer: Bedding, u: Any, v: Any) -> Any:
    import ngsolve as ng

    measure = ng.ds(region_pattern(layer.faces))
    if layer.normal_only:
        normal = ng.specialcf.normal(3)
        return layer.stiffness_n_mm3 * ng.InnerProduct(u, normal) * ng.InnerProduct(v, normal) * measure
    return layer.stiffness_n_mm3 * ng.InnerProduct(u, v) * measure


def _contact(space: Any, displacement: Any, rhs: Any, factor: Any, layers: list[Bedding], study: Study) -> int:
    """Newton on the touching set; returns the number of steps. The bilateral solution in ``displacement`` starts it."""
    import ngsolve as ng

    u, v = space.TnT()
    elastic = ng.BilinearForm(space, symmetric=True)
    elastic += ng.InnerProduct(hooke(study, strain(u)), strain(v)) * ng.dx
    for layer in layers:
        if not layer.one_sided:
            elastic += _bedding_energy(layer, u, v)
    elastic.Assemble()
    normal = ng.specialcf.normal(3)
    form = ng.BilinearForm(space, symmetric=True, check_unused=False)
    state = ng.GridFunction(space)
    for layer in layers:
        if layer.one_sided:
            press = ng.InnerProduct(state, normal)
            measure = ng.ds(region_pattern(layer.faces), bonus_intorder=2)
            touching = ng.IfPos(press, layer.stiffness_n_mm3, 0.0)
            form += touching * ng.InnerProduct(u, normal) * ng.InnerProduct(v, normal) * measure
    free = space.FreeDofs()
    force = float(ng.Norm(rhs.vec)) or 1.0
    residual = rhs.vec.CreateVector()
    for step in range(1, _MAX_CONTACT_STEPS + 1):
        state.vec.data = displacement.vec
        form.Assemble()
        matrix = elastic.mat + form.mat
        residual.data = rhs.vec - matrix * displacement.vec
        _mask(residual, free)
        if float(ng.Norm(residual)) < 1e-8 * force:
            return step - 1
        solver = ng.krylovspace.CGSolver(mat=matrix, pre=factor, maxiter=400, tol=1e-10, printrates=False)
        displacement.vec.data += solver * residual
        limit = float(ng.Norm(displacement.vec))
        if not np.isfinite(limit):
            break
    raise SolveError(
        f"The compression-only contact didn't settle in {_MAX_CONTACT_STEPS} steps: the part may lift off.",
        "Hold the part in another way as well (bolts, a fixed face), or check the direction of the load.",
    )


def _mask(vector: Any, free: Any) -> None:
    array = vector.FV().NumPy()
    array[~np.array(list(free), dtype=bool)] = 0.0


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
) -> Solution:
    import ngsolve as ng

    biggest = float(np.abs(displacement.vec.FV().NumPy()).max())
    if not np.isfinite(biggest) or biggest > 1e3 * diagonal_mm:
        raise SolveError(
            f"The displacement comes out at {biggest:.3g} mm, far beyond the part's {diagonal_mm:.3g} mm.",
            "The part is hardly held: add supports, or check the load's units.",
        )
    stress = hooke(study, strain(displacement))
    # One product with the elastic operator gives the nodal forces of the supports and the strain energy.
    u, v = space.TnT()
    operator = ng.BilinearForm(space, symmetric=True)
    operator += ng.InnerProduct(hooke(study, strain(u)), strain(v)) * ng.dx
    internal = displacement.vec.CreateVector()
    operator.Apply(displacement.vec, internal)
    free = np.array(list(space.FreeDofs()), dtype=bool)
    nodal_support = internal.FV().NumPy() - rhs.vec.FV().NumPy()
    held = np.where(free, 0.0, nodal_support)
    spring_force, spring_moment, spring_energy, touching = _bedding_resultants(mesh, displacement, layers, center)
    modes = rigid_modes(space, center)
    applied = modes @ rhs.vec.FV().NumPy()
    reaction = modes @ held
    reaction[:3] += spring_force
    reaction[3:] += spring_moment
    array = displacement.vec.FV().NumPy()
    return Solution(
        mesh=mesh,
        displacement=displacement,
        stress=stress,
        strain_energy_n_mm=0.5 * float(internal.FV().NumPy() @ array),
        external_work_n_mm=0.5 * float(rhs.vec.FV().NumPy() @ array),
        support_work_n_mm=0.5 * float(held @ array) - spring_energy,
        applied=applied,
        reaction=reaction,
        center_mm=center,
        dofs=space.ndof,
        contact_steps=steps,
        touching=touching,
    )


def _bedding_resultants(
    mesh: Any, displacement: Any, layers: list[Bedding], center: FloatArray
) -> tuple[FloatArray, FloatArray, float, dict[int, float]]:
    """Force and moment of the spring layers on the part, their energy, and the touching area of contact faces."""
    import ngsolve as ng

    force, moment, energy = np.zeros(3), np.zeros(3), 0.0
    touching: dict[int, float] = {}
    normal = ng.specialcf.normal(3)
    r = (ng.x - center[0], ng.y - center[1], ng.z - center[2])
    for layer in layers:
        measure = ng.ds(region_pattern(layer.faces), bonus_intorder=2)
        if layer.normal_only:
            press = ng.InnerProduct(displacement, normal)
            if layer.one_sided:
                press = ng.IfPos(press, press, 0.0)
                for face in layer.faces:
                    single = ng.ds(region_pattern((face,)), bonus_intorder=2)
                    whole = float(ng.Integrate(ng.CF(1.0) * single, mesh))
                    touching[face] = float(ng.Integrate(ng.IfPos(press, 1.0, 0.0) * single, mesh)) / whole
            t = [-layer.stiffness_n_mm3 * press * normal[i] for i in range(3)]
            density = layer.stiffness_n_mm3 * press * press
        else:
            t = [-layer.stiffness_n_mm3 * displacement[i] for i in range(3)]
            density = layer.stiffness_n_mm3 * ng.InnerProduct(displacement, displacement)
        energy += 0.5 * float(ng.Integrate(density * measure, mesh))
        turn = (r[1] * t[2] - r[2] * t[1], r[2] * t[0] - r[0] * t[2], r[0] * t[1] - r[1] * t[0])
        force += [float(ng.Integrate(c * measure, mesh)) for c in t]
        moment += [float(ng.Integrate(c * measure, mesh)) for c in turn]
    return force, moment, energy, touching
