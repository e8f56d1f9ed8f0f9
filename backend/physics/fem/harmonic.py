"""Steady harmonic response of a compiled B-rep: ``solve(study) -> result``.

study: ``brep``, ``material`` (with density), ``supports``, ``loads``, ``regions``, ``probes``, ``exclude``, ``levels``
(2), ``order`` (2), ``max_dofs`` (40 000), ``solids``, ``contact``, ``mesh_size_mm``, ``fields_path`` as in
:mod:`.static`, where the loads are amplitudes (each may have ``phase_deg``); and

- ``base`` {acceleration_m_s2 [x, y, z]}: the supports shake together with this amplitude (and phase 0);
- ``frequencies_hz``: a list, or {start, stop, count, spacing linear|log};
- ``damping_ratio``: of critical, one for all modes or a list by mode (the last serves the rest); or ``rayleigh``
  {alpha_1_s, beta_s}, the factors of mass and stiffness;
- ``modes``: how many (12).

result: ``natural_frequencies_hz`` [{value, error}], ``damping_ratio`` by mode; ``response`` at the frequencies asked
for {displacement_mm, displacement_error_mm, von_mises_mpa, von_mises_error_mpa; regions {name: {displacement_mm,
von_mises_mpa}}, probes {name: {amplitude_mm [x, y, z], phase_deg [x, y, z], acceleration_m_s2 [x, y, z],
von_mises_mpa}}}; ``resonances`` within that range [{mode, natural_hz, peak_hz, displacement_mm, von_mises_mpa}];
``peak`` of all {displacement_mm, von_mises_mpa, each with error, frequency and location}; ``direct_check``;
``effective_mass_share``; levels, warnings, fields.

Excitation is cos(w t + phase), a response Re(U exp(i w t)): a lag is a negative phase. Displacements are relative to a
shaken base, accelerations absolute. Every maximum is taken over the cycle and, for von Mises stress, outside the zones
where linear elasticity has no finite value.

Modal superposition, u = sum phi_i (phi_i . f)/(w_i^2 - w^2 + 2 i z_i w_i w), with the static response of the modes that
are left out (Bathe, Finite Element Procedures, 2nd ed., section 9.3.2). ``direct_check`` solves the full system with
the same damping matrix on the first mesh at up to three frequencies; its difference is what the left-out modes cost.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.cycle import largest_length, largest_von_mises
from backend.physics.fem.errors import SolveError
from backend.physics.fem.harmonic_study import HarmonicStudy, read_harmonic_study

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[Any]

_RIGID_SHARE = 1e-4


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study; see the module's documentation for both forms."""
    checked = read_harmonic_study(study)
    from backend.physics.fem.threads import parallel

    with parallel():
        return _solve(checked)


@dataclass
class Basis:
    """Shapes at points: modes first, then static remainders with a fixed coefficient.

    omega, ratio: (modes,); force: (modes,) complex; rest: (remainders,) complex; shapes: (modes + remainders, points,
    3) mm; stresses: likewise (…, 6) MPa; points: (points, 3); open: (points,) where stress is assessed; masks and
    probes pick points.
    """

    omega: FloatArray
    ratio: FloatArray
    force: ComplexArray
    rest: ComplexArray
    shapes: FloatArray
    stresses: FloatArray
    points: FloatArray
    open: npt.NDArray[np.bool_]
    masks: dict[str, npt.NDArray[np.bool_]]
    probes: dict[str, tuple[FloatArray, FloatArray]]
    excluded: str
    surface: Any
    dofs: int
    elements: int

    def coefficients(self, frequency_hz: float) -> ComplexArray:
        """What each shape is multiplied by."""
        w = 2 * math.pi * frequency_hz
        modal = self.force / (self.omega**2 - w * w + 2j * self.ratio * self.omega * w)
        return np.concatenate([modal, self.rest])

    def moved(self, q: ComplexArray) -> ComplexArray:
        """Complex displacement at all points, (points, 3) mm."""
        return np.asarray(np.tensordot(q, self.shapes, axes=1))

    def stressed(self, q: ComplexArray) -> ComplexArray:
        """Complex stress at all points, (points, 6) MPa."""
        return np.asarray(np.tensordot(q, self.stresses, axes=1))

    def assess(self, frequency_hz: float) -> Moment:
        """Maxima over the cycle at one frequency."""
        q = self.coefficients(frequency_hz)
        travel = largest_length(self.moved(q))
        mises = largest_von_mises(self.stressed(q))
        seen = np.where(self.open, mises, -1.0)
        return Moment(frequency_hz, travel, seen, int(travel.argmax()), int(seen.argmax()))


