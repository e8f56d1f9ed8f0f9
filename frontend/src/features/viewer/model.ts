import { Box3, BufferAttribute, BufferGeometry, Mesh, Vector3 } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import type { Vec3 } from "@/lib/types";
import { featureEdges } from "./edges";

/** One solid, in mm with Z up; its field values beside its vertices. */
export interface ModelBody {
  name: string;
  geometry: BufferGeometry;
  edges: BufferGeometry;
  center: Vector3;
  hasField: boolean;
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
  vonMises: FieldRange | null;
  displacement: FieldRange | null;
  dispose: () => void;
}

/** Reads a GLB (metres, Y up, `_VON_MISES` in MPa, `_DISPLACEMENT` in mm) into bodies in mm with Z up. */
export async function loadModel(data: ArrayBuffer): Promise<Model> {
  const gltf = await new GLTFLoader().parseAsync(data, "");
  gltf.scene.updateMatrixWorld(true);
  const bodies: ModelBody[] = [];
  gltf.scene.traverse((object) => {
    if (!(object instanceof Mesh)) return;
    const source = (object as Mesh<BufferGeometry>).geometry.clone().applyMatrix4(object.matrixWorld);
    bodies.push(bodyOf(source, object.name || `Body ${bodies.length + 1}`));
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

function floats(geometry: BufferGeometry, name: string): Float32Array | null {
  const attribute = geometry.getAttribute(name);
  if (!attribute) return null;
  const { count, itemSize } = attribute;
  const values = new Float32Array(count * itemSize);
  for (let i = 0; i < count; i += 1) for (let k = 0; k < itemSize; k += 1) values[i * itemSize + k] = attribute.getComponent(i, k);
  return values;
}

function bodyOf(source: BufferGeometry, name: string): ModelBody {
  const geometry = new BufferGeometry();
  const positions = toZUp(floats(source, "position") ?? [], 1000);
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  const normals = floats(source, "normal");
  if (normals) geometry.setAttribute("normal", new BufferAttribute(toZUp(normals, 1), 3));
  // of a run, or of a study (which also has mode shapes, of which the first is shown)
  const stress = floats(source, "_von_mises") ?? floats(source, "_von_mises_mpa");
  if (stress) geometry.setAttribute("vonMises", new BufferAttribute(stress, 1));
  const moved = floats(source, "_displacement") ?? floats(source, "_displacement_mm") ?? floats(source, "_mode_1");
  if (moved) geometry.setAttribute("displacement", new BufferAttribute(toZUp(moved, 1), 3));
  const index = source.getIndex();
  const indices = index ? Uint32Array.from(index.array) : Uint32Array.from({ length: positions.length / 3 }, (_, i) => i);
  geometry.setIndex(new BufferAttribute(indices, 1));
  if (!normals) geometry.computeVertexNormals();
  geometry.computeBoundingBox();
  geometry.computeBoundingSphere();
  source.dispose();

  const edges = new BufferGeometry();
  edges.setAttribute("position", geometry.getAttribute("position"));
  if (moved) edges.setAttribute("displacement", geometry.getAttribute("displacement"));
  edges.setIndex(new BufferAttribute(featureEdges(positions, indices), 1));
  const center = (geometry.boundingBox ?? new Box3()).getCenter(new Vector3());
  return { name, geometry, edges, center, hasField: stress !== null };
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
    vonMises: rangeOf(bodies, "vonMises"),
    displacement: rangeOf(bodies, "displacement"),
    dispose: () => {
      for (const body of bodies) {
        body.geometry.dispose();
        body.edges.dispose();
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
    if (!values || !place) return;
    for (let i = 0; i < values.count; i += 1) {
      const value = values.itemSize === 1 ? values.getX(i) : Math.hypot(values.getX(i), values.getY(i), values.getZ(i));
      if (min === null || value < min.value) min = { value, at: [place.getX(i), place.getY(i), place.getZ(i)], body, vertex: i };
      if (max === null || value > max.value) max = { value, at: [place.getX(i), place.getY(i), place.getZ(i)], body, vertex: i };
    }
  });
  return min && max ? { min, max } : null;
}
