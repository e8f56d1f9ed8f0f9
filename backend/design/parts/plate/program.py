"""The plate as KCL."""

from __future__ import annotations

from backend.design import kclwriter as kw
from backend.design.materialdata import material_name
from backend.design.parts.plate.layout import Layout
from backend.schema import Scheme


def write(layout: Layout, scheme: Scheme) -> str:
    """The program: parameters by name, the plate, its holes, the names of the faces that physics needs."""
    unit = kw.unit_of(scheme)

    def mm(value: float) -> str:
        return kw.length(value, unit)

    def note(value: float, text: str) -> str:
        return f"// {text}: {kw.show(value, unit)}"

    edges = {"clamped": "clamped all round", "supported": "simply supported all round", "bolted": "held by its bolts"}
    lines = [
        "// Plate",
        f"// A rectangular plate, {edges[scheme.choices['edges']]}, loaded on its upper face.",
        f"// Material: {material_name(scheme.material)}. What governs the thickness: {scheme.governing}.",
        "",
        kw.settings(unit),
        "",
        "// Given",
        f"length = {mm(layout.length)} {note(layout.length, 'along x')}",
        f"width = {mm(layout.width)} {note(layout.width, 'along y')}",
    ]
    if layout.corner_radius:
        lines.append(f"cornerRadius = {mm(layout.corner_radius)} {note(layout.corner_radius, 'all four corners')}")
    if layout.holes:
        lines.append(f"holeDiameter = {mm(layout.hole)} {note(layout.hole, 'through')}")
        if layout.pattern == "circle":
            lines.append(f"boltCircle = {mm(layout.bolt_circle)} {note(layout.bolt_circle, 'diameter')}")
            lines.append(f"holeCount = {layout.columns}")
        else:
            lines.append(f"inset = {mm(layout.inset)} {note(layout.inset, 'outer holes to the edges')}")
    lines += [
        "",
        "// Sized",
        f"thickness = {mm(layout.thickness)} {note(layout.thickness, 'along z')}",
        "",
        "// The outline, its middle at the origin",
        "outline = sketch(on = XY) {",
        "  southSide = line(start = [-length / 2, -width / 2], end = [length / 2, -width / 2])",
        "  eastSide = line(start = [length / 2, -width / 2], end = [length / 2, width / 2])",
        "  northSide = line(start = [length / 2, width / 2], end = [-length / 2, width / 2])",
        "  westSide = line(start = [-length / 2, width / 2], end = [-length / 2, -width / 2])",
        "}",
        "blank = region(point = [0, 0], sketch = outline)",
        "plate = extrude(blank, length = thickness, tagEnd = $loadedFace, tagStart = $underside)",
    ]
    if layout.corner_radius:
        pairs = (
            ("southSide", "eastSide"),
            ("eastSide", "northSide"),
            ("northSide", "westSide"),
            ("westSide", "southSide"),
        )
        tags = ", ".join(f"getCommonEdge(faces = [blank.tags.{a}, blank.tags.{b}])" for a, b in pairs)
        lines.append(f"  |> fillet(radius = cornerRadius, tags = [{tags}])")
    lines.append("")
    if layout.holes:
        lines += _holes(layout)
    all_sides = "[blank.tags.southSide, blank.tags.eastSide, blank.tags.northSide, blank.tags.westSide]"
    lines += [
        "// Names for physics: where the load acts, what holds the part",
        kw.annotation("loaded", "load: upper face", "[loadedFace]"),
        kw.annotation("underside", "underside", "[underside]"),
        kw.annotation("edges", "support: edges", all_sides),
    ]
    if layout.holes:
        lines.append(kw.annotation("holes", "holes", "holes"))
    return kw.formatted("\n".join(lines) + "\n")


def _holes(layout: Layout) -> list[str]:
    drill = [
        "  circle001 = sketch(on = faceOf(plate, face = loadedFace)) {",
        "    rim = circle(center = place, start = [place[0] + holeDiameter / 2, place[1]])",
        "  }",
        "  disc = region(point = place, sketch = circle001)",
        "  drilled = extrude(disc, length = -thickness)",
        "  return disc.tags.rim",
        "})",
        "",
    ]
    if layout.pattern == "circle":
        return [
            "// Holes on a circle",
            f"places = map([0..{layout.columns - 1}], f = fn(@i) {{",
            "  angle = i * 360deg / holeCount",
            "  return [boltCircle / 2 * cos(angle), boltCircle / 2 * sin(angle)]",
            "})",
            "holes = map(places, f = fn(@place) {",
            *drill,
        ]
    lines = ["// Holes: columns along x, rows along y" if layout.pattern == "grid" else "// Holes around the edge"]
    xs, ys = layout.columns, layout.rows
    names = {}
    if xs > 1:
        lines.append("firstX = inset - length / 2")
        if xs > 2:
            lines.append(f"stepX = (length - 2 * inset) / {xs - 1}")
    if ys > 1:
        lines.append("firstY = inset - width / 2")
        if ys > 2:
            lines.append(f"stepY = (width - 2 * inset) / {ys - 1}")
    for axis, count in (("X", xs), ("Y", ys)):
        for k in range(count):
            if count == 1:
                text = "0"
            elif k == 0:
                text = f"first{axis}"
            elif k == count - 1:
                text = f"-first{axis}"
            else:
                text = f"first{axis} + {k} * step{axis}" if k > 1 else f"first{axis} + step{axis}"
            names[axis, k] = text
    places = [
        f"  [{names['X', i]}, {names['Y', j]}]"
        for j in range(ys)
        for i in range(xs)
        if layout.pattern == "grid" or i in (0, xs - 1) or j in (0, ys - 1)
    ]
    return [*lines, "places = [", ",\n".join(places), "]", "holes = map(places, f = fn(@place) {", *drill]
