"""The L-bracket as KCL."""

from __future__ import annotations

from backend.design import kclwriter as kw
from backend.design.materialdata import material_name
from backend.design.parts.l_bracket.layout import Layout
from backend.schema import Scheme


def write(layout: Layout, scheme: Scheme) -> str:
    """The program: parameters by name, profile, fillets, holes, names of the faces that physics needs."""
    unit = kw.unit_of(scheme)

    def mm(value: float) -> str:
        return kw.length(value, unit)

    def note(value: float, text: str) -> str:
        return f"// {text}: {kw.show(value, unit)}"

    p = scheme.parameters
    load = p.get("load_force")
    carried = f" It carries {load.given or f'{load.value:.0f} N'}," if load else " It carries a load"
    where = kw.show(p["load_position"].value, unit)
    lines = [
        "// L-bracket",
        f"// One leg is bolted to a wall, the other carries a shelf.{carried} {where} from the wall.",
        f"// Material: {material_name(scheme.material)}. What governs the thickness: {scheme.governing}.",
        "",
        kw.settings(unit),
        "",
        "// Given",
        f"width = {mm(layout.width)} {note(layout.width, 'along the wall')}",
        f"shelfLeg = {mm(layout.shelf_leg)} {note(layout.shelf_leg, 'from the wall to the tip')}",
        f"wallLeg = {mm(layout.wall_leg)} {note(layout.wall_leg, 'from the top of the shelf to the toe')}",
        f"holeDiameter = {mm(layout.hole)} {note(layout.hole, 'bolt holes')}",
        "",
        "// Sized",
        f"thickness = {mm(layout.thickness)} {note(layout.thickness, 'both legs')}",
        f"filletRadius = {mm(layout.fillet)} {note(layout.fillet, 'inside the corner')}",
        "outerRadius = filletRadius + thickness",
        "",
        "// Bolt rows",
        f"sideInset = {mm(layout.side_inset)} {note(layout.side_inset, 'outermost holes to the sides')}",
    ]
    if layout.shelf_holes:
        lines.append(f"shelfRow = {mm(layout.shelf_row_x)} {note(layout.shelf_row_x, 'from the wall')}")
    if layout.wall_holes:
        lines.append(f"wallRow = {mm(layout.wall_row_depth)} {note(layout.wall_row_depth, 'below the shelf face')}")
    lines += [
        "",
        "// The L in the plane across the wall: x away from it, z up, the shelf face at z = 0",
        "profile = sketch(on = XZ) {",
        "  shelfFace = line(start = [0, 0], end = [shelfLeg, 0])",
        "  tipFace = line(start = [shelfLeg, 0], end = [shelfLeg, -thickness])",
        "  underFace = line(start = [shelfLeg, -thickness], end = [thickness, -thickness])",
        "  frontFace = line(start = [thickness, -thickness], end = [thickness, -wallLeg])",
        "  toeFace = line(start = [thickness, -wallLeg], end = [0, -wallLeg])",
        "  wallFace = line(start = [0, -wallLeg], end = [0, 0])",
        "}",
        "section = region(point = [thickness / 2, -thickness / 2], sketch = profile)",
        "bracket = extrude(section, length = width)",
        "  |> fillet(",
        "    radius = filletRadius,",
        "    tags = [getCommonEdge(faces = [section.tags.underFace, section.tags.frontFace])],",
        "    tag = $innerFillet,",
        "  )",
        "  |> fillet(",
        "    radius = outerRadius,",
        "    tags = [getCommonEdge(faces = [section.tags.shelfFace, section.tags.wallFace])],",
        "  )",
        "",
    ]
    if layout.shelf_holes:
        lines += _holes("shelf", "shelfFace", layout.shelf_holes, ("-shelfRow", "y"), "down through the shelf leg")
    if layout.wall_holes:
        lines += _holes("wall", "wallFace", layout.wall_holes, ("y", "-wallRow"), "through the wall leg")
    lines += [
        "// Names for physics: where the load acts, what holds the part, where to look",
        kw.annotation("shelf", "load: the shelf rests here", "[section.tags.shelfFace]"),
        kw.annotation("wall", "support: against the wall", "[section.tags.wallFace]"),
        kw.annotation("toe", "support: the toe presses on the wall", "[section.tags.toeFace]"),
        kw.annotation("fillet", "result: inner fillet", "[innerFillet]"),
    ]
    if layout.shelf_holes:
        lines.append(kw.annotation("shelf_bolts", "bolts to the shelf", "shelfBolts"))
    if layout.wall_holes:
        lines.append(kw.annotation("wall_bolts", "support: bolts to the wall", "wallBolts"))
    return kw.formatted("\n".join(lines) + "\n")


def _holes(name: str, face: str, count: int, place: tuple[str, str], comment: str) -> list[str]:
    """A row of drilled holes; ``<name>Bolts`` becomes the list of their walls."""
    if count == 1:
        across = "[width / 2]"
    elif count == 2:
        across = "[sideInset, width - sideInset]"
    else:
        step = f"(width - 2 * sideInset) / {count - 1}"
        across = f"map([0..{count - 1}], f = fn(@i) {{ return sideInset + i * {step} }})"
    x, y = place
    return [
        f"// Bolt holes {comment}",
        f"{name}Bolts = map({across}, f = fn(@y) {{",
        f"  outline = sketch(on = faceOf(bracket, face = section.tags.{face})) {{",
        f"    rim = circle(center = [{x}, {y}], start = [{x} + holeDiameter / 2, {y}])",
        "  }",
        f"  disc = region(point = [{x}, {y}], sketch = outline)",
        "  drilled = extrude(disc, length = -thickness)",
        "  return disc.tags.rim",
        "})",
        "",
    ]
