"""Natural frequencies and mode shapes of a compiled B-rep: ``solve(study) -> result``.

study: ``brep``, ``material`` (with density), ``supports`` (may leave the body free), ``modes`` (default 6), ``levels``
(2), ``order`` (2), ``max_dofs`` (60 000), ``solids``, ``contact``, ``mesh_size_mm``, ``fields_path`` as in
:mod:`.static`.

result: ``frequencies_hz`` [{value, error}] of the elastic modes, ascending, ``rigid_modes`` (count), per-level history,
effective mass shares of each mode along x, y, z, mass.

K u = w^2 M u by shift-and-invert: a small negative shift makes a free body's matrix positive definite, and a block
inverse iteration with Rayleigh-Ritz in the mass inner product converges to the lowest modes (Bathe, Finite Element
Procedures, 2nd ed., section 11.6).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.study import Study, read_study

FloatArray = npt.NDArray[np.float64]

_RIGID_SHARE = 1e-4  # of the first elastic frequency's square


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
    from backend.physics.fem.threads import parallel

    with parallel():
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
    from backend.physics.fem.mesh import check_faces, dofs_of, load_part, make_mesh, refine, start_size_mm
    from backend.physics.fem.supports import free_motions
    from backend.physics.fem.surface import sample

    started, cpu = time.perf_counter(), time.process_time()
    part = load_part(study.brep, solids=study.solids, contact=study.contact)
    check_faces(part, study.faces_used())
    size = study.mesh_size_mm or start_size_mm(part, study.order, study.max_dofs, study.levels)
    mesh, info = make_mesh(part, size, study.order, study.max_dofs)
    rigid = 6 if free else len(free_motions(sample(mesh), study.supports))
    history: list[FloatArray] = []
    rows: list[dict[str, Any]] = []
    for level in range(study.levels):
        begun = time.process_time()
        values, vectors, space, mass = eigenmodes(study, mesh, part.diagonal_mm, count + rigid)
        elastic = values[rigid:]
        if rigid and values[rigid - 1] > _RIGID_SHARE * elastic[0]:
            raise SolveError(
                f"The body should have {rigid} rigid motions, but motion {rigid} has stiffness.",
                "Check that the model is one piece and that its supports are as meant.",
            )
        history.append(np.sqrt(np.maximum(elastic, 0.0)) / (2 * math.pi))
        rows.append(
            {"dofs": dofs_of(mesh, study.order), "elements": int(mesh.ne), "frequencies_hz": history[-1].tolist()}
        )
        rows[-1]["cpu_s"] = round(time.process_time() - begun, 3)
        if level + 1 == study.levels:
            break
        target = min(2.5 * dofs_of(mesh, study.order), float(study.max_dofs))
        finer = refine(mesh, shape_errors(study, mesh, space, vectors[rigid:]), target, study.order)
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


def matrices(study: Study, mesh: Any, diagonal_mm: float) -> tuple[Any, Any, Any]:
    """The space of displacements, the stiffness (N/mm, beddings included) and the mass (t), assembled."""
    import ngsolve as ng

    from backend.physics.fem.contact import spring_response
    from backend.physics.fem.elasticity import strain
    from backend.physics.fem.material import by_solid, hooke
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
    block = min(count + max(6, count // 2), int(sum(space.FreeDofs())))
    rng = np.random.default_rng(7)
    vectors = [stiffness.mat.CreateColVector() for _ in range(block)]
    loads = [stiffness.mat.CreateColVector() for _ in range(block)]
    free = np.array(list(space.FreeDofs()), dtype=float)
    for vector in vectors:
        vector.FV().NumPy()[:] = rng.normal(size=len(free)) * free
    values, before = np.zeros(block), np.full(block, np.inf)
    for _ in range(60):
        for vector, load in zip(vectors, loads, strict=True):
            load.data = mass.mat * vector
        for vector, load in zip(vectors, loads, strict=True):
            vector.data = factor * load
        values = _rayleigh_ritz(vectors, shifted, mass.mat, loads)
        scale = max(values[count - 1], 1e-30)
        if np.abs(values[:count] - before[:count]).max() < 1e-9 * scale:
            break
        before = values
    return values[:count] - shift, vectors[:count]


def _rayleigh_ritz(vectors: list[Any], stiffness: Any, mass: Any, work: list[Any]) -> FloatArray:
    """Turns the block into the best approximations of eigenvectors within its span; returns their eigenvalues."""
    from scipy.linalg import eigh

    basis = np.array([np.array(v.FV().NumPy()) for v in vectors])
    basis /= np.linalg.norm(basis, axis=1, keepdims=True)
    reduced = []
    for matrix in (stiffness, mass):
        rows = []
        for vector, row, product in zip(vectors, basis, work, strict=True):
            vector.FV().NumPy()[:] = row
            product.data = matrix * vector
            rows.append(basis @ np.array(product.FV().NumPy()))
        reduced.append(np.array(rows))
    values, mix = eigh((reduced[0] + reduced[0].T) / 2, (reduced[1] + reduced[1].T) / 2)
    turned = mix.T @ basis
    for vector, row in zip(vectors, turned, strict=True):
        vector.FV().NumPy()[:] = row
    return np.asarray(values, dtype=float)


def shape_errors(study: Study, mesh: Any, space: Any, vectors: list[Any]) -> FloatArray:
    """Squared stress error per element, summed over the modes, each with unit energy."""
    import ngsolve as ng

    from backend.physics.fem.elasticity import strain
    from backend.physics.fem.material import hooke
    from backend.physics.fem.stress import Recovery, element_error

    total = np.zeros(mesh.ne)
    shape = ng.GridFunction(space)
    recovery = Recovery(mesh, study.order)
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
