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
from backend.physics.fem.bolts import bolt_force, preload_strain, preload_strain_in_contact
from backend.physics.fem.contact import Press, press_of, solve_contact, spring_response, touching_share
from backend.physics.fem.errors import SolveError
from backend.physics.fem.kept import System
from backend.physics.fem.material import by_solid, hooke, strain
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
    modes: FloatArray
    contact_steps: int = 0
    touching: dict[int, float] = field(default_factory=dict)
    press: Press | None = None
    bolts_n: dict[int, float] = field(default_factory=dict)
    shortened: dict[int, float] = field(default_factory=dict)  # bolts: strain along the axis that preloads them
    strained: bool = False  # by heat or preload, beside the displacement's strain
    equations: tuple[Any, Any] | None = None


def solve_level(
    study: Study,
    mesh: Any,
    diagonal_mm: float,
    center: FloatArray,
    before: Press | None = None,
    system: System | None = None,
) -> Solution:
    """Assembles and solves the study on a mesh; ``before`` is the contact state of the mesh before.

    ``system``: the mesh's equations as kept from an earlier study, factored.

    Raises :class:`SolveError` where no usable result comes out.
    """
    import ngsolve as ng

    layers = beddings(study.supports, study.stiffest_mpa, diagonal_mm)
    contact = any(layer.one_sided for layer in layers)
    if contact and before is None and study.order > 1:
        # Linear elements find roughly where the part presses, at a tenth of the cost of each step.
        before = solve_level(replace(study, order=1), mesh, diagonal_mm, center).press
    flags = dirichlet_flags(study.supports)
    space = ng.VectorH1(mesh, order=study.order, **flags) if system is None else system.space
    u, v = space.TnT()

    def linear_energy(trial: Any, test: Any) -> Any:
        total = ng.InnerProduct(hooke(study, strain(trial), mesh), strain(test)) * ng.dx
        for layer in layers:
            if not layer.one_sided:
                total = total + spring_response(layer, trial, test)
        return total

    rhs = ng.LinearForm(space)
    load_terms.add_loads(rhs, v, mesh, study)
    swelling = heat_strain(study, mesh)
    if swelling is not None:
        rhs += ng.InnerProduct(hooke(study, swelling, mesh), strain(v)) * ng.dx
    rhs.Assemble()
    displacement = ng.GridFunction(space)
    prescribe(displacement, mesh, study.supports)
    steps = 0
    shortened: dict[int, float] = {}
    if contact:
        if study.preloads:

            def settle(field: Any, load: Any) -> None:
                solve_contact(space, field, load, linear_energy, layers, before)

            stretch, shortened = preload_strain_in_contact(study, mesh, space, settle, rhs)
            swelling = stretch if swelling is None else swelling + stretch
        steps = solve_contact(space, displacement, rhs, linear_energy, layers, before)
    else:
        if system is None:
            stiffness, factor = _factored(space, linear_energy(u, v))
        else:
            stiffness, factor = system.stiffness, system.factor
        if study.preloads:
            stretch, shortened = preload_strain(study, mesh, space, factor, rhs)
            swelling = stretch if swelling is None else swelling + stretch
        residual = rhs.vec.CreateVector()
        for _ in range(2 if layers else 1):  # the second pass removes the rounding of stiff beddings
            residual.data = rhs.vec - stiffness.mat * displacement.vec
            displacement.vec.data += factor * residual
    modes = rigid_modes(space, center) if system is None else system.modes
    equations = None if contact else (stiffness, factor)
    found = _finish(study, displacement, rhs, layers, modes, center, diagonal_mm, steps, swelling, equations)
    return replace(found, shortened=shortened)


def _factored(space: Any, energy: Any) -> tuple[Any, Any]:
    """The stiffness matrix's form and its factor."""
    import ngsolve as ng

    # Storing one triangle saves a third of the assembly.
    stiffness = ng.BilinearForm(space, symmetric=True, symmetric_storage=True)
    stiffness += energy
    stiffness.Assemble()
    try:
        return stiffness, stiffness.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky")
    except Exception as error:
        raise SolveError(
            f"The stiffness matrix can't be factored: {error}", "Check the supports and the material values."
        ) from error


def heat_strain(study: Study, mesh: Any) -> Any:
    """alpha (T - T_ref) I: the strain of the free, heated material; None without heat."""
    import ngsolve as ng

    if study.thermal is None:
        return None
    expansion = by_solid(study, mesh, lambda m: m.thermal_expansion_1_k or 0.0)
    return expansion * (temperature_of(study, mesh) - study.thermal.reference_c) * ng.Id(3)


def temperature_of(study: Study, mesh: Any) -> Any:
    """Temperature (degC) of a study with heat, as a coefficient function."""
    import ngsolve as ng

    from backend.physics.fem.thermal import temperature_field

    assert study.thermal is not None
    uniform, linear = study.thermal.uniform_c, study.thermal.linear
    if linear is not None:
        start, slope, radial = linear
        away = radial * ng.sqrt(ng.x * ng.x + ng.y * ng.y) if radial else 0.0
        return start + slope[0] * ng.x + slope[1] * ng.y + slope[2] * ng.z + away
    return ng.CF(uniform) if uniform is not None else temperature_field(study, mesh)


def _finish(
    study: Study,
    displacement: Any,
    rhs: Any,
    layers: list[Bedding],
    modes: FloatArray,
    center: FloatArray,
    diagonal_mm: float,
    steps: int,
    swelling: Any,
    equations: tuple[Any, Any] | None,
) -> Solution:
    import ngsolve as ng

    space = displacement.space
    mesh = space.mesh
    array = displacement.vec.FV().NumPy()
    biggest = float(np.abs(array).max())
    if not np.isfinite(biggest) or biggest > 1e3 * diagonal_mm:
        raise SolveError(
            f"The displacement comes out at {biggest:.3g} mm, far beyond the part's {diagonal_mm:.3g} mm.",
            "Check the load and its units; if they are right the part is too weak: thicken it, or hold more of it.",
        )
    # The elastic operator and the beddings, applied once, give the forces of the supports node by node.
    u, v = space.TnT()
    internal, springs = displacement.vec.CreateVector(), displacement.vec.CreateVector()
    springs[:] = 0.0
    if equations is not None and not layers:
        internal.data = equations[0].mat * displacement.vec
    else:
        operator = ng.BilinearForm(space, symmetric=True)
        operator += ng.InnerProduct(hooke(study, strain(u), mesh), strain(v)) * ng.dx
        operator.Apply(displacement.vec, internal)
    if layers:
        bedding = ng.BilinearForm(space)
        for layer in layers:
            bedding += spring_response(layer, u, v)
        bedding.Apply(displacement.vec, springs)
    free = np.array(list(space.FreeDofs()), dtype=bool)
    load, spring = rhs.vec.FV().NumPy(), springs.FV().NumPy()
    held = np.where(free, 0.0, internal.FV().NumPy() + spring - load)
    contact = any(layer.one_sided for layer in layers)
    elastic = strain(displacement) if swelling is None else strain(displacement) - swelling
    stress = hooke(study, elastic, mesh)
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
        modes=modes,
        contact_steps=steps,
        touching=touching_share(mesh, displacement, layers),
        press=press_of(mesh, displacement, layers) if contact else None,
        bolts_n={b.solid: bolt_force(study, mesh, b.solid, np.array(b.axis), stress) for b in study.preloads},
        strained=swelling is not None,
        equations=equations,
    )