@dataclass
class Moment:
    """Maxima over the cycle at all points: travel mm, von Mises MPa (-1 where it isn't assessed); where they peak."""

    frequency_hz: float
    travel: FloatArray
    mises: FloatArray
    travel_at: int
    mises_at: int

    @property
    def travel_mm(self) -> float:
        """Largest displacement."""
        return float(self.travel[self.travel_at])

    @property
    def mises_mpa(self) -> float:
        """Largest assessed stress."""
        return float(self.mises[self.mises_at])


def _solve(study: HarmonicStudy) -> dict[str, Any]:
    import ngsolve as ng

    from backend.physics.fem.material import mass_of
    from backend.physics.fem.mesh import (
        Focus,
        check_faces,
        check_thickness,
        load_part,
        make_mesh,
        refine,
        start_size_mm,
    )
    from backend.physics.fem.modal import lowest_modes, matrices, shape_errors
    from backend.physics.fem.supports import free_motions
    from backend.physics.fem.surface import sample

    started, cpu = time.perf_counter(), time.process_time()
    base = study.base
    part = load_part(base.brep, solids=base.solids, contact=base.contact)
    check_thickness(part)
    check_faces(part, base.faces_used())
    size = base.mesh_size_mm or start_size_mm(part, base.order, base.max_dofs, base.levels)
    spots = [Focus(point, 0.0, 0.7 * size) for point in base.probes_mm.values()]
    mesh, info = make_mesh(part, size, base.order, base.max_dofs, spots)
    warnings = [*part.warnings, *info.warnings]
    rigid = 6 if study.free else len(free_motions(sample(mesh), base.supports))
    bases: list[Basis] = []
    rows: list[dict[str, Any]] = []
    checks: list[dict[str, float]] = []
    shares: list[list[float]] = []
    for level in range(base.levels):
        begun = time.process_time()
        space, stiffness, mass = matrices(base, mesh, part.diagonal_mm)
        count = min(study.modes + rigid, int(sum(space.FreeDofs())) - 1)
        values, vectors = lowest_modes(base, part.diagonal_mm, count, space, stiffness, mass)
        if rigid and values[rigid - 1] > _RIGID_SHARE * values[rigid]:
            raise SolveError(
                f"The body should have {rigid} rigid motions, but motion {rigid} has stiffness.",
                "Check that the model is one piece and that its supports are as meant.",
            )
        values[:rigid] = 0.0
        system = _System(study, mesh, space, stiffness, mass, np.sqrt(np.maximum(values, 0.0)), vectors, rigid)
        found = system.basis(part.wall_mm)
        if not bases:
            checks = system.direct_check(_check_frequencies(study, found))
        bases.append(found)
        shares = system.effective_mass()
        rows.append(
            {
                "dofs": found.dofs, "elements": found.elements,
                "frequencies_hz": (found.omega[rigid:] / (2 * math.pi)).tolist(),
                "cpu_s": round(time.process_time() - begun, 3),
            }
        )  # fmt: skip
        if level + 1 == base.levels:
            break
        target = min(2.5 * found.dofs, float(base.max_dofs))
        finer = refine(mesh, shape_errors(base, mesh, space, vectors[rigid:]), target, base.order)
        if finer is None:
            warnings.append(f"Stopped after {level + 1} of {base.levels} meshes: no finer one fits max_dofs.")
            break
        mesh = finer
    from backend.physics.fem.harmonic_result import result_of

    result = result_of(study, bases, rows, checks, shares, rigid, warnings)
    result["version"] = ng.__version__
    result["mass_g"] = mass_of(base, part.solid_volumes_mm3) * 1e3
    result["timings_s"] = {"total": round(time.perf_counter() - started, 4), "cpu": round(time.process_time() - cpu, 4)}
    return result


