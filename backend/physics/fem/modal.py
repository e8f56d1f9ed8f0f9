"""Natural frequencies and mode shapes of a compiled B-rep: ``solve(study) -> result``.

study: ``brep``, ``material`` (with density), ``supports`` (may leave the body free), ``modes`` (default 6), ``levels``
(2), ``error_target_rel`` (of every frequency; it ends refinement before the last level), ``order`` (2),
``max_dofs`` (60 000), ``solids``, ``contact``, ``mesh_size_mm``, ``fields_path`` as in
:mod:`.static`.

result: ``frequencies_hz`` [{value, error}] of the elastic modes, ascending, ``rigid_modes`` (count), per-level history
(``cpu_all_s``: CPU time of this level and those before, refinement included, without the first mesh),
effective mass shares of each mode along x, y, z, mass.

K u = w^2 M u by shift-and-invert: a small negative shift makes a free body's matrix positive definite, and a block
Lanczos iteration on its inverse, orthogonal in the mass inner product, converges to the lowest modes (Grimes, Lewis and
Simon 1994, SIAM J. Matrix Anal. Appl. 15, 228). Blocks as large as the rigid motions find modes of like frequency.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.study import Study, read_study

FloatArray = npt.NDArray[np.float64]

_RIGID_SHARE = 1e-4  # of the first elastic frequency's square
_MIN_GROWTH = 1.2  # of a finer mesh that is worth its cost
_BLOCK, _FREE_BLOCK = 4, 6  # vectors a step: no fewer than modes of one frequency, which rigid motions are
_SETTLED = 1e-9  # change of the eigenvalues in a step, relative to the largest
_MOST_VECTORS = 120  # beside four for each mode


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    return solve_mesh(study)[0]


def solve_mesh(study: Mapping[str, Any]) -> tuple[dict[str, Any], Study, Any]:
    """The result, the study as read, and the last mesh, for those who go on from there."""
    plain = dict(study)
    count = plain.pop("modes", 6)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 40:
        raise StudyError(f"modes is {count!r}; expected a whole number from 1 to 40.", "Change modes.")
    free = not plain.get("supports")
    checked = read_mode_study(plain, free)
    if checked.material.density_kg_m3 is None:
        raise StudyError("The material has no density_kg_m3, which frequencies need.", "Give density_kg_m3.")
    if any(s.kind == "compression_only" for s in checked.supports):
        raise StudyError(
            "A modal study is linear; contact without tension isn't.", "Use fixed or frictionless supports."
        )
    result, mesh = _solve(checked, count, free)
    return result, checked, mesh


def read_mode_study(plain: dict[str, Any], free: bool) -> Study:
    """A validated study without loads; a free body gets a stand-in support that is taken off again."""
    from dataclasses import replace

    given = {"levels": 2, "max_dofs": 60_000, **plain, "loads": [], "gravity": [0.0, 0.0, -1.0]}
    if free:
        given["supports"] = [{"kind": "elastic", "faces": [0], "stiffness_n_mm3": 1.0}]
    checked = read_study(given)
    return replace(checked, supports=() if free else checked.supports, gravity_m_s2=None)


def _solve(study: Study, count: int, free: bool) -> tuple[dict[str, Any], Any]:
    import ngsolve as ng

    from backend.physics.fem.assess import estimate
    from backend.physics.fem.material import mass_of
    from backend.physics.fem.memory import peak_mb
    from backend.physics.fem.mesh import (
        check_faces,
        check_thickness,
        dofs_of,
        load_part,
        make_mesh,
        refine,
        start_size_mm,
    )
    from backend.physics.fem.supports import free_motions
    from backend.physics.fem.surface import sample
    from backend.physics.fem.threads import parallel

    started, cpu = time.perf_counter(), time.process_time()
    part = load_part(study.brep, solids=study.solids, contact=study.contact)
    check_thickness(part)
    check_faces(part, study.faces_used())
    # With a target the number of levels is a limit: the first mesh stays as fine as two levels make it.
    planned = study.levels if study.error_target_rel is None else min(study.levels, 2)
    size = study.mesh_size_mm or start_size_mm(part, study.order, study.max_dofs, planned)
    mesh, info = make_mesh(part, size, study.order, study.max_dofs)
    rigid = 6 if free else len(free_motions(sample(mesh), study.supports))
    history: list[FloatArray] = []
    rows: list[dict[str, Any]] = []
    meshed = time.process_time()
    for level in range(study.levels):
        begun = time.process_time()
        dofs = dofs_of(mesh, study.order)
        with parallel(dofs):
            values, vectors, space, mass = eigenmodes(study, mesh, part.diagonal_mm, count + rigid)
        elastic = values[rigid:]
        if rigid and values[rigid - 1] > _RIGID_SHARE * elastic[0]:
            raise SolveError(
                f"The body should have {rigid} rigid motions, but motion {rigid} has stiffness.",
                "Check that the model is one piece and that its supports are as meant.",
            )
        history.append(np.sqrt(np.maximum(elastic, 0.0)) / (2 * math.pi))
        now = time.process_time()
        rows.append(
            {
                "dofs": dofs, "elements": int(mesh.ne), "frequencies_hz": history[-1].tolist(),
                "cpu_s": round(now - begun, 3), "cpu_all_s": round(now - meshed, 3), "peak_mb": peak_mb(),
            }
        )  # fmt: skip
        if level + 1 == study.levels or reached(history, study.error_target_rel):
            break
        target = min(2.5 * dofs, float(study.max_dofs))
        if target < _MIN_GROWTH * dofs:
            break
        with parallel(dofs):
            errors = shape_errors(study, mesh, space, vectors[rigid:])
        finer = refine(mesh, errors, target, study.order)
        if finer is None:
            break
        mesh = finer
    settled = [estimate([float(h[i]) for h in history], floor_rel=1e-4) for i in range(count)]
    result = {
        "solver": "ngsolve",
        "version": ng.__version__,
        "frequencies_hz": [{"value": s.value, "error": s.error, "converged": s.converged} for s in settled],
        "rigid_modes": rigid,
        "effective_mass_share": _effective_mass(space, mass, vectors[rigid:], mass_of(study, part.solid_volumes_mm3)),
        "levels": rows,
        "mass_g": mass_of(study, part.solid_volumes_mm3) * 1e3,
        "warnings": [*part.warnings, *info.warnings],
        "fields": None,
    }
    if study.fields_path:
        result["fields"] = export_shapes(study.fields_path, mesh, space, vectors[rigid:])
    result["timings_s"] = {"total": round(time.perf_counter() - started, 4), "cpu": round(time.process_time() - cpu, 4)}
    return result, mesh


def reached(history: Sequence[Sequence[float] | FloatArray], target_rel: float | None) -> bool:
    """Whether every value's estimated error is within the target; never of one mesh alone, or without a target."""
    from backend.physics.fem.assess import estimate

    if target_rel is None or len(history) < 2:
        return False
    shared = min(len(row) for row in history)
    settled = [estimate([float(row[i]) for row in history], floor_rel=1e-4) for i in range(shared)]
    return all(found.error <= target_rel * abs(found.value) for found in settled)


