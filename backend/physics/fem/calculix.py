"""A second opinion: the same study on the same mesh, solved by CalculiX (the program ``ccx``).

What is shared with the first opinion is the mesh and the reading of the study. Elements (C3D10), self weight, solver
and stress recovery are CalculiX's own; surface tractions are integrated here with quadratic shape functions, not taken
from NGSolve's assembly. An elastic bed is a spring at each node, one that only pushes for compression_only supports. A
preloaded bolt is shortened by the strain that NGSolve finds for its force, as an expansion along its axis:
*PRE-TENSION SECTION would want a plane of element faces across the shank, which a free mesh hasn't. Conducted heat
strains the part by the temperatures that NGSolve finds at the nodes; for a second opinion on them see
:mod:`.calculix_thermal`. What CalculiX's input can't say in a comparable way is refused.

Element numbering and the .frd results format: CalculiX CrunchiX user's manual 2.20, sections 6.2.5 and 11.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.errors import MissingTool
from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.loads import traction
from backend.physics.fem.material import Material, element_materials, solid_of
from backend.physics.fem.memory import peak_mb
from backend.physics.fem.quadratic import QuadraticMesh
from backend.physics.fem.static import Level, solve_levels
from backend.physics.fem.stress import von_mises
from backend.physics.fem.study import Load, Preload, Study, Support, read_study
from backend.physics.fem.supports import CONTACT_FACTOR
from backend.physics.fem.surface import Surface
from backend.physics.fem.threads import allowed

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# A long spring keeps its direction while its node slides.
_PUSH_LENGTH_MM = 1e3
_TRACE = 1e-6
_BEND_MM = 1e-8
_BOLT_WARMS_K = 100.0


def solve(study: dict[str, Any]) -> dict[str, Any]:
    """Solves a study with NGSolve and, on its last mesh, with CalculiX.

    ``timeout_s`` in the study (default 300) bounds CalculiX, ``deck_path`` keeps its input file. Result: ``solver``,
    ``version``, ``von_mises_mpa``,
    ``displacement_mm``, ``regions``, ``raw_max_von_mises_mpa``, ``reactions``, ``dofs``, ``timings_s``, ``memory_mb``
    of CalculiX; ``ngsolve`` the whole first result; ``comparison`` relative differences (ours/CalculiX - 1). Raises
    :class:`MissingTool` where ccx isn't installed, :class:`StudyError` for what can't be compared.
    """
    plain = dict(study)
    timeout_s = float(plain.pop("timeout_s", 300.0))
    deck = plain.pop("deck_path", None)
    checked = read_study(plain)
    program = find_ccx()
    refuse(checked)
    ours, levels, part = solve_levels(checked)
    ours["memory_mb"] = peak_mb()
    theirs = solve_on(checked, levels[-1], program, timeout_s, deck)
    theirs["ngsolve"] = ours
    theirs["mass_g"] = ours["mass_g"]
    theirs["volume_mm3"] = part.volume_mm3
    theirs["comparison"] = _compare(ours, theirs)
    return theirs


def find_ccx() -> str:
    """Path of the program; raises :class:`MissingTool`."""
    program = shutil.which("ccx")
    if program is None:
        raise MissingTool("CalculiX (ccx) isn't on this machine.", "Install it, e.g. apt-get install calculix-ccx.")
    return program


def refuse(study: Study) -> None:
    """Raises :class:`StudyError` for what CalculiX's input can't say in a comparable way."""
    if study.preloads and study.thermal is not None:
        raise StudyError(
            "The CalculiX cross-check doesn't cover bolt preloads together with heat: both are expansions there.",
            "Compare the study without one of them.",
        )
    if study.order != 2:
        raise StudyError(f"CalculiX compares at order 2; the study has order {study.order}.", "Set order to 2.")


# --- writing ----------------------------------------------------------------------------------------------------------


def surface_forces(loads: Sequence[Load], mesh: Any, surface: Surface, quadratic: QuadraticMesh) -> FloatArray:
    """Nodal forces (nodes, 3) of the loads' tractions, N: int N_i t dA with quadratic shape functions on the faces."""
    import ngsolve as ng

    forces = np.zeros_like(quadratic.nodes)
    rule = ng.IntegrationRule(ng.TRIG, 8)
    mapped = mesh.MapToAllElements({ng.TRIG: rule}, ng.BND)
    reference = np.array(list(rule.points))[:, :2]
    a, b = reference[:, 0], reference[:, 1]
    c = 1 - a - b
    shape = np.stack([a * (2 * a - 1), b * (2 * b - 1), c * (2 * c - 1), 4 * a * b, 4 * b * c, 4 * a * c], axis=1)
    count = len(surface.face)
    area = np.asarray(ng.specialcf.JacobianMatrix(3, 2)(mapped), dtype=float).reshape(count, len(a), 3, 2)
    measure = np.linalg.norm(np.cross(area[..., 0], area[..., 1]), axis=2) * np.array(rule.weights)
    for load in loads:
        value, _ = traction(load, mesh)
        t = np.asarray(value(mapped), dtype=float).reshape(count, len(a), 3)
        chosen = surface.on(load.faces)
        nodal = np.einsum("eq,eqi,qn->eni", measure[chosen], t[chosen], shape)
        np.add.at(forces, quadratic.triangles[chosen].reshape(-1), nodal.reshape(-1, 3))
    return forces


