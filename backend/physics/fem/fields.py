"""Fields on the FE mesh as npz files: the boundary for pictures and the GLB's attributes, the volume for ParaView.

The boundary mesh itself is exported, curved triangles cut in four, so that every value is a value of the solution.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.surface import Surface

FloatArray = npt.NDArray[np.float64]


def export(path: str, surface: Surface, **nodal: FloatArray) -> str:
    """Writes vertices_mm (n, 3), triangles (m, 3), face_index (m,) and nodal fields given as (elements, 6[, c]) arrays.

    Triangles between bonded solids are left out. Returns the path.
    """
    vertices = surface.nodal(surface.points)
    face = np.repeat(surface.face, 4)
    outside = face >= 0
    triangles = surface.triangles[outside]
    used, renumbered = np.unique(triangles, return_inverse=True)
    arrays = {name: surface.nodal(values)[used].astype(np.float32) for name, values in nodal.items()}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        vertices_mm=vertices[used],
        triangles=renumbered.reshape(-1, 3).astype(np.int32),
        face_index=face[outside].astype(np.int32),
        **arrays,  # type: ignore[arg-type]
    )
    return path if path.endswith(".npz") else path + ".npz"


def export_volume(path: str, mesh: Any, surface: Surface, displacement: Any, stress: Any) -> str:
    """Writes every tetrahedron with displacement and stress at its ten nodes; returns the path.

    Arrays: nodes_mm (n, 3), tetrahedra (m, 10) in VTK's order, body (m,) solid index, displacement_mm (n, 3),
    stress_mpa (n, 6) in VTK's order xx yy zz xy yz xz, von_mises_mpa (n,). ``displacement``, ``stress`` (six components
    in the order of :mod:`.stress`): continuous fields. At order 3 and above the file holds their values at the nodes.
    """
    import ngsolve as ng

    from backend.physics.fem.material import solid_of
    from backend.physics.fem.quadratic import QuadraticMesh
    from backend.physics.fem.stress import von_mises

    quadratic = QuadraticMesh(mesh, surface)
    components = quadratic.nodal(stress)
    solids = np.array([solid_of(name) for name in mesh.GetMaterials()])
    region = np.asarray(mesh.ngmesh.Elements3D().NumPy()["index"], dtype=np.int64) - 1
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        nodes_mm=quadratic.nodes,
        tetrahedra=quadratic.elements.astype(np.int32),
        body=solids[region].astype(np.int32),
        displacement_mm=quadratic.nodal(ng.CF(displacement)).astype(np.float32),
        stress_mpa=components[:, [0, 3, 5, 1, 4, 2]].astype(np.float32),
        von_mises_mpa=von_mises(components).astype(np.float32),
    )
    return path if path.endswith(".npz") else path + ".npz"