def matrices(study: Study, mesh: Any, diagonal_mm: float) -> tuple[Any, Any, Any]:
    """The space of displacements, the stiffness (N/mm, beddings included) and the mass (t), assembled."""
    import ngsolve as ng

    from backend.physics.fem.contact import spring_response
    from backend.physics.fem.material import by_solid, hooke, strain
    from backend.physics.fem.supports import beddings, dirichlet_flags

    space = ng.VectorH1(mesh, order=study.order, **dirichlet_flags(study.supports))
    u, v = space.TnT()
    density_t_mm3 = by_solid(study, mesh, lambda m: m.density_kg_mm3 * 1e-3)
    stiffness = ng.BilinearForm(space, symmetric=True)
    stiffness += ng.InnerProduct(hooke(study, strain(u), mesh), strain(v)) * ng.dx
    for layer in beddings(study.supports, study.stiffest_mpa, diagonal_mm):
        stiffness += spring_response(layer, u, v)
    mass = ng.BilinearForm(space, symmetric=True)
    mass += density_t_mm3 * ng.InnerProduct(u, v) * ng.dx
    stiffness.Assemble()
    mass.Assemble()
    return space, stiffness, mass


def eigenmodes(study: Study, mesh: Any, diagonal_mm: float, count: int) -> tuple[FloatArray, list[Any], Any, Any]:
    """Lowest ``count`` eigenvalues w^2 (rad^2/s^2), mass-normalised vectors, the space and the mass matrix.

    Units: stiffness in N/mm, mass in t, so that w is in rad/s.
    """
    space, stiffness, mass = matrices(study, mesh, diagonal_mm)
    values, vectors = lowest_modes(study, diagonal_mm, count, space, stiffness, mass)
    return values, vectors, space, mass


