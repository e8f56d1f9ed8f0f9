"""Small tools for checks: a value held against its limit, with margin, method and evidence."""

from __future__ import annotations

import math

from backend.schema import Check, CompiledModel, Intent, Origin, Requirement, Sense, Status

Box = tuple[tuple[float, float, float], tuple[float, float, float]]


def compare(
    id_: str,
    title: str,
    value: float,
    unit: str,
    limit: float,
    sense: Sense,
    *,
    method: str,
    evidence: tuple[str, ...] = (),
    requirement_id: str | None = None,
    uncertainty: float | None = None,
    reason: str = "",
    tolerance_rel: float = 1e-9,
) -> Check:
    """A check of ``value`` against ``limit``. Equality holds within ``tolerance_rel`` of the limit.

    With an ``uncertainty`` (in ``unit``) the check passes or fails only where the whole band value ± uncertainty lies
    on one side of the limit; a band that spans it decides nothing: not verified. The margin is that of the value,
    relative to the limit and positive where it holds; None where the limit is zero.
    """
    slack = tolerance_rel * max(abs(limit), 1e-300)
    spread = uncertainty or 0.0

    def holds(at: float) -> bool:
        if math.isnan(at):
            return False
        if sense is Sense.AT_MOST:
            return at <= limit + slack
        if sense is Sense.AT_LEAST:
            return at >= limit - slack
        return abs(at - limit) <= slack

    best, worst = (value - spread, value + spread) if sense is Sense.AT_MOST else (value + spread, value - spread)
    if sense is Sense.EQUAL:
        best = worst = value
    status = Status.PASS if holds(worst) else Status.NOT_VERIFIED if holds(best) else Status.FAIL
    if status is Status.NOT_VERIFIED:
        reason = f"{reason}; the uncertainty spans the limit".removeprefix("; ")
    margin: float | None = None
    if limit and math.isfinite(value):
        if sense is Sense.AT_MOST:
            margin = (limit - value) / abs(limit)
        elif sense is Sense.AT_LEAST:
            margin = (value - limit) / abs(limit)
        else:
            margin = -abs(value - limit) / abs(limit)
    return Check(
        id=id_,
        title=title,
        status=status,
        value=value if math.isfinite(value) else None,
        unit=unit,
        limit=limit,
        sense=sense,
        margin=margin,
        uncertainty=uncertainty,
        method=method,
        evidence=evidence,
        requirement_id=requirement_id,
        reason=reason,
    )


def not_verified(id_: str, title: str, reason: str, *, method: str = "", requirement_id: str | None = None) -> Check:
    """Something that was not checked, said openly."""
    return Check(
        id=id_, title=title, status=Status.NOT_VERIFIED, method=method, reason=reason, requirement_id=requirement_id
    )


def limit_of(intent: Intent, kind: str) -> Requirement | None:
    """The brief's limit of that kind ("mass", "deflection", "temperature", "stress"), None where it sets none."""
    return next((r for r in intent.limits if r.kind == kind), None)


def bounds_of(intent: Intent, name: str) -> tuple[float, float]:
    """What the brief allows for a free parameter ("at least 5 mm thick"): (low, high), infinite where it is silent."""
    low, high = -math.inf, math.inf
    for r in intent.limits:
        if r.kind == f"bound:{name}" and r.quantity is not None:
            if r.sense is Sense.AT_LEAST:
                low = max(low, r.quantity.value)
            else:
                high = min(high, r.quantity.value)
    return low, high


def safety_requirement(intent: Intent) -> Requirement:
    """The requirement with the id "safety_factor"."""
    quantity = intent.safety_factor
    value = quantity.value if quantity else 1.0
    return Requirement(
        id="safety_factor",
        kind="safety_factor",
        statement=f"safety factor against yield of at least {value:g}",
        origin=quantity.origin if quantity else Origin.ASSUMPTION,
        span=quantity.span if quantity else None,
        quantity=quantity,
        sense=Sense.AT_LEAST,
    )


def mass_check(intent: Intent, mass_g: float) -> list[Check]:
    """The mass against the brief's limit; nothing where it sets none."""
    limit = limit_of(intent, "mass")
    if limit is None or limit.quantity is None:
        return []
    return [
        compare(
            "mass",
            "Mass of the part",
            mass_g,
            "g",
            limit.quantity.value,
            limit.sense or Sense.AT_MOST,
            method="volume of the solid times the density of the material",
            evidence=("geometry.volume",),
            requirement_id=limit.id,
        )
    ]


def volume_check(expected_mm3: float, compiled: CompiledModel) -> Check:
    """The compiled volume against the analytic one, to 0.01 %."""
    off = abs(compiled.volume_mm3 - expected_mm3) / expected_mm3
    return compare(
        "geometry_volume",
        "Volume of the solid against the formula: relative difference",
        off,
        "",
        1e-4,
        Sense.AT_MOST,
        method="exact B-rep volume against the analytic volume of the scheme",
        evidence=("geometry.volume_mm3",),
        reason=f"{compiled.volume_mm3:.2f} mm3 against {expected_mm3:.2f} mm3",
    )


def box_check(expected: Box, compiled: CompiledModel, tolerance_mm: float = 1e-3) -> Check:
    """The compiled bounding box against the one that was meant: largest difference of a face, mm."""
    found = (compiled.bounding_box_mm.min, compiled.bounding_box_mm.max)
    off = max(
        abs(a - b) for ours, theirs in zip(expected, found, strict=True) for a, b in zip(ours, theirs, strict=True)
    )
    return compare(
        "geometry_box",
        "Bounding box against the scheme: largest difference",
        off,
        "mm",
        tolerance_mm,
        Sense.AT_MOST,
        method="exact bounding box of the B-rep",
        evidence=("geometry.bounding_box_mm",),
    )


def solids_check(expected: int, compiled: CompiledModel) -> Check:
    """The number of solids, each of them valid."""
    bad = 0 if compiled.valid else 1
    return compare(
        "geometry_solids",
        "Number of valid solids",
        float(compiled.solids - bad),
        "",
        float(expected),
        Sense.EQUAL,
        method="count of the B-rep's solids; the kernel's validity check",
        evidence=("geometry.solids",),
    )


def holes_check(name: str, count: int, diameter_mm: float, compiled: CompiledModel) -> Check:
    """The named cylinders: as many as meant, each with the radius that was meant."""
    faces = [f for f in compiled.named_faces if f.name == name]
    good = [f for f in faces if f.radius_mm is not None and abs(f.radius_mm - diameter_mm / 2) < 1e-4 * diameter_mm]
    title = f"Holes of {diameter_mm:.4g} mm named {name!r}"
    return compare(
        f"geometry_holes_{name}",
        title,
        float(len({f.face_index for f in good})),
        "",
        float(count),
        Sense.EQUAL,
        method="cylindrical faces that carry the name, by radius",
        evidence=("geometry.named_faces",),
        reason=f"{len(faces)} named faces in all",
    )
