"""What ``./brick bench bands`` runs in a worker with NGSolve: a solid as ``./brick check`` solves it, and what is true.

A case is an outline in the plane. Extruded between two faces that only slide it is in plane strain; turned about the y
axis by a quarter it is axially symmetric. Either way the solid's exact answer is that of the plane problem, which is
solved here by itself with elements of order 9, drawn together at its singular points. Where a closed form is known,
tests hold this reference to it.

payload: ``outline`` (:func:`face`), ``kind`` "plane" or "round", ``thickness`` mm (plane), ``nu``, ``supports``
[{kind, on}], ``loads`` [{on, traction [x, y] MPa} or {on, pressure MPa}], ``singular`` [[x, y]], ``regions``
{name: on}, ``mesh`` (keys of the solver's study), and where given ``warmth`` [K, K/mm along x, along y] above the
temperature without stress and ``fibres``, an orthotropic material with its axes in the plane. ``on`` is a place:
["x", c], ["y", c], or ["circle", x, y, radius]; of a round body x is the radius.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
E_MPA, EXPANSION_1_K = 210e3, 12e-6
ORDER, TOWARDS_SINGULAR = 9, 14
Place = Sequence[Any]


def face(outline: dict[str, Any]) -> Any:
    """A flat OCC face: ``path`` of [x, y] corners and ["arc", [x, y] on it, [x, y] end], less ``holes`` of
    [x, y, radius] and ``ellipses`` of [x, y, half axis along x, half axis along y].
    """
    from netgen.occ import ArcOfCircle, Axes, Dir, Face, Pnt, Segment, Wire, WorkPlane, X, Z

    def at(point: Sequence[float]) -> Any:
        return Pnt(point[0], point[1], 0)

    path = outline["path"]
    here, edges = path[0], []
    for step in [*path[1:], path[0]]:
        if step[0] == "arc":
            edges.append(ArcOfCircle(at(here), at(step[1]), at(step[2])))
            here = step[2]
        else:
            if math.dist(here, step) > 1e-9:
                edges.append(Segment(at(here), at(step)))
            here = step
    body = Face(Wire(edges))
    # A difference is a compound, of which neither an extrusion nor its mesh comes out right.
    for x, y, radius in outline.get("holes", ()):
        body = (body - WorkPlane(Axes((x, y, 0), n=Z, h=X)).Circle(radius).Face()).faces[0]
    for x, y, along_x, along_y in outline.get("ellipses", ()):
        turned = X if along_x >= along_y else Dir(0, 1, 0)
        plane = WorkPlane(Axes((x, y, 0), n=Z, h=turned))
        body = (body - plane.Ellipse(max(along_x, along_y), min(along_x, along_y)).Face()).faces[0]
    return body


def lies_on(points: FloatArray, place: Place, tolerance: float = 1e-5) -> npt.NDArray[np.bool_]:
    """(n,) mask of points (n, 2) in that place."""
    if place[0] == "circle":
        return np.asarray(np.abs(np.hypot(points[:, 0] - place[1], points[:, 1] - place[2]) - place[3]) < tolerance)
    return np.asarray(np.abs(points[:, "xy".index(place[0])] - place[1]) < tolerance)


def _along(edge: Any) -> FloatArray:
    low, high = edge.parameter_interval
    return np.array([tuple(edge.Value(low + (high - low) * s)) for s in (0.0, 0.2, 0.5, 0.8, 1.0)], dtype=float)


# --- the solid --------------------------------------------------------------------------------------------------------


def solid(payload: dict[str, Any], path: str) -> dict[str, Any]:
    """Draws the solid and gives the solver's study of it."""
    from netgen.occ import Axis, OCCGeometry, Pnt, Y, Z

    body = face(payload["outline"])
    if payload["kind"] == "plane":
        body.Extrude(payload["thickness"] * Z).WriteBrep(path)
    else:
        body.Revolve(Axis(Pnt(0, 0, 0), Y), 90).WriteBrep(path)
    faces = list(dict.fromkeys(OCCGeometry(path).shape.faces))
    # An edge at the axis is a point: OCCT has no curve for it.
    edges = [np.concatenate([_along(edge) for edge in found.edges if edge.mass > 1e-9]) for found in faces]

    def flat(points: FloatArray) -> FloatArray:
        if payload["kind"] == "plane":
            return points[:, :2]
        return np.stack([np.hypot(points[:, 0], points[:, 2]), points[:, 1]], axis=1)

    def select(place: Place) -> list[int]:
        found = [i for i, points in enumerate(edges) if lies_on(flat(points), place).all()]
        if not found:
            raise ValueError(f"no face of the solid lies on {place}")
        return found

    def in_plane(axis: int, at: float) -> list[int]:
        return [i for i, points in enumerate(edges) if (np.abs(points[:, axis] - at) < 1e-6).all()]

    sides = [(2, 0.0), (2, payload["thickness"])] if payload["kind"] == "plane" else [(2, 0.0), (0, 0.0)]
    supports: list[dict[str, Any]] = [{"kind": "frictionless", "faces": in_plane(*side)} for side in sides]
    supports += [{"kind": item["kind"], "faces": select(item["on"])} for item in payload["supports"]]
    loads: list[dict[str, Any]] = []
    for item in payload["loads"]:
        chosen = select(item["on"])
        if "pressure" in item:
            loads.append({"kind": "pressure", "faces": chosen, "pressure_mpa": item["pressure"]})
            continue
        area = sum(float(faces[i].mass) for i in chosen)
        vector = [area * item["traction"][0], area * item["traction"][1], 0.0]
        loads.append({"kind": "force", "faces": chosen, "vector_n": vector})
    material = {
        "name": "steel", "youngs_modulus_mpa": E_MPA, "poisson_ratio": payload["nu"],
        "thermal_expansion_1_k": EXPANSION_1_K, "orthotropic": payload.get("fibres"),
    }  # fmt: skip
    study: dict[str, Any] = {
        "brep": path, "material": material, "supports": supports, "loads": loads,
        "regions": {name: select(place) for name, place in payload.get("regions", {}).items()}, **payload["mesh"],
    }  # fmt: skip
    if payload.get("warmth"):
        start, along_x, along_y = payload["warmth"]
        linear = {"at_origin_c": start, "per_mm": [along_x, along_y, 0.0]}
        study["thermal"] = {"reference_c": 0.0, "linear": linear}
    return study