def lowest_modes(
    study: Study, diagonal_mm: float, count: int, space: Any, stiffness: Any, mass: Any
) -> tuple[FloatArray, list[Any]]:
    """Lowest ``count`` eigenvalues w^2 (rad^2/s^2) of assembled matrices, and mass-normalised vectors."""
    lightest = min(m.density_kg_mm3 for m in (study.material, *study.materials.values())) * 1e-3
    # The shift: a small part of the frequency at which a wave crosses the part.
    shift = (0.01 * math.sqrt(study.stiffest_mpa / lightest) / diagonal_mm) ** 2
    shifted = stiffness.mat.CreateMatrix()
    shifted.AsVector().data = stiffness.mat.AsVector() + shift * mass.mat.AsVector()
    factor = shifted.Inverse(space.FreeDofs(), inverse="sparsecholesky")
    free = np.array(list(space.FreeDofs()), dtype=bool)
    work, result = stiffness.mat.CreateColVector(), stiffness.mat.CreateColVector()

    def weighed(rows: FloatArray) -> FloatArray:
        """M times each row."""
        return each_row(mass.mat, rows, work, result)

    def inverted(rows: FloatArray) -> FloatArray:
        """(K + shift M)^-1 times each row."""
        return each_row(factor, rows, work, result)

    block = _BLOCK if study.supports else _FREE_BLOCK
    values, shapes = _block_lanczos(inverted, weighed, free, count, block)
    vectors = [stiffness.mat.CreateColVector() for _ in range(count)]
    for vector, shape in zip(vectors, shapes, strict=True):
        vector.FV().NumPy()[:] = shape
    return values - shift, vectors


def each_row(matrix: Any, rows: FloatArray, work: Any, result: Any) -> FloatArray:
    """The matrix times each row, (rows, unknowns); ``work`` and ``result`` are vectors of its size."""
    out = np.empty_like(rows)
    for number, row in enumerate(rows):
        work.FV().NumPy()[:] = row
        result.data = matrix * work
        out[number] = result.FV().NumPy()
    return out


