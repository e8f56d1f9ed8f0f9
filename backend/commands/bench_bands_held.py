"""The held-out cases of ``./brick bench bands``: no factor of the error bars was chosen on them.

They were drawn after the factors were fixed, from other families than :mod:`.bench_bands_cases`: several holes, slots,
one-sided and rounded V-notches, curved beams and frames, gussets, shells, nozzles, flanges, ring grooves, fibres,
warmth. ``PLANE`` are plane and axisymmetric problems like those; ``SOLIDS`` are bodies of three dimensions with answers
of their own (:mod:`.bench_bands_solids`): torsion, layers of two materials, heat, pipes and drilled bodies, two of
them by way of a STEP file. Whoever changes a factor with an eye on this table has to draw another one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from backend.commands.bench_bands_cases import X0, Y0, BandCase, _slides

# Glass fibres in epoxy, roughly: what matters here is that the directions differ by four.
FIBRES: dict[str, Any] = {"e_mpa": [40e3, 10e3, 10e3], "g_mpa": [4e3, 4e3, 3.5e3], "nu": [0.28, 0.28, 0.4]}


@dataclass(frozen=True)
class SolidCase:
    """A body of :mod:`.bench_bands_solids` by its name there."""

    name: str
    solid: str

    def payload(self, mesh: dict[str, Any]) -> dict[str, Any]:
        """What the worker is given."""
        return {"solid": self.solid, "mesh": mesh}


def _plate(name: str, long: float, wide: float, holes: tuple[tuple[float, float, float], ...], **more: Any) -> BandCase:
    """A plate from x = 0, y = 0, both planes of symmetry, pulled along x."""
    path = [[0, 0], [long, 0], [long, wide], [0, wide]]
    loads = [{"on": ["x", long], "traction": [60, 0]}]
    return BandCase(name, path, _slides(X0, Y0), loads, holes=holes, regions={"top": ["y", wide]}, **more)


def _slot(name: str, radius: float, straight: float, along: bool) -> BandCase:
    """A quarter plate with a slot in its middle, its straight part along or across the pull."""
    s, long, wide = radius * math.sqrt(0.5), 60.0, 40.0
    if along:
        path: list[Any] = [[straight + radius, 0], [long, 0], [long, wide], [0, wide], [0, radius], [straight, radius],
                ["arc", [straight + s, s], [straight + radius, 0]]]  # fmt: skip
    else:
        path = [[radius, 0], [long, 0], [long, wide], [0, wide], [0, straight + radius],
                ["arc", [s, straight + s], [radius, straight]]]  # fmt: skip
    loads = [{"on": ["x", long], "traction": [50, 0]}]
    return BandCase(name, path, _slides(X0, Y0), loads, regions={"top": ["y", wide]})


def _one_notch(name: str, height: float, depth: float, radius: float) -> BandCase:
    """Half a bar with a U-notch in its underside, bent by a shear force at its end."""
    length, s = 3 * height, radius * math.sqrt(0.5)
    path = [[radius, 0], [length, 0], [length, height], [0, height], [0, depth],
            ["arc", [s, depth - radius + s], [radius, depth - radius]]]  # fmt: skip
    held = [{"kind": "frictionless", "on": X0}, {"kind": "fixed", "on": ["x", length]}]
    return BandCase(
        name, path, held, [{"on": ["y", height], "pressure": 4}], singular=((length, 0), (length, height)),
        regions={"top": ["y", height]},
    )  # fmt: skip


def _vee(name: str, radius: float, root: float, depth: float, half_deg: float) -> BandCase:
    """A round bar with a rounded V-groove in its middle, in tension."""
    a = math.radians(90 - half_deg)  # how far the arc turns
    net = radius - depth
    centre = net + root
    x1, y1 = centre - root * math.cos(a), root * math.sin(a)
    rise = (radius - x1) * math.tan(math.radians(half_deg))
    path = [[0, 0], [net, 0], ["arc", [centre - root * math.cos(a / 2), root * math.sin(a / 2)], [x1, y1]],
            [radius, y1 + rise], [radius, 2.5 * radius], [0, 2.5 * radius]]  # fmt: skip
    return BandCase(
        name, path, _slides(Y0), [{"on": ["y", 2.5 * radius], "traction": [0, 90]}], kind="round",
        regions={"end": ["y", 2.5 * radius]},
    )  # fmt: skip


def _curved_beam(name: str, inner: float, outer: float) -> BandCase:
    """A quarter ring, clamped at one end, sheared at the other."""
    a, b = inner * math.sqrt(0.5), outer * math.sqrt(0.5)
    path = [[inner, 0], [outer, 0], ["arc", [b, b], [0, outer]], [0, inner], ["arc", [a, a], [inner, 0]]]
    return BandCase(
        name, path, [{"kind": "fixed", "on": Y0}], [{"on": X0, "traction": [0, 6]}],
        singular=((inner, 0), (outer, 0)), regions={"inside": ["circle", 0, 0, inner]},
    )  # fmt: skip


def _frame(name: str) -> BandCase:
    """Half a C-frame: a straight back on its plane of symmetry, a rounded corner, an arm pulled at its end."""
    s = math.sqrt(0.5)
    path = [[0, 0], [12, 0], [12, 22], ["arc", [20 - 8 * s, 22 + 8 * s], [20, 30]], [60, 30], [60, 40], [10, 40],
            ["arc", [10 - 10 * s, 30 + 10 * s], [0, 30]]]  # fmt: skip
    held = [{"kind": "frictionless", "on": Y0}, {"kind": "frictionless", "on": ["x", 60]}]
    return BandCase(name, path, held, [{"on": ["y", 30], "pressure": -3}], regions={"back": X0})


def _tee(name: str, fillet: float) -> BandCase:
    """A T, clamped at both ends of its bar, its stem pulled sideways."""
    s = fillet * (1 - math.sqrt(0.5))
    path = [[-40, 0], [40, 0], [40, 10], [6 + fillet, 10], ["arc", [6 + s, 10 + s], [6, 10 + fillet]], [6, 50],
            [-6, 50], [-6, 10 + fillet], ["arc", [-6 - s, 10 + s], [-6 - fillet, 10]], [-40, 10]]  # fmt: skip
    held = [{"kind": "fixed", "on": ["x", -40]}, {"kind": "fixed", "on": ["x", 40]}]
    singular = ((-40, 0), (-40, 10), (40, 0), (40, 10))
    return BandCase(name, path, held, [{"on": ["y", 50], "traction": [6, 0]}], singular=singular,
                    regions={"under": ["y", 0]})  # fmt: skip


def _gusset(name: str) -> BandCase:
    """An angle whose inner corner is filled by a slanted gusset: two blunt inner corners."""
    path = [[0, 0], [60, 0], [60, 8], [28, 8], [8, 28], [8, 60], [0, 60]]
    return BandCase(
        name, path, [{"kind": "fixed", "on": ["y", 60]}], [{"on": ["x", 60], "traction": [0, -8]}], thickness=15.0,
        singular=((0, 60), (8, 60), (28, 8), (8, 28)), regions={"back": X0},
    )  # fmt: skip


def _round_head(name: str, bore: float, wall: float) -> BandCase:
    """A cylinder with half a sphere as its head."""
    long, out, s = 2 * bore, bore + wall, math.sqrt(0.5)
    path = [[bore, 0], [out, 0], [out, long], ["arc", [out * s, long + out * s], [0, long + out]], [0, long + bore],
            ["arc", [bore * s, long + bore * s], [bore, long]]]  # fmt: skip
    dome = ["circle", 0, long, bore]
    loads = [{"on": ["x", bore], "pressure": 8}, {"on": dome, "pressure": 8}]
    return BandCase(name, path, _slides(Y0), loads, kind="round", regions={"dome": dome})


def _polar_nozzle(name: str) -> BandCase:
    """Half a sphere with a nozzle at its pole, a fillet where they meet; the open end is pulled by the pressure."""
    inside, outside, bore, neck, fillet = 40.0, 45.0, 10.0, 14.0, 3.0
    high = 60.0
    # The fillet touches the neck (x = neck) and the sphere of radius ``outside``.
    x = neck + fillet
    y = math.sqrt((outside + fillet) ** 2 - x**2)
    tx, ty = x * outside / (outside + fillet), y * outside / (outside + fillet)
    turn = (math.atan2(ty - y, tx - x) % (2 * math.pi) + math.pi) / 2
    middle = [x + fillet * math.cos(turn), y + fillet * math.sin(turn)]
    start = math.sqrt(inside**2 - bore**2)
    half = math.acos(bore / inside) / 2
    outer = math.atan2(ty, tx) / 2
    path = [[inside, 0], [outside, 0], ["arc", [outside * math.cos(outer), outside * math.sin(outer)], [tx, ty]],
            ["arc", middle, [neck, y]], [neck, high], [bore, high], [bore, start],
            ["arc", [inside * math.cos(half), inside * math.sin(half)], [inside, 0]]]  # fmt: skip
    cap = 5 * bore**2 / (neck**2 - bore**2)
    loads = [{"on": ["circle", 0, 0, inside], "pressure": 5}, {"on": ["x", bore], "pressure": 5},
             {"on": ["y", high], "traction": [0, cap]}]  # fmt: skip
    return BandCase(name, path, _slides(Y0), loads, kind="round", regions={"ball": ["circle", 0, 0, inside]})


def _flange(name: str, fillet: float) -> BandCase:
    """A pipe with a flange, held by the flange's face, pulled along."""
    bore, out, rim, thick, high = 15.0, 20.0, 40.0, 8.0, 60.0
    s = fillet * (1 - math.sqrt(0.5))
    path = [[bore, 0], [rim, 0], [rim, thick], [out + fillet, thick],
            ["arc", [out + s, thick + s], [out, thick + fillet]], [out, high], [bore, high]]  # fmt: skip
    return BandCase(
        name, path, [{"kind": "fixed", "on": ["x", rim]}], [{"on": ["y", high], "traction": [0, 40]}], kind="round",
        singular=((rim, 0), (rim, thick)), regions={"bore": ["x", bore]},
    )  # fmt: skip