def _constraints(
    supports: Sequence[Support], surface: Surface, triangles: IntArray
) -> tuple[dict[tuple[int, int], float], list[tuple[int, FloatArray]]]:
    """Prescribed components {(node, axis): mm}, and equations n.u = 0 at nodes whose normal isn't along an axis."""
    fixed: dict[tuple[int, int], float] = {}
    normals: dict[int, list[FloatArray]] = {}
    for support in supports:
        if support.edges:
            raise StudyError("The CalculiX cross-check doesn't cover supports on edges.", "Compare a study on faces.")
        mask = surface.on(support.faces)
        nodes = triangles[mask]
        if support.kind in ("elastic", "compression_only"):
            continue
        if support.kind == "frictionless":
            for node, normal in zip(nodes.reshape(-1), surface.normals[mask].reshape(-1, 3), strict=True):
                normals.setdefault(int(node), []).append(normal)
            continue
        for axis in range(3):
            value = 0.0 if support.kind == "fixed" else support.displacement_mm[axis]
            if value is not None:
                fixed |= dict.fromkeys(((int(n), axis) for n in np.unique(nodes)), value)
    equations: list[tuple[int, FloatArray]] = []
    for held, found in normals.items():
        for row in _independent(np.array(found)):
            pivot = int(np.abs(row).argmax())
            if abs(row[pivot]) > 1 - 1e-6:
                fixed.setdefault((held, pivot), 0.0)
            else:
                equations.append((held, row))
    return fixed, equations


def _independent(normals: FloatArray) -> list[FloatArray]:
    """Rows in echelon form, each with a pivot that no other row has, spanning the normals (tolerance one degree)."""
    _, size, right = np.linalg.svd(normals / np.sqrt(len(normals)), full_matrices=False)
    rows = right[size > 0.02 * size[0]]
    rank = len(rows)
    if rank == 3:
        return list(np.eye(3))
    for index in range(rank):
        pivot = int(np.abs(rows[index]).argmax())
        for other in range(rank):
            if other != index:
                rows[other] = rows[other] - rows[index] * rows[other, pivot] / rows[index, pivot]
    return [row / np.linalg.norm(row) for row in rows]


