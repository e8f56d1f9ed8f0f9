import { BufferAttribute, BufferGeometry } from "three";
import { MeshBVH, type SerializedBVH } from "three-mesh-bvh";
import { coarseIndex } from "./coarse";
import { featureEdges } from "./edges";

export interface Mesh {
  positions: Float32Array;
  normals: Float32Array | null;
  indices: Uint32Array;
}

/** What a large mesh needs to stay usable, and what takes too long to work out before its first picture: a part of it. */
export interface Refined {
  /** which of the meshes it is of */
  body: number;
  edges?: Uint32Array;
  coarse?: Uint32Array | null;
  tree?: SerializedBVH;
}

/** Triangles of a picture that even a processor without a graphics card turns smoothly. */
const COARSE_TRIANGLES = 30_000;

/**
 * The most pressing first: of every mesh a stand-in that is made in one pass, for a view that is turned at once; then
 * edges, and with them a better coarse mesh, whose outline is the part's; then the tree that finds what a ray meets.
 */
export function* refine(meshes: readonly Mesh[]): Generator<Refined> {
  for (const [body, { positions, normals, indices }] of meshes.entries()) yield { body, coarse: coarseIndex(positions, normals, indices, null, COARSE_TRIANGLES) };
  for (const [body, { positions, normals, indices }] of meshes.entries()) {
    const { pairs, marked } = featureEdges(positions, indices);
    yield { body, edges: pairs, coarse: coarseIndex(positions, normals, indices, marked, COARSE_TRIANGLES) };
  }
  for (const [body, { positions, indices }] of meshes.entries()) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(positions, 3));
    geometry.setIndex(new BufferAttribute(indices, 1));
    // indirect: the order of the triangles stays
    const tree = MeshBVH.serialize(new MeshBVH(geometry, { indirect: true }), { cloneBuffers: false });
    yield { body, tree: { ...tree, index: null } };
  }
}
