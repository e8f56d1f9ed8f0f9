"""The cases of ``./brick bench bands``: outlines, how they are held and loaded. Lengths in mm, stresses in MPa.

Bodies in plane strain are extruded, round ones turned about y (:mod:`.bench_bands_worker`). They are what a designer
draws: tubes, spheres, holes, notches, fillets, brackets, lugs, hooks, discs and vessels, with and without edges where
linear elasticity has no finite stress.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

DEFAULT: dict[str, Any] = {"order": 2, "max_dofs": 120_000, "budget_s": 20.0, "error_target_rel": 0.03}
COARSE: dict[str, Any] = {**DEFAULT, "levels": 2, "max_dofs": 12_000, "error_target_rel": None}
LOOSE: dict[str, Any] = {**DEFAULT, "levels": 2, "error_target_rel": 0.1}
FINE: dict[str, Any] = {**DEFAULT, "error_target_rel": 0.01}
CUBIC: dict[str, Any] = {**DEFAULT, "order": 3}
LINEAR: dict[str, Any] = {**DEFAULT, "order": 1}
MESHES = {
    "default": DEFAULT, "coarse": COARSE, "loose": LOOSE, "fine": FINE, "order 3": CUBIC, "order 1": LINEAR,
}  # fmt: skip
X0, Y0 = ["x", 0], ["y", 0]


@dataclass(frozen=True)
class BandCase:
    """One body; the fields are those of the worker's payload."""

    name: str
    path: list[Any]
    supports: list[dict[str, Any]]
    loads: list[dict[str, Any]]
    kind: str = "plane"
    thickness: float = 5.0
    nu: float = 0.3
    holes: tuple[tuple[float, float, float], ...] = ()
    ellipses: tuple[tuple[float, float, float, float], ...] = ()
    singular: tuple[tuple[float, float], ...] = ()
    regions: dict[str, Any] = field(default_factory=dict)
    warmth: tuple[float, float, float] | None = None  # above the temperature without stress: K, K/mm along x and y
    fibres: dict[str, Any] | None = None  # an orthotropic material, as studies write it

    def payload(self, mesh: dict[str, Any]) -> dict[str, Any]:
        """What the worker is given."""
        return {
            "outline": {"path": self.path, "holes": self.holes, "ellipses": self.ellipses}, "kind": self.kind,
            "thickness": self.thickness, "nu": self.nu, "supports": self.supports, "loads": self.loads,
            "singular": self.singular, "regions": self.regions, "mesh": mesh, "warmth": self.warmth,
            "fibres": self.fibres,
        }  # fmt: skip


def _slides(*places: Any) -> list[dict[str, Any]]:
    return [{"kind": "frictionless", "on": place} for place in places]


def _quarter_ring(inner: float, outer: float) -> list[Any]:
    a, b = inner * math.sqrt(0.5), outer * math.sqrt(0.5)
    return [[inner, 0], [outer, 0], ["arc", [b, b], [0, outer]], [0, inner], ["arc", [a, a], [inner, 0]]]


def _tube(name: str, inner: float, outer: float, inside: float, outside: float, nu: float, **more: Any) -> BandCase:
    bore, skin = ["circle", 0, 0, inner], ["circle", 0, 0, outer]
    loads = [{"on": place, "pressure": p} for place, p in ((bore, inside), (skin, outside)) if p]
    supports = _slides(Y0) if more.get("kind") == "round" else _slides(X0, Y0)
    return BandCase(
        name, _quarter_ring(inner, outer), supports, loads, nu=nu, regions={"bore": bore, "skin": skin}, **more
    )


def _hole(name: str, width: float, length: float, radius: float, thickness: float, nu: float = 0.3) -> BandCase:
    half, end = width / 2, length / 2
    path = [[0, 0], [end, 0], [end, half], [0, half]]
    return BandCase(
        name, path, _slides(X0, Y0), [{"on": ["x", end], "traction": [100, 0]}], thickness=thickness, nu=nu,
        holes=((0, 0, radius),), regions={"hole": ["circle", 0, 0, radius], "end": ["x", end]},
    )  # fmt: skip


