"""The curved mesh as quadratic tetrahedra of ten nodes, for programs and files that know no other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from backend.physics.fem.errors import SolveError
from backend.physics.fem.surface import Surface

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Corners 0..3, then the middles of 01 12 20 03 13 23: the order of CalculiX's C3D10 and of VTK's
# quadratic tetrahedron alike.
_TET_CORNERS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.0))
_TET_EDGES = ((0, 1), (1, 2), (2, 0), (0, 3), (1, 3), (2, 3))


class QuadraticMesh:
    """The curved mesh as CalculiX and VTK see it: (nodes, 3) coordinates in mm, (elements, 10) node numbers from 0.

    ``triangles``: (boundary elements, 6) node numbers of the surface.
    """

    def __init__(self, mesh: Any, surface: Surface) -> None:
        import ngsolve as ng

        corners = np.asarray(mesh.ngmesh.Elements3D().NumPy()["nodes"][:, :4], dtype=np.int64) - 1
        reference = [*_TET_CORNERS]
        reference += [tuple((np.array(_TET_CORNERS[a]) + np.array(_TET_CORNERS[b])) / 2) for a, b in _TET_EDGES]
        rule = ng.IntegrationRule(reference, [0.0] * 10)
        self._mapped = mesh.MapToAllElements({ng.TET: rule}, ng.VOL)
        points = np.asarray(ng.CF((ng.x, ng.y, ng.z))(self._mapped), dtype=float).reshape(-1, 10, 3)
        vertices = np.asarray(mesh.ngmesh.Coordinates(), dtype=float)
        if np.abs(points[:, :4] - vertices[corners]).max() > 1e-9 * np.abs(vertices).max():
            raise SolveError("The mesh's corners come in an unexpected order.", "Report this with the model.")
        pairs = np.stack([corners[:, list(edge)] for edge in _TET_EDGES], axis=1)
        self.vertex_count = len(vertices)
        self._keys = np.unique(self._key(pairs))
        middle = np.searchsorted(self._keys, self._key(pairs)) + self.vertex_count
        self.elements = np.concatenate([corners, middle], axis=1)
        self._sampled = self.elements.copy()
        self.nodes = np.zeros((self.vertex_count + len(self._keys), 3))
        self.nodes[self.elements.reshape(-1)] = points.reshape(-1, 3)
        edge_one, edge_two, edge_three = (points[:, i] - points[:, 0] for i in (1, 2, 3))
        volume = np.einsum("ij,ij->i", np.cross(edge_one, edge_two), edge_three)
        turned = volume < 0  # positive volume is wanted: swap corners 1 and 2
        self.elements[turned] = self.elements[turned][:, [0, 2, 1, 3, 6, 5, 4, 7, 9, 8]]
        triangle_pairs = np.stack(
            [surface.corners[:, [0, 1]], surface.corners[:, [1, 2]], surface.corners[:, [2, 0]]], 1
        )
        on_edges = np.searchsorted(self._keys, self._key(triangle_pairs)) + self.vertex_count
        self.triangles = np.concatenate([surface.corners, on_edges], axis=1)

    def nodal(self, function: Any) -> FloatArray:
        """A continuous field at the nodes, (nodes, components)."""
        values = np.asarray(function(self._mapped), dtype=float)
        out = np.zeros((len(self.nodes), values.shape[-1]))
        out[self._sampled.reshape(-1)] = values
        return out

    def _key(self, pairs: IntArray) -> IntArray:
        ordered = np.sort(pairs, axis=-1)
        return np.asarray(ordered[..., 0] * self.vertex_count + ordered[..., 1])