def model_cards(
    study: Study, mesh: Any, surface: Surface, shortened: Mapping[int, float] | None = None
) -> tuple[list[str], list[str], QuadraticMesh]:
    """What precedes any step: nodes, elements, materials, constraints that are equations; and the *BOUNDARY cards."""
    quadratic = QuadraticMesh(mesh, surface)
    fixed, equations = _constraints(study.supports, surface, quadratic.triangles)
    elements, twins = split_at_materials(study, mesh, quadratic)
    nodes = np.concatenate([quadratic.nodes, quadratic.nodes[twins]])
    lines = ["*NODE, NSET=ALL"]
    lines += [f"{i + 1},{x:.12e},{y:.12e},{z:.12e}" for i, (x, y, z) in enumerate(nodes.tolist())]
    lines.append("*ELEMENT, TYPE=C3D10, ELSET=PART")
    lines += [f"{i + 1}," + ",".join(str(n + 1) for n in row) for i, row in enumerate(elements.tolist())]
    for twin, node in enumerate(twins.tolist(), start=len(quadratic.nodes)):
        for axis in (1, 2, 3):
            lines += ["*EQUATION", "2", f"{twin + 1},{axis},1.,{node + 1},{axis},-1."]
    for number, (material, mask, bolt) in enumerate(_sections(study, mesh)):
        lines += [f"*ELSET, ELSET=S{number}", *(f"{i + 1}," for i in np.flatnonzero(mask))]
        if bolt is None or shortened is None:
            lines += material_cards(material, number)
        else:
            lines += bolt_cards(material, number, bolt.axis, shortened[bolt.solid])
    for node, row in equations:
        order = np.argsort(-np.abs(row))
        terms = [(int(axis), float(row[axis])) for axis in order if abs(row[axis]) > 1e-12]
        lines += [
            "*EQUATION",
            str(len(terms)),
            ",".join(f"{node + 1},{axis + 1},{value:.12e}" for axis, value in terms),
        ]
    held = sorted({node for node, _ in fixed} | {node for node, _ in equations})
    held += (np.flatnonzero(np.isin(twins, held)) + len(quadratic.nodes)).tolist()
    lines += ["*NSET, NSET=HELD", *(f"{node + 1}," for node in held or [0])]
    size = float(np.linalg.norm(np.ptp(surface.points.reshape(-1, 3), axis=0)))
    wall = CONTACT_FACTOR * study.stiffest_mpa / size
    springs, ground = spring_cards(study.supports, surface, quadratic, len(nodes), len(elements), wall)
    lines += springs
    boundary = ["*BOUNDARY"] if fixed or ground else []
    boundary += [f"{node + 1},1,3,0." for node in ground]
    boundary += [f"{node + 1},{axis + 1},{axis + 1},{value:.12e}" for (node, axis), value in sorted(fixed.items())]
    return lines, boundary, quadratic


def _sections(study: Study, mesh: Any) -> Iterator[tuple[Material, npt.NDArray[np.bool_], Preload | None]]:
    """Materials with their elements, preloaded bolts apart from the rest."""
    region = np.asarray(mesh.ngmesh.Elements3D().NumPy()["index"], dtype=np.int64) - 1
    solids = np.array([solid_of(name) for name in mesh.GetMaterials()])[region]
    for material, mask in element_materials(study, mesh):
        rest = mask.copy()
        for bolt in study.preloads:
            mine = mask & (solids == bolt.solid)
            rest &= ~mine
            if mine.any():
                yield material, mine, bolt
        if rest.any():
            yield material, rest, None


