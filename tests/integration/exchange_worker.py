"""Runs in a process with OCP: makes test shapes, exports them, and prints what they measure as JSON.

The processes of pytest and of NGSolve never import OCP; the tests call this file with a folder to write to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def shapes():
    """Name -> (shape, exact volume mm3, exact area mm2, exact centre mm, exact box mm); None where no closed form."""
    import math

    from OCP.BRepAlgoAPI import BRepAlgoAPI_Cut
    from OCP.BRepBuilderAPI import BRepBuilderAPI_Transform
    from OCP.BRepPrimAPI import (
        BRepPrimAPI_MakeBox,
        BRepPrimAPI_MakeCone,
        BRepPrimAPI_MakeCylinder,
        BRepPrimAPI_MakeSphere,
        BRepPrimAPI_MakeTorus,
    )
    from OCP.gp import gp_Ax1, gp_Ax2, gp_Dir, gp_Pnt, gp_Trsf, gp_Vec

    def drill(x, y, radius, depth):
        return BRepPrimAPI_MakeCylinder(gp_Ax2(gp_Pnt(x, y, -1), gp_Dir(0, 0, 1)), radius, depth).Shape()

    pi = math.pi
    plate = BRepAlgoAPI_Cut(BRepPrimAPI_MakeBox(gp_Pnt(10, 20, 0), 100.0, 50.0, 8.0).Shape(), drill(40, 45, 6, 10))
    hole, half = pi * 36 * 8, 100 * 50 * 8
    center_x = (half * 60 - hole * 40) / (half - hole)
    yield (
        "plate",
        plate.Shape(),
        half - hole,
        2 * (100 * 50 - pi * 36) + 2 * 8 * 150 + 2 * pi * 6 * 8,
        [center_x, 45.0, 4.0],
        {"min": [10, 20, 0], "max": [110, 70, 8]},
    )
    sphere = BRepPrimAPI_MakeSphere(gp_Pnt(1, 2, 3), 10.0).Shape()
    yield "sphere", sphere, 4 / 3 * pi * 1000, 400 * pi, [1, 2, 3], {"min": [-9, -8, -7], "max": [11, 12, 13]}
    torus = BRepPrimAPI_MakeTorus(50.0, 10.0).Shape()
    box = {"min": [-60, -60, -10], "max": [60, 60, 10]}
    yield "torus", torus, 2 * pi**2 * 50 * 100, 4 * pi**2 * 500, [0, 0, 0], box
    cone = BRepPrimAPI_MakeCone(10.0, 0.0, 30.0).Shape()
    area = pi * 100 + pi * 10 * math.hypot(10, 30)
    yield "cone", cone, pi * 100 * 10, area, [0, 0, 7.5], {"min": [-10, -10, 0], "max": [10, 10, 30]}
    # a cylinder lying askew: its exact box is r sqrt(1 - n_i^2) beyond its axis
    turn = gp_Trsf()
    turn.SetRotation(gp_Ax1(gp_Pnt(0, 0, 0), gp_Dir(1, 0, 0)), math.radians(30))
    can = BRepBuilderAPI_Transform(BRepPrimAPI_MakeCylinder(5.0, 40.0).Shape(), turn, True).Shape()
    n = (0.0, -math.sin(math.radians(30)), math.cos(math.radians(30)))
    reach = [5 * math.sqrt(1 - c * c) for c in n]
    ends = [0.0, 40 * n[1], 40 * n[2]]
    box = {
        "min": [min(0, e) - r for e, r in zip(ends, reach, strict=True)],
        "max": [max(0, e) + r for e, r in zip(ends, reach, strict=True)],
    }
    yield "askew", can, pi * 25 * 40, 2 * pi * 25 + 2 * pi * 5 * 40, [e / 2 for e in ends], box
    # placed, mirrored instances of one body in a compound
    from backend.engine.exchange.step import compound

    body = BRepPrimAPI_MakeBox(10.0, 20.0, 30.0).Shape()
    move, mirror = gp_Trsf(), gp_Trsf()
    move.SetTranslation(gp_Vec(100, 0, 0))
    mirror.SetMirror(gp_Ax2(gp_Pnt(0, 0, 0), gp_Dir(1, 0, 0)))
    from OCP.TopLoc import TopLoc_Location

    instances = compound(
        [body, body.Moved(TopLoc_Location(move)), BRepBuilderAPI_Transform(body, mirror, True).Shape(), sphere]
    )
    yield (
        "instances",
        instances,
        3 * 6000 + 4 / 3 * pi * 1000,
        3 * 2200 + 400 * pi,
        None,
        {"min": [-10, -8, -7], "max": [110, 20, 30]},
    )


def main(folder: Path) -> dict[str, object]:
    from backend.engine.exchange.brep import read_brep
    from backend.engine.exchange.export import export_shape
    from backend.engine.exchange.step import read_step
    from backend.engine.measure import faces_of, measure_face, measure_shape

    found = {}
    for name, shape, volume, area, center, box in shapes():
        count = len(measure_shape(shape)["bodies"])
        names = [f"{name} {number}" for number in range(count)]
        colors = [((number + 1) / (count + 1), 0.25, 0.5, 1.0) for number in range(count)]
        files, seconds = export_shape(shape, folder, name, names=names, colors=colors)
        found[name] = {
            "exact": {"volume": volume, "area": area, "center": center, "box": box},
            "measured": measure_shape(shape, names),
            "faces": [measure_face(face) for face in faces_of(shape)],
            "brep": measure_shape(read_brep(files["brep"])),
            "step": measure_shape(read_step(files["step"])),
            "files": files,
            "seconds": seconds,
        }
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
