/** Sharp and open edges of a mesh, and which of its vertices lie on one. */
export interface FeatureEdges {
  /** pairs of the mesh's own vertices, so that lines can share its attributes and bend with its displacement */
  pairs: Uint32Array;
  /** one byte a vertex: 1 where an edge meets it */
  marked: Uint8Array;
}

const EMPTY = -1;

/** Slots of a table with open addressing: a power of two with room for `entries`. */
function tableOf(entries: number): Int32Array {
  return new Int32Array(2 ** Math.ceil(Math.log2(Math.max(entries, 8) * 1.6))).fill(EMPTY);
}

/** Mixes three integers into the slots of a table whose size is a power of two, less one. */
export function slotOf(a: number, b: number, c: number, mask: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) & mask;
}

/** For each vertex the first one at the same place, to a millionth of the mesh's extent: meshes are split at face borders. */
export function weld(positions: ArrayLike<number>): Uint32Array {
  const count = positions.length / 3;
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < positions.length; i += 1) {
    const value = positions[i] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = 1e6 / Math.max(high - low, 1e-9);
  const cells = new Int32Array(positions.length);
  for (let i = 0; i < cells.length; i += 1) cells[i] = Math.round(((positions[i] ?? 0) - low) * scale);
  const table = tableOf(count);
  const mask = table.length - 1;
  const welded = new Uint32Array(count);
  for (let v = 0; v < count; v += 1) {
    const [x, y, z] = [cells[3 * v] ?? 0, cells[3 * v + 1] ?? 0, cells[3 * v + 2] ?? 0];
    let slot = slotOf(x, y, z, mask);
    for (;;) {
      const other = table[slot] ?? EMPTY;
      if (other === EMPTY) {
        table[slot] = v;
        welded[v] = v;
        break;
      }
      if (cells[3 * other] === x && cells[3 * other + 1] === y && cells[3 * other + 2] === z) {
        welded[v] = other;
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  return welded;
}

/**
 * Sharp and open edges of a triangle mesh.
 *
 * Vertices at the same place count as one. An edge is sharp where the normals of two of its triangles differ by more
 * than `degrees`. All tables are of plain numbers: a million triangles take well under a second.
 */
export function featureEdges(positions: ArrayLike<number>, indices: ArrayLike<number>, degrees = 24): FeatureEdges {
  const welded = weld(positions);
  const limit = Math.cos((degrees * Math.PI) / 180);
  const triangles = Math.floor(indices.length / 3);
  const normals = new Float32Array(triangles * 3);
  // of each edge: its welded ends, the side that came first, and what is known of it
  const sides = triangles * 3;
  const lower = new Uint32Array(sides);
  const upper = new Uint32Array(sides);
  const first = new Uint32Array(sides);
  const uses = new Uint8Array(sides);
  const sharp = new Uint8Array(sides);
  let edges = 0;
  const table = tableOf(sides);
  const mask = table.length - 1;
  for (let t = 0; t < triangles; t += 1) {
    normalOf(positions, indices, normals, t);
    for (let side = 0; side < 3; side += 1) {
      const wa = welded[indices[3 * t + side] ?? 0] ?? 0;
      const wb = welded[indices[3 * t + ((side + 1) % 3)] ?? 0] ?? 0;
      if (wa === wb) continue;
      const from = wa < wb ? wa : wb;
      const to = wa < wb ? wb : wa;
      let slot = slotOf(from, to, 0, mask);
      let edge = table[slot] ?? EMPTY;
      while (edge !== EMPTY && !(lower[edge] === from && upper[edge] === to)) {
        slot = (slot + 1) & mask;
        edge = table[slot] ?? EMPTY;
      }
      if (edge === EMPTY) {
        table[slot] = edges;
        lower[edges] = from;
        upper[edges] = to;
        first[edges] = 3 * t + side;
        uses[edges] = 1;
        edges += 1;
        continue;
      }
      uses[edge] = 2;
      const u = 3 * Math.floor((first[edge] ?? 0) / 3);
      const dot = (normals[u] ?? 0) * (normals[3 * t] ?? 0) + (normals[u + 1] ?? 0) * (normals[3 * t + 1] ?? 0) + (normals[u + 2] ?? 0) * (normals[3 * t + 2] ?? 0);
      if (dot < limit) sharp[edge] = 1;
    }
  }
  let found = 0;
  for (let edge = 0; edge < edges; edge += 1) if (sharp[edge] || uses[edge] === 1) found += 1;
  const pairs = new Uint32Array(found * 2);
  const places = new Uint8Array(welded.length);
  for (let edge = 0, at = 0; edge < edges; edge += 1) {
    if (!sharp[edge] && uses[edge] !== 1) continue;
    const side = first[edge] ?? 0;
    const t = Math.floor(side / 3);
    pairs[at] = indices[side] ?? 0;
    pairs[at + 1] = indices[3 * t + ((side - 3 * t + 1) % 3)] ?? 0;
    at += 2;
    places[lower[edge] ?? 0] = 1;
    places[upper[edge] ?? 0] = 1;
  }
  const marked = new Uint8Array(welded.length);
  for (let v = 0; v < marked.length; v += 1) marked[v] = places[welded[v] ?? 0] ?? 0;
  return { pairs, marked };
}

function normalOf(p: ArrayLike<number>, indices: ArrayLike<number>, out: Float32Array, t: number): void {
  const a = 3 * (indices[3 * t] ?? 0);
  const b = 3 * (indices[3 * t + 1] ?? 0);
  const c = 3 * (indices[3 * t + 2] ?? 0);
  const [ax, ay, az] = [p[a] ?? 0, p[a + 1] ?? 0, p[a + 2] ?? 0];
  const [ux, uy, uz] = [(p[b] ?? 0) - ax, (p[b + 1] ?? 0) - ay, (p[b + 2] ?? 0) - az];
  const [vx, vy, vz] = [(p[c] ?? 0) - ax, (p[c + 1] ?? 0) - ay, (p[c + 2] ?? 0) - az];
  const nx = uy * vz - uz * vy;
  const ny = uz * vx - ux * vz;
  const nz = ux * vy - uy * vx;
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz) || 1;
  out[3 * t] = nx / length;
  out[3 * t + 1] = ny / length;
  out[3 * t + 2] = nz / length;
}