def spring_cards(
    supports: Sequence[Support], surface: Surface, quadratic: QuadraticMesh, nodes: int, elements: int,
    stiffest_wall: float = 0.0,
) -> tuple[list[str], list[int]]:  # fmt: skip
    """Cards of the elastic beds, and the nodes that stand on the ground; numbers go on behind ``nodes``, ``elements``.

    The bed's energy is integrated by the rule of the edge middles, which is exact to second order, so that each middle
    node gets a spring of its share of the area: along an axis a SPRING1, along another direction a SPRINGA of unit
    length. A compression_only support has a SPRINGA along each node's mean normal whose force is none in tension.
    """
    # Derivatives of the six shape functions by the two reference coordinates, at the middles of edges 01, 12, 20.
    a, b = np.array([0.5, 0.0, 0.5]), np.array([0.5, 0.5, 0.0])
    c, zero = 1 - a - b, np.zeros(3)
    by_a = np.stack([4 * a - 1, zero, 1 - 4 * c, 4 * b, -4 * b, 4 * (c - a)], axis=1)
    by_b = np.stack([zero, 4 * b - 1, 1 - 4 * c, 4 * a, 4 * (c - b), -4 * a], axis=1)
    stiffness: dict[int, FloatArray] = {}
    pushing: dict[int, FloatArray] = {}  # node: sum of stiffness times normal
    for support in supports:
        if support.kind not in ("elastic", "compression_only"):
            continue
        mask = surface.on(support.faces)
        points, normals = surface.points[mask], surface.normals[mask][:, 3:]
        share = np.linalg.norm(np.cross(by_a @ points, by_b @ points), axis=2) / 6
        for node, area, normal in zip(
            quadratic.triangles[mask][:, 3:].reshape(-1), share.reshape(-1), normals.reshape(-1, 3), strict=True
        ):
            if support.kind == "compression_only":
                bed = stiffest_wall if support.stiffness_n_mm3 is None else support.stiffness_n_mm3
                pushing[int(node)] = pushing.get(int(node), np.zeros(3)) + bed * area * normal
                continue
            along = np.outer(normal, normal) if support.normal_only else np.eye(3)
            before = stiffness.get(int(node), np.zeros((3, 3)))
            stiffness[int(node)] = before + (support.stiffness_n_mm3 or 0.0) * area * along
    lines: list[str] = []
    ground: list[int] = []
    for node, matrix in sorted(stiffness.items()):
        values, directions = np.linalg.eigh(matrix)
        for value, direction in zip(values, directions.T, strict=True):
            if value <= 1e-9 * values[-1]:
                continue
            elements += 1
            axis = int(np.abs(direction).argmax())
            straight = abs(direction[axis]) > 1 - 1e-9
            ends, kind = f"{node + 1}", "SPRING1"
            if not straight:
                place = quadratic.nodes[node] + direction
                ground.append(nodes)
                nodes += 1
                lines += ["*NODE", f"{nodes}," + ",".join(f"{x:.12e}" for x in place)]
                ends, kind = f"{nodes},{node + 1}", "SPRINGA"
            lines += [f"*ELEMENT, TYPE={kind}, ELSET=K{elements}", f"{elements},{ends}"]
            lines += [f"*SPRING, ELSET=K{elements}", f"{axis + 1}" if straight else "", f"{value:.12e}"]
    for node, push in sorted(pushing.items()):
        strong = float(np.linalg.norm(push))
        place = quadratic.nodes[node] + _PUSH_LENGTH_MM * push / strong
        ground.append(nodes)
        nodes, elements = nodes + 1, elements + 1
        lines += ["*NODE", f"{nodes}," + ",".join(f"{x:.12e}" for x in place)]
        lines += [f"*ELEMENT, TYPE=SPRINGA, ELSET=K{elements}", f"{elements},{node + 1},{nodes}"]
        lines += [f"*SPRING, ELSET=K{elements}, NONLINEAR", ""]
        # Force over elongation. The bend lies a hair beyond zero so that the first tangent presses; a trace of tension,
        # as NGSolve's contact has, keeps a loose part solvable.
        lines += [f"{-strong * _PUSH_LENGTH_MM:.12e},{-_PUSH_LENGTH_MM}", f"{strong * _BEND_MM:.12e},{_BEND_MM:.3e}"]
        lines += [f"{_TRACE * strong * _PUSH_LENGTH_MM:.12e},{_PUSH_LENGTH_MM}"]
    if pushing:
        lines += _iterated(nodes, elements)
        ground += range(nodes, nodes + 4)
    return lines, ground


def _iterated(nodes: int, elements: int) -> list[str]:
    """A held element of a plastic material, apart from the part.

    CalculiX iterates on bent springs only where the deck is nonlinear; a plastic material makes it so without its large
    displacements, which NGSolve leaves out too.
    """
    corners = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    lines = ["*NODE", *(f"{nodes + i + 1},{x},{y},{z}" for i, (x, y, z) in enumerate(corners))]
    numbers = ",".join(str(nodes + i + 1) for i in range(4))
    lines += ["*ELEMENT, TYPE=C3D4, ELSET=NONLINEAR", f"{elements + 1},{numbers}", "*MATERIAL, NAME=NONLINEAR"]
    lines += ["*ELASTIC", "1000.,0.", "*DENSITY", "1.e-30", "*PLASTIC", "1.e9,0.", "1.1e9,1."]
    return [*lines, "*SOLID SECTION, ELSET=NONLINEAR, MATERIAL=NONLINEAR"]