# --- the reference ----------------------------------------------------------------------------------------------------


def reference(payload: dict[str, Any], zone_mm: float) -> dict[str, Any]:
    """The plane problem's largest von Mises stress outside the zones, of each region, and largest displacement.

    ``unsure_rel``: how far the largest stress moves from order 7 to 9.
    """
    values = [_reference(payload, zone_mm, order) for order in (ORDER - 2, ORDER)]
    unsure = abs(values[1]["von_mises_mpa"] / values[0]["von_mises_mpa"] - 1)
    return {**values[1], "unsure_rel": unsure}


def _reference(payload: dict[str, Any], zone_mm: float, order: int) -> dict[str, Any]:
    import ngsolve as ng
    from netgen.occ import OCCGeometry

    body = face(payload["outline"])
    names = []
    for number, edge in enumerate(body.edges):
        edge.name = f"edge{number}"
        names.append((edge.name, _along(edge)[:, :2]))
    size = math.sqrt(body.mass)
    mesh = ng.Mesh(OCCGeometry(body, dim=2).GenerateMesh(maxh=size / 8, curvaturesafety=2.0, grading=0.3))
    singular = np.array(payload.get("singular", []), dtype=float).reshape(-1, 2)
    for _ in range(TOWARDS_SINGULAR if len(singular) else 0):
        for element in mesh.Elements(ng.VOL):
            corners = np.array([mesh.vertices[v.nr].point for v in element.vertices])
            near = np.linalg.norm(corners[:, None] - singular[None], axis=2).min() < 1e-9
            mesh.SetRefinementFlag(element, bool(near))
        mesh.Refine()
    mesh.Curve(order)

    def select(place: Place) -> str:
        return "|".join(name for name, points in names if lies_on(points, place).all())

    held_x, held_y = [], []
    for item in payload["supports"]:
        chosen = select(item["on"])
        if item["kind"] == "fixed" or item["on"][0] == "x":
            held_x.append(chosen)
        if item["kind"] == "fixed" or item["on"][0] == "y":
            held_y.append(chosen)
    turned = payload["kind"] == "round"
    if turned and select(("x", 0.0)):
        held_x.append(select(("x", 0.0)))
    space = ng.VectorH1(mesh, order=order, dirichletx="|".join(held_x), dirichlety="|".join(held_y))
    u, v = space.TnT()
    # Order xx, yy, zz (around, of a round body), xy.
    stiffness_mpa = _stiffness(payload)
    hooke = ng.CF(tuple(float(c) for c in stiffness_mpa.reshape(-1)), dims=(4, 4))
    start, along_x, along_y = payload.get("warmth") or (0.0, 0.0, 0.0)
    swell = EXPANSION_1_K * (start + along_x * ng.x + along_y * ng.y) * ng.CF((1.0, 1.0, 1.0, 0.0))
    weight: Any = ng.x if turned else ng.CF(1.0)

    def strains(field: Any, gradient: Any) -> tuple[Any, Any, Any, Any]:
        around = field[0] / ng.x if turned else ng.CF(0.0)
        return gradient[0, 0], gradient[1, 1], around, gradient[0, 1] + gradient[1, 0]

    one, two = ng.CF(strains(u, ng.Grad(u))), ng.CF(strains(v, ng.Grad(v)))
    energy = ng.InnerProduct(hooke * one, two)
    stiffness = ng.BilinearForm(space, symmetric=True)
    stiffness += energy * weight * ng.dx(bonus_intorder=2)
    right = ng.LinearForm(space)
    right += ng.InnerProduct(hooke * swell, two) * weight * ng.dx(bonus_intorder=2)
    normal = ng.specialcf.normal(2)
    for item in payload["loads"]:
        pull = -item["pressure"] * normal if "pressure" in item else ng.CF(tuple(item["traction"]))
        right += ng.InnerProduct(pull, v.Trace()) * weight * ng.ds(select(item["on"]), bonus_intorder=2)
    with ng.TaskManager():
        stiffness.Assemble()
        right.Assemble()
        moved = ng.GridFunction(space)
        moved.vec.data = stiffness.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky") * right.vec
    steps = 16
    lattice = [(i / steps, j / steps) for i in range(steps + 1) for j in range(steps + 1 - i)]
    mapped = mesh.MapToAllElements(ng.IntegrationRule(lattice, [0.0] * len(lattice)), ng.VOL)
    strain = strains(moved, ng.Grad(moved))
    table = np.asarray(ng.CF((ng.x, ng.y, *moved.components, *strain, swell))(mapped), dtype=float)
    points, travel = table[:, :2], np.hypot(table[:, 2], table[:, 3])
    ex, ey, ez, shear = table[:, 4], table[:, 5], table[:, 6], table[:, 7]
    if turned:  # u/r at the axis is the limit du/dr
        ez = np.where(points[:, 0] < 1e-9, ex, ez)
    elastic = np.stack([ex, ey, ez, shear], axis=1) - table[:, 8:12]
    sx, sy, sz, txy = (elastic @ stiffness_mpa.T).T
    mises = np.sqrt(0.5 * ((sx - sy) ** 2 + (sy - sz) ** 2 + (sz - sx) ** 2) + 3 * txy**2)
    if len(singular):
        away = np.linalg.norm(points[:, None] - singular[None], axis=2).min(axis=1)
        mises = np.where(away > zone_mm, mises, 0.0)
    regions = {name: float(mises[lies_on(points, place)].max()) for name, place in payload.get("regions", {}).items()}
    return {
        "von_mises_mpa": float(mises.max()), "at_mm": points[int(mises.argmax())].tolist(),
        "displacement_mm": float(travel.max()), "regions": regions,
    }  # fmt: skip


