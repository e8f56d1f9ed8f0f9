"""Linear buckling of a compiled B-rep: the factor on the loads at which it loses stability.

study: as in :mod:`.static` (supports, loads, gravity …), and ``modes`` (default 1), ``levels`` (2), ``max_dofs``
(60 000), ``error_target_rel`` (of every factor; it ends refinement before the last level).

result: ``load_factors`` [{value, error}], ascending and positive (above one: safe by that factor, in the linear theory
of a perfect shape), per-level history; ``von_mises_mpa`` {value, error, excluded}: the largest stress under the loads
given, without zones at supports and sharp corners, which tells whether the part still is elastic there. Loads that
stiffen (tension) give no factor.

K phi = -lambda G phi with the geometric stiffness G(u, v) = int s_ij u_k,i v_k,j of the stress s under the given loads
(Bathe, Finite Element Procedures, 2nd ed., section 6.8.2), by block inverse iteration. A pressure stays at right angles
to its face as that buckles, so that G holds its change too, int p d(n dA).v (the symmetric part, which is all of it
where the pressed faces are closed or end at supports); forces and weight keep their direction. Real parts have
imperfections and yield: the factor is an upper bound, which design codes divide by two and more.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.study import Study, read_study

FloatArray = npt.NDArray[np.float64]


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    return solve_mesh(study)[0]


def solve_mesh(study: Mapping[str, Any]) -> tuple[dict[str, Any], Study, Any]:
    """The result, the study as read, and the last mesh, for those who go on from there."""
    plain = {"levels": 2, "max_dofs": 60_000, **study}
    count = plain.pop("modes", 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 20:
        raise StudyError(f"modes is {count!r}; expected a whole number from 1 to 20.", "Change modes.")
    checked = read_study(plain)
    if any(s.kind == "compression_only" for s in checked.supports):
        raise StudyError("Linear buckling needs linear supports; contact isn't.", "Use fixed or frictionless supports.")
    from backend.physics.fem.threads import parallel

    with parallel():
        result, mesh = _solve(checked, count)
    return result, checked, mesh


def _solve(study: Study, count: int) -> tuple[dict[str, Any], Any]:
    import ngsolve as ng

    from backend.physics.fem.assess import estimate
    from backend.physics.fem.elasticity import solve_level
    from backend.physics.fem.loads import focus_of
    from backend.physics.fem.mesh import check_faces, check_thickness, load_part, make_mesh, refine, start_size_mm
    from backend.physics.fem.modal import export_shapes, reached, shape_errors
    from backend.physics.fem.supports import check_rigid_body
    from backend.physics.fem.surface import sample

    started, cpu = time.perf_counter(), time.process_time()
    part = load_part(study.brep, solids=study.solids, contact=study.contact)
    check_thickness(part)
    check_faces(part, study.faces_used())
    planned = study.levels if study.error_target_rel is None else min(study.levels, 2)
    size = study.mesh_size_mm or start_size_mm(part, study.order, study.max_dofs, planned)
    mesh, info = make_mesh(part, size, study.order, study.max_dofs, focus_of(study.loads))
    check_rigid_body(sample(mesh), study.supports, mesh)
    center = (part.low_mm + part.high_mm) / 2
    history: list[list[float]] = []
    stresses: list[float] = []
    rows: list[dict[str, Any]] = []
    for level in range(study.levels):
        begun = time.process_time()
        state = solve_level(study, mesh, part.diagonal_mm, center)
        factors, shapes = _factors(study, mesh, state, part.diagonal_mm, count)
        history.append(factors)
        stress, zones = _stress(study, mesh, state, part.wall_mm)
        stresses.append(stress)
        rows.append(
            {"dofs": state.dofs, "elements": int(mesh.ne), "load_factors": factors, "assessed_von_mises_mpa": stress}
        )
        rows[-1]["cpu_s"] = round(time.process_time() - begun, 3)
        if level + 1 == study.levels or not factors or reached(history, study.error_target_rel):
            break
        target = min(2.5 * state.dofs, float(study.max_dofs))
        finer = refine(mesh, shape_errors(study, mesh, state.displacement.space, shapes), target, study.order)
        if finer is None:
            break
        mesh = finer
    shared = min(len(f) for f in history)
    reached_mpa = estimate(stresses)
    settled = [estimate([f[i] for f in history], floor_rel=1e-4) for i in range(shared)]
    warnings = [*part.warnings, *info.warnings]
    if not shared:
        warnings.append("No positive load factor was found: these loads stiffen the part, or buckle it only reversed.")
    result = {
        "solver": "ngsolve",
        "version": ng.__version__,
        "load_factors": [{"value": s.value, "error": s.error, "converged": s.converged} for s in settled],
        "von_mises_mpa": {"value": reached_mpa.value, "error": reached_mpa.error, "excluded": zones},
        "levels": rows,
        "warnings": warnings,
        "fields": None,
    }
    if study.fields_path and shapes:
        result["fields"] = export_shapes(study.fields_path, mesh, state.displacement.space, shapes)
    result["timings_s"] = {"total": round(time.perf_counter() - started, 4), "cpu": round(time.process_time() - cpu, 4)}
    return result, mesh


def _stress(study: Study, mesh: Any, state: Any, wall_mm: float) -> tuple[float, str]:
    """The largest von Mises stress (MPa) on the surface under the loads given, and the zones that it leaves out."""
    from backend.physics.fem.assess import zones_of
    from backend.physics.fem.stress import Recovery, von_mises
    from backend.physics.fem.surface import sample

    surface = sample(mesh)
    zones = zones_of(surface, study, wall_mm)
    values = von_mises(surface.evaluate(Recovery(mesh, study.order, study).of(state.stress).field)).reshape(-1)
    left_out = zones.excluded(surface.points.reshape(-1, 3))
    seen = values if left_out.all() else values[~left_out]
    return float(seen.max()), zones.words()


def _turned(u: Any, v: Any) -> Any:
    """Work on ``v`` of the change of n dA, the directed area of the boundary, by the displacement ``u``."""
    import ngsolve as ng

    normal, slope = ng.specialcf.normal(3), ng.Grad(u).Trace()
    return ng.Trace(slope) * ng.InnerProduct(normal, v.Trace()) - ng.InnerProduct(normal, slope * v.Trace())


def factors_on(study: Study, mesh: Any, diagonal_mm: float, count: int, *, turning: bool = True) -> list[float]:
    """The smallest positive load factors on a given mesh; ``turning``: whether pressures turn with their faces."""
    from backend.physics.fem.elasticity import solve_level

    state = solve_level(study, mesh, diagonal_mm, np.zeros(3))
    return _factors(study, mesh, state, diagonal_mm, count, turning)[0]


def _factors(
    study: Study, mesh: Any, state: Any, diagonal_mm: float, count: int, turning: bool = True
) -> tuple[list[float], list[Any]]:
    """The smallest positive load factors and their shapes, on one mesh."""
    import ngsolve as ng
    from scipy.linalg import eigh

    from backend.physics.fem.contact import spring_response
    from backend.physics.fem.material import hooke, strain
    from backend.physics.fem.mesh import region_pattern
    from backend.physics.fem.modal import each_row
    from backend.physics.fem.supports import beddings, dirichlet_flags

    space = ng.VectorH1(mesh, order=study.order, **dirichlet_flags(study.supports))
    u, v = space.TnT()
    stiffness = ng.BilinearForm(space, symmetric=True)
    stiffness += ng.InnerProduct(hooke(study, strain(u), mesh), strain(v)) * ng.dx
    for layer in beddings(study.supports, study.stiffest_mpa, diagonal_mm):
        stiffness += spring_response(layer, u, v)
    geometric = ng.BilinearForm(space, symmetric=True)
    geometric += -ng.InnerProduct(ng.Grad(u) * state.stress, ng.Grad(v)) * ng.dx
    for load in study.loads:
        if load.kind == "pressure" and turning:
            measure = ng.ds(region_pattern(load.faces), bonus_intorder=2)
            geometric += -0.5 * load.pressure_mpa * (_turned(u, v) + _turned(v, u)) * measure
    stiffness.Assemble()
    geometric.Assemble()
    factor = stiffness.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky")
    free = np.array(list(space.FreeDofs()), dtype=float)
    block = min(2 * count + 6, int(free.sum()))
    rng = np.random.default_rng(11)
    vector, product = stiffness.mat.CreateColVector(), stiffness.mat.CreateColVector()
    basis = rng.normal(size=(block, len(free))) * free

    def times(matrix: Any, rows: FloatArray) -> FloatArray:
        return each_row(matrix, rows, vector, product)

    before, found = np.zeros(count), np.zeros(0)
    for _ in range(80):
        basis = times(factor, times(geometric.mat, basis))
        basis /= np.linalg.norm(basis, axis=1, keepdims=True)
        reduced_g, reduced_k = basis @ times(geometric.mat, basis).T, basis @ times(stiffness.mat, basis).T
        values, mix = eigh((reduced_g + reduced_g.T) / 2, (reduced_k + reduced_k.T) / 2)
        basis = mix.T @ basis
        # The inverse factors are the eigenvalues; the largest positive ones are the first to buckle.
        order = np.argsort(-values)
        found = values[order][:count]
        if np.abs(found - before).max() < 1e-8 * max(np.abs(values).max(), 1e-300):
            break
        before = found
    if not np.isfinite(found).all():
        raise SolveError("The buckling iteration broke down.", "Check the supports and the loads.")
    positive = [i for i, value in enumerate(found) if value > 1e-9 * np.abs(values).max()]
    shapes = []
    for index in positive:
        shape = stiffness.mat.CreateColVector()
        shape.FV().NumPy()[:] = basis[order[index]]
        shapes.append(shape)
    return [float(1 / found[i]) for i in positive], shapes
