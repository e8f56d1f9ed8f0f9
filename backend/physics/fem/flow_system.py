"""Steady incompressible Navier-Stokes on one mesh, in a plane or in space.

Velocity of order k, pressure of order k - 1 (Taylor and Hood), on curved elements; Newton's method from the Stokes
flow, with steps in the Reynolds number where it doesn't settle. Inside, lengths are in mm, velocities in units of a
speed U and pressures in units of rho U^2, so that the viscosity is nu/U in mm:

    (u . grad) u - nu/U div grad u + grad p = 0,   div u = 0,   at an opening nu/U du/dn - p n = -p0 n.

Forces are the residual of the momentum equation at the nodes of a face, which is as accurate as the flow's energy, not
as its gradients (Babuska and Miller 1984; John and Matthies 2001, Int. J. Numer. Meth. Fluids 37, 885).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import reading
from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.flow_study import FlowStudy, Motion, Opening
from backend.physics.fem.mesh import edge_pattern, face_name

FloatArray = npt.NDArray[np.float64]

_NEWTON_STEPS = 25
_SETTLED = 1e-8
# Elements whose velocity is wholly prescribed (corners) leave a pressure undetermined; this pins it, some 1e-9 of the
# flow.
_PRESSURE_PIN = 1e-9
_FLAT = 0.9999
_SLIDES = 1e-3  # of the velocity may be across a moving wall,
_TURNS = 1e-2  # and across one that turns, which the mesh follows in curved elements


@dataclass(frozen=True)
class Borders:
    """How faces of the model are named on the mesh, which is the face ``plane`` itself in a plane flow."""

    plane: int | None

    def pattern(self, faces: tuple[int, ...]) -> str:
        """NGSolve's boundary pattern of faces; in a plane flow, of the edges where they meet the plane."""
        if self.plane is None:
            return "|".join(face_name(i) for i in faces)
        return "|".join(edge_pattern((min(i, self.plane), max(i, self.plane))) for i in faces)

    def points(self, mesh: Any, faces: tuple[int, ...]) -> FloatArray:
        """The mesh's nodes on faces, (n, 3) mm."""
        import ngsolve as ng

        on = np.array(list(ng.H1(mesh, order=1).GetDofs(mesh.Boundaries(self.pattern(faces)))), dtype=bool)
        found = np.zeros((int(on.sum()), 3))
        nodes = np.asarray(mesh.ngmesh.Coordinates(), dtype=float)[: mesh.nv][on]
        found[:, : nodes.shape[1]] = nodes
        return found


def outward_normal(mesh: Any) -> Any:
    """The outward normal of a plane mesh: NGSolve's follows the direction of the edges, which a face may mix."""
    import ngsolve as ng

    nodes = np.asarray(mesh.ngmesh.Coordinates(), dtype=float)[:, :2]
    plain = ng.specialcf.normal(2)
    rule = ng.IntegrationRule([(0.5, 0.0)], [0.0])
    normals = np.asarray(plain(mesh.MapToAllElements({ng.SEGM: rule}, ng.BND)), dtype=float)
    signs: dict[str, float] = {}
    for element, normal in zip(mesh.Elements(ng.BND), normals, strict=True):
        inner = mesh[mesh[element.facets[0]].elements[0]]
        center = nodes[[v.nr for v in inner.vertices]].mean(axis=0)
        middle = nodes[[v.nr for v in element.vertices]].mean(axis=0)
        sign = 1.0 if float(normal @ (middle - center)) > 0 else -1.0
        if signs.setdefault(element.mat, sign) != sign:
            raise StudyError(f"The edges of {element.mat} run against each other.", "Divide that face of the model.")
    return mesh.BoundaryCF(signs, default=1.0) * plain


