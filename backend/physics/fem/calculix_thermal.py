"""Steady conduction by CalculiX on the last mesh of a thermal study: ``solve(study) -> result``.

See :mod:`.calculix` for what is shared with NGSolve: here the mesh and the reading alone, since films, fluxes and
radiation are given to CalculiX by element face, which integrates them itself. Units mm, W, K. Face numbers and cards:
CalculiX CrunchiX user's manual 2.20, sections 6.2.5, *FILM, *DFLUX, *RADIATE.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.calculix import deck_run, find_ccx, read_frd, version_of
from backend.physics.fem.errors import SolveError, StudyError
from backend.physics.fem.material import solid_of
from backend.physics.fem.memory import peak_mb
from backend.physics.fem.quadratic import QuadraticMesh
from backend.physics.fem.surface import Surface, sample
from backend.physics.fem.thermal import STEFAN_BOLTZMANN_W_MM2_K4, ZERO_C_K, Boundary, ThermalStudy, solve_mesh

IntArray = npt.NDArray[np.int64]

# Corners of the faces 1 to 4 of a C3D10.
_FACES = ((0, 1, 2), (0, 1, 3), (1, 2, 3), (0, 2, 3))
_LABELS = {"convection": "F", "radiation": "R", "heat": "S", "flux": "S"}
_CARDS = {"convection": "*FILM", "radiation": "*RADIATE", "heat": "*DFLUX", "flux": "*DFLUX"}


def solve(study: Mapping[str, Any]) -> dict[str, Any]:
    """Solves a study of steady conduction with NGSolve and, on its last mesh, with CalculiX.

    ``timeout_s`` (300) bounds CalculiX, ``deck_path`` keeps its input. Result: ``temperature_c`` {min, max},
    ``regions`` {name: {max_c, min_c}}, ``timings_s``, ``memory_mb``, ``version`` of CalculiX; ``ngsolve`` the whole
    first result; ``comparison`` {temperature_rel: difference of the extremes over their span, CPU times}. Raises
    :class:`MissingTool` without ccx, :class:`StudyError` at another order than 2.
    """
    plain = dict(study)
    timeout_s = float(plain.pop("timeout_s", 300.0))
    deck = plain.pop("deck_path", None)
    program = find_ccx()
    if plain.get("order", 2) != 2:
        raise StudyError(f"CalculiX compares at order 2; the study has order {plain['order']}.", "Set order to 2.")
    ours, checked, mesh = solve_mesh(plain)
    ours["memory_mb"] = peak_mb()
    surface = sample(mesh)
    quadratic = QuadraticMesh(mesh, surface)
    lines = [*_model(checked, mesh, quadratic), *_step(checked, mesh, surface, quadratic), ""]
    with deck_run(program, lines, timeout_s, deck) as (folder, cpu, high_mb, words):
        frd = folder / "job.frd"
        fields = read_frd(frd) if frd.is_file() else {}
    if "NDTEMP" not in fields:
        raise SolveError("CalculiX gave no temperature.", "Check the conditions; the deck is kept with --solver both.")
    nodes, found = fields["NDTEMP"]
    values = np.zeros(len(quadratic.nodes))
    values[nodes] = found[:, 0]
    low, high = float(values.min()), float(values.max())
    own = ours["temperature_c"]
    span = max(own["max"] - own["min"], 1e-12)
    regions = {}
    for name, faces in checked.regions.items():
        on = values[np.unique(quadratic.triangles[surface.on(faces)])]
        regions[name] = {"max_c": float(on.max()), "min_c": float(on.min())}
    return {
        "solver": "calculix",
        "version": version_of(words),
        "temperature_c": {"min": low, "max": high},
        "regions": regions,
        "dofs": len(quadratic.nodes),
        "timings_s": {"cpu": round(cpu, 3)},
        "memory_mb": round(high_mb, 1),
        "ngsolve": ours,
        "comparison": {
            "temperature_rel": [(own["min"] - low) / span, (own["max"] - high) / span],
            "ngsolve_cpu_s": ours["levels"][-1]["cpu_s"],
            "calculix_cpu_s": round(cpu, 3),
        },
    }


def _model(study: ThermalStudy, mesh: Any, quadratic: QuadraticMesh) -> list[str]:
    lines = ["*NODE, NSET=ALL"]
    lines += [f"{i + 1},{x:.12e},{y:.12e},{z:.12e}" for i, (x, y, z) in enumerate(quadratic.nodes.tolist())]
    lines.append("*ELEMENT, TYPE=DC3D10, ELSET=PART")
    lines += [f"{i + 1}," + ",".join(str(n + 1) for n in row) for i, row in enumerate(quadratic.elements.tolist())]
    for number, (solid, mask) in enumerate(_solids(mesh)):
        conductivity = study.materials.of(solid).conductivity
        lines += [f"*ELSET, ELSET=S{number}", *(f"{i + 1}," for i in np.flatnonzero(mask))]
        lines += [f"*MATERIAL, NAME=M{number}", "*CONDUCTIVITY"]
        lines += [f"{value * 1e-3:.10g},{at:.10g}" for at, value in conductivity.points]
        lines.append(f"*SOLID SECTION, ELSET=S{number}, MATERIAL=M{number}")
    known = [b.temperature_c for b in study.boundaries if b.kind in ("temperature", "convection", "radiation")]
    lines += [f"*PHYSICAL CONSTANTS, ABSOLUTE ZERO={-ZERO_C_K}, STEFAN BOLTZMANN={STEFAN_BOLTZMANN_W_MM2_K4:.10e}"]
    return [*lines, "*INITIAL CONDITIONS, TYPE=TEMPERATURE", f"ALL,{float(np.mean(known)):.10g}"]


def _solids(mesh: Any) -> list[tuple[int, npt.NDArray[np.bool_]]]:
    """Each solid with the (elements,) mask of its elements."""
    region = np.asarray(mesh.ngmesh.Elements3D().NumPy()["index"], dtype=np.int64) - 1
    return [(solid_of(name), region == index) for index, name in enumerate(mesh.GetMaterials())]


def _step(study: ThermalStudy, mesh: Any, surface: Surface, quadratic: QuadraticMesh) -> Iterator[str]:
    import ngsolve as ng

    sides = _sides(quadratic, surface)
    yield from ("*STEP, INC=500", "*HEAT TRANSFER, STEADY STATE", "1.,1.")
    held: dict[int, float] = {}
    for item in study.boundaries:
        if item.kind == "temperature":
            held |= dict.fromkeys(np.unique(quadratic.triangles[surface.on(item.faces)]).tolist(), item.temperature_c)
    if held:
        yield "*BOUNDARY"
        yield from (f"{node + 1},11,11,{value:.10g}" for node, value in sorted(held.items()))
    for item in study.boundaries:
        if item.kind == "temperature":
            continue
        yield _CARDS[item.kind]
        for triangle in np.flatnonzero(surface.on(item.faces)):
            element, side = sides[int(triangle)]
            yield f"{element + 1},{_LABELS[item.kind]}{side + 1},{_value(item, mesh)}"
    if study.source_w:
        volume = float(ng.Integrate(ng.CF(1.0), mesh))
        yield from ("*DFLUX", f"PART,BF,{study.source_w / volume:.12e}")
    numbers = {solid: number for number, (solid, _) in enumerate(_solids(mesh))}
    for solids, power in study.sources_w:
        where = mesh.Materials("|".join(f"solid{solid}" for solid in solids))
        volume = float(ng.Integrate(ng.CF(1.0), mesh, definedon=where))
        yield "*DFLUX"
        yield from (f"S{numbers[solid]},BF,{power / volume:.12e}" for solid in solids)
    yield from ("*NODE FILE", "NT", "*END STEP")


def _value(item: Boundary, mesh: Any) -> str:
    """What a card says of one element face, behind its label."""
    from backend.physics.fem.mesh import region_pattern

    if item.kind == "convection":
        return f"{item.temperature_c:.10g},{item.coefficient_w_m2_k * 1e-6:.10e}"
    if item.kind == "radiation":
        return f"{item.temperature_c:.10g},{item.emissivity:.10g}"
    if item.kind == "flux":
        return f"{item.flux_w_m2 * 1e-6:.12e}"
    import ngsolve as ng

    area = float(ng.Integrate(ng.CF(1.0) * ng.ds(region_pattern(item.faces)), mesh))
    return f"{item.power_w / area:.12e}"


def _sides(quadratic: QuadraticMesh, surface: Surface) -> list[tuple[int, int]]:
    """The element and its face number (from 0) of each boundary triangle; of a triangle inside, one of the two."""
    faces = np.sort(quadratic.elements[:, _FACES], axis=2)  # (elements, 4, 3)
    place = {tuple(face): (index // 4, index % 4) for index, face in enumerate(faces.reshape(-1, 3).tolist())}
    return [place[tuple(corners)] for corners in np.sort(surface.corners, axis=1).tolist()]