def _stiffness(payload: dict[str, Any]) -> FloatArray:
    """(4, 4) stiffness of xx, yy, zz and the engineering shear xy, MPa: the inverse of the compliance."""
    fibres = payload.get("fibres")
    if fibres is None:
        nu = payload["nu"]
        compliance = (np.eye(3) * (1 + nu) - nu) / E_MPA
        shear = E_MPA / 2 / (1 + nu)
    else:
        (e1, e2, e3), (nu12, nu13, nu23) = fibres["e_mpa"], fibres["nu"]
        compliance = np.array(
            [[1 / e1, -nu12 / e1, -nu13 / e1], [-nu12 / e1, 1 / e2, -nu23 / e2], [-nu13 / e1, -nu23 / e2, 1 / e3]]
        )
        if abs(fibres["axis_1"][1]) > 0.5:  # the fibres lie along y: 1 and 2 change places
            compliance = compliance[np.ix_([1, 0, 2], [1, 0, 2])]
        shear = fibres["g_mpa"][0]
    out = np.zeros((4, 4))
    out[:3, :3], out[3, 3] = np.linalg.inv(compliance), shear
    return out


# --- both -------------------------------------------------------------------------------------------------------------


def compare(payload: dict[str, Any]) -> dict[str, Any]:
    """The solid's numbers with their bands and what the bands are made of, beside the reference."""
    from backend.physics.fem.static import solve_levels
    from backend.physics.fem.study import read_study

    with tempfile.TemporaryDirectory(prefix="brick-bench-") as folder:
        study = read_study(solid(payload, str(Path(folder) / "case.brep")))
        result, levels, _part = solve_levels(study)
    zones = levels[-1].zones
    if bool(zones.lines) != bool(payload.get("singular")):
        seen = [line.reason for line in zones.lines]
        if study.order > 1:
            raise ValueError(f"the solver sees {seen}, the case {payload.get('singular')}")
        # Between the straight elements of order 1 a curved face has edges, and some look sharp.
        return {"readings": [], "dofs": levels[-1].row["dofs"], "left_out": seen}
    return readings(result, levels, reference(payload, zones.line_radius_mm))


def readings(result: dict[str, Any], levels: list[Any], known: dict[str, Any]) -> dict[str, Any]:
    """A study's numbers with their bands beside what is ``known``."""
    found = [("largest", result["von_mises_mpa"]["value"], result["von_mises_mpa"]["error"], known["von_mises_mpa"],
              [level.assessed for level in levels], levels[-1].local_error_rel)]  # fmt: skip
    for name, values in result["regions"].items():
        history = [level.regions[name]["von_mises_mpa"] for level in levels]
        found.append((name, values["von_mises_mpa"], values["von_mises_error_mpa"], known["regions"][name], history,
                      values["local_error_rel"]))  # fmt: skip
    travel = result["displacement_mm"]
    found.append(("displacement", travel["value"], travel["error"], known["displacement_mm"],
                  [level.displacement for level in levels], result["levels"][-1]["energy_error_rel"]))  # fmt: skip
    return {
        "readings": [
            {"what": what, "value": value, "band": band, "true": true, "history": history, "local": local}
            for what, value, band, true, history, local in found
        ],
        "unsure_rel": known["unsure_rel"], "dofs": result["levels"][-1]["dofs"], "levels": len(levels),
        "cpu_s": result["timings_s"]["cpu"],
    }  # fmt: skip