def _block_lanczos(
    inverted: Callable[[FloatArray], FloatArray],
    weighed: Callable[[FloatArray], FloatArray],
    free: npt.NDArray[np.bool_],
    count: int,
    block: int,
) -> tuple[FloatArray, FloatArray]:
    """Lowest ``count`` eigenvalues of (shifted K, M), and their vectors (count, unknowns) of unit mass.

    ``inverted``, ``weighed``: the inverse of the shifted K and M, applied to rows; ``free``: (unknowns,) not held;
    ``block``: vectors a step.
    """
    room = int(free.sum())
    count = min(count, room)
    block = min(block, room)
    new = np.random.default_rng(7).normal(size=(block, len(free))) * free
    basis, heavy, images = (np.empty((0, len(free))) for _ in range(3))
    before = np.full(count, np.inf)
    while True:
        new, new_heavy = _orthonormal(new, weighed, basis, heavy)
        basis, heavy = np.concatenate([basis, new]), np.concatenate([heavy, new_heavy])
        image = inverted(new_heavy)
        images = np.concatenate([images, image])
        projected = heavy @ images.T
        found, mix = np.linalg.eigh((projected + projected.T) / 2)
        values = 1 / found[::-1][:count]
        full = len(basis) >= room or len(new) == 0
        settled = len(values) == count and np.abs(values - before).max() < _SETTLED * max(values[-1], 1e-30)
        if settled or full:
            return np.asarray(values), np.asarray(mix[:, ::-1][:, :count].T @ basis)
        if len(basis) > _MOST_VECTORS + 4 * count:
            raise SolveError("The frequencies didn't settle.", "Ask for fewer modes, or check supports and material.")
        if len(values) == count:
            before = values
        new = image


def _orthonormal(
    rows: FloatArray, weighed: Callable[[FloatArray], FloatArray], basis: FloatArray, heavy: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Rows orthogonal to the basis and to each other in the mass inner product, and M times them.

    ``heavy``: M times the basis. Rows that lie in the basis are left out.
    """
    rows = rows - (rows @ heavy.T) @ basis
    products = weighed(rows)
    for _ in range(2):  # once leaves rounding behind
        inside = rows @ heavy.T
        rows, products = rows - inside @ basis, products - inside @ heavy
        gram = rows @ products.T
        size, turn = np.linalg.eigh((gram + gram.T) / 2)
        kept = size > 1e-14 * size[-1]
        scale = (turn[:, kept] / np.sqrt(size[kept])).T
        rows, products = scale @ rows, scale @ products
    return rows, products


def shape_errors(study: Study, mesh: Any, space: Any, vectors: list[Any]) -> FloatArray:
    """Squared stress error per element, summed over the modes, each with unit energy."""
    import ngsolve as ng

    from backend.physics.fem.material import hooke, strain
    from backend.physics.fem.stress import Recovery, element_error

    total = np.zeros(mesh.ne)
    shape = ng.GridFunction(space)
    recovery = Recovery(mesh, study.order, study)
    for vector in vectors:
        shape.vec.data = vector
        error, _ = element_error(mesh, recovery.of(hooke(study, strain(shape), mesh)), study)
        total += error / max(error.sum(), 1e-300)
    return total


def _effective_mass(space: Any, mass: Any, vectors: list[Any], mass_kg: float) -> list[list[float]]:
    """Share of the mass that each mode moves along x, y, z: (phi . M . 1)^2/(phi . M . phi)/m."""
    from backend.physics.fem.supports import rigid_modes

    along = rigid_modes(space, np.zeros(3))[:3]
    whole = mass_kg * 1e-3
    shares = []
    product = mass.mat.CreateColVector()
    for vector in vectors:
        product.data = mass.mat * vector
        moved = along @ product.FV().NumPy()
        norm = float(vector.FV().NumPy() @ product.FV().NumPy())
        shares.append([float(m * m / norm / whole) for m in moved])
    return shares


def export_shapes(path: str, mesh: Any, space: Any, vectors: list[Any]) -> str:
    """Writes the shapes (largest displacement 1) as fields mode_1, mode_2, …; returns the path."""
    import ngsolve as ng

    from backend.physics.fem.fields import export
    from backend.physics.fem.surface import sample

    surface = sample(mesh)
    shape = ng.GridFunction(space)
    shapes = {}
    for index, vector in enumerate(vectors):
        shape.vec.data = vector
        moved = surface.evaluate(ng.CF(shape))
        shapes[f"mode_{index + 1}"] = moved / max(float(np.linalg.norm(moved, axis=2).max()), 1e-300)
    return export(path, surface, **shapes)
