"""One check for each thing a brief asks for that no equation answers: sizes as designed, material, process, loads."""

from __future__ import annotations

from collections.abc import Collection

from backend.design import checking
from backend.design.fasteners import bolt_of_size, grade_of
from backend.design.materialdata import material_name
from backend.design.surroundings import LOADING
from backend.schema import Check, Intent, Requirement, Scheme, Sense, Status

#: what the brief may call a number, and the scheme by another name
_SPLIT = {"hole_count": ("wall_hole_count", "shelf_hole_count")}


def traced(scheme: Scheme, intent: Intent, answered: Collection[str]) -> list[Check]:
    """Checks for the requirements whose ids are not in ``answered``.

    A size is held against the scheme (that the solid has it is the geometry checks' proof); a limit that the family
    can't calculate and the surroundings become "not verified", with the reason.
    """
    out = []
    for r in (*intent.requirements, *intent.limits):
        if r.id in answered or r.kind == "safety_factor":
            continue
        found = _one(scheme, intent, r)
        if found is not None:
            out.append(found)
    return out


def _one(scheme: Scheme, intent: Intent, r: Requirement) -> Check | None:
    if r.kind in ("dimension", "parameter"):
        return _size(scheme, r)
    if r.kind.startswith("bound:"):
        return _bound(scheme, r)
    if r.kind == "material":
        same = scheme.material == intent.material
        return Check(
            id="material",
            title=f"Made of {material_name(scheme.material)}",
            status=Status.PASS if same else Status.FAIL,
            method="the material of the scheme, of every strength check and of the bill of materials",
            requirement_id=r.id,
        )
    if r.kind == "load":
        load = next((x for x in intent.loads if r.quantity is not None and x.magnitude == r.quantity), None)
        if load is None or r.quantity is None:
            return None
        return Check(
            id=r.id,
            title=r.statement,
            status=Status.PASS,
            value=load.magnitude.value,
            unit=load.magnitude.unit,
            method="applied in full in the checks that name the safety factor or a limit",
            requirement_id=r.id,
        )
    if reason := _unproved(r):
        return checking.not_verified(r.id, r.statement[0].upper() + r.statement[1:], reason, requirement_id=r.id)
    if r.kind.startswith(("not:", "not_choice:", "not_grade:", "none:")):
        return _ruled_out(scheme, r)
    if r.id in scheme.choices:
        return Check(
            id=f"choice_{r.id}",
            title=r.statement,
            status=Status.PASS,
            method="as the scheme was made",
            requirement_id=r.id,
        )
    return checking.not_verified(
        f"not_checked_{r.id}", r.statement, "this family has no equation for it", requirement_id=r.id
    )


def _unproved(r: Requirement) -> str:
    """Why nothing here proves a requirement of this kind, and what to do; "" for the other kinds."""
    if r.kind == "environment" and r.id in LOADING:
        return "the checks here hold a static load, and passing them says nothing of this; see to it before you build"
    return {
        "environment": "no agent checks this yet; see to it before you build",
        "tolerance": (
            "the model has the nominal size; put the tolerance on the drawing, and see that the process holds it"
        ),
        "load_beside": "one load is designed for; design for this one too, or name the sum of loads that act together",
    }.get(r.kind, "")


def _ruled_out(scheme: Scheme, r: Requirement) -> Check:
    """What the brief rules out, held against what was designed."""
    kind, _, rest = r.kind.partition(":")
    name, _, option = rest.partition(":")
    size = scheme.parameters.get(name)
    if kind == "not_choice":
        there = scheme.choices.get(name) == option
    elif kind == "not_grade":
        named = scheme.choices.get("bolt_grade")
        used = "bolt_size" in scheme.parameters
        there = used and (named or grade_of(bolt_of_size(scheme.parameters["bolt_size"].value), None).name) == rest
    elif kind == "none":
        there = size is not None
    else:
        names = _SPLIT.get(name, (name,))
        values = [scheme.parameters[n].value for n in names if n in scheme.parameters]
        refused = r.quantity.value if r.quantity is not None else float("nan")
        there = bool(values) and abs(sum(values) - refused) <= 0.005 * abs(refused)
    return Check(
        id=r.id,
        title=r.statement,
        status=Status.FAIL if there else Status.PASS,
        method="as designed",
        reason="the design has what the brief rules out; say what it should be instead" if there else "",
        requirement_id=r.id,
    )


def _size(scheme: Scheme, r: Requirement) -> Check | None:
    if r.quantity is None:
        return None
    names = (r.id,) if r.id in scheme.parameters else _SPLIT.get(r.id, ())
    if not names and r.id == "holes_each":
        values = {scheme.parameters[n].value for n in _SPLIT["hole_count"] if n in scheme.parameters}
        value = values.pop() if len(values) == 1 else float("nan")
    elif names and all(n in scheme.parameters for n in names):
        value = sum(scheme.parameters[n].value for n in names)
    else:
        return checking.not_verified(
            f"size_{r.id}", r.statement, "it plays no part in this design", requirement_id=r.id
        )
    return checking.compare(
        f"size_{r.id}",
        r.statement,
        value,
        "" if r.quantity.unit == "1" else r.quantity.unit,
        r.quantity.value,
        Sense.EQUAL,
        method="as designed; the solid is measured against it",
        requirement_id=r.id,
    )


def _bound(scheme: Scheme, r: Requirement) -> Check | None:
    name = r.kind.removeprefix("bound:")
    if r.quantity is None or r.sense is None or name not in scheme.parameters:
        return None
    return checking.compare(
        r.id,
        r.statement,
        scheme.parameters[name].value,
        r.quantity.unit,
        r.quantity.value,
        r.sense,
        method="as designed; the solid is measured against it",
        requirement_id=r.id,
    )
