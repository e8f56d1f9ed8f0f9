"""Bodies of three dimensions for the held-out table of ``./brick bench bands``, and what is true of them.

Runs in a worker with NGSolve. Each function draws a body, writes it as BREP and gives the solver's study with a
function of the exact answer, or None where there is none: then the body is solved again at order 4 on meshes refined
far beyond the study's, and what the last refinement still moved says how far that is known.

- Torsion of round shafts: no section warps, so the stress of a clamped smooth shaft is that of Saint-Venant at once.
  With a groove u_around = r f(r, y), and f minimises the integral of G r^3 |grad f|^2 / 2, a plane problem, solved at
  order 9.
- Concentric tubes (between sliding planes) and spheres of several materials, under pressure and warmth: one ordinary
  differential equation, solved by Ritz's method with polynomials of high degree in each layer.
"""

from __future__ import annotations

import itertools
import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Truth = dict[str, Any]
Drawn = tuple[dict[str, Any], Callable[[], Truth] | None]
STEEL: dict[str, Any] = {
    "name": "steel", "youngs_modulus_mpa": 210e3, "poisson_ratio": 0.3, "thermal_expansion_1_k": 12e-6,
}  # fmt: skip
ALUMINIUM: dict[str, Any] = {
    "name": "aluminium", "youngs_modulus_mpa": 70e3, "poisson_ratio": 0.33, "thermal_expansion_1_k": 23e-6,
}  # fmt: skip
OVERKILL: dict[str, Any] = {"order": 4, "levels": 3, "max_dofs": 90_000, "budget_s": 300.0, "error_target_rel": None}


