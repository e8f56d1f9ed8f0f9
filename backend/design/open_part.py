"""Parts whose shape is a program and not a family's: written by a person, proposed by a model, or edited by hand.

No closed form knows such a part. What can be measured on the compiled solid is measured; everything else that was asked
for stays "not verified", with the reason. An edited program of a known family keeps that family's finite elements: they
are solved on the solid as it was edited, held and loaded at the faces that the program names.
"""

from __future__ import annotations

import math
from typing import Any

from backend.design import checking
from backend.design.family import Family, sized
from backend.design.materialdata import material_name
from backend.design.spec import FamilySpec
from backend.errors import DesignError
from backend.schema import Check, CompiledModel, Intent, Requirement, Scheme, Sense, Status

OPEN_PART = "open_part"
EDITED = "+edited"
MEASURED = "measured:"  # a requirement of the kind "measured:size_x" is held against the solid
DEFAULT_TOLERANCE_MM = 0.01

_BOX_SIDES = {"size_x": 0, "size_y": 1, "size_z": 2}


def measure(what: str, compiled: CompiledModel, mass_g: float | None) -> tuple[float, str] | None:
    """A figure of the compiled solid and its unit; None where the solid doesn't have it.

    ``what``: ``size_x``, ``size_y``, ``size_z`` (sides of the exact bounding box, mm), ``volume`` (mm3), ``area``
    (mm2), ``mass`` (g), ``solids``, ``diameter:NAME`` (of the cylinders that carry that name, mm; None where they
    differ), ``count:NAME`` (faces of that name), ``gap:A,B`` (distance between the planes named A and B, mm).
    """
    box = compiled.bounding_box_mm
    if what in _BOX_SIDES:
        axis = _BOX_SIDES[what]
        return box.max[axis] - box.min[axis], "mm"
    plain = {
        "volume": (compiled.volume_mm3, "mm3"),
        "area": (compiled.area_mm2, "mm2"),
        "solids": (float(compiled.solids), "1"),
    }
    if what in plain:
        return plain[what]
    if what == "mass":
        return None if mass_g is None else (mass_g, "g")
    kind, _, name = what.partition(":")
    faces = [face for face in compiled.named_faces if face.name == name]
    if kind == "count":
        return float(len({face.face_index for face in faces})), "1"
    if kind == "diameter":
        radii = {round(face.radius_mm, 6) for face in faces if face.radius_mm is not None}
        return (2 * radii.pop(), "mm") if len(radii) == 1 else None
    if kind == "gap":
        return _gap(name, compiled)
    return None


def _gap(names: str, compiled: CompiledModel) -> tuple[float, str] | None:
    """Distance between two parallel named planes, along their normal."""
    first, _, second = names.partition(",")
    found = [next((f for f in compiled.named_faces if f.name == name.strip()), None) for name in (first, second)]
    one, other = found
    if one is None or other is None or one.normal is None or other.normal is None:
        return None
    along = sum(a * b for a, b in zip(one.normal, other.normal, strict=True))
    if abs(abs(along) - 1.0) > 1e-6:
        return None
    apart = [b - a for a, b in zip(one.centroid_mm, other.centroid_mm, strict=True)]
    return abs(sum(a * b for a, b in zip(apart, one.normal, strict=True))), "mm"


