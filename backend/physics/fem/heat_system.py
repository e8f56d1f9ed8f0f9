"""The equations of transient conduction on one mesh, as :mod:`.timestep` wants them.

C dT/dt = F(T, t) = -K T + sum_i s_i(t) f_i + radiation(T), with C and K from the finite elements, one load vector f_i
for each boundary and s_i its value in time. Where conductivity or specific heat follow the temperature, K T becomes
int k(T) grad T . grad v and C T the heat content int H(T) v with dH/dT = rho c(T), so that heat is kept exactly: the
content is stepped, not c(T) dT. Units: W, mm, K, s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import SolveError, UnknownSolidError
from backend.physics.fem.mesh import region_pattern, solid_name
from backend.physics.fem.thermal import STEFAN_BOLTZMANN_W_MM2_K4, ZERO_C_K
from backend.physics.fem.thermal_material import ThermalMaterials

FloatArray = npt.NDArray[np.float64]

_NEWTON_STEPS = 25
_KEPT_FACTORS = 3
_SETTLED = 1e-9  # change of the temperature in kelvin, relative


@dataclass(frozen=True)
class Timed:
    """A boundary whose value runs in time. kind: temperature, convection, radiation, heat, flux or source.

    ``value``: degC held, degC of the surroundings, W, W/m2 or W at a time in s; ``constant``: film coefficient in
    W/(m2 K) or emissivity; ``solids``: where a source is, () everywhere.
    """

    kind: str
    faces: tuple[int, ...]
    value: Callable[[float], float]
    constant: float = 0.0
    solids: tuple[int, ...] = ()


class HeatSystem:
    """Assembled once; steps in time cost solves with kept factors."""

    def __init__(self, mesh: Any, order: int, materials: ThermalMaterials, timed: Sequence[Timed]) -> None:
        import ngsolve as ng

        self._held = [item for item in timed if item.kind == "temperature"]
        faces = [face for item in self._held for face in item.faces]
        flags = {"dirichlet": region_pattern(faces)} if faces else {}
        self.space = ng.H1(mesh, order=order, **flags)
        u, v = self.space.TnT()
        capacity = ng.BilinearForm(self.space, symmetric=True)
        stiffness = ng.BilinearForm(self.space, symmetric=True)
        # By temperature: heat content, conduction, and the tangent of a step of d h, films and radiation included.
        self._by_temperature = materials.nonlinear
        self._content, self._conduction = ng.BilinearForm(self.space), ng.BilinearForm(self.space)
        self._step = ng.BilinearForm(self.space)  # the same without films and radiation
        self._tangent, self._dh = ng.BilinearForm(self.space), ng.Parameter(0.0)
        for where, material in materials.regions(mesh):
            assert material.capacity is not None
            slopes = ng.InnerProduct(ng.Grad(u), ng.Grad(v))
            if self._by_temperature:
                content = material.capacity.integral(u) * v
                conduction = 1e-3 * material.conductivity.field(u) * slopes
                self._content += content * where
                self._conduction += conduction * where
                step = content + self._dh * conduction
                self._tangent += step * where
                self._step += step * where
            else:
                capacity += material.capacity.mean * u * v * where
                stiffness += 1e-3 * material.conductivity.mean * slopes * where
        self._sources: list[tuple[Timed, FloatArray]] = []
        self._radiation = ng.BilinearForm(self.space)
        self._radiating: list[tuple[Timed, FloatArray, Any]] = []
        for item in timed:
            if item.kind == "temperature":
                continue
            measure = ng.ds(region_pattern(item.faces), bonus_intorder=2) if item.faces else _volume(item, mesh)
            unit = ng.LinearForm(self.space)
            unit += v * measure
            unit.Assemble()
            weight = np.array(unit.vec.FV().NumPy())
            if item.kind == "convection":
                film = item.constant * 1e-6
                stiffness += film * u * v * measure
                self._tangent += self._dh * film * u * v * measure
                self._sources.append((item, film * weight))
            elif item.kind == "radiation":
                strength = item.constant * STEFAN_BOLTZMANN_W_MM2_K4
                kelvin = u + ZERO_C_K
                lost = strength * kelvin * kelvin * kelvin * kelvin * v
                self._radiation += lost * measure
                self._tangent += self._dh * ng.IfPos(kelvin, lost, 0.0) * measure
                self._radiating.append((item, strength * weight, measure))
            else:
                share = 1e-6 if item.kind == "flux" else 1 / float(ng.Integrate(ng.CF(1.0) * measure, mesh))
                self._sources.append((item, share * weight))
        capacity.Assemble()
        stiffness.Assemble()
        self._capacity, self._stiffness = capacity.mat, stiffness.mat
        self._vector, self._product = self._capacity.CreateColVector(), self._capacity.CreateColVector()
        self.free = np.array(list(self.space.FreeDofs()), dtype=bool)
        self.nodes = int(mesh.nv)
        self._held_dofs: list[tuple[Timed, npt.NDArray[np.bool_]]] = []
        for item in self._held:
            dofs = np.array(list(self.space.GetDofs(mesh.Boundaries(region_pattern(item.faces)))), dtype=bool)
            self._held_dofs.append((item, dofs))
        self._factors: dict[float, Any] = {}

    def hold(self, state: FloatArray, time_s: float) -> FloatArray:
        """The state with the prescribed temperatures of a time; a uniform face needs its corner nodes only."""
        out = state.copy()
        for _, dofs in self._held_dofs:
            out[dofs] = 0.0
        for item, dofs in self._held_dofs:
            out[: self.nodes][dofs[: self.nodes]] = item.value(time_s)
        return out

    def rate(self, state: FloatArray, time_s: float) -> FloatArray:
        """Heat into each unknown's share of the body, W, held ones included."""
        out = self._driven(state, time_s)
        return out - self._applied(self._conduction, state) if self._by_temperature else out

    def _driven(self, state: FloatArray, time_s: float) -> FloatArray:
        """As :meth:`rate`, without the conduction that follows the temperature."""
        out = -self._times(self._stiffness, state)
        for item, weight in self._sources:
            out += item.value(time_s) * weight
        if self._radiating:
            out -= self._applied(self._radiation, state)
            for item, weight, _ in self._radiating:
                out += (item.value(time_s) + ZERO_C_K) ** 4 * weight
        return out

    def inflow_w(self, state: FloatArray, time_s: float) -> dict[str, float]:
        """Heat through each kind of boundary but the held ones, W, positive into the body."""
        flows: dict[str, float] = {}
        conducted = self._times(self._stiffness, state)[: self.nodes].sum()
        driven = 0.0
        for item, weight in self._sources:
            watt = item.value(time_s) * float(weight[: self.nodes].sum())
            flows[item.kind] = flows.get(item.kind, 0.0) + watt
            driven += watt if item.kind == "convection" else 0.0
        if "convection" in flows:
            # The stiffness of films is the only part that doesn't vanish against the constant function.
            flows["convection"] = driven - float(conducted)
        if self._radiating:
            watt = -float(self._applied(self._radiation, state)[: self.nodes].sum())
            for item, weight, _ in self._radiating:
                watt += (item.value(time_s) + ZERO_C_K) ** 4 * float(weight[: self.nodes].sum())
            flows["radiation"] = watt
        return flows

    def mass(self, state: FloatArray) -> FloatArray:
        """C T: heat content of each unknown's share, J, up to a constant."""
        return self._applied(self._content, state) if self._by_temperature else self._times(self._capacity, state)

    def implicit(self, goal: FloatArray, dh_s: float, guess: FloatArray, time_s: float) -> FloatArray:
        """T with the held values of ``time_s`` and C T - dh F(T) = goal in the free rows (Newton, kept tangent)."""
        state = self.hold(guess, time_s)
        linear = not self._radiating and not self._by_temperature
        if not linear and dh_s not in self._factors:
            self._factor(dh_s, state)
        before = np.inf
        self._dh.Set(dh_s)
        for _ in range(_NEWTON_STEPS):
            if self._by_temperature:
                residual = self._applied(self._step, state) - dh_s * self._driven(state, time_s) - goal
            else:
                residual = self.mass(state) - dh_s * self.rate(state, time_s) - goal
            change = self.smooth(residual, dh_s)
            state = state - change
            size = float(np.abs(change).max(initial=0.0))
            if not np.isfinite(size):
                break
            # What is left after a step of a kept tangent is a share of it, as the steps tell.
            left = size * min(size / before, 1.0) if np.isfinite(before) and self._by_temperature else size
            if linear or left < _SETTLED * (ZERO_C_K + float(np.abs(state).max())):
                return state
            if size > 0.2 * before:
                self._factor(dh_s, state)
            before = size
        raise SolveError(
            f"The temperature at {time_s:.4g} s doesn't settle within a time step.",
            "Check power, emissivity and area and the tables of the materials, or give more steps.",
        )

    def smooth(self, rows: FloatArray, dh_s: float) -> FloatArray:
        """(C + dh K)^-1 of the free rows."""
        factor = self._factors.get(dh_s)
        if factor is None:
            factor = self._factor(dh_s, None)
        self._vector.FV().NumPy()[:] = rows
        self._product.data = factor * self._vector
        return np.array(self._product.FV().NumPy())

    def _factor(self, dh_s: float, state: FloatArray | None) -> Any:
        kind = "sparsecholesky"
        if self._by_temperature:
            assert state is not None
            self._dh.Set(dh_s)
            self._vector.FV().NumPy()[:] = state
            self._tangent.AssembleLinearization(self._vector)
            matrix, kind = self._tangent.mat, "umfpack"  # a conductivity by temperature makes it unsymmetric
        else:
            matrix = self._capacity.CreateMatrix()
            matrix.AsVector().data = self._capacity.AsVector() + dh_s * self._stiffness.AsVector()
            if state is not None:
                matrix = self._with_radiation(matrix, dh_s, state)
        while len(self._factors) >= _KEPT_FACTORS:
            del self._factors[next(iter(self._factors))]
        try:
            factor = matrix.Inverse(self.space.FreeDofs(), inverse=kind)
        except Exception as error:
            raise SolveError(f"The heat matrix can't be factored: {error}", "Check the material values.") from error
        self._factors[dh_s] = factor
        return factor

    def _with_radiation(self, matrix: Any, dh_s: float, state: FloatArray) -> Any:
        import ngsolve as ng

        u, v = self.space.TnT()
        field = ng.GridFunction(self.space)
        field.vec.FV().NumPy()[:] = state
        tangent = ng.BilinearForm(self.space, symmetric=True)
        kelvin = field + ZERO_C_K
        for item, _, measure in self._radiating:
            slope = 4 * item.constant * STEFAN_BOLTZMANN_W_MM2_K4 * kelvin * kelvin * kelvin
            # A node below absolute zero, an overshoot of an early guess, must not turn the tangent's sign.
            tangent += ng.IfPos(slope, slope, 0.0) * u * v * measure
        tangent += 0.0 * ng.InnerProduct(ng.Grad(u), ng.Grad(v)) * ng.dx
        tangent.Assemble()
        matrix.AsVector().data += dh_s * tangent.mat.AsVector()
        return matrix

    def _applied(self, form: Any, state: FloatArray) -> FloatArray:
        self._vector.FV().NumPy()[:] = state
        form.Apply(self._vector, self._product)
        return np.array(self._product.FV().NumPy())

    def _times(self, matrix: Any, state: FloatArray) -> FloatArray:
        self._vector.FV().NumPy()[:] = state
        self._product.data = matrix * self._vector
        return np.array(self._product.FV().NumPy())


def _volume(item: Timed, mesh: Any) -> Any:
    """The measure of a source's solids; raises :class:`UnknownSolidError` for one that isn't analysed."""
    import ngsolve as ng

    missing = [solid for solid in item.solids if solid_name(solid) not in mesh.GetMaterials()]
    if missing:
        raise UnknownSolidError(f"A source names solids {missing}, which aren't analysed.", "Correct its bodies.")
    return ng.dx(definedon=mesh.Materials("|".join(map(solid_name, item.solids)))) if item.solids else ng.dx