class _Body:
    """A written shape and its faces, picked by their boxes and surface."""

    def __init__(self, shape: Any, path: str, by_step: bool = False) -> None:
        from netgen.occ import OCCGeometry

        if by_step:
            step = str(Path(path).with_suffix(".step"))
            shape.WriteStep(step)
            shape = OCCGeometry(step).shape
        shape.WriteBrep(path)
        self.path = path
        self.faces = list(dict.fromkeys(OCCGeometry(path).shape.faces))
        self.solids = list(OCCGeometry(path).shape.solids)
        self.boxes = [np.array([tuple(p) for p in face.bounding_box], dtype=float) for face in self.faces]

    def plane(self, axis: int, at: float) -> list[int]:
        """Faces that lie in a plane across an axis."""
        return [i for i, box in enumerate(self.boxes) if np.abs(box[:, axis] - at).max() < 1e-4]

    def where(self, holds: Callable[[FloatArray], bool]) -> list[int]:
        """Faces of whose sampled points (n, 3) it holds."""
        return [i for i, face in enumerate(self.faces) if holds(_points(face))]

    def study(self, supports: list[dict[str, Any]], loads: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """The solver's study."""
        for item in (*supports, *loads):
            if not item["faces"]:
                raise ValueError(f"no face of the body is where {item} looks")
        return {"brep": self.path, "material": STEEL, "supports": supports, "loads": loads, **more}


def _points(face: Any) -> FloatArray:
    found = []
    for edge in face.edges:
        if edge.mass > 1e-9:
            low, high = edge.parameter_interval
            found += [tuple(edge.Value(low + (high - low) * s)) for s in (0.0, 0.2, 0.5, 0.8, 1.0)]
    return np.array(found, dtype=float)


def _held(kind: str, faces: list[int]) -> dict[str, Any]:
    return {"kind": kind, "faces": faces}


def _slides(body: _Body, *planes: tuple[int, float]) -> list[dict[str, Any]]:
    return [_held("frictionless", body.plane(*plane)) for plane in planes]


def _around(radius: float) -> Callable[[FloatArray], bool]:
    return lambda p: bool(np.abs(np.hypot(p[:, 0], p[:, 1]) - radius).max() < 1e-4 and np.ptp(p[:, 2]) > 1e-3)


# --- torsion ----------------------------------------------------------------------------------------------------------


def _torsion(path: str, outer: float, inner: float, length: float, torque: float) -> Drawn:
    from netgen.occ import Cylinder, Pnt, Z

    shape = Cylinder(Pnt(0, 0, 0), Z, outer, length)
    if inner:
        shape = shape - Cylinder(Pnt(0, 0, -1), Z, inner, length + 2)
    body = _Body(shape, path)
    study = body.study(
        [_held("fixed", body.plane(2, 0.0))],
        [{"kind": "moment", "faces": body.plane(2, length), "moment_n_mm": [0, 0, torque]}],
        regions={"skin": body.where(_around(outer))},
    )
    second = math.pi / 2 * (outer**4 - inner**4)
    shear = torque * outer / second
    modulus = STEEL["youngs_modulus_mpa"] / 2 / (1 + STEEL["poisson_ratio"])

    def truth() -> Truth:
        stress = math.sqrt(3) * shear
        moved = torque * length / (modulus * second) * outer
        return {"von_mises_mpa": stress, "displacement_mm": moved, "regions": {"skin": stress}, "unsure_rel": 0.0}

    return study, truth


def shaft(path: str) -> Drawn:
    """A round bar, clamped at one end, twisted at the other."""
    return _torsion(path, 10.0, 0.0, 60.0, 200e3)


def hollow_shaft(path: str) -> Drawn:
    """A tube likewise."""
    return _torsion(path, 15.0, 11.0, 60.0, 300e3)


def grooved_shaft(path: str) -> Drawn:
    """A round bar with a round groove in its middle, twisted."""
    from netgen.occ import ArcOfCircle as Arc
    from netgen.occ import Axis, Face, OCCGeometry, Pnt, Segment, Wire, Z

    radius, groove, half, torque = 12.0, 2.5, 30.0, 300e3
    low, mid, high = Pnt(radius, 0, half - groove), Pnt(radius - groove, 0, half), Pnt(radius, 0, half + groove)
    corners = [Pnt(0, 0, 0), Pnt(radius, 0, 0), low]
    edges = [Segment(a, b) for a, b in itertools.pairwise(corners)]
    edges += [Arc(low, mid, high), Segment(high, Pnt(radius, 0, 2 * half))]
    edges += [Segment(Pnt(radius, 0, 2 * half), Pnt(0, 0, 2 * half)), Segment(Pnt(0, 0, 2 * half), Pnt(0, 0, 0))]
    section = Face(Wire(edges))
    body = _Body(section.Revolve(Axis(Pnt(0, 0, 0), Z), 360), path)
    study = body.study(
        [_held("fixed", body.plane(2, 0.0))],
        [{"kind": "moment", "faces": body.plane(2, 2 * half), "moment_n_mm": [0, 0, torque]}],
    )

    def truth() -> Truth:
        import ngsolve as ng
        from netgen.occ import Axes, Dir, WorkPlane, X

        flat = WorkPlane(Axes((0, 0, 0), n=Dir(0, 0, 1), h=X))
        shape = flat.MoveTo(0, 0).Rectangle(radius, 2 * half).Face() - flat.MoveTo(radius, half).Circle(groove).Face()
        shape.edges.name = "free"
        for edge in shape.edges:
            if abs(edge.center.y) < 1e-9:
                edge.name = "foot"
            elif abs(edge.center.y - 2 * half) < 1e-9:
                edge.name = "end"
        modulus = STEEL["youngs_modulus_mpa"] / 2 / (1 + STEEL["poisson_ratio"])
        mesh = ng.Mesh(OCCGeometry(shape, dim=2).GenerateMesh(maxh=2.0, curvaturesafety=4.0, grading=0.3))
        mesh.Curve(9)
        found: list[float] = []
        twist = 0.0
        for order in (7, 9):
            space = ng.H1(mesh, order=order, dirichlet="foot")
            f, g = space.TnT()
            weight = modulus * ng.x**3
            stiffness = ng.BilinearForm(weight * ng.grad(f) * ng.grad(g) * ng.dx(bonus_intorder=3)).Assemble()
            shear = torque / (math.pi / 2 * radius**4)  # MPa per mm of radius at the end
            load = ng.LinearForm(shear * ng.x**3 * g * ng.ds("end", bonus_intorder=3)).Assemble()
            moved = ng.GridFunction(space)
            # On the axis nothing holds f: its energy there has no weight.
            factor = (stiffness.mat).Inverse(space.FreeDofs(), inverse="sparsecholesky")
            moved.vec.data = factor * load.vec
            steps = 12
            lattice = [(i / steps, j / steps) for i in range(steps + 1) for j in range(steps + 1 - i)]
            mapped = mesh.MapToAllElements(ng.IntegrationRule(lattice, [0.0] * len(lattice)), ng.VOL)
            slope = ng.x * ng.grad(moved)
            table = np.asarray(ng.CF((ng.Norm(slope), ng.x * moved))(mapped), dtype=float)
            found.append(math.sqrt(3) * modulus * float(table[:, 0].max()))
            twist = float(np.abs(table[:, 1]).max())
        return {
            "von_mises_mpa": found[1], "displacement_mm": twist, "regions": {},
            "unsure_rel": abs(found[1] / found[0] - 1),
        }  # fmt: skip

    return study, truth


# --- layers -----------------------------------------------------------------------------------------------------------


def layered(
    radii: Sequence[float], materials: Sequence[dict[str, Any]], pressure: float,
    warmth: Callable[[FloatArray], FloatArray], round_: bool,
) -> Truth:  # fmt: skip
    """Concentric layers between ``radii`` (mm) with ``pressure`` (MPa) in the bore and a warmth (K) by radius.

    A tube is in plane strain; ``round_``: a sphere. "faces": von Mises stress at both sides of
    each layer, MPa, (layers, 2).
    """
    degree, count = 16, len(materials)
    power = 2 if round_ else 1
    nodes, weights = np.polynomial.legendre.leggauss(40)
    size = count * degree + 1  # continuous: the last of a layer's hat unknowns is the next one's first
    matrix, right = np.zeros((size, size)), np.zeros(size)

    def basis(s: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Shape functions and slopes at s in -1..1, (points, degree + 1): first and last are hats."""
        legendre = np.polynomial.legendre
        values, slopes = np.empty((len(s), degree + 1)), np.empty((len(s), degree + 1))
        values[:, 0], slopes[:, 0] = (1 - s) / 2, -0.5
        values[:, degree], slopes[:, degree] = (1 + s) / 2, 0.5
        for k in range(1, degree):
            bump = np.zeros(k + 2)
            bump[k + 1], bump[k - 1] = 1.0, -1.0
            values[:, k] = legendre.legval(s, bump)
            slopes[:, k] = legendre.legval(s, legendre.legder(bump))
        return values, slopes

    def layer(index: int, s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Radius, (points, 3, unknowns) strain, (3, 3) stiffness and (points, 3) swelling."""
        low, high = radii[index], radii[index + 1]
        r = (low + high) / 2 + (high - low) / 2 * s
        values, slopes = basis(s)
        strain = np.zeros((len(s), 3, degree + 1))
        strain[:, 0], strain[:, 1] = slopes * 2 / (high - low), values / r[:, None]
        if round_:
            strain[:, 2] = strain[:, 1]
        e, nu = materials[index]["youngs_modulus_mpa"], materials[index]["poisson_ratio"]
        stiffness = np.linalg.inv((np.eye(3) * (1 + nu) - nu) / e)
        swell = materials[index]["thermal_expansion_1_k"] * warmth(r)[:, None] * np.ones(3)
        return r, strain, stiffness, swell

    for index in range(count):
        r, strain, stiffness, swell = layer(index, nodes)
        w = weights * (radii[index + 1] - radii[index]) / 2 * r**power
        part = slice(index * degree, (index + 1) * degree + 1)
        matrix[part, part] += np.einsum("p,pia,ij,pjb->ab", w, strain, stiffness, strain)
        right[part] += np.einsum("p,pia,ij,pj->a", w, strain, stiffness, swell)
    right[0] += pressure * radii[0] ** power
    moved = np.linalg.solve(matrix, right)
    sides, largest, travel = [], 0.0, 0.0
    for index in range(count):
        s = np.linspace(-1, 1, 201)
        _r, strain, stiffness, swell = layer(index, s)
        here = moved[index * degree : (index + 1) * degree + 1]
        stress = (strain @ here - swell) @ stiffness
        a, b, c = stress.T
        mises = np.sqrt(0.5 * ((a - b) ** 2 + (b - c) ** 2 + (c - a) ** 2))
        sides.append([float(mises[0]), float(mises[-1])])
        largest, travel = max(largest, float(mises.max())), max(travel, float(np.abs(basis(s)[0] @ here).max()))
    return {"von_mises_mpa": largest, "displacement_mm": travel, "faces": sides, "regions": {}, "unsure_rel": 0.0}


def _tubes(path: str, radii: Sequence[float], materials: list[dict[str, Any]], pressure: float,
           warmth: tuple[float, float]) -> Drawn:  # fmt: skip
    from netgen.occ import Box, Cylinder, Glue, Pnt, Z

    length = 6.0
    quarter = Box(Pnt(0, 0, 0), Pnt(100, 100, length))
    parts = [
        (Cylinder(Pnt(0, 0, 0), Z, b, length) - Cylinder(Pnt(0, 0, 0), Z, a, length)) * quarter
        for a, b in itertools.pairwise(radii)
    ]
    return _layers(path, Glue(parts) if len(parts) > 1 else parts[0], radii, materials, pressure, warmth,
                   [(0, 0.0), (1, 0.0), (2, 0.0), (2, length)], False)  # fmt: skip


def _layers(
    path: str, shape: Any, radii: Sequence[float], materials: list[dict[str, Any]], pressure: float,
    warmth: tuple[float, float], planes: list[tuple[int, float]], round_: bool,
) -> Drawn:  # fmt: skip
    body = _Body(shape, path)

    def lies(radius: float) -> Callable[[FloatArray], bool]:
        return lambda p: bool(np.abs(np.linalg.norm(p if round_ else p[:, :2], axis=1) - radius).max() < 1e-4)

    bore, skin = body.where(lies(radii[0])), body.where(lies(radii[-1]))
    more: dict[str, Any] = {"regions": {"bore": bore, "skin": skin}}
    if len(materials) > 1:
        # A layer's centre lies the further out the larger it is.
        out = np.argsort([sum(c * c for c in tuple(solid.center)) for solid in body.solids])
        more |= {"contact": "bonded", "materials": {str(int(s)): materials[i] for i, s in enumerate(out)}}
    if any(warmth):
        linear = {"at_origin_c": warmth[0], "radial_per_mm": warmth[1]}
        more["thermal"] = {"reference_c": 0.0, "linear": linear}
    loads = [{"kind": "pressure", "faces": bore, "pressure_mpa": pressure}] if pressure else []
    study = body.study(_slides(body, *planes), loads, **more)
    study["material"] = materials[0]

    def truth() -> Truth:
        found = layered(radii, materials, pressure, lambda r: warmth[0] + warmth[1] * r, round_)
        sides = found["faces"]
        return {**found, "regions": {"bore": sides[0][0], "skin": sides[-1][1]}}

    return study, truth


def hot_tube(path: str) -> Drawn:
    """A thick tube, hotter inside than outside."""
    return _tubes(path, [15.0, 30.0], [STEEL], 0.0, (180.0, -6.0))


def two_tubes(path: str) -> Drawn:
    """Aluminium in steel, pressure inside."""
    return _tubes(path, [10.0, 16.0, 21.0], [ALUMINIUM, STEEL], 60.0, (0.0, 0.0))


def warm_tubes(path: str) -> Drawn:
    """Steel in aluminium, warmed evenly."""
    return _tubes(path, [12.0, 16.0, 22.0], [STEEL, ALUMINIUM], 0.0, (80.0, 0.0))


def lined_sphere(path: str) -> Drawn:
    """A steel sphere with an aluminium lining, pressure inside."""
    from netgen.occ import Box, Glue, Pnt, Sphere

    radii, corner = [10.0, 13.0, 20.0], Pnt(0, 0, 0)
    octant = Box(corner, Pnt(50, 50, 50))
    parts = [(Sphere(corner, b) - Sphere(corner, a)) * octant for a, b in itertools.pairwise(radii)]
    planes = [(0, 0.0), (1, 0.0), (2, 0.0)]
    return _layers(path, Glue(parts), radii, [ALUMINIUM, STEEL], 80.0, (0.0, 0.0), planes, True)


# --- bodies without a closed form -------------------------------------------------------------------------------------


def cross_drilled(path: str) -> Drawn:
    """An eighth of a round bar with a hole across, in tension; by way of a STEP file."""
    from netgen.occ import Box, Cylinder, Pnt, X, Z

    bar = Cylinder(Pnt(0, 0, 0), Z, 10, 30) - Cylinder(Pnt(-20, 0, 0), X, 2, 40)
    body = _Body(bar * Box(Pnt(0, 0, 0), Pnt(20, 20, 30)), path, by_step=True)
    pull = {"kind": "force", "faces": body.plane(2, 30.0), "vector_n": [0, 0, 5000]}
    return body.study(_slides(body, (0, 0.0), (1, 0.0), (2, 0.0)), [pull]), None


def countersunk(path: str) -> Drawn:
    """A quarter of a plate with a countersunk hole, in tension along x."""
    from netgen.occ import Axes as At
    from netgen.occ import Box, Cone, Cylinder, Pnt, Z

    plate = Box(Pnt(0, 0, 0), Pnt(40, 25, 8)) - Cylinder(Pnt(0, 0, -1), Z, 4, 10)
    body = _Body(plate - Cone(At((0, 0, 4), n=Z), 4, 8, 4, 2 * math.pi), path)
    pull = {"kind": "force", "faces": body.plane(0, 40.0), "vector_n": [12000, 0, 0]}
    supports = [*_slides(body, (0, 0.0), (1, 0.0)), _held("frictionless", body.plane(2, 0.0))]
    return body.study(supports, [pull], regions={"end": body.plane(0, 40.0)}), None


def pipe_bend(path: str) -> Drawn:
    """Half of a quarter bend of a pipe, clamped at one end, bent in its plane at the other."""
    from netgen.occ import Axes, Axis, Box, Dir, Pnt, WorkPlane, X, Z

    plane = WorkPlane(Axes((60, 0, 0), n=Dir(0, 1, 0), h=X))
    section = plane.Circle(15).Face() - plane.Circle(11).Face()
    bend = section.Revolve(Axis(Pnt(0, 0, 0), Z), 90)
    body = _Body(bend * Box(Pnt(-1, -1, 0), Pnt(100, 100, 30)), path)
    push = {"kind": "force", "faces": body.plane(0, 0.0), "vector_n": [0, -800, 0]}
    return body.study([_held("fixed", body.plane(1, 0.0)), *_slides(body, (2, 0.0))], [push]), None


def branch(path: str) -> Drawn:
    """A quarter of a cylinder with a branch pipe, rounded where they meet, under pressure."""
    from netgen.occ import Box, Cylinder, Pnt, X, Z

    out = Cylinder(Pnt(0, 0, -70), Z, 30, 140) + Cylinder(Pnt(0, 0, 0), X, 12, 55)
    meet = [e for e in out.edges if 20 < e.center.x < 32 and abs(e.center.z) < 13 and e.mass > 5]
    body_shape = out.MakeFillet(meet, 3) - Cylinder(Pnt(0, 0, -80), Z, 26, 160) - Cylinder(Pnt(0, 0, 0), X, 9, 60)
    body = _Body(body_shape * Box(Pnt(-50, 0, 0), Pnt(60, 50, 70)), path)

    def wet(p: FloatArray) -> bool:
        main = np.abs(np.hypot(p[:, 0], p[:, 1]) - 26).max() < 1e-3
        side = np.abs(np.hypot(p[:, 1], p[:, 2]) - 9).max() < 1e-3
        return bool(main or side)

    inside = body.where(wet)
    loads: list[dict[str, Any]] = [
        {"kind": "pressure", "faces": inside, "pressure_mpa": 6.0},
        {"kind": "force", "faces": body.plane(0, 55.0), "vector_n": [6.0 * math.pi * 81 / 4, 0, 0]},
    ]
    planes = _slides(body, (1, 0.0), (2, 0.0), (2, 70.0))
    # Nothing of the planes holds x: the far side of the cylinder rests on a soft bed along it.
    back = {"kind": "displacement", "faces": body.plane(2, 70.0), "displacement_mm": [0.0, None, 0.0]}
    return body.study([*planes[:2], back], loads), None


def drilled_bracket(path: str) -> Drawn:
    """An angle with a rounded inner corner and two holes, clamped at its back, its shelf pulled down; by STEP."""
    from netgen.occ import Cylinder, Face, Pnt, Segment, Wire, X, Y

    wide, wall = 50.0, 6.0
    corners = [(0, 0), (45, 0), (45, wall), (wall, wall), (wall, 60), (0, 60)]
    points = [Pnt(x, 0, z) for x, z in corners]
    shape = Face(Wire([Segment(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)])).Extrude(wide * Y)
    inner = [e for e in shape.edges if abs(e.center.x - wall) < 1e-6 and abs(e.center.z - wall) < 1e-6]
    shape = shape.MakeFillet(inner, 5)
    for y in (14.0, 36.0):
        shape = shape - Cylinder(Pnt(-1, y, 38), X, 4, wall + 2)
    body = _Body(shape, path, by_step=True)
    pull = {"kind": "force", "faces": body.plane(0, 45.0), "vector_n": [0, 0, -400]}
    return body.study([_held("fixed", body.plane(2, 60.0))], [pull], regions={"back": body.plane(0, 0.0)}), None


SOLIDS: dict[str, Callable[[str], Drawn]] = {
    made.__name__: made
    for made in (
        shaft, hollow_shaft, grooved_shaft, hot_tube, two_tubes, warm_tubes, lined_sphere, cross_drilled, countersunk,
        pipe_bend, branch, drilled_bracket,
    )
}  # fmt: skip


def compare(payload: dict[str, Any]) -> dict[str, Any]:
    """As :func:`.bench_bands_worker.compare`, of a body named by ``solid``."""
    from backend.commands.bench_bands_worker import readings
    from backend.physics.fem import kept
    from backend.physics.fem.static import solve_levels
    from backend.physics.fem.study import read_study

    with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
        study, truth = SOLIDS[payload["solid"]](str(Path(folder) / "case.brep"))
        result, levels, _part = solve_levels(read_study({**study, **payload["mesh"]}))
        kept.forget()
        known = _overkill(study) if truth is None else truth()
    return readings(result, levels, known)


def _overkill(study: dict[str, Any]) -> Truth:
    """What meshes of order 4 come to, and what their last refinement moved."""
    from backend.physics.fem.static import solve_levels
    from backend.physics.fem.study import read_study

    result, levels, _part = solve_levels(read_study({**study, **OVERKILL}))
    before, last = levels[-2:]
    return {
        "von_mises_mpa": result["von_mises_mpa"]["value"], "displacement_mm": result["displacement_mm"]["value"],
        "regions": {name: values["von_mises_mpa"] for name, values in result["regions"].items()},
        "unsure_rel": abs(last.assessed / before.assessed - 1),
    }  # fmt: skip
