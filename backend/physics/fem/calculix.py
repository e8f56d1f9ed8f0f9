"""A second opinion: the same study on the same mesh, solved by CalculiX (the program ``ccx``).

What is shared with the first opinion is the mesh and the reading of the study. Elements (C3D10), self weight, solver
and stress recovery are CalculiX's own; surface tractions are integrated here with quadratic shape functions, not taken
from NGSolve's assembly. What CalculiX's input can't say in a comparable way (beddings, contact) is refused.

Element numbering and the .frd results format: CalculiX CrunchiX user's manual 2.20, sections 6.2.5 and 11.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.errors import MissingTool
from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.loads import traction
from backend.physics.fem.material import Material, element_materials
from backend.physics.fem.quadratic import QuadraticMesh
from backend.physics.fem.static import Level, solve_levels
from backend.physics.fem.stress import von_mises
from backend.physics.fem.study import Load, Study, Support, read_study
from backend.physics.fem.surface import Surface

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


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
    _refuse(checked)
    ours, levels, part = solve_levels(checked)
    ours["memory_mb"] = peak_memory_mb()
    theirs = solve_on(checked, levels[-1], program, timeout_s, deck)
    theirs["ngsolve"] = ours
    theirs["mass_g"] = ours["mass_g"]
    theirs["volume_mm3"] = part.volume_mm3
    theirs["comparison"] = _compare(ours, theirs)
    return theirs


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def find_ccx() -> str:
    """Path of the program; raises :class:`MissingTool`."""
    program = shutil.which("ccx")
    if program is None:
        raise MissingTool("CalculiX (ccx) isn't on this machine.", "Install it, e.g. apt-get install calculix-ccx.")
    return program


def _refuse(study: Study) -> None:
    soft = sorted({s.kind for s in study.supports if s.kind in ("elastic", "compression_only")})
    if soft:
        raise StudyError(
            f"The CalculiX cross-check doesn't cover {', '.join(soft)} supports.",
            "Compare a study with fixed, displacement or frictionless supports.",
        )
    if study.preloads:
        raise StudyError("The CalculiX cross-check doesn't cover bolt preloads.", "Compare the study without them.")
    if study.thermal is not None and study.thermal.uniform_c is None:
        raise StudyError("The CalculiX cross-check doesn't cover conducted heat.", "Compare it at an even temperature.")
    if study.order != 2:
        raise StudyError(f"CalculiX compares at order 2; the study has order {study.order}.", "Set order to 2.")


# --- writing ----------------------------------------------------------------------------------------------------------


def surface_forces(loads: Sequence[Load], level: Level, quadratic: QuadraticMesh) -> FloatArray:
    """Nodal forces (nodes, 3) of the loads' tractions, N: int N_i t dA with quadratic shape functions on the faces."""
    import ngsolve as ng

    forces = np.zeros_like(quadratic.nodes)
    rule = ng.IntegrationRule(ng.TRIG, 8)
    mapped = level.mesh.MapToAllElements({ng.TRIG: rule}, ng.BND)
    reference = np.array(list(rule.points))[:, :2]
    a, b = reference[:, 0], reference[:, 1]
    c = 1 - a - b
    shape = np.stack([a * (2 * a - 1), b * (2 * b - 1), c * (2 * c - 1), 4 * a * b, 4 * b * c, 4 * a * c], axis=1)
    count = len(level.surface.face)
    area = np.asarray(ng.specialcf.JacobianMatrix(3, 2)(mapped), dtype=float).reshape(count, len(a), 3, 2)
    measure = np.linalg.norm(np.cross(area[..., 0], area[..., 1]), axis=2) * np.array(rule.weights)
    for load in loads:
        value, _ = traction(load, level.mesh)
        t = np.asarray(value(mapped), dtype=float).reshape(count, len(a), 3)
        chosen = level.surface.on(load.faces)
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