def _shell(name: str, radius: float, wall: float) -> BandCase:
    """A thin tube under pressure, clamped at one end: the disturbance of the end decays over a few walls."""
    long = 6 * math.sqrt(radius * wall)
    path = [[radius, 0], [radius + wall, 0], [radius + wall, long], [radius, long]]
    return BandCase(
        name, path, [{"kind": "fixed", "on": Y0}], [{"on": ["x", radius], "pressure": 2}], kind="round",
        singular=((radius, 0), (radius + wall, 0)), regions={"inside": ["x", radius]},
    )  # fmt: skip


def _ring_groove(name: str, root: float) -> BandCase:
    """A round bar with a square groove whose corners are rounded, in tension; half by symmetry."""
    radius, depth, half = 15.0, 3.0, 3.0
    net, s = radius - depth, root * (1 - math.sqrt(0.5))
    path = [[0, 0], [net, 0], [net, half - root], ["arc", [net + s, half - s], [net + root, half]], [radius, half],
            [radius, 40], [0, 40]]  # fmt: skip
    return BandCase(name, path, _slides(Y0), [{"on": ["y", 40], "traction": [0, 80]}], kind="round",
                    regions={"end": ["y", 40]})  # fmt: skip


def _warm_block(name: str) -> BandCase:
    """A notched block between two walls that slide, warmed along its length."""
    path = [[5, 0], [50, 0], [50, 25], [0, 25], [0, 5], ["arc", [5 * math.sqrt(0.5), 5 * math.sqrt(0.5)], [5, 0]]]
    return BandCase(name, path, _slides(X0, Y0, ["x", 50]), [], warmth=(80.0, 0.8, -0.5), regions={"top": ["y", 25]})


