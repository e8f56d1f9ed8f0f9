"""Materials of a study: of the library, or given with their source."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from backend.studies import quantities as q
from backend.studies.schema_base import Strict, refuse
from backend.studies.selectors import Direction


class Orthotropic(Strict):
    """Elastic constants along the material's axes 1, 2, 3. Without ``axes`` 1, 2, 3 are X, Y, Z."""

    e1: q.PositiveStress
    e2: q.PositiveStress
    e3: q.PositiveStress
    g12: q.PositiveStress
    g13: q.PositiveStress
    g23: q.PositiveStress
    nu12: q.Number
    nu13: q.Number
    nu23: q.Number
    axis_1: Direction = (1.0, 0.0, 0.0)
    axis_2: Direction = (0.0, 1.0, 0.0)


class SnCurve(Strict):
    """Fully reversed amplitude (R = -1) over life, straight in log-log: ``points`` [[cycles, amplitude], ...].

    ``limit``: amplitude at and below which nothing breaks, where the material has one.
    """

    points: list[tuple[q.PositiveNumber, q.PositiveStress]] = Field(min_length=1)
    limit: q.PositiveStress | None = None
    source: str


class InlineMaterial(Strict):
    """A material with values of its own; ``source`` says where they are from.

    Conductivity and specific heat may be tables of the temperature, linear between their rows.
    """

    label: str
    source: str
    youngs_modulus: q.PositiveStress | None = None
    poisson_ratio: q.Number | None = None
    orthotropic: Orthotropic | None = None
    density: q.Density | None = None
    yield_strength: q.PositiveStress | None = None
    ultimate_strength: q.PositiveStress | None = None
    thermal_expansion: q.Expansion | None = None
    thermal_conductivity: q.Conductivity | None = None
    specific_heat: q.SpecificHeat | None = None
    sn_curve: SnCurve | None = None

    @model_validator(mode="after")
    def _possible(self) -> InlineMaterial:
        nu = self.poisson_ratio
        if nu is not None and not -1.0 < nu <= 0.495:
            raise refuse(f"has poisson_ratio {nu:g}; expected above -1 and at most 0.495")
        return self


class LibraryMaterial(Strict):
    """A material of the library; ``./brick materials list`` names them."""

    name: str
    temperature: q.Temperature = 20.0
    basis: Literal["A", "B", "S", "minimum", "typical", "estimate"] | None = None
    direction: str | None = None
    by_temperature: bool = False  # conductivity and specific heat follow the temperature where there are curves
    poisson_ratio: q.Number | None = None  # where the library has none
    orthotropic: Orthotropic | None = None
    sn_curve: SnCurve | None = None


def _named(value: Any) -> Any:
    return {"name": str(value)} if isinstance(value, str | int) and not isinstance(value, bool) else value


def _kind_of_material(value: Any) -> str:
    inline = isinstance(value, InlineMaterial) or (isinstance(value, dict) and "name" not in value and "label" in value)
    return "inline" if inline else "library"


Material = Annotated[
    Annotated[LibraryMaterial, Tag("library")] | Annotated[InlineMaterial, Tag("inline")],
    Discriminator(_kind_of_material),
    BeforeValidator(_named),
]


class BodyMaterial(Strict):
    """A material for some of the bodies (solids, numbered from 0 in the model's order)."""

    bodies: list[int] = Field(min_length=1)
    material: Material