def model_cards(study: Study, mesh: Any, surface: Surface) -> tuple[list[str], list[str], QuadraticMesh]:
    """What precedes any step: nodes, elements, materials, constraints that are equations; and the *BOUNDARY cards."""
    quadratic = QuadraticMesh(mesh, surface)
    fixed, equations = _constraints(study.supports, surface, quadratic.triangles)
    lines = ["*NODE, NSET=ALL"]
    lines += [f"{i + 1},{x:.12e},{y:.12e},{z:.12e}" for i, (x, y, z) in enumerate(quadratic.nodes.tolist())]
    lines.append("*ELEMENT, TYPE=C3D10, ELSET=PART")
    lines += [f"{i + 1}," + ",".join(str(n + 1) for n in row) for i, row in enumerate(quadratic.elements.tolist())]
    for number, (material, mask) in enumerate(element_materials(study, mesh)):
        lines += [f"*ELSET, ELSET=S{number}", *(f"{i + 1}," for i in np.flatnonzero(mask))]
        lines += material_cards(material, number)
    for node, row in equations:
        order = np.argsort(-np.abs(row))
        terms = [(int(axis), float(row[axis])) for axis in order if abs(row[axis]) > 1e-12]
        lines += [
            "*EQUATION",
            str(len(terms)),
            ",".join(f"{node + 1},{axis + 1},{value:.12e}" for axis, value in terms),
        ]
    held = sorted({node for node, _ in fixed} | {node for node, _ in equations})
    lines += ["*NSET, NSET=HELD", *(f"{node + 1}," for node in held)]
    boundary = ["*BOUNDARY"] if fixed else []
    boundary += [f"{node + 1},{axis + 1},{axis + 1},{value:.12e}" for (node, axis), value in sorted(fixed.items())]
    return lines, boundary, quadratic


def write_input(study: Study, level: Level, path: Path) -> QuadraticMesh:
    """Writes CalculiX's input file; units mm, N, MPa, t (so that t*mm/s^2 is N)."""
    lines, boundary, quadratic = model_cards(study, level.mesh, level.surface)
    forces = surface_forces(study.loads, level, quadratic)
    heat = study.thermal
    if heat is not None:
        lines += ["*INITIAL CONDITIONS, TYPE=TEMPERATURE", f"ALL,{heat.reference_c:.10g}"]
    lines += ["*STEP", "*STATIC, SOLVER=SPOOLES", *boundary]
    if heat is not None:
        lines += ["*TEMPERATURE", f"ALL,{heat.uniform_c:.10g}"]
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
    lines += ["*NODE FILE", "U", "*EL FILE", "S", "*NODE PRINT, NSET=HELD, TOTALS=ONLY", "RF", "*END STEP", ""]
    path.write_text("\n".join(lines), encoding="ascii")
    return quadratic


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


# --- running and reading ----------------------------------------------------------------------------------------------


def solve_on(study: Study, level: Level, program: str, timeout_s: float, deck: str | None = None) -> dict[str, Any]:
    """Runs CalculiX on a level's mesh; the result's keys are those of :func:`solve`, without the comparison.

    ``deck``: path at which the input file is kept.
    """
    with tempfile.TemporaryDirectory(prefix="brick-ccx-") as folder:
        started = time.perf_counter()
        quadratic = write_input(study, level, Path(folder) / "job.inp")
        written = time.perf_counter() - started
        if deck:
            shutil.copyfile(Path(folder) / "job.inp", deck)
        cpu, peak_mb, words = run_program(program, folder, timeout_s)
        frd = Path(folder) / "job.frd"
        fields = read_frd(frd) if frd.is_file() else {}
        if "DISP" not in fields or "STRESS" not in fields:
            raise SolveError(f"CalculiX gave no result: {_last_words(words)}", "Check the supports and the loads.")
        reaction = _read_totals(Path(folder) / "job.dat")
    count = len(quadratic.nodes)
    displacement, stress = np.zeros((count, 3)), np.zeros((count, 6))
    displacement[fields["DISP"][0]] = fields["DISP"][1][:, :3]
    # CalculiX gives xx yy zz xy yz zx; ours is xx xy xz yy yz zz.
    stress[fields["STRESS"][0]] = fields["STRESS"][1][:, [0, 3, 5, 1, 4, 2]]
    values = von_mises(stress)
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
        "memory_mb": round(peak_mb, 1),
    }


def run_program(program: str, folder: str, timeout_s: float) -> tuple[float, float, str]:
    """CPU seconds, peak resident memory in MB and the program's words."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "CCX_NPROC_STIFFNESS": "2"}
    peak_mb, deadline = 0.0, time.monotonic() + timeout_s
    with (Path(folder) / "words").open("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            [program, "-i", "job"], cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        while True:
            # The high-water mark must be read while it lives; a child's rusage still counts what it was forked from.
            peak_mb = max(peak_mb, _high_water_mb(process.pid))
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
    return cpu, peak_mb, words


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
