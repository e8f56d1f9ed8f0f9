import { Box3, BufferAttribute, BufferGeometry, type Matrix4, Mesh, Vector3 } from "three";
import { MeshBVH } from "three-mesh-bvh";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import type { Vec3 } from "@/lib/types";
import { featureEdges } from "./edges";
import type { Mesh as PlainMesh, Refined } from "./refine";

/** One solid, in mm with Z up; its field values beside its vertices. */
export interface ModelBody {
  name: string;
  geometry: BufferGeometry;
  edges: BufferGeometry;
  /** a coarser mesh over the same vertices, for a large model that is being turned */
  coarse: BufferGeometry | null;
  /** finds the triangles that a ray meets, of a large model */
  tree: MeshBVH | null;
  center: Vector3;
  hasField: boolean;
  /** mode shapes, the largest displacement 1; one of them at a time is the displacement */
  modes: readonly Float32Array[];
}

export interface Extreme {
  value: number;
  at: Vec3;
  body: number;
  vertex: number;
}

export interface FieldRange {
  min: Extreme;
  max: Extreme;
}

export interface Model {
  bodies: ModelBody[];
  box: Box3;
  center: Vector3;
  size: number;
  triangles: number;
  /** natural mode shapes that can be shown, none for the fields of a load */
  modes: number;
  vonMises: FieldRange | null;
  displacement: FieldRange | null;
  dispose: () => void;
}

/** From here on edges, a coarser mesh and a search tree are worked out beside the page, after the first picture. */
export const LARGE_TRIANGLES = 60_000;

/** Reads a GLB (metres, Y up, `_VON_MISES` in MPa, `_DISPLACEMENT` in mm) into bodies in mm with Z up. */
export async function loadModel(data: ArrayBuffer): Promise<Model> {
  const gltf = await new GLTFLoader().parseAsync(data, "");
  gltf.scene.updateMatrixWorld(true);
  const bodies: ModelBody[] = [];
  gltf.scene.traverse((object) => {
    if (!(object instanceof Mesh)) return;
    const source = (object as Mesh<BufferGeometry>).geometry;
    bodies.push(bodyOf(source, object.matrixWorld, object.name || `Body ${bodies.length + 1}`));
    source.dispose();
  });
  if (bodies.length === 0) throw new Error("The model has no triangles to show");
  return assemble(bodies);
}

/** (x, y, z) with Y up -> (x, -z, y) with Z up, times `scale`. */
export function toZUp(array: ArrayLike<number>, scale: number): Float32Array {
  const turned = new Float32Array(array.length);
  for (let i = 0; i + 2 < array.length; i += 3) {
    turned[i] = (array[i] ?? 0) * scale;
    turned[i + 1] = -(array[i + 2] ?? 0) * scale;
    turned[i + 2] = (array[i + 1] ?? 0) * scale;
  }
  return turned;
}

/** The attribute's own array where it holds plain floats, else a copy. */
function floats(geometry: BufferGeometry, name: string): Float32Array | null {
  const attribute = geometry.getAttribute(name);
  if (!attribute) return null;
  if (attribute instanceof BufferAttribute && attribute.array instanceof Float32Array) return attribute.array;
  const { count, itemSize } = attribute;
  const values = new Float32Array(count * itemSize);
  for (let i = 0; i < count; i += 1) for (let k = 0; k < itemSize; k += 1) values[i * itemSize + k] = attribute.getComponent(i, k);
  return values;
}

const isIdentity = (matrix: Matrix4) => matrix.elements.every((value, index) => value === (index % 5 === 0 ? 1 : 0));

function bodyOf(source: BufferGeometry, placed: Matrix4, name: string): ModelBody {
  if (!isIdentity(placed)) source.applyMatrix4(placed);
  const geometry = new BufferGeometry();
  const positions = toZUp(floats(source, "position") ?? [], 1000);
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  const normals = floats(source, "normal");
  if (normals) geometry.setAttribute("normal", new BufferAttribute(toZUp(normals, 1), 3));
  // of a run, or of a study
  const stress = floats(source, "_von_mises") ?? floats(source, "_von_mises_mpa");
  if (stress) geometry.setAttribute("vonMises", new BufferAttribute(stress, 1));
  const moved = floats(source, "_displacement") ?? floats(source, "_displacement_mm");
  const modes = moved ? [] : shapesOf(source);
  const first = moved ? toZUp(moved, 1) : modes[0]?.slice();
  if (first) geometry.setAttribute("displacement", new BufferAttribute(first, 3));
  const index = source.getIndex();
  const indices = index ? (index.array instanceof Uint32Array ? index.array : Uint32Array.from(index.array)) : Uint32Array.from({ length: positions.length / 3 }, (_, i) => i);
  geometry.setIndex(new BufferAttribute(indices, 1));
  if (!normals) geometry.computeVertexNormals();
  geometry.computeBoundingBox();
  geometry.computeBoundingSphere();

  const edges = sharing(geometry, indices.length / 3 < LARGE_TRIANGLES ? featureEdges(positions, indices).pairs : new Uint32Array());
  const center = (geometry.boundingBox ?? new Box3()).getCenter(new Vector3());
  return { name, geometry, edges, coarse: null, tree: null, center, hasField: stress !== null || modes.length > 0, modes };
}