class FlowSystem:
    """A flow on one mesh. ``speed_mm_s``: the unit of velocity; ``before``: the velocity on the mesh before."""

    def __init__(
        self, study: FlowStudy, mesh: Any, borders: Borders, walls: tuple[int, ...], speed_mm_s: float
    ) -> None:
        import ngsolve as ng

        self.study, self.mesh, self.borders, self.walls, self.speed = study, mesh, borders, walls, speed_mm_s
        self.dim = int(mesh.dim)
        self.normal = ng.specialcf.normal(self.dim) if self.dim == 3 else outward_normal(mesh)
        self.nu = study.viscosity_pa_s / study.density_kg_m3 * 1e6 / speed_mm_s  # mm2/s over mm/s
        held = [*walls, *(f for faces, _ in study.velocities for f in faces)]
        held += [f for o in study.openings if o.prescribed for f in o.faces]
        flags = {"dirichlet": borders.pattern(tuple(held))}
        self._slanted: list[int] = []
        for face in study.symmetry:
            axis = self._axis_of(face)
            if axis is None:
                self._slanted.append(face)
            else:
                key = f"dirichlet{'xyz'[axis]}"
                flags[key] = "|".join(p for p in (flags.get(key), borders.pattern((face,))) if p)
        velocity = ng.VectorH1(mesh, order=study.order, **flags)
        self.space = velocity * ng.H1(mesh, order=study.order - 1)
        self.state = ng.GridFunction(self.space)
        self.velocity, self.pressure = self.state.components
        self.free = self.space.FreeDofs()
        if not any(not o.prescribed for o in study.openings):
            self.free[velocity.ndof] = False  # an enclosed flow's pressure has no zero of its own
        self._scalar = velocity.components[0].ndof

    def _axis_of(self, face: int) -> int | None:
        """The coordinate axis that a flat symmetry face is normal to, or None for a slanted one."""
        normal = self._flat_normal((face,))
        if normal is None:
            raise StudyError(f"The symmetry face {face} isn't flat.", "Only a plane can be a plane of symmetry.")
        axis = int(np.abs(normal).argmax())
        return axis if abs(normal[axis]) > _FLAT else None

    def _flat_normal(self, faces: tuple[int, ...]) -> FloatArray | None:
        """The outward unit normal of faces in one plane (edges in one line), from their nodes; None where they bend."""
        import ngsolve as ng

        pattern = self.borders.pattern(faces)
        linear = ng.H1(self.mesh, order=1)
        nodes = np.array(list(linear.GetDofs(self.mesh.Boundaries(pattern))), dtype=bool)
        points = np.asarray(self.mesh.ngmesh.Coordinates(), dtype=float)[: self.mesh.nv][nodes][:, : self.dim]
        _, size, right = np.linalg.svd(points - points.mean(axis=0), full_matrices=True)
        if len(size) == self.dim and size[-1] > 1e-6 * size[0]:
            return None
        normal = right[-1]
        measure = ng.ds(pattern)
        mean = [float(ng.Integrate(self.normal[i] * measure, self.mesh)) for i in range(self.dim)]
        return np.asarray(normal * np.sign(normal @ np.array(mean)))

    @property
    def size_mm3(self) -> float:
        """Volume of the fluid, mm3 (area of a plane flow, mm2)."""
        import ngsolve as ng

        return float(ng.Integrate(ng.CF(1.0), self.mesh))

    def check_sliding(self) -> None:
        """Raises :class:`StudyError` where a moving wall would move into the fluid or away from it."""
        import ngsolve as ng

        for index in self.study.sliding:
            faces, motion = self.study.velocities[index]
            measure = ng.ds(self.borders.pattern(faces), bonus_intorder=4)
            velocity = self.moving(motion)
            share = float(ng.Integrate(ng.Norm(ng.InnerProduct(velocity, self.normal)) * measure, self.mesh))
            share /= float(ng.Integrate(ng.Norm(velocity) * measure, self.mesh))
            if share > (_TURNS if motion.turns else _SLIDES):
                raise StudyError(
                    f"velocities[{index}] moves the wall of faces {list(faces)} into or out of the fluid "
                    f"({100 * share:.3g} % of its velocity is across it).",
                    "A wall that turns is round about its axis: correct axis and point."
                    if motion.turns
                    else "A wall slides along itself: give a velocity in its plane.",
                )

    def moving(self, motion: Motion) -> Any:
        """The velocity of a motion as a field, in units of the system's speed."""
        import ngsolve as ng

        at = [c - p for c, p in zip((ng.x, ng.y, ng.z), motion.point_mm, strict=True)]
        spin = motion.spin_rad_s
        turning = [spin[(i + 1) % 3] * at[(i + 2) % 3] - spin[(i + 2) % 3] * at[(i + 1) % 3] for i in range(3)]
        total = [1e3 * v + t for v, t in zip(motion.velocity_m_s, turning, strict=True)]
        return ng.CF(tuple(c / self.speed for c in total[: self.dim]))

    # --- what is prescribed -------------------------------------------------------------------------------------------

    def prescribe(self) -> None:
        """Writes the given velocities into the state; walls come last, so that the rim of an inlet rests."""
        import ngsolve as ng

        space = self.velocity.space
        values = self.velocity.vec.FV().NumPy()
        # Walls win over openings, openings over given velocities.
        wall = self._dofs(self.walls) if self.walls else np.zeros(space.ndof, dtype=bool)
        scratch = ng.GridFunction(space)
        for faces, motion in self.study.velocities:
            scratch.Set(self.moving(motion), definedon=self._on(self.borders.pattern(faces)))
            mine = self._dofs(faces) & ~wall
            values[mine] = scratch.vec.FV().NumPy()[mine]
        for opening in self.study.openings:
            if opening.prescribed:
                flow = self._profile(opening)
                mine = self._dofs(opening.faces) & ~wall
                values[mine] = flow[mine]
        values[wall] = 0.0

    def _on(self, pattern: str) -> Any:
        return self.mesh.Boundaries(pattern)

    def _dofs(self, faces: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        return np.array(list(self.velocity.space.GetDofs(self._on(self.borders.pattern(faces)))), dtype=bool)

    def _profile(self, opening: Opening) -> FloatArray:
        """Velocity of an opening as coefficients: its direction times a profile with the flow that is asked for."""
        import ngsolve as ng

        pattern = self.borders.pattern(opening.faces)
        measure = ng.ds(pattern, bonus_intorder=2)
        size = float(ng.Integrate(ng.CF(1.0) * measure, self.mesh))
        outward = self._flat_normal(opening.faces)
        if outward is None:
            raise StudyError(
                f"The {opening.kind} on faces {list(opening.faces)} isn't flat, so that it has no direction.",
                "End the fluid body in a plane there, or give velocities as vectors.",
            )
        direction = outward * (-1 if opening.kind == "inlet" else 1)
        profile = self._scalar_profile(opening, pattern, measure)
        along = float(ng.Integrate(profile * measure, self.mesh))
        wanted = self.mean_speed_mm_s(opening, size) / self.speed * size
        factor = wanted / along
        shape = np.array(profile.vec.FV().NumPy()) * factor
        return np.concatenate([direction[i] * shape for i in range(self.dim)])

    def mean_speed_mm_s(self, opening: Opening, area_mm2: float) -> float:
        """Mean speed through an opening; in a plane flow its area is length times 1 mm."""
        if opening.drive == "velocity_m_s":
            return 1e3 * opening.value
        volume = opening.value if opening.drive == "flow_m3_s" else opening.value / self.study.density_kg_m3
        return 1e9 * volume / area_mm2

    def _scalar_profile(self, opening: Opening, pattern: str, measure: Any) -> Any:
        """Fully developed: -div grad w = 1 in the opening, w = 0 at walls; uniform: one, but zero at walls."""
        import ngsolve as ng

        space = ng.H1(self.mesh, order=self.study.order)
        inside = space.GetDofs(self._on(pattern))
        if self.walls:
            inside &= ~space.GetDofs(self._on(self.borders.pattern(self.walls)))
        profile = ng.GridFunction(space)
        if opening.profile == "uniform" or not self.walls:
            profile.Set(ng.CF(1.0), definedon=self._on(pattern))
            keep = np.array(list(inside), dtype=bool)
            profile.vec.FV().NumPy()[~keep] = 0.0
            return profile
        u, v = space.TnT()
        form = ng.BilinearForm(space)
        form += ng.InnerProduct(ng.Grad(u).Trace(), ng.Grad(v).Trace()) * measure
        load = ng.LinearForm(space)
        load += v * measure
        form.Assemble()
        load.Assemble()
        try:
            profile.vec.data = form.mat.Inverse(inside, inverse="umfpack") * load.vec
        except Exception as error:
            raise StudyError(
                f"The {opening.kind} on faces {list(opening.faces)} touches no wall: it has no developed profile.",
                "Give profile: uniform.",
            ) from error
        return profile

    # --- solving ------------------------------------------------------------------------------------------------------

    def _form(self, nu: float, inertia: bool) -> Any:
        import ngsolve as ng

        (u, p), (v, q) = self.space.TnT()
        form = ng.BilinearForm(self.space)
        form += (nu * ng.InnerProduct(ng.Grad(u), ng.Grad(v)) - ng.div(u) * q - ng.div(v) * p) * ng.dx
        form += -(_PRESSURE_PIN / nu) * p * q * ng.dx
        if inertia:
            form += ng.InnerProduct(ng.Grad(u) * u, v) * ng.dx(bonus_intorder=self.study.order - 1)
        normal = self.normal
        scale = self.study.density_kg_m3 * (self.speed * 1e-3) ** 2
        for opening in self.study.openings:
            if not opening.prescribed and opening.value:
                measure = ng.ds(self.borders.pattern(opening.faces), bonus_intorder=2)
                form += opening.value / scale * ng.InnerProduct(v, normal) * measure
        for face in self._slanted:
            measure = ng.ds(self.borders.pattern((face,)))
            stiff = 1e4 * nu / ng.specialcf.mesh_size
            form += stiff * ng.InnerProduct(u, normal) * ng.InnerProduct(v, normal) * measure
        return form

    def solve(self, started: bool) -> tuple[int, float]:
        """Newton's method; ``started``: the state holds a guess. Returns steps and the factor on the viscosity, 1."""
        if not started:
            self._newton(self._form(self.nu, inertia=False), steps=2)
        keep = self.state.vec.CreateVector()
        keep.data = self.state.vec
        done = self._newton(self._form(self.nu, inertia=True), _NEWTON_STEPS)
        if done is not None:
            return done, 1.0
        self.state.vec.data = keep
        self._newton(self._form(self.nu, inertia=False), steps=2)
        count = 0
        share = 1.0
        for factor in (16.0, 8.0, 4.0, 2.5, 1.6, 1.25, 1.0):
            found = self._newton(self._form(self.nu * factor, inertia=True), _NEWTON_STEPS)
            if found is None:
                raise SolveError(
                    f"No steady laminar flow was found beyond {100 / share:.0f} % of the asked Reynolds number.",
                    "The flow is probably unsteady; lower the speed, or refine the mesh (max_dofs).",
                )
            count, share = count + found, factor
        return count, share

    def _newton(self, form: Any, steps: int) -> int | None:
        """Steps until the change is below 1e-8 of the flow; None where it isn't so after ``steps``."""
        import ngsolve as ng

        residual, change = self.state.vec.CreateVector(), self.state.vec.CreateVector()
        velocity = slice(0, self.velocity.space.ndof)
        for number in range(steps):
            form.Apply(self.state.vec, residual)
            form.AssembleLinearization(self.state.vec)
            try:
                change.data = form.mat.Inverse(self.free, inverse="umfpack") * residual
            except Exception as error:
                raise SolveError(
                    f"The flow's matrix can't be factored: {error}", "Check openings and walls."
                ) from error
            self.state.vec.data -= change
            moved = float(np.abs(change.FV().NumPy()[velocity]).max())
            size = float(np.abs(self.state.vec.FV().NumPy()[velocity]).max())
            if not np.isfinite(moved) or moved > 1e3 * max(size, 1.0) or not np.isfinite(float(ng.Norm(residual))):
                return None
            if moved < _SETTLED * max(size, 1e-30):
                return number + 1
        return None

    # --- reading ------------------------------------------------------------------------------------------------------

    def forces(self, groups: Mapping[str, tuple[int, ...]]) -> dict[str, list[float]]:
        """Force of the fluid on groups of faces, N (N per mm of depth in a plane flow)."""
        import ngsolve as ng

        residual = self._residual()
        near = ng.GridFunction(self.velocity.space)
        found = {}
        for name, faces in groups.items():
            # The functions of the vertices add up to one on the faces.
            nodes = self._dofs(faces)[: self._scalar]
            nodes[self.mesh.nv :] = False
            parts = []
            for axis in range(self.dim):
                near.vec.FV().NumPy()[:] = 0.0
                near.vec.FV().NumPy()[axis * self._scalar : (axis + 1) * self._scalar] = nodes
                parts.append(self._pulled(faces, near, residual))
            found[name] = [self._stress_unit * part for part in parts]
        return found

    def torques(self, groups: Mapping[str, tuple[tuple[int, ...], reading.Vector, reading.Vector]]) -> dict[str, float]:
        """Moment of the fluid's forces on groups, each (faces, point mm, unit axis), about the axis through the point.

        In N mm (per mm of depth in a plane flow), right-handed about the axis.
        """
        import ngsolve as ng

        residual = self._residual() if groups else np.zeros(0)
        near = ng.GridFunction(self.velocity.space)
        found = {}
        for name, (faces, point, axis) in groups.items():
            turning = self.speed * self.moving(Motion((0.0, 0.0, 0.0), axis, point))
            near.Set(turning, definedon=self._on(self.borders.pattern(faces)))
            near.vec.FV().NumPy()[~self._dofs(faces)] = 0.0
            found[name] = self._stress_unit * self._pulled(faces, near, residual)
        return found

    @property
    def _stress_unit(self) -> float:
        """N/mm2 of a stress of one: rho U^2."""
        return self.study.density_kg_m3 * 1e-12 * self.speed**2

    def _residual(self) -> FloatArray:
        """What keeps the momentum from balance by function of the velocity: the work of what holds it."""
        residual = self.state.vec.CreateVector()
        self._form(self.nu, inertia=True).Apply(self.state.vec, residual)
        return np.array(residual.FV().NumPy()[: self.dim * self._scalar])

    def _pulled(self, faces: tuple[int, ...], near: Any, residual: FloatArray) -> float:
        """Work that the fluid does on faces along the field ``near``, which is zero on nodes off them."""
        import ngsolve as ng

        pull = self.nu * ng.Grad(self.velocity) * self.normal - self.pressure * self.normal
        work = float(residual @ near.vec.FV().NumPy())
        # The functions of the rim's nodes reach over to the faces beside, whose pull isn't this face's.
        held = [f for o in self.study.openings if o.prescribed for f in o.faces]
        held += [f for given, _ in self.study.velocities for f in given] + list(self.walls)
        normal_only = ng.InnerProduct(pull, self.normal) * self.normal
        for others, part in ((held, pull), (self.study.symmetry, normal_only)):
            beside = tuple(f for f in others if f not in faces)
            if beside:
                measure = ng.ds(self.borders.pattern(beside), bonus_intorder=2)
                work -= float(ng.Integrate(ng.InnerProduct(part, near) * measure, self.mesh))
        # The form has the gradient alone. On a wall at rest, or one that slides, that gives the whole traction; where
        # the wall turns, the transposed gradient adds nu (n x spin).
        for given, motion in self.study.velocities:
            mine = tuple(f for f in given if f in faces)
            if mine and motion.turns:
                measure = ng.ds(self.borders.pattern(mine), bonus_intorder=2)
                work -= float(ng.Integrate(self.nu * ng.InnerProduct(self._across(motion), near) * measure, self.mesh))
        return -work

    def _across(self, motion: Motion) -> Any:
        """spin x normal, in units of the system's speed over mm."""
        import ngsolve as ng

        spin = [w / self.speed for w in motion.spin_rad_s]
        normal = [self.normal[i] for i in range(self.dim)] + [0.0] * (3 - self.dim)
        turned = [spin[(i + 1) % 3] * normal[(i + 2) % 3] - spin[(i + 2) % 3] * normal[(i + 1) % 3] for i in range(3)]
        return ng.CF(tuple(turned[: self.dim]))

    def through(self, faces: tuple[int, ...]) -> dict[str, float]:
        """Of faces: area mm2 (length in a plane flow), flow mm3/s outward, mean pressure Pa, share of backflow."""
        import ngsolve as ng

        measure = ng.ds(self.borders.pattern(faces), bonus_intorder=2)
        outward = ng.InnerProduct(self.velocity, self.normal)
        area = float(ng.Integrate(ng.CF(1.0) * measure, self.mesh))
        flow = float(ng.Integrate(outward * measure, self.mesh))
        size = float(ng.Integrate(ng.Norm(outward) * measure, self.mesh))
        square = ng.InnerProduct(self.velocity, self.velocity)
        energy = float(ng.Integrate((self.pressure + square / 2) * outward * measure, self.mesh))
        unit = self.study.density_kg_m3 * (self.speed * 1e-3) ** 2
        pressure = unit * float(ng.Integrate(self.pressure * measure, self.mesh)) / area
        return {
            "area_mm2": area, "flow_mm3_s": flow * self.speed, "pressure_pa": pressure,
            "total_pressure_pa": unit * energy / flow if abs(flow) > 1e-9 * size else pressure,
            "against_share": (size - abs(flow)) / (2 * size) if size > 0 else 0.0,
        }  # fmt: skip

    def at(self, name: str, point: tuple[float, ...]) -> dict[str, Any]:
        """Velocity m/s and pressure Pa at a point in mm."""
        place = self._place(np.array(point[: self.dim]))
        if place is None:
            raise StudyError(f"probes.{name} at {list(point)} is outside the fluid.", "Move the probe.")
        unit = self.study.density_kg_m3 * (self.speed * 1e-3) ** 2
        speed = np.array(self.velocity(place)) * self.speed * 1e-3
        return {"velocity_m_s": speed.tolist(), "pressure_pa": float(self.pressure(place)) * unit}

    def _place(self, point: FloatArray) -> Any:
        """The mesh's place of a point; one on a curved wall may lie outside by what the elements miss of the curve."""
        nodes = np.asarray(self.mesh.ngmesh.Coordinates(), dtype=float)
        size = float(np.ptp(nodes, axis=0).max())
        ways = np.concatenate([np.eye(self.dim), -np.eye(self.dim)])
        for step in (0.0, 1e-9, 1e-7, 1e-6, 1e-5, 1e-4):
            for way in ways:
                try:
                    place = self.mesh(*(point + step * size * way))
                    self.pressure(place)
                    return place
                except Exception:  # noqa: S112, outside: the next way may lie inside
                    continue
        return None

    def fastest_m_s(self) -> float:
        """Largest speed at the mesh's vertices."""
        values = self.velocity.vec.FV().NumPy().reshape(self.dim, self._scalar)[:, : self.mesh.nv]
        return float(np.linalg.norm(values, axis=0).max()) * self.speed * 1e-3

    def error_by_element(self) -> FloatArray:
        """Squared difference of the velocity gradient from its smoothed self, (elements,)."""
        import ngsolve as ng

        raw = ng.Grad(self.velocity).Reshape((self.dim * self.dim,))
        smooth = ng.GridFunction(ng.H1(self.mesh, order=self.study.order - 1, dim=self.dim * self.dim))
        smooth.Set(raw)
        difference = smooth - raw
        squared = ng.Integrate(ng.InnerProduct(difference, difference), self.mesh, element_wise=True)
        return np.array(squared.NumPy())