def _ellipse(name: str, along: float, across: float, half: float) -> BandCase:
    path = [[0, 0], [1.5 * half, 0], [1.5 * half, half], [0, half]]
    return BandCase(
        name, path, _slides(X0, Y0), [{"on": ["x", 1.5 * half], "traction": [50, 0]}],
        ellipses=((0, 0, along, across),), regions={"edge": ["y", half]},
    )  # fmt: skip


def _notch(name: str, half: float, depth: float, radius: float, kind: str = "plane") -> BandCase:
    """A U-notch (of a round bar a groove) of that depth in a half bar along y; x is across."""
    net, end = half - depth, 2.5 * half
    path = [[0, 0], [net, 0]]
    if depth > radius:
        s = radius * math.sqrt(0.5)
        path += [["arc", [net + radius - s, s], [net + radius, radius]], [half, radius]]
    else:
        turn = math.acos((radius - depth) / radius)
        middle = [net + radius - radius * math.cos(turn / 2), radius * math.sin(turn / 2)]
        path += [["arc", middle, [half, radius * math.sin(turn)]]]
    path += [[half, end], [0, end]]
    supports = _slides(Y0) if kind == "round" else _slides(X0, Y0)
    return BandCase(name, path, supports, [{"on": ["y", end], "traction": [0, 100]}], kind=kind,
                    regions={"end": ["y", end]})  # fmt: skip


def _shoulder(name: str, wide: float, narrow: float, radius: float, kind: str = "plane") -> BandCase:
    """A stepped half bar along y in tension; half breadths (of a round bar radii)."""
    step, end = 2.0 * wide, 4.0 * wide
    s = radius * (1 - math.sqrt(0.5))
    path = [
        [0, 0], [wide, 0], [wide, step], [narrow + radius, step],
        ["arc", [narrow + s, step + s], [narrow, step + radius]], [narrow, end], [0, end],
    ]  # fmt: skip
    supports = _slides(Y0) if kind == "round" else _slides(X0, Y0)
    return BandCase(name, path, supports, [{"on": ["y", end], "traction": [0, 80]}], kind=kind,
                    regions={"shank": ["x", narrow]})  # fmt: skip


def _bracket(name: str, wall: float, leg: float, radius: float, thickness: float) -> BandCase:
    """An angle, clamped at the end of its upright leg, pulled at the end of the other."""
    path: list[Any] = [[0, 0], [leg, 0], [leg, wall]]
    if radius:
        s = radius * (1 - math.sqrt(0.5))
        path += [[wall + radius, wall], ["arc", [wall + s, wall + s], [wall, wall + radius]]]
    else:
        path += [[wall, wall]]
    path += [[wall, leg], [0, leg]]
    singular: tuple[tuple[float, float], ...] = ((0, leg), (wall, leg)) + (() if radius else ((wall, wall),))
    return BandCase(
        name, path, [{"kind": "fixed", "on": ["y", leg]}], [{"on": ["x", leg], "traction": [0, -8]}],
        thickness=thickness, singular=singular, regions={"back": X0},
    )  # fmt: skip


def _cantilever(name: str, length: float, height: float, thickness: float) -> BandCase:
    path = [[0, 0], [length, 0], [length, height], [0, height]]
    return BandCase(
        name, path, [{"kind": "fixed", "on": X0}], [{"on": ["x", length], "traction": [0, -5]}], thickness=thickness,
        singular=((0, 0), (0, height)), regions={"top": ["y", height]},
    )  # fmt: skip


