"""The enclosure as KCL: box and lid, two solids, as they stand when closed."""

from __future__ import annotations

from backend.design import kclwriter as kw
from backend.design.materialdata import material_name
from backend.design.parts.enclosure.layout import PCB_HOLE_INSET_MM, Layout
from backend.schema import Scheme


def write(layout: Layout, scheme: Scheme) -> str:
    """The program: parameters by name, box, posts, lid, the names of the faces that physics needs."""
    unit = kw.unit_of(scheme)

    def mm(value: float) -> str:
        return kw.length(value, unit)

    def given(name: str, value: float, text: str) -> str:
        return f"{name} = {mm(value)} // {text}: {kw.show(value, unit)}"

    lines = [
        "// Enclosure",
        "// A thin-walled box with a flat lid on four screws" + (" and standoffs for a board." if layout.pcb else "."),
        f"// Material: {material_name(scheme.material)}. What governs the thicknesses: {scheme.governing}.",
        "",
        kw.settings(unit),
        "",
        "// Given",
        given("length", layout.length, "outside, along x"),
        given("width", layout.width, "outside, along y"),
        given("height", layout.height, "outside, with the lid"),
        given("cornerRadius", layout.corner, "upright corners outside"),
        "",
        "// Sized",
        given("wall", layout.wall, "walls and floor"),
        given("lidThickness", layout.lid, "lid"),
        "bodyHeight = height - lidThickness",
        "",
        "// Screws of the lid",
        given("bossDiameter", layout.boss.outside, "boss"),
        given("bossHole", layout.boss.hole, "hole in the boss"),
        given("lidHole", layout.lid_hole, "hole in the lid"),
        f"bossReach = wall + {mm(layout.boss_gap)} + bossDiameter / 2 // boss to the outside of the walls",
        "",
    ]
    if layout.standoff and layout.pcb:
        lines += [
            "// Circuit board",
            given("pcbLength", layout.pcb[0], "along x"),
            given("pcbWidth", layout.pcb[1], "along y"),
            given("pcbHoleInset", PCB_HOLE_INSET_MM, "its holes to its edges"),
            given("standoffHeight", layout.standoff.height, "above the floor"),
            given("standoffDiameter", layout.standoff.outside, "standoff"),
            given("standoffHole", layout.standoff.hole, "hole in the standoff"),
            "",
        ]
    lines += [
        "// The four places at the same distance from the middle of each side",
        "fn fourPlaces(@x, y) {",
        "  return [[-x, -y], [x, -y], [x, y], [-x, y]]",
        "}",
        "",
        "// The outline of box and lid, its middle at the origin",
        "fn outline(@plane) {",
        "  return sketch(on = plane) {",
        "    southSide = line(start = [-length / 2, -width / 2], end = [length / 2, -width / 2])",
        "    eastSide = line(start = [length / 2, -width / 2], end = [length / 2, width / 2])",
        "    northSide = line(start = [length / 2, width / 2], end = [-length / 2, width / 2])",
        "    westSide = line(start = [-length / 2, width / 2], end = [-length / 2, -width / 2])",
        "  }",
        "}",
        "",
        "// A post on the floor with a hole for a screw",
        "fn post(@place, outerDiameter, bore, postHeight) {",
        "  rings = sketch(on = offsetPlane(XY, offset = wall)) {",
        "    outside = circle(center = place, start = [place[0] + outerDiameter / 2, place[1]])",
        "    inside = circle(center = place, start = [place[0] + bore / 2, place[1]])",
        "  }",
        "  ring = region(point = [place[0] + (outerDiameter + bore) / 4, place[1]], sketch = rings)",
        "  return extrude(ring, length = postHeight)",
        "}",
        "",
        "// The box",
        "boxRegion = region(point = [0, 0], sketch = outline(XY))",
        "shell001 = extrude(boxRegion, length = bodyHeight, tagEnd = $rim)",
        *(_fillet("boxRegion.tags") if layout.corner else []),
        "  |> shell(faces = [rim], thickness = wall)",
        "",
        "bossPlaces = fourPlaces(length / 2 - bossReach, y = width / 2 - bossReach)",
        "bosses = map(",
        "  bossPlaces,",
        "  f = fn(@place) {",
        "    return post(place, outerDiameter = bossDiameter, bore = bossHole, postHeight = bodyHeight - wall)",
        "  },",
        ")",
    ]
    if layout.standoff:
        lines += [
            "standoffs = map(",
            "  fourPlaces(pcbLength / 2 - pcbHoleInset, y = pcbWidth / 2 - pcbHoleInset),",
            "  f = fn(@place) {",
            "    return post(",
            "      place,",
            "      outerDiameter = standoffDiameter,",
            "      bore = standoffHole,",
            "      postHeight = standoffHeight,",
            "    )",
            "  },",
            ")",
        ]
    joined = "concat(bosses, items = standoffs)" if layout.standoff else "bosses"
    lines += [
        f"box = union(push({joined}, item = shell001))",
        "",
        "// The lid, closed on the box",
        "lidRegion = region(point = [0, 0], sketch = outline(offsetPlane(XY, offset = bodyHeight)))",
        "lid = extrude(lidRegion, length = lidThickness, tagEnd = $lidTop)",
        *(_fillet("lidRegion.tags") if layout.corner else []),
        "lidHoles = map(",
        "  bossPlaces,",
        "  f = fn(@place) {",
        "    circle001 = sketch(on = faceOf(lid, face = lidTop)) {",
        "      edge = circle(center = place, start = [place[0] + lidHole / 2, place[1]])",
        "    }",
        "    disc = region(point = place, sketch = circle001)",
        "    drilled = extrude(disc, length = -lidThickness)",
        "    return disc.tags.edge",
        "  },",
        ")",
        "",
        "// Names for physics: where the load acts, what holds the lid",
        kw.annotation("lid_top", "load: top of the lid", "[lidTop]"),
        kw.annotation(
            "lid_edge",
            "support: edge of the lid on the rim",
            "[lidRegion.tags.southSide, lidRegion.tags.eastSide, lidRegion.tags.northSide, lidRegion.tags.westSide]",
        ),
        kw.annotation("lid_holes", "screws of the lid", "lidHoles"),
    ]
    return kw.formatted("\n".join(lines) + "\n")


def _fillet(sides: str) -> list[str]:
    pairs = (("southSide", "eastSide"), ("eastSide", "northSide"), ("northSide", "westSide"), ("westSide", "southSide"))
    tags = [f"getCommonEdge(faces = [{sides}.{a}, {sides}.{b}])" for a, b in pairs]
    return ["  |> fillet(", "    radius = cornerRadius,", "    tags = [", ",\n".join(tags), "    ],", "  )"]
