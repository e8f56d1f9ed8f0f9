"""Contact without tension: a part that presses against a rigid wall and may lift off it.

The wall is a bedding that only pushes: traction -k max(u.n, 0) n. The energy is convex and once differentiable, so
Newton's method on the set of touching points with an exact line search converges from any start. The first step of a
mesh is solved with a sparse factor, the next ones by conjugate gradients that this factor preconditions; a finer mesh
starts from the touching set of the mesh before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import SolveError
from backend.physics.fem.mesh import region_pattern
from backend.physics.fem.supports import Bedding
from backend.physics.fem.surface import sample

FloatArray = npt.NDArray[np.float64]

_MAX_STEPS = 40
_TOLERANCE = 1e-9
_REFACTOR_AFTER = 30  # conjugate-gradient iterations, beyond which a new factor is cheaper on small meshes
_SMALL_DOFS = 45_000


@dataclass(frozen=True)
class Press:
    """Normal displacement (mm, positive presses) at points (n, 3) of the contact faces, from the mesh before."""

    points: FloatArray
    value: FloatArray


def press_of(mesh: Any, displacement: Any, layers: list[Bedding]) -> Press:
    """Where the part presses on its one-sided beddings."""
    surface = sample(mesh)
    faces = tuple(face for layer in layers if layer.one_sided for face in layer.faces)
    mask = surface.on(faces)
    normal = np.einsum("ijk,ijk->ij", surface.evaluate(displacement), surface.normals)
    return Press(surface.points[mask].reshape(-1, 3), normal[mask].reshape(-1))


def spring_response(layer: Bedding, u: Any, v: Any) -> Any:
    """Virtual work of a bedding, nonlinear where it is one-sided."""
    import ngsolve as ng

    measure = ng.ds(region_pattern(layer.faces), bonus_intorder=2)
    if not layer.normal_only:
        return layer.stiffness_n_mm3 * ng.InnerProduct(u, v) * measure
    normal = ng.specialcf.normal(3)
    press = ng.InnerProduct(u, normal)
    if layer.one_sided:
        press = ng.IfPos(press, press, 0.0)
    return layer.stiffness_n_mm3 * press * ng.InnerProduct(v, normal) * measure


def solve_contact(
    space: Any, displacement: Any, rhs: Any, elastic_energy: Any, layers: list[Bedding], before: Press | None
) -> int:
    """Solves for ``displacement`` (which holds the prescribed values) in place; returns the number of Newton steps.

    ``elastic_energy(u, v)`` gives the integrand of all that is linear. Raises :class:`SolveError` if it doesn't settle.
    """
    import ngsolve as ng

    u, v = space.TnT()
    normal = ng.specialcf.normal(3)
    one_sided = [layer for layer in layers if layer.one_sided]
    state = ng.GridFunction(space)
    guess = _first_guess(space.mesh, before)
    linear = ng.BilinearForm(space, symmetric=True)
    linear += elastic_energy(u, v)
    linear.Assemble()
    response = ng.BilinearForm(space)
    tangent = ng.BilinearForm(space, symmetric=True, check_unused=False)
    for layer in one_sided:
        response += spring_response(layer, u, v)
        measure = ng.ds(region_pattern(layer.faces), bonus_intorder=2)
        touching = ng.IfPos(ng.InnerProduct(state, normal), layer.stiffness_n_mm3, 0.0)
        tangent += touching * ng.InnerProduct(u, normal) * ng.InnerProduct(v, normal) * measure

    def factored(pressing: Any) -> Any:
        whole = ng.BilinearForm(space, symmetric=True)
        whole += elastic_energy(u, v)
        for layer in one_sided:
            measure = ng.ds(region_pattern(layer.faces), bonus_intorder=2)
            # Points that hang free keep a trace of stiffness, so that a part held by contact alone can be factored.
            on = ng.IfPos(pressing, layer.stiffness_n_mm3, 1e-4 * layer.stiffness_n_mm3)
            whole += on * ng.InnerProduct(u, normal) * ng.InnerProduct(v, normal) * measure
        whole.Assemble()
        return whole.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky")

    free = np.array(list(space.FreeDofs()), dtype=bool)
    work, pushed, step_vector = (rhs.vec.CreateVector() for _ in range(3))

    def gradient(at: Any, out: Any) -> FloatArray:
        response.Apply(at, pushed)
        out.data = linear.mat * at + pushed - rhs.vec
        out.FV().NumPy()[~free] = 0.0
        return np.asarray(out.FV().NumPy())

    factor = factored(guess)
    gradient(displacement.vec, work)
    displacement.vec.data -= factor * work
    scale = float(ng.Norm(rhs.vec)) + float(ng.Norm(work)) or 1.0
    trial = displacement.vec.CreateVector()
    iterations = 0
    for step in range(1, _MAX_STEPS + 1):
        gradient(displacement.vec, work)
        if float(ng.Norm(work)) < _TOLERANCE * scale:
            return step
        state.vec.data = displacement.vec
        if iterations > _REFACTOR_AFTER and space.ndof < _SMALL_DOFS:
            factor = factored(ng.InnerProduct(state, normal))
        tangent.Assemble()
        solver = ng.krylovspace.CGSolver(
            mat=linear.mat + tangent.mat, pre=factor, maxiter=500, tol=1e-8, printrates=False
        )
        step_vector.data = -1.0 * (solver * work)
        iterations = int(solver.iterations)
        length = _line_search(gradient, displacement.vec, step_vector, trial, work)
        displacement.vec.data += length * step_vector
        if not np.isfinite(float(ng.Norm(displacement.vec))):
            break
    raise SolveError(
        f"The compression-only contact didn't settle in {_MAX_STEPS} steps: the part may lift off.",
        "Hold the part in another way as well (bolts, a fixed face), or check the direction of the load.",
    )


def _line_search(gradient: Any, start: Any, direction: Any, trial: Any, work: Any) -> float:
    """Length where the convex energy's slope along the direction vanishes; past 1 where it still falls there.

    Going past 1 matters when the part peels off: each Newton step would otherwise release one row of elements.
    """
    along = np.asarray(direction.FV().NumPy())

    def slope(length: float) -> float:
        trial.data = start + length * direction
        return float(gradient(trial, work) @ along)

    low, high = 0.0, 1.0
    slope_low, slope_high = slope(0.0), slope(1.0)
    flat = 1e-3 * abs(slope_low)
    if abs(slope_high) <= flat:
        return 1.0
    while slope_high < 0 and high < 64:
        low, slope_low, high = high, slope_high, 2 * high
        slope_high = slope(high)
    if slope_high <= 0:
        return high
    for _ in range(8):
        middle = low + (high - low) * min(max(slope_low / (slope_low - slope_high), 0.05), 0.95)
        value = slope(middle)
        if abs(value) <= flat:
            return middle
        if value < 0:
            low, slope_low = middle, value
        else:
            high, slope_high = middle, value
    return middle


def _first_guess(mesh: Any, before: Press | None) -> Any:
    """Positive where the part is taken to touch: as on the mesh before, and nowhere on the first mesh.

    Nowhere still leaves the trace of bedding that :func:`solve_contact` keeps, whose signs show where the part presses.
    """
    import ngsolve as ng

    if before is None:
        return ng.CF(-1.0)
    from scipy.spatial import cKDTree

    vertices = np.asarray(mesh.ngmesh.Coordinates(), dtype=float)
    _, nearest = cKDTree(before.points).query(vertices)
    field = ng.GridFunction(ng.H1(mesh, order=1))
    field.vec.FV().NumPy()[: len(vertices)] = before.value[nearest]
    return field


def touching_share(mesh: Any, displacement: Any, layers: list[Bedding]) -> dict[int, float]:
    """Share of each contact face's area that presses."""
    import ngsolve as ng

    shares: dict[int, float] = {}
    press = ng.InnerProduct(displacement, ng.specialcf.normal(3))
    for layer in layers:
        for face in layer.faces if layer.one_sided else ():
            single = ng.ds(region_pattern((face,)), bonus_intorder=2)
            whole = float(ng.Integrate(ng.CF(1.0) * single, mesh))
            shares[face] = float(ng.Integrate(ng.IfPos(press, 1.0, 0.0) * single, mesh)) / whole
    return shares