def _check_frequencies(study: HarmonicStudy, found: Basis) -> list[float]:
    """The first and the last frequency asked for, and the first natural one between."""
    low, high = min(study.frequencies_hz), max(study.frequencies_hz)
    natural = [f for f in found.omega / (2 * math.pi) if low <= f <= high]
    return sorted({low, high, *natural[:1]})


class _System:
    """The assembled problem of one mesh with its modes."""

    def __init__(
        self, study: HarmonicStudy, mesh: Any, space: Any, stiffness: Any, mass: Any, omega: FloatArray,
        vectors: list[Any], rigid: int,
    ) -> None:  # fmt: skip
        self.study, self.mesh, self.space, self.stiffness, self.mass = study, mesh, space, stiffness, mass
        self.omega, self.rigid = omega, rigid
        self.shapes = np.array([np.array(v.FV().NumPy()) for v in vectors])
        self._in, self._out = stiffness.mat.CreateColVector(), stiffness.mat.CreateColVector()
        self.load = self._load()
        self.ratio = study.damping(omega)
        self.force = np.asarray(self.shapes @ self.load)

    def _times(self, matrix: Any, vector: FloatArray) -> FloatArray:
        self._in.FV().NumPy()[:] = vector
        self._out.data = matrix * self._in
        return np.array(self._out.FV().NumPy())

    def _load(self) -> ComplexArray:
        import ngsolve as ng

        from backend.physics.fem.loads import add_loads
        from backend.physics.fem.supports import rigid_modes

        base = self.study.base
        total = np.zeros(self.space.ndof, dtype=complex)
        for load, phase in zip(base.loads, self.study.phases_deg, strict=True):
            form = ng.LinearForm(self.space)
            add_loads(form, self.space.TestFunction(), self.mesh, replace(base, loads=(load,)))
            form.Assemble()
            total += np.array(form.vec.FV().NumPy()) * np.exp(1j * math.radians(phase))
        if self.study.acceleration_m_s2 is not None:
            along = rigid_modes(self.space, np.zeros(3))[:3]
            shift = np.array(self.study.acceleration_m_s2) * 1e3 @ along
            total -= self._times(self.mass.mat, shift)
        return total

    def _static(self, load: FloatArray) -> FloatArray:
        factor = self.stiffness.mat.Inverse(self.space.FreeDofs(), inverse="sparsecholesky")
        return self._times(factor, load)

    def basis(self, wall_mm: float) -> Basis:
        """Modes and remainders as values at the points that are read."""
        import ngsolve as ng

        from backend.physics.fem.assess import zones_of
        from backend.physics.fem.material import hooke, strain
        from backend.physics.fem.probes import locate
        from backend.physics.fem.stress import Recovery
        from backend.physics.fem.surface import sample

        base = self.study.base
        surface = sample(self.mesh)
        zones = zones_of(surface, base, wall_mm)
        vertices = np.asarray(self.mesh.ngmesh.Coordinates(), dtype=float)
        points = np.concatenate([surface.nodal(surface.points), vertices])
        remainders, rest = self._remainders()
        field = ng.GridFunction(self.space)
        recovery = Recovery(self.mesh, base.order, base)
        places = {name: locate(name, point, self.mesh, surface) for name, point in base.probes_mm.items()}
        shapes, stresses = [], []
        read: dict[str, tuple[list[FloatArray], list[FloatArray]]] = {name: ([], []) for name in places}
        for vector in [*self.shapes, *remainders]:
            field.vec.FV().NumPy()[:] = vector
            recovered = recovery.of(hooke(base, strain(field), self.mesh))
            moved, stressed = surface.evaluate(ng.CF(field)), surface.evaluate(recovered.field)
            inner = np.stack([c.vec.FV().NumPy()[: self.mesh.nv] for c in field.components], axis=1)
            shapes.append(np.concatenate([surface.nodal(moved), inner]))
            stresses.append(np.concatenate([surface.nodal(stressed), recovered.at_vertices(self.mesh.nv)]))
            for name, place in places.items():
                read[name][0].append(place.value(field, moved))
                read[name][1].append(place.value(recovered.field, stressed))
        masks = {}
        for name, faces in base.regions.items():
            mask = np.zeros(len(points), dtype=bool)
            mask[surface.node[surface.on(faces)].reshape(-1)] = True
            masks[name] = mask
        excluded = zones.excluded(points)
        return Basis(
            omega=self.omega, ratio=self.ratio, force=self.force, rest=rest, shapes=np.array(shapes),
            stresses=np.array(stresses), points=points, open=~excluded if not excluded.all() else excluded,
            masks=masks, probes={name: (np.array(u), np.array(s)) for name, (u, s) in read.items()},
            excluded=zones.words(), surface=surface, dofs=int(self.space.ndof), elements=int(self.mesh.ne),
        )  # fmt: skip

    def _remainders(self) -> tuple[list[FloatArray], ComplexArray]:
        """Static response that the modes lack, for the real and the imaginary part of the load. None of a free body."""
        if self.rigid:
            return [], np.zeros(0, dtype=complex)
        shapes: list[FloatArray] = []
        factors: list[complex] = []
        for part, unit in ((self.load.real, 1.0 + 0j), (self.load.imag, 1j)):
            if np.abs(part).max() > 0:
                modal = (self.shapes @ part) / self.omega**2
                shapes.append(self._static(part) - modal @ self.shapes)
                factors.append(unit)
        return shapes, np.array(factors, dtype=complex)

    def direct_check(self, frequencies_hz: list[float]) -> list[dict[str, float]]:
        """The full system with the modes' damping, C = sum 2 z_i w_i (M phi_i)(M phi_i)^T, against the superposition.

        The real matrix K - w^2 M is factored and C, of low rank, added by Woodbury's formula. difference_rel is in the
        norm of the kinetic energy.
        """
        if self.rigid:
            return []
        heavy = np.array([self._times(self.mass.mat, shape) for shape in self.shapes])
        remainders, rest = self._remainders()
        found = []
        for frequency in frequencies_hz:
            w = 2 * math.pi * frequency
            matrix = self.stiffness.mat.CreateMatrix()
            matrix.AsVector().data = self.stiffness.mat.AsVector() - w * w * self.mass.mat.AsVector()
            factor = matrix.Inverse(self.space.FreeDofs(), inverse="sparsecholesky")
            solved = np.array([self._times(factor, row) for row in heavy]).T
            plain = self._times(factor, self.load.real) + 1j * self._times(factor, self.load.imag)
            weight = np.diag(1 / (2j * w * self.ratio * self.omega))
            inner = np.linalg.solve(weight + heavy @ solved, heavy @ plain)
            direct = plain - solved @ inner
            modal = self.force / (self.omega**2 - w * w + 2j * self.ratio * self.omega * w)
            ours = modal @ self.shapes + (rest @ np.array(remainders) if remainders else 0.0)
            size = self._energy(direct)
            found.append({"frequency_hz": frequency, "difference_rel": math.sqrt(self._energy(ours - direct) / size)})
        return found

    def _energy(self, u: ComplexArray) -> float:
        return sum(float(p @ self._times(self.mass.mat, p)) for p in (np.array(u.real), np.array(u.imag))) or 1e-300

    def effective_mass(self) -> list[list[float]]:
        """Share of the mass that each mode moves along x, y, z."""
        from backend.physics.fem.supports import rigid_modes

        along = rigid_modes(self.space, np.zeros(3))[:3]
        heavy = np.array([self._times(self.mass.mat, row) for row in along])
        whole = float(along[0] @ heavy[0])
        return ((self.shapes @ heavy.T) ** 2 / whole).tolist()  # type: ignore[no-any-return]
