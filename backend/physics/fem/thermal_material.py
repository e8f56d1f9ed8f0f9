"""What bodies are made of in a thermal study: conductivity and heat capacity, constant or by temperature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem import reading
from backend.physics.fem.curve import Curve, read_curve
from backend.physics.fem.errors import StudyError

FloatArray = npt.NDArray[np.float64]

# A jump is sharper than the mesh at first, so that a computed temperature swings beyond the true ones by some per cent.
_SWING = 0.05


@dataclass(frozen=True)
class ThermalMaterial:
    """``conductivity`` in W/(m K); ``capacity``, density times specific heat, in J/(mm3 K), where time matters."""

    conductivity: Curve
    capacity: Curve | None = None

    @property
    def curves(self) -> tuple[Curve, ...]:
        """Those that follow the temperature."""
        return tuple(c for c in (self.conductivity, self.capacity) if c is not None and not c.constant)


@dataclass(frozen=True)
class ThermalMaterials:
    """The material of each solid: its own, or else ``one`` for all (None: a solid without its own is an error)."""

    one: ThermalMaterial | None
    each: Mapping[int, ThermalMaterial] = field(default_factory=dict)

    def of(self, solid: int) -> ThermalMaterial:
        """The material of a solid; raises :class:`StudyError` where it has none."""
        found = self.each.get(solid, self.one)
        if found is None:
            raise StudyError(f"Solid {solid} has no material.", f"Add materials.{solid}, or one material for all.")
        return found

    @property
    def nonlinear(self) -> bool:
        """Whether any property follows the temperature."""
        return any(m.curves for m in (self.one, *self.each.values()) if m is not None)

    def regions(self, mesh: Any) -> Iterator[tuple[Any, ThermalMaterial]]:
        """Each material with the volume measure of its solids."""
        import ngsolve as ng

        from backend.physics.fem.material import solid_of

        groups: dict[ThermalMaterial, list[str]] = {}
        for name in sorted(set(mesh.GetMaterials())):
            groups.setdefault(self.of(solid_of(name)), []).append(name)
        for material, names in groups.items():
            yield (ng.dx if len(groups) == 1 else ng.dx(definedon=mesh.Materials("|".join(names)))), material

    def conductivity_w_mm_k(self, mesh: Any, temperature: Any) -> Any:
        """Conductivity over the mesh's bodies at a temperature field in degC, W/(mm K)."""
        from backend.physics.fem.material import solid_of

        names = set(mesh.GetMaterials())
        return mesh.MaterialCF({n: 1e-3 * self.of(solid_of(n)).conductivity.field(temperature) for n in names})

    def capacity_j_k(self, volumes_mm3: Mapping[int, float]) -> float:
        """Heat capacity of solids of these volumes, J/K, at the mean of their tables."""
        found = ((self.of(solid).capacity, volume) for solid, volume in volumes_mm3.items())
        return sum(capacity.mean * volume for capacity, volume in found if capacity is not None)

    def check_range(self, mesh: Any, low_c: FloatArray, high_c: FloatArray) -> None:
        """Raises :class:`StudyError` where a body is beyond its table. Arrays: temperatures of the mesh's vertices."""
        from backend.physics.fem.material import solid_of

        elements = mesh.ngmesh.Elements3D().NumPy()
        slack = _SWING * float(high_c.max() - low_c.min())
        for number, name in enumerate(mesh.GetMaterials(), start=1):
            solid = solid_of(name)
            vertices = np.unique(elements["nodes"][elements["index"] == number][:, :4]) - 1
            low, high = float(low_c[vertices].min()), float(high_c[vertices].max())
            for curve in self.of(solid).curves:
                first, last = curve.points[0][0], curve.points[-1][0]
                if low < first - slack or high > last + slack:
                    raise StudyError(
                        f"{curve.where} is known from {first:g} to {last:g} degC, and solid {solid} goes from "
                        f"{low:.5g} to {high:.5g} degC; nothing is extrapolated.",
                        "Give rows for all temperatures that the body takes.",
                    )


def read_thermal_materials(one: Any, several: Any, *, capacity: bool) -> ThermalMaterials:
    """From a study's ``material`` and ``materials`` {solid index as text or number: material}.

    ``capacity``: whether density and specific heat are needed too.
    """
    each: dict[int, ThermalMaterial] = {}
    for key, value in reading.mapping(several or {}, "materials").items():
        if not str(key).isdigit():
            raise StudyError(f"materials.{key} is no solid's number.", "Number the solids from 0.")
        each[int(key)] = _read(value, f"materials.{key}", capacity)
    return ThermalMaterials(_read(one, "material", capacity) if one is not None or not each else None, each)


def _read(data: Any, where: str, capacity: bool) -> ThermalMaterial:
    data = reading.mapping(data, where)
    if data.get("thermal_conductivity_w_m_k") is None:
        raise StudyError(f"{where} has no thermal_conductivity_w_m_k.", "Give it, in W/(m K).")
    name = f"{where}.thermal_conductivity_w_m_k"
    conductivity = read_curve(data["thermal_conductivity_w_m_k"], name, "W/(m K)")
    if not capacity:
        return ThermalMaterial(conductivity)
    for key, unit in (("density_kg_m3", "kg/m3"), ("specific_heat_j_kg_k", "J/(kg K)")):
        if data.get(key) is None:
            raise StudyError(f"{where} has no {key}, which heating in time needs.", f"Give it, in {unit}.")
    density = reading.positive(data["density_kg_m3"], f"{where}.density_kg_m3", "kg/m3")
    heat = read_curve(data["specific_heat_j_kg_k"], f"{where}.specific_heat_j_kg_k", "J/(kg K)")
    return ThermalMaterial(conductivity, heat.times(density * 1e-9))
