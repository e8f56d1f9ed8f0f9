"""The bench's simple parts in build123d, for its own Python: it brings another build of the kernel than ours.

Run by file name with the interpreter that has build123d; prints one JSON object. Imports nothing of the house.
"""

import json
import statistics
import sys
import time
from typing import Any


def box() -> Any:
    """A box of 40 x 30 x 20 mm."""
    from build123d import Box  # type: ignore[import-not-found]

    return Box(40, 30, 20)


def plate() -> Any:
    """A plate of 100 x 60 x 8 mm with round corners of 10 mm and four holes of 8 mm."""
    import build123d as bd

    with bd.BuildPart() as part:
        with bd.BuildSketch():
            bd.Rectangle(100, 60)
        bd.extrude(amount=8)
        bd.fillet(part.edges().filter_by(bd.Axis.Z), radius=10)
        with bd.BuildSketch(part.faces().sort_by(bd.Axis.Z)[-1]), bd.GridLocations(76, 36, 2, 2):
            bd.Circle(4)
        bd.extrude(amount=-8, mode=bd.Mode.SUBTRACT)
    return part.part


def main() -> None:
    """Median seconds of each part, measured volumes included."""
    import importlib.metadata

    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    told: dict[str, Any] = {"version": importlib.metadata.version("build123d"), "parts": {}}
    for name, make in (("box", box), ("filleted plate with holes", plate)):
        times = []
        for _ in range(runs + 1):
            begin = time.perf_counter()
            made = make()
            volume, area = made.volume, made.area
            made.bounding_box()
            assert made.is_valid, name
            times.append(time.perf_counter() - begin)
        told["parts"][name] = {"wall_s": statistics.median(times[1:]), "volume_mm3": volume, "area_mm2": area}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
