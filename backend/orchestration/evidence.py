"""Checks that need no solver: what the brief prescribes, measured on the design as it was built."""

from __future__ import annotations

from typing import Any

from backend.orchestration.state import RunState
from backend.schema import Check, Requirement, Sense, Status

TOLERANCE = 1e-6  # relative: a size that was given must be the size that was built


def as_built_checks(state: RunState, checks: list[dict[str, Any]]) -> list[Check]:
    """One check for each requirement that nothing else holds and that the design itself answers.

    Dimensions are compared with the scheme (whose solid is proven by the family's geometry checks), the material with
    the scheme's, a mass limit with the mass of the compiled solid.
    """
    held = {check.get("requirement_id") for check in checks}
    scheme = state["design"]["design_scheme"]
    found = []
    for item in state["run"]["requirements"]:
        requirement = Requirement.model_validate(item)
        if requirement.id in held:
            continue
        check = _check(requirement, scheme, state)
        if check is not None:
            found.append(check)
    return found


def _check(requirement: Requirement, scheme: dict[str, Any], state: RunState) -> Check | None:
    quantity = requirement.quantity
    intent = state["design"]["intent"]
    if requirement.kind == "material":
        return _same(requirement, intent.get("material"), scheme.get("material"))
    asked_choices, built_choices = intent.get("choices") or {}, scheme.get("choices") or {}
    if quantity is None and requirement.id in asked_choices:
        return _same(requirement, asked_choices[requirement.id], built_choices.get(requirement.id))
    if quantity is None:
        return None
    if requirement.kind == "mass":
        mass_g = state["geometry"]["mass_properties"].get("mass_g")
        return None if mass_g is None else _compare(requirement, float(mass_g), "g", "volume of the solid × density")
    name = requirement.id if requirement.id in scheme["parameters"] else requirement.id.removeprefix("dimension_")
    parameter = scheme["parameters"].get(name)
    if parameter is None and quantity.unit == "1":
        # A count over the whole ("hole_count") is the sum of the counts of its places ("wall_hole_count", …).
        parts = [p["value"] for key, p in scheme["parameters"].items() if key.endswith(f"_{name}") and p["unit"] == "1"]
        if parts:
            return _compare(requirement, float(sum(parts)), quantity.unit, "sum over the places in the built scheme")
    if parameter is None or parameter["unit"] != quantity.unit:
        return None
    return _compare(requirement, float(parameter["value"]), quantity.unit, "parameter of the built scheme")


def _same(requirement: Requirement, asked: str | None, built: str | None) -> Check:
    """What was chosen by name against what the scheme was built with."""
    return Check(
        id=f"as_built_{requirement.id}",
        title=requirement.statement,
        status=Status.PASS if asked is not None and asked == built else Status.FAIL,
        method="named in the built scheme",
        requirement_id=requirement.id,
        reason=f"{built}",
    )


def _compare(requirement: Requirement, value: float, unit: str, method: str) -> Check:
    """The value against the requirement's limit, with the relative margin."""
    assert requirement.quantity is not None
    limit, sense = requirement.quantity.value, requirement.sense or Sense.EQUAL
    slack = TOLERANCE * max(abs(limit), abs(value), 1e-12)
    margin: float | None
    if sense is Sense.AT_MOST:
        good, margin = value <= limit + slack, (limit - value) / abs(limit) if limit else None
    elif sense is Sense.AT_LEAST:
        good, margin = value >= limit - slack, (value - limit) / abs(limit) if limit else None
    else:
        good, margin = abs(value - limit) <= slack, None
    return Check(
        id=f"as_built_{requirement.id}",
        title=requirement.statement,
        status=Status.PASS if good else Status.FAIL,
        value=value,
        unit=unit,
        limit=limit,
        sense=sense,
        margin=margin,
        method=method,
        requirement_id=requirement.id,
        reason="" if good else f"{value:g} {unit} instead of {sense.value} {limit:g} {unit}",
    )