def _stepped_cantilever(name: str, big: float, small: float, radius: float) -> BandCase:
    """A shoulder in bending, clamped at its big end."""
    low, high, at, end = (big - small) / 2, (big + small) / 2, 1.5 * big, 4.0 * big
    s = radius * (1 - math.sqrt(0.5))
    path = [
        [0, 0], [at, 0], [at, low - radius], ["arc", [at + s, low - s], [at + radius, low]], [end, low], [end, high],
        [at + radius, high], ["arc", [at + s, high + s], [at, high + radius]], [at, big], [0, big],
    ]  # fmt: skip
    return BandCase(
        name, path, [{"kind": "fixed", "on": X0}], [{"on": ["x", end], "traction": [0, -4]}],
        singular=((0, 0), (0, big)),
    )  # fmt: skip


def _hook(name: str, inner: float, outer: float) -> BandCase:
    """Half a ring with straight ends, clamped at one and pulled at the other."""
    path = [
        [inner, -inner], [outer, -inner], [outer, 0], ["arc", [0, outer], [-outer, 0]], [-outer, -inner],
        [-inner, -inner], [-inner, 0], ["arc", [0, inner], [inner, 0]],
    ]  # fmt: skip
    # Both ends lie in y = -inner: the load is a pressure in the bore of the ring instead.
    return BandCase(
        name, path, [{"kind": "fixed", "on": ["y", -inner]}],
        [{"on": ["circle", 0, 0, inner], "pressure": 20}, {"on": ["x", outer], "traction": [-10, 0]}],
        singular=((inner, -inner), (outer, -inner), (-inner, -inner), (-outer, -inner)),
    )  # fmt: skip


def _lug(name: str, radius: float, bore: float, shank: float) -> BandCase:
    """A round-headed lug, clamped at its foot, its bore under an even upward pull."""
    path = [[-radius, -shank], [radius, -shank], [radius, 0], ["arc", [0, radius], [-radius, 0]]]
    place = ["circle", 0, 0, bore]
    return BandCase(
        name, path, [{"kind": "fixed", "on": ["y", -shank]}], [{"on": place, "traction": [10, 30]}], thickness=8.0,
        holes=((0, 0, bore),), singular=((-radius, -shank), (radius, -shank)), regions={"bore": place},
    )  # fmt: skip


def _vessel(name: str, bore: float, wall: float, head: float, corner: float) -> BandCase:
    """Half a cylindrical vessel with a flat head and a rounded inner corner, under pressure."""
    long = 3 * bore
    s = corner * (1 - math.sqrt(0.5))
    path = [
        [bore, 0], [bore + wall, 0], [bore + wall, long + head], [0, long + head], [0, long], [bore - corner, long],
        ["arc", [bore - s, long - s], [bore, long - corner]],
    ]  # fmt: skip
    loads = [{"on": place, "pressure": 10} for place in (["x", bore], ["y", long])]
    # The rounding carries pressure too; its centre is off the axis.
    loads.append({"on": ["circle", bore - corner, long - corner, corner], "pressure": 10})
    return BandCase(name, path, _slides(Y0), loads, kind="round", regions={"head": ["y", long + head]})


def _cavity(name: str, radius: float, bar: float) -> BandCase:
    """A round bar in tension with a spherical cavity in its middle."""
    end, s = 2.5 * bar, radius * math.sqrt(0.5)
    path = [[radius, 0], [bar, 0], [bar, end], [0, end], [0, radius], ["arc", [s, s], [radius, 0]]]
    return BandCase(name, path, _slides(Y0), [{"on": ["y", end], "traction": [0, 100]}], kind="round",
                    regions={"cavity": ["circle", 0, 0, radius]})  # fmt: skip


def _disc(name: str, radius: float, thickness: float, clamped: bool) -> BandCase:
    """A disc under pressure: clamped at its edge, or carried by a rounded rim that slides."""
    path: list[Any] = [[0, 0], [radius, 0], [radius, thickness], [0, thickness]]
    held = [{"kind": "fixed" if clamped else "frictionless", "on": ["x", radius]}]
    if not clamped:
        held = [{"kind": "fixed", "on": ["x", radius]}]
        path = [
            [0, 0], [0.8 * radius, 0], ["arc", [0.8 * radius + 0.3 * thickness, -0.12 * thickness],
            [0.8 * radius + 0.4 * thickness, -0.4 * thickness]], [0.8 * radius + 0.4 * thickness, -thickness],
            [radius, -thickness], [radius, thickness], [0, thickness],
        ]  # fmt: skip
    low = 0 if clamped else -thickness
    return BandCase(
        name, path, held, [{"on": ["y", thickness], "pressure": 1}], kind="round",
        singular=((radius, low), (radius, thickness)), regions={"top": ["y", thickness]},
    )  # fmt: skip