def _warm_ring(name: str) -> BandCase:
    """A shouldered bush, warmed from one end to the other, its foot on a plane."""
    s = 2 * (1 - math.sqrt(0.5))
    path = [[8, 0], [24, 0], [24, 8], [16, 8], ["arc", [14 + s, 8 + s], [14, 10]], [14, 30], [8, 30]]
    return BandCase(
        name, path, [{"kind": "fixed", "on": ["x", 24]}], [], kind="round", warmth=(20.0, 0.0, 4.0),
        singular=((24, 0), (24, 8)), regions={"bore": ["x", 8]},
    )  # fmt: skip


PLANE: tuple[BandCase, ...] = (
    _plate("two holes in line", 70, 30, ((0, 0, 6), (24, 0, 6))),
    _plate("three holes across", 50, 50, ((0, 0, 4), (0, 15, 4), (0, 30, 4)), thickness=8.0),
    _plate("holes staggered", 60, 36, ((0, 0, 5), (15, 13, 5), (36, 0, 3))),
    _slot("slot along the pull", 6, 14, True),
    _slot("slot across the pull", 3, 9, False),
    _one_notch("one notch, bent", 20, 6, 2),
    _vee("shaft with a rounded V-groove", 12, 0.8, 3, 30),
    _ring_groove("shaft with a ring groove", 0.6),
    _curved_beam("curved beam, thick", 15, 30),
    _curved_beam("curved beam, slender", 40, 48),
    _frame("C-frame"),
    _tee("T with fillets", 4),
    _gusset("angle with a gusset"),
    _round_head("vessel with a round head", 25, 3),
    _polar_nozzle("sphere with a nozzle"),
    _flange("flange", 3),
    _shell("thin tube, clamped", 50, 1.5),
    _warm_block("warmed block with a notch"),
    _warm_ring("warmed bush"),
    _plate("hole, fibres along", 50, 30, ((0, 0, 8),), fibres={**FIBRES, "axis_1": [1, 0, 0], "axis_2": [0, 1, 0]}),
    _plate("two holes, fibres across", 60, 30, ((0, 0, 6), (22, 0, 6)),
           fibres={**FIBRES, "axis_1": [0, 1, 0], "axis_2": [-1, 0, 0]}),
)  # fmt: skip

SOLIDS: tuple[SolidCase, ...] = (
    SolidCase("shaft in torsion", "shaft"),
    SolidCase("hollow shaft in torsion", "hollow_shaft"),
    SolidCase("grooved shaft in torsion", "grooved_shaft"),
    SolidCase("tube, hot inside", "hot_tube"),
    SolidCase("two tubes, pressure", "two_tubes"),
    SolidCase("two tubes, warmed", "warm_tubes"),
    SolidCase("lined sphere, pressure", "lined_sphere"),
    SolidCase("cross-drilled shaft, by STEP", "cross_drilled"),
    SolidCase("countersunk plate", "countersunk"),
    SolidCase("pipe bend", "pipe_bend"),
    SolidCase("vessel with a branch", "branch"),
    SolidCase("bracket with holes, by STEP", "drilled_bracket"),
)
