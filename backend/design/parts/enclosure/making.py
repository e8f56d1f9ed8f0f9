"""How an enclosure is made: least walls and corners of a process, how its posts take a screw, what is bought."""

from __future__ import annotations

from typing import Any

from backend.design import checking
from backend.design.fasteners import Bolt, bolt_of_size, insert_for, screw_length, thread_forming_ratio
from backend.design.kclwriter import show, unit_of
from backend.design.parts.enclosure.layout import PCB_THICKNESS_MM, Layout
from backend.schema import Check, Scheme, Sense

#: thinnest wall a process makes well, mm: five perimeters of a 0.4 mm nozzle; a milled pocket; the usual middle of the
#: range that resin makers give for ABS
LEAST_WALL_MM = {"fdm": 2.0, "machined": 1.5, "moulded": 2.0}
LEAST_CORNER_INSIDE_MM = {"fdm": 0.0, "machined": 1.5, "moulded": 0.5}


def fixing(bolt: Bolt, process: str) -> tuple[float, float, str]:
    """(hole, outside diameter, what) of a post that takes the screw: tapped, with an insert, or thread-forming. mm."""
    if process == "machined":
        return round(bolt.d - bolt.pitch, 2), round(2.2 * bolt.d, 1), "tapped holes"
    insert = insert_for(bolt.name) if process == "fdm" else None
    if insert is not None:
        return insert["hole"], round(insert["hole"] + 2 * insert["wall"], 1), "heat-set inserts"
    hole = round(thread_forming_ratio() * bolt.d, 2)
    return hole, round(2.2 * bolt.d, 1), "plastic, the screw forms its thread"


def _screws(bolt: Bolt, process: str, grip_mm: float, use: str) -> list[dict[str, Any]]:
    length = screw_length(grip_mm, 1.5 * bolt.d, bolt.system)
    if bolt.system == "metric":
        plastic = process == "moulded"
        name = f"{'Thread-forming screw for plastics' if plastic else 'ISO 4762'} - {bolt.name} x {length:g}"
        name += "" if plastic else " - 8.8"
    else:
        name = f"Socket head cap screw {bolt.name} x {show(length, 'in')}"
    lines: list[dict[str, Any]] = [
        {"part": f"Screw {bolt.name}", "quantity": 4, "made": False, "designation": name, "description": use}
    ]
    insert = insert_for(bolt.name) if process == "fdm" else None
    if insert is not None:
        lines.append(
            {
                "part": f"Heat-set insert {bolt.name}",
                "quantity": 4,
                "made": False,
                "designation": f"brass insert {bolt.name} x {insert['length']:g}, hole {insert['hole']:g} mm",
                "description": use,
            }
        )
    return lines


_WALL_RULE = {
    "fdm": "five perimeters of a 0.4 mm nozzle",
    "machined": "thinner walls chatter under the cutter",
    "moulded": "resin makers' range for ABS-like plastics, 1.2 to 3.5 mm",
}


#: what makes it, in words
MAKING = {"fdm": "FDM printing", "machined": "machining", "moulded": "injection moulding"}

#: least wall around a screw's hole, mm, and why
_BOSS_WALL = {
    "fdm": (1.2, "three perimeters of a 0.4 mm nozzle; keeps a screw from splitting the boss"),
    "machined": (1.0, "a millimetre around the tapped hole, so that cutter and tap don't burst the boss"),
    "moulded": (1.2, "lower end of the resin makers' range; keeps a thread-forming screw from splitting the boss"),
}


def made(process: str) -> str:
    """What a process makes, in words."""
    return {"fdm": "printed boxes", "machined": "milled boxes", "moulded": "moulded boxes"}[process]


def checks(layout: Layout, process: str) -> list[Check]:
    """Limits of the process against the layout."""
    out = [
        checking.compare(
            "least_wall",
            f"Walls that {MAKING[process]} makes well",
            layout.wall,
            "mm",
            LEAST_WALL_MM[process],
            Sense.AT_LEAST,
            method=_WALL_RULE[process],
        ),
        checking.compare(
            "least_lid",
            f"Lid that {MAKING[process]} makes well",
            layout.lid,
            "mm",
            LEAST_WALL_MM[process],
            Sense.AT_LEAST,
            method=_WALL_RULE[process],
        ),
    ]
    if process == "machined":
        depth, radius = layout.inner[2], layout.inner_corner
        out.append(
            checking.compare(
                "pocket_corner",
                "Radius of the corners inside",
                radius,
                "mm",
                LEAST_CORNER_INSIDE_MM["machined"],
                Sense.AT_LEAST,
                method="a 3 mm end mill",
            )
        )
        if radius > 0:
            out.append(
                checking.compare(
                    "pocket_depth",
                    "Depth of the pocket over the cutter's diameter",
                    depth / (2 * radius),
                    "",
                    10.0,
                    Sense.AT_MOST,
                    method="ten diameters with a long-reach cutter; five is comfortable",
                )
            )
    least_post, why = _BOSS_WALL[process]
    post_wall = (layout.boss.outside - layout.boss.hole) / 2
    out.append(
        checking.compare(
            "boss_wall",
            "Wall of the screw bosses",
            post_wall,
            "mm",
            least_post,
            Sense.AT_LEAST,
            method=why,
        )
    )
    return out


def components(layout: Layout, scheme: Scheme) -> list[dict[str, Any]]:
    """Box, lid, screws and inserts."""
    unit, process = unit_of(scheme), scheme.choices["process"]
    density = scheme.mass_g.value / layout.volume_mm3 if scheme.mass_g else 0.0
    size = f"{show(layout.length, unit)} x {show(layout.width, unit)}"
    lines: list[dict[str, Any]] = [
        {
            "part": "Box",
            "quantity": 1,
            "made": True,
            "material": scheme.material,
            "mass_g": layout.body_volume_mm3 * density,
            "description": f"{size} x {show(layout.body_height, unit)}, walls {show(layout.wall, unit)}",
        },
        {
            "part": "Lid",
            "quantity": 1,
            "made": True,
            "material": scheme.material,
            "mass_g": layout.lid_volume_mm3 * density,
            "description": f"{size} x {show(layout.lid, unit)}",
        },
    ]
    lines += _screws(bolt_of_size(scheme.parameters["lid_screw"].value), process, layout.lid, "lid")
    if layout.standoff:
        lines += _screws(
            bolt_of_size(scheme.parameters["standoff_screw"].value), process, PCB_THICKNESS_MM, "circuit board"
        )
    return lines