def split_at_materials(study: Study, mesh: Any, quadratic: QuadraticMesh) -> tuple[IntArray, IntArray]:
    """Elements (n, 10) in which each material has nodes of its own, and the node (m,) that each new one is a twin of.

    CalculiX averages stress over all elements at a node. Where two materials meet stress jumps, so that each needs its
    own node there; equations hold the twins together.
    """
    elements = quadratic.elements.copy()
    groups: dict[Material, npt.NDArray[np.bool_]] = {}
    for material, mask in element_materials(study, mesh):
        groups[material] = groups[material] | mask if material in groups else mask
    taken = np.zeros(len(quadratic.nodes), dtype=bool)
    twins: list[IntArray] = []
    count = len(quadratic.nodes)
    for mask in groups.values():
        mine = np.unique(quadratic.elements[mask])
        shared = mine[taken[mine]]
        number = np.arange(len(quadratic.nodes))
        number[shared] = np.arange(count, count + len(shared))
        elements[mask] = number[quadratic.elements[mask]]
        taken[mine] = True
        twins.append(shared)
        count += len(shared)
    return elements, np.concatenate(twins)


def static_cards(study: Study, level: Level) -> tuple[list[str], QuadraticMesh]:
    """The lines of CalculiX's input; units mm, N, MPa, t (so that t*mm/s^2 is N)."""
    lines, boundary, quadratic = model_cards(study, level.mesh, level.surface, level.solution.shortened)
    heat = study.thermal
    if heat is not None:
        lines += ["*INITIAL CONDITIONS, TYPE=TEMPERATURE", f"ALL,{heat.reference_c:.10g}"]
    elif study.preloads:
        lines += ["*INITIAL CONDITIONS, TYPE=TEMPERATURE", "ALL,0."]
    lines += ["*STEP, INC=1000", "*STATIC, SOLVER=SPOOLES", "1.,1.", *boundary]
    if study.preloads:
        lines += ["*TEMPERATURE", f"ALL,{_BOLT_WARMS_K:g}"]
    lines += load_cards(study, level.mesh, level.surface, quadratic)
    lines += ["*NODE FILE", "U", "*EL FILE", "S", "*NODE PRINT, NSET=HELD, TOTALS=ONLY", "RF", "*END STEP", ""]
    return lines, quadratic


def load_cards(study: Study, mesh: Any, surface: Surface, quadratic: QuadraticMesh) -> list[str]:
    """The loads of a step."""
    forces = surface_forces(study.loads, mesh, surface, quadratic)
    lines: list[str] = []
    if study.thermal is not None:
        from backend.physics.fem.elasticity import temperature_of

        values = quadratic.nodal(temperature_of(study, mesh))[:, 0]
        twins = split_at_materials(study, mesh, quadratic)[1]
        lines.append("*TEMPERATURE")
        lines += [f"{i + 1},{value:.10g}" for i, value in enumerate(np.concatenate([values, values[twins]]).tolist())]
    if study.loads:
        lines.append("*CLOAD")
        for node, axis in zip(*np.nonzero(forces), strict=True):
            lines.append(f"{node + 1},{axis + 1},{forces[node, axis]:.12e}")
    if study.gravity_m_s2 is not None:
        pull = np.array(study.gravity_m_s2) * 1e3
        size = float(np.linalg.norm(pull))
        x, y, z = pull / size
        lines += ["*DLOAD", f"PART,GRAV,{size:.12e},{x:.12e},{y:.12e},{z:.12e}"]
    if study.spin is not None:
        at = ",".join(f"{c:.12e}" for c in (*study.spin.point_mm, *study.spin.axis))
        lines += ["*DLOAD", f"PART,CENTRIF,{study.spin.speed_rad_s**2:.12e},{at}"]
    return lines


def material_cards(material: Material, number: int) -> list[str]:
    """Material and section cards of element set S<number>; density in t/mm3."""
    name = f"M{number}"
    lines = [f"*MATERIAL, NAME={name}"]
    section = f"*SOLID SECTION, ELSET=S{number}, MATERIAL={name}"
    if material.orthotropic is None:
        lines += ["*ELASTIC", f"{material.youngs_modulus_mpa:.10g},{material.poisson_ratio:.10g}"]
    else:
        o = material.orthotropic
        one, two = o.axes[0], o.axes[1]
        turn = ",".join(f"{c:.12e}" for c in (*one, *two))
        lines = [f"*ORIENTATION, NAME=O{number}, SYSTEM=RECTANGULAR", turn, *lines]
        constants = [f"{v:.10g}" for v in (*o.e_mpa, *o.nu, *o.g_mpa)]
        lines += ["*ELASTIC, TYPE=ENGINEERING CONSTANTS", ",".join(constants[:8]), constants[8]]
        section += f", ORIENTATION=O{number}"
    if material.thermal_expansion_1_k is not None:
        lines += ["*EXPANSION", f"{material.thermal_expansion_1_k:.10g}"]
    return [*lines, "*DENSITY", f"{(material.density_kg_m3 or 1.0) * 1e-12:.10g}", section]