class OpenPart(Family):
    """A part that is its program."""

    reason = "no equation of a known family describes this part; it was not calculated here"

    def size(self, intent: Intent, corrections: dict[str, float] | None = None) -> Scheme:
        """The scheme of a part that nothing here sizes: its material and what was assumed."""
        if intent.material is None:
            raise DesignError("the part has no material", next_action="Name one, e.g. 'aluminium 6061-T6'.")
        return Scheme(
            family=self.id,
            material=intent.material,
            parameters=dict(intent.parameters),
            choices={**intent.choices, "length_unit": intent.length_unit},
            assumptions=intent.assumptions,
            trace=("the shape is the program's; nothing here sized it",),
        )

    def kcl(self, scheme: Scheme) -> str:
        """Always raises DesignError: the program is given, not derived."""
        raise DesignError(f"{self.title}: the program is what was given", next_action="Edit the program.")

    def study(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> dict[str, Any] | None:
        """None: where it is held and loaded is not known."""
        return None

    def closed_form_checks(self, scheme: Scheme, intent: Intent) -> list[Check]:
        """What was asked for and isn't measured on the solid: the material as chosen, the rest not verified."""
        answered = self.fe_limits(intent)
        out = []
        for r in self.requirements(scheme, intent):
            if r.kind.startswith(MEASURED) or r.kind == "mass" or r.id in answered:
                continue
            if r.kind == "material":
                out.append(_made_of(scheme, intent, r))
            elif r.id != "safety_factor" or not self.solves(scheme):
                words = r.statement[:1].upper() + r.statement[1:]
                out.append(checking.not_verified(f"open_{r.id}", words, self.reason, requirement_id=r.id))
        return out

    def solves(self, scheme: Scheme) -> bool:
        """Whether finite elements answer the safety factor."""
        return False

    def fe_limits(self, intent: Intent) -> set[str]:
        """None: nothing is solved."""
        return set()

    def fe_checks(self, scheme: Scheme, intent: Intent, fem_result: dict[str, Any]) -> list[Check]:
        """None: nothing is solved."""
        return []

    def geometry_checks(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> list[Check]:
        """That the solids are valid, and each requirement that says what to measure."""
        bad = sum(not body.valid for body in compiled.bodies) if compiled.bodies else int(not compiled.valid)
        out = [
            checking.compare(
                "geometry_valid",
                "Solids that the kernel finds invalid",
                float(bad),
                "",
                0.0,
                Sense.AT_MOST,
                method="validity check of the B-rep",
                evidence=("geometry.solids",),
            )
        ]
        density = self.material_of(intent).value("density_kg_m3").value if intent.material else None
        mass_g = compiled.volume_mm3 * 1e-6 * float(density) if density else None
        return out + [
            _measured(r, compiled, mass_g) for r in self.requirements(scheme, intent) if r.kind.startswith(MEASURED)
        ]

    def manufacturing_checks(self, scheme: Scheme, intent: Intent) -> list[Check]:
        """Not verified: the limits of the process are known for families only."""
        return [
            checking.not_verified(
                "manufacture", "Limits of the process", "the features of this part were not held against a process"
            )
        ]

    def components(self, scheme: Scheme) -> list[dict[str, Any]]:
        """One made part."""
        mass = scheme.mass_g.value if scheme.mass_g else None
        return [
            {"part": self.title, "quantity": 1, "made": True, "material": scheme.material, "mass_g": mass,
             "description": "as in model.kcl"}
        ]  # fmt: skip

    def correct(self, scheme: Scheme, checks: Any) -> dict[str, float] | None:
        """None: nothing here is sized, so no factor would change it."""
        return None


class EditedPart(OpenPart):
    """A part of a known family whose program was edited by hand: the family still says how it is held and loaded."""

    reason = "the program was edited by hand: the family's equations no longer describe it"

    def __init__(self, base: Family) -> None:
        title = f"{base.title}, program edited"
        super().__init__(base.spec.model_copy(update={"id": base.id + EDITED, "title": title}))
        self.base = base

    def _as_base(self, scheme: Scheme) -> Scheme:
        return scheme.model_copy(update={"family": self.base.id})

    def solves(self, scheme: Scheme) -> bool:
        """Whether finite elements answer the safety factor: they are asked wherever the family has a study."""
        return True

    def study(self, scheme: Scheme, intent: Intent, compiled: CompiledModel) -> dict[str, Any] | None:
        """The family's study on the edited solid."""
        return self.base.study(self._as_base(scheme), intent, compiled)

    def fe_limits(self, intent: Intent) -> set[str]:
        """As in the family."""
        return self.base.fe_limits(intent)

    def fe_checks(self, scheme: Scheme, intent: Intent, fem_result: dict[str, Any]) -> list[Check]:
        """As in the family."""
        return self.base.fe_checks(self._as_base(scheme), intent, fem_result)

    def components(self, scheme: Scheme) -> list[dict[str, Any]]:
        """What the family lists; the mass of the made part is measured, so it is not repeated from the sizing."""
        parts = self.base.components(self._as_base(scheme))
        return [{**part, "mass_g": None} if part.get("made") else part for part in parts]


def _made_of(scheme: Scheme, intent: Intent, r: Requirement) -> Check:
    same = scheme.material == intent.material
    return Check(
        id="material",
        title=f"Made of {material_name(scheme.material)}",
        status=Status.PASS if same else Status.FAIL,
        method="the material of the mass and of the bill of materials",
        requirement_id=r.id,
    )


def _measured(r: Requirement, compiled: CompiledModel, mass_g: float | None) -> Check:
    """A requirement held against what the solid measures."""
    what = r.kind.removeprefix(MEASURED)
    found = measure(what, compiled, mass_g)
    title = r.statement[:1].upper() + r.statement[1:]
    if found is None or r.quantity is None:
        return checking.not_verified(
            f"measured_{r.id}", title, f"the solid has no {what!r} to measure", requirement_id=r.id
        )
    value, unit = found
    if unit != r.quantity.unit:
        reason = f"asked in {r.quantity.unit}, measured in {unit}"
        return checking.not_verified(f"measured_{r.id}", title, reason, requirement_id=r.id)
    limit = r.quantity.value
    tolerance = DEFAULT_TOLERANCE_MM / abs(limit) if unit == "mm" and limit else 1e-6
    return checking.compare(
        f"measured_{r.id}",
        title,
        value,
        "" if unit == "1" else unit,
        limit,
        r.sense or Sense.EQUAL,
        method=f"{what} of the compiled solid",
        evidence=(f"geometry.{what}",),
        requirement_id=r.id,
        tolerance_rel=tolerance,
        reason=f"{value:.6g} {unit}",
    )


def open_part() -> OpenPart:
    """The family of parts that are their program."""
    return OpenPart(
        FamilySpec(
            id=OPEN_PART,
            title="Part",
            summary="A part that no family describes: its shape is a program.",
            keywords={},
            parameters={},
            load_required=False,
        )
    )


def with_mass(scheme: Scheme, mass_g: float | None) -> Scheme:
    """The scheme with the mass that the solid has."""
    if mass_g is None or not math.isfinite(mass_g):
        return scheme
    return scheme.model_copy(update={"mass_g": sized(mass_g, "g")})
