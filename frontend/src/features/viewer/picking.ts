import { BufferAttribute, BufferGeometry, type Camera, DoubleSide, type Intersection, Mesh, MeshBasicMaterial, Raycaster, Triangle, type Vector2, Vector3 } from "three";
import { MeshBVH } from "three-mesh-bvh";
import type { Vec3 } from "@/lib/types";
import { explodeOffset } from "./Bodies";
import type { Model, ModelBody } from "./model";
import type { Cut } from "./sections";
import type { Probe } from "./store";

interface Pick {
  model: Model;
  camera: Camera;
  ndc: Vector2;
  hidden: readonly string[];
  explode: number;
  deform: number;
  cuts: readonly Cut[];
}

interface Drawn {
  geometry: BufferGeometry;
  tree: MeshBVH | null;
}

// the last one alone is kept: several rays follow each other at the same scale
const deformed: { body: ModelBody | null; shape: BufferAttribute | null; version: number; deform: number; drawn: Drawn | null } = { body: null, shape: null, version: 0, deform: 0, drawn: null };

/** Vertices where they are drawn: displaced by `deform` times the displacement. */
function drawnOf(body: ModelBody, deform: number): Drawn {
  const moved = body.geometry.getAttribute("displacement") as BufferAttribute | undefined;
  if (!moved || deform === 0) return body;
  if (deformed.drawn && deformed.body === body && deformed.shape === moved && deformed.version === moved.version && deformed.deform === deform && Boolean(deformed.drawn.tree) === Boolean(body.tree)) return deformed.drawn;
  const from = body.geometry.getAttribute("position");
  const positions = new Float32Array(from.count * 3);
  for (let i = 0; i < positions.length; i += 1) positions[i] = (from.array[i] ?? 0) + deform * (moved.array[i] ?? 0);
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  geometry.setIndex(body.geometry.getIndex());
  const tree = body.tree && MeshBVH.deserialize(MeshBVH.serialize(body.tree), geometry, { setIndex: false });
  tree?.refit();
  const drawn = { geometry, tree };
  Object.assign(deformed, { body, shape: moved, version: moved.version, deform, drawn });
  return drawn;
}

/** Lets go of what a model that is gone has left. */
export function forgetDrawn(): void {
  Object.assign(deformed, { body: null, shape: null, drawn: null });
}

/** What lies under a point of the screen, with the field's true values there; null for the background. */
export function pick({ model, camera, ndc, hidden, explode, deform, cuts }: Pick): Probe | null {
  const raycaster = new Raycaster();
  raycaster.setFromCamera(ndc, camera);
  const material = new MeshBasicMaterial({ side: DoubleSide });
  let best: { distance: number; probe: Probe } | null = null;
  for (const body of model.bodies) {
    if (hidden.includes(body.name)) continue;
    const drawn = drawnOf(body, deform);
    const mesh = new Mesh(drawn.geometry, material);
    mesh.position.copy(explodeOffset(model, body.center, explode));
    mesh.updateMatrixWorld();
    const hits: Intersection[] = [];
    if (drawn.tree) drawn.tree.raycastObject3D(mesh, raycaster, hits);
    else mesh.raycast(raycaster, hits);
    const kept = hits.filter((found) => cuts.every((cut) => cut.plane.distanceToPoint(found.point) >= 0));
    const hit = kept.reduce<Intersection | null>((nearest, found) => (nearest && nearest.distance <= found.distance ? nearest : found), null);
    if (hit?.face && (!best || hit.distance < best.distance)) {
      const local = mesh.worldToLocal(hit.point.clone());
      best = { distance: hit.distance, probe: valuesAt(body, drawn.geometry, [hit.face.a, hit.face.b, hit.face.c], local, hit.point) };
    }
  }
  material.dispose();
  return best?.probe ?? null;
}

function valuesAt(body: ModelBody, shown: BufferGeometry, corners: [number, number, number], local: Vector3, point: Vector3): Probe {
  const [a, b, c] = corners;
  const corner = (index: number) => new Vector3().fromBufferAttribute(shown.getAttribute("position") as BufferAttribute, index);
  const weights = new Vector3();
  Triangle.getBarycoord(local, corner(a), corner(b), corner(c), weights);
  const mix = (values: [number, number, number]) => values[0] * weights.x + values[1] * weights.y + values[2] * weights.z;
  const at = (name: string, component: number) => {
    const attribute = body.geometry.getAttribute(name);
    return attribute ? mix([attribute.getComponent(a, component), attribute.getComponent(b, component), attribute.getComponent(c, component)]) : null;
  };
  const moved = [0, 1, 2].map((axis) => at("displacement", axis));
  return {
    point_mm: [at("position", 0) ?? 0, at("position", 1) ?? 0, at("position", 2) ?? 0],
    shown_mm: [point.x, point.y, point.z],
    body: body.name,
    vonMisesMpa: at("vonMises", 0),
    displacementMm: moved[0] === null ? null : Math.hypot(...moved.map((value) => value ?? 0)),
  };
}

/** Where a point of the assembled part at rest is drawn: it goes with the nearest vertex of the part it lies on. */
export function drawnPoint(model: Model, at: Vec3, deform: number, explode: number): Vec3 {
  if (deform === 0 && explode === 0) return at;
  let nearest = { distance: Infinity, body: model.bodies[0], vertex: 0 };
  for (const body of model.bodies) {
    const place = body.geometry.getAttribute("position").array;
    for (let vertex = 0; vertex * 3 < place.length; vertex += 1) {
      const distance =
        ((place[3 * vertex] ?? 0) - at[0]) ** 2 + ((place[3 * vertex + 1] ?? 0) - at[1]) ** 2 + ((place[3 * vertex + 2] ?? 0) - at[2]) ** 2;
      if (distance < nearest.distance) nearest = { distance, body, vertex };
    }
  }
  const { body, vertex } = nearest;
  if (!body) return at;
  const point = new Vector3(...at).add(explodeOffset(model, body.center, explode));
  const moved = body.geometry.getAttribute("displacement");
  if (moved) point.addScaledVector(new Vector3(moved.getX(vertex), moved.getY(vertex), moved.getZ(vertex)), deform);
  return [point.x, point.y, point.z];
}
