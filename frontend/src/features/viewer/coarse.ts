import { slotOf } from "./edges";

/**
 * A coarser index over the same vertices, for pictures of a model that is being turned; null where it would save little.
 *
 * Vertices of one cell of a grid become the one nearest to its middle, unless they look different ways (both skins of a
 * thin wall stay); those on an edge of the part stay where they are, so that its outline does. About `target` triangles
 * are left; a mesh that is all edges gives them up, and so does a stand-in that can't wait for them (`marked` null).
 */
export function coarseIndex(
  positions: ArrayLike<number>,
  normals: ArrayLike<number> | null,
  indices: ArrayLike<number>,
  marked: Uint8Array | null,
  target: number,
): Uint32Array | null {
  const triangles = Math.floor(indices.length / 3);
  if (triangles <= target * 2) return null;
  // a surface of area A meets about 1.5 A / a² cells of side a, and has two triangles a vertex
  const cell = Math.sqrt((3 * areaOf(positions, indices)) / target);
  const kept = marked && clustered(positions, normals, indices, marked, cell);
  if (kept && kept.length / 3 <= target * 3) return kept;
  const bare = clustered(positions, normals, indices, null, cell);
  return bare.length / 3 <= triangles / 2 ? bare : null;
}

function areaOf(p: ArrayLike<number>, indices: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i + 2 < indices.length; i += 3) {
    const [a, b, c] = [3 * (indices[i] ?? 0), 3 * (indices[i + 1] ?? 0), 3 * (indices[i + 2] ?? 0)];
    const [ux, uy, uz] = [(p[b] ?? 0) - (p[a] ?? 0), (p[b + 1] ?? 0) - (p[a + 1] ?? 0), (p[b + 2] ?? 0) - (p[a + 2] ?? 0)];
    const [vx, vy, vz] = [(p[c] ?? 0) - (p[a] ?? 0), (p[c + 1] ?? 0) - (p[a + 1] ?? 0), (p[c + 2] ?? 0) - (p[a + 2] ?? 0)];
    sum += Math.sqrt((uy * vz - uz * vy) ** 2 + (uz * vx - ux * vz) ** 2 + (ux * vy - uy * vx) ** 2) / 2;
  }
  return sum;
}

function clustered(
  positions: ArrayLike<number>,
  normals: ArrayLike<number> | null,
  indices: ArrayLike<number>,
  marked: Uint8Array | null,
  cell: number,
): Uint32Array {
  const count = positions.length / 3;
  const table = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(count, 8) * 1.6))).fill(-1);
  const mask = table.length - 1;
  // of each cluster: its cell, the way it looks, and its best vertex yet
  const cells = new Int32Array(count * 4);
  const best = new Uint32Array(count);
  const distance = new Float32Array(count);
  const cluster = new Int32Array(count);
  let clusters = 0;
  for (let v = 0; v < count; v += 1) {
    if (marked?.[v]) {
      cluster[v] = -1;
      continue;
    }
    const [px, py, pz] = [(positions[3 * v] ?? 0) / cell, (positions[3 * v + 1] ?? 0) / cell, (positions[3 * v + 2] ?? 0) / cell];
    const [x, y, z] = [Math.floor(px), Math.floor(py), Math.floor(pz)];
    const way = normals ? ((normals[3 * v] ?? 0) > 0 ? 1 : 0) | ((normals[3 * v + 1] ?? 0) > 0 ? 2 : 0) | ((normals[3 * v + 2] ?? 0) > 0 ? 4 : 0) : 0;
    const off = (px - x - 0.5) ** 2 + (py - y - 0.5) ** 2 + (pz - z - 0.5) ** 2;
    let slot = slotOf(x, y, z * 8 + way, mask);
    let known = table[slot] ?? -1;
    while (known !== -1 && !(cells[4 * known] === x && cells[4 * known + 1] === y && cells[4 * known + 2] === z && cells[4 * known + 3] === way)) {
      slot = (slot + 1) & mask;
      known = table[slot] ?? -1;
    }
    if (known === -1) {
      known = clusters;
      clusters += 1;
      table[slot] = known;
      cells[4 * known] = x;
      cells[4 * known + 1] = y;
      cells[4 * known + 2] = z;
      cells[4 * known + 3] = way;
      best[known] = v;
      distance[known] = off;
    } else if (off < (distance[known] ?? 0)) {
      best[known] = v;
      distance[known] = off;
    }
    cluster[v] = known;
  }
  const result = new Uint32Array(indices.length);
  let at = 0;
  for (let i = 0; i + 2 < indices.length; i += 3) {
    const [a, b, c] = [indices[i] ?? 0, indices[i + 1] ?? 0, indices[i + 2] ?? 0];
    const [ca, cb, cc] = [cluster[a] ?? -1, cluster[b] ?? -1, cluster[c] ?? -1];
    const ra = ca < 0 ? a : (best[ca] ?? a);
    const rb = cb < 0 ? b : (best[cb] ?? b);
    const rc = cc < 0 ? c : (best[cc] ?? c);
    if (ra === rb || rb === rc || rc === ra) continue;
    result[at] = ra;
    result[at + 1] = rb;
    result[at + 2] = rc;
    at += 3;
  }
  return result.slice(0, at);
}