def bolt_cards(material: Material, number: int, axis: Sequence[float], shortened: float) -> list[str]:
    """Cards of a bolt that shrinks along its axis by a strain as it warms by :data:`_BOLT_WARMS_K`."""
    if material.orthotropic is not None:
        raise StudyError(
            "The CalculiX cross-check doesn't cover preloaded bolts of an orthotropic material.",
            "Compare the study with an isotropic bolt.",
        )
    along = np.array(axis)
    across = np.cross(along, np.eye(3)[int(np.abs(along).argmin())])
    turn = ",".join(f"{c:.12e}" for c in (*along, *across))
    cards = material_cards(replace(material, thermal_expansion_1_k=None), number)
    section = f"{cards[-1]}, ORIENTATION=B{number}"
    shrink = ["*EXPANSION, TYPE=ORTHO", f"{-shortened / _BOLT_WARMS_K:.12e},0.,0."]
    return [f"*ORIENTATION, NAME=B{number}, SYSTEM=RECTANGULAR", turn, *cards[:-1], *shrink, section]


# --- running and reading ----------------------------------------------------------------------------------------------


def solve_on(study: Study, level: Level, program: str, timeout_s: float, deck: str | None = None) -> dict[str, Any]:
    """Runs CalculiX on a level's mesh; the result's keys are those of :func:`solve`, without the comparison.

    ``deck``: path at which the input file is kept.
    """
    started = time.perf_counter()
    lines, quadratic = static_cards(study, level)
    written = time.perf_counter() - started
    with deck_run(program, lines, timeout_s, deck) as (folder, cpu, high_mb, words):
        frd = folder / "job.frd"
        fields = read_frd(frd) if frd.is_file() else {}
        if "DISP" not in fields or "STRESS" not in fields:
            raise SolveError(f"CalculiX gave no result: {_last_words(words)}", "Check the supports and the loads.")
        # What springs carry isn't among CalculiX's reactions.
        sprung = any(support.kind in ("elastic", "compression_only") for support in study.supports)
        reaction = None if sprung else _read_totals(folder / "job.dat")
    twins = split_at_materials(study, level.mesh, quadratic)[1]
    count = len(quadratic.nodes)
    known = 1 + max(count + len(twins) - 1, *(int(fields[key][0].max()) for key in ("DISP", "STRESS")))
    displacement, stress = np.zeros((known, 3)), np.zeros((known, 6))
    displacement[fields["DISP"][0]] = fields["DISP"][1][:, :3]
    displacement = displacement[:count]
    # CalculiX gives xx yy zz xy yz zx; ours is xx xy xz yy yz zz.
    stress[fields["STRESS"][0]] = fields["STRESS"][1][:, [0, 3, 5, 1, 4, 2]]
    values = von_mises(stress)
    np.maximum.at(values, twins, values[count : count + len(twins)])
    values = values[:count]
    excluded = level.zones.excluded(quadratic.nodes)
    peak = int(np.where(excluded, -1.0, values).argmax())
    travel = np.linalg.norm(displacement, axis=1)
    far = int(travel.argmax())
    regions = {}
    for name, faces in study.regions.items():
        nodes = np.unique(quadratic.triangles[level.surface.on(faces)])
        inside = nodes[~excluded[nodes]] if (~excluded[nodes]).any() else nodes
        regions[name] = {"von_mises_mpa": float(values[inside].max()), "displacement_mm": float(travel[nodes].max())}
    return {
        "solver": "calculix",
        "version": version_of(words),
        "dofs": 3 * count,
        "elements": len(quadratic.elements),
        "von_mises_mpa": {"value": float(values[peak]), "location_mm": quadratic.nodes[peak].tolist()},
        "raw_max_von_mises_mpa": float(values.max()),
        "displacement_mm": {"value": float(travel[far]), "location_mm": quadratic.nodes[far].tolist()},
        "regions": regions,
        "reactions": {"reaction_n": None if reaction is None else reaction.tolist()},
        "timings_s": {"write": round(written, 3), "cpu": round(cpu, 3)},
        "memory_mb": round(high_mb, 1),
    }