function shapesOf(source: BufferGeometry): Float32Array[] {
  const shapes: Float32Array[] = [];
  for (;;) {
    const shape = floats(source, `_mode_${shapes.length + 1}`);
    if (!shape) return shapes;
    shapes.push(toZUp(shape, 1));
  }
}

/** Another index over the same vertices. */
function sharing(geometry: BufferGeometry, index: Uint32Array): BufferGeometry {
  const other = new BufferGeometry();
  for (const [name, attribute] of Object.entries(geometry.attributes)) other.setAttribute(name, attribute);
  other.setIndex(new BufferAttribute(index, 1));
  return other;
}

/** Makes one of the mode shapes (from 1) the displacement. The caller has the picture drawn anew. */
export function showMode(model: Model, mode: number): void {
  for (const { geometry, modes } of model.bodies) {
    const shape = modes[mode - 1];
    const shown = geometry.getAttribute("displacement");
    if (!shape || !(shown instanceof BufferAttribute)) continue;
    shown.copyArray(shape);
    shown.needsUpdate = true;
  }
  model.displacement = rangeOf(model.bodies, "displacement");
}

/**
 * Works out edges, coarser meshes and search trees of the large bodies in a thread beside the page, and calls `changed`
 * after each; the function that comes back stops it.
 */
export function refineModel(model: Model, changed: () => void): () => void {
  const large = model.bodies.filter((body) => (body.geometry.getIndex()?.count ?? 0) / 3 >= LARGE_TRIANGLES);
  if (large.length === 0) return () => undefined;
  const worker = new Worker(new URL("./refine.worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Refined | null>) => {
    const body = data && large[data.body];
    if (!body) return worker.terminate();
    applyRefined(body, data);
    changed();
  };
  worker.postMessage(
    large.map(
      ({ geometry }): PlainMesh => ({
        positions: geometry.getAttribute("position").array as Float32Array,
        normals: geometry.getAttribute("normal").array as Float32Array,
        indices: geometry.getIndex()?.array as Uint32Array,
      }),
    ),
  );
  return () => worker.terminate();
}

export function applyRefined(body: ModelBody, { edges, coarse, tree }: Refined): void {
  if (edges) body.edges.setIndex(new BufferAttribute(edges, 1));
  // a better one takes the place of the stand-in within it: to dispose of that would take the body's vertices along
  if (coarse && body.coarse) body.coarse.setIndex(new BufferAttribute(coarse, 1));
  else if (coarse !== undefined) body.coarse = coarse && sharing(body.geometry, coarse);
  if (tree) body.tree = MeshBVH.deserialize(tree, body.geometry, { setIndex: false });
}

function assemble(bodies: ModelBody[]): Model {
  const box = new Box3();
  for (const body of bodies) if (body.geometry.boundingBox) box.union(body.geometry.boundingBox);
  return {
    bodies,
    box,
    center: box.getCenter(new Vector3()),
    size: Math.max(box.getSize(new Vector3()).length(), 1e-6),
    triangles: bodies.reduce((sum, body) => sum + (body.geometry.getIndex()?.count ?? 0) / 3, 0),
    modes: Math.max(...bodies.map((body) => body.modes.length)),
    vonMises: rangeOf(bodies, "vonMises"),
    displacement: rangeOf(bodies, "displacement"),
    dispose: () => {
      for (const body of bodies) {
        body.geometry.dispose();
        body.edges.dispose();
        body.coarse?.dispose();
      }
    },
  };
}

/** Least and largest value of a field over all bodies; of a vector, its length. */
export function rangeOf(bodies: readonly Pick<ModelBody, "geometry">[], name: string): FieldRange | null {
  let min: Extreme | null = null;
  let max: Extreme | null = null;
  bodies.forEach(({ geometry }, body) => {
    const values = geometry.getAttribute(name);
    const place = geometry.getAttribute("position");
    if (!values || !place || values.count === 0) return;
    const { array, itemSize } = values;
    const at = (i: number) => (itemSize === 1 ? (array[i] ?? 0) : Math.sqrt((array[3 * i] ?? 0) ** 2 + (array[3 * i + 1] ?? 0) ** 2 + (array[3 * i + 2] ?? 0) ** 2));
    let [low, high] = [0, 0];
    let [least, most] = [at(0), at(0)];
    for (let i = 1; i < values.count; i += 1) {
      const value = at(i);
      if (value < least) [low, least] = [i, value];
      if (value > most) [high, most] = [i, value];
    }
    const extreme = (vertex: number, value: number): Extreme => ({ value, at: [place.getX(vertex), place.getY(vertex), place.getZ(vertex)], body, vertex });
    if (min === null || least < min.value) min = extreme(low, least);
    if (max === null || most > max.value) max = extreme(high, most);
  });
  return min && max ? { min, max } : null;
}