CASES: tuple[BandCase, ...] = (
    _tube("tube k 1.1, inside", 50, 55, 10, 0, 0.3, thickness=20.0),
    _tube("tube k 1.5, inside", 20, 30, 50, 0, 0.3),
    _tube("tube k 2, inside", 10, 20, 100, 0, 0.3),
    _tube("tube k 4, inside", 5, 20, 100, 0, 0.3),
    _tube("tube k 3, outside", 5, 15, 0, 80, 0.3, thickness=12.0),
    _tube("tube k 2, nu 0.45", 10, 20, 100, 0, 0.45),
    _tube("sphere k 1.2, inside", 50, 60, 20, 0, 0.3, kind="round"),
    _tube("sphere k 2, inside", 10, 20, 100, 0, 0.3, kind="round"),
    _tube("sphere k 4, inside", 5, 20, 100, 0, 0.25, kind="round"),
    _tube("sphere k 2, outside", 15, 30, 0, 60, 0.3, kind="round"),
    _hole("hole d/W 0.1", 100, 160, 5, 4.0),
    _hole("hole d/W 0.25", 80, 120, 10, 10.0),
    _hole("hole d/W 0.5", 40, 100, 10, 3.0),
    _hole("hole d/W 0.8", 50, 120, 20, 6.0, 0.33),
    _hole("hole d/W 0.05", 200, 200, 5, 5.0),
    _ellipse("ellipse 1 : 2", 5, 10, 40),
    _ellipse("ellipse 1 : 4", 2.5, 10, 40),
    _ellipse("ellipse 3 : 1", 12, 4, 30),
    _notch("notch r/d 0.5", 20, 5, 5),
    _notch("notch r/d 0.1", 20, 4, 1.6),
    _notch("notch r/d 0.05", 20, 6, 0.7),
    _notch("groove r/d 0.2", 15, 3, 2.4, "round"),
    _notch("groove r/d 0.05", 15, 3, 0.6, "round"),
    _shoulder("shoulder D/d 2, r/d 0.3", 20, 10, 6),
    _shoulder("shoulder D/d 1.5, r/d 0.1", 15, 10, 2),
    _shoulder("shoulder D/d 2, r/d 0.04", 20, 10, 0.8),
    _shoulder("shaft D/d 1.5, r/d 0.1", 15, 10, 2, "round"),
    _shoulder("shaft D/d 1.2, r/d 0.03", 12, 10, 0.6, "round"),
    _stepped_cantilever("shoulder in bending", 20, 12, 2),
    _stepped_cantilever("shoulder in bending, small radius", 30, 20, 1),
    _bracket("angle, radius 6", 8, 60, 6, 20.0),
    _bracket("angle, radius 1.5", 6, 50, 1.5, 12.0),
    _bracket("angle, sharp", 8, 60, 0, 20.0),
    _cantilever("cantilever 10 : 1", 100, 10, 6.0),
    _cantilever("cantilever 4 : 1", 60, 15, 10.0),
    _hook("hook", 12, 24),
    _lug("lug", 15, 7, 40),
    _lug("lug, thin", 20, 14, 40),
    _vessel("vessel with a flat head", 20, 5, 8, 4),
    _vessel("vessel, small corner", 30, 6, 10, 1.5),
    _cavity("bar with a cavity", 5, 15),
    _cavity("bar with a small cavity", 3, 20),
    _disc("disc, clamped", 50, 5, True),
    _disc("disc on a rim", 40, 6, False),
)
# The other settings are tried on every third body: the default is what `./brick check` uses.
VARIED = CASES[::3]