@contextmanager
def deck_run(
    program: str, lines: Sequence[str], timeout_s: float, deck: str | None
) -> Iterator[tuple[Path, float, float, str]]:
    """Runs CalculiX on an input of these lines: its folder (while the block lasts), CPU seconds, peak MB, its words.

    ``deck``: where a copy of the input is kept, if anywhere.
    """
    with tempfile.TemporaryDirectory(prefix="brick-ccx-") as folder:
        path = Path(folder) / "job.inp"
        path.write_text("\n".join(lines), encoding="ascii")
        if deck:
            shutil.copyfile(path, deck)
        yield Path(folder), *run_program(program, folder, timeout_s)


def run_program(program: str, folder: str, timeout_s: float) -> tuple[float, float, str]:
    """CPU seconds, peak resident memory in MB and the program's words."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    threads = str(allowed())
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "CCX_NPROC_STIFFNESS": threads}
    high_mb, deadline = 0.0, time.monotonic() + timeout_s
    with (Path(folder) / "words").open("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            [program, "-i", "job"], cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        while True:
            # The high-water mark must be read while it lives; a child's rusage still counts what it was forked from.
            high_mb = max(high_mb, _high_water_mb(process.pid))
            try:
                process.wait(timeout=0.05)
                break
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline:
                    process.kill()
                    process.wait()
                    raise SolveError(
                        f"CalculiX didn't finish within {timeout_s:g} s.", "Lower max_dofs, or raise timeout_s."
                    ) from None
        said.seek(0)
        words = said.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode != 0 or "*ERROR" in words:
        raise SolveError(f"CalculiX failed: {_last_words(words)}", "Check the supports and the loads.")
    return cpu, high_mb, words


def _high_water_mb(pid: int) -> float:
    """Peak resident memory of a process since it started its program, MB; 0 where it can't be read."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError, IndexError):
        pass
    return 0.0


def _last_words(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    errors = [line for line in lines if "*ERROR" in line]
    return " / ".join((errors or lines)[-3:]) or "it said nothing"


def version_of(words: str) -> str:
    """CalculiX's version in what it printed."""
    for line in words.splitlines():
        if "Version" in line:
            return line.split("Version", 1)[1].strip().split()[0].rstrip(",")
    return "unknown"


def read_frd(path: Path) -> dict[str, tuple[IntArray, FloatArray]]:
    """Nodal blocks of an ASCII .frd file: {name: (node numbers from 0, values)}; later steps replace earlier ones."""
    blocks: dict[str, tuple[IntArray, FloatArray]] = {}
    name = ""
    nodes: list[int] = []
    rows: list[list[float]] = []
    with path.open(encoding="ascii", errors="replace") as file:
        for line in file:
            tag = line[:5].strip()
            if tag == "-4":
                name, nodes, rows = line.split()[1], [], []
            elif tag == "-1" and name:
                nodes.append(int(line[3:13]) - 1)
                rows.append([float(line[i : i + 12]) for i in range(13, len(line.rstrip("\n")) - 11, 12)])
            elif tag == "-3" and name:
                blocks[name] = (np.array(nodes, dtype=np.int64), np.array(rows))
                name = ""
    return blocks


def _read_totals(path: Path) -> FloatArray | None:
    """The last line of three numbers after a 'total force' heading of the .dat file."""
    if not path.is_file():
        return None
    found, after = None, False
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        if "total force" in line:
            after = True
        elif after and line.split():
            found, after = np.array([float(word) for word in line.split()[:3]]), False
    return found


def _compare(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    def difference(a: float, b: float) -> float:
        return a / b - 1 if b else 0.0

    return {
        "displacement_rel": difference(ours["displacement_mm"]["value"], theirs["displacement_mm"]["value"]),
        "von_mises_rel": difference(ours["von_mises_mpa"]["value"], theirs["von_mises_mpa"]["value"]),
        "regions_rel": {
            name: difference(ours["regions"][name]["von_mises_mpa"], values["von_mises_mpa"])
            for name, values in theirs["regions"].items()
        },
        "ngsolve_cpu_s": ours["levels"][-1]["cpu_s"],
        "calculix_cpu_s": theirs["timings_s"]["cpu"],
    }
